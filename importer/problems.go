package importer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

const (
	problemExamples = 3
	problemValues   = 1000 // distinct values listed of one problem; of the others it is only known that there are more
)

// Example is one place a problem was met.
type Example struct {
	Origin string `json:"origin"`
	Other  string `json:"other,omitzero"` // the second origin of a conflict
	Value  string `json:"value"`
}

// ValueSum is one of a problem's values. Hint is what to do about this value, where that differs from value to value:
// the line to paste into a table.
type ValueSum struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
	Hint  string `json:"hint,omitzero"`
}

// ProblemSum is one kind of problem, all its occurrences together.
type ProblemSum struct {
	Code     string     `json:"code"`
	Severity string     `json:"severity"`
	Field    string     `json:"field"`
	Count    int64      `json:"count"`
	Hint     string     `json:"hint"`
	Examples []Example  `json:"examples"`        // the first three, by origin
	Values   []ValueSum `json:"values,omitzero"` // most frequent first; at most 1,000
	More     bool       `json:"more,omitzero"`   // there are further values
}

// problems gathers problems by code, field and severity. The zero value is empty. What it gives does not depend on the
// order they were added in, unless a kind has more than problemValues values.
type problems struct{ kinds map[problemKind]*problemFacts }

type problemKind struct {
	code, field string
	severity    mapping.Severity
}

type problemFacts struct {
	count    int64
	examples []mapping.Problem // by origin
	values   map[string]*valueFacts
	more     bool
}

type valueFacts struct {
	count int64
	first sources.Origin
	hint  string
}

func (p *problems) add(all []mapping.Problem) {
	for i := range all {
		p.one(&all[i])
	}
}

func (p *problems) one(x *mapping.Problem) {
	f := p.kind(problemKind{x.Code, x.Field, x.Severity})
	f.count++
	f.example(x)
	if x.Value == "" {
		return
	}
	v := f.values[x.Value]
	switch {
	case v != nil:
		if compareOrigins(x.Origin, v.first) < 0 {
			v.first, v.hint = cloneOrigin(x.Origin), strings.Clone(x.Hint)
		}
		v.count++
	case len(f.values) < problemValues:
		f.value(strings.Clone(x.Value), valueFacts{1, cloneOrigin(x.Origin), strings.Clone(x.Hint)})
	default:
		f.more = true
	}
}

func (p *problems) kind(k problemKind) *problemFacts {
	f := p.kinds[k]
	if f == nil {
		if p.kinds == nil {
			p.kinds = map[problemKind]*problemFacts{}
		}
		f = &problemFacts{}
		k.code, k.field = strings.Clone(k.code), strings.Clone(k.field)
		p.kinds[k] = f
	}
	return f
}

func (f *problemFacts) value(s string, v valueFacts) {
	if f.values == nil {
		f.values = map[string]*valueFacts{}
	}
	f.values[s] = &v
}

// example keeps x if it is among the first. It keeps no memory of the record it comes from.
func (f *problemFacts) example(x *mapping.Problem) {
	n := len(f.examples)
	if n == problemExamples && compareProblems(x, &f.examples[n-1]) >= 0 {
		return
	}
	at, told := slices.BinarySearchFunc(f.examples, *x, func(a, b mapping.Problem) int { return compareProblems(&a, &b) })
	if told {
		return // a record says the same more than once
	}
	c := *x
	c.Origin, c.Other = cloneOrigin(x.Origin), cloneOrigin(x.Other)
	c.Rule, c.Value, c.Hint = strings.Clone(x.Rule), strings.Clone(x.Value), strings.Clone(x.Hint)
	f.examples = slices.Insert(f.examples, at, c)
	f.examples = f.examples[:min(len(f.examples), problemExamples)]
}

func compareProblems(a, b *mapping.Problem) int {
	return cmp.Or(compareOrigins(a.Origin, b.Origin), compareOrigins(a.Other, b.Other),
		strings.Compare(a.Value, b.Value), strings.Compare(a.Hint, b.Hint))
}

func compareOrigins(a, b sources.Origin) int {
	return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Index, b.Index),
		strings.Compare(a.Place, b.Place))
}

func cloneOrigin(o sources.Origin) sources.Origin {
	o.File, o.Place = strings.Clone(o.File), strings.Clone(o.Place)
	return o
}

// merge adds what another has gathered; it is not used afterwards.
func (p *problems) merge(o *problems) {
	for k, of := range o.kinds {
		f := p.kind(k)
		f.count += of.count
		f.more = f.more || of.more
		for i := range of.examples {
			f.example(&of.examples[i])
		}
		for s, ov := range of.values {
			v := f.values[s]
			switch {
			case v != nil:
				if compareOrigins(ov.first, v.first) < 0 {
					v.first, v.hint = ov.first, ov.hint
				}
				v.count += ov.count
			case len(f.values) < problemValues:
				f.value(s, *ov)
			default:
				f.more = true
			}
		}
	}
}

// sums lists the kinds: errors before warnings, the most frequent first.
func (p *problems) sums() []ProblemSum {
	out := make([]ProblemSum, 0, len(p.kinds))
	for k, f := range p.kinds {
		s := ProblemSum{Code: k.code, Severity: k.severity.String(), Field: k.field, Count: f.count, More: f.more}
		for _, x := range f.examples {
			e := Example{Origin: originText(x.Origin), Value: x.Value}
			if x.Other != (sources.Origin{}) {
				e.Other = x.Other.String()
			}
			s.Examples = append(s.Examples, e)
		}
		s.Hint = f.examples[0].Hint
		s.Values = f.valueSums(s.Hint)
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b ProblemSum) int {
		return cmp.Or(strings.Compare(a.Severity, b.Severity), cmp.Compare(b.Count, a.Count),
			strings.Compare(a.Code, b.Code), strings.Compare(a.Field, b.Field))
	})
	for i := range out {
		if out[i].Code == "rule.warn" { // it is of no field: each warn of a rule is a kind by what it says, which is the value
			out[i].Field = ""
		}
	}
	return out
}

// valueSums lists the values. Hints are left out where all values have the same.
func (f *problemFacts) valueSums(common string) []ValueSum {
	var out []ValueSum
	differ := false
	for s, v := range f.values {
		out = append(out, ValueSum{s, v.count, v.hint})
		differ = differ || v.hint != common
	}
	slices.SortFunc(out, func(a, b ValueSum) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	if !differ {
		for i := range out {
			out[i].Hint = ""
		}
	}
	return out
}

// originText is an origin for people; a problem of the whole input has none.
func originText(o sources.Origin) string {
	if o == (sources.Origin{}) {
		return ""
	}
	return o.String()
}

// reasons are the errors among the problems of one record, a line each, for the file of rejects.
func reasons(all []mapping.Problem) []string {
	var out []string
	for i := range all {
		if all[i].Severity == mapping.Error {
			out = append(out, reason(&all[i]))
		}
	}
	return out
}

// firstError says what the first error is and where; "" when there is none.
func firstError(all []mapping.Problem) string {
	i := slices.IndexFunc(all, func(p mapping.Problem) bool { return p.Severity == mapping.Error })
	if i < 0 {
		return ""
	}
	return whereOf(&all[i])
}

// whereOf says what a problem is and where, without its value.
func whereOf(p *mapping.Problem) string { return named(p) + " at " + p.Origin.String() }

// named is a problem's code, with its field where the code does not begin with it.
func named(p *mapping.Problem) string {
	if p.Field != "" && !strings.HasPrefix(p.Code, p.Field+".") {
		return p.Field + ": " + p.Code
	}
	return p.Code
}

func reason(p *mapping.Problem) string {
	var b strings.Builder
	b.WriteString(named(p))
	if p.Value != "" {
		b.WriteString(` "` + p.Value + `"`)
	}
	if p.Other != (sources.Origin{}) {
		b.WriteString(" (see " + p.Other.String() + ")")
	}
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	return b.String()
}
