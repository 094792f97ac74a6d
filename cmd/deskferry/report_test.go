package main

import (
	"os"
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"
)

// steadyReport copies what a command printed or wrote, with what differs from run to run made alike: times, the version, the
// port of an account. "steady stdout report.json" makes a file that cmp takes.
func steadyReport(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: steady FROM TO")
	}
	text := ts.ReadFile(args[0])
	for _, r := range [][2]string{
		{`"(started|ended|as_of)": "[^"]*"`, `"$1": "2024-03-01T09:00:00Z"`},
		{`"program": "[^"]*"`, `"program": "v0"`},
		{`127\.0\.0\.1:\d+`, `127.0.0.1:1`},
	} {
		text = regexp.MustCompile(r[0]).ReplaceAllString(text, r[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}
