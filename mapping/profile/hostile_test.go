package profile

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/sources"
)

func TestHostile(t *testing.T) {
	wide := make([]string, 5000)
	for i := range wide {
		wide[i] = fmt.Sprintf("column %d", i)
	}
	manyKeys := `[{"id":1`
	for i := range 3000 {
		manyKeys += fmt.Sprintf(`,"key %d":{"id":%d}`, i, i)
	}
	manyKeys += `}]`
	for _, test := range []struct {
		name, file, text string
		records, bad     int64
		fields           int
		sign             string
	}{
		{"ragged", "a.csv", "a,b,c\n1,2,3\n1,2\n4,5,6\n1,2,3,4\n", 4, 2, 3, ""},
		{"open quote", "a.csv", "a,b\n1,\"x\n2,y\n", 1, 1, 2, ""},
		{"a cell of 10 MB", "a.csv", "id,body\n1,\"" + strings.Repeat("word and ", 10<<20/9) + "\"\n2,short\n", 2, 0, 2, ""},
		{"5,000 columns", "a.csv", strings.Join(wide, ",") + "\n" + strings.Repeat("x,", 4999) + "x\n", 1, 0, MaxFields, SignFields},
		{"6,000 paths", "a.json", manyKeys, 1, 0, MaxFields, SignFields},
		{"deep", "a.json", `[{"a":` + strings.Repeat(`{"a":[`, 40) + `1` + strings.Repeat(`]}`, 40) + `}]`, 1, 0, -1, ""},
		{"too deep", "a.json", `[{"a":` + strings.Repeat(`[`, 20000) + strings.Repeat(`]`, 20000) + `},{"a":1}]`, 2, 1, 1, ""},
		{"no rows", "a.csv", "id,body\n", 0, 0, 2, ""},
		{"commas only", "a.csv", "id,body,x\n1,hello,\n,,\n,,\n", 3, 0, 3, ""},
		{"same headings", "a.csv", "tag,tag,,\n1,2,3,4\n", 1, 0, 4, ""},
		{"control characters", "a.csv", "id,body\n1,\"\x1b[31mred\x00\x07\"\n", 1, 0, 2, ""},
		{"plain values", "a.json", `[1,2,"x",null,[1],{"a":1}]`, 6, 0, -1, ""},
		{"numbers", "a.ndjson", "{\"id\":1e400}\n{\"id\":-0.0}\n{\"id\":123456789012345678901234567890}\n", 3, 0, 1, ""},
		{"names", "a.json", `[{"":1,"a\u0000b":2,"` + strings.Repeat("n", 5000) + `":3}]`, 1, 0, 3, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := read(t, Options{}, write(t, test.file, test.text))
			f := &p.Files[0]
			if f.Records != test.records || f.Bad != test.bad {
				t.Errorf("%d records, %d bad; want %d, %d: %+v", f.Records, f.Bad, test.records, test.bad, f.BadExamples)
			}
			if test.bad > 0 && (f.Sure >= 1 || f.WhyUnsure == "" || len(f.BadExamples) == 0) {
				t.Errorf("sure %v because %q", f.Sure, f.WhyUnsure)
			}
			if len(f.Shapes) == 0 {
				return
			}
			s := &f.Shapes[0]
			if test.fields >= 0 && len(s.Fields) != test.fields {
				t.Errorf("%d fields, want %d", len(s.Fields), test.fields)
			}
			found := test.sign == ""
			for _, g := range s.Signs {
				found = found || g.Code == test.sign
			}
			if !found {
				t.Errorf("no sign %s in %+v", test.sign, s.Signs)
			}
			for _, field := range s.Fields {
				for _, e := range field.Examples {
					if len(e) > MaxExample || strings.ContainsAny(e, "\x00\x07\x1b\n") {
						t.Errorf("%s: example %q", field.Path, e)
					}
				}
			}
		})
	}
}

func TestEmptyFile(t *testing.T) {
	p := read(t, Options{}, write(t, "a.csv", ""))
	if f := p.Files[0]; f.Sure != 0 || f.Records != 0 {
		t.Errorf("an empty file: %+v", f)
	}
}

// Files alike are one, with the glob that takes them.
func TestManyFiles(t *testing.T) {
	dir := t.TempDir()
	for i := range 300 {
		name := fmt.Sprintf("ticket-%03d.json", i)
		if err := os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, `{"id":%d,"subject":"s","description":"d"}`, i), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := read(t, Options{}, dir)
	if len(p.Files) != 1 || p.Files[0].Count != 300 || p.Files[0].Glob != "ticket-*.json" || p.Files[0].Records != 300 {
		t.Errorf("%d kinds of file, the first %+v", len(p.Files), p.Files[0])
	}
}

// endless is a source of rows that are all different, and of documents with ever new paths.
type endless struct {
	file *sources.File
	n    int
	doc  bool
}

func (e endless) Pieces(ctx context.Context) iter.Seq2[sources.Piece, error] {
	return func(yield func(sources.Piece, error) bool) {
		for i := range e.n {
			if !yield(endlessPiece{e, i}, nil) {
				return
			}
		}
	}
}

type endlessPiece struct {
	endless
	i int
}

func (p endlessPiece) Records() iter.Seq2[*sources.Record, error] {
	return func(yield func(*sources.Record, error) bool) {
		for k := range 1000 {
			n := int64(p.i*1000 + k)
			r := &sources.Record{File: p.file, Ordinal: n, Origin: sources.Origin{File: p.file.Name, Index: n}}
			if p.doc {
				r.Nodes = []sources.Node{{Kind: sources.Object, First: 1}}
				for j := range 10 {
					r.Nodes = append(r.Nodes, sources.Node{Kind: sources.String, Name: fmt.Sprintf("path %d", n*10+int64(j)), Text: fmt.Sprint("value ", n), Next: int32(j + 2)})
				}
				r.Nodes[10].Next = 0
			} else {
				for j := range p.file.Columns {
					r.Fields = append(r.Fields, fmt.Sprintf("value %d of column %d, not short %d", n, j, n*n))
				}
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Memory does not grow with the export, whatever is in it.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads half a million records")
	}
	columns := make([]string, 300)
	for i := range columns {
		columns[i] = fmt.Sprintf("id %d", i)
	}
	columns[0], columns[1] = "id", "ticket_id"
	for _, test := range []struct {
		name   string
		source endless
		most   uint64
	}{
		{"rows all different", endless{&sources.File{Name: "a.csv", Base: "a.csv", Format: sources.CSV, Columns: columns[:20]}, 200, false}, 64 << 20},
		{"300 columns", endless{&sources.File{Name: "a.csv", Base: "a.csv", Format: sources.CSV, Columns: columns}, 15, false}, 128 << 20},
		{"ever new paths", endless{&sources.File{Name: "a.json", Base: "a.json", Format: sources.JSON}, 100, true}, 128 << 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, now runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var most uint64
			calls := 0
			p, err := Read(context.Background(), test.source, []*sources.File{test.source.file}, Options{Seen: func(int64) {
				if calls++; calls%5 != 0 {
					return
				}
				runtime.GC()
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
			}})
			if err != nil {
				t.Fatal(err)
			}
			if most > test.most {
				t.Errorf("%d MiB live, want at most %d", most>>20, test.most>>20)
			}
			t.Logf("%d records, %d MiB live, %d fields", p.Files[0].Records, most>>20, len(p.Files[0].Shapes[0].Fields))
		})
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"id,body\n1,hello\n", `[{"id":1,"comments":[{"body":"x","created_at":"2021-03-04"}]}]`, "sep=;\na;b\n\"x;\ny\";2\n",
		"{\"a\":1}\n{\"a\":[{\"b\":null}]}\n", "date\n03/04/2021\n1.2E+15\n", `{"data":[{"id":"7"}],"total":9}`,
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, row bool) {
		name := "a.json"
		if row {
			name = "a.csv"
		}
		path := filepath.Join(dir, fmt.Sprint(os.Getpid(), name))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := readAll(Options{Presets: []string{}}, path)
		if err != nil {
			return // no export at all
		}
		for _, file := range p.Files {
			var records int64
			for _, s := range file.Shapes {
				records += s.Records
				for _, field := range s.Fields {
					if field.Filled < 0 || field.Missing < 0 || field.Distinct < 0 || field.Path == "" {
						t.Fatalf("field %+v", field)
					}
				}
			}
			if records+file.Bad != file.Records {
				t.Fatalf("%d records in shapes and %d bad are not the %d read", records, file.Bad, file.Records)
			}
		}
	})
}
