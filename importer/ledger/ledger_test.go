package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

var ctx = context.Background()

const account = "https://acme.gorgias.com"

func open(t *testing.T, path string) *Ledger {
	t.Helper()
	l, err := Open(path, Options{Target: account})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func begun(t *testing.T) *Ledger {
	t.Helper()
	l := open(t, filepath.Join(t.TempDir(), "deskferry.db"))
	begin(t, l)
	return l
}

func begin(t *testing.T, l *Ledger) {
	t.Helper()
	if err := l.Begin(ctx, RunInfo{Version: "test", Source: "zendesk", Mapping: "m", Identity: "i"}); err != nil {
		t.Fatal(err)
	}
}

// planned makes a ticket with messages named like it: "a" with 2 has "a/1" and "a/2".
func planned(key string, messages int) importer.Planned {
	p := importer.Planned{Key: importer.Key(key), ExternalID: key}
	for i := range messages {
		p.Messages = append(p.Messages, importer.PlannedMessage{ID: fmt.Sprintf("%s/%d", key, i+1), Size: 10, Direction: mapping.Tri(i%2 + 1)})
	}
	return p
}

func plan(t *testing.T, l *Ledger, ps ...importer.Planned) []importer.Standing {
	t.Helper()
	s, err := l.Plan(ctx, ps)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func entry(t *testing.T, l *Ledger, key string) importer.Entry {
	t.Helper()
	e, err := l.Entry(ctx, importer.Key(key))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// ask records an intent for the ticket's missing messages, or those named.
func ask(t *testing.T, l *Ledger, key string, kind importer.Kind, messages ...string) importer.AttemptID {
	t.Helper()
	e := entry(t, l, key)
	if messages == nil {
		messages = e.Missing()
	}
	id, err := l.Intend(ctx, e.Claim, importer.Attempt{Kind: kind, Messages: messages, Sum: sha256.Sum256([]byte(key))})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func settle(t *testing.T, l *Ledger, id importer.AttemptID, o importer.Outcome) {
	t.Helper()
	if err := l.Settle(ctx, id, o); err != nil {
		t.Fatal(err)
	}
}

func state(t *testing.T, l *Ledger, key string, want importer.State, reason string) {
	t.Helper()
	if e := entry(t, l, key); e.State != want || e.Reason != reason {
		t.Fatalf("ticket %s is %s %q, want %s %q", key, e.State, e.Reason, want, reason)
	}
}

func made(target int, messages ...string) importer.Outcome {
	o := importer.Outcome{State: importer.StateMade, Answer: importer.AnswerMade, Ticket: importer.TicketID(target)}
	for i, m := range messages {
		o.Messages = append(o.Messages, importer.Matched{ID: m, Target: importer.MessageID(target*100 + i)})
	}
	return o
}

func TestLifeOfATicket(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("a", 3))
	state(t, l, "a", importer.StatePlanned, "")
	id := ask(t, l, "a", importer.CreateKind, "a/1", "a/2")
	state(t, l, "a", importer.StateAsking, "")
	settle(t, l, id, made(7, "a/1", "a/2"))
	state(t, l, "a", importer.StateMade, "")
	e := entry(t, l, "a")
	if e.Target != 7 || e.Fence != 1 || !slices.Equal(e.Missing(), []string{"a/3"}) {
		t.Fatalf("after the create: %+v", e)
	}
	settle(t, l, ask(t, l, "a", importer.AppendKind), made(0, "a/3"))
	state(t, l, "a", importer.StateDone, "")
	tally, err := l.Tally(ctx)
	if err != nil || tally.Tickets.Imported != 1 || tally.Messages.Imported != 3 {
		t.Fatalf("tally %+v, %v", tally, err)
	}
}

func TestIntentIsRefused(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("a", 2))
	first := entry(t, l, "a")
	a := importer.Attempt{Kind: importer.CreateKind, Messages: first.Missing()}
	stranger := a
	stranger.Messages = []string{"b/1"}
	if _, err := l.Intend(ctx, first.Claim, stranger); err == nil {
		t.Error("an intent for a message the ledger does not know was taken")
	}
	state(t, l, "a", importer.StatePlanned, "")
	id, err := l.Intend(ctx, first.Claim, a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Intend(ctx, first.Claim, a); !errors.Is(err, ErrStale) {
		t.Errorf("a second intent by the same claim: %v", err)
	}
	second := entry(t, l, "a")
	if _, err := l.Intend(ctx, second.Claim, a); !errors.Is(err, ErrStale) {
		t.Errorf("an intent while another is open: %v", err)
	}
	settle(t, l, id, made(1, "a/1"))
	if err := l.Settle(ctx, id, made(1, "a/2")); !errors.Is(err, ErrSettled) {
		t.Errorf("an attempt was settled twice: %v", err)
	}
	third := entry(t, l, "a")
	if _, err := l.Intend(ctx, third.Claim, a); err == nil {
		t.Error("an intent for a message the target has was taken")
	}
}

func TestDatabaseHoldsOneOpenAttempt(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("a", 1))
	ask(t, l, "a", importer.CreateKind)
	err := l.write(func(t *tx) error {
		_, err := t.exec(`insert into attempt(ticket, n, run, kind, messages, body, asked) values(1, 2, 1, 'create', 1, x'', 0)`)
		return err
	})
	if err == nil {
		t.Error("the database took a second open attempt")
	}
}

func TestDoubtStaysOpen(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("a", 1))
	id := ask(t, l, "a", importer.CreateKind)
	next := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	settle(t, l, id, importer.Outcome{State: importer.StateDoubt, Answer: importer.AnswerLost, NextLook: next})
	if e := entry(t, l, "a"); e.Open == nil || e.Open.ID != id || !e.Open.Lost || !e.Open.NextLook.Equal(next) {
		t.Fatalf("open attempt %+v", e.Open)
	}
	if at, ok, err := l.NextLook(ctx); err != nil || !ok || !at.Equal(next) {
		t.Fatalf("next look %v %v %v", at, ok, err)
	}
	if c, err := l.Claim(ctx, 9); err != nil || len(c) != 0 {
		t.Fatalf("claimed before its time: %v %v", c, err)
	}
	settle(t, l, id, importer.Outcome{State: importer.StateHeld, Reason: importer.ReasonUnknown, Answer: importer.AnswerLost})
	e := entry(t, l, "a")
	if e.Open == nil {
		t.Fatal("held as unknown, and its attempt is settled")
	}
	if n, err := l.Retry(ctx, Selection{InDoubt: true}); err != nil || n != 1 {
		t.Fatalf("retried %d, %v", n, err)
	}
	e = entry(t, l, "a")
	if e.State != importer.StateDoubt || !e.Open.Repeat || e.Open.NextLook.After(time.Now()) {
		t.Fatalf("after the retry: %+v %+v", e, e.Open)
	}
	settle(t, l, id, importer.Outcome{State: importer.StatePlanned, Answer: importer.AnswerRepeated})
	ask(t, l, "a", importer.CreateKind)
	if e := entry(t, l, "a"); e.Open.Repeat {
		t.Error("the word to repeat outlived its attempt")
	}
}

func TestStatusOfALedgerInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a ledger#1?.db")
	l := open(t, path)
	begin(t, l)
	plan(t, l, planned("a", 1), planned("b", 1))
	settle(t, l, ask(t, l, "a", importer.CreateKind), importer.Outcome{State: importer.StateDoubt, Answer: importer.AnswerLost, Note: "reset", NextLook: time.Now().Add(time.Minute)})
	if err := l.SawLag(ctx, 3*time.Second); err != nil {
		t.Fatal(err)
	}
	if err := l.SawLag(ctx, time.Second); err != nil {
		t.Fatal(err)
	}
	if err := l.End(ctx, `{"tickets":1}`, "interrupted"); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s, err := r.Status(ctx, 5)
	if err != nil {
		t.Fatal(err)
	}
	if s.Target != account || s.Lag != 3*time.Second || len(s.Runs) != 1 || s.Runs[0].Note != "interrupted" || s.Runs[0].Ended.IsZero() ||
		s.InDoubt != 1 || s.NextLook.IsZero() || s.States[importer.StatePlanned] != 1 || !strings.Contains(s.Holder, fmt.Sprint(os.Getpid())) {
		t.Errorf("status %+v", s)
	}
	var shown []Ticket
	err = r.Tickets(ctx, importer.StateDoubt, "", 10, func(t Ticket) error { shown = append(shown, t); return nil })
	if err != nil || len(shown) != 1 || shown[0].Note != "reset" || shown[0].Asked.IsZero() {
		t.Errorf("tickets %+v, %v", shown, err)
	}
	if err := r.Begin(ctx, RunInfo{}); err == nil {
		t.Error("a ledger opened to be read was written")
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "deskferry.db")
	l := open(t, path)
	begin(t, l)
	if _, err := Open(path, Options{Target: account}); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("a second holder: %v", err)
	}
	if err := l.Begin(ctx, RunInfo{Source: "zendesk", Identity: "other"}); !errors.Is(err, ErrIdentity) {
		t.Errorf("another identity: %v", err)
	}
	if err := l.Begin(ctx, RunInfo{Source: "freshdesk", Identity: "other"}); err != nil {
		t.Errorf("another source: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		if _, err := Open(path, Options{Target: "https://other.gorgias.com", ReadOnly: readOnly}); !errors.Is(err, ErrTarget) {
			t.Errorf("another target, read only %v: %v", readOnly, err)
		}
	}
	if r, err := Open(path, Options{Target: "https://acme.gorgias.com", ReadOnly: true}); err != nil {
		t.Errorf("a reader of the target: %v", err)
	} else if err := r.Close(); err != nil {
		t.Error(err)
	}
	l, err := Open(path, Options{Target: "HTTPS://ACME.gorgias.com/"})
	if err != nil {
		t.Fatalf("the same target, written otherwise: %v", err)
	}
	if err := l.write(func(t *tx) error { _, err := t.exec(`pragma user_version = 99`); return err }); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := Open(path, Options{Target: account}); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer format: %v", err)
	}
	text := filepath.Join(dir, "export.csv")
	if err := os.WriteFile(text, []byte(strings.Repeat("id;subject\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(text, Options{Target: account}); !errors.Is(err, ErrNotLedger) {
		t.Errorf("a text file: %v", err)
	}
	foreign := filepath.Join(dir, "foreign.db")
	db, err := sql.Open("sqlite", dataSource(foreign))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`create table songs(name text)`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := Open(foreign, Options{Target: account}); !errors.Is(err, ErrNotLedger) {
		t.Errorf("another program's database: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "absent.db"), Options{ReadOnly: true}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a ledger that is not there: %v", err)
	}
}

func TestFilesAreTheOwners(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permission bits on Windows")
	}
	l := begun(t)
	plan(t, l, planned("a", 1))
	files, err := filepath.Glob(l.path + "*")
	if err != nil || len(files) < 3 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", filepath.Base(f), info.Mode(), err)
		}
	}
}

func TestWritesMeetInOneCommit(t *testing.T) {
	l := begun(t)
	const n = 200
	var ps []importer.Planned
	for i := range n {
		ps = append(ps, planned(fmt.Sprintf("t%d", i), 2))
	}
	plan(t, l, ps...)
	errs := make(chan error, n)
	for i := range n {
		go func() {
			e, err := l.Entry(ctx, importer.Key(fmt.Sprintf("t%d", i)))
			if err != nil {
				errs <- err
				return
			}
			if i%10 == 0 {
				e.Fence = 9 // one failure must not be its neighbours'
			}
			id, err := l.Intend(ctx, e.Claim, importer.Attempt{Kind: importer.CreateKind, Messages: e.Missing()})
			if i%10 == 0 {
				if !errors.Is(err, ErrStale) {
					errs <- fmt.Errorf("a stale claim: %w", err)
					return
				}
				errs <- nil
				return
			}
			if err == nil {
				err = l.Settle(ctx, id, made(i+1, e.Missing()...))
			}
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	tally, err := l.Tally(ctx)
	if err != nil || tally.Tickets.Imported != n*9/10 || tally.Tickets.Pending != n/10 {
		t.Errorf("%+v %v", tally, err)
	}
}
