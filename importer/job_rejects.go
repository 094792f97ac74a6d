package importer

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/deskferry/deskferry/sources"
)

// rejection is a rejected record and why.
type rejection struct {
	record int64
	why    []string
	late   bool // it was mapped, and rejected only with its ticket
}

// rejectedRecords yields the rejected records in input order, each once.
func (p *pass) rejectedRecords(ctx context.Context) iter.Seq2[rejection, error] {
	return func(yield func(rejection, error) bool) {
		r := rejection{record: -1}
		for it, err := range p.rejected.all(ctx) {
			var why []string
			if err == nil {
				why, err = readReasons(string(it.bytes))
			}
			if err != nil {
				yield(rejection{}, fmt.Errorf("listing rejected records: %w", err))
				return
			}
			if int64(it.key.hi) != r.record {
				if r.record >= 0 && !yield(r, nil) {
					return
				}
				r = rejection{record: int64(it.key.hi), late: it.key.lo == rejectedLate}
			}
			for _, w := range why {
				if !slices.Contains(r.why, w) {
					r.why = append(r.why, w)
				}
			}
		}
		if r.record >= 0 {
			yield(r, nil)
		}
	}
}

// The lower half of a rejected record's key: what the mapping found comes before what its ticket did.
const (
	rejectedEarly = iota
	rejectedLate
)

// rejections counts the records that were mapped and rejected only with their tickets. It writes all rejected records,
// and those that could not be read, in input order.
func (p *pass) rejections(ctx context.Context) (int64, error) {
	if err := p.rejected.seal(ctx); err != nil {
		return 0, err
	}
	if p.j.Rejects == nil {
		var n int64
		for r, err := range p.rejectedRecords(ctx) {
			if err != nil {
				return n, err
			}
			if r.late {
				n++
			}
		}
		return n, nil
	}
	next, stop := iter.Pull2(p.rejectedRecords(ctx))
	defer stop()
	r, err, more := next()
	if err != nil || !more && p.bad == 0 {
		return 0, err
	}
	var n, read int64
	for piece, err := range p.j.Source.Pieces(ctx) {
		if err != nil {
			return n, fmt.Errorf("reading the rejected records again: %w", err)
		}
		for rec, err := range piece.Records() {
			read++
			var bad *sources.BadRecord
			switch {
			case errors.As(err, &bad):
				x := badProblem(bad)
				err = p.j.Rejects.WriteBad(bad, []string{reason(&x)})
			case err == nil && more && rec.Ordinal == r.record:
				if r.late {
					n++
				}
				if err = p.j.Rejects.Write(rec, r.why); err == nil {
					r, err, more = next()
				}
			}
			if err != nil {
				return n, fmt.Errorf("writing the rejected records: %w", err)
			}
		}
		p.j.progress(Progress{Phase: Rejecting, Records: read})
		if err := ctx.Err(); err != nil {
			return n, err
		}
	}
	if more {
		return n, fmt.Errorf("writing the rejected records: the input changed while it was read: run the same command again")
	}
	return n, nil
}
