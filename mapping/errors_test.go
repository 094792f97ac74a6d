package mapping

import (
	"errors"
	"strings"
	"testing"
)

func TestErrorShowsTheLine(t *testing.T) {
	_, err := load(`version: 1
messages:
  comment:
    external_id: id
    sent_datetme: created_at
    channel: email
`)
	want := `m.yaml:5:5: messages.comment: unknown key "sent_datetme"; did you mean "sent_datetime"?
        sent_datetme: created_at
        ^
m.yaml:6:14: messages.comment.channel: email is a channel: write {const: email}; a column: {from: email}
        channel: email
                 ^`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

// TestRefusals: what is wrong is said at its place, with the remedy.
func TestRefusals(t *testing.T) {
	message := func(fields string) string { return "version: 1\nmessages:\n  m: { " + fields + " }\n" }
	ticket := func(fields string) string { return "version: 1\ntickets:\n  t: { " + fields + " }\n" }
	tests := []struct {
		name, text string
		want       []string // each is in one problem: "line:column: path: part of the text"
	}{
		{"no version", "tickets: { t: { subject: a } }", []string{"1:1: the version is missing"}},
		{"version 2", "version: 2", []string{"1:10: version: this deskferry reads version: 1"}},
		{"no_email of something else", "version: 1\npeople: { no_email: \"x-{nam}@import.invalid\" }", []string{`2:21: people.no_email: {nam} is no part of a person; did you mean "name"?; there are {id}, {name} and {email}`}},
		{"singular", "version: 1\nticket: { t: { subject: a } }", []string{`2:1: unknown key "ticket"; did you mean "tickets"?`}},
		{"a rule without a name", "version: 1\ntickets: { external_id: id, subject: s }", []string{"2:12: tickets: rules have names", "2:29: tickets: rules have names"}},
		{"two problems", message("subjct: a, bcc_: b"), []string{`"subject"`, `"bcc"`}},
		{"doubled key", message("subject: a, subject: b"), []string{`3:20: key "subject" is already on line 3`}},
		{"doubled keys, all", "version: 1\nversion: 1\nsource: { name: a, name: b }", []string{"2:1: key", "3:20: key"}},
		{"other names", message("body: a, sender: b, requester: c"), []string{`did you mean "body_text"`, `did you mean "author"`, "unknown key \"requester\"; known"}},
		{"anchor", "version: 1\nsource: &s { name: a }", []string{"2:9: anchors are not part"}},
		{"alias", "version: 1\ninputs: { a: { files: *.json } }", []string{"2:23: aliases are not part of the format"}},
		{"tag", "version: 1\nsource: { name: !!str a }", []string{"2:17: tags are not part"}},
		{"enum word", ticket("status: open"), []string{"3:16: tickets.t.status: open is a status: write {const: open}; a column: {from: open}"}},
		{"enum word, any case", ticket("priority: [High, p]"), []string{"high is a priority: write {const: high}; a column: {from: High}"}},
		{"truth word", message("internal: yes"), []string{"yes is a truth value: write true; a column: {from: yes}"}},
		{"True", message("internal: True"), []string{`True is a field or a constant? write { from: "True" } or true`}},
		{"octal", message("subject: 010"), []string{`010 is a field or a constant? write { from: "010" } or { const: "010" }`}},
		{"constant of an enum", ticket("status: { const: closd }"), []string{`"closd" is not a status; did you mean "closed"?`}},
		{"constant of a boolean", message("internal: { const: maybe }"), []string{`"maybe" is neither true nor false`}},
		{"constant of a number", message("integration_id: { const: x }"), []string{`"x" is not a whole number`}},
		{"number of a boolean", message("internal: 7"), []string{`7 is a constant here: "7" is neither true nor false; a field of that name: { from: "7" }`}},
		{"constant id", message("external_id: 7"), []string{"would make one of all"}},
		{"constant time", message("sent_datetime: { const: soon }"), []string{`"soon" is not a time; write 2021-04-03T10:00:00Z`}},
		{"time that is none", message("sent_datetime: { const: 2021-02-30T10:00:00Z }"), []string{"is not a time"}},
		{"zoneless time", message("sent_datetime: { const: 2021-04-03 10:00 }"), []string{"which zone?"}},
		{"sent before 1970", message("sent_datetime: { const: 1969-04-03T10:00:00Z }"), []string{"before 1970"}},
		{"default of an enum", message("channel: { from: a, default: emial }"), []string{`"emial" is not a channel; did you mean "email"?`}},
		{"inline table of an enum", ticket("status: { from: a, table: { x: pending } }"), []string{`3:39: tickets.t.status: entry "x": "pending" is not a status; known: open, closed`}},
		{"named table of an enum", "version: 1\ntables: { s: { x: opn } }\ntickets: { t: { status: { from: a, table: s } } }", []string{`2:19: tickets.t.status: entry "x": "opn" is not a status; did you mean "open"?`}},
		{"unknown table", "version: 1\ntables: { status: { x: open } }\ntickets: { t: { status: { from: a, table: state } } }", []string{`3:43: tickets.t.status: there is no table "state"; did you mean "status"?`}},
		{"no tables", ticket("status: { from: a, table: state }"), []string{"add tables: { state: { … } }"}},
		{"unknown input", "version: 1\ninputs: { rows: { files: a } }\ntickets: { t: { input: [rows, row], subject: a } }", []string{`3:31: tickets.t.input: there is no input "row"; did you mean "rows"?`}},
		{"no inputs", ticket("input: rows, subject: a"), []string{"there is no section inputs"}},
		{"like nobody", "version: 1\nmessages: { a: { subject: x }, b: { like: c } }", []string{`2:43: messages.b.like: there is no rule "c"; known: a, b`}},
		{"like in a circle", "version: 1\nmessages: { a: { like: b }, b: { like: a } }", []string{"messages.b.like: goes in a circle: a is like b is like a"}},
		{"nothing to remove", "version: 1\nmessages: { a: { subject: x }, b: { like: a, body_txt: null } }", []string{`2:56: messages.b.body_txt: there is nothing to remove`}},
		{"null without a base", message("subject: null"), []string{"there is nothing to remove"}},
		{"nothing given", "version: 1\ntables:\nmessages: { m: { subject: } }", []string{"2:1: tables: nothing is given", "3:18: messages.m.subject: nothing is given"}},
		{"hash without quotes", "version: 1\nmessages:\n  m:\n    subject: #1\n", []string{"4:5: messages.m.subject: nothing is given here"}},
		{"path in a flow map", message("subject: { from: a[0].b }"), []string{"words with , [ ] { } go in quotes"}},
		{"all of a single field", message("subject: { all: [a, b] }"), []string{"subject takes one value: [a, b] is the first"}},
		{"two forms", message("subject: { from: a, text: \"{b}\" }"), []string{"one form only"}},
		{"no form", message("subject: { lower: true }"), []string{"where does the value come from?"}},
		{"unknown step", message("subject: { from: a, lowercase: true }"), []string{`unknown key "lowercase"`}},
		{"person and form", message("author: { email: a, from: b }"), []string{`"from" belongs to one of the parts (id, email, name, agent)`}},
		{"person part", message("author: { mail: a }"), []string{`unknown key "mail"; did you mean "email"?`}},
		{"address without one", message("to: { each: a, name: b }"), []string{"the address is missing"}},
		{"attachment without file", message("attachments: { each: a, name: b }"), []string{"where is the file?"}},
		{"template without fields", message("subject: { text: abc }"), []string{`a constant is {const: "abc"}`}},
		{"template torn", message("subject: { text: \"{a\" }"), []string{"3:25: messages.m.subject.text: a { without its }"}},
		{"regular expression", message("subject: { from: a, match: '(' }"), []string{"missing closing )"}},
		{"two groups", message("subject: { from: a, match: '(a)(b)' }"), []string{"which group is taken?"}},
		{"layout of a text", message("subject: { from: a, layout: dmy }"), []string{"layout and timezone are steps of times; subject is none"}},
		{"time zone", message("sent_datetime: { from: a, timezone: CEST }"), []string{`unknown time zone "CEST"; write one`}},
		{"future of a time", ticket("created_datetime: { from: a, future: skip }"), []string{"future is a step of sent_datetime alone"}},
		{"take in a message", message("subject: { from: a, take: last }"), []string{"take: last is said of a ticket's whole field"}},
		{"take of a list", ticket("tags: { from: a, take: last }"), []string{"lists of several records are united"}},
		{"is of a text enum", ticket("status: { is: { a: b } }"), []string{"translate it for status with table"}},
		{"steps over parts", message("to: { all: [a, { each: b, address: c }], lower: true }"), []string{"write them there"}},
		{"list in a list", message("subject: [a, [b, c]]"), []string{"a list in a list"}},
		{"ticket's each", ticket("each: a, subject: b"), []string{`unknown key "each"`}},
		{"condition of a word", message("subject: a, when: b"), []string{"a condition is { field: test, … }"}},
		{"condition with expr", message("subject: a, when: { expr: x, b: c }"), []string{"expr stands alone"}},
		{"unknown test", message("subject: a, when: { b: { is: c } }"), []string{`unknown key "is"; known: not, match, same_as`}},
		{"test of null", message("subject: a, when: { b: null }"), []string{"write absent for what is not there"}},
		{"test of True", message("subject: a, when: { b: True }"), []string{`True is a truth value or a word? write true, or "True" in quotes`}},
		{"skip without a reason", message("subject: a, skip: { status: deleted }"), []string{"messages.m.skip.status: a condition is"}},
		{"table entries alike", "version: 1\ntables: { t: { Open: a, open: b } }", []string{`2:25: tables.t: "Open" and "open" are the same entry`}},
		{"table file", "version: 1\ntables: { t: { file: a.csv, key: b } }", []string{"exactly the keys file, key and value"}},
		{"empty table", "version: 1\ntables: { t: {} }", []string{"this map is empty"}},
		{"domain", "version: 1\npeople: { agents: [acme.com] }", []string{`a domain is written "@acme.com"`}},
		{"no_email", "version: 1\npeople: { no_email: x@y.z }", []string{"with a part of the person in it"}},
		{"source name", "version: 1\nsource: { name: \"a:b\" }", []string{"2:17: source.name: the name has no colon"}},
		{"encoding", "version: 1\nsource: { encoding: utf8x }", []string{`unknown encoding "utf8x"; did you mean "utf-8"?`}},
		{"delimiter", "version: 1\nsource: { delimiter: ';;' }", []string{"a delimiter is one ASCII character"}},
		{"files with a folder", "version: 1\ninputs: { a: { files: exports/a.csv } }", []string{"leave the folder out"}},
		{"files pattern", "version: 1\ninputs: { a: { files: \"a[\" } }", []string{"is not a pattern"}},
		{"rule without fields", message("fallback: true"), []string{"the rule makes nothing"}},
		{"flag", message("subject: a, fallback: \"true\""), []string{"3:30: messages.m.fallback: write true or false"}},
		{"extends nothing", "version: 1\nextends: mesages", []string{`2:10: extends: no preset or file is named "mesages"; did you mean "messages"?`}},
		{"extends a missing file", "version: 1\nextends: x.yaml", []string{`2:10: extends: there is no file "x.yaml"`}},
		{"extends itself", "version: 1\nextends: m.yaml", []string{"2:10: extends: goes in a circle: m.yaml extends m.yaml"}},
		{"extends outside", "version: 1\nextends: ../x.yaml", []string{"no .."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(tt.text)
			checkLoadError(t, err)
			var e *LoadError
			errors.As(err, &e)
			if len(e.Problems) != len(tt.want) {
				t.Errorf("%d problems, want %d:\n%v", len(e.Problems), len(tt.want), err)
			}
			for _, want := range tt.want {
				if !strings.Contains(strings.ReplaceAll(err.Error(), "m.yaml:", ""), want) && !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in:\n%v", want, err)
				}
			}
		})
	}
}

// TestErrorsNameTheirFile: what is wrong in a base is said of the base, with its line.
func TestErrorsNameTheirFile(t *testing.T) {
	_, err := load("version: 1\nextends: base.yaml\nmessages: { m: { channel: phone } }\n",
		"base.yaml", "version: 1\nmessages:\n  m: { subjct: a, channel: b }\n")
	want := `base.yaml:3:8: messages.m: unknown key "subjct"; did you mean "subject"?
      m: { subjct: a, channel: b }
           ^
m.yaml:3:27: messages.m.channel: phone is a channel: write {const: phone}; a column: {from: phone}
    messages: { m: { channel: phone } }
                              ^`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("a", 300) + "X" + strings.Repeat("b", 300)
	for _, tt := range []struct {
		line   string
		column int
		under  string
	}{
		{"key: value", 6, "v"}, {"\tkey: é", 7, "é"}, {long, 301, "X"}, {"a", 40, ""}, {"", 1, ""}, {"a\x1bb", 3, "b"},
	} {
		line, before := excerpt(tt.line, tt.column)
		at := len([]rune(before))
		got := ""
		if r := []rune(line); at < len(r) {
			got = string(r[at])
		}
		if got != tt.under || strings.ContainsRune(line, 0x1b) || len([]rune(line)) > excerptWidth+2 {
			t.Errorf("excerpt(%.20q, %d) = %q, %q", tt.line, tt.column, line, before)
		}
	}
}
