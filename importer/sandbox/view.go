package sandbox

import (
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer/conversation"
)

// stamp is a datetime as the API writes it: 2026-08-26T18:38:33.416987+00:00, or null.
type stamp time.Time

// MarshalJSONTo writes the stamp.
func (s stamp) MarshalJSONTo(enc *jsontext.Encoder) error {
	t := time.Time(s)
	if t.IsZero() {
		return enc.WriteToken(jsontext.Null)
	}
	b := make([]byte, 0, 40)
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000+00:00")
	return enc.WriteValue(append(b, '"'))
}

// nullable is text whose absence is null.
type nullable string

// MarshalJSONTo writes the text or null.
func (n nullable) MarshalJSONTo(enc *jsontext.Encoder) error {
	if n == "" {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteToken(jsontext.String(string(n)))
}

// number is an id whose absence is null.
type number int64

// MarshalJSONTo writes the number or null.
func (n number) MarshalJSONTo(enc *jsontext.Encoder) error {
	if n == 0 {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteToken(jsontext.Int(int64(n)))
}

type personView struct {
	ID        int64          `json:"id"`
	Email     nullable       `json:"email"`
	Name      nullable       `json:"name"`
	Firstname string         `json:"firstname"`
	Lastname  string         `json:"lastname"`
	Meta      jsontext.Value `json:"meta"`
}

type teamView struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type tagView struct {
	ID              int64  `json:"id"`
	Name            string `json:"name"`
	URI             string `json:"uri"`
	CreatedDatetime stamp  `json:"created_datetime"`
	Decoration      *bool  `json:"decoration"`
}

type ticketView struct {
	ID           int64                   `json:"id"`
	URI          string                  `json:"uri"`
	ExternalID   nullable                `json:"external_id"`
	Language     nullable                `json:"language"`
	Status       string                  `json:"status"`
	Priority     string                  `json:"priority"`
	Channel      nullable                `json:"channel"`
	Via          nullable                `json:"via"`
	FromAgent    bool                    `json:"from_agent"`
	Customer     *personView             `json:"customer"`
	AssigneeUser *personView             `json:"assignee_user"`
	AssigneeTeam *teamView               `json:"assignee_team"`
	Subject      nullable                `json:"subject"`
	Meta         jsontext.Value          `json:"meta"`
	Tags         []tagView               `json:"tags"`
	CustomFields map[string]*CustomValue `json:"custom_fields"`
	IsUnread     bool                    `json:"is_unread"`
	Spam         bool                    `json:"spam"`

	CreatedDatetime             stamp `json:"created_datetime"`
	OpenedDatetime              stamp `json:"opened_datetime"`
	LastReceivedMessageDatetime stamp `json:"last_received_message_datetime"`
	LastMessageDatetime         stamp `json:"last_message_datetime"`
	UpdatedDatetime             stamp `json:"updated_datetime"`
	ClosedDatetime              stamp `json:"closed_datetime"`
	SnoozeDatetime              stamp `json:"snooze_datetime"`
	TrashedDatetime             stamp `json:"trashed_datetime"`
}

// wholeTicket is what creating and getting one ticket answers.
type wholeTicket struct {
	ticketView
	Messages           []messageView `json:"messages"`
	Events             []string      `json:"events"`
	SatisfactionSurvey *surveyView   `json:"satisfaction_survey"`
	ReplyOptions       struct{}      `json:"reply_options"`
}

// surveyView is a survey that was not sent yet. That it is shown with its ticket is inferred.
type surveyView struct {
	ID                 int64 `json:"id"`
	ShouldSendDatetime stamp `json:"should_send_datetime"`
	SentDatetime       stamp `json:"sent_datetime"`
}

// ticketItem is what listings hold.
type ticketItem struct {
	ticketView
	Excerpt       string   `json:"excerpt"`
	MessagesCount int      `json:"messages_count"`
	Integrations  []string `json:"integrations"`
	Summary       *string  `json:"summary"`
}

type messageView struct {
	ID                int64          `json:"id"`
	URI               string         `json:"uri"`
	MessageID         nullable       `json:"message_id"`
	TicketID          int64          `json:"ticket_id"`
	ExternalID        nullable       `json:"external_id"`
	Public            bool           `json:"public"`
	Channel           string         `json:"channel"`
	Via               string         `json:"via"`
	Source            jsontext.Value `json:"source"`
	Sender            *personView    `json:"sender"`
	Receiver          *personView    `json:"receiver"`
	IntegrationID     number         `json:"integration_id"`
	Intents           []string       `json:"intents"`
	RuleID            number         `json:"rule_id"`
	FromAgent         bool           `json:"from_agent"`
	Subject           nullable       `json:"subject"`
	BodyText          nullable       `json:"body_text"`
	BodyHTML          nullable       `json:"body_html"`
	StrippedText      nullable       `json:"stripped_text"`
	StrippedHTML      nullable       `json:"stripped_html"`
	StrippedSignature nullable       `json:"stripped_signature"`
	Headers           jsontext.Value `json:"headers"`
	Attachments       *[]Attachment  `json:"attachments"` // null when there are none, whatever was sent
	Actions           jsontext.Value `json:"actions"`
	Macros            jsontext.Value `json:"macros"`
	Meta              jsontext.Value `json:"meta"`
	LastSendingError  jsontext.Value `json:"last_sending_error"`
	IsRetriable       bool           `json:"is_retriable"`
	Imported          bool           `json:"imported"`
	AuthCustomer      *string        `json:"auth_customer_identity"`

	CreatedDatetime   stamp `json:"created_datetime"`
	SentDatetime      stamp `json:"sent_datetime"`
	OpenedDatetime    stamp `json:"opened_datetime"`
	FailedDatetime    stamp `json:"failed_datetime"`
	DeletedDatetime   stamp `json:"deleted_datetime"`
	ProcessedDatetime stamp `json:"processed_datetime"`
}

type customerView struct {
	personView
	ExternalID      nullable       `json:"external_id"`
	Active          bool           `json:"active"`
	Language        nullable       `json:"language"`
	Timezone        nullable       `json:"timezone"`
	Data            jsontext.Value `json:"data"`
	Note            *string        `json:"note"`
	Channels        []Channel      `json:"channels"`
	CreatedDatetime stamp          `json:"created_datetime"`
	UpdatedDatetime stamp          `json:"updated_datetime"`
}

// views render records. They read people and tags, so they run under the store's lock; what they return does not.
type views struct {
	*store
	account *Account
}

func (s *Server) views() views { return views{s.store, &s.account} }

func (v views) customer(id int64) *personView {
	c := v.customers[id]
	if c == nil {
		return nil
	}
	p := personOf(c)
	return &p
}

func personOf(c *Customer) personView {
	first, last := splitName(c.Name)
	return personView{c.ID, nullable(c.Email), nullable(c.Name), first, last, c.Meta}
}

func (v views) user(id int64) *personView {
	u := v.account.user(id)
	if u == nil {
		return nil
	}
	first, last := splitName(u.Name)
	return &personView{u.ID, nullable(u.Email), nullable(u.Name), first, last, nil}
}

func (v views) head(t *Ticket) ticketView {
	out := ticketView{
		ID: t.ID, URI: fmt.Sprintf("/api/tickets/%d/", t.ID), ExternalID: nullable(t.ExternalID), Language: nullable(t.Language),
		Status: t.Status, Priority: t.Priority, Channel: nullable(t.Channel), Via: nullable(t.Via), FromAgent: t.FromAgent,
		Customer: v.customer(t.CustomerID), AssigneeUser: v.user(t.AssigneeUserID), Subject: nullable(t.Subject), Meta: t.Meta,
		Spam: t.Spam, IsUnread: false, CreatedDatetime: stamp(t.CreatedDatetime), OpenedDatetime: stamp(t.OpenedDatetime),
		LastReceivedMessageDatetime: stamp(t.LastReceivedMessageDatetime), LastMessageDatetime: stamp(t.LastMessageDatetime),
		UpdatedDatetime: stamp(t.UpdatedDatetime), ClosedDatetime: stamp(t.ClosedDatetime),
		SnoozeDatetime: stamp(t.SnoozeDatetime), TrashedDatetime: stamp(t.TrashedDatetime),
	}
	if team := v.account.team(t.AssigneeTeamID); team != nil {
		out.AssigneeTeam = &teamView{team.ID, team.Name}
	}
	for _, name := range t.Tags {
		if tag := v.tagByName[name]; tag != nil {
			out.Tags = append(out.Tags, viewTag(tag))
		}
	}
	out.CustomFields = make(map[string]*CustomValue, len(t.CustomFields))
	for i := range t.CustomFields {
		out.CustomFields[strconv.FormatInt(t.CustomFields[i].ID, 10)] = &t.CustomFields[i]
	}
	return out
}

func viewTag(t *Tag) tagView {
	return tagView{ID: t.ID, Name: t.Name, URI: fmt.Sprintf("/api/tags/%d/", t.ID), CreatedDatetime: stamp(t.CreatedDatetime)}
}

func (v views) whole(t *Ticket) wholeTicket {
	out := wholeTicket{ticketView: v.head(t), Messages: make([]messageView, len(t.Messages))}
	for i, m := range t.Messages {
		out.Messages[i] = v.message(m)
	}
	return out
}

func (v views) item(t *Ticket) ticketItem {
	out := ticketItem{ticketView: v.head(t), MessagesCount: len(t.Messages)}
	if n := len(t.Messages); n > 0 {
		m := t.Messages[n-1]
		if out.Excerpt = clip(m.BodyText, 200); out.Excerpt == "" {
			out.Excerpt = clip(conversation.Text(m.BodyHTML), 200)
		}
	}
	return out
}

func (v views) message(m *Message) messageView {
	out := messageView{
		ID: m.ID, URI: fmt.Sprintf("/api/tickets/%d/messages/%d/", m.TicketID, m.ID), MessageID: nullable(m.MessageID),
		TicketID: m.TicketID, ExternalID: nullable(m.ExternalID), Public: m.Public, Channel: m.Channel, Via: m.Via,
		Source: m.Source, Receiver: v.customer(m.ReceiverID), IntegrationID: number(m.IntegrationID), RuleID: number(m.RuleID),
		FromAgent: m.FromAgent, Subject: nullable(m.Subject), BodyText: nullable(m.BodyText), BodyHTML: nullable(m.BodyHTML),
		StrippedText: nullable(m.StrippedText), StrippedHTML: nullable(m.StrippedHTML),
		StrippedSignature: nullable(m.StrippedSignature), Headers: m.Headers, Actions: m.Actions, Macros: m.Macros, Meta: m.Meta,
		LastSendingError: m.LastSendingError, IsRetriable: !m.FailedDatetime.IsZero() || m.LastSendingError != nil,
		Imported: m.Imported, CreatedDatetime: stamp(m.CreatedDatetime), SentDatetime: stamp(m.SentDatetime),
		OpenedDatetime: stamp(m.OpenedDatetime), FailedDatetime: stamp(m.FailedDatetime), DeletedDatetime: stamp(m.DeletedDatetime),
	}
	if out.Sender = v.customer(m.SenderID); m.FromAgent {
		out.Sender = v.user(m.SenderID)
	}
	if len(m.Attachments) > 0 {
		out.Attachments = &m.Attachments
	}
	return out
}

func viewCustomer(c *Customer) customerView {
	return customerView{personView: personOf(c), ExternalID: nullable(c.ExternalID), Active: true, Language: nullable(c.Language),
		Timezone: nullable(c.Timezone), Data: c.Data, Channels: c.Channels,
		CreatedDatetime: stamp(c.CreatedDatetime), UpdatedDatetime: stamp(c.UpdatedDatetime)}
}
