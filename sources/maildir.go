package sources

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// mailDir is the folder whose mails are read as one input, "" where a file is no mail by its name.
func mailDir(name string) string {
	dir := path.Dir(filepath.ToSlash(name))
	switch strings.ToLower(path.Ext(uncompressed(name))) {
	case ".eml", ".emlx":
		return dir
	}
	if inMaildir(name) {
		return path.Dir(dir)
	}
	return ""
}

// inMaildir tells whether a file lies in cur or new of a Maildir and is called as its mails are: seconds first, flags last.
func inMaildir(name string) bool {
	name = filepath.ToSlash(name)
	if dir := path.Base(path.Dir(name)); dir != "cur" && dir != "new" {
		return false
	}
	base := path.Base(name)
	if maildirInfo(base) >= 0 {
		return true
	}
	seconds, rest, found := strings.Cut(base, ".")
	return found && number(seconds) && rest != "" && !known(base)
}

// maildirInfo is where the flags of a mail's name begin, -1 where there are none. The colon is another character where
// file systems take none.
func maildirInfo(base string) int {
	i := strings.LastIndex(base, "2,")
	if i < 2 || strings.IndexByte(":;!-_", base[i-1]) < 0 || strings.Trim(base[i+2:], "abcdefghijklmnopqrstuvwxyzDFPRST") != "" {
		return -1
	}
	return i + 2
}

// maildirFlags are the flags in a mail's name that have a meaning everywhere.
func maildirFlags(name string) (flags []string) {
	base := path.Base(name)
	i := maildirInfo(base)
	if i < 0 || !inMaildir(name) {
		return nil
	}
	for _, c := range base[i:] {
		switch c {
		case 'D':
			flags = append(flags, "draft")
		case 'F':
			flags = append(flags, "flagged")
		case 'P':
			flags = append(flags, "passed")
		case 'R':
			flags = append(flags, "replied")
		case 'S':
			flags = append(flags, "seen")
		case 'T':
			flags = append(flags, "trashed")
		}
	}
	return flags
}

// isMaildir tells whether a folder is one of mails; those below another one have hidden names.
func isMaildir(dir string) bool {
	for _, sub := range []string{"cur", "new"} {
		if info, err := os.Stat(filepath.Join(dir, sub)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// hiddenMember tells whether a member of an archive lies hidden. The folders of a Maildir do not.
func hiddenMember(name string) bool {
	steps := strings.Split(name, "/")
	for i, step := range steps {
		if hidden(step) && !(i == len(steps)-3 && inMaildir(name)) {
			return true
		}
	}
	return false
}

// beginsMail knows a mail without an ending by the first header, one of those that servers and programs put first.
func beginsMail(b []byte) bool {
	name, _, found := bytes.Cut(b[:min(len(b), 40)], []byte{':'})
	return found && mailStarts[strings.ToLower(string(name))]
}

var mailStarts = nameSet("return-path received delivered-to x-original-to envelope-to message-id mime-version x-gm-thrid dkim-signature arc-seal authentication-results")

// sniffMail tells an mbox from mails by themselves.
func (in *input) sniffMail(sample []byte) {
	in.shape, in.file.Lines, in.file.Encoding = shape{lined: true}, true, ""
	if len(in.mail.members) > 1 {
		in.modified, in.file.Modified = time.Time{}, ""
		return
	}
	in.mail.mbox = separates(bytes.TrimLeft(sample, "\r\n"))
	ext := path.Ext(in.base)
	mbox := in.mail.mbox || strings.EqualFold(ext, ".mbox") || strings.EqualFold(ext, ".mbx")
	switch {
	case !mbox && in.mail.members == nil:
		in.mail.members = []member{{in.name, in.raw}}
	case mbox:
		in.mail.members = nil
		if in.mail.folder == "" {
			in.mail.folder = strings.TrimSuffix(in.base, ext)
		}
		if in.base == "mbox" {
			in.mail.folder = strings.TrimSuffix(path.Base(path.Dir(in.name)), ".mbox")
		}
	}
}
