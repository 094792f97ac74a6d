package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
)

const (
	kills  = 30
	window = 2 * time.Second // how long lost requests are looked for, in these tests
	// restWithin only ends a test that would never end: the window grows with the lag a busy machine shows.
	restWithin = 3 * time.Minute
	// trouble is every way a request can end without an answer, and time enough to be killed in.
	trouble = "slow:40ms on POST /api/tickets, drop-after:2%, drop-before:2%, 503-after:1%, 503-before:1%, late:300ms:1%, 429:1s:1%, seed=7"
)

// killed imports the demo's export and kills the process at random moments, again and again, until it was killed often
// enough or has nothing left to do.
func killed(t *testing.T, r *rig) {
	random := rand.New(rand.NewPCG(1, 2))
	line := r.command("import", "--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml",
		"--concurrency", "2", "--settle-window", window.String())
	for n := range kills {
		cmd := r.process(line)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		before := r.account.Stats().Writes
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		// The moment is counted from the first write of this process, or the kill would only ever hit the planning.
		for deadline := time.Now().Add(20 * time.Second); r.account.Stats().Writes == before && time.Now().Before(deadline); {
			select {
			case err := <-ended:
				t.Fatalf("after %d kills the import ended by itself (%v): nothing is left to be killed\n%s", n, err, errs.String())
			case <-time.After(time.Millisecond):
			}
		}
		time.Sleep(time.Duration(random.IntN(120)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatalf("kill %d: %v", n, err)
		}
		if err := <-ended; err == nil {
			t.Fatalf("kill %d came too late", n)
		}
	}
}

// settled runs the import until nothing is left to look for.
func settled(r *rig) {
	for deadline := time.Now().Add(restWithin); time.Now().Before(deadline); {
		s, _ := r.run(r.command("import", "--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml", "--settle-window", window.String()))
		if s.Tickets.Pending == 0 && s.Tickets.InDoubt == unknown(r) {
			return
		}
		time.Sleep(window / 4)
	}
	r.t.Fatal("the import does not come to rest")
}

// TestKilled kills the real program at random moments of one import, with faults on. After retry --in-doubt each message
// is in the account exactly once.
func TestKilled(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("kills a real process for half a minute; the race detector does not see it")
	}
	r := newRigApart(t, trouble)
	killed(t, r)
	settled(r)
	r.account.Settle()
	for deadline := time.Now().Add(restWithin); time.Now().Before(deadline); {
		if s, code := r.run(r.command("retry", "--in-doubt", "--settle-window", window.String())); code == exitDone && s.Tickets.InDoubt == 0 {
			break
		}
		time.Sleep(window / 4)
	}
	s, code := r.run(r.command("import", "--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml"))
	if code != exitDone || s.Tickets.Present != s.Tickets.Total || s.Messages.Present != s.Messages.Total {
		t.Errorf("at the end: exit %d, %+v, %+v", code, s.Tickets, s.Messages)
	}
	exactlyOnce(t, r, r.expected("--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml"), true)
}

// TestKilledWithoutWord is the same without retry: no create is repeated whose fate was ever unknown.
func TestKilledWithoutWord(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("kills a real process for half a minute; the race detector does not see it")
	}
	r := newRigApart(t, trouble)
	killed(t, r)
	settled(r)
	r.account.Settle()
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, statuses := range r.posts {
		for i, status := range statuses[:len(statuses)-1] {
			if status != 429 { // the one definite no among the faults
				t.Errorf("ticket %s was asked for again after request %d of %v", id, i+1, statuses)
			}
		}
	}
	exactlyOnce(t, r, r.expected("--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml"), false)
}

// exactlyOnce compares the account with what the export should become. Without whole, tickets may be missing, but none may be
// there twice.
func exactlyOnce(t *testing.T, r *rig, want map[string]wireTicket, whole bool) {
	t.Helper()
	if out := r.account.Outbox(); len(out) != 0 {
		t.Errorf("%d messages would have been mailed", len(out))
	}
	seen := map[string]bool{}
	for _, ticket := range r.account.Tickets() {
		w, known := want[ticket.ExternalID]
		if !known || seen[ticket.ExternalID] {
			t.Errorf("ticket %s: known %v, twice %v", ticket.ExternalID, known, seen[ticket.ExternalID])
			continue
		}
		seen[ticket.ExternalID] = true
		if len(ticket.Messages) != len(w.Messages) && (whole || len(ticket.Messages) > len(w.Messages)) {
			t.Errorf("ticket %s has %d messages, want %d", ticket.ExternalID, len(ticket.Messages), len(w.Messages))
			continue
		}
		for i, m := range ticket.Messages {
			if m.ExternalID != w.Messages[i].ExternalID {
				t.Errorf("ticket %s, message %d is %s, want %s", ticket.ExternalID, i, m.ExternalID, w.Messages[i].ExternalID)
			}
			if sent, err := time.Parse(time.RFC3339Nano, w.Messages[i].Sent); err != nil || !m.SentDatetime.Equal(sent) {
				t.Errorf("ticket %s, message %s was sent %s, want %s", ticket.ExternalID, m.ExternalID, m.SentDatetime, w.Messages[i].Sent)
			}
		}
	}
	if whole && len(seen) != len(want) {
		t.Errorf("%d of %d tickets arrived", len(seen), len(want))
	}
}

// unknown is how many tickets the ledger holds as unknown: these wait for a person's word, not for time.
func unknown(r *rig) int64 {
	var out bytes.Buffer
	r.carry([]string{"deskferry", "status", "--json", "--ledger", r.dir + "/deskferry.db"}, &out, &out)
	var s standing
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		r.t.Fatalf("status: %v\n%s", err, out.String())
	}
	return s.Held["unknown"]
}
