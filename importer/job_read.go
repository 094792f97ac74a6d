package importer

import (
	"context"
	"errors"
	"sync"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
	"github.com/deskferry/deskferry/sources/lanes"
)

// errUnsettled stops a reading at the first time whose layout only the whole input can settle.
var errUnsettled = errors.New("time layouts are not settled")

// read maps every record and sorts its facts by ticket.
func (p *pass) read(ctx context.Context) error {
	err := p.mapAll(ctx)
	if errors.Is(err, errUnsettled) {
		p.close()
		var found []mapping.Problem
		if found, err = p.survey(ctx); err != nil {
			return err
		}
		p.open()
		p.account.problems.add(found)
		err = p.mapAll(ctx)
	}
	if err != nil {
		return err
	}
	if err := p.j.unmet(); err != nil {
		return err
	}
	if err := p.facts.seal(ctx); err != nil {
		return err
	}
	if err := p.people.seal(ctx); err != nil {
		return err
	}
	for _, l := range p.lanes {
		l.view = p.people.view()
	}
	return nil
}

// survey reads the whole source for the layouts of its times.
func (p *pass) survey(ctx context.Context) ([]mapping.Problem, error) {
	whole := p.j.Mapping.NewSurvey()
	mappers := make([]*mapping.Mapper, p.j.lanes())
	for i := range mappers {
		mappers[i] = p.j.Mapping.Mapper(mapping.Env{Now: p.now})
	}
	var records int64
	type part struct {
		survey  *mapping.Survey
		records int64
	}
	err := lanes.InOrder(ctx, len(mappers), p.j.Source.Pieces(ctx), func(i int, piece sources.Piece) (part, error) {
		s := part{survey: p.j.Mapping.NewSurvey()}
		for r, err := range piece.Records() {
			if err != nil && !isBad(err) {
				return s, err
			}
			if err == nil {
				mappers[i].Survey(r, s.survey)
			}
			s.records++
		}
		return s, ctx.Err()
	}, func(s part) error {
		whole.Merge(s.survey)
		records += s.records
		p.j.progress(Progress{Phase: Surveying, Records: records})
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.settled = whole
	return whole.Settle(), nil
}

func isBad(err error) bool {
	var bad *sources.BadRecord
	return errors.As(err, &bad)
}

// mapped is what became of a piece: items for the sorters, and sums.
type mapped struct {
	facts, ids, people, rejected []byte
	bad                          int64
	account                      account
}

func (m *mapped) reset() {
	*m = mapped{facts: m.facts[:0], ids: m.ids[:0], people: m.people[:0], rejected: m.rejected[:0]}
}

func (p *pass) mapAll(ctx context.Context) error {
	pool := sync.Pool{New: func() any { return new(mapped) }}
	return lanes.InOrder(ctx, len(p.lanes), p.j.Source.Pieces(ctx), func(i int, piece sources.Piece) (*mapped, error) {
		m := pool.Get().(*mapped)
		m.reset()
		if err := p.mapPiece(p.lanes[i], piece, m); err != nil {
			return m, err
		}
		return m, ctx.Err()
	}, func(m *mapped) error {
		defer pool.Put(m)
		p.account.merge(&m.account)
		p.bad += m.bad
		p.j.progress(Progress{Phase: Reading, Records: p.account.records.Read, Messages: p.account.mappedMessages})
		return errors.Join(p.facts.addBlock(m.facts), p.ids.addBlock(m.ids),
			p.people.add(m.people), p.rejected.addBlock(m.rejected))
	})
}

func (p *pass) mapPiece(l *lane, piece sources.Piece, m *mapped) error {
	for r, err := range piece.Records() {
		var bad *sources.BadRecord
		switch {
		case errors.As(err, &bad):
			m.account.records.Read++
			m.account.records.Rejected++
			m.bad++
			problem := badProblem(bad)
			m.account.problems.one(&problem)
			continue
		case err != nil:
			return err
		}
		l.result.Reset()
		l.mapper.Map(r, &l.result)
		if l.result.Unsettled && p.settled == nil {
			return errUnsettled
		}
		p.take(l, r, m)
	}
	return nil
}

func badProblem(b *sources.BadRecord) mapping.Problem {
	return mapping.Problem{Origin: b.Origin, Code: b.Code, Value: b.Value, Hint: b.Hint, Severity: mapping.Error}
}

// take sorts out what became of one record.
func (p *pass) take(l *lane, r *sources.Record, m *mapped) {
	res, a := &l.result, &m.account
	a.records.Read++
	switch res.State {
	case mapping.Skipped:
		a.records.Skipped++
		a.skipped("record", res.Reason, 1)
	case mapping.Mapped:
		a.records.Mapped++
	case mapping.Rejected:
		a.records.Rejected++
		m.rejected = appendItem(m.rejected, sum{uint64(r.Ordinal), rejectedEarly}, func(b []byte) []byte {
			return appendReasons(b, reasons(res.Problems))
		})
	}
	a.problems.add(res.Problems)
	p.j.meet(res)
	if p.j.Pick {
		l.marks, l.warned = recordMarks(res)
	}
	for i := range res.Tickets {
		p.takeTicket(l, r, &res.Tickets[i], m)
	}
	for i := range res.Messages {
		p.takeMessage(l, r, &res.Messages[i], m)
	}
	for i := range res.People {
		m.people = tellPerson(m.people, &res.People[i], l.seen)
	}
}

func (p *pass) takeTicket(l *lane, r *sources.Record, f *mapping.TicketFact, m *mapped) {
	if f.Key == "" { // its id is what was rejected: it can join no other fact
		m.account.tickets.Total++
		if f.State == mapping.Skipped {
			m.account.tickets.Skipped++
			m.account.skipped("ticket", f.Reason, 1)
		} else {
			m.account.tickets.Rejected++
			m.account.nameless++
		}
		return
	}
	at := p.item(l, r, l.marks, false, m)
	l.code.ticketFact(f)
	p.seal(l, at, f.Key, m)
}

func (p *pass) takeMessage(l *lane, r *sources.Record, f *mapping.MessageFact, m *mapped) {
	m.account.mappedMessages++
	if f.Ticket == "" {
		m.account.messages.Total++
		if f.State == mapping.Skipped {
			m.account.messages.Skipped++
			m.account.skipped("message", f.Reason, 1)
		} else {
			m.account.messages.Rejected++
			m.account.nameless++
		}
		return
	}
	is := l.marks
	if p.j.Pick {
		is |= messageMarks(&f.Message)
	}
	at := p.item(l, r, is, true, m)
	l.code.messageFact(f)
	p.seal(l, at, f.Ticket, m)
	if f.State == mapping.Mapped && !f.HashID && f.Message.ExternalID != "" {
		m.ids = appendUse(m.ids, f)
	}
}

// item begins a fact's item; seal ends it.
func (p *pass) item(l *lane, r *sources.Record, is marks, message bool, m *mapped) int {
	at := len(m.facts)
	var head [itemHead]byte
	l.code.buf, l.code.skeleton = append(m.facts, head[:]...), p.skeleton
	h := factHead{Message: message, Record: r.Ordinal, Mends: r.Mends, Skipped: l.result.State == mapping.Skipped, Marks: is, Warnings: l.warned}
	if l.result.State == mapping.Rejected {
		h.Why = firstError(l.result.Problems)
	}
	l.code.head(&h)
	return at
}

func (p *pass) seal(l *lane, at int, key string, m *mapped) {
	l.named = append(append(append(l.named[:0], p.name...), ':'), key...)
	sealItem(l.code.buf, at, sumOfBytes(l.named))
	m.facts, l.code.buf = l.code.buf, nil
}

func appendReasons(b []byte, lines []string) []byte {
	c := coder{buf: b}
	for i := range lines {
		c.rawText(&lines[i])
	}
	return c.buf
}

func readReasons(s string) (lines []string, err error) {
	var c coder
	c.read(s)
	for c.src != "" {
		var line string
		c.rawText(&line)
		lines = append(lines, line)
	}
	return lines, c.end()
}
