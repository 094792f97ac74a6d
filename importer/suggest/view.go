package suggest

import (
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
	"github.com/deskferry/deskferry/sources"
)

// view is where a part's records say who wrote what.
type view struct {
	part                                  *part
	list                                  []string // steps to the list of messages; nil: the record is one
	author, kind, direction, note, public []string // inside the list
	customer, assignee, to                []string

	id     []string   // the ticket's
	root   []string   // the text beside the messages
	bodies [][]string // texts of messages
	copies Copies
	plain  []*plainText
	varied *varied // a column that may be the author or the customer

	incoming                         bool // a yes in direction means the customer
	truths, directions, notes, roles said
}

func newView(pt *part) *view {
	each := pt.shape.Messages
	in := func(role profile.Role) []string {
		f := pt.get(role)
		if f == nil {
			return nil
		}
		return pt.messageSteps(f.Path)
	}
	addressed := func(role profile.Role) bool {
		f, _ := pt.any(role)
		return f != nil && (f.Type == profile.Email || f.Type == profile.Addresses || f.Type == profile.Mixed)
	}
	v := &view{part: pt, truths: newSaid(truthWords()), directions: newSaid(directionWords()), notes: newSaid(directionWords()), roles: newSaid(roleWords())}
	if each != "" {
		v.list = steps(each)
	}
	switch {
	case addressed(profile.Author):
		v.author = in(profile.Author)
	case addressed(profile.From):
		v.author = in(profile.From)
	}
	if f := pt.get(profile.CustomerEmail); f != nil {
		v.customer = pt.steps(f.Path)
	}
	if addressed(profile.Assignee) {
		v.assignee = pt.steps(pt.get(profile.Assignee).Path)
	}
	if v.to = in(profile.To); v.to != nil && each == "" {
		if m := pt.member(pt.get(profile.To).Path, "address", "email", "handle"); m != nil {
			v.to = steps(m.Path)
		}
	}
	v.kind, v.direction, v.note, v.public = in(profile.AuthorType), in(profile.Direction), in(profile.Internal), in(profile.Public)
	if f := pt.get(profile.Direction); f != nil {
		v.incoming, v.directions = saysIncoming(f.Path), newSaid(sidesOf(f))
	}
	if f := pt.get(profile.Internal); f != nil {
		v.notes = newSaid(sidesOf(f))
	}
	v.compare()
	v.plain = pt.plainTexts()
	if v.author == nil && v.assignee == nil && len(v.plain) == 0 && v.root == nil && len(v.bodies) == 0 && v.varied == nil && pt.file.Format != string(sources.Mail) {
		return nil
	}
	return v
}

// compare finds what is needed to tell whether a text beside the messages is one of them, and whose address a column holds.
func (v *view) compare() {
	pt := v.part
	if f := pt.get(profile.TicketID); f != nil {
		v.id = pt.steps(f.Path)
	}
	switch pt.kind() {
	case profile.Conversations:
		if f := pt.rootText(); f != nil && v.list != nil {
			v.root = steps(f.Path)
		}
	case profile.Tickets:
		if f := pt.text(); f != nil && v.id != nil {
			v.root = pt.steps(f.Path)
		}
	}
	if pt.kind() != profile.Conversations && pt.kind() != profile.Messages {
		return
	}
	for _, role := range []profile.Role{profile.Body, profile.BodyHTML} {
		if f, _ := pt.any(role); f != nil {
			v.bodies = append(v.bodies, pt.messageSteps(f.Path))
		}
	}
	if f := pt.get(profile.CustomerEmail); v.list == nil && v.id != nil && v.author == nil && f != nil && anyones(f.Path) {
		v.varied = &varied{column: pt.steps(f.Path), first: map[string]string{}, tally: newTally()}
		v.customer = nil
	}
}

// anyones tells whether a heading says that a column holds addresses, and not whose.
func anyones(path string) bool {
	return vocab("x", "email,e mail,mail,email address,e mail address,mail address,emailaddress,address,user email,useremail,person,contact,contact email,"+
		"adresse,mailadresse,e mail adresse,courriel,adresse e mail,correo,correo electrónico,dirección,e mailadres,mailadres,adres").lookup(splitCamel(lastPart(path))) != ""
}

// messageSteps are the steps to a field from a message.
func (pt *part) messageSteps(path string) []string {
	if each := pt.shape.Messages; each != "" {
		return steps(strings.TrimPrefix(path, each+"[]."))
	}
	return pt.steps(path)
}

// steps cuts a path into its names; quoted ones lose their quotes. Lists are passed through.
func steps(p string) []string {
	var out []string
	for p != "" {
		name := ""
		if strings.HasPrefix(p, `"`) {
			if end := strings.Index(p[1:], `"`); end >= 0 {
				name, p = p[1:end+1], p[end+2:]
			} else {
				return nil
			}
		} else if i := strings.IndexAny(p, ".["); i >= 0 {
			name, p = p[:i], p[i:]
		} else {
			name, p = p, ""
		}
		out = append(out, name)
		for strings.HasPrefix(p, "[]") {
			p = p[2:]
		}
		p = strings.TrimPrefix(p, ".")
	}
	return out
}

// steps are those of a document's path, or the one name of a column.
func (pt *part) steps(path string) []string {
	if pt.file.Format == "csv" {
		return []string{path}
	}
	return steps(path)
}

// said is a vocabulary that remembers the few values a field holds as they are written.
type said struct {
	means vocabulary
	known map[string]string
}

func newSaid(means vocabulary) said { return said{means, map[string]string{}} }

func (s *said) of(value string) string {
	if value == "" {
		return ""
	}
	if m, ok := s.known[value]; ok {
		return m
	}
	m := s.means.lookup(value)
	if len(s.known) < 1000 {
		s.known[strings.Clone(value)] = m
	}
	return m
}

// side is whose a message is.
type side uint8

const (
	unmarked side = iota
	company
	client
)

// side tells what the data says of a message.
func (v *view) side(text func([]string) string) side {
	if n := text(v.note); n != "" && (v.truths.of(n) == "true" || v.notes.of(n) == asNote) {
		return company
	}
	if v.truths.of(text(v.public)) == "false" {
		return company
	}
	if d := text(v.direction); d != "" {
		said := v.truths.of(d)
		if said == "" {
			said = v.directions.of(d)
		} else if v.incoming {
			said = map[string]string{"true": "false", "false": "true"}[said]
		}
		switch said {
		case byCompany, asNote:
			return company
		case byCustomer:
			return client
		}
	}
	switch v.roles.of(text(v.kind)) {
	case "agent":
		return company
	case "customer":
		return client
	}
	return unmarked
}
