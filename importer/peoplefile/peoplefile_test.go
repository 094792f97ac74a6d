package peoplefile

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/deskferry/deskferry/mapping"
)

func TestFileRoundTrip(t *testing.T) {
	hostile := rapid.OneOf(rapid.StringOf(rapid.SampledFrom([]rune("'=+-@,;\t|\n\"a019"))), rapid.StringMatching(`[a-zA-Zé =+'",;-]{0,12}`))
	rapid.Check(t, func(t *rapid.T) {
		id := hostile.Filter(func(s string) bool { return s != "" && !strings.Contains(s, "\r") }).Draw(t, "id")
		name := hostile.Draw(t, "name")
		var b bytes.Buffer
		w := NewWriter(&b)
		if err := w.Write(&Row{SourceID: id, Name: name, UseRole: "agent", UseEmail: "Mia@acme.test", Messages: 3}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		var got mapping.Choices
		if err := Read(&b, "people.csv", &got); err != nil {
			t.Fatal(err)
		}
		if c := got.Of(mapping.PersonRef{ID: id, Name: name}); c.Role != mapping.Yes || c.Email != "mia@acme.test" || got.Len() != 1 {
			t.Fatalf("%q came back as %+v of %d", id, c, got.Len())
		}
	})
}

func TestWrite(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	if err := w.Write(&Row{Needs: "who is it?", SourceID: "0012", Email: "a@x.test", Name: "=cmd|' /C calc'!A0", Role: "agent",
		First: time.Date(2020, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)), Messages: 2}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := "\uFEFFneeds,source_id,email,name,role,match,use_email,use_name,use_role,first_message,last_message,messages,tickets_requested,tickets_assigned\n" +
		"who is it?,'0012,a@x.test,'=cmd|' /C calc'!A0,agent,,,,,2020-01-02 02:04:05,,2,0,0\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	var empty bytes.Buffer
	if err := NewWriter(&empty).Close(); err != nil || strings.Count(empty.String(), "\n") != 1 {
		t.Errorf("%v %q", err, empty.String())
	}
}

func TestReadTakesWhatSpreadsheetsWrite(t *testing.T) {
	for name, text := range map[string]string{
		"as written":              "\uFEFFneeds,source_id,email,name,use_email,use_name,use_role\n,7,,Bob,mia@acme.test,Mia,agent\n",
		"semicolons, CRLF":        "source_id;email;name;use_email;use_name;use_role\r\n7;;Bob;MIA@acme.test;Mia;Agent\r\n",
		"tabs":                    "source_id\temail\tname\tuse_email\tuse_name\tuse_role\n7\t\tBob\tmia@acme.test\tMia\t agent \n",
		"moved, short rows":       "use_role,source_id,email,name,use_email,use_name,messages\nagent,7,,Bob,mia@acme.test,Mia\n",
		"empty columns behind":    "source_id,email,name,use_email,use_name,use_role,,\n7,,Bob,mia@acme.test,Mia,agent,,\n",
		"rows with nothing to do": "source_id,email,name,use_email,use_name,use_role\n1,,,,,\n7,,Bob,mia@acme.test,Mia,agent\n1,,,,,\n",
	} {
		var c mapping.Choices
		if err := Read(strings.NewReader(text), "people.csv", &c); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := mapping.PersonChoice{Email: "mia@acme.test", Name: "Mia", Role: mapping.Yes}
		if got := c.Of(mapping.PersonRef{ID: "7"}); got != want || c.Len() != 1 {
			t.Errorf("%s: %+v of %d", name, got, c.Len())
		}
	}
}

func TestReadErrors(t *testing.T) {
	const head = "source_id,email,name,use_email,use_name,use_role\n"
	for _, c := range []struct{ text, want string }{
		{"", `people.csv:1: file: "" is empty: deskferry people writes one`},
		{"\xff\xfes\x00", `people.csv:1: file: "UTF-16" is no encoding this reads: save it as CSV UTF-8`},
		{"source_id,email,name,use_mail\n", `people.csv:1: heading: "use_mail" is no column of a people file; did you mean use_email?`},
		{"source_id,email,name,zzzzzz\n", `people.csv:1: heading: "zzzzzz" is no column of a people file; take it out`},
		{"source_id,name,use_email\n", `people.csv:1: heading: "email" is missing`},
		{"source_id,email,name,name\n", `people.csv:1: heading: "name" stands there twice`},
		{head + "7,,,,,boss\n", `people.csv:2: use_role: "boss" is no role: write agent or customer`},
		{head + "7,,,,,agnet\n", `people.csv:2: use_role: "agnet" is no role; did you mean agent?`},
		{head + "7,,,mia at acme,,\n", `people.csv:2: use_email: "mia at acme" is no e-mail address: mend it, or leave it empty`},
		{head + "7,,,,Mia,\n8,,,,,\n7,,,,Mia B,\n", `people.csv:4: source_id: "7" is decided in people.csv:2 already: keep one of the two rows`},
		{head + ",A@x.test,,,Mia,\n,a@X.test,,,Mia,\n", `people.csv:3: email: "a@x.test" is decided in people.csv:2 already`},
		{head + ",,,,Mia,\n", `people.csv:2: source_id: "" names nobody`},
		{head + "7,,,,Mia,,x\n", `people.csv:2: row: "x" stands behind the last column`},
		{head + "7,,Jos\xe9,,Mia,\n", `people.csv:2: row: "Jos?" is not UTF-8: save it as CSV UTF-8`},
		{head + "7,,\"a\nb\",,Mia,\n8,,a\"b,,,\n", `people.csv:4: bare " in non-quoted-field; a cell with a quote`},
	} {
		err := Read(strings.NewReader(c.text), "people.csv", &mapping.Choices{})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q:\ngot  %v\nwant %s", c.text, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("source_id,email,name,use_role\n7,,,agent\n")
	f.Fuzz(func(t *testing.T, text string) {
		var c mapping.Choices
		if Read(strings.NewReader(text), "people.csv", &c) == nil && c.Len() > 0 {
			r := csv.NewReader(strings.NewReader(text))
			r.FieldsPerRecord, r.LazyQuotes = -1, true
			if rows, _ := r.ReadAll(); len(rows) < 1 {
				t.Error("choices of nothing")
			}
		}
	})
}
