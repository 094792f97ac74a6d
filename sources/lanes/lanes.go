// Package lanes works on the pieces of a source on several cores and keeps their order.
package lanes

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"
)

// inFlight is the number of pieces a lane may be ahead of what was taken: it bounds memory.
const inFlight = 3

type answer[T any] struct {
	out T
	err error
}

// InOrder does work on what in yields, on several lanes at once, and hands the results to take in the order of in,
// from one goroutine. The first error in that order ends everything; when InOrder returns, nothing runs any more.
func InOrder[In, Out any](ctx context.Context, lanes int, in iter.Seq2[In, error],
	work func(lane int, in In) (Out, error), take func(Out) error) error {
	type job struct {
		in   In
		done chan answer[Out]
	}
	g, ctx := errgroup.WithContext(ctx)
	jobs := make(chan job)
	order := make(chan chan answer[Out], inFlight*lanes)
	g.Go(func() error {
		defer close(order)
		defer close(jobs)
		for v, err := range in {
			done := make(chan answer[Out], 1)
			select {
			case order <- done:
			case <-ctx.Done():
				return ctx.Err()
			}
			if err != nil {
				done <- answer[Out]{err: err}
				return nil
			}
			select {
			case jobs <- job{v, done}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for lane := range lanes {
		g.Go(func() error {
			for j := range jobs {
				out, err := work(lane, j.in)
				j.done <- answer[Out]{out, err}
			}
			return nil
		})
	}
	g.Go(func() error {
		for done := range order {
			select {
			case a := <-done:
				if a.err != nil {
					return a.err
				}
				if err := take(a.out); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return g.Wait()
}
