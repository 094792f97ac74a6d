package sandbox

import (
	"fmt"
	"math"
	"sync"
	"time"
)

// Quota is the account's leaky bucket (api/gorgias section 1, fact 6). The zero value never refuses anything; the
// header is sent all the same, with a limit out of reach.
type Quota struct {
	Bucket int     // requests that fit: 40 for an API key, 80 for OAuth2
	Leak   float64 // requests that drain a second; zero: the bucket in 20 s
}

// unlimited is the bucket shown when no quota is set.
const unlimited = 1_000_000

type bucket struct {
	mu    sync.Mutex
	size  float64
	leak  float64
	level float64
	at    time.Time
	off   bool
}

func newBucket(q Quota) *bucket {
	b := &bucket{size: float64(q.Bucket), leak: q.Leak, off: q.Bucket <= 0}
	if b.off {
		b.size, b.leak = unlimited, 0
	}
	if b.leak <= 0 {
		b.leak = b.size / 20
	}
	return b
}

// take fills one slot. When none is free it returns how long until one is, in whole seconds, at least one.
func (b *bucket) take(now time.Time) (ok bool, retryAfter int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drain(now)
	if b.level+1 <= b.size {
		b.level++
		return true, 0
	}
	if b.off {
		return true, 0
	}
	return false, max(1, int(math.Ceil((b.level+1-b.size)/b.leak)))
}

// fill makes the bucket full, as another application on the account would.
func (b *bucket) fill(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drain(now)
	if !b.off {
		b.level = b.size
	}
}

// header is the value of X-Gorgias-Account-Api-Call-Limit.
func (b *bucket) header(now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drain(now)
	return fmt.Sprintf("%d/%d", int(math.Ceil(b.level)), int(b.size))
}

func (b *bucket) drain(now time.Time) {
	if d := now.Sub(b.at); !b.at.IsZero() && d > 0 {
		b.level = max(0, b.level-d.Seconds()*b.leak)
	}
	if now.After(b.at) {
		b.at = now
	}
}
