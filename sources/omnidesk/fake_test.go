package omnidesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const testKey = "k-secret-123"

// fakeTicket is one of the fake API.
type fakeTicket struct {
	id       any // number or text
	updated  any // text or nil
	timeline []map[string]any
	archived bool
}

// fake is an API as the documentation has it, and as it goes wrong.
type fake struct {
	mu       sync.Mutex
	tickets  []*fakeTicket
	people   int           // users, and as many customers
	latency  time.Duration // of an answer
	maxLimit int           // rows of a page, whatever is asked; 0: as asked
	extra    int           // itemTotal says so many more than there are
	noTotal  bool
	byPage   bool
	date     string                                            // Date header; "": the clock's
	mangle   func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
	after    func(r *http.Request)                             // after an answer, as changes in the helpdesk
	log      []string                                          // requests: path and query
	badKey   int
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.latency > 0 {
		time.Sleep(f.latency)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, r.URL.RequestURI())
	if r.Method != "GET" || r.Header.Get("apiKey") != testKey || strings.Contains(r.URL.RequestURI(), testKey) {
		f.badKey++
	}
	if f.date != "" {
		w.Header().Set("Date", f.date)
	}
	if f.mangle != nil && f.mangle(w, r) {
		return
	}
	place := strings.TrimPrefix(r.URL.Path, "/api/v2")
	switch {
	case place == "/ticket":
		var rows []any
		for _, t := range f.tickets {
			if t.archived == (r.URL.Query().Get("searchArchived") != "") {
				rows = append(rows, t.row())
			}
		}
		f.list(w, r, rows, 9999)
	case place == "/user" || place == "/customer":
		var rows []any
		for i := range f.people {
			rows = append(rows, map[string]any{"id": i + 1, "email": fmt.Sprintf("%s%d@example.com", place[1:], i+1)})
		}
		f.list(w, r, rows, map[string]int{"/user": 999, "/customer": 99}[place])
	case strings.HasPrefix(place, "/ticket/"):
		f.ticket(w, strings.TrimPrefix(place, "/ticket/"))
	default:
		w.WriteHeader(404)
		fmt.Fprint(w, `{"status":"error","message":"no such mail"}`)
	}
	if f.after != nil {
		f.after(r)
	}
}

func (t *fakeTicket) row() map[string]any {
	return map[string]any{"id": t.id, "title": "a ticket", "last_update": t.updated}
}

func (f *fake) list(w http.ResponseWriter, r *http.Request, rows []any, most int) {
	q := r.URL.Query()
	start, _ := strconv.Atoi(q.Get("itemStart"))
	limit, _ := strconv.Atoi(q.Get("itemLimit"))
	if limit < 1 || limit > most {
		w.WriteHeader(400)
		fmt.Fprintf(w, `{"status":"error","message":"itemLimit must be at most %d"}`, most)
		return
	}
	if f.maxLimit > 0 {
		limit = min(limit, f.maxLimit)
	}
	from := start
	if f.byPage {
		from = start * limit
	}
	from = min(from, len(rows))
	answer := map[string]any{"type": "list", "itemStart": start, "itemLimit": limit, "items": rows[from:min(from+limit, len(rows))]}
	if !f.noTotal {
		answer["itemTotal"] = len(rows) + f.extra
	}
	send(w, answer)
}

func (f *fake) ticket(w http.ResponseWriter, id string) {
	for _, t := range f.tickets {
		if fmt.Sprint(t.id) == id {
			item := t.row()
			item["timeline"] = t.timeline
			send(w, map[string]any{"type": "item", "item": item})
			return
		}
	}
	w.WriteHeader(404)
	fmt.Fprint(w, `{"status":"error","message":"ticket not found"}`)
}

func send(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// asked counts the requests whose path and query begin so.
func (f *fake) asked(prefix string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, r := range f.log {
		if strings.HasPrefix(r, "/api/v2"+prefix) {
			n++
		}
	}
	return n
}

func (f *fake) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = nil
}

// seed makes n tickets with a note and a mail each.
func seed(n int) *fake {
	f := &fake{people: 3}
	for i := 1; i <= n; i++ {
		f.tickets = append(f.tickets, newTicket(i))
	}
	return f
}

func newTicket(id any) *fakeTicket {
	return &fakeTicket{id: id, updated: "2021-03-04 05:06:07", timeline: []map[string]any{
		{"type": "note", "id": fmt.Sprintf("n%v", id), "content": "a note", "meta_data": "{}"},
		{"type": "message", "id": fmt.Sprintf("m%v", id), "content": "hello", "channel_id": 1, "direction": "inbound"},
		{"type": "event", "id": 7, "description": "opened"},
	}}
}

// serve runs the fake on the loopback interface.
func serve(t *testing.T, f *fake) string {
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL + "/api/v2"
}

// inMemory runs the fake behind pipes, so that a synctest bubble's clock rules real HTTP.
func inMemory(t *testing.T, f *fake) http.RoundTripper {
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	s := &http.Server{Handler: f}
	go s.Serve(l)
	transport := &http.Transport{DialContext: l.dial, MaxIdleConnsPerHost: 32}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		s.Close()
	})
	return transport
}

type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, errors.New("closed")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// fast are options for a fake that need no waiting.
func fast(base, dir string) Options {
	return Options{Base: base, Key: NewSecret(testKey), Dir: dir, Settings: Settings{Pace: 100, Page: 50}, Patience: time.Minute}
}

func mustPull(t *testing.T, o Options) *Pulled {
	t.Helper()
	p, err := Pull(t.Context(), o)
	if err != nil {
		t.Fatalf("pulling: %v", err)
	}
	return p
}

// stored returns the ids of the tickets in the snapshot, sorted, one for each line.
func stored(t *testing.T, dir string) []string {
	t.Helper()
	var ids []string
	for _, line := range storedLines(t, dir) {
		var v struct{ ID any }
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		ids = append(ids, fmt.Sprint(v.ID))
	}
	slices.Sort(ids)
	return ids
}

func storedLines(t *testing.T, dir string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, ticketsName))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}
