package mapping

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const pairsText = `version: 1
tickets:
  t:
    external_id: id
    custom_fields: { each: FIELDS, NAMED }
messages:
  m: { body_text: { const: hello }, sent_datetime: { const: "2020-01-02T03:04:05Z" }, author: { email: { const: a@example.com } } }
`

// TestPairsOfItems: named entries whose names are in the export.
func TestPairsOfItems(t *testing.T) {
	for _, c := range []struct{ each, named, record, want string }{
		{"fields", "name: id, value: value", `"fields":[{"id":360,"value":"bike"},{"id":361,"value":null},{"id":362,"value":[1,2]},{"value":"x"}]`, `[{360 bike string} {362 1, 2 string}]`},
		{`"fields[]"`, "name: $key, value: \".\"", `"fields":{"cf_a":true,"cf_b":7,"cf_c":null,"cf_d":["x","y"],"cf_e":{"z":1}}`, `[{cf_a true bool} {cf_b 7 number} {cf_d x, y string} {cf_e {"z":1} string}]`},
		{"fields", `split: "|", name: { from: ".", match: "^(.*?)=" }, value: { from: ".", match: "=(.*)" }`, `"fields":"Size=XL|Colour=a=b"`, `[{Size XL string} {Colour a=b string}]`},
	} {
		text := strings.NewReplacer("FIELDS", c.each, "NAMED", c.named).Replace(pairsText)
		m := compiled(t, text)
		var out Result
		w := m.Mapper(Env{Now: testNow})
		w.Map(doc(t, docFile("a.json"), `{"id":1,`+c.record+`}`), &out)
		if unplaced := w.Coverage().Unplaced(); len(unplaced) > 0 {
			t.Errorf("%s: without a place: %v", c.record, unplaced)
		}
		if len(out.Problems) > 0 || len(out.Tickets) != 1 {
			t.Errorf("%s: %d tickets, problems %v", c.record, len(out.Tickets), out.Problems)
			continue
		}
		if got := fmt.Sprint(out.Tickets[0].Ticket.CustomFields); got != c.want {
			t.Errorf("%s: got %s, want %s", c.record, got, c.want)
		}
		f, err := loadFile(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, "a.yaml")
		if err != nil {
			t.Fatal(err)
		}
		reload(t, f)
	}
}

// TestOptionalColumn: a name that ends in ? is absent where the column is, and no error.
func TestOptionalColumn(t *testing.T) {
	m := compiled(t, `version: 1
tickets: { t: { external_id: id, subject: "subject?", tags: { all: ["tag?", "really?"] } } }
messages: { m: { body_text: body, sent_datetime: at, author: { email: "from?" } } }
people: { unknown: customer }
`)
	for _, c := range []struct {
		columns, cells []string
		subject        string
		tags           []string
	}{
		{[]string{"id", "body", "at"}, []string{"1", "b", "2020-01-02T03:04:05Z"}, "", nil},
		{[]string{"id", "body", "at", "subject", "really?"}, []string{"1", "b", "2020-01-02T03:04:05Z", "S", "yes"}, "S", []string{"yes"}},
	} {
		f := rowFile(c.columns...)
		if err := m.Bind(f); err != nil {
			t.Fatal(err)
		}
		var out Result
		m.Mapper(Env{Now: testNow}).Map(row(f, c.cells...), &out)
		if len(out.Problems) > 0 || out.Tickets[0].Ticket.Subject != c.subject || !slices.Equal(out.Tickets[0].Ticket.Tags, c.tags) {
			t.Errorf("%v: %+v %v", c.columns, out.Tickets, out.Problems)
		}
	}
	if err := m.Bind(rowFile("id", "body")); err == nil {
		t.Error("a column without ? may be missing")
	}
	if err := m.Bind(rowFile("id", "body", "at", "tag", "tag")); err == nil {
		t.Error("a doubled heading is taken")
	}
	w := m.Mapper(Env{Now: testNow})
	var out Result
	w.Map(doc(t, docFile("a.json"), `{"id":1,"body":"b","at":"2020-01-02T03:04:05Z"}`), &out)
	if unmet := w.Coverage().Unmet(); len(out.Problems) > 0 || len(unmet) > 0 {
		t.Errorf("in a document: %v %v", out.Problems, unmet)
	}
}
