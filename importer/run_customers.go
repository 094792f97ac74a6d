package importer

import (
	"context"
	"hash/maphash"
	"strings"
	"sync"
)

// knownCustomers bounds how many customers are remembered as made; forgetting some only makes their next
// tickets take turns once more.
const knownCustomers = 1 << 16

// customers makes the first tickets of one customer go one after another: two creates at once that both name
// an unknown e-mail may make two people of it. The zero value is ready.
type customers struct {
	mu    sync.Mutex
	seed  maphash.Seed
	busy  map[uint64]chan struct{} // closed when the create in hand has ended
	known map[uint64]struct{}
}

// enter waits until no other create names email as its customer for the first time. leave must be called with
// whether the customer is in the target now.
func (c *customers) enter(ctx context.Context, email string) (leave func(known bool), err error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if email == "" {
		return func(bool) {}, nil
	}
	for {
		c.mu.Lock()
		if c.busy == nil {
			c.seed, c.busy, c.known = maphash.MakeSeed(), map[uint64]chan struct{}{}, map[uint64]struct{}{}
		}
		h := maphash.String(c.seed, email)
		if _, ok := c.known[h]; ok {
			c.mu.Unlock()
			return func(bool) {}, nil
		}
		other, taken := c.busy[h]
		if !taken {
			ours := make(chan struct{})
			c.busy[h] = ours
			c.mu.Unlock()
			return func(known bool) { c.leave(h, ours, known) }, nil
		}
		c.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (c *customers) leave(h uint64, ours chan struct{}, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.busy, h)
	close(ours)
	if !known {
		return
	}
	if len(c.known) >= knownCustomers {
		clear(c.known)
	}
	c.known[h] = struct{}{}
}
