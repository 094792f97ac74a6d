package main

import (
	"slices"
	"strings"
	"testing"
)

func TestZohoTraps(t *testing.T) {
	r := preset(t, "zoho/csv")
	t.Run("the word NULL is nothing", func(t *testing.T) {
		if r.Skipped("message", "a thread without content") != 1 || r.Skipped("message", "a comment without content") != 1 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
		for _, p := range r.Tickets {
			for _, m := range p.Messages {
				if strings.Contains(m.BodyText, "NULL") {
					t.Errorf("%+v", m)
				}
			}
		}
		if c := r.Ticket(t, "3").Customer; c.Email != "zoho-503@import.invalid" {
			t.Errorf("%+v", c)
		}
	})
	t.Run("times without seconds", func(t *testing.T) {
		p := r.Ticket(t, "1")
		if m := p.message(t, "12"); m.SentDatetime != "2021-03-01T09:30:00.000000Z" || p.Messages[0].SentDatetime != "2021-03-01T08:00:00.000000Z" {
			t.Errorf("%+v", m)
		}
	})
	t.Run("direction and privacy", func(t *testing.T) {
		p := r.Ticket(t, "1")
		if in, out, note := p.message(t, "11"), p.message(t, "12"), p.message(t, "14"); in.FromAgent || !out.FromAgent || !out.Public || note.Public {
			t.Errorf("%+v", p.Messages)
		}
	})
	t.Run("without isPrivate a thread is internal", func(t *testing.T) {
		if m := r.Ticket(t, "2").message(t, "22"); m.Public || r.Warned("without isPrivate, so taken as internal") != 1 {
			t.Errorf("%+v", m)
		}
	})
	t.Run("threads and comments may have one id", func(t *testing.T) {
		if m := r.Ticket(t, "1").message(t, "comment-11"); m.Public || m.Sender.Name != "Tom Berg" {
			t.Errorf("%+v", m)
		}
	})
	t.Run("content is HTML or plain", func(t *testing.T) {
		p := r.Ticket(t, "1")
		if a, b := p.message(t, "11"), p.message(t, "12"); a.BodyText != "The lamp flickers." || b.BodyText != "Try another bulb.\nIt helps often." {
			t.Errorf("%q %q", a.BodyText, b.BodyText)
		}
	})
	t.Run("an unknown status", func(t *testing.T) {
		if r.Tickets["4"] != nil || r.Problem("table.unknown") != 1 {
			t.Errorf("%+v", r.Summary.Problems)
		}
	})
}

func TestZohoAPITraps(t *testing.T) {
	r := preset(t, "zoho/api")
	t.Run("long ids stay exact", func(t *testing.T) {
		if p := r.Ticket(t, "111000111000111001"); p.AssigneeUser.Email != "sara@acme.test" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("lists have only a summary", func(t *testing.T) {
		if m := r.Ticket(t, "111000111000111001").message(t, "22"); m.BodyText != "Try another bulb, it…" || r.Warned("only a summary: read the thread by itself to have its content") != 1 {
			t.Errorf("%+v", m)
		}
	})
	t.Run("threads and comments in order", func(t *testing.T) {
		var got []string
		for _, m := range r.Ticket(t, "111000111000111001").Messages {
			word := m.ExternalID
			if !m.Public {
				word += " note"
			}
			got = append(got, word)
		}
		if want := []string{"21", "22", "23", "25 note", "comment-21 note", "comment-22"}; !slices.Equal(got, want) || r.Skipped("message", "draft") != 1 {
			t.Errorf("%q", got)
		}
	})
	t.Run("conversations inside a ticket", func(t *testing.T) {
		p := r.Ticket(t, "111000111000111003")
		if got := p.bodies(); !slices.Equal(got, []string{"Inside", "Inside, private"}) || p.Messages[1].Public {
			t.Errorf("%+v", p)
		}
	})
	t.Run("a status of the account's own has a type", func(t *testing.T) {
		if p := r.Ticket(t, "111000111000111002"); p.Status != "open" || p.Messages[0].BodyText != "Never answered?" || p.Channel != "api" {
			t.Errorf("%+v", p)
		}
	})
}
