package importer

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
	"github.com/deskferry/deskferry/sources/lanes"
)

// Converted is a message by itself, with the id of its ticket.
type Converted struct {
	Ticket  string // the source's id
	Origin  sources.Origin
	Message mapping.Message
}

// converted is what a piece became.
type converted struct {
	list    []Converted
	account account
}

// Messages yields every message that can be mapped, in input order and without grouping them by ticket: what only
// other records tell (a ticket's channel, subject and customer; copies of one message) is not known. Authors are looked
// up among the people of people rules, which takes a reading of its own where there are any. The account of records and
// problems is handed to done at the end, unless done is nil or the caller stops before. Each message is valid until the
// next.
func (j *Job) Messages(ctx context.Context, done func(*Summary)) iter.Seq2[*Converted, error] {
	return func(yield func(*Converted, error) bool) {
		p, err := j.begin(false)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { p.close() }()
		var sum *account
		sum, err = p.stream(ctx, func(c *Converted) bool { return yield(c, nil) })
		switch {
		case sum == nil && err == nil: // the caller stopped
		case err != nil:
			yield(nil, err)
		case done != nil:
			p.account.merge(sum)
			s := p.account.summary()
			p.coverage(s)
			done(s)
		}
	}
}

// stream yields the messages in the caller's goroutine. It returns their account, nil when yield stopped it.
func (p *pass) stream(ctx context.Context, yield func(*Converted) bool) (*account, error) {
	if err := p.know(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts := make(chan *converted)
	var failed error
	go func() {
		defer close(parts)
		failed = p.singles(ctx, func(c *converted) error {
			select {
			case parts <- c:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	sum, stopped := new(account), false
	for part := range parts { // to the end, so that no reader outlives the call
		for i := range part.list {
			if stopped = stopped || !yield(&part.list[i]); stopped {
				cancel()
				break
			}
		}
		sum.merge(&part.account)
		if !stopped {
			p.j.progress(Progress{Phase: Reading, Records: sum.records.Read, Messages: sum.messages.Total})
		}
	}
	if stopped {
		return nil, nil
	}
	return sum, errors.Join(failed, p.j.unmet())
}

// know gathers the people where the mapping has rules for them.
func (p *pass) know(ctx context.Context) error {
	if len(p.j.Mapping.File().People.From) > 0 {
		if err := p.settling(ctx, func() error { return p.gather(ctx) }); err != nil {
			return err
		}
		p.remap()
		p.covered = nil // everything is read again
	}
	if err := p.people.seal(ctx); err != nil {
		return err
	}
	for _, l := range p.lanes {
		l.view = p.people.view()
	}
	return nil
}

// settle surveys the source and maps what follows with what was found.
func (p *pass) settle(ctx context.Context) error {
	found, err := p.survey(ctx)
	if err != nil {
		return err
	}
	p.account.problems.add(found)
	p.remap()
	return nil
}

// remap gives every lane a new mapper.
func (p *pass) remap() {
	for _, l := range p.lanes {
		if p.covered == nil {
			p.covered = l.mapper.Coverage()
		} else {
			p.covered.Merge(l.mapper.Coverage())
		}
		l.mapper = p.j.Mapping.Mapper(mapping.Env{Now: p.now, Settled: p.settled})
	}
}

// gather reads the people.
func (p *pass) gather(ctx context.Context) error {
	return lanes.InOrder(ctx, len(p.lanes), p.j.Source.Pieces(ctx), func(i int, piece sources.Piece) ([]byte, error) {
		l := p.lanes[i]
		var people []byte
		for _, err := range p.each(l, piece) {
			if err != nil {
				return nil, err
			}
			for k := range l.result.People {
				people = tellPerson(people, &l.result.People[k], l.seen)
			}
		}
		return people, ctx.Err()
	}, p.people.add)
}

// singles maps every record and hands what became of each piece on, in order. Where a time layout turns out to be
// unsettled, the source is surveyed and the reading goes on with the piece it was met in.
func (p *pass) singles(ctx context.Context, take func(*converted) error) error {
	taken := 0
	return p.settling(ctx, func() error {
		return lanes.InOrder(ctx, len(p.lanes), after(p.j.Source.Pieces(ctx), taken), func(i int, piece sources.Piece) (*converted, error) {
			c := new(converted)
			err := p.singlePiece(p.lanes[i], piece, c)
			return c, errors.Join(err, ctx.Err())
		}, func(c *converted) error {
			taken++
			return take(c)
		})
	})
}

// after leaves the first n pieces out.
func after(pieces iter.Seq2[sources.Piece, error], n int) iter.Seq2[sources.Piece, error] {
	return func(yield func(sources.Piece, error) bool) {
		left := n
		for piece, err := range pieces {
			if left > 0 && err == nil {
				left--
				continue
			}
			if !yield(piece, err) {
				return
			}
		}
	}
}

func (p *pass) singlePiece(l *lane, piece sources.Piece, c *converted) error {
	for r, err := range piece.Records() {
		var bad *sources.BadRecord
		switch {
		case errors.As(err, &bad):
			problem := badProblem(bad)
			c.account.records.Read++
			c.account.records.Rejected++
			c.account.problems.one(&problem)
		case err != nil:
			return err
		default:
			l.result.Reset()
			l.mapper.Map(r, &l.result)
			if l.result.Unsettled && p.settled == nil {
				return errUnsettled
			}
			p.single(l, c)
		}
	}
	return l.view.err
}

// single makes messages of the record in hand by itself.
func (p *pass) single(l *lane, c *converted) {
	res, a := &l.result, &c.account
	a.records.Read++
	p.j.meet(res)
	a.problems.add(res.Problems)
	failed := res.State == mapping.Rejected
	for rest := res.Messages; len(rest) > 0; {
		// The messages of one ticket, with what the record says of it.
		key, n := rest[0].Ticket, 1
		for n < len(rest) && rest[n].Ticket == key {
			n++
		}
		l.group.Messages = rest[:n]
		l.group.Tickets = append(l.group.Tickets[:0], mapping.TicketFact{Key: key, State: mapping.Rejected})
		for i := range res.Tickets {
			if res.Tickets[i].Key == key {
				l.group.Tickets = append(l.group.Tickets, res.Tickets[i])
			}
		}
		rest = rest[n:]
		failed = p.alone(l, c) || failed
	}
	switch {
	case failed:
		a.records.Rejected++
	case res.State == mapping.Skipped:
		a.records.Skipped++
		a.skipped("record", res.Reason, 1)
	default:
		a.records.Mapped++
	}
}

// alone assembles the messages in hand and tells whether any failed. What the ticket lacks without its other records
// is no fault here, so it is assembled as one that is not complete.
func (p *pass) alone(l *lane, c *converted) (failed bool) {
	out, a := &l.out, &c.account
	p.j.Mapping.Assemble(&l.group, l.view, out)
	a.messages.Total += int64(len(l.group.Messages))
	a.messages.Skipped += int64(out.Skipped)
	a.messages.Repeated += int64(out.Repeated)
	a.messages.Rejected += int64(out.Rejected)
	a.messages.Pending += int64(len(out.Ticket.Messages))
	for _, s := range out.Skips {
		if !s.Ticket {
			a.skipped("message", s.Reason, 1)
		}
	}
	for i := range out.Problems {
		if x := &out.Problems[i]; x.Severity == mapping.Error {
			a.problems.one(x)
		}
	}
	for i := range out.Ticket.Messages {
		m := &out.Ticket.Messages[i]
		a.message(m, &l.clock)
		c.list = append(c.list, Converted{Ticket: out.Key, Origin: out.Origins[i], Message: ownMessage(m)})
	}
	return out.Rejected > 0
}

// ownMessage returns a message whose slices are its own: the mapper's and the assembly's are used again.
func ownMessage(m *mapping.Message) mapping.Message {
	c := *m
	c.To, c.Cc, c.Bcc = slices.Clone(m.To), slices.Clone(m.Cc), slices.Clone(m.Bcc)
	c.Headers, c.Meta, c.Attachments = slices.Clone(m.Headers), slices.Clone(m.Meta), slices.Clone(m.Attachments)
	return c
}
