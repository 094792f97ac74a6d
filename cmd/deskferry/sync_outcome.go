package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

// How a sync may end.
const (
	outcomeOK          = "ok"          // the target is as the source
	outcomeIncomplete  = "incomplete"  // it worked, and something needs somebody
	outcomeInterrupted = "interrupted" // stopped by a signal or --max-duration; the next one goes on
	outcomeBusy        = "busy"        // another process is at it
	outcomeFailed      = "failed"      // it could not run
)

// outcome is how a sync ended. Its JSON is what the notify command is given, and stable.
type outcome struct {
	Name     string            `json:"name"` // of the job
	Outcome  string            `json:"outcome"`
	Before   string            `json:"before"` // how the sync before ended; "" when there was none
	Exit     int               `json:"exit"`
	Text     string            `json:"text"` // one line for people
	Error    string            `json:"error,omitempty"`
	Started  time.Time         `json:"started"`
	Ended    time.Time         `json:"ended"`
	Ledger   string            `json:"ledger"`
	Target   string            `json:"target"`
	Unread   bool              `json:"nothing_new"` // the source holds what it held, and was not read
	Needs    needs             `json:"needs"`
	Summary  *importer.Summary `json:"summary,omitempty"`
	Finished time.Time         `json:"finished"` // when a sync last ended as ok or incomplete; zero: never
}

// needs counts what needs somebody. Two nights with the same needs are alike.
type needs struct {
	Rejected        int64 `json:"rejected_records"`
	Refused         int64 `json:"refused_tickets"`
	Held            int64 `json:"held_tickets"`
	InDoubt         int64 `json:"tickets_in_doubt"`
	Pending         int64 `json:"pending_tickets"`
	Conflicts       int64 `json:"conflicting_tickets"`
	Differs         int64 `json:"edited_messages"`
	Removed         int64 `json:"removed_tickets"`
	RemovedMessages int64 `json:"removed_messages"`
}

func needsOf(s *importer.Summary) needs {
	if s == nil {
		return needs{}
	}
	n := needs{Rejected: s.Records.Rejected, Refused: s.Tickets.Rejected, Held: s.Tickets.Held, InDoubt: s.Tickets.InDoubt, Pending: s.Tickets.Pending,
		Differs: s.Differs, RemovedMessages: s.Removed}
	if s.Sync != nil {
		n.Removed = s.Sync.Removed
	}
	return n
}

// amount is a number of things, to be told.
type amount struct {
	n         int64
	one, many string
}

func amounts(all []amount) string {
	var out []string
	for _, c := range all {
		switch {
		case c.n == 1:
			out = append(out, "1 "+c.one)
		case c.n > 1:
			out = append(out, fmt.Sprintf("%d %s", c.n, c.many))
		}
	}
	return strings.Join(out, ", ")
}

// need is one number of needs.
type need struct {
	name string // as in JSON and metrics
	open bool   // a person has to do something; else it was met and left as it is
	amount
}

// all are the numbers, in the order they are told.
func (n needs) all() []need {
	return []need{
		{"rejected_records", true, amount{n.Rejected, "record rejected", "records rejected"}},
		{"refused_tickets", true, amount{n.Refused, "ticket refused", "tickets refused"}},
		{"held_tickets", true, amount{n.Held, "ticket held", "tickets held"}},
		{"tickets_in_doubt", true, amount{n.InDoubt, "ticket in doubt", "tickets in doubt"}},
		{"pending_tickets", true, amount{n.Pending, "ticket to go", "tickets to go"}},
		{"conflicting_tickets", false, amount{n.Conflicts, "ticket with a change that was not written", "tickets with changes that were not written"}},
		{"edited_messages", false, amount{n.Differs, "message edited in the source", "messages edited in the source"}},
		{"removed_tickets", false, amount{n.Removed, "ticket no longer in the source", "tickets no longer in the source"}},
		{"removed_messages", false, amount{n.RemovedMessages, "message no longer in the source", "messages no longer in the source"}},
	}
}

// LogValue implements [slog.LogValuer]: a group with the names of the JSON.
func (n needs) LogValue() slog.Value {
	var all []slog.Attr
	for _, need := range n.all() {
		all = append(all, slog.Int64(need.name, need.n))
	}
	return slog.GroupValue(all...)
}

// words tell those that are open, or the others; "" for nothing.
func (n needs) words(open bool) string {
	var some []amount
	for _, need := range n.all() {
		if need.open == open {
			some = append(some, need.amount)
		}
	}
	return amounts(some)
}

// classify puts into o what err means.
func (o *outcome) classify(err error, exit int) {
	o.Exit = exit
	switch {
	case err == nil:
		o.Outcome = outcomeOK
	case errors.Is(err, errIncomplete):
		o.Outcome = outcomeIncomplete
	case errors.Is(err, errInterrupted):
		o.Outcome = outcomeInterrupted
	case errors.Is(err, ledger.ErrInUse):
		o.Outcome = outcomeBusy
	default:
		o.Outcome = outcomeFailed
	}
	if err != nil && o.Outcome != outcomeIncomplete {
		o.Error = err.Error()
	}
}

func (o *outcome) finished() bool { return o.Outcome == outcomeOK || o.Outcome == outcomeIncomplete }

// line is the outcome in one line.
func (o *outcome) line() string {
	first, _, _ := strings.Cut(o.Error, "\n")
	switch o.Outcome {
	case outcomeFailed, outcomeBusy:
		return fmt.Sprintf("%s: %s: %s", o.Name, o.Outcome, first)
	case outcomeInterrupted:
		return fmt.Sprintf("%s: %s%s", o.Name, first, o.brought(", so far "))
	}
	text := o.Name + ": "
	switch {
	case o.Unread:
		text += "nothing new in the source"
	default:
		text += cmp.Or(o.brought(""), "nothing to do")
	}
	if open := o.Needs.words(true); open != "" {
		text += "; in need of somebody: " + open
	}
	if left := o.Needs.words(false); left != "" {
		text += "; left as it is: " + left
	}
	return fmt.Sprintf("%s (%s)", text, o.took())
}

func (o *outcome) took() time.Duration { return o.Ended.Sub(o.Started).Round(100 * time.Millisecond) }

// brought says what came over, after lead; "" when nothing is known.
func (o *outcome) brought(lead string) string {
	s := o.Summary
	if s == nil {
		return ""
	}
	var fresh, longer, updated, merged, deleted int64 = s.Tickets.Imported, 0, 0, 0, 0
	if s.Sync != nil {
		longer = min(s.Sync.Longer, fresh)
		fresh, updated, merged, deleted = fresh-longer, s.Sync.Updated, s.Sync.Merged, s.Sync.Deleted
	}
	came := []amount{{fresh, "new ticket", "new tickets"}, {longer, "ticket with more messages", "tickets with more messages"}, {s.Messages.Imported, "message", "messages"}}
	text := lead + cmp.Or(amounts(came), "nothing") + " brought over"
	if more := amounts([]amount{{updated, "ticket updated", "tickets updated"}, {deleted, "ticket deleted", "tickets deleted"}, {merged, "message there already, in a ticket that was merged", "messages there already, in tickets that were merged"}}); more != "" {
		text += ", " + more
	}
	return text + fmt.Sprintf(", %d as before", s.Tickets.Present)
}

// outcomeFile is where the outcome of a ledger's last sync is kept, to tell a change from it.
func outcomeFile(ledgerPath string) string { return ledgerPath + ".sync.json" }

// readOutcome reads how the sync before ended; a zero one where that cannot be told. It is a memory for messages only.
func readOutcome(path string) outcome {
	var o outcome
	b, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(b, &o) != nil {
		return outcome{}
	}
	return o
}

// keep writes the outcome, without the summary, in one step.
func (o outcome) keep(path string) error {
	o.Summary = nil
	b, err := json.Marshal(o, jsontext.Multiline(true))
	if err != nil {
		return fmt.Errorf("keeping how the sync ended: %w", err)
	}
	return replaceFile(path, append(b, '\n'), 0o600)
}

// replaceFile puts b in the place of a file in one step: a reader sees the old or the new.
func replaceFile(path string, b []byte, mode os.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(b)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
