package suggest

import (
	"cmp"
	"slices"
	"strings"
)

// tally counts who writes.
type tally struct {
	authors map[string]*Author
	domains map[string]*Domain
}

func newTally() *tally { return &tally{map[string]*Author{}, map[string]*Domain{}} }

// mark adds whose a message is.
func (a *Author) mark(s side) {
	switch s {
	case company:
		a.Outgoing = 1
	case client:
		a.Incoming = 1
	}
}

// count adds what one record says of an address.
func (t *tally) count(address string, one Author) {
	messages := max(one.Messages, one.Outgoing)
	if a := t.author(address); a != nil {
		a.Messages, a.Outgoing, a.Incoming, a.Foreign = a.Messages+messages, a.Outgoing+one.Outgoing, a.Incoming+one.Incoming, a.Foreign+one.Foreign
	}
	_, name, _ := strings.Cut(address, "@")
	if d := t.domains[name]; d != nil {
		d.Messages, d.Outgoing, d.Foreign = d.Messages+messages, d.Outgoing+one.Outgoing, d.Foreign+one.Foreign
	}
}

// author finds an address, or begins it and its domain; nil where there are too many.
func (t *tally) author(address string) *Author {
	if a := t.authors[address]; a != nil || len(t.authors) >= maxAuthors {
		return a
	}
	a := &Author{Address: strings.Clone(address)}
	t.authors[a.Address] = a
	_, name, _ := strings.Cut(a.Address, "@")
	d := t.domains[name]
	if d == nil {
		d = &Domain{Domain: name}
		t.domains[name] = d
	}
	d.Addresses++
	return a
}

func (t *tally) people() People {
	p := People{}
	for _, a := range t.authors {
		p.Authors = append(p.Authors, *a)
	}
	for _, d := range t.domains {
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

// merge adds what another tally has.
func (t *tally) merge(o *tally) {
	for _, a := range o.authors {
		t.count(a.Address, *a)
	}
}

// received counts a message that went to a domain.
func (t *tally) received(name string) {
	if d := t.domains[name]; d != nil {
		d.Received++
	} else if len(t.domains) < maxAuthors {
		t.domains[strings.Clone(name)] = &Domain{Domain: strings.Clone(name), Received: 1}
	}
}

// varied looks whether a column that is just called e-mail differs within a ticket: then it is who wrote each message, and
// not who the customer is.
type varied struct {
	column  []string
	first   map[string]string // address by ticket
	tickets int64             // in which it differs
	tally   *tally
}

// maxVaried bounds the tickets looked at.
const maxVaried = 100_000

func (v *varied) add(ticket, address string, one Author) {
	v.tally.count(address, one)
	switch first, ok := v.first[ticket]; {
	case ticket == "":
	case !ok && len(v.first) < maxVaried:
		v.first[strings.Clone(ticket)] = strings.Clone(address)
	case ok && first != "" && first != address:
		v.tickets++
		v.first[ticket] = ""
	}
}
