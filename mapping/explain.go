package mapping

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskferry/deskferry/sources"
)

// Explained is how a rule came to make a fact of a record, or why it made none.
type Explained struct {
	Rule    string // "messages.comment"
	Fact    string // what it made: "ticket 1000", "message 50003"; "" for none
	Outcome string // why there is none, or why it is not imported: "when does not hold", "skipped: deleted", "rejected"; "" when all is well
	Fields  []ExplainedField
}

// ExplainedField is a target field, or a condition ("when", "skip.deleted"), with what was read for it and done to it, in
// order.
type ExplainedField struct {
	Name     string
	Steps    []ExplainedStep
	Problems []Problem
}

// ExplainedStep is one reading or one step. What is a field's name in quotes, or the step: "table status". No values:
// absent.
type ExplainedStep struct {
	What   string
	Values []string // clipped
}

// Explain maps r as [Mapper.Map] does and tells how each field came to be.
func (w *Mapper) Explain(r *sources.Record, out *Result) []Explained {
	t := &trace{}
	w.trace = t
	defer func() { w.trace = nil }()
	tickets, messages, people := len(out.Tickets), len(out.Messages), len(out.People)
	w.Map(r, out)
	t.name(out.Tickets[tickets:], out.Messages[messages:], out.People[people:])
	return t.rules
}

// trace takes down what a mapper does.
type trace struct {
	rules []Explained
	taken []bool // by rule: it took the item
}

// begin begins a rule; taken tells how it went on.
func (t *trace) begin(rule string) {
	t.rules = append(t.rules, Explained{Rule: rule})
	t.taken = append(t.taken, false)
}

func (t *trace) took(ok bool) {
	if last := len(t.rules) - 1; ok {
		t.taken[last] = true
	} else {
		t.rules[last].Outcome = "when does not hold"
	}
}

// step notes what is on the mapper's stack from base on.
func (w *Mapper) step(what string, base int) {
	t := w.trace
	if len(t.rules) == 0 {
		return // an input's when: no rule has begun
	}
	s := ExplainedStep{What: what}
	for _, v := range w.stack[base:] {
		s.Values = append(s.Values, w.shown(v))
	}
	f := t.field(w.field)
	if n := len(f.Steps); n > 0 && f.Steps[n-1].What == what && slices.Equal(f.Steps[n-1].Values, s.Values) {
		return
	}
	f.Steps = append(f.Steps, s)
}

func (w *Mapper) shown(v val) string {
	switch v.kind {
	case vFailed:
		return "(cannot be read)"
	case vTime:
		return v.time().Format(time.RFC3339Nano)
	case vObject:
		return "{…}"
	case vText:
		return strconv.Quote(clipped(v.text))
	}
	return clipped(v.text)
}

// name says which fact each rule made: facts are in the order of the rules that made them.
func (t *trace) name(tickets []TicketFact, messages []MessageFact, people []PersonFact) {
	for i := range t.rules {
		r := &t.rules[i]
		if !t.taken[i] {
			continue
		}
		switch section, _, _ := strings.Cut(r.Rule, "."); section {
		case "tickets":
			k := slices.IndexFunc(tickets, func(f TicketFact) bool { return f.Rule == r.Rule })
			if k < 0 {
				r.Outcome = "left out"
				continue
			}
			r.Fact, r.Outcome = "ticket "+tickets[k].Key, tickets[k].State.outcome(tickets[k].Reason)
			tickets = slices.Delete(slices.Clone(tickets), k, k+1)
		case "messages":
			k := slices.IndexFunc(messages, func(f MessageFact) bool { return f.Rule == r.Rule })
			if k < 0 {
				r.Outcome = "left out"
				continue
			}
			r.Fact, r.Outcome = "message "+messages[k].Message.ExternalID, messages[k].State.outcome(messages[k].Reason)
			messages = slices.Delete(slices.Clone(messages), k, k+1)
		default:
			k := slices.IndexFunc(people, func(f PersonFact) bool { return f.Ruled })
			if k < 0 {
				r.Outcome = "left out"
				continue
			}
			r.Fact = "person " + people[k].ID
			people = slices.Delete(slices.Clone(people), k, k+1)
		}
	}
}

// outcome is a state in words, "" for a fact that is mapped.
func (s State) outcome(reason string) string {
	switch s {
	case Skipped:
		return "skipped: " + reason
	case Rejected:
		return "rejected"
	}
	return ""
}

// problem puts a problem beside the field it is met in.
func (t *trace) problem(p *Problem) {
	if len(t.rules) == 0 || t.rules[len(t.rules)-1].Rule != p.Rule {
		return // of the record as a whole
	}
	f := t.field(p.Field)
	f.Problems = append(f.Problems, *p)
}

// field is a field of the rule in hand.
func (t *trace) field(name string) *ExplainedField {
	r := &t.rules[len(t.rules)-1]
	i := slices.IndexFunc(r.Fields, func(f ExplainedField) bool { return f.Name == name })
	if i < 0 {
		i = len(r.Fields)
		r.Fields = append(r.Fields, ExplainedField{Name: name})
	}
	return &r.Fields[i]
}

// names lists the steps as a mapping writes them.
func (s *steps) names() string {
	var out []string
	add := func(is bool, name string) {
		if is {
			out = append(out, name)
		}
	}
	add(s.lower, "lower")
	add(s.upper, "upper")
	add(s.html, "html")
	if s.match != nil {
		out = append(out, "match "+s.match.String())
	}
	add(s.split != "", "split "+strconv.Quote(s.split))
	if s.table != nil {
		out = append(out, "table "+strings.TrimPrefix(s.table.where, "tables."))
	}
	add(s.convert != nil, "time")
	return strings.Join(out, ", ")
}

// noted has f's values taken down under a name while a record is explained.
func noted(what string, f evalFunc) evalFunc {
	return func(w *Mapper, one bool) {
		base := len(w.stack)
		f(w, one)
		if w.trace != nil {
			w.step(what, base)
		}
	}
}
