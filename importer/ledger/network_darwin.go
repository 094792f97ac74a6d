package ledger

import "syscall"

// networkKind names the network file system dir lies on, "" for a local one.
func networkKind(dir string) string {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return ""
	}
	var name []byte
	for _, c := range st.Fstypename {
		if c == 0 {
			break
		}
		name = append(name, byte(c))
	}
	switch s := string(name); s {
	case "nfs", "smbfs", "afpfs", "webdav", "ftp":
		return s
	}
	return ""
}
