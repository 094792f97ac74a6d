package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// bodies are the texts of a ticket's messages, in order.
func (p *presetTicket) bodies() (list []string) {
	for i := range p.Messages {
		list = append(list, p.Messages[i].BodyText)
	}
	return list
}

// message is the ticket's message of that id; the test ends where there is none.
func (p *presetTicket) message(t *testing.T, id string) *presetMessage {
	t.Helper()
	for i := range p.Messages {
		if p.Messages[i].ExternalID == id {
			return &p.Messages[i]
		}
	}
	t.Fatalf("ticket %s has no message %s", p.ExternalID, id)
	return nil
}

// presetFiles converts and checks files of these names and texts with a preset.
func presetFiles(t *testing.T, preset string, files map[string]string) *presetRun {
	t.Helper()
	from := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(from, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return presetFrom(t, preset+"/export", []string{"--from", from, "--mapping", preset})
}

// presetRefused runs a check that cannot begin and returns what it says.
func presetRefused(t *testing.T, preset, name, text string) string {
	t.Helper()
	code, out, errs := presetCheck(t, presetTextFlags(t, preset, name, text))
	if code != exitFailed {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	return errs
}

func TestZendeskTraps(t *testing.T) {
	r := preset(t, "zendesk/export")
	t.Run("comments[0] repeats the description", func(t *testing.T) {
		if got := r.Ticket(t, "1001").bodies(); len(got) != 4 || !strings.HasPrefix(got[0], "The parcel was open.") {
			t.Errorf("%q", got)
		}
	})
	t.Run("a ticket without comments has its description", func(t *testing.T) {
		if got := r.Ticket(t, "1006").bodies(); !slices.Equal(got, []string{"It was imported from an older system."}) {
			t.Errorf("%q", got)
		}
	})
	t.Run("public false is a note", func(t *testing.T) {
		if m := r.Ticket(t, "1001").message(t, "7002"); m.Public || m.Channel != "internal-note" || !m.FromAgent || m.Sender.Email != "tom@acme.test" {
			t.Errorf("%+v", m)
		}
	})
	t.Run("authors in no list", func(t *testing.T) {
		if m := r.Ticket(t, "1003").message(t, "7021"); !m.FromAgent || m.Sender.Email != "" || r.Problem("author.unknown") != 1 {
			t.Errorf("%+v, %d unknown", m, r.Problem("author.unknown"))
		}
	})
	t.Run("a requester without e-mail", func(t *testing.T) {
		if c := r.Ticket(t, "1005").Customer; c.Email != "zendesk-503@import.invalid" || r.Problem("customer.made_up") != 1 {
			t.Errorf("%+v, %d made up", c, r.Problem("customer.made_up"))
		}
	})
	t.Run("deleted tickets are left out and counted", func(t *testing.T) {
		if r.Tickets["1002"] != nil || r.Skipped("ticket", "deleted in Zendesk") != 1 || r.Skipped("message", "deleted in Zendesk") != 1 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("merged tickets", func(t *testing.T) {
		p := r.Ticket(t, "1004")
		if m := p.message(t, "7031"); m.Public || p.Status != "closed" || r.Warned("merged into another ticket") != 1 {
			t.Errorf("%+v", p)
		}
	})
	t.Run("the system is no person", func(t *testing.T) {
		if m := r.Ticket(t, "1001").message(t, "7004"); !m.FromAgent || !m.Public {
			t.Errorf("%+v", m)
		}
	})
	t.Run("copies go to people and addresses", func(t *testing.T) {
		want := []presetAddress{{"liam@example.com", "Liam Osei"}, {"office@example.org", ""}}
		if cc := r.Ticket(t, "1001").message(t, "7001").Source.Cc; !slices.Equal(cc, want) {
			t.Errorf("%v", cc)
		}
	})
	t.Run("attachments and recordings", func(t *testing.T) {
		a := r.Ticket(t, "1001").message(t, "7001").Attachments
		b := r.Ticket(t, "1005").message(t, "7040").Attachments
		if len(a) != 1 || a[0].Name != "parcel.jpg" || a[0].Size != 48213 || a[0].ContentType != "image/jpeg" || !strings.Contains(a[0].URL, "/token/k1/") {
			t.Errorf("%+v", a)
		}
		if len(b) != 1 || b[0].URL != "https://acme.zendesk.test/recordings/7040.mp3" {
			t.Errorf("%+v", b)
		}
	})
	t.Run("an unknown channel", func(t *testing.T) {
		if p := r.Ticket(t, "1008"); p.Channel != "api" || r.Warned("via.channel hologram is not known, taken as api") != 1 {
			t.Errorf("%+v", p)
		}
	})
}

func TestZendeskAPITraps(t *testing.T) {
	r := preset(t, "zendesk/api")
	t.Run("the newest record of a ticket counts", func(t *testing.T) {
		if p := r.Ticket(t, "2001"); p.Subject != "Invoice is missing (2 orders)" || p.Status != "closed" || r.Skipped("ticket record", "older version") != 1 {
			t.Errorf("%+v %+v", p, r.Summary.Skipped)
		}
	})
	t.Run("comments find their ticket by the file's name", func(t *testing.T) {
		if got := r.Ticket(t, "2001").bodies(); !slices.Equal(got, []string{"Where is my invoice?", "Attached."}) ||
			r.Warned("a comment's ticket is taken from the file's name") != 2 {
			t.Errorf("%q", got)
		}
	})
	t.Run("or by what a script added", func(t *testing.T) {
		if p := r.Ticket(t, "2002"); len(p.Messages) != 2 || p.Messages[1].Public {
			t.Errorf("%+v", p)
		}
	})
	t.Run("or are rejected", func(t *testing.T) {
		if r.Problem("message.no_ticket") != 1 || r.Summary.Records.Rejected != 1 {
			t.Errorf("%+v", r.Summary.Problems)
		}
	})
	t.Run("audits and ticket events", func(t *testing.T) {
		want := []string{"The switch is broken.", "Call the customer.", "A new switch is in the post."}
		if got := r.Ticket(t, "2003").bodies(); !slices.Equal(got, want) || r.Skipped("message", "no comment") != 4 ||
			r.Skipped("message", "a comment's privacy was changed") != 1 {
			t.Errorf("%q %+v", got, r.Summary.Skipped)
		}
	})
	t.Run("a comment and its audit are one message", func(t *testing.T) {
		if r.Skipped("message", "older version") != 1 || r.Problem("message_id.conflict") != 0 {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("a requester in no list", func(t *testing.T) {
		if p := r.Ticket(t, "2005"); p.Customer.Email != "zendesk-777@import.invalid" || p.Messages[0].FromAgent {
			t.Errorf("%+v", p)
		}
	})
}

func TestZendeskOneTicket(t *testing.T) {
	line := func(change ...string) string {
		s := `{"id":1,"status":"open","priority":null,"created_at":"2024-03-04T09:00:00Z","via":{"channel":"email"},` +
			`"requester":{"id":5,"email":"emma@example.org"},"description":"Hi","comments":[{"id":2,"author_id":5,"public":true,` +
			`"body":"Hi","created_at":"2024-03-04T09:00:00Z"}]}`
		return strings.NewReplacer(change...).Replace(s)
	}
	t.Run("a comment that was cut", func(t *testing.T) {
		r := presetFiles(t, "zendesk", map[string]string{"t.ndjson": line(`"body":"Hi"`, `"body":"`+strings.Repeat("x", 65535)+`"`)})
		if r.Warned("65,000 characters: Zendesk cuts comments there") != 1 || len(r.Tickets) != 1 {
			t.Errorf("%+v", r.Summary.Problems)
		}
	})
	t.Run("5,000 comments", func(t *testing.T) {
		var list []string
		for range 4999 {
			list = append(list, `{"id":`+"9"+`,"author_id":5,"public":true,"body":"Hi","created_at":"2024-03-04T09:00:00Z"}`)
		}
		for n, want := range map[int]int64{4998: 0, 4999: 1} {
			r := presetFiles(t, "zendesk", map[string]string{"t.ndjson": line(`"comments":[`, `"comments":[`+strings.Join(list[:n], ",")+",")})
			if got := r.Warned("5,000 comments: Zendesk gives no more"); got != want {
				t.Errorf("%d warnings with %d comments", got, n+1)
			}
		}
	})
	t.Run("unknown words are problems with a line to paste", func(t *testing.T) {
		r := presetFiles(t, "zendesk", map[string]string{"t.ndjson": line(`"open"`, `"parked"`, `"priority":null`, `"priority":"asap"`)})
		if r.Problem("table.unknown") != 2 || r.Summary.Tickets.Held != 1 {
			t.Errorf("%+v", r.Summary.Problems)
		}
	})
	t.Run("a missing flag keeps a comment internal", func(t *testing.T) {
		r := presetFiles(t, "zendesk", map[string]string{"t.ndjson": line(`"public":true,`, ``)})
		if m := r.Ticket(t, "1").Messages[0]; m.Public {
			t.Errorf("%+v", m)
		}
	})
	t.Run("a comment mended by a newer export", func(t *testing.T) {
		r := presetFiles(t, "zendesk", map[string]string{
			"a.ndjson": line(`"id":1,`, `"id":1,"updated_at":"2024-03-05T09:00:00Z",`, `"body":"Hi"`, `"body":"redacted"`),
			"b.ndjson": line(`"id":1,`, `"id":1,"updated_at":"2024-03-04T09:00:00Z",`),
		})
		if got := r.Ticket(t, "1").bodies(); !slices.Equal(got, []string{"redacted"}) || r.Problem("message_id.conflict") != 0 {
			t.Errorf("%q", got)
		}
	})
}

func TestZendeskRefusals(t *testing.T) {
	for _, preset := range []string{"zendesk", "zendesk-tables"} {
		said := presetRefused(t, preset, "tickets.csv", "Id,Subject,Status,Requester,Requester email,Assignee,Tags\n1,Hi,Open,Emma,emma@example.org,Sara,vip\n")
		if !strings.Contains(said, "full JSON export") || strings.Contains(said, "has no column") {
			t.Errorf("%s: %s", preset, said)
		}
	}
	if said := presetRefused(t, "zendesk", "ticket.csv", "id,requester_id,via_channel,status\n1,2,email,open\n"); !strings.Contains(said, "zendesk-tables") {
		t.Error(said)
	}
}
