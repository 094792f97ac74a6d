package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
)

const (
	helpWidth  = 80
	flagColumn = 24 // where a flag's usage begins
)

// commandHelp is a command's help, made for 80 columns; cli's own runs to 200. It is given to cli as a template without
// anything to fill in.
func commandHelp(c *cli.Command, path string) string {
	var b strings.Builder
	wrap(&b, "", "   ", path+": "+c.Usage)
	b.WriteString("\n")
	for line := range strings.Lines(c.Description) {
		if strings.HasPrefix(line, " ") || strings.HasSuffix(strings.TrimSpace(line), ":") || strings.TrimSpace(line) == "" {
			b.WriteString(strings.TrimRight(line, "\n") + "\n")
			continue
		}
		wrap(&b, "", "", strings.TrimSpace(line))
	}
	if c.Description != "" {
		b.WriteString("\n")
	}
	if len(c.Subcommands) > 0 {
		b.WriteString("COMMANDS:\n")
		for _, sub := range c.Subcommands {
			wrap(&b, pad("   "+sub.Name), pad(""), sub.Usage)
		}
		return b.String()
	}
	b.WriteString("FLAGS:\n")
	for _, f := range c.Flags {
		flagHelp(&b, f)
	}
	wrap(&b, pad("   --help"), pad(""), "show this help")
	b.WriteString("\nEach flag has a twin in the environment: --only-ticket is DESKFERRY_ONLY_TICKET.\n\n" + exitHelp + "\n")
	return strings.ReplaceAll(b.String(), "{{", "{{`{{`}}")
}

func flagHelp(b *strings.Builder, f cli.Flag) {
	doc, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return
	}
	usage, word := doc.GetUsage(), ""
	if before, rest, found := strings.Cut(usage, "`"); found {
		word, rest, _ = strings.Cut(rest, "`")
		usage = before + word + rest
	}
	if word == "" && doc.TakesValue() {
		word = "N"
	}
	if s, ok := f.(*cli.StringFlag); ok && s.Value != "" {
		usage += " (absent: " + s.Value + ")"
	} else if !ok && doc.TakesValue() && doc.GetValue() != "" && doc.GetValue() != "0" && doc.GetValue() != "[]" {
		usage += " (absent: " + doc.GetValue() + ")"
	}
	head := strings.TrimSpace("--"+f.Names()[0]+" "+word) + " "
	first := pad("   " + head)
	if utf8.RuneCountInString("   "+head) > flagColumn {
		b.WriteString("   " + strings.TrimSpace(head) + "\n")
		first = pad("")
	}
	wrap(b, first, pad(""), usage)
}

func pad(s string) string { return fmt.Sprintf("%-*s", flagColumn, s) }

// wrap writes text after first, broken at spaces to the width, further lines after next.
func wrap(b *strings.Builder, first, next, text string) {
	line, empty := first, true
	for word := range strings.FieldsSeq(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > helpWidth {
			b.WriteString(line + "\n")
			line, empty = next, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}
