package profile

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"
)

// inFlight is how many items a lane may be ahead of the one that is taken.
const inFlight = 2

// inOrder runs work on the items of in, on lanes goroutines, and hands what it made to take, in the order of the items
// and on one goroutine. take may answer that it has enough. The first error ends it; none of its goroutines outlives the
// call.
func inOrder[In, Out any](ctx context.Context, lanes int, in iter.Seq2[In, error],
	work func(In) (Out, error), take func(Out) (enough bool)) error {
	type answer struct {
		out Out
		err error
	}
	type job struct {
		in   In
		done chan answer
	}
	outer := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	jobs, order := make(chan job), make(chan chan answer, inFlight*lanes)
	g.Go(func() error {
		defer close(order)
		defer close(jobs)
		for v, err := range in {
			done := make(chan answer, 1)
			select {
			case order <- done:
			case <-ctx.Done():
				return nil
			}
			if err != nil {
				done <- answer{err: err}
				return nil
			}
			select {
			case jobs <- job{v, done}:
			case <-ctx.Done():
				return nil
			}
		}
		return nil
	})
	for range lanes {
		g.Go(func() error {
			for j := range jobs {
				out, err := work(j.in)
				j.done <- answer{out, err}
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
				if take(a.out) {
					cancel()
					return nil
				}
			case <-ctx.Done():
				return nil
			}
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return outer.Err()
}
