package main

import "testing"

const hubspotCSV = "Ticket ID,Ticket name,Pipeline,Ticket status,Create date,Priority,Ticket owner\n71,Kettle,Support,New,2023-05-02 09:00,High,Mia\n"

// TestPresetHubSpot: threads and messages, CRM tickets that join them.
func TestPresetHubSpot(t *testing.T) {
	r := preset(t, "hubspot/export")
	t.Run("comments are internal, events are counted, direction and actors say who wrote", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "thread-4001"),
			"m1|in|ann@client.example.org|The kettle arrived cracked.",
			"m3|note|leo@acme.test|Third one this week.",
			"m4|out|mia@acme.test|A new one is on its way.",
			"m6|out|leo@acme.test|Did it come?",
			"m8|in|carl@client.example.org|I am her neighbour.")
		if n := r.Skipped("message", "event"); n != 2 {
			t.Errorf("%d events", n)
		}
	})
	t.Run("a truncated text is told, with how it is truncated", func(t *testing.T) {
		for _, status := range []string{"TRUNCATED", "TRUNCATED_TO_MOST_RECENT_REPLY"} {
			if n := r.Warned(status + ": the whole text is at the message's /original-content"); n != 1 {
				t.Errorf("%s: %d", status, n)
			}
		}
	})
	t.Run("bots are agents, a type nobody knows is a note", func(t *testing.T) {
		const visitor = "hubspot-v-10-x50377e260d@import.invalid"
		holdConversation(t, r.Ticket(t, "thread-4002"),
			"c1|out|Chat bot|Hello! How may we help?", "c2|in|"+visitor+"|Where is my parcel?", "c3|out|leo@acme.test|At your door.", "c4|note||Parcel at the door.", "c5|in|"+visitor+"|Thanks")
		for _, reason := range []string{"type SUMMARY is not known, taken as a note", "channelId 1999 is not known, taken as api", "not delivered"} {
			if n := r.Warned(reason); n != 1 {
				t.Errorf("%s: %d", reason, n)
			}
		}
	})
	t.Run("what is archived or spam is skipped and counted", func(t *testing.T) {
		if r.Skipped("ticket", "archived") != 2 || r.Skipped("ticket", "spam") != 1 || r.Skipped("message", "archived") != 2 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("a CRM ticket joins its thread and tells subject, priority and tags", func(t *testing.T) {
		k := r.Ticket(t, "thread-4001")
		if k.Subject != "Cracked kettle" || k.Status != "closed" || k.Priority != "high" || len(k.Tags) != 2 || k.AssigneeUser.Email != "mia@acme.test" || k.ClosedDatetime != "2023-05-03T08:00:00Z" {
			t.Errorf("%+v", k)
		}
		if n := r.Problem("ticket.differs"); n != 0 {
			t.Errorf("%d contradictions", n)
		}
		holdConversation(t, r.Ticket(t, "ticket-72"), "description-72|in|ann@client.example.org|She called/about the lid.")
	})
	t.Run("copies, files and exact times", func(t *testing.T) {
		m := r.Ticket(t, "thread-4001").Messages[2]
		if s := m.Source; s.From.Address != "help@acme.test" || s.Cc[0].Address != "bob@client.example.org" || s.Bcc[0].Address != "log@acme.test" || m.SentDatetime != "2023-05-02T09:30:00.456000Z" {
			t.Errorf("%+v %s", s, m.SentDatetime)
		}
		if a := m.Attachments; len(a) != 1 || a[0].Name != "label.pdf" || a[0].URL != "https://files.example.com/f1/label.pdf" {
			t.Errorf("%+v", a)
		}
	})
	t.Run("messages inside threads, as a list and as the page they came in", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "thread-4005"), "i1|in|ann@client.example.org|Inline.")
		holdConversation(t, r.Ticket(t, "thread-4006"), "n1|in|ann@client.example.org|Nested.")
	})
	t.Run("a stage of another pipeline is a problem with a line to paste", func(t *testing.T) {
		holdTableProblem(t, r, "99123", "tables.stage")
	})
	t.Run("the ticket CSV is refused", func(t *testing.T) { holdRefused(t, "hubspot", hubspotCSV, "holds properties and no messages") })
}

// TestPresetHubSpotCRM: CRM tickets with logged e-mails and notes.
func TestPresetHubSpotCRM(t *testing.T) {
	r := preset(t, "hubspot-crm/export")
	t.Run("e-mails by direction, notes internal, the description only where there is no e-mail", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "71"),
			"email-501|in|ann@client.example.org|The kettle arrived cracked.",
			"note-601|note|leo@acme.test|Third one this week.",
			"email-502|out|mia@acme.test|A new one is on its way.",
			"email-503|out|leo@acme.test|See below.",
			"email-504|out|leo@acme.test|Did it come?")
		holdConversation(t, r.Ticket(t, "72"), "description-72|in|ann@client.example.org|She called/about the lid.")
	})
	t.Run("what was not sent, is of no ticket or archived is skipped and counted", func(t *testing.T) {
		if r.Skipped("message", "not sent") != 1 || r.Skipped("message", "of no ticket") != 1 || r.Skipped("message", "archived") != 2 || r.Skipped("ticket", "archived") != 1 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("addresses of the headers, times in both forms", func(t *testing.T) {
		m := r.Ticket(t, "71").Messages
		if s := m[2].Source; s.To[0].Address != "ann@client.example.org" || s.Cc[0].Address != "bob@client.example.org" || s.Bcc[0].Address != "log@acme.test" {
			t.Errorf("%+v", s)
		}
		if m[0].SentDatetime != "2023-05-02T09:00:00.123000Z" || m[3].SentDatetime != "2023-05-02T09:40:00.789000Z" {
			t.Error(m[0].SentDatetime, m[3].SentDatetime)
		}
	})
	t.Run("what is lost is told", func(t *testing.T) {
		for _, reason := range []string{"attachments are named by number alone: get the files from /files/v3/files", "not delivered", "on more than one ticket, taken for the first"} {
			if n := r.Warned(reason); n != 1 {
				t.Errorf("%s: %d", reason, n)
			}
		}
	})
	t.Run("a stage of another pipeline is a problem with a line to paste", func(t *testing.T) {
		holdTableProblem(t, r, "99123", "tables.stage")
	})
	t.Run("the ticket CSV is refused", func(t *testing.T) {
		holdRefused(t, "hubspot-crm", hubspotCSV, "holds properties and no messages")
	})
}
