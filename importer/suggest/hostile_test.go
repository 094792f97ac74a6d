package suggest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/mapping/profile"
)

// nasty are names and values that mean something to YAML, to the mapping language, or to a reader's eye.
var nasty = []string{
	"null", "Null", "~", "yes", "no", "true", "false", "on", "off", "7", "010", "1e3", ".inf", "0x1F", "2021-01-01", "*", "*a", "&a", "!tag", "|", ">", "%x", "@a", "`a", "?", "? a", "-", "- a",
	"a: b", "a #b", "# a", "{a}", "[a]", "{", "}", "]", ",", "'", `"`, `a"b'c`, `\n`, `\`, "a\nb", "a\tb", " a", "a ", "a\u202eb", "\u202e", "a\u2028b", "\ufeff", "é", "日本語", "🚲", "\u0000", "\x07", "\u0085", "\u00a0",
	"file", "key", "value", "$", "$.x", "$file.name", "$set.x", ".", "..", "a.b", "a[0]", "[]", "a?", "?a", "#1", "Tag#2", "<<", "---", "...", "\r", "a\r\nb", "a b", "=", "x: {y: z}", "email", "open",
}

func nastyText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(nasty), rapid.StringN(1, 12, -1), rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom(nasty).Draw(t, "a") + rapid.SampledFrom(nasty).Draw(t, "b")
	}))
}

// TestHostileNames: whatever columns and values are called, the mapping loads and reads the same columns and values.
func TestHostileNames(t *testing.T) {
	roles := []profile.Role{
		profile.TicketID, profile.MessageID, profile.Subject, profile.Status, profile.Author, profile.AuthorName, profile.Direction, profile.Internal, profile.Body,
		profile.SentTime, profile.CustomerEmail, profile.Tags, profile.To, profile.Priority, profile.Channel, profile.Assignee,
	}
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(nastyText(), len(roles), len(roles), rapid.ID[string]).Draw(t, "names")
		values := rapid.SliceOfN(nastyText(), 0, 8).Draw(t, "values")
		s := profile.Shape{Kind: profile.Messages, Records: 10, Candidates: map[profile.Role][]profile.Candidate{}}
		for i, role := range roles {
			name := strings.ToValidUTF8(names[i], "?")
			f := profile.Field{Path: name, Type: profile.Text, Filled: 10, Distinct: int64(len(values)), Examples: values}
			switch role {
			case profile.SentTime:
				f.Time = &profile.TimeEvidence{Auto: true, Zone: "none", DayMonth: "ambiguous", Example: names[0], DayFirst: names[1]}
			case profile.Status, profile.Direction, profile.Internal, profile.Priority, profile.Channel:
				for _, v := range values {
					f.Values = append(f.Values, profile.Count{Value: strings.ToValidUTF8(v, "?"), Count: 1})
				}
			}
			s.Fields = append(s.Fields, f)
			s.Candidates[role] = []profile.Candidate{{Path: name, Score: 0.9, Why: names[0]}}
		}
		if slices.ContainsFunc(s.Fields[1:], func(f profile.Field) bool { return f.Path == s.Fields[0].Path }) {
			t.Skip("two columns became alike")
		}
		p := &profile.Profile{Files: []profile.File{{Name: names[2], Glob: "a.csv", Count: 1, Format: "csv", Shapes: []profile.Shape{s}}}}
		people := &Findings{People: People{Domains: []Domain{{Domain: names[0], Messages: 1}}}}
		open, err := Make(p, people, Answers{})
		if err != nil {
			t.Fatalf("%v", err)
		}
		answers := Answers{}
		for _, q := range open.Open {
			if strings.HasPrefix(q.Key, keyTable) {
				answers[q.Key] = []string{q.Options[0].Value}
			}
		}
		full, err := Make(p, people, answers)
		if err != nil {
			t.Fatalf("%v", err)
		}
		m, err := mapping.Load(oneFile(full.Text), fileName, mapping.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := func(name, got string) {
			if got != name && got != "$."+name {
				t.Fatalf("column %q became %q in\n%s", name, got, full.Text)
			}
		}
		want(s.Fields[0].Path, m.File().Tickets[0].Field("external_id").Text)
		want(s.Fields[1].Path, m.File().Messages[0].Field("external_id").Text)
		want(s.Fields[8].Path, m.File().Messages[0].Field("body_text").Text)
		for _, table := range m.File().Tables {
			for _, v := range values {
				v = strings.TrimSpace(strings.ToValidUTF8(v, "?"))
				if v == "" || v == "*" || slices.ContainsFunc(table.Entries, func(e mapping.Entry) bool { return strings.EqualFold(e.From, v) }) {
					continue
				}
				t.Fatalf("value %q is not in table %s:\n%s", v, table.Name, full.Text)
			}
		}
		shownPlainly(t, full.Text)
	})
}

// shownPlainly fails where the text holds characters that hide or turn others round.
func shownPlainly(t interface {
	Fatalf(string, ...any)
}, text []byte) {
	for _, r := range string(text) {
		if r != '\n' && r != utf8.RuneError && hidden(r) {
			t.Fatalf("U+%04X is in the text:\n%s", r, text)
		}
	}
}

// TestManyColumns: an export of 5,000 columns becomes a mapping of readable size.
func TestManyColumns(t *testing.T) {
	var head, row strings.Builder
	head.WriteString("ticket_id,message_id,author_email,body,sent_at")
	row.WriteString("1,2,ana@example.com,The bell is broken and I want a new one,2024-01-03T10:00:00Z")
	for i := range 5000 {
		fmt.Fprintf(&head, ",extra %d", i)
		fmt.Fprintf(&row, ",v%d", i)
	}
	dir := export(t, "wide.csv", head.String()+"\n"+row.String()+"\n")
	_, p, people := read(t, dir)
	s, err := Make(p, people, Answers{KeyPreset: {"none"}})
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(s.Text, []byte("\n")); n > 300 {
		t.Errorf("the mapping has %d lines", n)
	}
	check(t, s, dir)
}

// FuzzSuggest: any CSV gives a refusal, or a mapping that loads and fits the file.
func FuzzSuggest(f *testing.F) {
	for _, n := range nasty {
		var b strings.Builder
		w := csv.NewWriter(&b)
		_ = w.Write([]string{"ticket id", "message id", n, "body", "sent at", "status", "author", "direction", "tags"})
		_ = w.Write([]string{"1", "2", n, "The bell is broken " + n, "2024-01-03 10:00:00", n, "ana@example.com", n, "a,b"})
		w.Flush()
		f.Add([]byte(b.String()))
	}
	for _, name := range []string{"messages.csv", "tickets.csv"} {
		if b, err := os.ReadFile(filepath.Join("../../testdata", name)); err == nil {
			f.Add(b[:min(len(b), 4000)])
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<14 || !utf8.Valid(raw) {
			return
		}
		path := filepath.Join(t.TempDir(), "x.csv")
		if err := os.WriteFile(path, raw, 0o666); err != nil {
			t.Fatal(err)
		}
		set, p, people := tryRead(t, path)
		if p == nil {
			return
		}
		s, err := Make(p, people, Answers{})
		var refusal *Refusal
		if errors.As(err, &refusal) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		m, err := mapping.Load(oneFile(s.Text), fileName, mapping.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range set.Files() {
			if err := m.Bind(file); err != nil {
				t.Fatalf("%v\n%s", err, s.Text)
			}
		}
		shownPlainly(t, s.Text)
	})
}
