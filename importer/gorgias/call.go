package gorgias

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
)

const (
	maxAnswer = 64 << 20 // bytes; a ticket comes back with all its bodies
	maxError  = 64 << 10
	maxDrain  = 256 << 10 // read on so that the connection can be used again
)

// call is one request and where its answer goes.
type call struct {
	op          op
	doing       string // "creating ticket zendesk:812", for errors
	path        string // below /api/
	query       url.Values
	body        []byte
	contentType string
	out         any  // takes the answer's JSON; nil where there is none to take
	status      *int // takes the answer's status; nil where nobody asks
}

// ask makes a read: it waits for a slot and is asked once.
func (c *Client) ask(ctx context.Context, k call) error {
	if err := c.pacer.Wait(ctx); err != nil {
		return &importer.Fault{Kind: importer.NotSent, Err: fmt.Errorf("%s: %w", k.doing, err)}
	}
	return c.send(ctx, k)
}

// insist is ask, again after an outage: 1 s doubling to 60 s with full jitter, until the patience is spent. It is for
// requests that have no effect.
func (c *Client) insist(ctx context.Context, k call) error {
	var since time.Time
	for tries := 0; ; tries++ {
		err := c.ask(ctx, k)
		if err == nil || ctx.Err() != nil {
			return err
		}
		f := importer.FaultOf(err)
		switch f.Kind {
		case importer.NotSent, importer.Lost, importer.Limited:
		default:
			return err
		}
		if since.IsZero() {
			since = time.Now()
		} else if time.Since(since) >= c.patience {
			return fmt.Errorf("gave up after %s: %w", c.patience, err)
		}
		if f.Kind == importer.Limited {
			continue // the pacer holds the next one
		}
		select {
		case <-time.After(rand.N(min(time.Second<<min(tries, 10), time.Minute)) + 1):
		case <-ctx.Done():
			return err
		}
	}
}

// send makes the request once and says what the answer means; its errors are *[importer.Fault]s. Whether a connection
// was had tells a request that was surely not sent from one that is lost.
func (c *Client) send(ctx context.Context, k call) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := c.request(ctx, k)
	if err != nil {
		return &importer.Fault{Kind: importer.Stop, Err: fmt.Errorf("%s: %w", k.doing, err)}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.broken(k, err, connected.Load())
	}
	defer resp.Body.Close()
	c.answered.Store(true)
	if k.status != nil {
		*k.status = resp.StatusCode
	}
	if resp.StatusCode/100 == 2 {
		return c.accept(k, resp)
	}
	return c.refusal(k, resp)
}

func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	u := *c.base
	u.Path, u.RawQuery = "/api/"+k.path, k.query.Encode()
	var body io.Reader
	if k.body != nil {
		body = bytes.NewReader(k.body)
	}
	req, err := http.NewRequestWithContext(ctx, k.op.method(), u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", c.auth.reveal())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "deskferry")
	if k.contentType != "" {
		req.Header.Set("Content-Type", k.contentType)
	}
	return req, nil
}

// accept reads a 2xx. What cannot be read is lost: the request may have taken effect.
func (c *Client) accept(k call, resp *http.Response) error {
	if k.out == nil {
		io.CopyN(io.Discard, resp.Body, maxDrain)
		return nil
	}
	body := bufio.NewReader(io.LimitReader(resp.Body, maxAnswer))
	if isHTML(resp, body) {
		return &importer.Fault{Kind: importer.Stop, Doubtful: k.op != opRead, Err: fmt.Errorf(
			"%s: %s answered %d with a web page instead of JSON; check that the address is your Gorgias account's and that no proxy stands between",
			k.doing, c.base.Host, resp.StatusCode)}
	}
	err := json.UnmarshalRead(body, k.out, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return &importer.Fault{Kind: importer.Lost, Err: c.redacted("%s: the answer of %s (status %d) cannot be read: %w",
			k.doing, c.base.Host, resp.StatusCode, err)}
	}
	io.CopyN(io.Discard, resp.Body, maxDrain)
	return nil
}

// isHTML tells a web page from JSON, whatever its status.
func isHTML(resp *http.Response, body *bufio.Reader) bool {
	if strings.Contains(strings.ToLower(resp.Header.Get("Content-Type")), "html") {
		return true
	}
	head, _ := body.Peek(512)
	return bytes.HasPrefix(bytes.TrimSpace(head), []byte("<"))
}

// redacted is fmt.Errorf without any secret in its text, whatever a server or a library has put there.
func (c *Client) redacted(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	text := c.redact(err.Error())
	if text == err.Error() {
		return err
	}
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded, ErrWireRule} {
		if errors.Is(err, cause) {
			return &redactedError{text, cause}
		}
	}
	return errors.New(text)
}

// redactedError has a text without secrets and only that part of its chain which has none either.
type redactedError struct {
	text  string
	cause error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Unwrap() error { return e.cause }

// leastSecret is the length from which a credential is looked for in texts: a rehearsal's "x" is none, and stands in every
// word.
const leastSecret = 6

func (c *Client) redact(text string) string {
	for _, s := range c.secrets {
		if secret := s.reveal(); len(secret) >= leastSecret {
			text = strings.ReplaceAll(text, secret, "[secret]")
		}
	}
	return text
}
