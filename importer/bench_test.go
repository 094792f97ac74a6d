package importer_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

func loadMapping(t testing.TB, text string) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Load(fstest.MapFS{"m.yaml": {Data: []byte(text)}}, "m.yaml", mapping.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func openSource(t testing.TB, m *mapping.Mapping, paths ...string) *sources.Set {
	t.Helper()
	set, err := sources.Open(context.Background(), paths, m.SourceOptions, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set.Close() })
	return set
}

var testNow = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newJob(t testing.TB, text string, paths ...string) *importer.Job {
	t.Helper()
	m := loadMapping(t, text)
	set := openSource(t, m, paths...)
	return &importer.Job{Source: set, Files: set.Files(), Mapping: m, Now: testNow, TempDir: t.TempDir()}
}

func bigExport(t testing.TB, rows int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeExport(f, rows, 42); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCheckAllocations holds the promise of at most 8 allocations a row for a whole check.
func TestCheckAllocations(t *testing.T) {
	const rows = 20_000
	j := newJob(t, exportMapping, bigExport(t, rows))
	check := func() {
		s, err := j.Check(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if s.Records.Read != rows || s.Messages.Pending != rows {
			t.Fatalf("records %+v, messages %+v, problems %+v", s.Records, s.Messages, s.Problems)
		}
	}
	check()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	check()
	runtime.ReadMemStats(&after)
	got := float64(after.Mallocs-before.Mallocs) / rows
	t.Logf("%.2f allocations a row", got)
	if got > 8 {
		t.Errorf("%.2f allocations a row, at most 8 are promised", got)
	}
}

// BenchmarkCheck checks an export of 100,000 messages.
func BenchmarkCheck(b *testing.B) {
	const rows = 100_000
	path := bigExport(b, rows)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		j := newJob(b, exportMapping, path)
		if _, err := j.Check(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
