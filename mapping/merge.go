package mapping

import (
	"slices"
	"strings"
)

// shape says how deep maps merge entry by entry; without one a value replaces the other whole.
type shape struct {
	each *shape            // of any entry; nil: entries replace
	keys map[string]*shape // of these entries, before each
	fold bool              // keys are compared in any case: tables
	// nulls may stay where there is nothing to remove: in a table they mean absent
	nulls bool
}

func (s *shape) of(key string) *shape {
	if sub, ok := s.keys[key]; ok {
		return sub
	}
	return s.each
}

// ruleShape: skip and warn merge by reason, all else of a rule is replaced.
func ruleShape() *shape {
	reasons := &shape{}
	return &shape{keys: map[string]*shape{"skip": reasons, "warn": reasons}}
}

// fileShape: sections merge by entry; so do the tables, inputs and rules in them.
func fileShape() *shape {
	rules := &shape{each: ruleShape()}
	return &shape{keys: map[string]*shape{
		"source":   {keys: map[string]*shape{"api": {}}},
		"inputs":   {each: &shape{}},
		"tables":   {each: &shape{fold: true, nulls: true}},
		"bodies":   {},
		"people":   {keys: map[string]*shape{"from": rules}},
		"tickets":  rules,
		"messages": rules,
	}}
}

type merger struct{ problems *problems }

// merge lays over on base: its entries replace, are added at the end or, where they are null, removed. Neither
// is changed; what is kept keeps its place in its own file.
func (m merger) merge(base, over *node, s *shape, path string) *node {
	if s == nil || base.kind != nodeMap || over.kind != nodeMap {
		return over
	}
	if s.nulls && (isTableFile(base) || isTableFile(over)) {
		return over
	}
	out := &node{pos: over.pos, kind: nodeMap, entries: slices.Clone(base.entries)}
	for _, e := range over.entries {
		below := join(path, e.key)
		i := slices.IndexFunc(out.entries, func(o keyed) bool {
			return o.key == e.key || s.fold && strings.EqualFold(o.key, e.key)
		})
		switch {
		case e.value.kind == nodeNull && e.value.text == "":
			// Kept: the decoder says what to do about it. Removing here could drop a whole section
			// whose lines are commented out.
			if i >= 0 {
				out.entries[i] = e
			} else {
				out.entries = append(out.entries, e)
			}
		case e.value.kind == nodeNull && i >= 0:
			out.entries = slices.Delete(out.entries, i, i+1)
		case e.value.kind == nodeNull && !s.nulls:
			m.problems.add(e.value.pos, below, "there is nothing to remove%s", didYouMean(e.key, out.keys()))
		case i >= 0:
			e.value = m.merge(out.entries[i].value, e.value, s.of(e.key), below)
			out.entries[i] = e
		default:
			out.entries = append(out.entries, e)
		}
	}
	return out
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// likes gives every rule the keys of the rule it is like. root is changed.
func (l *loader) likes(root *node) {
	sections := map[string]**node{}
	for i := range root.entries {
		e := &root.entries[i]
		switch e.key {
		case "tickets", "messages":
			sections[e.key] = &e.value
		case "people":
			if e.value.kind != nodeMap {
				continue
			}
			people := *e.value
			people.entries = slices.Clone(people.entries)
			e.value = &people
			for j := range people.entries {
				if people.entries[j].key == "from" {
					sections["people.from"] = &people.entries[j].value
				}
			}
		}
	}
	for path, section := range sections {
		if (*section).kind == nodeMap {
			r := likeResolver{merger{&l.problems}, path, *section, make(map[string]*node)}
			*section = r.all()
		}
	}
}

// likeResolver resolves the likes of one section.
type likeResolver struct {
	merger
	path  string
	rules *node
	done  map[string]*node
}

func (r *likeResolver) all() *node {
	out := *r.rules
	out.entries = slices.Clone(out.entries)
	for i := range out.entries {
		out.entries[i].value = r.resolve(out.entries[i], nil)
	}
	return &out
}

func (r *likeResolver) resolve(e keyed, chain []string) *node {
	if n, ok := r.done[e.key]; ok {
		return n
	}
	n := e.value
	if n.kind == nodeMap {
		if like := n.get("like"); like != nil {
			n = r.like(e, like, append(chain, e.key))
		}
	}
	r.done[e.key] = n
	return n
}

// like merges a rule over the one it names; where that fails the rule stays as it is.
func (r *likeResolver) like(e keyed, like *node, chain []string) *node {
	path := join(r.path, e.key) + ".like"
	if like.kind != nodeWord {
		r.problems.add(like.pos, path, "name one rule of this section")
		return e.value
	}
	i := slices.IndexFunc(r.rules.entries, func(x keyed) bool { return x.key == like.text })
	switch {
	case i < 0:
		r.problems.add(like.pos, path, "there is no rule %s%s", quoted(like.text), didYouMean(like.text, r.rules.keys()))
		return e.value
	case slices.Contains(chain, like.text):
		r.problems.add(like.pos, path, "goes in a circle: %s", strings.Join(append(chain, like.text), " is like "))
		return e.value
	case len(chain) > maxExtends:
		r.problems.add(like.pos, path, "more than %d rules are like one another; write some out", maxExtends)
		return e.value
	}
	base := r.resolve(r.rules.entries[i], chain)
	own := *e.value
	own.entries = slices.DeleteFunc(slices.Clone(own.entries), func(x keyed) bool { return x.key == "like" })
	return r.merge(base, &own, ruleShape(), join(r.path, e.key))
}
