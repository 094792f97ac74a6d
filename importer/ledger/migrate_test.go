package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer"
)

// oldLedger makes a ledger of the first format with a ticket that was brought over and one that was not.
func oldLedger(t *testing.T, path string) {
	t.Helper()
	made, err := os.ReadFile("testdata/v1.sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", dataSource(path, "journal_mode(wal)"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{string(made), fmt.Sprintf("pragma application_id = %d", applicationID), "pragma user_version = 1",
		`insert into about(name, value) values('target', '` + account + `')`,
		`insert into source(name, identity, since) values('zendesk', 'i', 1000)`,
		`insert into run(started, version, source, mapping) values(1000, '0.1.0', 'zendesk', 'm')`,
		`insert into ticket(key, seq, version, payload, state, target, run, done_run) values('zendesk:1', 0, 'v', x'01', 'done', 7, 1, 1), ('zendesk:2', 1, 'v', x'01', 'planned', null, 1, null)`,
		`insert into message(ticket, id, ord, content, size, direction, target, run) values(1, 'm', 0, x'02', 9, 'incoming', 70, 1)`} {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// columns describes every table and index of a ledger.
func columns(t *testing.T, l *Ledger) (all []string) {
	t.Helper()
	err := l.rows(context.Background(), func(r *sql.Rows) error {
		var table, name, kind, standard string
		var notNull, key int
		err := r.Scan(&table, &name, &kind, &notNull, &standard, &key)
		all = append(all, fmt.Sprint(table, ".", name, " ", kind, " ", notNull, " ", standard, " ", key))
		return err
	}, `select s.name, c.name, c.type, c."notnull", coalesce(c.dflt_value, ''), c.pk from sqlite_schema s join pragma_table_info(s.name) c where s.type in ('table','index')`)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func TestMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desk ferry's.db")
	oldLedger(t, path)
	l, err := Open(path, Options{Target: account})
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := Open(filepath.Join(t.TempDir(), "new.db"), Options{Target: account})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := columns(t, l), columns(t, fresh); !slices.Equal(got, want) {
		t.Errorf("migrated\n%s\nnew\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if err := errors.Join(l.Close(), fresh.Close()); err != nil {
		t.Fatal(err)
	}
	check := func(path string, version int) {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the rights %o", path, info.Mode().Perm())
		}
		db, err := sql.Open("sqlite", dataSource(path, "query_only(1)"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var v, app, tickets, messages int
		if err := db.QueryRow(`select (select user_version from pragma_user_version), (select application_id from pragma_application_id),
			(select count(*) from ticket), (select count(*) from message)`).Scan(&v, &app, &tickets, &messages); err != nil || v != version || app != applicationID || tickets != 2 || messages != 1 {
			t.Errorf("%s: version %d, %d tickets, %d messages, %v", path, v, tickets, messages, err)
		}
	}
	check(path, schemaVersion)
	check(path+".v1.bak", 1)
	if l, err = Open(path, Options{Target: account}); err != nil {
		t.Fatal(err)
	}
	if e, err := l.Entry(context.Background(), "zendesk:1"); err != nil || e.State != importer.StateDone || e.Target != 7 || e.Wrote != "" || !e.Seen.IsZero() {
		t.Errorf("%+v, %v", e, err)
	}
	l.Close()
	if left, _ := filepath.Glob(path + ".*bak"); len(left) != 1 {
		t.Errorf("copies: %q", left)
	}
	// The old one is put back: its copy does not replace the first.
	for _, end := range []string{"", "-wal", "-shm"} {
		os.Remove(path + end)
	}
	oldLedger(t, path)
	if l, err = Open(path, Options{ReadOnly: true}); err != nil { // whoever only looks changes nothing
		t.Fatal(err)
	}
	if s, err := l.Status(context.Background(), 5); err != nil || len(s.Runs) != 1 || s.Runs[0].Version != "0.1.0" {
		t.Errorf("%+v, %v", s, err)
	}
	copied := l.copy
	if _, yes := l.Migrated(); yes || l.Close() != nil {
		t.Error("said to be migrated, or not closed")
	}
	check(path, 1)
	if left, _ := filepath.Glob(path + ".*bak"); len(left) != 1 {
		t.Errorf("copies: %q", left)
	}
	if left, _ := filepath.Glob(copied + "*"); copied == "" || len(left) != 0 {
		t.Errorf("left of the copy %q: %q", copied, left)
	}
	if l, err = Open(path, Options{Target: account}); err != nil {
		t.Fatal(err)
	}
	if m, yes := l.Migrated(); !yes || m != (Migration{1, schemaVersion, path + ".v1-2.bak"}) {
		t.Errorf("%+v, %v", m, yes)
	}
	l.Close()
	check(path+".v1-2.bak", 1)
}

func TestMigrationNeedsItsCopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	oldLedger(t, path)
	for n := range maxBackups {
		name := fmt.Sprintf("%s.v1-%d.bak", path, n+1)
		if n == 0 {
			name = path + ".v1.bak"
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("got %v", err)
	}
	db, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var v int
	if err := db.QueryRow(`select user_version from pragma_user_version`).Scan(&v); err != nil || v != 1 {
		t.Errorf("version %d, %v", v, err)
	}
}

func TestNewerLedgerNamesItsVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	l, err := Open(path, Options{Target: account})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Begin(context.Background(), RunInfo{Version: "9.8.7", Source: "zendesk", Identity: "i", Kind: "sync"}); err != nil {
		t.Fatal(err)
	}
	if err := l.write(func(t *tx) error { _, err := t.exec(`pragma user_version = 99`); return err }); err != nil {
		t.Fatal(err)
	}
	l.Close()
	for _, o := range []Options{{Target: account}, {ReadOnly: true}} {
		if _, err := Open(path, o); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "use deskferry 9.8.7 or a newer one") {
			t.Errorf("got %v", err)
		}
	}
}

// What a ledger of before knows of a ticket's fields is what the source gave when nothing has changed since; otherwise nothing.
func TestFieldsOfAnOlderLedger(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "l.db")
	oldLedger(t, path)
	l, err := Open(path, Options{Target: account})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	wrote := func(payload byte) string {
		t.Helper()
		if err := l.Begin(ctx, RunInfo{Source: "zendesk", Identity: "i", Kind: "sync"}); err != nil {
			t.Fatal(err)
		}
		if err := l.write(func(t *tx) error {
			_, err := t.exec(`update ticket set payload = ?, wrote = '' where key = 'zendesk:1'`, make([]byte, 16))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		p := importer.Planned{Key: "zendesk:1", ExternalID: "zendesk:1", Messages: []importer.PlannedMessage{{ID: "m", Content: [16]byte{2}}}, Wanted: `{"status":"open"}`, Update: true}
		p.Payload[0], p.Payload[1] = payload, 1
		if payload == 0 {
			if err := l.write(func(t *tx) error {
				_, err := t.exec(`update ticket set payload = ? where key = 'zendesk:1'`, p.Payload[:])
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		s, err := l.Plan(ctx, []importer.Planned{p})
		if err != nil || s[0].Update != (payload != 0) {
			t.Errorf("%+v, %v", s, err)
		}
		e, err := l.Entry(ctx, "zendesk:1")
		if err != nil {
			t.Fatal(err)
		}
		return e.Wrote
	}
	if got := wrote(0); got != `{"status":"open"}` {
		t.Errorf("unchanged: %q", got)
	}
	if got := wrote(1); got != "" {
		t.Errorf("changed: %q", got)
	}
}

func TestFilesOfASource(t *testing.T) {
	ctx := context.Background()
	l, err := Open(filepath.Join(t.TempDir(), "l.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.KeepFiles(ctx, "desk", []SourceFile{{Name: "a"}}); err == nil {
		t.Error("files were kept without a run")
	}
	if err := l.Begin(ctx, RunInfo{Source: "desk", Identity: "i"}); err != nil {
		t.Fatal(err)
	}
	for _, part := range [][]SourceFile{{{"a.csv", "1", 10}, {"b.csv", "2", 20}}, {{"a.csv", "3", 30}}} {
		if err := l.KeepFiles(ctx, "desk", part); err != nil {
			t.Fatal(err)
		}
	}
	got, err := l.Files(ctx, "desk")
	if err != nil || len(got) != 2 || got["a.csv"] != (SourceFile{"a.csv", "3", 30}) || got["b.csv"].Sum != "2" {
		t.Errorf("%+v, %v", got, err)
	}
	if other, err := l.Files(ctx, "other"); err != nil || len(other) != 0 {
		t.Errorf("%+v, %v", other, err)
	}
}

// TestReadOnlyFolder: a ledger is read where nothing can be written beside it, and its words say what to do where it cannot.
func TestReadOnlyFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "l.db")
	l, err := Open(path, Options{Target: account})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(folder, "old.db")
	oldLedger(t, old)
	if err := os.Chmod(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o755) })
	if os.WriteFile(filepath.Join(folder, "probe"), nil, 0o600) == nil {
		t.Skip("this user may write everywhere")
	}
	for _, path := range []string{path, old} {
		l, err := Open(path, Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Status(context.Background(), 5); err != nil {
			t.Error(err)
		}
		l.Close()
	}
	if _, err := Open(filepath.Join(folder, "new.db"), Options{}); err == nil || !strings.Contains(err.Error(), "name another file with --ledger") {
		t.Errorf("got %v", err)
	}
	if _, err := Open(folder, Options{ReadOnly: true}); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("got %v", err)
	}
}
