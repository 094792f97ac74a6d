package reply

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// classify says of each line what it is by itself. Headings and headers are found later: they may span lines.
func (m *mail) classify() {
	for i, k := range m.kinds {
		if k == kindUnknown {
			m.kinds[i] = kindOf(m.lines[i])
		}
	}
}

func kindOf(line string) kind {
	s := trim(line)
	switch {
	case s == "":
		return kindEmpty
	case s[0] == '>':
		return kindQuote
	case isForward(s):
		return kindForward
	case len(s) <= maxMarks:
		return marks(s)
	}
	return kindText
}

// trim removes the white space around a line, invisible characters included.
func trim(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	if s != "" && (s[0] >= utf8.RuneSelf || s[len(s)-1] >= utf8.RuneSelf) {
		return strings.TrimFunc(s, isBlank)
	}
	return s
}

// isBlank also holds of the marks that mail programs leave: no-break, zero-width and direction characters, and trackers' signs.
func isBlank(r rune) bool {
	switch {
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0xFEFF, r == 0x1427:
		return true
	}
	return unicode.IsSpace(r)
}

// unquoted removes the quote marks a line begins with.
func unquoted(line string) string {
	s := trim(line)
	for s != "" && s[0] == '>' {
		s = trim(s[1:])
	}
	return s
}

// maxMarks is how long a line of marks may be, in bytes.
const maxMarks = 300

// marks tells a line that consists of one repeated mark.
func marks(s string) kind {
	first, n := utf8.DecodeRuneInString(s)
	if !strings.ContainsRune("-_=*#~+—–―─━", first) {
		return kindText
	}
	count := 0
	for _, r := range s {
		if r != first && r != ' ' {
			return kindText
		}
		if r == first {
			count++
		}
	}
	switch {
	case first == '-' && count == 2 && len(s) == 2, count == 1 && n > 1, first == '_' && count >= 5, n > 1 && count == 2:
		return kindDash
	case count >= 3:
		return kindRule
	}
	return kindText
}

// isForward tells the marks above a mail that is carried along whole: -----Original Message-----, Begin forwarded message:
func isForward(s string) bool {
	if len(s) > 120 {
		return false
	}
	bare := strings.Trim(s, "-_=*—–─ \t\u00a0")
	colon := strings.TrimRight(bare, " :：\u00a0")
	lines := len(s)-len(bare) >= 4
	if !lines && len(colon) == len(bare) {
		return false
	}
	return forwards(strings.ToLower(colon), lines)
}

// isDevice tells what programs put under a mail of their own accord: Sent from my iPhone.
func isDevice(line string) bool {
	s := trim(line)
	if s == "" || len(s) > maxDevice {
		return false
	}
	return device(strings.ToLower(strings.TrimLeft(s, "<([*_- ")))
}

// maxDevice is how long such a line may be, in bytes.
const maxDevice = 200

// isNameQuote tells a quote mark with the writer's initials or a bar before it: they count only under a heading.
func isNameQuote(line string) bool {
	s := trim(line)
	if s == "" {
		return false
	}
	if s[0] == '|' {
		return true
	}
	for i := 0; i < len(s) && i < 24; i++ {
		if s[i] == '>' {
			return i > 0
		}
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return false
}
