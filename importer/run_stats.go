package importer

import (
	"sync/atomic"
	"time"
)

// counters counts what a run does; the probes' creates are counted from the first.
type counters struct {
	creates, writes, messages, looks, probes, repeated, swept, adopted, duplicates atomic.Int64

	lookFirst atomic.Bool
}

// Stats is what a run did so far, in requests as the engine makes them: a sweep counts once however many pages
// it has.
type Stats struct {
	Writes    int64 // creates and appends sent, answered or not
	Messages  int64 // messages the target answered to have stored
	Looks     int64 // look-ups, reads, sweeps and knocks at a shut gate
	Probes    int64 // look-ups that measured the lag
	Repeated  int64 // requests repeated on evidence
	LookFirst bool  // the target knew planned tickets already and was swept before anything was sent
	Swept     int64 // tickets that sweep has passed in review
	Adopted   int64 // tickets found by that sweep
	Doubled   int64 // tickets it found more than once: held
	Lag       time.Duration
	Window    time.Duration // how long a lost request is looked for
}

// Stats may be called at any time, from any goroutine.
func (r *Run) Stats() Stats {
	return Stats{
		Writes:    r.count.writes.Load(),
		Messages:  r.count.messages.Load(),
		Looks:     r.count.looks.Load(),
		Probes:    r.count.probes.Load(),
		Repeated:  r.count.repeated.Load(),
		LookFirst: r.count.lookFirst.Load(),
		Swept:     r.count.swept.Load(),
		Adopted:   r.count.adopted.Load(),
		Doubled:   r.count.duplicates.Load(),
		Lag:       time.Duration(r.lag.Load()),
		Window:    r.window(),
	}
}
