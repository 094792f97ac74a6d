package omnidesk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"
)

const (
	maxRefused = 1000 // refusals that are remembered one by one
	maxStreak  = 50   // so many tickets refused in a row are no matter of tickets
)

// read reads the wanted tickets, several at the same time.
func (p *puller) read(ctx context.Context) error {
	if p.o.Settings.RawMail && len(p.wanted) > 0 {
		if err := os.MkdirAll(filepath.Join(p.o.Dir, mailName), 0o700); err != nil {
			return fmt.Errorf("making a folder for raw mails: %w", err)
		}
	}
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range min(p.o.Settings.parallel(), len(p.wanted)) {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(p.wanted) {
					return nil
				}
				if err := p.readOne(ctx, p.wanted[i]); err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}

// readOne reads a ticket into the snapshot. What is wrong with this ticket alone is counted.
func (p *puller) readOne(ctx context.Context, w wanted) error {
	t, a, err := p.fetch(ctx, w.id)
	var no *refusal
	switch {
	case errors.As(err, &no) && no.gone():
		p.mu.Lock()
		defer p.mu.Unlock()
		p.out.Vanished++
		p.done()
		return nil
	case errors.As(err, &no):
		return p.refuse(w.id, err)
	case err != nil:
		return err
	}
	entries := make([]entry, len(t.timeline))
	for i, v := range t.timeline {
		entries[i] = readEntry(v)
	}
	if p.o.Settings.RawMail {
		if err := p.mails(ctx, t, entries); err != nil {
			return err
		}
	}
	version := w.version
	if hot(t.updated, a.date) {
		version = "again"
	}
	line, err := t.line(version)
	if err != nil {
		return p.refuse(w.id, fmt.Errorf("reading ticket %s: %w", w.id, err))
	}
	if err := p.snap.add(w.id, version, line); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range entries {
		p.out.Types[clip(e.kind)]++
	}
	if t.at < 0 {
		p.out.NoTimeline++
	}
	if a.mended {
		p.out.Mended++
	}
	p.out.Fetched++
	p.streak = 0
	p.done()
	return nil
}

// done counts a ticket as handled; p.mu is held.
func (p *puller) done() {
	p.handled++
	p.progress(PhaseReading, p.handled, int64(len(p.wanted)))
}

// refuse notes a ticket that cannot be read. Many in a row are a fault of something else.
func (p *puller) refuse(id string, err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.Refusals++
	if len(p.out.Refused) < maxRefused {
		reason := strings.TrimPrefix(err.Error(), "reading ticket "+id+": ")
		p.out.Refused = append(p.out.Refused, Refusal{id, p.o.Key.hide(reason)})
	}
	p.done()
	if p.streak++; p.streak >= maxStreak {
		return fmt.Errorf("%d tickets in a row could not be read, the last: %w", p.streak, err)
	}
	return nil
}

func (p *puller) fetch(ctx context.Context, id string) (*ticket, *answer, error) {
	q := url.Values{}
	if h := p.o.Settings.History; h != "" {
		q.Set("getTicketHistory", h)
	}
	var t *ticket
	a, err := p.client.get(ctx, ask{
		doing: "reading ticket " + id, path: "/ticket/" + id, query: q, permission: ticketRead, single: true,
		accept: func(a *answer) error {
			v, err := item(a.body)
			if err == nil {
				t, err = readTicket(v, id)
			}
			return err
		},
	})
	return t, a, err
}

// mails reads the raw mails of a ticket's e-mails. One that the API does not have is counted.
func (p *puller) mails(ctx context.Context, t *ticket, entries []entry) error {
	size := 0
	for _, v := range t.timeline {
		size += len(v)
	}
	for i, e := range entries {
		if !e.mail || !safeID(e.id) {
			continue
		}
		raw, err := p.mail(ctx, t.id, e.id)
		var no *refusal
		if errors.As(err, &no) {
			p.mailCount(&p.out.MailMissing)
			continue
		}
		if err != nil {
			return err
		}
		p.mailCount(&p.out.Mails)
		if p.o.Mail == nil {
			continue
		}
		parsed, err := p.o.Mail(bytes.NewReader(raw))
		if err != nil || size+len(parsed) > maxAnswer-1<<20 || !t.addMail(i, parsed) {
			p.mailCount(&p.out.MailUnparsed)
			continue
		}
		size += len(parsed)
	}
	return nil
}

func (p *puller) mailCount(n *int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*n++
}

// mail returns a raw mail: the file of an earlier pull, or what the API gives, which is kept.
func (p *puller) mail(ctx context.Context, ticket, message string) ([]byte, error) {
	name := p.snap.mailFile(ticket, message)
	b, err := os.ReadFile(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	a, err := p.client.get(ctx, ask{
		doing: fmt.Sprintf("reading the mail of message %s of ticket %s", message, ticket), path: "/email/downloadMail/" + message,
		permission: ticketRead, without: ", or set source.api: { raw_mail: no }", raw: true, single: true,
		accept: func(a *answer) error {
			if !looksLikeMail(a.body) {
				return unusable("the answer is no mail but %s", met(a.body))
			}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	err = replaceFile(name, func(f *os.File) error {
		_, err := f.Write(a.body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keeping the mail of message %s of ticket %s: %w", message, ticket, err)
	}
	return a.body, nil
}

// looksLikeMail tells whether b begins as RFC 5322 has it: the name of a header field, and a colon.
func looksLikeMail(b []byte) bool {
	if jsontext.Value(bytes.TrimSpace(b)).Kind() == '{' {
		return false
	}
	if bytes.HasPrefix(b, []byte("From ")) {
		return true
	}
	name, _, ok := bytes.Cut(b[:min(len(b), 1000)], []byte{':'})
	if !ok || len(name) == 0 {
		return false
	}
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}
