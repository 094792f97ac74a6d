package gorgias

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
)

// heldTicket is a ticket as the account holds it, with all that was sent of it.
type heldTicket struct {
	ID                          number64       `json:"id"`
	Subject                     text           `json:"subject"`
	Status                      text           `json:"status"`
	Priority                    text           `json:"priority"`
	Channel                     text           `json:"channel"`
	Via                         text           `json:"via"`
	Language                    text           `json:"language"`
	FromAgent                   truth          `json:"from_agent"`
	Spam                        truth          `json:"spam"`
	Customer                    personAnswer   `json:"customer"`
	AssigneeUser                personAnswer   `json:"assignee_user"`
	AssigneeTeam                personAnswer   `json:"assignee_team"`
	Tags                        []heldTag      `json:"tags"`
	CustomFields                jsontext.Value `json:"custom_fields"`
	Meta                        jsontext.Value `json:"meta"`
	CreatedDatetime             timestamp      `json:"created_datetime"`
	OpenedDatetime              timestamp      `json:"opened_datetime"`
	ClosedDatetime              timestamp      `json:"closed_datetime"`
	TrashedDatetime             timestamp      `json:"trashed_datetime"`
	LastMessageDatetime         timestamp      `json:"last_message_datetime"`
	LastReceivedMessageDatetime timestamp      `json:"last_received_message_datetime"`
	MessagesCount               number64       `json:"messages_count"`
	Messages                    []heldMessage  `json:"messages"`
}

type heldTag struct {
	Name text `json:"name"`
}

// heldMessage has no tags, as [messageAnswer].
type heldMessage struct {
	messageAnswer
	Channel     text
	Public      truth
	Subject     text
	BodyHTML    text
	BodyText    text
	RuleID      number64
	SendError   bool // it has a last_sending_error
	Attachments []heldFile
	Carried     heldCarried
}

type heldFile struct {
	URL         text     `json:"url"`
	Name        text     `json:"name"`
	ContentType text     `json:"content_type"`
	Size        number64 `json:"size"`
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (m *heldMessage) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*m = heldMessage{}
	whole, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(whole, &m.messageAnswer); err != nil {
		return err
	}
	var more struct {
		Channel     text           `json:"channel"`
		Public      truth          `json:"public"`
		Subject     text           `json:"subject"`
		BodyHTML    text           `json:"body_html"`
		BodyText    text           `json:"body_text"`
		RuleID      number64       `json:"rule_id"`
		Error       jsontext.Value `json:"last_sending_error"`
		Attachments []heldFile     `json:"attachments"`
	}
	if err := json.Unmarshal(whole, &more); err != nil {
		return err
	}
	m.Channel, m.Public, m.Subject, m.BodyHTML, m.BodyText = more.Channel, more.Public, more.Subject, more.BodyHTML, more.BodyText
	m.RuleID, m.Attachments = more.RuleID, more.Attachments
	m.SendError = len(more.Error) > 0 && more.Error.Kind() != 'n'
	return json.Unmarshal(whole, &m.Carried)
}

// Compare reads ticket id and holds it against what w becomes on the wire, field by field. What others have done to it
// since (their own messages, a later status) is told apart from what differs: see [importer.Comparison]. Errors are
// *[importer.Fault]s; a ticket that is gone is a difference, not an error. [Client.LoadPeople] must have been called.
func (c *Client) Compare(ctx context.Context, id importer.TicketID, w *importer.Work) (*importer.Comparison, error) {
	if err := c.recall(w); err != nil {
		return nil, err
	}
	want, losses, err := c.Encoder.Ticket(w)
	if err != nil {
		return nil, refused("comparing ticket %s: %w", w.Key, err)
	}
	out := &importer.Comparison{Ticket: w.Key, Target: id}
	for _, l := range losses {
		if strings.HasPrefix(l.Code, "file.") {
			out.Missing++
			out.Count(true, "file", false)
		} else {
			out.Losses++
		}
	}
	for i := range want.Messages {
		for range want.Messages[i].Attachments {
			out.Count(true, "file", true)
		}
	}
	held, err := c.held(ctx, id)
	if err != nil && importer.FaultOf(err).Kind == importer.Gone {
		out.Differ("", "ticket", importer.DiffMissing, w.ExternalID, "no longer in the account")
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	d := diff{out: out, known: c.Known}
	d.ticket(&want, held)
	d.messages(&want, held)
	return out, nil
}

// held reads a ticket with all its messages.
func (c *Client) held(ctx context.Context, id importer.TicketID) (*heldTicket, error) {
	var t heldTicket
	doing := fmt.Sprintf("reading ticket %d", id)
	if err := c.insist(ctx, call{op: opRead, doing: doing, path: ticketPath(id), out: &t}); err != nil {
		return nil, err
	}
	if int(t.MessagesCount) <= len(t.Messages) {
		return &t, nil
	}
	seen := make(map[number64]bool, t.MessagesCount)
	for _, m := range t.Messages {
		seen[m.ID] = true
	}
	k := call{op: opRead, doing: "reading the messages of ticket " + strconv.FormatInt(int64(id), 10), path: "messages",
		query: url.Values{"ticket_id": {strconv.FormatInt(int64(id), 10)}, "limit": {pageSize}}}
	for m, err := range list[heldMessage](ctx, c, k, c.insist, nil) {
		if err != nil {
			return nil, err
		}
		if !seen[m.ID] {
			seen[m.ID] = true
			t.Messages = append(t.Messages, *m)
		}
	}
	return &t, nil
}

// diff takes down what differs.
type diff struct {
	out     *importer.Comparison
	known   *People // nil: nobody is known by an id
	message string  // external id of the one in hand, "" for the ticket
}

// same counts a field that was sent and takes down where it did not arrive.
func (d *diff) same(field, code, want, got string) {
	if want == "" {
		return // nothing was sent
	}
	d.out.Count(d.message != "", field, want == got)
	if want != got {
		d.out.Differ(d.message, field, code, clip(want), clip(got))
	}
}

func (d *diff) ticket(want *Ticket, held *heldTicket) {
	touched := slices.ContainsFunc(held.Messages, func(m heldMessage) bool { return !sent(want, string(m.ExternalID)) })
	d.same("subject", importer.DiffSubject, want.Subject, string(held.Subject))
	if !touched { // an answer of a customer or an agent opens and closes tickets
		d.same("status", importer.DiffStatus, want.Status, string(held.Status))
		d.same("closed_datetime", importer.DiffTime, instant(want.ClosedDatetime), instant(time.Time(held.ClosedDatetime)))
	}
	d.marks(want, held, touched)
	d.same("priority", importer.DiffField, want.Priority, string(held.Priority))
	d.same("language", importer.DiffField, want.Language, string(held.Language))
	d.same("created_datetime", importer.DiffTime, instant(want.CreatedDatetime), instant(time.Time(held.CreatedDatetime)))
	d.same("customer", importer.DiffPeople, person(want.Customer), d.answered(want.Customer, held.Customer))
	d.same("assignee_user", importer.DiffPeople, person(want.AssigneeUser), answered(want.AssigneeUser, held.AssigneeUser))
	if want.AssigneeTeam.ID != 0 {
		d.same("assignee_team", importer.DiffPeople, strconv.FormatInt(want.AssigneeTeam.ID, 10), strconv.FormatInt(int64(held.AssigneeTeam.ID), 10))
	}
	var tags, have []string
	for _, t := range want.Tags {
		tags = append(tags, t.Name)
	}
	for _, t := range held.Tags {
		if slices.Contains(tags, string(t.Name)) { // tags that were added since are no difference
			have = append(have, string(t.Name))
		}
	}
	slices.Sort(tags)
	slices.Sort(have)
	d.same("tags", importer.DiffTags, strings.Join(slices.Compact(tags), ", "), strings.Join(slices.Compact(have), ", "))
}

func sent(t *Ticket, externalID string) bool {
	return slices.ContainsFunc(t.Messages, func(m Message) bool { return m.ExternalID == externalID })
}

// messages compares those that were sent, and their order; others are counted as added since.
func (d *diff) messages(want *Ticket, held *heldTicket) {
	place := make(map[string]int, len(want.Messages))
	for i := range want.Messages {
		place[want.Messages[i].ExternalID] = i
	}
	found := make([]int, len(want.Messages))
	last := -1
	for i := range held.Messages {
		m := &held.Messages[i]
		at, ours := place[string(m.ExternalID)]
		if !ours {
			d.out.Added++
			if m.RuleID > 0 && bool(m.FromAgent) && bool(m.Public) {
				d.out.Differ(string(m.ExternalID), "rule", importer.DiffRule, "no message of a rule", fmt.Sprintf("message %d was written by rule %d", m.ID, m.RuleID))
			}
			continue
		}
		d.message = string(m.ExternalID)
		if found[at]++; found[at] > 1 {
			d.out.Differ(d.message, "message", importer.DiffRepeated, "once", "more than once")
			continue
		}
		if at < last {
			d.out.Differ(d.message, "order", importer.DiffOrder, "place "+strconv.Itoa(at+1), "after message "+strconv.Itoa(last+1))
		}
		last = max(last, at)
		d.one(&want.Messages[at], m)
	}
	for i, n := range found {
		d.message = want.Messages[i].ExternalID
		d.out.Count(true, "message", n == 1)
		if n == 0 {
			d.out.Differ(d.message, "message", importer.DiffMissing, "message "+strconv.Itoa(i+1), "not in the ticket")
		}
	}
	d.message = ""
}

func (d *diff) one(want *Message, held *heldMessage) {
	wantAt, at := want.SentDatetime.Time(), time.Time(held.SentDatetime)
	switch {
	case held.FailedDatetime != "" || held.SendError:
		d.out.Differ(d.message, "sent_datetime", importer.DiffSent, "not sent by the account", "the account has tried to send it")
	case at.Sub(wantAt) > time.Hour:
		d.out.Count(true, "sent_datetime", false)
		d.out.Differ(d.message, "sent_datetime", importer.DiffSent, instant(wantAt), instant(at))
	default:
		d.same("sent_datetime", importer.DiffTime, instant(wantAt), instant(at))
	}
	d.same("from_agent", importer.DiffDirection, strconv.FormatBool(want.FromAgent), strconv.FormatBool(bool(held.FromAgent)))
	d.same("public", importer.DiffPublic, strconv.FormatBool(want.Public), strconv.FormatBool(bool(held.Public)))
	d.same("channel", importer.DiffField, want.Channel, string(held.Channel))
	d.same("author", importer.DiffPeople, person(want.Sender), d.answered(want.Sender, held.Sender))
	d.same("subject", importer.DiffSubject, want.Subject, string(held.Subject))
	d.body("body_html", want.BodyHTML, string(held.BodyHTML))
	d.body("body_text", want.BodyText, string(held.BodyText))
	d.same("attachments", importer.DiffFile, strconv.Itoa(len(want.Attachments)), strconv.Itoa(len(held.Attachments)))
	for i := range min(len(want.Attachments), len(held.Attachments)) {
		d.file(&want.Attachments[i], &held.Attachments[i])
	}
	d.carried(want, &held.Carried)
}

// body says where two bodies part, not what they hold.
func (d *diff) body(field, want, got string) {
	if want == "" {
		return
	}
	d.out.Count(true, field, want == got)
	if want == got {
		return
	}
	at := 0
	for at < len(want) && at < len(got) && want[at] == got[at] {
		at++
	}
	d.out.Differ(d.message, field, importer.DiffBody, fmt.Sprintf("%d bytes", len(want)), fmt.Sprintf("%d bytes, differing from byte %d on", len(got), at))
}

func (d *diff) file(want *Attachment, held *heldFile) {
	if !strings.HasPrefix(want.URL, "data:") && want.URL != "" {
		d.same("attachment url", importer.DiffFile, want.URL, string(held.URL))
	}
	d.same("attachment name", importer.DiffFile, want.Name, string(held.Name))
	if want.Size > 0 {
		d.same("attachment size", importer.DiffFile, strconv.FormatInt(want.Size, 10), strconv.FormatInt(int64(held.Size), 10))
	}
}

// instant is a time to the millisecond, "" for none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z")
}

// person is how a person was sent: by id, else by e-mail.
func person(p Person) string {
	if p.ID != 0 {
		return "id " + strconv.FormatInt(p.ID, 10)
	}
	return strings.ToLower(p.Email)
}

// answered is the person that came back; a customer whom the import knew under another of their addresses is who was
// sent.
func (d *diff) answered(sent Person, p personAnswer) string {
	if d.known != nil && sent.ID == 0 {
		if id, ok := d.known.Customer(sent.Email); ok && id == int64(p.ID) {
			return person(sent)
		}
	}
	return answered(sent, p)
}

// answered is the person that came back, in the form in which they were sent.
func answered(sent Person, p personAnswer) string {
	if sent.ID != 0 {
		return "id " + strconv.FormatInt(int64(p.ID), 10)
	}
	return strings.ToLower(string(p.Email))
}
