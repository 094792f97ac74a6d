package mapping

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/deskferry/deskferry/sources"
)

const aboutText = `version: 1
about:
  title: Old Desk
  signs: [[id, comments.public], [Ticket]]
  refuse:
    - { columns: [Id, Requester], unless: [Comment], say: "it holds no comments: ask for the JSON export" }
source: { name: old, api: { pace: 2, archived: yes } }
tickets: { t: { external_id: Id } }
messages: { m: { body_text: b, sent_datetime: s } }
`

func TestAbout(t *testing.T) {
	fsys := fstest.MapFS{
		"a.yaml": {Data: []byte(aboutText)},
		"b.yaml": {Data: []byte("version: 1\nextends: a.yaml\nsource: { api: { pace: 5, parallel: 2 } }\n")},
	}
	f, err := loadFile(fsys, "b.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if f.About.Title != "Old Desk" || len(f.About.Signs) != 2 || f.About.Signs[0][1] != "comments.public" {
		t.Errorf("about is %+v", f.About)
	}
	got := map[string]string{}
	for _, s := range f.Source.API {
		got[s.Name] = s.Value
	}
	if len(got) != 3 || got["pace"] != "5" || got["archived"] != "yes" || got["parallel"] != "2" {
		t.Errorf("settings of the live API are %v", got)
	}
	reload(t, f)
	for columns, refused := range map[string]bool{"id,REQUESTER,Subject": true, "Id,Requester,comment": false, "Id,Subject": false} {
		why := f.About.Refusal(&sources.File{Name: "t.csv", Format: sources.CSV, Columns: strings.Split(columns, ",")})
		if (why != "") != refused {
			t.Errorf("%s: refused with %q", columns, why)
		}
	}
	if why := f.About.Refusal(&sources.File{Name: "t.json", Format: sources.JSON}); why != "" {
		t.Errorf("a document is refused: %s", why)
	}
}

// TestRefusedBeforeTheFirstRecord: a file without messages is named with the export to ask for.
func TestRefusedBeforeTheFirstRecord(t *testing.T) {
	m, err := Load(fstest.MapFS{"a.yaml": {Data: []byte(aboutText)}}, "a.yaml", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	err = m.BindFiles([]*sources.File{{Name: "dir/t.csv", Base: "t.csv", Format: sources.CSV, Columns: []string{"Id", "Requester", "b", "s"}}})
	if err == nil || err.Error() != "dir/t.csv: it holds no comments: ask for the JSON export" {
		t.Errorf("got %v", err)
	}
}

func TestAboutIsChecked(t *testing.T) {
	for text, want := range map[string]string{
		"about: { name: x }":                       `unknown key "name"`,
		"about: { signs: id }":                     "expected a list",
		"about: { refuse: [{ columns: [a] }] }":    "what to say",
		"about: { refuse: [{ say: ask }] }":        "columns it is known by",
		"source: { api: [pace] }":                  "expected a map",
		"source: { format: xlsx }":                 "is not one of csv, json, xml, mail",
		"about: { refuse: [{ column: a, say: b}]}": `did you mean "columns"`,
	} {
		_, err := loadFile(fstest.MapFS{"a.yaml": {Data: []byte("version: 1\n" + text + "\n")}}, "a.yaml")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// TestMisfit: a CSV file that is not what a preset reads is told in two lines, not column by column; one that lacks a
// column or two is told which.
func TestMisfit(t *testing.T) {
	m, err := Load(fstest.MapFS{}, "intercom", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	err = m.BindFiles([]*sources.File{{Name: "t.csv", Base: "t.csv", Format: sources.CSV, Columns: []string{"ID", "Betreff"}}})
	if err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), "t.csv is not what the preset intercom reads") {
		t.Errorf("got %v", err)
	}
	m, err = Load(fstest.MapFS{}, "messages", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	err = m.BindFiles([]*sources.File{{Name: "t.csv", Base: "t.csv", Format: sources.CSV, Columns: []string{"ticket_id", "sentat", "body_text"}}})
	if err == nil || !strings.Contains(err.Error(), `no column "sent_at"; did you mean "sentat"?`) {
		t.Errorf("got %v", err)
	}
}
