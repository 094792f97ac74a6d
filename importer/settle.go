package importer

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// The looks before the window closes, counted from the intent.
const (
	firstLook  = 5 * time.Second
	secondLook = time.Minute
)

// nextLook returns when to look after a miss at now: 5 s, 1 min and the whole window after the intent.
func nextLook(asked, now time.Time, window time.Duration) time.Time {
	for _, d := range [...]time.Duration{firstLook, secondLook} {
		if at := asked.Add(d); d < window && at.After(now) {
			return at
		}
	}
	return asked.Add(window)
}

// missed is what a look without a hit makes of an open attempt. Only a person's word repeats it, and only once
// the window has closed.
func missed(open *OpenAttempt, looked time.Time, window time.Duration) Outcome {
	switch {
	case looked.Before(open.Asked.Add(window)):
		return Outcome{State: StateDoubt, Answer: AnswerLost, NextLook: nextLook(open.Asked, looked, window),
			Note: "never answered and not found so far"}
	case !open.Repeat:
		return Outcome{State: StateHeld, Reason: ReasonUnknown, Answer: AnswerLost,
			Note: fmt.Sprintf("never answered and not found within %s: see the target, then retry --in-doubt to send it again", window)}
	case open.Kind == AppendKind:
		return Outcome{State: StateMade, Answer: AnswerRepeated}
	}
	return Outcome{State: StatePlanned, Answer: AnswerRepeated}
}

// orphan turns an intent without an outcome into a doubt: the process that made it died.
func (s *step) orphan(ctx context.Context) (more bool, err error) {
	open := s.e.Open
	if open == nil {
		return false, fmt.Errorf("ticket %s is being asked for without an attempt: the ledger is damaged, restore it from a backup", s.e.Key)
	}
	return s.settle(ctx, open.ID, Outcome{State: StateDoubt, Answer: AnswerLost,
		NextLook: nextLook(open.Asked, open.Asked, s.window()), Note: "the run ended before the answer came"})
}

// look looks for what an open attempt may have left in the target, when the look is due.
func (s *step) look(ctx context.Context) (more bool, err error) {
	open := s.e.Open
	if open == nil {
		return false, fmt.Errorf("ticket %s is in doubt without an attempt: the ledger is damaged, restore it from a backup", s.e.Key)
	}
	looked := time.Now()
	if looked.Before(open.NextLook) && !s.conflict {
		return false, nil
	}
	var o Outcome
	var hit bool
	if open.Kind == AppendKind {
		o, hit, err = s.findMessage(ctx, open)
	} else {
		o, hit, err = s.findTicket(ctx, open.Asked.Add(-clockSkew))
	}
	if err != nil {
		return false, err
	}
	if !hit && s.conflict {
		o = Outcome{State: StateHeld, Reason: ReasonIDReused, Answer: AnswerConflict,
			Note: "the target says that the id is in use, and shows nothing under it"}
	} else if !hit {
		o = missed(open, looked, s.window())
	}
	// "In use" before it was made: somebody else's, not this request's. It is never undone.
	o.Adopted = o.Adopted || hit && s.conflict && open.Kind == CreateKind
	s.conflict = false
	if o.Answer == AnswerRepeated {
		s.res.Repeated++
		s.count.repeated.Add(1)
	}
	return s.settle(ctx, open.ID, o)
}

// seek looks for a planned ticket before it is created, because it once was held for being there, or because an undo has
// taken it out: what was only put into the trash is still there, or back again.
func (s *step) seek(ctx context.Context) (more bool, err error) {
	o, hit, err := s.findTicket(ctx, time.Time{})
	if err != nil {
		return false, err
	}
	s.e.LookFirst, s.buried = false, true
	if !hit {
		return true, nil
	}
	o.Adopted = true
	return s.note(ctx, o)
}

// findTicket looks for the ticket by its external id, then in a sweep back to since (zero: no sweep).
func (s *step) findTicket(ctx context.Context, since time.Time) (o Outcome, hit bool, err error) {
	hits, err := s.find(ctx)
	if err == nil && len(hits) == 0 && !since.IsZero() {
		hits, err = s.sweep(ctx, since)
	}
	if err == nil {
		hits, err = s.risen(ctx, hits)
	}
	switch {
	case err != nil || len(hits) == 0:
		return o, false, err
	case len(hits) > 1:
		return Outcome{State: StateHeld, Reason: ReasonDuplicate, Answer: AnswerHeld,
			Note: fmt.Sprintf("the target has it %d times, as tickets %d: delete all but one, then retry --reason duplicate", len(hits), hits)}, true, nil
	}
	st, err := s.read(ctx, hits[0])
	if isGone(err) {
		return Outcome{State: StateHeld, Reason: ReasonGone, Answer: AnswerHeld, Ticket: hits[0],
			Note: "the ticket was made and is no longer in the target"}, true, nil
	}
	if err != nil {
		return o, false, err
	}
	if st.Trashed && slices.Contains(s.e.Dead, hits[0]) {
		return Outcome{State: StateHeld, Reason: ReasonGone, Answer: AnswerHeld,
			Note: fmt.Sprintf("an undo put it into the target's trash as ticket %d, and it is still there: restore it, or delete it for good, then retry --reason gone", hits[0])}, true, nil
	}
	matched := s.match(st.Messages)
	if len(matched) == 0 {
		return Outcome{State: StateHeld, Reason: ReasonIDReused, Answer: AnswerHeld,
			Note: fmt.Sprintf("ticket %d of the target has this id and none of its messages", hits[0])}, true, nil
	}
	s.found(len(matched), st)
	return Outcome{State: StateMade, Answer: AnswerFound, Ticket: hits[0], Messages: matched, Seen: s.arrived(&st)}, true, nil
}

// findMessage looks for the message of an append among all messages of the ticket.
func (s *step) findMessage(ctx context.Context, open *OpenAttempt) (o Outcome, hit bool, err error) {
	st, err := s.read(ctx, s.e.Target)
	if isGone(err) {
		return Outcome{State: StateHeld, Reason: ReasonGone, Answer: AnswerHeld, Note: "the ticket is no longer in the target"}, true, nil
	}
	if err != nil {
		return o, false, err
	}
	copies := 0
	for _, m := range s.e.Messages {
		if m.Attempt != open.ID || m.Target != 0 {
			continue
		}
		for _, stored := range st.Messages {
			if stored.ExternalID == m.ID {
				copies++
			}
		}
	}
	matched := s.match(st.Messages)
	switch {
	case copies == 0:
		s.sure = !st.Trashed && !st.Spam
		return o, false, nil
	case copies > 1:
		return Outcome{State: StateHeld, Reason: ReasonDuplicate, Answer: AnswerHeld, Messages: matched,
			Note: fmt.Sprintf("ticket %d has the message %d times: delete all but one, then retry --reason duplicate", s.e.Target, copies)}, true, nil
	}
	s.found(len(matched), st)
	o = Outcome{State: StateMade, Answer: AnswerFound, Messages: matched}
	if s.e.Seen.IsZero() { // else others had changed it before, or nobody knows
		o.Seen = s.arrived(&st)
	}
	return o, true, nil
}

// found counts what a look met. What it read is what the target holds, unless people took the ticket away.
func (s *step) found(n int, st Stored) {
	s.res.Found += n
	s.sure = !st.Trashed && !st.Spam
}

// find returns the target's tickets with this external id, those we took out left out.
func (s *step) find(ctx context.Context) (hits []TicketID, err error) {
	err = s.timed(ctx, fmt.Sprintf("looking for ticket %s", s.e.Key), func(ctx context.Context) (err error) {
		hits, err = s.Finder.Find(ctx, s.e.ExternalID)
		return err
	})
	if isGone(err) {
		return nil, nil
	}
	return s.living(hits), err
}

// sweep is find without the target's index: all tickets updated since are passed in review.
func (s *step) sweep(ctx context.Context, since time.Time) (hits []TicketID, err error) {
	err = s.ask(ctx, fmt.Sprintf("sweeping for ticket %s", s.e.Key), func(ctx context.Context) error {
		hits = hits[:0]
		for f, err := range s.Finder.Sweep(ctx, since) {
			if err != nil {
				return err
			}
			if f.ExternalID == s.e.ExternalID {
				hits = append(hits, f.ID)
			}
		}
		return nil
	})
	if isGone(err) {
		return nil, nil
	}
	return s.living(hits), err
}

// living sorts hits, drops repetitions and the tickets we took out ourselves: an index may show them for a while, see risen.
func (s *step) living(hits []TicketID) []TicketID {
	slices.Sort(hits)
	hits = slices.Compact(hits)
	return slices.DeleteFunc(hits, func(id TicketID) bool { return slices.Contains(s.e.Dead, id) })
}

// risen adds to hits the tickets we took out that the target has all the same, by their own numbers: in its trash, or restored
// from it by people. What was deleted is gone for good.
func (s *step) risen(ctx context.Context, hits []TicketID) ([]TicketID, error) {
	for _, id := range s.e.Dead {
		_, err := s.read(ctx, id)
		switch {
		case err == nil:
			hits = append(hits, id)
		case !isGone(err):
			return nil, err
		}
	}
	return hits, nil
}

func (s *step) read(ctx context.Context, id TicketID) (st Stored, err error) {
	err = s.timed(ctx, fmt.Sprintf("reading ticket %d", id), func(ctx context.Context) (err error) {
		st, err = s.Finder.Read(ctx, id)
		return err
	})
	return st, err
}
