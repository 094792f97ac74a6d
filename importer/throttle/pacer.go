// Package throttle keeps one account's requests within its quota. A [Pacer] mirrors the target's leaky bucket and
// grants request slots; a [Transport] corrects the mirror by what each answer's header says. It must not
// know what the requests are for, and it never repeats one.
package throttle

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	defaultShare  = 0.5              // performance.md section 7: same throughput as 0.9, and 20 slots stay free for live agents
	defaultWindow = 20 * time.Second // api/gorgias section 1, fact 6: the limit leaks away in 20 s …
	fastWindow    = 10 * time.Second // … on Enterprise in 10 s
	observeSpan   = 5 * time.Second  // how long the bucket is watched before the faster leak is believed
	maxNap        = time.Second      // a waiter looks again at least this often, because answers move the mirror
	slack         = 1e-9             // floating point leak must not cost a nap
)

// Pacer grants request slots of one account, first come first served. The zero value grants at once until
// the first answer's header tells the limit. One Pacer serves all workers; other processes and apps on the account meet
// in the header. It is safe for concurrent use.
type Pacer struct {
	// Share is the part of the bucket that is filled at most; 0 is a half. The rest is left to other apps.
	Share float64
	// Window is the time in which a full bucket leaks empty; 0 is 20 s, lowered to 10 s when the answers show
	// that the bucket leaks faster than 20 s would.
	Window time.Duration

	turnOnce sync.Once
	turn     chan struct{} // holds one token: the right to be the waiter at the head

	mu        sync.Mutex
	limit     float64 // of the last header; 0 before one was seen
	level     float64 // the mirror: what the bucket holds at time at
	at        time.Time
	held      time.Time   // nobody is granted before this
	grants    []time.Time // slots granted whose request has not begun, oldest first
	flying    int         // requests begun and not answered
	fast      bool        // the 10 s leak was observed
	watch     observation
	granted   int64
	throttled int64
	waited    time.Duration
}

// observation is a stretch of answers from which the leak is measured.
type observation struct {
	since    time.Time
	used     float64 // what the header said at since
	flying   int     // requests that header may have counted before they were answered
	answered int     // own answers after since
}

// Status is what a pacer knows, for progress and summaries.
type Status struct {
	Used      float64       // estimate of the bucket's level now
	Limit     float64       // 0: no header seen yet
	Window    time.Duration // the leak that is assumed
	Held      time.Duration // how long everybody still waits after a 429
	Granted   int64         // slots granted
	Throttled int64         // answers 429
	Waited    time.Duration // time spent in Wait, summed over callers
}

// Wait blocks until a slot is free and takes it. The error is the context's. A slot that is taken and never used is
// forgotten after one window.
func (p *Pacer) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.turnOnce.Do(func() { p.turn = make(chan struct{}, 1) })
	start := time.Now()
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		nap := p.take(start)
		if nap <= 0 {
			return nil
		}
		timer := time.NewTimer(min(nap, maxNap))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// take takes a slot if there is one, else says how long to wait before asking again.
func (p *Pacer) take(start time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if wait := p.held.Sub(now); wait > 0 {
		return wait
	}
	p.leak(now)
	if p.limit > 0 {
		if over := p.level + 1 - p.cap(); over > slack {
			return max(time.Duration(over/p.rate()*float64(time.Second)), time.Millisecond)
		}
	}
	p.level++
	p.grants = append(p.grants, now)
	p.granted++
	p.waited += now.Sub(start)
	return 0
}

// Hold makes everybody wait for d, and up to a tenth of it (at most 2 s) longer so that processes do not return in step.
func (p *Pacer) Hold(d time.Duration) {
	jitter := time.Duration(rand.Float64() * float64(min(d/10, 2*time.Second)))
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d + jitter); until.After(p.held) {
		p.held = until
	}
}

// Status returns what is known now.
func (p *Pacer) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.leak(now)
	return Status{
		Used: p.level, Limit: p.limit, Window: p.window(), Held: max(p.held.Sub(now), 0),
		Granted: p.granted, Throttled: p.throttled, Waited: p.waited,
	}
}

// begin notes that a request leaves; one for which no slot was taken is charged now.
func (p *Pacer) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leak(time.Now())
	if len(p.grants) > 0 {
		p.grants = p.grants[:copy(p.grants, p.grants[1:])]
	} else {
		p.level++
	}
	p.flying++
}

// end notes that a request was answered, or failed (limit 0).
func (p *Pacer) end(used, limit int, throttled bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.leak(now)
	p.flying--
	own := float64(p.flying + len(p.grants))
	if limit > 0 {
		p.observe(now, float64(used), float64(limit))
		p.limit = float64(limit)
		p.level = float64(used) + own
	}
	if throttled {
		p.throttled++
		if limit == 0 { // it does not say what the bucket holds: full, then. A 429 that shows room has another cause
			p.level = max(p.level, p.limit)
		}
		p.watch = observation{}
	}
	p.level = max(p.level, own)
}

// leak lowers the mirror by what has leaked since it was last looked at.
func (p *Pacer) leak(now time.Time) {
	for len(p.grants) > 0 && now.Sub(p.grants[0]) > p.window() {
		p.grants = p.grants[:copy(p.grants, p.grants[1:])]
	}
	if p.limit > 0 {
		p.level = max(p.level-now.Sub(p.at).Seconds()*p.rate(), 0)
	}
	p.at = now
}

// observe measures the leak over a stretch in which the bucket never ran empty. What other apps added is not
// known, so the measure is a lower bound: it can only show that the bucket leaks faster than assumed.
func (p *Pacer) observe(now time.Time, used, limit float64) {
	w := &p.watch
	if p.Window > 0 || p.fast {
		return
	}
	if w.since.IsZero() || used == 0 || limit != p.limit {
		*w = observation{since: now, used: used, flying: p.flying + len(p.grants)}
		return
	}
	w.answered++
	span := now.Sub(w.since)
	if span < observeSpan {
		return
	}
	leaked := w.used + float64(max(w.answered-w.flying, 0)) - used
	p.fast = leaked/span.Seconds() > 1.5*limit/defaultWindow.Seconds()
	*w = observation{since: now, used: used, flying: p.flying + len(p.grants)}
}

func (p *Pacer) window() time.Duration {
	switch {
	case p.Window > 0:
		return p.Window
	case p.fast:
		return fastWindow
	}
	return defaultWindow
}

// rate is the leak in requests a second.
func (p *Pacer) rate() float64 { return p.limit / p.window().Seconds() }

// cap is the level up to which slots are granted; at least one, or nothing would ever be sent.
func (p *Pacer) cap() float64 {
	share := p.Share
	if share <= 0 || share > 1 {
		share = defaultShare
	}
	return math.Max(math.Floor(p.limit*share), 1)
}
