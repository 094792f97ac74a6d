package main

import (
	"slices"
	"testing"
)

func TestHelpscoutTraps(t *testing.T) {
	r := preset(t, "helpscout/export")
	t.Run("the newest thread is listed first", func(t *testing.T) {
		want := []string{"Where is my parcel?", "Carrier says today.", "It arrives today."}
		if got := r.Ticket(t, "1001").bodies(); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	})
	t.Run("threads of one second keep their order", func(t *testing.T) {
		if got := r.Ticket(t, "1002").bodies(); !slices.Equal(got, []string{"first", "second", "third"}) {
			t.Errorf("%q", got)
		}
	})
	t.Run("threads is a count", func(t *testing.T) {
		if got := r.Ticket(t, "1007").bodies(); !slices.Equal(got, []string{"Asked apart.", "Answered apart."}) ||
			r.Warned("without its threads: read with embed=threads, or add the files that hold them") != 1 {
			t.Errorf("%q", got)
		}
	})
	t.Run("line items are events", func(t *testing.T) {
		if r.Skipped("message", "event") != 1 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("what was not sent is left out", func(t *testing.T) {
		for _, reason := range []string{"draft", "hidden", "under review, not sent"} {
			if r.Skipped("message", reason) != 1 {
				t.Errorf("%s: %+v", reason, r.Summary.Skipped)
			}
		}
	})
	t.Run("notes are internal, forwards too", func(t *testing.T) {
		if a, b := r.Ticket(t, "1001").message(t, "9002"), r.Ticket(t, "1009").message(t, "9082"); a.Public || b.Public {
			t.Errorf("%+v %+v", a, b)
		}
	})
	t.Run("a customer and a user may have one id", func(t *testing.T) {
		p := r.Ticket(t, "1001")
		if in, out := p.message(t, "9001"), p.message(t, "9003"); in.Sender.Email != "emma.novak@example.org" || in.FromAgent || out.Sender.Email != "sara@acme.test" || !out.FromAgent {
			t.Errorf("%+v %+v", in, out)
		}
	})
	t.Run("a file's name has two spellings, its bytes may be inside", func(t *testing.T) {
		a := r.Ticket(t, "1001").message(t, "9003").Attachments
		if len(a) != 3 || a[0].Name != "label.pdf" || a[1].Name != "hello.txt" || a[1].URL != "data:text/plain;base64,SGVsbG8=" ||
			r.Warned("a file's link needs a login: add its bytes as data") != 1 {
			t.Errorf("%+v", a)
		}
	})
	t.Run("a customer without e-mail", func(t *testing.T) {
		if c := r.Ticket(t, "1003").Customer; c.Email != "helpscout-customer-503-xd430f899e8@import.invalid" || c.Name != "Caller" {
			t.Errorf("%+v", c)
		}
	})
	t.Run("deleted conversations are left out, spam is marked", func(t *testing.T) {
		if r.Tickets["1005"] != nil || r.Skipped("ticket", "deleted in Help Scout") != 1 || !r.Ticket(t, "1006").Spam {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("an empty page", func(t *testing.T) {
		if r.Skipped("record", "an empty page") != 1 || r.Problem("record.no_input") != 0 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("an unknown status", func(t *testing.T) {
		if r.Tickets["1008"] != nil || r.Problem("table.unknown") != 1 {
			t.Errorf("%+v", r.Summary.Problems)
		}
	})
	t.Run("version 1, single and in a list", func(t *testing.T) {
		p := r.Ticket(t, "2001")
		if got := p.bodies(); !slices.Equal(got, []string{"Does it work?", "Yes."}) || p.Messages[1].Attachments[0].Name != "old.png" || p.AssigneeUser.Email != "sara@acme.test" {
			t.Errorf("%+v", p)
		}
		if got := r.Ticket(t, "2002").bodies(); !slices.Equal(got, []string{"Does it work?"}) {
			t.Errorf("%q", got)
		}
	})
	t.Run("copies", func(t *testing.T) {
		s := r.Ticket(t, "1001").message(t, "9003").Source
		if s.Cc[0].Address != "office@example.org" || s.Bcc[0].Address != "archive@acme.test" {
			t.Errorf("%+v", s)
		}
	})
}
