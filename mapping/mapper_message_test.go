package mapping

import (
	"strings"
	"testing"
)

// TestBlankMessages holds that no blank message is made, and that the hint can be pasted.
func TestBlankMessages(t *testing.T) {
	m := compiled(t, `
version: 1
tickets: { t: { external_id: id } }
messages: { m: { external_id: id, sent_datetime: at, body_text: [text, Body 2], attachments: file } }
`)
	f := rowFile("id", "at", "text", "Body 2", "file")
	for _, c := range []struct {
		cells [3]string
		want  string
	}{
		{[3]string{"", "hello", ""}, ""},
		{[3]string{"", " ", "https://a.example/1"}, "body.missing body_text 7"},
		{[3]string{" ", "", ""}, "message.empty body_text 7"},
	} {
		out := mapped(t, m, row(f, "7", "2020-01-01T00:00:00Z", c.cells[0], c.cells[1], c.cells[2]))
		if got := problemsOf(out); got != c.want {
			t.Errorf("%q: %s, want %s", c.cells, got, c.want)
		}
		if p := out.Problems; len(p) > 0 && p[0].Severity == Error && !strings.HasSuffix(p[0].Hint, "skip: { empty: { text: absent, Body 2: absent } }") {
			t.Errorf("hint %s", p[0].Hint)
		}
	}
}

func TestContentIDs(t *testing.T) {
	load := func(body string) *Mapping {
		return compiled(t, `
version: 1
tickets: { t: { subject: s } }
messages: { m: { author: { from: from, lower: true }, sent_datetime: at, `+body+` } }
`)
	}
	m := load("body_text: body")
	f := docFile("x.json")
	one := mapped(t, m, doc(t, f, `{"s":"1","from":"A@b.cd","at":"2020-01-01T00:00:00Z","body":"x"}`))
	spaced := mapped(t, m, doc(t, f, `{ "s" : "1", "from":"A@b.cd","at":"2020-01-01T00:00:00Z", "body":"x" }`))
	other := mapped(t, m, doc(t, f, `{"s":"1","from":"A@b.cd","at":"2020-01-01T00:00:00Z","body":"y"}`))
	id := one.Messages[0].Message.ExternalID
	if !one.Messages[0].HashID || !strings.HasPrefix(id, "h1:") || len(id) != 35 || one.Tickets[0].Key != one.Messages[0].Ticket || !strings.HasPrefix(one.Tickets[0].Key, "h1:") {
		t.Errorf("%+v", one.Messages[0])
	}
	if spaced.Messages[0].Message.ExternalID != id || spaced.Tickets[0].Key != one.Tickets[0].Key {
		t.Error("the layout of the file changes ids")
	}
	if other.Messages[0].Message.ExternalID == id || other.Tickets[0].Key == one.Tickets[0].Key || other.Messages[0].Content == one.Messages[0].Content {
		t.Error("other content has the same id")
	}
	better := load(`body_text: { from: body, upper: true }`)
	if got := mapped(t, better, doc(t, f, `{"s":"1","from":"A@b.cd","at":"2020-01-01T00:00:00Z","body":"x"}`)); got.Messages[0].Message.ExternalID != id || got.Messages[0].Content == one.Messages[0].Content {
		t.Error("ids come from mapped values")
	}
	if m.IdentityHash() != better.IdentityHash() || m.Hash() == better.Hash() {
		t.Error("identity hash takes more than what names messages")
	}
	if load("body_html: other").IdentityHash() == m.IdentityHash() {
		t.Error("another body is the same identity")
	}
}
