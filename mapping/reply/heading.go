package reply

import "strings"

// maxHeading is how long a heading may be, in bytes, maxSpan how many lines, and maxTried how many lines are tried.
const (
	maxHeading = 500
	maxSpan    = 6
	maxTried   = 1000
)

// headings finds the headings of quoted mails, which programs wrap. A heading is known by its last line; it begins on the
// nearest line above that can begin one.
func (m *mail) headings() {
	tried := 0
	for end := range m.lines {
		if k := m.kinds[end]; k != kindText && k != kindQuote {
			continue
		}
		last := unquoted(m.lines[end])
		if m.kinds[end] == kindQuote && isForward(last) {
			m.kinds[end] = kindForward
			continue
		}
		if len(last) > maxHeading || !endsHeading(last) {
			continue
		}
		if tried++; tried > maxTried {
			return
		}
		if from := m.headingFrom(end, last); from >= 0 {
			for i := from; i <= end; i++ {
				m.kinds[i] = kindHeading
			}
		}
	}
}

// headingFrom returns where the heading that ends on line end begins, -1 where none does.
func (m *mail) headingFrom(end int, last string) int {
	joined, weak := "", -1
	for from := end; from >= 0 && from > end-maxSpan; from-- {
		line := last
		if from < end {
			if k := m.kinds[from]; k != kindText && k != kindQuote && k != kindEmpty {
				break
			}
			line = unquoted(m.lines[from])
			if line != "" && strings.IndexByte(".!?:", line[len(line)-1]) >= 0 && !strings.HasSuffix(line, "mailto:") && !endsInDate(line) {
				break
			}
		}
		if len(joined)+len(line) > maxHeading {
			break
		}
		if joined == "" {
			joined = line
		} else if line != "" {
			joined = line + " " + joined
		}
		if line == "" {
			continue
		}
		low := strings.ToLower(joined)
		switch headingForce(low, strings.ToLower(line)) {
		case 2:
			return from
		case 1:
			if weak < 0 && end-from <= 1 {
				weak = from
			}
		}
	}
	return weak
}

// endsInDate lets a wrapped date end a line: "schrieb am Fr., 28."
func endsInDate(s string) bool { return len(s) > 1 && s[len(s)-1] == '.' && isDigit(s[len(s)-2]) }

// endsHeading tells whether a line may be the last of a heading.
func endsHeading(s string) bool {
	if s == "" {
		return false
	}
	switch s[len(s)-1] {
	case ':', '>':
		return true
	case '-':
		return strings.HasSuffix(s, "----")
	}
	return strings.HasSuffix(s, "：") || isoStart(s) && strings.Contains(s, " GMT")
}

// headingForce tells how sure it is that a line or several joined are a heading: 2 for certain by their beginning, 1 by what
// they hold, 0 for none. Both are in lower case.
func headingForce(s, first string) int {
	address := strings.IndexByte(s, '@') >= 0
	strong := beginsHeading(first)
	at, end := wroteAt(s)
	if at < 0 {
		if !isoStart(s) {
			if strong && address && strings.HasSuffix(s, ">:") && hasYear(s) && clockIn(s) {
				return 2
			}
			return 0
		}
		switch {
		case address && (strings.HasSuffix(s, ">:") || strings.HasSuffix(s, ">")), strings.Contains(s, " gmt") && len(s) <= 100 && clockIn(s):
			return 2
		}
		return 0
	}
	dated := hasYear(s) || isoStart(s) || shortDate(s)
	tail := strings.Trim(s[end:], " \t:：-*>()\"a\u00a0")
	if strings.HasPrefix(s[end:], "(") || strings.HasPrefix(s[end:], "/") {
		tail = "" // napisał(a), написал(а), je napisao/la
	}
	switch {
	case s[len(s)-1] == '>' && tail != "":
		return 0
	case tail == "" && strong && (dated || address):
		return 2
	case tail == "" && address:
		return 1
	case tail != "" && strong && dated && (strings.HasSuffix(s, ">:") || len(tail) < 80 && strings.HasSuffix(s, ":")):
		return 2
	case tail != "" && address && hasYear(tail): // Jane <j@example.com> schrieb am Fr., 28. Apr. 2017 um 11:53 Uhr:
		return 2
	}
	return 0
}

// beginsHeading tells whether a heading that names the time first may begin on this line.
func beginsHeading(first string) bool {
	if hasPrefix(first, before) {
		return strings.ContainsAny(first, "0123456789")
	}
	if first != "" && isDigit(first[0]) {
		return true
	}
	// a weekday: "понедельник, 6 октября 2014 г.", "man. 3. juni 2024"
	i := strings.IndexAny(first, ",.")
	return i > 0 && i < 40 && len(first) > i+2 && first[i+1] == ' ' && isDigit(first[i+2])
}

// isoStart tells 2016-10-24 and 2013/7/20.
func isoStart(s string) bool {
	return len(s) > 8 && isDigit(s[0]) && isDigit(s[1]) && isDigit(s[2]) && isDigit(s[3]) && (s[4] == '-' || s[4] == '/') && isDigit(s[5])
}

// clockIn tells whether there is a time such as 17:21.
func clockIn(s string) bool {
	for i := 1; i+2 < len(s); i++ {
		if s[i] == ':' && isDigit(s[i-1]) && isDigit(s[i+1]) && isDigit(s[i+2]) {
			return true
		}
	}
	return false
}

// hasYear tells whether there is a number from 1990 to 2099.
func hasYear(s string) bool {
	for i := 0; i+4 <= len(s); i++ {
		if !isDigit(s[i]) {
			continue
		}
		n := i
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		if n-i == 4 && (s[i:i+2] == "20" || s[i:i+3] == "199") {
			return true
		}
		i = n
	}
	return false
}

// shortDate tells 28.1.16 and 1/28/16.
func shortDate(s string) bool {
	marks := 0
	for i := 1; i+1 < len(s); i++ {
		switch c := s[i]; {
		case (c == '.' || c == '/') && isDigit(s[i-1]) && isDigit(s[i+1]):
			if marks++; marks == 2 {
				return true
			}
		case !isDigit(c):
			marks = 0
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// headers finds blocks of header lines: at least three in a row, one that names a sender and one a subject. A value may run on
// over a line.
func (m *mail) headers() {
	for i := 0; i < len(m.lines); i++ {
		part, k := headerKind(0), m.kinds[i]
		if k == kindText || k == kindQuote {
			part = headerOf(unquoted(m.lines[i]))
		}
		if part == 0 {
			continue
		}
		all, count, last := part, 1, i
		for j := i + 1; j < len(m.lines) && j <= last+2; j++ {
			if m.kinds[j] != kindText && m.kinds[j] != kindQuote {
				if m.kinds[j] == kindEmpty && j == last+1 {
					continue
				}
				break
			}
			if p := headerOf(unquoted(m.lines[j])); p != 0 {
				all, count, last = all|p, count+1, j
			}
		}
		if count >= 3 && all&headerFrom != 0 && all&headerSubject != 0 {
			for ; i < last; i++ {
				m.kinds[i] = kindHeader
			}
			m.kinds[last] = kindHeader
		}
		i = last
	}
}
