package omnidesk

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	defaultPatience = time.Hour
	defaultTimeout  = 2 * time.Minute
	maxAnswer       = 64 << 20 // what package sources takes as one record
	poisonTries     = 6
)

// client makes GET requests, one after the other at the pace, and again until its patience is spent.
type client struct {
	base     *url.URL
	key      Secret
	http     *http.Client
	pacer    *pacer
	patience time.Duration
	timeout  time.Duration

	requests, retries, limited, answered atomic.Int64
}

// ask is one thing to read.
type ask struct {
	doing      string // "reading ticket 7"
	path       string // below the base, from /
	query      url.Values
	permission string              // that the key needs
	without    string              // what else the user can do where the key has not got it; "" for nothing
	raw        bool                // the answer need not be JSON
	accept     func(*answer) error // takes a 200 apart; its errors are as those of [item] and [list]
	single     bool                // one of many: when it alone fails again and again, it is refused instead of stopping everything
}

// answer is a 200. mended tells that its text was not UTF-8, which was mended.
type answer struct {
	body   []byte
	kind   string    // media type
	date   time.Time // the server's clock; zero where it does not say
	mended bool
}

// refusal is a definite no to one request: asking again would give the same.
type refusal struct {
	status  int // 0: the answer could not be used
	text    string
	damaged bool // it is not what the API sends: perhaps a passing fault
}

func (r *refusal) Error() string {
	if r.status == 0 {
		return r.text
	}
	return fmt.Sprintf("the API answers %d: %s", r.status, r.text)
}

func (r *refusal) gone() bool { return r.status == http.StatusNotFound || r.status == http.StatusGone }

// get reads one thing. A *refusal in the error is about this thing only; any other error ends the run. The context's error is
// returned as it is.
func (c *client) get(ctx context.Context, a ask) (*answer, error) {
	var since time.Time
	for n := 1; ; n++ {
		if err := c.pacer.wait(ctx); err != nil {
			return nil, err
		}
		got, again, err := c.try(ctx, a)
		switch {
		case err == nil:
			c.answered.Add(1)
			return got, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case again == nil:
			return nil, fmt.Errorf("%s: %w", a.doing, err)
		}
		if since.IsZero() {
			since = time.Now()
		}
		if a.single && !again.limited && n >= poisonTries && c.alive(ctx) {
			return nil, fmt.Errorf("%s: %w", a.doing, &refusal{text: fmt.Sprintf("%v, %d times, while the list is answered", err, n)})
		}
		if again.damaged && n >= poisonTries {
			return nil, fmt.Errorf("%s: %w", a.doing, err)
		}
		if left := c.patience - time.Since(since); left <= again.after {
			return nil, fmt.Errorf("%s: %w; gave up after %s: try again later", a.doing, err, c.patience)
		}
		c.retries.Add(1)
		if again.everyone {
			c.pacer.hold(again.after)
		} else if err := sleep(ctx, max(again.after, backoff(n))); err != nil {
			return nil, err
		}
	}
}

// alive asks for a row of the list, to tell a ticket that cannot be read from an API that is down.
func (c *client) alive(ctx context.Context) bool {
	if c.pacer.wait(ctx) != nil {
		return false
	}
	_, _, err := c.try(ctx, ask{path: "/ticket", query: url.Values{"itemLimit": {"1"}}, permission: ticketRead})
	if err != nil {
		return false
	}
	c.answered.Add(1)
	return true
}

// again says how a failed request is repeated.
type again struct {
	after    time.Duration
	everyone bool // all requests wait
	limited  bool // it was no failure, but too early
	damaged  bool // the answer was none of the API's
}

// try makes one request. again is nil where repeating cannot help.
func (c *client) try(ctx context.Context, a ask) (*answer, *again, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	u := *c.base
	u.Path += a.path
	u.RawQuery = a.query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	if !a.raw {
		req.Header.Set("Accept", "application/json")
	}
	c.requests.Add(1)
	resp, err := c.http.Do(req)
	if err != nil {
		return c.unanswered(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, &again{}, fmt.Errorf("the answer broke off: %w", err)
	}
	if len(body) > maxAnswer {
		return nil, nil, &refusal{text: fmt.Sprintf("the answer has more than %d MiB", maxAnswer>>20)}
	}
	return c.judge(a, resp, body)
}

// unanswered judges a request that got no answer. Where none was ever seen, an address that cannot be right is not tried again.
func (c *client) unanswered(err error) (*answer, *again, error) {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the URL, which repeats what the caller says
	}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &cert):
		return nil, nil, fmt.Errorf("the certificate of %s is not accepted: %w: check the address", c.base.Host, cert.Err)
	case c.answered.Load() > 0:
	case errors.As(err, &dns) && dns.IsNotFound:
		return nil, nil, fmt.Errorf("there is no host %s: check the address", c.base.Hostname())
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, nil, fmt.Errorf("nothing listens at %s: check the address", c.base.Host)
	}
	return nil, &again{}, fmt.Errorf("no answer from %s: %w", c.base.Host, err)
}

// judge tells what an answer means.
func (c *client) judge(a ask, resp *http.Response, body []byte) (*answer, *again, error) {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	wait, told := retryAfter(resp.Header)
	status := resp.StatusCode
	switch {
	case status == http.StatusTooManyRequests:
		c.limited.Add(1)
		if !told {
			wait = missingRetryAfter
		}
		return nil, &again{after: max(wait, time.Second), everyone: true, limited: true}, errors.New("the API answers 429, too many requests")
	case status == http.StatusRequestTimeout || status >= 500:
		return nil, &again{after: wait, everyone: told && wait > 0}, fmt.Errorf("the API answers %d: %s", status, c.said(body))
	case status == http.StatusUnauthorized:
		return nil, nil, fmt.Errorf("the API does not accept the key (401: %s): check DESKFERRY_OMNIDESK_KEY, "+
			"and that the key has the permission %s", c.said(body), a.permission)
	case status == http.StatusForbidden:
		return nil, nil, fmt.Errorf("the key may not do this (403: %s): give it the permission %s in Omnidesk%s", c.said(body), a.permission, a.without)
	case status >= 300 && status < 400:
		return nil, nil, fmt.Errorf("the address redirects to %q (%d), which is not followed because the key would go along: give the API's own address",
			c.key.hide(withoutQuery(resp.Header.Get("Location"))), status)
	case status != http.StatusOK:
		return nil, nil, &refusal{status: status, text: c.said(body)}
	}
	got := &answer{body: body, kind: kind}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		got.date = at
	}
	err := error(nil)
	if !a.raw {
		err = got.unpack()
	}
	if err == nil && a.accept != nil {
		err = a.accept(got)
	}
	if err == nil {
		return got, nil, nil
	}
	var r *refusal
	var page *pageError
	if errors.As(err, &r) && r.damaged || errors.As(err, &page) && c.answered.Load() > 0 { // a page at the start is a wrong address, later an outage
		return nil, &again{damaged: true}, err
	}
	return nil, nil, err
}

// withoutQuery is a redirect's goal without its query, in which credentials travel.
func withoutQuery(location string) string {
	s, _, _ := strings.Cut(location, "?")
	return clip(s)
}

// said is what an error's body says, short and without the key.
func (c *client) said(body []byte) string { return c.key.hide(message(body)) }
