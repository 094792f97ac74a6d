package report

import (
	"bytes"
	"context"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

const goldenMapping = `version: 1
source: { name: desk, timezone: Europe/Paris, empty: [N/A] }
tables:
  status: { neu: open, wartend: open, zu: closed }
people: { agents: ["@acme.test"], unknown: agent, no_email: "desk-{id}@import.invalid" }
tickets:
  ticket:
    external_id: ticket
    subject: subject
    status: { from: status, table: status }
    priority: { from: priority, lower: true }
    language: language
    customer: { id: customer_id, email: customer }
    assignee_team: team
messages:
  message:
    external_id: id
    author: { email: author, name: name }
    internal: note
    channel: { from: channel, default: email }
    body_html: html
    body_text: text
    sent_datetime: sent
    attachments: { each: files, url: url, data: data, name: name, size: size }
    skip: { draft: { draft: true } }
`

// goldenExport has a ticket for each thing there is to tell.
const goldenExport = `{"ticket":1,"id":11,"subject":"Where is my parcel?","status":"neu","priority":"High","language":"fr-CA","customer_id":"c1","customer":"ann@example.com","team":"Ships","author":"ann@example.com","text":"It has not come.","sent":"2024-01-05T23:30:00Z","files":[{"url":"https://files.example.com/a.pdf","name":"a.pdf","size":250000},{"url":"https://files.example.com/b.png","name":"b.png"}]}
{"ticket":1,"id":12,"author":"mia@acme.test","name":"Mia","html":"<p>On its way.<script>track()</script></p>","sent":"2024-01-06T08:10:00Z","files":[{"url":"https://files.example.com/a.pdf","name":"a.pdf","size":250000}],"mood":"good"}
{"ticket":1,"id":13,"author":"mia@acme.test","name":"Mia","note":true,"text":"Called the carrier.","sent":"2024-01-06T08:15:00Z"}
{"ticket":2,"id":21,"subject":"Refund","status":"zu","customer_id":"c2","author":"bob@acme.test","name":"Bob","text":"You have your money back.","sent":"2024-02-07T09:00:00Z","files":[{"data":"aGVsbG8=","name":"hello.txt"}],"channel":"phone"}
{"ticket":3,"id":31,"subject":"Bleep","status":"wartend","customer_id":"c3","customer":"cy@example.com","name":"Support bot","text":"We got your message.","sent":"2024-02-07T09:59:59Z"}
{"ticket":4,"id":41,"subject":"Broken","status":"neu","customer_id":"c4","customer":"di@example.com","author":"di@example.com","text":"It broke.","sent":"2024-03-08T14:00:00Z"}
{"ticket":4,"id":42,"author":"mia@acme.test","text":"No time.","mood":"bad"}
{"ticket":5,"id":51,"subject":"Other","status":"eskaliert","customer_id":"c5","customer":"el@example.com","author":"el@example.com","text":"Hello?","sent":"2024-03-09T15:00:00Z"}
{"ticket":6,"id":61,"subject":"Draft","status":"neu","customer_id":"c6","customer":"fi@example.com","author":"fi@example.com","text":"","sent":"2024-03-09T15:00:00Z","draft":true}
`

// goldenJob reads the export above. The files have relative names, so that origins are the same everywhere.
func goldenJob(t *testing.T) *importer.Job {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"export.ndjson": goldenExport, "desk.yaml": goldenMapping} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := mapping.Load(os.DirFS("."), "desk.yaml", mapping.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	set, err := sources.Open(t.Context(), []string{"export.ndjson"}, m.SourceOptions, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set.Close() })
	return &importer.Job{Source: set, Files: set.Files(), Mapping: m, Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), TempDir: t.TempDir()}
}

// golden compares what is written with testdata, or writes it there.
func golden(t *testing.T, dir, name string, write func(io.Writer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s is now\n%s\n(go test ./importer/report -update writes it anew)", name, b.String())
	}
	if !strings.HasSuffix(name, ".txt") {
		return
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
			t.Errorf("%s: %d columns: %s", name, n, line)
		}
	}
}

func testdata(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestGoldenCheck: what a check tells, as text and as JSON.
func TestGoldenCheck(t *testing.T) {
	dir := testdata(t)
	s, err := goldenJob(t).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Balance(); err != nil {
		t.Error(err)
	}
	s.Picks = nil // whom a preview shows is not told here
	golden(t, dir, "check.txt", func(w io.Writer) error { return Text{}.Report(w, &Report{Summary: s, Command: "check"}) })
	golden(t, dir, "check.json", func(w io.Writer) error { kept := withoutLists(s); return writeJSON(w, &kept) })
}

// TestGoldenImport: what an import tells once the account has been asked and the run is over.
func TestGoldenImport(t *testing.T) {
	dir := testdata(t)
	store := &onePlan{}
	job := goldenJob(t)
	if _, err := job.Stage(t.Context(), store, store); err != nil {
		t.Fatal(err)
	}
	job.Source = nil // from here on all is the plan's
	s, err := job.Stage(t.Context(), store, store)
	if err != nil {
		t.Fatal(err)
	}
	s.Match(func(email string) bool { return email == "mia@acme.test" }, 2)
	s.Settle(importer.Tally{Tickets: importer.Count{Imported: 2, Held: 2, InDoubt: 1}, Messages: importer.Count{Imported: 4, Held: 2, InDoubt: 1}})
	s.Requests.Made = 21
	s.SendSafety = importer.SendSafety{Messages: 4, WithSentDatetime: 4}
	s.Lost([]importer.ProblemSum{{
		Code: "team.unknown", Severity: "warning", Field: "assignee_team", Count: 1, Hint: "make the team in Gorgias, or leave it so: meta keeps the name",
		Examples: []importer.Example{{Origin: "ticket desk:1", Value: "Ships"}}, Values: []importer.ValueSum{{Value: "Ships", Count: 1}},
	}})
	if err := s.Balance(); err != nil {
		t.Error(err)
	}
	s.Picks = nil
	golden(t, dir, "import.txt", func(w io.Writer) error { return Text{}.Report(w, &Report{Summary: s}) })
	golden(t, dir, "import.json", func(w io.Writer) error { kept := withoutLists(s); return writeJSON(w, &kept) })
}

// TestTextOfHostileFacts: words of the export neither break lines nor the terminal.
func TestTextOfHostileFacts(t *testing.T) {
	s := &importer.Summary{Timezone: "America/Argentina/Buenos_Aires", Hours: make([]importer.HourSum, 24)}
	s.Hours[3].Incoming = 1 << 60
	for i := range 30 {
		s.Statuses = append(s.Statuses, importer.StatusSum{From: strings.Repeat("\x00\x1b[31m\n", i) + strings.Repeat("wörd ", i), To: "open", Tickets: 1 << 40})
		s.Channels = append(s.Channels, importer.ChannelSum{Channel: strings.Repeat("é", 10*i), Messages: 1 << 40})
		s.Lengths = append(s.Lengths, importer.LengthSum{From: 1 << i, To: 1<<(i+1) - 1, Tickets: 1 << 40})
	}
	s.People = importer.PeopleSums{Customers: 1 << 40, Placeholders: 1 << 39, Agents: 1 << 30, Unknown: 1000, Asked: true, Known: 1 << 38, Matched: 1 << 20, Fallback: 1 << 29}
	s.Requests = importer.RequestSums{Planned: 1 << 50, Creates: 1 << 49, Appends: 1 << 48, Uploads: 1 << 40, UploadBytes: 1 << 60, Billable: 1 << 40, HoursAtQuota: 1e9}
	s.Attachments = importer.AttachmentSums{Files: 1 << 40, Bytes: 1 << 60, Unsized: 1 << 39}
	var b bytes.Buffer
	if err := (Text{}).Report(&b, &Report{Summary: s}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x00\x1b") {
		t.Errorf("control characters of the export are printed:\n%q", b.String())
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// onePlan is a plan in memory, and a ledger that has sent nothing.
type onePlan struct {
	rows    []importer.PlanRow
	summary []byte
}

func (p *onePlan) Plan(_ context.Context, list []importer.Planned) ([]importer.Standing, error) {
	out := make([]importer.Standing, len(list))
	for i := range list {
		out[i] = importer.Standing{State: string(importer.StatePlanned), New: len(list[i].Messages)}
		if list[i].Hold != "" {
			out[i] = importer.Standing{State: string(importer.StateHeld), Reason: list[i].Hold, New: len(list[i].Messages)}
		}
	}
	return out, nil
}

func (p *onePlan) Ticket(context.Context, importer.Key) (*importer.Work, error) {
	return nil, os.ErrNotExist
}

func (p *onePlan) Sealed(context.Context) ([]byte, error) { return p.summary, nil }

func (p *onePlan) Reset(context.Context) error { return nil }

func (p *onePlan) Put(_ context.Context, rows []importer.PlanRow) error {
	for _, r := range rows {
		r.Planned = bytes.Clone(r.Planned)
		p.rows = append(p.rows, r)
	}
	return nil
}

func (p *onePlan) PutCustomers(context.Context, []importer.Customer) error { return nil }

func (p *onePlan) Seal(_ context.Context, summary []byte) error {
	p.summary = summary
	return nil
}

func (p *onePlan) Planned(context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, r := range p.rows {
			if !yield(r.Planned, nil) {
				return
			}
		}
	}
}

func (p *onePlan) Kept(context.Context, importer.Key) ([]byte, error) { return nil, nil }
