package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPresetMail: what mailboxes hold.
func TestPresetMail(t *testing.T) {
	r := preset(t, "mail/mbox")
	only := func(t *testing.T, id string) presetMessage {
		t.Helper()
		if k := r.Ticket(t, id); len(k.Messages) == 1 {
			return k.Messages[0]
		}
		t.Fatalf("ticket %s has %d messages", id, len(r.Ticket(t, id).Messages))
		return presetMessage{}
	}
	thread := r.Ticket(t, "1700000000000000001")
	t.Run("a conversation by Gmail's number, in the order of time", func(t *testing.T) {
		if len(thread.Messages) != 2 || thread.Subject != "Wo bleibt mein Paket?" || thread.Customer.Email != "ana@example.com" || thread.Customer.Name != "Ana Sørensen" {
			t.Fatalf("%+v", thread)
		}
		if thread.Messages[0].FromAgent || !thread.Messages[1].FromAgent {
			t.Error("direction is by people.agents")
		}
	})
	t.Run("ids of mail", func(t *testing.T) {
		if m := thread.Messages[1]; m.MessageID != "<a1@acme.test>" || m.Headers["In-Reply-To"] != "<q1@mail.example.com>" || m.Headers["References"] != "<q1@mail.example.com>" {
			t.Errorf("%s %v", m.MessageID, m.Headers)
		}
	})
	t.Run("a conversation by References", func(t *testing.T) {
		if k := r.Ticket(t, "q2@example.org"); len(k.Messages) != 2 || k.Subject != "Rechnung" || k.Messages[1].Subject != "AW: Rechnung" {
			t.Errorf("%+v", k)
		}
	})
	t.Run("From at the beginning of a line", func(t *testing.T) {
		want := "Dear Ana,\n\nFrom our side it has left.\n>From the carrier we heard nothing.\n\nBo"
		if got := strings.TrimSpace(thread.Messages[1].BodyText); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
	t.Run("the same message twice", func(t *testing.T) {
		if r.Summary.Messages.Repeated != 1 {
			t.Errorf("%+v", r.Summary.Messages)
		}
	})
	t.Run("different messages under one Message-ID", func(t *testing.T) {
		k := r.Ticket(t, "form@example.net")
		if len(k.Messages) != 2 || !strings.HasPrefix(k.Messages[0].BodyText, "Entry 1") || !strings.HasPrefix(k.Messages[1].BodyText, "Entry 2") {
			t.Errorf("%+v", k)
		}
	})
	t.Run("bcc stays bcc", func(t *testing.T) {
		m := thread.Messages[1]
		if len(m.Source.To) != 1 || len(m.Source.Cc) != 0 || len(m.Source.Bcc) != 1 || m.Source.Bcc[0].Address != "archive@acme.test" {
			t.Errorf("%+v", m.Source)
		}
		if strings.Contains(m.BodyText+m.BodyHTML, "archive@") {
			t.Error("bcc is in the body")
		}
	})
	t.Run("attachments, their names, and pictures inside", func(t *testing.T) {
		a := thread.Messages[0].Attachments
		if len(a) != 1 || a[0].Name != "Bestellübersicht.txt" || !strings.HasSuffix(a[0].URL, ";base64,T3JkZXIgNzcK") {
			t.Errorf("%+v", a)
		}
		m := only(t, "o1@acme.test")
		if len(m.Attachments) != 1 || m.Attachments[0].ContentType != "image/png" || !strings.Contains(m.BodyHTML, "<img") {
			t.Errorf("%+v", m)
		}
	})
	t.Run("both forms of the body", func(t *testing.T) {
		m := thread.Messages[0]
		if !strings.Contains(m.BodyText, "It cost 5 €.") || !strings.Contains(m.BodyHTML, "<p>Hello,<br>") {
			t.Errorf("%q %q", m.BodyText, m.BodyHTML)
		}
	})
	t.Run("charsets", func(t *testing.T) {
		m := r.Ticket(t, "q2@example.org").Messages
		if !strings.Contains(m[0].BodyText, "für die Prüfung") || !strings.Contains(m[1].BodyText, "Anbei.") {
			t.Errorf("%q %q", m[0].BodyText, m[1].BodyText)
		}
		if n := r.Warned("reading it: charset.unknown: x-made-up"); n != 1 {
			t.Errorf("%d warnings: %+v", n, r.Summary.Problems)
		}
	})
	t.Run("no Date, and a Date that is none", func(t *testing.T) {
		if at := only(t, "q3@example.com").SentDatetime; at != "2024-01-17T08:30:00.000000Z" {
			t.Errorf("without Date it is the time of receipt: %s", at)
		}
		if at := only(t, "q4@example.com").SentDatetime; at != "2024-01-18T08:00:00.000000Z" {
			t.Errorf("without any other it is the envelope's: %s", at)
		}
		if r.Warned("no usable Date, so the time it was received stands for it") != 1 || r.Warned("no usable Date, so the time of its envelope stands for it") != 1 {
			t.Errorf("%+v", r.Summary.Problems)
		}
	})
	t.Run("no Message-ID", func(t *testing.T) {
		for id, k := range r.Tickets {
			if k.Subject == "Nameless" {
				if !strings.HasPrefix(k.Messages[0].ExternalID, "h1:") || k.Messages[0].MessageID != "" {
					t.Errorf("%s %+v", id, k)
				}
				return
			}
		}
		t.Errorf("it is lost: %v", r.Order)
	})
	t.Run("labels", func(t *testing.T) {
		if got := tagNames(thread); got != "Orders" {
			t.Errorf("tags %s", got)
		}
		if k := r.Ticket(t, "1700000000000000010"); !k.Spam || tagNames(k) != "" {
			t.Errorf("%+v", k)
		}
	})
	t.Run("drafts are left out", func(t *testing.T) {
		if r.Skipped("message", "draft") != 1 || r.Tickets["1700000000000000009"] != nil {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("what lies in the trash is left out", func(t *testing.T) {
		if r.Skipped("message", "trash") != 1 || r.Tickets["1700000000000000011"] != nil {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("automatic mail is left out on demand only", func(t *testing.T) {
		only(t, "auto@example.com")
		skipped := preset(t, "mail/mbox", "--set", "automatic=skip")
		if skipped.Skipped("message", "automatic") != 1 || skipped.Tickets["auto@example.com"] != nil || len(skipped.Order) != len(r.Order)-1 {
			t.Errorf("%v %+v", skipped.Order, skipped.Summary.Skipped)
		}
	})
	t.Run("we wrote first: the customer is whom we wrote to", func(t *testing.T) {
		if k := r.Ticket(t, "o1@acme.test"); k.Customer.Email != "hugo@example.com" || k.Customer.Name != "Hugo, Ltd" || !k.Messages[0].FromAgent {
			t.Errorf("%+v", k)
		}
	})
	t.Run("every other author is counted", func(t *testing.T) {
		if r.Problem("author.unknown") != 9 || r.Summary.Messages.Incoming != 9 || r.Summary.Messages.Outgoing != 3 {
			t.Errorf("%d, %+v", r.Problem("author.unknown"), r.Summary.Messages)
		}
	})
}

// TestPresetMailFolders: one message a file.
func TestPresetMailFolders(t *testing.T) {
	t.Run("a Maildir, with its folders", func(t *testing.T) {
		r := preset(t, "mail/maildir")
		k := r.Ticket(t, "m1@example.com")
		if len(r.Order) != 1 || len(k.Messages) != 3 || k.Messages[0].FromAgent || !k.Messages[1].FromAgent || k.Messages[2].FromAgent {
			t.Errorf("whose mail lies among the sent mail is an agent: %v %+v", r.Order, k)
		}
		if r.Skipped("message", "draft") != 2 || r.Summary.Messages.Repeated != 1 {
			t.Errorf("%+v %+v", r.Summary.Skipped, r.Summary.Messages)
		}
	})
	t.Run("a Maildir's flags in the names of its files", func(t *testing.T) {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"cur/1705309200.M1P1.mx:2,S":  "Message-ID: <a@example.com>\r\nDate: Mon, 15 Jan 2024 09:00:00 +0000\r\nFrom: ana@example.com\r\nTo: support@acme.test\r\nSubject: S\r\n\r\nOne\r\n",
			"cur/1705309203.M4P1.mx:2,DS": "Message-ID: <d@example.com>\r\nDate: Mon, 15 Jan 2024 09:00:02 +0000\r\nFrom: bo@acme.test\r\nTo: ana@example.com\r\nSubject: S\r\n\r\nThree\r\n",
			"cur/1705309204.M5P1.mx:2,ST": "Message-ID: <e@example.com>\r\nDate: Mon, 15 Jan 2024 09:00:03 +0000\r\nFrom: ana@example.com\r\nTo: bo@acme.test\r\nSubject: S\r\n\r\nFour\r\n",
			"new/1705309201.M2P1.mx":      "Message-ID: <b@example.com>\r\nDate: Mon, 15 Jan 2024 09:00:01 +0000\r\nFrom: ana@example.com\r\nTo: support@acme.test\r\nSubject: S\r\n\r\nTwo\r\n",
			"tmp/1705309202.M3P1.mx":      "Message-ID: <c@example.com>\r\nDate: Mon, 15 Jan",
		} {
			path := filepath.Join(dir, "Maildir", filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Skipf("this system does not take such names: %v", err)
			}
		}
		r := presetFrom(t, "mail/maildir", []string{"--from", filepath.Join(dir, "Maildir")})
		if len(r.Order) != 2 || r.Skipped("message", "draft") != 1 || r.Skipped("message", "trash") != 1 {
			t.Errorf("%v %+v %+v", r.Order, r.Summary.Skipped, r.Summary.Problems)
		}
	})
	t.Run("conversations by subject, on demand", func(t *testing.T) {
		if r := preset(t, "mail/eml"); len(r.Order) != 2 {
			t.Errorf("without In-Reply-To these are two: %v", r.Order)
		}
		r := preset(t, "mail/eml", "--set", "by_subject=acme.test")
		if k := r.Ticket(t, "opening hours (ana@example.com)"); len(r.Order) != 1 || len(k.Messages) != 2 {
			t.Errorf("%v %+v", r.Order, k)
		}
	})
}
