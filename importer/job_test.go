package importer_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/sources"
)

const smallMapping = `
version: 1
source: { name: desk, timezone: UTC }
tables:
  status: { open: open, closed: closed }
people: { agents: ["@acme.test"] }
tickets:
  ticket:
    external_id: ticket
    subject: subject
    status: { from: status, table: status }
    channel: { const: email }
    customer: { email: customer }
    skip: { spam: { status: spam } }
messages:
  message:
    external_id: id
    author: author
    body_text: body
    sent_datetime: sent
    skip: { draft: { body: DRAFT } }
`

const smallHead = "ticket,id,subject,status,customer,author,body,sent\n"

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func smallJob(t testing.TB, rows string) *importer.Job {
	t.Helper()
	return newJob(t, smallMapping, write(t, "export.csv", smallHead+rows))
}

func check(t testing.TB, j *importer.Job) *importer.Summary {
	t.Helper()
	s, err := j.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Balance(); err != nil {
		t.Error(err)
	}
	return s
}

const goodRows = `1,11,Hello,open,ann@x.org,ann@x.org,Where is it?,2024-01-01T10:00:00Z
2,21,Other,closed,bob@x.org,bob@x.org,Hi,2024-02-01T10:00:00Z
1,12,Hello,open,ann@x.org,mia@acme.test,On its way,2024-01-01T11:00:00Z
3,31,Third,open,cyd@x.org,cyd@x.org,Third,2024-03-01T10:00:00Z
`

func TestCheck(t *testing.T) {
	s := check(t, smallJob(t, goodRows+
		`3,32,Third,open,cyd@x.org,mia@acme.test,No time,
4,41,Spam,spam,spam@x.org,spam@x.org,Buy,2024-03-01T10:00:00Z
5,51,Five,pending,eve@x.org,eve@x.org,Odd status,2024-03-02T10:00:00Z
2,22,Other,closed,bob@x.org,mia@acme.test,DRAFT,2024-02-01T11:00:00Z
2,21,Other,closed,bob@x.org,bob@x.org,Hi,2024-02-01T10:00:00Z
ragged,row
`))
	if got, want := s.Records, (importer.RecordSums{Read: 10, Mapped: 6, Skipped: 1, Rejected: 3}); got != want {
		t.Errorf("records %+v, want %+v", got, want)
	}
	if got, want := s.Tickets, (importer.TicketSums{Total: 5, Skipped: 1, Held: 2, Pending: 2}); got != want {
		t.Errorf("tickets %+v, want %+v", got, want)
	}
	m := s.Messages
	if m.Total != 9 || m.Pending != 3 || m.Repeated != 1 || m.Skipped != 2 || m.Rejected+m.Held != 3 {
		t.Errorf("messages %+v", m)
	}
	if s.SendSafety.Sendable != 0 || s.SendSafety.Messages != s.SendSafety.WithSentDatetime {
		t.Errorf("send safety %+v", s.SendSafety)
	}
	codes := map[string]importer.ProblemSum{}
	for _, p := range s.Problems {
		codes[p.Code] = p
	}
	if p := codes["sent_datetime.missing"]; p.Count != 1 || p.Severity != "error" || !strings.HasSuffix(p.Examples[0].Origin, "export.csv:6") {
		t.Errorf("a missing time is %+v", p)
	}
	if p := codes["table.unknown"]; p.Count != 1 || len(p.Values) != 1 || p.Values[0].Value != "pending" || !strings.Contains(p.Hint, "pending") {
		t.Errorf("an unknown status is %+v", p)
	}
	if p := codes["record.ragged"]; p.Count != 1 {
		t.Errorf("problems are %+v", s.Problems)
	}
	if s.Requests.Creates != 2 || s.Requests.Appends != 0 || s.Requests.Probes != 1 || s.Requests.Planned != s.Requests.Creates+s.Requests.Lookups+1 {
		t.Errorf("requests %+v", s.Requests)
	}
}

func TestCheckPerMessage(t *testing.T) {
	j := smallJob(t, goodRows)
	j.PerMessage = true
	if r := check(t, j).Requests; r.Creates != 3 || r.Appends != 1 {
		t.Errorf("requests %+v", r)
	}
	j.PerMessage, j.MaxMessages, j.Quota = false, 1, 4
	if r := check(t, j).Requests; r.Creates != 3 || r.Appends != 1 || r.HoursAtQuota != float64(r.Planned)/4/3600 {
		t.Errorf("requests %+v", r)
	}
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestSelection(t *testing.T) {
	for name, c := range map[string]struct {
		set    func(*importer.Job)
		want   int64 // tickets
		reason string
	}{
		"since":        {func(j *importer.Job) { j.Since = day("2024-02-01") }, 2, "began before --since"},
		"until":        {func(j *importer.Job) { j.Until = day("2024-02-01") }, 1, "began after --until"},
		"only":         {func(j *importer.Job) { j.OnlyTicket = "2" }, 1, "not the ticket asked for"},
		"limit":        {func(j *importer.Job) { j.Limit = 2 }, 2, "beyond --limit"},
		"large limit":  {func(j *importer.Job) { j.Limit = 20 }, 3, ""},
		"since, limit": {func(j *importer.Job) { j.Since, j.Limit = day("2024-02-01"), 1 }, 1, "beyond --limit"},
	} {
		t.Run(name, func(t *testing.T) {
			j := smallJob(t, goodRows)
			c.set(j)
			s := check(t, j)
			if s.Tickets.Pending != c.want || s.Tickets.Skipped != 3-c.want {
				t.Errorf("tickets %+v, want %d", s.Tickets, c.want)
			}
			if c.reason != "" && !slices.ContainsFunc(s.Skipped, func(x importer.SkipSum) bool { return x.Kind == "ticket" && x.Reason == c.reason }) {
				t.Errorf("skipped %+v, want %q", s.Skipped, c.reason)
			}
		})
	}
	j := smallJob(t, goodRows)
	j.Limit = 2
	var keys []string
	for w, err := range j.Tickets(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, w.Ticket.ExternalID)
	}
	if !slices.Equal(keys, []string{"1", "2"}) {
		t.Errorf("the first two tickets are %v", keys)
	}
}

func TestMessageIDInTwoTickets(t *testing.T) {
	s := check(t, smallJob(t, goodRows+"4,11,Four,open,dan@x.org,dan@x.org,Again,2024-04-01T10:00:00Z\n"))
	at := slices.IndexFunc(s.Problems, func(p importer.ProblemSum) bool { return p.Code == "message_id.two_tickets" })
	if at < 0 {
		t.Fatalf("problems %+v", s.Problems)
	}
	p := s.Problems[at]
	if e := p.Examples[0]; p.Severity != "warning" || !strings.HasSuffix(e.Origin, ":6") || !strings.HasSuffix(e.Other, ":2") || e.Value != "11" {
		t.Errorf("the problem is %+v", p)
	}
	// Numbered anew in each ticket, ids say nothing.
	var rows strings.Builder
	for i := range 30 {
		fmt.Fprintf(&rows, "%d,%d,S,open,a@x.org,a@x.org,Body %d,2024-01-01T10:00:00Z\n", i/3, i%3, i)
	}
	if s := check(t, smallJob(t, rows.String())); len(s.Problems) > 0 {
		t.Errorf("problems %+v", s.Problems)
	}
}

func TestAmbiguousTimesAreSettledOverTheWholeInput(t *testing.T) {
	j := smallJob(t, `1,11,Hello,open,ann@x.org,ann@x.org,One,03/04/2021 10:00
1,12,Hello,open,ann@x.org,ann@x.org,Two,25/04/2021 10:00
`)
	s := check(t, j)
	if s.Messages.Pending != 2 || s.Span.First != "2021-04-03T10:00:00Z" {
		t.Errorf("messages %+v, span %+v, problems %+v", s.Messages, s.Span, s.Problems)
	}
	n := 0
	for c, err := range j.Messages(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 1 && c.Message.SentDatetime.Time().Month() != time.April {
			t.Errorf("streamed with %v", c.Message.SentDatetime.Time())
		}
	}
	if n != 2 {
		t.Errorf("%d messages streamed", n)
	}
	s = check(t, smallJob(t, "1,11,Hello,open,ann@x.org,ann@x.org,One,03/04/2021 10:00\n"))
	if s.Messages.Pending != 0 || s.Records.Rejected != 1 {
		t.Errorf("an ambiguous time was guessed: %+v", s.Messages)
	}
}

func TestConvertMessages(t *testing.T) {
	j := smallJob(t, goodRows+"3,32,Third,open,cyd@x.org,mia@acme.test,No time,\n")
	var got []string
	var sum *importer.Summary
	for c, err := range j.Messages(context.Background(), func(s *importer.Summary) { sum = s }) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s/%s %v", c.Ticket, c.Message.ExternalID, c.Message.FromAgent))
	}
	if want := []string{"1/11 false", "2/21 false", "1/12 true", "3/31 false"}; !slices.Equal(got, want) {
		t.Errorf("messages %v, want %v", got, want)
	}
	if err := sum.Balance(); err != nil || sum.Records.Rejected != 1 || sum.Messages.Rejected != 1 {
		t.Errorf("summary %+v, %v", sum, err)
	}
	for range j.Messages(context.Background(), func(*importer.Summary) { t.Error("done was called after a stop") }) {
		break
	}
}

func TestBindRefusesBeforeTheFirstRecord(t *testing.T) {
	j := newJob(t, smallMapping, write(t, "export.csv", "ticket,id,subjekt,status,customer,author,body,sent\n"+goodRows))
	if _, err := j.Check(context.Background()); err == nil || !strings.Contains(err.Error(), "subjekt") {
		t.Errorf("got %v", err)
	}
}

func TestCheckStops(t *testing.T) {
	j := newJob(t, exportMapping, bigExport(t, 20_000))
	ctx, cancel := context.WithCancel(context.Background())
	j.Progress = func(importer.Progress) { cancel() }
	if _, err := j.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCheckIsTheSameOnAnyNumberOfLanes(t *testing.T) {
	j := newJob(t, exportMapping, bigExport(t, 5_000))
	j.Lanes = 1
	one := check(t, j)
	j.Lanes = 7
	if seven := check(t, j); !reflect.DeepEqual(one, seven) {
		t.Errorf("one lane:\n%+v\nseven:\n%+v", one, seven)
	}
}

// fakePlanner remembers what was planned, as a ledger that has sent nothing.
type fakePlanner struct{ planned []importer.Planned }

func (f *fakePlanner) Plan(_ context.Context, list []importer.Planned) ([]importer.Standing, error) {
	out := make([]importer.Standing, len(list))
	for i, p := range list {
		f.planned = append(f.planned, p)
		out[i] = importer.Standing{State: string(importer.StatePlanned), New: len(p.Messages)}
		if p.Hold != "" {
			out[i] = importer.Standing{State: string(importer.StateHeld), Reason: p.Hold, New: len(p.Messages)}
		}
	}
	return out, nil
}

// fakeStore is a plan in memory.
type fakeStore struct {
	mu        sync.Mutex
	rows      []importer.PlanRow
	customers []importer.Customer
	facts     map[importer.Key][]byte
	summary   []byte
}

func (f *fakeStore) Ticket(_ context.Context, k importer.Key) (*importer.Work, error) {
	for _, r := range f.rows {
		if r.Key == k {
			return importer.DecodeWork(r.Work)
		}
	}
	return nil, errors.New("no such ticket")
}

func (f *fakeStore) Sealed(context.Context) ([]byte, error) { return f.summary, nil }

func (f *fakeStore) Reset(context.Context) error {
	f.rows, f.customers, f.summary = nil, nil, nil
	return nil
}

func (f *fakeStore) Put(_ context.Context, rows []importer.PlanRow) error {
	for _, r := range rows {
		if n := len(f.rows); n > 0 && f.rows[n-1].Sum > r.Sum {
			return errors.New("rows are not in order")
		}
		if r.Sum != importer.PlanSum(r.Key) {
			return errors.New("the row's sum is not its key's")
		}
		r.Work, r.Planned = slices.Clone(r.Work), slices.Clone(r.Planned)
		f.rows = append(f.rows, r)
		if r.Facts != nil {
			f.mu.Lock()
			if f.facts == nil {
				f.facts = map[importer.Key][]byte{}
			}
			f.facts[r.Key] = slices.Clone(r.Facts)
			f.mu.Unlock()
		}
	}
	return nil
}

func (f *fakeStore) PutCustomers(_ context.Context, list []importer.Customer) error {
	f.customers = append(f.customers, list...)
	return nil
}

func (f *fakeStore) Seal(_ context.Context, summary []byte) error {
	f.summary = summary
	return nil
}

func (f *fakeStore) Planned(context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, r := range f.rows {
			if !yield(r.Planned, nil) {
				return
			}
		}
	}
}

func (f *fakeStore) Kept(_ context.Context, k importer.Key) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.facts[k], nil
}

func stage(t testing.TB, j *importer.Job, p importer.Planner, store importer.PlanStore) *importer.Summary {
	t.Helper()
	s, err := j.Stage(context.Background(), p, store)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Balance(); err != nil {
		t.Error(err)
	}
	return s
}

// comparable leaves out of a summary what only one of check and stage knows.
func comparable(s *importer.Summary) string {
	return fmt.Sprintf("%+v %+v %+v %+v %+v %+v %+v %+v\n%+v %s %+v %+v %+v %+v %+v", s.Records, s.Tickets, s.Messages, s.Problems, s.Requests, s.SendSafety, s.Skipped, s.People,
		s.Statuses, s.Timezone, s.Hours, s.Lengths, s.Attachments, s.Kept, s.Changed)
}

func TestStage(t *testing.T) {
	j := smallJob(t, goodRows+"3,32,Third,open,cyd@x.org,mia@acme.test,No time,\n")
	planner, store := &fakePlanner{}, &fakeStore{}
	s := stage(t, j, planner, store)
	if want := comparable(check(t, j)); comparable(s) != want {
		t.Errorf("staged\n%s\nchecked\n%s", comparable(s), want)
	}
	w, err := store.Ticket(context.Background(), "desk:1")
	if err != nil {
		t.Fatal(err)
	}
	if w.ExternalID != "desk:1" || !slices.Equal(w.MessageIDs, []string{"11", "12"}) || w.Ticket.Messages[1].BodyText != "On its way" || w.Ticket.Messages[1].BodyHTML == "" {
		t.Errorf("work is %+v", w)
	}
	if len(store.customers) != 3 {
		t.Errorf("customers are %+v", store.customers)
	}
	held := slices.IndexFunc(planner.planned, func(p importer.Planned) bool { return p.Key == "desk:3" })
	if p := planner.planned[held]; p.Hold != "incomplete" || len(p.Messages) != 1 || p.Payload == [16]byte{} || p.Messages[0].Content == [16]byte{} {
		t.Errorf("held ticket is %+v", p)
	}
	// A sealed plan is used again: the source is not read.
	again := &fakePlanner{}
	j.Source = nil
	s2 := stage(t, j, again, store)
	if comparable(s2) != comparable(s) || !reflect.DeepEqual(again.planned, planner.planned) {
		t.Errorf("from the sealed plan\n%s\nwant\n%s", comparable(s2), comparable(s))
	}
	s2.Settle(importer.Tally{
		Tickets:  importer.Count{Imported: 2, Held: 1},
		Messages: importer.Count{Imported: 3, Held: 1},
	})
	if err := s2.Balance(); err != nil || s2.Messages.Imported != 3 || s2.Messages.Pending != 0 || s2.Tickets.Held != 1 {
		t.Errorf("settled %+v %+v: %v", s2.Tickets, s2.Messages, err)
	}
}

func TestMendedRowsJoinTheirTicket(t *testing.T) {
	rows := goodRows + `3,32,Third,open,cyd@x.org,mia@acme.test,No time,
3,33,Third,open,cyd@x.org,cyd@x.org,Thanks,2024-03-01T12:00:00Z
`
	j := smallJob(t, rows)
	path := filepath.Join(t.TempDir(), "rejects.csv")
	j.Rejects = sources.NewRejects(path)
	store := &fakeStore{}
	s := stage(t, j, &fakePlanner{}, store)
	if err := j.Rejects.Close(); err != nil {
		t.Fatal(err)
	}
	if s.Tickets.Held != 1 || s.Records.Rejected != 1 {
		t.Fatalf("summary %+v %+v", s.Tickets, s.Records)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), "\n") != 2 || !strings.Contains(string(text), "sent_datetime.missing") {
		t.Fatalf("rejects are\n%s", text)
	}
	mended := strings.Replace(string(text), "No time,", "Has a time,2024-03-01T11:00:00Z", 1)
	planner := &fakePlanner{}
	store.summary = nil // another export, another plan
	j2 := newJob(t, smallMapping, write(t, "mended.csv", mended))
	s = stage(t, j2, planner, store)
	if s.Records.Read != 1 || s.Tickets.Pending != 1 || s.Messages.Pending != 3 {
		t.Errorf("mended: %+v %+v %+v %+v", s.Records, s.Tickets, s.Messages, s.Problems)
	}
	w, err := store.Ticket(context.Background(), "desk:3")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(w.MessageIDs, []string{"31", "32", "33"}) || w.Ticket.Messages[0].BodyText != "Third" {
		t.Errorf("the mended ticket is %v %+v", w.MessageIDs, w.Ticket)
	}
	if p := planner.planned[0]; p.Partial || p.Hold != "" {
		t.Errorf("planned %+v", p)
	}
	// Without the plan, the mended message alone is planned.
	planner = &fakePlanner{}
	j2.Rejects = nil
	stage(t, j2, planner, &fakeStore{})
	if p := planner.planned[0]; !p.Partial || len(p.Messages) != 1 {
		t.Errorf("planned without the kept plan: %+v", p)
	}
}

func TestRejectsAreWrittenInInputOrder(t *testing.T) {
	j := smallJob(t, `1,11,Hello,open,ann@x.org,ann@x.org,One,
9,91,Nobody,open,,,Nobody's,2024-01-01T10:00:00Z
ragged
2,21,Other,wrong,bob@x.org,bob@x.org,Two,2024-01-01T10:00:00Z
`)
	path := filepath.Join(t.TempDir(), "rejects.csv")
	j.Rejects = sources.NewRejects(path)
	s := check(t, j)
	if err := j.Rejects.Close(); err != nil {
		t.Fatal(err)
	}
	if s.Records.Rejected != 4 || s.Records.Read != 4 {
		t.Errorf("records %+v, problems %+v", s.Records, s.Problems)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := -1
	for _, want := range []string{"1,11", "9,91", "ragged", "2,21"} {
		i := strings.Index(string(text), "\n"+want)
		if i <= at {
			t.Errorf("%q is missing or out of order in\n%s", want, text)
		}
		at = i
	}
}

// TestSumsBalance draws exports with every fault and holds check against stage.
func TestSumsBalance(t *testing.T) {
	dir := t.TempDir()
	m := loadMapping(t, smallMapping)
	rapid.Check(t, func(rt *rapid.T) {
		var b strings.Builder
		b.WriteString(smallHead)
		for i := range rapid.IntRange(0, 25).Draw(rt, "rows") {
			pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(rt, name) }
			if rapid.IntRange(0, 15).Draw(rt, "ragged") == 0 {
				b.WriteString("only,three,cells\n")
				continue
			}
			fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%s,%s\n", pick("ticket", "1", "2", "3", "4", ""),
				pick("id", fmt.Sprint(i), "7", ""), pick("subject", "S", "T", ""), pick("status", "open", "open", "closed", "spam", "odd"),
				pick("customer", "a@x.org", "a@x.org", "b@x.org", "", "no address"), pick("author", "a@x.org", "mia@acme.test", "", "who"),
				pick("body", "Hello", "Other", "DRAFT", ""), pick("sent", "2024-01-01T10:00:00Z", "2024-01-02T10:00:00Z", "", "soon", "2999-01-01T00:00:00Z"))
		}
		path := filepath.Join(dir, "export.csv")
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			rt.Fatal(err)
		}
		set, err := sources.Open(context.Background(), []string{path}, m.SourceOptions, nil)
		if err != nil {
			rt.Fatal(err)
		}
		defer set.Close()
		j := &importer.Job{Source: set, Files: set.Files(), Mapping: m, Now: testNow, TempDir: dir,
			SendIncomplete: rapid.Bool().Draw(rt, "send"), Limit: rapid.IntRange(0, 3).Draw(rt, "limit")}
		checked, err := j.Check(context.Background())
		if err != nil {
			rt.Fatal(err)
		}
		if err := checked.Balance(); err != nil {
			rt.Fatalf("%v\n%s\n%+v %+v %+v", err, b.String(), checked.Records, checked.Tickets, checked.Messages)
		}
		store := &fakeStore{}
		staged, err := j.Stage(context.Background(), &fakePlanner{}, store)
		if err != nil {
			rt.Fatal(err)
		}
		if comparable(staged) != comparable(checked) {
			rt.Fatalf("staged\n%s\nchecked\n%s\n%s", comparable(staged), comparable(checked), b.String())
		}
		n := int64(0)
		for _, r := range store.rows {
			if r.Work == nil { // nothing can be made of it
				continue
			}
			w, err := importer.DecodeWork(r.Work)
			if err != nil {
				rt.Fatal(err)
			}
			n += int64(len(w.Ticket.Messages))
			for i := range w.Ticket.Messages {
				if !w.Ticket.Messages[i].SentDatetime.IsValid() {
					rt.Fatal("a message without a sent time is planned")
				}
			}
		}
		if n != staged.Messages.Pending+staged.Messages.Held {
			rt.Fatalf("%d messages are in the plan, %+v", n, staged.Messages)
		}
	})
}
