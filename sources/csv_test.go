package sources

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCSV(t *testing.T) {
	tests := []struct {
		name, text string
		columns    string
		want       []string
	}{
		{"plain", "a,b\n1,2\n3,4\n", "a|b", []string{"2/0 1|2", "3/1 3|4"}},
		{"no last line end", "a,b\n1,2", "a|b", []string{"2/0 1|2"}},
		{"crlf", "a,b\r\n1,2\r\n3,4\r\n", "a|b", []string{"2/0 1|2", "3/1 3|4"}},
		{"lone cr", "a,b\r1,2\r\"x\ny\",4\r", "a|b", []string{"2/0 1|2", "3/1 x\ny|4"}},
		{"cr cr lf", "a,b\r\r\n1,\"2\"\r\r\n3,4\r\r\n", "a|b", []string{"2/0 1|2", "3/1 3|4"}},
		{"lone cr inside a cell", "a,b\n1,x\ry\n3,\"p\rq\"\n", "a|b", []string{"2/0 1|x\ry", "3/1 3|p\rq"}},
		{"bom", "\xef\xbb\xbf\"a\",b\n1,2\n", "a|b", []string{"2/0 1|2"}},
		{"quotes", "a,b\n\"x \"\"y\"\" z\",\"p,q\"\n\"\",\"\"\"\"\n", "a|b", []string{`2/0 x "y" z|p,q`, `3/1 |"`}},
		{"line breaks in cells", "a,b\n\"1\n2\r\n3\",x\n4,\"5\n\"\n", "a|b", []string{"2/0 1\n2\n3|x", "5/1 4|5\n"}},
		{"empty lines", "\n\na,b\n\n1,2\n\r\n\n3,4\n\n", "a|b", []string{"5/0 1|2", "8/1 3|4"}},
		{"blank rows", "a,b,c\n,,\n,\n  \n1,2,3\n", "a|b|c", []string{"2/0 ||", "3/1 ||", "4/2 ||", "5/3 1|2|3"}},
		{"ragged", "a,b\n1\n1,2,3\n3,4\n", "a|b", []string{"2/0! record.ragged", "3/1! record.ragged", "4/2 3|4"}},
		{"empty cells too many", "a,b\n1,2,,\n3,4, ,\"\"\n5,,\n,,,\n6,7,,8\n", "a|b", []string{"2/0 1|2", "3/1 3|4", "4/2 5|", "5/3 |", "6/4! record.ragged"}},
		{"headers repeat and may be empty", "Tag,,Tag\n1,2,3\n", "Tag||Tag", []string{"2/0 1|2|3"}},
		{"header over lines", "\"a\nb\",c\n1,2\n", "a\nb|c", []string{"3/0 1|2"}},
		{"semicolon", "a;b\n1,5;2\n", "a|b", []string{"2/0 1,5|2"}},
		{"tab", "a\tb\n1,2\t3;4\n", "a|b", []string{"2/0 1,2|3;4"}},
		{"pipe", "a|b\n1|2\n", "a|b", []string{"2/0 1|2"}},
		{"sep line", "sep=;\r\na;b\r\n1;2\r\n", "a|b", []string{"3/0 1|2"}},
		{"quoted sep line", "\"sep=\t\"\na\tb\n1\t2\n", "a|b", []string{"3/0 1|2"}},
		{"one column", "a\nx\ny z\n", "a", []string{"2/0 x", "3/1 y z"}},
		{"header only", "a,b\n", "a|b", nil},
		{"nothing", "", "", nil},
		{"only line ends", "\n\r\n", "", nil},
		{"bare quote", "a,b\n5\" nail,x\n1,19\" \"screen\"\n\"q\",r\n", "a|b", []string{`2/0 5" nail|x`, `3/1 1|19" "screen"`, "4/2 q|r"}},
		{"nul bytes stay", "a,b\n1\x00,\x00\n3,4\n", "a|b", []string{"2/0 1\x00|\x00", "3/1 3|4"}},
		{"quotes after blanks", "\"a\", \"b\"\n\"1\", \"2, 3\"\n", "a|b", []string{"2/0 1|2, 3"}},
		{"a quote after a blank", "a,b,c,d\n1, \"2\n3\",x,4\n5,6,7,8\n9,9,9,9\n", "a|b|c|d", []string{"2/0! record.quote", "4/1 5|6|7|8", "5/2 9|9|9|9"}},
		{"quote not doubled", "a,b,c,d\n1,\"say \"hi\" now\",3,4\n5,6,7,8\n5,6,7,\"8\"\n", "a|b|c|d", []string{"2/0! record.quote", "3/1 5|6|7|8", "4/2 5|6|7|8"}},
		{"closing quote missing", "a,b,c\n1,2,3\n4,\"5,6\n7,\"8\",9\n1,2,3\n1,2,3\n1,2,3\n", "a|b|c",
			[]string{"2/0 1|2|3", "3/1! record.quote", "4/2 7|8|9", "5/3 1|2|3", "6/4 1|2|3", "7/5 1|2|3"}},
		{"torn in a quote", "a,b\n1,2\n3,\"four\nfive, six\nseven", "a|b", []string{"2/0 1|2", "3/1! record.torn"}},
		{"open quote without any after", "a,b,c\n1,2,3\n4,\"5,6\n7,8,9\n1,2,3\n", "a|b|c", []string{"2/0 1|2|3", "3/1! record.torn", "4/2 7|8|9", "5/3 1|2|3"}},
		{"text of a damaged cell is no row", "a,b\n1,\"he said \"x\"\nDear Bob, hello\nBye\n", "a|b", []string{"2/0! record.quote"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, Options{}, write(t, "x.csv", tt.text))
			if got := strings.Join(s.Files()[0].Columns, "|"); got != tt.columns {
				t.Errorf("columns %q, want %q", got, tt.columns)
			}
			for _, s.chunk = range []int{chunkSize, 1, 7} {
				same(t, dump(t, s), tt.want...)
			}
		})
	}
}

func TestCSVOptions(t *testing.T) {
	s := open(t, Options{Comma: '^', Format: CSV, Encoding: "latin1"}, write(t, "x.txt", "{\"a^b\n1,2^\xe9\n"))
	same(t, dump(t, s), "2/0 1,2|é")
	for _, o := range []Options{{Comma: '"'}, {Comma: 200}, {Format: "yaml"}, {Encoding: "klingon"}, {Encoding: "iso-2022-kr"}} {
		if _, err := Open(t.Context(), []string{write(t, "x.csv", "a,b\n")}, func(string) Options { return o }, nil); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

func TestCSVBadRecord(t *testing.T) {
	s := open(t, Options{}, write(t, "x.csv", "a,b\n1,ü\n2,\xfcber,3\n3,\xfc\n4,é\n"))
	same(t, dump(t, s), "2/0 1|ü", "3/1! record.encoding", "4/2! record.encoding", "5/3 4|é")
	s = open(t, Options{}, write(t, "x.csv", "a,b\n1,\"x\ny\",z\n"))
	for p := range s.Pieces(t.Context()) {
		for _, err := range p.Records() {
			var bad *BadRecord
			if !errors.As(err, &bad) || string(bad.Raw) != "1,\"x\ny\",z" || !strings.HasSuffix(err.Error(), "x.csv:2: 3 cells, but the header has 2") {
				t.Errorf("%v", err)
			}
		}
	}
}

// A row far larger than a chunk is one record, and so are the small ones around it.
func TestCSVLargeRow(t *testing.T) {
	body := strings.Repeat("line \"\"one\"\", two\r\n", 1<<20)
	s := open(t, Options{}, write(t, "x.csv", "a,b\n1,x\n2,\""+body+"\"\n3,y\n"))
	n := 0
	for p, err := range s.Pieces(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range p.Records() {
			if err != nil {
				t.Fatal(err)
			}
			n++
			if r.Fields[0] != fmt.Sprint(n) {
				t.Fatalf("row %d is %q", n, r.Fields[0])
			}
			if n == 2 && len(r.Fields[1]) != len("line \"one\", two\n")<<20 {
				t.Errorf("the large cell has %d bytes", len(r.Fields[1]))
			}
			if n == 3 && r.Origin.Line != 4+1<<20 {
				t.Errorf("line %d after the large row", r.Origin.Line)
			}
		}
	}
	if n != 3 {
		t.Errorf("%d rows", n)
	}
}

// An open quote early in a file costs the rows up to the limit at most where nothing tells where rows begin again.
func TestCSVOpenQuoteInLargeFile(t *testing.T) {
	rows := strings.Repeat("1,2,3,4\n", 1<<16)
	s := open(t, Options{}, write(t, "x.csv", "a,b,c,d\n"+rows+"5,\"6,7,8\n"+rows))
	got := dump(t, s)
	bad := slices.Index(got, "65538/65536! record.torn")
	if len(got) != 2<<16+1 || bad != 1<<16 {
		t.Errorf("%d records, the bad one at %d", len(got), bad)
	}
}

func TestRowEnd(t *testing.T) {
	d := dialect{comma: ','}
	tests := []struct {
		text string
		eof  bool
		end  int
		st   rowStatus
	}{
		{"a,b\nc", false, 4, rowWhole},
		{"a,b", false, 0, rowMore},
		{"a,b", true, 3, rowWhole},
		{"\"a\"", false, 0, rowMore},
		{"\"a\"\r", false, 0, rowMore},
		{"\"a\"\r", true, 4, rowWhole},
		{"\"a\"\r\nb", false, 5, rowWhole},
		{"\"a\"\rb", false, 2, rowStray},
		{"\"a\"b\n", false, 2, rowStray},
		{"\"a", true, 0, rowOpen},
		{"x\"a,\"b\"\nc", false, 8, rowWhole},
		{"x, \"b\"\n", false, 3, rowStray},
		{"\n", false, 1, rowWhole},
		{"", true, 0, rowWhole},
	}
	for _, tt := range tests {
		if end, st := d.rowEnd([]byte(tt.text), tt.eof); st != tt.st || st == rowWhole && end != tt.end {
			t.Errorf("rowEnd(%q, %t) = %d, %d; want %d, %d", tt.text, tt.eof, end, st, tt.end, tt.st)
		}
	}
}
