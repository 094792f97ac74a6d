package importer

import (
	"context"
	"crypto/sha256"
	"time"
)

// State is where a ticket stands in the ledger (design: the table of states).
type State string

// The states of a ticket.
const (
	StatePlanned State = "planned" // no request was made that could have had an effect
	StateAsking  State = "asking"  // an intent without an outcome; met at start-up it is doubt
	StateDoubt   State = "doubt"   // the answer was lost: look-ups decide
	StateMade    State = "made"    // the ticket is in the target, some messages are not yet
	StateDone    State = "done"    // every message has a target id
	StateRefused State = "refused" // a definite no for this payload
	StateHeld    State = "held"    // a person decides
	StateUndone  State = "undone"  // deleted by us
)

// The reasons a ticket is held for.
const (
	ReasonUnknown    = "unknown"    // asked, never answered, not found until the settle window closed
	ReasonDuplicate  = "duplicate"  // the target holds it more than once
	ReasonIncomplete = "incomplete" // some of its messages cannot be sent
	ReasonFiles      = "files"      // a file could not be had, and none may be missing
	ReasonIDReused   = "id-reused"  // the target holds something else under its id
	ReasonGone       = "gone"       // deleted, trashed or marked as spam in the target
	ReasonMerged     = "merged"     // messages of ours are missing in the target
	ReasonUndone     = "undone"     // an undo took some of its messages back
	ReasonTouched    = "touched"    // people have worked on it in the target
)

// Claim is a ticket handed out to be worked on. Fence is the number of attempts made for it: an intent with
// another number is refused, so a claim gone stale cannot send.
type Claim struct {
	Key   Key
	State State
	Fence int64
}

// Kind tells the two writes apart.
type Kind string

// The kinds of attempt.
const (
	CreateKind Kind = "create"
	AppendKind Kind = "append"
)

// AttemptID names an attempt in the ledger.
type AttemptID int64

// Attempt is a request about to be made.
type Attempt struct {
	Kind     Kind
	Messages []string          // external ids of the messages it carries
	Sum      [sha256.Size]byte // of its body
	Wrote    string            // of a create: the fields it carries, encoded
}

// Answer says in the ledger how an attempt ended. It is for people and reports; the engine goes by State.
type Answer string

// The answers.
const (
	AnswerMade     Answer = "made"
	AnswerFound    Answer = "found" // no answer, but the look-up found it
	AnswerRefused  Answer = "refused"
	AnswerNotSent  Answer = "not sent"
	AnswerLimited  Answer = "limited"
	AnswerStopped  Answer = "stopped" // a definite no that ends the run
	AnswerLost     Answer = "lost"
	AnswerConflict Answer = "conflict"
	AnswerHeld     Answer = "held"
	AnswerRepeated Answer = "repeated" // lost, never found, and a person asked for it again
)

// Matched is a message and the id the target gave it.
type Matched struct {
	ID     string // external id
	Target MessageID
}

// Outcome is what became of an attempt, and where that leaves its ticket.
type Outcome struct {
	State    State // the ledger makes Done of Made when no message is left without a target id
	Reason   string
	Note     string // why, in words, for people
	Answer   Answer
	Ticket   TicketID // zero leaves what is known
	Messages []Matched
	NextLook time.Time // of Doubt
	Adopted  bool      // the ticket was found, not made: never undone

	// Of a sync. What is "" or zero leaves what is known.
	Open    bool   // fields are still to be written: Made stays Made though no message is missing
	Writing string // fields that an update is about to write
	Wrote   string // fields the target holds now; it ends Writing
	Clash   string // with Wrote: the wanted fields that were not all written; "" ends an earlier clash. Alone: Wrote stays not known
	// Conflict says for people which fields of Clash were not written, and why, without their values.
	Conflict string
	Seen     time.Time // the target's updated_datetime after our last write, where nobody else wrote since the one before
	Unseen   bool      // something was written and Seen is not known any more
}

// Unsettled tells whether the attempt stays open: no other may begin until a look-up or a person settles it.
func (o Outcome) Unsettled() bool {
	return o.State == StateDoubt || o.State == StateHeld && o.Reason == ReasonUnknown
}

// Entry is what the ledger knows of one ticket.
type Entry struct {
	Claim
	ExternalID string
	Reason     string
	Target     TicketID
	Adopted    bool
	LookFirst  bool // look for it before creating it: it was held for a reason that may have put it there
	Messages   []EntryMessage
	Open       *OpenAttempt // the one unsettled attempt, nil when there is none
	Wanted     string       // the fields the source gives, encoded; "" where a plan of an older version had none
	Wrote      string       // the fields last written; "" where that is not known
	Writing    string       // the fields that an update without an outcome may have written
	Clash      string       // wanted fields of which some were not written
	Seen       time.Time    // the target's updated_datetime after our last write; zero: not known
	Dead       []TicketID   // target tickets we took out: look-ups pass over those that are really gone
}

// EntryMessage is one message of an [Entry], in sending order.
type EntryMessage struct {
	ID      string
	Target  MessageID // zero: not known to be in the target
	Size    int
	Attempt AttemptID // the last that carried it
	// Elsewhere says that another ticket of the target has it: it was brought over with that ticket, before the source merged
	// the two.
	Elsewhere bool
}

// OpenAttempt is an attempt whose fate is unknown.
type OpenAttempt struct {
	ID       AttemptID
	Kind     Kind
	Asked    time.Time // of the intent
	Lost     bool      // false: no outcome was recorded, the process died in between
	NextLook time.Time
	Repeat   bool // a person asked to repeat it once the window has closed without a hit
}

// Missing returns the messages that have no target id yet, in sending order.
func (e *Entry) Missing() []string {
	var ids []string
	for _, m := range e.Messages {
		if m.Target == 0 {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// Claimer hands out tickets.
type Claimer interface {
	// Claim returns up to n tickets there is something to do for: asked without outcome, in doubt with a look
	// due, then planned and made in sending order, each once. None means none for now.
	Claim(ctx context.Context, n int) ([]Claim, error)
	// Release gives a claim back. It does no I/O.
	Release(Claim)
	// NextLook returns when the next ticket in doubt wants to be looked for; false when none is in doubt.
	NextLook(context.Context) (time.Time, bool, error)
}

// Journal records what is tried and what came of it.
type Journal interface {
	Entry(context.Context, Key) (Entry, error)
	// Intend records that a request is about to be made. It is durable on return, and refused while another
	// attempt of the ticket is open or when the claim's fence is not the ticket's.
	Intend(context.Context, Claim, Attempt) (AttemptID, error)
	// Settle records the outcome of an attempt. It is durable on return.
	Settle(context.Context, AttemptID, Outcome) error
	// Note records what was learned of a ticket without an attempt. It is durable on return.
	Note(context.Context, Key, Outcome) error
}

// Sighter tells whether a target already holds what a ledger believes to be new: a restored ledger, or
// another one's account.
type Sighter interface {
	// Sample returns external ids of up to n planned tickets: the first, and others spread over the plan.
	Sample(ctx context.Context, n int) ([]string, error)
	// Sight takes tickets met in a sweep; those that are planned here are remembered.
	Sight(context.Context, []Found) error
	// Adopt makes of each ticket seen once a made one and holds those seen more often; it returns how many it
	// adopted and how many it held.
	Adopt(context.Context) (adopted, held int, err error)
}

// Lags remembers how long the target took at most to find what was just made.
type Lags interface {
	Lag(context.Context) (time.Duration, error)
	SawLag(context.Context, time.Duration) error
}

// Ledger is the durable memory of what was tried and done.
type Ledger interface {
	Claimer
	Journal
	Sighter
	Lags
}
