package importer

import (
	"context"

	"github.com/deskferry/deskferry/mapping"
)

// Check maps everything and tells what an import would do: what would be imported is pending. Nothing is written but
// the rejected records, where Rejects is set. An error means that the export could not be read to its end, or that the
// mapping does not fit it; bad records are no error.
func (j *Job) Check(ctx context.Context) (*Summary, error) {
	p, err := j.begin(true)
	if err != nil {
		return nil, err
	}
	defer func() { p.close() }()
	if err := p.read(ctx); err != nil {
		return nil, err
	}
	if err := p.assemble(ctx, p.count, nil); err != nil {
		return nil, err
	}
	s, err := p.summary(ctx)
	if err != nil {
		return nil, err
	}
	j.cost(s, p.account.creates, p.account.appends, p.account.shape.billable)
	s.staged = Tally{
		Tickets:  Count{Pending: s.Tickets.Pending, Held: s.Tickets.Held},
		Messages: Count{Pending: s.Messages.Pending, Held: s.Messages.Held},
	}
	return s, nil
}

// count is what a check does with a ticket that may be imported.
func (p *pass) count(l *lane, _ []string, a *assembled) error {
	n := int64(len(l.out.Ticket.Messages))
	if l.out.State == mapping.Incomplete {
		a.account.tickets.Held++
		a.account.messages.Held += n
		return nil
	}
	a.account.tickets.Pending++
	a.account.messages.Pending += n
	a.account.creates++
	a.account.appends += n - int64(p.prefix(l))
	for i := range l.out.Ticket.Messages {
		if m := &l.out.Ticket.Messages[i]; m.Public && m.FromAgent {
			a.account.shape.billable++
			break
		}
	}
	return nil
}

// prefix is how many messages of the ticket in hand its create carries.
func (p *pass) prefix(l *lane) int {
	messages := l.out.Ticket.Messages
	if p.j.PerMessage {
		return min(1, len(messages))
	}
	l.sizes = l.sizes[:0]
	for i := range messages {
		l.sizes = append(l.sizes, messages[i].Size)
	}
	return Prefix(l.sizes, orElse(p.j.MaxMessages, DefaultMaxMessages), orElse(p.j.MaxBytes, DefaultMaxBytes))
}
