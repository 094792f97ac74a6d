package suggest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
)

// maxFilledAgents is how many addresses of agents are written out where the data names them.
const maxFilledAgents = 30

// peopleSection says who works for the company.
func (pl *plan) peopleSection(p *page) {
	var rules page
	for _, pt := range pl.of(profile.People) {
		pl.person(&rules, pt)
	}
	for _, pt := range pl.of(profile.Other) {
		pl.other(&rules, pt)
	}
	lists := len(pl.of(profile.People, profile.Other)) > 0
	var agents page
	unknown := pl.unknown()
	pl.agents(&agents, lists || unknown != "")
	if unknown != "" {
		agents.live = true
		agents.line(1, "unknown: "+unknown, "authors whom nothing knows")
	} else if pl.isOpen(KeyUnknown) {
		agents.note(1, "decide: no field names a ticket's customer or who sent a message. If everybody but your own people is a customer:")
		agents.off(1, "unknown: customer", "under people:")
	}
	if !lists && !agents.live {
		p.b.WriteString(agents.b.String())
		return
	}
	p.line(0, "people:", "")
	if lists {
		p.line(1, "from:", "")
		p.add(&rules)
	}
	p.add(&agents)
}

// other names records that are no part of any conversation, so that they are counted by a reason and not rejected. A people
// rule is the one kind of rule whose skip concerns nothing but the record.
func (pl *plan) other(p *page, pt *part) {
	p.line(2, word(pt.name)+":", fmt.Sprintf("decide: %s, left out: %s", many(pt.shape.Records, "record", "records"), pt.shape.WhyKind))
	if pl.named() {
		p.line(3, "input: "+word(pt.name), "")
	}
	p.line(3, `skip: { "no ticket, message or person": { $file.name: present } }`, "")
	p.line(3, "id: "+field(pt.ref(&pt.shape.Fields[0], "")), "")
	for i := range pt.shape.Fields {
		pt.used[pt.shape.Fields[i].Path] = true
	}
}

func (pl *plan) person(p *page, pt *part) {
	id, email := pt.get(profile.PersonID), pt.get(profile.PersonEmail)
	p.line(2, word(pt.name)+":", "")
	if pl.named() {
		p.line(3, "input: "+word(pt.name), "")
	}
	if id == nil && email == nil {
		id = &pt.shape.Fields[0]
		if f, _ := pt.any(profile.PersonID); f != nil {
			id = f
		} else if f, _ := pt.any(profile.PersonEmail); f != nil {
			id = f
		}
		p.note(3, "decide: which field is a person's id or e-mail?")
	}
	if id != nil {
		p.line(3, "id: "+field(pt.ref(id, "")), why(id))
	}
	if email != nil {
		p.line(3, "email: "+personText(email, pt.ref(email, ""), "email"), why(email))
	}
	pl.personName(p, pt)
	if f := pt.get(profile.PersonRole); f != nil {
		p.line(3, "agent: "+pl.agent("role", f, pt.ref(f, "")), why(f))
	}
}

// personName puts first and last name together.
func (pl *plan) personName(p *page, pt *part) {
	f := pt.get(profile.PersonName)
	if f == nil {
		f, _ = pt.any(profile.PersonName)
	}
	if f == nil {
		return
	}
	firsts, lasts := vocab("x", "first name,firstname,first,vorname,prénom,nombre,voornaam"), vocab("x", "last name,lastname,last,surname,nachname,nom,nom de famille,apellidos,apellido,achternaam")
	var first, last *profile.Field
	for i := range pt.shape.Fields {
		o := &pt.shape.Fields[i]
		switch name := splitCamel(lastPart(o.Path)); {
		case o.List != "" || !templated(guard(o.Path)):
		case firsts.lookup(name) != "":
			first = o
		case lasts.lookup(name) != "":
			last = o
		}
	}
	if first != nil && last != nil && (f == first || f == last) {
		p.line(3, "name: { text: "+word("{"+pt.ref(first, "")+"} {"+pt.ref(last, "")+"}")+" }", "")
		return
	}
	p.line(3, "name: "+field(pt.ref(f, "")), why(f))
}

// agents writes people.agents: given, filled in where the data names agents, else asked. keyed tells that the key people
// stands above it in any case.
func (pl *plan) agents(p *page, keyed bool) {
	if given := pl.answers[KeyAgents]; len(given) > 0 {
		p.live = true
		p.line(1, "agents: "+words(given), "")
		return
	}
	pl.markedAgents(p)
	evidence := pl.findings.evidence()
	indent := 0
	if keyed || p.live {
		indent = 1
	}
	if p.live || pl.rolesKnown() {
		for _, e := range evidence {
			p.note(indent, "%s", e)
		}
		return
	}
	pl.ask(Question{
		Key: KeyAgents, Title: "Which addresses and domains are your own? (@example.com, or name@example.com; several with commas)",
		Evidence: evidence, Many: true, Check: checkAgent,
	})
	meanwhile := "are rejected"
	if pl.preset != nil && pl.preset.People.Unknown != "" {
		meanwhile = "count as the " + pl.preset.People.Unknown + "'s"
	}
	p.note(indent, "decide: your own addresses and domains. Messages of other authors than the ticket's customer %s while nothing says who they are; check counts these.", meanwhile)
	for _, e := range evidence {
		p.note(indent, "%s", e)
	}
	if keyed {
		p.off(1, "agents: "+words(pl.findings.proposal()), "")
	} else {
		p.off(0, flowSection("people", "agents: "+words(pl.findings.proposal())), "")
	}
}

// markedAgents writes those the data itself says are agents, and returns them. Of mail it writes none: the presets know who
// sent mail, and the colleagues are not known.
func (pl *plan) markedAgents(p *page) []string {
	marked := pl.findings.marked()
	if pl.findings.Mailbox || len(marked) == 0 || len(marked) > maxFilledAgents {
		return nil
	}
	p.live = true
	p.line(1, "agents:", "they sent outgoing messages, wrote notes, or have tickets assigned")
	var addresses []string
	for _, a := range marked {
		addresses = append(addresses, a.Address)
		p.line(2, "- "+word(a.Address), many(a.Outgoing, "message", "messages"))
	}
	return addresses
}

// unknown asks what authors are whom nothing knows, where no field names customers or the direction; "" leaves it open.
func (pl *plan) unknown() string {
	if pl.rolesKnown() || slices.ContainsFunc(pl.parts, func(pt *part) bool {
		return pt.kind() != profile.People && (pt.get(profile.CustomerID) != nil || pt.get(profile.CustomerEmail) != nil)
	}) {
		return ""
	}
	given := pl.ask(unknownQuestion([]string{"no field names a ticket's customer or who sent a message"}))
	if given == nil {
		return ""
	}
	return given[0]
}

// rolesKnown tells whether a field says who works for the company, so that no addresses are needed.
func (pl *plan) rolesKnown() bool {
	if len(pl.of(profile.Messages, profile.Conversations)) == 0 { // a ticket's own texts are the customer's, and the answer the company's
		return true
	}
	for _, pt := range pl.parts {
		for _, role := range []profile.Role{profile.PersonRole, profile.Direction, profile.AuthorType} {
			if pt.get(role) != nil {
				return true
			}
		}
	}
	return false
}

// evidence tells who writes messages: domains, with how many of their messages are outgoing.
func (p *People) evidence() []string {
	var out []string
	for i, d := range p.Domains {
		if i == 10 {
			out = append(out, fmt.Sprintf("and %d more domains", len(p.Domains)-i))
			break
		}
		line := fmt.Sprintf("%s: %s of %s", oneLine("@"+d.Domain), many(d.Messages, "message", "messages"), many(d.Addresses, "author", "authors"))
		if d.Outgoing > 0 {
			line += fmt.Sprintf(", %s outgoing", counted(d.Outgoing))
		}
		if d.Foreign > 0 {
			line += fmt.Sprintf(", %s on tickets of other customers", counted(d.Foreign))
		}
		if d.Received > 0 {
			line += fmt.Sprintf(", %s to it from other domains", counted(d.Received))
		}
		out = append(out, line)
	}
	return out
}

// proposal is what stands in the line that is switched off.
func (p *People) proposal() []string {
	var out []string
	if p.Mailbox {
		return p.owners()
	}
	for _, d := range p.Domains {
		if d.Outgoing+d.Foreign > 0 && len(out) < 3 {
			out = append(out, "@"+d.Domain)
		}
	}
	if len(out) == 0 && len(p.Domains) > 0 && p.Domains[0].Received > 1 {
		return []string{"@" + p.Domains[0].Domain}
	}
	if len(out) == 0 {
		return []string{"@your-company.example"}
	}
	return out
}

// marked are the addresses the data itself says are agents', and nowhere customers'.
func (p *People) marked() []Author {
	var out []Author
	for _, a := range p.Authors {
		if a.Outgoing > 0 && a.Incoming == 0 && checkAgent(a.Address) == nil && !strings.HasPrefix(a.Address, "@") {
			out = append(out, a)
		}
	}
	return out
}

func flowSection(name string, entries ...string) string { return name + ": " + flow(entries...) }
