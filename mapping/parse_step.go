package mapping

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// step reads one step into v.
func (d *decoder) step(v *Value, e keyed, t target) {
	at := t.path + "." + e.key
	s := &v.Steps
	switch e.key {
	case "when":
		s.When = d.condition(e.value, at)
	case "lower":
		s.Lower = d.flag(e.value, at)
	case "upper":
		s.Upper = d.flag(e.value, at)
	case "html":
		s.HTML = d.flag(e.value, at)
	case "unescape":
		s.Unescape = d.words(e.value, at)
		for _, word := range s.Unescape {
			if !slices.Contains(escapes, word) {
				d.add(e.value.pos, at, "%s is none of %s", quoted(word), listed(escapes, 9))
			}
		}
	case "match":
		s.Match = d.regex(e.value, at)
		if s.Match != "" && regexp.MustCompile(s.Match).NumSubexp() > 1 {
			d.add(e.value.pos, at, "which group is taken? leave one ( ), and write the others as (?: )")
		}
	case "split":
		s.Split = d.word(e.value, at)
	case "table":
		s.Table = d.tableStep(e.value, at)
	case "layout":
		s.Layouts = d.words(e.value, at)
	case "timezone":
		s.Timezone = d.timezone(e.value, at)
	case "future":
		s.Future = d.oneOf(e.value, at, "skip")
	case "default":
		if c, ok := d.constant(e.value, at, false); ok {
			s.Default = &c
			if problem := checkConstant(t.field, c); problem != "" {
				d.add(c.Pos, at, "%s", problem)
			}
		}
	case "warn":
		s.Warn = d.word(e.value, at)
	case "take":
		s.Take = d.oneOf(e.value, at, "last")
	}
}

func (d *decoder) tableStep(n *node, at string) *Table {
	if n.kind == nodeWord {
		if w := d.word(n, at); w != "" {
			return &Table{Name: w, Pos: n.pos}
		}
		return nil
	}
	return d.table(n, at)
}

// checkSteps reports steps that have no place in the target, or not together.
func (d *decoder) checkSteps(v *Value, t target) {
	s := &v.Steps
	no := func(bad bool, text string) {
		if bad {
			d.add(v.Pos, t.path, "%s", text)
		}
	}
	isTime := t.kind == kindTime || t.kind == kindSentTime
	no(s.Lower && s.Upper, "lower or upper, not both")
	no(!isTime && (s.Layouts != nil || s.Timezone != ""), "layout and timezone are steps of times; "+t.name+" is none")
	no(t.kind != kindSentTime && s.Future != "", "future is a step of sent_datetime alone")
	no(s.Take != "" && !t.top, "take: last is said of a ticket's whole field: { from: [a, b], take: last }")
	no(s.Take != "" && t.top && (t.kind.isList() || t.kind == kindPairs), "take: last has no effect here: lists of several records are united")
	no(s.Take != "" && t.top && (t.name == "external_id" || t.name == "version"), "take: last has no effect here: "+t.name+" tells records apart")
	other := *s
	other.When, other.Warn, other.Take, other.Default = nil, "", "", nil
	no(v.Form != FormFields && madeOfParts(v) && !reflect.ValueOf(other).IsZero(), "these steps do not reach into alternatives made of parts; write them there")
	no(v.Form == FormConst && s.Default != nil && s.When == nil, "a constant without when is never absent: default has no effect")
	no(v.Form == FormIs && !isTruth(t.kind) && s.Table == nil, "is gives true or false; translate it for "+t.name+" with table: { \"true\": …, \"false\": … }")
}

// madeOfParts tells whether v or one of its alternatives is written as named parts.
func madeOfParts(v *Value) bool {
	return v.Form == FormFields || slices.ContainsFunc(v.List, madeOfParts)
}

// isTruth tells whether true and false can stand in a field of this kind.
func isTruth(k fieldKind) bool { return k == kindBool || k == kindText }

// constant reads a scalar as written. Null is absent where that is allowed.
func (d *decoder) constant(n *node, at string, absent bool) (Constant, bool) {
	c := Constant{Text: n.text, Pos: n.pos}
	switch n.kind {
	case nodeNull:
		if absent && n.text != "" {
			return Constant{Kind: ConstAbsent, Pos: n.pos}, true
		}
		d.isNothing(n, at)
		return c, false
	case nodeWord:
		if n.text == "" {
			d.add(n.pos, at, "an empty text is absent here: write absent in a condition, null in a table")
			return c, false
		}
		kind, remedy := classify(n)
		if remedy != "" && !isNumeral(n.text) {
			d.add(n.pos, at, "%s is a truth value or a word? write %s, or %q in quotes for the word", n.text, strings.ToLower(n.text), n.text)
			return c, false
		}
		c.Kind = kind
		return c, true
	}
	d.add(n.pos, at, "expected a constant: a word, a number, true or false")
	return c, false
}
