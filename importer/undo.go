package importer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// UndoTarget takes out of the target what a run has put there. Each call of the last three is one request that may be
// repeated: done twice is done once. Errors are *[Fault]s.
type UndoTarget interface {
	Finder
	// Survey returns what lists show of up to [SurveySize] tickets; those that are gone are left out.
	Survey(context.Context, []TicketID) ([]Surveyed, error)
	// Delete deletes a ticket with its messages. One that is gone already is no error.
	Delete(context.Context, TicketID) error
	// DeleteMessage deletes one message. One that is gone already is no error.
	DeleteMessage(context.Context, TicketID, MessageID) error
	// Trash puts a ticket into the target's trash.
	Trash(context.Context, TicketID) error
	// Ahead is how far the target's clock is ahead of ours.
	Ahead() time.Duration
}

// SurveySize is the most tickets one survey takes (api/gorgias section 6).
const SurveySize = 100

// Surveyed is a ticket as lists show it: without its messages.
type Surveyed struct {
	ID              TicketID
	UpdatedDatetime time.Time
	Messages        int
}

// UndoLedger knows what a run has put into the target, and remembers what was taken out.
type UndoLedger interface {
	// Undoable returns up to n tickets into which the run has put something that is still there, as far as the ledger
	// knows, in a fixed order after the one with that number; next is the last one's number, and no items are the end.
	Undoable(ctx context.Context, run, after int64, n int) (items []UndoItem, next int64, err error)
	// Undoing records that a ticket, or messages of it, are about to be taken out. It is durable on return.
	Undoing(context.Context, Key) error
	// Undo records that the ticket was taken out.
	Undo(context.Context, Key) error
	// UndoMessages records that these messages of a ticket were taken out, and the target's updated_datetime after that,
	// zero where it is not known.
	UndoMessages(ctx context.Context, key Key, ids []string, seen time.Time) error
	// Remark puts a word for people beside a ticket.
	Remark(ctx context.Context, key Key, note string) error
}

// UndoItem is what a run has put into one ticket.
type UndoItem struct {
	Key      Key
	Target   TicketID
	Whole    bool        // the run made the ticket; else it added messages to it
	Messages []Matched   // the run's
	Ours     []MessageID // all that this ledger has stored in the ticket, by whichever run
	Left     string      // a reason not to touch it that needs no look, "" for none
	Seen     time.Time   // the target's updated_datetime after our last write; zero: not known
	Last     time.Time   // when our last write to the ticket was answered, by our clock
	Asked    time.Time   // when an undo that came to no end asked for it; zero: none did

	note string // Left in words, where more is known than the reason
}

// UndoResult is what became of one ticket.
type UndoResult struct {
	Key      Key      `json:"ticket"`
	Target   TicketID `json:"gorgias_id"`
	Whole    bool     `json:"whole"`            // the ticket was the run's, not only messages in it
	Messages int      `json:"messages"`         // of the run, in it
	Reason   string   `json:"reason,omitempty"` // why it is left; "" when it was, or would be, taken out
	Note     string   `json:"note,omitempty"`   // the reason in words
	URL      string   `json:"url,omitempty"`    // of the ticket in the target, where whoever tells it knows
}

// Undo takes out of the target what one run has put there, as long as nobody has touched it since: tickets that the run
// made, and single messages that it added to tickets of earlier runs. A ticket is read right before it is deleted;
// whatever is not known to be ours alone is left and said. Stopped or killed at any moment, it goes on where it was.
type Undo struct {
	Target UndoTarget
	Ledger UndoLedger
	Pacer  Pacer // nil: no limit
	Run    int64 // what is undone

	Dry      bool            // look only, at lists: cheap, and less sharp than the look before a deletion
	Trash    bool            // put tickets into the trash instead; single messages are left
	Grace    time.Duration   // changes within so much time after our last write are the target's own
	Workers  int             // zero: 4
	Patience time.Duration   // how long the target may be out of reach; zero: an hour
	Abort    context.Context // when done, requests in hand are given up; nil: never

	run Run // for its gate, its waits and its look-ups
	mu  sync.Mutex
}

const undoWorkers = 4

// Do goes through all that the run has put into the target and calls each for every ticket, from one goroutine at a time;
// an error of it ends the undo. When ctx is done no new request begins, and ctx's error is returned.
func (u *Undo) Do(ctx context.Context, each func(UndoResult) error) error {
	u.run = Run{Finder: u.Target, Pacer: u.Pacer, Patience: u.Patience}
	tell := func(r UndoResult) error {
		u.mu.Lock()
		defer u.mu.Unlock()
		return each(r)
	}
	for after := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		items, next, err := u.Ledger.Undoable(ctx, u.Run, after, SurveySize)
		if err != nil || len(items) == 0 {
			return err
		}
		if err := u.page(ctx, items, tell); err != nil {
			return err
		}
		after = next
	}
}

// page undoes one page of tickets.
func (u *Undo) page(ctx context.Context, items []UndoItem, tell func(UndoResult) error) error {
	if err := u.survey(ctx, items); err != nil {
		return err
	}
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(cmp.Or(u.Workers, undoWorkers))
	for i := range items {
		if inner.Err() != nil {
			break
		}
		g.Go(func() error {
			r, err := u.one(inner, &items[i])
			if err != nil {
				return err
			}
			return tell(r)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// one undoes one ticket.
func (u *Undo) one(ctx context.Context, it *UndoItem) (UndoResult, error) {
	r := UndoResult{Key: it.Key, Target: it.Target, Whole: it.Whole, Messages: len(it.Messages)}
	if it.Left == "" && u.Trash && !it.Whole {
		it.Left = LeftNoTrash
	}
	if it.Left != "" {
		return u.leave(ctx, r, left{it.Left, cmp.Or(it.note, leftNote(it.Left))})
	}
	if u.Dry {
		return r, nil
	}
	var wait backoff
	for {
		l, again, err := u.attempt(ctx, it)
		switch {
		case err != nil:
			return r, err
		case l.reason != "":
			return u.leave(ctx, r, l)
		case again == nil:
			return r, nil
		}
		if err := u.pause(ctx, &wait, again); err != nil {
			return r, err
		}
	}
}

// leave says in the ledger why a ticket was left, unless nothing was to be done anyway.
func (u *Undo) leave(ctx context.Context, r UndoResult, l left) (UndoResult, error) {
	r.Reason, r.Note = l.reason, l.note
	if u.Dry {
		return r, nil
	}
	return r, u.Ledger.Remark(context.WithoutCancel(ctx), r.Key, fmt.Sprintf("undo of run %d left it: %s", u.Run, l.note))
}

// attempt reads the ticket, judges it, and takes it out. again is the fault of a request that is to be made again, after
// another look.
func (u *Undo) attempt(ctx context.Context, it *UndoItem) (l left, again *Fault, err error) {
	st, err := u.read(ctx, it.Target)
	gone := isGone(err)
	if err != nil && !gone {
		return l, nil, err
	}
	if l, done := u.judge(it, st, gone); l.reason != "" || done {
		if done {
			return l, nil, u.done(ctx, it, time.Time{})
		}
		return l, nil, nil
	}
	for _, write := range u.writes(it, st) {
		f, err := u.write(ctx, it, write)
		switch {
		case err != nil:
			return l, nil, err
		case f == nil:
			continue
		}
		switch f.Kind {
		case NotSent, Limited, Gone:
			return l, f, nil
		case Lost:
			u.run.gate.close()
			return l, f, nil
		case Refused, Conflict, TooLarge:
			return left{LeftRefused, f.Error()}, nil, nil
		}
		return l, nil, fmt.Errorf("taking out ticket %s: %w; the same command goes on from here", it.Key, f)
	}
	return l, nil, u.finish(ctx, it)
}

// writes are the requests that take the item out.
func (u *Undo) writes(it *UndoItem, st Stored) []func(context.Context) error {
	switch {
	case it.Whole && u.Trash:
		return []func(context.Context) error{func(ctx context.Context) error { return u.Target.Trash(ctx, it.Target) }}
	case it.Whole:
		return []func(context.Context) error{func(ctx context.Context) error { return u.Target.Delete(ctx, it.Target) }}
	}
	var all []func(context.Context) error
	for _, m := range it.Messages {
		if slices.ContainsFunc(st.Messages, func(s StoredMessage) bool { return s.ID == m.Target }) {
			all = append(all, func(ctx context.Context) error { return u.Target.DeleteMessage(ctx, it.Target, m.Target) })
		}
	}
	return all
}

// write waits for a slot, records that the item is about to be taken out, and makes the request. An error is the undo's.
func (u *Undo) write(ctx context.Context, it *UndoItem, request func(context.Context) error) (*Fault, error) {
	if err := u.run.slot(ctx); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	if err := u.Ledger.Undoing(ctx, it.Key); err != nil {
		return nil, fmt.Errorf("recording that ticket %s is about to be taken out, nothing was sent: %w", it.Key, err)
	}
	ctx, cancel := context.WithTimeout(ctx, DefaultTimeout)
	defer cancel()
	if u.Abort != nil {
		defer context.AfterFunc(u.Abort, cancel)()
	}
	err := request(ctx)
	it.Asked = time.Now()
	if err != nil {
		return FaultOf(err), nil
	}
	return nil, nil
}

// finish records what was taken out. After single messages the ticket is read once more: what it shows then is ours.
func (u *Undo) finish(ctx context.Context, it *UndoItem) error {
	var seen time.Time
	if !it.Whole {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), DefaultTimeout)
		defer cancel()
		// Without it the ticket counts as touched: no reason to stop.
		if st, err := u.Target.Read(ctx, it.Target); err == nil && !u.foreign(it, st) {
			seen = st.UpdatedDatetime
		}
	}
	return u.done(ctx, it, seen)
}

func (u *Undo) done(ctx context.Context, it *UndoItem, seen time.Time) error {
	ctx = context.WithoutCancel(ctx)
	var err error
	if it.Whole {
		err = u.Ledger.Undo(ctx, it.Key)
	} else {
		ids := make([]string, len(it.Messages))
		for i, m := range it.Messages {
			ids[i] = m.ID
		}
		err = u.Ledger.UndoMessages(ctx, it.Key, ids, seen)
	}
	if err != nil {
		return fmt.Errorf("recording that ticket %s was taken out: %w; the same command records it", it.Key, err)
	}
	return nil
}

func (u *Undo) read(ctx context.Context, id TicketID) (st Stored, err error) {
	err = u.run.timed(ctx, fmt.Sprintf("reading ticket %d", id), func(ctx context.Context) (err error) {
		st, err = u.Target.Read(ctx, id)
		return err
	})
	return st, err
}

// pause waits before a request is made again. A 429 is the pacer's to wait out, which has seen it too.
func (u *Undo) pause(ctx context.Context, b *backoff, f *Fault) error {
	var least time.Duration
	if f.Kind == Limited {
		if u.Pacer != nil {
			return nil
		}
		least = limited(f)
	}
	if err := b.wait(ctx, u.run.patience(), least, f); err != nil {
		return stopError("taking out what the run has brought", err)
	}
	return nil
}
