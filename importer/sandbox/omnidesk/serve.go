package omnidesk

import (
	"bytes"
	"crypto/subtle"
	"io"
	"net/http"
	"slices"
	"strings"
)

// maxBody is how much a request may carry.
const maxBody = 32 << 20

// route is an endpoint: a method and a path below [Base], of which "{id}" stands for any one part.
type route struct {
	method, path string
	permission   string
	answer       func(*http.Request, string) *reply // with what stands for {id}
}

func (s *Server) endpoints() []route {
	return []route{
		{"GET", "/ticket", TicketRead, s.listTickets},
		{"GET", "/ticket/{id}", TicketRead, s.getTicket},
		{"GET", "/user", UserRead, s.listUsers},
		{"GET", "/customer", CustomerRead, s.listCustomers},
		{"GET", "/channel", ChannelRead, s.listChannels},
		{"GET", "/email/downloadMail/{id}", TicketRead, s.downloadMail},
		{"GET", "/notification", SettingsCRUD, s.readNotifications},
		{"POST", "/message", MessageCreate, s.postMessage},
		{"POST", "/message/chatbot", MessageCreate, s.postChatbot},
	}
}

// find returns the endpoint of a request and what stands for {id}; other tells that the path has other methods.
func (s *Server) find(r *http.Request) (found *route, id string, other bool) {
	at, ok := strings.CutPrefix(strings.TrimSuffix(r.URL.Path, "/"), Base)
	if !ok {
		return nil, "", false
	}
	for i := range s.routes {
		one := &s.routes[i]
		got := at
		if head, open := strings.CutSuffix(one.path, "{id}"); open {
			if got, ok = strings.CutPrefix(at, head); !ok || got == "" || strings.Contains(got, "/") {
				continue
			}
		} else if at != one.path {
			continue
		}
		if one.method == r.Method {
			return one, got, false
		}
		other = true
	}
	return nil, "", other
}

// serveAPI counts a request, plays the faults, checks key, permission and quota, then lets the endpoint answer.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	to, id, other := s.find(r)
	endpoint := r.Method + " other"
	if to != nil {
		endpoint = to.method + " " + Base + to.path
	}
	s.counts.request(endpoint, r.URL.Query().Has("apiKey"))
	w.Header().Set("Date", s.now().Format(http.TimeFormat))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	r.Body = io.NopCloser(bytes.NewReader(body))
	do := func() *reply {
		switch refused := s.admit(r, to); {
		case refused != nil:
			return refused
		case err != nil:
			return refuse(http.StatusRequestEntityTooLarge, "the request is too large")
		case to == nil && other:
			return refuse(http.StatusMethodNotAllowed, "Method not allowed")
		case to == nil:
			return refuse(http.StatusNotFound, "This endpoint does not exist.")
		}
		return to.answer(r, id)
	}
	s.play(w, r, s.faults.Strike(r.Method, r.URL.Path), do)
}

// send counts an answer and sends it.
func (s *Server) send(w http.ResponseWriter, a *reply) {
	s.counts.status(a.status)
	a.write(w)
}

// admit checks the key, what it may do, and the pace. Strangers do not count against the pace.
func (s *Server) admit(r *http.Request, to *route) *reply {
	key := r.Header.Get("apiKey")
	if key == "" && s.o.Quirks.KeyInQuery {
		key = r.URL.Query().Get("apiKey")
	}
	if key == "" || s.o.Key != "" && subtle.ConstantTimeCompare([]byte(key), []byte(s.o.Key)) != 1 {
		return refuse(http.StatusUnauthorized, "Invalid API key")
	}
	if ok, wait := s.bucket.take(s.now()); !ok {
		return s.throttled(wait)
	}
	if to != nil && s.o.Permissions != nil && !slices.Contains(s.o.Permissions, to.permission) {
		return refuse(http.StatusForbidden, "This API key lacks the permission %s", to.permission)
	}
	return nil
}

func (s *Server) throttled(wait int) *reply {
	a := refuse(http.StatusTooManyRequests, "Too many requests")
	if !s.o.Quota.Silent {
		a.retry = wait
	}
	return a
}
