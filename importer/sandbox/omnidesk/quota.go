package omnidesk

import (
	"math"
	"sync"
	"time"
)

// Quota limits the pace. The zero value does not. The real limits are unknown.
type Quota struct {
	PerSecond float64 // requests a second; 0: no limit
	Burst     int     // that may come at once; 0: one second's worth, at least 1
	Silent    bool    // 429 comes without Retry-After
}

// bucket holds as many tokens as requests may come at once; they come back with time.
type bucket struct {
	quota  Quota
	mu     sync.Mutex
	tokens float64
	at     time.Time
}

// take spends a token. When there is none it returns how long until there is one, in whole seconds, at least one.
func (b *bucket) take(now time.Time) (ok bool, retryAfter int) {
	if b.quota.PerSecond <= 0 {
		return true, 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	size := float64(b.quota.Burst)
	if size <= 0 {
		size = math.Max(1, b.quota.PerSecond)
	}
	if b.at.IsZero() {
		b.tokens = size
	} else if d := now.Sub(b.at); d > 0 {
		b.tokens = math.Min(size, b.tokens+d.Seconds()*b.quota.PerSecond)
	}
	if now.After(b.at) {
		b.at = now
	}
	if b.tokens >= 1 {
		b.tokens--
		return true, 0
	}
	return false, max(1, int(math.Ceil((1-b.tokens)/b.quota.PerSecond)))
}
