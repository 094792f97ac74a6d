package importer

import (
	"context"
	"errors"
	"slices"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
	"github.com/deskferry/deskferry/sources/lanes"
)

// Explanation is what the mapping made of one record, and how.
type Explanation struct {
	Origin   sources.Origin
	State    mapping.State // of the record
	Reason   string        // of a skipped one
	Rules    []mapping.Explained
	Problems []mapping.Problem
}

// Explain returns every record that speaks of the ticket OnlyTicket, in input order, with how each field came to be.
func (j *Job) Explain(ctx context.Context) ([]*Explanation, error) {
	p, err := j.begin(true)
	if err != nil {
		return nil, err
	}
	defer func() { p.close() }()
	var all []*Explanation
	err = p.settling(ctx, func() error {
		all = nil
		return lanes.InOrder(ctx, len(p.lanes), j.Source.Pieces(ctx), func(i int, piece sources.Piece) ([]*Explanation, error) {
			found, err := p.explainPiece(p.lanes[i], piece)
			return found, errors.Join(err, ctx.Err())
		}, func(found []*Explanation) error {
			all = append(all, found...)
			return nil
		})
	})
	return all, err
}

func (p *pass) explainPiece(l *lane, piece sources.Piece) ([]*Explanation, error) {
	var found []*Explanation
	for r, err := range p.each(l, piece) {
		if err != nil {
			return nil, err
		}
		if !speaksOf(&l.result, p.j.OnlyTicket) {
			continue
		}
		l.result.Reset()
		e := &Explanation{Origin: r.Origin, Rules: l.mapper.Explain(r, &l.result)}
		e.State, e.Reason = l.result.State, l.result.Reason
		e.Problems = slices.Clone(l.result.Problems)
		found = append(found, e)
	}
	return found, nil
}

// speaksOf tells whether a record has facts of the ticket with that id.
func speaksOf(r *mapping.Result, id string) bool {
	return slices.ContainsFunc(r.Tickets, func(t mapping.TicketFact) bool { return t.Key == id }) ||
		slices.ContainsFunc(r.Messages, func(m mapping.MessageFact) bool { return m.Ticket == id })
}
