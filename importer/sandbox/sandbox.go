// Package sandbox simulates the Gorgias API in memory: for rehearsals before anything touches a real account, and for
// every test of the importer. It answers in the shapes and with the errors that are documented or were recorded
// (api/gorgias), judges each message by whether a real account would have mailed it, and breaks on request.
//
// It shares no code with the importer's client: each is its own reading of the API, so that one finds what the
// other got wrong. It sends nothing anywhere.
package sandbox

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options say what account is simulated. The zero value is a small shop that takes any credentials, has no quota and
// no faults, and forgets everything at the end.
type Options struct {
	Account     Account
	Credentials []Credential // empty: any that are not empty
	Quota       Quota
	Faults      Faults
	Unknowns    Unknowns
	// Rules lets the account's own rules answer each new ticket: by mail.
	Rules bool
	// StateFile keeps tickets, people and outbox over restarts; "": memory only.
	StateFile string
	// Now is the account's clock; nil: time.Now. Delays of faults run on timers all the same.
	Now func() time.Time
}

// Credential is a way to log in: User and Key for Basic auth, or Token for Bearer.
type Credential struct {
	User, Key string
	Token     string
}

// Server is a simulated account. It is safe for use by many goroutines.
type Server struct {
	account     Account
	credentials []Credential
	unknowns    Unknowns
	rules       bool
	stateFile   string
	clock       func() time.Time
	began       time.Time
	bucket      *bucket
	faults      Script
	schemas     schemas
	store       *store
	api         *http.ServeMux
	handler     http.Handler
	counts      counts
	loading     sync.Once
	loaded      error
	closing     chan struct{}
	closed      sync.Once
	pending     pending
}

// New returns the account as Options describe it. The state file is read by [Server.Load], or with the first request.
func New(o Options) *Server {
	if o.Account.isZero() {
		o.Account = DefaultAccount()
	}
	s := &Server{account: o.Account, credentials: o.Credentials, unknowns: o.Unknowns, rules: o.Rules, stateFile: o.StateFile,
		clock: o.Now, bucket: newBucket(o.Quota), closing: make(chan struct{})}
	if s.clock == nil {
		s.clock = time.Now
	}
	s.began = s.now()
	s.store = newStore(&s.account, s.began)
	s.schemas = newSchemas(&s.account, o.Unknowns)
	s.faults.Set(o.Faults)
	s.api = s.endpoints()
	s.handler = s.routes()
	return s
}

func (s *Server) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// endpoints are those of the API.
func (s *Server) endpoints() *http.ServeMux {
	mux := http.NewServeMux()
	if s.unknowns.ShowRules {
		mux.HandleFunc("GET /api/rules", s.listRules)
	}
	if s.unknowns.ShowSettings {
		mux.HandleFunc("GET /api/account/settings", s.listSettings)
	}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /api/account":                            s.getAccount,
		"GET /api/users":                              s.listUsers,
		"GET /api/users/{id}":                         s.getUser,
		"GET /api/teams":                              s.listTeams,
		"GET /api/tags":                               s.listTags,
		"GET /api/integrations":                       s.listIntegrations,
		"GET /api/custom-fields":                      s.listCustomFields,
		"GET /api/customers":                          s.listCustomers,
		"POST /api/customers":                         s.createCustomer,
		"GET /api/customers/{id}":                     s.getCustomer,
		"GET /api/tickets":                            s.listTickets,
		"POST /api/tickets":                           s.createTicket,
		"GET /api/tickets/{id}":                       s.getTicket,
		"PUT /api/tickets/{id}":                       s.updateTicket,
		"DELETE /api/tickets/{id}":                    s.deleteTicket,
		"GET /api/tickets/{id}/messages":              s.ticketMessages,
		"POST /api/tickets/{id}/messages":             s.createMessage,
		"GET /api/tickets/{id}/messages/{message}":    s.getMessage,
		"PUT /api/tickets/{id}/messages/{message}":    s.updateMessage,
		"DELETE /api/tickets/{id}/messages/{message}": s.deleteMessage,
		"GET /api/messages":                           s.listMessages,
		"POST /api/upload":                            s.upload,
	} {
		mux.HandleFunc(pattern, h)
	}
	return mux
}

// endpoint names the endpoint a request goes to, for the statistics.
func (s *Server) endpoint(r *http.Request) string {
	if _, pattern := s.api.Handler(r); pattern != "" {
		return pattern
	}
	return r.Method + " other"
}

// Handler serves the API under /api, the controls under /sandbox and the page everywhere else.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-s.closing:
			fail(w, &refusal{status: http.StatusServiceUnavailable, msg: "the sandbox is closed"})
			return
		default:
		}
		if err := s.Load(); err != nil {
			fail(w, err)
			return
		}
		s.handler.ServeHTTP(w, r)
	})
}

// Load reads the state file, once; without one it does nothing. It is an error when another sandbox holds the file
// or a line before the last cannot be read.
func (s *Server) Load() error {
	s.loading.Do(func() {
		if s.stateFile != "" {
			s.loaded = s.store.load(s.stateFile)
		}
	})
	return s.loaded
}

// Start serves on a free port of the loopback interface. stop waits for requests in hand, lands what is pending
// and closes the state file.
func (s *Server) Start() (url string, stop func(), err error) {
	if err := s.Load(); err != nil {
		return "", nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("starting the sandbox: %w", err)
	}
	var inHand sync.RWMutex
	handler := s.Handler()
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inHand.RLock()
		defer inHand.RUnlock()
		handler.ServeHTTP(w, r)
	})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(ln) // ends with ErrServerClosed
	}()
	return "http://" + ln.Addr().String(), func() {
		s.closed.Do(func() { close(s.closing) })
		_ = ln.Close()
		// Not Shutdown: that waits five seconds for a connection a client has opened and not used.
		inHand.Lock()
		_ = server.Close()
		inHand.Unlock()
		<-done
		_ = s.Close()
	}, nil
}

// Close lets go of requests that are made to wait, carries out what is pending, and closes the state file.
func (s *Server) Close() error {
	s.closed.Do(func() { close(s.closing) })
	s.Settle()
	s.loading.Do(func() { s.loaded = errors.New("the sandbox is closed") })
	return s.store.close()
}

// Settle carries out at once everything that was to happen later: late commits and what agents do.
func (s *Server) Settle() { s.pending.settle() }

// after runs f once d has passed, at once when d is zero.
func (s *Server) after(d time.Duration, f func()) {
	if d <= 0 {
		f()
		return
	}
	s.pending.add(d, f)
}

// SetFaults replaces the fault script and starts its counts afresh.
func (s *Server) SetFaults(f Faults) { s.faults.Set(f) }

// Reset forgets tickets, people, outbox, counts and faults, as if the account had just been opened.
func (s *Server) Reset() error {
	s.Settle()
	s.faults.Set(Faults{})
	s.counts.reset()
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.clear(&s.account, s.now())
	if s.store.journal != nil {
		return s.store.journal.rewrite(s.store.snapshot)
	}
	return nil
}

// Tickets returns all tickets with their messages, by id. They are shared: do not change them.
func (s *Server) Tickets() []*Ticket {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	return s.store.sortedTickets()
}

// Alter changes a stored ticket past the API, as nobody but a fault could, for tests of what reads back; false where there
// is none. It is not written to the state file.
func (s *Server) Alter(id int64, change func(*Ticket)) bool {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	t := s.store.tickets[id]
	if t != nil {
		change(t)
	}
	return t != nil
}

// Customers returns all customers, by id. They are shared: do not change them.
func (s *Server) Customers() []*Customer {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	var out []*Customer
	for _, k := range s.store.customerIDs.keys() {
		out = append(out, s.store.customers[k.id])
	}
	return out
}

// Outbox returns what a real account would have mailed, oldest first.
func (s *Server) Outbox() []*Mail {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	return append([]*Mail(nil), s.store.outbox...)
}
