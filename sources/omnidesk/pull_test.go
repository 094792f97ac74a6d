package omnidesk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPullAndPullAgain(t *testing.T) {
	f := seed(120)
	base, dir := serve(t, f), filepath.Join(t.TempDir(), "snap")
	p := mustPull(t, fast(base, dir))
	if p.Listed != 120 || p.Fetched != 120 || p.Unchanged != 0 || p.Tickets != 120 || !p.Complete || p.Users != 3 || p.Customers != 3 || p.Missing != 0 {
		t.Errorf("first pull: %+v", p)
	}
	if got := len(slices.Compact(stored(t, dir))); got != 120 {
		t.Errorf("%d tickets stored, want 120", got)
	}
	if len(p.Files) != 3 || p.Types["note"] != 120 || !maps.Equal(p.Unknown(), map[string]int64{"message": 120}) {
		t.Errorf("files %v, types %v, unknown %v", p.Files, p.Types, p.Unknown())
	}
	before, err := os.ReadFile(filepath.Join(dir, ticketsName))
	if err != nil {
		t.Fatal(err)
	}
	f.forget()
	p = mustPull(t, fast(base, dir))
	if n := f.asked("/ticket/"); n != 0 || p.Fetched != 0 || p.Unchanged != 120 || p.Tickets != 120 {
		t.Errorf("second pull read %d tickets: %+v", n, p)
	}
	if after, _ := os.ReadFile(filepath.Join(dir, ticketsName)); !bytes.Equal(before, after) {
		t.Error("a pull with nothing new changed the tickets")
	}
	f.tickets[3].updated = "2022-01-01 00:00:00"
	f.tickets = slices.Delete(f.tickets, 10, 12)
	f.tickets = append(f.tickets, newTicket(500))
	p = mustPull(t, fast(base, dir))
	if p.Fetched != 2 || p.Gone != 2 || p.Tickets != 121 {
		t.Errorf("third pull: %+v", p)
	}
	ids := stored(t, dir)
	if len(ids) != 121 || len(slices.Compact(ids)) != 121 {
		t.Errorf("%d lines, want one for each of 121 tickets", len(ids))
	}
	if f.badKey > 0 || f.asked("/notification") > 0 {
		t.Errorf("%d requests were not GETs with the key in the header alone", f.badKey)
	}
	for name, want := range map[string]fs.FileMode{".": 0o700, ticketsName: 0o600, usersName: 0o600, customersName: 0o600, stateName: 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want mode %o", name, info.Mode(), err, want)
		}
	}
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if b, _ := os.ReadFile(name); bytes.Contains(b, []byte(testKey)) {
			t.Errorf("%s holds the key", name)
		}
		return nil
	})
}

// TestForget takes out of a snapshot what is no longer listed, but not when that is too much to be true.
func TestForget(t *testing.T) {
	f := seed(40)
	base := serve(t, f)
	dir := filepath.Join(t.TempDir(), "snap")
	mustPull(t, fast(base, dir))
	all := slices.Clone(f.tickets)
	o := fast(base, dir)
	o.Forget, o.MostGone = true, 10
	f.tickets = slices.Clone(all[:20])
	var gone *GoneError
	if _, err := Pull(t.Context(), o); !errors.As(err, &gone) || gone.Gone != 20 || gone.Known != 40 {
		t.Fatalf("half of the tickets are gone: %v", err)
	}
	if ids := stored(t, dir); len(ids) != 40 {
		t.Fatalf("%d tickets are left by a pull that was refused", len(ids))
	}
	f.tickets = slices.Clone(all[:37])
	if p := mustPull(t, o); p.Gone != 3 || !p.Forgotten || p.Tickets != 37 || p.Fetched != 0 {
		t.Errorf("three are gone: %+v", p)
	}
	if ids := stored(t, dir); len(ids) != 37 {
		t.Errorf("%d tickets are left", len(ids))
	}
	if b, err := os.ReadFile(filepath.Join(dir, goneName)); err != nil || bytes.Count(b, []byte("\n")) != 3 {
		t.Errorf("the hidden file holds %d tickets, %v", bytes.Count(b, []byte("\n")), err)
	}
	f.tickets = all // they come back
	if p := mustPull(t, o); p.Gone != 0 || p.Tickets != 40 || p.Fetched != 3 {
		t.Errorf("all are back: %+v", p)
	}
}

func TestTicketIsKeptAsItCame(t *testing.T) {
	f := seed(1)
	f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/ticket/1") {
			return false
		}
		fmt.Fprint(w, "{\"type\":\"item\",\n \"item\": {\"id\" : \"1\", \"n\": 1.50, \"big\": 12345678901234567890123, \"s\": \"\\u00e9\\/ \u2028\", \"s\": 2,\n"+
			"\"last_update\":\"2021-03-04 05:06:07\", \"timeline\": [ {\"id\":\"a\" , \"type\":\"chat\"}, null, 7, {} ], \"x\":{ } }}")
		return true
	}
	dir := t.TempDir()
	p := mustPull(t, fast(serve(t, f), dir))
	want := `{"id":"1","n":1.50,"big":12345678901234567890123,"s":"\u00e9\/ ` + "\u2028" + `","s":2,"last_update":"2021-03-04 05:06:07",` +
		`"timeline":[{"id":"a","type":"chat"},null,7,{}],"x":{}}`
	if got := storedLines(t, dir); len(got) != 1 || got[0] != want {
		t.Errorf("stored %q\nwant   %q", got, want)
	}
	if want := map[string]int64{"chat": 1, "": 3}; !maps.Equal(p.Types, want) {
		t.Errorf("types %v, want %v", p.Types, want)
	}
	p = mustPull(t, fast(serve(t, f), filepath.Join(t.TempDir(), "x")))
	if p.Fetched != 1 {
		t.Errorf("fetched %d", p.Fetched)
	}
}

func TestResumeReadsNothingTwice(t *testing.T) {
	f := seed(60)
	base, dir := serve(t, f), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	o := fast(base, dir)
	o.Progress = func(p Progress) {
		if p.Phase == PhaseReading && p.Done == 25 {
			cancel()
		}
	}
	p, err := Pull(ctx, o)
	if !errors.Is(err, context.Canceled) || p == nil || len(p.Files) != 0 {
		t.Fatalf("got %+v, %v; want a cancelled pull without files", p, err)
	}
	have := len(stored(t, dir))
	if have < 25 || have >= 60 {
		t.Fatalf("%d tickets stored when stopped at 25", have)
	}
	file, err := os.OpenFile(filepath.Join(dir, ticketsName), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(file, `{"id":999,"title":"torn`)
	file.Close()
	f.forget()
	o.Progress = nil
	p = mustPull(t, o)
	if n := f.asked("/ticket/"); n != 60-have || int(p.Fetched) != 60-have || int(p.Unchanged) != have || p.Damaged != 0 {
		t.Errorf("resuming read %d tickets, want %d: %+v", n, 60-have, p)
	}
	if ids := stored(t, dir); len(ids) != 60 || len(slices.Compact(ids)) != 60 {
		t.Errorf("%d lines stored, want 60 different", len(ids))
	}
}

func TestDamagedLinesAreReadAgain(t *testing.T) {
	f := seed(5)
	base, dir := serve(t, f), t.TempDir()
	mustPull(t, fast(base, dir))
	name := filepath.Join(dir, ticketsName)
	b, _ := os.ReadFile(name)
	lines := bytes.SplitAfter(b, []byte("\n"))
	clear(lines[2][:len(lines[2])-1]) // as a disk that lost its power leaves it
	if err := os.WriteFile(name, bytes.Join(lines, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	p := mustPull(t, fast(base, dir))
	if p.Damaged != 1 || p.Fetched != 1 || p.Unchanged != 4 {
		t.Errorf("%+v", p)
	}
	if ids := stored(t, dir); len(ids) != 5 {
		t.Errorf("stored %v", ids)
	}
}

func TestOddTickets(t *testing.T) {
	tests := []struct {
		name  string
		make  func(f *fake)
		check func(p *Pulled) bool
		again int // tickets read by a second pull
	}{
		{"ids as text", func(f *fake) { f.tickets[0].id = "T-1"; f.tickets[1].id = "2" },
			func(p *Pulled) bool { return p.Fetched == 3 && p.Complete }, 0},
		{"ids that do not fit into a path", func(f *fake) { f.tickets[0].id = "../notification"; f.tickets[1].id = nil },
			func(p *Pulled) bool { return p.Fetched == 1 && p.Nameless == 2 && !p.Complete }, 0},
		{"no last_update", func(f *fake) { f.tickets[0].updated = nil },
			func(p *Pulled) bool { return p.Fetched == 3 && p.Unversed == 1 }, 0},
		{"gone between list and read", func(f *fake) {
			f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/ticket/2") {
					http.Error(w, `{"status":"error","message":"nope"}`, 404)
					return true
				}
				return false
			}
		}, func(p *Pulled) bool { return p.Fetched == 2 && p.Vanished == 1 && p.Complete }, 1},
		{"refused", func(f *fake) {
			f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/ticket/2") {
					http.Error(w, `{"status":"error","message":"broken `+testKey+`"}`, 400)
					return true
				}
				return false
			}
		}, func(p *Pulled) bool {
			return p.Fetched == 2 && p.Refusals == 1 && !p.Complete && p.Refused[0] == Refusal{"2", "the API answers 400: broken ***"}
		}, 1},
		{"another ticket's answer", func(f *fake) {
			f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/ticket/2") {
					send(w, map[string]any{"type": "item", "item": map[string]any{"id": 3}})
					return true
				}
				return false
			}
		}, func(p *Pulled) bool {
			return p.Refusals == 1 && strings.Contains(p.Refused[0].Reason, `not of this ticket: its id is "3"`)
		}, 1},
		{"not UTF-8", func(f *fake) {
			f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/ticket/2") {
					fmt.Fprint(w, "{\"type\":\"item\",\"item\":{\"id\":2,\"last_update\":\"2021-03-04 05:06:07\",\"title\":\"caf\xe9\",\"timeline\":[]}}")
					return true
				}
				return false
			}
		}, func(p *Pulled) bool { return p.Fetched == 3 && p.Mended == 1 }, 0},
		{"no timeline", func(f *fake) {
			f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/ticket/2") {
					fmt.Fprint(w, `{"type":"item","item":{"id":2,"last_update":"2021-03-04 05:06:07","timeline":null}}`)
					return true
				}
				return false
			}
		}, func(p *Pulled) bool { return p.Fetched == 3 && p.NoTimeline == 1 }, 0},
		{"changed in the second in which it was read", func(f *fake) { f.date, f.tickets[0].updated = "Thu, 04 Mar 2021 04:06:08 GMT", "2021-03-04 05:06:07" },
			func(p *Pulled) bool { return p.Fetched == 3 }, 3},
		{"huge", func(f *fake) {
			for i := range 20_000 {
				f.tickets[0].timeline = append(f.tickets[0].timeline, map[string]any{"type": "call", "id": i, "content": strings.Repeat("long ", 100)})
			}
		}, func(p *Pulled) bool { return p.Fetched == 3 && p.Types["call"] == 20_000 }, 0},
		{"archived too", func(f *fake) { f.tickets[0].archived = true }, func(p *Pulled) bool { return p.Fetched == 3 && p.Listed == 3 }, 0},
		{"itemTotal promises more", func(f *fake) { f.extra = 4 }, func(p *Pulled) bool { return p.Fetched == 3 && p.Missing == 8 && p.PeopleMissing == 8 && !p.Complete }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := seed(3)
			tt.make(f)
			base, dir := serve(t, f), t.TempDir()
			o := fast(base, dir)
			o.Settings.Archived = "yes"
			if p := mustPull(t, o); !tt.check(p) {
				t.Errorf("%+v", p)
			}
			if b, _ := os.ReadFile(filepath.Join(dir, ticketsName)); bytes.Contains(b, []byte("row:")) != (tt.name == "no last_update") {
				t.Errorf("stored %s", b)
			}
			f.forget()
			mustPull(t, o)
			if n := f.asked("/ticket/"); n != tt.again {
				t.Errorf("the second pull read %d tickets, want %d", n, tt.again)
			}
			if n := f.asked("/notification"); n != 0 {
				t.Error("notifications were marked as read")
			}
		})
	}
}

func TestFaultsAreWaitedOut(t *testing.T) {
	type fault = func(w http.ResponseWriter, r *http.Request)
	status := func(code int, header ...string) fault {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}
	tests := []struct {
		name  string
		fault fault
		least time.Duration // that the pull takes at least
		most  time.Duration
	}{
		{"429 with seconds", status(429, "Retry-After", "40"), 40 * time.Second, 50 * time.Second},
		{"429 with a date", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", time.Now().Add(70*time.Second).UTC().Format(http.TimeFormat))
			w.WriteHeader(429)
		}, 69 * time.Second, 80 * time.Second},
		{"429 that does not say", status(429), 20 * time.Second, 30 * time.Second},
		{"500", status(500), 500 * time.Millisecond, 15 * time.Second},
		{"503 with Retry-After", status(503, "Retry-After", "30"), 30 * time.Second, 40 * time.Second},
		// net/http repeats a GET by itself when a connection it used before is dead
		{"dropped", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, 15 * time.Second},
		{"broken off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"type":`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, 0, 15 * time.Second},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"type":"item","item":{"id":1,`) }, 0, 15 * time.Second},
		{"empty", func(http.ResponseWriter, *http.Request) {}, 0, 15 * time.Second},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 2 * time.Minute, 12 * time.Minute},
	}
	for _, tt := range tests {
		for _, where := range []string{"/api/v2/ticket", "/api/v2/ticket/7", "/api/v2/customer"} {
			t.Run(tt.name+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := seed(20)
					struck := false
					f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
						if struck || r.URL.Path != where {
							return false
						}
						struck = true
						if tt.name == "hangs" {
							f.mu.Unlock()
							defer f.mu.Lock()
						}
						tt.fault(w, r)
						return true
					}
					start := time.Now()
					o := fast("http://127.0.0.1/api/v2", t.TempDir())
					o.Transport, o.Patience = inMemory(t, f), time.Hour
					p := mustPull(t, o)
					if took := time.Since(start); took < tt.least || took > tt.most {
						t.Errorf("took %v, want %v to %v", took, tt.least, tt.most)
					}
					if p.Fetched != 20 || p.Retries != 1 && tt.name != "dropped" || !p.Complete {
						t.Errorf("%+v", p)
					}
				})
			})
		}
	}
}

// TestAllWaitAfter429 holds that nobody asks while the API wants nobody to.
func TestAllWaitAfter429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := seed(40)
		var until time.Time
		early := 0
		f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
			if time.Now().Before(until) {
				early++
			}
			if r.URL.Path == "/api/v2/ticket/9" && until.IsZero() {
				until = time.Now().Add(time.Minute)
				w.Header().Set("Retry-After", "60")
				w.WriteHeader(429)
				return true
			}
			return false
		}
		o := fast("http://127.0.0.1/api/v2", t.TempDir())
		o.Transport, o.Patience = inMemory(t, f), time.Hour
		if p := mustPull(t, o); p.Limited != 1 || early > 0 {
			t.Errorf("%d requests came too early, %d answers 429", early, p.Limited)
		}
	})
}

func TestOneBadTicketStopsNothing(t *testing.T) {
	for _, bad := range []string{"/ticket/3", "/ticket/20"} {
		synctest.Test(t, func(t *testing.T) {
			f := seed(20)
			f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, bad) {
					w.WriteHeader(500)
					return true
				}
				return false
			}
			o := fast("http://127.0.0.1/api/v2", t.TempDir())
			o.Transport, o.Patience = inMemory(t, f), time.Hour
			start := time.Now()
			p := mustPull(t, o)
			if p.Fetched != 19 || p.Refusals != 1 || time.Since(start) > 5*time.Minute {
				t.Errorf("%+v after %v", p, time.Since(start))
			}
			f.tickets = f.tickets[:0]
			f.tickets = append(f.tickets, seed(20).tickets...)
			p = mustPull(t, o) // the bad one is all there is to read, and nobody else shows that the API is alive
			if p.Fetched != 0 || p.Refusals != 1 || p.Unchanged != 19 {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestPatienceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := seed(20)
		f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
			if len(f.log) > 12 {
				w.WriteHeader(502)
				return true
			}
			return false
		}
		o := fast("http://127.0.0.1/api/v2", t.TempDir())
		o.Transport, o.Patience = inMemory(t, f), 10*time.Minute
		start := time.Now()
		_, err := Pull(t.Context(), o)
		if took := time.Since(start); err == nil || took < 9*time.Minute || took > 12*time.Minute || !strings.Contains(err.Error(), "gave up after 10m0s") {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// TestThePaceIsUsed holds that nearly all of the pace is used while there is work, and never more.
func TestThePaceIsUsed(t *testing.T) {
	for _, latency := range []time.Duration{50 * time.Millisecond, 350 * time.Millisecond, 1500 * time.Millisecond} {
		t.Run(latency.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := seed(2000)
				f.people = 400
				var at []time.Time
				f.mangle = func(http.ResponseWriter, *http.Request) bool { at = append(at, time.Now()); return false }
				slow := inMemory(t, f)
				o := fast("http://127.0.0.1/api/v2", t.TempDir())
				o.Settings.Pace = 2
				o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
					time.Sleep(latency)
					return slow.RoundTrip(r)
				})
				start := time.Now()
				p := mustPull(t, o)
				used := float64(p.Requests) / 2 / time.Since(start).Seconds()
				t.Logf("%d requests in %v: %.1f %% of the pace", p.Requests, time.Since(start), used*100)
				if used < 0.95 {
					t.Errorf("%.1f %% of the pace was used, want at least 95 %%", used*100)
				}
				for i := range at {
					if i+20 < len(at) && at[i+20].Sub(at[i]) < 9900*time.Millisecond {
						t.Fatalf("21 requests within %v at a pace of 2 a second", at[i+20].Sub(at[i]))
					}
				}
			})
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
