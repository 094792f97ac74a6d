package throttle

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// limitHeader carries "used/limit" on every answer (api/gorgias section 1, fact 6).
const limitHeader = "X-Gorgias-Account-Api-Call-Limit"

const (
	missingRetryAfter = 20 * time.Second
	maxRetryAfter     = 5 * time.Minute
)

// Transport tells the pacer of each request and of what its answer's headers say. It waits for nothing: whoever makes a
// request takes a slot first with [Pacer.Wait]. After a 429 it holds the pacer for as long as the answer asks.
type Transport struct {
	Next  http.RoundTripper // nil: http.DefaultTransport
	Pacer *Pacer
}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	next := t.Next
	if next == nil {
		next = http.DefaultTransport
	}
	t.Pacer.begin()
	resp, err := next.RoundTrip(req)
	if err != nil {
		t.Pacer.end(0, 0, false)
		return nil, err
	}
	used, limit := parseLimit(resp.Header.Get(limitHeader))
	throttled := resp.StatusCode == http.StatusTooManyRequests
	t.Pacer.end(used, limit, throttled)
	if throttled {
		t.Pacer.Hold(RetryAfter(resp.Header))
	}
	return resp, nil
}

// parseLimit reads "5/80"; anything else, or numbers no bucket has, is 0, 0.
func parseLimit(s string) (used, limit int) {
	a, b, ok := strings.Cut(s, "/")
	if !ok {
		return 0, 0
	}
	used, err := strconv.Atoi(strings.TrimSpace(a))
	if err != nil || used < 0 || used > 1e6 {
		return 0, 0
	}
	limit, err = strconv.Atoi(strings.TrimSpace(b))
	if err != nil || limit < 1 || limit > 1e6 {
		return 0, 0
	}
	return used, limit
}

// RetryAfter says how long a 429 asks to wait: whole seconds or a date; 20 s where it does not say, at most 5 minutes.
func RetryAfter(h http.Header) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseFloat(s, 64); err == nil && n >= 0 {
		return time.Duration(min(n, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(s); err == nil {
		return min(max(time.Until(at), 0), maxRetryAfter)
	}
	return missingRetryAfter
}
