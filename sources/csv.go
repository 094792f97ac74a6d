package sources

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gocarina/gocsv"

	"github.com/deskferry/deskferry/sources/cell"
)

// The two columns or keys a rejects file adds, and the column by which a CSV file made by deskferry tells that its cells are
// guarded against being computed by a spreadsheet (package cell).
const (
	ProblemColumn = "deskferry_problem"
	OriginColumn  = "deskferry_origin"
	SafeColumn    = "deskferry_safe"
)

// table is what is known of a CSV file before its first row.
type table struct {
	dialect
	header int64 // bytes of text up to the first row
	lines  int64 // lines of text up to the first row
	width  int   // cells of a row as written
	drop   []int // cells that deskferry has added, descending
	origin int   // the one of these that holds the origin, or -1
	safe   bool  // it is no rejects file: cells are guarded by [cell.Safe]
}

// csvCutter cuts a CSV text at its rows into pieces. All that decides where a record begins or ends happens
// here, on one goroutine, so what a piece holds does not depend on who decodes it.
type csvCutter struct {
	in    *input
	w     window
	chunk int
	line  int64 // of the window's start
	index int64 // of the next row
	lost  bool  // the window starts in the middle of damage
}

// pieces yields the file's pieces in order; false when the caller wants no more.
func (c *csvCutter) pieces(yield func(Piece, error) bool) bool {
	for {
		c.w.fill(c.chunk)
		b := c.w.data()
		end, rows, st := c.whole(b)
		switch {
		case end > 0 && !c.lost:
			if !yield(c.cut(end, rows), nil) {
				return false
			}
		case len(b) == 0 && c.w.eof:
			return true
		case c.w.err != nil:
			yield(nil, c.w.err)
			return false
		case st == rowMore && !c.lost && len(b) < maxRecord:
			c.w.more()
		default:
			if !yield(c.damaged(st), nil) {
				return false
			}
		}
	}
}

// whole finds the end of the last whole row within a chunk, at least one, and how many rows that are.
func (c *csvCutter) whole(b []byte) (end int, rows int64, st rowStatus) {
	for end < len(b) && end < c.chunk {
		n, st := c.in.table.rowEnd(b[end:], c.w.eof)
		if st != rowWhole {
			return end, rows, st
		}
		if n > lineBreak(b[end:]) {
			rows++
		}
		end += n
	}
	return end, rows, rowWhole
}

func (c *csvCutter) cut(end int, rows int64) Piece {
	p := &csvPiece{in: c.in, base: c.w.base, line: c.line, index: c.index}
	p.text = c.w.take(end)
	c.line += newlinesIn(p.text)
	c.index += rows
	return p
}

// damaged makes one bad record of the damage at the window's start, up to the first rows that can be trusted.
func (c *csvCutter) damaged(st rowStatus) Piece {
	next, found := c.resume()
	raw := bytes.Clone(c.w.data()[:next])
	bad := &BadRecord{
		Origin: Origin{File: c.in.file.Name, Line: c.line, Index: c.index}, File: c.in.file,
		Raw: bytes.TrimRight(raw, "\r\n"), Value: excerpt(raw),
		Code: CodeTorn, Err: errTorn,
		Hint: "the file may be cut short: export it again, or mend this row in the rejects file",
	}
	switch {
	case st == rowStray:
		bad.Code, bad.Err = CodeQuote, errQuote
		bad.Hint = `inside a quoted cell write each quote twice (""), and close the cell with one quote before the delimiter`
	case !c.w.eof:
		bad.Err = fmt.Errorf("%w for %d MiB: a closing quote is missing", errTorn, len(raw)>>20)
		bad.Hint = "find the cell that begins on this line and close its quote"
	}
	c.line += newlinesIn(raw)
	c.index++
	c.w.drop(next)
	c.lost = !found
	return bad.piece()
}

// resume finds the first believable row after damage. The work is bounded, so a hostile file costs no more than its
// length, and a line that seems to open a long cell is not waited for.
func (c *csvCutter) resume() (next int, found bool) {
	const patience = 1 << 20
	t, from, spent := &c.in.table, -1, 0
	for {
		b := c.w.data()
		i := bytes.IndexByte(b[max(from, 0):], '\n')
		if from < 0 && i >= 0 {
			from = i + 1
			continue
		}
		wait := true
		if from >= 0 {
			yes, more, seen := t.believable(b[from:], t.width, c.w.eof)
			if yes {
				return from, true
			}
			spent += seen + 1
			wait = i < 0 || more && len(b)-from < patience
		}
		if !wait && spent < 8*len(b)+patience {
			from += i + 1
			continue
		}
		if !wait || len(b) >= maxRecord || !c.w.more() {
			if wait && i >= 0 && spent < 8*len(b)+patience { // nothing more to wait for: the next line
				from += i + 1
				continue
			}
			return len(c.w.data()), false
		}
	}
}

// csvPiece is whole rows of one file.
type csvPiece struct {
	in    *input
	text  []byte
	base  int64 // offset of text in the file's text
	line  int64
	index int64
}

// csvState is what decoding a piece needs; pooled, so that a piece costs a handful of allocations.
type csvState struct {
	src bytes.Reader
	buf *bufio.Reader
	rec Record
}

// Records decodes the piece; it may be ranged over once.
func (p *csvPiece) Records() iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		if p.text == nil {
			yield(nil, errRead)
			return
		}
		text := p.text
		p.text = nil
		set := p.in.set
		s, _ := set.rows.Get().(*csvState)
		if s == nil {
			s = &csvState{buf: bufio.NewReaderSize(nil, 16<<10)}
		}
		p.decode(s, text, yield)
		set.pool.put(text)
		set.rows.Put(s)
	}
}

func (p *csvPiece) decode(s *csvState, text []byte, yield func(*Record, error) bool) {
	s.src.Reset(text)
	s.buf.Reset(&s.src)
	t := &p.in.table
	r := csv.NewReader(s.buf)
	r.Comma, r.ReuseRecord, r.FieldsPerRecord = rune(t.comma), true, -1
	r.LazyQuotes = true // the cutter passes no row in which this would be a guess
	r.TrimLeadingSpace = t.trim
	rows := gocsv.NewSimpleDecoderFromCSVReader(r)
	valid := utf8.Valid(text)
	s.rec = Record{File: p.in.file, Origin: Origin{File: p.in.file.Name}}
	for i := int64(0); ; i++ {
		start := int(r.InputOffset())
		for n := lineBreak(text[start:]); n > 0; n = lineBreak(text[start:]) {
			start += n
		}
		cells, err := rows.GetCSVRow()
		if errors.Is(err, io.EOF) {
			return
		}
		end := int(r.InputOffset())
		s.rec.Origin.Line, s.rec.Origin.Index = p.line, p.index+i
		if len(cells) > 0 {
			n, _ := r.FieldPos(0)
			s.rec.Origin.Line += int64(n - 1)
		}
		s.rec.Ordinal = ordinal(p.in.file, p.base+int64(start))
		if bad := p.check(cells, text[start:end], valid, err); bad != nil {
			bad.Origin = s.rec.Origin
			if !yield(nil, bad) {
				return
			}
			continue
		}
		t.fill(&s.rec, cells)
		if !yield(&s.rec, nil) {
			return
		}
	}
}

// check makes a bad record of a row that cannot be taken as it is.
func (p *csvPiece) check(cells []string, raw []byte, valid bool, err error) *BadRecord {
	wrong := !p.in.table.fits(cells)
	if err == nil && !wrong && (valid || utf8.Valid(raw)) {
		return nil
	}
	bad := &BadRecord{File: p.in.file}
	if i := p.in.table.origin; i >= 0 && i < len(cells) {
		bad.Mends = cell.Unguard(cells[i])
	}
	switch {
	case err != nil:
		bad.Code, bad.Err, bad.Hint = CodeQuote, err, "mend the quotes of this row"
	case !valid && !utf8.Valid(raw):
		bad.Code, bad.Err = CodeEncoding, errEncoding
		bad.Hint = "if the whole file is so, say its encoding (source.encoding: windows-1252); else mend this row"
	default:
		bad.Code = CodeRagged
		bad.Err = fmt.Errorf("%d cells, but the header has %d", len(cells), p.in.table.width)
		bad.Hint = fmt.Sprintf("it has more cells than the header's %d: put cells that hold the delimiter or a line break in quotes", p.in.table.width)
		if len(cells) < p.in.table.width {
			bad.Hint = fmt.Sprintf("it has fewer cells than the header's %d: put cells that hold a line break in quotes, and write empty cells too", p.in.table.width)
		}
		if bytes.IndexByte(bytes.TrimRight(raw, "\r\n"), '\r') >= 0 {
			bad.Hint = "the row holds a carriage return by itself: if it is a line end, give the whole file one kind of line end"
		}
	}
	raw = bytes.TrimRight(raw, "\r\n")
	bad.Value = excerpt(raw)
	bad.Raw = bytes.ToValidUTF8(bytes.Clone(raw), []byte("\uFFFD"))
	return bad
}

// fill puts a row's cells into rec, less those that a rejects file added.
func (t *table) fill(rec *Record, cells []string) {
	if len(cells) < t.width { // a blank row
		cells = append(cells[:0], make([]string, t.width)...)
	}
	cells = cells[:t.width]
	rec.Mends = ""
	t.unguard(cells)
	if t.origin >= 0 {
		rec.Mends = cells[t.origin]
	}
	for _, i := range t.drop {
		cells = slices.Delete(cells, i, i+1)
	}
	rec.Fields = cells
}

// unguard gives cells that deskferry has written their values back.
func (t *table) unguard(cells []string) {
	if len(t.drop) == 0 {
		return
	}
	undo := cell.Unguard
	if t.safe {
		undo = cell.Unsafe
	}
	for i, c := range cells {
		cells[i] = undo(c)
	}
}

// fits tells whether a row is as wide as the header, but for cells that hold nothing: spreadsheets end rows with
// delimiters too many. A row that lacks cells may have lost them anywhere.
func (t *table) fits(cells []string) bool {
	return len(cells) == t.width || len(cells) > t.width && blank(cells[t.width:]) || blank(cells)
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
