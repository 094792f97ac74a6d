package mapping

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestUnescapeBackslash: what programs write out is read, what only looks like it stays.
func TestUnescapeBackslash(t *testing.T) {
	for in, want := range map[string]string{
		``:                   "",
		`plain`:              "plain",
		`a\nb`:               "a\nb",
		`a\r\nb\rc`:          "a\nb\nc",
		`a\tb`:               "a\tb",
		`say \"hi\" \'ho\'`:  `say "hi" 'ho'`,
		`https:\/\/a.test\/`: "https://a.test/",
		`C:\\new`:            `C:\new`,
		`100\%`:              `100\%`,
		`end\`:               `end\`,
		`\\`:                 `\`,
		`\u00e9`:             `\u00e9`,
		`ü\nß`:               "ü\nß",
	} {
		if got := unescapeBackslash(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if got := unescapeBackslash(in); len(got) > len(in) {
			t.Errorf("%q grew to %q", in, got)
		}
	}
}

// TestUnescapeStep: in a mapping, both in their order whatever order they are written in.
func TestUnescapeStep(t *testing.T) {
	for step, want := range map[string]string{
		"backslash":             "a\nb &amp;#92;n &lt;c>",
		"entities":              `a\nb &#92;n <c>`,
		"[entities, backslash]": "a\nb &#92;n <c>",
	} {
		text := "version: 1\ntickets: { t: { external_id: id } }\n" +
			"messages: { m: { body_text: { from: body, unescape: " + step + " }, sent_datetime: at, author: { email: { const: a@example.com } } } }\n"
		m := compiled(t, text)
		f := rowFile("id", "body", "at")
		var out Result
		m.Mapper(Env{Now: testNow}).Map(row(f, "1", `a\nb &amp;#92;n &lt;c>`, "2020-01-02T03:04:05Z"), &out)
		if len(out.Problems) > 0 || out.Messages[0].Message.BodyText != want {
			t.Errorf("%s: got %q, want %q; %v", step, out.Messages[0].Message.BodyText, want, out.Problems)
		}
		file, err := loadFile(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, "a.yaml")
		if err != nil {
			t.Fatal(err)
		}
		reload(t, file)
	}
	_, err := Load(fstest.MapFS{"a.yaml": {Data: []byte(
		"version: 1\ntickets: { t: { external_id: id } }\nmessages: { m: { body_text: { from: b, unescape: quotes }, sent_datetime: at } }\n",
	)}}, "a.yaml", LoadOptions{})
	if err == nil || !strings.Contains(err.Error(), "is none of backslash, entities") && !strings.Contains(err.Error(), "backslash") {
		t.Errorf("an unknown word: %v", err)
	}
}

// FuzzUnescapeBackslash: never longer, never a panic, and nothing without a backslash changes.
func FuzzUnescapeBackslash(f *testing.F) {
	f.Add(`a\nb\\n\`)
	f.Fuzz(func(t *testing.T, s string) {
		got := unescapeBackslash(s)
		if len(got) > len(s) || !strings.Contains(s, `\`) && got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}
