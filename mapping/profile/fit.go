package profile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/mapping/presets"
	"github.com/deskferry/deskferry/sources"
)

// maxMissing is how many fields a fit names that it lacks.
const maxMissing = 10

// judge finds the presets that fit and the reason to refuse the whole.
func judge(p *Profile, files []*fileSum, trial []*sources.Record, names []string, now time.Time) error {
	if names == nil {
		names = mapping.Presets()
	}
	var abouts []*mapping.About
	empty := map[string][]string{}
	for _, name := range names {
		m, err := mapping.Load(presets.FS, name, mapping.LoadOptions{})
		if err != nil {
			return fmt.Errorf("loading the preset %s: %w", name, err)
		}
		about := &m.File().About
		abouts = append(abouts, about)
		if fit, ok := fitOf(p, name, about); ok {
			try(&fit, m, trial, now)
			p.Fits = append(p.Fits, fit)
			empty[name] = m.File().Source.Empty
		}
	}
	slices.SortStableFunc(p.Fits, func(a, b Fit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Preset, b.Preset)) })
	if len(p.Fits) > 0 && p.Fits[0].Score >= 0.5 {
		p.settled(empty[p.Fits[0].Preset])
	}
	refuse(p, files, abouts)
	return nil
}

// settled takes back the warnings of words for nothing that the preset reads as such.
func (p *Profile) settled(words []string) {
	for i := range p.Files {
		for j := range p.Files[i].Shapes {
			for k := range p.Files[i].Shapes[j].Fields {
				f := &p.Files[i].Shapes[j].Fields[k]
				if !slices.ContainsFunc(f.nothings, func(w string) bool { return !slices.Contains(words, w) }) {
					f.Warnings = slices.DeleteFunc(f.Warnings, func(w Warning) bool { return w.Code == WarnNull })
				}
			}
		}
	}
}

// fitOf looks for a preset's signs in each shape.
func fitOf(p *Profile, name string, about *mapping.About) (Fit, bool) {
	fit := Fit{Preset: name, Title: cmp.Or(about.Title, name)}
	var best []string
	for i := range p.Files {
		f := &p.Files[i]
		met := false
		for j := range f.Shapes {
			if sign := longest(about.Signs, &f.Shapes[j], f.Format == string(sources.CSV)); sign != nil {
				met = true
				if len(sign) > len(best) {
					best = sign
				}
			}
		}
		if met {
			fit.Files = append(fit.Files, f.Glob)
		}
	}
	if best == nil {
		return fit, false
	}
	fit.Score = float64(len(best)) / float64(len(best)+1)
	fit.Why = "records hold " + spoken(best)
	return fit, true
}

// longest is the longest sign all of whose fields a shape has.
func longest(signs [][]string, s *Shape, row bool) (best []string) {
	has := map[string]bool{}
	for i := range s.Fields {
		f := &s.Fields[i]
		path := f.Path
		if row {
			path = strings.ToLower(strings.TrimSpace(path))
		} else {
			path = strings.ReplaceAll(path, "[]", "")
		}
		has[path] = true
	}
	for _, sign := range signs {
		all := len(sign) > len(best)
		for _, field := range sign {
			field = strings.ReplaceAll(field, "[]", "")
			all = all && (has[field] || row && has[strings.ToLower(field)])
		}
		if all {
			best = sign
		}
	}
	return best
}

func spoken(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// try maps the sample with the preset: of presets whose signs say the same, the one that maps more is it.
func try(fit *Fit, m *mapping.Mapping, trial []*sources.Record, now time.Time) {
	survey := m.NewSurvey()
	mapper := m.Mapper(mapping.Env{Now: now})
	for _, r := range trial {
		mapper.Survey(r, survey)
	}
	survey.Settle()
	mapper = m.Mapper(mapping.Env{Now: now, Settled: survey})
	var res mapping.Result
	mapped, messages := 0, 0
	bound := map[*sources.File]bool{}
	for _, r := range trial {
		if !bound[r.File] {
			bound[r.File] = true
			fit.lacks(m.Bind(r.File))
		}
		res.Reset()
		mapper.Map(r, &res)
		if res.State != mapping.Rejected || !slices.ContainsFunc(res.Problems, counts) {
			mapped++
		}
		messages += len(res.Messages)
	}
	for _, u := range mapper.Coverage().Unmet() {
		fit.lack(u.Value)
	}
	share := 0.0
	if len(trial) > 0 {
		share = float64(mapped) / float64(len(trial))
		fit.Why += fmt.Sprintf("; it maps %d of %d sampled records", mapped, len(trial))
	}
	if messages > 0 {
		share = 0.5 + share/2
	}
	fit.Score = round2(0.6*fit.Score + 0.4*share)
}

// counts tells whether a problem is the preset's and not one that the user's timezone settles.
func counts(p mapping.Problem) bool { return p.Severity == mapping.Error && p.Code != "time.no_zone" }

// lacks names the columns a file has not.
func (f *Fit) lacks(err error) {
	var load *mapping.LoadError
	if !errors.As(err, &load) {
		return
	}
	for _, p := range load.Problems {
		if _, after, ok := strings.Cut(p.Text, "has no column "); ok {
			column, _, _ := strings.Cut(strings.TrimPrefix(after, `"`), `"`)
			f.lack(column)
		}
	}
}

func (f *Fit) lack(name string) {
	if len(f.Missing) < maxMissing && !slices.Contains(f.Missing, name) {
		f.Missing = append(f.Missing, name)
	}
}
