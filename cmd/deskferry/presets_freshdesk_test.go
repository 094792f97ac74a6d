package main

import (
	"slices"
	"strings"
	"testing"
)

func TestFreshdeskTraps(t *testing.T) {
	r := preset(t, "freshdesk/export")
	t.Run("the description is the first message", func(t *testing.T) {
		p := r.Ticket(t, "101")
		if m := p.Messages[0]; m.ExternalID != "101-description" || m.BodyText != "Where is order 77?" || m.FromAgent || m.SentDatetime != "2024-06-03T08:00:00.000000Z" ||
			m.Attachments[0].Name != "order.pdf" || len(p.Messages) != 5 {
			t.Errorf("%+v", p)
		}
	})
	t.Run("private is a note, incoming the direction", func(t *testing.T) {
		var got []string
		for _, m := range r.Ticket(t, "101").Messages[1:] {
			switch {
			case !m.Public:
				got = append(got, "note "+m.Sender.Email)
			case m.FromAgent:
				got = append(got, "out "+m.Sender.Email)
			default:
				got = append(got, "in "+m.Sender.Email)
			}
		}
		if want := []string{"out sara@acme.test", "note tom@acme.test", "in emma.novak@example.org", "in mia@example.org"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	})
	t.Run("the source of a conversation is another list than the ticket's", func(t *testing.T) {
		// 2 is the portal for a ticket and a note for a conversation, 0 is nothing for a ticket, 4 a forum.
		if m := r.Ticket(t, "101").message(t, "9002"); m.Channel != "internal-note" {
			t.Errorf("%+v", m)
		}
		if p := r.Ticket(t, "103"); p.Channel != "chat" || p.Messages[1].Channel != "chat" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("exactly ten conversations", func(t *testing.T) {
		if n := r.Warned("exactly 10 conversations: include=conversations gives no more, the rest may be missing"); n != 1 || len(r.Ticket(t, "102").Messages) != 11 {
			t.Errorf("%d warnings", n)
		}
	})
	t.Run("a chat's first conversation repeats its description", func(t *testing.T) {
		want := []string{"Hi, is anybody there?", "Yes.", "Hi, is anybody there?"}
		if got := r.Ticket(t, "103").bodies(); !slices.Equal(got, want) || r.Skipped("message", "the first message of a chat repeats its description") != 1 {
			t.Errorf("%q", got)
		}
	})
	t.Run("outbound e-mail is written by the agent", func(t *testing.T) {
		p := r.Ticket(t, "104")
		if m := p.Messages[0]; !m.FromAgent || m.Sender.Email != "sara@acme.test" || m.Receiver.Email != "emma.novak@example.org" || p.Customer.Email != "emma.novak@example.org" {
			t.Errorf("%+v", m)
		}
	})
	t.Run("deleted tickets are left out, spam is marked", func(t *testing.T) {
		if r.Tickets["105"] != nil || r.Skipped("ticket", "deleted in Freshdesk") != 1 || !r.Ticket(t, "106").Spam {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("a status of the account's own", func(t *testing.T) {
		if r.Tickets["107"] != nil || r.Problem("table.unknown") != 1 || r.Summary.Tickets.Held != 1 {
			t.Errorf("%+v", r.Summary.Problems)
		}
		s := presetText(t, "version: 1\nextends: freshdesk\ntables: { status: { \"9\": closed } }\n", "t.json",
			`[{"id":1,"requester_id":2,"status":9,"source":1,"description_text":"Hi","created_at":"2024-06-03T08:00:00Z"}]`)
		if s.Ticket(t, "1").Status != "closed" {
			t.Errorf("%+v", s.Tickets["1"])
		}
	})
	t.Run("conversations in files of their own", func(t *testing.T) {
		if got := r.Ticket(t, "108").bodies(); !slices.Equal(got, []string{"One file for each ticket.", "Answered in another file.", "Note in another file."}) {
			t.Errorf("%q", got)
		}
	})
	t.Run("addresses, bare and with names", func(t *testing.T) {
		s := r.Ticket(t, "101").message(t, "9001").Source
		if s.From != (presetAddress{"support@acme.test", "Acme Support"}) || s.To[0] != (presetAddress{"emma.novak@example.org", "Emma Novak"}) ||
			s.Cc[0].Address != "office@example.org" || s.Bcc[0].Address != "archive@acme.test" {
			t.Errorf("%+v", s)
		}
	})
	t.Run("attachments and cloud files", func(t *testing.T) {
		a := r.Ticket(t, "101").message(t, "9001").Attachments
		if len(a) != 2 || a[0].Size != 900 || a[0].ContentType != "image/png" || a[1].Name != "invoice.docx" {
			t.Errorf("%+v", a)
		}
	})
	t.Run("without a description", func(t *testing.T) {
		if got := r.Ticket(t, "110").bodies(); !slices.Equal(got, []string{"Only this."}) || r.Warned("without its description, which is its first message") != 1 {
			t.Errorf("%q", got)
		}
	})
	t.Run("a missing flag keeps a conversation internal", func(t *testing.T) {
		s := presetText(t, "freshdesk", "t.json", `[{"id":1,"requester_id":2,"status":2,"source":1,"description_text":"Hi","created_at":"2024-06-03T08:00:00Z",`+
			`"conversations":[{"id":3,"user_id":2,"body_text":"for us","created_at":"2024-06-03T09:00:00Z"}]}]`)
		if m := s.Ticket(t, "1").message(t, "3"); m.Public {
			t.Errorf("%+v", m)
		}
	})
	t.Run("a ticket list is refused", func(t *testing.T) {
		for _, name := range []string{"freshdesk", "freshdesk-export"} {
			said := presetRefused(t, name, "tickets.csv", "Ticket ID,Subject,Status,Priority,Created time,Customer interactions\n1,Hi,Open,Low,2024-06-03 08:00,3\n")
			if !strings.Contains(said, "account export") || strings.Contains(said, "has no column") {
				t.Errorf("%s: %s", name, said)
			}
		}
	})
}

// The account export says the same in JSON and in XML.
func TestFreshdeskExportTraps(t *testing.T) {
	for _, form := range []string{"json", "xml"} {
		t.Run(form, func(t *testing.T) { freshdeskExport(t, preset(t, "freshdesk-export/"+form)) })
	}
	t.Run("both forms give the same tickets", func(t *testing.T) {
		xml := preset(t, "freshdesk-export/xml").tickets()
		xml = strings.ReplaceAll(xml, `"value": "true"`, `"value": true`) // XML holds texts only
		if preset(t, "freshdesk-export/json").tickets() != xml {
			t.Error("they differ")
		}
	})
}

func freshdeskExport(t *testing.T, r *presetRun) {
	t.Run("display_id is the number people know", func(t *testing.T) {
		if p := r.Ticket(t, "1"); p.Subject != "Lamp flickers" || len(p.Messages) != 4 {
			t.Errorf("%+v", p)
		}
	})
	t.Run("dates have the account's offset", func(t *testing.T) {
		if p := r.Ticket(t, "1"); p.CreatedDatetime != "2014-04-29T23:30:30Z" || p.Messages[0].SentDatetime != "2014-04-29T23:30:30.000000Z" {
			t.Errorf("%s %s", p.CreatedDatetime, p.Messages[0].SentDatetime)
		}
	})
	t.Run("notes, wrapped or not", func(t *testing.T) {
		if a, b := r.Ticket(t, "1").message(t, "72"), r.Ticket(t, "2").message(t, "82"); a.Public || b.Public {
			t.Errorf("%+v %+v", a, b)
		}
		if m := r.Ticket(t, "2").message(t, "81"); !m.Public || !m.FromAgent || m.Sender.Email != "sara@acme.test" {
			t.Errorf("%+v", m)
		}
	})
	t.Run("deleted notes and tickets are left out", func(t *testing.T) {
		if r.Tickets["4"] != nil || r.Skipped("message", "a deleted note") != 1 || r.Skipped("ticket", "deleted in Freshdesk") != 1 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("No Agent is nobody", func(t *testing.T) {
		if p := r.Ticket(t, "2"); p.AssigneeUser != nil && *p.AssigneeUser != (presetPerson{}) {
			t.Errorf("%+v", p.AssigneeUser)
		}
		if p := r.Ticket(t, "1"); p.AssigneeUser == nil || p.AssigneeUser.Email != "sara@acme.test" {
			t.Errorf("%+v", p.AssigneeUser)
		}
	})
	t.Run("a requester in no list of users", func(t *testing.T) {
		if p := r.Ticket(t, "5"); p.Customer.Email != "freshdesk-599@import.invalid" || p.Customer.Name != "Nobody Known" || r.Problem("customer.made_up") != 1 {
			t.Errorf("%+v", p.Customer)
		}
	})
	t.Run("statuses of the account's own go by their name", func(t *testing.T) {
		if r.Ticket(t, "5").Status != "open" || r.Tickets["6"] != nil || r.Problem("table.unknown") != 1 {
			t.Errorf("%+v", r.Summary.Problems)
		}
	})
	t.Run("attachments", func(t *testing.T) {
		a := r.Ticket(t, "1").message(t, "71").Attachments
		if len(a) != 1 || a[0].Name != "bulb.png" || a[0].Size != 4500 || a[0].ContentType != "image/png" || a[0].URL != "https://files.acme.test/71" {
			t.Errorf("%+v", a)
		}
	})
}
