package sources

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// xmlCutter finds the elements that are records, in order, by their tags; what is inside them is judged where they are
// decoded. Documents may follow one another, as pages of an answer do.
type xmlCutter struct {
	cutter
	levels []xmlLevel
	names  []string // of the first elements met, to say what there is
	found  bool     // a place for records was met
	single map[string]int64
}

// xmlLevel is an open element that is no record.
type xmlLevel struct {
	name string // as written
	path string // local names from the root
	left bool   // it stands beside the records
	// Of what stands beside: its elements, the name they share, and the start of the first one or of its text.
	kids    int64
	kind    string
	mixed   bool
	example []byte
}

// pieces yields the file's pieces in order; false when the caller wants no more.
func (c *xmlCutter) pieces() bool {
	c.single = map[string]int64{}
	roots := 0
	for !c.stopped {
		if _, ok := c.peek(); !ok {
			break
		}
		if len(c.levels) == 0 {
			roots++
		}
		c.next()
	}
	switch {
	case c.stopped || c.w.err != nil:
	case len(c.levels) > 0:
		c.tear(fmt.Errorf("the file ends inside <%s>", excerpt([]byte(c.levels[len(c.levels)-1].name))), hintTorn)
	case roots == 0:
		c.bad(c.pos, "", CodeXML, errors.New("the file is empty"), "export it again")
	case !c.found && len(c.names) > 0:
		c.bad(c.pos, "", CodeXML, fmt.Errorf("no element is at the place for records; it has %s", strings.Join(c.names, ", ")),
			`say where the records are (an input's path: "tickets.ticket"), or "." if the document is the record`)
	}
	return c.finish()
}

// next takes one piece of text or markup.
func (c *xmlCutter) next() {
	if c.w.data()[c.pos] != '<' {
		c.stray()
		return
	}
	start, t := c.pos, tagScan{i: c.pos}
	for !t.run(c.w.data(), c.w.eof) {
		if t.kind == aside && t.i > start { // of any length, and nothing of it is kept
			c.pos = t.i
			t.moved(c.flush())
			start = c.pos
		}
		if len(c.w.data())-start > maxRecord {
			if tag := c.w.data()[start : start+maxSeparator]; t.kind == openTag && c.isRecord(tagName(tag)) {
				c.open(tag, 0, false) // which tells that it is too large
				return
			}
			c.tear(fmt.Errorf("a tag goes on for more than %d MiB", maxRecord>>20), hintXML)
			return
		}
		if !c.w.more() {
			if !t.run(c.w.data(), true) {
				c.tear(errors.New("the file ends inside a tag"), hintTorn)
				return
			}
			break
		}
	}
	tag := c.w.data()[min(start, t.i):t.i]
	switch t.kind {
	case noMarkup:
		c.pos = min(start, len(c.w.data()))
		c.tear(fmt.Errorf("a < begins no tag: %q", excerpt(head(c.w.data()[c.pos:]))), hintXML)
	case aside:
		c.pos = t.i
	case cdata:
		c.text(tag, t.i)
	case closeTag:
		c.close(string(tagName(tag)), t.i)
	default:
		c.open(tag, t.i, t.kind == emptyTag)
	}
	c.full()
}

const hintXML = "mend the file here, or export it again; the records before are read"

// stray passes over text between elements, which is told as left over.
func (c *xmlCutter) stray() {
	for {
		b := c.w.data()
		i := bytes.IndexByte(b[c.pos:], '<')
		end := len(b)
		if i >= 0 {
			end = c.pos + i
		}
		c.text(b[c.pos:end], end)
		c.full()
		if c.stopped || i >= 0 || !c.w.more() {
			return
		}
	}
}

// text notes text that is in no record.
func (c *xmlCutter) text(text []byte, end int) {
	switch n := len(c.levels); {
	case len(bytes.TrimSpace(text)) == 0:
	case n == 0:
		c.tear(errors.New("text outside of the document"), "remove what does not belong")
		return
	default:
		l := &c.levels[n-1]
		if l.example == nil {
			l.example = bytes.Clone(head(text))
		}
		if !l.left {
			c.leave(join(rootless(l.path), "#text"), 1, text)
		}
	}
	c.pos = end
}

// open takes an element: a record, one on the way to records, or one beside them.
func (c *xmlCutter) open(tag []byte, end int, empty bool) {
	name := tagName(tag)
	l := xmlLevel{name: string(name), path: string(localName(name))}
	if n := len(c.levels); n > 0 {
		up := &c.levels[n-1]
		l.path, l.left = join(up.path, l.path), up.left
		if up.kids++; up.kids == 1 {
			up.kind, up.example = l.name, bytes.Clone(head(c.w.data()[c.pos:]))
		}
		up.mixed = up.mixed || up.kind != l.name
		if n == 1 && len(c.names) < 10 && !slices.Contains(c.names, excerpt(name)) {
			c.names = append(c.names, excerpt(name))
		}
	}
	if len(c.levels) >= maxDepth {
		c.tear(errDeep, "flatten the file, or leave this part out")
		return
	}
	place, here, toward := c.wanted(l.path)
	if here && !l.left {
		c.found = true
		c.record(place, name)
		return
	}
	c.found = c.found || toward && len(c.levels) > 0
	l.left = l.left || !toward && len(c.levels) > 0
	c.pos = end
	if c.levels = append(c.levels, l); empty {
		c.close(l.name, end)
	}
}

// isRecord tells whether an element of that name is a record here.
func (c *xmlCutter) isRecord(name []byte) bool {
	at, left := string(localName(name)), false
	if n := len(c.levels); n > 0 {
		at, left = join(c.levels[n-1].path, at), c.levels[n-1].left
	}
	_, here, _ := c.wanted(at)
	return here && !left
}

// record takes the element at the window's position.
func (c *xmlCutter) record(place string, name []byte) {
	s := &elementScan{name: bytes.Clone(name), i: c.pos, all: func() bool { return c.w.eof }}
	end, st := c.scan(s, place)
	if st.ended() {
		c.tear(fmt.Errorf("the file ends inside <%s>, which is never closed", excerpt(s.name)), hintTorn)
		return
	}
	start := c.pos
	c.pos = end
	c.add(start, end, place, st.tooLarge())
}

// close ends an element that is no record, and tells it where it stands beside them and holds something.
func (c *xmlCutter) close(name string, end int) {
	n := len(c.levels)
	if n == 0 || c.levels[n-1].name != name {
		open := "nothing is open"
		if n > 0 {
			open = "<" + excerpt([]byte(c.levels[n-1].name)) + "> is open"
		}
		c.tear(fmt.Errorf("</%s> closes nothing: %s", excerpt([]byte(name)), open), hintXML)
		return
	}
	c.pos = end
	l := c.levels[n-1]
	c.levels = c.levels[:n-1]
	if !l.left || n > 1 && c.levels[n-2].left {
		return
	}
	at := rootless(l.path)
	switch {
	case l.kids > 0 && !l.mixed:
		c.leave(at, l.kids, l.example)
	case l.kids > 0:
		c.leave(at, 1, l.example)
	case len(l.example) > 0: // single values are no list
		if c.single[at]++; c.single[at] == 2 {
			c.leave(at, 2, l.example)
		} else if c.single[at] > 2 {
			c.leave(at, 1, l.example)
		}
	}
}

// wanted tells whether records are at a path, or further down, and how the place is written.
func (c *xmlCutter) wanted(at string) (place string, here, toward bool) {
	for _, p := range c.in.shape.places {
		switch root := strings.IndexByte(at, '.') < 0; {
		case p == RootPlace && root:
			return "", true, true
		case p == at || p == rootless(at) && !root:
			return p, true, true
		case root || strings.HasPrefix(p, at+".") || strings.HasPrefix(p, rootless(at)+"."):
			toward = true
		}
	}
	return "", false, toward
}

// rootless is a path without its first step.
func rootless(at string) string { return at[strings.IndexByte(at, '.')+1:] }
