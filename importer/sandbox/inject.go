package sandbox

import (
	"bytes"
	"context"
	"crypto/subtle"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

type effectsKey struct{}

// effectsOf are the effects of the faults on a request; never nil.
func effectsOf(r *http.Request) *effects {
	if fx, ok := r.Context().Value(effectsKey{}).(*effects); ok {
		return fx
	}
	return &effects{}
}

// held is an answer kept back until the faults have had their say.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *held) Header() http.Header { return h.header }

func (h *held) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *held) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(b)
}

func (h *held) send(w http.ResponseWriter) {
	for name, v := range h.header {
		w.Header()[name] = v
	}
	if h.status == http.StatusNoContent {
		w.WriteHeader(h.status)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(h.body.Len()))
	w.WriteHeader(h.status)
	_, _ = w.Write(h.body.Bytes())
}

// serveAPI is everything under /api: it counts, plays the faults, checks credentials and quota, then lets the
// endpoint answer.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	endpoint := s.endpoint(r)
	s.counts.request(endpoint)
	w.Header().Set("Date", s.now().Format(http.TimeFormat)) // the account's clock, which a client may compare with its own
	body, tooBig := s.readBody(r)
	p := newPlan(s.faults.Strike(r.Method, r.URL.Path))
	if f := p.answer; f != nil && strings.HasSuffix(f.Do, "-before") {
		s.interrupt(w, r, f, nil)
		return
	}
	if refused := s.admit(w, r); refused != nil {
		fail(w, refused)
		return
	}
	s.rateHeader(w)
	if tooBig != nil {
		fail(w, tooBig)
		return
	}
	work := r.Clone(context.WithValue(context.WithoutCancel(r.Context()), effectsKey{}, p.fx))
	work.Body = io.NopCloser(bytes.NewReader(body))
	if f := p.answer; f != nil && (f.Do == "late" || f.Do == "hang") {
		if f.Do == "hang" {
			s.await(r.Context(), 0)
		}
		s.after(f.Delay, func() { s.perform(work, p.fx) })
		drop(w)
		return
	}
	h := s.perform(work, p.fx)
	if p.slow > 0 {
		s.await(r.Context(), p.slow)
	}
	if p.answer != nil {
		s.interrupt(w, r, p.answer, h)
		return
	}
	h.send(w)
}

// perform runs the endpoint and what agents do about it.
func (s *Server) perform(r *http.Request, fx *effects) *held {
	h := &held{header: http.Header{}}
	if _, pattern := s.api.Handler(r); pattern == "" {
		s.noEndpoint(h, r)
	} else {
		s.api.ServeHTTP(h, r)
	}
	h.WriteHeader(http.StatusOK)
	if h.status < 300 {
		for _, f := range fx.agents {
			for _, id := range fx.tickets {
				s.after(f.Delay, func() { s.agentActs(f.Do, id) })
			}
		}
	}
	return h
}

// noEndpoint answers 404 or 405 in the API's own shape.
func (s *Server) noEndpoint(h *held, r *http.Request) {
	plain := &held{header: http.Header{}}
	s.api.ServeHTTP(plain, r)
	e := &refusal{status: http.StatusNotFound, msg: "The requested URL was not found on the server."}
	if plain.status == http.StatusMethodNotAllowed {
		e = &refusal{status: plain.status, msg: "The method is not allowed for the requested URL."}
		h.header.Set("Allow", plain.header.Get("Allow"))
	}
	e.write(h)
}

// readBody takes the whole body in, so that a client that goes away is noticed and a late commit has it.
func (s *Server) readBody(r *http.Request) ([]byte, error) {
	limit := s.unknowns.bodyLimit()
	if r.URL.Path == "/api/upload" {
		limit = s.unknowns.uploadLimit() + 64<<10
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if int64(len(b)) > limit {
		return nil, tooLarge(limit)
	}
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, msg: "The body could not be read."}
	}
	return b, nil
}

// admit checks credentials, then takes a slot of the quota. Strangers take none.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) error {
	if !s.authorized(r) {
		s.rateHeader(w)
		w.Header().Set("WWW-Authenticate", `Basic realm="Gorgias"`)
		return &refusal{status: http.StatusUnauthorized, msg: "Invalid credentials."}
	}
	ok, wait := s.bucket.take(s.now())
	if ok {
		return nil
	}
	return s.throttle(w, wait)
}

// throttle is a 429.
func (s *Server) throttle(w http.ResponseWriter, wait int) *refusal {
	s.counts.throttled.Add(1)
	s.rateHeader(w)
	w.Header().Set("Retry-after", strconv.Itoa(wait))
	return &refusal{status: http.StatusTooManyRequests, msg: "Rate limit exceeded.", raw: s.unknowns.Body429}
}

func (s *Server) rateHeader(w http.ResponseWriter) {
	w.Header().Set("X-Gorgias-Account-Api-Call-Limit", s.bucket.header(s.now()))
}

func (s *Server) authorized(r *http.Request) bool {
	user, key, basic := r.BasicAuth()
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if len(s.credentials) == 0 {
		return (basic && user != "" && key != "") || (bearer && strings.TrimSpace(token) != "")
	}
	for _, c := range s.credentials {
		if basic && c.Key != "" && strings.EqualFold(c.User, user) && same(c.Key, key) {
			return true
		}
		if bearer && c.Token != "" && same(c.Token, token) {
			return true
		}
	}
	return false
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// interrupt does what an answering fault says, instead of the answer h (nil: nothing was done).
func (s *Server) interrupt(w http.ResponseWriter, r *http.Request, f *Fault, h *held) {
	what, _, _ := strings.Cut(f.Do, "-")
	s.rateHeader(w)
	switch what {
	case "drop":
		drop(w)
		return
	case "cut":
		cut(w, h)
		return
	case "quota":
		(&refusal{status: http.StatusForbidden, msg: "Messaging quota exceeded."}).write(w)
		return
	case "html":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>Gorgias</title><h1>We will be right back</h1>")
		return
	case "truncated":
		truncated(w, h)
		return
	case "redirect":
		w.Header().Set("Location", "/login")
		w.WriteHeader(http.StatusFound)
		return
	}
	status, err := strconv.Atoi(what)
	switch {
	case err != nil:
		drop(w)
	case status == http.StatusTooManyRequests:
		wait := int((f.Delay + time.Second - 1) / time.Second)
		s.bucket.fill(s.now())
		s.throttle(w, max(1, wait)).write(w)
	case status < 400:
		w.Header().Set("Location", r.URL.RequestURI())
		w.WriteHeader(status)
	case status >= 500:
		w.Header().Set("Content-Type", "text/html; charset=utf-8") // as a proxy in front answers
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<html><body><h1>"+http.StatusText(status)+"</h1></body></html>")
	default:
		(&refusal{status: status, msg: orWord(http.StatusText(status), "Refused") + "."}).write(w)
	}
}

// truncated answers 200 with the beginning of a JSON text, whole as far as HTTP can tell.
func truncated(w http.ResponseWriter, h *held) {
	body := []byte(`{"id":100001,"messages":[{"id":`)
	if h != nil && h.body.Len() > 1 {
		body = h.body.Bytes()[:h.body.Len()/2]
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

// drop closes the connection without an answer.
func drop(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
		return
	}
	// net/http's own way to abort a response, quiet and limited to this connection.
	panic(http.ErrAbortHandler)
}

// cut sends the head and half of the body, then closes the connection.
func cut(w http.ResponseWriter, h *held) {
	if h == nil || h.body.Len() < 2 {
		drop(w)
		return
	}
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		drop(w)
		return
	}
	defer conn.Close()
	head := http.Response{ProtoMajor: 1, ProtoMinor: 1, StatusCode: h.status, Header: h.header, ContentLength: int64(h.body.Len()),
		Body: io.NopCloser(bytes.NewReader(h.body.Bytes()))}
	var whole bytes.Buffer
	if head.Write(&whole) == nil {
		_, _ = buf.Write(whole.Bytes()[:whole.Len()-h.body.Len()/2])
		_ = buf.Flush()
	}
}

// await waits until the client has gone, the server closes, or d has passed (zero: no limit).
func (s *Server) await(ctx context.Context, d time.Duration) {
	var timer <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
	case <-s.closing:
	case <-timer:
	}
}
