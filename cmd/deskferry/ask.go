package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"charm.land/huh/v2"

	"github.com/deskferry/deskferry/importer/suggest"
)

// asker puts questions on a terminal. Plain ones are a line each, for terminals that cannot be drawn on.
type asker struct {
	in    io.Reader
	out   io.Writer
	plain bool
}

// leaveOpen is the choice that no answer is.
const leaveOpen = ""

// ask shows a question with its evidence. Every question can be left open.
func (a asker) ask(q suggest.Question) ([]string, error) {
	evidence := strings.Join(q.Evidence, "\n")
	var answer string
	var field huh.Field
	if len(q.Options) > 0 {
		options := []huh.Option[string]{}
		for _, o := range q.Options {
			options = append(options, huh.NewOption(o.Label, o.Value))
		}
		options = append(options, huh.NewOption("leave it as a question", leaveOpen))
		answer = leaveOpen
		field = huh.NewSelect[string]().Title(q.Title).Description(evidence).Options(options...).Value(&answer)
	} else {
		field = huh.NewInput().Title(q.Title).Description(evidence + "\nnothing leaves it as a question").Value(&answer).
			Validate(func(s string) error { return checkAll(q, s) })
	}
	if a.plain { // huh shows no descriptions there
		if _, err := fmt.Fprintf(a.out, "\n%s\n", evidence); err != nil {
			return nil, err
		}
	}
	form := huh.NewForm(huh.NewGroup(field)).WithInput(a.in).WithOutput(a.out).WithAccessible(a.plain)
	if a.plain {
		form = form.WithTheme(huh.ThemeFunc(func(bool) *huh.Styles { return &huh.Styles{} }))
	}
	err := form.Run()
	switch {
	case errors.Is(err, huh.ErrUserAborted):
		return nil, errInterrupted
	case err != nil:
		return nil, fmt.Errorf("asking on the terminal: %w", err)
	}
	return split(q, answer), nil
}

// split cuts an answer of several parts at its commas.
func split(q suggest.Question, answer string) []string {
	if answer = strings.TrimSpace(answer); answer == leaveOpen {
		return nil
	}
	if !q.Many {
		return []string{answer}
	}
	var out []string
	for part := range strings.SplitSeq(answer, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func checkAll(q suggest.Question, answer string) error {
	for _, part := range split(q, answer) {
		if q.Check == nil {
			break
		}
		if err := q.Check(part); err != nil {
			return err
		}
	}
	return nil
}
