package importer

import (
	"context"
	"slices"
	"time"
)

const (
	probeEvery = 100 // creates
	probeMost  = 10 * time.Minute
)

// probe is a create whose look-up lag is measured.
type probe struct {
	externalID string
	id         TicketID
	made       time.Time
}

// offer takes one create in a hundred for measuring, unless one is being measured already.
func (r *Run) offer(p probe) {
	if n := r.count.creates.Add(1); n%probeEvery != 1 || r.probes == nil {
		return
	}
	select {
	case r.probes <- p:
	default:
	}
}

// probeLoop measures what it is offered until the workers have finished; the last one gets a single look then.
// What it cannot measure costs nothing but a window that stays as it is.
func (r *Run) probeLoop(ctx context.Context, finished <-chan struct{}) error {
	for p := range r.probes {
		lag, ok := r.measure(ctx, finished, p)
		if !ok || lag <= time.Duration(r.lag.Load()) {
			continue
		}
		r.lag.Store(int64(lag))
		if err := r.Ledger.SawLag(context.WithoutCancel(ctx), lag); err != nil {
			return err
		}
	}
	return nil
}

// measure returns how long the target took to find p, or at least took where the run ends before.
func (r *Run) measure(ctx context.Context, finished <-chan struct{}, p probe) (time.Duration, bool) {
	pause := 250 * time.Millisecond
	for {
		r.count.probes.Add(1)
		rctx, cancel := context.WithTimeout(ctx, r.timeout())
		asked := time.Since(p.made)
		hits, err := r.Finder.Find(rctx, p.externalID)
		cancel()
		if err == nil && slices.Contains(hits, p.id) {
			return asked, true
		}
		if asked > probeMost || ctx.Err() != nil {
			return 0, false // deleted or merged since, or no answer: nothing to be learned
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-finished:
			t.Stop()
			return asked, err == nil
		case <-ctx.Done():
			t.Stop()
			return 0, false
		}
		pause = min(2*pause, 30*time.Second)
	}
}

// window is how long a lost request is looked for, counted from its intent.
func (r *Run) window() time.Duration {
	w := r.SettleWindow
	if w <= 0 {
		w = DefaultWindow
	}
	return max(w, 10*time.Duration(r.lag.Load()))
}
