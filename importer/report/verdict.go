package report

import (
	"fmt"
	"strings"

	"github.com/deskferry/deskferry/importer"
)

// Tone says how good a verdict is.
type Tone string

// The tones of a verdict.
const (
	Good    Tone = "good"
	Careful Tone = "careful" // somebody is needed
	Bad     Tone = "bad"     // something could be sent, or differs
	Busy    Tone = "busy"    // it runs
)

// Verdict is the one sentence a report comes down to: "Ready: 12,391 tickets, 48,112 messages, 0 would be sent; 37 records need you".
type Verdict struct {
	Tone Tone
	Head string // "Ready"
	Rest string // what follows the colon
}

func (v Verdict) String() string { return v.Head + ": " + v.Rest }

// Verdict judges by the numbers alone.
func (r *Report) Verdict() Verdict {
	switch {
	case r.Running != nil && r.Ended.IsZero():
		return r.running()
	case r.Verification != nil:
		return verified(r.Verification)
	case r.Undo != nil:
		return undone(r.Undo, r.Note)
	case r.Summary == nil, r.Note != "" && r.Records == importer.RecordSums{} && r.Tickets == importer.TicketSums{}:
		return Verdict{Careful, "Ended early", orElse(r.Note, "nothing was read")}
	}
	s := r.Summary
	v := Verdict{Tone: Good}
	switch t := s.Tickets; {
	case s.SendSafety.Sendable > 0:
		return Verdict{Bad, "Stop", fmt.Sprintf("%s without a sent time, which Gorgias could mail", plural(s.SendSafety.Sendable, "message"))}
	case r.NothingNew:
		v.Head, v.Rest = "Nothing new", "the source holds what it held, and nothing was written"
	case r.Dry() && t.Pending == 0:
		v = Verdict{Careful, "Nothing to import", fmt.Sprintf("of %s none makes a ticket that can be imported", plural(s.Records.Read, "record"))}
	case r.Dry():
		head, tickets := ready(s)
		v.Head, v.Rest = head, fmt.Sprintf("%s, %s, %s would be sent", tickets, plural(s.Messages.Pending, "message"), number(s.SendSafety.Sendable))
	case t.Pending > 0 || t.InDoubt > 0:
		v = Verdict{Careful, "Not finished", fmt.Sprintf("%s imported, %s to go, %s in doubt, %s sent", plural(t.Imported, "ticket"), number(t.Pending), number(t.InDoubt), number(s.SendSafety.Sendable))}
	default:
		v.Head, v.Rest = "Finished", fmt.Sprintf("%s imported with %s, %s%s present before, %s sent", plural(t.Imported, "ticket"), plural(s.Messages.Imported, "message"), synced(s.Sync), number(t.Present), number(s.SendSafety.Sendable))
	}
	if need := needs(s); need != "" {
		v.Tone, v.Rest = Careful, v.Rest+"; "+need
	}
	if r.Note != "" {
		v.Tone = Careful
		if v.Head == "Finished" {
			v.Head = "Ended early"
		}
	}
	return v
}

// readyShare is how much of an export may wait for a person while the rest is called ready: one in so many.
const readyShare = 10

// ready tells whether a check finds all ready, or a part: of how many tickets is said where not all are.
func ready(s *importer.Summary) (head, tickets string) {
	t, r := s.Tickets, s.Records
	head, tickets = "Ready", plural(t.Pending, "ticket")
	all := t.Pending + t.Held + t.InDoubt + t.Rejected
	if (all-t.Pending)*readyShare > all || r.Rejected*readyShare > r.Read {
		head = "Ready in part"
		if all > t.Pending {
			tickets = number(t.Pending) + " of " + plural(all, "ticket")
		}
	}
	return head, tickets
}

// waiting counts what waits for a person: records that are rejected, else tickets; held ones mostly are so for a record.
func waiting(s *importer.Summary) (int64, string) {
	if s.Records.Rejected > 0 {
		return s.Records.Rejected, "record"
	}
	return s.Tickets.Held + s.Tickets.InDoubt + s.Tickets.Rejected, "ticket"
}

// needs says what waits for a person, "" when nothing does.
func needs(s *importer.Summary) string {
	n, noun := waiting(s)
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + noun + " needs you"
	}
	return plural(n, noun) + " need you"
}

func (r *Report) running() Verdict {
	n := r.Running
	text := number(n.Done) + " " + n.Unit
	switch {
	case n.Unit == "bytes" && n.Total > 0:
		text = fmt.Sprintf("%d %% of %s", n.Done*100/n.Total, size(n.Total))
	case n.Unit == "bytes":
		text = size(n.Done)
	case n.Total > 0:
		text = fmt.Sprintf("%s of %s %s", number(n.Done), number(n.Total), n.Unit)
	}
	return Verdict{Busy, capital(n.Phase), text + " so far"}
}

func verified(v *importer.Verification) Verdict {
	k := v.Tickets
	lacking := k.NotImported + k.Rejected + v.Missing + v.Rejected
	switch {
	case k.Same+k.Different == 0:
		return Verdict{Careful, "Nothing compared", "the ledger knows of no ticket of this export that is done"}
	case k.Different > 0:
		return Verdict{Bad, "Differences", fmt.Sprintf("%s of %s differ from the export", number(k.Different), plural(k.Same+k.Different, "ticket"))}
	case lacking > 0:
		return Verdict{Careful, "As exported, but not all of it", fmt.Sprintf("%s and %s are the same, %s not imported, %s rejected", plural(k.Same, "ticket"), plural(v.Messages, "message"), number(k.NotImported), number(k.Rejected))}
	}
	return Verdict{Good, "All as exported", fmt.Sprintf("%s and %s are the same in Gorgias", plural(k.Same, "ticket"), plural(v.Messages, "message"))}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// size is a number of bytes for people.
func size(n int64) string {
	const units = "kMGTPE"
	if n < 1000 {
		return plural(n, "byte")
	}
	f, i := float64(n)/1000, 0
	for f >= 999.5 && i < len(units)-1 {
		f /= 1000
		i++
	}
	if f < 9.95 {
		return fmt.Sprintf("%.1f %cB", f, units[i])
	}
	return fmt.Sprintf("%.0f %cB", f, units[i])
}
