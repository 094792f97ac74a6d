package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/report"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// reportFlags say how a report is told.
func reportFlags() []cli.Flag {
	return []cli.Flag{
		boolFlag("json", "print the report as JSON; deskferry schema prints its schema"),
		stringsFlag("report", "write the report to `FILE` as well: a page to look at (.html), JSON (.json) or text (.txt); it is kept up to date while the command runs (repeatable)"),
		maskFlag(),
	}
}

// teller tells what a command does: in the files of --report, which it renews as long as the command runs, and at the end
// on standard output. Its methods are called from one goroutine.
type teller struct {
	report.Report
	std    streams
	json   bool
	mask   masker
	files  []reportFile
	next   time.Time // when the files are due
	broken error     // writing a file failed: the run goes on, and ends with it
}

// reportFile is one that the report is written to.
type reportFile struct {
	path   string
	page   bool
	render func(io.Writer, *report.Report) error
}

// reportFileOf is a file whose name says what is written.
func reportFileOf(path string) (reportFile, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".html", ".htm":
		return reportFile{path, true, report.HTML}, nil
	case ".json":
		return reportFile{path, false, report.JSON}, nil
	case ".txt":
		return reportFile{path, false, report.Text{Details: true}.Report}, nil
	}
	return reportFile{}, usagef("--report %s: the name says what is written: .html is a page, .json and .txt are what is printed", path)
}

// reportInterval is how often the file is renewed at most; it takes no more than a tenth of the run either.
const reportInterval = 2 * time.Second

// newTeller makes the teller that the flags ask for.
func newTeller(c *cli.Context, std streams) (*teller, error) {
	t := &teller{std: std, json: c.Bool("json")}
	t.Command, t.Program, t.Started = c.Command.Name, versionText(), time.Now().UTC()
	t.Target = c.String("to")
	if t.Target != "" {
		t.Ledger = c.String("ledger")
	}
	for _, path := range c.StringSlice("report") {
		f, err := reportFileOf(path)
		if err != nil {
			return nil, err
		}
		t.files = append(t.files, f)
	}
	var err error
	t.mask, err = newMasker(c)
	return t, err
}

// read names what the command reads. It refuses a report that would take an input's place.
func (t *teller) read(job *importer.Job) error {
	for _, f := range job.Files {
		for _, r := range t.files {
			if sameFile(f.Name, r.path) {
				return usagef("--report %s is an input too; name another file", r.path)
			}
		}
		t.Inputs = append(t.Inputs, inputOf(f))
	}
	t.mapped(job.Mapping)
	return nil
}

func (t *teller) mapped(m *mapping.Mapping) {
	t.Mapping = report.Mapping{Name: m.Name(), Hash: m.Hash(), Text: m.File().Show()}
}

func inputOf(f *sources.File) report.Input {
	in := report.Input{Name: f.Name}
	if info, err := os.Stat(f.Name); err == nil && info.Mode().IsRegular() {
		in.Bytes = info.Size()
	}
	return in
}

// watch shows how far a job has read its input, as [watchJob], and in the file.
func (t *teller) watch(job *importer.Job) (done func()) {
	return t.bar("reading", "bytes", 0).read(job)
}

// bar is a progress that is told in the file as well.
func (t *teller) bar(what, unit string, total int64) *progress {
	p := newProgress(t.std.err, what, unit, total)
	p.also = func(done, total int64) { t.runs(p.what, unit, done, total, nil) }
	return p
}

// runs takes down how far the command is, and renews the file when it is due. fresh, if any, brings the summary up to date
// before.
func (t *teller) runs(phase, unit string, done, total int64, fresh func()) {
	now := time.Now()
	if len(t.files) == 0 || t.broken != nil || now.Before(t.next) {
		return
	}
	t.Running = &report.Running{Phase: phase, Done: done, Total: total, Unit: unit, AsOf: now.UTC()}
	if fresh != nil {
		fresh()
	}
	t.broken = t.write()
	t.next = time.Now().Add(max(reportInterval, 10*time.Since(now)))
}

// shows tells whether the report needs conversations: a page shows them, and a masked report, in whatever form, learns from them
// who is a person.
func (t *teller) shows() bool {
	return t.mask.key != nil || slices.ContainsFunc(t.files, func(f reportFile) bool { return f.page })
}

// previews draws the conversations that were picked, where the report needs them. What cannot be read again is left out of
// it: the numbers stand.
func (t *teller) previews(ctx context.Context, job *importer.Job) error {
	if !t.shows() || t.Summary == nil || len(t.Picks) == 0 {
		return nil
	}
	summary := t.Summary
	if t.mask.key != nil {
		t.Summary = nil // nothing of it is written before it is known who is a person
	}
	all, err := job.Previews(ctx, summary.Picks)
	if err != nil {
		return fmt.Errorf("reading the conversations that the report shows: %w", err)
	}
	t.Summary, t.Previews = summary, all
	return nil
}

// ended says that the command has ended, early where err says so.
func (t *teller) ended(err error) {
	t.Ended, t.Running = time.Now().UTC(), nil
	if err != nil && !errors.Is(err, errIncomplete) {
		t.Note = err.Error()
	}
}

// tell prints the report and writes the file; it returns what the exit code says.
func (t *teller) tell() error {
	err := errors.Join(t.print(), t.save())
	if err != nil {
		return err
	}
	return t.standing()
}

// standing is what the numbers say of the exit code.
func (t *teller) standing() error {
	if s := t.Summary; s != nil {
		k := s.Tickets
		if s.Records.Rejected+k.Rejected+k.Held+k.InDoubt > 0 || !t.Dry() && k.Pending > 0 {
			return errIncomplete
		}
	}
	if v := t.Verification; v != nil && v.Tickets.Different+v.Tickets.NotImported+v.Tickets.Rejected+v.Rejected > 0 {
		return errIncomplete
	}
	if t.Undo != nil && len(t.Undo.LeftTickets) > 0 {
		return errIncomplete
	}
	return nil
}

// shown is the report as it stands, of a command that waits for an answer.
func (t *teller) shown() *report.Report {
	r := t.Report
	r.Running = nil
	return &r
}

func (t *teller) print() error {
	if t.Summary != nil {
		if err := t.Balance(); err != nil {
			return err
		}
	}
	r := t.mask.report(&t.Report)
	if t.json {
		return report.JSON(t.std.out, r)
	}
	return report.Text{Colour: colours(t.std.out)}.Report(t.std.out, r)
}

// save writes the files for the last time and says where they are.
func (t *teller) save() error {
	if len(t.files) == 0 {
		return nil
	}
	if err := errors.Join(t.broken, t.write()); err != nil {
		return err
	}
	var paths []string
	for _, f := range t.files {
		paths = append(paths, f.path)
	}
	_, err := fmt.Fprintf(t.std.err, "deskferry: the report is in %s\n", strings.Join(paths, " and "))
	return err
}

// fail leaves files that say why the command could not run, and returns err.
func (t *teller) fail(err error) error {
	if err == nil || len(t.files) == 0 || t.next.IsZero() || !t.Ended.IsZero() {
		return err // nothing was written by this run, or all of it
	}
	t.ended(err)
	return errors.Join(err, t.write())
}

// write puts the report in its files' places.
func (t *teller) write() error {
	r := t.mask.report(&t.Report)
	var errs []error
	for _, f := range t.files {
		errs = append(errs, f.write(r))
	}
	return errors.Join(errs...)
}

// write puts a report in the file's place: whoever reads it sees a whole one. It holds customers' data, and is its owner's
// alone.
func (o reportFile) write(r *report.Report) error {
	f, err := os.CreateTemp(filepath.Dir(o.path), "."+filepath.Base(o.path)+"-*")
	if err != nil {
		return output{"report", o.path}.cannot(err)
	}
	err = o.render(f, r)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), o.path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error before tells more
		return output{"report", o.path}.cannot(err)
	}
	return nil
}
