package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

func lookupEnv(name string) (string, bool) { return os.LookupEnv(name) }

// openJob opens the input and the mapping that the flags name. The caller closes the set.
func openJob(c *cli.Context, std streams) (*importer.Job, *sources.Set, error) {
	job, set, err := openInputJob(c, std)
	if err != nil {
		return nil, nil, err
	}
	job.OnlyTicket, job.Limit, job.PerMessage = c.String("only-ticket"), c.Int("limit"), c.Bool("per-message")
	job.MaxMessages, job.MaxBytes = c.Int("max-messages"), c.Int("max-bytes")
	if err := choose(c, job); err != nil {
		set.Close()
		return nil, nil, err
	}
	return job, set, nil
}

// openInputJob is openJob without the flags that select tickets.
func openInputJob(c *cli.Context, std streams) (*importer.Job, *sources.Set, error) {
	m, err := loadMapping(c)
	if err != nil {
		return nil, nil, err
	}
	choices, err := choicesOf(c, m)
	if err != nil {
		return nil, nil, err
	}
	set, err := openInput(c, std, m)
	if err != nil {
		return nil, nil, err
	}
	return &importer.Job{Source: set, Files: set.Files(), Mapping: m, Choices: choices, Now: time.Now()}, set, nil
}

func openInput(c *cli.Context, std streams, m *mapping.Mapping) (*sources.Set, error) {
	from := inputsOf(c)
	if len(from) == 0 {
		return nil, usagef("--from is missing: the export to read, or - for standard input")
	}
	fixed, err := fixedOptions(c)
	if err != nil {
		return nil, err
	}
	if from, err = pullLive(c, std, from, m.Name(), m.File().Source.API); err != nil {
		return nil, err
	}
	set, err := sources.Open(c.Context, from, func(base string) sources.Options {
		o := m.SourceOptions(base)
		if fixed.Format != "" {
			o.Format = fixed.Format
		}
		if fixed.Encoding != "" {
			o.Encoding = fixed.Encoding
		}
		if fixed.Comma != 0 {
			o.Comma = fixed.Comma
		}
		if len(fixed.Places) > 0 {
			o.Places = fixed.Places
		}
		return o
	}, std.in)
	if err != nil {
		return nil, err
	}
	for _, name := range set.Skipped() {
		fmt.Fprintf(std.err, "deskferry: %s is left out: its name does not end as an export's does; name it in --from to have it read\n", name)
	}
	return set, nil
}

// fixedOptions are what flags say of the input; they win over the mapping.
func fixedOptions(c *cli.Context) (sources.Options, error) {
	o := sources.Options{Encoding: c.String("encoding"), Places: c.StringSlice("place")}
	switch f := sources.Format(c.String("format")); f {
	case "", sources.CSV, sources.JSON, sources.XML, sources.Mail:
		o.Format = f
	default:
		return o, usagef("--format %q: it is csv, json, xml or mail", f)
	}
	switch d := c.String("delimiter"); {
	case d == "":
	case d == "tab" || d == `\t`:
		o.Comma = '\t'
	case len(d) == 1:
		o.Comma = d[0]
	default:
		return o, usagef("--delimiter %q: it is one character, or the word tab", d)
	}
	return o, nil
}

// choose puts the flags that select tickets into job.
func choose(c *cli.Context, job *importer.Job) (err error) {
	switch c.String("incomplete") {
	case "hold", "":
	case "send":
		job.SendIncomplete = true
	default:
		return usagef("--incomplete %q: it is hold or send", c.String("incomplete"))
	}
	if n := job.MaxMessages; n < 1 || n > importer.DefaultMaxMessages {
		return usagef("--max-messages %d: Gorgias takes 1 to %d", n, importer.DefaultMaxMessages)
	}
	if job.MaxBytes < 1 {
		return usagef("--max-bytes %d: it is at least 1", job.MaxBytes)
	}
	if job.Limit < 0 {
		return usagef("--limit %d: it is at least 1", job.Limit)
	}
	if job.Since, err = timeFlag(c, "since"); err != nil {
		return err
	}
	job.Until, err = timeFlag(c, "until")
	return err
}

// zoneFlag reads the name of a zone; nil where the flag is not given.
func zoneFlag(c *cli.Context, name string) (*time.Location, error) {
	s := c.String(name)
	if s == "" {
		return nil, nil
	}
	zone, err := time.LoadLocation(s)
	if err != nil || s == "Local" {
		return nil, usagef("--%s %q: it is a zone of the tz database, as Europe/Amsterdam or UTC", name, s)
	}
	return zone, nil
}

// timeFlag reads a day, taken as UTC, or an RFC 3339 time.
func timeFlag(c *cli.Context, name string) (time.Time, error) {
	s := c.String(name)
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usagef("--%s %q: give a day (2024-03-31) or an RFC 3339 time (2024-03-31T08:00:00Z)", name, s)
}

// openRejects gives the job a file for its rejected records, where --rejects names one. The returned function closes it.
func openRejects(c *cli.Context, job *importer.Job) (func() error, error) {
	path := c.String("rejects")
	if path == "" {
		return func() error { return nil }, nil
	}
	for _, f := range job.Files {
		if sameFile(f.Name, path) {
			return nil, usagef("--rejects %s is an input too; name another file", path)
		}
	}
	job.Rejects = sources.NewRejects(path)
	return job.Rejects.Close, nil
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// watchJob shows how far a job has read its input. The returned function takes the bar away.
func watchJob(out io.Writer, job *importer.Job) (done func()) {
	return newProgress(out, "reading", "bytes", 0).read(job)
}

// stopped tells an interruption from a failure.
func stopped(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errInterrupted
	}
	return err
}
