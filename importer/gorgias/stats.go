package gorgias

import (
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
)

// Stats are the wire rule's counts: of requests that left, and of the messages in their bodies.
type Stats struct {
	Requests  int64            // that a connection took, repeats included
	ByKind    map[string]int64 // "POST tickets", "GET users", "POST tickets/{id}/messages"
	Throttled int64            // answered 429
	Messages  int64            // in the bodies of writes that left
	Sent      int64            // of these, the ones whose sent_datetime was checked on the bytes that left
	Refused   int64            // requests the wire rule let not pass; the first ends the run
}

// Sendable is the number of messages that left and that Gorgias might send: always 0.
func (s Stats) Sendable() int64 { return s.Messages - s.Sent }

// CustomerLookups is the number of requests made to find the account's customers.
func (s Stats) CustomerLookups() int64 { return s.ByKind["GET customers"] }

// counters is Stats in the making.
type counters struct {
	messages, sent, throttled, refused atomic.Int64

	mu     sync.Mutex
	byKind map[string]int64
}

func (c *counters) request(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKind == nil {
		c.byKind = map[string]int64{}
	}
	c.byKind[kind]++
}

func (c *counters) stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Stats{
		ByKind: maps.Clone(c.byKind), Throttled: c.throttled.Load(),
		Sent: c.sent.Load(), Messages: c.messages.Load(), Refused: c.refused.Load(),
	}
	for _, n := range c.byKind {
		s.Requests += n
	}
	return s
}

// requestKind is the method and the path below /api/, with {id} for numbers.
func requestKind(req *http.Request) string {
	pattern, _ := patternOf(req.URL.Path)
	return req.Method + " " + pattern
}
