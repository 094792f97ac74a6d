package main

import (
	"fmt"
	"testing"
)

// TestPresetKayako: the cloud version's cases, posts and notes in their envelopes.
func TestPresetKayako(t *testing.T) {
	r := preset(t, "kayako/export")
	t.Run("the oldest post is first, notes are internal, one that stands among the posts as well comes once", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "11"),
			"post-101|in|ann@client.example.org|The kettle arrived cracked.",
			"note-502|note|leo@acme.test|Third one this week.",
			"note-503|note|mia@acme.test|Ask the warehouse.",
			"post-103|out|mia@acme.test|A new one is on its way.")
		if n := r.Skipped("message", "older version"); n != 1 {
			t.Errorf("%d copies", n)
		}
	})
	t.Run("is_requester is the direction; another customer is none of the agents; an author nobody knows is told", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "13"), "post-131|in|ann@client.example.org|Which lid?", "post-132|in|bob@client.example.org|I would like one too.", "post-133|out|Gone Agent|Neither.")
		if n := r.Problem("author.unknown"); n != 1 {
			t.Errorf("%d unknown authors", n)
		}
	})
	t.Run("one case in an answer of its own, with its posts and notes", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "16"), "post-161|in|ann@client.example.org|Hello?", "note-504|note|leo@acme.test|Polite.", "post-162|out|mia@acme.test|Hello!")
		if k := r.Ticket(t, "16"); k.Channel != "help-center" || k.Messages[2].Channel != "help-center" {
			t.Errorf("an agent's answer goes where the case came from: %s, %s", k.Channel, k.Messages[2].Channel)
		}
	})
	t.Run("the offset of a time counts", func(t *testing.T) {
		k := r.Ticket(t, "11")
		if k.CreatedDatetime != "2016-03-29T05:15:00Z" || k.Messages[3].SentDatetime != "2016-03-29T05:40:00.250000Z" || k.ClosedDatetime != "2016-03-29T07:00:00Z" {
			t.Error(k.CreatedDatetime, k.Messages[3].SentDatetime, k.ClosedDatetime)
		}
	})
	t.Run("the ticket's own fields, copies and files", func(t *testing.T) {
		k := r.Ticket(t, "11")
		if k.Status != "closed" || k.Priority != "critical" || k.AssigneeUser.Email != "mia@acme.test" || len(k.Tags) != 2 || fmt.Sprint(k.AssigneeTeam) != "map[name:Kitchen]" {
			t.Errorf("%+v", k)
		}
		if fmt.Sprint(k.CustomFields) != "[map[label:Order value:A-1] map[label:Kayako field 8 value:K2]]" {
			t.Error(k.CustomFields)
		}
		m := k.Messages[3]
		if s := m.Source; s.From.Address != "help@acme.test" || s.Cc[0].Address != "bob@client.example.org" || s.Bcc[0].Address != "log@acme.test" {
			t.Errorf("%+v", s)
		}
		if a := m.Attachments; len(a) != 1 || a[0].Name != "label.pdf" || a[0].URL != "https://acme.kayako.example/media/url/label" || a[0].ContentType != "application/pdf" || a[0].Size != 9001 {
			t.Errorf("%+v", a)
		}
		if s := k.Messages[0].Source; len(s.To) != 1 || s.To[0].Address != "help@acme.test" {
			t.Errorf("%+v", s)
		}
	})
	t.Run("what is in the trash or suspended is skipped and counted", func(t *testing.T) {
		if r.Skipped("ticket", "trash") != 1 || r.Skipped("ticket", "suspended") != 1 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("a status label nobody knows is a problem with a line to paste, one that is a reference alone is told", func(t *testing.T) {
		holdTableProblem(t, r, "On the bench", "tables.status")
		if n := r.Warned("status without a label, taken as open: read the cases with include=*"); n != 1 {
			t.Errorf("%d", n)
		}
	})
}

// TestPresetKayakoClassic: XML, with posts and notes inside the tickets and in files of their own.
func TestPresetKayakoClassic(t *testing.T) {
	r := preset(t, "kayako-classic/export")
	t.Run("notes and private posts are internal, the oldest post is first, CDATA is text", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "21"),
			"post-101|in|ann@client.example.org|The kettle arrived cracked: 1 < 2 & so on./See you",
			"note-51|note|leo@acme.test|Third one this week./Ask the warehouse.",
			"post-102|note|leo@acme.test|Only between us.",
			"post-103|out|mia@acme.test|A new one is on its way.")
		if k := r.Ticket(t, "21"); k.Subject != "Cracked kettle <blue>" {
			t.Error(k.Subject)
		}
	})
	t.Run("a list of one post is a list", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "22"), "post-111|in|cleo@client.example.org|Where is my lid?")
	})
	t.Run("times are Unix seconds", func(t *testing.T) {
		k := r.Ticket(t, "21")
		if k.CreatedDatetime != "2011-04-13T12:35:00Z" || k.Messages[1].SentDatetime != "2011-04-13T12:36:40.000000Z" {
			t.Error(k.CreatedDatetime, k.Messages[1].SentDatetime)
		}
	})
	t.Run("HTML stays HTML, text is escaped", func(t *testing.T) {
		m := r.Ticket(t, "21").Messages
		if m[3].BodyHTML != "<p>A new one is on its way.</p>" || m[0].BodyHTML != "<p>The kettle arrived cracked: 1 &lt; 2 &amp; so on.<br>See you</p>" {
			t.Errorf("%q %q", m[3].BodyHTML, m[0].BodyHTML)
		}
	})
	t.Run("who and what", func(t *testing.T) {
		k := r.Ticket(t, "21")
		if k.Customer.Email != "ann@client.example.org" || k.AssigneeUser.Email != "mia@acme.test" || len(k.Tags) != 2 || fmt.Sprint(k.AssigneeTeam) != "map[name:Kayako department 3]" {
			t.Errorf("%+v", k)
		}
		if k := r.Ticket(t, "22"); k.AssigneeUser != nil && k.AssigneeUser.Name != "" || k.Customer.Email != "cleo@client.example.org" {
			t.Errorf("%+v %+v", k.AssigneeUser, k.Customer)
		}
	})
	t.Run("numbers that the account gives a meaning are told, each by itself", func(t *testing.T) {
		for _, id := range []string{"4", "6"} {
			if n := r.Warned("statusid " + id + " is taken as open: say what it means in the mapping's tables: status"); n != 1 {
				t.Errorf("statusid %s: %d", id, n)
			}
		}
		if n := r.Warned("has attachments, which the file does not hold"); n != 1 {
			t.Errorf("%d attachments", n)
		}
	})
	numbers := preset(t, "kayako-classic/numbers")
	t.Run("creators as numbers; a staff's post that does not say it is public is a note, a customer's is not", func(t *testing.T) {
		holdConversation(t, numbers.Ticket(t, "31"),
			"post-131|in|ann@client.example.org|Hello", "note-52|note|Leo Hart|Polite.", "post-132|out|mia@acme.test|Hello to you", "post-133|note|mia@acme.test|Public or not?")
		if n := numbers.Warned("isprivate is missing, taken as a note"); n != 1 {
			t.Errorf("%d", n)
		}
		if n := numbers.Skipped("message", "post without text"); n != 1 {
			t.Errorf("%d without a text", n)
		}
	})
	t.Run("what the mapping says the numbers mean", func(t *testing.T) {
		if k := numbers.Ticket(t, "31"); k.Status != "closed" || k.Priority != "high" || len(k.Tags) != 2 {
			t.Errorf("%+v", k)
		}
	})
}
