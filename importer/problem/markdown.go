package problem

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes docs/problems.md.
func Markdown(out io.Writer) error {
	var b strings.Builder
	b.WriteString("# Problems, by code\n\n" +
		"Every problem in a report has a code, which stays as it is: scripts may depend on it. This page is made from the table\n" +
		"that `deskferry explain CODE` reads; `deskferry explain` lists all codes, and `--json` prints them for programs.\n\n")
	for _, a := range Areas() {
		fmt.Fprintf(&b, "- [%s](#%s)\n", a.Title, anchor(a.Title))
	}
	for _, a := range Areas() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", a.Title, a.About)
		for _, e := range All() {
			if e.Area == a.Key {
				fmt.Fprintf(&b, "\n### `%s`\n\n*%s.* %s.\n\n- Example: %s\n- Remedy: %s\n", e.Code, title(e.Severity), title(plain(e.Cause)), plain(e.Example), plain(e.Remedy))
			}
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// anchor is the name a heading has in a page made of Markdown.
func anchor(heading string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(heading), ",", ""), " ", "-")
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// plain keeps Markdown from reading marks of its own in a text.
func plain(s string) string {
	return strings.NewReplacer(`\`, `\\`, "<", `\<`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "`", "\\`").Replace(s)
}
