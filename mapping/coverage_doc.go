package mapping

import (
	"slices"

	"github.com/deskferry/deskferry/sources"
)

// docCoverage counts the values of an input's documents by their paths.
type docCoverage struct {
	root place
	made int
	more int64
}

// place is a path: read by some rule, or not and counted.
type place struct {
	read    bool
	to      []string // the target fields that read it
	name    string
	members map[string]*place
	order   []*place // members, as they were met
	items   *place
	count   int64
	example string
	at      int64 // ordinal of the record it is from
}

func (p *place) member(name string) *place {
	if p.members == nil {
		p.members = map[string]*place{}
	}
	m := p.members[name]
	if m == nil {
		m = &place{name: name}
		p.members[name] = m
		p.order = append(p.order, m)
	}
	return m
}

// mark notes that what steps lead to is read.
func (p *place) mark(steps []step) *place {
	for _, st := range steps {
		if st.kind == stepKey {
			p = p.member(st.name)
			continue
		}
		if p.items == nil {
			p.items = &place{}
		}
		p = p.items
		if st.kind == stepFilter {
			p.member(st.name).read = true
		}
	}
	return p
}

func (m *Mapping) newDocCoverage(in *input) *docCoverage {
	d := &docCoverage{}
	prefixes := [][]step{nil}
	for _, s := range in.scopes {
		for _, r := range s.refs {
			if r.scope != scopeItem && r.scope != scopeRecord || r.pathErr != nil {
				continue
			}
			to := d.root.mark(joined(r.prefix, r.path))
			if r.descent {
				prefixes = append(prefixes, append(joined(r.prefix, r.path), step{kind: stepAll}))
				continue
			}
			to.read, to.to = true, withText(to.to, s.target(r))
		}
	}
	for _, name := range m.file.Ignore {
		path, err := parsePath(name)
		if err != nil {
			path = []step{{kind: stepKey, name: name}}
		}
		for _, prefix := range prefixes {
			d.root.mark(joined(prefix, path)).read = true
		}
	}
	return d
}

func (w *Mapper) coverNode(d *docCoverage, p *place, at int32) {
	if p.read {
		w.coverRead(p, at)
		return
	}
	n := &w.rec.Nodes[at]
	switch n.Kind {
	case sources.Null:
	case sources.Object:
		// each takes a list or one object
		one := p.items
		for c := n.First; c != 0; c = w.rec.Nodes[c].Next {
			child := p.members[w.rec.Nodes[c].Name]
			if child == nil && one != nil {
				if one.read { // the item, or each member, as a whole
					w.coverRead(one, c)
					continue
				}
				child = one.members[w.rec.Nodes[c].Name]
			}
			if child == nil {
				if d.made >= maxPaths {
					d.more++
					continue
				}
				d.made++
				child = p.member(w.rec.Nodes[c].Name)
			}
			w.coverNode(d, child, c)
		}
	case sources.Array:
		if n.First != 0 && p.items == nil {
			p.items = &place{}
		}
		for c := n.First; c != 0; c = w.rec.Nodes[c].Next {
			w.coverNode(d, p.items, c)
		}
	default:
		if s := n.Text; s != "" && !w.emptyWord(s) {
			if p.count == 0 {
				p.example, p.at = example(s), w.rec.Ordinal
			}
			p.count++
		}
	}
}

// coverRead counts what is read of a value, and of its parts where rules read those as well.
func (w *Mapper) coverRead(p *place, at int32) {
	n := &w.rec.Nodes[at]
	if len(p.to) > 0 && w.holdsValue(n) {
		p.count++
	}
	if len(p.order) == 0 && p.items == nil {
		return
	}
	switch n.Kind {
	case sources.Object:
		for c := n.First; c != 0; c = w.rec.Nodes[c].Next {
			if child := p.members[w.rec.Nodes[c].Name]; child != nil {
				w.coverRead(child, c)
			}
		}
	case sources.Array:
		for c := n.First; c != 0 && p.items != nil; c = w.rec.Nodes[c].Next {
			w.coverRead(p.items, c)
		}
	}
}

// holdsValue tells whether a value is there.
func (w *Mapper) holdsValue(n *sources.Node) bool {
	switch n.Kind {
	case sources.Null:
		return false
	case sources.Object, sources.Array:
		return n.First != 0
	}
	return n.Text != "" && !w.emptyWord(n.Text)
}

func (d *docCoverage) collect(c *Coverage, in string) {
	var visit func(p *place, path []step)
	visit = func(p *place, path []step) {
		switch {
		case p.count > 0 && p.read:
			c.keep(placeKey{in, pathText(path)}, toText(p.to), p.count)
		case p.count > 0:
			c.add(placeKey{in, pathText(path)}, p.count, p.example, p.at)
		}
		for _, m := range p.order {
			visit(m, append(slices.Clip(path), step{kind: stepKey, name: m.name}))
		}
		if p.items != nil {
			visit(p.items, append(slices.Clip(path), step{kind: stepAll}))
		}
	}
	visit(&d.root, nil)
	if d.more > 0 {
		c.addMore(in, d.more)
	}
}
