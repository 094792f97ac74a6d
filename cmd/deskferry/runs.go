package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
	"github.com/deskferry/deskferry/mapping"
)

func runsCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "runs",
		Usage: "the runs a ledger remembers: when, who, where, and what came of each",
		Flags: []cli.Flag{
			with(stringFlag("ledger", "ledger `FILE`"), "deskferry.db"),
			intFlag("limit", 0, "only the last `N`"),
			boolFlag("json", "print them as JSON"),
		},
		Action: func(c *cli.Context) error { return runs(c, std) },
	}
}

// runLine is a run as it is told; its JSON names are stable.
type runLine struct {
	ID      int64          `json:"id"`
	Kind    string         `json:"kind"` // import, sync, retry, undo or verify
	Started time.Time      `json:"started"`
	Ended   time.Time      `json:"ended,omitzero"`  // none: it runs, or it was killed
	Killed  bool           `json:"killed,omitzero"` // it ended without a word
	Who     string         `json:"who"`
	Host    string         `json:"host"`
	PID     int            `json:"pid"`
	Version string         `json:"version"`
	Source  string         `json:"source"`
	Mapping string         `json:"mapping"` // hash of the mapping it used
	Counts  jsontext.Value `json:"counts,omitzero"`
	Note    string         `json:"note"` // what stopped it; "" when nothing did
}

func lineOf(r ledger.RunRecord) runLine {
	line := runLine{ID: r.ID, Kind: r.Kind, Started: r.Started, Ended: r.Ended, Who: r.Who, Host: r.Host, PID: r.PID, Version: r.Version,
		Source: r.Source, Mapping: r.Mapping, Note: r.Note}
	if r.Counts != "" { // a run that was killed has none
		line.Counts = jsontext.Value(r.Counts)
	}
	return line
}

func runs(c *cli.Context, std streams) error {
	if c.Int("limit") < 0 {
		return usagef("--limit %d: it is at least 1", c.Int("limit"))
	}
	l, err := ledger.Open(c.String("ledger"), ledger.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer l.Close()
	all := []runLine{}
	ctx := context.WithoutCancel(c.Context)
	err = l.EachRun(ctx, func(r ledger.RunRecord) error {
		if n := c.Int("limit"); n == 0 || len(all) < n {
			all = append(all, lineOf(r))
		}
		return nil
	})
	if err = errors.Join(err, markKilled(ctx, l, all)); err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(std.out, all)
	}
	var b strings.Builder
	writeRuns(&b, all, true)
	if len(all) == 0 {
		b.WriteString("no runs yet\n")
	}
	_, err = io.WriteString(std.out, b.String())
	return err
}

// markKilled marks runs that have no end and are of no process that is still at work.
func markKilled(ctx context.Context, l *ledger.Ledger, all []runLine) error {
	h, held, err := l.Holder(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		r := &all[i]
		r.Killed = r.Ended.IsZero() && !(held && r.PID == h.PID && r.Host == h.Host)
	}
	return nil
}

// printJSON prints what is for machines.
func printJSON(out io.Writer, v any) error {
	b, err := json.Marshal(v, jsontext.Multiline(true), jsontext.WithIndent(" "), json.FormatNilSliceAsNull(false))
	if err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s\n", b)
	return err
}

// writeRuns writes a line for each run and, with details, who, where, and with which version and mapping.
func writeRuns(b *strings.Builder, all []runLine, details bool) {
	for _, r := range all {
		took := "not ended"
		if r.Killed {
			took = "killed"
		}
		if !r.Ended.IsZero() {
			took = r.Ended.Sub(r.Started).Round(time.Second).String()
		}
		head := fmt.Sprintf("  %4d  %s  %-6s  %-10s %9s  ", r.ID, r.Started.UTC().Format("2006-01-02 15:04"), r.Kind, plainText(r.Source), took)
		wrap(b, head, "        ", r.counts())
		if r.Note != "" {
			wrap(b, "        ", "        ", plainText(r.Note))
		}
		if details {
			wrap(b, "        ", "        ", r.where())
		}
	}
}

// brief are the counts without what they are made of: runs --json has all.
func (r runLine) brief() jsontext.Value {
	var all map[string]jsontext.Value
	if len(r.Counts) == 0 || json.Unmarshal(r.Counts, &all) != nil {
		return nil
	}
	maps.DeleteFunc(all, func(name string, _ jsontext.Value) bool {
		return !slices.Contains([]string{"version", "records", "tickets", "messages", "sync", "differs", "removed", "left", "run"}, name)
	})
	b, err := json.Marshal(all, json.Deterministic(true))
	if err != nil {
		return nil
	}
	return b
}

// rejects is what a run has rejected; nil when it read no source.
func (r runLine) rejects() *lastRejects {
	var s importer.Summary
	if len(r.Counts) == 0 || r.Kind == "undo" || json.Unmarshal(r.Counts, &s) != nil || s.Records.Read == 0 {
		return nil
	}
	out := &lastRejects{Run: r.ID, Records: s.Records.Rejected, Causes: []rejectedCause{}}
	for _, p := range s.Problems {
		if p.Severity != mapping.Error.String() || len(p.Examples) == 0 || strings.HasPrefix(p.Code, "ticket.held.") || len(out.Causes) == statusCauses {
			continue
		}
		out.Causes = append(out.Causes, rejectedCause{p.Code, p.Field, p.Count, p.Examples[0].Origin})
	}
	return out
}

// statusCauses is how many causes of rejected records status tells.
const statusCauses = 5

// counts is what came of a run, in words; of runs of other versions, and of those that were killed, less is known.
func (r runLine) counts() string {
	var c struct {
		Tickets  jsontext.Value   `json:"tickets"`
		Messages jsontext.Value   `json:"messages"`
		Left     map[string]int64 `json:"left"`
		Sync     struct {
			Updated   int64 `json:"updated"`
			Conflicts int64 `json:"conflicts"`
			Deleted   int64 `json:"deleted"`
		} `json:"sync"`
	}
	if len(r.Counts) == 0 || json.Unmarshal(r.Counts, &c) != nil {
		switch {
		case r.Killed:
			return "killed: what it was doing is settled by the next run"
		case r.Ended.IsZero():
			return "at work"
		}
		return "no counts"
	}
	var tickets, messages struct {
		Imported int64 `json:"imported"`
		Rejected int64 `json:"rejected"`
		Held     int64 `json:"held"`
		InDoubt  int64 `json:"in_doubt"`
		Pending  int64 `json:"pending"`
	}
	var n, m, left int64
	if json.Unmarshal(c.Tickets, &n) == nil && json.Unmarshal(c.Messages, &m) == nil { // an undo's
		for _, k := range c.Left {
			left += k
		}
		return listed([]share{{n, "ticket", "taken back"}, {m, "message", "taken back"}, {left, "ticket", "left"}})
	}
	if json.Unmarshal(c.Tickets, &tickets) != nil || json.Unmarshal(c.Messages, &messages) != nil {
		return "counts of another version"
	}
	return listed([]share{
		{tickets.Imported, "ticket", "imported"}, {messages.Imported, "message", "imported"}, {c.Sync.Updated, "ticket", "updated"},
		{c.Sync.Deleted, "ticket", "deleted"},
		{c.Sync.Conflicts, "conflict", ""}, {tickets.Rejected, "ticket", "rejected or refused"}, {tickets.Held, "", "held"}, {tickets.InDoubt, "", "in doubt"},
		{tickets.Pending, "", "to go"},
	})
}

// share is a number and what it counts.
type share struct {
	n         int64
	one, what string
}

// listed says all that is not zero.
func listed(all []share) string {
	var parts []string
	for _, c := range all {
		if c.n == 0 {
			continue
		}
		text := fmt.Sprint(c.n)
		if c.one != "" {
			text = count(c.n, c.one)
		}
		parts = append(parts, strings.TrimSpace(text+" "+c.what))
	}
	if len(parts) == 0 {
		return "nothing to do"
	}
	return strings.Join(parts, ", ")
}

// where is who ran it, on which machine, and with what.
func (r runLine) where() string {
	var parts []string
	if r.Who != "" {
		parts = append(parts, fmt.Sprintf("by %s on %s, process %d", plainText(r.Who), plainText(r.Host), r.PID))
	}
	parts = append(parts, plainText(r.Version))
	if r.Mapping != "" {
		parts = append(parts, "mapping "+r.Mapping[:min(len(r.Mapping), 12)])
	}
	return strings.Join(parts, ", ")
}

// plainText is text of others made fit for a terminal: on one line, without control characters.
func plainText(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))), " ")
}
