package gorgias

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/mapping"
)

// mailAccount is account with three mailboxes in use, one switched off, one address twice, and a phone line.
func mailAccount() *People {
	p := account()
	help, sales, phone := mailbox{71, "Acme Help", "help@acme.com"}, mailbox{72, "Sales", "sales@acme.com"}, mailbox{id: 75, name: "Phone"}
	p.mail = &mailboxes{
		byID: map[int64]mailbox{71: help, 72: sales, 73: {73, "A", "twice@acme.com"}, 74: {74, "B", "twice@acme.com"}, 75: phone},
		byAddress: map[string][]mailbox{"help@acme.com": {help}, "sales@acme.com": {sales},
			"twice@acme.com": {{73, "A", "twice@acme.com"}, {74, "B", "twice@acme.com"}}},
		idle: map[string]bool{"off@acme.com": true},
	}
	return p
}

func to(list ...string) []mapping.Address {
	var out []mapping.Address
	for _, a := range list {
		out = append(out, mapping.Address{Address: a})
	}
	return out
}

// TestIntegrations: which mailbox a message is tied to, what its source says then, and what is told where there is none.
func TestIntegrations(t *testing.T) {
	in := mapping.Message{Channel: "email", Public: true, Author: ada}
	out := mapping.Message{Channel: "email", Public: true, FromAgent: true, Author: bob}
	with := func(m mapping.Message, change func(*mapping.Message)) mapping.Message { change(&m); return m }
	table := map[string]string{"old@zendesk.test": "help@acme.com", "@old.test": "sales@acme.com"}
	for _, c := range []struct {
		name     string
		message  mapping.Message
		other    *mapping.Message // of the same ticket, after it
		table    map[string]string
		id       int64
		from, to string
		loss     string
	}{
		{name: "in, to", message: with(in, func(m *mapping.Message) { m.To = to("x@example.com", "HELP@Acme.com", "sales@acme.com") }),
			id: 71, from: "ada@example.com", to: "x@example.com HELP@Acme.com sales@acme.com"},
		{name: "in, cc", message: with(in, func(m *mapping.Message) { m.To, m.Cc = to("x@example.com"), to("sales@acme.com") }),
			id: 72, from: "ada@example.com", to: "x@example.com"},
		{name: "in, blind copy tells nothing", message: with(in, func(m *mapping.Message) { m.To, m.Bcc = to("x@example.com"), to("sales@acme.com") }),
			from: "ada@example.com", to: "x@example.com", loss: "x@example.com"},
		{name: "in, unknown", message: with(in, func(m *mapping.Message) { m.To = to("Old@zendesk.test") }), from: "ada@example.com", to: "Old@zendesk.test", loss: "old@zendesk.test"},
		{name: "in, by table", table: table, message: with(in, func(m *mapping.Message) { m.To = to("Old@Zendesk.test") }), id: 71, from: "ada@example.com", to: "Old@Zendesk.test"},
		{name: "in, by domain", table: table, message: with(in, func(m *mapping.Message) { m.To = to("support+id7@old.test") }), id: 72, from: "ada@example.com", to: "support+id7@old.test"},
		{name: "in, another domain that ends so", table: table, message: with(in, func(m *mapping.Message) { m.To = to("a@very.old.test") }), from: "ada@example.com", to: "a@very.old.test", loss: "a@very.old.test"},
		{name: "in, any", table: map[string]string{"*": "sales@acme.com"}, message: with(in, func(m *mapping.Message) { m.To = to("x@example.com") }), id: 72, from: "ada@example.com", to: "x@example.com"},
		{name: "in, any is the last resort", table: map[string]string{"*": "sales@acme.com"}, message: with(in, func(m *mapping.Message) { m.To = to("help@acme.com") }), id: 71, from: "ada@example.com", to: "help@acme.com"},
		{name: "in, switched off", message: with(in, func(m *mapping.Message) { m.To = to("off@acme.com") }), from: "ada@example.com", to: "off@acme.com", loss: "off@acme.com"},
		{name: "in, two of one address", message: with(in, func(m *mapping.Message) { m.To = to("twice@acme.com") }), from: "ada@example.com", to: "twice@acme.com", loss: "twice@acme.com"},
		{name: "in, nothing given", message: in, from: "ada@example.com", loss: "(no address)"},
		{name: "in, nothing given, any", table: map[string]string{"*": "sales@acme.com"}, message: in, id: 72, from: "ada@example.com", to: "sales@acme.com"},
		{name: "in, nothing given, the ticket's", message: in, other: &mapping.Message{Channel: "email", Public: true, FromAgent: true, Author: bob, From: mapping.Address{Address: "help@acme.com"}},
			id: 71, from: "ada@example.com", to: "help@acme.com"},
		{name: "out", message: with(out, func(m *mapping.Message) { m.From = mapping.Address{Name: "Bob", Address: "Sales@acme.com"} }), id: 72, from: "Sales@acme.com", to: "ada@example.com"},
		{name: "out, unknown", message: with(out, func(m *mapping.Message) { m.From = mapping.Address{Address: "bob@acme.com"} }), from: "bob@acme.com", to: "ada@example.com", loss: "bob@acme.com"},
		{name: "out, recipients tell nothing", message: with(out, func(m *mapping.Message) {
			m.From, m.To = mapping.Address{Address: "bob@acme.com"}, to("sales@acme.com")
		}), from: "bob@acme.com", to: "sales@acme.com", loss: "bob@acme.com"},
		{name: "out, nothing given", message: out, from: "bob@acme.com", to: "ada@example.com", loss: "(no address)"},
		{name: "out, nothing given, the ticket's", message: out, other: &mapping.Message{Channel: "email", Public: true, Author: ada, To: to("help@acme.com")},
			id: 71, from: "help@acme.com", to: "ada@example.com"},
		{name: "the mapping's", message: with(out, func(m *mapping.Message) { m.IntegrationID = 72 }), id: 72, from: "sales@acme.com", to: "ada@example.com"},
		{name: "the mapping's, of no mailbox", message: with(out, func(m *mapping.Message) { m.IntegrationID = 75 }), id: 75, from: "bob@acme.com", to: "ada@example.com"},
		{name: "the mapping's, not there", message: with(in, func(m *mapping.Message) { m.IntegrationID, m.To = 9, to("help@acme.com") }), id: 71, from: "ada@example.com", to: "help@acme.com", loss: "integration 9"},
		{name: "a chat", message: with(in, func(m *mapping.Message) { m.Channel, m.To = "chat", to("help@acme.com") }), to: "help@acme.com"},
		{name: "a note", message: mapping.Message{Channel: "internal-note", FromAgent: true, Author: bob}},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := []mapping.Message{c.message}
			if c.other != nil {
				list = append(list, *c.other)
			}
			m, losses, err := Encoder{People: mailAccount(), Mailboxes: c.table}.Message(work(t, list...), 0)
			if err != nil {
				t.Fatal(err)
			}
			var sent []string
			for _, a := range m.Source.To {
				sent = append(sent, a.Address)
			}
			if m.IntegrationID != c.id || m.Source.From.Address != c.from || strings.Join(sent, " ") != c.to {
				t.Errorf("integration %d, from %s, to %v", m.IntegrationID, m.Source.From.Address, sent)
			}
			if len(m.Source.Bcc) != len(c.message.Bcc) || len(m.Source.Cc) != len(c.message.Cc) {
				t.Errorf("copies: %+v", m.Source)
			}
			loss := ""
			for _, l := range losses {
				if l.Code == LossIntegration {
					loss += l.Value
					if l.Hint == "" {
						t.Error("no hint")
					}
				}
			}
			if loss != c.loss {
				t.Errorf("loss %q, want %q: %+v", loss, c.loss, losses)
			}
			b, err := MarshalMessage(&m)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := checkBody(b, newShapes().message, time.Now()); err != nil {
				t.Errorf("the wire rule refuses it: %v", err)
			}
		})
	}
}

// Without a listing nothing is matched and nothing is missed.
func TestIntegrationsNotListed(t *testing.T) {
	m, losses, err := Encoder{People: account()}.Message(work(t, mapping.Message{Channel: "email", Public: true, Author: ada, IntegrationID: 9, To: to("help@acme.com")}), 0)
	if err != nil || m.IntegrationID != 9 || losses != nil {
		t.Errorf("%d, %+v, %v", m.IntegrationID, losses, err)
	}
}

// A long ticket whose e-mails name no mailbox is not searched through for each of them.
func TestTicketMailboxIsBounded(t *testing.T) {
	w := work(t, mapping.Message{Channel: "email", Public: true, Author: ada, To: to("x@example.com")})
	first, id := w.Ticket.Messages[0], w.MessageIDs[0]
	first.To = nil
	for i := range 20_000 {
		w.Ticket.Messages, w.MessageIDs = append(w.Ticket.Messages, first), append(w.MessageIDs, fmt.Sprint(id, i))
	}
	e := Encoder{People: mailAccount()}
	start := time.Now()
	for i := range w.Ticket.Messages {
		if _, _, err := e.Message(w, i); err != nil {
			t.Fatal(err)
		}
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("took %s", d)
	}
}
