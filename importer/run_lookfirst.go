package importer

import (
	"context"
	"time"
)

const (
	samples    = 20              // planned ids looked up at the start of a run
	clockSkew  = 5 * time.Minute // how far the target's clock may be behind ours
	sightBatch = 500
)

// lookFirst looks up a sample of the tickets never tried. One hit means that the ledger is younger than the
// target (restored from a backup, or another ledger wrote to this account): then the whole target is swept and
// what it holds is adopted before anything is sent.
func (r *Run) lookFirst(ctx context.Context) error {
	ids, err := r.Ledger.Sample(ctx, samples)
	if err != nil {
		return err
	}
	for _, id := range ids {
		var hits []TicketID
		err := r.timed(ctx, "looking for planned tickets", func(ctx context.Context) (err error) {
			hits, err = r.Finder.Find(ctx, id)
			return err
		})
		if err != nil && !isGone(err) {
			return err
		}
		if len(hits) > 0 {
			return r.adopt(ctx)
		}
	}
	return nil
}

// adopt sweeps the target twice: a ticket updated during the first sweep moves to the front, which that sweep
// has passed already.
func (r *Run) adopt(ctx context.Context) error {
	r.count.lookFirst.Store(true)
	started := time.Now()
	if err := r.sight(ctx, time.Time{}); err != nil {
		return err
	}
	if err := r.sight(ctx, started.Add(-clockSkew)); err != nil {
		return err
	}
	adopted, held, err := r.Ledger.Adopt(ctx)
	r.count.adopted.Add(int64(adopted))
	r.count.duplicates.Add(int64(held))
	return err
}

// sight hands all tickets updated since to the ledger. A sweep that breaks off begins again; seeing a ticket
// twice does no harm.
func (r *Run) sight(ctx context.Context, since time.Time) error {
	batch := make([]Found, 0, sightBatch)
	var broken error // the ledger's, not the target's
	err := r.ask(ctx, "sweeping the target", func(ctx context.Context) error {
		for f, err := range r.Finder.Sweep(ctx, since) {
			if err != nil {
				return err
			}
			r.count.swept.Add(1)
			if batch = append(batch, f); len(batch) < sightBatch {
				continue
			}
			broken = r.Ledger.Sight(ctx, batch)
			if batch = batch[:0]; broken != nil {
				return nil
			}
		}
		return nil
	})
	if err != nil && !isGone(err) {
		return err
	}
	if broken != nil {
		return broken
	}
	return r.Ledger.Sight(ctx, batch)
}

func isGone(err error) bool { return err != nil && FaultOf(err).Kind == Gone }
