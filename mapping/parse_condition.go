package mapping

import (
	"regexp"
	"slices"
)

const conditionRemedy = "a condition is { field: test, … }, a list of such maps, or { expr: \"…\" }"

// condition reads { field: test, … }, a list of such maps, or { expr: … }; nil where it is none. A map whose only
// key is expr is an expression: a field of that name is written $.expr.
func (d *decoder) condition(n *node, at string) *Condition {
	c := &Condition{Pos: n.pos}
	switch {
	case d.isNothing(n, at):
		return nil
	case n.kind == nodeMap && n.get("expr") != nil:
		if len(n.entries) > 1 {
			d.add(n.pos, at, "expr stands alone; put all of the condition in it (a field named expr is $.expr)")
			return nil
		}
		c.Expr = d.word(n.get("expr"), at)
		if c.Expr == "" {
			return nil
		}
	case n.kind == nodeMap && len(n.entries) > 0:
		c.Any = []Clause{d.clause(n, at)}
	case n.kind == nodeList && len(n.list) > 0:
		for _, item := range n.list {
			if item.kind != nodeMap || len(item.entries) == 0 || item.get("expr") != nil {
				d.add(item.pos, at, "each of the list is { field: test, … }; an expression stands alone")
				continue
			}
			c.Any = append(c.Any, d.clause(item, at))
		}
	default:
		d.add(n.pos, at, conditionRemedy)
		return nil
	}
	return c
}

func (d *decoder) clause(n *node, at string) Clause {
	var clause Clause
	for _, e := range n.entries {
		if e.key == "" {
			d.add(e.pos, at, "a field's name is missing; %s", conditionRemedy)
			continue
		}
		if t, ok := d.test(e.value, at+"."+e.key); ok {
			clause = append(clause, FieldTest{Field: e.key, Test: t, Pos: e.pos})
		}
	}
	return clause
}

func (d *decoder) test(n *node, at string) (Test, bool) {
	t := Test{Pos: n.pos}
	switch n.kind {
	case nodeNull:
		if n.text == "" {
			d.isNothing(n, at)
		} else {
			d.add(n.pos, at, "write absent for what is not there; the word itself is [%s]", n.text)
		}
		return t, false
	case nodeWord:
		switch n.text {
		case "absent":
			t.Op = TestAbsent
			return t, true
		case "present":
			t.Op = TestPresent
			return t, true
		}
		c, ok := d.constant(n, at, false)
		t.Values = []Constant{c}
		return t, ok
	case nodeList:
		if len(n.list) == 0 {
			d.add(n.pos, at, "the list is empty; put values in it, or write absent or present")
			return t, false
		}
		all := true
		for _, item := range n.list {
			c, ok := d.constant(item, at, false)
			t.Values = append(t.Values, c)
			all = all && ok
		}
		return t, all
	}
	return d.testMap(n, at)
}

func (d *decoder) testMap(n *node, at string) (Test, bool) {
	t := Test{Pos: n.pos}
	if len(n.entries) != 1 || !slices.Contains(keyNames(testKeys), n.entries[0].key) {
		if len(n.entries) == 1 {
			d.unknownKey(n.entries[0], at, keyNames(testKeys))
		} else {
			d.add(n.pos, at, "a test is a value, a list, absent, present, { not: … }, { match: … } or { same_as: … }")
		}
		return t, false
	}
	e := n.entries[0]
	switch e.key {
	case "not":
		inner, ok := d.test(e.value, at+".not")
		t.Op, t.Not = TestNot, &inner
		return t, ok
	case "match":
		t.Op, t.Text = TestMatch, d.regex(e.value, at+".match")
	case "same_as":
		t.Op, t.Text = TestSame, d.word(e.value, at+".same_as")
	}
	return t, t.Text != ""
}

// regex reads a regular expression, "" where it is none.
func (d *decoder) regex(n *node, at string) string {
	w := d.word(n, at)
	if w == "" {
		return ""
	}
	if _, err := regexp.Compile(w); err != nil {
		d.add(n.pos, at, "%v; the syntax is that of RE2, best written in single quotes", err)
		return ""
	}
	return w
}
