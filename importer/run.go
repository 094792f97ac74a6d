package importer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// What a [Run] does where its fields are zero.
const (
	DefaultWorkers     = 8
	DefaultMaxMessages = 500     // of one create (api/gorgias section 4)
	DefaultMaxBytes    = 4 << 20 // of one create
	DefaultWindow      = 15 * time.Minute
	DefaultPatience    = time.Hour
	DefaultTimeout     = 10 * time.Minute

	maxInFlight = 32 << 20 // bytes of bodies held by all workers together
)

// Run carries a plan out: each ticket claimed from the ledger is created with as many of its messages as fit
// one request, the rest is appended in order. No request is repeated while its fate is unknown. The fields are
// not changed once Do or Step was called; a Run is used for one import and not copied.
type Run struct {
	Target Target
	Finder Finder
	Plan   Plan
	Ledger Ledger
	Pacer  Pacer        // nil: no limit
	Sync   *SyncOptions // nil: an import

	Workers      int           // zero: 8
	PerMessage   bool          // create with the first message alone and append each other
	MaxMessages  int           // of one create; zero: 500
	MaxBytes     int           // of one create; zero: 4 MiB
	SettleWindow time.Duration // how long a lost request is looked for; zero: 15 minutes. Ten times the largest lag seen, if longer
	Patience     time.Duration // how long the target may be out of reach before the run ends; zero: an hour
	Timeout      time.Duration // of one call of Target or Finder, the net below their own; zero: 10 minutes

	// Abort, when done, gives up the requests in hand too: their tickets are in doubt. The context of Do only
	// stops new ones. Nil: never.
	Abort context.Context

	once      sync.Once
	gate      gate
	customers customers
	bodies    *semaphore.Weighted
	probes    chan probe // nil outside Do
	lag       atomic.Int64
	count     counters
}

// Result is what one step did for a ticket and where it stands now.
type Result struct {
	Key      Key
	State    State
	Reason   string // of held
	Note     string // why it is refused, held, in doubt or left as it was; "" when all went well
	Ticket   TicketID
	Imported int // messages stored by requests of this step
	Found    int // messages met in the target, put there by an earlier request or by someone else
	Requests int // writes sent
	Repeated int // requests repeated on evidence: never answered, never found, asked for again by a person
	NextLook time.Time
	Updated  bool    // its fields were written
	Longer   bool    // it is done, was in the target before this step, and has messages more now
	Clashes  []Clash // changes of the source that were not
}

// Do claims tickets until none can be worked on and steps each. It first makes sure that the target does not
// already hold what the ledger believes to be new. each is called for every result, from one goroutine; an
// error of it ends the run. Tickets in doubt whose next look is more than a few seconds away are left: the
// ledger says when to come back.
//
// When ctx is done, no new request begins, those in hand are finished, and ctx's error is returned; a later Do
// goes on where this one stopped. Any other error is a broken target, ledger or plan: nothing is lost then either.
// No goroutine outlives the call.
func (r *Run) Do(ctx context.Context, each func(Result) error) error {
	r.once.Do(r.init)
	if err := r.begin(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	results := make(chan Result, r.workers())
	r.probes = make(chan probe, 1)
	var err error
	go func() {
		defer close(results)
		err = r.fleet(ctx, results)
	}()
	var refused error
	for res := range results {
		if refused != nil {
			continue
		}
		if refused = each(res); refused != nil {
			cancel(refused)
		}
	}
	r.probes = nil // a step made alone is not measured
	if refused != nil {
		return refused
	}
	return err
}

// begin loads the lag and looks whether the target knows our tickets already.
func (r *Run) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	lag, err := r.Ledger.Lag(ctx)
	if err != nil {
		return err
	}
	r.lag.Store(int64(lag))
	return r.lookFirst(ctx)
}

// fleet runs the feeder, the workers and the prober, and returns when all have.
func (r *Run) fleet(ctx context.Context, results chan<- Result) error {
	g, ctx := errgroup.WithContext(ctx)
	claims := make(chan Claim)
	freed := make(chan struct{}, 1)
	var busy atomic.Int64
	g.Go(func() error {
		defer close(claims)
		return r.feed(ctx, claims, freed, &busy)
	})
	finished := make(chan struct{})
	var workers sync.WaitGroup
	workers.Add(r.workers())
	for range r.workers() {
		g.Go(func() error {
			defer workers.Done()
			for c := range claims {
				res, err := r.Step(ctx, c)
				r.Ledger.Release(c)
				busy.Add(-1)
				select {
				case freed <- struct{}{}:
				default:
				}
				results <- res
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		workers.Wait()
		close(finished)
		close(r.probes)
		return nil
	})
	g.Go(func() error { return r.probeLoop(ctx, finished) })
	return g.Wait()
}

// feed hands claims to the workers until nothing is left that is worth waiting for.
func (r *Run) feed(ctx context.Context, claims chan<- Claim, freed <-chan struct{}, busy *atomic.Int64) error {
	for {
		idle := busy.Load() == 0 // read before the claim: what a step leaves behind is seen by the next round
		batch, err := r.Ledger.Claim(ctx, r.workers())
		if err != nil {
			return err
		}
		for i, c := range batch {
			busy.Add(1)
			select {
			case claims <- c:
			case <-ctx.Done():
				for _, left := range batch[i:] {
					r.Ledger.Release(left)
				}
				return ctx.Err()
			}
		}
		if len(batch) > 0 {
			continue
		}
		next, doubt, err := r.Ledger.NextLook(ctx)
		if err != nil {
			return err
		}
		until := time.Until(next)
		if idle && (!doubt || until > r.linger()) {
			return nil
		}
		if err := await(ctx, doubt, until, freed); err != nil {
			return err
		}
	}
}

// await returns when a worker is free, when the next look is due, or when ctx is done.
func await(ctx context.Context, doubt bool, until time.Duration, freed <-chan struct{}) error {
	var due <-chan time.Time
	if doubt {
		t := time.NewTimer(max(until, time.Millisecond))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-freed:
	case <-due:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// linger is how long an idle run waits for the next look: long enough for the first, not for the last, unless
// the window itself is a matter of seconds.
func (r *Run) linger() time.Duration {
	if w := r.window(); w <= time.Minute {
		return max(w, 10*time.Second)
	}
	return 10 * time.Second
}

func (r *Run) init() {
	r.bodies = semaphore.NewWeighted(maxInFlight)
}

func (r *Run) workers() int {
	if r.Workers > 0 {
		return r.Workers
	}
	return DefaultWorkers
}

func (r *Run) patience() time.Duration {
	if r.Patience > 0 {
		return r.Patience
	}
	return DefaultPatience
}

func (r *Run) timeout() time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return DefaultTimeout
}

// first returns how many messages of w its create carries.
func (r *Run) first(w *Work) int {
	if r.PerMessage {
		return min(1, len(w.Ticket.Messages))
	}
	sizes := make([]int, len(w.Ticket.Messages))
	for i := range w.Ticket.Messages {
		sizes[i] = w.Ticket.Messages[i].Size
	}
	return Prefix(sizes, orElse(r.MaxMessages, DefaultMaxMessages), orElse(r.MaxBytes, DefaultMaxBytes))
}

func orElse(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// stopError says why the run cannot go on and what to do.
func stopError(doing string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s: %w; nothing planned is lost, the same command goes on from here", doing, err)
}
