package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/importer/sandbox/omnidesk"
)

// nights is how long the old helpdesk lives on.
const nights = 30

// simulation is the two helpdesks and what the nights did.
type simulation struct {
	*rig
	old   *oldHelpdesk
	line  []string // of sync
	check []string // of verify
	reads [nights + 1]int64
}

func newSimulation(t *testing.T) *simulation {
	s := &simulation{rig: newRigApart(t, ""), old: newOldHelpdesk(30, 60)}
	url, stop, err := s.old.account.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	s.env = append(s.env, "DESKFERRY_OMNIDESK_KEY=any")
	file := filepath.Join(s.dir, "omnidesk.yaml")
	write(t, file, "version: 1\nextends: omnidesk\nsource: { timezone: Europe/Amsterdam, api: { pace: 100, archived: 'yes' } }\n")
	from := []string{"--from", url, "--mapping", file, "--snapshot", filepath.Join(s.dir, "snapshot")}
	s.check = from
	s.line = s.command("sync", append(from, "--append-touched", "--settle-window", "300ms", "--accept-shrink")...)
	return s
}

// trouble breaks both APIs for the night.
func (s *simulation) trouble() {
	gorgias, err := sandbox.ParseFaults(randomFaults(s.old.random))
	if err != nil {
		s.t.Fatal(err)
	}
	s.account.SetFaults(gorgias)
	source, err := omnidesk.ParseFaults(fmt.Sprintf("503:%d%%, truncated:2%%, seed=%d", 1+s.old.random.IntN(6), s.old.random.IntN(1000)))
	if err != nil {
		s.t.Fatal(err)
	}
	s.old.account.SetFaults(source)
}

func (s *simulation) peace() {
	s.account.SetFaults(sandbox.Faults{})
	s.old.account.SetFaults(omnidesk.Faults{})
}

// rest repeats the sync, as the night after would, until nothing is left to be looked for.
func (s *simulation) rest() {
	for deadline := time.Now().Add(restWithin); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		sum, _ := s.run(s.line)
		if sum.Tickets.Pending > 0 || sum.Tickets.InDoubt != unknown(s.rig) {
			continue
		}
		if sum.Tickets.InDoubt == 0 {
			return
		}
		s.run(s.command("retry", "--in-doubt", "--settle-window", "300ms"))
	}
	s.t.Fatal("the sync does not come to rest")
}

// killed starts a sync and ends it without a word.
func (s *simulation) killed() {
	cmd := s.process(s.line)
	before := s.account.Stats().Writes
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	for deadline := time.Now().Add(20 * time.Second); s.account.Stats().Writes == before && time.Now().Before(deadline); {
		select {
		case <-ended: // nothing was to be written
			return
		case <-time.After(time.Millisecond):
		}
	}
	time.Sleep(time.Duration(s.old.random.IntN(40)) * time.Millisecond)
	_ = cmd.Process.Kill()
	<-ended
}

// overlapped starts two syncs at once: one works, and one leaves with a clear word.
func (s *simulation) overlapped() {
	s.account.SetFaults(mustFaults(s.t, "slow:300ms"))
	type ending struct {
		code int
		said string
	}
	ends := make(chan ending)
	for range 2 {
		go func() {
			cmd := s.process(s.line)
			var errs bytes.Buffer
			cmd.Stderr = &errs
			err := cmd.Run()
			var exit *exec.ExitError
			e := ending{said: errs.String()}
			if errors.As(err, &exit) {
				e.code = exit.ExitCode()
			}
			ends <- e
		}()
	}
	one, two := <-ends, <-ends
	if one.code != exitFailed {
		one, two = two, one
	}
	if one.code != exitFailed || !strings.Contains(one.said, "in use") || two.code == exitFailed {
		s.t.Errorf("two at once: exit %d and %d\n%s\n%s", one.code, two.code, one.said, two.said)
	}
}

func mustFaults(t *testing.T, script string) sandbox.Faults {
	t.Helper()
	f, err := sandbox.ParseFaults(script)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// expected are the differences that a sync reports and leaves: messages that were edited, and the name kept of an assignee who is
// no user of the account, since only ids of users can be written.
func (s *simulation) expected(d importer.Difference) bool {
	return d.Code == importer.DiffBody && s.old.edited[d.Message] || d.Message == "" && d.Field == "meta"
}

// same holds the target against the source: by verify, and message by message without it.
func (s *simulation) same(night int) {
	s.t.Helper()
	v, code := s.verified(s.check...)
	differences := slices.DeleteFunc(slices.Clone(v.Differences), s.expected)
	if len(differences)+int(v.Tickets.NotImported) > 0 || (code == exitDone) != (v.Tickets.Different == 0) {
		s.t.Errorf("night %d: verify ends with %d: %+v %+v", night, code, v.Tickets, differences)
	}
	if out := s.account.Outbox(); len(out) > 0 {
		s.t.Errorf("night %d: %d messages would have been mailed", night, len(out))
	}
	where := map[string]int64{}
	tickets := map[string]bool{}
	for _, t := range s.account.Tickets() {
		if tickets[t.ExternalID] {
			s.t.Errorf("night %d: ticket %s is there twice", night, t.ExternalID)
		}
		tickets[t.ExternalID] = true
		for _, m := range t.Messages {
			if other, twice := where[m.ExternalID]; twice {
				s.t.Errorf("night %d: message %s is in the tickets %d and %d", night, m.ExternalID, other, t.ID)
			}
			where[m.ExternalID] = t.ID
		}
	}
	for id, t := range s.old.tickets {
		for _, e := range t.Timeline {
			if name := fmt.Sprintf("%s-%d", e.Type, e.ID); says(e) && where[name] == 0 {
				s.t.Errorf("night %d: %s of ticket %d is not in the account", night, name, id)
			}
		}
	}
}

// TestNights is what a migration's weeks look like: 30 nights of sync between two simulated helpdesks. People write, edit, merge and delete by
// day; by night both APIs fail at random, the program is killed, or started twice. Each night that was not killed ends with the
// target equal to the source, nothing twice and nothing mailed; a night without change writes nothing.
func TestNights(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("kills real processes for some while; the race detector does not see them")
	}
	s := newSimulation(t)
	s.run(s.command("import", append(s.check, "--settle-window", "300ms")...)) // the weekend before
	s.same(0)
	for night := 1; night <= nights; night++ {
		quiet := night%10 == 0
		if !quiet {
			s.old.day()
			s.trouble()
		}
		before := s.account.Stats()
		switch {
		case night%7 == 3:
			s.killed()
			s.account.Settle()
			continue // the night after repairs
		case night%11 == 5:
			s.overlapped()
		}
		s.rest()
		s.peace()
		s.account.Settle()
		if after := s.account.Stats(); quiet {
			s.reads[night] = after.Requests - before.Requests
			if after.Writes != before.Writes || s.reads[night] > 10 {
				t.Errorf("night %d, without change: %d writes, %d requests", night, after.Writes-before.Writes, s.reads[night])
			}
			t.Logf("night %d, without change: 0 writes, %d reads of the target", night, s.reads[night])
		}
		s.same(night)
		if t.Failed() {
			break
		}
	}
	for _, what := range slices.Sorted(maps.Keys(s.old.happened)) {
		t.Logf("%-16s %d", what, s.old.happened[what])
	}
	for _, what := range []string{"new ticket", "message", "note", "late message", "edited message", "status", "assignee", "merge", "deletion"} {
		if s.old.happened[what] == 0 {
			t.Errorf("there was no %s in all the nights", what)
		}
	}
}
