package mapping

import (
	"cmp"
	"regexp"
	"slices"
	"time"
)

// want is the target a value is compiled for.
type want struct {
	kind  fieldKind
	field *field // nil where the target has no row in the tables of fields
	label string // "messages.comment.sent_datetime"
}

func (x want) isTime() bool { return x.kind == kindTime || x.kind == kindSentTime }

// nothing is the value that is always absent.
func nothing(*Mapper, bool) {}

// value compiles v with its steps. The result yields texts, numbers and booleans as the record has them; for a
// time it yields times.
func (c *compiler) value(v *Value, wants want) evalFunc {
	f := c.inner(v, wants)
	if !wants.isTime() {
		return f
	}
	// What no step of an alternative has read as a time is read here.
	last := steps{convert: c.timeReader(v, wants)}
	return last.with(f)
}

func (c *compiler) inner(v *Value, wants want) evalFunc {
	if v == nil {
		return nothing
	}
	s := c.steps(v, wants)
	f := c.form(v, wants)
	switch v.Form {
	case FormConst:
		f = noted("const", f)
	case FormText:
		f = noted("text "+quoted(v.Text), f)
	case FormExpr:
		f = noted("expr", f)
	case FormIs:
		f = noted("is "+v.Is.yaml(), f)
	}
	if wants.field == &ticketFields[fieldStatus] && (v.Form == FormPath || v.Form == FormText || v.Form == FormExpr) {
		f = heard(f)
	}
	return s.with(f)
}

// heard keeps what f reads before any step: what became of the source's own word is told.
func heard(f evalFunc) evalFunc {
	return func(w *Mapper, one bool) {
		base := len(w.stack)
		if f(w, one); len(w.stack) > base {
			w.said = w.stack[base].text
		}
	}
}

func (c *compiler) form(v *Value, wants want) evalFunc {
	switch v.Form {
	case FormPath:
		return c.path(v, wants)
	case FormConst:
		return c.constant(v.Const, wants)
	case FormFirst:
		c.perhaps++
		defer func() { c.perhaps-- }()
		return first(c.list(v.List, wants))
	case FormAll:
		return all(c.list(v.List, wants))
	case FormText:
		return c.template(v, wants)
	case FormIs:
		holds := c.condition(v.Is, wants.label)
		return func(w *Mapper, one bool) {
			if holds(w) {
				w.stack = append(w.stack, val{kind: vBool, text: "true"})
			} else {
				w.stack = append(w.stack, val{kind: vBool, text: "false"})
			}
		}
	case FormExpr:
		return c.expr(v.Text, v.Pos, wants)
	default:
		c.p.add(v.Pos, wants.label, "one value is wanted here, not named parts")
		return nothing
	}
}

func (c *compiler) path(v *Value, wants want) evalFunc {
	r := c.ref(v.Text, v.Pos, wants.label)
	trim := wants.kind != kindBody
	return func(w *Mapper, one bool) { w.read(r, trim, one) }
}

func (c *compiler) constant(k Constant, wants want) evalFunc {
	if k.Kind == ConstAbsent {
		return nothing
	}
	v := constVal(k)
	return func(w *Mapper, one bool) { w.stack = append(w.stack, v) }
}

func (c *compiler) list(vs []*Value, wants want) []evalFunc {
	out := make([]evalFunc, 0, len(vs))
	for _, v := range vs {
		out = append(out, c.inner(v, wants))
	}
	return out
}

// first yields the first alternative that is not absent; one that failed is not passed over.
func first(alternatives []evalFunc) evalFunc {
	return func(w *Mapper, one bool) {
		base := len(w.stack)
		for _, f := range alternatives {
			if f(w, one); len(w.stack) > base {
				return
			}
		}
	}
}

func all(parts []evalFunc) evalFunc {
	return func(w *Mapper, one bool) {
		base := len(w.stack)
		for _, f := range parts {
			if f(w, one); one && len(w.stack) > base {
				return
			}
		}
	}
}

// steps compiles what is done to the values of v.
func (c *compiler) steps(v *Value, wants want) *steps {
	st := &v.Steps
	s := &steps{
		trim: wants.kind != kindBody, lower: st.Lower, upper: st.Upper, html: st.HTML, split: st.Split, unescape: unescapers(st.Unescape),
	}
	if st.Warn != "" {
		s.warn = c.label(st.Warn, v.Pos, wants.label)
	}
	if st.When != nil {
		s.when = c.condition(st.When, wants.label)
	}
	if st.Match != "" {
		s.match = c.regexp(st.Match, v.Pos, wants.label)
	}
	if st.Table != nil {
		s.table = c.table(st.Table, wants.label)
	}
	if wants.isTime() && (len(st.Layouts) > 0 || st.Timezone != "") {
		s.convert = c.timeReader(v, wants)
	}
	if st.Default != nil && st.Default.Kind != ConstAbsent {
		d := constVal(*st.Default)
		s.def = &d
	}
	return s
}

func (c *compiler) regexp(pattern string, pos Pos, where string) *regexp.Regexp {
	re, err := regexp.Compile(pattern)
	if err != nil {
		c.p.add(pos, where, "the pattern %s is not a regular expression (RE2): %v", quoted(pattern), err)
		return regexp.MustCompile("")
	}
	return re
}

// timeReader compiles the reading of v's times. Layouts "auto", the default, get a place in the survey.
func (c *compiler) timeReader(v *Value, wants want) *timeReader {
	t := &timeReader{auto: -1, sent: wants.kind == kindSentTime, zone: c.zone(v.Steps.Timezone, v.Pos, wants.label)}
	names := v.Steps.Layouts
	if len(names) == 0 {
		names = []string{autoLayout}
	}
	l, err := compileLayouts(names)
	if err != nil {
		c.p.add(v.Pos, wants.label, "%v", err)
		l, _ = compileLayouts([]string{autoLayout})
	}
	t.layouts = l
	if len(v.Steps.Layouts) > 0 && v.Steps.Table == nil {
		c.checkTime(v, t, wants)
	}
	if slices.Contains(names, autoLayout) {
		t.auto = len(c.m.autos)
		c.m.autos = append(c.m.autos, wants.label)
	}
	return t
}

// checkTime tries a constant and a default that have layouts of their own.
func (c *compiler) checkTime(v *Value, t *timeReader, wants want) {
	for _, k := range []*Constant{&v.Const, v.Steps.Default} {
		if k == nil || k.Text == "" || k.Kind == ConstAbsent {
			continue
		}
		if _, _, err := t.layouts.parse(k.Text, cmp.Or(t.zone, time.UTC)); err != nil {
			c.p.add(k.Pos, wants.label, "%v", err)
		}
	}
}

// autoLayout settles the layout over the whole input.
const autoLayout = "auto"

func (c *compiler) zone(name string, pos Pos, where string) *time.Location {
	if name == "" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		c.p.add(pos, where, "%s is not a time zone; write one like Europe/Amsterdam or UTC", quoted(name))
		return nil
	}
	return zone
}

func constVal(k Constant) val {
	switch k.Kind {
	case ConstNumber:
		return val{kind: vNumber, text: k.Text}
	case ConstBool:
		return val{kind: vBool, text: k.Text}
	}
	return val{kind: vText, text: k.Text}
}

func isLanguage(s string) bool {
	return len(s) == 2 && 'a' <= s[0]|0x20 && s[0]|0x20 <= 'z' && 'a' <= s[1]|0x20 && s[1]|0x20 <= 'z'
}
