package importer_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

// A lost create that never arrived: looked for on schedule, held, and repeated only on a person's word.
func TestDoubtUntilTheWindowCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(2, 1))
		m.world.script = []fault{lostBefore}
		start := time.Now()
		results, tally, _, err := m.run(nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d < 5*time.Second || d > 10*time.Second {
			t.Errorf("the run looked once and ended after %v", d)
		}
		if tally.Tickets != (importer.Count{Imported: 1, InDoubt: 1}) || tally.Messages != (importer.Count{Imported: 1, InDoubt: 2}) {
			t.Errorf("tally %+v", tally)
		}
		last := results[len(results)-1]
		if last.State != importer.StateDoubt || last.NextLook.Sub(start).Round(time.Second) != time.Minute || last.Note == "" {
			t.Errorf("come back at %v: %+v", last.NextLook.Sub(start), last)
		}
		if m.world.sweeps != 1 {
			t.Errorf("%d sweeps", m.world.sweeps)
		}
		finds := m.world.finds
		if _, _, _, err := m.run(nil); err != nil || m.world.finds != finds { // too early: nothing to do
			t.Fatalf("%d look-ups before the time, %v", m.world.finds-finds, err)
		}
		time.Sleep(2 * time.Minute)
		if _, tally, _, err = m.run(nil); err != nil || tally.Tickets.InDoubt != 1 || m.entry("t0").State != importer.StateDoubt {
			t.Fatalf("after two minutes %+v, %v", tally, err)
		}
		time.Sleep(15 * time.Minute)
		if _, tally, _, err = m.run(nil); err != nil || tally.Tickets.InDoubt != 1 {
			t.Fatalf("after the window %+v, %v", tally, err)
		}
		if e := m.entry("t0"); e.State != importer.StateHeld || e.Reason != importer.ReasonUnknown || e.Open == nil {
			t.Fatalf("after the window %+v", e)
		}
		if len(m.world.writes) != 2 {
			t.Fatalf("repeated without a word: %q", m.world.writes)
		}
		sweeps := m.world.sweeps
		_, tally, stats, err := m.run(&ledger.Selection{InDoubt: true})
		if err != nil || stats.Repeated != 1 || m.world.sweeps != sweeps+1 || tally.Tickets.Imported != 1 {
			t.Errorf("%+v %+v after %d sweeps, %v", tally, stats, m.world.sweeps-sweeps, err)
		}
		m.exactlyOnce()
	})
}

func TestTheWordDoesNotShortenTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(2))
		m.world.script = []fault{lostBefore}
		if _, _, _, err := m.run(nil); err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := m.run(&ledger.Selection{InDoubt: true}); err != nil || len(m.world.writes) != 1 {
			t.Fatalf("repeated within the window: %q, %v", m.world.writes, err)
		}
		time.Sleep(15 * time.Minute)
		if _, _, _, err := m.run(nil); err != nil || len(m.world.writes) != 2 {
			t.Fatalf("the word was forgotten: %q, %v", m.world.writes, err)
		}
		m.exactlyOnce()
	})
}

func TestAShortWindowIsSatOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(1))
		m.tune = func(r *importer.Run) { r.SettleWindow = 20 * time.Second }
		m.world.script = []fault{lostBefore}
		start := time.Now()
		if _, _, _, err := m.run(nil); err != nil {
			t.Fatal(err)
		}
		if e := m.entry("t0"); e.Reason != importer.ReasonUnknown || time.Since(start) > 25*time.Second {
			t.Errorf("%s %q after %v", e.State, e.Reason, time.Since(start))
		}
	})
}

func TestFoundTwiceIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(1))
		m.world.script = []fault{lostAfter}
		m.tune = func(r *importer.Run) {
			r.Target = &meanwhile{m.world, func() { twin(m.world, "t0") }}
		}
		if _, _, _, err := m.run(nil); err != nil {
			t.Fatal(err)
		}
		if e := m.entry("t0"); e.State != importer.StateHeld || e.Reason != importer.ReasonDuplicate {
			t.Fatalf("%s %q", e.State, e.Reason)
		}
		m.tune = nil
		m.world.tickets = m.world.tickets[:1] // a person deletes one
		if _, tally, _, err := m.run(&ledger.Selection{Reasons: []string{importer.ReasonDuplicate}}); err != nil || tally.Tickets.Total() != 1 || m.entry("t0").State != importer.StateDone {
			t.Errorf("%+v, %v", tally, err)
		}
		m.exactlyOnce()
	})
}

// meanwhile lets something happen in the target after each create.
type meanwhile struct {
	*world
	then func()
}

func (m *meanwhile) Create(w *importer.Work, n int) (*importer.Request, error) {
	r, err := m.world.Create(w, n)
	send := r.Send
	r.Send = func(ctx context.Context) (importer.Stored, error) {
		st, err := send(ctx)
		m.then()
		return st, err
	}
	return r, err
}

func twin(w *world, key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := &stored{made: time.Now()}
	w.lastID++
	t.ID, t.ExternalID, t.UpdatedDatetime = importer.TicketID(w.lastID), key, time.Now()
	w.add(t, key+"/0")
	w.tickets = append(w.tickets, t)
}

func TestLookFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(make([]int, 60)...))
		for k := range m.plan {
			delete(m.plan, k)
		}
		m.plan = export(slices.Repeat([]int{2}, 60)...)
		if _, _, _, err := m.run(nil); err != nil {
			t.Fatal(err)
		}
		// Another ledger, with more to import; the target lost one ticket's message and has a stranger and a twin.
		m.path = filepath.Join(t.TempDir(), "other.db")
		m.plan = export(slices.Repeat([]int{2}, 70)...)
		for _, s := range m.world.tickets {
			switch s.ExternalID {
			case "t5":
				s.Messages = s.Messages[:1]
			case "t6":
				s.Messages[0].ExternalID, s.Messages[1].ExternalID = "x", "y"
			}
		}
		twin(m.world, "t7")
		before := len(m.world.writes)
		_, tally, stats, err := m.run(nil)
		if err != nil {
			t.Fatal(err)
		}
		if !stats.LookFirst || stats.Adopted != 59 || stats.Doubled != 1 || m.world.sweeps != 2 {
			t.Errorf("stats %+v, %d sweeps", stats, m.world.sweeps)
		}
		if got := len(m.world.writes) - before; got != 10+1 {
			t.Errorf("%d writes: %q", got, m.world.writes[before:])
		}
		want := importer.Count{Imported: 11, Present: 57, Held: 2}
		if tally.Tickets != want {
			t.Errorf("tickets %+v, want %+v", tally.Tickets, want)
		}
		if want := (importer.Count{Imported: 21, Present: 115, Held: 4}); tally.Messages != want {
			t.Errorf("messages %+v, want %+v", tally.Messages, want)
		}
		if e := m.entry("t6"); e.Reason != importer.ReasonIDReused || !e.Adopted {
			t.Errorf("a ticket with none of our messages: %+v", e)
		}
	})
}

func TestTheLagWidensTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, export(slices.Repeat([]int{1}, 400)...))
		m.world.delay, m.world.lag = time.Second, 3*time.Minute
		_, _, stats, err := m.run(nil)
		if err != nil || stats.Lag < 3*time.Minute || stats.Lag > 4*time.Minute || stats.Window != 10*stats.Lag {
			t.Errorf("lag %v, window %v, %v", stats.Lag, stats.Window, err)
		}
		if _, _, stats, err = m.run(nil); err != nil || stats.Window < 30*time.Minute {
			t.Errorf("the next run's window is %v, %v", stats.Window, err)
		}
	})
}

func TestWhatPeopleDidToATicketIsRespected(t *testing.T) {
	tests := []struct {
		name   string
		do     func(*stored, *world)
		reason string
	}{
		{"deleted", func(_ *stored, w *world) { w.tickets = nil }, importer.ReasonGone},
		{"trashed", func(s *stored, _ *world) { s.Trashed = true }, importer.ReasonGone},
		{"spam", func(s *stored, _ *world) { s.Spam = true }, importer.ReasonGone},
		{"merged", func(s *stored, _ *world) { s.Messages = nil }, importer.ReasonMerged},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(t, export(1))
				if _, _, _, err := m.run(nil); err != nil {
					t.Fatal(err)
				}
				test.do(m.world.tickets[0], m.world)
				m.plan = export(2)
				if _, _, _, err := m.run(nil); err != nil || len(m.world.writes) != 1 {
					t.Fatalf("%q, %v", m.world.writes, err)
				}
				if e := m.entry("t0"); e.State != importer.StateHeld || e.Reason != test.reason {
					t.Errorf("%s %q", e.State, e.Reason)
				}
			})
		})
	}
}
