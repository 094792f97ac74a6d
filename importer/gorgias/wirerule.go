package gorgias

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
)

const maxBody = 64 << 20 // bytes of one request; the engine's own limit is far below

// ErrWireRule is in the chain of every refusal of the wire rule: a fault of deskferry, caught before it left. The
// run must stop.
var ErrWireRule = errors.New("stopped by the wire rule, nothing was sent; please report this as a fault of deskferry")

// wireRule is the innermost [http.RoundTripper]: what it lets pass is what leaves. It reads the body to the end, checks
// exactly those bytes and sends them (design section 6, wire rule). After one refusal it lets no write pass any more.
type wireRule struct {
	next   http.RoundTripper
	base   *url.URL
	undo   bool // DELETE is allowed, and the trash; nothing is created
	clock  *clock
	shapes shapes
	stats  *counters
	shut   atomic.Bool
}

// RoundTrip implements [http.RoundTripper].
func (w *wireRule) RoundTrip(req *http.Request) (*http.Response, error) {
	checked, carried, err := w.check(req)
	if req.Body != nil {
		req.Body.Close()
	}
	if err != nil {
		w.shut.Store(true)
		w.stats.refused.Add(1)
		return nil, fmt.Errorf("%s %s: %w: %w", req.Method, clip(req.URL.Path), err, ErrWireRule)
	}
	w.stats.leaves(checked, &carried)
	resp, err := w.next.RoundTrip(checked)
	if err != nil {
		return nil, err
	}
	carried.count()
	w.clock.learn(resp.Header)
	if resp.StatusCode == http.StatusTooManyRequests {
		w.stats.throttled.Add(1)
	}
	return resp, nil
}

// check returns the request that is sent instead of req: the same, with the bytes that were checked.
func (w *wireRule) check(req *http.Request) (*http.Request, departure, error) {
	none := departure{}
	if req.URL == nil {
		return nil, none, errors.New("no address")
	}
	if err := w.address(req); err != nil {
		return nil, none, err
	}
	r, ok := routeOf(req.Method, req.URL.Path)
	switch {
	case !ok:
		return nil, none, errors.New("not in the list of requests")
	case (r == deleteTicket || r == deleteMessage) && !w.undo:
		return nil, none, errors.New("deletes are for undo only")
	case w.undo && (r == createTicket || r == createMessage || r == createCustomer || r == upload):
		return nil, none, errors.New("an undo creates nothing")
	case r != read && w.shut.Load():
		return nil, none, errors.New("an earlier request was refused, so no write leaves any more")
	}
	if err := envelope(req, r); err != nil {
		return nil, none, err
	}
	body, err := readBody(req)
	if err != nil {
		return nil, none, err
	}
	d := departure{}
	if d.messages, d.sent, err = w.body(r, req, body); err != nil {
		return nil, none, err
	}
	out := req.Clone(req.Context())
	out.Body, out.GetBody = http.NoBody, nil
	if len(body) > 0 {
		// net/http asks for the body again only where an idle connection had died and not a byte was written:
		// without an Idempotency-Key it repeats no POST that may have been received.
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		out.Body, _ = out.GetBody()
	}
	return out, d, nil
}

// address holds the request to one host, https (http on loopback only), and a path that is written one way only.
func (w *wireRule) address(req *http.Request) error {
	u := req.URL
	switch {
	case u.Scheme != w.base.Scheme || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return fmt.Errorf("scheme %q", u.Scheme)
	case u.Host != w.base.Host || req.Host != "" && req.Host != w.base.Host:
		return errors.New("another host")
	case u.User != nil || u.Opaque != "" || u.Fragment != "" || u.RawFragment != "":
		return errors.New("more than a path in the address")
	case u.RawPath != "" || u.EscapedPath() != u.Path:
		return errors.New("an encoded path")
	}
	return nil
}

// envelope checks the query and the headers.
func envelope(req *http.Request, r route) error {
	query := ""
	if r == upload {
		query = "type=attachment"
	}
	if r != read && (req.URL.RawQuery != query || req.URL.ForceQuery) {
		return fmt.Errorf("a write with the query %q", clip(req.URL.RawQuery))
	}
	for name := range req.Header {
		switch name {
		case "Accept", "Authorization", "Content-Type", "User-Agent":
		default: // among them Content-Encoding, Idempotency-Key, Transfer-Encoding and method overrides
			return fmt.Errorf("header %q", clip(name))
		}
	}
	if len(req.TransferEncoding) > 0 || len(req.Trailer) > 0 {
		return errors.New("a transfer encoding or trailer")
	}
	types := req.Header["Content-Type"]
	switch {
	case r.hasJSON() && !slices.Equal(types, []string{"application/json"}),
		r == upload && len(types) != 1,
		!r.hasJSON() && r != upload && types != nil:
		return fmt.Errorf("content type %q", clip(strings.Join(types, ", ")))
	}
	return nil
}

// readBody reads all of the body; its length must be the one that is announced.
func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		if req.ContentLength != 0 {
			return nil, errors.New("a length without a body")
		}
		return nil, nil
	}
	if req.ContentLength < 0 || req.ContentLength > maxBody {
		return nil, fmt.Errorf("length %d", req.ContentLength)
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, req.ContentLength+1))
	if err != nil {
		return nil, fmt.Errorf("reading the body: %w", err)
	}
	if int64(len(body)) != req.ContentLength {
		return nil, fmt.Errorf("the body is not as long as announced (%d bytes)", req.ContentLength)
	}
	return body, nil
}

// body checks what the route carries and counts its messages.
func (w *wireRule) body(r route, req *http.Request, body []byte) (messages, sent int, err error) {
	var s *shape
	switch r {
	case createTicket:
		s = w.shapes.ticket
	case createMessage:
		s = w.shapes.message
	case createCustomer:
		s = w.shapes.customer
	case updateTicket:
		if s = w.shapes.update; w.undo {
			s = w.shapes.trash
		}
	case upload:
		return 0, 0, checkUpload(req.Header.Get("Content-Type"), body)
	default:
		if len(body) > 0 {
			return 0, 0, errors.New("a body where none belongs")
		}
		return 0, 0, nil
	}
	return checkBody(body, s, w.clock.latest())
}

// checkUpload accepts one multipart part named file, with a file name.
func checkUpload(contentType string, body []byte) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return fmt.Errorf("content type %q", clip(contentType))
	}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) && n == 1 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the upload: %w", err)
		}
		if n > 0 || part.FormName() != "file" || part.FileName() == "" {
			return errors.New("an upload is one part named file, with a file name")
		}
		if _, err := io.Copy(io.Discard, part); err != nil {
			return fmt.Errorf("reading the upload: %w", err)
		}
	}
}

// departure counts a request and its messages once, when they leave.
type departure struct {
	messages, sent int
	count          func()
}

// leaves arranges for the departure to be counted when a connection takes it, or when it is answered.
func (c *counters) leaves(req *http.Request, d *departure) {
	var done atomic.Bool
	kind := requestKind(req)
	d.count = func() {
		if done.Swap(true) {
			return
		}
		c.request(kind)
		c.messages.Add(int64(d.messages))
		c.sent.Add(int64(d.sent))
	}
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { d.count() }}
	*req = *req.WithContext(httptrace.WithClientTrace(req.Context(), trace))
}
