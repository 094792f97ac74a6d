package report

import (
	"bufio"
	"fmt"
	"io"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/problem"
)

// fewDifferences are listed one by one for each kind.
const fewDifferences = 5

// Verification writes the account of a verify.
func (t Text) Verification(out io.Writer, v *importer.Verification) error {
	w := &page{Writer: bufio.NewWriter(out), colour: t.Colour}
	k := v.Tickets
	switch {
	case k.Same+k.Different == 0:
		w.line("%s", w.paint(yellow, "Nothing compared: the ledger knows of no ticket of this export that is done."))
	case k.Different > 0:
		w.line("%s", w.paint(red, fmt.Sprintf("%s of %s tickets differ from the export.", number(k.Different), number(k.Same+k.Different))))
	case k.NotImported+k.Rejected+v.Missing+v.Rejected > 0:
		w.line("%s", w.paint(yellow, fmt.Sprintf("What was imported is as in the export: %s, %s. Not all of it is there:", plural(k.Same, "ticket"), plural(v.Messages, "message"))))
		w.lacks(v)
	default:
		w.line("%s", w.paint(green, fmt.Sprintf("All %s tickets with %s messages are as in the export.", number(k.Same), number(v.Messages))))
	}
	w.line("As of %s. Nothing was written.", v.AsOf.Format("2006-01-02 15:04:05 MST"))
	w.line("")
	w.line("tickets    %s in the export = %s same + %s different + %s not imported", number(k.Export), number(k.Same), number(k.Different), number(k.NotImported))
	w.line("           + %s rejected + %s not sampled", number(k.Rejected), number(k.NotSampled))
	if v.Added > 0 {
		w.line("added      %s messages by others since: no difference", number(v.Added))
	}
	if v.Losses > 0 {
		w.line("no place   %s values the account has no place for; they are kept in meta", number(v.Losses))
	}
	w.verified(v)
	w.arrivals(v.Fields)
	return w.Flush()
}

// lacks says what of the export is not in the account, and what to do.
func (w *page) lacks(v *importer.Verification) {
	if rest := v.Tickets.NotImported; rest > 0 && len(v.NotImported) == 0 {
		w.line("  %s not imported, or held: status says why", plural(rest, "ticket"))
	}
	for _, s := range standings(v.NotImported) {
		text := plural(s.Tickets, "ticket") + " " + short(s.Name, 60)
		if s.After != "" {
			text += ": " + short(s.After, 100)
		}
		w.folded("  ", "    ", text)
	}
	for _, l := range []struct {
		n          int64
		what, then string
	}{
		{v.Tickets.Rejected, "ticket", "rejected: check says why"},
		{v.Rejected, "message", "rejected: check says why"},
		{v.Missing, "file", "could not be had: retry --missing-files asks again"},
	} {
		if l.n > 0 {
			w.line("  %s %s", plural(l.n, l.what), l.then)
		}
	}
}

func (w *page) verified(v *importer.Verification) {
	for _, kind := range v.Kinds {
		w.line("")
		w.line("%s", w.paint(bold, fmt.Sprintf("%s  %s", kind.Code, number(kind.Count))))
		if e, ok := problem.Lookup(kind.Code); ok {
			w.folded("   → ", "     ", e.Remedy)
		}
		n := 0
		for _, d := range v.Differences {
			if d.Code != kind.Code {
				continue
			}
			if n++; n > fewDifferences {
				w.line("   … and %s more", number(kind.Count-fewDifferences))
				break
			}
			where := fmt.Sprintf("ticket %s (%d in Gorgias)", d.Ticket, d.Target)
			if d.Message != "" {
				where += ", message " + d.Message
			}
			w.line("   %s", where)
			w.line("      %s: %s in the export, %s in Gorgias", d.Field, quote(d.Want), quote(d.Got))
		}
	}
}

// arrivals tells for each field how many values were sent and how many of them are there.
func (w *page) arrivals(fields []importer.Arrival) {
	if len(fields) == 0 {
		return
	}
	w.line("")
	w.line("%-28s %12s %12s %12s", "field", "in export", "arrived", "lost")
	for _, f := range fields {
		line := fmt.Sprintf("%-28s %12s %12s %12s", f.Field, number(f.Sent), number(f.Arrived), number(f.Sent-f.Arrived))
		if f.Sent != f.Arrived {
			line = w.paint(red, line)
		}
		w.line("%s", line)
	}
}

func quote(s string) string {
	if s == "" {
		return "nothing"
	}
	if r := []rune(s); len(r) > 40 {
		s = string(r[:39]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
