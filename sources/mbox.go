package sources

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// mboxCutter finds the mails of an mbox by its separator lines, which stay with their mails: they hold the envelope.
type mboxCutter struct{ cutter }

// pieces yields the file's pieces in order; false when the caller wants no more.
func (c *mboxCutter) pieces() bool {
	for !c.stopped {
		b := c.w.data()
		for c.pos < len(b) && (b[c.pos] == '\n' || b[c.pos] == '\r') { // a mail's text begins with its line
			c.pos++
		}
		if c.pos == len(b) {
			c.full()
			if c.stopped || !c.w.more() {
				break
			}
			continue
		}
		start := c.pos
		end, st := c.scan(&mboxScan{i: start, ended: func() bool { return c.w.eof || c.w.err != nil }}, "")
		if st.ended() && c.w.err != nil { // what was read of it may be half a mail
			break
		}
		start, c.pos = c.pos, end
		c.add(start, end, "", st.tooLarge())
		c.full()
	}
	return c.finish()
}

// mboxScan finds the next separator line.
type mboxScan struct {
	i     int // next byte to look at
	ended func() bool
}

const (
	// maxSeparator is the longest separator line, and how much of the line after it is looked at.
	maxSeparator = 1 << 10
)

// end is part of scanner. The last mail ends with the text.
func (s *mboxScan) end(b []byte) int {
	ended := s.ended()
	for {
		j := bytes.Index(b[s.i:], []byte("\nFrom "))
		if j < 0 {
			s.i = max(s.i, len(b)-len("\nFrom ")+1)
			break
		}
		j += s.i
		if len(b)-j < 2*maxSeparator && !ended {
			s.i = j
			return -1
		}
		if emptyBefore(b, j) && separates(b[j+1:]) {
			return j + 1
		}
		s.i = j + 1
	}
	return -1
}

func (s *mboxScan) moved(n int) { s.i -= n }

// used keeps what tells whether a line before is empty.
func (s *mboxScan) used(n int) int { return max(min(s.i-2, n), 0) }

// emptyBefore tells whether the line that ends with the line feed at i is empty.
func emptyBefore(b []byte, i int) bool {
	if i > 0 && b[i-1] == '\r' {
		i--
	}
	return i > 0 && b[i-1] == '\n'
}

// separates tells whether b begins with a separator line, and what follows it may begin a mail.
func separates(b []byte) bool {
	line, rest, found := bytes.Cut(b[:min(len(b), 2*maxSeparator)], []byte{'\n'})
	if _, ok := envelope(line); !ok || len(line) > maxSeparator {
		return false
	}
	if !found || len(rest) == 0 || rest[0] == '\n' || rest[0] == '\r' || bytes.HasPrefix(rest, []byte(">From ")) {
		return true
	}
	colon := bytes.IndexByte(rest, ':')
	return colon > 0 && fieldName(bytes.TrimRight(rest[:colon], " \t"))
}

// envelope reads a separator line: From, an address that may be missing or hold blanks, and a date as asctime writes it,
// with or without seconds, a zone before the year or after, and words after it (RFC 4155, and what mail programs make of it). Without
// a zone the time is UTC, as that RFC says.
func envelope(line []byte) (t time.Time, ok bool) {
	if !bytes.HasPrefix(line, []byte("From ")) {
		return t, false
	}
	words := strings.Fields(string(line[5:min(len(line), maxSeparator)]))
	for i := range words {
		if weekday(words[i]) {
			if t, ok = asctime(words[i+1:]); ok {
				return t, true
			}
		}
	}
	return t, false
}

func weekday(s string) bool {
	s = strings.TrimSuffix(s, ",")
	return len(s) == 3 && strings.Contains("Mon Tue Wed Thu Fri Sat Sun", s)
}

// asctime reads month, day, time of day, an optional zone and the year, the first two in either order.
func asctime(words []string) (time.Time, bool) {
	if len(words) < 4 {
		return time.Time{}, false
	}
	month, day := words[0], words[1]
	if _, err := strconv.Atoi(month); err == nil {
		month, day = day, month
	}
	m, err := time.Parse("Jan", month)
	d, errDay := strconv.Atoi(day)
	if err != nil || errDay != nil || d < 1 || d > 31 {
		return time.Time{}, false
	}
	words = words[2:]
	var year int
	if y, err := strconv.Atoi(words[0]); err == nil && len(words[0]) == 4 && len(words) > 1 { // as in a mail's own date
		year, words = y, words[1:]
	}
	clock, err := time.Parse("15:04:05", words[0])
	if err != nil {
		if clock, err = time.Parse("15:04", words[0]); err != nil {
			return time.Time{}, false
		}
	}
	zone := time.UTC
	for _, w := range words[1:min(len(words), 4)] {
		if y, err := strconv.Atoi(w); year == 0 && err == nil && len(w) == 4 {
			year = y
		} else if at, err := time.Parse("-0700", w); err == nil {
			_, offset := at.Zone()
			zone = time.FixedZone("", offset)
		}
	}
	if year == 0 {
		return time.Time{}, false
	}
	return time.Date(year, m.Month(), d, clock.Hour(), clock.Minute(), clock.Second(), 0, zone), true
}

// unquoted takes one > off lines of an mbox that begin with >From or more of them.
func unquoted(b []byte) []byte {
	if !bytes.Contains(b, []byte(">From ")) {
		return b
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		line := b
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			line = b[:i+1]
		}
		b = b[len(line):]
		if bytes.HasPrefix(line, []byte{'>'}) && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
			line = line[1:]
		}
		out = append(out, line...)
	}
	return out
}
