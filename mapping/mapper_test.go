package mapping

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/sources"
)

// testNow is the run's clock in tests.
var testNow = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// compiled loads a mapping from YAML; further files of its folder are given as name, content pairs.
func compiled(t testing.TB, yaml string, files ...string) *Mapping {
	t.Helper()
	m, err := tryCompile(yaml, files...)
	if err != nil {
		t.Fatalf("loading the mapping: %v", err)
	}
	return m
}

func tryCompile(yaml string, files ...string) (*Mapping, error) {
	fsys := fstest.MapFS{"m.yaml": {Data: []byte(yaml)}}
	for i := 0; i+1 < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return Load(fsys, "m.yaml", LoadOptions{Set: map[string]string{"day": "2020-05-06T07:08:09Z"}})
}

// rowFile is a CSV file of those columns.
func rowFile(columns ...string) *sources.File {
	return &sources.File{Name: "in/export.csv", Base: "export.csv", Format: sources.CSV, Columns: columns, Modified: "2024-01-01T00:00:00Z"}
}

func row(f *sources.File, cells ...string) *sources.Record {
	return &sources.Record{File: f, Fields: cells, Origin: sources.Origin{File: f.Name, Line: 2}}
}

func docFile(base string) *sources.File {
	return &sources.File{Name: "in/" + base, Base: base, Format: sources.JSON, Modified: "2024-01-01T00:00:00Z"}
}

// doc is a record of a document.
func doc(t testing.TB, f *sources.File, text string) *sources.Record {
	t.Helper()
	r := &sources.Record{File: f, Raw: []byte(text), Origin: sources.Origin{File: f.Name}}
	d := jsontext.NewDecoder(strings.NewReader(text))
	if err := readNode(d, r, ""); err != nil {
		t.Fatalf("reading %s: %v", text, err)
	}
	return r
}

func readNode(d *jsontext.Decoder, r *sources.Record, name string) error {
	tok, err := d.ReadToken()
	if err != nil {
		return err
	}
	i := len(r.Nodes)
	r.Nodes = append(r.Nodes, sources.Node{Name: strings.Clone(name)})
	switch k := tok.Kind(); k {
	case '"':
		r.Nodes[i].Kind, r.Nodes[i].Text = sources.String, strings.Clone(tok.String())
	case '0':
		r.Nodes[i].Kind, r.Nodes[i].Text = sources.Number, strings.Clone(tok.String())
	case 't', 'f':
		r.Nodes[i].Kind, r.Nodes[i].Text = sources.Bool, strings.Clone(tok.String())
	case '[', '{':
		r.Nodes[i].Kind = sources.Array
		if k == '{' {
			r.Nodes[i].Kind = sources.Object
		}
		last := int32(0)
		for d.PeekKind() != ']' && d.PeekKind() != '}' {
			key := ""
			if k == '{' {
				t, err := d.ReadToken()
				if err != nil {
					return err
				}
				key = strings.Clone(t.String())
			}
			at := int32(len(r.Nodes))
			if err := readNode(d, r, key); err != nil {
				return err
			}
			if last == 0 {
				r.Nodes[i].First = at
			} else {
				r.Nodes[last].Next = at
			}
			last = at
		}
		_, err = d.ReadToken()
	}
	return err
}

// mapped maps one record.
func mapped(t testing.TB, m *Mapping, r *sources.Record) *Result {
	t.Helper()
	if err := m.Bind(r.File); err != nil {
		t.Fatalf("binding: %v", err)
	}
	out := &Result{}
	m.Mapper(Env{Now: testNow}).Map(r, out)
	return out
}

// problemsOf lists problems as "code field value".
func problemsOf(out *Result) string {
	var list []string
	for _, p := range out.Problems {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s", p.Code, p.Field, p.Value)))
	}
	return strings.Join(list, "; ")
}

const simple = `
version: 1
tickets:
  ticket: { external_id: ticket_id, subject: subject, customer: { email: requester_email } }
messages:
  message: { external_id: message_id, author: author_email, channel: { const: email }, body_text: body, sent_datetime: created_at }
people: { agents: ["@acme.com"] }
`

func TestSimplestMapping(t *testing.T) {
	m := compiled(t, simple)
	f := rowFile("ticket_id", "subject", "requester_email", "message_id", "author_email", "body", "created_at")
	r := row(f, "7.0", " Hello ", "Ann@Example.com", "m1", "bob@acme.com", "  Hi\n", "2024-05-06T07:08:09Z")
	r.Ordinal = 1000
	out := mapped(t, m, r)
	if out.State != Mapped || len(out.Problems) > 0 {
		t.Fatalf("state %v, problems %s", out.State, problemsOf(out))
	}
	tk, ms := out.Tickets[0], out.Messages[0]
	if tk.Key != "7" || tk.Ticket.Subject != "Hello" || tk.Customer.Email != "ann@example.com" || tk.Rule != "tickets.ticket" {
		t.Errorf("ticket %+v", tk)
	}
	if ms.Ticket != "7" || ms.Message.ExternalID != "m1" || ms.Author.Email != "bob@acme.com" || ms.Message.Channel != "email" ||
		ms.Message.BodyText != "  Hi\n" || !ms.Message.Public || ms.HashID || ms.FromAgent != Unknown {
		t.Errorf("message %+v", ms)
	}
	if got := ms.Message.SentDatetime.Time(); !got.Equal(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)) {
		t.Errorf("sent %v", got)
	}
	if !tk.At.Equal(ms.Message.SentDatetime.Time()) {
		t.Errorf("the ticket fact's time is %v", tk.At)
	}
	if ms.Message.Size < 1000 || ms.Content == [16]byte{} || ms.Seq != 1000 {
		t.Errorf("size %d, content %x, seq %d", ms.Message.Size, ms.Content, ms.Seq)
	}
}

const zendesk = `
version: 1
source: { timezone: Europe/Paris, empty: [NULL, N/A] }
inputs:
  tickets: { files: "tickets*.json" }
  users:   { files: "users*.json", optional: true }
tables:
  status: { new: open, open: open, pending: open, hold: open, solved: closed, closed: closed }
people:
  from:
    users: { input: users, id: id, email: email, name: name, agent: { is: { role: [agent, admin] } } }
  agents: ["@acme.com"]
  unknown: agent
  no_email: "zendesk-{id}@import.invalid"
tickets:
  ticket:
    input: tickets
    external_id: id
    version: updated_at
    subject: subject
    status: { from: status, table: status }
    tags: { all: [tags, { const: imported }] }
    customer: { id: [requester.id, requester_id], email: requester.email, name: requester.name }
    created_datetime: created_at
    custom_fields: { Product: "custom_fields[id=360001].value", Level: "custom_fields[id=2].value", List: "custom_fields[id=3].value" }
    skip: { deleted: { status: deleted } }
messages:
  comment:
    each: comments
    external_id: id
    author: author_id
    internal: { is: { public: { not: true } } }
    channel: { from: via.channel, table: { email: email, web: contact_form, "*": api } }
    body_html: html_body
    sent_datetime: created_at
    attachments: { each: attachments, url: content_url, name: file_name, content_type: content_type, size: size }
  description:
    fallback: true
    external_id: { text: "{id}-description" }
    author: [requester.id, requester_id]
    body_text: description
    sent_datetime: created_at
ignore: [url, metadata]
`

const zendeskTicket = `{"id":123,"url":"https://x/1","subject":"Help","status":"Pending","tags":["a","b","a"],"requester":{"id":9,"name":"Ann","email":"ann@x.org"},
"requester_id":null,"created_at":"2016-05-02T09:12:44Z","updated_at":"2016-05-03T09:12:44Z","description":"first",
"custom_fields":[{"id":360001,"value":"Boat"},{"id":2,"value":7},{"id":3,"value":["x","y"]}],"satisfaction":{"score":"good"},
"comments":[
 {"id":1,"author_id":9,"html_body":"<p>first</p>","public":true,"via":{"channel":"web"},"created_at":"2016-05-02T09:12:44Z","metadata":{"ip":"1"},
  "attachments":[{"file_name":"a.png","content_url":"https://f/a.png","content_type":"image/png","size":12,"inline":false}]},
 {"id":2,"author_id":7,"html_body":"<p>note</p>","public":false,"via":{"channel":"email"},"created_at":"2016-05-02T10:12:44Z","attachments":[]},
 {"id":3,"author_id":7,"html_body":"<p>absent is internal</p>","via":{"channel":"fax"},"created_at":"2016-05-02T11:12:44Z"}]}`

func TestDesignExample(t *testing.T) {
	m := compiled(t, zendesk)
	out := mapped(t, m, doc(t, docFile("tickets1.json"), zendeskTicket))
	if out.State != Mapped || len(out.Problems) > 0 {
		t.Fatalf("state %v, problems %s", out.State, problemsOf(out))
	}
	tk := out.Tickets[0]
	if tk.Key != "123" || tk.Ticket.Status != "open" || tk.Customer != (PersonRef{ID: "9", Email: "ann@x.org", Name: "Ann"}) {
		t.Errorf("ticket %+v", tk)
	}
	if got := strings.Join(tk.Ticket.Tags, ","); got != "a,b,imported" {
		t.Errorf("tags %s", got)
	}
	want := []CustomField{{"Product", "Boat", "string"}, {"Level", "7", "number"}, {"List", "x, y", "string"}}
	if !slices.Equal(tk.Ticket.CustomFields, want) {
		t.Errorf("custom fields %+v", tk.Ticket.CustomFields)
	}
	if len(out.Messages) != 3 {
		t.Fatalf("%d messages: the fallback is not needed", len(out.Messages))
	}
	for i, want := range []struct {
		id, channel string
		internal    bool
	}{{"1", "contact_form", false}, {"2", "internal-note", true}, {"3", "internal-note", true}} {
		f := out.Messages[i]
		if f.Message.ExternalID != want.id || f.Message.Channel != want.channel || f.Internal != want.internal || f.Message.Public == want.internal || f.Ticket != "123" {
			t.Errorf("message %d: %+v", i, f)
		}
	}
	if got := out.Messages[0].Message.Attachments; len(got) != 1 || got[0] != (Attachment{URL: "https://f/a.png", Name: "a.png", ContentType: "image/png", Size: 12}) {
		t.Errorf("attachments %+v", got)
	}
	if len(out.People) != 1 || out.People[0].Ruled || out.People[0].ID != "9" {
		t.Errorf("people %+v", out.People)
	}
}

func TestFallbackAndSkip(t *testing.T) {
	m := compiled(t, zendesk)
	f := docFile("tickets1.json")
	out := mapped(t, m, doc(t, f, `{"id":5,"requester_id":3,"description":"hi","created_at":"2016-05-02T09:12:44Z","status":"new","comments":[]}`))
	if out.State != Mapped || len(out.Messages) != 1 || !out.Messages[0].Fallback || out.Messages[0].Message.ExternalID != "5-description" || out.Messages[0].Author.ID != "3" {
		t.Errorf("%v %s %+v", out.State, problemsOf(out), out.Messages)
	}
	out = mapped(t, m, doc(t, f, `{"id":5,"status":"deleted","comments":[{"id":1,"created_at":"broken"}]}`))
	if out.State != Skipped || out.Reason != "deleted" || out.Messages[0].State != Skipped || out.Messages[0].Reason != "deleted" || out.Messages[0].Ticket != "5" {
		t.Errorf("%v %s %s %+v", out.State, out.Reason, problemsOf(out), out.Messages)
	}
	out = mapped(t, m, doc(t, f, `{"id":5,"status":"deleted","updated_at":"2020-01-02T00:00:00Z","comments":[{"id":1}]}`))
	if out.State != Skipped || out.Tickets[0].Version != "2020-01-02T00:00:00.000000000Z" {
		t.Errorf("a skipped record has its version: %+v", out.Tickets)
	}
	out = mapped(t, m, doc(t, f, `{"id":5,"description":" ","created_at":"2016-05-02T09:12:44Z","requester_id":3,"status":"new","comments":[]}`))
	if out.State != Mapped || len(out.Messages) != 0 || len(out.Problems) != 0 {
		t.Errorf("an empty fallback is none: %v %s %+v", out.State, problemsOf(out), out.Messages)
	}
	out = mapped(t, m, doc(t, docFile("users.json"), `{"id":7,"email":"Bob@acme.com","name":"Bob","role":"Admin"}`))
	if out.State != Mapped || len(out.People) != 1 || out.People[0] != (PersonFact{PersonRef{"7", "bob@acme.com", "Bob", Yes}, true}) {
		t.Errorf("%v %s %+v", out.State, problemsOf(out), out.People)
	}
	out = mapped(t, m, doc(t, docFile("groups.json"), `{"id":7}`))
	if out.State != Rejected || problemsOf(out) != "record.no_input  id=7" {
		t.Errorf("%v %s", out.State, problemsOf(out))
	}
	out = mapped(t, m, doc(t, f, `{"id":"","tags":[],"comments":[{}],"x":null}`))
	if out.State != Skipped || out.Reason != "blank" {
		t.Errorf("%v %s", out.State, out.Reason)
	}
}

// valueCase maps one value of one field and says what comes of it.
type valueCase struct {
	name, value string // YAML of the field
	record      string // JSON, or cells a|b|c
	want        string
	problems    string
}

func TestTextValues(t *testing.T) {
	for _, c := range []valueCase{
		{"field", `s`, `{"s":" a "}`, "a", ""},
		{"number", `s`, `{"s":12345678901234567890}`, "12345678901234567890", ""},
		{"bool", `s`, `{"s":true}`, "true", ""},
		{"null", `s`, `{"s":null,"k":1}`, "", ""},
		{"empty word", `s`, `{"s":" NULL "}`, "", ""},
		{"empty list", `s`, `{"s":[],"k":1}`, "", ""},
		{"list takes the first present", `s`, `{"s":[null,"",{},"b","c"]}`, "b", ""},
		{"object", `s`, `{"s":{"a":1,"b":2}}`, "", "value.object subject {a, b}"},
		{"const", `{ const: x }`, `{"s":1}`, "x", ""},
		{"first", `[a, b]`, `{"a":" ","b":"2"}`, "2", ""},
		{"first of none", `[a, b]`, `{"s":"2"}`, "", ""},
		{"text", `{ text: "{a}-{b}" }`, `{"a":"1","b":"2"}`, "1-2", ""},
		{"text with absent part", `{ text: "{a}-{b}" }`, `{"a":"1"}`, "1-", ""},
		{"text all absent", `{ text: "{a}-{b}" }`, `{"s":"1"}`, "", ""},
		{"text braces", `{ text: "{{{a}}}" }`, `{"a":"1"}`, "{1}", ""},
		{"lower", `{ from: s, lower: true }`, `{"s":"AbÇ"}`, "abç", ""},
		{"upper", `{ from: s, upper: true }`, `{"s":"ab"}`, "AB", ""},
		{"html", `{ from: s, html: true }`, `{"s":"<b>a</b> &amp; b"}`, "a & b", ""},
		{"match group", `{ from: s, match: 'id-(\d+)' }`, `{"s":"x id-42 y"}`, "42", ""},
		{"match whole", `{ from: s, match: '\d+' }`, `{"s":"x id-42 y"}`, "42", ""},
		{"no match", `{ from: s, match: '\d+', default: none }`, `{"s":"x"}`, "none", ""},
		{"match skips to the next value", `{ from: "s[]", match: '\d+' }`, `{"s":["x","7"]}`, "7", ""},
		{"split takes the first", `{ from: s, split: "," }`, `{"s":" , b,c"}`, "b", ""},
		{"table any case", `{ from: s, table: { ab: X, "2": Y } }`, `{"s":"AB"}`, "X", ""},
		{"table number", `{ from: s, table: { "2": Y } }`, `{"s":2.0}`, "Y", ""},
		{"table star", `{ from: s, table: { a: X, "*": Z } }`, `{"s":"q"}`, "Z", ""},
		{"table absent", `{ from: s, table: { a: X, "": N } }`, `{"k":"q"}`, "N", ""},
		{"table to null", `{ from: s, table: { a: null }, default: D }`, `{"s":"a"}`, "D", ""},
		{"table unknown", `{ from: s, table: { a: X }, default: D }`, `{"s":"q"}`, "", "table.unknown subject q"},
		{"failed is not passed over", `[{ from: s, table: { a: X } }, b]`, `{"s":"q","b":"1"}`, "", "table.unknown subject q"},
		{"default", `{ from: s, default: D }`, `{"k":1}`, "D", ""},
		{"when false", `{ from: s, when: { k: "2" }, default: D }`, `{"k":1,"s":"x"}`, "D", ""},
		{"when true", `{ from: s, when: { k: "1" } }`, `{"k":1,"s":"x"}`, "x", ""},
		{"warn", `[a, { from: s, warn: no a }]`, `{"s":"x"}`, "x", "value.warn subject no a"},
		{"warn not taken", `[a, { from: s, warn: no a }]`, `{"a":1,"s":"x"}`, "1", ""},
		{"is", `{ is: { s: x } }`, `{"s":"X"}`, "true", ""},
		{"expr", `{ expr: "item.a + '/' + string(record.b)" }`, `{"a":"1","b":2}`, "1/2", ""},
		{"expr absent", `{ expr: "item.a" }`, `{"k":"1"}`, "", ""},
		{"expr list", `{ expr: "filter(item.a, # > 1)" }`, `{"a":[1,2,3]}`, "2", ""},
		{"expr file and set", `{ expr: "file.name + set.day" }`, `{"a":1}`, "x.json2020-05-06T07:08:09Z", ""},
		{"expr fails", `{ expr: "item.a.b.c" }`, `{"k":1}`, "", "expr.failed subject cannot fetch b from <nil>"},
		{"expr big int", `{ expr: "item.a" }`, `{"a":123456789012345678901234567890}`, "123456789012345678901234567890", ""},
		{"scope file", `$file.name`, `{"k":1}`, "x.json", ""},
		{"scope modified", `$file.modified`, `{"k":1}`, "2024-01-01T00:00:00Z", ""},
		{"scope set", `$set.day`, `{"k":1}`, "2020-05-06T07:08:09Z", ""},
		{"scope record", `$.s`, `{"s":1}`, "1", ""},
		{"NUL", `s`, "{\"s\":\"a\\u0000b\"}", "ab", "text.nul subject a\x00b"},
		{"index", `"l[1].x"`, `{"l":[{"x":1},{"x":2}]}`, "2", ""},
		{"last", `"l[-1].x"`, `{"l":[{"x":1},{"x":2}]}`, "2", ""},
		{"out of range", `"l[-5].x"`, `{"l":[{"x":1},{"x":2}]}`, "", ""},
		{"filter", `"l[k=b].x"`, `{"l":[{"k":"a","x":1},{"k":"b","x":2}]}`, "2", ""},
		{"quoted key", `'"a.b".c'`, `{"a.b":{"c":"q"}}`, "q", ""},
		{"items of an object", `"l[].x"`, `{"l":{"0":{"x":5},"1":{"x":6}}}`, "5", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := compiled(t, `
version: 1
source: { empty: [NULL] }
tickets:
  t: { subject: `+c.value+` }
messages:
  m: { when: { never: yes-never }, sent_datetime: at }
`)
			out := mapped(t, m, doc(t, docFile("x.json"), c.record))
			if got := out.Tickets[0].Ticket.Subject; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := problemsOf(out); got != c.problems {
				t.Errorf("problems %q, want %q", got, c.problems)
			}
		})
	}
}
