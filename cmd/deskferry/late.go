package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/mapping"
)

// latePlan is a plan to which notes with files that came late are added.
type latePlan struct {
	importer.Plan
	notes map[importer.Key]gorgias.Late
}

// Ticket implements [importer.Plan].
func (p latePlan) Ticket(ctx context.Context, key importer.Key) (*importer.Work, error) {
	w, err := p.Plan.Ticket(ctx, key)
	late, some := p.notes[key]
	if !some {
		return w, err
	}
	if errors.Is(err, importer.ErrNotInPlan) {
		w, err = &importer.Work{Key: key, Ticket: mapping.Ticket{Spam: late.Spam}}, nil
		if late.Trashed {
			w.Ticket.TrashedDatetime = late.Note.SentDatetime.Time()
		}
	}
	if err != nil {
		return nil, err
	}
	w.Ticket.Messages, w.MessageIDs = append(w.Ticket.Messages, late.Note), append(w.MessageIDs, late.NoteID)
	return w, nil
}

// lateFiles are what a retry --missing-files found.
type lateFiles struct {
	notes   []gorgias.Late // planned
	missing int            // files that still cannot be had
	arrived int            // notes that are in the account
	came    int            // the files they brought
	done    int64          // tickets they came to, which nothing else is open of
}

// settle puts what the notes came to among the tickets that were there before: they are not imported anew.
func (l lateFiles) settle(s *importer.Summary) {
	n := min(l.done, s.Tickets.Imported)
	s.Tickets.Imported -= n
	s.Tickets.Present += n
}

// tell says how many files came, and how many are still missing. It returns err, or what the exit code says.
func (l lateFiles) tell(out io.Writer, err error) error {
	if l.came > 0 {
		fmt.Fprintf(out, "deskferry: %s came, with %s\n", count(int64(l.came), "missing file"), count(int64(l.arrived), "internal note"))
	}
	if l.missing > 0 {
		fmt.Fprintf(out, "deskferry: %s still cannot be had\n", count(int64(l.missing), "file"))
		if err == nil {
			return errIncomplete
		}
	}
	return err
}

// planLate asks once more for files that tickets were imported without and plans a note in each ticket of which some came.
// It goes through the ledger as any message does, so it is written once.
func (f *ferry) planLate(ctx context.Context) (out lateFiles, err error) {
	notes, missing, err := f.client.Late(ctx)
	if err != nil {
		return out, err
	}
	out.missing = missing
	plan := latePlan{Plan: f.plans, notes: map[importer.Key]gorgias.Late{}}
	var rows []importer.Planned
	for _, l := range notes {
		known, err := f.ledger.Knows(ctx, l.Key)
		if err != nil {
			return out, err
		}
		if !known {
			continue
		}
		e, err := f.ledger.Entry(ctx, l.Key)
		if err != nil {
			return out, err
		}
		if e.Target == 0 || e.State != importer.StateDone && e.State != importer.StateMade && !(e.State == importer.StateHeld && e.Reason == importer.ReasonIncomplete) {
			continue
		}
		plan.notes[l.Key] = l
		out.notes = append(out.notes, l)
		digest := sha256.Sum256([]byte(l.NoteID))
		rows = append(rows, importer.Planned{Key: l.Key, ExternalID: e.ExternalID, Partial: true, Messages: []importer.PlannedMessage{{
			ID: l.NoteID, Content: [16]byte(digest[:16]), Size: 4096 + 2*len(l.Note.BodyText), Direction: mapping.Yes, Internal: true,
		}}})
	}
	if _, err := f.ledger.Plan(ctx, rows); err != nil {
		return out, fmt.Errorf("planning notes for files that came late: %w", err)
	}
	f.plan = plan
	return out, nil
}

// arrived remembers which of the notes are in the account, and counts them.
func (f *ferry) arrived(ctx context.Context, late *lateFiles) error {
	for _, l := range late.notes {
		e, err := f.ledger.Entry(ctx, l.Key)
		if err != nil {
			return err
		}
		for _, m := range e.Messages {
			if m.ID == l.NoteID && m.Target != 0 {
				if err := f.client.Arrived(l); err != nil {
					return err
				}
				late.arrived++
				late.came += l.Files
				if e.State == importer.StateDone {
					late.done++
				}
			}
		}
	}
	return nil
}
