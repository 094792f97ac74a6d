// Package peoplefile is the CSV file of an export's people: written to be looked through and filled in with a spreadsheet,
// then read back as decisions about single people.
//
// What a spreadsheet would take for a formula, a number or a date is guarded by an apostrophe, and the guard is taken away
// when it is read back: ids come home as they left.
package peoplefile

import (
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"github.com/gocarina/gocsv"

	"github.com/deskferry/deskferry/sources/cell"
)

// Row is one person. Texts are as the export has them.
type Row struct {
	Needs    string // what has to be decided; "" for nothing
	SourceID string
	Email    string
	Name     string
	Role     string // agent, customer or unknown, as found
	Match    string // who it is in the account, where that was asked

	UseEmail string // to be filled in: another user's or customer's e-mail
	UseName  string
	UseRole  string // agent or customer

	First, Last time.Time // sent times; zero for none
	Messages    int64     // written
	Requester   int64     // tickets
	Assignee    int64     // tickets
}

// The columns. The last is never empty: a spreadsheet may leave out empty cells at the end of a row.
type line struct {
	Needs     string `csv:"needs"`
	SourceID  string `csv:"source_id"`
	Email     string `csv:"email"`
	Name      string `csv:"name"`
	Role      string `csv:"role"`
	Match     string `csv:"match"`
	UseEmail  string `csv:"use_email"`
	UseName   string `csv:"use_name"`
	UseRole   string `csv:"use_role"`
	First     string `csv:"first_message"`
	Last      string `csv:"last_message"`
	Messages  int64  `csv:"messages"`
	Requester int64  `csv:"tickets_requested"`
	Assignee  int64  `csv:"tickets_assigned"`
}

func columns() []string {
	return []string{"needs", "source_id", "email", "name", "role", "match", "use_email", "use_name", "use_role", "first_message",
		"last_message", "messages", "tickets_requested", "tickets_assigned"}
}

// Writer writes the file. It is for one goroutine; Close ends it.
type Writer struct {
	w     *csv.Writer
	lines []line
	begun bool
	err   error
}

const linesAtOnce = 512

// NewWriter begins a file: UTF-8 with the mark by which spreadsheets know it.
func NewWriter(w io.Writer) *Writer {
	out := &Writer{w: csv.NewWriter(w)}
	_, out.err = io.WriteString(w, "\uFEFF")
	return out
}

// Write adds a person.
func (w *Writer) Write(r *Row) error {
	w.lines = append(w.lines, line{
		Needs: cell.Guard(r.Needs), SourceID: cell.Guard(r.SourceID), Email: cell.Guard(r.Email), Name: cell.Guard(r.Name), Role: r.Role, Match: cell.Guard(r.Match),
		UseEmail: cell.Guard(r.UseEmail), UseName: cell.Guard(r.UseName), UseRole: cell.Guard(r.UseRole), First: stamp(r.First), Last: stamp(r.Last),
		Messages: r.Messages, Requester: r.Requester, Assignee: r.Assignee,
	})
	if len(w.lines) < linesAtOnce {
		return w.err
	}
	return w.flush()
}

func (w *Writer) flush() error {
	if w.err != nil {
		return w.err
	}
	if w.begun {
		w.err = gocsv.MarshalCSVWithoutHeaders(&w.lines, w.w)
	} else {
		w.begun = true
		w.err = gocsv.MarshalCSV(&w.lines, w.w)
	}
	w.lines = w.lines[:0]
	return w.err
}

// Close writes what is left. An empty file has its heading.
func (w *Writer) Close() error {
	if len(w.lines) > 0 || !w.begun {
		_ = w.flush() // w.err has it
	}
	w.w.Flush()
	if w.err == nil {
		w.err = w.w.Error()
	}
	if w.err != nil {
		return fmt.Errorf("writing the people: %w", w.err)
	}
	return nil
}

// stamp is a time as spreadsheets read it.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}
