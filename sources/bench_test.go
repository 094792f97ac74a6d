package sources

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// writeCSV writes a table of 16 columns as helpdesks export it, bodies of 50 to 1,000 characters with quotes and line breaks.
func writeCSV(tb testing.TB, rows int) (path string, size int64) {
	tb.Helper()
	return writeRows(tb, "bench.csv", "id,ticket_id,subject,status,priority,channel,author,email,to,cc,tags,created_at,updated_at,body,html,attachments\n", "", "", rows, func(i int) string {
		return fmt.Sprintf("%d,%d,\"Order %d, late\",open,normal,email,Zoë Müller,zoe%d@example.com,support@acme.com,,\"a,b\",2021-03-04 10:11:12,2021-03-04T10:11:12Z,\"%s\",\"<p>%s</p>\",\n",
			i, i/4, i, i, body(i, `""`, "\n"), body(i/2, `""`, " "))
	})
}

func writeJSON(tb testing.TB, name, head, sep, tail string, rows int) (path string, size int64) {
	tb.Helper()
	return writeRows(tb, name, head, sep, tail, rows, func(i int) string {
		return fmt.Sprintf(`{"id":%d,"subject":"Order %d, late","status":"open","tags":["a","b"],"comments":[{"id":%d,"public":true,"body":"%s","created_at":"2021-03-04T10:11:12Z"},{"id":2,"body":"%s"}]}`,
			i, i, i, body(i, `\"`, `\n`), body(i/2, `\"`, " "))
	})
}

func body(i int, quote, feed string) string {
	return strings.Repeat("some text of a message, "+quote+"quoted"+quote+feed, 1+i%20)
}

func writeRows(tb testing.TB, name, head, sep, tail string, rows int, row func(int) string) (string, int64) {
	path := filepath.Join(tb.TempDir(), name)
	var b strings.Builder
	b.WriteString(head)
	for i := range rows {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(row(i))
	}
	b.WriteString(tail)
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path, int64(b.Len())
}

// readAll reads a source on one goroutine.
func readAll(tb testing.TB, s *Set) (records int) {
	for p, err := range s.Pieces(tb.Context()) {
		if err != nil {
			tb.Fatal(err)
		}
		for _, err := range p.Records() {
			if err != nil {
				tb.Fatal(err)
			}
			records++
		}
	}
	return records
}

// A row costs one allocation, its text; so does a document, but for the buffers that a piece shares among its records.
func TestAllocations(t *testing.T) {
	if underRace {
		t.Skip("the race detector makes pools drop buffers")
	}
	const rows = 4000
	csv, _ := writeCSV(t, rows)
	json, _ := writeJSON(t, "x.json", "[", ",\n", "]", rows)
	for _, path := range []string{csv, json} {
		s := open(t, Options{}, path)
		readAll(t, s)
		n := testing.AllocsPerRun(3, func() {
			if got := readAll(t, s); got != rows {
				t.Fatal(got)
			}
		})
		if n/rows > 1.1 {
			t.Errorf("%s: %.2f allocations a record", path, n/rows)
		}
	}
}

// Memory does not grow with the file.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 60 MB")
	}
	path, size := writeCSV(t, 60000)
	s := open(t, Options{}, path)
	var most uint64
	pieces := 0
	for p, err := range s.Pieces(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for range p.Records() {
		}
		if pieces++; pieces%16 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
	if most > 24<<20 {
		t.Errorf("%d MiB live while reading %d MiB", most>>20, size>>20)
	}
}

func benchmark(b *testing.B, path string, size int64) {
	s := open(b, Options{}, path)
	b.SetBytes(size)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n += readAll(b, s)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkCSV(b *testing.B) {
	path, size := writeCSV(b, 30000)
	benchmark(b, path, size)
}

func BenchmarkNDJSON(b *testing.B) {
	path, size := writeJSON(b, "x.ndjson", "", "\n", "\n", 30000)
	benchmark(b, path, size)
}

func BenchmarkArray(b *testing.B) {
	path, size := writeJSON(b, "x.json", "[", ",\n", "]", 30000)
	benchmark(b, path, size)
}

// BenchmarkCut is the part that runs on one goroutine.
func BenchmarkCut(b *testing.B) {
	csv, size := writeCSV(b, 30000)
	json, sizeJSON := writeJSON(b, "x.json", "[", ",\n", "]", 30000)
	for _, f := range []struct {
		name, path string
		size       int64
	}{{"csv", csv, size}, {"json", json, sizeJSON}} {
		b.Run(f.name, func(b *testing.B) {
			s := open(b, Options{}, f.path)
			b.SetBytes(f.size)
			for b.Loop() {
				for p, err := range s.Pieces(b.Context()) {
					if err != nil {
						b.Fatal(err)
					}
					switch p := p.(type) {
					case *csvPiece:
						s.pool.put(p.text)
					case *docPiece:
						s.pool.put(p.text)
					}
				}
			}
		})
	}
}
