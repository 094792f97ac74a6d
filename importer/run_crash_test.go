package importer_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

// everyFault is a script for each fault, at the first and at a later write.
func everyFault() map[string][]fault {
	scripts := map[string][]fault{"all well": nil}
	for _, f := range []fault{notSent, limited, lostBefore, lostAfter, late, refuse, tooLarge, partial, gone, conflict, conflicted, web, password} {
		scripts[string(f)] = []fault{f}
		scripts[string(f)+", later"] = []fault{fine, f}
	}
	scripts["a bad day"] = []fault{lostAfter, fine, lostBefore, limited, late, partial, notSent, lostAfter}
	return scripts
}

// dieAndGoOn runs an import that dies at its nth point, and then processes until nothing is open; it returns false
// when the point was never reached.
func dieAndGoOn(t *testing.T, script []fault, at int) (died bool) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(1, 3))
		m.tune = func(r *importer.Run) { r.MaxMessages = 2 }
		m.world.script = slices.Clone(script)
		k := &kill{at: at}
		err := m.process(nil, k, func(r *importer.Run, _ *ledger.Ledger) error {
			return r.Do(context.Background(), func(importer.Result) error { return nil })
		})
		died = k.isDead()
		if died != errors.Is(err, errDead) && err == nil {
			t.Fatalf("killed: %v, error %v", died, err)
		}
		once := len(m.world.writes)
		m.atMostOnce()
		withoutTheWord(m)
		if n := repeats(m.world.writes); n > 0 && !slices.ContainsFunc(script, harmless) {
			t.Errorf("%d requests were repeated without a word: %q, %d of them before the crash", n, m.world.writes, once)
		}
		m.atMostOnce()
		withTheWord(m)
		m.exactlyOnce()
	})
	return died
}

// harmless faults are a definite no: such a request may be made again by itself.
func harmless(f fault) bool {
	return slices.Contains([]fault{notSent, limited, refuse, tooLarge, password, conflicted}, f)
}

func repeats(writes []string) (n int) {
	sorted := slices.Sorted(slices.Values(writes))
	return len(sorted) - len(slices.Compact(sorted))
}

// withoutTheWord imports again and again until nothing changes.
func withoutTheWord(m *machine) {
	m.Helper()
	for range 5 {
		_, tally, _, err := m.run(nil)
		m.atMostOnce()
		if err == nil && tally.Tickets.Pending == 0 && tally.Tickets.InDoubt == 0 {
			return
		}
		time.Sleep(20 * time.Minute)
	}
}

// withTheWord retries whatever is not done.
func withTheWord(m *machine) {
	m.Helper()
	all := &ledger.Selection{InDoubt: true, Refused: true, Reasons: []string{importer.ReasonIDReused, importer.ReasonGone, importer.ReasonIncomplete}}
	for range 5 {
		_, _, _, err := m.run(all)
		m.atMostOnce()
		_, tally, _, again := m.run(nil)
		if err == nil && again == nil && tally.Tickets.Imported+tally.Tickets.Present == int64(len(m.plan)) {
			return
		}
		time.Sleep(20 * time.Minute)
	}
	m.Error("not everything was imported at the end")
}

func TestKilledAtEveryPoint(t *testing.T) {
	for name, script := range everyFault() {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait for the disk
			at := 1
			step := 1
			if testing.Short() || raceOn {
				step = 5
			}
			for dieAndGoOn(t, script, at) {
				if t.Failed() {
					t.Fatalf("killed at point %d", at)
				}
				at += step
			}
			if at <= 6 { // of a single write
				t.Errorf("no point beyond %d: the crash is not where it should be", at)
			}
		})
	}
}
