// Package importer plans an import and carries it out: records become tickets, tickets become requests, and
// each request's intent and outcome are durable before the next. It knows no HTTP and no SQL; the target, the
// ledger and the pacer are interfaces that packages below it implement.
package importer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/deskferry/deskferry/mapping"
)

// Key names a ticket in the ledger: the source's name and its ticket id, "zendesk:812". It is also the
// external_id that is sent, unless longer than 255 characters (see [ExternalID]).
type Key string

// TicketID and MessageID are the target's own ids.
type (
	TicketID  int64
	MessageID int64
)

// Work is one ticket to be brought over. Messages are in sending order; each message's external id as it is
// sent is in MessageIDs at the same index.
type Work struct {
	Key        Key
	ExternalID string
	Ticket     mapping.Ticket
	MessageIDs []string
	// Files are what a [Preparer] made of each message's files, nil until it did. They belong to a run, not to the plan.
	Files []*MessageFiles
}

// Target turns work into requests. Making a request does no I/O.
type Target interface {
	// Create makes the request that creates the ticket with its first n messages.
	Create(w *Work, n int) (*Request, error)
	// Append makes the request that adds message i of w to ticket id.
	Append(id TicketID, w *Work, i int) (*Request, error)
}

// Request is one write, encoded and not yet sent. Send sends it once; an error is a *[Fault].
type Request struct {
	Sum  [sha256.Size]byte // of the body
	Send func(context.Context) (Stored, error)
}

// Stored is a ticket as the target answers it. After an append it holds the one message.
type Stored struct {
	ID              TicketID
	ExternalID      string
	Status          string
	Spam            bool
	Trashed         bool
	UpdatedDatetime time.Time
	Tags            []string
	User, Team      Assignee
	Messages        []StoredMessage
}

// StoredMessage is a message as the target answers it.
type StoredMessage struct {
	ID           MessageID
	ExternalID   string
	SentDatetime time.Time
	Failed       bool // it has a failed_datetime
}

// Found is a ticket met in a sweep.
type Found struct {
	ID              TicketID
	ExternalID      string
	UpdatedDatetime time.Time
}

// Finder looks into the target, for settling and verifying. Errors are *[Fault]s; Gone is one of them.
type Finder interface {
	// Find returns the tickets with this external id, oldest first.
	Find(ctx context.Context, externalID string) ([]TicketID, error)
	// Read returns the ticket with all its messages.
	Read(ctx context.Context, id TicketID) (Stored, error)
	// Sweep yields tickets by updated_datetime, newest first, back to since.
	Sweep(ctx context.Context, since time.Time) iter.Seq2[Found, error]
	// Alive asks the target for something that costs nothing: it opens the gate after an outage.
	Alive(ctx context.Context) error
}

// Pacer grants request slots. Wait is called before the intent of a write is recorded.
type Pacer interface {
	Wait(context.Context) error
}

// FaultKind says what a failed request means for the caller.
type FaultKind uint8

// The kinds of fault (design: the retry table).
const (
	NotSent  FaultKind = iota // surely never reached the target: ask again
	Limited                   // 429: a definite no, for now
	Lost                      // the outcome is unknown
	Refused                   // a definite no for this payload
	TooLarge                  // 413: a definite no for this payload; a smaller one may pass
	Gone                      // 404, 410
	Conflict                  // 409
	Stop                      // nothing will work: credentials, host, quota, our own bug
)

func (k FaultKind) String() string {
	return [...]string{"not sent", "limited", "lost", "refused", "too large", "gone", "conflict", "stop"}[k]
}

// Fault is why a request failed.
type Fault struct {
	Kind  FaultKind
	After time.Duration // Limited: how long the target asks to wait
	// Doubtful is set on a Stop whose request may have taken effect all the same (an HTML answer, a redirect).
	Doubtful bool
	Err      error
}

func (f *Fault) Error() string { return f.Err.Error() }

func (f *Fault) Unwrap() error { return f.Err }

// FaultOf returns the fault in err's chain; an error that carries none is Lost, the one kind that is never
// acted upon by guessing.
func FaultOf(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{Kind: Lost, Err: fmt.Errorf("unclassified: %w", err)}
}
