package importer

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Why an undo leaves a ticket.
const (
	LeftTouched  = "touched"  // people or rules have changed it, or others have written in it
	LeftAdopted  = "adopted"  // it was found in the target, not made
	LeftInDoubt  = "in-doubt" // a request for it was never answered
	LeftLaterRun = "later"    // a later run has added messages to it
	LeftMerged   = "merged"   // the source has merged it into another, which counts its messages as its own
	LeftGone     = "gone"     // somebody has deleted it, or moved it
	LeftRefused  = "refused"  // the target does not allow it
	LeftNoTrash  = "no-trash" // there is no trash for single messages
)

// left says why an item is left.
type left struct{ reason, note string }

// answerSlack is by how much a target's updated_datetime may lie after the moment its answer was here: its clock is known
// to a second only.
const answerSlack = 2 * time.Second

// survey looks at the tickets that may be undone, as lists show them. What is not there any more is left to the look at the
// ticket itself, unless that is not to come.
func (u *Undo) survey(ctx context.Context, items []UndoItem) error {
	var ids []TicketID
	for i := range items {
		if items[i].Left == "" {
			ids = append(ids, items[i].Target)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var found []Surveyed
	err := u.run.timed(ctx, "looking at the tickets of the run", func(ctx context.Context) (err error) {
		found, err = u.Target.Survey(ctx, ids)
		return err
	})
	if err != nil {
		return err
	}
	seen := make(map[TicketID]Surveyed, len(found))
	for _, s := range found {
		seen[s.ID] = s
	}
	for i := range items {
		it := &items[i]
		s, there := seen[it.Target]
		switch {
		case it.Left != "" || !it.Asked.IsZero():
		case !there && u.Dry:
			it.Left = LeftGone
		case !there:
		case s.Messages > len(it.Ours):
			it.Left, it.note = LeftTouched, othersNote(s.Messages-len(it.Ours))
		case u.changed(it, s.UpdatedDatetime):
			it.Left, it.note = LeftTouched, changedNote(s.UpdatedDatetime)
		}
	}
	return nil
}

// changed tells whether the ticket was updated after our last write to it.
func (u *Undo) changed(it *UndoItem, updated time.Time) bool {
	return updated.IsZero() || updated.Truncate(seenUnit).After(u.until(it))
}

// until is the newest updated_datetime that our own writes explain.
func (u *Undo) until(it *UndoItem) time.Time {
	until := it.Seen
	if until.IsZero() && !it.Last.IsZero() {
		until = it.Last.Add(u.Target.Ahead() + answerSlack)
	}
	if !it.Asked.IsZero() { // the undo that was cut off may have deleted some of the messages
		if asked := it.Asked.Add(u.Target.Ahead() + answerSlack); asked.After(until) {
			until = asked
		}
	}
	return until.Add(u.Grace)
}

// judge tells whether the ticket is left, or taken out already by an undo that was cut off.
func (u *Undo) judge(it *UndoItem, st Stored, gone bool) (l left, done bool) {
	if gone {
		if it.Asked.IsZero() || !it.Whole {
			return left{LeftGone, leftNote(LeftGone)}, false
		}
		return left{}, true
	}
	if !it.Asked.IsZero() && it.Whole && u.Trash && st.Trashed && !u.foreign(it, st) {
		return left{}, true
	}
	present, ours := 0, 0
	for _, m := range st.Messages {
		if slices.Contains(it.Ours, m.ID) {
			ours++
		}
		if slices.ContainsFunc(it.Messages, func(x Matched) bool { return x.Target == m.ID }) {
			present++
		}
	}
	others := len(st.Messages) - ours
	switch {
	case others > 0:
		return left{LeftTouched, othersNote(others)}, false
	case !it.Whole && present == 0 && !it.Asked.IsZero():
		return left{}, true
	case ours < len(it.Ours) && it.Asked.IsZero():
		return left{LeftTouched, fmt.Sprintf("%d of the messages brought over are no longer in it", len(it.Ours)-ours)}, false
	case u.changed(it, st.UpdatedDatetime):
		return left{LeftTouched, changedNote(st.UpdatedDatetime)}, false
	}
	return left{}, false
}

// foreign tells whether the ticket holds a message that is not ours.
func (u *Undo) foreign(it *UndoItem, st Stored) bool {
	return slices.ContainsFunc(st.Messages, func(m StoredMessage) bool { return !slices.Contains(it.Ours, m.ID) })
}

func othersNote(n int) string {
	if n == 1 {
		return "one of its messages is not from this import"
	}
	return fmt.Sprintf("%d of its messages are not from this import", n)
}

func changedNote(at time.Time) string {
	if at.IsZero() {
		return "the target does not say when it was last changed"
	}
	return fmt.Sprintf("it was changed at %s, after what was imported", at.UTC().Format("2006-01-02 15:04:05 MST"))
}

func leftNote(reason string) string {
	switch reason {
	case LeftTouched:
		return "it was changed, or others have written in it, after what was imported"
	case LeftAdopted:
		return "it was in the target before this ledger knew of it"
	case LeftInDoubt:
		return "a request for it was never answered: import or retry --in-doubt settles that first"
	case LeftLaterRun:
		return "a later run has added messages to it: undo that run first"
	case LeftMerged:
		return "the source has merged it into another ticket, which counts its messages as its own"
	case LeftGone:
		return "it is no longer in the target: deleted or merged by somebody"
	case LeftNoTrash:
		return "a single message cannot be put into the trash: without --trash it is deleted"
	}
	return reason
}
