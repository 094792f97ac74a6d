package importer

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// send makes one write: it waits for the gate and the pacer, records the intent, and only then sends. A zero id
// means that nothing was sent; the error is then the run's. Otherwise the error is the request's.
func (s *step) send(ctx context.Context, a Attempt, req *Request) (id AttemptID, asked time.Time, st Stored, err error) {
	if err := s.slot(ctx); err != nil {
		return 0, asked, st, err
	}
	asked = time.Now()
	if id, err = s.Ledger.Intend(ctx, s.e.Claim, a); err != nil {
		return 0, asked, st, fmt.Errorf("recording the intent for ticket %s, nothing was sent: %w", s.e.Key, err)
	}
	s.e.Fence++
	s.e.State = StateAsking
	s.e.attempted(id, a.Messages)
	if a.Wrote != "" {
		s.e.Wrote, s.e.Writing, s.e.Clash = a.Wrote, "", ""
	}
	s.res.Requests++
	s.count.writes.Add(1)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout())
	defer cancel()
	if s.Abort != nil {
		defer context.AfterFunc(s.Abort, cancel)()
	}
	st, err = req.Send(ctx)
	return id, asked, st, err
}

// prepare lets the target do first what its next request needs. False without an error: the ticket was held.
func (s *step) prepare(ctx context.Context, from, to int) (ready bool, err error) {
	p, needed := s.Target.(Preparer)
	if !needed {
		return true, nil
	}
	err = p.Prepare(ctx, s.w, from, to)
	var hold *Hold
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &hold):
		_, err = s.note(ctx, Outcome{State: StateHeld, Reason: hold.Reason, Answer: AnswerHeld, Note: hold.Note})
		return false, err
	case ctx.Err() != nil:
		return false, ctx.Err()
	}
	return false, stopError(fmt.Sprintf("preparing ticket %s", s.e.Key), err)
}

// slot returns when a write may go: the gate is open and the pacer has granted it. The gate counts last, for it
// may have been shut while the pacer was waited for.
func (r *Run) slot(ctx context.Context) error {
	for {
		if err := r.gate.pass(ctx, r.knock); err != nil {
			return err
		}
		if r.Pacer != nil {
			if err := r.Pacer.Wait(ctx); err != nil && ctx.Err() == nil {
				return fmt.Errorf("waiting for the target's rate limit: %w", err)
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.gate.isOpen() {
			return nil
		}
	}
}

// knock asks the target until it answers.
func (r *Run) knock(ctx context.Context) error {
	const doing = "waiting for the target to answer again"
	err := r.timed(ctx, doing, r.Finder.Alive)
	if err != nil && isGone(err) {
		return stopError(doing, err)
	}
	return err
}

// verdict is what a failed write means.
type verdict struct {
	State   State
	Reason  string
	Answer  Answer
	Again   bool // ask again later
	Smaller bool // ask again with half of the messages
	Shut    bool // shut the gate
	Look    bool // look at once; nothing found is then a definite no
	Stop    bool // end the run
}

// judge reads the table of answers (design section 6) for a write that carried so many messages.
func judge(kind Kind, carried int, f *Fault) verdict {
	before := StatePlanned
	if kind == AppendKind {
		before = StateMade
	}
	switch f.Kind {
	case NotSent:
		return verdict{State: before, Answer: AnswerNotSent, Again: true}
	case Limited:
		return verdict{State: before, Answer: AnswerLimited, Again: true}
	case Refused:
		return verdict{State: StateRefused, Answer: AnswerRefused}
	case TooLarge:
		if kind == CreateKind && carried > 1 {
			return verdict{State: before, Answer: AnswerRefused, Smaller: true}
		}
		return verdict{State: StateRefused, Answer: AnswerRefused}
	case Gone:
		if kind == AppendKind {
			return verdict{State: StateHeld, Reason: ReasonGone, Answer: AnswerHeld}
		}
		return verdict{State: before, Answer: AnswerStopped, Stop: true}
	case Conflict:
		return verdict{State: StateDoubt, Answer: AnswerConflict, Look: true}
	case Stop:
		if f.Doubtful {
			return verdict{State: StateDoubt, Answer: AnswerLost, Stop: true}
		}
		return verdict{State: before, Answer: AnswerStopped, Stop: true}
	default:
		return verdict{State: StateDoubt, Answer: AnswerLost, Shut: true}
	}
}

// failed settles an attempt that was not answered with a yes and prepares what comes next.
func (s *step) failed(ctx context.Context, id AttemptID, asked time.Time, a Attempt, f *Fault) (more bool, err error) {
	v := judge(a.Kind, len(a.Messages), f)
	if v.Shut {
		s.gate.close()
	}
	o := Outcome{State: v.State, Reason: v.Reason, Answer: v.Answer, Note: f.Error()}
	if o.State == StateDoubt {
		o.NextLook = nextLook(asked, asked, s.window())
		o.Unseen = a.Kind == AppendKind && !s.others()
		s.e.Open = &OpenAttempt{ID: id, Kind: a.Kind, Asked: asked, Lost: true}
	}
	more, err = s.settle(ctx, id, o)
	s.conflict = v.Look
	switch {
	case err != nil:
		return false, err
	case v.Stop:
		return false, stopError(fmt.Sprintf("importing ticket %s", s.e.Key), f)
	case v.Smaller:
		s.n = len(a.Messages) / 2
	case v.Again:
		return true, s.pause(ctx, f)
	}
	return more, nil
}

// pause waits before the same request is made again. A 429 is first left to the pacer, which has seen it too.
func (s *step) pause(ctx context.Context, f *Fault) error {
	var least time.Duration
	if f.Kind == Limited {
		if s.limits++; s.limits == 1 && s.Pacer != nil {
			return nil
		}
		if s.Pacer == nil {
			least = limited(f)
		}
	}
	if err := s.wait.wait(ctx, s.patience(), least, f); err != nil {
		return stopError(fmt.Sprintf("importing ticket %s", s.e.Key), err)
	}
	return nil
}

// unsendable settles a request that could not even be made. Without a fault it is no fault of the ticket's.
func (s *step) unsendable(ctx context.Context, kind Kind, carried int, err error) (more bool, _ error) {
	var f *Fault
	if !errors.As(err, &f) {
		return false, fmt.Errorf("making the request for ticket %s: %w", s.e.Key, err)
	}
	switch v := judge(kind, carried, f); {
	case v.Smaller:
		s.n = carried / 2
		return true, nil
	case v.State == StateRefused:
		return s.note(ctx, Outcome{State: v.State, Answer: v.Answer, Note: f.Error()})
	}
	return false, stopError(fmt.Sprintf("making the request for ticket %s", s.e.Key), err)
}

// settle records the outcome of an attempt and follows it.
func (s *step) settle(ctx context.Context, id AttemptID, o Outcome) (more bool, err error) {
	if err := s.Ledger.Settle(context.WithoutCancel(ctx), id, o); err != nil {
		return false, fmt.Errorf("recording the answer for ticket %s, which counts as in doubt now: %w", s.e.Key, err)
	}
	return s.follow(o), nil
}

// note records what was learned without an attempt and follows it.
func (s *step) note(ctx context.Context, o Outcome) (more bool, err error) {
	if err := s.Ledger.Note(context.WithoutCancel(ctx), s.e.Key, o); err != nil {
		return false, fmt.Errorf("recording the state of ticket %s: %w", s.e.Key, err)
	}
	return s.follow(o), nil
}

// follow keeps the step's copy of the entry in step with the ledger and tells whether there is more to do.
func (s *step) follow(o Outcome) (more bool) {
	s.e.apply(o)
	s.res.Note = o.Note
	if s.e.State == StateMade || s.e.State == StateDone {
		s.wait.reset()
		s.limits = 0
	}
	return s.e.State == StatePlanned || s.e.State == StateMade || s.e.State == StateDoubt
}

// apply does to an entry what the ledger does to the ticket.
func (e *Entry) apply(o Outcome) {
	target := make(map[string]MessageID, len(o.Messages))
	for _, m := range o.Messages {
		target[m.ID] = m.Target
	}
	for i := range e.Messages {
		if m := &e.Messages[i]; m.Target == 0 {
			m.Target = target[m.ID]
		}
	}
	if o.Ticket != 0 {
		e.Target = o.Ticket
	}
	e.State, e.Reason = o.State, o.Reason
	e.Adopted = e.Adopted || o.Adopted
	e.learn(o)
	if e.State == StateMade && len(e.Missing()) == 0 && !o.Open {
		e.State = StateDone
	}
	switch {
	case !o.Unsettled():
		e.Open = nil
	case e.Open != nil:
		e.Open.Lost, e.Open.NextLook = true, o.NextLook
	}
}

// learn takes what an outcome says of the ticket's fields.
func (e *Entry) learn(o Outcome) {
	switch {
	case o.Wrote != "":
		e.Wrote, e.Clash, e.Writing = o.Wrote, o.Clash, ""
	case o.Clash != "":
		e.Clash = o.Clash
	case o.Writing != "":
		e.Writing = o.Writing
	}
	if o.Unseen {
		e.Seen = time.Time{}
	} else if !o.Seen.IsZero() {
		e.Seen = o.Seen
	}
}

// attempted marks the messages an attempt carries.
func (e *Entry) attempted(id AttemptID, messages []string) {
	carried := make(map[string]bool, len(messages))
	for _, m := range messages {
		carried[m] = true
	}
	for i := range e.Messages {
		if carried[e.Messages[i].ID] {
			e.Messages[i].Attempt = id
		}
	}
}
