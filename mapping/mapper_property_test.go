package mapping

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/deskferry/deskferry/sources"
)

// hostile is a mapping that uses every form and kind.
const hostile = `
version: 1
source: { timezone: Europe/Amsterdam, empty: [NULL] }
inputs:
  all: { when: { z: { not: never } } }
tables: { s: { open: open, closed: closed, "": open }, any: { a: b, "*": null } }
people:
  from:
    p: { input: all, each: people, id: id, email: email, name: name, agent: agent, when: { id: present } }
    q: { input: all, when: { role: present }, id: id, email: [email, { from: a }] }
tickets:
  t:
    external_id: id
    version: v
    subject: { from: [a, b], html: true, upper: true }
    status: { from: s, table: s }
    priority: p
    language: l
    tags: { all: [tags, { from: a, split: "," }, { const: x }] }
    customer: [{ id: "u.id", email: "u.email", name: "u.name" }, u]
    assignee_user: as
    custom_fields: { A: a, B: "c[id=1].value", C: { expr: "item.a ?? 'none'" } }
    created_datetime: at
    closed_datetime: { from: at, layout: [epoch, iso] }
    spam: { is: [{ a: true }, { b: { same_as: a } }] }
    meta: { X: { text: "{a}/{b}" }, Y: $file.name }
    skip: { deleted: { s: deleted } }
  u: { when: { v: present }, external_id: { text: "{id}" }, from_agent: b }
messages:
  m:
    each: items
    external_id: id
    author: author
    internal: { is: { public: { not: true } } }
    channel: { from: ch, default: email }
    body_html: { from: body, when: { body: present } }
    sent_datetime: { from: [at, $.at], future: skip }
    to: { each: to, address: ".", name: $.a }
    cc: { all: [cc, $.a] }
    attachments: { each: files, url: url, data: data, name: n, size: size }
    headers: { H: h }
    when: { kind: { not: event } }
    skip: { draft: { expr: "item.draft == true" } }
    warn: { odd: { match: { match: 'x+' } } }
  n: { each: items, when: { kind: note }, author: { id: author, agent: b }, body_text: body, sent_datetime: at, newest_first: true }
  f: { fallback: true, body_text: a, author: [u.id, u], sent_datetime: at }
ignore: [x, y]
`

var hostileKeys = []string{"id", "v", "a", "b", "s", "p", "l", "tags", "u", "as", "c", "at", "items", "author", "public", "ch", "body", "to", "cc",
	"files", "h", "kind", "draft", "match", "people", "role", "email", "name", "agent", "url", "data", "value", "z", "new"}

var hostileTexts = []string{"", " ", "NULL", "open", "deleted", "a@b.cd", "Ann <a@b.cd>", "@@", "1", "3.0", "1.2E+15", "true", "oui", "note", "event",
	"2020-01-01T00:00:00Z", "2020-01-01", "03/04/2021", "31/12/2021", "1453770984", "9999-01-01", "0001-01-01", "\x00", "<b>x</b>", "<script", "a,b;c",
	"https://x/y", "data:;base64,QUI=", strings.Repeat("é,", 600), "\u202e\ufeff", "{a}", "xx", "en-GB", "email", "\xf0\x9f\x98\x80"}

// anyValue draws a JSON value.
func anyValue(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		most := 6
		if depth == 0 {
			most = 4
		}
		switch rapid.IntRange(0, most).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return json.Number(rapid.SampledFrom([]string{"0", "1", "-3", "3.0", "1e300", "1453770984.123", "123456789012345678901234567890"}).Draw(t, "number"))
		case 3, 4:
			return rapid.SampledFrom(hostileTexts).Draw(t, "text")
		case 5:
			return rapid.SliceOfN(anyValue(depth-1), 0, 4).Draw(t, "list")
		default:
			return rapid.MapOfN(rapid.SampledFrom(hostileKeys), anyValue(depth-1), 0, 8).Draw(t, "object")
		}
	})
}

func TestAnyRecordEndsInOneState(t *testing.T) {
	documents, rows := compiled(t, hostile), compiled(t, benchYAML)
	file, csv := docFile("x.json"), benchRow().File
	rapid.Check(t, func(rt *rapid.T) {
		text, err := json.Marshal(anyValue(4).Draw(rt, "record"))
		if err != nil {
			rt.Fatal(err)
		}
		r := doc(t, file, string(text))
		out := &Result{}
		w := documents.Mapper(Env{Now: testNow})
		w.Map(r, out)
		checkAll(rt, r, out)
		s := documents.NewSurvey()
		w.Survey(r, s)
		s.Settle()
		again := &Result{}
		documents.Mapper(Env{Now: testNow, Settled: s}).Map(r, again)
		checkAll(rt, r, again)
		if again.Unsettled && !out.Unsettled {
			rt.Fatal("unsettled after a survey only")
		}
		w.Coverage().Unplaced()

		cells := rapid.SliceOfN(rapid.SampledFrom(hostileTexts), 0, len(csv.Columns)).Draw(rt, "cells")
		r = row(csv, cells...)
		out.Reset()
		rows.Mapper(Env{Now: testNow}).Map(r, out)
		checkAll(rt, r, out)
	})
}

func checkAll(t *rapid.T, r *sources.Record, out *Result) {
	errors := 0
	for _, p := range out.Problems {
		if p.Severity == Error {
			errors++
		}
		if p.Origin != r.Origin || len(p.Value) > maxExcerpt {
			t.Fatalf("problem %+v", p)
		}
	}
	if (errors > 0) != (out.State == Rejected) || (out.State == Skipped) != (out.Reason != "") {
		t.Fatalf("state %v %q with %d errors", out.State, out.Reason, errors)
	}
	if out.State == Mapped && len(out.Tickets)+len(out.Messages)+len(out.People) == 0 {
		t.Fatal("a mapped record that makes nothing")
	}
	for _, m := range out.Messages {
		switch {
		case m.State == Mapped && (!m.Message.SentDatetime.IsValid() || m.Ticket == "" || m.Message.ExternalID == ""):
			t.Fatalf("a mapped message without time, ticket or id: %+v", m)
		case m.State == Mapped && m.Message.Public == m.Internal, m.State == Mapped && m.Internal != (m.Message.Channel == channelNote):
			t.Fatalf("privacy: %+v", m)
		case m.State == Rejected && out.State != Rejected, m.State == Skipped && m.Reason == "":
			t.Fatalf("state of %+v in a record that is %v", m, out.State)
		}
	}
}

// TestSizeIsAnUpperBound encodes messages as they may be sent, with the missing body form made from the other.
func TestSizeIsAnUpperBound(t *testing.T) {
	pieces := []string{"<p>", "</p>", "<br>", "<li>", "<td>", "\n\n", "\n", " ", "  ", "&amp;", "&", "<", ">", "\"", "\\", "\x01", "\u2028", "é", "word", "<a href=\"https://x/y\">z</a>", "\r\n", "\t", "&nbsp;", "<hr>", "<img alt=\"q\">",
		"<blockquote>", "<pre>", "https://x.test/?a&b", "mailto:a@b.test", "<td nowrap>", "<td\nnowrap align=x>", "'", "<p title='a\"b'>", "<html dir=rtl><body bgcolor=red text=x style='a:\"b\"'>", "<script>x</script>", "<p onclick=x style=color:red/>",
		"<!--x-->", "<textarea>\"'", "</textarea>", "<p/a/title/b>", "\n> q\n", "-- \n"}
	rapid.Check(t, func(rt *rapid.T) {
		body := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 400).Draw(rt, "body"), "")
		f := &MessageFact{Author: PersonRef{Name: body}}
		m := &f.Message
		if rapid.Bool().Draw(rt, "html") {
			m.BodyHTML = body
		} else {
			m.BodyText = body
		}
		m.Subject = body
		m.To = []Address{{body, body}}
		m.Attachments = []Attachment{{URL: body, Name: body}}
		m.Headers = []Pair{{body, body}}
		rules := &BodiesBlock{Replies: rapid.SampledFrom(bodiesReplies).Draw(rt, "replies"), HTML: rapid.SampledFrom(bodiesHTML).Draw(rt, "html as"), Trackers: rapid.SampledFrom(bodiesTrackers).Draw(rt, "trackers")}
		m.Channel, m.Public = rapid.SampledFrom([]string{"", "email", "chat"}).Draw(rt, "channel"), true
		clean := rules.asIs()
		if !clean {
			clean, _ = scanHTML(m.BodyHTML, rules.noTrackers())
		}
		if rapid.Bool().Draw(rt, "stripped") {
			m.StrippedText = body
		}
		bound := sizeOf(f, rules, clean)
		if m.Channel == "" {
			m.Channel = "email" // its ticket's
		}
		rules.finish(m)
		n := 0
		for _, s := range []string{m.BodyHTML, m.BodyText, m.Subject, m.StrippedText, m.StrippedHTML, m.StrippedSignature, f.Author.Name, f.Author.Name, body, body, body, body, body, body} {
			n += jsonLen(s)
		}
		if n > bound {
			rt.Fatalf("%d bytes, bound %d, for %q", n, bound, body)
		}
	})
}

// jsonLen is what s takes in JSON written without escaping for HTML.
func jsonLen(s string) int {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(strings.ReplaceAll(s, "\u2028", "...")) != nil {
		return 0
	}
	return b.Len() - 3
}

func TestEveryFieldIsSet(t *testing.T) {
	for i := range ticketFields {
		f := &ticketFields[i]
		if f.name != "external_id" && f.name != "version" && ticketSetter(f.name, &cfield{}) == nil {
			t.Errorf("ticket field %s has no setter", f.name)
		}
	}
	for i := range messageFields {
		f := &messageFields[i]
		if f.name != "external_id" && f.name != "version" && f.name != "ticket" && messageSetter(f.name, &cfield{}) == nil {
			t.Errorf("message field %s has no setter", f.name)
		}
	}
	if len(ticketFields) > 64 {
		t.Error("TicketFields holds 64")
	}
}

// TestCodes holds the table of codes against the calls that note problems.
func TestCodes(t *testing.T) {
	known := map[string]Severity{}
	for _, c := range Codes() {
		if _, twice := known[c.Name]; twice || c.Cause == "" || c.Remedy == "" {
			t.Errorf("code %+v", c)
		}
		known[c.Name] = c.Severity
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string]string{}
	text, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(code\w+)\s+= "([a-z_.]+)"`).FindAllStringSubmatch(string(text), -1) {
		constants[m[1]] = m[2]
		if _, ok := known[m[2]]; !ok {
			t.Errorf("%s is not in the table", m[2])
		}
	}
	call := regexp.MustCompile(`w\.(fail|warn)\((code\w+),`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			want := Error
			if m[1] == "warn" {
				want = Warning
			}
			if got, ok := known[constants[m[2]]]; !ok || got != want {
				t.Errorf("%s: %s notes %s as %v", name, m[0], constants[m[2]], want)
			}
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"a.b", "[0]", "a[-1].b[]", "a[role=to]", `"a.b".c`, ".", "", "a[", `a["`, "a..b", `a[k="]"].c`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		steps, err := parsePath(s)
		if err != nil {
			return
		}
		again, err := parsePath(pathText(steps))
		if strings.Contains(s, "=") || err != nil && strings.ContainsAny(s, "\\\"") {
			return // a filter's value is shown without its quotes
		}
		if err != nil || fmt.Sprint(again) != fmt.Sprint(steps) {
			t.Errorf("%q shows as %q: %v", s, pathText(steps), err)
		}
	})
}
