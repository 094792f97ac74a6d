package gorgias

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

func TestBase(t *testing.T) {
	for in, want := range map[string]string{
		"https://acme.gorgias.com":       "https://acme.gorgias.com",
		"acme.gorgias.com":               "https://acme.gorgias.com",
		"https://acme.gorgias.com/":      "https://acme.gorgias.com",
		"https://ACME.gorgias.com/api/":  "https://acme.gorgias.com",
		"https://acme.gorgias.com/api":   "https://acme.gorgias.com",
		"http://127.0.0.1:8765":          "http://127.0.0.1:8765",
		"http://localhost:8765/":         "http://localhost:8765",
		"http://[::1]:8765":              "http://[::1]:8765",
		" https://acme.gorgias.com ":     "https://acme.gorgias.com",
		"":                               "no account given",
		"acme":                           "did you mean https://acme.gorgias.com",
		"http://acme.gorgias.com":        "in the clear",
		"http://127.0.0.1.evil.com":      "in the clear",
		"ftp://acme.gorgias.com":         "scheme",
		"https://acme.gorgias.com/app":   "path",
		"https://acme.gorgias.com?x=1":   "more than a host",
		"https://acme.gorgias.com/#x":    "more than a host",
		"https://u:secret@a.gorgias.com": "user name or password",
		"https://":                       "no host",
		"https://a b":                    "cannot be read",
	} {
		u, err := parseBase(in)
		got := fmt.Sprint(u)
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != want || err != nil && (!strings.Contains(got, want) || strings.HasPrefix(want, "http")) {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if strings.Contains(got, "secret") {
			t.Errorf("%q shows the password", got)
		}
	}
}

func TestCredentials(t *testing.T) {
	key, token := NewSecret("k"), NewSecret("t")
	for _, tt := range []struct {
		s    Settings
		want string
	}{
		{Settings{User: "a@b.c", Key: key}, "Basic " + base64.StdEncoding.EncodeToString([]byte("a@b.c:k"))},
		{Settings{Token: token}, "Bearer t"},
		{Settings{User: "a@b.c", Token: token}, "Bearer t"},
		{Settings{}, "no credentials"},
		{Settings{User: "a@b.c"}, "no credentials"},
		{Settings{Key: key}, "DESKFERRY_GORGIAS_USER"},
		{Settings{User: "a:b", Key: key}, "DESKFERRY_GORGIAS_USER"},
		{Settings{User: "a@b.c", Key: key, Token: token}, "both"},
		{Settings{User: "a@b.c", Key: NewSecret("k\n")}, "line break"},
	} {
		auth, _, err := credentials(tt.s)
		got := auth.reveal()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%+v: got %q, want %q", tt.s, got, tt.want)
		}
	}
}

func TestAuthorizationIsSent(t *testing.T) {
	var got []string
	a := newAccount(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Authorization"))
		io.WriteString(w, `{}`)
	})
	if err := a.client(t).Alive(t.Context()); err != nil {
		t.Fatal(err)
	}
	bearer := a.client(t, func(s *Settings) { s.User, s.Key, s.Token = "", Secret{}, NewSecret("tok") })
	if err := bearer.Alive(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"Basic " + base64.StdEncoding.EncodeToString([]byte("desk@acme.com:"+testKey)), "Bearer tok"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The retry table of design section 6, as far as it is the client's.
func TestVerdicts(t *testing.T) {
	const (
		notSent, limited, lost, refusedK = importer.NotSent, importer.Limited, importer.Lost, importer.Refused
		tooLarge, gone, conflict, stop   = importer.TooLarge, importer.Gone, importer.Conflict, importer.Stop
	)
	_ = notSent
	tests := []struct {
		statuses                                               []int
		get, create, append, update, delete, upload, customers importer.FaultKind
	}{
		{[]int{429}, limited, limited, limited, limited, limited, limited, limited},
		{[]int{408, 500, 502, 503, 504, 520, 599, 418, 423, 425}, lost, lost, lost, lost, lost, lost, lost},
		{[]int{400, 422}, stop, refusedK, refusedK, refusedK, refusedK, refusedK, refusedK},
		{[]int{413}, stop, tooLarge, tooLarge, refusedK, refusedK, refusedK, refusedK},
		{[]int{409}, stop, conflict, conflict, refusedK, refusedK, refusedK, conflict},
		{[]int{401, 403}, stop, stop, stop, stop, stop, stop, stop},
		{[]int{404, 410}, gone, stop, gone, gone, 255, stop, stop},
		{[]int{300, 301, 302, 303, 304, 307, 308}, stop, stop, stop, stop, stop, stop, stop},
	}
	for _, tt := range tests {
		for _, status := range tt.statuses {
			for o, want := range []importer.FaultKind{tt.get, tt.create, tt.append, tt.update, tt.delete, tt.upload, tt.customers} {
				kind, doubtful, done := verdict(op(o), status)
				if done != (want == 255) || !done && kind != want {
					t.Errorf("%d for op %d: got %s, want %s", status, o, kind, want)
				}
				if want := status/100 == 3 && op(o) != opRead; doubtful != want {
					t.Errorf("%d for op %d: doubtful %t", status, o, doubtful)
				}
			}
		}
	}
}

// Every answer over real HTTP: what it means for a create, an append and a read, and what it tells the user.
func TestAnswers(t *testing.T) {
	const quota = `{"error":{"msg":"Messaging quota exceeded."}}`
	tests := []struct {
		name                 string
		answer               http.HandlerFunc
		create, append, read string // the fault's kind; "" for success
		text                 string // of the create's
	}{
		{name: "200", answer: reply(200, "application/json", created(3, "zendesk:7", "m1")), text: ""},
		{name: "201", answer: reply(201, "application/json", created(3, "zendesk:7", "m1")), text: ""},
		{name: "202 and no content type", answer: reply(202, "", created(3, "zendesk:7", "m1")), text: ""},
		{name: "204 without a ticket", answer: reply(204, "", ""), create: "lost", append: "lost", read: "lost"},
		{name: "200 html", answer: reply(200, "text/html", "<html>"), create: "stop!", append: "stop!", read: "stop", text: "web page"},
		{name: "200 html that says json", answer: reply(200, "application/json", " <!doctype html>"), create: "stop!", append: "stop!", read: "stop"},
		{name: "200 torn", answer: reply(200, "application/json", `{"id":3,"mess`), create: "lost", append: "lost", read: "lost"},
		{name: "200 no id", answer: reply(200, "application/json", `{}`), create: "lost", append: "lost", read: "lost"},
		{name: "200 array", answer: reply(200, "application/json", `[]`), create: "lost", append: "lost", read: "lost"},
		{name: "400 object", answer: reply(400, "application/json", `{"error":{"msg":"Invalid.","data":{"sender":["Missing data for required field."]}}}`),
			create: "refused", append: "refused", read: "stop", text: `Invalid. {"sender":["Missing data for required field."]}`},
		{name: "400 string", answer: reply(400, "application/json", `{"error":"bad\n\u001b[31mthing"}`), create: "refused", append: "refused", read: "stop", text: "bad [31mthing"},
		{name: "401", answer: reply(401, "application/json", `{"error":{"msg":"Unauthorized"}}`), create: "stop", append: "stop", read: "stop", text: "check DESKFERRY_GORGIAS_USER"},
		{name: "403", answer: reply(403, "application/json", `{"error":{"msg":"Forbidden"}}`), create: "stop", append: "stop", read: "stop", text: "admin"},
		{name: "403 quota", answer: reply(403, "application/json", quota), create: "stop", append: "stop", read: "stop", text: "Messaging quota exceeded.; the account's quota is used up"},
		{name: "404", answer: reply(404, "text/html", "<h1>nothing</h1>"), create: "stop", append: "gone", read: "gone", text: "check the account's name"},
		{name: "409", answer: reply(409, "application/json", `{"error":"in use"}`), create: "conflict", append: "conflict", read: "stop", text: "in use"},
		{name: "413", answer: reply(413, "text/html", `<html>`), create: "too large", append: "too large", read: "stop"},
		{name: "429", answer: reply(429, "application/json", `{}`), create: "limited", append: "limited", read: "limited"},
		{name: "500", answer: reply(500, "text/html", `<html>`), create: "lost", append: "lost", read: "lost", text: "(a web page)"},
		{name: "503 empty", answer: reply(503, "", ``), create: "lost", append: "lost", read: "lost"},
		{name: "dropped", answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, create: "lost", append: "lost", read: "lost"},
		{name: "dropped in the answer", answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, `{"id":3,`)
			panic(http.ErrAbortHandler)
		}, create: "lost", append: "lost", read: "lost"},
		{name: "slow", answer: func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, create: "lost", append: "lost", read: "lost", text: "deadline"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newAccount(t, tt.answer)
			w := work(t, mapping.Message{Channel: "chat", Public: true, Author: ada})
			// a client each: a 429 holds the pacer
			settings := func(s *Settings) {
				if tt.name == "slow" {
					s.Timeout = 50 * time.Millisecond
				}
			}
			check := func(what, want string, err error) {
				t.Helper()
				got := ""
				if err != nil {
					f := importer.FaultOf(err)
					got = f.Kind.String()
					if f.Doubtful {
						got += "!"
					}
					if f.Kind == importer.Limited && f.After != 20*time.Second {
						t.Errorf("%s: after %s, want 20 s", what, f.After)
					}
					if strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 700 {
						t.Errorf("%s: not one line: %q", what, err)
					}
				}
				if got != want {
					t.Errorf("%s: got %q (%v), want %q", what, got, err, want)
				}
			}
			c := a.client(t, settings)
			req, err := c.Create(w, 1)
			if err != nil {
				t.Fatal(err)
			}
			st, err := req.Send(t.Context())
			check("create", tt.create, err)
			if err != nil && !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %q, want %q in it", err, tt.text)
			}
			if err == nil && (st.ID != 3 || len(st.Messages) != 1 || st.Messages[0].ExternalID != "m1") {
				t.Errorf("stored %+v", st)
			}
			if req, err = a.client(t, settings).Append(3, w, 0); err != nil {
				t.Fatal(err)
			}
			_, err = req.Send(t.Context())
			check("append", tt.append, err)
			_, err = a.client(t, settings).Read(t.Context(), 3)
			check("read", tt.read, err)
			if n := len(a.seen()); n != 3 {
				t.Errorf("%d requests, want 3: nothing is repeated here", n)
			}
		})
	}
}

func TestNoConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	l.Close()
	client := func(base string) *Client {
		c, err := New(Settings{Base: base, User: "u", Key: NewSecret(testKey), Patience: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		c.Encoder.People = account()
		return c
	}
	t.Run("wrong port at the start", func(t *testing.T) {
		f := faultOf(t, client(closed).Alive(t.Context()))
		if f.Kind != importer.Stop || !strings.Contains(f.Error(), "nothing listens at 127.0.0.1") {
			t.Errorf("got %s: %v", f.Kind, f)
		}
	})
	t.Run("outage later", func(t *testing.T) {
		c := client(closed)
		c.answered.Store(true)
		if f := faultOf(t, c.Alive(t.Context())); f.Kind != importer.NotSent {
			t.Errorf("read: got %s: %v", f.Kind, f)
		}
		req, err := c.Create(work(t, mapping.Message{Channel: "chat", Public: true, Author: ada}), 1)
		if err != nil {
			t.Fatal(err)
		}
		_, err = req.Send(t.Context())
		if f := faultOf(t, err); f.Kind != importer.NotSent {
			t.Errorf("create: got %s: %v", f.Kind, f)
		}
		if s := c.Stats(); s.Requests != 0 || s.Messages != 0 {
			t.Errorf("counted %+v for requests that never left", s)
		}
	})
	t.Run("no such host", func(t *testing.T) {
		c := client("https://acme.gorgias.com")
		err := &url.Error{Op: "Get", URL: "https://acme.gorgias.com/api/account", Err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "acme.gorgias.com", IsNotFound: true}}}
		f := faultOf(t, c.broken(call{doing: "asking for the account"}, err, false))
		if f.Kind != importer.Stop || f.Error() != "asking for the account: there is no host acme.gorgias.com; check the account's name" {
			t.Errorf("got %s: %v", f.Kind, f)
		}
	})
	t.Run("tls where none is", func(t *testing.T) {
		a := newAccount(t, nil)
		c := client(strings.Replace(a.URL, "http", "https", 1))
		if f := faultOf(t, c.Alive(t.Context())); f.Kind != importer.NotSent {
			t.Errorf("got %s: %v", f.Kind, f)
		}
	})
	t.Run("interrupted before it left", func(t *testing.T) {
		c := newAccount(t, nil).client(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		req, err := c.Create(work(t, mapping.Message{Channel: "chat", Public: true, Author: ada}), 1)
		if err != nil {
			t.Fatal(err)
		}
		_, err = req.Send(ctx)
		if f := faultOf(t, err); f.Kind != importer.NotSent || !errors.Is(err, context.Canceled) {
			t.Errorf("got %s: %v", f.Kind, f)
		}
	})
}
