package mapping

import (
	"strings"
	"testing"

	"github.com/deskferry/deskferry/sources"
)

// benchYAML maps a row of 16 columns: what a plain export of messages looks like.
const benchYAML = `
version: 1
tables: { status: { open: open, pending: open, closed: closed } }
tickets:
  ticket:
    external_id: ticket_id
    subject: subject
    status: { from: status, table: status }
    tags: { from: tags, split: "," }
    customer: { email: customer_email, name: customer_name }
    assignee_team: team
messages:
  message:
    external_id: message_id
    author: { email: author_email, name: author_name }
    internal: internal
    channel: { from: channel, lower: true }
    body_text: body_text
    body_html: body_html
    sent_datetime: sent_at
    to: to
    message_id: rfc_id
ignore: [extra]
`

func benchRow() *sources.Record {
	f := rowFile("ticket_id", "subject", "status", "tags", "customer_email", "customer_name", "team", "message_id",
		"author_email", "author_name", "internal", "channel", "body_text", "sent_at", "to", "rfc_id", "body_html", "extra")
	return row(f, "4711", "Where is my order?", "pending", "vip, shipping,late", " Ann.Example@Example.COM ", "Ann Example", "EU",
		"m-90210", "Bob@acme.com", "Bob", "no", "Email", strings.Repeat("Hello, the parcel has not arrived. ", 14), "2024-05-06T07:08:09Z",
		"support@acme.com, other@acme.com", "<abc@mail.example>", "", "x")
}

// TestMapAllocates holds the declarative path to its bound: the one text of the row that a lower step changes.
func TestMapAllocates(t *testing.T) {
	m := compiled(t, benchYAML)
	w := m.Mapper(Env{Now: testNow})
	for _, c := range []struct {
		name string
		to   string
		most float64
	}{{"one address", "support@acme.com", 1}, {"no recipient", "", 1}} {
		r := benchRow()
		r.Fields[14] = c.to
		out := &Result{}
		w.Map(r, out)
		if out.State != Mapped || len(out.Problems) > 0 || len(out.Tickets[0].Ticket.Tags) != 3 || out.Tickets[0].Customer.Email != "ann.example@example.com" {
			t.Fatalf("%s: %s %+v", c.name, problemsOf(out), out.Tickets)
		}
		if n := testing.AllocsPerRun(2000, func() { out.Reset(); w.Map(r, out) }); n > c.most {
			t.Errorf("%s: %.1f allocations a row, at most %.0f are promised", c.name, n, c.most)
		} else {
			t.Logf("%s: %.1f allocations a row", c.name, n)
		}
	}
}

func BenchmarkMapRow(b *testing.B) {
	w := compiled(b, benchYAML).Mapper(Env{Now: testNow})
	r, out := benchRow(), &Result{}
	r.Fields[14] = "support@acme.com"
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		w.Map(r, out)
	}
}

func BenchmarkMapRowWithTenExpressions(b *testing.B) {
	yaml := strings.Replace(benchYAML, "    message_id: rfc_id\n", `    message_id: rfc_id
    meta:
`, 1)
	for _, c := range "ABCDEFGHIJ" {
		yaml = strings.Replace(yaml, "ignore:", "      "+string(c)+`: { expr: 'lower(trim(item["author_email"])) + item.ticket_id' }`+"\nignore:", 1)
	}
	w := compiled(b, yaml).Mapper(Env{Now: testNow})
	r, out := benchRow(), &Result{}
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		w.Map(r, out)
	}
}

func BenchmarkMapDocument(b *testing.B) {
	w := compiled(b, zendesk).Mapper(Env{Now: testNow})
	r, out := doc(b, docFile("tickets1.json"), zendeskTicket), &Result{}
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		w.Map(r, out)
	}
}
