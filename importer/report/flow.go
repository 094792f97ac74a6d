package report

import (
	"fmt"

	"github.com/deskferry/deskferry/importer"
)

// flow is the picture of one conservation sum: where everything that was read went, ribbons as wide as their count.
type flow struct {
	Name   string // "records"
	From   string // "read"
	Total  int64
	Height int // of the drawing, pixels
	Top    int // of the bar that the ribbons leave
	Bar    int // its height
	Ends   []flowEnd
}

// flowEnd is where some of it went. Each has a row as high as its ribbon or as its label, whichever is more.
type flowEnd struct {
	Name  string
	Tone  string // class: good, plain, skip, careful, bad
	Count int64
	Share string
	Row   int    // height of its row
	Y, H  int    // of its end of the ribbon
	Path  string // the ribbon, in a drawing 100 wide
}

const (
	flowBody  = 120 // height all ribbons together should have
	flowLabel = 42  // height of a label
	flowThin  = 2   // what is there is seen
)

func flows(s *importer.Summary) []flow {
	r, t, m := s.Records, s.Tickets, s.Messages
	return []flow{
		newFlow("records", "read", r.Read, flowEnd{Name: "mapped", Tone: "good", Count: r.Mapped}, flowEnd{Name: "skipped", Tone: "skip", Count: r.Skipped},
			flowEnd{Name: "rejected", Tone: "bad", Count: r.Rejected}),
		newFlow("tickets", "found", t.Total, states(t.Imported, t.Present, t.Pending, 0, t.Skipped, t.Rejected, t.Held, t.InDoubt)...),
		newFlow("messages", "found", m.Total, states(m.Imported, m.Present, m.Pending, m.Repeated, m.Skipped, m.Rejected, m.Held, m.InDoubt)...),
	}
}

func states(imported, present, pending, repeated, skipped, rejected, held, doubt int64) []flowEnd {
	return []flowEnd{
		{Name: "imported", Tone: "good", Count: imported}, {Name: "present before", Tone: "good", Count: present}, {Name: "to import", Tone: "plain", Count: pending},
		{Name: "repeated", Tone: "skip", Count: repeated}, {Name: "skipped", Tone: "skip", Count: skipped},
		{Name: "held", Tone: "careful", Count: held}, {Name: "in doubt", Tone: "careful", Count: doubt}, {Name: "rejected", Tone: "bad", Count: rejected},
	}
}

// newFlow lays out the ends that have a count.
func newFlow(name, from string, total int64, ends ...flowEnd) flow {
	f := flow{Name: name, From: from, Total: total}
	for _, e := range ends {
		if e.Count <= 0 {
			continue
		}
		e.Share = percent(e.Count, total)
		e.H = max(flowThin, int(float64(e.Count)/float64(max(total, 1))*flowBody+0.5))
		e.Row = max(flowLabel, e.H+6)
		f.Height += e.Row
		f.Bar += e.H
		f.Ends = append(f.Ends, e)
	}
	f.Top = (f.Height - f.Bar) / 2
	left, row := f.Top, 0
	for i := range f.Ends {
		e := &f.Ends[i]
		e.Y = row + (e.Row-e.H)/2
		e.Path = fmt.Sprintf("M3 %dC50 %d 50 %d 97 %dV%dC50 %d 50 %d 3 %dZ", left, left, e.Y, e.Y, e.Y+e.H, e.Y+e.H, left+e.H, left+e.H)
		left += e.H
		row += e.Row
	}
	return f
}

// percent is a share for people: what is there is never 0 %, and what is not all never 100 %.
func percent(n, of int64) string {
	if of <= 0 {
		return ""
	}
	p := float64(n) / float64(of) * 100
	switch {
	case n > 0 && p < 0.1:
		return "under 0.1 %"
	case n < of && p > 99.9:
		return "over 99.9 %"
	case p < 9.95 && n > 0 || n < of && p > 99:
		return fmt.Sprintf("%.1f %%", p)
	}
	return fmt.Sprintf("%.0f %%", p)
}
