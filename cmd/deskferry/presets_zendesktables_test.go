package main

import (
	"os"
	"slices"
	"testing"
)

func TestZendeskTablesTraps(t *testing.T) {
	r := preset(t, "zendesk-tables/export")
	t.Run("comments of one ticket, in order", func(t *testing.T) {
		want := []string{"The lamp is broken!", "Ask the warehouse, please.", `We send a new one: "Lamp 2".`, "Solved after a day."}
		if got := r.Ticket(t, "3001").bodies(); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	})
	t.Run("a row loaded twice", func(t *testing.T) {
		if r.Skipped("message", "older version") != 1 || r.Problem("message_id.conflict") != 0 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("times without a zone are UTC", func(t *testing.T) {
		if m := r.Ticket(t, "3001").message(t, "9002"); m.SentDatetime != "2024-05-01T08:30:00.500000Z" || m.Public {
			t.Errorf("%+v", m)
		}
	})
	t.Run("tags are a table of their own", func(t *testing.T) {
		if tags := r.Ticket(t, "3001").Tags; len(tags) != 2 || tags[0].Name != "lamp" || tags[1].Name != "vip" {
			t.Errorf("%v", tags)
		}
	})
	t.Run("deleted tickets are left out and counted", func(t *testing.T) {
		if r.Tickets["3002"] != nil || r.Skipped("ticket", "deleted in Zendesk") != 1 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("a comment whose ticket is in no table", func(t *testing.T) {
		if p := r.Ticket(t, "3999"); len(p.Messages) != 1 || p.Channel != "api" || p.Customer.Email != "zendesk-598@import.invalid" ||
			r.Problem("ticket.unknown") != 1 || r.Problem("author.unknown") != 1 {
			t.Errorf("%+v", p)
		}
	})
	t.Run("a comment without text is no blank message", func(t *testing.T) {
		if r.Tickets["3005"] != nil || r.Problem("message.empty") != 1 || r.Summary.Tickets.Held != 1 {
			t.Errorf("%+v", r.Summary.Problems)
		}
	})
	t.Run("other tables", func(t *testing.T) {
		if r.Skipped("record", "a table without tickets, comments or users") != 1 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
}

// The tables of others: 20 public comments on 7 tickets, none of which is among the tickets, by 4 authors who are not among
// the users. All of them arrive, and all of it is said.
func TestZendeskTablesOfOthers(t *testing.T) {
	const tables = "../../../shared/samples/zendesk-tables"
	if _, err := os.Stat(tables); err != nil {
		t.Skip("the sample tables are not beside the checkout")
	}
	r := presetFrom(t, "zendesk-tables/export", []string{"--from", tables})
	authors := map[string]bool{}
	tickets, comments := 0, 0
	for _, id := range r.Order {
		p := r.Tickets[id]
		if p.Channel != "api" {
			continue
		}
		tickets++
		for _, m := range p.Messages {
			comments++
			authors[m.Sender.Email] = true
			if !m.Public {
				t.Errorf("%s is a note", m.ExternalID)
			}
		}
	}
	if tickets != 7 || comments != 20 || len(authors) != 4 {
		t.Errorf("%d comments on %d tickets by %v", comments, tickets, authors)
	}
	if r.Problem("author.unknown") != 20 || r.Problem("ticket.unknown") != 7 || r.Summary.Messages.Rejected != 0 {
		t.Errorf("%+v", r.Summary.Problems)
	}
}
