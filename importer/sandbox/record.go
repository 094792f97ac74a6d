package sandbox

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Ticket is a stored ticket. What the sandbox hands out is shared and must not be changed. Absent text is "",
// absent times are zero; times are UTC in whole microseconds.
type Ticket struct {
	ID             int64          `json:"id"`
	ExternalID     string         `json:"external_id,omitzero"`
	CustomerID     int64          `json:"customer_id,omitzero"`
	AssigneeUserID int64          `json:"assignee_user_id,omitzero"`
	AssigneeTeamID int64          `json:"assignee_team_id,omitzero"`
	Channel        string         `json:"channel,omitzero"`
	Via            string         `json:"via,omitzero"`
	Status         string         `json:"status,omitzero"`
	Priority       string         `json:"priority,omitzero"`
	Subject        string         `json:"subject,omitzero"`
	Language       string         `json:"language,omitzero"`
	FromAgent      bool           `json:"from_agent,omitzero"`
	Spam           bool           `json:"spam,omitzero"`
	Tags           []string       `json:"tags,omitzero"`
	CustomFields   []CustomValue  `json:"custom_fields,omitzero"`
	Meta           jsontext.Value `json:"meta,omitzero"`

	CreatedDatetime             time.Time `json:"created_datetime,omitzero"`
	OpenedDatetime              time.Time `json:"opened_datetime,omitzero"`
	ClosedDatetime              time.Time `json:"closed_datetime,omitzero"`
	TrashedDatetime             time.Time `json:"trashed_datetime,omitzero"`
	SnoozeDatetime              time.Time `json:"snooze_datetime,omitzero"`
	UpdatedDatetime             time.Time `json:"updated_datetime,omitzero"`
	LastMessageDatetime         time.Time `json:"last_message_datetime,omitzero"`
	LastReceivedMessageDatetime time.Time `json:"last_received_message_datetime,omitzero"`

	Messages []*Message `json:"messages,omitzero"`

	foundFrom  time.Time // not found by external_id before
	listedFrom time.Time // in no listing before
}

// CustomValue is a ticket's value for a custom field.
type CustomValue struct {
	ID    int64          `json:"id"`
	Value jsontext.Value `json:"value"`
}

// Message is a stored message.
type Message struct {
	ID                int64          `json:"id"`
	TicketID          int64          `json:"ticket_id"`
	ExternalID        string         `json:"external_id,omitzero"`
	MessageID         string         `json:"message_id,omitzero"`
	Channel           string         `json:"channel,omitzero"`
	Via               string         `json:"via,omitzero"`
	FromAgent         bool           `json:"from_agent,omitzero"`
	Public            bool           `json:"public,omitzero"`
	SenderID          int64          `json:"sender_id,omitzero"`   // a user's when FromAgent, else a customer's
	ReceiverID        int64          `json:"receiver_id,omitzero"` // a customer's
	Subject           string         `json:"subject,omitzero"`
	BodyText          string         `json:"body_text,omitzero"`
	BodyHTML          string         `json:"body_html,omitzero"`
	StrippedText      string         `json:"stripped_text,omitzero"`
	StrippedHTML      string         `json:"stripped_html,omitzero"`
	StrippedSignature string         `json:"stripped_signature,omitzero"`
	Source            jsontext.Value `json:"source,omitzero"`
	Attachments       []Attachment   `json:"attachments,omitzero"`
	IntegrationID     int64          `json:"integration_id,omitzero"`
	RuleID            int64          `json:"rule_id,omitzero"`
	Headers           jsontext.Value `json:"headers,omitzero"`
	Meta              jsontext.Value `json:"meta,omitzero"`
	LastSendingError  jsontext.Value `json:"last_sending_error,omitzero"`
	Macros            jsontext.Value `json:"macros,omitzero"`
	Actions           jsontext.Value `json:"actions,omitzero"`
	MentionIDs        jsontext.Value `json:"mention_ids,omitzero"`
	Imported          bool           `json:"imported,omitzero"` // it came with a sent_datetime

	SentDatetime    time.Time `json:"sent_datetime,omitzero"`
	CreatedDatetime time.Time `json:"created_datetime,omitzero"`
	OpenedDatetime  time.Time `json:"opened_datetime,omitzero"`
	FailedDatetime  time.Time `json:"failed_datetime,omitzero"`
	DeletedDatetime time.Time `json:"deleted_datetime,omitzero"`
}

// Note tells whether the message is an internal note: the one kind that is never mailed.
func (m *Message) Note() bool { return m.Channel == "internal-note" && !m.Public }

// Attachment is a file of a message; the URL is kept as it was sent.
type Attachment struct {
	URL         string `json:"url"`
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
	Public      bool   `json:"public"`
}

// Customer is a person who writes to the account.
type Customer struct {
	ID              int64          `json:"id"`
	ExternalID      string         `json:"external_id,omitzero"`
	Email           string         `json:"email,omitzero"` // lower case
	Name            string         `json:"name,omitzero"`
	Language        string         `json:"language,omitzero"`
	Timezone        string         `json:"timezone,omitzero"`
	Data            jsontext.Value `json:"data,omitzero"`
	Meta            jsontext.Value `json:"meta,omitzero"`
	Channels        []Channel      `json:"channels,omitzero"`
	CreatedDatetime time.Time      `json:"created_datetime,omitzero"`
	UpdatedDatetime time.Time      `json:"updated_datetime,omitzero"`
}

// Channel is a way to reach a customer.
type Channel struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Address   string `json:"address"`
	Preferred bool   `json:"preferred"`
}

// Tag is a label; names differ by case.
type Tag struct {
	ID              int64     `json:"id"`
	Name            string    `json:"name"`
	CreatedDatetime time.Time `json:"created_datetime,omitzero"`
}

// Mail is something a real account would have sent out. Any at all means the import is not safe.
type Mail struct {
	ID         int64     `json:"id"`
	At         time.Time `json:"at"`
	Reason     string    `json:"reason"` // why it would have been mailed
	TicketID   int64     `json:"ticket_id"`
	MessageID  int64     `json:"message_id"`
	ExternalID string    `json:"external_id"` // of the message
	Channel    string    `json:"channel"`
	FromAgent  bool      `json:"from_agent"`
	To         string    `json:"to"`
	Subject    string    `json:"subject"`
	Text       string    `json:"text"`
}
