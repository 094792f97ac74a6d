package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

func statusCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "where a ledger stands: done, held, refused or in doubt, and what to do next",
		Flags: []cli.Flag{
			with(stringFlag("ledger", "ledger `FILE`"), "deskferry.db"),
			boolFlag("json", "print it as JSON"),
		},
		Action: func(c *cli.Context) error { return status(c, std) },
	}
}

const (
	statusRuns    = 10
	statusTickets = 20 // of each kind that needs somebody
)

// standing is what status tells; its JSON names are stable.
type standing struct {
	Ledger  string           `json:"ledger"`
	Target  string           `json:"target"`
	Holder  string           `json:"held_by"` // the process that writes it now
	Tickets map[string]int64 `json:"tickets"` // by state
	Held    map[string]int64 `json:"held"`    // by reason
	Next    time.Time        `json:"next_look,omitzero"`
	Runs    []runLine        `json:"runs"`
	Open    []openTicket     `json:"open"` // the first of those that need somebody
}

type runLine struct {
	ID      int64          `json:"id"`
	Started time.Time      `json:"started"`
	Ended   time.Time      `json:"ended,omitzero"`
	Version string         `json:"version"`
	Source  string         `json:"source"`
	Counts  jsontext.Value `json:"counts,omitzero"`
	Note    string         `json:"note"`
}

type openTicket struct {
	Key    string    `json:"key"`
	State  string    `json:"state"`
	Reason string    `json:"reason"`
	Note   string    `json:"note"`
	Target int64     `json:"target"` // its id in Gorgias; 0 when unknown
	Next   time.Time `json:"next_look,omitzero"`
}

func status(c *cli.Context, std streams) error {
	l, err := ledger.Open(c.String("ledger"), ledger.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer l.Close()
	s, err := readStanding(c.Context, l)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		b, err := json.Marshal(s, jsontext.Multiline(true), jsontext.WithIndent(" "), json.FormatNilSliceAsNull(false))
		if err != nil {
			return fmt.Errorf("printing the status: %w", err)
		}
		_, err = fmt.Fprintf(std.out, "%s\n", b)
		return err
	}
	return s.write(std.out)
}

func readStanding(ctx context.Context, l *ledger.Ledger) (*standing, error) {
	have, err := l.Status(ctx, statusRuns)
	if err != nil {
		return nil, err
	}
	s := &standing{Ledger: have.Path, Target: have.Target, Holder: have.Holder, Held: have.Reasons, Next: have.NextLook, Tickets: map[string]int64{}}
	for state, n := range have.States {
		s.Tickets[string(state)] = n
	}
	for _, r := range have.Runs {
		line := runLine{ID: r.ID, Started: r.Started, Ended: r.Ended, Version: r.Version, Source: r.Source, Note: r.Note}
		if r.Counts != "" { // a run that was killed has none
			line.Counts = jsontext.Value(r.Counts)
		}
		s.Runs = append(s.Runs, line)
	}
	for _, state := range []importer.State{importer.StateDoubt, importer.StateAsking, importer.StateHeld, importer.StateRefused} {
		err := l.Tickets(ctx, state, "", statusTickets, func(t ledger.Ticket) error {
			s.Open = append(s.Open, openTicket{string(t.Key), string(t.State), t.Reason, t.Note, int64(t.Target), t.NextLook})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *standing) write(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, for %s\n", s.Ledger, s.Target)
	if s.Holder != "" {
		fmt.Fprintf(&b, "in use by %s\n", s.Holder)
	}
	b.WriteString("\ntickets\n")
	for _, state := range slices.Sorted(maps.Keys(s.Tickets)) {
		fmt.Fprintf(&b, "  %-10s %9d%s\n", state, s.Tickets[state], s.reasons(state))
	}
	if len(s.Runs) > 0 {
		b.WriteString("\nruns\n")
	}
	for _, r := range s.Runs {
		took := "not ended: it runs, or it was killed"
		if !r.Ended.IsZero() {
			took = r.Ended.Sub(r.Started).Round(time.Second).String()
		}
		fmt.Fprintf(&b, "  %4d  %s  %-10s %s", r.ID, r.Started.UTC().Format("2006-01-02 15:04"), r.Source, took)
		if r.Note != "" {
			fmt.Fprintf(&b, ", %s", r.Note)
		}
		b.WriteByte('\n')
	}
	if len(s.Open) > 0 {
		b.WriteString("\nneed somebody\n")
	}
	for _, t := range s.Open {
		why := t.State
		if t.Reason != "" {
			why += " (" + t.Reason + ")"
		}
		if t.Note != "" {
			why += ": " + t.Note
		}
		wrap(&b, fmt.Sprintf("  %-24s ", t.Key), "      ", why)
	}
	if next := s.next(time.Now()); len(next) > 0 {
		b.WriteString("\nnext\n")
		for _, line := range next {
			wrap(&b, "  ", "    ", line)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (s *standing) reasons(state string) string {
	if state != string(importer.StateHeld) {
		return ""
	}
	var all []string
	for _, r := range slices.Sorted(maps.Keys(s.Held)) {
		all = append(all, fmt.Sprintf("%d %s", s.Held[r], r))
	}
	return "  " + strings.Join(all, ", ")
}

// next is what a person does now.
func (s *standing) next(now time.Time) []string {
	var out []string
	add := func(n int64, format string) {
		if n > 0 {
			out = append(out, fmt.Sprintf(format, n))
		}
	}
	add(s.Tickets[string(importer.StatePlanned)]+s.Tickets[string(importer.StateMade)], "%d to go: run the same import again")
	if doubt := s.Tickets[string(importer.StateDoubt)] + s.Tickets[string(importer.StateAsking)]; doubt > 0 {
		when := "now"
		if s.Next.After(now) {
			when = "after " + s.Next.Local().Format("15:04:05")
		}
		out = append(out, fmt.Sprintf("%d in doubt: run the same import again %s, it looks first", doubt, when))
	}
	add(s.Held[importer.ReasonUnknown], "%d never found in Gorgias: deskferry retry --in-doubt looks once more and sends them again")
	add(s.Held[importer.ReasonIncomplete], "%d incomplete: mend the rejected records (--rejects) and import them, or import with --incomplete=send")
	add(s.Held[importer.ReasonFiles], "%d with files that could not be had: deskferry retry --held files asks for them again; with --files fetch they go without")
	add(s.Tickets[string(importer.StateRefused)], "%d refused by Gorgias: mend the export or the mapping and import again, or deskferry retry --rejected")
	return out
}
