package importer

import (
	"context"
	"slices"
	"sync"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources/lanes"
)

// assembled is what became of the tickets of a batch.
type assembled struct {
	account   account
	rejected  []byte // items for pass.rejected
	customers []byte // … and pass.customers
	files     []byte // … and pass.files
	tickets   int64

	// Of tickets that are staged:
	rows    []PlanRow
	planned []Planned
	block   []byte // what the rows' bytes are cut from
}

func (a *assembled) reset() {
	clear(a.rows)
	clear(a.planned)
	*a = assembled{rejected: a.rejected[:0], customers: a.customers[:0], files: a.files[:0], rows: a.rows[:0], planned: a.planned[:0], block: a.block[:0]}
}

// ready is told of every ticket that may be imported, on its lane: what a check leaves out is what it does.
// items are the facts it was made of.
type ready func(l *lane, items []string, a *assembled) error

// assemble makes tickets of the sorted facts, on all lanes, and hands what became of each batch to take in order.
func (p *pass) assemble(ctx context.Context, ready ready, take func(*assembled) error) error {
	if err := p.findCutoff(ctx); err != nil {
		return err
	}
	batchPool := sync.Pool{New: func() any { return new(batch) }}
	pool := sync.Pool{New: func() any { return new(assembled) }}
	get := func() *batch {
		b := batchPool.Get().(*batch)
		b.reset()
		return b
	}
	var tickets int64
	return lanes.InOrder(ctx, len(p.lanes), p.batches(ctx, get), func(i int, b *batch) (*assembled, error) {
		defer batchPool.Put(b)
		a := pool.Get().(*assembled)
		a.reset()
		l := p.lanes[i]
		for items, err := range l.groups(b) {
			if err == nil {
				err = p.ticket(ctx, l, items, ready, a)
			}
			if err != nil {
				return a, err
			}
		}
		return a, l.view.err
	}, func(a *assembled) error {
		defer pool.Put(a)
		if err := p.rejected.addBlock(a.rejected); err != nil {
			return err
		}
		if err := p.customers.addBlock(a.customers); err != nil {
			return err
		}
		if err := p.files.addBlock(a.files); err != nil {
			return err
		}
		if take != nil {
			if err := take(a); err != nil {
				return err
			}
		}
		p.account.merge(&a.account)
		tickets += a.tickets
		p.j.progress(Progress{Phase: Joining, Records: p.account.records.Read, Messages: p.account.mappedMessages, Tickets: tickets})
		return nil
	})
}

// ticket judges the ticket in hand.
func (p *pass) ticket(ctx context.Context, l *lane, items []string, ready ready, a *assembled) error {
	a.tickets++
	if why := p.unwanted(l); why != "" {
		a.account.leftOut(why, len(l.group.Messages))
		return nil
	}
	if p.cutoff != nil && l.first(sumOf(l.key())).compare(*p.cutoff) > 0 {
		a.account.leftOut(beyond, len(l.group.Messages))
		return nil
	}
	items, err := p.mend(ctx, l, items)
	if err != nil {
		return err
	}
	l.group.SendIncomplete = p.j.SendIncomplete
	out := &l.out
	p.j.Mapping.Assemble(&l.group, l.view, out)
	a.account.problems.add(out.Problems)
	p.reject(l, a)
	a.account.ticket(out, len(l.group.Messages))
	if p.j.Pick {
		a.account.picks.offer(l)
	}
	if out.State == mapping.TicketRejected && p.lost != nil {
		p.lost(l, a)
	}
	if out.State != mapping.Ready && out.State != mapping.Incomplete {
		return nil
	}
	a.account.shape.ticket(out)
	for i := range out.Ticket.Messages {
		m := &out.Ticket.Messages[i]
		a.account.message(m, &l.clock)
		p.countFiles(l, m, a)
	}
	p.parts(l, a)
	return ready(l, items, a)
}

// leftOut counts a ticket that was not asked for.
func (a *account) leftOut(why string, messages int) {
	a.tickets.Total++
	a.tickets.Skipped++
	a.messages.Total += int64(messages)
	a.messages.Skipped += int64(messages)
	a.skipped("ticket", why, 1)
	a.skipped("message", why, messages)
}

// ticket counts what became of a ticket and of its messages, n facts in all; those that may be imported are the
// caller's to count.
func (a *account) ticket(out *mapping.Assembled, n int) {
	t, m := &a.tickets, &a.messages
	t.Total++
	m.Total += int64(n)
	m.Skipped += int64(out.Skipped)
	m.Repeated += int64(out.Repeated)
	m.Rejected += int64(out.Rejected)
	for _, s := range out.Skips {
		kind := "message"
		if s.Ticket {
			kind = "ticket record"
		}
		a.skipped(kind, s.Reason, 1)
	}
	switch out.State {
	case mapping.TicketSkipped:
		t.Skipped++
		a.skipped("ticket", out.Reason, 1)
	case mapping.TicketRejected:
		t.Rejected++
	}
}

// reject marks the records that cannot be imported as they are: of a ticket of which nothing can be made all of
// them, else those with an error.
func (p *pass) reject(l *lane, a *assembled) {
	out := &l.out
	whole := out.State == mapping.TicketRejected
	failed := slices.ContainsFunc(out.Problems, func(x mapping.Problem) bool { return x.Severity == mapping.Error })
	if !whole && !failed {
		return
	}
	for _, r := range l.refs {
		if r.record == keptRecord || r.skipped {
			continue
		}
		var why []string
		for i := range out.Problems {
			x := &out.Problems[i]
			if x.Severity == mapping.Error && (whole || x.Origin == r.origin) {
				why = append(why, reason(x))
			}
		}
		if why == nil && !whole {
			continue
		}
		if why == nil && out.Reason != "" {
			why = []string{out.Reason}
		}
		a.rejected = appendItem(a.rejected, sum{uint64(r.record), rejectedLate}, func(b []byte) []byte { return appendReasons(b, why) })
	}
}
