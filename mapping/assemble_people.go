package mapping

import (
	"strconv"
	"strings"
)

// resolveCustomer completes the customer and the assignee the ticket rules name.
func (a *assembler) resolveCustomer() {
	t := &a.out.Ticket
	if !t.AssigneeUser.IsZero() {
		found, _ := a.complete(refOf(t.AssigneeUser))
		chosen := a.g.Choices.Of(found)
		ref := chosen.apply(found)
		t.Meta = withPair(t.Meta, metaAssignee, chosen.originalOf(found))
		t.AssigneeUser = Person{ID: ref.ID, Email: ref.Email, Name: ref.Name, Agent: true}
		if ref.Email == "" {
			a.ticketProblem(Warning, "assignee_user", codeAssigneeUnknown, who(ref), "no e-mail is known for this agent: the fallback agent takes the place, or none; add a people rule that has it")
		}
	}
	if t.Customer.IsZero() {
		return
	}
	found, _ := a.complete(refOf(t.Customer))
	chosen := a.g.Choices.Of(found)
	ref := chosen.apply(found)
	t.Meta = withPair(t.Meta, metaCustomer, chosen.originalOf(found))
	p, ok := a.asCustomer(ref)
	t.Customer, a.customer, a.nameless = p, p, !ok
	a.address(a.ticketProblem, "customer", ref, ok)
}

// address reports what is to be known of a customer's e-mail: that there is none (ok is false), or that it is made up.
func (a *assembler) address(report func(s Severity, field, code, value, hint string), field string, ref PersonRef, ok bool) {
	switch {
	case !ok:
		a.noEmail(report, field, ref)
	case ref.Email == "":
		report(Warning, field, codeCustomerMadeUp, who(ref), "no e-mail is known, so one is made up; add the file that holds the people to --from, or a people rule that has it")
	}
}

func refOf(p Person) PersonRef { return PersonRef{ID: p.ID, Email: p.Email, Name: p.Name} }

// resolve completes a person from the directory and carries out what was decided about them.
func (a *assembler) resolve(p PersonRef) (PersonRef, bool) {
	p, ok := a.complete(p)
	return a.g.Choices.Of(p).apply(p), ok
}

// complete completes a person from the directory: what the record itself says comes first.
func (a *assembler) complete(p PersonRef) (PersonRef, bool) {
	if a.dir == nil || p.ID == "" && p.Email == "" {
		return p, false
	}
	known, ok := a.lookUp(p.ID, p.Email)
	if !ok {
		return p, false
	}
	fillText(&p.ID, known.ID)
	fillText(&p.Email, known.Email)
	fillText(&p.Name, known.Name)
	if p.Agent == Unknown {
		p.Agent = known.Agent
	}
	return p, true
}

// lookUp asks the directory, once for each of a ticket's first few people.
func (a *assembler) lookUp(id, email string) (PersonRef, bool) {
	for i := range a.w.asked {
		if k := &a.w.asked[i]; k.id == id && k.email == email {
			return k.found, k.ok
		}
	}
	found, ok := a.dir.Person(id, email)
	if len(a.w.asked) < fewPeople {
		a.w.asked = append(a.w.asked, asked{id, email, found, ok})
	}
	return found, ok
}

// asked is what the directory said of a person.
type asked struct {
	id, email string
	found     PersonRef
	ok        bool
}

// fewPeople is up to how many people are worth a walk through a list.
const fewPeople = 8

// who is the word a person is reported and counted by.
func who(p PersonRef) string {
	switch {
	case p.Email != "":
		return p.Email
	case p.ID != "":
		return p.ID
	}
	return p.Name
}

// people settles the direction and the author of every message that is kept, and puts it into the ticket.
func (a *assembler) people() {
	kept := a.w.order[:0]
	for _, i := range a.w.order {
		if a.message(i) {
			kept = append(kept, i)
		}
	}
	a.w.order = kept
	if a.out.Ticket.Customer.IsZero() {
		a.findCustomer()
	}
	if !a.waiting {
		return
	}
	for k := range a.out.Ticket.Messages {
		if m := &a.out.Ticket.Messages[k]; !m.FromAgent && m.Author.IsZero() {
			m.Author = a.out.Ticket.Customer
		}
	}
}

// message adds message i to the ticket, unless its author rejects it.
func (a *assembler) message(i int32) bool {
	f := &a.g.Messages[i]
	found, known := a.complete(f.Author)
	chosen := a.g.Choices.Of(found)
	ref := chosen.apply(found)
	internal := f.Internal || f.Message.Channel == channelNote
	outgoing, ok := a.direction(i, f, ref, chosen.Role, known, internal)
	if !ok {
		return false
	}
	author := Person{}
	switch {
	case ref.ID == "" && ref.Email == "" && ref.Name == "":
		a.waiting = a.waiting || !outgoing
	case outgoing:
		author = Person{ID: ref.ID, Email: ref.Email, Name: ref.Name, Agent: true}
	case samePerson(a.customer, ref):
		author = a.customer
	default:
		author, ok = a.asCustomer(ref)
		a.address(func(s Severity, field, code, value, hint string) { a.messageProblem(i, s, field, code, value, hint) }, "author", ref, ok)
		if !ok {
			return false
		}
	}
	a.out.Ticket.Messages = append(a.out.Ticket.Messages, f.Message)
	a.out.Origins = append(a.out.Origins, f.Origin)
	a.out.Contents = append(a.out.Contents, f.Content)
	m := &a.out.Ticket.Messages[len(a.out.Ticket.Messages)-1]
	m.Author, m.FromAgent, m.Public = author, outgoing, !internal
	if was := chosen.originalOf(found); was != "" {
		m.Meta = withPair(m.Meta, metaAuthor, was)
		m.Size += sizePair + jsonCost(metaAuthor) + jsonCost(was)
	}
	if internal {
		m.Channel = channelNote
	}
	if n := a.w.ordinals[i]; n > 1 {
		m.ExternalID += ":" + strconv.Itoa(int(n))
	}
	return true
}

// direction tells whether the company sent a message; ok is false where nobody knows and the mapping will not have it
// assumed. chosen is the role that was decided for the author.
func (a *assembler) direction(i int32, f *MessageFact, author PersonRef, chosen Tri, known, internal bool) (outgoing, ok bool) {
	switch a.role(f, author, chosen, internal) {
	case Yes:
		return true, true
	case No:
		return false, true
	}
	policy := a.file.People.Unknown
	severity := Warning
	if policy != "agent" && policy != "customer" {
		severity = Error
	}
	code, value := codeAuthorUnknown, who(author)
	if value == "" {
		code = codeAuthorMissing
	}
	a.messageProblem(i, severity, "author", code, value, unknownHint(code, policy, known))
	return policy == "agent", severity == Warning
}

// role tells whether the author wrote as an agent, by all that is known; a decision of the people file comes first.
func (a *assembler) role(f *MessageFact, author PersonRef, chosen Tri, internal bool) Tri {
	switch {
	case internal:
		return Yes
	case chosen != Unknown:
		return chosen
	case f.FromAgent != Unknown:
		return f.FromAgent
	case samePerson(a.customer, author):
		return No
	case author.Agent != Unknown: // given here, or known to people
		return author.Agent
	case a.isOwn(author.Email):
		return Yes
	}
	return Unknown
}

// unknownHint says how an author is made known: policy is people.unknown, known whether the directory has the author.
func unknownHint(code, policy string, known bool) string {
	policySet := policy == "agent" || policy == "customer"
	var way string
	switch {
	case code == codeAuthorMissing:
		way = "give the rule an author or from_agent"
	case known:
		way = "give the people rule its agent, or add own addresses to people: agents"
	default:
		way = "add a people rule that knows the author, or own addresses to people: agents"
	}
	switch {
	case policySet:
		article := map[string]string{"agent": "an agent", "customer": "a customer"}[policy]
		return "taken as " + article + ", as people: unknown says; to be sure, " + way
	case code == codeAuthorMissing:
		return way + ", or set people: { unknown: customer }"
	}
	return "agent or customer? " + way + ", or set people: { unknown: agent }"
}

func (a *assembler) isOwn(email string) bool { return isOwn(a.file, email) }

// IsOwn tells whether an address is one of people.agents, or in one of its domains.
func (m *Mapping) IsOwn(email string) bool { return isOwn(m.file, email) }

func isOwn(f *File, email string) bool {
	if email == "" {
		return false
	}
	for _, own := range f.People.Agents {
		if own == "" {
			continue
		}
		if own[0] == '@' {
			if n := len(email) - len(own); n > 0 && strings.EqualFold(email[n:], own) {
				return true
			}
		} else if strings.EqualFold(email, own) {
			return true
		}
	}
	return false
}

// samePerson compares by id and e-mail, and by name where neither has more.
func samePerson(p Person, q PersonRef) bool {
	switch {
	case p.ID != "" && p.ID == q.ID, p.Email != "" && strings.EqualFold(p.Email, q.Email):
		return true
	}
	return p.Name != "" && p.Name == q.Name && p.ID == "" && q.ID == "" && q.Email == ""
}

// findCustomer takes the earliest incoming author, else the first recipient that is not the company itself.
func (a *assembler) findCustomer() {
	t := &a.out.Ticket
	for k := range t.Messages {
		if m := &t.Messages[k]; !m.FromAgent && !m.Author.IsZero() {
			t.Customer = m.Author
			return
		}
	}
	for k := range t.Messages {
		m := &t.Messages[k]
		if !m.FromAgent || !m.Public {
			continue
		}
		for _, to := range m.To {
			if to.Address == "" || a.isOwn(to.Address) {
				continue
			}
			ref := PersonRef{Email: strings.ToLower(to.Address), Name: to.Name}
			if strings.IndexByte(to.Address, '@') < 0 { // a person's id, or a number
				ref = PersonRef{ID: to.Address, Name: to.Name}
			}
			ref, _ = a.resolve(ref)
			p, ok := a.asCustomer(ref)
			t.Customer, a.nameless = p, !ok
			a.address(a.ticketProblem, "customer", ref, ok)
			return
		}
	}
}
