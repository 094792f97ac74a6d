package omnidesk

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	missingRetryAfter = 20 * time.Second
	maxRetryAfter     = 15 * time.Minute
)

// pacer grants requests at an even pace, one caller after the other, and none while it is held.
type pacer struct {
	limiter *rate.Limiter
	turn    chan struct{} // holds one token: the right to be the next

	mu   sync.Mutex
	held time.Time // nobody is granted before this
}

func newPacer(perSecond float64) *pacer {
	return &pacer{limiter: rate.NewLimiter(rate.Limit(perSecond), 1), turn: make(chan struct{}, 1)}
}

// wait blocks until a request may be made. The error is the context's.
func (p *pacer) wait(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := p.rest(ctx); err != nil {
		return err
	}
	if r := p.limiter.Reserve(); r.Delay() > 0 { // not limiter.Wait, which refuses at once where a deadline is nearer
		if err := sleep(ctx, r.Delay()); err != nil {
			r.Cancel()
			return err
		}
	}
	return p.rest(ctx)
}

// rest sits out what the API asked to wait.
func (p *pacer) rest(ctx context.Context) error {
	for {
		p.mu.Lock()
		left := time.Until(p.held)
		p.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
}

// hold makes everybody wait for d.
func (p *pacer) hold(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.held) {
		p.held = until
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// retryAfter reads how long an answer asks to wait: whole seconds or a date, at most a quarter of an hour. ok is false where it
// does not say.
func retryAfter(h http.Header) (d time.Duration, ok bool) {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseFloat(s, 64); err == nil && n >= 0 {
		return time.Duration(min(n, maxRetryAfter.Seconds()) * float64(time.Second)), true
	}
	if at, err := http.ParseTime(s); err == nil {
		return min(max(time.Until(at), 0), maxRetryAfter), true
	}
	return 0, false
}

// backoff is the wait before attempt n+1: a second, doubling to a minute, of which the latter half is left to chance.
func backoff(n int) time.Duration {
	d := min(time.Second<<min(n-1, 6), time.Minute)
	return d/2 + rand.N(d/2+1)
}
