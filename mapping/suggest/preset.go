package suggest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/mapping/profile"
)

// extend writes a mapping that extends a preset: only what that leaves to the user.
func (pl *plan) extend(out *page) {
	r := reading{file: pl.preset, places: map[string]bool{}}
	r.all()
	pl.presetTimes(&r)
	title := pl.preset.About.Title
	if title == "" {
		title = pl.presetName
	}
	score := ""
	for _, f := range pl.profile.Fits {
		if f.Preset == pl.presetName {
			score = ": " + f.Why
		}
	}
	pl.greet(out, fmt.Sprintf("It is taken for %s%s. deskferry mapping show --mapping %s prints what the preset does.", title, score, pl.presetName))
	out.line(0, "version: 1", "")
	out.line(0, "extends: "+word(pl.presetName), "")
	pl.presetSource(out)
	pl.presetTables(out, &r)
	pl.presetPeople(out, &r)
	pl.presetUnplaced(out, &r)
}

// presetSource gives the name and the zone where the preset has none.
func (pl *plan) presetSource(out *page) {
	name := ""
	if pl.preset.Source.Name == "" {
		name = "source"
	}
	if pl.preset.Source.Timezone != "" {
		pl.zone = nil
	}
	pl.source(out, name)
}

// presetTimes looks for times without a zone among those the preset reads as times.
func (pl *plan) presetTimes(r *reading) {
	for _, pt := range pl.parts {
		for i := range pt.shape.Fields {
			f := &pt.shape.Fields[i]
			if t := f.Time; t != nil && r.reads(pt, f, r.times) {
				pl.zoneless(f)
			}
		}
	}
}

// presetTables adds to the preset's tables the values it does not know.
func (pl *plan) presetTables(out *page, r *reading) {
	var body page
	for _, t := range pl.preset.Tables {
		if t.File != "" || slices.ContainsFunc(t.Entries, func(e mapping.Entry) bool { return e.From == "*" }) {
			continue
		}
		pl.presetTable(&body, r, t)
	}
	if body.live {
		out.line(0, "tables:", "values met that the preset does not know")
	} else if body.lines > 0 {
		out.off(0, "tables:", "values met that the preset does not know")
	}
	out.add(&body)
}

func (pl *plan) presetTable(p *page, r *reading, t mapping.Table) {
	own := &table{name: t.Name, targets: targetsOf(t)}
	own.means = wordsFor(own.targets)
	for _, pt := range pl.parts {
		for _, read := range r.tables[t.Name] {
			if f := read.first(pt); f != nil && r.takes(pt, read.rule) && !slices.Contains(own.fields, f.Path) {
				own.add(f)
			}
		}
	}
	own.values = slices.DeleteFunc(own.values, func(v profile.Count) bool {
		return slices.ContainsFunc(t.Entries, func(e mapping.Entry) bool { return strings.EqualFold(e.From, v.Value) })
	})
	if len(own.values) == 0 {
		return
	}
	var known, unknown page
	for _, v := range own.values[:min(len(own.values), maxTableValues)] {
		var line page
		if pl.entry(&line, own, v) {
			known.add(&line)
		} else {
			unknown.add(&line)
		}
	}
	if known.lines > 0 {
		p.live = true
		p.line(1, word(t.Name)+":", "")
	} else {
		p.off(1, word(t.Name)+":", "")
	}
	p.add(&known)
	p.add(&unknown)
}

// targetsOf are what a table's values become.
func targetsOf(t mapping.Table) []Option {
	var out []Option
	for _, e := range t.Entries {
		to := e.To.Text
		if e.To.Kind == mapping.ConstAbsent {
			to = "null"
		}
		if !slices.ContainsFunc(out, func(o Option) bool { return o.Value == to }) && len(out) < 12 {
			out = append(out, Option{to, to})
		}
	}
	return out
}

// wordsFor is what is known of words in other languages for a table with these targets.
func wordsFor(targets []Option) vocabulary {
	has := func(words ...string) bool {
		return !slices.ContainsFunc(targets, func(t Option) bool { return !slices.Contains(words, t.Value) })
	}
	switch {
	case len(targets) == 0:
		return nil
	case has("open", "closed"):
		return statusWords()
	case has("low", "normal", "high", "critical"):
		return priorityWords()
	}
	return nil
}

// presetPeople asks who works for the company, unless the preset or the data knows.
func (pl *plan) presetPeople(out *page, r *reading) {
	if len(pl.answers[KeyAgents]) == 0 && (len(pl.preset.People.Agents) > 0 || pl.directed(r)) {
		return
	}
	var agents page
	pl.agents(&agents, false)
	if agents.live {
		out.line(0, "people:", "")
	}
	out.add(&agents)
}

// directed tells whether the export has a field by which the preset tells agents from customers.
func (pl *plan) directed(r *reading) bool {
	for _, pt := range pl.parts {
		for i := range pt.shape.Fields {
			if f := &pt.shape.Fields[i]; f.Filled > 0 && r.reads(pt, f, r.sides) {
				return true
			}
		}
	}
	return false
}

func (pl *plan) presetUnplaced(out *page, r *reading) {
	for _, pt := range pl.parts {
		for i := range pt.shape.Fields {
			if f := &pt.shape.Fields[i]; pt.kind() == profile.Other || r.knows(f.Path) {
				pt.used[f.Path] = true
			}
		}
	}
	pl.unplaced(out)
}
