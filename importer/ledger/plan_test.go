package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
	"github.com/deskferry/deskferry/mapping"
)

var _ importer.PlanStore = (*ledger.PlanStore)(nil)

func planRow(key importer.Key, text string) importer.PlanRow {
	w := importer.Work{Key: key, ExternalID: string(key), MessageIDs: []string{"m"}, Ticket: mapping.Ticket{
		Subject: text, Messages: []mapping.Message{{ExternalID: "m", BodyText: text}},
	}}
	return importer.PlanRow{
		Sum: importer.PlanSum(key), Key: key, Work: importer.AppendWork(nil, &w),
		Planned: importer.AppendPlanned(nil, &importer.Planned{Key: key, Messages: []importer.PlannedMessage{{ID: "m"}}}),
	}
}

func planRows(n int, text string) []importer.PlanRow {
	rows := make([]importer.PlanRow, n)
	for i := range rows {
		rows[i] = planRow(importer.Key(fmt.Sprintf("desk:%d", i)), text)
	}
	slices.SortFunc(rows, func(a, b importer.PlanRow) int {
		if a.Sum < b.Sum {
			return -1
		}
		return 1
	})
	return rows
}

func openPlans(t testing.TB, path, name string) *ledger.PlanStore {
	t.Helper()
	s, err := ledger.OpenPlans(path, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func makePlan(t testing.TB, s *ledger.PlanStore, rows []importer.PlanRow, summary string) {
	t.Helper()
	ctx := context.Background()
	err := s.Reset(ctx)
	for part := range slices.Chunk(rows, 256) {
		if err == nil {
			err = s.Put(ctx, part)
		}
	}
	if err == nil {
		err = s.PutCustomers(ctx, []importer.Customer{{Email: "a@x.org", Name: "Ann"}, {Email: "b@x.org"}})
	}
	if err == nil {
		err = s.Seal(ctx, []byte(summary))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestPlan(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "desk ferry?#%.db")
	s := openPlans(t, path, "one")
	if b, err := s.Sealed(ctx); b != nil || err != nil {
		t.Fatalf("a plan that is not there: %q, %v", b, err)
	}
	rows := planRows(1000, "body")
	rows[7].Facts = []byte("facts")
	makePlan(t, s, rows, "summary")
	if b, err := s.Sealed(ctx); string(b) != "summary" || err != nil {
		t.Errorf("summary is %q, %v", b, err)
	}
	for _, r := range rows {
		w, err := s.Ticket(ctx, r.Key)
		if err != nil || w.Key != r.Key || w.Ticket.Messages[0].BodyText != "body" {
			t.Fatalf("ticket %s is %+v, %v", r.Key, w, err)
		}
	}
	if _, err := s.Ticket(ctx, "desk:none"); !errors.Is(err, ledger.ErrNoPlan) {
		t.Errorf("a ticket that is in no plan: %v", err)
	}
	if b, err := s.Kept(ctx, rows[7].Key); string(b) != "facts" || err != nil {
		t.Errorf("kept %q, %v", b, err)
	}
	if b, err := s.Kept(ctx, rows[8].Key); b != nil || err != nil {
		t.Errorf("kept %q, %v", b, err)
	}
	i := 0
	for b, err := range s.Planned(ctx) {
		if err != nil || !bytes.Equal(b, rows[i].Planned) {
			t.Fatalf("planned %d is %q, %v", i, b, err)
		}
		i++
	}
	if i != len(rows) {
		t.Errorf("%d planned", i)
	}
	var people []string
	for c, err := range s.Customers(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, c.Email+c.Name)
	}
	if !slices.Equal(people, []string{"a@x.orgAnn", "b@x.org"}) {
		t.Errorf("customers are %v", people)
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files are %v, %v", files, err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the plan is %v, %v", info.Mode(), err)
	}
}

func TestEarlierPlansAreAskedToo(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	old := planRow("desk:1", "old")
	old.Facts = []byte("old facts")
	makePlan(t, openPlans(t, path, "one"), []importer.PlanRow{old}, "1")
	s := openPlans(t, path, "two")
	if b, err := s.Sealed(ctx); b != nil || err != nil {
		t.Errorf("another plan's summary is %q, %v", b, err)
	}
	if err := s.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if b, err := s.Kept(ctx, "desk:1"); string(b) != "old facts" || err != nil {
		t.Errorf("kept while the next is made: %q, %v", b, err)
	}
	makePlan(t, s, []importer.PlanRow{planRow("desk:2", "new")}, "2")
	for key, want := range map[importer.Key]string{"desk:1": "old", "desk:2": "new"} {
		if w, err := s.Ticket(ctx, key); err != nil || w.Ticket.Subject != want {
			t.Errorf("ticket %s: %+v, %v", key, w, err)
		}
	}
	any := openPlans(t, path, "")
	if w, err := any.Ticket(ctx, "desk:1"); err != nil || w.Ticket.Subject != "old" {
		t.Errorf("without an export: %+v, %v", w, err)
	}
	if err := any.Reset(ctx); err == nil {
		t.Error("a plan without a name was begun")
	}
	if err := any.Remove(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.plan-*")); left != nil {
		t.Errorf("left: %v", left)
	}
}

func TestHalfMadePlanIsMadeAgain(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	rows := planRows(10, "body")
	half := openPlans(t, path, "one")
	if err := half.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if err := half.Put(ctx, rows); err != nil {
		t.Fatal(err)
	}
	// half is not closed: the process died.
	s := openPlans(t, path, "one")
	if b, err := s.Sealed(ctx); b != nil || err != nil {
		t.Errorf("a half-made plan is sealed: %q, %v", b, err)
	}
	makePlan(t, s, rows, "whole")
	makePlan(t, s, rows[:5], "again")
	if b, err := s.Sealed(ctx); string(b) != "again" || err != nil {
		t.Errorf("summary is %q, %v", b, err)
	}
	if _, err := s.Ticket(ctx, rows[9].Key); !errors.Is(err, ledger.ErrNoPlan) {
		t.Errorf("a ticket of the plan before: %v", err)
	}
}

func TestEqualFingerprintsStayApart(t *testing.T) {
	ctx := context.Background()
	s := openPlans(t, filepath.Join(t.TempDir(), "ledger.db"), "one")
	rows := planRows(3, "body")
	// Three keys as if of one fingerprint: the places after the first are taken.
	for i := range rows {
		rows[i].Sum = rows[0].Sum
	}
	if err := s.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(ctx, rows); err != nil {
		t.Fatal(err)
	}
	if err := s.Seal(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if w, err := s.Ticket(ctx, rows[0].Key); err != nil || w.Key != rows[0].Key {
		t.Errorf("the first is %+v, %v", w, err)
	}
	if err := s.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	rows = planRows(3, "body")
	if err := s.Put(ctx, []importer.PlanRow{rows[2], rows[0]}); err == nil {
		t.Error("rows out of order were taken")
	}
}

func TestDamagedPlan(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openPlans(t, path, "one")
	makePlan(t, s, planRows(3, "body"), "summary")
	s.Close()
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.plan-*"))
	if err := os.WriteFile(files[0], []byte("not a database, not at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = openPlans(t, path, "one")
	if b, err := s.Sealed(ctx); b != nil || err != nil {
		t.Errorf("a damaged plan is sealed: %q, %v", b, err)
	}
	if _, err := s.Ticket(ctx, "desk:1"); err == nil || !strings.Contains(err.Error(), "import again") {
		t.Errorf("got %v", err)
	}
	makePlan(t, s, planRows(3, "body"), "mended")
	if w, err := s.Ticket(ctx, "desk:1"); err != nil || w.Key != "desk:1" {
		t.Errorf("made again: %+v, %v", w, err)
	}
}

func BenchmarkPlanStore(b *testing.B) {
	const n = 25_000
	body := strings.Repeat("A line of what people write to each other, more or less. ", 9)
	rows := planRows(n, body)
	b.Run("put", func(b *testing.B) {
		for b.Loop() {
			s := openPlans(b, filepath.Join(b.TempDir(), "ledger.db"), "one")
			makePlan(b, s, rows, "")
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "tickets/s")
	})
	b.Run("ticket", func(b *testing.B) {
		s := openPlans(b, filepath.Join(b.TempDir(), "ledger.db"), "one")
		makePlan(b, s, rows, "")
		for i := 0; b.Loop(); i++ {
			if _, err := s.Ticket(context.Background(), rows[i*7919%n].Key); err != nil {
				b.Fatal(err)
			}
		}
	})
}
