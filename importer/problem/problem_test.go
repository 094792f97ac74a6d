package problem

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/problems.md anew")

func TestTable(t *testing.T) {
	all := All()
	for i, e := range all {
		if i > 0 && all[i-1].Code == e.Code {
			t.Errorf("%s has two entries", e.Code)
		}
		if !slices.ContainsFunc(Areas(), func(a Area) bool { return a.Key == e.Area }) {
			t.Errorf("%s is of no area: %q", e.Code, e.Area)
		}
		if !slices.Contains([]string{"error", "warning", "fail", "warn", "ok"}, e.Severity) {
			t.Errorf("%s: severity %q", e.Code, e.Severity)
		}
		for name, text := range map[string]string{"cause": e.Cause, "example": e.Example, "remedy": e.Remedy} {
			if text == "" || strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?.") || strings.ContainsAny(text, "\n\t") || name != "example" && strings.ToLower(text[:1]) != text[:1] && !strings.HasPrefix(text, "HTML") &&
				!strings.HasPrefix(text, "Gorgias") && !strings.HasPrefix(text, "From") && !strings.HasPrefix(text, "Sender") && !strings.HasPrefix(text, "Apple") && !strings.HasPrefix(text, "HTTP") {
				t.Errorf("%s: %s %q", e.Code, name, text)
			}
		}
	}
	for _, a := range Areas() {
		if !slices.ContainsFunc(all, func(e Entry) bool { return e.Area == a.Key }) {
			t.Errorf("nothing is of area %s", a.Key)
		}
	}
}

func TestNear(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"time.no-zone", "time.no_zone"}, {"Sent_Datetime.Mising", "sent_datetime.missing"}, {"record.raged", "record.ragged"}, {"time.layout", "time.ambiguous"}, {"zzzzzzzzzz", ""}, {"", ""},
	} {
		if got := strings.Join(Near(c.code), " "); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("near %q: %s, want %s", c.code, got, c.want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := Markdown(&b); err != nil {
		t.Fatal(err)
	}
	const page = "../../docs/problems.md"
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(want, b.Bytes()) {
		t.Errorf("docs/problems.md is not what the table says: go test ./importer/problem -update (%v)", err)
	}
}
