// Package omnidesk reads the REST API v2 of Omnidesk (docs.omnidesk.io; omnidesk-v2 is what is known of it) into a folder on
// this machine, the snapshot, which is then opened like any export: an export is read several times, and ten years of tickets
// are not to be fetched twice. A pull that is stopped goes on where it stopped; a later one reads the lists, and of the tickets
// only those that changed.
//
// The package only ever reads: nothing but GET requests of a few paths can leave. It knows nothing of mappings, prints nothing,
// and keeps the key out of files, addresses and errors.
package omnidesk

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Options say what is pulled, and where to.
type Options struct {
	Base     string // the API's address; see [ParseBase]
	Key      Secret // an API key with the permission TICKET_READ
	Settings Settings
	Dir      string // the folder of the snapshot; made where it is absent

	Patience  time.Duration     // how long a request is tried again while the API does not answer; 0: an hour
	Timeout   time.Duration     // of one request; 0: 2 minutes
	Transport http.RoundTripper // nil: HTTP/1.1 or 2 with the system's proxies and certificates

	// Forget takes tickets that are no longer listed out of the snapshot; a hidden file beside keeps them. When they are more
	// than MostGone per cent of it (zero: any number), the pull ends with a *GoneError instead, before a ticket is read.
	Forget   bool
	MostGone int

	Progress func(Progress) // told how far the pull is, never twice at the same time; nil for nobody
	// Mail turns a raw mail into JSON, which is kept with its message as "deskferry_mail"; nil: raw mails are only kept as files.
	Mail func(io.Reader) ([]byte, error)
}

// Phase is what a pull is at.
type Phase string

// The phases, in their order.
const (
	PhaseListing Phase = "listing" // Done of Total are rows
	PhaseReading Phase = "reading" // Done of Total are tickets
)

// Progress is how far a pull is. Total 0 is unknown.
type Progress struct {
	Phase       Phase
	Done, Total int64
	Retries     int64
}

// Pulled is what came of a pull.
type Pulled struct {
	Files    []string // those that hold records, to be opened
	Complete bool     // everything listed is in the snapshot

	Tickets   int   // in the snapshot
	Listed    int   // different tickets in the lists
	Fetched   int64 // tickets read
	Unchanged int64 // tickets that were there in the version listed
	Gone      int64 // tickets of the snapshot that are no longer listed: kept, but for Options.Forget
	Forgotten bool  // these were taken out of the snapshot
	Vanished  int64 // tickets listed, but not found when they were to be read: gone in between
	Missing   int   // rows of tickets that the lists promise (itemTotal) and no page gave
	Nameless  int64 // rows of tickets without a usable id
	Again     int64 // rows of tickets that came twice because the list was shifting
	Unversed  int64 // tickets listed without last_update: they are known by their row, which may not show a new message
	Damaged   int64 // lines of the snapshot that could not be read: their tickets were read again
	Mended    int64 // answers that were not UTF-8: the bytes that are no character were replaced

	Users, Customers int
	PeopleGone       int64 // users and customers no longer listed: kept
	PeopleMissing    int   // rows of users and customers that the lists promise and no page gave

	Types      map[string]int64 // entries in the timelines of the tickets read, by type; "" are those without one
	NoTimeline int64            // tickets read that have none

	Mails        int64 // raw mails kept
	MailMissing  int64 // raw mails the API does not have
	MailUnparsed int64 // raw mails that were kept and could not be read, or would make the ticket too large for a record

	Refused  []Refusal // tickets that could not be read, at most 1,000 of them
	Refusals int64

	Requests, Retries, Limited int64 // Limited are answers 429

	settings Settings
}

// Refusal is a ticket that could not be read. The next pull tries it again.
type Refusal struct{ Ticket, Reason string }

// Unknown returns the types of timeline entries that are neither known nor named in the setting types, with their counts.
func (p *Pulled) Unknown() map[string]int64 {
	unknown := map[string]int64{}
	for kind, n := range p.Types {
		if !p.settings.known(kind) {
			unknown[kind] = n
		}
	}
	return unknown
}

// Pull brings the snapshot in o.Dir up to date. Where it fails or ctx ends, what was read stays and the next pull goes on from it;
// the Pulled is given with the error then, as far as it came, without files. Tickets that cannot be read by themselves are no
// error: see [Pulled.Refused].
func Pull(ctx context.Context, o Options) (_ *Pulled, err error) {
	base, err := ParseBase(o.Base)
	if err != nil {
		return nil, err
	}
	key := o.Key.reveal()
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, errors.New("the Omnidesk key is missing or has a space, line break or letter that no key has: set DESKFERRY_OMNIDESK_KEY")
	}
	if o.Patience <= 0 {
		o.Patience = defaultPatience
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	transport := o.Transport
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxIdleConnsPerHost = maxParallel
		defer own.CloseIdleConnections()
		transport = own
	}
	c := &client{
		base: base, key: o.Key, pacer: newPacer(o.Settings.pace()), patience: o.Patience, timeout: o.Timeout,
		http: &http.Client{
			Transport:     &guard{next: transport, base: base, key: o.Key},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	snap, err := openSnapshot(o.Dir, base.String(), o.Settings, o.Settings.RawMail)
	if err != nil {
		return nil, err
	}
	p := &puller{o: o, client: c, snap: snap, out: &Pulled{Types: map[string]int64{}, settings: o.Settings}}
	err = p.pull(ctx)
	err = errors.Join(err, snap.close())
	p.out.Requests, p.out.Retries, p.out.Limited = c.requests.Load(), c.retries.Load(), c.limited.Load()
	if err != nil {
		return p.out, scrub(o.Key, err)
	}
	p.out.Files = p.files()
	return p.out, nil
}

// scrub keeps the key out of an error whose text came from elsewhere.
func scrub(key Secret, err error) error {
	if text := err.Error(); key.hide(text) != text {
		return scrubbed{err, key.hide(text)}
	}
	return err
}

type scrubbed struct {
	err  error
	text string
}

func (s scrubbed) Error() string        { return s.text }
func (s scrubbed) Is(target error) bool { return errors.Is(s.err, target) }

// puller is one pull.
type puller struct {
	o      Options
	client *client
	snap   *snapshot

	mu      sync.Mutex // guards what follows, and serialises o.Progress
	out     *Pulled
	listed  map[string]bool // tickets in the lists
	wanted  []wanted        // those of them to read
	counts  map[string][2]int
	streak  int   // tickets refused since one was read
	handled int64 // of wanted
}

// wanted is a ticket to read. version is how the list knows it.
type wanted struct{ id, version string }

func (p *puller) pull(ctx context.Context) error {
	p.out.Damaged = p.snap.damaged
	if err := p.list(ctx); err != nil {
		return err
	}
	for id := range p.snap.index {
		if !p.listed[id] {
			p.out.Gone++
		}
	}
	if err := p.forget(); err != nil {
		return err
	}
	if err := p.read(ctx); err != nil {
		return err
	}
	p.out.Tickets = len(p.snap.index)
	p.out.Complete = p.out.Refusals+p.out.Nameless == 0 && p.out.Missing == 0
	return p.snap.finish(p.out.Complete)
}

// files are those that hold something.
func (p *puller) files() []string {
	names := []string{usersName, customersName, ticketsName}
	if p.o.Settings.NoPeople {
		names = names[2:]
	}
	var all []string
	for _, name := range names {
		full := filepath.Join(p.o.Dir, name)
		if info, err := os.Stat(full); err == nil && info.Size() > 0 {
			all = append(all, full)
		}
	}
	return all
}

// progress tells how far it is; p.mu is held.
func (p *puller) progress(phase Phase, done, total int64) {
	if p.o.Progress != nil {
		p.o.Progress(Progress{Phase: phase, Done: done, Total: total, Retries: p.client.retries.Load()})
	}
}
