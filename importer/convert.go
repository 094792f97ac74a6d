package importer

import (
	"context"
	"iter"

	"github.com/deskferry/deskferry/mapping"
)

// Tickets yields every ticket that may be imported, whole, in input order. Each is valid until the next. The
// summary of [Job.Check] is handed to done at the end, unless done is nil or the caller stops before. Tickets that would be
// held as incomplete are left out unless SendIncomplete is set.
func (j *Job) Tickets(ctx context.Context, done func(*Summary)) iter.Seq2[*Work, error] {
	return func(yield func(*Work, error) bool) {
		p, err := j.begin(false)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { p.close() }()
		whole := newSorter(j.TempDir, factsRun)
		defer whole.close()
		s, err := p.convert(ctx, whole)
		if err == nil {
			err = whole.seal(ctx)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		for it, err := range whole.all(ctx) {
			var w *Work
			if err == nil {
				w, err = DecodeWork(it.bytes)
			}
			if !yield(w, err) || err != nil {
				return
			}
		}
		if done != nil {
			done(s)
		}
	}
}

// convert puts the tickets into a sorter by their place in the input.
func (p *pass) convert(ctx context.Context, whole *sorter) (*Summary, error) {
	if err := p.read(ctx); err != nil {
		return nil, err
	}
	name := p.name
	err := p.assemble(ctx, func(l *lane, items []string, a *assembled) error {
		if l.out.State == mapping.Ready {
			f := l.first(sumOf(l.key()))
			w := Work{Key: Key(name + ":" + l.out.Key), ExternalID: ExternalID(name, l.out.Key), Ticket: l.out.Ticket}
			for i := range w.Ticket.Messages {
				w.MessageIDs = append(w.MessageIDs, MessageExternalID(w.Ticket.Messages[i].ExternalID))
			}
			a.block = appendItem(a.block, sum{uint64(f.record), f.hi}, func(b []byte) []byte { return AppendWork(b, &w) })
		}
		return p.count(l, items, a)
	}, func(a *assembled) error { return whole.addBlock(a.block) })
	if err != nil {
		return nil, err
	}
	s, err := p.summary(ctx)
	if err == nil {
		p.j.cost(s, p.account.creates, p.account.appends, p.account.shape.billable)
	}
	return s, err
}
