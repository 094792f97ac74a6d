package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestImportDirection holds the one way imports point: cmd -> importer/* -> importer -> mapping -> sources.
func TestImportDirection(t *testing.T) {
	const module = "github.com/deskferry/deskferry/"
	allowed := map[string]string{ // package -> those of ours it may import
		"sources/cell":              "",
		"sources":                   "sources/cell",
		"sources/lanes":             "",
		"sources/omnidesk":          "",
		"mapping/presets":           "",
		"mapping/reply":             "",
		"mapping":                   "sources mapping/presets mapping/reply",
		"mapping/profile":           "mapping mapping/presets sources sources/lanes",
		"importer":                  "mapping sources sources/lanes",
		"importer/export":           "importer mapping sources/cell",
		"importer/throttle":         "",
		"importer/ledger":           "importer mapping sources",
		"importer/peoplefile":       "mapping sources sources/cell",
		"importer/files":            "",
		"importer/gorgias":          "importer importer/files importer/throttle mapping",
		"importer/report":           "importer importer/conversation importer/problem mapping sources",
		"importer/problem":          "importer/files mapping",
		"importer/mask":             "importer importer/report mapping",
		"importer/conversation":     "",
		"importer/sandbox":          "importer/conversation",
		"importer/suggest":          "importer mapping mapping/presets mapping/profile sources",
		"importer/sandbox/omnidesk": "importer/sandbox", // the fault script
		"testdata":                  "",
		"docs":                      "",
		"cmd/deskferry/browsertest": "",
		"cmd/deskferry":             "*",
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "../../...").Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < 9 {
		t.Fatalf("only %d packages listed:\n%s", len(lines), out)
	}
	for _, line := range lines {
		name, imports, _ := strings.Cut(strings.TrimPrefix(line, module), ": ")
		may, known := allowed[name]
		if !known {
			t.Errorf("package %s has no place in the direction of imports: say here what it may import", name)
		}
		if may == "*" {
			continue
		}
		for path := range strings.FieldsSeq(imports) {
			ours, is := strings.CutPrefix(path, module)
			if is && !strings.Contains(" "+may+" ", " "+ours+" ") {
				t.Errorf("%s imports %s; it may import %q", name, ours, may)
			}
			if (path == "os/exec" || path == "log" || path == "log/slog") && !is {
				t.Errorf("%s imports %s: nothing below cmd logs or runs programs", name, path)
			}
		}
	}
}
