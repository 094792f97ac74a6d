package importer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

func TestImportsInAsFewRequestsAsPossible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(1, 4, 7))
		m.tune = func(r *importer.Run) { r.MaxMessages = 5 }
		results, tally, stats, err := m.run(nil)
		if err != nil {
			t.Fatal(err)
		}
		m.exactlyOnce()
		want := []string{"create t0 1", "create t1 4", "create t2 5", "append t2 t2/5", "append t2 t2/6"}
		if !slices.Equal(m.world.writes, want) {
			t.Errorf("writes %q, want %q", m.world.writes, want)
		}
		if m.world.reads+m.world.sweeps+m.world.knocks != 0 || m.world.finds != 3+1 { // the sample, and one lag probe
			t.Errorf("%d finds, %d reads, %d sweeps, %d knocks", m.world.finds, m.world.reads, m.world.sweeps, m.world.knocks)
		}
		if stats.Writes != 5 || stats.Messages != 12 || stats.Probes != 1 || stats.Looks != 3 {
			t.Errorf("stats %+v", stats)
		}
		if tally.Tickets != (importer.Count{Imported: 3}) || tally.Messages != (importer.Count{Imported: 12}) {
			t.Errorf("tally %+v", tally)
		}
		imported := 0
		for _, res := range results {
			imported += res.Imported
			if res.State != importer.StateDone || res.Note != "" {
				t.Errorf("result %+v", res)
			}
		}
		if len(results) != 3 || imported != 12 {
			t.Errorf("%d results, %d imported", len(results), imported)
		}

		before := len(m.world.writes)
		results, tally, _, err = m.run(nil)
		if err != nil || len(m.world.writes) != before || len(results) != 0 {
			t.Errorf("a second import wrote %q, %v", m.world.writes[before:], err)
		}
		if tally.Tickets != (importer.Count{Present: 3}) || tally.Messages != (importer.Count{Present: 12}) {
			t.Errorf("second tally %+v", tally)
		}
	})
}

func TestPerMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(3))
		m.tune = func(r *importer.Run) { r.PerMessage = true }
		if _, _, _, err := m.run(nil); err != nil {
			t.Fatal(err)
		}
		m.exactlyOnce()
		if want := []string{"create t0 1", "append t0 t0/1", "append t0 t0/2"}; !slices.Equal(m.world.writes, want) {
			t.Errorf("writes %q", m.world.writes)
		}
	})
}

func TestTooLargeHalves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(5))
		m.world.script = []fault{tooLarge}
		if _, _, _, err := m.run(nil); err != nil {
			t.Fatal(err)
		}
		m.exactlyOnce()
		want := []string{"create t0 5", "create t0 2", "create t0 1", "append t0 t0/1", "append t0 t0/2", "append t0 t0/3", "append t0 t0/4"}
		if !slices.Equal(m.world.writes, want) {
			t.Errorf("writes %q", m.world.writes)
		}
	})
}

// Each fault at the first write of a run with one ticket: where the ticket is afterwards, and how the run ended.
func TestFaultsOfACreate(t *testing.T) {
	tests := []struct {
		fault  fault
		state  importer.State
		reason string
		writes int
		ends   bool
	}{
		{notSent, importer.StateDone, "", 2, false},
		{limited, importer.StateDone, "", 2, false},
		{lostBefore, importer.StateDoubt, "", 1, false},
		{lostAfter, importer.StateDone, "", 1, false}, // the look after 5 s finds it
		{late, importer.StateDone, "", 1, false},
		{refuse, importer.StateRefused, "", 1, false},
		{partial, importer.StateDone, "", 2, false},
		{conflict, importer.StateDone, "", 1, false},
		{conflicted, importer.StateHeld, importer.ReasonIDReused, 1, false},
		{web, importer.StateDoubt, "", 1, true},
		{password, importer.StatePlanned, "", 1, true},
	}
	for _, test := range tests {
		t.Run(string(test.fault), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(t, export(3))
				m.world.script = []fault{test.fault}
				results, _, _, err := m.run(nil)
				if (err != nil) != test.ends {
					t.Fatal(err)
				}
				e := m.entry("t0")
				if e.State != test.state || e.Reason != test.reason || len(m.world.writes) != test.writes {
					t.Errorf("%s %q after %q, want %s %q after %d", e.State, e.Reason, m.world.writes, test.state, test.reason, test.writes)
				}
				if last := results[len(results)-1]; last.State != e.State || last.Reason != e.Reason {
					t.Errorf("the result says %+v", last)
				}
				m.atMostOnce()
			})
		})
	}
}

func TestFaultsOfAnAppend(t *testing.T) {
	tests := []struct {
		fault  fault
		state  importer.State
		reason string
		writes int
	}{
		{notSent, importer.StateDone, "", 4},
		{limited, importer.StateDone, "", 4},
		{lostBefore, importer.StateDoubt, "", 2},
		{lostAfter, importer.StateDone, "", 3},
		{late, importer.StateDone, "", 3},
		{refuse, importer.StateRefused, "", 2},
		{gone, importer.StateHeld, importer.ReasonGone, 2},
		{conflict, importer.StateDone, "", 3},
		{conflicted, importer.StateHeld, importer.ReasonIDReused, 2},
	}
	for _, test := range tests {
		t.Run(string(test.fault), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(t, export(3))
				m.tune = func(r *importer.Run) { r.PerMessage = true }
				m.world.script = []fault{fine, test.fault}
				if _, _, _, err := m.run(nil); err != nil {
					t.Fatal(err)
				}
				e := m.entry("t0")
				if e.State != test.state || e.Reason != test.reason || len(m.world.writes) != test.writes {
					t.Errorf("%s %q after %q, want %s %q after %d", e.State, e.Reason, m.world.writes, test.state, test.reason, test.writes)
				}
				m.atMostOnce()
			})
		})
	}
}

func TestCustomersAreMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(slices.Repeat([]int{1}, 12)...))
		m.world.delay = time.Second
		m.tune = func(r *importer.Run) { r.Workers = 8 }
		if _, _, _, err := m.run(nil); err != nil {
			t.Fatal(err)
		}
		if m.world.writes = m.world.writes[:3]; len(slices.Compact(slices.Sorted(slices.Values(customersOf(m))))) != 3 {
			t.Errorf("the first writes are of one customer: %q", m.world.writes)
		}
		if m.world.busiest < 3 {
			t.Errorf("at most %d writes at once", m.world.busiest)
		}
	})
}

func customersOf(m *machine) (out []string) {
	for _, w := range m.world.writes {
		out = append(out, m.plan[importer.Key(strings.Fields(w)[1])].Ticket.Customer.Email)
	}
	return out
}

func TestMendedRowJoinsATicketMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(4))
		whole := m.plan["t0"]
		first := *whole
		first.MessageIDs = []string{"t0/0", "t0/2"}
		first.Ticket.Messages = whole.Ticket.Messages[:2]
		m.plan = bodies{"t0": &first}
		if _, _, _, err := m.run(nil); err != nil {
			t.Fatal(err)
		}
		mended := *whole
		mended.MessageIDs = []string{"t0/1", "t0/3"}
		mended.Ticket.Messages = whole.Ticket.Messages[:2]
		m.plan = bodies{"t0": &mended}
		_, tally, _, err := m.run(nil)
		if err != nil || tally.Messages != (importer.Count{Imported: 2, Present: 2}) {
			t.Errorf("%+v, %v", tally.Messages, err)
		}
		if want := []string{"create t0 2", "append t0 t0/1", "append t0 t0/3"}; !slices.Equal(m.world.writes, want) {
			t.Errorf("writes %q", m.world.writes)
		}
		m.plan = bodies{"t0": whole}
		m.exactlyOnce()
	})
}

func TestBodiesThatAreNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(2, 3))
		lacking := *m.plan["t1"]
		lacking.MessageIDs, lacking.Ticket.Messages = lacking.MessageIDs[:2], lacking.Ticket.Messages[:2]
		m.tune = func(r *importer.Run) { r.Plan = bodies{"t1": &lacking} }
		results, tally, _, err := m.run(nil)
		if err != nil || len(m.world.writes) != 0 {
			t.Fatalf("%q, %v", m.world.writes, err)
		}
		if tally.Tickets != (importer.Count{Pending: 1, Held: 1}) {
			t.Errorf("tally %+v", tally.Tickets)
		}
		for _, res := range results {
			if res.Note == "" {
				t.Errorf("no word why: %+v", res)
			}
		}
		m.tune = nil
		if _, tally, _, err = m.run(nil); err != nil || tally.Tickets != (importer.Count{Imported: 2}) {
			t.Errorf("with the whole plan: %+v, %v", tally.Tickets, err)
		}
		m.exactlyOnce()
	})
}

// big counts the bytes of the bodies that are out of the plan at once.
type big struct {
	bodies
	out, most atomic.Int64
}

func (b *big) Ticket(ctx context.Context, k importer.Key) (*importer.Work, error) {
	w, err := b.bodies.Ticket(ctx, k)
	b.most.Store(max(b.most.Load(), b.out.Add(int64(w.Ticket.Messages[0].Size))))
	return w, err
}

func TestBodiesInFlightAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(slices.Repeat([]int{1}, 10)...))
		for k, w := range m.plan {
			w.Ticket.Messages[0].Size = 12 << 20
			w.Ticket.Customer.Email = fmt.Sprint(k)
		}
		m.world.delay = time.Second
		b := &big{bodies: m.plan}
		m.tune = func(r *importer.Run) { r.Plan, r.Workers = b, 8 }
		err := m.process(nil, nil, func(r *importer.Run, _ *ledger.Ledger) error {
			return r.Do(context.Background(), func(importer.Result) error { return nil })
		})
		if err != nil || m.world.busiest != 2 {
			t.Errorf("%d creates of 12 MiB at once, %v", m.world.busiest, err)
		}
		m.exactlyOnce()
	})
}

func TestStepAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(1))
		err := m.process(nil, nil, func(r *importer.Run, l *ledger.Ledger) error {
			claims, err := l.Claim(context.Background(), 1)
			if err != nil {
				return err
			}
			res, err := r.Step(context.Background(), claims[0])
			if err != nil || res.State != importer.StateDone || res.Imported != 1 || res.Requests != 1 {
				t.Errorf("%+v, %v", res, err)
			}
			stale, err := r.Step(context.Background(), claims[0])
			if err != nil || stale.Requests != 0 || stale.State != importer.StateDone {
				t.Errorf("the same claim again: %+v, %v", stale, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		m.exactlyOnce()
	})
}
