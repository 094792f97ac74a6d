package sources

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// samples are third-party corpora kept beside the checkout.
const samples = "../../shared/samples"

// exports are the same three records in every form a reader knows.
func exports(t testing.TB) map[string]string {
	csv := func(comma, end string) string {
		return strings.NewReplacer(",", comma, "\n", end).Replace("id,text\n1,one\n2,\"\"\"two\"\"\"\n3,ü\n")
	}
	list := `{"id":"1","text":"one"},{"id":"2","text":"\"two\""},{"id":"3","text":"\u00fc"}`
	elements := `<records type="array"><record id="1"><text>one</text></record><record><id type="integer">2</id><text>"two"</text></record><record><id>3</id><text><![CDATA[ü]]></text></record></records>`
	elements = strings.Replace(elements, `<record id="1">`, "<record><id>1</id>", 1)
	mails := "From a Thu Jan  2 10:00:00 2020\nMessage-ID: <1>\n\none\n\nFrom b Thu Jan  2 10:00:00 2020\nMessage-ID: <2>\n\n\"two\"\n\n" +
		"From c Thu Jan  2 10:00:00 2020\nMessage-ID: <3>\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n=FC\n"
	lines := strings.ReplaceAll(list, "},{", "}\n{") + "\n"
	return map[string]string{
		"comma.csv": csv(",", "\n"), "crlf.csv": csv(",", "\r\n"), "cr.csv": csv(",", "\r"), "semicolon.csv": csv(";", "\n"), "pipe.csv": csv("|", "\n"),
		"tab.tsv": csv("\t", "\n"), "sep.csv": "sep=;\n" + csv(";", "\n"), "bom.csv": "\uFEFF" + csv(",", "\n"),
		"array.json": "[" + list + "]", "pretty.json": "[\n" + strings.ReplaceAll(list, ",", "\n,\n") + "\n]\n", "wrapped.json": `{"data":[` + list + `],"n":3}`,
		"lines.ndjson": lines, "lines.json": lines, "joined.json": strings.ReplaceAll(lines, "\n", ""), "bom.json": "\uFEFF[" + list + "]",
		"list.xml": elements, "pretty.xml": "<?xml version=\"1.0\"?>\n" + strings.ReplaceAll(elements, "><r", ">\n<r"), "list.xml.gz": gz(t, elements),
		"mails.mbox": mails, "crlf.mbox": strings.ReplaceAll(mails, "\n", "\r\n"), "mails.mbox.gz": gz(t, mails),
		"lines.ndjson.gz": gz(t, lines), "array.json.zst": zst(t, "["+list+"]"), "csv.zip": zipped(t, "a.csv", csv(",", "\n")),
	}
}

// Every reader gives the same records, with origins that count from the start, strictly rising ordinals that do not depend on how
// the file is cut, and the same again when read again.
func TestConformance(t *testing.T) {
	for name, text := range exports(t) {
		t.Run(name, func(t *testing.T) {
			s := open(t, Options{}, write(t, name, text))
			var first []int64
			for _, s.chunk = range []int{chunkSize, 1, 16, chunkSize} {
				var ordinals []int64
				var got []string
				for p, err := range s.Pieces(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					for r, err := range p.Records() {
						if err != nil {
							t.Fatal(err)
						}
						if r.File != s.Files()[0] || r.Origin.File != r.File.Name || r.Origin.Index != int64(len(got)) || r.Mends != "" {
							t.Errorf("%+v", r.Origin)
						}
						if r.IsRow() != (r.File.Format == CSV) || r.IsRow() == (r.Raw != nil) {
							t.Error("neither row nor document")
						}
						ordinals = append(ordinals, r.Ordinal)
						got = append(got, field(r, 0, "id")+"="+field(r, 1, "text"))
					}
				}
				same(t, got, "1=one", `2="two"`, "3=ü")
				for i, o := range ordinals {
					if i > 0 && o <= ordinals[i-1] || first != nil && o != first[i] {
						t.Errorf("ordinals %v, before %v", ordinals, first)
					}
				}
				first = ordinals
			}
		})
	}
}

// Which goroutine decodes a piece, and when, makes no difference.
func TestParallel(t *testing.T) {
	csv, _ := writeCSV(t, 3000)
	json, _ := writeJSON(t, "x.json", "[", ",\n", "]", 3000)
	s := open(t, Options{}, csv, json)
	s.chunk = 4 << 10
	want := dump(t, s)
	var pieces []Piece
	for p, err := range s.Pieces(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		pieces = append(pieces, p)
	}
	parts := make([][]string, len(pieces))
	var wait sync.WaitGroup
	for worker := range 3 {
		wait.Go(func() {
			for i := len(pieces) - 1 - worker; i >= 0; i -= 3 {
				for r, err := range pieces[i].Records() {
					if err != nil {
						t.Error(err)
						return
					}
					parts[i] = append(parts[i], fmt.Sprintf("%d/%d %s", r.Origin.Line, r.Origin.Index, content(r)))
				}
			}
		})
	}
	wait.Wait()
	same(t, slices.Concat(parts...), want...)
}

func field(r *Record, column int, name string) string {
	if r.IsRow() {
		return r.Fields[column]
	}
	if r.File.Format == Mail && name == "id" {
		name = "message_id"
	}
	return r.Nodes[r.Child(0, name)].Text
}

// Cells are as csv-spectrum has them, but for line breaks inside cells, which are read as line feeds.
func TestCSVSpectrum(t *testing.T) {
	files, err := filepath.Glob(samples + "/csv-spectrum/csvs/*.csv")
	if err != nil || len(files) == 0 {
		t.Skip("csv-spectrum is not beside the checkout")
	}
	for _, file := range files {
		base := strings.TrimSuffix(filepath.Base(file), ".csv")
		t.Run(base, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(base, "_crlf") {
				text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
			}
			raw, err := os.ReadFile(samples + "/csv-spectrum/json/" + base + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var want []map[string]string
			if err := json.Unmarshal(bytes.ReplaceAll(raw, []byte(`\r\n`), []byte(`\n`)), &want); err != nil {
				var one map[string]string
				if err := json.Unmarshal(raw, &one); err != nil {
					t.Fatal(err)
				}
				want = []map[string]string{one}
			}
			s := open(t, Options{}, write(t, base+".csv", string(text)))
			n := 0
			for p, err := range s.Pieces(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				for r, err := range p.Records() {
					if err != nil {
						t.Fatal(err)
					}
					for i, c := range s.Files()[0].Columns {
						if c == "Contact Phone Number" {
							continue // the corpus's own two files differ in it
						}
						if n < len(want) && r.Fields[i] != want[n][c] {
							t.Errorf("row %d: %s is %q, want %q", n, c, r.Fields[i], want[n][c])
						}
					}
					n++
				}
			}
			if n != len(want) {
				t.Errorf("%d rows, want %d", n, len(want))
			}
		})
	}
}

// lenient are files of JSONTestSuite where we differ from it, and why.
var lenient = map[string]string{
	"y_object_duplicated_key.json":           "RFC 8259 leaves repeated keys open; taking one of two values would be a guess",
	"y_object_duplicated_key_and_value.json": "as above",
}

func TestJSONSuite(t *testing.T) {
	files, err := filepath.Glob(samples + "/json-torture/test_parsing/*.json")
	if err != nil || len(files) == 0 {
		t.Skip("JSONTestSuite is not beside the checkout")
	}
	for _, file := range files {
		base := filepath.Base(file)
		t.Run(base, func(t *testing.T) {
			bad, err := 0, error(nil)
			s, err := Open(t.Context(), []string{file}, func(string) Options { return Options{Format: JSON} }, nil)
			if err == nil {
				defer s.Close()
				var got []string
				got, err = render(s)
				for _, g := range got {
					if strings.Contains(strings.SplitN(g, " ", 2)[0], "!") {
						bad++
					}
				}
			}
			refused := err != nil || bad > 0
			switch why := lenient[base]; {
			case why != "" && !refused:
				t.Errorf("accepted, though %s", why)
			case why != "":
			case base[0] == 'y' && refused:
				t.Errorf("refused: %v, %d bad records", err, bad)
			case base[0] == 'n' && !refused:
				t.Error("accepted")
			}
		})
	}
}
