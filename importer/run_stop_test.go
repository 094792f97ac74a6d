package importer_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

func TestTheGateBoundsAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(slices.Repeat([]int{1}, 50)...))
		for i, w := range m.plan {
			w.Ticket.Customer.Email = string(i) + "@example.com"
		}
		m.world.delay, m.world.down = time.Second, 10*time.Minute
		m.tune = func(r *importer.Run) { r.Workers = 4 }
		m.world.script = slices.Concat(slices.Repeat([]fault{fine}, 12), slices.Repeat([]fault{lostBefore}, 50))
		for i := range m.world.script[16:] {
			m.world.script[16+i] = fine
		}
		_, tally, _, err := m.run(nil)
		if err != nil {
			t.Fatal(err)
		}
		if tally.Tickets != (importer.Count{Imported: 46, InDoubt: 4}) || len(m.world.writes) != 50 {
			t.Errorf("tally %+v after %d writes", tally.Tickets, len(m.world.writes))
		}
	})
}

func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(1))
		m.world.script = slices.Repeat([]fault{notSent}, 10000)
		start := time.Now()
		_, tally, _, err := m.run(nil)
		if !errors.Is(err, importer.ErrOutOfReach) || time.Since(start) < time.Hour || time.Since(start) > 2*time.Hour {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
		if tally.Tickets != (importer.Count{Pending: 1}) {
			t.Errorf("tally %+v", tally)
		}
		m.world.script = nil
		if _, _, _, err := m.run(nil); err != nil {
			t.Fatal(err)
		}
		m.exactlyOnce()
	})
}

// The pacer is asked before each write, and again after a 429; what it says while it waits is respected.
type pacer struct {
	grants atomic.Int64
	every  time.Duration
}

func (p *pacer) Wait(ctx context.Context) error {
	p.grants.Add(1)
	select {
	case <-time.After(p.every):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestThePacerGrantsEachWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(1, 1))
		m.world.script = []fault{limited, fine, limited, limited}
		p := &pacer{every: time.Second}
		m.tune = func(r *importer.Run) { r.Pacer = p }
		if _, _, _, err := m.run(nil); err != nil {
			t.Fatal(err)
		}
		m.exactlyOnce()
		if p.grants.Load() != 5 || len(m.world.writes) != 5 {
			t.Errorf("%d grants for %d writes", p.grants.Load(), len(m.world.writes))
		}
	})
}

func TestWithoutAPacer429IsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(1))
		m.world.script = []fault{limited}
		start := time.Now()
		if _, _, _, err := m.run(nil); err != nil || time.Since(start) < 7*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(slices.Repeat([]int{1}, 40)...))
		m.world.delay = time.Minute
		m.tune = func(r *importer.Run) { r.Workers = 3 }
		ctx, cancel := context.WithCancel(context.Background())
		start := time.Now()
		time.AfterFunc(90*time.Second, cancel)
		var results int
		err := m.process(nil, nil, func(r *importer.Run, _ *ledger.Ledger) error {
			return r.Do(ctx, func(importer.Result) error { results++; return nil })
		})
		if !errors.Is(err, context.Canceled) || time.Since(start) != 2*time.Minute {
			t.Errorf("%v after %v: the requests in hand should have been finished, and no others begun", err, time.Since(start))
		}
		if len(m.world.writes) != 6 || results < 6 {
			t.Errorf("%d writes, %d results", len(m.world.writes), results)
		}
		m.world.delay = 0
		if _, tally, _, err := m.run(nil); err != nil || tally.Tickets != (importer.Count{Imported: 34, Present: 6}) {
			t.Errorf("%+v, %v", tally.Tickets, err)
		}
		m.exactlyOnce()
	})
}

func TestSecondInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(1, 1, 1))
		m.world.delay = time.Minute
		ctx, cancel := context.WithCancel(context.Background())
		abort, leave := context.WithCancel(context.Background())
		m.tune = func(r *importer.Run) { r.Abort = abort }
		start := time.Now()
		time.AfterFunc(10*time.Second, cancel)
		time.AfterFunc(20*time.Second, leave)
		err := m.process(nil, nil, func(r *importer.Run, _ *ledger.Ledger) error {
			return r.Do(ctx, func(importer.Result) error { return nil })
		})
		if !errors.Is(err, context.Canceled) || time.Since(start) != 20*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if e := m.entry("t0"); e.State != importer.StateDoubt {
			t.Errorf("the request given up is %s", e.State)
		}
		m.world.delay, m.tune = 0, nil
		if _, tally, _, err := m.run(nil); err != nil || tally.Tickets != (importer.Count{Imported: 2, Present: 1}) {
			t.Errorf("%+v, %v", tally.Tickets, err)
		}
		m.exactlyOnce()
	})
}

func TestWaitsEndAtOnce(t *testing.T) {
	waits := map[string]func(*machine){
		"backoff": func(m *machine) { m.world.script = slices.Repeat([]fault{notSent}, 1000) },
		"pacer":   func(m *machine) { m.tune = func(r *importer.Run) { r.Pacer = &pacer{every: time.Hour} } },
		"gate":    func(m *machine) { m.world.script = []fault{lostBefore}; m.world.down = time.Hour },
		"look": func(m *machine) {
			m.world.script = []fault{lostBefore, lostBefore}
			m.tune = func(r *importer.Run) { r.SettleWindow = 50 * time.Second }
		},
	}
	for name, prepare := range waits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(t, export(1, 1))
				prepare(m)
				ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
				defer cancel()
				start := time.Now()
				err := m.process(nil, nil, func(r *importer.Run, _ *ledger.Ledger) error {
					return r.Do(ctx, func(importer.Result) error { return nil })
				})
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 40*time.Second {
					t.Errorf("%v after %v", err, time.Since(start))
				}
			})
		})
	}
}

func TestEachErrorEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(slices.Repeat([]int{1}, 40)...))
		m.tune = func(r *importer.Run) { r.Workers = 4 }
		full := errors.New("the report's disk is full")
		calls := 0
		err := m.process(nil, nil, func(r *importer.Run, _ *ledger.Ledger) error {
			return r.Do(context.Background(), func(importer.Result) error { calls++; return full })
		})
		if !errors.Is(err, full) || calls != 1 || len(m.world.writes) == 40 {
			t.Errorf("%v after %d calls, %d writes", err, calls, len(m.world.writes))
		}
	})
}

// noSpace is a ledger whose disk is full after so many writes.
type noSpace struct {
	*ledger.Ledger
	left int
}

var errFull = errors.New("database or disk is full")

func (d *noSpace) Intend(ctx context.Context, c importer.Claim, a importer.Attempt) (importer.AttemptID, error) {
	if d.left--; d.left < 0 {
		return 0, errFull
	}
	return d.Ledger.Intend(ctx, c, a)
}

func TestNothingIsSentWithoutAnIntent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(1, 1, 1))
		m.tune = func(r *importer.Run) { r.Ledger = &noSpace{r.Ledger.(*ledger.Ledger), 1} }
		_, tally, _, err := m.run(nil)
		if !errors.Is(err, errFull) || len(m.world.writes) != 1 {
			t.Errorf("%v after %q", err, m.world.writes)
		}
		if tally.Tickets != (importer.Count{Imported: 1, Pending: 2}) {
			t.Errorf("tally %+v", tally)
		}
	})
}
