package omnidesk

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Helpdesk is what an account holds. [Generate] makes one, [ReadSaved] reads one from answers that were saved.
type Helpdesk struct {
	Tickets   []Ticket
	Users     []User
	Customers []Customer
	Channels  []Channel // empty: those of [DefaultChannels]
}

// Ticket is a conversation, in the terms of the API (api/omnidesk-v2 section 2). Times are instants; the API answers
// them without a zone.
type Ticket struct {
	ID          int64
	Title       string
	Status      string
	Priority    string
	Direction   string // of the first message: inbound, outbound
	BrandID     int64
	BrandName   string
	ChannelID   int
	AccountID   string // channel_account_id: a string even when it is a number
	From        string // an address, a phone number or a name, by channel; may be empty
	FromName    string
	To          string
	ToName      string
	CustomerID  int64 // 0: none
	GroupID     int64 // 0: none
	UserID      int64 // 0: not assigned
	ExternalID  string
	ExternalURL string
	FormID      int64 // 0: none
	Grade       int   // 0: none given
	Archived    bool

	Created, Updated, UpdatedByAgent, UpdatedByCustomer, Closed, Snoozed time.Time // zero: null

	Timeline []Entry // in the order it is answered, which need not be that of time

	// Saved is the item as a real account answered it. What is set here is answered as it is, with Timeline behind its own
	// timeline; the fields above then only serve to find and to sort.
	Saved jsontext.Value
}

// Types of timeline entries. Only event and note are documented; the others are this simulator's own words, which a
// client must be able to be told.
const (
	TypeEvent       = "event"
	TypeNote        = "note"
	TypeMessage     = "message"
	TypeCall        = "calllog"
	TypeContactForm = "contactform"
)

// Entry is one line of a timeline. Ids are unique per type only.
type Entry struct {
	Type       string
	ID         int64
	Created    time.Time
	Content    string // text or HTML; empty is possible
	UserID     int64  // who wrote it; 0: a customer, or nobody in particular
	UserName   string
	StatusNew  string
	ChannelID  int
	Direction  string // inbound, outbound; "" for notes
	From       string
	FromName   string
	To         string
	ToName     string
	Pinned     bool
	ExternalID string
	MetaData   string // JSON in a string; "" is answered as "[]"

	// Of events: what was changed, to what, and by whom.
	ItemType, ItemTypeID, Description, InitiatedBy string

	// Of e-mail, seen in the raw mail only.
	Subject     string
	Plain       string // the text form, when Content is HTML
	Cc          []string
	AnswersID   int64 // the message this one answers; 0: none
	Attachments []File
}

// File is an attachment. Its id is what forwardedFileIDs takes.
type File struct {
	ID          int64
	Name        string
	ContentType string
	Data        []byte
}

// IsMessage tells whether an entry is neither an event nor a note.
func (e *Entry) IsMessage() bool { return e.Type != TypeEvent && e.Type != TypeNote }

// User is an agent.
type User struct {
	ID        int64
	Name      string // as the agent signs in; the short name shown with notes
	FirstName string
	LastName  string
	Email     string
	Phone     string
	Inactive  bool
}

// Customer is a person who wrote. Those who called or used a form may have no e-mail.
type Customer struct {
	ID         int64
	PrimaryID  string // external_primary_id: the company's own number of the customer
	BrandID    int64
	BrandName  string
	FirstName  string
	LastName   string
	Email      string
	Phone      string
	LanguageID string // nl, en
}

// Name is the customer's whole name.
func (c *Customer) Name() string {
	if c.FirstName == "" || c.LastName == "" {
		return c.FirstName + c.LastName
	}
	return c.FirstName + " " + c.LastName
}

// Channel is a way to reach the helpdesk.
type Channel struct {
	ID   int
	Name string
	Icon string
}

// DefaultChannels are the channel numbers that were seen. Only e-mail (1) and live chat (8) are known by name; the other names
// are invented here.
func DefaultChannels() []Channel {
	return []Channel{{1, "e-mail", "e-mail"}, {3, "telephone", "phone"}, {5, "facebook", "facebook"}, {7, "twitter", "twitter"},
		{8, "live chat", "chat"}, {9, "contact form", "form"}, {10, "whatsapp", "whatsapp"}, {12, "instagram", "instagram"},
		{13, "chatbot", "chatbot"}}
}

// Delivery is a message that a real account would have delivered.
type Delivery struct {
	At        time.Time `json:"at"`               // when it was posted
	SendAt    time.Time `json:"send_at,omitzero"` // when it was to be delivered; zero: at once
	TicketID  int64     `json:"ticket_id"`
	MessageID int64     `json:"message_id,omitzero"` // zero while it is scheduled
	Type      string    `json:"type"`                // as posted: a channel number or contactform
	To        []string  `json:"to"`                  // recipients as posted; empty: the ticket's own
	UserID    int64     `json:"user_id"`             // 0: an anonymous agent
	Message   string    `json:"message"`
	Files     []int64   `json:"files,omitempty"`   // forwarded
	Answers   int64     `json:"answers,omitempty"` // respondMessageID
	Plain     string    `json:"plaintext,omitempty"`
	Cc        string    `json:"cc,omitempty"`
	Bcc       string    `json:"bcc,omitempty"`
	Status    string    `json:"status,omitempty"` // submitStatus
}
