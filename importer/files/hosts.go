package files

import (
	"context"
	"net/url"
	"sync"
	"time"
)

const (
	deadAfter = 5               // failures to reach a host, one after the other
	deadFor   = 1 * time.Minute // until it is asked again
	maxHosts  = 10_000          // remembered; what is over it is only not bounded for a while
)

// hosts bounds how many files are fetched from one host at once, and does not ask a dead one for each of its thousands of
// files: a minute's rest follows after five failures in a row.
type hosts struct {
	each int

	mu   sync.Mutex
	seen map[string]*hostState
}

type hostState struct {
	slots chan struct{}
	fails int
	until time.Time
	last  Missing
}

func (h *hosts) of(u *url.URL) *hostState {
	if h.seen == nil || len(h.seen) > maxHosts {
		h.seen = map[string]*hostState{}
	}
	s := h.seen[u.Host]
	if s == nil {
		s = &hostState{slots: make(chan struct{}, h.each)}
		h.seen[u.Host] = s
	}
	return s
}

// enter takes one of the host's slots.
func (h *hosts) enter(ctx context.Context, u *url.URL) (leave func(), err error) {
	h.mu.Lock()
	slots := h.of(u).slots
	h.mu.Unlock()
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// down is the last failure of a host that rests; nil for one that may be asked.
func (h *hosts) down(u *url.URL) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.of(u)
	if s.fails < deadAfter || time.Now().After(s.until) {
		return nil
	}
	return missing(s.last.Code, "%s did not answer the last %d times, so it rests", clip(u.Hostname()), s.fails)
}

// saw counts failures to reach a host.
func (h *hosts) saw(u *url.URL, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.of(u)
	code, _ := CodeOf(err)
	if code != Unreachable && code != TimedOut {
		s.fails = 0
		return
	}
	s.fails++
	s.until, s.last = time.Now().Add(deadFor), Missing{Code: code}
}
