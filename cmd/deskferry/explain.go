package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

func explainMapping(std streams) *cli.Command {
	return &cli.Command{
		Name:  "explain",
		Usage: "tell how each field of one ticket came to be",
		Description: "Shows every record that speaks of the ticket: which rules took it, what each target field read, which steps changed it, and what came of it. " +
			"What the rules leave open is settled when the ticket's records meet; convert --as tickets --only-ticket ID prints the result.",
		Flags: append(append(inputFlags(), peopleFlags()...),
			stringFlag("ticket", "the `ID` of the ticket in the source"),
			boolFlag("json", "print it as JSON, one record a line"),
		),
		Action: func(c *cli.Context) error { return explainTicket(c, std) },
	}
}

func explainTicket(c *cli.Context, std streams) error {
	id := c.String("ticket")
	if id == "" {
		return usagef("--ticket is missing: the id of a ticket in the source")
	}
	job, set, err := openInputJob(c, std)
	if err != nil {
		return err
	}
	defer set.Close()
	job.OnlyTicket = id
	ctx, stop := interruptible(c.Context)
	defer stop()
	found, err := job.Explain(ctx)
	if err != nil {
		return stopped(ctx, err)
	}
	if len(found) == 0 {
		return fmt.Errorf("no record speaks of a ticket %q; ids are those of the source, without %q in front", id, job.Mapping.Name()+":")
	}
	for _, e := range found {
		if c.Bool("json") {
			err = json.NewEncoder(std.out).Encode(explained(e))
		} else {
			err = writeExplanation(std.out, e)
		}
		if err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return nil
	}
	return together(ctx, std.out, job)
}

// together says what the ticket's records make when they meet.
func together(ctx context.Context, out io.Writer, job *importer.Job) error {
	for w, err := range job.Tickets(ctx, nil) {
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "together: ticket %s, %s, %d messages, customer %s\n", w.Key, w.Ticket.Status, len(w.Ticket.Messages), w.Ticket.Customer.Email)
		return err
	}
	_, err := fmt.Fprintln(out, "together: nothing that can be imported; check says why")
	return err
}

func writeExplanation(out io.Writer, e *importer.Explanation) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s\n", e.Origin, recordState(e))
	for _, r := range e.Rules {
		head := "  " + r.Rule
		if r.Fact != "" {
			head += " → " + r.Fact
		}
		if r.Outcome != "" {
			head += " (" + r.Outcome + ")"
		}
		b.WriteString(head + "\n")
		for _, f := range r.Fields {
			writeField(&b, f)
		}
	}
	b.WriteByte('\n')
	_, err := io.WriteString(out, b.String())
	return err
}

func recordState(e *importer.Explanation) string {
	switch e.State {
	case mapping.Skipped:
		return " is skipped: " + e.Reason
	case mapping.Rejected:
		return " is rejected"
	}
	return ""
}

// fieldWidth is where the steps of a field begin.
const fieldWidth = 24

func writeField(b *strings.Builder, f mapping.ExplainedField) {
	for i, s := range f.Steps {
		name := f.Name
		if i > 0 {
			name = ""
		}
		line := s.What + " = " + strings.Join(s.Values, ", ")
		if len(s.Values) == 0 {
			line = s.What + " is absent"
		}
		fmt.Fprintf(b, "    %-*s %s\n", fieldWidth, name, cut(line, 80-5-fieldWidth))
	}
	for _, p := range f.Problems {
		fmt.Fprintf(b, "    %-*s %s: %s: %s\n", fieldWidth, f.Name, p.Severity, p.Code, p.Hint)
	}
}

// cut shortens a line to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// The JSON form of an explanation.
type explainedRecord struct {
	Origin string          `json:"origin"`
	State  string          `json:"state"` // mapped, skipped, rejected
	Reason string          `json:"reason,omitempty"`
	Rules  []explainedRule `json:"rules"`
}

type explainedRule struct {
	Rule    string           `json:"rule"`
	Fact    string           `json:"fact,omitempty"`
	Outcome string           `json:"outcome,omitempty"`
	Fields  []explainedField `json:"fields"`
}

type explainedField struct {
	Field    string          `json:"field"`
	Steps    []explainedStep `json:"steps"`
	Problems []string        `json:"problems,omitempty"`
}

type explainedStep struct {
	What   string   `json:"what"`
	Values []string `json:"values"`
}

func explained(e *importer.Explanation) explainedRecord {
	out := explainedRecord{Origin: e.Origin.String(), State: "mapped", Reason: e.Reason, Rules: []explainedRule{}}
	switch e.State {
	case mapping.Skipped:
		out.State = "skipped"
	case mapping.Rejected:
		out.State = "rejected"
	}
	for _, r := range e.Rules {
		rule := explainedRule{Rule: r.Rule, Fact: r.Fact, Outcome: r.Outcome, Fields: []explainedField{}}
		for _, f := range r.Fields {
			field := explainedField{Field: f.Name, Steps: []explainedStep{}}
			for _, s := range f.Steps {
				field.Steps = append(field.Steps, explainedStep{s.What, append([]string{}, s.Values...)})
			}
			for _, p := range f.Problems {
				field.Problems = append(field.Problems, p.Code)
			}
			rule.Fields = append(rule.Fields, field)
		}
		out.Rules = append(out.Rules, rule)
	}
	return out
}
