package importer

import (
	"context"
	"slices"
)

// mend joins the facts that an earlier plan kept of the ticket, when a record of it was mended; what the mended
// records replace is dropped, and they take its place in the order. It returns the items the ticket is made of now.
func (p *pass) mend(ctx context.Context, l *lane, items []string) ([]string, error) {
	if p.kept == nil || !slices.ContainsFunc(l.refs, func(r ref) bool { return r.mends != "" }) {
		return items, nil
	}
	facts, err := p.kept(ctx, Key(p.name+":"+l.key()))
	if err != nil || facts == nil {
		return items, err
	}
	old, err := splitKept(string(facts))
	if err != nil {
		return nil, err
	}
	replaced := map[string]bool{}
	for _, r := range l.refs {
		if r.mends != "" {
			replaced[r.mends] = true
		}
		replaced[r.origin.String()] = true // the same record read again
	}
	var all []string
	places := map[string]int64{}
	for _, s := range old {
		origin, seq, err := placeOf(s)
		if err != nil {
			return nil, err
		}
		if !replaced[origin] {
			all = append(all, s)
		} else if _, known := places[origin]; !known {
			places[origin] = seq
		}
	}
	all = append(all, items...)
	l.clear()
	if err := l.decode(all); err != nil {
		return nil, err
	}
	l.replace(places)
	l.sort()
	return all, nil
}

// replace gives the mended facts the places of what they replace.
func (l *lane) replace(places map[string]int64) {
	mends := map[string]string{}
	for _, r := range l.refs {
		if r.mends != "" {
			mends[r.origin.String()] = r.mends
		}
	}
	for i := range l.group.Tickets {
		f := &l.group.Tickets[i]
		if seq, known := places[mends[f.Origin.String()]]; known {
			f.Seq = seq
		}
	}
	for i := range l.group.Messages {
		f := &l.group.Messages[i]
		if seq, known := places[mends[f.Origin.String()]]; known {
			f.Seq = seq
		}
	}
}

// placeOf returns the origin and the place in the order of the fact in an item.
func placeOf(s string) (origin string, seq int64, err error) {
	var l lane
	if err := l.decode([]string{s}); err != nil {
		return "", 0, err
	}
	for i := range l.group.Tickets {
		seq = l.group.Tickets[i].Seq
	}
	for i := range l.group.Messages {
		seq = l.group.Messages[i].Seq
	}
	return l.refs[0].origin.String(), seq, nil
}

// appendKept packs items for [PlanRow.Facts].
func appendKept(items []string) []byte {
	var w coder
	for _, s := range items {
		var r coder
		var h factHead
		r.read(s)
		r.head(&h)
		h.Record, h.Mends = keptRecord, ""
		var one coder
		one.head(&h)
		text := string(one.buf) + r.src
		w.rawText(&text)
	}
	return w.buf
}

func splitKept(s string) ([]string, error) {
	var c coder
	var items []string
	c.read(s)
	for c.src != "" {
		var item string
		c.rawText(&item)
		items = append(items, item)
	}
	return items, c.end()
}
