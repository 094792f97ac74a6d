package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

const presetSamples = "../../testdata/presets"

// presetRun is what became of a preset's sample, testdata/presets/<preset>/<case>/export.
type presetRun struct {
	Tickets map[string]*presetTicket // by the source's id
	Order   []string
	Summary importer.Summary
	lines   []string // of convert
}

type presetPerson struct{ Email, Name string }

type presetAddress struct{ Address, Name string }

type presetTicket struct {
	ExternalID      string `json:"external_id"`
	Subject         string
	Status          string
	Priority        string
	Channel         string
	Via             string
	Language        string
	Spam            bool
	Customer        *presetPerson
	AssigneeUser    *presetPerson `json:"assignee_user"`
	AssigneeTeam    any           `json:"assignee_team"`
	Tags            []struct{ Name string }
	CustomFields    any    `json:"custom_fields"`
	CreatedDatetime string `json:"created_datetime"`
	ClosedDatetime  string `json:"closed_datetime"`
	Meta            map[string]any
	Messages        []presetMessage
}

type presetMessage struct {
	ExternalID string `json:"external_id"`
	MessageID  string `json:"message_id"`
	Channel    string
	Via        string
	Public     bool
	FromAgent  bool `json:"from_agent"`
	Sender     *presetPerson
	Receiver   *presetPerson
	Source     struct {
		From        presetAddress
		To, Cc, Bcc []presetAddress
	}
	Subject         string
	BodyText        string `json:"body_text"`
	BodyHTML        string `json:"body_html"`
	SentDatetime    string `json:"sent_datetime"`
	CreatedDatetime string `json:"created_datetime"`
	Attachments     []struct {
		Name, URL   string
		ContentType string `json:"content_type"`
		Size        int64
	}
	Headers map[string]string
	Meta    map[string]any
}

// preset converts and checks the sample in dir ("zendesk/export"): with the mapping.yaml beside the export, else by the
// preset's name alone. Extra arguments go to both.
func preset(t *testing.T, dir string, extra ...string) *presetRun {
	t.Helper()
	return presetFrom(t, dir, append([]string{"--from", filepath.Join(presetSamples, filepath.FromSlash(dir), "export")}, extra...))
}

// presetMapping is the mapping of a sample.
func presetMapping(dir string) string {
	dir = filepath.Join(presetSamples, filepath.FromSlash(dir))
	name := filepath.Join(dir, "mapping.yaml")
	if _, err := os.Stat(name); err != nil {
		name = filepath.Base(filepath.Dir(dir))
	}
	return name
}

func presetFrom(t *testing.T, dir string, from []string) *presetRun {
	t.Helper()
	line := append([]string{"--mapping", presetMapping(dir)}, from...)
	r := &presetRun{Tickets: map[string]*presetTicket{}}
	for line := range strings.Lines(presetOutput(t, append([]string{"deskferry", "convert", "--as", "tickets"}, line...))) {
		ticket := new(presetTicket)
		if err := json.Unmarshal([]byte(line), ticket); err != nil {
			t.Fatal(err)
		}
		_, id, _ := strings.Cut(ticket.ExternalID, ":")
		r.lines, r.Order = append(r.lines, line), append(r.Order, id)
		r.Tickets[id] = ticket
	}
	if err := json.Unmarshal([]byte(presetOutput(t, append([]string{"deskferry", "check", "--json"}, line...))), &r.Summary); err != nil {
		t.Fatal(err)
	}
	if err := r.Summary.Balance(); err != nil {
		t.Fatal(err)
	}
	return r
}

func presetOutput(t *testing.T, line []string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), line, strings.NewReader(""), &out, &errs); code != exitDone && code != exitIncomplete {
		t.Fatalf("%s: exit %d\n%s", strings.Join(line, " "), code, errs.String())
	}
	return out.String()
}

// Ticket is the ticket with that id; the test ends where there is none.
func (r *presetRun) Ticket(t *testing.T, id string) *presetTicket {
	t.Helper()
	if ticket := r.Tickets[id]; ticket != nil {
		return ticket
	}
	t.Fatalf("there is no ticket %s among %v", id, r.Order)
	return nil
}

// Problem counts the problems of that code.
func (r *presetRun) Problem(code string) (n int64) {
	for _, p := range r.Summary.Problems {
		if p.Code == code {
			n += p.Count
		}
	}
	return n
}

// Warned counts the warnings that the mapping's warn names reason.
func (r *presetRun) Warned(reason string) (n int64) {
	for _, p := range r.Summary.Problems {
		if p.Severity != mapping.Warning.String() {
			continue
		}
		for _, v := range p.Values {
			if v.Value == reason {
				n += v.Count
			}
		}
	}
	return n
}

// Skipped counts what the mapping's skip left out: kind is record, ticket or message.
func (r *presetRun) Skipped(kind, reason string) (n int64) {
	for _, s := range r.Summary.Skipped {
		if s.Kind == kind && s.Reason == reason {
			n += s.Count
		}
	}
	return n
}

// tickets shows the converted tickets, for people to read.
func (r *presetRun) tickets() string {
	var b bytes.Buffer
	for _, line := range r.lines {
		if err := json.Indent(&b, []byte(line), "", "  "); err != nil {
			return err.Error()
		}
	}
	return b.String()
}

// account shows what became of the sample, without the costs.
func (r *presetRun) account() string {
	var b strings.Builder
	s := &r.Summary
	for _, sums := range []struct {
		what string
		sums any
	}{{"records", s.Records}, {"tickets", s.Tickets}, {"messages", s.Messages}} {
		text, _ := json.Marshal(sums.sums) // plain numbers
		fmt.Fprintf(&b, "%s %s\n", sums.what, text)
	}
	for _, k := range s.Skipped {
		fmt.Fprintf(&b, "skipped %s %s: %d\n", k.Kind, k.Reason, k.Count)
	}
	for _, p := range s.Problems {
		fmt.Fprintf(&b, "%s %s %s: %d\n", p.Severity, p.Code, p.Field, p.Count)
		for _, v := range p.Values {
			fmt.Fprintf(&b, "  %q: %d\n", v.Value, v.Count)
		}
	}
	for _, f := range s.Fields {
		fmt.Fprintf(&b, "no place for %s %s: %d\n", f.Input, f.Path, f.Count)
	}
	return b.String()
}

// TestPresets compares every sample with what it should become, and holds that every preset has one.
func TestPresets(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(presetSamples, "*", "*", "export"))
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, export := range dirs {
		dir := filepath.Dir(export)
		name := filepath.Base(filepath.Dir(dir)) + "/" + filepath.Base(dir)
		seen = append(seen, filepath.Base(filepath.Dir(dir)))
		t.Run(name, func(t *testing.T) {
			r := preset(t, name)
			golden(t, filepath.Join(dir, "tickets.golden"), r.tickets())
			golden(t, filepath.Join(dir, "account.golden"), r.account())
		})
	}
	for _, name := range mapping.Presets() {
		if !slices.Contains(seen, name) {
			t.Errorf("preset %s has no sample in testdata/presets/%[1]s", name)
		}
	}
}

// TestPresetContainers: an export of several files gives the same from a folder, from a ZIP and from files named one by one.
func TestPresetContainers(t *testing.T) {
	exports, err := filepath.Glob(filepath.Join(presetSamples, "*", "*", "export"))
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, export := range exports {
		var files []string
		err := filepath.WalkDir(export, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if maildir := filepath.Join(export, "cur"); len(files) < 2 || filepath.Dir(files[0]) == maildir {
			continue
		}
		tried++
		name, _ := filepath.Rel(presetSamples, filepath.Dir(export))
		t.Run(name, func(t *testing.T) {
			want := preset(t, name).tickets()
			archive := filepath.Join(t.TempDir(), "export.zip")
			zipFolder(t, archive, export)
			if got := presetFrom(t, name, []string{"--from", archive}).tickets(); got != want {
				t.Errorf("from a ZIP it differs:\n%s", got)
			}
			var from []string
			for _, f := range files {
				from = append(from, "--from", f)
			}
			if got := presetFrom(t, name, from).tickets(); got != want {
				t.Errorf("from single files it differs:\n%s", got)
			}
		})
	}
	if tried == 0 {
		t.Error("no sample has several files")
	}
}

func zipFolder(t *testing.T, archive, dir string) {
	t.Helper()
	f, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	if err := errors.Join(w.AddFS(os.DirFS(dir)), w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// golden compares got with a file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	a, b := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			t.Fatalf("%s differs from line %d on:\ngot  %s\nwant %s", path, i+1, strings.Join(a[min(i, len(a)):min(i+3, len(a))], "\n     "), strings.Join(b[min(i, len(b)):min(i+3, len(b))], "\n     "))
		}
	}
}
