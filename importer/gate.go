package importer

import (
	"context"
	"sync"
)

// gate is shut by a write whose answer was lost: nobody writes until the target answered one harmless request,
// so an outage costs at most one doubt a worker. The zero value is open.
type gate struct {
	mu      sync.Mutex
	shut    chan struct{} // closed when the gate opens; nil while it is open
	knocked bool          // someone is asking the target
}

// close shuts the gate.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut == nil {
		g.shut = make(chan struct{})
	}
}

// isOpen tells whether writes may go.
func (g *gate) isOpen() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut == nil
}

// pass returns once the gate is open. The first to find it shut knocks; the others wait for it. When the
// knocking fails, its error is returned and the next in line knocks.
func (g *gate) pass(ctx context.Context, knock func(context.Context) error) error {
	for {
		g.mu.Lock()
		if g.shut == nil {
			g.mu.Unlock()
			return nil
		}
		shut, mine := g.shut, !g.knocked
		if mine {
			g.knocked = true
		}
		g.mu.Unlock()
		if mine {
			return g.open(ctx, shut, knock)
		}
		select {
		case <-shut:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (g *gate) open(ctx context.Context, shut chan struct{}, knock func(context.Context) error) error {
	err := knock(ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.knocked = false
	close(shut) // who waits looks again
	g.shut = nil
	if err != nil {
		g.shut = make(chan struct{})
	}
	return err
}
