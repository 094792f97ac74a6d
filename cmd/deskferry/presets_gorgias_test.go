package main

import "testing"

// TestPresetGorgias: tickets with their messages, and lists of tickets with lists of messages beside them.
func TestPresetGorgias(t *testing.T) {
	r := preset(t, "gorgias/export")
	t.Run("notes are internal, from_agent is the direction, offsets count", func(t *testing.T) {
		k := r.Ticket(t, "301")
		holdConversation(t, k,
			"1001|in|ann@client.example.org|The kettle arrived cracked.",
			"1002|note|leo@acme.test|Third one this week.",
			"1003|out|mia@acme.test|A new one is on its way.",
			"1005|out|mia@acme.test|Bounced.",
			"1007|note|leo@acme.test|A note without a sent time.")
		if k.Messages[0].SentDatetime != "2023-02-01T10:00:00.123456Z" || k.Messages[2].SentDatetime != "2023-02-01T10:30:00.000001Z" {
			t.Error(k.Messages[0].SentDatetime, k.Messages[2].SentDatetime)
		}
	})
	t.Run("what never left, was deleted, is empty or in the trash is skipped and counted", func(t *testing.T) {
		for _, reason := range []string{"never sent", "deleted", "without text", "trashed"} {
			if n := r.Skipped("message", reason); n != 1 {
				t.Errorf("%s: %d", reason, n)
			}
		}
		if r.Tickets["302"] != nil || r.Warned("not delivered") != 1 {
			t.Errorf("%+v", r.Summary)
		}
	})
	t.Run("a list's tickets find the messages of their own pages, people their addresses", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "305"), "1051|in|ann@client.example.org|Is it open?", "1052|out|mia@acme.test|Yes!")
		if n := r.Warned("fewer messages than messages_count: some are missing"); n != 1 {
			t.Errorf("%d tickets lack messages", n)
		}
	})
	t.Run("the ticket's own fields", func(t *testing.T) {
		k := r.Ticket(t, "301")
		if k.Status != "closed" || k.Priority != "high" || k.Channel != "email" || k.Language != "en" || k.AssigneeUser.Email != "mia@acme.test" || len(k.Tags) != 2 ||
			k.CreatedDatetime != "2023-02-01T10:00:00.123456Z" || k.ClosedDatetime != "2023-02-02T10:00:00Z" {
			t.Errorf("%+v", k)
		}
		if k := r.Ticket(t, "303"); !k.Spam || k.Language != "en" {
			t.Errorf("%+v", k)
		}
	})
	t.Run("headers, copies and files", func(t *testing.T) {
		m := r.Ticket(t, "301").Messages
		if m[0].MessageID != "<k1@client.example.org>" || m[0].Headers["X-Mailer"] != "Pigeon 2" || m[0].Source.Cc[0].Address != "bob@client.example.org" {
			t.Errorf("%+v", m[0])
		}
		if a := m[0].Attachments; len(a) != 1 || a[0].Name != "crack.jpg" || a[0].URL != "https://files.example.com/a/crack.jpg" || a[0].ContentType != "image/jpeg" || a[0].Size != 48211 {
			t.Errorf("%+v", a)
		}
		if s := m[2].Source; s.From.Address != "help@acme.test" || s.Bcc[0].Address != "log@acme.test" {
			t.Errorf("%+v", s)
		}
	})
	t.Run("the older name of the customer; a channel of the account's own; nobody's address", func(t *testing.T) {
		k := r.Ticket(t, "304")
		if k.Channel != "pigeon-post" || k.Customer.Email != "gorgias-customer-10-x66d94e365c@import.invalid" || k.Customer.Name != "+33600000001" {
			t.Errorf("%+v %+v", k, k.Customer)
		}
		if r.Problem("channel.custom") == 0 || r.Problem("customer.made_up") == 0 {
			t.Errorf("%+v", r.Summary.Problems)
		}
	})
}
