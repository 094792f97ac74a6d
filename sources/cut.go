package sources

import (
	"bytes"
	"fmt"
	"slices"
)

// elem is one record's text in a piece.
type elem struct {
	start, end int
	line       int64
	index      int64
	place      string
	name       string // of the file it lies in, where that is not the piece's
	quoted     bool   // it lies among others, as in an mbox
}

// cutter finds the records of a text, in order, and hands them over in pieces. What decides where a record begins and
// ends is a format's own: [jsonCutter], xmlCutter, mboxCutter.
type cutter struct {
	in      *input
	w       window
	chunk   int
	pos     int   // next byte in the window
	line    int64 // of the byte at counted
	counted int
	lined   bool // records have lines
	elems   []elem
	index   map[string]int64
	yield   func(Piece, error) bool
	stopped bool // the caller wants no more, or there is no more
	gone    bool // the caller wants no more
	beside  map[string]Beside
}

// finish hands over what is left, and tells what ended the reading. False when the caller wants no more.
func (c *cutter) finish() bool {
	c.flush()
	c.tellBeside()
	if c.w.err != nil && !c.gone {
		c.gone = true
		c.yield(nil, c.w.err)
	}
	return !c.gone
}

// peek passes over blank space and returns the next byte.
func (c *cutter) peek() (byte, bool) {
	for {
		b := c.w.data()
		if c.pos = skipSpace(b, c.pos); c.pos < len(b) {
			return b[c.pos], true
		}
		c.full()
		if c.stopped || !c.w.more() {
			return 0, false
		}
	}
}

// scanned says how a scan ended.
type scanned uint8

const (
	whole scanned = iota
	torn          // the text ended first
	big           // the value is over the limit: its text is gone
	lost          // as big, and the text ended first
)

// ended says that the text ended first.
func (s scanned) ended() bool { return s == torn || s == lost }

// tooLarge says that the text is gone.
func (s scanned) tooLarge() bool { return s == big || s == lost }

// scanner finds the end of a run of text; it goes on where it stopped when there is more.
type scanner interface {
	end(b []byte) int // -1 when b ends first
	moved(n int)      // the first n bytes of the text are gone
	used(n int) int   // how many of the n bytes it was given last it needs no more
}

// lineScan finds the end of a line.
type lineScan struct{ from int }

func (s *lineScan) end(b []byte) int {
	if i := bytes.IndexByte(b[s.from:], '\n'); i >= 0 {
		return s.from + i
	}
	s.from = len(b)
	return -1
}

func (s *lineScan) moved(n int) { s.from -= n }

func (s *lineScan) used(n int) int { return n }

// scan runs s over the window, reading on as needed. Where it passes the limit, the text is reported and given up.
func (c *cutter) scan(s scanner, place string) (int, scanned) {
	for over := false; ; {
		b := c.w.data()
		end := s.end(b)
		if !over && (len(b)-c.pos > maxRecord && end < 0 || end-c.pos > maxRecord) {
			over = true
			n := c.flush()
			s.moved(n)
			c.giveUp(place)
			b, end = c.w.data(), max(end-n, -1)
		}
		if end >= 0 && over {
			return end, big
		} else if end >= 0 {
			return end, whole
		}
		if over {
			n := s.used(len(b))
			c.count(n)
			s.moved(n)
			c.w.drop(n)
			c.pos, c.counted = 0, 0
		} else if c.pos > 0 {
			s.moved(c.flush())
		}
		have := len(c.w.data())
		if c.w.fill(c.chunk); len(c.w.data()) == have && !c.w.more() {
			if over {
				return have, lost
			}
			return have, torn
		}
	}
}

// giveUp reports the record at the window's start as too large.
func (c *cutter) giveUp(place string) {
	c.report(c.w.data()[:200], nil, c.lineAt(0), place, CodeSize,
		fmt.Errorf("larger than %d MiB", maxRecord>>20), "cut this record into smaller ones, or leave it out")
}

// add takes the text from start to end as the next record.
func (c *cutter) add(start, end int, place string, isBig bool) {
	i := c.index[place]
	c.index[place] = i + 1
	if isBig {
		return
	}
	for end > start && space(c.w.data()[end-1]) {
		end--
	}
	e := elem{start: start, end: end, index: i, place: place}
	if c.lined {
		e.line = c.lineAt(start)
	}
	c.elems = append(c.elems, e)
}

func (c *cutter) lineAt(p int) int64 {
	c.count(p)
	return c.line
}

// count brings the line number up to p.
func (c *cutter) count(p int) {
	if p > c.counted {
		c.line += newlinesIn(c.w.data()[c.counted:p])
		c.counted = p
	}
}

// full hands over a piece when there is enough for one.
func (c *cutter) full() {
	if c.pos >= c.chunk || len(c.elems) >= maxElems {
		c.flush()
	}
}

// flush hands over what was found and forgets the text before the window's position; it returns how much that was.
func (c *cutter) flush() int {
	n := min(c.pos, len(c.w.data()))
	if n == 0 || c.gone {
		return 0
	}
	c.count(n)
	if len(c.elems) > 0 {
		p := &docPiece{in: c.in, base: c.w.base, elems: c.elems}
		p.text = c.w.take(n)
		c.elems = nil
		if !c.yield(p, nil) {
			c.gone, c.stopped = true, true
		}
	} else {
		c.w.drop(n)
	}
	c.pos -= n
	c.counted -= n
	return n
}

// tear reports that the rest of the text cannot be split into records, and reads no further.
func (c *cutter) tear(err error, hint string) {
	if c.w.err != nil || c.gone {
		c.stopped = true
		return
	}
	c.flush()
	if c.gone {
		return
	}
	b := c.w.data()
	text := bytes.Clone(b[min(c.pos, len(b)):])
	line := c.lineAt(min(c.pos, len(b)))
	if left := c.w.drain(); left > int64(len(text)) {
		err = fmt.Errorf("%w; %d bytes from here are left unread", err, left)
	}
	c.pos, c.counted = 0, 0
	c.report(text, text, line, "", CodeTorn, err, hint)
	c.stopped = true
}

// bad reports the text from p to the window's position as a bad record.
func (c *cutter) bad(p int, at, code string, err error, hint string) {
	b := c.w.data()
	end := min(max(c.pos, p), len(b))
	text := bytes.Clone(b[min(p, end):end])
	line := c.lineAt(min(p, end))
	c.flush()
	c.report(text, text, line, at, code, err, hint)
}

func (c *cutter) report(text, raw []byte, line int64, at, code string, err error, hint string) {
	if c.gone {
		return
	}
	o := Origin{File: c.in.file.Name, Index: c.index[at], Place: at}
	if c.lined {
		o.Line = line
	}
	bad := &BadRecord{Origin: o, File: c.in.file, Code: code, Value: excerpt(text), Hint: hint, Err: err, Raw: slices.Clip(bytes.ToValidUTF8(raw, []byte("\uFFFD")))}
	if !c.yield(bad.piece(), nil) {
		c.gone, c.stopped = true, true
	}
}
