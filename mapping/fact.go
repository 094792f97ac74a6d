package mapping

import (
	"time"

	"github.com/deskferry/deskferry/sources"
)

// Tri is a truth that may be unknown.
type Tri uint8

// The values of a Tri.
const (
	Unknown Tri = iota
	No
	Yes
)

// State says what became of a fact or of a record.
type State uint8

// The states of facts and records.
const (
	Mapped State = iota
	Skipped
	Rejected
)

// PersonRef is a person as one record names them: any part may be absent.
type PersonRef struct {
	ID    string // the source's id
	Email string // lower case
	Name  string
	Agent Tri
}

// IsZero tells whether nothing is known.
func (p PersonRef) IsZero() bool { return p == PersonRef{} }

// TicketFact is what one record says of a ticket. Facts about one ticket meet in [Mapping.Assemble].
type TicketFact struct {
	Key      string // the source's ticket id, or "h1:…" of the record's content where the rule has none
	Rule     string
	Origin   sources.Origin
	Seq      int64 // orders facts as the source does
	State    State
	Reason   string       // why it is skipped
	Version  string       // the rule's version as comparable text; "" without one
	At       time.Time    // time of the message the same record makes, for take: last; zero when it makes none
	Last     TicketFields // fields whose rule says take: last
	Customer PersonRef    // the customer as named here; Ticket.Customer stays zero
	Assignee PersonRef
	Ticket   Ticket // the other fields; absent is zero, Messages is empty
	// SourceStatus is the status in the source's own word, before any table; "" when the record says nothing of it.
	SourceStatus string
}

// TicketFields is a set of ticket fields, by their position in the table of fields.
type TicketFields uint64

// MessageFact is what one record, or one item of it, says of one message.
type MessageFact struct {
	Ticket    string // key of its ticket
	Rule      string
	Origin    sources.Origin
	Seq       int64 // orders messages with equal sent time; reversed within a record where the rule says newest_first
	State     State
	Reason    string
	Version   string    // the rule's version as comparable text; "" without one
	Fallback  bool      // used only where the ticket has no other message
	Author    PersonRef // Message.Author stays zero
	Internal  bool
	FromAgent Tri      // what the rule's from_agent says
	HashID    bool     // Message.ExternalID was made from content
	Content   [16]byte // fingerprint of the mapped content: equal means the same message twice
	Future    bool     // scheduled, not sent: State is Skipped
	Message   Message
}

// PersonFact is what one record says of a person, from a people rule or learned from a ticket or message.
type PersonFact struct {
	PersonRef
	Ruled bool // given by a people rule: wins over what was learned
}

// Result takes what [Mapper.Map] makes of one record. It is reused: Reset keeps the memory.
type Result struct {
	State    State  // of the record: Rejected if any error, Skipped if nothing but skips, else Mapped
	Reason   string // of a skipped record
	Tickets  []TicketFact
	Messages []MessageFact
	People   []PersonFact
	Problems []Problem
	// Unsettled is set when a time was met whose layout only the whole input can settle: see [Survey].
	Unsettled bool
}

// Reset empties r for the next record.
func (r *Result) Reset() {
	r.State, r.Reason, r.Unsettled = Mapped, "", false
	clear(r.Tickets)
	for i := range r.Messages { // a file's bytes would stay as long as the mapper's slice they stand in
		clear(r.Messages[i].Message.Attachments)
	}
	clear(r.Messages)
	r.Tickets, r.Messages, r.People, r.Problems = r.Tickets[:0], r.Messages[:0], r.People[:0], r.Problems[:0]
}

// Group is all facts of one ticket, in Seq order.
type Group struct {
	Tickets        []TicketFact
	Messages       []MessageFact
	SendIncomplete bool     // a ticket with a rejected record is Ready all the same, without what was rejected
	Choices        *Choices // what the run says of people; nil: nothing
}

// Directory finds people by id, then by e-mail, over all facts of the input.
type Directory interface {
	Person(id, email string) (PersonRef, bool)
}

// Assembled is what became of one ticket.
type Assembled struct {
	Key      string
	State    TicketState
	Reason   string
	Ticket   Ticket // with its messages in sending order; complete only when State is Ready
	Problems []Problem
	Origins  []sources.Origin // of Ticket.Messages, one each
	Contents [][16]byte       // of Ticket.Messages, one each: MessageFact.Content
	Rejected int              // messages, by what became of them; Ticket.Messages are the rest
	Repeated int
	Skipped  int
	Skips    []Skip // why, one for each of Skipped, and for each record of the ticket that an "older version" is

	SourceStatus string // [TicketFact.SourceStatus] of the record Ticket.Status is from, else the first there is

	work assembly // scratch, kept between tickets
}

// Skip is a message or a ticket's record that was left out for a reason that is no fault.
type Skip struct {
	Reason string // of the rule's skip, or OlderVersion, NotNeeded
	Origin sources.Origin
	Ticket bool // a record of the ticket, not a message: not in Assembled.Skipped
}

// The reasons of a skip that no rule names.
const (
	OlderVersion = "older version"
	NotNeeded    = "fallback not needed"
)

// TicketState is what a ticket may do after assembly.
type TicketState uint8

// The states of an assembled ticket.
const (
	Ready          TicketState = iota // may be sent
	TicketSkipped                     // a skip rule took it, with its messages
	TicketRejected                    // no request could be made of it: no customer, no message
	Incomplete                        // a record of it was rejected: held, unless told otherwise
)
