package ledger

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/deskferry/deskferry/importer"
)

// leftIn lists what is left as it is.
func leftIn(t *testing.T, l *Ledger) (out []string) {
	t.Helper()
	for _, kind := range LeftKinds() {
		err := l.LeftAsIs(context.Background(), kind, 10, func(k LeftTicket) error {
			out = append(out, fmt.Sprintf("%s %s %s%d", k.Kind, k.Key, k.Note, k.Edited))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// What the source changed and nobody wrote is listed until it is settled or taken back; an edit that comes again is told again.
func TestSettleAsIs(t *testing.T) {
	ctx := context.Background()
	l := begun(t)
	fields := func(status string) string { f := importer.Fields{Status: status}; return f.Encode() }
	a := planned("a", 2)
	a.Wanted = fields("open")
	plan(t, l, a)
	settle(t, l, ask(t, l, "a", importer.CreateKind), made(1, "a/1", "a/2"))
	if err := l.Note(ctx, "a", importer.Outcome{State: importer.StateMade, Wrote: fields("open"), Clash: fields("closed"), Conflict: "status: changed on both sides"}); err != nil {
		t.Fatal(err)
	}
	edit := func(b byte) importer.Planned {
		p := planned("a", 2)
		p.Wanted, p.Messages[1].Content = fields("closed"), [16]byte{b}
		return p
	}
	plan(t, l, edit(7))
	for _, c := range []struct {
		s    Settlement
		left []string // before it
	}{
		{Settlement{Left: []LeftKind{LeftConflict}}, []string{"conflict a status: changed on both sides1", "edited a 1"}},
		{Settlement{Keys: []importer.Key{"a"}}, []string{"edited a 1"}},
	} {
		if got := leftIn(t, l); !slices.Equal(got, c.left) {
			t.Errorf("left %q, want %q", got, c.left)
		}
		for _, dry := range []bool{true, false} {
			if n, err := l.SettleAsIs(ctx, c.s, dry); err != nil || n != 1 {
				t.Fatalf("%d, %v", n, err)
			}
		}
	}
	if got := leftIn(t, l); got != nil {
		t.Errorf("left %q", got)
	}
	if s := plan(t, l, edit(7)); s[0].Differs != 0 {
		t.Errorf("told again: %+v", s[0])
	}
	if s := plan(t, l, edit(8)); s[0].Differs != 1 || len(leftIn(t, l)) != 1 {
		t.Errorf("not told: %+v", s[0])
	}
	a.Messages[1].Content = [16]byte{7} // what was accepted
	if s := plan(t, l, a); s[0].Differs != 0 || len(leftIn(t, l)) != 0 || entry(t, l, "a").Clash != "" {
		t.Errorf("the source took it back: %+v, %q", s[0], leftIn(t, l))
	}
	if _, err := l.SettleAsIs(ctx, Settlement{Keys: []importer.Key{"a"}}, false); err == nil {
		t.Error("nothing was there to be settled")
	}
}

// A held ticket that was settled is left alone, whatever the source makes of it, until it is asked for.
func TestSettledHeld(t *testing.T) {
	ctx := context.Background()
	l := begun(t)
	p := planned("a", 1)
	p.Hold, p.Why = importer.ReasonIncomplete, "sent_datetime.missing at x.csv:3"
	plan(t, l, p)
	var note string
	if err := l.Tickets(ctx, importer.StateHeld, "", 1, func(k Ticket) error { note = k.Note; return nil }); err != nil || note != p.Why {
		t.Errorf("held as %q, %v", note, err)
	}
	if n, err := l.SettleAsIs(ctx, Settlement{Reasons: []string{importer.ReasonIncomplete}}, false); err != nil || n != 1 {
		t.Fatalf("%d, %v", n, err)
	}
	for _, again := range []importer.Planned{p, planned("a", 2)} {
		if s := plan(t, l, again); s[0].State != "held" || !s[0].Settled {
			t.Errorf("%+v", s[0])
		}
	}
	tally, err := l.Tally(ctx)
	if err != nil || tally.Tickets.Settled != 1 || tally.Tickets.Held != 0 || tally.Messages.Settled != 2 {
		t.Errorf("%+v, %v", tally, err)
	}
	if s, err := l.Status(ctx, 0); err != nil || s.Settled != 1 || len(s.Reasons) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	if n, err := l.Retry(ctx, Selection{Reasons: []string{importer.ReasonIncomplete}}); err != nil || n != 1 || entry(t, l, "a").State != importer.StatePlanned {
		t.Errorf("%d, %v", n, err)
	}
}
