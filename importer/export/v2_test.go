package export

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

func at(t *testing.T, text string) mapping.SentTime {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := mapping.NewSentTime(when, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

func TestV2(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	const sent = "2024-07-01T10:00:00Z"
	agent := mapping.Person{ID: "user:12", Email: "mia@acme.test", Agent: true}
	for name, c := range map[string]struct {
		m    mapping.Message
		want string
		lost []string
	}{
		"reply": {
			mapping.Message{Channel: "email", Public: true, FromAgent: true, Author: agent, BodyHTML: "<p>Hello</p>", BodyText: "Hello", SentDatetime: at(t, sent),
				Cc: []mapping.Address{{Address: "a@example.com"}, {Address: "b@example.com"}}, InReplyTo: "77"},
			`{"ticketID":5,"type":"1","toAddress":"jo@example.com","ccInput":"a@example.com","respondMessageID":77,"plaintext":"Hello","message":"<p>Hello</p>","forwardedFileIDs":[],"sendAt":"2024-07-01 12:00:00","userID":12,"submitStatus":"solved"}`,
			[]string{"cc"},
		},
		"question": {
			mapping.Message{Channel: "email", Public: true, BodyText: "Where is it?", To: []mapping.Address{{Address: "support@acme.test"}}, SentDatetime: at(t, sent), InReplyTo: "<x@y>"},
			`{"ticketID":5,"type":"1","toAddress":"support@acme.test","message":"Where is it?","forwardedFileIDs":[],"sendAt":"2024-07-01 12:00:00","userID":0,"submitStatus":"solved"}`,
			[]string{"customer", "in_reply_to"},
		},
		"short note": {
			mapping.Message{Channel: "internal-note", FromAgent: true, Author: agent, BodyText: "<ok>", SentDatetime: at(t, sent)},
			`{"ticketID":5,"type":"0","toAddress":"","message":"<p>&lt;ok&gt;</p>","forwardedFileIDs":[],"sendAt":"2024-07-01 12:00:00","userID":12,"submitStatus":"solved"}`,
			nil,
		},
		"call, file, anonymous": {
			mapping.Message{Channel: "phone", Public: true, FromAgent: true, Author: mapping.Person{Name: "Mia"}, BodyText: "They called", SentDatetime: at(t, "2024-10-27T01:30:00.5Z"), Attachments: make([]mapping.Attachment, 2)},
			`{"ticketID":5,"type":"calllog","toAddress":"jo@example.com","message":"They called","forwardedFileIDs":[],"sendAt":"2024-10-27 02:30:00","userID":0,"submitStatus":"solved"}`,
			[]string{"sent_datetime", "sent_datetime", "agent", "attachments"},
		},
		"form": {
			mapping.Message{Channel: "contact_form", Public: true, BodyText: "Please help", To: []mapping.Address{{Address: "x@acme.test"}}, SentDatetime: at(t, sent)},
			`{"ticketID":5,"type":"contactform","toAddress":"","message":"Please help","forwardedFileIDs":[],"sendAt":"2024-07-01 12:00:00","userID":0,"submitStatus":"solved"}`,
			[]string{"customer"},
		},
		"a channel that has no number": {
			mapping.Message{Channel: "whatsapp", Public: true, FromAgent: true, Author: agent, BodyText: "Please help", SentDatetime: at(t, sent)},
			`{"ticketID":5,"type":"1","toAddress":"jo@example.com","message":"Please help","forwardedFileIDs":[],"sendAt":"2024-07-01 12:00:00","userID":12,"submitStatus":"solved"}`,
			[]string{"channel"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			v := V2{W: &out, Zone: amsterdam}
			w := importer.Work{Key: "desk:5", Ticket: mapping.Ticket{ExternalID: "5", Status: "closed", Customer: mapping.Person{Email: "jo@example.com"}, Messages: []mapping.Message{c.m}}}
			if err := v.Ticket(&w); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != c.want+"\n" {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			valid(t, out.Bytes())
			var lost []string
			for _, l := range v.Losses.All() {
				lost = append(lost, l.Code)
			}
			if len(lost) != len(c.lost) {
				t.Fatalf("lost %v, want %v", lost, c.lost)
			}
			for i := range lost {
				if lost[i] != c.lost[i] {
					t.Errorf("lost %v, want %v", lost, c.lost)
				}
			}
		})
	}
}

// valid holds a record against what POST /api/v2/message asks for (api/omnidesk-v2 section 3).
func valid(t *testing.T, line []byte) {
	t.Helper()
	var r struct{ Type, Message, SendAt string }
	if err := json.Unmarshal(line, &r); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^([0-9]+|calllog|contactform)$`).MatchString(r.Type) || utf8.RuneCountInString(r.Message) < 5 ||
		!regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$`).MatchString(r.SendAt) {
		t.Errorf("that API would refuse %s", line)
	}
}

// TestV2TicketID: an id that is no number is kept and counted.
func TestV2TicketID(t *testing.T) {
	var out bytes.Buffer
	v := V2{W: &out}
	w := importer.Work{Ticket: mapping.Ticket{ExternalID: "cnv_\"7", Subject: "x", Tags: []string{"y"}, Messages: []mapping.Message{
		{Channel: "email", Public: true, FromAgent: true, Author: mapping.Person{ID: "9"}, BodyText: "hello", SentDatetime: at(t, "2024-07-01T10:00:00Z")}}}}
	if err := v.Ticket(&w); err != nil {
		t.Fatal(err)
	}
	if want := `{"ticketID":"cnv_\"7","type":"1","toAddress":"","message":"hello","forwardedFileIDs":[],"sendAt":"2024-07-01 10:00:00","userID":9}` + "\n"; out.String() != want {
		t.Errorf("got %s", out.String())
	}
	if lost := v.Losses.All(); len(lost) != 3 || lost[0].Count != 1 {
		t.Errorf("lost %v", lost)
	}
}
