// Package omnidesk simulates the REST API v2 of the Dutch Omnidesk in memory: what a client may read and post, with the
// documented parameters, limits and envelopes, and the quirks that were seen or must be feared (api/omnidesk-v2). It is
// for rehearsals and for the tests of the reader, and shares no code with it: each is its own reading of the API.
//
// It delivers nothing. What a real account would have delivered is put into an outbox and counted.
package omnidesk

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/deskferry/deskferry/importer/sandbox"
)

// Base is the path below which the API is served.
const Base = "/api/v2"

// Options say what account is simulated. The zero value takes any key, has no quota, no faults and no quirks.
type Options struct {
	Key string // the one taken; "": any that is not empty
	// Permissions of the key: [TicketRead] and so on. nil: all; empty but not nil: none.
	Permissions []string
	Quota       Quota
	Faults      Faults
	Quirks      Quirks
	Zone        *time.Location   // of all times, which carry none; nil: Europe/Amsterdam
	Clock       func() time.Time // nil: time.Now. Delays of faults run on timers all the same
}

// Faults is a script of what goes wrong, as the Gorgias sandbox has it; see [ParseFaults].
type Faults = sandbox.Faults

// Permissions that a key may have.
const (
	TicketRead    = "TICKET_READ"
	UserRead      = "USER_READ"
	CustomerRead  = "CUSTOMER_READ"
	ChannelRead   = "CHANNEL_READ"
	SettingsCRUD  = "SETTINGS_CRUD" // notifications
	MessageCreate = "MESSAGE_CREATE"
)

// Server is a simulated account. It is safe for use by many goroutines.
type Server struct {
	o       Options
	zone    *time.Location
	faults  sandbox.Script
	bucket  bucket
	counts  counts
	routes  []route
	handler http.Handler
	closing chan struct{}
	closed  sync.Once

	mu    sync.RWMutex
	store store
}

// New returns an empty account. [Server.Load] fills it.
func New(o Options) *Server {
	s := &Server{o: o, zone: o.Zone, closing: make(chan struct{}), store: newStore()}
	if s.o.Clock == nil {
		s.o.Clock = time.Now
	}
	if s.zone == nil {
		s.zone = amsterdam()
	}
	s.bucket.quota = o.Quota
	s.faults.Set(o.Faults)
	s.routes = s.endpoints()
	s.handler = s.paths()
	return s
}

// amsterdam is the Dutch zone; where the system has no zone data, its winter time.
func amsterdam() *time.Location {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		return time.FixedZone("CET", 3600)
	}
	return zone
}

func (s *Server) now() time.Time { return s.o.Clock().UTC().Truncate(time.Second) }

// Load adds tickets, users, customers and channels. A ticket, user or customer whose id is there already takes its
// place, except that one with less does not: a ticket without a timeline, a person without an e-mail.
func (s *Server) Load(h Helpdesk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.load(h)
}

// Remove deletes a ticket, as merging it into another or deleting it does: no list has it any more, and reading it is a 404.
func (s *Server) Remove(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.store.tickets, id)
	s.store.sorted = nil
}

// Tickets returns the tickets, oldest id first. They are shared: do not change them.
func (s *Server) Tickets() []*Ticket {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]*Ticket, 0, len(s.store.tickets))
	for _, t := range s.store.tickets {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *Ticket) int { return compare(a.ID, b.ID) })
	return out
}

// Outbox returns what a real account would have delivered, oldest first.
func (s *Server) Outbox() []Delivery {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.store.outbox)
}

// SetFaults replaces the fault script and starts its counts afresh.
func (s *Server) SetFaults(f Faults) { s.faults.Set(f) }

// Handler serves the API under [Base], the controls under /sandbox and a page at /.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-s.closing:
			refuse(http.StatusServiceUnavailable, "the sandbox is closed").write(w)
			return
		default:
		}
		s.handler.ServeHTTP(w, r)
	})
}

// Start serves on a free port of the loopback interface. The url ends with [Base]. stop waits for requests in hand.
func (s *Server) Start() (url string, stop func(), err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("starting the Omnidesk sandbox: %w", err)
	}
	var inHand sync.RWMutex
	handler := s.Handler()
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inHand.RLock()
		defer inHand.RUnlock()
		handler.ServeHTTP(w, r)
	})}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	return "http://" + ln.Addr().String() + Base, sync.OnceFunc(func() {
		s.Close()
		_ = ln.Close()
		inHand.Lock() // not Shutdown: that waits for connections a client has opened and not used
		_ = server.Close()
		inHand.Unlock()
		<-done
	}), nil
}

// Close lets go of requests that are made to wait; every later one is refused.
func (s *Server) Close() { s.closed.Do(func() { close(s.closing) }) }

// ParseFaults reads a fault script in the form that [sandbox.ParseFaults] describes, of which these make sense here:
//
//	503, 503-after    any status from 300 to 599
//	429:5s            refused with Retry-After: 5; without a time: without the header
//	html, truncated   200 with an HTML page, with half of the JSON
//	redirect          302 to a login page
//	drop-before, drop-after, cut-after   the connection goes; cut-after: half-way through the answer
//	slow:3s           answered 3 s later
//	hang:2s, late:2s  no answer until the client gives up, or at once none; what was posted is done 2 s later
//
// Reads match hang and late only where the fault names a path.
func ParseFaults(script string) (Faults, error) {
	f, err := sandbox.ParseFaults(script)
	if err != nil {
		return Faults{}, err
	}
	for _, one := range f.List {
		if !plays(one) {
			return Faults{}, fmt.Errorf("fault script: %q: %w", one.Do, errElsewhere)
		}
	}
	return f, nil
}

var errElsewhere = errors.New("that happens in a Gorgias account, not here")
