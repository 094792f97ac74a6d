package importer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// Codes of what meets only over all tickets: people who share an address. They are warnings.
const (
	codeCustomerShared  = "customer.shared"   // several people of the source have one e-mail: one customer in the target
	codeCustomerIsAgent = "customer.is_agent" // a customer's e-mail is an agent's, or one of the company's own
	codeAgentIsCustomer = "agent.is_customer" // someone who answers tickets is the customer of others
	fewNames            = 5                   // named of people who share an address
	partCustomer        = 1 << 0              // sent as a customer: of the ticket, or the author of an incoming message
	partRequester       = 1 << 1              // … of the ticket
	partAgent           = 1 << 2              // acts as an agent: author of an outgoing message or note, or assignee
	partKnownAgent      = 1 << 3              // a customer who is an agent by a people rule
	partOwn             = 1 << 4              // a customer with an address of people.agents, or of another person who is an agent
	partMadeUp          = 1 << 5              // a customer whose e-mail is made up of the id
)

// part is what a person was in one ticket.
type part struct {
	flags           byte
	email, name, id string
}

func (c *coder) part(p *part) {
	c.rawByte(&p.flags)
	c.rawText(&p.email)
	c.rawText(&p.name)
	c.rawText(&p.id)
}

// parts tells who took part in the ticket in hand, everyone once in each part; customers without an e-mail are none.
func (p *pass) parts(l *lane, a *assembled) {
	t := &l.out.Ticket
	told := l.told[:0]
	tell := func(flags byte, who mapping.Person) {
		if who.Email == "" && (flags != partAgent || who.ID == "" && who.Name == "") || slices.ContainsFunc(told, func(o part) bool {
			return o.flags == flags && o.email == who.Email && o.id == who.ID && (o.email != "" || o.name == who.Name)
		}) {
			return
		}
		told = append(told, part{flags: flags, email: who.Email, id: who.ID, name: who.Name})
		one := part{flags, who.Email, who.Name, who.ID}
		if flags&partCustomer != 0 {
			one.flags |= p.standing(l, who)
		}
		a.customers = appendItem(a.customers, partKey(who), func(b []byte) []byte {
			c := coder{buf: b}
			c.part(&one)
			return c.buf
		})
	}
	tell(partCustomer|partRequester, t.Customer)
	for i := range t.Messages {
		m := &t.Messages[i]
		switch {
		case m.FromAgent:
			tell(partAgent, m.Author)
		case m.Author.Email != t.Customer.Email:
			tell(partCustomer, m.Author)
		}
	}
	tell(partAgent, t.AssigneeUser)
	l.told = told
}

// partKey is what a person is told apart by: the e-mail, else the source's id, else the name.
func partKey(who mapping.Person) sum {
	switch {
	case who.Email != "":
		return sumOf(strings.ToLower(who.Email))
	case who.ID != "":
		return sumOf("\x00i" + who.ID)
	}
	return sumOf("\x00n" + who.Name)
}

// standing tells whether a customer is known as an agent.
func (p *pass) standing(l *lane, who mapping.Person) byte {
	if p.j.Choices.Of(mapping.PersonRef{ID: who.ID, Email: who.Email, Name: who.Name}).Role == mapping.No {
		return 0
	}
	known, ok := l.view.Person("", who.Email)
	switch {
	case !ok && who.ID != "" && who.Email == p.j.Mapping.MadeUp(p.j.Choices, mapping.PersonRef{ID: who.ID, Name: who.Name}):
		return partMadeUp
	case ok && known.Agent == mapping.Yes && (who.ID == "" || known.ID == "" || known.ID == who.ID):
		return partKnownAgent
	case ok && known.Agent == mapping.Yes, p.j.Mapping.IsOwn(who.Email):
		return partOwn
	}
	return 0
}

// customer is a part as a customer of the plan.
func (p *pass) customer(x *part) Customer {
	c := Customer{Email: x.email, Name: x.name}
	if x.flags&partMadeUp != 0 {
		c.ExternalID = ExternalID(p.name, x.id)
	}
	return c
}

// accountOfPeople counts customers and agents, and reports those who share an address.
func (p *pass) accountOfPeople(ctx context.Context) (PeopleSums, error) {
	sums := PeopleSums{Staff: []StaffSum{}}
	if err := p.customers.seal(ctx); err != nil {
		return sums, err
	}
	var one sharing
	end := func() {
		one.count(&sums)
		if one.customer {
			one.report(&p.account.problems)
		}
	}
	var last sum
	first := true
	for it, err := range p.customers.all(ctx) {
		if err != nil {
			return sums, fmt.Errorf("counting people: %w", err)
		}
		var x part
		var c coder
		c.read(string(it.bytes))
		if c.part(&x); c.end() != nil {
			return sums, errGarbled
		}
		if first || it.key != last {
			end()
			one, first, last = sharing{email: x.email}, false, it.key
		}
		one.add(x)
	}
	end()
	sums.Staff = topStaff(sums.Staff, maxStaff)
	return sums, nil
}

// sharing is what everyone with one e-mail was.
type sharing struct {
	email     string
	customer  bool
	requester int64 // tickets
	names     []part
	more      bool // there are further people
	agents    []part
	agent     bool  // someone acts as an agent
	acts      int64 // tickets somebody acts as an agent in, as far as people are told apart
	madeUp    bool  // a customer's e-mail is made up
	known     bool  // a customer is an agent by the people rules
	own       bool
}

func (s *sharing) add(x part) {
	if x.flags&partCustomer != 0 {
		s.customer = true
		s.known = s.known || x.flags&partKnownAgent != 0
		s.own = s.own || x.flags&partOwn != 0
		s.madeUp = s.madeUp || x.flags&partMadeUp != 0
		s.more = !gather(&s.names, x) || s.more
	}
	if x.flags&partRequester != 0 {
		s.requester++
	}
	if x.flags&partAgent != 0 {
		s.agent = true
		s.acts++
		gather(&s.agents, x)
	}
}

// gather adds a person who is not there yet; false when there is no room.
func gather(list *[]part, x part) bool {
	for i := range *list {
		if y := &(*list)[i]; y.id == x.id || y.id == "" || x.id == "" {
			y.id, y.name = cmp.Or(y.id, x.id), cmp.Or(y.name, x.name)
			return true
		}
	}
	if len(*list) == fewNames {
		return false
	}
	*list = append(*list, x)
	return true
}

func (s *sharing) report(to *problems) {
	n := max(s.requester, 1)
	if len(s.names) > 1 {
		to.many(n, codeCustomerShared, s.email+": "+s.people(s.names),
			"they become one customer, who bears the name that comes first; give one of them another address with use_email in the people file to keep them apart")
	}
	same := s.known || s.agent && slices.ContainsFunc(s.names, func(x part) bool {
		return slices.ContainsFunc(s.agents, func(y part) bool { return x.id == y.id || x.id == "" || y.id == "" })
	})
	switch {
	case same:
		to.many(n, codeAgentIsCustomer, s.email,
			"decided for each ticket: a customer in their own, an agent elsewhere; use_role in the people file decides for all")
	case s.agent || s.own:
		to.many(n, codeCustomerIsAgent, s.email,
			"the address stays the tickets' customer, and the mapping's rules tell who wrote; give the customer another address with use_email in the people file if that is wrong")
	}
}

func (s *sharing) people(list []part) string {
	var out []string
	for _, x := range list {
		text := cmp.Or(x.name, "without a name")
		if x.id != "" {
			text += " (" + x.id + ")"
		}
		out = append(out, text)
	}
	if s.more {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// many reports a warning about n tickets' customer.
func (p *problems) many(n int64, code, value, hint string) {
	if len(value) > maxPeople {
		value = strings.ToValidUTF8(value[:maxPeople], "") + "…"
	}
	x := mapping.Problem{Code: code, Field: "customer", Value: value, Hint: hint, Severity: mapping.Warning}
	p.one(&x)
	f := p.kind(problemKind{x.Code, x.Field, x.Severity})
	f.count += n - 1
	if v := f.values[x.Value]; v != nil {
		v.count += n - 1
	}
}

// maxPeople is how many bytes of a list of people are shown.
const maxPeople = 300

// meet takes note of everyone a record names, for [Job.unmet].
func (j *Job) meet(r *mapping.Result) {
	if j.Choices.Len() == 0 {
		return
	}
	for i := range r.Tickets {
		j.Choices.Meet(r.Tickets[i].Customer)
		j.Choices.Meet(r.Tickets[i].Assignee)
	}
	for i := range r.Messages {
		m := &r.Messages[i]
		j.Choices.Meet(m.Author)
		for _, list := range [...][]mapping.Address{m.Message.To, m.Message.Cc, m.Message.Bcc} {
			for _, to := range list { // a ticket without a customer takes its first recipient
				j.Choices.Meet(mapping.PersonRef{ID: to.Address, Email: to.Address})
			}
		}
	}
	for i := range r.People {
		j.Choices.Meet(r.People[i].PersonRef)
	}
}

// unmet is the error of a choice about someone whom no record names. Mended records come without the rest of their
// export: beside them nobody is missed.
func (j *Job) unmet() error {
	if slices.ContainsFunc(j.Files, func(f *sources.File) bool { return f.Mended }) {
		return nil
	}
	return j.Choices.Unmet()
}
