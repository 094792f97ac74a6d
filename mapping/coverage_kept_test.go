package mapping

import (
	"fmt"
	"strings"
	"testing"
)

// TestKept: every field that is read is told with where it goes, also below a field that is read whole, and of several
// files and mappers together.
func TestKept(t *testing.T) {
	const yaml = `
version: 1
source: { empty: [N/A] }
inputs: { talks: { when: { kind: talk } } }
tables: { status: { new: open } }
people: { from: { all: { input: talks, id: "who.id", name: "who.name" } } }
tickets:
  ticket:
    input: talks
    external_id: id
    subject: title
    status: { from: state, table: status }
    custom_fields: { Product: "fields[id=7].value", Size: "fields[id=8].value" }
    meta: { who: who }
messages:
  message:
    input: talks
    each: parts
    external_id: id
    skip: { drafts: { draft: true } }
    author: { email: from }
    sent_datetime: at
    body_text: [text, $.title]
    attachments: { each: files, url: link, name: name }
ignore: [url]
`
	m := compiled(t, yaml)
	const one = `{"kind":"talk","id":1,"title":"T","state":"new","url":"https://x.test","who":{"id":3,"name":"N/A"},"fields":[{"id":7,"value":"a"},{"id":9,"value":"b"}],
"parts":[{"id":2,"draft":false,"from":"a@x.test","at":"2024-01-01T00:00:00Z","text":"hi","files":[{"link":"https://x.test/1","name":""},{"link":"https://x.test/2"}]},{"id":3,"text":null,"files":[]}]}`
	var all Coverage
	for range 2 {
		w := m.Mapper(Env{Now: testNow})
		w.Map(doc(t, docFile("a.json"), one), &Result{})
		all.Merge(w.Coverage())
	}
	var got []string
	for _, k := range all.Kept() {
		got = append(got, fmt.Sprintf("%s %s → %s %d", k.Input, k.Path, k.To, k.Count))
	}
	const want = `talks fields[].value → ticket.custom_fields.Product, ticket.custom_fields.Size 4
talks parts[].files[].link → message.attachments.url 4
talks parts[].id → message.external_id 4
talks id → ticket.external_id 2
talks kind → condition 2
talks parts[].at → message.sent_datetime 2
talks parts[].draft → condition 2
talks parts[].from → message.author.email 2
talks parts[].text → message.body_text 2
talks state → ticket.status 2
talks title → ticket.subject, message.body_text 2
talks who → ticket.meta.who 2
talks who.id → person.id 2`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// TestSourceStatus: the source's own word is told, whatever tables and alternatives made of it.
func TestSourceStatus(t *testing.T) {
	for _, c := range []struct{ name, status, cell, want, to string }{
		{"a table", "{ from: status, table: { Neu: open, zu: closed } }", "Neu", "Neu", "open"},
		{"no table", "status", "closed", "closed", "closed"},
		{"a table that knows nothing of it", `[{ from: status, table: { "*": null } }, { const: closed }]`, "17", "17", "closed"},
		{"nothing", "[{ from: status, table: { a: open } }, { const: open }]", "", "", "open"},
		{"a constant", "{ const: closed }", "new", "", "closed"},
		{"an expression", `{ expr: 'item["status"] + "d"' }`, "close", "closed", "closed"},
		{"not in the table", "{ from: status, table: { a: open } }", "odd", "odd", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := compiled(t, "version: 1\ntickets:\n  t: { external_id: id, status: "+c.status+" }\nmessages:\n  m: { external_id: id, sent_datetime: at }\n")
			f := rowFile("id", "at", "status")
			out := &Result{}
			w := m.Mapper(Env{Now: testNow})
			w.Map(row(f, "0", "2024-01-01T00:00:00Z", "before"), &Result{})
			w.Map(row(f, "1", "2024-01-01T00:00:00Z", c.cell), out)
			if got := out.Tickets[0]; got.SourceStatus != c.want || got.Ticket.Status != c.to {
				t.Errorf("%q became %q, want %q and %q", got.SourceStatus, got.Ticket.Status, c.want, c.to)
			}
		})
	}
}

// TestSourceStatusOfSeveralRecords: the word told is that of the record whose status the ticket has.
func TestSourceStatusOfSeveralRecords(t *testing.T) {
	fact := func(seq int64, word, status string) TicketFact {
		return TicketFact{Key: "1", Rule: "tickets.t", Seq: seq, SourceStatus: word, Ticket: Ticket{Status: status}}
	}
	last := func(f TicketFact) TicketFact { f.Last = 1 << fieldStatus; return f }
	for _, c := range []struct {
		name  string
		facts []TicketFact
		want  string
	}{
		{"the first", []TicketFact{fact(1, "neu", "open"), fact(2, "zu", "closed")}, "neu"},
		{"take last", []TicketFact{last(fact(1, "neu", "open")), last(fact(2, "zu", "closed"))}, "zu"},
		{"one without", []TicketFact{fact(1, "", ""), fact(2, "zu", "closed")}, "zu"},
		{"none that is translated", []TicketFact{fact(1, "17", ""), fact(2, "18", "")}, "17"},
	} {
		var out Assembled
		compiled(t, simple).Assemble(&Group{Tickets: c.facts}, nil, &out)
		if out.SourceStatus != c.want {
			t.Errorf("%s: %q, want %q", c.name, out.SourceStatus, c.want)
		}
	}
}
