package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/mapping"
)

func mappingCommand(std streams) *cli.Command {
	file := func() []cli.Flag {
		return []cli.Flag{
			stringFlag("mapping", "mapping `FILE`, or the name of a preset"),
			stringsFlag("set", "`NAME=VALUE` that the mapping reads as $set.NAME (repeatable)"),
		}
	}
	return &cli.Command{
		Name:  "mapping",
		Usage: "check, print, explain and describe mapping files",
		Subcommands: []*cli.Command{
			{
				Name: "lint", Usage: "say what is wrong with a mapping, and what may be meant otherwise", Flags: file(),
				Action: func(c *cli.Context) error { return lint(c, std) },
			},
			{
				Name: "show", Usage: "print a mapping with everything it extends merged in", Flags: file(),
				Action: func(c *cli.Context) error {
					m, err := loadMapping(c)
					if err == nil {
						_, err = fmt.Fprint(std.out, m.File().Show())
					}
					return err
				},
			},
			explainMapping(std),
			suggestMapping(std),
			{
				Name: "schema", Usage: "print the JSON Schema of mapping files, for editors",
				Action: func(*cli.Context) error {
					_, err := fmt.Fprintf(std.out, "%s\n", strings.TrimRight(string(mapping.Schema()), "\n"))
					return err
				},
			},
		},
	}
}

func lint(c *cli.Context, std streams) error {
	m, err := loadMapping(c)
	if err != nil {
		return err
	}
	findings := m.File().Lint()
	for _, f := range findings {
		fmt.Fprintln(std.out, f)
	}
	switch len(findings) {
	case 0:
		fmt.Fprintf(std.out, "%s: nothing to say against it\n", c.String("mapping"))
	default:
		fmt.Fprintf(std.out, "%s: it loads; the lines above are advice\n", c.String("mapping"))
	}
	return nil
}

// loadMapping loads the mapping that --mapping names: a file, else a preset.
func loadMapping(c *cli.Context) (*mapping.Mapping, error) {
	name := c.String("mapping")
	if name == "" {
		return nil, usagef("--mapping is missing: a mapping file or the name of a preset")
	}
	set := map[string]string{}
	for _, s := range c.StringSlice("set") {
		k, v, ok := strings.Cut(s, "=")
		if !ok || k == "" {
			return nil, usagef("--set %q: give it as NAME=VALUE", s)
		}
		set[k] = v
	}
	opt := mapping.LoadOptions{Set: set}
	if zone, err := zoneFlag(c, "timezone"); err != nil {
		return nil, err
	} else if zone != nil {
		opt.Timezone = zone.String()
	}
	return namedMapping(name, opt)
}

// namedMapping loads a mapping: a file, else a preset.
func namedMapping(name string, opt mapping.LoadOptions) (*mapping.Mapping, error) {
	if abs, err := filepath.Abs(name); err == nil {
		if _, err = os.Stat(abs); err == nil {
			return mapping.Load(os.DirFS(filepath.Dir(abs)), filepath.Base(abs), opt)
		} else if !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("reading the mapping: %w", err)
		}
	}
	return mapping.Load(os.DirFS("."), name, opt)
}
