package sources

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// rowStatus is what a scan of a row found.
type rowStatus uint8

const (
	rowWhole rowStatus = iota // the row ends where the scan says
	rowMore                   // the row goes on past the text at hand
	rowOpen                   // the text ends inside quotes
	rowStray                  // a quote where none may be
)

// dialect is how the cells of a CSV file are written.
type dialect struct {
	comma byte
	trim  bool // a quote may follow blanks: a, "b"
}

// rowEnd finds where the row at the start of b ends: just past its line end. It knows exactly the quoting that
// encoding/csv reads without a guess: a quoted cell begins with a quote, ends with one before a delimiter or line end,
// and doubles those inside; a quote later in an unquoted cell (5" nail) is itself. Cutting where it says is
// therefore always right, which counting quotes alone is not.
func (d dialect) rowEnd(b []byte, eof bool) (int, rowStatus) {
	p, line := 0, -1 // line is the next line end at or after p
	for {
		if line < p {
			if i := bytes.IndexByte(b[p:], '\n'); i >= 0 {
				line = p + i
			} else {
				line = len(b)
			}
		}
		q := bytes.IndexByte(b[p:line], '"')
		if q < 0 {
			return lineEnd(b, line, eof)
		}
		q += p
		if !d.opens(b, q) {
			if d.blankBefore(b, q) {
				return q, rowStray
			}
			if i := bytes.IndexByte(b[q:line], d.comma); i >= 0 {
				p = q + i + 1
				continue
			}
			return lineEnd(b, line, eof)
		}
		end, st := d.quotedEnd(b, q, eof)
		if st != rowWhole || end == len(b) {
			return end, st
		}
		if b[end] != d.comma {
			return end + lineBreak(b[end:]), rowWhole
		}
		p = end + 1
	}
}

func lineEnd(b []byte, line int, eof bool) (int, rowStatus) {
	switch {
	case line < len(b):
		return line + 1, rowWhole
	case eof:
		return len(b), rowWhole
	}
	return 0, rowMore
}

// lineBreak is the length of the line break b begins with.
func lineBreak(b []byte) int {
	switch {
	case len(b) > 0 && b[0] == '\n', len(b) == 1 && b[0] == '\r':
		return 1
	case len(b) > 1 && b[0] == '\r' && b[1] == '\n':
		return 2
	}
	return 0
}

// opens tells whether the quote at q opens a cell.
func (d dialect) opens(b []byte, q int) bool {
	return q == 0 || b[q-1] == d.comma || d.trim && d.blankBefore(b, q)
}

// blankBefore tells whether nothing but blanks, as encoding/csv trims them, stands between the quote at q and the start
// of its cell.
func (d dialect) blankBefore(b []byte, q int) bool {
	for b = b[:q]; len(b) > 0; {
		r, n := utf8.DecodeLastRune(b)
		switch {
		case r == rune(d.comma) || r == '\n':
			return true
		case !unicode.IsSpace(r):
			return false
		}
		b = b[:len(b)-n]
	}
	return true
}

// opening finds the quote that opens the cell at p, -1 where it is not quoted.
func (d dialect) opening(b []byte, p int) int {
	for p < len(b) && b[p] != '\n' {
		r, n := utf8.DecodeRune(b[p:])
		switch {
		case r == '"':
			return p
		case !d.trim || !unicode.IsSpace(r):
			return -1
		}
		p += n
	}
	return -1
}

// quotedEnd finds the end of the cell whose opening quote is at q: the place after its closing quote.
func (d dialect) quotedEnd(b []byte, q int, eof bool) (int, rowStatus) {
	short := rowMore
	if eof {
		short = rowOpen
	}
	for p := q + 1; ; {
		i := bytes.IndexByte(b[p:], '"')
		if i < 0 {
			return 0, short
		}
		p += i + 1
		switch {
		case p == len(b):
			if eof {
				return p, rowWhole
			}
			return 0, rowMore
		case b[p] == '"':
			p++
		case b[p] == '\r' && p+1 == len(b) && !eof:
			return 0, rowMore
		case b[p] == d.comma || lineBreak(b[p:]) > 0:
			return p, rowWhole
		default:
			return p - 1, rowStray
		}
	}
}

// cells counts the cells of the row at the start of b and finds its end; strict refuses quotes in unquoted cells.
func (d dialect) cells(b []byte, eof, strict bool) (n, end int, st rowStatus) {
	for p := 0; ; {
		n++
		start := p
		if q := d.opening(b, p); q >= 0 {
			if p, st = d.quotedEnd(b, q, eof); st != rowWhole {
				return n, p, st
			}
		} else {
			for p < len(b) && b[p] != d.comma && b[p] != '\n' {
				if b[p] == '"' && (strict || d.blankBefore(b[start:], p-start)) {
					return n, p, rowStray
				}
				p++
			}
		}
		if p == len(b) {
			if eof {
				return n, p, rowWhole
			}
			return n, 0, rowMore
		}
		if b[p] != d.comma {
			return n, p + lineBreak(b[p:]), rowWhole
		}
		p++
	}
}

// evidence is how many delimiters in the right places make rows believable after a damaged one; at the end of a
// file that ends with a whole line, atEnd do.
const (
	evidence = 6
	atEnd    = 2
)

// believable tells whether b begins with rows of the given width, strictly written. An open quote elsewhere turns text
// into what may look like a row, so one row of few cells proves nothing.
func (d dialect) believable(b []byte, width int, eof bool) (yes, more bool, seen int) {
	if width < 2 {
		return false, false, 0
	}
	for p, got := 0, 0; ; {
		if p == len(b) {
			return eof && got >= atEnd && b[len(b)-1] == '\n', !eof, p
		}
		n, end, st := d.cells(b[p:], eof, true)
		if st == rowMore {
			return false, true, len(b)
		}
		if st != rowWhole || n != width {
			return false, false, p + end
		}
		p += end
		if got += width - 1; got >= evidence {
			return true, false, p
		}
	}
}
