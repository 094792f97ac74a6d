package importer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
	"pgregory.net/rapid"
)

// watchful checks that no request leaves without a durable intent of its own.
type watchful struct {
	*world
	l    *ledger.Ledger
	fail func(string)
}

func (w *watchful) watch(key importer.Key, r *importer.Request, err error) (*importer.Request, error) {
	send := r.Send
	r.Send = func(ctx context.Context) (importer.Stored, error) {
		e, err := w.l.Entry(ctx, key)
		if err != nil || e.State != importer.StateAsking || e.Open == nil || e.Open.Lost {
			w.fail(fmt.Sprintf("a request left while ticket %s was %s, %v", key, e.State, err))
		}
		return send(ctx)
	}
	return r, err
}

func (w *watchful) Create(work *importer.Work, n int) (*importer.Request, error) {
	r, err := w.world.Create(work, n)
	return w.watch(work.Key, r, err)
}

func (w *watchful) Append(id importer.TicketID, work *importer.Work, i int) (*importer.Request, error) {
	r, err := w.world.Append(id, work, i)
	return w.watch(work.Key, r, err)
}

// scenario is a plan, a target's moods, and the moments processes die at.
type scenario struct {
	messages []int
	script   []fault
	kills    []int
	workers  int
	create   int
	lag      time.Duration
	down     time.Duration
	delay    time.Duration
	each     bool
}

func anyScenario(t *rapid.T) scenario {
	faults := []fault{fine, fine, fine, notSent, limited, lostBefore, lostAfter, late, refuse, tooLarge, partial, conflict, conflicted, web, password}
	return scenario{
		messages: rapid.SliceOfN(rapid.IntRange(1, 5), 1, 6).Draw(t, "messages"),
		script:   rapid.SliceOfN(rapid.SampledFrom(faults), 0, 14).Draw(t, "script"),
		kills:    rapid.SliceOfN(rapid.IntRange(1, 25), 0, 4).Draw(t, "kills"),
		workers:  rapid.IntRange(1, 4).Draw(t, "workers"),
		create:   rapid.IntRange(1, 4).Draw(t, "messages a create"),
		lag:      time.Duration(rapid.IntRange(0, 60).Draw(t, "lag")) * time.Second,
		down:     time.Duration(rapid.IntRange(0, 60).Draw(t, "down")) * time.Second,
		delay:    time.Duration(rapid.IntRange(0, 2).Draw(t, "delay")) * time.Second,
		each:     rapid.Bool().Draw(t, "per message"),
	}
}

func TestPromises(t *testing.T) {
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		s := anyScenario(rt)
		n++
		failed := ""
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				failed = s.play(t)
			})
		})
		if failed != "" {
			rt.Fatal(failed)
		}
	})
}

// play imports until all is done, dying on the way, and returns the first promise that was broken.
func (s scenario) play(t *testing.T) (broken string) {
	fail := func(text string) {
		if broken == "" {
			broken = text
		}
	}
	m := newMachine(t, export(s.messages...))
	m.world.script, m.world.lag, m.world.down, m.world.delay = slices.Clone(s.script), s.lag, s.down, s.delay
	done := false
	m.tune = func(r *importer.Run) {
		r.Workers, r.MaxMessages, r.PerMessage = s.workers, s.create, s.each
		if _, dying := r.Target.(*dyingTarget); !dying {
			r.Target = &watchful{m.world, r.Ledger.(*ledger.Ledger), fail}
		}
	}
	words := &ledger.Selection{InDoubt: true, Refused: true, Reasons: []string{importer.ReasonIDReused, importer.ReasonGone, importer.ReasonIncomplete}}
	kills := slices.Clone(s.kills)
	for round := 0; round < 40 && (!done || len(kills) > 0); round++ {
		var k *kill
		if len(kills) > 0 {
			k, kills = &kill{at: kills[0]}, kills[1:]
		}
		retry := words
		if round%2 == 0 {
			retry = nil
		}
		_ = m.process(retry, k, func(r *importer.Run, l *ledger.Ledger) error {
			err := r.Do(context.Background(), func(importer.Result) error { return nil })
			done = s.balance(l, retry, fail) && retry == nil
			return err
		})
		if text := s.twice(m.world); text != "" {
			fail(text)
		}
		if broken != "" {
			return broken
		}
		time.Sleep(11 * time.Minute)
	}
	has := m.world.holds()
	for _, w := range m.plan {
		for _, id := range w.MessageIDs {
			if has[w.ExternalID+" "+id] != 1 {
				e := m.entry(w.Key)
				fail(fmt.Sprintf("message %s is in the target %d times at the end; its ticket is %s %q; writes %q", id, has[w.ExternalID+" "+id], e.State, e.Reason, m.world.writes))
			}
		}
	}
	return broken
}

func (s scenario) twice(w *world) string {
	for id, n := range w.holds() {
		if n > 1 {
			return fmt.Sprintf("message %s is in the target %d times; writes %s", id, n, strings.Join(w.writes, ", "))
		}
	}
	return ""
}

// balance checks that each planned ticket and message is in exactly one state, and tells whether all are stored.
func (s scenario) balance(l *ledger.Ledger, retry *ledger.Selection, fail func(string)) (done bool) {
	tally, split, err := l.TallySplit(context.Background())
	if err != nil {
		fail(err.Error())
		return false
	}
	messages := 0
	for _, n := range s.messages {
		messages += n
	}
	if retry == nil && (tally.Tickets.Total() != int64(len(s.messages)) || tally.Messages.Total() != int64(messages)) {
		fail(fmt.Sprintf("the sums do not balance: %+v", tally))
	}
	if split.Incoming.Total()+split.Outgoing.Total()+split.Internal.Total() != tally.Messages.Total() {
		fail(fmt.Sprintf("the directions do not balance: %+v", split))
	}
	return tally.Messages.Imported+tally.Messages.Present == int64(messages)
}
