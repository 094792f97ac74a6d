package files

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	maxRedirects = 5
	fetchTries   = 3
	maxWait      = 30 * time.Second // that a host may ask for in Retry-After
)

// Settings say how files are fetched.
type Settings struct {
	Limit    int64         // bytes of one file; 0: 50 MiB
	Timeout  time.Duration // of one file, redirects and repeats included; 0: 2 minutes
	Parallel int           // files at once; 0: 8
	PerHost  int           // of these from one host; 0: 4
	Wait     time.Duration // before the first repeat, then twice that; 0: a second
	Auth     Auth
	Allow    Allow
	Resolver *net.Resolver // nil: the system's
	TLS      *tls.Config   // nil: the system's certificates
}

// Fetcher fetches files over HTTP. It follows at most 5 redirects, connects only to what [Allow] allows, uses no proxy and
// is safe for concurrent use.
type Fetcher struct {
	settings Settings
	client   *http.Client
	idle     func()
	slots    chan struct{}
	hosts    *hosts
}

// NewFetcher makes a fetcher; it makes no request.
func NewFetcher(s Settings) *Fetcher {
	if s.Limit <= 0 {
		s.Limit = DefaultLimit
	}
	if s.Timeout <= 0 {
		s.Timeout = DefaultTimeout
	}
	if s.Parallel <= 0 {
		s.Parallel = 8
	}
	if s.PerHost <= 0 {
		s.PerHost = 4
	}
	if s.Wait <= 0 {
		s.Wait = time.Second
	}
	transport := &http.Transport{
		DialContext:         newDialer(s.Allow, s.Resolver).dial,
		TLSClientConfig:     s.TLS,
		TLSHandshakeTimeout: connectTimeout,
		MaxIdleConnsPerHost: s.PerHost,
		IdleConnTimeout:     15 * time.Second,
		DisableCompression:  true, // the bytes as they are stored, and Content-Length beside them
		// Proxy stays nil: behind one the address could not be judged.
		MaxResponseHeaderBytes: 256 << 10,
	}
	return &Fetcher{
		settings: s, idle: transport.CloseIdleConnections, slots: make(chan struct{}, s.Parallel), hosts: &hosts{each: s.PerHost},
		client: &http.Client{
			Transport:     &authTransport{auth: s.Auth, allow: s.Allow, next: transport},
			CheckRedirect: checkRedirect,
		},
	}
}

// Close closes connections that are not in use.
func (f *Fetcher) Close() { f.idle() }

// Answer is what was said of a fetched file beside its bytes.
type Answer struct {
	Disposition string // Content-Disposition
	ContentType string // as the host says
	Size        int64
}

// Fetch writes the file at s.URL to w, which is emptied before a repeat. 5xx, 429 and broken connections are repeated
// within the time limit. What cannot be had is a [*Missing]; any other error is of w, or ctx's.
func (f *Fetcher) Fetch(ctx context.Context, s Source, w Sink) (Answer, error) {
	u, err := parseURL(s.URL)
	if err != nil {
		return Answer{}, err
	}
	leave, err := f.enter(ctx, u)
	if err != nil {
		return Answer{}, err
	}
	defer leave()
	inner, cancel := context.WithTimeout(ctx, f.settings.Timeout)
	defer cancel()
	var a Answer
	for try := 1; ; try++ {
		if err := w.Reset(); err != nil {
			return Answer{}, err
		}
		var wait time.Duration
		a, wait, err = f.once(inner, u, s, w)
		if err == nil || ctx.Err() != nil || inner.Err() != nil || try == fetchTries || wait < 0 {
			break
		}
		select {
		case <-time.After(wait<<(try-1) + rand.N(f.settings.Wait/4+1)):
		case <-inner.Done():
		}
	}
	if ctx.Err() != nil {
		return Answer{}, ctx.Err()
	}
	f.hosts.saw(u, err)
	return a, err
}

// enter takes a slot, and one of the host's.
func (f *Fetcher) enter(ctx context.Context, u *url.URL) (leave func(), err error) {
	if err := f.hosts.down(u); err != nil {
		return nil, err
	}
	host, err := f.hosts.enter(ctx, u) // first, so that a slow host does not hold slots others could use
	if err != nil {
		return nil, err
	}
	if err := f.hosts.down(u); err != nil { // while we waited for it
		host()
		return nil, err
	}
	select {
	case f.slots <- struct{}{}:
		return func() { <-f.slots; host() }, nil
	case <-ctx.Done():
		host()
		return nil, ctx.Err()
	}
}

// never is the wait of a failure that a repeat does not mend.
const never = -1

// once makes one request with its redirects. wait is how long to wait before the first repeat.
func (f *Fetcher) once(ctx context.Context, u *url.URL, s Source, w Sink) (a Answer, wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return a, never, missing(BadURL, "it cannot be asked for")
	}
	resp, err := f.client.Do(req)
	if err != nil {
		m := broken(ctx, err)
		var dns *net.DNSError
		if m.Code == Unreachable && !(errors.As(err, &dns) && dns.IsNotFound) {
			return a, f.settings.Wait, m
		}
		return a, never, m
	}
	defer resp.Body.Close()
	if m := status(resp); m != nil {
		if m.Code == ServerError && (resp.StatusCode/100 == 5 || resp.StatusCode == http.StatusTooManyRequests) {
			return a, f.retryAfter(resp), m
		}
		return a, never, m
	}
	limit := f.settings.Limit
	if resp.ContentLength > limit {
		return a, never, missing(TooLarge, "%d bytes announced, %d allowed", resp.ContentLength, limit)
	}
	body := io.Reader(resp.Body)
	switch e := strings.ToLower(resp.Header.Get("Content-Encoding")); e {
	case "", "identity":
	case "gzip":
		if body, err = gzip.NewReader(resp.Body); err != nil {
			return a, f.settings.Wait, missing(Cut, "it is not the gzip it is said to be")
		}
	default:
		return a, never, missing(ServerError, "it comes encoded as %q, which was not asked for", clip(e))
	}
	n, err := copyLimited(w, body, limit)
	switch {
	case err != nil && isOurs(err):
		return a, never, err
	case err != nil:
		if m := broken(ctx, err); m.Code == TimedOut {
			return a, never, m
		}
		return a, f.settings.Wait, missing(Cut, "%d bytes came", n)
	case n > limit:
		return a, never, missing(TooLarge, "more than %d bytes", limit)
	case n == 0:
		return a, never, missing(Empty, "")
	}
	a = Answer{Disposition: resp.Header.Get("Content-Disposition"), ContentType: resp.Header.Get("Content-Type"), Size: n}
	if head := w.Head(); isHTML(ContentType(head)) && !saidHTML(s) {
		return Answer{}, never, missing(LoginPage, "")
	}
	return a, 0, nil
}

// Sink takes the bytes of a file.
type Sink interface {
	io.Writer
	Reset() error // empties it
	Head() []byte // the first bytes, 3 KiB at most
}

// ourError is an error of the sink's: broken plumbing.
type ourError struct{ error }

func (e ourError) Unwrap() error { return e.error }

func isOurs(err error) bool {
	var own ourError
	return errors.As(err, &own)
}

type sinkWriter struct{ w io.Writer }

func (s sinkWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		err = ourError{err}
	}
	return n, err
}

// copyLimited copies one byte more than limit at most.
func copyLimited(w io.Writer, r io.Reader, limit int64) (int64, error) {
	return io.Copy(sinkWriter{w}, io.LimitReader(r, limit+1))
}

// parseURL accepts absolute http and https URLs.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return nil, missing(BadURL, "")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, missing(BadURL, "its scheme is %q", clip(u.Scheme))
	case u.Port() != "" && !isPort(u.Port()):
		return nil, missing(BadURL, "its port is no port")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// errRedirect is why a redirect is not followed.
type errRedirect struct{ why string }

func (e errRedirect) Error() string { return e.why }

func checkRedirect(req *http.Request, via []*http.Request) error {
	u, from := req.URL, via[len(via)-1].URL
	switch {
	case len(via) > maxRedirects:
		return errRedirect{fmt.Sprintf("more than %d redirects", maxRedirects)}
	case u.Scheme != "http" && u.Scheme != "https":
		return errRedirect{fmt.Sprintf("to the scheme %q", clip(u.Scheme))}
	case from.Scheme == "https" && u.Scheme != "https":
		return errRedirect{"from https to http"}
	}
	return nil
}

// status is the outcome of an answer that is no file; nil for one that is.
func status(resp *http.Response) *Missing {
	said := fmt.Sprintf("%s answered %d", clip(resp.Request.URL.Hostname()), resp.StatusCode)
	switch c := resp.StatusCode; {
	case c == http.StatusOK, c == http.StatusNonAuthoritativeInfo:
		return nil
	case c == http.StatusNotFound, c == http.StatusGone:
		return &Missing{Gone, said}
	case c == http.StatusUnauthorized, c == http.StatusForbidden, c == http.StatusProxyAuthRequired:
		return &Missing{Denied, said}
	case c == http.StatusNoContent:
		return &Missing{Empty, said}
	case c/100 == 3:
		return &Missing{Redirect, said}
	}
	return &Missing{ServerError, said}
}

// retryAfter is how long a busy host asks to wait, within bounds.
func (f *Fetcher) retryAfter(resp *http.Response) time.Duration {
	n, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || n < 1 {
		return f.settings.Wait
	}
	return min(time.Duration(n)*time.Second, maxWait)
}

// broken is the outcome of a request without an answer.
func broken(ctx context.Context, err error) *Missing {
	var redirect errRedirect
	var netErr net.Error
	switch {
	case refusedAddress(err):
		return missing(Private, "%s", guardText(err))
	case errors.As(err, &redirect):
		return &Missing{Redirect, redirect.why}
	case errors.Is(err, http.ErrUseLastResponse):
		return missing(Redirect, "")
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return missing(TimedOut, "")
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return missing(Unreachable, "there is no host %s", clip(dns.Name))
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // its text repeats the address, with the query
	}
	return missing(Unreachable, "%s", clip(err.Error()))
}

// guardText says which address was refused.
func guardText(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		return op.Addr.String() + " is not asked"
	}
	return "not asked"
}

// clip shortens a hostile text for a report, on one line.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "_"))
	if len(s) > 120 {
		s = strings.ToValidUTF8(s[:120], "") + "…"
	}
	return s
}
