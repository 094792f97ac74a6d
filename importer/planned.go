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
