package suggest

import (
	"path"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/mapping/profile"
)

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

// reading is what a mapping reads: fields, by plain path, with the rules that read them as times and to tell whose side
// somebody is on, and what goes through tables.
type reading struct {
	file   *mapping.File
	places map[string]bool
	times  map[string][]*mapping.Rule
	sides  map[string][]*mapping.Rule
	tables map[string][]tableRead
	exprs  []string

	rule  *mapping.Rule // that is being read
	each  string        // its items, or those of the value
	field string        // of the rule, or part of it
}

// tableRead is fields of which the first that is there goes through a table.
type tableRead struct {
	rule  *mapping.Rule
	field string // of the rule
	paths []string
}

// first is the first of the fields that a part has, nil for none.
func (t *tableRead) first(pt *part) *profile.Field {
	for _, p := range t.paths {
		for i := range pt.shape.Fields {
			if f := &pt.shape.Fields[i]; plainPath(f.Path) == p && len(f.Values) > 0 {
				return f
			}
		}
	}
	return nil
}

// reads tells whether a rule among those of a field takes pt's records.
func (r *reading) reads(pt *part, f *profile.Field, among map[string][]*mapping.Rule) bool {
	return slices.ContainsFunc(among[plainPath(f.Path)], func(rule *mapping.Rule) bool { return r.takes(pt, rule) })
}

// takes tells whether records like pt's may come to a rule: by its inputs, their files, places and conditions.
func (r *reading) takes(pt *part, rule *mapping.Rule) bool {
	if !pt.may(rule.When) {
		return false
	}
	if len(r.file.Inputs) == 0 {
		return true
	}
	names := rule.Inputs
	if len(names) == 0 {
		names = []string{r.file.Inputs[0].Name}
	}
	for _, in := range r.file.Inputs {
		files := in.Files == ""
		if !files {
			files, _ = path.Match(in.Files, pt.file.Glob)
		}
		if !files || len(in.Paths) > 0 && !slices.Contains(in.Paths, pt.shape.Place) || !pt.may(in.When) {
			continue
		}
		if slices.Contains(names, in.Name) {
			return true
		}
		if in.When == nil {
			return false // it gets them all
		}
	}
	return false
}

// may tells whether a condition can hold for some of the records, as far as fields and values show it.
func (pt *part) may(c *mapping.Condition) bool {
	if c == nil || c.Expr != "" || len(c.Any) == 0 {
		return true
	}
	return slices.ContainsFunc(c.Any, func(clause mapping.Clause) bool {
		return !slices.ContainsFunc(clause, func(t mapping.FieldTest) bool { return !pt.mayPass(&t) })
	})
}

func (pt *part) mayPass(t *mapping.FieldTest) bool {
	name := strings.TrimSuffix(t.Field, "?")
	if strings.HasPrefix(name, "$") {
		return true
	}
	var filled, total int64
	var values []profile.Count
	for i := range pt.shape.Fields {
		if f, plain := &pt.shape.Fields[i], plainPath(pt.shape.Fields[i].Path); plain == plainPath(name) || strings.HasPrefix(plain, plainPath(name)+".") {
			filled, total = filled+f.Filled, total+f.Filled+f.Empty+f.Null+f.Missing
			values = append(values, f.Values...)
		}
	}
	switch t.Test.Op {
	case mapping.TestPresent, mapping.TestMatch, mapping.TestSame:
		return filled > 0
	case mapping.TestAbsent:
		return filled == 0 || filled < total
	case mapping.TestEquals:
		return filled > 0 && (len(values) == 0 || slices.ContainsFunc(values, func(v profile.Count) bool {
			return slices.ContainsFunc(t.Test.Values, func(c mapping.Constant) bool { return strings.EqualFold(c.Text, v.Value) })
		}))
	}
	return true
}

func (r *reading) all() {
	r.times, r.sides, r.tables = map[string][]*mapping.Rule{}, map[string][]*mapping.Rule{}, map[string][]tableRead{}
	f := r.file
	for _, section := range [][]mapping.Rule{f.Tickets, f.Messages, f.People.From} {
		for i := range section {
			r.readRule(&section[i])
		}
	}
	r.each = ""
	for _, in := range f.Inputs {
		r.condition(in.When)
	}
	for _, name := range f.Ignore {
		r.places[plainPath(name)] = true
	}
}

func (r *reading) readRule(rule *mapping.Rule) {
	r.rule, r.each, r.field = rule, "", ""
	r.condition(rule.When)
	if r.each = strings.TrimSuffix(rule.Each, "?"); r.each != "" {
		r.places[plainPath(r.each)] = true
	}
	for _, list := range [][]mapping.Reason{rule.Skip, rule.Warn} {
		for i := range list {
			r.condition(&list[i].When)
		}
	}
	for i := range rule.Fields {
		r.field = rule.Fields[i].Name
		r.value(rule.Fields[i].Value, nil)
	}
}

// at is the path of a field from the record.
func (r *reading) at(name string) string {
	name = strings.TrimSuffix(name, "?")
	switch {
	case name == ".":
		return plainPath(r.each)
	case strings.HasPrefix(name, "$."):
		return plainPath(name[2:])
	case strings.HasPrefix(name, "$"):
		return ""
	case r.each != "":
		return plainPath(r.each + "." + name)
	}
	return plainPath(name)
}

// value reads a value; read gathers the fields that go through one table.
func (r *reading) value(v *mapping.Value, read *tableRead) {
	if v == nil {
		return
	}
	if t := v.Steps.Table; t != nil && t.Name != "" {
		own := tableRead{rule: r.rule, field: r.field}
		read = &own
		defer func() { r.tables[t.Name] = append(r.tables[t.Name], own) }()
	}
	r.condition(v.Steps.When)
	switch v.Form {
	case mapping.FormPath:
		r.fieldAt(r.at(v.Text), read)
	case mapping.FormText:
		for _, part := range strings.Split(v.Text, "{")[1:] {
			name, _, _ := strings.Cut(part, "}")
			r.places[r.at(strings.TrimSpace(name))] = true
		}
	case mapping.FormExpr:
		r.exprs = append(r.exprs, v.Text)
	case mapping.FormIs:
		r.condition(v.Is)
	}
	for _, kid := range v.List {
		r.value(kid, read)
	}
	outer, field := r.each, r.field
	if v.Each != "" {
		r.each = r.at(v.Each)
		r.places[r.each] = true
	}
	for _, kid := range v.Parts {
		if r.field = field; kid.Name == "agent" {
			r.field = kid.Name
		}
		r.value(kid.Value, nil)
	}
	r.each, r.field = outer, field
}

func (r *reading) fieldAt(path string, read *tableRead) {
	r.places[path] = true
	if strings.HasSuffix(r.field, "_datetime") {
		r.times[path] = append(r.times[path], r.rule)
	}
	if r.field == "agent" || r.field == "from_agent" {
		r.sides[path] = append(r.sides[path], r.rule)
	}
	if read != nil {
		read.paths = append(read.paths, path)
	}
}

func (r *reading) condition(c *mapping.Condition) {
	if c == nil {
		return
	}
	if c.Expr != "" {
		r.exprs = append(r.exprs, c.Expr)
	}
	for _, clause := range c.Any {
		for _, t := range clause {
			at := r.at(t.Field)
			if r.places[at] = true; r.field == "agent" || r.field == "from_agent" {
				r.sides[at] = append(r.sides[at], r.rule)
			}
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
