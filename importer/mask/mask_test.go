package mask

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/report"
	"github.com/deskferry/deskferry/mapping"
)

var key = []byte("a secret of the test")

// secrets are what may not be left of a person, whatever its case.
var secrets = []string{"anna", "smith", "example.com", "1234567", "123 4567", "192.0.2.7", "2001:db8", "анна", "山田", "שלום"}

const everything = "Anna Smith <anna.smith@example.com>, +31 20 123 4567, from 192.0.2.7 or 2001:db8::7; анна@example.com, 山田太郎, Smith"

// ours are the fields whose words are deskferry's own: they come from constants, and stay.
var ours = []string{"Command", "Program", "Target", "Hash", "Phase", "Unit", "Kind", "First", "Last", "Month", "Timezone", "To", "Code", "ContentType", "Missing",
	"Status", "Priority", "Language", "Type", "Severity", "Rule"}

// fill puts a value into every field of v: the secrets into texts that are not ours.
func fill(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), path)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1e9, 0).UTC()))
			return
		}
		if v.Type() == reflect.TypeFor[mapping.SentTime]() {
			sent, _ := mapping.NewSentTime(time.Unix(1e9, 0), time.Now())
			v.Set(reflect.ValueOf(sent))
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fill(v.Field(i), v.Type().String()+"."+f.Name)
			}
		}
	case reflect.String:
		name := path[strings.LastIndexByte(path, '.')+1:]
		switch {
		case path == "mapping.Address.Name":
			v.SetString("山田太郎")
		case path == "mapping.Person.Name", path == "importer.StaffSum.Name":
			v.SetString("Anna Smith")
		case name == "Email", path == "mapping.Address.Address":
			v.SetString("anna.smith@example.com")
		case name == "First", name == "Last", name == "Month":
			v.SetString("2024-01-02T03:04:05Z")
		case slices.Contains(ours, name) && path != "mapping.Address.To" || path == "importer.ProblemSum.Field" || path == "importer.Difference.Field" || path == "importer.ChangedSum.Field" || path == "importer.Arrival.Field" || path == "mapping.Problem.Field":
			v.SetString("word")
		case name == "BodyHTML":
			v.SetString(`<p title="Anna Smith" onclick="anna()">Dear <b>Anna</b> Smith &#x1F600; <!-- Anna --><anna-smith>` + everything + `</anna-smith><style>.anna{}</style><img src="https://example.com/anna.png" alt=Anna>`)
		default:
			v.SetString(everything)
		}
	case reflect.Int64, reflect.Int, reflect.Uint8:
		if v.CanInt() {
			v.SetInt(3)
		}
	case reflect.Bool:
		v.SetBool(true)
	}
}

func filled() *report.Report {
	var r report.Report
	fill(reflect.ValueOf(&r).Elem(), "report")
	for i := range r.Problems {
		r.Problems[i].Severity = "error"
	}
	r.Problems = append(r.Problems,
		importer.ProblemSum{Code: "customer.shared", Severity: "warning", Field: "customer", Count: 2, Hint: `name one of Berta Brown (7) and "Carl Clark"`,
			Examples: []importer.Example{{Origin: "mails/berta.brown.mbox:7", Value: "Berta Brown (7), Carl Clark (9)"}},
			Values:   []importer.ValueSum{{Value: "Berta Brown (7), Carl Clark (9)", Count: 2, Hint: "berta brown"}}},
		importer.ProblemSum{Code: "sent_datetime.unreadable", Severity: "error", Field: "sent_datetime", Count: 2, Hint: `write it: "Dora Drew" is none`,
			Examples: []importer.Example{{Origin: "a.csv:7", Value: "Dora Drew"}, {Origin: "a.csv:8", Value: "2024-13-01 10:00"}}},
		importer.ProblemSum{Code: "table.unknown", Severity: "error", Field: "status", Count: 2, Hint: `on-hold: closed`, Examples: []importer.Example{{Origin: "a.csv:9", Value: "on-hold"}}},
	)
	return &r
}

// rendered is a report in every form it is told in.
func rendered(t *testing.T, r *report.Report) map[string]string {
	t.Helper()
	all, err := json.Marshal(r) // with what --json leaves out
	if err != nil {
		t.Fatal(err)
	}
	previews, err := json.Marshal(r.Previews)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"everything": string(all) + string(previews) + r.Mapping.Text}
	for form, render := range map[string]func(io.Writer, *report.Report) error{
		"json": report.JSON, "html": report.HTML, "text": report.Text{Details: true}.Report,
	} {
		var b strings.Builder
		if err := render(&b, r); err != nil {
			t.Fatal(err)
		}
		out[form] = b.String()
	}
	return out
}

// TestNobodyIsLeft fills every field of a report with a person, and looks for them in every form it is told in.
func TestNobodyIsLeft(t *testing.T) {
	r := filled()
	before := rendered(t, r)
	masked := Report(r, key)
	for form, text := range rendered(t, masked) {
		low := strings.ToLower(text)
		for _, s := range append(secrets, "berta", "brown", "carl", "clark", "dora", "drew") {
			if at := strings.Index(low, s); at >= 0 {
				t.Errorf("%s holds %q: …%s…", form, s, text[max(0, at-200):min(len(text), at+60)])
			}
		}
		if !strings.Contains(text, "person-") && form != "text" {
			t.Errorf("%s has no masks:\n%s", form, text)
		}
	}
	for form, text := range rendered(t, r) {
		if text != before[form] {
			t.Errorf("%s of the report itself has changed", form)
		}
	}
	if again := rendered(t, Report(masked, []byte("another key"))); !reflect.DeepEqual(again, rendered(t, masked)) {
		t.Error("a masked report changes when it is masked again")
	}
	p := masked.Problems[len(masked.Problems)-1]
	if p.Examples[0].Value != "on-hold" || p.Hint != "on-hold: closed" || p.Examples[0].Origin != "a.csv:9" {
		t.Errorf("a status was masked: %+v", p)
	}
	p = masked.Problems[len(masked.Problems)-2]
	if p.Examples[0].Value != "Xxxx Xxxx" || p.Hint != `write it: "Xxxx Xxxx" is none` {
		t.Errorf("not a date: %+v", p)
	}
}

// TestEveryTextIsThoughtOf: a new field of a report is masked, and its author has to say how.
func TestEveryTextIsThoughtOf(t *testing.T) {
	named := fields()
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type)
	look = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if _, special := specials()[of]; special || of.Kind() != reflect.Struct || seen[of] || of.PkgPath() == "time" {
			if of.Kind() == reflect.Map || of.Kind() == reflect.Interface {
				t.Errorf("%s cannot be masked", of)
			}
			return
		}
		seen[of] = true
		for f := range fieldsOf(of) {
			inner := f.Type
			for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			name := of.String() + "." + f.Name
			if inner.Kind() == reflect.String && named[name] == nil {
				t.Errorf("it is not said what --mask makes of %s: package mask, fields", name)
			}
			delete(named, name)
			look(f.Type)
		}
	}
	look(reflect.TypeFor[report.Report]())
	delete(named, "sources.Origin.File") // within a problem
	delete(named, "sources.Origin.Place")
	delete(named, "importer.StaffSum.ID")
	for name := range named {
		t.Errorf("%s is no field of a report", name)
	}
}

func fieldsOf(of reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range of.NumField() {
			if f := of.Field(i); f.IsExported() && !yield(f) {
				return
			}
		}
	}
}

func TestSamePersonSameMask(t *testing.T) {
	of := func(key string) *report.Report {
		return Report(&report.Report{
			Note: "Anna Smith, ANNA.SMITH@example.com, anna, anna_smith.pdf, +31 20 123 4567, 0031 20 1234567",
			Previews: []importer.Preview{{Work: &importer.Work{Ticket: mapping.Ticket{
				Customer: mapping.Person{ID: "7", Name: "Anna Smith", Email: "anna.smith@example.com"},
				Messages: []mapping.Message{{Author: mapping.Person{Email: "Anna.Smith@Example.com", Name: "Anna S."}, To: []mapping.Address{{Address: "bob@example.com"}}}},
			}}}},
		}, []byte(key))
	}
	r, other := of("one"), of("two")
	tag := strings.TrimSuffix(strings.TrimPrefix(r.Previews[0].Work.Ticket.Customer.Email, "person-"), maskedDomain)
	m := r.Previews[0].Work.Ticket.Messages[0]
	person := "Person " + tag
	if len(tag) != 8 || r.Previews[0].Work.Ticket.Customer.Name != person || m.Author.Email != r.Previews[0].Work.Ticket.Customer.Email || m.Author.Name != person || m.To[0].Address == m.Author.Email {
		t.Errorf("%+v", r.Previews[0].Work.Ticket)
	}
	parts := strings.Split(r.Note, ", ")
	if parts[0] != person || parts[1] != "person-"+tag+maskedDomain || parts[2] != person || parts[3] != person+".pdf" || parts[4] != parts[5] || !strings.HasPrefix(parts[4], "phone-") {
		t.Errorf("%q", parts)
	}
	if other.Note == r.Note || of("one").Note != r.Note {
		t.Error("masks depend on something else than the key")
	}
}

// TestHintsAgree: where a hint names a value, it does so by the value's own mask, however the masks of values are made.
func TestHintsAgree(t *testing.T) {
	problem := func(code, field string, values ...string) importer.ProblemSum {
		p := importer.ProblemSum{Code: code, Field: field, Severity: "error", Hint: fmt.Sprintf("tables.agent: add  %q: a", values[0])}
		for _, v := range values {
			p.Examples = append(p.Examples, importer.Example{Origin: "a.csv:2", Value: v})
			p.Values = append(p.Values, importer.ValueSum{Value: v, Count: 1, Hint: fmt.Sprintf("tables.agent: add  %q: a", v)})
		}
		p.Examples = p.Examples[1:] // the hint may be of a value that is no example
		return p
	}
	r := &report.Report{Summary: &importer.Summary{}, Previews: []importer.Preview{{Work: &importer.Work{Ticket: mapping.Ticket{Customer: mapping.Person{Name: "May Ent", Email: "may@example.com"}}}}}}
	r.Problems = []importer.ProblemSum{
		problem("table.unknown", "assignee_user.email", "a", "ent", "May Ent", `Ann "A" Lee`, "id", "1"), problem("table.unknown", "status", "may", "add", "open"), problem("custom_field.value", "custom_fields.size", "Zoe Xu", "b"),
		problem("sent_datetime.unreadable", "sent_datetime", "May 3, 2021", "Zoe Xu"),
	}
	for _, p := range Report(r, key).Problems {
		for i, v := range p.Values {
			if want := fmt.Sprintf("tables.agent: add  %q: a", v.Value); v.Hint != want && v.Value != p.Values[0].Value || i == 0 && !strings.Contains(p.Hint, fmt.Sprintf("%q", v.Value)) || !strings.HasPrefix(v.Hint, "tables.agent") {
				t.Errorf("%s %s: the value is %q, and the hint %s", p.Code, p.Field, v.Value, v.Hint)
			}
		}
	}
}

func TestShaped(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Hello, World 42!", "Xxxxx, Xxxxx 00!"}, {"Ёлка ρω", "хххх χχ"}, {"שלום 7", "שששש 0"}, {"مرحبا ٧", "سسسسس 0"}, {"東京タワー", "字字アアー"},
		{"Jose\u0301 👍🏽 ❤️", "Xxxx 👍🏽 ❤️"}, {"", ""},
	} {
		if got := shaped(c.text); got != c.want && !(c.text == "東京タワー" && []rune(got)[0] == '字') {
			t.Errorf("shaped(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestText(t *testing.T) {
	m := &masker{key: key, tags: map[string]string{}, known: map[string]bool{}}
	m.names.add("Will Mark", "Person 00000000")
	for _, s := range []string{"tickets.csv:360001234567", "ticket zendesk:812", "2024-03-01 09:30", "01/02/2024 10:00", "open", "it will be an upper mark", "v1.2.3", "@acme.com", "10:00:00", "3.60001E+11",
		"{ from: status, table: status }", "00:00:00"} {
		if got := m.ours(s); got != s {
			t.Errorf("ours(%q) = %q", s, got)
		}
	}
	for _, s := range []string{"Will", "call 020-1234567", "call (020) 123 4567", "call 555-123-4567", "fe80::1", "10.0.0.1", "a@b", "ann＠example.com", "0612345678"} {
		if got := m.ours(s); got == s {
			t.Errorf("ours(%q) stays", s)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"/home/nina/export/t.csv:7", "/home/user/export/t.csv:7"}, {`C:\Users\Nina\t.csv:7`, `C:\Users\user\t.csv:7`}, {"read /Users/nina/x and /home/bo/y", "read /Users/user/x and /home/user/y"},
		{"https://acme.test/home/page", "https://acme.test/home/page"},
	} {
		if got := m.text(c.text); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
	if got := m.text("my will be done by WILL.MARK"); got != "my Person 00000000 be done by Person 00000000" {
		t.Errorf("got %q", got)
	}
}

func TestDate(t *testing.T) {
	for _, s := range []string{"2024-03-01", "2024-03-01T09:30:00Z", "2024-03-01 09:30:00 +0200", "03/04/2021", "Mon, 2 Jan 2006 15:04:05 GMT", "March 4, 2021", "0000-00-00 00:00:00"} {
		if !isDate(s) {
			t.Errorf("%q is a date", s)
		}
	}
	for _, s := range []string{"Anna Smith", "0612345678", "020 1234567", "2024-03-01 Anna", "1 Anna 2024", "", "12"} {
		if isDate(s) {
			t.Errorf("%q is no date", s)
		}
	}
}

func TestRecord(t *testing.T) {
	m := &masker{key: key, tags: map[string]string{}, known: map[string]bool{}}
	for _, c := range []struct{ text, want string }{
		{"id: 812\nstatus: on-hold\nphone: 0612345678\ncreated_at: 2024-03-01 09:30\nbody: Dear Anna,\n  status: Anna\nnote: x\n",
			"id: 812\nstatus: on-hold\nphone: " + "phone-" + m.tag(digits("0612345678")) + "\ncreated_at: 2024-03-01 09:30\nbody: Xxxx Xxxx,\n  xxxxxx: Xxxx\nnote: x\n"},
		{"{\n  \"id\": 812,\n  \"phone\": 31201234567,\n  \"name\": \"Anna \\\"S\\\"\",\n  \"open\": true, \"tags\": [\"Anna\"], \"body\": \"Dear An",
			"{\n  \"id\": 812,\n  \"phone\": 00000000000,\n  \"name\": \"Xxxx \\\"X\\\"\",\n  \"open\": true, \"tags\": [\"Xxxx\"], \"body\": \"Xxxx Xx"},
		{`{"id": "anna@example.com", "updated_at": "2024-03-01T00:00:00Z"}`, `{"id": "` + m.email("anna@example.com") + `", "updated_at": "2024-03-01T00:00:00Z"}`},
	} {
		if got := m.record(c.text); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

func TestMapping(t *testing.T) {
	m := &masker{key: key, tags: map[string]string{}, known: map[string]bool{}}
	got := m.mapping("tables:\n  agent:\n    Anna Smith: anna@example.com\n    \"Bob B\": \"bob@example.com\"\n    email: ann@example.com\npeople: { agents: [\"@acme.test\", ann@acme.test] }\nteam: { Ann: ann@example.com, x: y }\n")
	for _, s := range []string{"Anna", "Bob", "ann@", "Ann:"} {
		if strings.Contains(got, s) {
			t.Errorf("%q is left in\n%s", s, got)
		}
	}
	if !strings.Contains(got, "    email: person-") || !strings.Contains(got, `"@acme.test"`) || !strings.Contains(got, `"Person `) {
		t.Errorf("got\n%s", got)
	}
}

func FuzzHTML(f *testing.F) {
	f.Add(`<p title="Anna">Anna</p><!-- Anna --><script>Anna</script><a href="https://x/Anna">Anna</a><![CDATA[Anna]]>`)
	f.Add(`<textarea><Anna Anna="Anna`)
	f.Fuzz(func(t *testing.T, s string) {
		m := &masker{key: key, tags: map[string]string{}, known: map[string]bool{}}
		if got := m.html(s); strings.Contains(got, "Anna") {
			t.Errorf("%q becomes %q", s, got)
		}
	})
}
