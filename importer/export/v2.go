package export

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

// record is a request body of POST /api/v2/message (api/omnidesk-v2 section 3). An id is a number there; one that is
// none is written as text, which that API refuses.
type record struct {
	TicketID         jsontext.Value `json:"ticketID"`
	Type             string         `json:"type"`
	ToAddress        string         `json:"toAddress"`
	CcInput          string         `json:"ccInput,omitzero"`
	BccInput         string         `json:"bccInput,omitzero"`
	RespondMessageID int64          `json:"respondMessageID,omitzero"`
	Plaintext        string         `json:"plaintext,omitzero"`
	Message          string         `json:"message"`
	ForwardedFileIDs []int64        `json:"forwardedFileIDs"`
	SendAt           string         `json:"sendAt"`
	UserID           int64          `json:"userID"`
	SubmitStatus     string         `json:"submitStatus,omitzero"`
}

// minMessage is the fewest characters a message has there.
const minMessage = 5

// V2 writes tickets as message records of the Omnidesk v2 API, one a line: the bodies of POST /api/v2/message. They are
// for feeding another system; deskferry never posts them, because that API delivers to customers. It is for one
// goroutine.
type V2 struct {
	W      io.Writer
	Zone   *time.Location // of sendAt, which names none; nil is UTC
	Losses Losses
}

// typeEmail is the channel number of e-mail.
const typeEmail = "1"

// typeOf is a channel as a record's type names it (api/omnidesk-v2 section 3): numbers seen are 1 e-mail, 8 live chat and
// 0 on notes.
func typeOf(channel string) (kind string, known bool) {
	switch channel {
	case "email":
		return typeEmail, true
	case "chat":
		return "8", true
	case "internal-note":
		return "0", true
	case "phone":
		return "calllog", true
	case "contact_form":
		return "contactform", true
	}
	return typeEmail, false
}

// Ticket adds a ticket's messages.
func (v *V2) Ticket(work *importer.Work) error {
	t := &work.Ticket
	v.ticketLosses(t)
	for i := range t.Messages {
		m := &t.Messages[i]
		r := v.record(t, m)
		if i == len(t.Messages)-1 {
			r.SubmitStatus = map[string]string{"open": "open", "closed": "solved"}[t.Status]
		}
		b, err := json.Marshal(&r)
		if err != nil {
			return fmt.Errorf("ticket %s, message %s: %w", work.Key, m.ExternalID, err)
		}
		if _, err := v.W.Write(append(b, '\n')); err != nil {
			return fmt.Errorf("writing message records: %w", err)
		}
	}
	return nil
}

func (v *V2) record(t *mapping.Ticket, m *mapping.Message) record {
	kind, known := typeOf(m.Channel)
	if !known {
		v.Losses.add("channel", "a message's channel, "+m.Channel+", has no known type there: written as 1, e-mail")
	}
	r := record{
		TicketID: v.id(t.ExternalID), Type: kind, CcInput: v.one("cc", m.Cc), BccInput: v.one("bcc", m.Bcc), ForwardedFileIDs: []int64{},
		SendAt: v.sendAt(m.SentDatetime.Time()),
	}
	if m.Public && kind != "contactform" {
		r.ToAddress = cmp.Or(joined(m.To), receiver(t, m))
	}
	v.body(&r, m)
	v.author(&r, m)
	if n, err := strconv.ParseInt(m.InReplyTo, 10, 64); err == nil {
		r.RespondMessageID = n
	} else if m.InReplyTo != "" {
		v.Losses.add("in_reply_to", "the message that one answers: its id is no number")
	}
	for range m.Attachments {
		v.Losses.add("attachments", "an attachment: forwardedFileIDs takes only files that system has already")
	}
	return r
}

// sendAt is the time the clocks of the zone show.
func (v *V2) sendAt(t time.Time) string {
	zone := cmp.Or(v.Zone, time.UTC)
	shown := t.In(zone).Format(time.DateTime)
	if t.Nanosecond() > 0 {
		v.Losses.add("sent_datetime", "a sent time's fractions of a second")
	}
	for _, shift := range []time.Duration{time.Hour, -time.Hour, time.Hour / 2, -time.Hour / 2} { // Lord Howe's clocks move by half an hour
		if t.Add(shift).In(zone).Format(time.DateTime) == shown {
			v.Losses.add("sent_datetime", "which of two hours a sent time is in, when the clocks of "+zone.String()+" go back")
			break
		}
	}
	return shown
}

// body prefers HTML, as that API does, and gives the text beside it for mail. A message shorter than that API takes is
// wrapped in a paragraph.
func (v *V2) body(r *record, m *mapping.Message) {
	r.Message = cmp.Or(m.BodyHTML, m.BodyText)
	if m.BodyHTML != "" && r.Type == typeEmail {
		r.Plaintext = m.BodyText
	}
	if utf8.RuneCountInString(r.Message) >= minMessage {
		return
	}
	text := r.Message
	if m.BodyHTML == "" {
		text = html.EscapeString(text)
	}
	r.Message = "<p>" + text + "</p>"
	if r.Type == typeEmail {
		r.Plaintext = m.BodyText
	}
}

// author gives the agent's number; a record names no customer.
func (v *V2) author(r *record, m *mapping.Message) {
	if !m.FromAgent {
		v.Losses.add("customer", "a message's author: a record has no place for a customer, so it reads as the company's own")
		return
	}
	_, id, ok := strings.Cut(m.Author.ID, ":")
	if !ok {
		id = m.Author.ID
	}
	if n, err := strconv.ParseInt(id, 10, 64); err == nil && n > 0 {
		r.UserID = n
		return
	}
	v.Losses.add("agent", "an agent without a number: shown there as an anonymous agent")
}

func (v *V2) ticketLosses(t *mapping.Ticket) {
	for _, of := range []struct {
		what string
		some bool
	}{
		{"subject", t.Subject != ""}, {"tags", len(t.Tags) > 0}, {"custom fields", len(t.CustomFields) > 0},
		{"assignee", !t.AssigneeUser.IsZero() || t.AssigneeTeam != ""},
	} {
		if of.some {
			v.Losses.add("ticket", "a ticket's "+of.what+": a record names its ticket by id only")
		}
	}
}

// id is a number where the text is one.
func (v *V2) id(s string) jsontext.Value {
	if n, err := strconv.ParseUint(s, 10, 63); err == nil && strconv.FormatUint(n, 10) == s {
		return jsontext.Value(s)
	}
	v.Losses.add("ticket_id", "a ticket's id that is no number: written as text, which that API refuses")
	b, _ := jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "\uFFFD")) // valid text cannot fail
	return b
}

// one is the first address: there is room for one, only toAddress holds several.
func (v *V2) one(field string, list []mapping.Address) string {
	first := ""
	for _, a := range list {
		switch {
		case first == "":
			first = a.Address
		case a.Address != "" && a.Address != first:
			v.Losses.add(field, "a further "+field+" address: a record has room for one")
		}
	}
	return first
}

func receiver(t *mapping.Ticket, m *mapping.Message) string {
	if m.FromAgent {
		return t.Customer.Email
	}
	return ""
}

func joined(list []mapping.Address) string {
	var out []string
	for _, a := range list {
		if a.Address != "" && !slices.Contains(out, a.Address) {
			out = append(out, a.Address)
		}
	}
	return strings.Join(out, ",")
}
