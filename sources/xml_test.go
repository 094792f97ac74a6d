package sources

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func TestXML(t *testing.T) {
	tests := []struct {
		name, text string
		places     []string
		want       []string
	}{
		{name: "rails", text: `<?xml version="1.0" encoding="UTF-8"?>
<helpdesk-tickets type="array">
  <helpdesk-ticket>
    <id type="integer">7</id>
    <created-at type="datetime">2014-04-30T08:30:30+09:00</created-at>
    <due nil="true"></due>
    <helpdesk-notes type="array"><helpdesk-note><body>a</body></helpdesk-note></helpdesk-notes>
    <tags type="array"/>
  </helpdesk-ticket>
  <helpdesk-ticket><id>8</id><to>a</to><to>b</to></helpdesk-ticket>
</helpdesk-tickets>`,
			want: []string{
				`3/0[helpdesk-tickets.helpdesk-ticket] {id:"7",created-at:"2014-04-30T08:30:30+09:00",due:null,helpdesk-notes:{helpdesk-note:[{body:"a"}]},tags:[]}`,
				`10/1[helpdesk-tickets.helpdesk-ticket] {id:"8",to:["a","b"]}`,
			}},
		{name: "kayako", text: `<tickets><ticket id="1" flagtype="0"><subject><![CDATA[a <b> & c]]></subject><note creationdate="5"><![CDATA[hi]]></note></ticket></tickets>`,
			want: []string{`0/0[tickets.ticket] {@id:"1",@flagtype:"0",subject:"a <b> & c",note:{@creationdate:"5",#text:"hi"}}`}},
		{name: "place with the root", text: `<x><users><u>1</u></users><t>a</t><t>b</t></x>`, places: []string{"x.users.u"}, want: []string{`0/0[x.users.u] "1"`}},
		{name: "place without the root", text: `<x><users><u>1</u></users><t>a</t><t>b</t></x>`, places: []string{"t"}, want: []string{`0/0[t] "a"`, `0/1[t] "b"`}},
		{name: "the document is the record", text: "<t>\n<a>1</a></t>", places: []string{RootPlace}, want: []string{`1/0 {a:"1"}`}},
		{name: "place not there", text: `<x><t>a</t></x>`, places: []string{"users"}, want: []string{`0/0[x.t] "a"`}},
		{name: "one ticket", text: `<ticket><id>1</id><subject>x</subject><note>a</note><note>b</note></ticket>`, want: []string{`0/0 {id:"1",subject:"x",note:["a","b"]}`}},
		{name: "lists in a document", text: `<e><tickets><t>1</t><t>2</t></tickets><users type="array"><u>3</u></users></e>`,
			want: []string{`0/0[e.tickets.t] "1"`, `0/1[e.tickets.t] "2"`, `0/0[e.users.u] "3"`}},
		{name: "a list in a wrapper", text: `<response><tickets><t>1</t><t>2</t></tickets></response>`, want: []string{`0/0[response.tickets.t] "1"`, `0/1[response.tickets.t] "2"`}},
		{name: "empty", text: `<tickets type="array"/>`},
		{name: "pages", text: "<a><t>1</t></a>\n<?xml version='1.0'?><a><t>2</t></a>", want: []string{`1/0[a.t] "1"`, `2/1[a.t] "2"`}},
		{name: "prefixes", text: `<s:e xmlns:s="u"><s:t xsi:nil="true" xml:lang="de"/><s:t><s:t>x</s:t></s:t></s:e>`,
			want: []string{`0/0[e.t] {@xml:lang:"de"}`, `0/1[e.t] {t:"x"}`}},
		{name: "mixed", text: `<a><t>one <b>two</b> three</t></a>`, want: []string{`0/0[a.t] {b:"two",#text:"one  three"}`}},
		{name: "comments", text: `<!-- <t> --><a><!-- </a> > --><t a="&lt;t>"><!-- </t> --><![CDATA[</t>]]><?x </t> ?>1</t></a>`, want: []string{`0/0[a.t] {@a:"<t>",#text:"</t>1"}`}},
		{name: "named and numbered characters", text: `<a><t>&lt;&nbsp;&#x263a;</t></a>`, want: []string{`0/0[a.t] "<\u00a0☺"`}},
		{name: "type that says something", text: `<a><t type="gold">x</t></a>`, want: []string{`0/0[a.t] {@type:"gold",#text:"x"}`}},
		{name: "entity bomb", text: "<!DOCTYPE a [<!ENTITY x \"xx>\"><!ENTITY y \"&x;&x;\">\n]><a><t>&y;</t><t>2</t></a>", want: []string{`2/0[a.t]! record.xml`, `2/1[a.t] "2"`}},
		{name: "external entity", text: `<!DOCTYPE a SYSTEM "file:///etc/passwd" [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><t>&x;</t></a>`, want: []string{`0/0[a.t]! record.xml`}},
		{name: "control character", text: "<a><t>x\x0by</t><t>2</t></a>", want: []string{`0/0[a.t]! record.xml`, `0/1[a.t] "2"`}},
		{name: "bad utf-8", text: "<a><t>\xff</t><t>2</t></a>", want: []string{`0/0[a.t]! record.encoding`, `0/1[a.t] "2"`}},
		{name: "attribute twice", text: `<a><t x="1" x="2"/><t>2</t></a>`, want: []string{`0/0[a.t]! record.repeated`, `0/1[a.t] "2"`}},
		{name: "a tag not closed", text: "<a><t><b>1</t><t>2</t></a>", want: []string{`0/0[a.t]! record.xml`, `0/1[a.t] "2"`}},
		{name: "deep", text: "<a><t>" + strings.Repeat("<b>", 201) + strings.Repeat("</b>", 201) + "</t><t>2</t></a>", want: []string{`0/0[a.t]! record.deep`, `0/1[a.t] "2"`}},
		{name: "deep beside", text: "<a><t>1</t><t>2</t>" + strings.Repeat("<b>", 300), want: []string{`0/0[a.t] "1"`, `0/1[a.t] "2"`, `0/0! record.torn`}},
		{name: "torn", text: "<a>\n<t>1</t>\n<t>2<b>x", want: []string{`2/0[a.t] "1"`, `3/0! record.torn`}},
		{name: "torn in a tag", text: `<a><t>1</t><t x="`, want: []string{`0/0[a.t] "1"`, `0/0! record.torn`}},
		{name: "not closed", text: `<a><t>1</t>`, want: []string{`0/0[a.t] "1"`, `0/0! record.torn`}},
		{name: "closed twice", text: `<a><t>1</t></b></a>`, want: []string{`0/0[a.t] "1"`, `0/0! record.torn`}},
		{name: "text after", text: `<a><t>1</t></a> x`, want: []string{`0/0[a.t] "1"`, `0/0! record.torn`}},
		{name: "no markup", text: `<a><t>1</t>< 5 </a>`, want: []string{`0/0[a.t] "1"`, `0/0! record.torn`}},
		{name: "empty file", text: "\n", want: []string{`0/0! record.xml`}},
		{name: "no element at the place", text: `<a><b/><c/>` + strings.Repeat(" ", sampleSize) + `</a>`, places: []string{"tickets"}, want: []string{`0/0! record.xml`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, Options{Places: tt.places}, write(t, "x.xml", tt.text))
			for _, s.chunk = range []int{chunkSize, 1, 7} {
				same(t, dump(t, s), tt.want...)
			}
		})
	}
}

// What is wrong with a record is told with its line, and what to do.
func TestXMLErrors(t *testing.T) {
	s := open(t, Options{}, write(t, "x.xml", "<a>\n<t>\n\nx\x0by</t>\n<t>&evil;</t>\n<t>\n<b></t>\n<t>1"))
	want := []string{"x.xml:2: line 4: illegal character code U+000B", "x.xml:5: line 5: invalid character entity &evil;", "x.xml:6: line 7: tags do not match: </t> where <b> is open",
		"x.xml:8: the file ends inside <t>, which is never closed"}
	for p := range s.Pieces(t.Context()) {
		for _, err := range p.Records() {
			var bad *BadRecord
			if !errors.As(err, &bad) || len(want) == 0 || !strings.HasSuffix(bad.Error(), want[0]) || bad.Hint == "" || len(bad.Raw) == 0 {
				t.Errorf("%v, want %v", err, want)
			}
			want = want[1:]
		}
	}
	if len(want) > 0 {
		t.Errorf("not told: %s", want)
	}
}

func TestXMLEncodings(t *testing.T) {
	utf16 := func(e unicode.Endianness, b unicode.BOMPolicy) encoding.Encoding { return unicode.UTF16(e, b) }
	for _, tt := range []struct {
		name, head, asked, want string
		enc                     encoding.Encoding
	}{
		{"named", `<?xml version="1.0" encoding='ISO-8859-15'?>`, "", "iso-8859-15", charmap.ISO8859_15},
		{"asked", "", "windows-1252", "windows-1252", charmap.Windows1252},
		{"utf-8", "", "", "utf-8", encoding.Nop},
		{"mark", "\uFEFF", "", "utf-8", encoding.Nop},
		{"utf-16 that was made utf-8", `<?xml encoding="utf-16"?>`, "", "utf-8", encoding.Nop},
		{"utf-16 mark", `<?xml encoding="utf-16"?>`, "", "utf-16le", utf16(unicode.LittleEndian, unicode.UseBOM)},
		{"utf-16be", `<?xml encoding="utf-16"?>`, "", "utf-16be", utf16(unicode.BigEndian, unicode.IgnoreBOM)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := tt.enc.NewEncoder().String(tt.head + "<a><t>Zoë €</t></a>")
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, Options{Encoding: tt.asked}, write(t, "x.xml", raw))
			if f := s.Files()[0]; f.Encoding != tt.want || f.Format != XML {
				t.Errorf("%+v", f)
			}
			same(t, dump(t, s), `0/0[a.t] "Zoë €"`)
		})
	}
}

func TestXMLBeside(t *testing.T) {
	text := `<x><count>5</count><users><u>1</u><u>2</u></users><t>a</t><account><name>acme</name><plan/></account><t>b</t><k>1</k><k>2</k><k>3</k> loose <empty/></x>`
	s := open(t, Options{Places: []string{"t"}}, write(t, "x.xml", text))
	for range 2 {
		dump(t, s)
		got := ""
		for _, b := range s.Files()[0].Beside() {
			got += fmt.Sprintf("%s %d× %.20s; ", b.Path, b.Count, b.Example)
		}
		if want := "account 1× <name>acme</name><pl; k 3× 2; users 2× <u>1</u><u>2</u></us; x.#text 1× loose; "; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// A rejected record of XML is JSON at its place, and the same record when it is read back; what was no XML can be mended as it stands.
func TestRejectsXML(t *testing.T) {
	t.Chdir(tree(t, "t.xml", "<x>\n<t n=\"1\"><a>1</a></t>\n<t>&evil;</t>\n<t/>\n</x>"))
	for _, places := range [][]string{nil, {"x.t"}, {"t"}, {RootPlace}} {
		o := Options{Places: places, Encoding: "windows-1252", Format: XML}
		s := open(t, o, "t.xml")
		reject(t, s, "out.json")
		text := strings.Replace(read(t, "out.json"), "&evil;", "<b>ü</b>", 1)
		back := open(t, o, write(t, "out.json", text))
		if f := back.Files()[0]; f.Base != "t.xml" || f.Format != JSON {
			t.Errorf("%+v", f)
		}
		if len(places) == 1 && places[0] == RootPlace {
			continue
		}
		at := "[x.t]"
		if len(places) > 0 {
			at = "[" + places[0] + "]"
		}
		same(t, dump(t, back), "2/0"+at+` {@n:"1",a:"1"}`, "3/1"+at+` {b:"ü"}`, "4/2"+at+` ""`)
		same(t, origins(t, back), "t.xml:2", "t.xml:3", "t.xml:4")
	}
}

// endless gives a document of n records without a file.
type endless struct {
	n    int
	rest string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		if e.n == 0 {
			return 0, io.EOF
		}
		e.n--
		e.rest = "<ticket><id>1</id><body>" + strings.Repeat("some text of a message ", 40) + "</body></ticket>\n"
		if e.n == 0 {
			e.rest = "</tickets>"
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// Memory does not grow with the document, nor with what stands beside its records.
func TestXMLMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 100 MB")
	}
	for _, place := range []string{"ticket", "nothing.here"} {
		s := &Set{chunk: chunkSize}
		in := &input{set: s, name: "x.xml", base: "x.xml", raw: func() (io.ReadCloser, error) {
			return io.NopCloser(&endless{n: 50000, rest: "<tickets>"}), nil
		}}
		s.inputs = []*input{in}
		if err := in.sniff(t.Context(), 0, func(string) Options { return Options{Places: []string{place}} }); err != nil {
			t.Fatal(err)
		}
		var most uint64
		records, pieces := 0, 0
		for p, err := range s.Pieces(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			for range p.Records() {
				records++
			}
			if pieces++; pieces%16 == 0 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		if most > 24<<20 {
			t.Errorf("%d MiB live", most>>20)
		}
		if place == "ticket" && records != 49999 {
			t.Errorf("%d records", records)
		}
	}
}

// An element over the limit is a bad record, whatever makes it large; those after it are read.
func TestXMLTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 200 MB")
	}
	body := strings.Repeat("x", maxRecord+chunkSize)
	for _, form := range []string{"<t>%s</t>", "<t><![CDATA[%s]]></t>", "<t a='%s'/>"} {
		s := open(t, Options{}, write(t, "x.xml", "<a><t>1</t>"+fmt.Sprintf(form, body)+"<t>3</t></a>"))
		same(t, dump(t, s), `0/0[a.t] "1"`, "0/1[a.t]! record.size", `0/2[a.t] "3"`)
	}
}
