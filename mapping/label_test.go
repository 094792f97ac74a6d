package mapping

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestLabel: the text of a warn may name fields, so that each value is counted on its own.
func TestLabel(t *testing.T) {
	m := compiled(t, `version: 1
tickets:
  t:
    external_id: id
    warn: { "kind {kind?} of {of.name?} {{kept}}": { id: present } }
    channel: [{ from: kind, table: { mail: email, "*": null } }, { const: api, warn: "kind {kind} is taken as api" }]
    customer: { email: who?, when: { who?: present }, warn: "who is {who?}" }
messages: { m: { body_text: body, sent_datetime: at, author: { email: { const: a@example.com } } } }
`)
	for _, c := range []struct {
		record string
		want   []string
	}{
		{`"kind":"mail"`, []string{"kind mail of nothing {kept}"}},
		{`"kind":["a","b"],"of":{"name":"` + strings.Repeat("x", 80) + `"},"who":"b@example.com"`, []string{
			"kind a, b of " + strings.Repeat("x", 60) + "… {kept}", "kind a, b is taken as api", "who is b@example.com",
		}},
		{`"kind":[1,2,3,4,5,6,7],"of":{"name":{"x":1}}`, []string{
			"kind 1, 2, 3, 4, 5, … of an object {kept}", "kind 1, 2, 3, 4, 5, … is taken as api",
		}},
	} {
		var out Result
		m.Mapper(Env{Now: testNow}).Map(doc(t, docFile("a.json"), `{"id":1,"body":"b","at":"2020-01-02T03:04:05Z",`+c.record+`}`), &out)
		var got []string
		for _, p := range out.Problems {
			got = append(got, p.Value)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.record, got, c.want)
		}
	}
	_, err := Load(fstest.MapFS{"a.yaml": {Data: []byte(
		"version: 1\ntickets: { t: { external_id: id, warn: { \"a { b\": { id: present } } } }\nmessages: { m: { body_text: b, sent_datetime: at } }\n",
	)}}, "a.yaml", LoadOptions{})
	if err == nil || !strings.Contains(err.Error(), "a { without its }") {
		t.Errorf("a brace that is not closed: %v", err)
	}
}

// TestOptionalSet: a --set flag may be left out where the mapping says so.
func TestOptionalSet(t *testing.T) {
	load := func(field string, set map[string]string) *Mapping {
		text := "version: 1\ntickets: { t: { external_id: id } }\n" +
			"messages: { m: { body_text: body, sent_datetime: [at?, " + field + "], author: { email: { const: a@example.com } } } }\n"
		m, err := Load(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, "a.yaml", LoadOptions{Set: set})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	f := rowFile("id", "body")
	if err := load("$set.sent", nil).Bind(f); err == nil || !strings.Contains(err.Error(), "--set sent=") {
		t.Errorf("a flag that is needed: %v", err)
	}
	for _, c := range []struct {
		set  map[string]string
		code string
	}{{nil, codeSentMissing}, {map[string]string{"sent": "2020-01-02T03:04:05Z"}, ""}} {
		m := load("$set.sent?", c.set)
		if err := m.Bind(f); err != nil {
			t.Fatal(err)
		}
		var out Result
		m.Mapper(Env{Now: testNow}).Map(row(f, "1", "b"), &out)
		code := ""
		if len(out.Problems) > 0 {
			code = out.Problems[0].Code
		}
		if code != c.code {
			t.Errorf("%v: got %q, want %q", c.set, code, c.code)
		}
	}
}

// TestOptionalMember: an expression may read a column that is not there.
func TestOptionalMember(t *testing.T) {
	m := compiled(t, `version: 1
tickets: { t: { external_id: id, tags: { expr: 'split(item["tags?"] ?? "", ",")' } } }
messages: { m: { body_text: body, sent_datetime: at, author: { email: { const: a@example.com } } } }
`)
	for _, c := range []struct {
		columns, cells []string
		want           []string
	}{
		{[]string{"id", "body", "at"}, []string{"1", "b", "2020-01-02T03:04:05Z"}, nil},
		{[]string{"id", "body", "at", "tags"}, []string{"1", "b", "2020-01-02T03:04:05Z", "x,y"}, []string{"x", "y"}},
	} {
		f := rowFile(c.columns...)
		if err := m.Bind(f); err != nil {
			t.Fatal(err)
		}
		var out Result
		m.Mapper(Env{Now: testNow}).Map(row(f, c.cells...), &out)
		if len(out.Problems) > 0 || !slices.Equal(out.Tickets[0].Ticket.Tags, c.want) {
			t.Errorf("%v: %v %v", c.columns, out.Tickets[0].Ticket.Tags, out.Problems)
		}
	}
	var out Result
	m.Mapper(Env{Now: testNow}).Map(doc(t, docFile("a.json"), `{"id":1,"body":"b","at":"2020-01-02T03:04:05Z","tags":"x,y"}`), &out)
	if !slices.Equal(out.Tickets[0].Ticket.Tags, []string{"x", "y"}) {
		t.Errorf("in a document: %v", out.Tickets[0].Ticket.Tags)
	}
}
