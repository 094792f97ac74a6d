package importer_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

// What was removed is noticed once, comes back when the source shows it again, and a source that lost much of what it held
// stops the night before any request.
func TestCensus(t *testing.T) {
	d := newDiary(t, export(1, 1, 1, 1))
	ctx := context.Background()
	census := func(keys ...string) (known, missing, removed, merged int64) {
		t.Helper()
		l, err := ledger.Open(d.path, ledger.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := l.Begin(ctx, ledger.RunInfo{Source: "test", Identity: "i"}); err != nil {
			t.Fatal(err)
		}
		var planned []importer.Planned
		for _, k := range keys {
			planned = append(planned, importer.Planned{Key: importer.Key(k), ExternalID: k, Messages: []importer.PlannedMessage{{ID: k + "/1"}}})
		}
		if _, err := l.Plan(ctx, planned); err != nil {
			t.Fatal(err)
		}
		if known, missing, err = l.Missed(ctx, "test"); err != nil {
			t.Fatal(err)
		}
		if removed, merged, err = l.Strike(ctx, "test"); err != nil {
			t.Fatal(err)
		}
		return known, missing, removed, merged
	}
	for i, step := range []struct {
		keys string
		want [4]int64
	}{
		{"test:1 test:2 test:3 other:9", [4]int64{3, 0, 0, 0}},
		{"test:1 test:2 test:4", [4]int64{4, 1, 1, 0}},
		{"test:1 test:2 test:4", [4]int64{3, 0, 1, 0}},
		{"test:1 test:3", [4]int64{4, 2, 2, 0}},
		{"", [4]int64{2, 2, 4, 0}},
	} {
		known, missing, removed, merged := census(strings.Fields(step.keys)...)
		if got := [4]int64{known, missing, removed, merged}; got != step.want {
			t.Errorf("night %d: %v, want %v", i, got, step.want)
		}
	}
}

// A message that came over with a ticket which the source has merged into another since is not brought over again.
func TestMergedInTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, nil)
		edited := byte(0)
		plan := func(tickets ...[]string) {
			t.Helper()
			m.plan = bodies{}
			for _, ids := range tickets {
				w := &importer.Work{Key: importer.Key("test:" + ids[0]), ExternalID: "test:" + ids[0]}
				for _, id := range ids[1:] {
					w.Ticket.Messages = append(w.Ticket.Messages, export(1)["t0"].Ticket.Messages[0])
					w.MessageIDs = append(w.MessageIDs, id)
				}
				m.plan[w.Key] = w
			}
		}
		night := func() (merged int64) {
			t.Helper()
			l, err := ledger.Open(m.path, ledger.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			ctx := context.Background()
			if err := l.Begin(ctx, ledger.RunInfo{Source: "test", Identity: "i"}); err != nil {
				t.Fatal(err)
			}
			var planned []importer.Planned
			for key, w := range m.plan {
				p := importer.Planned{Key: key, ExternalID: w.ExternalID}
				for _, id := range w.MessageIDs {
					p.Messages = append(p.Messages, importer.PlannedMessage{ID: id, Content: [16]byte{id[0], edited}})
				}
				planned = append(planned, p)
			}
			if _, err := l.Plan(ctx, planned); err != nil {
				t.Fatal(err)
			}
			if _, merged, err = l.Strike(ctx, "test"); err != nil {
				t.Fatal(err)
			}
			r := &importer.Run{Target: m.world, Finder: m.world, Plan: m.plan, Ledger: l, Workers: 1, Sync: &importer.SyncOptions{}}
			if err := r.Do(ctx, func(importer.Result) error { return nil }); err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			return merged
		}
		plan([]string{"A", "a1", "a2"}, []string{"B", "b1"}, []string{"C", "c1"})
		night()
		m.world.writes = nil
		plan([]string{"B", "b1", "a1", "a2", "b2"}, []string{"D", "c1"}) // A went into B, C into a ticket that is new
		if merged := night(); merged != 3 || !slices.Equal(m.world.writes, []string{"append test:B b2"}) {
			t.Errorf("%d messages merged, wrote %q", merged, m.world.writes)
		}
		if e := m.entry("test:B"); e.State != importer.StateDone || !e.Messages[1].Elsewhere || e.Messages[0].Elsewhere {
			t.Errorf("B is %+v", e)
		}
		if e := m.entry("test:D"); e.State != importer.StateHeld || e.Reason != importer.ReasonMerged {
			t.Errorf("D is %+v", e)
		}
		m.world.writes = nil
		plan([]string{"B", "b1", "a1", "a2", "b2", "b3"}, []string{"D", "c1"})
		if merged := night(); merged != 0 || !slices.Equal(m.world.writes, []string{"append test:B b3"}) {
			t.Errorf("later: %d messages merged, wrote %q", merged, m.world.writes)
		}
		// An edited message is known again by its id; not where tickets number their own messages from 1.
		plan([]string{"B", "b1", "a1", "a2", "b2", "b3"}, []string{"E", "e1"}, []string{"F", "f1"})
		night()
		m.world.writes, edited = nil, 1
		plan([]string{"B", "b1", "a1", "a2", "b2", "b3"}, []string{"E", "e1", "f1"})
		if merged := night(); merged != 1 || len(m.world.writes) != 0 {
			t.Errorf("edited: %d messages merged, wrote %q", merged, m.world.writes)
		}
		plan([]string{"E", "e1", "f1"}, []string{"G", "1", "2"}, []string{"H", "1"})
		night()
		m.world.writes, edited = nil, 2
		plan([]string{"E", "e1", "f1"}, []string{"H", "1", "2"})
		if merged := night(); merged != 0 || !slices.Equal(m.world.writes, []string{"append test:H 2"}) {
			t.Errorf("numbered from 1: %d messages merged, wrote %q", merged, m.world.writes)
		}
		m.atMostOnce()
	})
}
