// Package gorgias is the target: it turns planned tickets into requests of the Gorgias REST API, makes them, and says
// what each answer means. It decides nothing about repeats of writes: that is the engine's, which knows what is durable.
//
// Nothing leaves but through the wire rule, which holds the very bytes against an allow-list so that no
// request can make Gorgias send a message.
package gorgias

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/throttle"
)

const (
	defaultTimeout  = 2 * time.Minute
	defaultPatience = time.Hour
)

// Settings say how to reach an account.
type Settings struct {
	Base  string // https://acme.gorgias.com; http on loopback only
	User  string // with Key: Basic auth, the agent's e-mail
	Key   Secret // an API key
	Token Secret // an OAuth2 token: Bearer auth; instead of User and Key
	Agent string // e-mail of the user who stands in for authors that are no user of the account; "" for nobody

	Pacer     *throttle.Pacer // nil: one of the client's own. Reads wait in it here; for writes the engine waits, before the intent
	Transport *http.Transport // nil: HTTP/1.1 with the system's proxies and certificates
	Timeout   time.Duration   // of one request; 0: 2 minutes
	Patience  time.Duration   // how long listings are asked again while the account cannot be reached; 0: an hour
	Undo      bool            // DELETE may leave
}

// Client makes requests to one account. It implements [importer.Target] and [importer.Finder] and is safe for
// concurrent use.
type Client struct {
	Encoder     Encoder     // as the client encodes; People is filled by LoadPeople
	Losses      Losses      // what stored tickets lost for want of a place in the account
	Known       *People     // the customers an import knew by id, for Compare; nil: none
	Attachments Attachments // what becomes of files

	base      *url.URL
	auth      Secret // the Authorization header
	secrets   []Secret
	pacer     *throttle.Pacer
	http      *http.Client
	idle      func() // closes idle connections
	timeout   time.Duration
	patience  time.Duration
	clock     *clock
	shapes    shapes
	stats     *counters
	uploads   singleflight.Group
	uploading *semaphore.Weighted // bytes of files held in memory
	answered  atomic.Bool         // an answer was seen: the host is right, so a dead connection is an outage
}

var (
	_ importer.Target = (*Client)(nil)
	_ importer.Finder = (*Client)(nil)
)

// New checks the settings; it makes no request.
func New(s Settings) (*Client, error) {
	base, err := parseBase(s.Base)
	if err != nil {
		return nil, err
	}
	auth, secrets, err := credentials(s)
	if err != nil {
		return nil, err
	}
	c := &Client{
		Encoder: Encoder{People: &People{}, Agent: s.Agent},
		base:    base, auth: auth, secrets: secrets, pacer: s.Pacer, timeout: s.Timeout, patience: s.Patience,
		clock: &clock{}, shapes: newShapes(), stats: &counters{}, uploading: semaphore.NewWeighted(maxUploading),
	}
	if c.pacer == nil {
		c.pacer = &throttle.Pacer{}
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.patience <= 0 {
		c.patience = defaultPatience
	}
	transport := s.Transport
	if transport == nil {
		transport = newTransport()
	}
	c.idle = transport.CloseIdleConnections
	c.http = &http.Client{
		Transport: &throttle.Transport{Pacer: c.pacer, Next: &wireRule{
			next: transport, base: base, undo: s.Undo, clock: c.clock, shapes: c.shapes, stats: c.stats,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// newTransport speaks HTTP/1.1 only: with one shared HTTP/2 connection a single reset would put every worker's
// request in doubt. Idle connections are closed before the target does it, for the same reason.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.ForceAttemptHTTP2 = false
	t.MaxIdleConnsPerHost = 64
	t.IdleConnTimeout = 15 * time.Second
	return t
}

// credentials makes the Authorization header and lists what must not be in any error.
func credentials(s Settings) (auth Secret, secrets []Secret, err error) {
	const hint = "set DESKFERRY_GORGIAS_USER and DESKFERRY_GORGIAS_KEY, or DESKFERRY_GORGIAS_TOKEN"
	key, token := s.Key.reveal(), s.Token.reveal()
	switch {
	case key == "" && token == "":
		return Secret{}, nil, fmt.Errorf("no credentials given; %s", hint)
	case key != "" && token != "":
		return Secret{}, nil, fmt.Errorf("both an API key and a token given; %s", hint)
	case strings.ContainsFunc(key+token+s.User, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return Secret{}, nil, fmt.Errorf("a line break or control character stands in the credentials; %s", hint)
	case token != "":
		return NewSecret("Bearer " + token), []Secret{s.Token}, nil
	case s.User == "" || strings.Contains(s.User, ":"):
		return Secret{}, nil, errors.New("the API key needs the e-mail of the agent it belongs to; set DESKFERRY_GORGIAS_USER")
	}
	basic := base64.StdEncoding.EncodeToString([]byte(s.User + ":" + key))
	return NewSecret("Basic " + basic), []Secret{s.Key, NewSecret(basic)}, nil
}

// Host is the account's host name: what a ledger is tied to.
func (c *Client) Host() string { return c.base.Host }

// String names the account, without credentials.
func (c *Client) String() string { return "gorgias account " + c.base.String() }

// Pacer is what the client's requests wait in: the engine takes its slots for writes from it.
func (c *Client) Pacer() *throttle.Pacer { return c.pacer }

// Close closes connections that are not in use. The client can be used again.
func (c *Client) Close() { c.idle() }

// Stats returns the counts so far.
func (c *Client) Stats() Stats { return c.stats.stats() }

// Alive asks for the account: it costs nothing, shows whether credentials and host are right, and teaches the pacer
// the account's limit. It is asked once; errors are *[importer.Fault]s.
func (c *Client) Alive(ctx context.Context) error { return stopIfGone(c.ask(ctx, accountCall())) }

// Connect is Alive, again after an outage until the patience is spent: the first request of a run. A host that does not
// exist, an address where nothing listens and credentials that are not accepted end it at once.
func (c *Client) Connect(ctx context.Context) error { return stopIfGone(c.insist(ctx, accountCall())) }

func accountCall() call {
	return call{op: opRead, doing: "asking for the account", path: "account", out: &struct{}{}}
}
