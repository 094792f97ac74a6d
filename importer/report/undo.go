package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/deskferry/deskferry/importer"
)

// undone judges an undo; note says why it ended early.
func undone(u *importer.UndoSums, note string) Verdict {
	left := int64(len(u.LeftTickets))
	v := Verdict{Tone: Good, Rest: takenOut(u) + fmt.Sprintf(" of run %d", u.Run)}
	switch {
	case note != "" && !u.DryRun:
		v.Head, v.Rest = "Not finished", v.Rest+" taken back so far; the same command goes on"
	case note != "":
		v.Head, v.Rest = "Ended early", note
	case u.Tickets+u.Messages == 0:
		v.Head, v.Rest = "Nothing to take back", fmt.Sprintf("nothing is left of run %d that can be", u.Run)
	case u.DryRun && u.Trash:
		v.Head = "Would go into the trash"
	case u.DryRun:
		v.Head = "Would be deleted"
	case u.Trash:
		v.Head = "Put into the trash"
	default:
		v.Head = "Taken back"
	}
	if left > 0 {
		v.Rest += "; " + plural(left, "ticket") + " " + isare(left) + " left"
	}
	if left > 0 || note != "" {
		v.Tone = Careful
	}
	return v
}

// takenOut is what an undo took out, or would.
func takenOut(u *importer.UndoSums) string {
	switch {
	case u.Messages == 0:
		return plural(u.Tickets, "ticket")
	case u.Tickets == 0:
		return plural(u.Messages, "message")
	}
	return plural(u.Tickets, "ticket") + " and " + plural(u.Messages, "message")
}

// takenVerb says what is done to what is taken back.
func takenVerb(u *importer.UndoSums) string {
	verb := "deleted"
	if u.Trash {
		verb = "put into the trash"
	}
	if u.DryRun {
		return "would be " + verb
	}
	return verb
}

// ranAs says which run was taken back.
func ranAs(u *importer.UndoSums) string {
	return fmt.Sprintf("run %d: %s of %s, %s", u.Run, u.RunKind, short(u.RunSource, 60), u.RunStarted.UTC().Format("2006-01-02 15:04 MST"))
}

// leftGroup is the tickets that an undo leaves for one reason.
type leftGroup struct {
	Reason string
	Count  int64
	Rows   []importer.UndoResult
	Left   int64 // further ones
}

// leftGroups lists at most n tickets of each reason.
func leftGroups(u *importer.UndoSums, n int) []leftGroup {
	var out []leftGroup
	at := map[string]int{}
	for _, reason := range importer.LeftReasons() {
		if count := *u.Left.Of(reason); count > 0 {
			at[reason] = len(out)
			out = append(out, leftGroup{Reason: reason, Count: count, Left: count})
		}
	}
	for _, r := range u.LeftTickets {
		i, known := at[r.Reason]
		if known && len(out[i].Rows) < n {
			out[i].Rows = append(out[i].Rows, r)
			out[i].Left--
		}
	}
	return out
}

// undoExamples is how many tickets are shown for each reason they are left for.
const undoExamples = 20

// undo writes the account of an undo.
func (t Text) undo(out io.Writer, r *Report) error {
	w := &page{Writer: bufio.NewWriter(out), colour: t.Colour}
	u := r.Undo
	w.verdict(r.Verdict())
	w.line("%s", ranAs(u))
	if u.Tickets > 0 {
		w.line("%s %s", plural(u.Tickets, "ticket"), takenVerb(u))
	}
	if u.Messages > 0 {
		w.line("%s %s, from %s of earlier runs", plural(u.Messages, "message"), takenVerb(u), plural(u.Within, "ticket"))
	}
	most := undoExamples
	if t.Details {
		most = len(u.LeftTickets)
	}
	for _, g := range leftGroups(u, most) {
		w.line("\n%s left: %s", plural(g.Count, "ticket"), g.Reason)
		for _, x := range g.Rows {
			w.folded("  ", "    ", strings.TrimSpace(short(string(x.Key), 200)+" "+x.URL)+": "+short(x.Note, 600))
		}
		if g.Left > 0 {
			w.line("  … and %s more; --json lists all", number(g.Left))
		}
	}
	return w.Flush()
}

// verdict writes the sentence; who needs you stands on a line of its own.
func (w *page) verdict(v Verdict) {
	first := w.paint(v.Tone.colour(), strings.ToLower(v.Head)+":") + " "
	for clause := range strings.SplitSeq(v.Rest, "; ") {
		w.folded(first, "  ", clause)
		first = ""
	}
}

// undoView is an undo as the page shows it.
type undoView struct {
	*importer.UndoSums
	Ran, Verb string
	Groups    []leftGroup
}

func newUndoView(u *importer.UndoSums, l limits) *undoView {
	if u == nil {
		return nil
	}
	return &undoView{UndoSums: u, Ran: ranAs(u), Verb: takenVerb(u), Groups: leftGroups(u, l.rows)}
}

// text lets the page show a ticket's key as it shows other texts.
func text(k importer.Key) string { return string(k) }
