package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer/problem"
)

// explainCodeCommand is the one command that takes an argument: a word that is copied out of a report. It has one flag, so nothing
// that matters can be lost behind it.
func explainCodeCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:        "explain",
		Usage:       "tell what a problem's code means, and what to do about it",
		Description: "deskferry explain CODE tells cause, example and remedy of a code that a report names; without CODE all codes are listed. docs/problems.md has the same.",
		ArgsUsage:   "[CODE]",
		Flags:       []cli.Flag{boolFlag("json", "print it as JSON: one entry, or all of them")},
		Action:      func(c *cli.Context) error { return explainCode(c, std) },
	}
}

func explainCode(c *cli.Context, std streams) error {
	args := c.Args().Slice()
	if len(args) > 1 {
		return oneCode(c, args)
	}
	if len(args) == 0 {
		if c.Bool("json") {
			return codeJSON(std.out, problem.All())
		}
		return listCodes(std.out)
	}
	e, ok := problem.Lookup(args[0])
	switch {
	case !ok:
		return unknownCode(args[0])
	case c.Bool("json"):
		return codeJSON(std.out, e)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s\n\n", e.Code, e.Severity)
	for _, p := range []struct{ head, text string }{{"cause", e.Cause}, {"example", e.Example}, {"remedy", e.Remedy}} {
		wrap(&b, fmt.Sprintf("  %-9s ", p.head), strings.Repeat(" ", 12), p.text)
	}
	b.WriteString("\n")
	wrap(&b, "", "", areaOf(e).About)
	_, err := io.WriteString(std.out, b.String())
	return err
}

// oneCode refuses what follows a code, and shows the line that was meant: flags behind an argument would be ignored.
func oneCode(c *cli.Context, args []string) error {
	var flags []string
	for _, a := range args[1:] {
		if strings.HasPrefix(a, "-") {
			flags = append(flags, a)
		}
	}
	if len(flags) < len(args)-1 {
		return usagef("one code at a time\nhint: %s %s", c.Command.HelpName, args[0])
	}
	return usagef("flags come first, after %q they would be ignored\nhint: %s %s %s", args[0], c.Command.HelpName, strings.Join(flags, " "), args[0])
}

func unknownCode(word string) error {
	near := problem.Near(word)
	switch {
	case len(near) == 1:
		return usagef("there is no code %q; did you mean %s?\nhint: deskferry explain %s", word, near[0], near[0])
	case len(near) > 1:
		return usagef("there is no code %q; there are %s\nhint: deskferry explain %s", word, strings.Join(near, ", "), near[0])
	}
	return usagef("there is no code %q\nhint: deskferry explain lists all codes", word)
}

// areaOf is the area of an entry; each has one.
func areaOf(e problem.Entry) (found problem.Area) {
	for _, a := range problem.Areas() {
		if a.Key == e.Area {
			found = a
		}
	}
	return found
}

func listCodes(out io.Writer) error {
	var b strings.Builder
	for i, a := range problem.Areas() {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(strings.ToLower(a.Title[:1]) + a.Title[1:] + "\n")
		for _, e := range problem.All() {
			if e.Area != a.Key {
				continue
			}
			first := fmt.Sprintf("  %-25s ", e.Code)
			wrap(&b, first, strings.Repeat(" ", 28), e.Cause)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func codeJSON(out io.Writer, of any) error {
	return json.MarshalWrite(out, of, jsontext.Multiline(true), jsontext.WithIndent(" "))
}
