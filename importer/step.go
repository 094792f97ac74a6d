package importer

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNotInPlan is returned by a [Plan] that does not hold the ticket asked for: another export's, or one whose
// cache was deleted. The ticket stays as it is.
var ErrNotInPlan = errors.New("not in the plan")

// step is one ticket being worked on by one worker.
type step struct {
	*Run
	e        Entry
	w        *Work
	place    map[string]int // external id of a message to its index in w
	n        int            // how many messages the next create carries; zero: as many as fit
	sure     bool           // what the target holds of the ticket is known from its own answers in this step
	conflict bool           // the open attempt was answered with "identifier in use"
	buried   bool           // the target tickets we took out are really gone
	limits   int            // 429s in a row
	wait     backoff
	res      Result
	bytes    int64 // taken from Run.bodies

	before   *Stored // how the target held the ticket before the first append of this step; nil where nobody asked
	clean    bool    // nobody else seems to have worked on it then
	appended int     // messages appended by this step since the fields were looked at
}

// Step works on one ticket until it is done, refused, held or in doubt, or until ctx is done; after a crash at
// any instruction, call it again. An error means that the run cannot go on; the result tells how far the ticket
// came.
func (r *Run) Step(ctx context.Context, c Claim) (Result, error) {
	r.once.Do(r.init)
	s := &step{Run: r, res: Result{Key: c.Key, State: c.State}}
	if err := ctx.Err(); err != nil {
		return s.res, err
	}
	e, err := r.Ledger.Entry(ctx, c.Key)
	if err != nil {
		return s.res, err
	}
	s.e = e
	s.e.Fence = c.Fence
	there := e.Target != 0 && len(e.Missing()) < len(e.Messages)
	defer s.free()
	err = s.run(ctx)
	s.res.State, s.res.Reason, s.res.Ticket = s.e.State, s.e.Reason, s.e.Target
	s.res.Longer = there && s.res.Imported > 0 && s.e.State == StateDone
	if o := s.e.Open; o != nil && s.e.State == StateDoubt {
		s.res.NextLook = o.NextLook
	}
	return s.res, err
}

// run makes one transition after the other.
func (s *step) run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		var more bool
		var err error
		switch s.e.State {
		case StateAsking:
			more, err = s.orphan(ctx)
		case StateDoubt:
			more, err = s.look(ctx)
		case StatePlanned:
			more, err = s.create(ctx)
		case StateMade:
			more, err = s.complete(ctx)
		}
		if err != nil || !more {
			return err
		}
	}
}

// create sends the ticket with its first messages.
func (s *step) create(ctx context.Context) (more bool, err error) {
	if s.e.LookFirst || len(s.e.Dead) > 0 && !s.buried {
		return s.seek(ctx)
	}
	if ok, err := s.load(ctx); !ok {
		return false, err
	}
	if lacking := s.lacking(); lacking > 0 {
		return s.note(ctx, incomplete(lacking))
	}
	if s.n == 0 {
		s.n = s.first(s.w)
	}
	if s.n == 0 {
		return s.note(ctx, Outcome{State: StateRefused, Answer: AnswerRefused, Note: "a ticket without messages cannot be created"})
	}
	if ready, err := s.prepare(ctx, 0, s.n); !ready {
		return false, err
	}
	leave, err := s.customers.enter(ctx, customersOf(s.w, 0, s.n))
	if err != nil {
		return false, err
	}
	defer func() { leave(s.e.Target != 0) }()
	req, err := s.Target.Create(s.w, s.n)
	if err != nil {
		return s.unsendable(ctx, CreateKind, s.n, err)
	}
	a := Attempt{Kind: CreateKind, Messages: s.w.MessageIDs[:s.n], Sum: req.Sum, Wrote: s.wrote()}
	id, asked, st, err := s.send(ctx, a, req)
	switch {
	case id == 0:
		return false, err
	case err != nil:
		return s.failed(ctx, id, asked, a, FaultOf(err))
	case st.ID == 0:
		return s.failed(ctx, id, asked, a, &Fault{Kind: Lost, Err: errors.New("the answer names no ticket")})
	}
	matched := s.match(st.Messages)
	s.sure = len(matched) == len(a.Messages)
	s.imported(len(matched))
	s.before, s.clean = &st, true
	o := Outcome{State: StateMade, Answer: AnswerMade, Ticket: st.ID, Messages: matched, Seen: st.UpdatedDatetime}
	if more, err = s.settle(ctx, id, o); err == nil {
		s.offer(probe{externalID: s.e.ExternalID, id: st.ID, made: time.Now()})
	}
	return more, err
}

// complete appends the next message the target does not have. Unless the target itself just told what it has,
// that is read first.
func (s *step) complete(ctx context.Context) (more bool, err error) {
	if len(s.e.Missing()) == 0 {
		if s.updating() {
			return s.update(ctx)
		}
		return s.note(ctx, Outcome{State: StateMade})
	}
	if ok, err := s.load(ctx); !ok {
		return false, err
	}
	if !s.sure {
		return s.reread(ctx)
	}
	i := s.next()
	if i < 0 {
		return s.note(ctx, incomplete(s.lacking()))
	}
	if ready, err := s.prepare(ctx, i, i+1); !ready {
		return false, err
	}
	stored := false
	leave, err := s.customers.enter(ctx, customersOf(s.w, i, i+1))
	if err != nil {
		return false, err
	}
	defer func() { leave(stored) }()
	req, err := s.Target.Append(s.e.Target, s.w, i)
	if err != nil {
		return s.unsendable(ctx, AppendKind, 1, err)
	}
	a := Attempt{Kind: AppendKind, Messages: s.w.MessageIDs[i : i+1], Sum: req.Sum}
	id, asked, st, err := s.send(ctx, a, req)
	switch {
	case id == 0:
		return false, err
	case err != nil:
		return s.failed(ctx, id, asked, a, FaultOf(err))
	}
	matched := s.match(st.Messages)
	if len(matched) != 1 || matched[0].ID != a.Messages[0] {
		return s.failed(ctx, id, asked, a, &Fault{Kind: Lost, Err: errors.New("the answer does not name the message")})
	}
	s.imported(1)
	stored = true
	s.appended++
	open := s.updating()
	return s.settle(ctx, id, Outcome{State: StateMade, Answer: AnswerMade, Messages: matched, Open: open, Unseen: !open && !s.others()})
}

// reread learns what the target holds of a made ticket. One that people took elsewhere is held.
func (s *step) reread(ctx context.Context) (more bool, err error) {
	st, err := s.read(ctx, s.e.Target)
	if isGone(err) {
		return s.note(ctx, Outcome{State: StateHeld, Reason: ReasonGone, Answer: AnswerHeld, Note: "the ticket is no longer in the target"})
	}
	if err != nil {
		return false, err
	}
	matched := s.match(st.Messages)
	if o, moved := s.moved(st, len(matched)); moved {
		return s.note(ctx, o)
	}
	s.before = &st
	if s.Sync != nil {
		why := s.touched(&st)
		s.clean = why == ""
		if why != "" && !s.Sync.AppendTouched {
			return s.note(ctx, Outcome{State: StateHeld, Reason: ReasonTouched, Answer: AnswerHeld, Messages: matched,
				Note: "people have worked on it: " + why + "; sync --append-touched or retry --reason touched adds to it all the same"})
		}
	}
	s.sure = true
	if len(matched) == 0 {
		return true, nil
	}
	s.res.Found += len(matched)
	return s.note(ctx, Outcome{State: StateMade, Messages: matched, Open: s.updating()})
}

// moved tells whether the ticket in the target is no longer ours to add to.
func (s *step) moved(st Stored, matched int) (Outcome, bool) {
	o := Outcome{State: StateHeld, Answer: AnswerHeld}
	has := make(map[string]bool, len(st.Messages))
	for _, m := range st.Messages {
		has[m.ExternalID] = true
	}
	known, absent := 0, 0
	for _, m := range s.e.Messages {
		switch {
		case m.Target == 0 || m.Elsewhere:
		case has[m.ID]:
			known++
		default:
			absent++
		}
	}
	switch {
	case st.Trashed && s.w.Ticket.TrashedDatetime.IsZero():
		o.Reason, o.Note = ReasonGone, "the ticket was put into the target's trash"
	case st.Spam && !s.w.Ticket.Spam:
		o.Reason, o.Note = ReasonGone, "the ticket was marked as spam in the target"
	case absent > 0:
		o.Reason, o.Note = ReasonMerged, fmt.Sprintf("messages brought over that are no longer in the ticket, merged or deleted: %d", absent)
	case s.e.Adopted && known+matched == 0:
		o.Reason, o.Note = ReasonIDReused, "the target has a ticket of this id with none of its messages"
	default:
		return Outcome{}, false
	}
	return o, true
}

// load fetches the ticket's bodies; false when the plan does not hold them.
func (s *step) load(ctx context.Context) (bool, error) {
	if s.w != nil {
		return true, nil
	}
	size := 0
	for _, m := range s.e.Messages {
		size += m.Size
	}
	take := int64(min(size, maxInFlight))
	if err := s.bodies.Acquire(ctx, take); err != nil {
		return false, err
	}
	s.bytes = take
	w, err := s.Plan.Ticket(ctx, s.e.Key)
	if errors.Is(err, ErrNotInPlan) {
		s.res.Note = "its messages are not in this plan: import the export it came from again"
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading ticket %s from the plan: %w", s.e.Key, err)
	}
	if len(w.MessageIDs) != len(w.Ticket.Messages) {
		return false, fmt.Errorf("ticket %s has %d messages and %d ids in the plan: delete the plan file and import again", s.e.Key, len(w.Ticket.Messages), len(w.MessageIDs))
	}
	s.w, s.place = w, make(map[string]int, len(w.MessageIDs))
	for i, id := range w.MessageIDs {
		s.place[id] = i
	}
	return true, nil
}

func (s *step) free() {
	if s.bytes > 0 {
		s.bodies.Release(s.bytes)
	}
}

// next returns the index in the work of the next message the target does not have, -1 when the plan holds none.
func (s *step) next() int {
	next := -1
	for _, id := range s.e.Missing() {
		if i, ok := s.place[id]; ok && (next < 0 || i < next) {
			next = i
		}
	}
	return next
}

// lacking counts the messages the ledger waits for and the plan does not hold.
func (s *step) lacking() (n int) {
	for _, id := range s.e.Missing() {
		if _, ok := s.place[id]; !ok {
			n++
		}
	}
	return n
}

func incomplete(n int) Outcome {
	return Outcome{State: StateHeld, Reason: ReasonIncomplete, Answer: AnswerHeld,
		Note: fmt.Sprintf("%d of its messages are not in this plan: import the whole export again", n)}
}

// match pairs the messages that have no target id yet with those the target names.
func (s *step) match(stored []StoredMessage) []Matched {
	ids := make(map[string]MessageID, len(stored))
	for _, m := range stored {
		if _, twice := ids[m.ExternalID]; !twice && m.ID != 0 {
			ids[m.ExternalID] = m.ID
		}
	}
	var out []Matched
	for _, m := range s.e.Messages {
		if id, ok := ids[m.ID]; ok && m.Target == 0 {
			out = append(out, Matched{ID: m.ID, Target: id})
		}
	}
	return out
}

func (s *step) imported(n int) {
	s.res.Imported += n
	s.count.messages.Add(int64(n))
}
