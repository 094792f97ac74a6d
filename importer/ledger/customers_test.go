package ledger

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
)

func TestCustomers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	l, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.UnixMilli(1_700_000_000_000).UTC()
	var list []importer.KnownCustomer
	for i := range 2500 {
		list = append(list, importer.KnownCustomer{Email: string(rune('a'+i%26)) + time.Duration(i).String() + "@x.test", ID: int64(i), Seen: now})
	}
	if err := l.KeepCustomers(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	first := list[7].Email
	for _, c := range []importer.KnownCustomer{{Email: first, ID: 1, Seen: now.Add(-time.Hour)}, {Email: list[8].Email, ID: 99, Seen: now.Add(time.Hour)}, {Email: "none@x.test", Seen: now}} {
		if err := l.KeepCustomers(t.Context(), []importer.KnownCustomer{c}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = Open(path, Options{ReadOnly: true}); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := map[string]importer.KnownCustomer{}
	if err := l.Customers(t.Context(), func(c importer.KnownCustomer) { got[c.Email] = c }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2501 || got[first].ID != 7 || got[list[8].Email].ID != 99 || got["none@x.test"] != (importer.KnownCustomer{Email: "none@x.test", Seen: now}) {
		t.Errorf("%d customers, %+v, %+v, %+v", len(got), got[first], got[list[8].Email], got["none@x.test"])
	}
}

// A ledger of before has no such table: it is added, the version stays, and whoever only looks finds nobody.
func TestCustomersOfAnOlderLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	open := func(o Options) *Ledger {
		l, err := Open(path, o)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	count := func(l *Ledger) (n int) {
		if err := l.Customers(t.Context(), func(importer.KnownCustomer) { n++ }); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := open(Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`drop table customer`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(open(Options{ReadOnly: true})); n != 0 {
		t.Errorf("%d customers", n)
	}
	l := open(Options{})
	if err := l.KeepCustomers(t.Context(), []importer.KnownCustomer{{Email: "a@x.test", ID: 5, Seen: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	v, err := l.version(t.Context())
	if err != nil || v != schemaVersion {
		t.Errorf("version %d, %v", v, err)
	}
	if n := count(l); n != 1 {
		t.Errorf("%d customers", n)
	}
}
