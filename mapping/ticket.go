package mapping

import "time"

// Ticket is the canonical form of a conversation. Field names are Gorgias's own (api/gorgias section 4); absent
// is the zero value. It carries no JSON tags: what is sent is decided by importer/gorgias alone.
type Ticket struct {
	ExternalID   string // the source's ticket id, without the source's name
	Subject      string // at most 998 characters
	Status       string // open, closed
	Priority     string // critical, high, normal, low; "" leaves Gorgias's default
	Channel      string
	Via          string
	Language     string // ISO 639-1
	Customer     Person
	AssigneeUser Person // an agent: matched to a Gorgias user when sent
	AssigneeTeam string // a team's name or id
	Tags         []string
	CustomFields []CustomField
	FromAgent    bool
	Spam         bool
	Meta         []Pair
	SourceURL    string // where the source shows the conversation; "" when it does not say

	CreatedDatetime             time.Time // UTC; so are all times here
	OpenedDatetime              time.Time
	ClosedDatetime              time.Time
	TrashedDatetime             time.Time
	LastMessageDatetime         time.Time
	LastReceivedMessageDatetime time.Time

	Messages []Message // in the order they are sent: by sent time, source order on ties
}

// Message is the canonical form of one message of a ticket (api/gorgias section 3).
type Message struct {
	ExternalID        string // the source's message id, or "h1:…" made from content; never empty
	Channel           string // internal-note for notes
	Via               string
	Subject           string
	FromAgent         bool
	Public            bool // false only for internal notes
	Author            Person
	From              Address // what source.from says; zero: the author's address
	To, Cc, Bcc       []Address
	BodyHTML          string
	BodyText          string
	StrippedHTML      string
	StrippedText      string
	StrippedSignature string
	MessageID         string // RFC 5322 Message-ID
	InReplyTo         string // RFC 5322 In-Reply-To
	References        string // RFC 5322 References: the Message-IDs of the thread
	Headers           []Pair
	Meta              []Pair
	Attachments       []Attachment
	IntegrationID     int64 // 0: none
	SentDatetime      SentTime
	CreatedDatetime   time.Time
	OpenedDatetime    time.Time
	DeletedDatetime   time.Time
	Size              int // upper bound of its bytes on the wire, derived body form included
}

// Person is a customer or an agent as the source knows them. ID is the source's, never Gorgias's.
type Person struct {
	ID    string
	Email string // lower case; "" when unknown
	Name  string
	Agent bool
}

// IsZero tells whether nothing is known.
func (p Person) IsZero() bool { return p.ID == "" && p.Email == "" && p.Name == "" }

// Address is a mail address or a phone number with the name shown beside it.
type Address struct{ Name, Address string }

// Attachment is a file of a message. Either URL or Data is set.
type Attachment struct {
	URL         string
	Data        string // base64, for exports that carry the bytes
	Name        string
	ContentType string
	Size        int64  // bytes; 0 when the source does not say
	ContentID   string // what cid: in body_html names it by, without angle brackets; "" when the source does not say
}

// CustomField is a value for one of the account's ticket fields, named by its label or its id.
type CustomField struct {
	Field string
	Value string
	Type  string // "string", "number" or "bool": how the source held it
}

// Pair is a named value of meta or headers.
type Pair struct{ Name, Value string }

// isEmpty tells whether nothing of m would be seen.
func (m *Message) isEmpty() bool {
	return m.BodyHTML == "" && m.BodyText == "" && len(m.Attachments) == 0
}
