package ledger

import (
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// networkKind names the network file system dir lies on, "" for a local one.
func networkKind(dir string) string {
	volume := filepath.VolumeName(dir)
	if strings.HasPrefix(volume, `\\`) {
		return "network share"
	}
	root, err := windows.UTF16PtrFromString(volume + `\`)
	if err == nil && windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		return "network drive"
	}
	return ""
}
