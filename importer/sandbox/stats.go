package sandbox

import (
	"strings"
	"sync"
	"sync/atomic"
)

// Stats counts what happened since the start or the last reset, and what is there now.
type Stats struct {
	Requests  int64            `json:"requests"` // to the API, refused and broken ones included
	Tickets   int              `json:"tickets"`
	Messages  int              `json:"messages"`
	Outbox    int              `json:"outbox"`
	Throttled int64            `json:"throttled"` // answered 429
	Customers int              `json:"customers"`
	Uploads   int64            `json:"uploads"`
	Faults    int64            `json:"faults"`  // that struck
	Pending   int              `json:"pending"` // late commits and acts of agents still to come
	Writes    int64            `json:"writes"`  // requests other than GET
	Endpoints map[string]int64 `json:"endpoints"`
}

// Stats returns the counts.
func (s *Server) Stats() Stats {
	out := Stats{Faults: s.faults.Total(), Pending: s.pending.count()}
	s.counts.fill(&out)
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	out.Tickets, out.Messages, out.Outbox, out.Customers = len(s.store.tickets), s.store.messages, len(s.store.outbox), len(s.store.customers)
	return out
}

type counts struct {
	throttled, uploads atomic.Int64
	mu                 sync.Mutex
	endpoints          map[string]int64
}

func (c *counts) request(endpoint string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.endpoints == nil {
		c.endpoints = map[string]int64{}
	}
	c.endpoints[endpoint]++
}

func (c *counts) fill(out *Stats) {
	out.Throttled, out.Uploads = c.throttled.Load(), c.uploads.Load()
	c.mu.Lock()
	defer c.mu.Unlock()
	out.Endpoints = make(map[string]int64, len(c.endpoints))
	for name, n := range c.endpoints {
		out.Endpoints[name] = n
		out.Requests += n
		if !strings.HasPrefix(name, "GET ") {
			out.Writes += n
		}
	}
}

func (c *counts) reset() {
	c.throttled.Store(0)
	c.uploads.Store(0)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endpoints = nil
}
