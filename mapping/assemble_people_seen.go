package mapping

import (
	"strings"
	"time"
)

// Seen is a person as one ticket names them, by what the export and the mapping say of them alone.
type Seen struct {
	Person    PersonRef // completed from the directory
	Requester bool      // the ticket's customer
	Assignee  bool
	Outgoing  int64 // messages written as an agent, notes included
	Incoming  int64
	Undecided int64 // messages of which only people.unknown says whose they are, or nothing: then they are rejected
	First     time.Time
	Last      time.Time
}

// People appends everyone the facts of a ticket name to seen: its customer, its assignee and the authors of messages that
// are not left out, each once. out is scratch. Skipped tickets name nobody.
func (m *Mapping) People(g *Group, dir Directory, out *Assembled, seen []Seen) []Seen {
	plain := *g
	plain.Choices = nil
	a := assembler{file: m.file, g: &plain, dir: dir, out: out, w: &out.work}
	a.reset()
	if skipped, _ := a.tickets(); skipped {
		return seen
	}
	t := &out.Ticket
	named, assignee := t.Customer, t.AssigneeUser
	a.resolveCustomer()
	a.states()
	a.fallbacks()
	a.duplicates()
	a.sort()
	from := len(seen)
	if !assignee.IsZero() {
		ref, _ := a.complete(refOf(assignee))
		one(&seen, from, ref).Assignee = true
	}
	if !named.IsZero() {
		ref, _ := a.complete(refOf(named))
		one(&seen, from, ref).Requester = true
	}
	for i := range plain.Messages {
		if k := a.w.fates[i].kind; k == fateKept || k == fateRejected {
			a.author(&plain.Messages[i], &seen, from)
		}
	}
	if named.IsZero() {
		a.people()
		a.foundCustomer(&seen, from)
	}
	return seen
}

// author counts a message for the one who wrote it; one without an author names nobody.
func (a *assembler) author(f *MessageFact, seen *[]Seen, from int) {
	ref, _ := a.complete(f.Author)
	if ref.ID == "" && ref.Email == "" && ref.Name == "" {
		return
	}
	s := one(seen, from, ref)
	switch a.role(f, ref, Unknown, f.Internal || f.Message.Channel == channelNote) {
	case Yes:
		s.Outgoing++
	case No:
		s.Incoming++
	default:
		s.Undecided++
	}
	at := f.Message.SentDatetime.Time()
	if at.IsZero() {
		return
	}
	if s.First.IsZero() || at.Before(s.First) {
		s.First = at
	}
	if at.After(s.Last) {
		s.Last = at
	}
}

// foundCustomer is the customer whom the ticket's messages tell. A made-up address is not the export's.
func (a *assembler) foundCustomer(seen *[]Seen, from int) {
	c := a.out.Ticket.Customer
	if c.IsZero() {
		return
	}
	ref := PersonRef{ID: c.ID, Name: c.Name}
	if c.Email != a.madeUp(ref) {
		ref.Email = c.Email
	}
	ref, _ = a.complete(ref)
	one(seen, from, ref).Requester = true
}

// one finds a person among those of the ticket in hand, or adds them.
func one(seen *[]Seen, from int, p PersonRef) *Seen {
	for i := from; i < len(*seen); i++ {
		s := &(*seen)[i]
		if SamePerson(s.Person, p) {
			fillText(&s.Person.Email, p.Email)
			fillText(&s.Person.Name, p.Name)
			if s.Person.Agent == Unknown {
				s.Person.Agent = p.Agent
			}
			return s
		}
	}
	*seen = append(*seen, Seen{Person: p})
	return &(*seen)[len(*seen)-1]
}

// SamePerson tells whether p and q are known by the same id; where one has none by the same e-mail, and by the same
// name where neither has more.
func SamePerson(p, q PersonRef) bool {
	x, y := keyOf(p), keyOf(q)
	return x == y || x.kind != y.kind && p.Email != "" && strings.EqualFold(p.Email, q.Email)
}
