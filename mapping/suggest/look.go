package suggest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"path"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
	"github.com/deskferry/deskferry/sources"
)

// maxAuthors bounds the addresses told apart; messages of further ones count for their domain, if that is known.
const maxAuthors = 50_000

// People is who writes the messages of an export, and what the data says of whose side they are on.
type People struct {
	Authors []Author // most outgoing messages first, then most messages
	Domains []Domain // in the same order
}

// Author is an address that wrote messages, or has tickets assigned.
type Author struct {
	Address  string
	Messages int64 // written
	Outgoing int64 // of them marked as the company's: by direction, as a note, by the author's role, or by being assigned
	Incoming int64 // of them marked as a customer's, or on a ticket of which the author is the customer
	Foreign  int64 // of them on a ticket whose customer is somebody else
}

// Domain is the authors of one domain.
type Domain struct {
	Domain                                 string
	Addresses, Messages, Outgoing, Foreign int64
	Received                               int64 // messages to it from other domains
}

// Look reads the export that p is the profile of once more and counts who writes in it.
func Look(ctx context.Context, src sources.Source, p *profile.Profile) (*People, error) {
	pl := &plan{profile: p}
	pl.cut()
	l := looker{views: map[*sources.File]map[string]*view{}, authors: map[string]*Author{}, domains: map[string]*Domain{}}
	for _, pt := range pl.parts {
		if v := newView(pt); v != nil {
			l.all = append(l.all, v)
		}
	}
	if len(l.all) == 0 {
		return &People{}, nil
	}
	for piece, err := range src.Pieces(ctx) {
		if err != nil {
			return nil, fmt.Errorf("looking for who writes: %w", err)
		}
		for r, err := range piece.Records() {
			var bad *sources.BadRecord
			switch {
			case errors.As(err, &bad):
			case err != nil:
				return nil, fmt.Errorf("looking for who writes: %w", err)
			default:
				l.record(r)
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return l.people(), nil
}

type looker struct {
	all     []*view
	views   map[*sources.File]map[string]*view // by file and place
	authors map[string]*Author
	domains map[string]*Domain
	columns map[*sources.File]map[string]int
}

func (l *looker) viewOf(r *sources.Record) *view {
	places := l.views[r.File]
	if places == nil {
		places = map[string]*view{}
		l.views[r.File] = places
	}
	v, ok := places[r.Origin.Place]
	if !ok {
		for _, c := range l.all {
			if takes, _ := path.Match(c.part.file.Glob, r.File.Base); (takes || c.part.file.Glob == r.File.Base) && c.part.shape.Place == r.Origin.Place {
				v = c
				break
			}
		}
		places[r.Origin.Place] = v
	}
	return v
}

func (l *looker) record(r *sources.Record) {
	v := l.viewOf(r)
	if v == nil {
		return
	}
	if a := addressOf(l.text(r, 0, v.assignee)); a != "" {
		l.count(a, Author{Outgoing: 1})
	}
	if v.author == nil {
		return
	}
	customer := addressOf(l.text(r, 0, v.customer))
	one := func(at int32) {
		a := addressOf(l.text(r, at, v.author))
		if a == "" {
			return
		}
		one := Author{Messages: 1}
		switch v.side(func(steps []string) string { return l.text(r, at, steps) }) {
		case company:
			one.Outgoing = 1
		case client:
			one.Incoming = 1
		}
		if customer != "" && a != customer {
			one.Foreign = 1
		} else if customer != "" {
			one.Incoming = 1
		}
		l.count(a, one)
		l.received(r, at, v.to, a)
	}
	if v.list == nil {
		one(0)
		return
	}
	for _, at := range walk(r, 0, v.list, nil) {
		one(at)
	}
}

// count adds what one record says of an address.
func (l *looker) count(address string, one Author) {
	messages := max(one.Messages, one.Outgoing)
	if a := l.author(address); a != nil {
		a.Messages, a.Outgoing, a.Incoming, a.Foreign = a.Messages+messages, a.Outgoing+one.Outgoing, a.Incoming+one.Incoming, a.Foreign+one.Foreign
	}
	_, name, _ := strings.Cut(address, "@")
	if d := l.domains[name]; d != nil {
		d.Messages, d.Outgoing, d.Foreign = d.Messages+messages, d.Outgoing+one.Outgoing, d.Foreign+one.Foreign
	}
}

// received counts a message for the domains it went to.
func (l *looker) received(r *sources.Record, at int32, to []string, from string) {
	var texts []string
	switch {
	case len(to) == 0:
	case r.IsRow():
		texts = strings.FieldsFunc(l.text(r, at, to), func(c rune) bool { return c == ',' || c == ';' })
	default:
		for _, n := range walk(r, at, to, nil) {
			texts = append(texts, r.Nodes[n].Text)
		}
	}
	_, own, _ := strings.Cut(from, "@")
	met := ""
	for _, text := range texts {
		_, name, ok := strings.Cut(addressOf(text), "@")
		if !ok || name == own || name == met {
			continue
		}
		met = name
		if d := l.domains[name]; d != nil {
			d.Received++
		} else if len(l.domains) < maxAuthors {
			l.domains[strings.Clone(name)] = &Domain{Domain: strings.Clone(name), Received: 1}
		}
	}
}

// author finds an address, or begins it and its domain; nil where there are too many.
func (l *looker) author(address string) *Author {
	if a := l.authors[address]; a != nil || len(l.authors) >= maxAuthors {
		return a
	}
	a := &Author{Address: strings.Clone(address)}
	l.authors[a.Address] = a
	_, name, _ := strings.Cut(a.Address, "@")
	d := l.domains[name]
	if d == nil {
		d = &Domain{Domain: name}
		l.domains[name] = d
	}
	d.Addresses++
	return a
}

func (l *looker) people() *People {
	p := &People{}
	for _, a := range l.authors {
		p.Authors = append(p.Authors, *a)
	}
	for _, d := range l.domains {
		p.Domains = append(p.Domains, *d)
	}
	slices.SortFunc(p.Authors, func(a, b Author) int {
		return cmp.Or(cmp.Compare(b.Outgoing, a.Outgoing), cmp.Compare(b.Foreign, a.Foreign), cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Address, b.Address))
	})
	slices.SortFunc(p.Domains, func(a, b Domain) int {
		return cmp.Or(cmp.Compare(b.Outgoing, a.Outgoing), cmp.Compare(b.Foreign, a.Foreign), cmp.Compare(b.Received, a.Received), cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Domain, b.Domain))
	})
	return p
}

// text is the first plain value that steps lead to from the node at.
func (l *looker) text(r *sources.Record, at int32, steps []string) string {
	if len(steps) == 0 {
		return ""
	}
	if r.IsRow() {
		if i, ok := l.column(r.File)[steps[0]]; ok && i < len(r.Fields) {
			return r.Fields[i]
		}
		return ""
	}
	for _, n := range walk(r, at, steps, nil) {
		if k := r.Nodes[n].Kind; k == sources.String || k == sources.Number || k == sources.Bool {
			return r.Nodes[n].Text
		}
	}
	return ""
}

// column finds a file's columns by the names a mapping has for them.
func (l *looker) column(f *sources.File) map[string]int {
	if c, ok := l.columns[f]; ok {
		return c
	}
	if l.columns == nil {
		l.columns = map[*sources.File]map[string]int{}
	}
	c, times := map[string]int{}, map[string]int{}
	for i, name := range f.Columns {
		times[name]++
		if _, ok := c[name]; !ok {
			c[name] = i
		}
		c[fmt.Sprintf("%s#%d", name, times[name])] = i
		c[fmt.Sprintf("#%d", i+1)] = i
	}
	l.columns[f] = c
	return c
}

// walk appends the nodes that names lead to, through lists.
func walk(r *sources.Record, at int32, names []string, out []int32) []int32 {
	if int(at) >= len(r.Nodes) {
		return out
	}
	if r.Nodes[at].Kind == sources.Array {
		for c := range r.Children(at) {
			out = walk(r, c, names, out)
		}
		return out
	}
	if len(names) == 0 {
		return append(out, at)
	}
	if c := r.Child(at, names[0]); c != 0 {
		return walk(r, c, names[1:], out)
	}
	return out
}

// addressOf is the address in a text such as "Mia <mia@example.com>", in lower case; "" where there is none.
func addressOf(s string) string {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "@") || len(s) > 1000 {
		return ""
	}
	if strings.ContainsAny(s, "<>, ;\"") {
		a, err := mail.ParseAddress(s)
		if err != nil {
			return ""
		}
		s = a.Address
	}
	if strings.Count(s, "@") != 1 || strings.HasPrefix(s, "@") || strings.HasSuffix(s, "@") {
		return ""
	}
	return strings.ToLower(s)
}
