package mapping

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/deskferry/deskferry/mapping/presets"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mapping.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mapping.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON reads YAML as an editor does: with a reader that knows nothing of this format.
func asJSON(t *testing.T, text []byte) any {
	t.Helper()
	b, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSchemaTakesWhatLoads(t *testing.T) {
	s := compiledSchema(t)
	for name, fsys := range sampleMappings(t) {
		if !strings.HasSuffix(name, ".yaml") {
			fsys, name = fs.FS(presets.FS), name+".yaml"
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(asJSON(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSchemaAndLoaderRefuse: what is wrong in form is wrong to both.
func TestSchemaAndLoaderRefuse(t *testing.T) {
	s := compiledSchema(t)
	rule := func(fields string) string { return "version: 1\nmessages:\n  m: { " + fields + " }\n" }
	tests := map[string]string{
		"no version":         "tickets: { t: { subject: a } }",
		"version":            "version: 2",
		"section":            "version: 1\nticket: { t: { subject: a } }",
		"rule key":           rule("sent_datetme: a"),
		"rule without a map": "version: 1\nmessages: { m: a }",
		"ticket's each":      "version: 1\ntickets: { t: { each: a, subject: b } }",
		"ticket field":       rule("priority: a"),
		"value key":          rule("subject: { from: a, lowr: true }"),
		"no form":            rule("subject: { lower: true }"),
		"two forms":          rule("subject: { from: a, const: b }"),
		"all of one":         rule("subject: { all: [a, b] }"),
		"empty list":         rule("subject: []"),
		"enum word":          rule("channel: email"),
		"enum constant":      "version: 1\ntickets: { t: { status: { const: pending } } }",
		"person part":        rule("author: { mail: a }"),
		"attachment part":    rule("attachments: { each: a, link: b }"),
		"no address":         rule("to: { each: a, name: b }"),
		"future":             rule("sent_datetime: { from: a, future: send }"),
		"flag":               rule("subject: a, fallback: sometimes"),
		"condition":          rule("subject: a, when: b"),
		"test":               rule("subject: a, when: { b: { is: c } }"),
		"source key":         "version: 1\nsource: { zone: UTC }",
		"input key":          "version: 1\ninputs: { a: { file: b } }",
		"unknown people":     "version: 1\npeople: { unknown: ignore }",
		"table of maps":      "version: 1\ntables: { t: { a: { b: c } } }",
		"skip list":          rule("subject: a, skip: [b]"),
	}
	for name, text := range tests {
		if err := s.Validate(asJSON(t, []byte(text))); err == nil {
			t.Errorf("%s: the schema takes\n%s", name, text)
		}
		if _, err := load(text); err == nil {
			t.Errorf("%s: the loader takes\n%s", name, text)
		}
	}
}

// TestSchemaNamesEveryKey holds that no key of the tables is left out and that each says what it is for.
func TestSchemaNamesEveryKey(t *testing.T) {
	var doc struct {
		Properties map[string]struct{ Description string }
		Defs       map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	for _, k := range fileKeys {
		if doc.Properties[k.name].Description == "" {
			t.Errorf("%s is not described", k.name)
		}
	}
	messages := string(doc.Defs["messages"])
	for _, name := range append(fieldNames(messageFields), keyNames(messageRuleKeys)...) {
		if !strings.Contains(messages, `"`+name+`"`) {
			t.Errorf("messages lack %s", name)
		}
	}
	for _, tables := range [][]key{fileKeys, sourceKeys, inputKeys, tableFileKeys, peopleKeys, personRuleKeys, messageRuleKeys, formKeys, stepKeys, testKeys, partKeys, eachKeys} {
		for _, k := range tables {
			if doc.Defs[k.def] == nil {
				t.Errorf("key %s: there is no definition %s", k.name, k.def)
			}
		}
	}
}
