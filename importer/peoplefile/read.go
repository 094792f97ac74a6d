package peoplefile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gocarina/gocsv"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
	"github.com/deskferry/deskferry/sources/cell"
)

// Read adds what is filled in in the file called name to choices. Rows with nothing filled in are passed over. Commas,
// semicolons and tabs are known from the heading; columns may stand in any order, and those that only inform may be missing.
// Errors name line, column, value and remedy.
func Read(in io.Reader, name string, choices *mapping.Choices) error {
	r := reader{name: name, choices: choices}
	if err := r.open(in); err != nil {
		return err
	}
	for {
		row, err := r.rows.GetCSVRow()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.broken(err)
		}
		r.line, _ = r.csv.FieldPos(0)
		if err := r.row(row); err != nil {
			return err
		}
	}
}

type reader struct {
	name    string
	choices *mapping.Choices
	csv     *csv.Reader
	rows    gocsv.SimpleDecoder
	at      map[string]int // column to place
	width   int
	line    int
}

func (r *reader) fail(field, value, hint string) error {
	return &mapping.ChoiceError{Origin: sources.Origin{File: r.name, Line: int64(max(r.line, 1))}, Field: field, Value: value, Hint: hint}
}

func (r *reader) broken(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return fmt.Errorf("%s:%d: %w; a cell with a quote or a line break in it stands in quotes, and quotes in it are doubled: save it as CSV from a spreadsheet",
			r.name, parse.Line, parse.Err)
	}
	return fmt.Errorf("reading %s: %w", r.name, err)
}

// open reads the heading.
func (r *reader) open(in io.Reader) error {
	buf := bufio.NewReaderSize(in, 64<<10)
	head, err := buf.Peek(4 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading %s: %w", r.name, err)
	}
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		return r.fail("file", "UTF-16", "is no encoding this reads: save it as CSV UTF-8")
	}
	if bytes.HasPrefix(head, []byte("\uFEFF")) {
		if _, err := buf.Discard(3); err != nil {
			return fmt.Errorf("reading %s: %w", r.name, err)
		}
		head = head[3:]
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	r.csv = csv.NewReader(buf)
	r.csv.FieldsPerRecord = -1
	r.csv.ReuseRecord = true
	most := 0
	for _, c := range ",;\t" {
		if n := bytes.Count(first, []byte(string(c))); n > most {
			r.csv.Comma, most = c, n
		}
	}
	r.rows = gocsv.NewSimpleDecoderFromCSVReader(r.csv)
	heading, err := r.rows.GetCSVRow()
	if errors.Is(err, io.EOF) {
		return r.fail("file", "", "is empty: deskferry people writes one")
	}
	if err != nil {
		return r.broken(err)
	}
	return r.columns(heading)
}

func (r *reader) columns(heading []string) error {
	r.line, r.width, r.at = 1, len(heading), map[string]int{}
	known := columns()
	for i, name := range heading {
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			continue // a spreadsheet's empty column; a value in it is an error
		}
		if !slices.Contains(known, name) {
			hint := "is no column of a people file"
			if near := mapping.Nearest(name, known); near != "" {
				return r.fail("heading", name, hint+"; did you mean "+near+"?")
			}
			return r.fail("heading", name, hint+"; take it out, or rename it to one of "+strings.Join(known, ", "))
		}
		if _, twice := r.at[name]; twice {
			return r.fail("heading", name, "stands there twice: take one of the columns out")
		}
		r.at[name] = i
	}
	for _, name := range []string{"source_id", "email", "name"} {
		if _, ok := r.at[name]; !ok {
			return r.fail("heading", name, "is missing: the columns source_id, email and name say who is meant; deskferry people writes them")
		}
	}
	return nil
}

// cell is the value of a column; "" where the row ends before it.
func (r *reader) cell(row []string, name string) string {
	i, ok := r.at[name]
	if !ok || i >= len(row) {
		return ""
	}
	return cell.Unguard(row[i])
}

func (r *reader) row(row []string) error {
	for i := r.width; i < len(row); i++ {
		if strings.TrimSpace(row[i]) != "" {
			return r.fail("row", row[i], "stands behind the last column: a cell with a separator in it must be in quotes")
		}
	}
	for _, c := range row {
		if !utf8.ValidString(c) {
			return r.fail("row", strings.ToValidUTF8(c, "?"), "is not UTF-8: save it as CSV UTF-8")
		}
	}
	var what mapping.PersonChoice
	what.Email = strings.TrimSpace(r.cell(row, "use_email"))
	what.Name = strings.TrimSpace(r.cell(row, "use_name"))
	switch role := strings.ToLower(strings.TrimSpace(r.cell(row, "use_role"))); role {
	case "":
	case "agent":
		what.Role = mapping.Yes
	case "customer":
		what.Role = mapping.No
	default:
		hint := "is no role: write agent or customer, or leave it empty"
		if near := mapping.Nearest(role, []string{"agent", "customer"}); near != "" {
			hint = "is no role; did you mean " + near + "?"
		}
		return r.fail("use_role", role, hint)
	}
	if what == (mapping.PersonChoice{}) {
		return nil
	}
	who := mapping.PersonRef{ID: r.cell(row, "source_id"), Email: strings.ToLower(r.cell(row, "email")), Name: r.cell(row, "name")}
	clone(&who.ID, &who.Email, &who.Name, &what.Email, &what.Name)
	return r.choices.Add(sources.Origin{File: r.name, Line: int64(r.line)}, who, what)
}

// clone gives texts memory of their own: the reader's is used again.
func clone(texts ...*string) {
	for _, s := range texts {
		*s = strings.Clone(*s)
	}
}
