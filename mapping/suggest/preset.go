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
	pl.presetPeople(out)
	pl.presetUnplaced(out, &r)
}

// presetSource gives the name and the zone where the preset has none.
func (pl *plan) presetSource(out *page) {
	name := pl.preset.Source.Name
	if name == "" {
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
			if t := f.Time; t != nil && r.times[plainPath(f.Path)] && (t.Zone == "none" || t.Zone == "mixed" || t.Zone == "abbreviation") {
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
	for _, pt := range pl.parts {
		for i := range pt.shape.Fields {
			if f := &pt.shape.Fields[i]; slices.Contains(r.tables[t.Name], plainPath(f.Path)) && len(f.Values) > 0 {
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
		if pl.answers.one(keyTable+t.Name+":"+v.Value) != "" {
			pl.entry(&known, own, v)
		} else {
			pl.entry(&unknown, own, v)
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

// presetPeople asks who works for the company, unless the preset or the data knows.
func (pl *plan) presetPeople(out *page) {
	if len(pl.preset.People.Agents) > 0 {
		return
	}
	var agents page
	pl.agents(&agents, false)
	if agents.live {
		out.line(0, "people:", "")
	}
	out.add(&agents)
}

func (pl *plan) presetUnplaced(out *page, r *reading) {
	for _, pt := range pl.parts {
		for i := range pt.shape.Fields {
			if f := &pt.shape.Fields[i]; r.knows(f.Path) {
				pt.used[f.Path] = true
			}
		}
	}
	pl.unplaced(out)
}

// plainPath is a path without the signs of lists, to compare those of a mapping with those of a profile.
func plainPath(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '[' {
			if end := strings.IndexByte(s[i:], ']'); end > 0 {
				i += end
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return strings.ToLower(strings.Trim(b.String(), "."))
}

// reading is what a mapping reads: fields, by plain path, those it reads as times, and those that go through a table.
type reading struct {
	file   *mapping.File
	places map[string]bool
	times  map[string]bool
	tables map[string][]string
	exprs  []string
}

func (r *reading) all() {
	r.times, r.tables = map[string]bool{}, map[string][]string{}
	f := r.file
	for _, section := range [][]mapping.Rule{f.Tickets, f.Messages, f.People.From} {
		for i := range section {
			r.rule(&section[i])
		}
	}
	for _, in := range f.Inputs {
		r.condition(in.When, "")
	}
	for _, name := range f.Ignore {
		r.places[plainPath(name)] = true
	}
}

func (r *reading) rule(rule *mapping.Rule) {
	each := strings.TrimSuffix(rule.Each, "?")
	if each != "" {
		r.places[plainPath(each)] = true
	}
	r.condition(rule.When, "")
	for _, list := range [][]mapping.Reason{rule.Skip, rule.Warn} {
		for i := range list {
			r.condition(&list[i].When, each)
		}
	}
	for i := range rule.Fields {
		fv := &rule.Fields[i]
		r.value(fv.Value, each, strings.HasSuffix(fv.Name, "_datetime"), nil)
	}
}

// at is the path of a field from the record.
func (r *reading) at(name, each string) string {
	name = strings.TrimSuffix(name, "?")
	switch {
	case name == ".":
		return plainPath(each)
	case strings.HasPrefix(name, "$."):
		return plainPath(name[2:])
	case strings.HasPrefix(name, "$"):
		return ""
	case each != "":
		return plainPath(each + "." + name)
	}
	return plainPath(name)
}

func (r *reading) value(v *mapping.Value, each string, isTime bool, outer *mapping.Table) {
	if v == nil {
		return
	}
	table := v.Steps.Table
	if table == nil {
		table = outer
	}
	r.condition(v.Steps.When, each)
	switch v.Form {
	case mapping.FormPath:
		path := r.at(v.Text, each)
		r.places[path] = true
		if isTime {
			r.times[path] = true
		}
		if table != nil && table.Name != "" {
			r.tables[table.Name] = append(r.tables[table.Name], path)
		}
	case mapping.FormText:
		for _, part := range strings.Split(v.Text, "{")[1:] {
			name, _, _ := strings.Cut(part, "}")
			r.places[r.at(strings.TrimSpace(name), each)] = true
		}
	case mapping.FormExpr:
		r.exprs = append(r.exprs, v.Text)
	case mapping.FormIs:
		r.condition(v.Is, each)
	}
	for _, kid := range v.List {
		r.value(kid, each, isTime, table)
	}
	inner := each
	if v.Each != "" {
		inner = r.at(v.Each, each)
		r.places[inner] = true
	}
	for _, kid := range v.Parts {
		r.value(kid.Value, inner, isTime, nil)
	}
}

func (r *reading) condition(c *mapping.Condition, each string) {
	if c == nil {
		return
	}
	if c.Expr != "" {
		r.exprs = append(r.exprs, c.Expr)
	}
	for _, clause := range c.Any {
		for _, t := range clause {
			r.places[r.at(t.Field, each)] = true
		}
	}
}

// knows tells whether a field is read or ignored: itself, as a part of what is, by its last name among those ignored, or
// in an expression.
func (r *reading) knows(path string) bool {
	plain := plainPath(path)
	for p := plain; p != ""; {
		if r.places[p] {
			return true
		}
		i := strings.LastIndexByte(p, '.')
		if i < 0 {
			break
		}
		p = p[:i]
	}
	for rest := plain; ; {
		if r.places[`"`+rest+`"`] || r.places[rest] {
			return true
		}
		_, after, ok := strings.Cut(rest, ".")
		if !ok {
			break
		}
		rest = after
	}
	last := lastPart(plain)
	return last != "" && slices.ContainsFunc(r.exprs, func(e string) bool { return strings.Contains(strings.ToLower(e), last) })
}
