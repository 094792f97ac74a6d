package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer/suggest"
	"github.com/deskferry/deskferry/mapping/profile"
	"github.com/deskferry/deskferry/sources"
)

func inspectCommand(std streams) *cli.Command {
	flags := slices.DeleteFunc(inputFlags(), func(f cli.Flag) bool { return f.Names()[0] == "mapping" || f.Names()[0] == "set" })
	return &cli.Command{
		Name:  "inspect",
		Usage: "say what is in an export: format, fields, times, doubts, and which preset fits",
		Description: "It reads everything once, sends nothing and writes nothing. Fields are named as a mapping names them. Examples and values are shown as they " +
			"are: mind who sees them. It ends with 3 where records cannot be read or there is none.",
		Flags: append(flags,
			intFlag("records", 0, "look only at the first `N` records of each file"),
			boolFlag("json", "print it as JSON"),
		),
		Action: func(c *cli.Context) error { return inspect(c, std) },
	}
}

func inspect(c *cli.Context, std streams) error {
	if c.Int("records") < 0 {
		return usagef("--records %d: it is at least 1", c.Int("records"))
	}
	ctx, stop := interruptible(c.Context)
	defer stop()
	set, err := openBare(ctx, c, std)
	if err != nil {
		return err
	}
	defer set.Close()
	bar := newProgress(std.err, "reading", "bytes", 0)
	p, err := profile.Read(ctx, set, set.Files(), profile.Options{
		Records: int64(c.Int("records")),
		Seen: func(n int64) {
			done, total := set.Progress()
			bar.show(done, total, fmt.Sprintf("%d records", n))
		},
	})
	bar.done()
	if err != nil {
		return stopped(ctx, err)
	}
	agree(p)
	if err := tellInspection(c, std, p); err != nil {
		return err
	}
	if slices.ContainsFunc(p.Files, func(f profile.File) bool { return f.Bad > 0 }) || p.Refusal != "" && empty(p) {
		return errIncomplete
	}
	return nil
}

// agree refuses what mapping suggest would refuse: the next command must not be one that fails.
func agree(p *profile.Profile) {
	if p.Refusal != "" {
		return
	}
	var refusal *suggest.Refusal
	if _, err := suggest.Make(p, nil, suggest.Answers{}); errors.As(err, &refusal) {
		p.Refusal = refusal.Text
	}
}

func empty(p *profile.Profile) bool {
	return !slices.ContainsFunc(p.Files, func(f profile.File) bool { return f.Records > 0 })
}

func tellInspection(c *cli.Context, std streams, p *profile.Profile) error {
	if c.Bool("json") {
		e := json.NewEncoder(std.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(struct {
			Version int `json:"version"`
			*profile.Profile
		}{1, p})
	}
	return inspection{Profile: p, from: from(c), colour: colours(std.out)}.write(std.out)
}

// openBare opens the input that the flags name, as it can be told without a mapping. The caller closes the set.
func openBare(ctx context.Context, c *cli.Context, std streams) (*sources.Set, error) {
	paths := c.StringSlice("from")
	if len(paths) == 0 {
		return nil, usagef("--from is missing: the export to read, or - for standard input")
	}
	fixed, err := fixedOptions(c)
	if err != nil {
		return nil, err
	}
	if paths, err = pullLive(c, std, paths, "", nil); err != nil {
		return nil, err
	}
	set, err := sources.Open(ctx, paths, func(string) sources.Options { return fixed }, std.in)
	if err != nil {
		return nil, err
	}
	for _, name := range set.Skipped() {
		fmt.Fprintf(std.err, "deskferry: %s is left out: its name does not end as an export's does; name it in --from to have it read\n", name)
	}
	if len(set.Files()) == 0 {
		return nil, errors.Join(errors.New("there is no file to look at"), set.Close())
	}
	return set, nil
}

// from writes the flags that name the input again, for the command that comes next.
func from(c *cli.Context) string {
	var b strings.Builder
	for _, path := range c.StringSlice("from") {
		b.WriteString(" --from " + shellWord(path))
	}
	for _, name := range []string{"format", "encoding", "delimiter"} {
		if v := c.String(name); v != "" {
			b.WriteString(" --" + name + " " + shellWord(v))
		}
	}
	for _, place := range c.StringSlice("place") {
		b.WriteString(" --place " + shellWord(place))
	}
	return b.String()
}

// shellWord quotes s where a shell would take it for something else.
func shellWord(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\n'\"\\$`*?[](){}<>|;&!#~") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
