package mapping

import (
	"strings"
)

// cond is a compiled condition.
type cond func(w *Mapper) bool

// condition compiles k: any of its clauses, each with all of its tests, or its expression.
func (c *compiler) condition(k *Condition, where string) cond {
	c.perhaps++
	defer func() { c.perhaps-- }()
	if k.Expr != "" {
		return c.exprCondition(k, where)
	}
	clauses := make([][]cond, len(k.Any))
	for i, clause := range k.Any {
		for j := range clause {
			clauses[i] = append(clauses[i], c.fieldTest(&clause[j], where))
		}
	}
	return func(w *Mapper) bool {
		for _, tests := range clauses {
			if holdAll(w, tests) {
				return true
			}
		}
		return false
	}
}

func holdAll(w *Mapper, tests []cond) bool {
	for _, t := range tests {
		if !t(w) {
			return false
		}
	}
	return true
}

func (c *compiler) fieldTest(ft *FieldTest, where string) cond {
	r := c.ref(ft.Field, ft.Pos, where)
	test := c.test(&ft.Test, where)
	return func(w *Mapper) bool {
		base := len(w.stack)
		w.read(r, true, false)
		ok := test(w, r, w.stack[base:])
		w.stack = w.stack[:base]
		return ok
	}
}

// testFunc judges the present values of a field. A field with several holds when one of them does.
type testFunc func(w *Mapper, r *ref, values []val) bool

func (c *compiler) test(t *Test, where string) testFunc {
	switch t.Op {
	case TestAbsent:
		return func(_ *Mapper, _ *ref, values []val) bool { return len(values) == 0 }
	case TestPresent:
		return func(_ *Mapper, _ *ref, values []val) bool { return len(values) > 0 }
	case TestNot:
		inner := c.test(t.Not, where)
		return func(w *Mapper, r *ref, values []val) bool { return !inner(w, r, values) }
	case TestMatch:
		re := c.regexp(t.Text, t.Pos, where)
		return func(_ *Mapper, _ *ref, values []val) bool {
			for _, v := range values {
				if v.kind != vObject && re.MatchString(v.text) {
					return true
				}
			}
			return false
		}
	case TestSame:
		return c.sameAs(t, where)
	}
	return equals(t.Values)
}

// equals compares as text, in any case; with true and false the field is read as a boolean. Where nothing but
// booleans is asked for, a word that is none is a problem: to take it for false would be a guess.
func equals(constants []Constant) testFunc {
	words := make([]string, 0, len(constants))
	yes, no := false, false
	for _, k := range constants {
		if k.Kind == ConstBool {
			yes, no = yes || k.Text == "true", no || k.Text == "false"
			continue
		}
		words = append(words, plainNumber(k.Text))
	}
	return func(w *Mapper, r *ref, values []val) bool {
		for _, v := range values {
			if v.kind == vObject {
				continue
			}
			for _, word := range words {
				if strings.EqualFold(plainNumber(v.text), word) {
					return true
				}
			}
			if !yes && !no {
				continue
			}
			truth, ok := boolWord(v.text)
			if !ok && len(words) == 0 {
				w.failCondition(r, v.text)
			}
			if ok && (truth && yes || !truth && no) {
				return true
			}
		}
		return false
	}
}

func (c *compiler) sameAs(t *Test, where string) testFunc {
	other := c.ref(t.Text, t.Pos, where)
	return func(w *Mapper, _ *ref, values []val) bool {
		values = values[:len(values):len(values)]
		base := len(w.stack)
		w.read(other, true, false)
		theirs := w.stack[base:]
		same := false
		for _, a := range values {
			for _, b := range theirs {
				if a.kind != vObject && b.kind != vObject && strings.EqualFold(plainNumber(a.text), plainNumber(b.text)) {
					same = true
				}
			}
		}
		w.stack = w.stack[:base]
		return same
	}
}

// boolWord reads the words every boolean field takes.
func boolWord(s string) (truth, ok bool) {
	if len(s) > 5 {
		return false, false
	}
	switch {
	case s == "1", strings.EqualFold(s, "true"), strings.EqualFold(s, "yes"), strings.EqualFold(s, "t"), strings.EqualFold(s, "y"):
		return true, true
	case s == "0", strings.EqualFold(s, "false"), strings.EqualFold(s, "no"), strings.EqualFold(s, "f"), strings.EqualFold(s, "n"):
		return false, true
	}
	return false, false
}
