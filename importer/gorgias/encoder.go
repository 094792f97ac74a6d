package gorgias

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

// Encoder turns planned work into wire types; it does no I/O. The zero value is the offline form: people by e-mail and name,
// teams and custom fields by name, for reading and for other tools.
type Encoder struct {
	// People resolves names to the account's ids. nil is the offline form, which the wire rule refuses where the
	// API wants ids.
	People *People
	// Agent is the e-mail of the user who stands in for authors that are no user of the account. "" makes such a
	// message an error.
	Agent string
	// Tags are marker tags: every ticket gets them besides its own. They are clean and valid, see [mapping.CleanTag].
	Tags []string
	// Mailboxes says which of the account's addresses stands for one of the source's, for integrations: by address, by
	// domain ("@old.example"), or "*" for what no other entry and no integration fits. All in lower case.
	Mailboxes map[string]string
}

// ErrAgentUnknown says that an author is no user of the account and nobody stands in for them.
var ErrAgentUnknown = errors.New("the author is no user of the account and no fallback agent is named")

// Ticket encodes w with all its messages. Losses are what was put into meta for want of a place.
func (e Encoder) Ticket(w *importer.Work) (Ticket, []Loss, error) {
	return e.ticket(w, len(w.Ticket.Messages))
}

// ticket encodes w with its first n messages.
func (e Encoder) ticket(w *importer.Work, n int) (Ticket, []Loss, error) {
	c := &w.Ticket
	customer, err := e.customer(c.Customer)
	if err != nil {
		return Ticket{}, nil, fmt.Errorf("ticket %s: %w", w.Key, err)
	}
	t := Ticket{
		ExternalID: w.ExternalID, Subject: c.Subject, Status: c.Status, Priority: c.Priority, Channel: c.Channel, Via: c.Via,
		Language: c.Language, FromAgent: c.FromAgent, Spam: c.Spam, Customer: customer,
		CreatedDatetime: c.CreatedDatetime, OpenedDatetime: c.OpenedDatetime, ClosedDatetime: c.ClosedDatetime,
		TrashedDatetime: c.TrashedDatetime, LastMessageDatetime: c.LastMessageDatetime,
		LastReceivedMessageDatetime: c.LastReceivedMessageDatetime,
		Messages:                    make([]Message, 0, n),
	}
	t.Meta.Deskferry = TicketKept{Source: sourceName(w), TicketID: own(c.ExternalID), URL: c.SourceURL, Fields: namedPairs(c.Meta)}
	for _, name := range c.Tags {
		t.Tags = append(t.Tags, Tag{name})
	}
	for _, name := range e.Tags {
		if !slices.Contains(t.Tags, Tag{name}) {
			t.Tags = append(t.Tags, Tag{name})
		}
	}
	var losses []Loss
	losses = e.assign(c, &t, losses)
	for _, f := range c.CustomFields {
		losses = e.customField(f, &t, losses)
	}
	for i := range n {
		m, lost, err := e.Message(w, i)
		if err != nil {
			return Ticket{}, nil, err
		}
		t.Messages = append(t.Messages, m)
		losses = append(losses, lost...)
	}
	return t, losses, nil
}

// assign sets the assignees the account knows and keeps the names of the others.
func (e Encoder) assign(c *mapping.Ticket, t *Ticket, losses []Loss) []Loss {
	kept := &t.Meta.Deskferry
	if who := c.AssigneeUser; !who.IsZero() {
		if e.People == nil {
			t.AssigneeUser = Person{Email: who.Email, Name: who.Name}
		} else if id, ok := e.People.User(who.Email); ok {
			t.AssigneeUser = Person{ID: id}
		} else {
			kept.AssigneeUser = author(who)
			losses = append(losses, Loss{LossAssignee, "assignee_user", label(who),
				"the ticket is left unassigned; invite this agent to the account, or map them to another"})
		}
	}
	if team := c.AssigneeTeam; team != "" {
		if e.People == nil {
			t.AssigneeTeam = Team{Name: team}
		} else if id, ok := e.People.Team(team); ok {
			t.AssigneeTeam = Team{ID: id}
		} else {
			kept.AssigneeTeam = team
			losses = append(losses, Loss{LossTeam, "assignee_team", team,
				"the ticket is given to no team; create a team of this name, or map it to another"})
		}
	}
	return losses
}

// Message encodes message i of w.
func (e Encoder) Message(w *importer.Work, i int) (Message, []Loss, error) {
	if i < 0 || i >= len(w.Ticket.Messages) || i >= len(w.MessageIDs) {
		return Message{}, nil, fmt.Errorf("ticket %s has no message %d: a fault of deskferry", w.Key, i)
	}
	c := &w.Ticket.Messages[i]
	m := Message{
		ExternalID: w.MessageIDs[i], Channel: c.Channel, Via: c.Via, FromAgent: c.FromAgent, Public: c.Public, Subject: c.Subject,
		BodyHTML: c.BodyHTML, BodyText: c.BodyText, StrippedHTML: c.StrippedHTML, StrippedText: c.StrippedText,
		StrippedSignature: c.StrippedSignature, IntegrationID: max(c.IntegrationID, 0), MessageID: unfolded(c.MessageID),
		SentDatetime: c.SentDatetime, CreatedDatetime: c.CreatedDatetime, OpenedDatetime: c.OpenedDatetime,
		DeletedDatetime: c.DeletedDatetime,
	}
	m.Meta.Deskferry = MessageKept{MessageID: own(c.ExternalID), Fields: namedPairs(c.Meta)}
	headers(c, &m)
	if !c.Public { // an internal note is one thing (api/gorgias section 3), whatever the parts say
		m.Channel, m.FromAgent = "internal-note", true
	}
	losses, err := e.people(w, c, &m)
	if err != nil {
		return Message{}, nil, fmt.Errorf("ticket %s, message %s: %w", w.Key, m.ExternalID, err)
	}
	box, lost := e.integration(w, c, &m)
	losses = source(&w.Ticket, c, box, &m, append(losses, lost...))
	return m, append(losses, e.attach(w, i, &m)...), nil
}

// people sets sender and receiver. Incoming: the sender is a customer and there is no receiver. Outgoing: the sender is
// a user and the receiver the customer; a note has no receiver.
func (e Encoder) people(w *importer.Work, c *mapping.Message, m *Message) (losses []Loss, err error) {
	if !m.FromAgent {
		from := c.Author
		if from.Email == "" {
			from = w.Ticket.Customer
			if c.Author.Name != "" && c.Author.Name != from.Name {
				m.Meta.Deskferry.Author = author(c.Author)
			}
		}
		m.Sender, err = e.customer(from)
		return nil, err
	}
	if m.Public {
		if m.Receiver, err = e.customer(w.Ticket.Customer); err != nil {
			return nil, err
		}
	}
	if e.People == nil {
		m.Sender = Person{Email: c.Author.Email, Name: c.Author.Name}
		return nil, nil
	}
	if id, ok := e.People.User(c.Author.Email); ok {
		m.Sender = Person{ID: id}
		return nil, nil
	}
	id, ok := e.People.User(e.Agent)
	if !ok {
		return nil, fmt.Errorf("%w: %q; name one with --fallback-agent", ErrAgentUnknown, label(c.Author))
	}
	m.Sender = Person{ID: id}
	if !c.Author.IsZero() {
		m.Meta.Deskferry.Author = author(c.Author)
		losses = append(losses, Loss{LossAgent, "sender", label(c.Author),
			e.Agent + " stands in for this author; invite them to the account to keep their name"})
	}
	return losses, nil
}

// customer is the id where the account knows the e-mail, else e-mail and name.
func (e Encoder) customer(p mapping.Person) (Person, error) {
	if e.People != nil {
		if id, ok := e.People.Customer(p.Email); ok {
			return Person{ID: id}, nil
		}
		if p.Email == "" {
			return Person{}, fmt.Errorf("customer %q has no e-mail; give people.no_email in the mapping", label(p))
		}
	}
	return Person{Email: p.Email, Name: p.Name}, nil
}

// sourceName is the name of the helpdesk the ticket comes from: the first part of its key.
func sourceName(w *importer.Work) string {
	name, ok := strings.CutSuffix(string(w.Key), ":"+w.Ticket.ExternalID)
	if !ok || w.Ticket.ExternalID == "" {
		return ""
	}
	return name
}

// own is an id that the source gave, "" for one that was made of content: it leads nowhere in the old helpdesk.
func own(id string) string {
	if strings.HasPrefix(id, "h1:") {
		return ""
	}
	return id
}

// headers takes mail headers, and In-Reply-To and References, which have no fields of their own. One with the name of a
// field that acts is kept in meta: the wire rule would not let it pass.
func headers(c *mapping.Message, m *Message) {
	for _, h := range c.Headers {
		h.Value = unfolded(h.Value)
		if acts(h.Name) {
			m.Meta.Deskferry.Fields = append(m.Meta.Deskferry.Fields, Named(h))
		} else {
			m.Headers = append(m.Headers, h)
		}
	}
	for _, h := range []mapping.Pair{{Name: "In-Reply-To", Value: c.InReplyTo}, {Name: "References", Value: c.References}} {
		if h.Value != "" && m.Headers.index(h.Name) == len(m.Headers) {
			h.Value = unfolded(h.Value)
			m.Headers = append(m.Headers, h)
		}
	}
}

// unfolded puts a header's value on one line, as unfolding it does (RFC 5322 section 2.2.3): what follows a line end must not
// become a header of its own.
func unfolded(s string) string {
	if !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) }), " ")
}

func namedPairs(pairs []mapping.Pair) []Named {
	var out []Named
	for _, p := range pairs {
		out = append(out, Named(p))
	}
	return out
}

func author(p mapping.Person) Author { return Author{SourceID: p.ID, Email: p.Email, Name: p.Name} }

// label is what a person is called in a report.
func label(p mapping.Person) string {
	switch {
	case p.Email != "":
		return p.Email
	case p.Name != "":
		return p.Name
	}
	return p.ID
}

// clip shortens a value for a report.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	for i := range s {
		if i > most {
			return s[:i] + "…"
		}
	}
	return s
}
