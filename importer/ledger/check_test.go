package ledger

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer"
)

// TestCheckFindsEachFlaw breaks a ledger in every way that Check knows, each of which it must name.
func TestCheckFindsEachFlaw(t *testing.T) {
	for what, breaking := range map[string]string{
		"in doubt without a request":      `update attempt set settled_at = 1 where settled_at is null`,
		"open request that are not":       `update ticket set state = 'done' where state = 'asking'`,
		"in Gorgias without its id":       `update ticket set target = null where key = 'done'`,
		"an id in Gorgias that are not":   `update ticket set target = 77 where state = 'planned'`,
		"done with a message that is not": `update message set target = null where id = 'done/1'`,
		"messages in Gorgias that are":    `update message set target = 78 where id = 'planned/1'`,
		"held tickets without a reason":   `update ticket set reason = '' where state = 'held'`,
		"tickets that share one":          `update ticket set target = 5 where key = 'two'`,
		"messages that share one":         `update message set target = 500 where id = 'two/1'`,
		"one that was deleted":            `insert into dead(target, ticket) values(5, 1)`,
		"runs that nobody knows":          `update attempt set run = 99`,
		"fewer requests were made":        `update ticket set attempts = 9`,
		"messages without a ticket":       `update message set ticket = 999 where id = 'planned/1'`,
	} {
		t.Run(what, func(t *testing.T) {
			l := begun(t)
			hold := planned("held", 1)
			hold.Hold = importer.ReasonIncomplete
			plan(t, l, planned("done", 2), planned("two", 1), planned("asked", 1), planned("planned", 1), hold)
			settle(t, l, ask(t, l, "done", importer.CreateKind), made(5, "done/1", "done/2"))
			settle(t, l, ask(t, l, "two", importer.CreateKind), made(6, "two/1"))
			ask(t, l, "asked", importer.CreateKind)
			if flaws, err := l.Check(ctx); err != nil || len(flaws) > 0 {
				t.Fatalf("before: %+v, %v", flaws, err)
			}
			err := l.write(func(tx *tx) error {
				_, err := tx.conn.ExecContext(context.Background(), breaking)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			flaws, err := l.Check(ctx)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, f := range flaws {
				found = found || strings.Contains(f.What, what) && f.Count > 0 && len(f.Examples) > 0
			}
			if !found {
				t.Errorf("not found among %+v", flaws)
			}
		})
	}
}

func TestCheckOfADamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deskferry.db")
	l := open(t, path)
	begin(t, l)
	for i := range 200 {
		plan(t, l, planned(strings.Repeat("x", 200)+string(rune('a'+i%26))+string(rune('a'+i/26)), 3))
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 8 * 4096; at < len(b); at += 3 * 4096 {
		copy(b[at:], strings.Repeat("\xff", 300))
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		return // said at once: good too
	}
	defer r.Close()
	if flaws, err := r.Check(ctx); err == nil && len(flaws) == 0 {
		t.Error("a damaged file was found whole")
	}
}
