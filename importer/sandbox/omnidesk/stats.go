package omnidesk

import (
	"maps"
	"strings"
	"sync"
)

// Stats counts what happened since the start, and what is there now.
type Stats struct {
	Requests          int64            `json:"requests"`           // to the API, refused and broken ones included
	Paths             map[string]int64 `json:"paths"`              // the same by endpoint: "GET /api/v2/ticket/{id}"
	Posts             int64            `json:"posts"`              // requests other than GET
	NotificationsRead int64            `json:"notifications_read"` // reads of /notification, each of which marks all as read
	Throttled         int64            `json:"throttled"`          // answered 429
	KeysInAddresses   int64            `json:"keys_in_addresses"`  // requests with ?apiKey=
	Refused           int64            `json:"refused"`            // answered 4xx, 429 left out
	Faults            int64            `json:"faults"`             // that struck
	Outbox            int              `json:"outbox"`             // would have been delivered, or is scheduled to be
	Scheduled         int              `json:"scheduled"`          // of these
	Tickets           int              `json:"tickets"`
	Archived          int              `json:"archived"` // of these
	Messages          int              `json:"messages"` // timeline entries that are neither event nor note
	Notes             int              `json:"notes"`
	Events            int              `json:"events"`
	Users             int              `json:"users"`
	Customers         int              `json:"customers"`
}

// Stats returns the counts.
func (s *Server) Stats() Stats {
	out := Stats{Faults: s.faults.Total()}
	s.counts.fill(&out)
	s.mu.RLock()
	defer s.mu.RUnlock()
	out.Tickets, out.Users, out.Customers, out.Outbox = len(s.store.tickets), len(s.store.users), len(s.store.customers), len(s.store.outbox)
	for _, d := range s.store.outbox {
		if !d.SendAt.IsZero() {
			out.Scheduled++
		}
	}
	for _, t := range s.store.tickets {
		if t.Archived {
			out.Archived++
		}
		messages, notes, events := t.counts()
		out.Messages, out.Notes, out.Events = out.Messages+messages, out.Notes+notes, out.Events+events
	}
	return out
}

type counts struct {
	mu                                      sync.Mutex
	paths                                   map[string]int64
	notifications, throttled, keys, refused int64
}

func (c *counts) request(endpoint string, keyInAddress bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paths == nil {
		c.paths = map[string]int64{}
	}
	c.paths[endpoint]++
	if keyInAddress {
		c.keys++
	}
}

// status counts an answer by its status.
func (c *counts) status(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case status == 429:
		c.throttled++
	case status >= 400 && status < 500:
		c.refused++
	}
}

func (c *counts) notified() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notifications++
}

func (c *counts) fill(out *Stats) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out.Paths = maps.Clone(c.paths)
	out.NotificationsRead, out.Throttled, out.KeysInAddresses, out.Refused = c.notifications, c.throttled, c.keys, c.refused
	for name, n := range c.paths {
		out.Requests += n
		if !strings.HasPrefix(name, "GET ") {
			out.Posts += n
		}
	}
}
