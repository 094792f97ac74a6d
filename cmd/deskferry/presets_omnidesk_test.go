package main

import (
	"strings"
	"testing"
)

// TestPresetOmnidesk: the API's answers, as a snapshot and as saved pages.
func TestPresetOmnidesk(t *testing.T) {
	r := preset(t, "omnidesk/snapshot")
	t.Run("events are counted, notes internal, other entries messages, in the order of time", func(t *testing.T) {
		var got []string
		for _, m := range r.Ticket(t, "101").Messages {
			got = append(got, m.ExternalID)
			if m.Public != (m.ExternalID != "note-10") {
				t.Errorf("%s is public: %v", m.ExternalID, m.Public)
			}
		}
		if strings.Join(got, " ") != "message-10 note-10 message-12" {
			t.Errorf("%v: ids are unique per type only", got)
		}
		if n := r.Skipped("message", "event"); n != 3 {
			t.Errorf("%d events", n)
		}
	})
	t.Run("customers and users of one number are two people", func(t *testing.T) {
		k := r.Ticket(t, "101")
		if k.Customer.Email != "ana@example.com" || k.AssigneeUser.Email != "bo@acme.test" || k.Messages[2].Sender.Email != "bo@acme.test" {
			t.Errorf("%+v %+v %+v", k.Customer, k.AssigneeUser, k.Messages[2].Sender)
		}
	})
	t.Run("unknown types are messages, counted by their word", func(t *testing.T) {
		if r.Warned("entry of the unknown type typing, taken as a message") != 1 || len(r.Ticket(t, "102").Messages) != 3 {
			t.Errorf("%+v", r.Ticket(t, "102").Messages)
		}
	})
	t.Run("an entry without content is skipped by reason", func(t *testing.T) {
		if n := r.Skipped("message", "entry without content"); n != 1 {
			t.Errorf("%d", n)
		}
	})
	t.Run("assigned to 0 is nobody", func(t *testing.T) {
		if a := r.Ticket(t, "103").AssigneeUser; a != nil {
			t.Errorf("%+v", a)
		}
	})
	t.Run("channels by number, by name, and a default that is counted", func(t *testing.T) {
		for id, want := range map[string]string{"101": "email", "102": "chat", "103": "phone", "104": "api"} {
			if got := r.Ticket(t, id).Channel; got != want {
				t.Errorf("ticket %s: %s, want %s", id, got, want)
			}
		}
		if got := r.Ticket(t, "104").Messages[0].Channel; got != "contact_form" {
			t.Errorf("contactform became %s", got)
		}
		if n := r.Warned("channel 9 (webformulier) is taken as api: add it to tables: channel"); n != 1 {
			t.Errorf("%d warnings", n)
		}
	})
	t.Run("direction", func(t *testing.T) {
		if m := r.Ticket(t, "105").Messages[0]; !m.FromAgent || len(m.Source.To) != 2 || m.Receiver.Email != "gina@example.com" {
			t.Errorf("%+v", m)
		}
		if m := r.Ticket(t, "101").Messages[0]; m.FromAgent || m.Receiver != nil {
			t.Errorf("%+v", m)
		}
	})
	t.Run("status and priority", func(t *testing.T) {
		if k := r.Ticket(t, "101"); k.Status != "closed" || k.Priority != "critical" || k.ClosedDatetime != "2019-09-29T08:00:00Z" {
			t.Errorf("%+v", k)
		}
	})
	t.Run("a customer without address is made one, and counted", func(t *testing.T) {
		if c := r.Ticket(t, "102").Customer; c.Email != "omnidesk-customer-7-xbaefd41abb@import.invalid" || c.Name != "Visitor 31" {
			t.Errorf("%+v", c)
		}
		if n := r.Problem("customer.made_up"); n != 2 {
			t.Errorf("%d", n)
		}
	})
	t.Run("raw mail gives attachments, copies and threading", func(t *testing.T) {
		m := r.Ticket(t, "101").Messages
		if len(m[0].Attachments) != 1 || m[0].Attachments[0].URL != "data:image/png;base64,iVBORw0KGgo=" || m[0].Attachments[0].Name != "lamp.png" {
			t.Errorf("%+v", m[0].Attachments)
		}
		if m[2].Source.Cc[0].Address != "carl@example.org" || m[2].Source.Bcc[0].Address != "archive@acme.test" || m[2].Headers["In-Reply-To"] != "<m10@example.com>" {
			t.Errorf("%+v %v", m[2].Source, m[2].Headers)
		}
	})
	t.Run("text is text and HTML is HTML", func(t *testing.T) {
		if m := r.Ticket(t, "102").Messages[2]; m.BodyText != "a < b & c" || m.BodyHTML != "<p>a &lt; b &amp; c</p>" {
			t.Errorf("%q %q", m.BodyText, m.BodyHTML)
		}
	})
	t.Run("an older state of a ticket counts once", func(t *testing.T) {
		if n := r.Skipped("ticket record", "older version"); n != 1 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("a ticket of nothing but events, and a deleted one, are told", func(t *testing.T) {
		if r.Skipped("ticket", "event") != 1 || r.Skipped("ticket", "deleted in Omnidesk") != 1 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("saved answers give the same, and lists without a timeline are told", func(t *testing.T) {
		saved := preset(t, "omnidesk/saved")
		for _, id := range []string{"101", "102", "103", "104", "105"} {
			if got, want := saved.Ticket(t, id), r.Ticket(t, id); len(got.Messages) != len(want.Messages) || got.Customer.Email != want.Customer.Email {
				t.Errorf("ticket %s: %+v", id, got)
			}
		}
		if n := saved.Warned("no timeline in this record, so it holds no messages: fetch the ticket itself, GET /ticket/{id}"); n != 2 {
			t.Errorf("%d warnings", n)
		}
		if saved.Problem("ticket.no_messages") != 1 || saved.Tickets["109"] != nil {
			t.Errorf("%+v", saved.Summary.Problems)
		}
	})
	const entry = `{"id":1,"title":"T","status":"open","priority":"medium","direction":"inbound","channel_id":1,"channel_account_id":"4","customer_id":2,` +
		`"from":"ana@example.com","created_at":"2019-09-28 21:00:00","timeline":[{"id":"7","type":"message","direction":"inbound","content":"text","from":"ana@example.com","created_at":"2019-09-28 21:00:00"}]}` + "\n"
	t.Run("the zone must be said", func(t *testing.T) {
		r := presetText(t, "omnidesk", "tickets.ndjson", entry)
		if r.Problem("time.no_zone") == 0 || len(r.Order) != 0 {
			t.Errorf("%v %+v", r.Order, r.Summary.Problems)
		}
	})
	t.Run("ids as numbers and as texts are one", func(t *testing.T) {
		other := strings.NewReplacer(`"id":1`, `"id":"1"`, `"id":"7"`, `"id":7`, `"customer_id":2`, `"customer_id":"2"`).Replace(entry)
		r := presetText(t, "version: 1\nextends: omnidesk\nsource: { timezone: UTC }\n", "tickets.ndjson", entry+other)
		if len(r.Order) != 1 || len(r.Ticket(t, "1").Messages) != 1 || r.Summary.Messages.Repeated != 1 {
			t.Errorf("%v %+v", r.Order, r.Summary.Messages)
		}
	})
	t.Run("an unknown status is listed with the line to paste", func(t *testing.T) {
		r := presetText(t, "version: 1\nextends: omnidesk\nsource: { timezone: UTC }\n", "tickets.ndjson", strings.Replace(entry, `"status":"open"`, `"status":"parked"`, 1))
		if r.Problem("table.unknown") != 1 || len(r.Order) != 0 {
			t.Errorf("%v %+v", r.Order, r.Summary.Problems)
		}
	})
	t.Run("a number of a channel that the user knows", func(t *testing.T) {
		r := presetText(t, "version: 1\nextends: omnidesk\nsource: { timezone: UTC }\ntables: { channel: { \"7\": whatsapp } }\n", "tickets.ndjson", strings.Replace(entry, `"channel_id":1`, `"channel_id":7`, 1))
		if c := r.Ticket(t, "1").Channel; c != "whatsapp" {
			t.Error(c)
		}
	})
	t.Run("the other Omnidesk is named", func(t *testing.T) {
		for _, text := range []string{
			`{"0":{"case":{"case_id":5,"case_number":"664-245651","subject":"S"}},"1":{"case":{"case_id":6,"case_number":"664-245652","subject":"S"}},"total_count":2}`,
			`[{"case":{"case_id":5,"case_number":"664-245651","subject":"S"}},{"case":{"case_id":6,"case_number":"664-245652"}}]`,
			`[{"case_id":5,"case_number":"664-245651","subject":"S"},{"case_id":6,"case_number":"664-245652"}]`,
		} {
			r := presetText(t, "omnidesk", "cases.json", text)
			if n := r.Warned("this is the other Omnidesk, omnidesk.ru (/api/cases.json), which this preset cannot read"); n != 2 || len(r.Order) != 0 {
				t.Errorf("%d warnings, tickets %v, %+v", n, r.Order, r.Summary.Problems)
			}
		}
	})
}

// TestPresetOmnideskMessages: the bodies of both POSTs.
func TestPresetOmnideskMessages(t *testing.T) {
	for _, form := range []string{"ndjson", "csv"} {
		t.Run(form, func(t *testing.T) {
			r := preset(t, "omnidesk-messages/"+form)
			k := r.Ticket(t, "101")
			if len(k.Messages) != 3 || k.Status != "closed" || k.Customer.Email != "ana@example.com" {
				t.Fatalf("%+v", k)
			}
			m := k.Messages[0]
			if !m.FromAgent || m.Channel != "email" || m.BodyText != "Dear Ana,\nit is on its way." || m.BodyHTML != "<p>Dear Ana,<br>it is on its way.</p>" ||
				m.SentDatetime != "2024-03-01T09:00:00.000000Z" || len(m.Source.To) != 2 || m.Source.Bcc[0].Address != "archive@acme.test" || m.Headers["In-Reply-To"] != "10" {
				t.Errorf("%+v", m)
			}
			if note := k.Messages[1]; note.Public || note.Channel != "internal-note" {
				t.Errorf("type 0 is a note: %+v", note)
			}
			if at := k.Messages[2].SentDatetime; at != "2024-03-05T08:00:00.000000Z" {
				t.Errorf("a message without sendAt was sent when it was logged: %s", at)
			}
			for id, want := range map[string]string{"102": "phone", "103": "contact_form", "104": "api"} {
				if got := r.Ticket(t, id).Messages[0].Channel; got != want {
					t.Errorf("ticket %s: %s, want %s", id, got, want)
				}
			}
			if r.Warned("channel 7 is taken as api: add it to tables: channel") != 1 {
				t.Errorf("%+v", r.Summary.Problems)
			}
			if n := r.Skipped("message", "scheduled"); n != 1 {
				t.Errorf("%d scheduled", n)
			}
			if n := r.Problem("attachment.no_url"); n != 2 {
				t.Errorf("%d forwarded files are told as left out", n)
			}
		})
	}
	t.Run("CSV and NDJSON give the same messages", func(t *testing.T) {
		a, b := preset(t, "omnidesk-messages/ndjson").Ticket(t, "102"), preset(t, "omnidesk-messages/csv").Ticket(t, "102")
		if a.Messages[0].BodyText != b.Messages[0].BodyText || a.Customer.Email != b.Customer.Email {
			t.Errorf("%+v, %+v", a, b)
		}
	})
	t.Run("a chatbot's record is a ticket with one incoming chat message", func(t *testing.T) {
		r := preset(t, "omnidesk-messages/ndjson")
		n := 0
		for id, k := range r.Tickets {
			if strings.HasPrefix(id, "h1:") {
				n++
				if len(k.Messages) != 1 || k.Messages[0].FromAgent || k.Messages[0].Channel != "chat" {
					t.Errorf("%+v", k)
				}
			}
		}
		if n != 2 {
			t.Errorf("%d tickets of a chatbot", n)
		}
	})
	t.Run("records without any time are rejected, unless one is given", func(t *testing.T) {
		r := preset(t, "omnidesk-messages/json")
		if r.Problem("sent_datetime.missing") != 3 || r.Summary.Messages.Rejected != 3 {
			t.Errorf("%+v", r.Summary.Messages)
		}
		given := preset(t, "omnidesk-messages/json", "--set", "sent=2024-05-01T00:00:00Z")
		if given.Problem("sent_datetime.missing") != 0 || len(given.Order) != len(r.Order)+3 {
			t.Errorf("%v, then %v", r.Order, given.Order)
		}
	})
}
