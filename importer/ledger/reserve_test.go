package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer"
)

// TestFullLedgerTakesNoIntent lets the file grow no further: no request is begun, and what was asked before is still known.
func TestFullLedgerTakesNoIntent(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("before", 1))
	first := ask(t, l, "before", importer.CreateKind)
	var tickets []importer.Planned
	for i := range 400 {
		tickets = append(tickets, planned(fmt.Sprintf("ticket-%03d", i), 3))
	}
	plan(t, l, tickets...)
	err := l.writer.do(func(t *tx) error {
		_, err := t.conn.ExecContext(ctx, `pragma max_page_count = 1`) // SQLite makes it what the file has
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	begunRequests := 1
	for _, p := range tickets {
		e := entry(t, l, string(p.Key))
		_, err = l.Intend(ctx, e.Claim, importer.Attempt{Kind: importer.CreateKind, Messages: e.Missing()})
		if err != nil {
			break
		}
		begunRequests++
	}
	if err == nil || !strings.Contains(err.Error(), "full") || !strings.Contains(err.Error(), "free some space") {
		t.Fatalf("a full ledger took %d intents: %v", begunRequests, err)
	}
	settle(t, l, first, made(5, "before/1"))
	var attempts int
	if err := l.one(ctx, `select count(*) from attempt`, nil, &attempts); err != nil || attempts != begunRequests {
		t.Errorf("%d attempts are known of %d that were begun (%v)", attempts, begunRequests, err)
	}
	if flaws, err := l.Check(ctx); err != nil || len(flaws) > 0 {
		t.Errorf("check: %+v, %v", flaws, err)
	}
}

// TestReserve gives room once, and lets nothing be begun after that.
func TestReserve(t *testing.T) {
	l := begun(t)
	path := filepath.Clean(l.path) + ".reserve"
	if info, err := os.Stat(path); err != nil || info.Size() != reserveSize || info.Mode().Perm() != 0o600 {
		t.Fatalf("the reserve: %v, %v", info, err)
	}
	plan(t, l, planned("a", 1), planned("b", 1))
	id := ask(t, l, "a", importer.CreateKind)
	tries := 0
	err := l.outcome(func(*tx) error {
		if tries++; tries == 1 {
			return errors.New("database or disk is full")
		}
		return nil
	})
	if err != nil || tries != 2 {
		t.Errorf("an outcome on a full disk: %d tries, %v", tries, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the room was not given up: %v", err)
	}
	e := entry(t, l, "b")
	if _, err := l.Intend(ctx, e.Claim, importer.Attempt{Kind: importer.CreateKind, Messages: e.Missing()}); err == nil || !strings.Contains(err.Error(), "free some space") {
		t.Errorf("an intent after that: %v", err)
	}
	settle(t, l, id, made(5, "a/1"))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.reserve.take(l.path); err != nil || l.reserve.begun() != nil {
		t.Errorf("the next run: %v", err)
	}
}
