package main

import (
	"crypto/rand"
	"fmt"
	"os"

	"github.com/go-json-experiment/json"
	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/mask"
	"github.com/deskferry/deskferry/importer/report"
)

// maskFlag goes with every command that tells a report.
func maskFlag() cli.Flag {
	return boolFlag("mask", "mask people: e-mails, names, phone numbers and texts, the same person always alike; masks are others in every report unless "+
		"DESKFERRY_MASK_KEY, or a file that DESKFERRY_MASK_KEY_FILE names, holds a secret of yours")
}

// masker masks reports with one key; the zero value masks nothing.
type masker struct{ key []byte }

// newMasker is what the command's --mask asks for. A key that is not set is made anew.
func newMasker(c *cli.Context) (masker, error) {
	if !c.Bool("mask") {
		return masker{}, nil
	}
	word, err := secret(os.LookupEnv, "DESKFERRY_MASK_KEY")
	if err != nil {
		return masker{}, err
	}
	if word == "" {
		word = rand.Text()
	}
	return masker{[]byte(word)}, nil
}

// report is r, or a masked copy of it.
func (m masker) report(r *report.Report) *report.Report {
	if m.key == nil {
		return r
	}
	return mask.Report(r, m.key)
}

// standing masks what status tells, in place: notes, and the accounts of the runs.
func (m masker) standing(s *standing) error {
	if m.key == nil {
		return nil
	}
	for i := range s.Open {
		t := &s.Open[i]
		t.Key, t.Note = mask.Text(t.Key, m.key), mask.Text(t.Note, m.key)
	}
	for i := range s.Left {
		t := &s.Left[i]
		t.Key, t.Note = mask.Text(t.Key, m.key), mask.Text(t.Note, m.key)
	}
	if s.Last != nil {
		for i := range s.Last.Causes {
			c := &s.Last.Causes[i]
			c.First = mask.Text(c.First, m.key)
		}
	}
	for i := range s.Runs {
		run := &s.Runs[i]
		r := report.Report{Note: run.Note}
		var counts any
		if len(run.Counts) > 0 && run.Kind == "undo" {
			r.Undo = &importer.UndoSums{}
			counts = r.Undo
		} else if len(run.Counts) > 0 {
			r.Summary = &importer.Summary{}
			counts = r.Summary
		}
		if counts != nil {
			if err := json.Unmarshal(run.Counts, counts); err != nil {
				return fmt.Errorf("masking the account of run %d: %w", run.ID, err)
			}
		}
		masked := m.report(&r)
		run.Note = masked.Note
		switch {
		case r.Undo != nil:
			counts = masked.Undo
		case r.Summary != nil:
			counts = masked.Summary
		default:
			continue
		}
		text, err := json.Marshal(counts, json.FormatNilSliceAsNull(false))
		if err != nil {
			return fmt.Errorf("masking the account of run %d: %w", run.ID, err)
		}
		run.Counts = text
	}
	return nil
}
