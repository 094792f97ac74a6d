package sources

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/sources/cell"
)

// Rejects writes rejected records in the input's own format, with what is wrong and where each came from added as
// columns or keys ([ProblemColumn], [OriginColumn]): mend the file and give it as input. CSV keeps delimiter and header, is
// UTF-8 with the mark by which spreadsheets know it, and no cell of it is a formula (package cell): as long as one of the
// added columns is there, every value comes back as it was. JSON stays a list, at its place, or values one a line; XML becomes JSON at its place, mails JSON one a line. Records of another shape than the first go to
// a file beside it, with their input's name in its own. Files appear under their names when Close succeeds; without a
// rejected record there are none. One goroutine may use it.
type Rejects struct {
	path  string
	files map[string]*rejectFile
	order []*rejectFile
}

// NewRejects writes to path, which is not touched before the first record.
func NewRejects(path string) *Rejects {
	return &Rejects{path: path, files: map[string]*rejectFile{}}
}

// Files names the files written so far, in the order they were begun; they are there once Close has succeeded.
func (w *Rejects) Files() []string {
	names := make([]string, len(w.order))
	for i, f := range w.order {
		names[i] = f.name
	}
	return names
}

// Write adds a record. A record that was rejected before keeps its first origin, so that mending it again still
// replaces what was rejected first.
func (w *Rejects) Write(r *Record, problems []string) error {
	origin := cmp.Or(r.Mends, r.Origin.String())
	f, err := w.file(r.File, r.Origin.Place)
	if err != nil {
		return err
	}
	if r.IsRow() {
		return f.row(r.Fields, nil, problems, origin)
	}
	return f.value(r.Raw, r.Nodes[0].Kind == Object, problems, origin)
}

// WriteBad adds a record that could not be read. A row's cells are given as far as they go, what is left of its text in
// the next one; cells over the header's follow the added columns. What is no JSON is kept as text under [RawKey].
func (w *Rejects) WriteBad(b *BadRecord, problems []string) error {
	if b.File == nil {
		return fmt.Errorf("writing rejects: the bad record at %s names no file", b.Origin)
	}
	f, err := w.file(b.File, b.Origin.Place)
	if err != nil {
		return err
	}
	origin, raw := cmp.Or(b.Mends, b.Origin.String()), b.Raw
	if raw == nil {
		raw = []byte(b.Value)
	}
	if b.File.Format != CSV {
		return f.value(raw, false, problems, origin)
	}
	t := b.File.table
	if t == nil {
		t = &table{dialect: dialect{comma: b.File.Comma}, width: len(b.File.Columns), origin: -1}
	}
	cells := t.asFar(raw)
	t.unguard(cells)
	for _, i := range t.drop {
		if i < len(cells) {
			cells = slices.Delete(cells, i, i+1)
		}
	}
	var over []string
	if n := len(b.File.Columns); len(cells) > n {
		cells, over = cells[:n:n], cells[n:]
	}
	return f.row(cells, over, problems, origin)
}

// Close completes the files and puts them in place.
func (w *Rejects) Close() error {
	var errs []error
	for _, f := range w.order {
		if err := f.close(); err != nil {
			errs = append(errs, fmt.Errorf("writing rejects to %s: %w", f.name, err))
		}
	}
	w.order, w.files = nil, map[string]*rejectFile{}
	return errors.Join(errs...)
}

// file is the one that takes records of a shape. JSON files differ by what numbers do not tell apart in their names: tickets
// and users may both be one a line, but tickets1 and tickets2 are the same.
func (w *Rejects) file(in *File, at string) (*rejectFile, error) {
	key := fmt.Sprintf("%s\x00%q\x00%q", in.Format, in.Comma, in.Columns)
	if in.Format != CSV {
		family := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, in.Base)
		key = fmt.Sprintf("%s\x00%t\x00%q\x00%q", in.Format, in.Lines, at, family)
	}
	if f := w.files[key]; f != nil {
		return f, nil
	}
	f := &rejectFile{name: w.name(in), file: in}
	if in.Format != CSV && !in.Lines {
		steps := strings.Split(at, ".")
		if at == "" {
			steps = nil
		}
		for _, s := range steps {
			f.head += "{" + quoted(s) + ":"
		}
		f.head += "["
		f.tail = "\n]" + strings.Repeat("}", len(steps)) + "\n"
	}
	if err := f.open(); err != nil {
		return nil, fmt.Errorf("writing rejects to %s: %w: name a file that can be written", f.name, err)
	}
	w.files[key] = f
	w.order = append(w.order, f)
	return f, nil
}

func (w *Rejects) name(in *File) string {
	if len(w.order) == 0 {
		return w.path
	}
	ext := ".csv"
	if in.Format != CSV {
		if ext = ".json"; in.Lines {
			ext = ".ndjson"
		}
	}
	stem := strings.TrimSuffix(w.path, filepath.Ext(w.path)) + "." + strings.TrimSuffix(in.Base, path.Ext(in.Base))
	name := stem + ext
	for n := 2; slices.ContainsFunc(w.order, func(f *rejectFile) bool { return f.name == name }); n++ {
		name = stem + "-" + strconv.Itoa(n) + ext
	}
	return name
}

// rejectFile is one of the files.
type rejectFile struct {
	name       string
	file       *File // the first one rejected into it
	head, tail string
	out        *os.File
	temporary  bool
	buf        *bufio.Writer
	rows       *csv.Writer
	any        bool
}

// open begins the file under a temporary name, or writes straight to what is not a regular file.
func (f *rejectFile) open() (err error) {
	if info, e := os.Stat(f.name); e == nil && !info.Mode().IsRegular() {
		if f.out, err = os.OpenFile(f.name, os.O_WRONLY, 0); err != nil {
			return err
		}
	} else {
		f.temporary = true
		if f.out, err = os.CreateTemp(filepath.Dir(f.name), "."+filepath.Base(f.name)+"-*"); err != nil {
			return err
		}
	}
	f.buf = bufio.NewWriter(f.out)
	if f.file.Format != CSV {
		_, err = f.buf.WriteString(f.head)
		return err
	}
	if _, err = f.buf.WriteString("\uFEFF"); err != nil { // by which spreadsheets know UTF-8
		return err
	}
	f.rows = csv.NewWriter(f.buf)
	f.rows.Comma = ','
	if f.file.Comma != 0 {
		f.rows.Comma = rune(f.file.Comma)
	}
	return f.rows.Write(append(guarded(f.file.Columns), ProblemColumn, OriginColumn))
}

// guarded are cells as a spreadsheet leaves them alone.
func guarded(cells []string) []string {
	out := make([]string, len(cells), len(cells)+2)
	for i, c := range cells {
		out[i] = cell.Guard(c)
	}
	return out
}

func (f *rejectFile) row(cells, over, problems []string, origin string) error {
	row := guarded(cells)
	for len(row) < len(f.file.Columns) {
		row = append(row, "")
	}
	row = append(row, cell.Guard(strings.Join(problems, "; ")), cell.Guard(origin))
	if err := f.rows.Write(append(row, guarded(over)...)); err != nil {
		return fmt.Errorf("writing rejects to %s: %w", f.name, err)
	}
	return nil
}

func (f *rejectFile) value(raw []byte, object bool, problems []string, origin string) error {
	out := []byte("\n")
	switch {
	case f.head == "" && !f.any:
		out = out[:0]
	case f.head != "" && f.any:
		out = []byte(",\n")
	}
	f.any = true
	if object {
		if f.head == "" && bytes.IndexByte(raw, '\n') >= 0 {
			v := jsontext.Value(bytes.Clone(raw))
			if v.Compact() == nil {
				raw = v
			}
		}
		raw = bytes.TrimSpace(raw)
		if f.file.Format == Mail { // large ones are known by their first members when they are read back
			return f.write(append(append(out, added(problems, origin)+","...), raw[1:]...))
		}
		out = append(out, bytes.TrimSpace(raw[:len(raw)-1])...)
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
	} else {
		out = append(out, `{"`+RawKey+`":`+quoted(string(raw))+`,`...)
	}
	return f.write(append(out, added(problems, origin)[1:]+"}"...))
}

// added are the members a rejects file adds, with a brace before them.
func added(problems []string, origin string) string {
	return `{"` + ProblemColumn + `":` + quoted(strings.Join(problems, "; ")) + `,"` + OriginColumn + `":` + quoted(origin)
}

func (f *rejectFile) write(out []byte) error {
	if _, err := f.buf.Write(out); err != nil {
		return fmt.Errorf("writing rejects to %s: %w", f.name, err)
	}
	return nil
}

func (f *rejectFile) close() error {
	var err error
	if f.rows != nil {
		f.rows.Flush()
		err = f.rows.Error()
	} else if f.tail != "" {
		_, err = f.buf.WriteString(f.tail)
	} else {
		err = f.buf.WriteByte('\n')
	}
	err = errors.Join(err, f.buf.Flush())
	if f.temporary && err == nil {
		err = f.out.Sync()
	}
	if err = errors.Join(err, f.out.Close()); !f.temporary {
		return err
	}
	if err == nil {
		err = os.Rename(f.out.Name(), f.name)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.out.Name()))
	}
	return err
}

// quoted is s as a JSON string.
func quoted(s string) string {
	b, _ := jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "\uFFFD")) // valid text cannot fail
	return string(b)
}

// asFar splits a row's text into cells up to the first that cannot be read, which is given with all that follows.
func (d dialect) asFar(b []byte) []string {
	var cells []string
	for p := 0; ; p++ {
		start := p
		if q := d.opening(b, p); q >= 0 {
			end, st := d.quotedEnd(b, q, true)
			if st != rowWhole {
				return append(cells, string(b[start:]))
			}
			cells = append(cells, strings.ReplaceAll(string(b[q+1:end-1]), `""`, `"`))
			p = end
		} else {
			for p < len(b) && b[p] != d.comma && b[p] != '\n' {
				if b[p] == '"' && d.blankBefore(b[start:], p-start) {
					return append(cells, string(b[start:]))
				}
				p++
			}
			cells = append(cells, string(b[start:p]))
		}
		if p >= len(b) {
			return cells
		}
		if b[p] != d.comma {
			if rest := bytes.TrimSpace(b[p:]); len(rest) > 0 {
				cells = append(cells, string(rest))
			}
			return cells
		}
	}
}
