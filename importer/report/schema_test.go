package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	generate "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/deskferry/deskferry/importer"
)

var update = flag.Bool("update", false, "write what is made of the code anew")

const schemaFile = "../../docs/report.schema.json"

// TestSchema holds the published schema to the types that are written.
func TestSchema(t *testing.T) {
	want := append(madeSchema(t), '\n')
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("docs/report.schema.json is not what the types say: go test ./importer/report -run TestSchema -update")
	}
}

// madeSchema makes the schema from the types and their comments. A report has the fields of a summary together or not at all.
func madeSchema(t *testing.T) []byte {
	t.Helper()
	r := generate.Reflector{AllowAdditionalProperties: true, Anonymous: true}
	t.Chdir("../..") // comments are found by the package's path below the module's
	for _, dir := range []string{"./importer", "./importer/report"} {
		if err := r.AddGoComments("github.com/deskferry/deskferry", dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir("importer/report")
	s := r.Reflect(&Report{})
	s.ID, s.Title = "urn:deskferry:report:1", "deskferry report"
	s.Description = "What --json prints, and --report writes into a file whose name ends in .json. Fields are added, never renamed: ignore those you do not know."
	root := s.Definitions["Report"]
	var ofSummary []string
	for name := range jsonNames(reflect.TypeFor[importer.Summary]()) {
		if slices.Contains(root.Required, name) {
			ofSummary = append(ofSummary, name)
		}
	}
	slices.Sort(ofSummary)
	root.Required = slices.DeleteFunc(root.Required, func(name string) bool { return slices.Contains(ofSummary, name) })
	root.DependentRequired = map[string][]string{"version": ofSummary}
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func jsonNames(t reflect.Type) func(func(string) bool) {
	return func(yield func(string) bool) {
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.IsExported() && name != "" && name != "-" && !yield(name) {
				return
			}
		}
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestJSONFitsSchema: of every kind of report, and what is not one does not fit.
func TestJSONFitsSchema(t *testing.T) {
	schema := compiled(t)
	began := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	for name, r := range map[string]*Report{
		"check":   {Summary: sample(), Command: "check", Started: began, Ended: began.Add(time.Minute)},
		"running": {Summary: sample(), Command: "import", Started: began, Running: &Running{Phase: "importing", Done: 3, Unit: "tickets", AsOf: began}},
		"verify":  {Command: "verify", Started: began, Verification: &importer.Verification{Kinds: []importer.DiffCount{{Code: importer.DiffTime, Count: 1}}}},
		"nothing": {Command: "retry", Started: began, Note: "interrupted"},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := JSON(&b, r); err != nil {
				t.Fatal(err)
			}
			doc, err := jsonschema.UnmarshalJSON(&b)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Error(err)
			}
			delete(doc.(map[string]any), "messages")
			doc.(map[string]any)["command"] = 7
			if schema.Validate(doc) == nil {
				t.Error("a report whose command is a number fits")
			}
		})
	}
}
