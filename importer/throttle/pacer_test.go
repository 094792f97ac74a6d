package throttle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// bucket is the account's leaky bucket as the target keeps it: every request counts, a refused one does not.
type bucket struct {
	limit, window float64
	latency       time.Duration
	noRetryAfter  bool

	mu       sync.Mutex
	level    float64
	at       time.Time
	accepted map[string]int
	refused  map[string]int
}

func (b *bucket) add(who string) (used int, ok bool, wait float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if !b.at.IsZero() {
		b.level = math.Max(0, b.level-now.Sub(b.at).Seconds()*b.limit/b.window)
	}
	b.at = now
	if b.accepted == nil {
		b.accepted, b.refused = map[string]int{}, map[string]int{}
	}
	if b.level+1 > b.limit {
		b.refused[who]++
		return int(math.Ceil(b.level)), false, math.Ceil((b.level + 1 - b.limit) * b.window / b.limit)
	}
	b.level++
	b.accepted[who]++
	return int(math.Ceil(b.level)), true, 0
}

// RoundTrip serves the bucket as a target half a latency away.
func (b *bucket) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(b.latency / 2)
	used, ok, wait := b.add(req.Header.Get("Who"))
	time.Sleep(b.latency / 2)
	rec := httptest.NewRecorder()
	rec.Header().Set("x-gorgias-account-api-call-limit", fmt.Sprintf("%d/%d", used, int(b.limit)))
	if !ok {
		if !b.noRetryAfter {
			rec.Header().Set("Retry-after", fmt.Sprint(int(wait)))
		}
		rec.WriteHeader(http.StatusTooManyRequests)
	}
	return rec.Result(), nil
}

// work sends with n workers through p until the context ends.
func work(ctx context.Context, wg *sync.WaitGroup, p *Pacer, b *bucket, who string, n int) {
	t := &Transport{Next: b, Pacer: p}
	for range n {
		wg.Go(func() {
			for p.Wait(ctx) == nil {
				req, _ := http.NewRequest("GET", "http://x/", nil)
				req.Header.Set("Who", who)
				resp, err := t.RoundTrip(req)
				if err == nil {
					resp.Body.Close()
				}
			}
		})
	}
}

// others is what other apps on the account ask, at random times and without control.
func others(ctx context.Context, wg *sync.WaitGroup, b *bucket, perSecond float64) {
	wg.Go(func() {
		r := rand.New(rand.NewPCG(1, 2))
		for {
			select {
			case <-time.After(time.Duration(r.ExpFloat64() / perSecond * float64(time.Second))):
				b.add("others")
			case <-ctx.Done():
				return
			}
		}
	})
}

func TestPacerUsesTheQuotaAndNoMore(t *testing.T) {
	tests := []struct {
		name    string
		limit   float64
		window  float64
		others  float64 // requests a second
		pacers  int     // processes on the account
		setting time.Duration
		floor   float64 // of the quota left by the others
	}{
		{name: "alone", limit: 40, window: 20, pacers: 1, floor: 0.98},
		{name: "with other apps", limit: 40, window: 20, others: 0.6, pacers: 1, floor: 0.98},
		{name: "oauth", limit: 80, window: 20, others: 1.2, pacers: 1, floor: 0.98},
		{name: "enterprise, told", limit: 40, window: 10, pacers: 1, setting: 10 * time.Second, floor: 0.98},
		{name: "enterprise, observed", limit: 40, window: 10, pacers: 1, floor: 0.98},
		{name: "two processes", limit: 40, window: 20, pacers: 2, floor: 0.98},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const run = time.Hour
				b := &bucket{limit: tt.limit, window: tt.window, latency: 350 * time.Millisecond}
				ctx, cancel := context.WithTimeout(t.Context(), run)
				defer cancel()
				var wg sync.WaitGroup
				if tt.others > 0 {
					others(ctx, &wg, b, tt.others)
				}
				pacers := make([]*Pacer, tt.pacers)
				for i := range pacers {
					pacers[i] = &Pacer{Window: tt.setting}
					work(ctx, &wg, pacers[i], b, "own", 8)
				}
				wg.Wait()
				quota := tt.limit / tt.window * run.Seconds()
				left := quota - float64(b.accepted["others"])
				use := float64(b.accepted["own"]) / left
				own := float64(b.refused["own"]) / float64(b.accepted["own"]+b.refused["own"])
				theirs := float64(b.refused["others"]) / math.Max(1, float64(b.accepted["others"]+b.refused["others"]))
				t.Logf("%.2f %% of the quota left, %.3f %% own 429, %.3f %% of others' 429", use*100, own*100, theirs*100)
				if use < tt.floor {
					t.Errorf("used %.2f %% of the quota left, want at least %.0f %%", use*100, tt.floor*100)
				}
				if own > 0.001 {
					t.Errorf("%.3f %% of own requests were refused, want at most 0.1 %%", own*100)
				}
				if theirs > 0.005 {
					t.Errorf("%.3f %% of the others' requests were refused, want at most 0.5 %%", theirs*100)
				}
				for _, p := range pacers {
					if got := p.Status(); got.Window.Seconds() != tt.window {
						t.Errorf("window %v, want %v s", got.Window, tt.window)
					}
				}
			})
		})
	}
}

func TestAllWaitAfter429(t *testing.T) {
	tests := []struct {
		name   string
		header string
		want   time.Duration
	}{
		{"as told", "7", 7 * time.Second},
		{"not told", "", 20 * time.Second},
		{"nonsense", "soon", 20 * time.Second},
		{"negative", "-3", 20 * time.Second},
		{"capped", "86400", 5 * time.Minute},
		{"huge", "1e300", 5 * time.Minute},
		{"not a number", "NaN", 20 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var sent []time.Time
				first := true
				server := roundTripper(func(*http.Request) (*http.Response, error) {
					mu.Lock()
					defer mu.Unlock()
					rec := httptest.NewRecorder()
					if first {
						first = false
						if tt.header != "" {
							rec.Header().Set("Retry-after", tt.header)
						}
						rec.WriteHeader(http.StatusTooManyRequests)
						return rec.Result(), nil
					}
					sent = append(sent, time.Now())
					return rec.Result(), nil
				})
				p := &Pacer{}
				tr := &Transport{Next: server, Pacer: p}
				start := time.Now()
				ask := func() {
					if err := p.Wait(t.Context()); err != nil {
						t.Error(err)
					}
					req, _ := http.NewRequest("GET", "http://x/", nil)
					if _, err := tr.RoundTrip(req); err != nil {
						t.Error(err)
					}
				}
				ask()
				var wg sync.WaitGroup
				for range 8 {
					wg.Go(ask)
				}
				wg.Wait()
				for _, at := range sent {
					if d := at.Sub(start); d < tt.want || d > tt.want+2*time.Second {
						t.Errorf("sent after %v, want %v and at most 2 s of jitter", d, tt.want)
					}
				}
				if got := p.Status().Throttled; got != 1 {
					t.Errorf("throttled %d, want 1", got)
				}
			})
		})
	}
}

func TestZeroPacerGrantsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pacer{}
		start := time.Now()
		for range 1000 {
			if err := p.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("waited %v before any limit was known", d)
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pacer{}
		p.Hold(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		var wg sync.WaitGroup
		for range 3 { // one at the head, two behind it
			wg.Go(func() {
				if err := p.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want the context's error", err)
				}
			})
		}
		wg.Wait()
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("ended after %v, want 3 s", d)
		}
	})
}

// A slot that was taken and not used, because the run was interrupted between Wait and the request, must not
// lower the throughput for ever.
func TestUnusedSlotsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pacer{}
		p.begin()
		p.end(0, 40, false)
		for range 20 {
			if err := p.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		p.begin()
		p.end(1, 40, false)
		if got := p.Status().Used; got > 1 {
			t.Errorf("level %v after the slots expired, want 1", got)
		}
	})
}

func TestRequestWithoutSlotIsCharged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pacer{}
		p.begin()
		p.begin()
		p.end(1, 40, false)
		if got := p.Status().Used; got != 2 {
			t.Errorf("level %v, want 2: one used, one in flight", got)
		}
	})
}

func TestLimitHeader(t *testing.T) {
	tests := []struct {
		header      string
		used, limit int
	}{
		{"5/80", 5, 80}, {" 5 / 80 ", 5, 80}, {"80/80", 80, 80}, {"", 0, 0}, {"5", 0, 0}, {"5/0", 0, 0}, {"-1/40", 0, 0},
		{"a/b", 0, 0}, {"5/99999999999999999999", 0, 0}, {"1/2/3", 0, 0},
	}
	for _, tt := range tests {
		if used, limit := parseLimit(tt.header); limit != tt.limit || limit > 0 && used != tt.used {
			t.Errorf("%q: got %d/%d, want %d/%d", tt.header, used, limit, tt.used, tt.limit)
		}
	}
}

func TestRetryAfterDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := http.Header{"Retry-After": {time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat)}}
		if got := RetryAfter(h); got < 29*time.Second || got > 30*time.Second {
			t.Errorf("got %v, want about 30 s", got)
		}
	})
}

// The transport works over real HTTP, whatever the case of the header's name.
func TestTransportOverHTTP(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["x-GORGIAS-account-api-call-limit"] = []string{"7/80"}
		io.WriteString(w, "{}")
	}))
	defer srv.Close()
	p := &Pacer{}
	client := http.Client{Transport: &Transport{Pacer: p}}
	resp, err := client.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	got := p.Status()
	if got.Limit != 80 || got.Used > 7 || got.Used < 6 {
		t.Errorf("got %+v, want 7 of 80", got)
	}
	if _, err := client.Get("http://127.0.0.1:1/"); err == nil || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("got %v, want the dial error", err)
	}
	if p.flying != 0 {
		t.Errorf("%d in flight after a failed request", p.flying)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
