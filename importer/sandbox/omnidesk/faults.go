package omnidesk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskferry/deskferry/importer/sandbox"
)

// plays tells whether a fault is one that can happen here.
func plays(f sandbox.Fault) bool {
	what, _, _ := strings.Cut(f.Do, "-")
	if _, err := strconv.Atoi(what); err == nil {
		return true
	}
	return slices.Contains([]string{"drop", "cut", "html", "truncated", "redirect", "slow", "hang", "late"}, what)
}

// play lets the faults that strike decide what becomes of a request. do carries it out.
func (s *Server) play(w http.ResponseWriter, r *http.Request, struck []sandbox.Fault, do func() *reply) {
	var slow time.Duration
	var first *sandbox.Fault
	for i := range struck {
		switch {
		case struck[i].Do == "slow":
			slow += struck[i].Delay
		case first == nil && plays(struck[i]):
			first = &struck[i]
		}
	}
	if first == nil {
		a := do()
		s.await(r.Context(), slow)
		s.send(w, a)
		return
	}
	what, when, _ := strings.Cut(first.Do, "-")
	if what == "late" || what == "hang" {
		s.linger(w, r, first, do)
		return
	}
	var a *reply
	if when == "after" || what == "truncated" && r.Method == http.MethodGet {
		a = do()
	}
	s.await(r.Context(), slow)
	s.interrupt(w, r, what, first.Delay, a)
}

// linger carries a request out after the client has given up (hang) or was dropped (late).
func (s *Server) linger(w http.ResponseWriter, r *http.Request, f *sandbox.Fault, do func() *reply) {
	if f.Do == "hang" {
		select {
		case <-r.Context().Done():
		case <-s.closing:
		}
	} else if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
	s.await(context.WithoutCancel(r.Context()), f.Delay)
	do()
	if f.Do == "hang" {
		panic(http.ErrAbortHandler)
	}
}

// interrupt answers in the endpoint's stead. a is what the endpoint answered; nil: nothing was done.
func (s *Server) interrupt(w http.ResponseWriter, r *http.Request, what string, delay time.Duration, a *reply) {
	const html = "text/html; charset=utf-8"
	switch what {
	case "drop":
		panic(http.ErrAbortHandler) // net/http's own way to end a connection without an answer
	case "cut":
		cut(w, a)
	case "html":
		s.send(w, &reply{status: http.StatusOK, kind: html, body: []byte("<!DOCTYPE html><title>Omnidesk</title><h1>We zijn zo terug</h1>")})
	case "truncated":
		body := []byte(`{"type":"list","items":[{"id":`)
		if a != nil && len(a.body) > 1 {
			body = a.body[:len(a.body)/2]
		}
		s.send(w, &reply{status: http.StatusOK, kind: "application/json", body: body})
	case "redirect":
		w.Header().Set("Location", "/login")
		s.send(w, &reply{status: http.StatusFound})
	default:
		s.send(w, s.refusal(w, r, what, delay))
	}
}

// refusal is an answer of the status that a fault names.
func (s *Server) refusal(w http.ResponseWriter, r *http.Request, what string, delay time.Duration) *reply {
	status, _ := strconv.Atoi(what)
	switch {
	case status == http.StatusTooManyRequests:
		return s.throttled(int((delay + time.Second - 1) / time.Second))
	case status < 400:
		w.Header().Set("Location", r.URL.RequestURI())
		return &reply{status: status}
	case status >= 500: // as a proxy in front answers
		return &reply{status: status, kind: "text/html; charset=utf-8", body: []byte("<html><body><h1>" + http.StatusText(status) + "</h1></body></html>")}
	}
	return refuse(status, "%s", http.StatusText(status))
}

// cut sends the head and half of the body, then ends the connection.
func cut(w http.ResponseWriter, a *reply) {
	if a != nil && len(a.body) > 1 {
		a.head(w)
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush()
	}
	panic(http.ErrAbortHandler)
}

// await waits until the client has gone, the server closes, or d has passed.
func (s *Server) await(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-s.closing:
	case <-t.C:
	}
}
