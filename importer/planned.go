package importer

import (
	"context"

	"github.com/deskferry/deskferry/mapping"
)

// Planned is a ticket as the ledger remembers it: ids and fingerprints, no bodies.
type Planned struct {
	Key        Key
	ExternalID string
	Seq        int64  // the order tickets are imported in: first seen, first sent
	Version    string // the source's version of the ticket, "" when the mapping names none
	Hold       string // why the ticket must not be sent yet ("incomplete"), "" when it may
	Messages   []PlannedMessage
	// Payload is the fingerprint of everything that is sent of the ticket, its own fields included: a refused
	// ticket is tried again when it changed. Zero: made of the messages.
	Payload [16]byte
	// Partial says that the messages are an addition (mended rows): those the ledger knows besides stay planned.
	// Otherwise, of a ticket never sent, they are all there is.
	Partial bool
	Wanted  string // the ticket's fields, see [Fields.Encode]; "" is not compared
	// Update says that a ticket whose fields changed is to be worked on again: it becomes made.
	Update bool
	// AppendTouched releases a ticket that is held as people have worked on it.
	AppendTouched bool
	// Rejected is how many messages of it the mapping has rejected: they are in the source, though not in Messages.
	Rejected int
	// Why says for people why Hold is set: codes, fields and origins, no values.
	Why string
	// Seen says that nothing can be made of the ticket now, though the source holds it: all else but Key is empty, and it is
	// not entered, only not taken for removed.
	Seen bool
}

// PlannedMessage is one message of a [Planned] ticket. ID is its external id as sent; Content tells whether
// the message was edited since.
type PlannedMessage struct {
	ID        string
	Content   [16]byte
	Size      int         // upper bound of its bytes on the wire
	Direction mapping.Tri // Yes: from an agent; internal notes count apart
	Internal  bool
}

// Standing is what the ledger knew of a planned ticket.
type Standing struct {
	State   string // the ledger's state after planning: planned, made, done, held, …
	Reason  string // of held
	New     int    // messages it did not know
	Present int    // messages that have a target id already
	Differs int    // messages known with other content: reported, never changed
	Update  bool   // its fields are to be written
	Settled bool   // held or undone, and a person has said that it stays so
	Absent  int    // messages that have a target id and are not in the plan
}

// Planner takes planned tickets into the ledger, many at a time. A ticket that is done and has no new message stays
// done; one with new messages becomes made and the new ones are appended.
type Planner interface {
	Plan(context.Context, []Planned) ([]Standing, error)
}

// Plan holds the bodies of planned tickets until they are done.
type Plan interface {
	Ticket(context.Context, Key) (*Work, error)
}

// Count counts tickets or messages of an import by what has become of them.
type Count struct {
	Imported int64 // stored in the target by this run
	Present  int64 // known to be in the target before it
	Rejected int64 // definitely refused by the target
	Held     int64 // wait for a person
	InDoubt  int64 // asked, not answered
	Pending  int64 // not asked yet
	Settled  int64 // held or undone, and a person has said that it stays so
	Undone   int64 // taken back by an undo
}

// Total is the sum of all states.
func (c Count) Total() int64 {
	return c.Imported + c.Present + c.Rejected + c.Held + c.InDoubt + c.Pending + c.Settled + c.Undone
}

// Tally is what has become of what one import planned: nothing else the ledger may hold is counted. A ticket some of
// whose messages are not stored yet is pending.
type Tally struct {
	Tickets  Count
	Messages Count
}
