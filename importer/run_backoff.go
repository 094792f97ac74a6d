package importer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// ErrOutOfReach is returned when the target did not answer for as long as the run's patience.
var ErrOutOfReach = errors.New("the target is out of reach")

// How long to wait between tries, and on a 429 that does not say.
const (
	firstBackoff = time.Second
	lastBackoff  = time.Minute
	limitedFor   = 20 * time.Second
	limitedMost  = 5 * time.Minute
)

// backoff waits between tries of one thing: 1 s doubling to 60 s with full jitter, until the patience is spent.
// The zero value is ready.
type backoff struct {
	tries int
	since time.Time
}

func (b *backoff) reset() { *b = backoff{} }

// wait sleeps before the next try; at least is what the target asked for.
func (b *backoff) wait(ctx context.Context, patience, least time.Duration, cause error) error {
	if b.tries == 0 {
		b.since = time.Now()
	} else if time.Since(b.since) >= patience {
		return fmt.Errorf("%w for %s (--patience): %w; the same command goes on from here", ErrOutOfReach, patience, cause)
	}
	ceiling := min(firstBackoff<<min(b.tries, 10), lastBackoff)
	b.tries++
	return sleep(ctx, least+rand.N(ceiling)+1)
}

// sleep waits for d or until ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// limited is how long a 429 asks to wait.
func limited(f *Fault) time.Duration {
	if f.After <= 0 {
		return limitedFor
	}
	return min(f.After, limitedMost)
}

// ask makes a request that has no effect, again until it is answered. The only fault it returns as it came is
// Gone; any other error ends the run.
func (r *Run) ask(ctx context.Context, doing string, request func(context.Context) error) error {
	var b backoff
	for {
		r.count.looks.Add(1)
		err := request(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		f := FaultOf(err)
		var least time.Duration
		switch f.Kind {
		case Gone:
			return f
		case NotSent, Lost:
		case Limited:
			least = limited(f)
		default:
			return stopError(doing, err)
		}
		if err := b.wait(ctx, r.patience(), least, err); err != nil {
			return stopError(doing, err)
		}
	}
}

// timed is ask for a single request.
func (r *Run) timed(ctx context.Context, doing string, request func(context.Context) error) error {
	return r.ask(ctx, doing, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, r.timeout())
		defer cancel()
		return request(ctx)
	})
}
