package omnidesk

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestShiftingPages changes the helpdesk after every page of the list: whatever was there all along is found.
func TestShiftingPages(t *testing.T) {
	tests := []struct {
		name   string
		change func(f *fake, n int, r *rand.Rand)
	}{
		{"new ones come first", func(f *fake, n int, _ *rand.Rand) {
			for i := range 5 {
				f.tickets = slices.Insert(f.tickets, 0, newTicket(10_000+10*n+i))
			}
		}},
		{"some go", func(f *fake, n int, r *rand.Rand) {
			for range 5 {
				if i := r.IntN(len(f.tickets)); f.tickets[i].id.(int) > 1000 {
					f.tickets = slices.Delete(f.tickets, i, i+1)
				}
			}
		}},
		{"many of the first go", func(f *fake, n int, _ *rand.Rand) {
			if n == 3 {
				f.tickets = slices.DeleteFunc(f.tickets, func(t *fakeTicket) bool { return t.id.(int) > 1000 })
			}
		}},
		{"changed ones come first", func(f *fake, n int, r *rand.Rand) {
			for range 3 {
				i := r.IntN(len(f.tickets))
				t := f.tickets[i]
				f.tickets = slices.Insert(slices.Delete(f.tickets, i, i+1), 0, t)
			}
		}},
		{"a seam's worth comes first at once", func(f *fake, n int, _ *rand.Rand) {
			if n == 2 {
				moved := slices.Clone(f.tickets[60:100])
				f.tickets = slices.Concat(moved, f.tickets[:60], f.tickets[100:])
			}
		}},
	}
	for _, tt := range tests {
		for _, paging := range []string{PagingOffset, PagingPage} {
			t.Run(tt.name+"/"+paging, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := rand.New(rand.NewPCG(1, 2))
					f := seed(300)
					f.byPage = paging == PagingPage
					for i := range 200 { // those that may go
						f.tickets = slices.Insert(f.tickets, r.IntN(len(f.tickets)), newTicket(1001+i))
					}
					if tt.name == "many of the first go" {
						slices.SortStableFunc(f.tickets, func(a, b *fakeTicket) int { return b.id.(int)/1000 - a.id.(int)/1000 })
					}
					pages := 0
					f.after = func(r2 *http.Request) {
						if r2.URL.Path == "/api/v2/ticket" && pages < 25 {
							pages++
							tt.change(f, pages, r)
						}
					}
					o := fast("http://127.0.0.1/api/v2", t.TempDir())
					o.Settings.Paging, o.Transport = paging, inMemory(t, f)
					p := mustPull(t, o)
					ids := stored(t, o.Dir)
					steady := 0
					for _, id := range ids {
						if len(id) < 4 {
							steady++
						}
					}
					if steady != 300 || len(slices.Compact(ids)) != p.Tickets {
						t.Errorf("%d of 300 tickets that were there all along are stored: %+v", steady, p)
					}
				})
			})
		}
	}
}

func TestPaging(t *testing.T) {
	tests := []struct {
		name   string
		make   func(f *fake)
		set    func(s *Settings)
		wrong  string // in the error
		listed int
	}{
		{"rows", nil, nil, "", 130},
		{"pages", func(f *fake) { f.byPage = true }, func(s *Settings) { s.Paging = PagingPage }, "", 130},
		{"pages, taken for rows", func(f *fake) { f.byPage = true }, nil, "set source.api: { paging: page }", 0},
		{"pages, taken for rows, no total", func(f *fake) { f.byPage, f.noTotal = true, true }, nil, "set source.api: { paging: page }", 0},
		{"rows, taken for pages", nil, func(s *Settings) { s.Paging = PagingPage }, "set source.api: { paging: offset }", 0},
		{"no total", func(f *fake) { f.noTotal = true }, nil, "", 130},
		{"fewer than asked for", func(f *fake) { f.maxLimit = 15 }, nil, "", 130},
		{"one by one", nil, func(s *Settings) { s.Page = 1 }, "", 130},
		{"exactly full", nil, func(s *Settings) { s.Page = 65 }, "", 130},
		{"all at once", nil, func(s *Settings) { s.Page = 9999 }, "", 130},
		{"more promised", func(f *fake) { f.extra = 20 }, nil, "", 130},
		{"fewer promised", func(f *fake) { f.extra = -100 }, nil, "", 130},
		{"always the first page", func(f *fake) {
			f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/api/v2/ticket" {
					r.URL.RawQuery = "itemStart=0&itemLimit=50"
				}
				return false
			}
		}, nil, "set source.api: { paging: page }", 0},
		{"none", func(f *fake) { f.tickets = nil }, nil, "", 0},
		{"items null", func(f *fake) {
			f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/api/v2/ticket" {
					return false
				}
				send(w, map[string]any{"type": "list", "itemTotal": "0", "items": nil})
				return true
			}
		}, nil, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := seed(130)
				if tt.make != nil {
					tt.make(f)
				}
				o := fast("http://127.0.0.1/api/v2", t.TempDir())
				o.Settings.NoPeople, o.Transport = true, inMemory(t, f)
				if tt.set != nil {
					tt.set(&o.Settings)
				}
				p, err := Pull(t.Context(), o)
				if tt.wrong != "" {
					if err == nil || !strings.Contains(err.Error(), tt.wrong) {
						t.Fatalf("error %v, want one with %q", err, tt.wrong)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if p.Listed != tt.listed || p.Missing != max(0, f.extra) {
					t.Errorf("listed %d, missing %d; want %d, %d", p.Listed, p.Missing, tt.listed, max(0, f.extra))
				}
			})
		})
	}
}

// TestDroppedConnectionsWhileListing strikes every fifth request.
func TestDroppedConnectionsWhileListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := seed(400)
		f.latency = 100 * time.Millisecond
		f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
			if len(f.log)%5 == 0 {
				panic(http.ErrAbortHandler)
			}
			return false
		}
		o := fast("http://127.0.0.1/api/v2", t.TempDir())
		o.Transport, o.Patience = inMemory(t, f), time.Hour
		if p := mustPull(t, o); p.Fetched != 400 || !p.Complete {
			t.Errorf("%+v", p)
		}
	})
}
