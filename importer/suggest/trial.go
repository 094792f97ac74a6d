package suggest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/mapping/profile"
	"github.com/deskferry/deskferry/sources"
)

// Trial is what a check with the preset alone says that only the user can settle.
type Trial struct {
	Refused string // why the preset cannot read the export at all: columns it lacks; then nothing else is known

	Unknown   []Unknown       // values that a table of the preset does not have
	Strangers []profile.Count // authors of whom nothing tells whose side they are on, most messages first
	Authors   int64           // messages of such authors, those of no author included
	Untimed   int64           // messages without a time
}

// Unknown is a value that a table does not have.
type Unknown struct {
	Table string
	profile.Count
}

// try checks the export with a preset. Times that need a zone are read as UTC, so that only what is asked here is in the way.
func try(ctx context.Context, src sources.Source, files []*sources.File, preset string, a Answers) (*Trial, error) {
	m, err := trialMapping(preset, a)
	if err != nil {
		return nil, fmt.Errorf("the preset to try: %w", err)
	}
	job := &importer.Job{Source: src, Files: files, Mapping: m, MaxMessages: 500, MaxBytes: 4 << 20}
	s, err := job.Check(ctx)
	var load *mapping.LoadError
	switch {
	case errors.As(err, &load):
		return &Trial{Refused: load.Error()}, nil
	case err != nil:
		return nil, fmt.Errorf("trying the preset %s: %w", preset, err)
	}
	t := &Trial{}
	for i := range s.Problems {
		t.problem(m.File(), &s.Problems[i])
	}
	return t, nil
}

func trialMapping(preset string, a Answers) (*mapping.Mapping, error) {
	text := "version: 1\nextends: " + word(preset) + "\n"
	m, err := mapping.Load(oneFile(text), fileName, mapping.LoadOptions{})
	if err != nil || m.File().Source.Timezone != "" {
		return m, err
	}
	zone := a.one(KeyTimezone)
	if checkZone(zone) != nil {
		zone = "UTC"
	}
	return mapping.Load(oneFile(text+"source: { timezone: "+word(zone)+" }\n"), fileName, mapping.LoadOptions{})
}

func (t *Trial) problem(f *mapping.File, p *importer.ProblemSum) {
	switch p.Code {
	case "table.unknown":
		for _, v := range p.Values {
			hint := v.Hint
			if hint == "" {
				hint = p.Hint
			}
			if table := tableOf(f, hint); table != "" {
				t.Unknown = append(t.Unknown, Unknown{table, profile.Count{Value: v.Value, Count: v.Count}})
			}
		}
	case "author.unknown":
		t.Authors += p.Count
		for _, v := range p.Values {
			t.Strangers = append(t.Strangers, profile.Count{Value: v.Value, Count: v.Count})
		}
	case "author.missing":
		t.Authors += p.Count
	case "sent_datetime.missing":
		t.Untimed += p.Count
	}
}

// tableOf is the table of the file that a hint such as tables.status: add "x": open speaks of.
func tableOf(f *mapping.File, hint string) string {
	rest, ok := strings.CutPrefix(hint, "tables.")
	found := ""
	for _, t := range f.Tables {
		if ok && strings.HasPrefix(rest, t.Name+": add") && len(t.Name) > len(found) {
			found = t.Name
		}
	}
	return found
}

// settled drops strangers who are among the given own addresses and domains.
func (t *Trial) settled(agents []string) (strangers []profile.Count, messages int64) {
	messages = t.Authors
	for _, s := range t.Strangers {
		if isOwn(s.Value, agents) {
			messages -= s.Count
			continue
		}
		strangers = append(strangers, s)
	}
	return strangers, messages
}

func isOwn(address string, agents []string) bool {
	for _, own := range agents {
		if strings.EqualFold(own, address) || strings.HasPrefix(own, "@") && len(address) > len(own) && strings.EqualFold(address[len(address)-len(own):], own) {
			return true
		}
	}
	return false
}
