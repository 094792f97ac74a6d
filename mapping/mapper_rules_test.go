package mapping

import (
	"fmt"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/sources"
)

// field maps one message whose field is given in YAML, and shows the fact's part by show.
func mapField(t *testing.T, field, record string, source string) (*Result, *MessageFact) {
	t.Helper()
	m := compiled(t, `
version: 1
source: { name: src, `+source+` }
tickets:
  t: { external_id: id }
messages:
  m:
    external_id: id
    body_text: { const: x }
    `+field+`
`)
	out := mapped(t, m, doc(t, docFile("x.json"), record))
	if len(out.Messages) != 1 {
		t.Fatalf("%d messages, problems %s", len(out.Messages), problemsOf(out))
	}
	return out, &out.Messages[0]
}

func TestMessageFields(t *testing.T) {
	show := map[string]func(*MessageFact) string{
		"author":     func(m *MessageFact) string { return fmt.Sprint(m.Author) },
		"to":         func(m *MessageFact) string { return fmt.Sprint(m.Message.To) },
		"channel":    func(m *MessageFact) string { return m.Message.Channel },
		"from_agent": func(m *MessageFact) string { return fmt.Sprint(m.FromAgent) },
		"internal": func(m *MessageFact) string {
			return fmt.Sprintf("%t %t %s", m.Internal, m.Message.Public, m.Message.Channel)
		},
		"integration":  func(m *MessageFact) string { return fmt.Sprint(m.Message.IntegrationID) },
		"attachments":  func(m *MessageFact) string { return fmt.Sprint(m.Message.Attachments) },
		"headers":      func(m *MessageFact) string { return fmt.Sprint(m.Message.Headers) },
		"from_address": func(m *MessageFact) string { return fmt.Sprint(m.Message.From) },
		"message_id":   func(m *MessageFact) string { return fmt.Sprint(len(m.Message.MessageID)) },
	}
	for _, c := range []struct{ show, field, record, want, problems string }{
		{"author", `author: a`, `"a":"X@Y.org"`, "{ x@y.org  0}", ""},
		{"author", `author: a`, `"a":12.0`, "{12   0}", ""},
		{"author", `author: a`, `"a":"Ann <x@y.org>"`, "{ x@y.org Ann 0}", ""},
		{"author", `author: a`, `"a":"x@y@z"`, "{   0}", "email.invalid author x@y@z"},
		{"author", `author: a`, `"a":{"id":1,"email":"b@c.d"}`, "{   0}", "value.object author {id, email}"},
		{"author", `author: { id: a, email: e, name: n, agent: g }`, `"a":1,"e":"B@c.de","n":"N","g":"no"`, "{1 b@c.de N 1}", ""},
		{"author", `author: [{ id: a, email: e }, b]`, `"b":"q"`, "{q   0}", ""},
		{"author", `author: [{ id: a, email: e }, b]`, `"e":"broken@","b":"q"`, "{   0}", "email.invalid author.email broken@"},
		{"author", `author: { text: "{t}:{a}" }`, `"t":"user","a":4`, "{user:4   0}", ""},
		{"author", `author: [a, { const: bot@acme.com }]`, `"b":"q"`, "{ bot@acme.com  0}", ""},
		{"to", `to: { all: [a, b] }`, `"a":["x@y.org","Ann <z@y.org>"],"b":"q@y.org, r@y.org"`, "[{ x@y.org} {Ann z@y.org} { q@y.org} { r@y.org}]", ""},
		{"to", `to: a`, `"a":["+31 20 1234", 77]`, "[{ +31 20 1234} { 77}]", ""},
		{"to", `to: a`, `"a":"12.0; 13"`, "[{ 12} { 13}]", ""},
		{"to", `to: a`, `"a":"x@@y"`, "[]", "address.invalid to x@@y"},
		{"to", `to: { each: r, address: h, name: n }`, `"r":[{"h":"x@y.org","n":"X"},{"n":"none"},{"h":"z@y.org"}]`, "[{X x@y.org} { z@y.org}]", ""},
		{"to", `to: { each: r, address: h, name: n }`, `"r":{"h":"x@y.org"}`, "[{ x@y.org}]", ""},
		{"to", `to: { each: "r[role=to]", address: h }`, `"r":[{"h":"x@y.org","role":"to"},{"h":"z@y.org","role":"cc"}]`, "[{ x@y.org}]", ""},
		{"to", `to: [{ each: r, address: h }, b]`, `"r":[],"b":"x@y.org"`, "[{ x@y.org}]", ""},
		{"from_address", `from_address: a`, `"a":"Sup <s@y.org>"`, "{Sup s@y.org}", ""},
		{"channel", `channel: c`, `"c":"EMAIL"`, "email", ""},
		{"channel", `channel: c`, `"c":"my-widget"`, "my-widget", "channel.custom channel my-widget"},
		{"channel", `channel: c`, `"c":"Live Chat"`, "", "value.enum channel Live Chat"},
		{"internal", `internal: i`, `"i":"Y"`, "true false internal-note", ""},
		{"internal", `internal: i`, `"i":"oui"`, "false true ", "value.bool internal oui"},
		{"internal", `internal: { from: i, table: { oui: true, non: false } }`, `"i":"Non"`, "false true ", ""},
		{"internal", `internal: { is: { public: { not: true } } }`, `"public":"oui"`, "true false internal-note", "value.bool public oui"},
		{"internal", `channel: c`, `"c":"internal-note"`, "true false internal-note", ""},
		{"from_agent", `from_agent: i`, `"i":1`, "2", ""},
		{"from_agent", `from_agent: i`, `"i":"F"`, "1", ""},
		{"from_agent", `from_agent: i`, `"k":"F"`, "0", ""},
		{"integration", `integration_id: i`, `"i":"12.0"`, "12", ""},
		{"integration", `integration_id: i`, `"i":-3`, "0", "value.number integration_id -3"},
		{"attachments", `attachments: { from: f, split: "|" }`, `"f":"https://a/1|https://a/2"`, "[{https://a/1    0 } {https://a/2    0 }]", ""},
		{"attachments", `attachments: { each: f, split: "|", url: "." }`, `"f":"https://a/1| https://a/2 "`, "[{https://a/1    0 } {https://a/2    0 }]", ""},
		{"attachments", `attachments: { each: f, url: u, size: s }`, `"f":{"u":"https://a/1","s":"12"}`, "[{https://a/1    12 }]", ""},
		{"attachments", `attachments: { each: f, url: u, name: n, size: s }`, `"f":[{"n":"gone"},{"u":"a/b.png","s":"12 KB"}]`, "[{a/b.png    0 }]",
			"attachment.no_url attachments gone; attachment.size attachments.size 12 KB; attachment.url attachments a/b.png"},
		{"attachments", `attachments: { url: u, data: d, content_type: c }`, `"u":"https://a/1","d":"data:image/png;base64,QUI="`, "[{ QUI=  image/png 0 }]", ""},
		{"attachments", `attachments: { data: d }`, `"d":"###"`, "[]", "attachment.data attachments ###"},
		{"headers", `headers: { X-A: a, X-B: b, X-C: c }`, `"a":1,"b":{"k":[1,"x"]}`, `[{X-A 1} {X-B {"k":[1,"x"]}}]`, ""},
		{"message_id", `message_id: a`, `"a":"` + strings.Repeat("é", 999) + `"`, "0", "text.too_long message_id " + strings.Repeat("é", 98) + "…"},
	} {
		t.Run(c.field+" "+c.record[:min(40, len(c.record))], func(t *testing.T) {
			out, m := mapField(t, c.field+"\n    sent_datetime: at", `{"id":1,"at":"2020-01-01T00:00:00Z",`+c.record+`}`, "")
			if got := show[c.show](m); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if got := problemsOf(out); got != c.problems {
				t.Errorf("problems %q, want %q", got, c.problems)
			}
			checkStates(t, out)
		})
	}
}

// checkStates holds what every result must hold.
func checkStates(t testing.TB, out *Result) {
	t.Helper()
	errors := 0
	for _, p := range out.Problems {
		if p.Severity == Error {
			errors++
		}
		if p.Code == "" || p.Hint == "" && p.Code != codeValueWarn && p.Code != codeRuleWarn || len(p.Value) > maxExcerpt {
			t.Errorf("problem %+v", p)
		}
	}
	if (errors > 0) != (out.State == Rejected) {
		t.Errorf("state %v with %d errors", out.State, errors)
	}
	if (out.Reason != "") != (out.State == Skipped) {
		t.Errorf("state %v with reason %q", out.State, out.Reason)
	}
	for _, m := range out.Messages {
		if m.State == Mapped && (!m.Message.SentDatetime.IsValid() || m.Ticket == "" || m.Message.ExternalID == "") {
			t.Errorf("a mapped message without time, ticket or id: %+v", m)
		}
		if m.State == Rejected && out.State != Rejected {
			t.Errorf("a rejected message in a record that is %v", out.State)
		}
	}
	for _, k := range out.Tickets {
		if k.State == Mapped && k.Key == "" {
			t.Errorf("a mapped ticket without a key: %+v", k)
		}
	}
}

func TestSentTimes(t *testing.T) {
	for _, c := range []struct{ name, field, source, record, want, problems string }{
		{"iso", `sent_datetime: at`, "", `"at":"2020-01-02T03:04:05.123456789+02:00"`, "2020-01-02T01:04:05.123456Z", ""},
		{"missing", `sent_datetime: at`, "", `"x":1`, "", "sent_datetime.missing sent_datetime"},
		{"unreadable", `sent_datetime: at`, "", `"at":"soon"`, "", "sent_datetime.unreadable sent_datetime soon"},
		{"future", `sent_datetime: at`, "", `"at":"2030-01-02T03:04:05Z"`, "", "sent_datetime.future sent_datetime 2030-01-02T03:04:05Z"},
		{"too old", `sent_datetime: at`, "", `"at":"1969-12-31T23:59:59Z"`, "", "sent_datetime.too_old sent_datetime 1969-12-31T23:59:59Z"},
		{"no zone", `sent_datetime: at`, "", `"at":"2020-01-02 03:04:05"`, "", "time.no_zone sent_datetime 2020-01-02 03:04:05"},
		{"zone of the source", `sent_datetime: at`, "timezone: Europe/Paris", `"at":"2020-01-02 03:04:05"`, "2020-01-02T02:04:05Z", ""},
		{"zone of the value", `sent_datetime: { from: at, timezone: Asia/Tokyo }`, "timezone: Europe/Paris", `"at":"2020-01-02 03:04:05"`, "2020-01-01T18:04:05Z", ""},
		{"gap", `sent_datetime: at`, "timezone: Europe/Paris", `"at":"2020-03-29 02:30:00"`, "2020-03-29T01:30:00Z", "time.dst_gap sent_datetime 2020-03-29 02:30:00"},
		{"overlap", `sent_datetime: at`, "timezone: Europe/Paris", `"at":"2020-10-25 02:30:00"`, "2020-10-25T00:30:00Z", "time.dst_overlap sent_datetime 2020-10-25 02:30:00"},
		{"dmy", `sent_datetime: { from: at, layout: dmy }`, "timezone: UTC", `"at":"03/04/2021"`, "2021-04-03T00:00:00Z", ""},
		{"epoch", `sent_datetime: { from: at, layout: epoch }`, "", `"at":1453770984.123`, "2016-01-26T01:16:24.123Z", ""},
		{"alternatives with their layouts", `sent_datetime: [{ from: a, layout: epoch_ms }, { from: b, layout: mdy }]`, "timezone: UTC", `"b":"03/04/2021"`, "2021-03-04T00:00:00Z", ""},
		{"list of layouts", `sent_datetime: { from: [a, b], layout: ["%Y.%m.%d", epoch] }`, "timezone: UTC", `"b":"2021.03.04"`, "2021-03-04T00:00:00Z", ""},
		{"a failed one is not passed over", `sent_datetime: [at, b]`, "", `"at":"soon","b":"2020-01-02T03:04:05Z"`, "", "sent_datetime.unreadable sent_datetime soon"},
		{"default", `sent_datetime: { from: at, default: "2020-01-02T03:04:05Z" }`, "", `"x":1`, "2020-01-02T03:04:05Z", ""},
		{"set", `sent_datetime: [at, $set.day]`, "", `"x":1`, "2020-05-06T07:08:09Z", ""},
		{"cut by match first", `sent_datetime: { from: at, match: 'on (.*)' }`, "", `"at":"on 2020-01-02T03:04:05Z"`, "2020-01-02T03:04:05Z", ""},
		{"object", `sent_datetime: at`, "", `"at":{"date":1}`, "", "value.object sent_datetime {date}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, m := mapField(t, c.field, `{"id":1,`+c.record+`}`, c.source)
			got := ""
			if m.Message.SentDatetime.IsValid() {
				got = m.Message.SentDatetime.Time().Format("2006-01-02T15:04:05.999999999Z07:00")
			}
			if got != c.want {
				t.Errorf("sent %q, want %q", got, c.want)
			}
			if p := problemsOf(out); p != c.problems {
				t.Errorf("problems %q, want %q", p, c.problems)
			}
			if (m.State == Rejected) != (c.want == "") {
				t.Errorf("state %v", m.State)
			}
			checkStates(t, out)
		})
	}
	out, m := mapField(t, `sent_datetime: { from: at, future: skip }`, `{"id":1,"at":"2030-01-02T03:04:05Z"}`, "")
	if m.State != Skipped || !m.Future || m.Reason != "scheduled" || out.State != Mapped || len(out.Problems) > 0 {
		t.Errorf("scheduled: %v %s %v %s", m.State, m.Reason, out.State, problemsOf(out))
	}
}

func TestIDs(t *testing.T) {
	m := compiled(t, `
version: 1
tickets: { t: { external_id: id } }
messages:
  a: { ticket: { text: "{kind}-{id}" }, external_id: mid, sent_datetime: at, body_text: at }
`)
	for _, c := range []struct{ record, key, id, problems string }{
		{`"id":3.0,"kind":"k","mid":"0010"`, "k-3", "0010", ""},
		{`"id":"1.23E+15","kind":"k","mid":1`, "", "1", "id.exponent external_id 1.23E+15; id.exponent ticket 1.23E+15"},
		{`"id":1,"mid":1`, "", "1", "id.part_missing ticket -1"},
		{`"mid":1`, "", "1", "external_id.missing external_id; message.no_ticket ticket"},
		{`"id":"a","kind":"k"`, "k-a", "", "external_id.missing external_id"},
		{`"id":"1e5","kind":"k","mid":"2E10"`, "k-1e5", "2E10", ""},
		{`"id":{"x":1},"kind":"k","mid":[9]`, "", "9", "value.object external_id {x}; value.object ticket {x}"},
	} {
		out := mapped(t, m, doc(t, docFile("x.json"), `{"at":"2020-01-01T00:00:00Z",`+c.record+`}`))
		if got := out.Messages[0]; got.Ticket != c.key || got.Message.ExternalID != c.id || problemsOf(out) != c.problems {
			t.Errorf("%s: key %q, id %q, problems %q", c.record, got.Ticket, got.Message.ExternalID, problemsOf(out))
		}
		checkStates(t, out)
	}
}

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		cond, record string
		want         bool
	}{
		{`{ a: x }`, `"a":"X"`, true}, {`{ a: x }`, `"a":"y"`, false}, {`{ a: x }`, `"b":1`, false},
		{`{ a: "3" }`, `"a":3.0`, true}, {`{ a: 3 }`, `"a":"3"`, true},
		{`{ a: true }`, `"a":"yes"`, true}, {`{ a: false }`, `"a":0`, true}, {`{ a: false }`, `"b":0`, false},
		{`{ a: [x, y] }`, `"a":"y"`, true}, {`{ a: [x, y] }`, `"a":["q","y"]`, true}, {`{ a: [absent] }`, `"a":"absent"`, true},
		{`{ a: absent }`, `"a":" "`, true}, {`{ a: absent }`, `"a":[]`, true}, {`{ a: absent }`, `"a":"absent"`, false},
		{`{ a: present }`, `"a":0`, true}, {`{ a: present }`, `"a":null`, false}, {`{ a: present }`, `"a":{"x":1}`, true},
		{`{ a: { not: x } }`, `"b":1`, true}, {`{ a: { not: x } }`, `"a":"x"`, false}, {`{ a: { not: absent } }`, `"a":"x"`, true},
		{`{ a: { match: '^x\d' } }`, `"a":"x1"`, true}, {`{ a: { match: x } }`, `"b":"x1"`, false},
		{`{ a: { same_as: b } }`, `"a":"1.0","b":1`, true}, {`{ a: { same_as: b } }`, `"a":"1"`, false}, {`{ a: { same_as: b } }`, `"c":"1"`, false},
		{`{ a: x, b: y }`, `"a":"x","b":"y"`, true}, {`{ a: x, b: y }`, `"a":"x"`, false},
		{`[{ a: x }, { b: y }]`, `"b":"y"`, true}, {`[{ a: x }, { b: y }]`, `"b":"z"`, false},
		{`{ expr: "item.a > 2" }`, `"a":3`, true}, {`{ expr: "len(item.a) > 2" }`, `"a":"ab"`, false},
		{`{ "c[].d": z }`, `"c":[{"d":"y"},{"d":"z"}]`, true},
	} {
		m := compiled(t, "version: 1\ntickets:\n  t: { external_id: id, spam: { is: "+c.cond+" } }\nmessages: { m: { when: { no: no way }, sent_datetime: at } }\n")
		out := mapped(t, m, doc(t, docFile("x.json"), `{"id":1,`+c.record+`}`))
		if out.Tickets[0].Ticket.Spam != c.want || len(out.Problems) > 0 {
			t.Errorf("%s of %s: %t %s", c.cond, c.record, out.Tickets[0].Ticket.Spam, problemsOf(out))
		}
	}
}

func TestNothingIsDropped(t *testing.T) {
	m := compiled(t, `
version: 1
tickets:
  t: { external_id: id, when: { type: ticket } }
messages:
  reply: { each: parts, when: { kind: reply }, skip: { draft: { draft: true } }, warn: { odd: { odd: true } }, external_id: id, sent_datetime: at, body_text: b, newest_first: true }
  note:  { each: parts, when: { kind: note }, external_id: id, sent_datetime: at, body_text: b, internal: true }
`)
	f := docFile("x.json")
	r := doc(t, f, `{"id":1,"type":"ticket","parts":[
		{"id":1,"kind":"reply","at":"2020-01-01T00:00:00Z","b":"x","odd":true},
		{"id":2,"kind":"note","at":"2020-01-01T00:00:00Z","b":"x"},
		{"id":3,"kind":"event"},
		{}, null,
		{"id":4,"kind":"reply","draft":true},
		{"id":5,"kind":"reply","at":"bad","b":""}]}`)
	r.Ordinal = 5000
	out := mapped(t, m, r)
	if got := problemsOf(out); got != "rule.warn warn.odd odd; record.no_rule  id=3, kind=event; sent_datetime.unreadable sent_datetime bad; message.empty body_text 5" {
		t.Errorf("problems %s", got)
	}
	var states []string
	for _, f := range out.Messages {
		states = append(states, fmt.Sprintf("%s/%d%s/%d", f.Message.ExternalID, f.State, f.Reason, f.Seq-5000))
	}
	// Six items that are no null, two rules to each; replies run backwards.
	if got := strings.Join(states, " "); got != "1/0/10 2/0/3 /2/4 4/1draft/2 5/2/0" {
		t.Errorf("facts %s", got)
	}
	if out.Messages[0].Seq <= out.Messages[3].Seq {
		t.Errorf("newest first: seq %d of the first reply, %d of a later one", out.Messages[0].Seq, out.Messages[3].Seq)
	}
	checkStates(t, out)
	for record, want := range map[string]string{
		`{"id":1,"type":"other"}`:                            "record.no_rule  id=1, type=other",
		`{"id":1,"type":"other","parts":[{"kind":"reply"}]}`: "message.no_ticket ticket; external_id.missing external_id; sent_datetime.missing sent_datetime; message.empty body_text",
	} {
		if out := mapped(t, m, doc(t, f, record)); problemsOf(out) != want || out.State != Rejected {
			t.Errorf("%s: %v %s", record, out.State, problemsOf(out))
		}
	}
	lone := compiled(t, "version: 1\nmessages: { m: { each: parts, ticket: $.id, external_id: id, sent_datetime: at } }\n")
	if out := mapped(t, lone, doc(t, f, `{"id":1,"parts":[]}`)); out.State != Skipped || out.Reason != "no items" {
		t.Errorf("no items: %v %s", out.State, out.Reason)
	}
}

func TestAllProblemsOfARecord(t *testing.T) {
	m := compiled(t, `
version: 1
tables: { status: { open: open } }
tickets: { t: { external_id: id, status: { from: status, table: status }, tags: tags, language: lang, created_datetime: created, subject: subject } }
messages: { m: { author: from, sent_datetime: at, body_text: body } }
`)
	out := mapped(t, m, doc(t, docFile("x.json"), `{"status":"On-Hold","tags":["`+strings.Repeat("x", 257)+`","ok"],"lang":"klingon",
		"created":"1900-01-01T00:00:00Z","from":"a@b@c","subject":"`+strings.Repeat("s", 1000)+`"}`))
	var codes []string
	for _, p := range out.Problems {
		codes = append(codes, p.Code)
		if p.Code == codeTableUnknown && p.Hint != `tables.status: add  "On-Hold": open` {
			t.Errorf("hint %s", p.Hint)
		}
	}
	want := "external_id.missing table.unknown value.language time.too_old text.too_long sent_datetime.missing email.invalid message.empty"
	if got := strings.Join(codes, " "); got != want {
		t.Errorf("codes %s, want %s", got, want)
	}
	if tk := out.Tickets[0]; tk.State != Rejected || len(tk.Ticket.Subject) != 998 || len(tk.Ticket.Tags) != 2 || fmt.Sprint(tk.Ticket.Meta) != "[{original_subject "+strings.Repeat("s", 1000)+"}]" {
		t.Errorf("ticket %+v", tk)
	}
	if out.Messages[0].State != Rejected {
		t.Errorf("message %+v", out.Messages[0])
	}
}

func TestVersionText(t *testing.T) {
	sorted := []string{"2", "10", "10.5", "2020-01-01T01:00:00+02:00", "2020-01-01T00:00:00Z", "2021-01-01 00:00:00"}
	for i := 1; i < len(sorted); i++ {
		if versionText(sorted[i-1]) >= versionText(sorted[i]) {
			t.Errorf("%s is not before %s", sorted[i-1], sorted[i])
		}
	}
}

func TestInputsByPlaceAndCondition(t *testing.T) {
	m := compiled(t, `
version: 1
source: { encoding: windows-1252 }
inputs:
  tickets: { path: [tickets, data.items], when: { type: { not: event } } }
  users: { path: users }
  rest: { files: "*.csv", delimiter: ";" , path: "." }
people: { from: { u: { input: users, id: id, email: email } } }
tickets: { t: { input: [tickets, rest], external_id: id } }
messages: { m: { input: [tickets, rest], external_id: id, body_text: id, sent_datetime: at } }
`)
	o := m.SourceOptions("a.json")
	if fmt.Sprint(o.Places) != "[tickets data.items users]" || o.Encoding != "windows-1252" || m.SourceOptions("b.csv").Comma != 0 {
		t.Errorf("options %+v", o)
	}
	for place, want := range map[string]State{"tickets": Mapped, "data.items": Mapped, "users": Mapped, "": Rejected, "others": Rejected} {
		r := doc(t, docFile("a.json"), `{"id":1,"email":"a@b.cd","at":"2020-01-01T00:00:00Z"}`)
		r.Origin.Place = place
		if out := mapped(t, m, r); out.State != want {
			t.Errorf("%s: %v %s", place, out.State, problemsOf(out))
		}
	}
	r := doc(t, docFile("a.json"), `{"id":1,"type":"event"}`)
	r.Origin.Place = "tickets"
	if out := mapped(t, m, r); problemsOf(out) != "record.no_input when id=1, type=event" && problemsOf(out) != "record.no_input  id=1, type=event" {
		t.Errorf("%s", problemsOf(out))
	}
	if m.Name() != "source" {
		t.Errorf("name %s", m.Name())
	}
}

func TestResultIsTheCallers(t *testing.T) {
	m := compiled(t, zendesk)
	w := m.Mapper(Env{Now: testNow})
	out := &Result{}
	w.Map(doc(t, docFile("tickets1.json"), zendeskTicket), out)
	kept := append([]TicketFact(nil), out.Tickets...)
	out.Reset()
	w.Map(doc(t, docFile("tickets1.json"), strings.ReplaceAll(zendeskTicket, `["a","b","a"]`, `["z"]`)), out)
	if fmt.Sprint(kept[0].Ticket.Tags) != "[a b imported]" {
		t.Errorf("facts kept over Reset changed: %v", kept[0].Ticket.Tags)
	}
	w.Map(&sources.Record{File: docFile("x"), Nodes: []sources.Node{{Kind: sources.Null}}}, out)
	if len(out.Tickets) != 1 || out.State != Skipped {
		t.Errorf("appending: %d tickets, %v", len(out.Tickets), out.State)
	}
}

// TestPeopleSkipAndWarn: a people rule leaves records out for a reason, as other rules do.
func TestPeopleSkipAndWarn(t *testing.T) {
	m := compiled(t, `
version: 1
people: { from: { u: { skip: { nobody: { id: absent, email: absent } }, warn: { nameless: { name: absent } }, id: id, email: email, name: { text: "{name} {family}" } } } }
tickets: { t: { external_id: ticket, when: { ticket: present } } }
messages: { m: { when: { ticket: present }, external_id: ticket, body_text: text, sent_datetime: at } }
`)
	for _, c := range []struct {
		record, problems, name string
		state                  State
	}{
		{`{"name":"Ann"}`, "", "", Skipped},
		{`{"id":1,"email":"a@b.example"}`, "rule.warn warn.nameless nameless", "", Mapped},
		{`{"id":1,"name":"Ann"}`, "", "Ann", Mapped},
		{`{"id":1,"family":"Roe","name":"Ann"}`, "", "Ann Roe", Mapped},
	} {
		out := mapped(t, m, doc(t, docFile("a.json"), c.record))
		name := ""
		if len(out.People) > 0 {
			name = out.People[0].Name
		}
		if out.State != c.state || problemsOf(out) != c.problems || name != c.name {
			t.Errorf("%s: %v %q %q", c.record, out.State, problemsOf(out), name)
		}
	}
}
