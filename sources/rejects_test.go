package sources

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// reject writes all records of a source as rejects and returns the files' names.
func reject(t testing.TB, s *Set, path string) []string {
	t.Helper()
	w := NewRejects(path)
	for p, err := range s.Pieces(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range p.Records() {
			var bad *BadRecord
			switch {
			case errors.As(err, &bad):
				err = w.WriteBad(bad, []string{bad.Code + ": bad"})
			case err == nil:
				err = w.Write(r, []string{"=first", "second"})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	names := w.Files()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return names
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// origins are the Mends of all good records.
func origins(t testing.TB, s *Set) []string {
	t.Helper()
	var all []string
	for p, err := range s.Pieces(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range p.Records() {
			if err == nil {
				all = append(all, r.Mends)
			}
		}
	}
	return all
}

func TestRejectsCSV(t *testing.T) {
	dir := tree(t, "t.csv", "\uFEFFid;Tag;Tag\n1;=a;\"x\n;y\"\n2;only\n3;a;b;c;d\n4;\"he \"said\" it\";z\n5;-x;\n6;x;y\n")
	t.Chdir(dir)
	out := filepath.Join(dir, "out.csv")
	reject(t, open(t, Options{}, "t.csv"), out)
	want := "\uFEFFid;Tag;Tag;deskferry_problem;deskferry_origin\n" +
		"1;'=a;\"x\n;y\";'=first; second;t.csv:2\n"
	want = strings.ReplaceAll(want, "'=first; second", "\"'=first; second\"") +
		"2;only;;record.ragged: bad;t.csv:4\n" +
		"3;a;b;record.ragged: bad;t.csv:5;c;d\n" +
		"4;\"\"\"he \"\"said\"\" it\"\";z\";;record.quote: bad;t.csv:6\n" +
		"5;'-x;;\"'=first; second\";t.csv:7\n6;x;y;\"'=first; second\";t.csv:8\n"
	if got := read(t, out); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s := open(t, Options{}, out)
	if f := s.Files()[0]; strings.Join(f.Columns, "|") != "id|Tag|Tag" || f.Base != "t.csv" {
		t.Errorf("%+v", f)
	}
	same(t, dump(t, s), "2/0 1|=a|x\n;y", "4/1 2|only|", "5/2! record.ragged", `6/3 4|"he "said" it";z|`, "7/4 5|-x|", "8/5 6|x|y")
	same(t, origins(t, s), "t.csv:2", "t.csv:4", "t.csv:6", "t.csv:7", "t.csv:8")

	// Rejected again, a record keeps the origin it had first.
	again := filepath.Join(dir, "again.csv")
	reject(t, s, again)
	same(t, origins(t, open(t, Options{}, again)), "t.csv:2", "t.csv:4", "t.csv:6", "t.csv:7", "t.csv:8")
	if got := read(t, again); !strings.Contains(got, "3;a;b;record.ragged: bad;t.csv:5;c;d\n") {
		t.Errorf("got\n%s", got)
	}
}

// TestRejectsInSpreadsheets: no cell of a file of rejects is a formula or a number that a spreadsheet would rewrite, whatever
// the export holds, headings too; and what is given back is what was rejected, also after a spreadsheet has saved the file.
func TestRejectsInSpreadsheets(t *testing.T) {
	header := "id,=cmd,note\n"
	values := []string{"=1+1", "+31 20 123", "-5", "-5+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "＝1", "007", "360001234567890123", "2021-03-04", "'=1", "'007", "a;=1", "a\n=1", "\"=1", "", "plain"}
	var text strings.Builder
	text.WriteString(header)
	for i, v := range values {
		text.WriteString(strconv.Itoa(i+1) + `,"` + strings.ReplaceAll(v, `"`, `""`) + "\",x\n")
	}
	text.WriteString("99,=ragged\n")
	t.Chdir(tree(t, "t.csv", text.String()))
	before := open(t, Options{}, "t.csv")
	reject(t, before, "out.csv")
	got := read(t, "out.csv")
	if !strings.HasPrefix(got, "\uFEFFid,'=cmd,note,deskferry_problem,deskferry_origin\n") {
		t.Errorf("got\n%s", got)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got, "\uFEFF"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, c := range row {
			if cut := strings.TrimLeft(c, " \t\r\"\u00a0"); cut != "" && strings.ContainsRune("=+-@＝", []rune(cut)[0]) && cut != "-5" {
				t.Errorf("the cell %q is computed by a spreadsheet", c)
			}
		}
	}
	// As a spreadsheet of another country saves it: other delimiter, line ends and quotes, no mark.
	var saved strings.Builder
	w := csv.NewWriter(&saved)
	w.Comma = ';'
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("saved.csv", []byte(saved.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	reject(t, open(t, Options{}, "out.csv"), "again.csv")
	for _, name := range []string{"out.csv", "saved.csv", "again.csv"} {
		s := open(t, Options{}, name)
		if c := s.Files()[0].Columns[1]; c != "=cmd" {
			t.Errorf("%s: column %q", name, c)
		}
		n := 0
		for p, err := range s.Pieces(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			for r, err := range p.Records() {
				switch {
				case err != nil:
					t.Errorf("%s: %v", name, err)
				case n < len(values) && (r.Fields[1] != values[n] || r.Mends == ""):
					t.Errorf("%s: %q came back as %q", name, values[n], r.Fields[1])
				case n == len(values) && r.Fields[1] != "=ragged":
					t.Errorf("%s: the ragged row came back as %q", name, r.Fields)
				}
				n++
			}
		}
		if n != len(values)+1 {
			t.Errorf("%s: %d records", name, n)
		}
	}
}

func TestRejectsJSON(t *testing.T) {
	records := "{\"id\":1},{\n\"id\":2, \"a\":{} }"
	tests := []struct {
		file, text, head string
		want             []string
		mends            string
	}{
		{"x.json", "[" + records + "]", "[\n{\"id\":1,\"deskferry_problem\":\"=first; second\",\"deskferry_origin\":\"x.json:1\"},\n", []string{"2/0 {id:1}", "3/1 {id:2,a:{}}"}, "x.json:1 x.json:1"},
		{"x.json", `{"data":{"items":[` + records + `]}}`, `{"data":{"items":[` + "\n", []string{"2/0[data.items] {id:1}", "3/1[data.items] {id:2,a:{}}"}, "x.json:1 x.json:1"},
		{"x.json", `{"t":[{"id":1}]}`, `{"t":[` + "\n", []string{"2/0[t] {id:1}"}, "x.json#t[0]"},
		{"x.ndjson", "{\"id\":1}\n{}\n", "{\"id\":1,\"deskferry_problem\":", []string{"1/0 {id:1}", "2/1 {}"}, "x.ndjson:1 x.ndjson:2"},
		{"x.json", "{\"id\":1}{\"list\":\n[{\"b\":1}]}", "{\"id\":1,\"deskferry_problem\":", []string{"1/0 {id:1}", "2/1 {list:[{b:1}]}"}, "x.json:1 x.json:1"},
		{"x.json", "{\"id\":1}", "{\"id\":1,\"deskferry_problem\":", []string{"1/0 {id:1}"}, "x.json[0]"},
		{"x.json", "[1,\"a\"]", "[\n{\"deskferry_raw\":\"1\",", []string{"2/0 1", `3/1 "a"`}, "x.json[0] x.json[1]"},
	}
	for _, tt := range tests {
		t.Chdir(tree(t, tt.file, tt.text))
		reject(t, open(t, Options{}, tt.file), "out.json")
		if got := read(t, "out.json"); !strings.HasPrefix(got, tt.head) {
			t.Errorf("%s: got\n%s", tt.text, got)
		}
		s := open(t, Options{}, "out.json")
		if s.Files()[0].Base != tt.file {
			t.Errorf("%s: base %s", tt.text, s.Files()[0].Base)
		}
		got := dump(t, s)
		for i := range got { // a file of one line has no lines to speak of
			if len(got) == 1 && strings.HasPrefix(got[i], "0/") && len(tt.want) == 1 {
				got[i] = "1" + got[i][1:]
			}
		}
		same(t, got, tt.want...)
		same(t, []string{strings.Join(origins(t, s), " ")}, tt.mends)
	}
}

// What was no JSON is kept as text; mended there, or replaced by a value, it is a record again.
func TestRejectsRaw(t *testing.T) {
	t.Chdir(tree(t, "x.ndjson", "{\"id\":1,}\n{\"id\":2,\"id\":2}\n{\"id\":\"\xff\"}\n"))
	reject(t, open(t, Options{}, "x.ndjson"), "out.ndjson")
	s := open(t, Options{}, "out.ndjson")
	same(t, dump(t, s), "1/0! record.json", "2/1! record.repeated", "3/2 {id:\"\uFFFD\"}")
	reject(t, s, "again.ndjson")
	text := read(t, "again.ndjson")
	if !strings.HasPrefix(text, `{"deskferry_raw":"{\"id\":1,}","deskferry_problem":"record.json: bad","deskferry_origin":"x.ndjson:1"}`) {
		t.Errorf("got %s", text)
	}
	text = strings.NewReplacer(`"{\"id\":1,}"`, `{"id":1}`, `\"id\":2,\"id\":2`, `\"id\":2`).Replace(text)
	if err := os.WriteFile("mended.ndjson", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	same(t, dump(t, open(t, Options{}, "mended.ndjson")), "1/0 {id:1}", "2/1 {id:2}", "3/2 {id:\"\uFFFD\"}")
}

// Records of another shape go beside the first, and the rejects keep what was there until they are complete.
func TestRejectsShapes(t *testing.T) {
	t.Chdir(tree(t, "a1.csv", "a,b\n1,2\n", "a2.csv", "a,b\n3,4\n", "b.csv", "c\n5\n", "t.json", `{"tickets":[{"a":1}],"users":[{"a":2}]}`, "out.csv", "old"))
	names := reject(t, open(t, Options{}, "a1.csv", "a2.csv", "b.csv", "t.json"), "out.csv")
	if got := strings.Join(names, " "); got != "out.csv out.b.csv out.t.json out.t-2.json" {
		t.Errorf("files %s", got)
	}
	same(t, origins(t, open(t, Options{}, names...)), "a1.csv:2", "a2.csv:2", "b.csv:2", "t.json#tickets[0]", "t.json#users[0]")
	w := NewRejects("none.csv")
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat("none.csv"); err == nil {
		t.Error("a file without rejects")
	}
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) != 8 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}
