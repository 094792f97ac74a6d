package importer

import (
	"context"
	"fmt"
	"slices"

	"github.com/deskferry/deskferry/mapping"
)

// DefaultMaxShrink is the per cent of known tickets a source may no longer hold before a sync stops and asks.
const DefaultMaxShrink = 10

// SyncOptions make of an import a sync: what changed in the source since is brought over too, as far as nobody has changed
// it in the target (design section 6, Sync). A [Job] and a [Run] of one sync have the same options; nil is an import.
type SyncOptions struct {
	// Updates writes status, closing time, tags and assignees that changed in the source to tickets of before. What
	// people have changed in the target since is a conflict: it is reported and the target wins.
	Updates bool
	// AppendTouched adds messages also to tickets that people have worked on in the target: it may reopen them or make the
	// account's rules act. Otherwise such a ticket is held as [ReasonTouched].
	AppendTouched bool
	// Partial says that the source shows only a part of what it holds, as a folder with what is new each night does:
	// what is not in it is neither taken for removed nor for a sign of a broken export.
	Partial bool
	// MaxShrinkPercent is how many of the tickets that the source held last time may be missing now; zero:
	// [DefaultMaxShrink]. More of them end the planning with a *[ShrinkError], before any request.
	MaxShrinkPercent int
	// AcceptShrink goes on all the same.
	AcceptShrink bool
	// ApplyDeletions says that tickets the source holds no more are to be deleted, where nobody has touched them since we
	// last wrote: neither a [Job] nor a [Run] does that, an [Undo] of them does, after the run.
	ApplyDeletions bool
}

// ShrinkError says that a source holds far fewer of its tickets than last time. Nothing was sent.
type ShrinkError struct {
	Known   int64 // tickets the source held last time
	Missing int64 // of these, how many it holds no more
	Percent int   // how many of a hundred were accepted
}

func (e *ShrinkError) Error() string {
	return fmt.Sprintf("the source no longer holds %d of the %d tickets it held last time, more than %d %%: nothing was sent; "+
		"see whether the export is whole, then run again with --accept-shrink", e.Missing, e.Known, e.Percent)
}

// Census knows which tickets of a source were in it before. A [Planner] of a sync implements it.
type Census interface {
	// Missed counts the tickets of a source that were in it last time, and those of them that this run did not plan.
	Missed(ctx context.Context, source string) (known, missing int64, err error)
	// Strike remembers what this run did not plan as removed from the source, until it is planned again. A planned message
	// that a removed ticket has brought over, with that very id and content, is there already: the source has merged the
	// tickets. (Where no two tickets share an id of a message, the id is enough: the message may have been edited.) A ticket never sent that holds such messages is held as [ReasonMerged]. Strike returns how many tickets are
	// struck off now in all, and how many messages were met elsewhere.
	Strike(ctx context.Context, source string) (removed, merged int64, err error)
}

// SyncSums is what a sync did besides importing what is new.
type SyncSums struct {
	Updated   int64 `json:"updated"`   // tickets whose fields were written
	Longer    int64 `json:"longer"`    // of the tickets imported, those that were in the target before and got more messages
	Conflicts int64 `json:"conflicts"` // tickets with a change that was not written, as people had changed the same in the target; met by this run
	Unwritten int64 `json:"unwritten"` // tickets with a change that was not written for another reason: nobody of that name in the account, an assignee taken away
	Touched   int64 `json:"touched"`   // tickets with new messages held back, as people have worked on them in the target
	Removed   int64 `json:"removed"`   // tickets of the ledger that the source holds no more; left as they are
	Vanished  int64 `json:"vanished"`  // of these, those it still held last time
	Deleted   int64 `json:"deleted"`   // of the removed, those deleted from the target now: only where that was asked for
	Left      int64 `json:"left"`      // of the removed, those that were to be deleted and are left, as somebody has touched them
	Merged    int64 `json:"merged"`    // messages that are not brought over, as they are in the ticket that was merged into theirs since
}

// shrink looks for what the source no longer holds. A job that selects, or that is given only a part, cannot tell.
func (j *Job) shrink(ctx context.Context, planner Planner, s *Summary) error {
	o := j.Sync
	if o == nil {
		return nil
	}
	census, able := planner.(Census)
	if !able || o.Partial || !j.Since.IsZero() || !j.Until.IsZero() || j.OnlyTicket != "" || j.Only != nil || j.Limit > 0 {
		return nil
	}
	known, missing, err := census.Missed(ctx, j.Mapping.Name())
	if err != nil {
		return err
	}
	most := orElse(o.MaxShrinkPercent, DefaultMaxShrink)
	if missing*100 > known*int64(most) && !o.AcceptShrink {
		return &ShrinkError{Known: known, Missing: missing, Percent: most}
	}
	s.Sync.Vanished = missing
	s.Sync.Removed, s.Sync.Merged, err = census.Strike(ctx, j.Mapping.Name())
	return err
}

// Take adds to the account of a sync what a step says; of an import it takes nothing. It is called from one goroutine.
func (s *Summary) Take(r Result) {
	if s.Sync == nil {
		return
	}
	if r.Updated {
		s.Sync.Updated++
	}
	if r.Longer {
		s.Sync.Longer++
	}
	if r.State == StateHeld && r.Reason == ReasonTouched {
		s.Sync.Touched++
	}
	if len(r.Clashes) == 0 {
		return
	}
	if slices.ContainsFunc(r.Clashes, func(c Clash) bool { return c.Kind == ClashChanged }) {
		s.Sync.Conflicts++
	} else {
		s.Sync.Unwritten++
	}
	for _, c := range r.Clashes {
		p := c.problem()
		p.Severity = mapping.Warning.String()
		s.problem(p, Example{Origin: "ticket " + string(r.Key), Value: c.String()})
	}
}

// problem is the kind of problem a clash is.
func (c *Clash) problem() ProblemSum {
	switch c.Kind {
	case ClashLacks:
		if c.Field == "assignee_team" {
			return ProblemSum{Code: codeTeamUnknown, Field: c.Field, Hint: "the account has no such team: who has the ticket there keeps it; make the team, or translate it with a table"}
		}
		return ProblemSum{Code: codeAssigneeUnknown, Field: c.Field, Hint: "the account has no such user: who has the ticket there keeps it; invite the user, or translate the name with a table"}
	case ClashKept:
		return ProblemSum{Code: CodeKept, Field: c.Field, Hint: "taken away in the source; a ticket keeps the assignee it has: take it away there by hand, if it matters"}
	case ClashUnknown:
		return ProblemSum{Code: CodeUnknown, Field: c.Field, Hint: "an older deskferry brought the ticket over and did not keep what it wrote: the target's stays; set it there by hand, if it matters"}
	case ClashRefused:
		return ProblemSum{Code: CodeRefused, Hint: "the target did not take the change: its values stay; see what it says, and set them there by hand"}
	}
	return ProblemSum{Code: CodeConflict, Hint: "changed in the source and in the target: the target's stays; see which is right and set it there by hand"}
}

// TakeRemoval adds what became of a ticket that the source holds no more, see [SyncOptions].ApplyDeletions.
func (s *Summary) TakeRemoval(r UndoResult) {
	if r.Reason == "" {
		s.Sync.Deleted++
		s.Sync.Removed--
		return
	}
	s.Sync.Left++
	s.problem(ProblemSum{Code: CodeRemovalLeft, Severity: mapping.Warning.String(),
		Hint: "the source has deleted these tickets, and somebody has worked on them in the target: delete them there by hand, or let them be"},
		Example{Origin: "ticket " + string(r.Key), Value: r.Note})
}

// problem counts one more of a problem.
func (s *Summary) problem(p ProblemSum, e Example) {
	i := slices.IndexFunc(s.Problems, func(has ProblemSum) bool { return has.Code == p.Code && has.Field == p.Field })
	if i < 0 {
		i = len(s.Problems)
		s.Problems = append(s.Problems, p)
	}
	at := &s.Problems[i]
	at.Count++
	if len(at.Examples) < 3 {
		at.Examples = append(at.Examples, e)
	}
}

// The problems of changes in the source that were not written. The others are those of an import.
const (
	CodeRemovalLeft = "sync.removal_left" // a ticket that was to be deleted from the target is left
	CodeConflict    = "sync.conflict"     // people had changed the same in the target
	CodeKept        = "sync.kept"         // an assignee was taken away in the source
	CodeUnknown     = "sync.unknown"      // what was written before is not known
	CodeRefused     = "sync.refused"      // the target did not take it

	codeAssigneeUnknown = "assignee.unknown"
	codeTeamUnknown     = "team.unknown"
)

// String says in words what was not written.
func (c Clash) String() string {
	has := fmt.Sprintf("the target has %q", c.Has)
	if c.Has == "" {
		has = "the target has none"
	}
	switch {
	case c.Kind == ClashRefused:
		return "the target refused the update: " + c.Has
	case c.Kind == ClashLacks:
		return fmt.Sprintf("%s is %q in the source: nobody of that name in the account; %s", c.Field, c.Wanted, has)
	case c.Kind == ClashUnknown:
		return fmt.Sprintf("%s is %q in the source; %s; what was written before is not known", c.Field, c.Wanted, has)
	case c.Wanted == "":
		return fmt.Sprintf("%s was taken away in the source, where it was %q; %s", c.Field, c.Wrote, has)
	case c.Wrote == "":
		return fmt.Sprintf("%s is %q in the source; %s", c.Field, c.Wanted, has)
	}
	return fmt.Sprintf("%s became %q in the source, where it was %q; %s", c.Field, c.Wanted, c.Wrote, has)
}

// elsewhere are the messages that another ticket of the target has, since before the source merged the two.
func (e *Entry) elsewhere() map[string]bool {
	var ids map[string]bool
	for _, m := range e.Messages {
		if m.Elsewhere {
			if ids == nil {
				ids = map[string]bool{}
			}
			ids[m.ID] = true
		}
	}
	return ids
}

// drop leaves out messages; what w shares with others is not changed.
func (w *Work) drop(ids map[string]bool) {
	if len(ids) == 0 {
		return
	}
	var messages []mapping.Message
	var kept []string
	for i, id := range w.MessageIDs {
		if !ids[id] {
			messages, kept = append(messages, w.Ticket.Messages[i]), append(kept, id)
		}
	}
	w.Ticket.Messages, w.MessageIDs = messages, kept
}

// asSent puts the messages into the order in which they were brought over: one that the source learned of late comes after
// those that were there already, and does not say who began the ticket. What w shares with others is not changed.
func (w *Work) asSent(e *Entry) {
	place := make(map[string]int, len(e.Messages))
	for i, m := range e.Messages {
		place[m.ID] = i
	}
	last, order := -1, make([]int, len(w.MessageIDs))
	sorted := true
	for i, id := range w.MessageIDs {
		order[i] = i
		sorted, last = sorted && place[id] >= last, place[id]
	}
	if sorted {
		return
	}
	slices.SortStableFunc(order, func(a, b int) int { return place[w.MessageIDs[a]] - place[w.MessageIDs[b]] })
	messages, ids := make([]mapping.Message, len(order)), make([]string, len(order))
	for to, from := range order {
		messages[to], ids[to] = w.Ticket.Messages[from], w.MessageIDs[from]
	}
	w.Ticket.Messages, w.MessageIDs = messages, ids
	if len(messages) > 0 {
		w.Ticket.FromAgent = messages[0].FromAgent // who began it, as far as was known then
	}
}
