package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/mapping"
)

type jobInContext struct{}

// jobOf is the job file of a command line; nil where it has none.
func jobOf(c *cli.Context) *job {
	j, _ := c.Context.Value(jobInContext{}).(*job)
	return j
}

// lookup reads the environment as a command line sees it: where a variable and its _FILE twin are not set, the job file's word.
func lookupOf(c *cli.Context) func(string) (string, bool) {
	j := jobOf(c)
	return func(name string) (string, bool) {
		if value, ok := lookupEnv(name); ok || j == nil {
			return value, ok
		}
		plain := strings.TrimSuffix(name, "_FILE")
		for _, twin := range []string{plain, plain + "_FILE"} {
			if value, ok := lookupEnv(twin); ok && value != "" {
				return "", false
			}
		}
		value, ok := j.lookup[name]
		return value, ok
	}
}

// applyJob gives the flags that were not given what the job file says. A command takes what it has flags for.
func applyJob(c *cli.Context) error {
	path := c.String("job")
	if path == "" {
		return nil
	}
	j, unread := readJob(path)
	c.Context = context.WithValue(c.Context, jobInContext{}, j)
	var wrong []mapping.LoadProblem
	if hasFlag(c.Command, "to") { // others have no use for secrets
		wrong = j.unset
	}
	for _, s := range j.settings {
		if !hasFlag(c.Command, s.flag) || c.IsSet(s.flag) {
			continue
		}
		for _, v := range s.values {
			if err := c.Set(s.flag, v); err != nil {
				wrong = append(wrong, mapping.LoadProblem{Pos: s.pos, Path: s.flag, Text: fmt.Sprintf("%q is not what it takes: %s", v, wanted(c.Command, s.flag))})
			}
		}
	}
	if err := cmp.Or(unread, mapping.ProblemsIn(j.text, j.file, wrong)); err != nil {
		return usagef("%v", err)
	}
	return nil
}

// takesJob tells whether a command can use what a job file says: it reads the source, or it works on the ledger.
func takesJob(c *cli.Command) bool {
	return !hasFlag(c, "job") && (hasFlag(c, "ledger") || hasFlag(c, "from") && hasFlag(c, "mapping"))
}

type inputsInContext struct{}

// withInputs puts files in the place of what --from names; nil leaves it.
func withInputs(ctx context.Context, files []string) context.Context {
	if files == nil {
		return ctx
	}
	return context.WithValue(ctx, inputsInContext{}, files)
}

// inputsOf is what is to be read.
func inputsOf(c *cli.Context) []string {
	if files, ok := c.Context.Value(inputsInContext{}).([]string); ok {
		return files
	}
	return c.StringSlice("from")
}

func hasFlag(c *cli.Command, name string) bool {
	return slices.ContainsFunc(c.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}

// wanted says what a flag takes.
func wanted(c *cli.Command, name string) string {
	for _, f := range c.Flags {
		if f.Names()[0] != name {
			continue
		}
		switch f.(type) {
		case *cli.BoolFlag:
			return "true or false"
		case *cli.IntFlag:
			return "a whole number"
		case *cli.DurationFlag:
			return "a time, as 90s, 15m or 2h"
		}
	}
	return "a word"
}
