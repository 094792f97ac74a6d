package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/deskferry/deskferry/importer/suggest"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/mapping/profile"
)

func suggestMapping(std streams) *cli.Command {
	flags := slices.DeleteFunc(inputFlags(), func(f cli.Flag) bool { return f.Names()[0] == "mapping" || f.Names()[0] == "set" })
	return &cli.Command{
		Name:  "suggest",
		Usage: "write a first mapping for an export, from what is in it",
		Description: "It recognises the export, or its columns by name and content, and writes beside each line what it was taken from. What the data does not say is marked " +
			`"decide:" and never guessed. The mapping can be checked at once. It names addresses and values of the export.`,
		Flags: append(flags,
			stringFlag("preset", "extend this `PRESET`, whatever the export looks like; none: write out a whole mapping"),
			stringFlag("out", "new `FILE` to write; absent: standard output"),
			boolFlag("interactive", "ask what is open, on a terminal"),
		),
		Action: func(c *cli.Context) error { return suggestFor(c, std) },
	}
}

func suggestFor(c *cli.Context, std streams) error {
	answers, err := givenAnswers(c)
	if err != nil {
		return err
	}
	if c.Bool("interactive") && !canAsk(std) {
		return usagef("--interactive asks on a terminal, and there is none: leave it out, and decide in the file what is marked \"decide:\"")
	}
	out := c.String("out")
	if err := mustBeNew(out); err != nil {
		return err
	}
	s, err := makeSuggestion(c, std, answers)
	if err != nil {
		return err
	}
	if out == "" || out == "-" {
		if _, err := std.out.Write(s.Text); err != nil {
			return fmt.Errorf("writing the mapping: %w", err)
		}
	} else if err := writeNew(out, s.Text); err != nil {
		return err
	}
	return tellSuggestion(std.err, c, s)
}

// makeSuggestion reads the export several times: what is in it, who writes, and what the preset makes of it.
func makeSuggestion(c *cli.Context, std streams, answers suggest.Answers) (*suggest.Suggestion, error) {
	ctx, stop := interruptible(c.Context)
	defer stop()
	set, err := openBare(ctx, c, std)
	if err != nil {
		return nil, err
	}
	defer set.Close()
	bar := newProgress(std.err, "reading", "bytes", 0)
	p, err := profile.Read(ctx, set, set.Files(), profile.Options{Seen: func(n int64) {
		done, total := set.Progress()
		bar.show(done, total, fmt.Sprintf("%d records", n))
	}})
	bar.done()
	if err != nil {
		return nil, stopped(ctx, err)
	}
	findings, err := suggest.Look(ctx, set, set.Files(), p, answers)
	if err != nil {
		return nil, stopped(ctx, err)
	}
	if c.Bool("interactive") {
		a := asker{in: std.in, out: std.err, plain: os.Getenv("TERM") == "dumb"}
		if answers, err = suggest.Interview(p, findings, answers, a.ask); err != nil {
			return nil, err
		}
	}
	return suggest.Make(p, findings, answers)
}

// givenAnswers are what the flags say.
func givenAnswers(c *cli.Context) (suggest.Answers, error) {
	a := suggest.Answers{}
	if name := c.String("preset"); name != "" {
		if name != "none" && !slices.Contains(mapping.Presets(), name) {
			return nil, usagef("--preset %q is no preset%s", name, otherPresets(name))
		}
		a[suggest.KeyPreset] = []string{name}
	}
	for _, key := range []string{suggest.KeyFormat, suggest.KeyEncoding, suggest.KeyDelimiter} {
		if v := c.String(key); v != "" {
			a[key] = []string{v}
		}
	}
	return a, nil
}

// otherPresets says which preset was meant, and which there are.
func otherPresets(name string) string {
	names := append(slices.Sorted(slices.Values(mapping.Presets())), "none")
	text := "; there are " + strings.Join(names, ", ")
	if near := mapping.Nearest(name, names); near != "" {
		text = "; did you mean " + near + "?" + strings.Replace(text, "; there", " There", 1)
	}
	return text
}

func canAsk(std streams) bool {
	in, ok := std.in.(*os.File)
	return ok && term.IsTerminal(int(in.Fd())) && terminalOut(std.err)
}

func terminalOut(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// mustBeNew refuses a file that is there: a mapping somebody has worked on is not written over.
func mustBeNew(path string) error {
	if path == "" || path == "-" {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return usagef("--out %s is there already and is not written over: name a new file", path)
	}
	return nil
}

func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("writing the mapping: %w", err)
	}
	if _, err := f.Write(text); err != nil {
		return errors.Join(fmt.Errorf("writing the mapping: %w", err), f.Close(), os.Remove(path))
	}
	if err := f.Close(); err != nil {
		return errors.Join(fmt.Errorf("writing the mapping: %w", err), os.Remove(path))
	}
	return nil
}

// tellSuggestion says what is left to decide, and what comes next.
func tellSuggestion(w io.Writer, c *cli.Context, s *suggest.Suggestion) error {
	if len(s.Open) > 0 {
		fmt.Fprintf(w, "left to decide (marked \"decide:\" in the mapping):\n")
	}
	for i, q := range s.Open {
		if i == 20 {
			fmt.Fprintf(w, "  and %d more\n", len(s.Open)-i)
			break
		}
		fmt.Fprintf(w, "  %s\n", q.Title)
	}
	file := c.String("out")
	if file == "" || file == "-" {
		file = "FILE"
	}
	_, err := fmt.Fprintf(w, "next: deskferry check%s --mapping %s\n", from(c), shellWord(file))
	return err
}
