package mapping

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

// sampleMappings are all presets and all mappings among the test data.
func sampleMappings(t testing.TB) map[string]fs.FS {
	t.Helper()
	samples := map[string]fs.FS{}
	for _, name := range Presets() {
		samples[name] = fstest.MapFS{}
	}
	dir := os.DirFS("testdata/load")
	files, err := fs.Glob(dir, "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	for _, f := range files {
		samples[f] = dir
	}
	shared := os.DirFS("../testdata")
	_ = fs.WalkDir(shared, ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Ext(path) == ".yaml" {
			samples[path] = shared
		}
		return nil
	})
	return samples
}

// load reads one file from text.
func load(text string, others ...string) (*File, error) {
	fsys := fstest.MapFS{"m.yaml": {Data: []byte(text)}}
	for i := 0; i+1 < len(others); i += 2 {
		fsys[others[i]] = &fstest.MapFile{Data: []byte(others[i+1])}
	}
	return loadFile(fsys, "m.yaml")
}

func mustLoad(t testing.TB, text string, others ...string) *File {
	t.Helper()
	f, err := load(text, others...)
	if err != nil {
		t.Fatalf("loading:\n%s\n%v", text, err)
	}
	return f
}

// withoutPlaces clears every Pos and the texts below v, so that trees can be compared.
func withoutPlaces(f *File) *File {
	f.texts = nil
	clearPos(reflect.ValueOf(f))
	return f
}

func clearPos(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			clearPos(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			clearPos(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Pos]() {
			v.SetZero()
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				clearPos(v.Field(i))
			}
		}
	}
}

func TestSamplesLoad(t *testing.T) {
	for name, fsys := range sampleMappings(t) {
		if _, err := loadFile(fsys, name); err != nil {
			t.Errorf("%s:\n%v", name, err)
		}
	}
}

func TestPresetsCompile(t *testing.T) {
	for _, name := range Presets() {
		if _, err := Load(fstest.MapFS{}, name, LoadOptions{}); err != nil {
			t.Errorf("%s:\n%v", name, err)
		}
	}
}

func TestForms(t *testing.T) {
	f, err := loadFile(os.DirFS("testdata/load"), "everything.yaml")
	if err != nil {
		t.Fatal(err)
	}
	withoutPlaces(f)
	ticket, base := &f.Tickets[0], &f.Messages[0]
	text := func(s string) Constant { return Constant{Text: s} }
	path := func(s string) *Value { return &Value{Text: s} }
	tests := []struct {
		name string
		got  any
		want any
	}{
		{"empty words as written", f.Source.Empty, []string{"NULL", "-", "~", "N/A"}},
		{"delimiter by name", f.Inputs[0].Source.Delimiter, "\t"},
		{"input place", f.Inputs[1].Paths, []string{"data.items", "."}},
		{"table keys as written", entriesFrom(f.Tables[0]), []string{"no", "on", "2", "010", "*", "", "Zu tun"}},
		{"table booleans", f.Tables[1].Entries[0].To, Constant{Text: "true", Kind: ConstBool}},
		{"table null is absent", f.Tables[2].Entries[0].To, Constant{Kind: ConstAbsent}},
		{"table number", f.Tables[2].Entries[2].To, Constant{Text: "7", Kind: ConstNumber}},
		{"table file", f.Tables[3], Table{Name: "team", File: "teams.csv", Key: "Team ID", Value: "Team"}},
		{"no_email", f.People.NoEmail, &Value{Form: FormText, Text: "old-{id}@import.invalid"}},
		{"expression condition", ticket.When, &Condition{Expr: `item["Ticket ID"] != ""`}},
		{"path with spaces", ticket.Field("external_id"), path("Ticket ID")},
		{"steps on alternatives", ticket.Field("subject"), &Value{
			Form: FormFirst, List: []*Value{path("Subject"), path("Title")},
			Steps: Steps{Match: "^(?:Re: )?(.*)$", HTML: true, Default: &Constant{Text: "(no subject)"}, Warn: "no subject", Take: "last"},
		}},
		{"named table", ticket.Field("spam").Steps.Table, &Table{Name: "truth"}},
		{"the word absent", ticket.Field("channel").Steps.When, &Condition{Any: []Clause{{{Field: "type", Test: Test{Values: []Constant{text("absent")}}}}}}},
		{"any and all", len(ticket.Skip[1].When.Any), 2},
		{"nested not", ticket.Skip[1].When.Any[1][1].Test, Test{Op: TestNot, Not: &Test{Op: TestMatch, Text: "^a|b$"}}},
		{"constants in a list", ticket.Skip[1].When.Any[0][0].Test.Values, []Constant{text("merged"), text("010"), text("010"), {Text: "7", Kind: ConstNumber}}},
		{"same_as", ticket.Warn[1].When.Any[0][0].Test, Test{Op: TestSame, Text: "$.b"}},
		{"enum word as a column", ticket.Field("via"), path("email")},
		{"person, path, constant", ticket.Field("customer").List[1], path("requester_id")},
		{"person parts", ticket.Field("customer").List[0].Parts[0], FieldValue{Name: "email", Value: path("from")}},
		{"pairs named like steps", ticket.Field("custom_fields").Parts[2], FieldValue{Name: "when", Value: path("when")}},
		{"bare true", ticket.Field("custom_fields").Parts[3].Value, &Value{Form: FormConst, Const: Constant{Text: "true", Kind: ConstBool}}},
		{"layouts", ticket.Field("created_datetime").Steps.Layouts, []string{"dmy", "%d/%m/%Y %H:%M"}},
		{"address items", base.Field("to").Each, "recipients[role=to]"},
		{"future", base.Field("sent_datetime").Steps.Future, "skip"},
		{"like keeps keys", f.Messages[1].Each, "comments[]"},
		{"like replaces", f.Messages[1].Field("internal").Form, FormConst},
		{"like removes", f.Messages[1].NewestFirst, false},
		{"like removes a field", f.Messages[1].Field("to") == nil, true},
		{"like is resolved", f.Messages[2].Like, ""},
		{"like of like", f.Messages[2].Fallback, true},
		{"reasons merge", len(f.Messages[2].Skip), 1},
		{"ignore", f.Ignore, []string{"url", "$.metadata", "a, b", `quote " and \ and é`}},
	}
	for _, tt := range tests {
		if !reflect.DeepEqual(tt.got, tt.want) {
			t.Errorf("%s: got %#v, want %#v", tt.name, tt.got, tt.want)
		}
	}
}

func entriesFrom(t Table) (from []string) {
	for _, e := range t.Entries {
		from = append(from, e.From)
	}
	return from
}

func TestExtends(t *testing.T) {
	f, err := loadFile(os.DirFS("testdata/load"), "extending.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := `version: 1
source: { name: old zendesk, timezone: UTC }
inputs:
  tickets: { files: "t*.json", path: [tickets, "."] }
tables:
  status:
    open: open
    pending: open
    HOLD: closed
    solved: closed
    closed: closed
    waiting: open
  team:
    "1": Sales
people:
  agents: ["@acme.org"]
  unknown: agent
tickets:
  ticket:
    input: tickets
    skip: { spam: { status: spam } }
    external_id: id
    version: updated_at
    status: { from: status, table: status }
    tags: tags
    customer: { id: [requester.id, requester_id], email: requester.email, name: requester.name }
    assignee_team: { from: group_id, table: team }
    created_datetime: created_at
    custom_fields: { Product: "custom_fields[id=360001].value" }
messages:
  comment:
    each: comments
    external_id: id
    author: author_id
    internal: { is: { public: { not: true } } }
    channel: { const: email }
    body_html: html_body
    sent_datetime: created_at
    attachments: { each: attachments, url: content_url, name: file_name, content_type: content_type, size: size }
  extra:
    each: more
    external_id: id
    author: author_id
    internal: { is: { public: { not: true } } }
    channel: { const: email }
    body_html: html_body
    sent_datetime: created_at
    attachments: { each: attachments, url: content_url, name: file_name, content_type: content_type, size: size }
ignore: [url, metadata]
`
	if got := f.Show(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if pos := f.Messages[0].Field("body_html").Pos; pos.File != "zendesk-like.yaml" || pos.Line != 35 {
		t.Errorf("a merged value lost its place: %v", pos)
	}
	if pos := f.Messages[0].Field("channel").Pos; pos.File != "extending.yaml" {
		t.Errorf("an overriding value lost its place: %v", pos)
	}
}

func TestLocate(t *testing.T) {
	files := fstest.MapFS{
		"messages":      {Data: []byte("not this one")},
		"dir/m.yaml":    {Data: []byte("version: 1\nextends: base.yaml\n")},
		"dir/base.yaml": {Data: []byte("version: 1\nextends: ../messages2\n")},
		"messages2":     {Data: []byte("version: 1\nextends: preset:messages\npeople: { agents: [\"@a.example\"] }\n")},
	}
	f, err := loadFile(files, "dir/m.yaml")
	if err != nil || len(f.People.Agents) != 1 || f.Messages[0].Name != "message" {
		t.Fatalf("got %+v, %v", f, err)
	}
	if pos := f.Messages[0].Pos; pos.File != "preset:messages" || pos.Line < 2 {
		t.Errorf("place in a preset: %v", pos)
	}
	for name, want := range map[string]string{
		"mesages":      `did you mean "messages"?`,
		"no.yaml":      "reading mapping no.yaml",
		"../x.yaml":    "no ..",
		`C:\maps\m.ya`: "no",
	} {
		if _, err := loadFile(files, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if _, err := loadFile(files, "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// TestHostile: whatever the file holds, the answer names a place. Without the limits of parse_yaml.go several of
// these take minutes or all memory.
func TestHostile(t *testing.T) {
	repeat := strings.Repeat
	tests := map[string]string{
		"empty":             "",
		"comment":           "# nothing\n",
		"scalar":            "hello",
		"list":              "- a\n- b\n",
		"two documents":     "version: 1\n---\nversion: 1\n",
		"binary":            "\x7fELF\x02\x01\x01\x00\x00\x00",
		"utf-16":            "\xff\xfev\x00e\x00",
		"not utf-8":         "version: 1\nsource: { name: \xff }\n",
		"open brackets":     repeat("[", 1<<19),
		"open braces":       repeat("{a: ", 1<<17),
		"dashes":            repeat("- ", 1<<19),
		"questions":         repeat("? ", 1<<19),
		"colons":            repeat("a: ", 1<<18),
		"anchors":           repeat("&a ", 1<<18),
		"tags":              repeat("!a ", 1<<18),
		"ten megabytes":     "version: 1\nignore: [" + repeat("abcdefgh,\n", 1<<20) + "]\n",
		"many lines":        repeat("\n", maxFileLines+5),
		"deep indentation":  deepMap(500),
		"deep flow":         "version: 1\ntickets: {t: {subject: " + repeat("{from: [", 300) + "a" + repeat("]}", 300) + "}}",
		"many keys":         manyKeys(maxFileLines - 10),
		"one long line":     "version: 1\nignore: [" + repeat("a,", 1<<18) + "]\nx: y\n",
		"quotes":            repeat(`'"`, 1<<18),
		"pipes":             repeat("a: |\n", maxFileLines-1),
		"tabs":              "version: 1\n\tsource: {}\n",
		"billion laughs":    "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
		"merge key":         "version: 1\n<<: { a: b }\n",
		"directive":         "%YAML 1.2\n---\nversion: 1\n",
		"complex key":       "? [a]\n: b\n",
		"unclosed":          "version: 1\ntickets: { t: { subject: \"a }\n",
		"key without value": ": a\n",
		"nel":               "version: 1\nsource: {name: \"\\N\\L\\P\"}\nx: 1",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(text)
			checkLoadError(t, err)
		})
	}
}

func deepMap(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func manyKeys(n int) string {
	var b strings.Builder
	b.WriteString("version: 1\n")
	for i := range n {
		fmt.Fprintf(&b, "k%d: v\n", i)
	}
	return b.String()
}

// checkLoadError holds what every refusal promises: problems, each with a place and a text of one line.
func checkLoadError(t testing.TB, err error) {
	t.Helper()
	var e *LoadError
	if !errors.As(err, &e) {
		t.Fatalf("not a LoadError: %v", err)
	}
	if len(e.Problems) == 0 {
		t.Fatal("a LoadError without problems")
	}
	for _, p := range e.Problems {
		if p.Pos.File == "" || p.Pos.Line < 1 || p.Pos.Column < 1 || p.Text == "" {
			t.Fatalf("a problem without place or text: %+v", p)
		}
		if strings.Contains(p.Text, "\n") || len(p.Text) > 4000 {
			t.Fatalf("a problem with a long text: %q", p.Text)
		}
	}
	if len(e.Error()) > 200_000 {
		t.Fatalf("an error of %d bytes", len(e.Error()))
	}
}
