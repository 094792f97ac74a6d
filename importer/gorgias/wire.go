package gorgias

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/mapping"
)

// The types below are what is sent, in Gorgias's names (api/gorgias sections 3 and 4). They hold no maps, pointers or
// interfaces, so that nothing can be encoded but what stands here; a test holds that by reflection. They are marshalled
// to a buffer, never to a stream: half a body escapes from a stream when a value refuses to be marshalled.

// Ticket is the body of POST /api/tickets.
type Ticket struct {
	ExternalID                  string        `json:"external_id,omitzero"`
	Subject                     string        `json:"subject,omitzero"`
	Status                      string        `json:"status,omitzero"`
	Priority                    string        `json:"priority,omitzero"`
	Channel                     string        `json:"channel,omitzero"`
	Via                         string        `json:"via,omitzero"`
	Language                    string        `json:"language,omitzero"`
	FromAgent                   bool          `json:"from_agent"`
	Spam                        bool          `json:"spam,omitzero"`
	Customer                    Person        `json:"customer"`
	AssigneeUser                Person        `json:"assignee_user,omitzero"`
	AssigneeTeam                Team          `json:"assignee_team,omitzero"`
	Tags                        []Tag         `json:"tags,omitempty"`
	CustomFields                []CustomField `json:"custom_fields,omitempty"`
	CreatedDatetime             time.Time     `json:"created_datetime,omitzero"`
	OpenedDatetime              time.Time     `json:"opened_datetime,omitzero"`
	ClosedDatetime              time.Time     `json:"closed_datetime,omitzero"`
	TrashedDatetime             time.Time     `json:"trashed_datetime,omitzero"`
	LastMessageDatetime         time.Time     `json:"last_message_datetime,omitzero"`
	LastReceivedMessageDatetime time.Time     `json:"last_received_message_datetime,omitzero"`
	Meta                        TicketMeta    `json:"meta,omitzero"`
	Messages                    []Message     `json:"messages"`
}

// Message is the body of POST /api/tickets/{id}/messages, and an item of [Ticket].Messages. It is the one
// struct with a sent_datetime, which is always written.
type Message struct {
	ExternalID        string           `json:"external_id,omitzero"`
	Channel           string           `json:"channel"`
	Via               string           `json:"via,omitzero"`
	FromAgent         bool             `json:"from_agent"`
	Public            bool             `json:"public"`
	Subject           string           `json:"subject,omitzero"`
	BodyHTML          string           `json:"body_html,omitzero"`
	BodyText          string           `json:"body_text,omitzero"`
	StrippedHTML      string           `json:"stripped_html,omitzero"`
	StrippedText      string           `json:"stripped_text,omitzero"`
	StrippedSignature string           `json:"stripped_signature,omitzero"`
	Sender            Person           `json:"sender"`
	Receiver          Person           `json:"receiver,omitzero"`
	Source            Source           `json:"source,omitzero"`
	Attachments       []Attachment     `json:"attachments,omitempty"`
	IntegrationID     int64            `json:"integration_id,omitzero"`
	MessageID         string           `json:"message_id,omitzero"`
	SentDatetime      mapping.SentTime `json:"sent_datetime"`
	CreatedDatetime   time.Time        `json:"created_datetime,omitzero"`
	OpenedDatetime    time.Time        `json:"opened_datetime,omitzero"`
	DeletedDatetime   time.Time        `json:"deleted_datetime,omitzero"`
	Headers           Headers          `json:"headers,omitempty"`
	Meta              MessageMeta      `json:"meta,omitzero"`
}

// Person is a customer or a user: the target's id alone where it is known, since more than the id with it may change that
// person (api/gorgias section 7); else e-mail and name.
type Person struct {
	ID    int64  `json:"id,omitzero"`
	Email string `json:"email,omitzero"`
	Name  string `json:"name,omitzero"`
}

// Team is sent by id; Name stands only in the offline form, which the wire rule refuses.
type Team struct {
	ID   int64  `json:"id,omitzero"`
	Name string `json:"name,omitzero"`
}

// Tag is a tag's name.
type Tag struct {
	Name string `json:"name"`
}

// CustomField is sent by id; Label stands only in the offline form, which the wire rule refuses.
type CustomField struct {
	ID    int64  `json:"id,omitzero"`
	Label string `json:"label,omitzero"`
	Value Scalar `json:"value"`
}

// Source says how a message travelled. To is always written.
type Source struct {
	Type string    `json:"type,omitzero"`
	From Address   `json:"from,omitzero"`
	To   []Address `json:"to"`
	Cc   []Address `json:"cc,omitempty"`
	Bcc  []Address `json:"bcc,omitempty"`
}

// IsZero is for omitzero: Source holds slices.
func (s Source) IsZero() bool { return s.Type == "" }

// Address is a mail address or a phone number.
type Address struct {
	Name    string `json:"name,omitzero"`
	Address string `json:"address"`
}

// Attachment is a file by its URL.
type Attachment struct {
	URL         string `json:"url"`
	Name        string `json:"name,omitzero"`
	ContentType string `json:"content_type,omitzero"`
	Size        int64  `json:"size,omitzero"`
	Public      bool   `json:"public"`
}

// TicketMeta holds our one key of a ticket's meta.
type TicketMeta struct {
	Deskferry TicketKept `json:"deskferry"`
}

// IsZero is for omitzero.
func (m TicketMeta) IsZero() bool { return m.Deskferry.isZero() }

// TicketKept is where a ticket comes from, so that agents find the original, and what its fields have no place for: the
// mapping's meta entries, and names that the account does not know.
type TicketKept struct {
	Source       string  `json:"source,omitzero"`    // the mapping's source.name
	TicketID     string  `json:"ticket_id,omitzero"` // the source's
	URL          string  `json:"url,omitzero"`       // where the source shows it
	Fields       []Named `json:"fields,omitempty"`
	CustomFields []Named `json:"custom_fields,omitempty"`
	AssigneeUser Author  `json:"assignee_user,omitzero"`
	AssigneeTeam string  `json:"assignee_team,omitzero"`
}

func (k *TicketKept) isZero() bool {
	return k.Source == "" && k.TicketID == "" && k.URL == "" &&
		k.Fields == nil && k.CustomFields == nil && k.AssigneeUser == Author{} && k.AssigneeTeam == ""
}

// MessageMeta holds our one key of a message's meta.
type MessageMeta struct {
	Deskferry MessageKept `json:"deskferry"`
}

// IsZero is for omitzero.
func (m MessageMeta) IsZero() bool { return m.Deskferry.isZero() }

// MessageKept is the source's id of a message and what its fields have no place for: the author where another agent stands
// in for them, and the addresses of channels that have no mail source.
type MessageKept struct {
	MessageID string    `json:"message_id,omitzero"` // the source's; none where it has none
	Author    Author    `json:"author,omitzero"`
	From      Address   `json:"from,omitzero"`
	To        []Address `json:"to,omitempty"`
	Cc        []Address `json:"cc,omitempty"`
	Bcc       []Address `json:"bcc,omitempty"`
	Fields    []Named   `json:"fields,omitempty"`
}

func (k *MessageKept) isZero() bool {
	return k.MessageID == "" && k.Author == Author{} && k.From == Address{} && k.To == nil && k.Cc == nil && k.Bcc == nil && k.Fields == nil
}

// Author is a person as the source knew them; SourceID is the source's id.
type Author struct {
	SourceID string `json:"source_id,omitzero"`
	Email    string `json:"email,omitzero"`
	Name     string `json:"name,omitzero"`
}

// Named is one named value of ours.
type Named struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Headers are mail headers, encoded as an object. Names that repeat (but for case) become one, their values on a
// line each.
type Headers []mapping.Pair

// MarshalJSONTo implements [json.MarshalerTo].
func (h Headers) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for i, p := range h {
		if h.index(p.Name) < i {
			continue
		}
		values := []string{p.Value}
		for _, q := range h[i+1:] {
			if strings.EqualFold(q.Name, p.Name) {
				values = append(values, q.Value)
			}
		}
		if err := enc.WriteToken(jsontext.String(p.Name)); err != nil {
			return err
		}
		if err := enc.WriteToken(jsontext.String(strings.Join(values, "\n"))); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

func (h Headers) index(name string) int {
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			return i
		}
	}
	return len(h)
}

// Scalar is a string, a number with its digits as written, or a bool.
type Scalar struct {
	text string
	kind byte // 0 string, '0' number, 't' bool
}

// MarshalJSONTo implements [json.MarshalerTo].
func (s Scalar) MarshalJSONTo(enc *jsontext.Encoder) error {
	switch s.kind {
	case '0':
		return enc.WriteValue(jsontext.Value(s.text))
	case 't':
		return enc.WriteToken(jsontext.Bool(s.text == "true"))
	}
	return enc.WriteToken(jsontext.String(s.text))
}

// number makes a numeric Scalar; false if s is not written as JSON writes numbers, or is too large for one.
func number(s string) (Scalar, bool) {
	s = strings.TrimSpace(s)
	v := jsontext.Value(s)
	if v.Kind() != '0' || !v.IsValid() {
		return Scalar{}, false
	}
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return Scalar{}, false
	}
	return Scalar{text: s, kind: '0'}, true
}

// boolean makes a Scalar of true or false, in the words that the mapping takes for them.
func boolean(s string) (Scalar, bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "t", "1", "yes", "y":
		return Scalar{text: "true", kind: 't'}, true
	case "false", "f", "0", "no", "n":
		return Scalar{text: "false", kind: 't'}, true
	}
	return Scalar{}, false
}

// MarshalTicket encodes t as it is sent. A message without a sent time is an error and gives no bytes.
func MarshalTicket(t *Ticket) ([]byte, error) { return marshal(t) }

// MarshalMessage encodes m as it is sent. Without a sent time it is an error and gives no bytes.
func MarshalMessage(m *Message) ([]byte, error) { return marshal(m) }

func marshal[T Ticket | Message | messageLine](v *T) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	return b, nil
}

// messageLine is a line of `convert --as messages`.
type messageLine struct {
	TicketID string `json:"ticket_id"`
	Message  `json:",inline"`
}

// MarshalMessageLine encodes m with its ticket's external id as ticket_id: a line of messages for people and other
// tools. It is never sent; the wire rule refuses it.
func MarshalMessageLine(ticketID string, m *Message) ([]byte, error) {
	return marshal(&messageLine{TicketID: ticketID, Message: *m})
}
