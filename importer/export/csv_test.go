package export_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/export"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// TestCSVInSpreadsheets: no cell is a formula, whatever the export holds, and what is read back is what was written.
func TestCSVInSpreadsheets(t *testing.T) {
	hostile := []string{"=1+1", "+31201234567", "-5", "-5+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "＝1", "007", "2021-03-04", "'=1", "'007", "a;=1", "a\n=1\n- b", "plain"}
	sent, err := mapping.NewSentTime(time.Unix(1e9, 0), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := export.NewCSV(&b)
	for _, s := range hostile {
		w := &importer.Work{Ticket: mapping.Ticket{ExternalID: "1", Subject: s, Tags: []string{"=tag"}, Messages: []mapping.Message{{ExternalID: "2", BodyText: s, Author: mapping.Person{Name: s}, SentDatetime: sent}}}}
		if err := out.Ticket(w); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != len(hostile)+1 || !strings.HasPrefix(b.String(), "\uFEFF") {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, c := range row {
			if cut := strings.TrimLeft(c, " \t\r\""); cut != "" && strings.ContainsRune("=+-@＝", []rune(cut)[0]) && strings.Trim(cut[1:], "0123456789") != "" {
				t.Errorf("the cell %q is computed by a spreadsheet", c)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "m.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := sources.Open(t.Context(), []string{path}, func(string) sources.Options { return sources.Options{} }, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	at := map[string]int{}
	for i, c := range set.Files()[0].Columns {
		at[c] = i
	}
	if _, ok := at[sources.SafeColumn]; ok || len(at) == 0 {
		t.Errorf("columns %v", set.Files()[0].Columns)
	}
	n := 0
	for p, err := range set.Pieces(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range p.Records() {
			if err != nil {
				t.Fatal(err)
			}
			for _, column := range []string{"subject", "body_text", "author_name"} {
				if got := r.Fields[at[column]]; got != hostile[n] {
					t.Errorf("%s %q came back as %q", column, hostile[n], got)
				}
			}
			if r.Fields[at["tags"]] != "=tag" {
				t.Errorf("tags %q", r.Fields[at["tags"]])
			}
			n++
		}
	}
	if n != len(hostile) {
		t.Errorf("%d records", n)
	}
}
