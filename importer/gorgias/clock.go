package gorgias

import (
	"net/http"
	"sync/atomic"
	"time"
)

// margin is how long ago a message must have been sent to be imported: clocks differ, and a sent time that
// lies ahead of the target's clock might be taken as one to come.
const margin = time.Minute

// clock knows how far the target's clock is from ours, from the Date of its answers. The zero value trusts our own.
type clock struct {
	offset atomic.Int64 // nanoseconds to add to our time; 0 before an answer was seen
	told   atomic.Bool  // an answer had a Date
}

// learn takes the Date of an answer that has just arrived.
func (c *clock) learn(h http.Header) {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		c.offset.Store(int64(time.Until(at)))
		c.told.Store(true)
	}
}

// behind is by how much the target's clock may be behind ours, zero if it is ahead.
func (c *clock) behind() time.Duration { return max(-time.Duration(c.offset.Load()), 0) }

// latest is the newest sent time that may leave: a minute before the earlier of both clocks.
func (c *clock) latest() time.Time { return time.Now().Add(-c.behind() - margin) }
