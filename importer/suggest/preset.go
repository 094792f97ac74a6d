package suggest

import (
	"fmt"
	"slices"

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
	if t := pl.findings.Trial; t != nil && t.Refused != "" {
		out.note(0, "decide: the preset does not fit this export, and check will refuse it: %s", t.Refused)
	}
	pl.presetSource(out)
	pl.presetTables(out, &r)
	pl.presetPeople(out, &r)
	pl.presetTimeless(out)
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

// presetTables adds to the preset's tables the values that it lacks: those that check rejects, and those of tables that know
// no value at all, such as numbers that each account defines.
func (pl *plan) presetTables(out *page, r *reading) {
	var body page
	for _, t := range pl.preset.Tables {
		if t.File == "" {
			pl.presetTable(&body, pl.lacking(r, t))
		}
	}
	if body.live {
		out.line(0, "tables:", "values met that the preset does not know")
	} else if body.lines > 0 {
		out.off(0, "tables:", "values met that the preset does not know")
	}
	out.add(&body)
}

// lacking is a table with the values met that it lacks.
func (pl *plan) lacking(r *reading, t mapping.Table) *table {
	own := &table{name: t.Name, targets: targetsOf(t)}
	if slices.ContainsFunc(t.Entries, func(e mapping.Entry) bool { return e.From != "*" || e.To.Kind != mapping.ConstAbsent }) {
		own.means = wordsFor(own.targets)
		for _, read := range r.tables[t.Name] {
			own.fields = append(own.fields, read.paths...)
		}
		slices.Sort(own.fields)
		own.fields = slices.Compact(own.fields)
		if pl.findings.Trial != nil {
			for _, u := range pl.findings.Trial.Unknown {
				if u.Table == t.Name {
					own.values = append(own.values, u.Count)
				}
			}
		}
		return own
	}
	own.targets = nil
	for _, pt := range pl.parts {
		for _, read := range r.tables[t.Name] {
			f := read.first(pt)
			targets := targetsFor(read.field)
			if f == nil || targets == nil || !r.takes(pt, read.rule) || slices.Contains(own.fields, f.Path) {
				continue
			}
			own.targets = targets
			own.add(f)
		}
	}
	own.means = wordsFor(own.targets)
	return own
}

// targetsFor are what a field of tickets may become where the preset's table does not say it; nil for others.
func targetsFor(field string) []Option {
	switch field {
	case "status":
		return options("open", "closed")
	case "priority":
		return options("low", "normal", "high", "critical")
	}
	return nil
}

func (pl *plan) presetTable(p *page, own *table) {
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
		p.line(1, word(own.name)+":", "")
	} else {
		p.off(1, word(own.name)+":", "")
	}
	p.add(&known)
	p.add(&unknown)
	if n := len(own.values) - maxTableValues; n > 0 {
		p.note(2, "decide: and %d further values", n)
	}
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
