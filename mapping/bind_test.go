package mapping

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/sources"
)

func TestBindRefuses(t *testing.T) {
	rule := func(fields string) string {
		return "version: 1\ntickets:\n  t: { external_id: id }\nmessages:\n  m: { external_id: mid, sent_datetime: at" + fields + " }\n"
	}
	for _, c := range []struct{ name, yaml, want string }{
		{"nearest", rule(", body_text: body_txt"), `messages.m.body_text: in/export.csv has no column "body_txt"; did you mean "body_text"?`},
		{"twice", rule(", subject: Tag"), `in/export.csv has 2 columns called "Tag": write Tag#1 (column 5) or Tag#2 (column 7)`},
		{"no third", rule(`, subject: "Tag#3"`), `has no column "Tag#3"`},
		{"no tenth", rule(`, subject: "#10"`), `has 8 columns, so there is no "#10"`},
		{"expression", rule(`, subject: { expr: "item.subjet" }`), `messages.m.subject: in/export.csv has no column "subjet"`},
		{"type of a cell", rule(`, subject: { expr: "item.id + 1" }`), `the expression cannot be used on the rows`},
		{"condition", rule(`, when: { statuss: open }`), `no column "statuss"`},
		{"each", "version: 1\ntickets:\n  t: { external_id: id }\nmessages:\n  m: { each: parts, external_id: mid, sent_datetime: at }\n", "rows hold no items"},
		{"self", rule(`, subject: "."`), "name a column"},
		{"item of a text", rule(`, attachments: { each: files, split: "|", url: url }`), `write "." for the piece`},
		{"set", rule(`, subject: $set.who`), "add --set who=…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := compiled(t, c.yaml).Bind(rowFile("id", "mid", "at", "body_text", "Tag", "files", "Tag", "subject"))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), "m.yaml:") {
				t.Errorf("no place in %v", err)
			}
		})
	}
	err := compiled(t, rule(", subject: 'a.b[x]'")).Bind(docFile("x.json"))
	if err == nil || !strings.Contains(err.Error(), "is no path") {
		t.Errorf("path: %v", err)
	}
	out := &Result{}
	m := compiled(t, rule(", body_text: nope"))
	m.Mapper(Env{}).Map(row(rowFile("id"), "1"), out)
	if out.State != Rejected || out.Problems[0].Code != codeColumns {
		t.Errorf("unbound: %v", out.Problems)
	}
}

func TestBindRefusesAnEmptyFile(t *testing.T) {
	err := compiled(t, simple).Bind(&sources.File{Name: "in/x.csv", Base: "x.csv", Format: sources.CSV})
	if err == nil || err.Error() != "in/x.csv is empty, without even a heading: export it again, or leave it out of --from" {
		t.Errorf("got %v", err)
	}
}

func TestBindFiles(t *testing.T) {
	m := compiled(t, zendesk)
	if err := m.BindFiles([]*sources.File{docFile("tickets.json")}); err != nil {
		t.Errorf("an optional input without a file: %v", err)
	}
	err := m.BindFiles([]*sources.File{docFile("users.json")})
	if err == nil || !strings.Contains(err.Error(), `inputs.tickets: no file of the source is called "tickets*.json"`) {
		t.Errorf("got %v", err)
	}
}

func TestColumns(t *testing.T) {
	m := compiled(t, `
version: 1
tickets:
  t: { external_id: "#1", subject: Betreff (a.b), tags: { all: ["Tag#1", "Tag#2"] }, meta: { E: { expr: 'item["Ticket ID"] + "!"' }, W: { expr: "len(item)" } } }
messages:
  m: { external_id: Ticket ID, sent_datetime: $.at, attachments: { each: files, split: "|", url: ".", name: $.Betreff (a.b) }, meta: { N: " spaced" } }
`)
	f := rowFile("Ticket ID", "Tag", "at", "Betreff (a.b)", "Tag", "files", " spaced")
	out := mapped(t, m, row(f, "7", "x", "2020-01-01T00:00:00Z", "s", "y", "https://a/1|https://a/2", "sp"))
	if problemsOf(out) != "body.missing body_text 7" || out.Tickets[0].Key != "7" || fmt.Sprint(out.Tickets[0].Ticket.Tags) != "[x y]" || out.Tickets[0].Ticket.Subject != "s" {
		t.Errorf("%s %+v", problemsOf(out), out.Tickets)
	}
	if got := fmt.Sprint(out.Tickets[0].Ticket.Meta, out.Messages[0].Message.Meta, out.Messages[0].Message.Attachments); got != "[{E 7!} {W 6}] [{N sp}] [{https://a/1  s  0 } {https://a/2  s  0 }]" {
		t.Errorf("got %s", got)
	}
	if short := mapped(t, m, &sources.Record{File: f, Fields: []string{"8"}}); short.State != Rejected {
		t.Errorf("a short row: %s", problemsOf(short))
	}
}

func TestLoadRefuses(t *testing.T) {
	tables := "version: 1\ntickets:\n  t: { external_id: id, status: { from: s, table: st } }\nmessages:\n  m: { external_id: mid, sent_datetime: at }\n"
	base := "version: 1\ntickets:\n  t: { external_id: id }\nmessages:\n  m: { external_id: mid, sent_datetime: at }\n"
	for _, c := range []struct{ name, yaml, want string }{
		{"no such table", tables, `no table`},
		{"table to a word the field does not take", tables + "tables: { st: { a: opne } }\n", `is not a status`},
		{"table file", tables + "tables: { st: { file: st.csv, key: id, value: nam } }\n", `there is no column "nam"; did you mean "name"?`},
		{"no table file", tables + "tables: { st: { file: none.csv, key: id, value: name } }\n", `none.csv`},
		{"expr syntax", strings.Replace(base, "mid", `{ expr: "item." }`, 1), "the expression cannot be used"},
		{"expr clock", strings.Replace(base, "mid", `{ expr: "now()" }`, 1), "now"},
		{"expr name", strings.Replace(base, "mid", `{ expr: "itm.a" }`, 1), "unknown name itm"},
		{"expr depth", strings.Replace(base, "mid", `{ expr: "all(1..9, all(1..9, all(1..9, # > 0)))" }`, 1), "nested 3 deep"},
		{"pattern", strings.Replace(base, "mid", `{ from: x, match: "(" }`, 1), "error parsing regexp"},
		{"sent_datetime", strings.Replace(base, ", sent_datetime: at", "", 1), "sent_datetime"},
		{"no ticket", "version: 1\nmessages:\n  m: { external_id: mid, sent_datetime: at }\n", "ticket"},
		{"no input", strings.Replace(base, "  m: {", "  m: { input: nope,", 1), "nope"},
		{"layout", strings.Replace(base, "sent_datetime: at", "sent_datetime: { from: at, layout: dym }", 1), "layout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := tryCompile(c.yaml, "st.csv", "\ufeffid;name\n1;open\n")
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "m.yaml:") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTableFile(t *testing.T) {
	yaml := "version: 1\ntables: { team: { file: groups.csv, key: id, value: name } }\ntickets:\n  t: { external_id: id, assignee_team: { from: g, table: team } }\nmessages:\n  m: { external_id: id, body_text: id, sent_datetime: at }\n"
	m := compiled(t, yaml, "groups.csv", "\ufeffid;name\n1;Boats\nAb;\"Sales; EU\"\n9;\n")
	for g, want := range map[string]string{`1.0`: "Boats", `"ab"`: "Sales; EU", `9`: ""} {
		out := mapped(t, m, doc(t, docFile("x.json"), `{"id":1,"g":`+g+`,"at":"2020-01-01T00:00:00Z"}`))
		if out.Tickets[0].Ticket.AssigneeTeam != want || out.State != Mapped {
			t.Errorf("%s: %q %s", g, out.Tickets[0].Ticket.AssigneeTeam, problemsOf(out))
		}
	}
	out := mapped(t, m, doc(t, docFile("x.json"), `{"id":1,"g":5,"at":"2020-01-01T00:00:00Z"}`))
	if out.State != Rejected || !strings.Contains(out.Problems[0].Hint, "groups.csv") {
		t.Errorf("%+v", out.Problems)
	}
	if other := compiled(t, yaml, "groups.csv", "id,name\n1,Ships\n"); other.Hash() == m.Hash() {
		t.Error("the table's file is not in the hash")
	}
}

func TestCoverage(t *testing.T) {
	m := compiled(t, "version: 1\ntickets:\n  t: { external_id: id }\nmessages:\n  m: { external_id: id, sent_datetime: at }\nignore: [known, nope]\n")
	w := m.Mapper(Env{Now: testNow})
	f := rowFile("id", "at", "known", "Tag", "Tag", "")
	for _, cells := range [][]string{{"1", "x", "k", "", "b", ""}, {"2", "x", "k", "a", "b", "z"}, {"", "", "", "", "", ""}} {
		w.Map(row(f, cells...), &Result{})
	}
	sum := w.Coverage()
	sum.Merge(w.Coverage())
	if got := fmt.Sprint(sum.Unplaced()); got != "[{ Tag#2 4 b} { #6 2 z} { Tag#1 2 a}]" {
		t.Errorf("rows: %s", got)
	}

	if got := fmt.Sprint(sum.Kept()); got != "[{ at message.sent_datetime 4} { id ticket.external_id, message.external_id 4}]" {
		t.Errorf("kept of rows: %s", got)
	}

	m = compiled(t, zendesk)
	w = m.Mapper(Env{Now: testNow})
	w.Map(doc(t, docFile("tickets1.json"), zendeskTicket), &Result{})
	w.Map(doc(t, docFile("tickets1.json"), zendeskTicket), &Result{})
	var zero Coverage
	zero.Merge(w.Coverage())
	got := fmt.Sprint(zero.Unplaced())
	if got != "[{tickets comments[].attachments[].inline 2 false} {tickets satisfaction.score 2 good}]" {
		t.Errorf("documents: %s", got)
	}
	if unmet := zero.Unmet(); len(unmet) > 0 {
		t.Errorf("unmet: %v", unmet)
	}
	w = m.Mapper(Env{Now: testNow})
	w.Map(doc(t, docFile("tickets1.json"), `{"id":1,"comments":[{"id":1}]}`), &Result{})
	var names []string
	for _, p := range w.Coverage().Unmet() {
		names = append(names, p.Value)
	}
	if got := strings.Join(names, " "); !strings.Contains(got, "html_body") || strings.Contains(got, "requester_id") {
		t.Errorf("unmet: %s", got)
	}
}

// TestCoverageOfWhatStandsBeside holds that a list or an object that no place names is told, once, whoever mapped.
func TestCoverageOfWhatStandsBeside(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.json")
	if err := os.WriteFile(name, []byte(`{"tickets":[{"id":1}],"users":[{"id":2},{"id":3}],"audits":[{"id":4}],"count":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	m := compiled(t, "version: 1\ninputs: { t: { path: tickets } }\ntickets:\n  t: { external_id: id }\nmessages:\n  m: { external_id: id, sent_datetime: at }\nignore: [audits]\n")
	set, err := sources.Open(t.Context(), []string{name}, m.SourceOptions, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	var all Coverage
	for range 2 {
		w := m.Mapper(Env{Now: testNow})
		for p, err := range set.Pieces(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			for r, err := range p.Records() {
				if err != nil {
					t.Fatal(err)
				}
				w.Map(r, &Result{})
			}
		}
		all.Merge(w.Coverage())
	}
	if got := fmt.Sprintf("%+v", all.Unplaced()); got != `[{Input: Path:users Count:2 Example:{"id":2}}]` {
		t.Errorf("got %s", got)
	}
}

func TestCoverageIsBounded(t *testing.T) {
	m := compiled(t, simple)
	w := m.Mapper(Env{Now: testNow})
	for i := range 30 {
		var b strings.Builder
		for j := range 100 {
			fmt.Fprintf(&b, `,"k%d":"v"`, i*100+j)
		}
		w.Map(doc(t, docFile("x.json"), `{"ticket_id":1`+b.String()+`}`), &Result{})
	}
	list := w.Coverage().Unplaced()
	if len(list) != maxPaths+1 || list[maxPaths] != (Unplaced{Path: "more", Count: 2000}) {
		t.Errorf("%d paths, last %+v", len(list), list[len(list)-1])
	}
}

func TestSurvey(t *testing.T) {
	m := compiled(t, strings.Replace(simple, "version: 1", "version: 1\nsource: { timezone: UTC }", 1))
	f := rowFile("ticket_id", "subject", "requester_email", "message_id", "author_email", "body", "created_at")
	at := func(s string) *sources.Record { return row(f, "1", "s", "a@b.cd", "m", "a@b.cd", "b", s) }
	w := m.Mapper(Env{Now: testNow})
	out := &Result{}
	if w.Map(at("2021-04-03 10:00:00"), out); out.Unsettled || out.State != Mapped {
		t.Fatalf("iso: %s", problemsOf(out))
	}
	out.Reset()
	if w.Map(at("03/04/2021"), out); !out.Unsettled || out.State != Rejected {
		t.Fatalf("ambiguous: %v %s", out.Unsettled, problemsOf(out))
	}
	s, other := m.NewSurvey(), m.NewSurvey()
	w.Survey(at("03/04/2021"), s)
	m.Mapper(Env{Now: testNow}).Survey(at("25/12/2020"), other)
	s.Merge(other)
	if p := s.Settle(); len(p) > 0 {
		t.Fatalf("settling: %v", p)
	}
	out.Reset()
	m.Mapper(Env{Now: testNow, Settled: s}).Map(at("03/04/2021"), out)
	if out.Unsettled || out.State != Mapped || !out.Messages[0].Message.SentDatetime.Time().Equal(time.Date(2021, 4, 3, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("settled: %s", problemsOf(out))
	}
	s = m.NewSurvey()
	w.Survey(at("03/04/2021"), s)
	if p := s.Settle(); len(p) != 1 || p[0].Code != codeTimeAmbiguous || p[0].Field != "messages.message.sent_datetime" || p[0].Value != "03/04/2021" {
		t.Errorf("open: %v", p)
	}
	out.Reset()
	m.Mapper(Env{Now: testNow, Settled: s}).Map(at("03/04/2021"), out)
	if out.State != Rejected || out.Problems[0].Code != codeTimeAmbiguous {
		t.Errorf("open: %s", problemsOf(out))
	}
}
