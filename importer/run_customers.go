package importer

import (
	"context"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
)

// knownCustomers bounds how many customers are remembered as made; forgetting some only makes their next
// tickets take turns once more.
const knownCustomers = 1 << 16

// customers makes the first writes that name one customer go one after another: two at once that both name an unknown
// e-mail may make two people of it. It is of use within one run; of two runs at once the target alone keeps the
// customers apart. The zero value is ready.
type customers struct {
	mu    sync.Mutex
	seed  maphash.Seed
	busy  map[uint64]chan struct{} // closed when the create in hand has ended
	known map[uint64]struct{}
}

// enter waits until no other write names any of the e-mails as a customer for the first time. leave must be called with
// whether they are in the target now. All who enter take e-mails in the same order, so nobody waits for one who waits.
func (c *customers) enter(ctx context.Context, emails []string) (leave func(known bool), err error) {
	var leaves []func(bool)
	leave = func(known bool) {
		for _, one := range leaves {
			one(known)
		}
	}
	for _, email := range emails {
		one, err := c.enterOne(ctx, email)
		if err != nil {
			leave(false)
			return nil, err
		}
		leaves = append(leaves, one)
	}
	return leave, nil
}

// customersOf lists the customers that messages from to to of w name, with the ticket's own: lower case, in order, once
// each.
func customersOf(w *Work, from, to int) []string {
	var emails []string
	add := func(email string) {
		if email = strings.ToLower(strings.TrimSpace(email)); email != "" {
			emails = append(emails, email)
		}
	}
	add(w.Ticket.Customer.Email)
	for i := from; i < to && i < len(w.Ticket.Messages); i++ {
		if m := &w.Ticket.Messages[i]; !m.FromAgent {
			add(m.Author.Email)
		}
	}
	slices.Sort(emails)
	return slices.Compact(emails)
}

func (c *customers) enterOne(ctx context.Context, email string) (leave func(known bool), err error) {
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
