// Package reply tells what the writer of a mail wrote from what the mail carries along: quoted replies, forwarded messages, the
// headings mail programs put above them, and signatures. It is for plain text and for HTML, in the languages of the word lists,
// knows nothing of tickets, and judges by line: any input takes time in proportion to its length.
//
// Where it is not sure it leaves a line where it is: what is hidden without need costs an agent more than what is shown twice.
package reply

import "strings"

// Parts are what a body consists of.
type Parts struct {
	Text      string // what its writer wrote, without blank lines around it; "" where nothing is the writer's own
	Signature string // of the writer, "" without one
	Cut       bool   // Text lacks something the body has, besides blank lines around it
}

// maxLines is the most lines that are judged; a longer body is no mail, and its writer's own from end to end.
const maxLines = 200_000

// Split takes a plain-text body apart. Line ends in Text are \n.
func Split(s string) Parts {
	s = unixLines(s)
	n := strings.Count(s, "\n") + 1
	if n == 1 || n > maxLines {
		return Parts{Text: s} // nothing is cut from a single line: it would be all there is
	}
	m := mail{lines: make([]string, 0, n), kinds: make([]kind, 0, n)}
	for rest, more := s, true; more; {
		var line string
		line, rest, more = strings.Cut(rest, "\n")
		m.add(line, kindUnknown)
	}
	m.judge()
	return Parts{Text: m.text(lineKept), Signature: m.text(lineSignature), Cut: m.cut}
}

func unixLines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// kind is what a line is by itself and by its neighbours.
type kind uint8

const (
	kindUnknown   kind = iota // not looked at yet
	kindEmpty                 // nothing but white space
	kindText                  // the writer's own, as far as a line can tell
	kindQuote                 // begins with a quote mark
	kindHeading               // stands above a quoted mail: "On … wrote:"
	kindForward               // … "-----Original Message-----"
	kindHeader                // of a block of From:, Sent:, To:, Subject:
	kindDash                  // "--" and the like: a signature follows
	kindRule                  // a line of other marks
	kindDevice                // "Sent from my iPhone"
	kindSignature             // marked as a signature by its mail program
)

// fate is what becomes of a line.
type fate uint8

const (
	lineKept fate = iota
	lineDropped
	lineSignature
)

// mail is a body as lines.
type mail struct {
	lines  []string
	kinds  []kind
	fates  []fate
	cut    bool
	headed bool // a heading stands among the writer's words
	goesOn int  // the writer is known to go on from this line: see block
}

// add appends a line; one of a known kind is not looked at.
func (m *mail) add(line string, k kind) {
	m.lines = append(m.lines, line)
	m.kinds = append(m.kinds, k)
}

// judge settles the fate of every line.
func (m *mail) judge() {
	m.fates = make([]fate, len(m.lines))
	m.classify()
	m.headings()
	m.headers()
	end := m.quoted()
	end = m.signature(end)
	m.trailing(end)
	for _, f := range m.fates {
		m.cut = m.cut || f != lineKept
	}
	if !m.cut {
		return
	}
	m.blankEdges()
}

// holds tells whether a line of a fate has something in it.
func (m *mail) holds(of fate) bool {
	for i, f := range m.fates {
		if f == of && m.kinds[i] != kindEmpty {
			return true
		}
	}
	return false
}

// text joins the lines of one fate, without blank lines around them.
func (m *mail) text(of fate) string {
	first, last, size := -1, -1, 0
	for i, f := range m.fates {
		if f == of && m.kinds[i] != kindEmpty {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return ""
	}
	for i := first; i <= last; i++ {
		if m.fates[i] == of {
			size += len(m.lines[i]) + 1
		}
	}
	var b strings.Builder
	b.Grow(size)
	for i := first; i <= last; i++ {
		if m.fates[i] == of {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(m.lines[i])
		}
	}
	return strings.TrimRight(b.String(), " \t\u00a0")
}

// blankEdges drops the blank lines around what is kept.
func (m *mail) blankEdges() {
	drop := func(i int) bool {
		if m.fates[i] == lineKept && m.kinds[i] == kindEmpty {
			m.fates[i] = lineDropped
		}
		return m.fates[i] != lineKept
	}
	for i := 0; i < len(m.fates) && drop(i); i++ {
	}
	for i := len(m.fates) - 1; i >= 0 && drop(i); i-- {
	}
}

// drop drops lines from i up to end.
func (m *mail) drop(i, end int) {
	for ; i < end; i++ {
		m.fates[i] = lineDropped
	}
}
