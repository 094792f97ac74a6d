package sources

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// inMemory is a set over one text, so that fuzzing needs no files.
func inMemory(text string, name string, o Options) (*Set, error) {
	s := &Set{chunk: chunkSize}
	in := &input{set: s, name: name, base: name, raw: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
	s.inputs = []*input{in}
	return s, in.sniff(context.Background(), 0, func(string) Options { return o })
}

// check reads a text in pieces of several sizes; the records must be the same. It returns the set and how many ASCII letters and
// digits the records hold, bad ones as they stand in the file.
func check(t *testing.T, text, name string, o Options, chunk uint16) (s *Set, letters int, ok bool) {
	s, err := inMemory(text, name, o)
	if err != nil {
		return s, 0, false
	}
	want, err := render(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, s.chunk = range []int{1, 1 + int(chunk)} {
		got, err := render(s)
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, want...)
	}
	s.chunk = chunkSize
	for p, err := range s.Pieces(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range p.Records() {
			var bad *BadRecord
			switch {
			case errors.As(err, &bad):
				letters += count(string(bad.Raw))
			case r.IsRow():
				letters += count(strings.Join(r.Fields, ""))
			default:
				letters += count(string(r.Raw))
			}
		}
	}
	w := NewRejects(os.DevNull)
	for p := range s.Pieces(t.Context()) {
		for r, err := range p.Records() {
			var bad *BadRecord
			if errors.As(err, &bad) {
				err = w.WriteBad(bad, []string{"x"})
			} else {
				err = w.Write(r, []string{"x"})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return s, letters, w.Close() == nil
}

func count(s string) (n int) {
	for _, b := range []byte(s) {
		if b >= '0' && b <= '9' || b >= 'a' && b <= 'z' {
			n++
		}
	}
	return n
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "a;b\r\n\"x\ny\";\"\"\"\"\r\n\r\n", "a,b\r1,2\r", "sep=;\na;b\n", "a,b\n1,\"2\n3,4\n", "a,b,c\n1,\"say \"hi\" x\",2\n1,2,3\n4,5,6\n7,8,9\n",
		"a, \"b\"\n1, \"2\"\n", "\xff\xfea\x00,\x00b\x00", "a,b\n5\" x,\xfc\n", "a,b\r\r\n1,2\r\r\n", "deskferry_origin,a\nt.csv:1,2\n", "a\n\"", "\n,\n,\n \n", "a,b\n1,\"x\"\r",
		"a,, \"\xc5B\"\n \xff\xffB\"\n1,\xa0\"\n@\x00",
	} {
		f.Add(seed, uint16(5))
	}
	f.Fuzz(func(t *testing.T, text string, chunk uint16) {
		s, letters, ok := check(t, text, "x.csv", Options{Format: CSV}, chunk)
		if !ok || s.Files()[0].Encoding != "utf-8" {
			return
		}
		in := s.inputs[0]
		if want := count(text) - count(strings.Join(in.file.Columns, "")); letters != want && len(in.table.drop) == 0 && !strings.Contains(strings.ToLower(text), "sep=") {
			t.Errorf("%d letters in the records, %d in the file", letters, want)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`[{"a":1},{"b":[true,null,"x\n\u00e9"]}]`, "{\"id\":1}\n{\"id\":2}\n", `{"t":[{"a":1}],"u":[{"b":2}],"n":3}`, "{\"a\":1}{\"b\":2}", `[1,,2,]`, `[{"a":1},{"a`, `{"a":{"b":[{"c":1}]}}`,
		`[{"deskferry_raw":"{}","deskferry_origin":"x.json:1"}]`, `"x"`, `[[[]]]`, `{"0":{"a":1}}`, "[\"\xff\"]", "\xfe\xff\x00[\x00]", `{"t":[{"a":1}`, `[]]`, "{\"id\":1,\n\"b\":\"\\\"\"}\n",
	} {
		f.Add(seed, uint16(5), false)
	}
	f.Fuzz(func(t *testing.T, text string, chunk uint16, lines bool) {
		name := "x.json"
		if lines {
			name = "x.ndjson"
		}
		s, letters, ok := check(t, text, name, Options{Format: JSON}, chunk)
		if !ok || s.Files()[0].Encoding != "utf-8" || strings.Contains(text, "deskferry") {
			return
		}
		// Beside the lists of a wrapping object stands what is no record; nothing else may be left out.
		in := s.inputs[0]
		text = strings.TrimPrefix(text, "\uFEFF")
		if in.shape.mode == modeTree && !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "[") {
			return
		}
		if letters != count(text) {
			t.Errorf("%d letters in the records, %d in the file", letters, count(text))
		}
	})
}

func FuzzXML(f *testing.F) {
	for _, seed := range []string{
		`<a><b x="1">y</b><b/></a>`, "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a type=\"array\"><b><![CDATA[<c>]]></b>&x;</a>", `<a><b><c></b><b nil="true"></b></a><a/>`, `<a><!-- <b> --><b>1`,
		`<a><b><c>1</c><c>2</c>t</b><d><e/><e/></d></a>`, "\xfe\xff\x00<\x00a\x00/\x00>", `<a:b><a:c y:z="1" z="2"/></a:b>`, `<a><b a='>'></b ></a >`, "<a>\n<b>\x01</b>\n</a> x",
	} {
		f.Add(seed, uint16(5), "")
		f.Add(seed, uint16(1), "b")
	}
	f.Fuzz(func(t *testing.T, text string, chunk uint16, place string) {
		o := Options{Format: XML}
		if place != "" {
			o.Places = []string{place}
		}
		s, _, ok := check(t, text, "x.xml", o, chunk)
		if !ok || s.Files()[0].Format != XML {
			return
		}
		// Raw is the record: read as JSON it is the same.
		for p := range s.Pieces(t.Context()) {
			for r, err := range p.Records() {
				if err != nil {
					continue
				}
				back, err := inMemory("["+string(r.Raw)+"]", "x.json", Options{Format: JSON})
				if err != nil {
					t.Fatal(err)
				}
				for p := range back.Pieces(t.Context()) {
					for b, err := range p.Records() {
						if err != nil || content(b) != content(r) {
							t.Fatalf("%v: %s", err, r.Raw)
						}
					}
				}
			}
		}
	})
}

func FuzzMail(f *testing.F) {
	for _, seed := range []string{
		"From a Mon Jan  6 12:00:00 2020\nMessage-ID: <1>\nReferences: <2> <3>\n\nx\n\nFrom b Mon Jan  6 12:00:00 2020\n\n>From\n", mailText("\nx"), "\n\n",
		mailText("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png; name*0*=utf-8''a%20; name*1=b\nContent-Transfer-Encoding: base64\n\nAQI=\n--b\nContent-Type: text/html; charset=x\n\n=\n--b--\n"),
		"Subject: =?utf-8?B?WsO2?= =?x?q?=?=\nTo: a <b@c>, \"d\nDate: Mon, 6 Jan 2020 12:00:00 GMT (\n\n=\x00\xff", "12\nSubject: x\n\ny<plist>",
		"Content-Type: text/plain; charset=\"gb2312\"\nContent-Transfer-Encoding: quoted-printable\n\n=FF=F\n=", "A: b;\nc=d:\n e\n\x00f\n\n",
	} {
		f.Add(seed, uint16(5), false)
		f.Add(seed, uint16(60), true)
	}
	f.Fuzz(func(t *testing.T, text string, chunk uint16, mbox bool) {
		name := "x.emlx"
		if mbox {
			name = "x.mbox"
		}
		check(t, text, name, Options{Format: Mail}, chunk)
		if b, err := MailJSON(strings.NewReader(text)); err != nil || !jsontext.Value(b).IsValid() {
			t.Fatalf("%v: %q", err, b)
		}
	})
}

// What the quick way reads, the JSON library reads the same.
func FuzzQuick(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-0.5e+3,true,false,null,"x\n\u00e9\ud83d\ude00\"\\"],"b":{},"":[] } `, `{"a":1,"a":2}`, `[1,]`, `"\ud83d"`, "\"\x01\"", `01`, `{"a":{"b":[{"c":"d"}]}}`, `[tru]`, `1 2`, "\"\xff\"", `{"a\u0062":1}`, `-`, `1.`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		a, b := docState{names: map[string]string{}}, docState{names: map[string]string{}}
		if !a.quick(text) {
			return
		}
		if err := b.slow(text); err != nil || content(&a.rec) != content(&b.rec) || a.mends != b.mends {
			t.Errorf("%v: %s, but %s", err, content(&a.rec), content(&b.rec))
		}
	})
}

// A text without anything odd is read the quick way, or it would not be worth having.
func TestQuick(t *testing.T) {
	s := docState{names: map[string]string{}}
	for text, want := range map[string]bool{
		`{"id":1.50,"a":["x\n\"\u00fc\ud83d\ude00",null,true,false,{}, [ ]]}`: true, "{\n\t\"id\" : -1e5\r\n}\n": true, `"x"`: true,
		`{"a":1,"a":2}`: false, `{"\u0061":1}`: false, "{\"a\":\"\t\"}": false, "\"\xff\"": false, `"\ud800"`: false, `"\u00g0"`: false, `{"a":1`: false, `{"a" 1}`: false, `[1 2]`: false, `1 2`: false, ``: false, `01`: false, `1e`: false, `nul`: false, `"\x"`: false, `"\`: false,
	} {
		if got := s.quick([]byte(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
