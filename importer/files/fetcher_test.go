package files

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// memory is a sink for tests.
type memory struct{ bytes.Buffer }

func (m *memory) Reset() error { m.Buffer.Reset(); return nil }

func (m *memory) Head() []byte { return m.Bytes()[:min(m.Len(), maxHead)] }

// near is a fetcher that may connect to these servers of the test.
func near(t *testing.T, s Settings, servers ...*httptest.Server) *Fetcher {
	t.Helper()
	var hosts []string
	for _, server := range servers {
		hosts = append(hosts, server.Listener.Addr().String())
	}
	var err error
	if s.Allow, err = ParseAllow(hosts); err != nil {
		t.Fatal(err)
	}
	s.Wait = 5 * time.Millisecond
	s.TLS = &tls.Config{InsecureSkipVerify: true}
	f := NewFetcher(s)
	t.Cleanup(f.Close)
	return f
}

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"

const loginPage = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>"

// TestOutcomes: each way a file can be had or not has its name.
func TestOutcomes(t *testing.T) {
	var flaky, busy atomic.Int64
	mux := http.NewServeMux()
	handle := func(path string, h http.HandlerFunc) { mux.HandleFunc(path, h) }
	handle("/good", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, png) })
	handle("/empty", func(http.ResponseWriter, *http.Request) {})
	handle("/nothing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	for _, code := range []int{400, 401, 403, 404, 410, 500, 503} {
		handle(fmt.Sprint("/", code), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	}
	html := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, loginPage)
	}
	handle("/login", html)
	handle("/login-unnamed", func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		io.WriteString(w, loginPage)
	})
	handle("/php.csv", func(w http.ResponseWriter, _ *http.Request) { // a script that forgot to say what it sends
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "a,b\n1,2\n3,4\n")
	})
	handle("/announced", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", fmt.Sprint(3<<30)) })
	handle("/streamed", func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 1<<16)
		for range 3 << 30 >> 16 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	handle("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, png)
	})
	handle("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	handle("/drip", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, png)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	handle("/flaky", func(w http.ResponseWriter, _ *http.Request) {
		if flaky.Add(1) < 3 {
			w.WriteHeader(502)
			return
		}
		io.WriteString(w, png)
	})
	handle("/busy", func(w http.ResponseWriter, _ *http.Request) {
		if busy.Add(1) < 2 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(429)
			return
		}
		io.WriteString(w, png)
	})
	handle("/gzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, png)
		z.Close()
	})
	handle("/bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.Copy(z, io.LimitReader(zeros{}, 64<<20))
		z.Close()
	})
	handle("/brotli", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		io.WriteString(w, "x")
	})
	handle("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	handle("/metadata", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
	})
	handle("/home", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://[::ffff:127.0.0.1]/x", http.StatusTemporaryRedirect)
	})
	handle("/file", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	handle("/once", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/good", http.StatusMovedPermanently)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, server.URL+"/good", http.StatusFound)
	}))
	defer secure.Close()
	unheard := httptest.NewServer(http.NotFoundHandler())
	unheard.Close()
	f := near(t, Settings{Limit: 4 << 20, Timeout: 8 * time.Second}, server, secure, unheard)
	for _, c := range []struct {
		path string
		said Source
		want Code // "" for a file
	}{
		{path: "/good"}, {path: "/flaky"}, {path: "/busy"}, {path: "/gzip"}, {path: "/once"},
		{path: "/empty", want: Empty}, {path: "/nothing", want: Empty},
		{path: "/404", want: Gone}, {path: "/410", want: Gone}, {path: "/401", want: Denied}, {path: "/403", want: Denied},
		{path: "/400", want: ServerError}, {path: "/500", want: ServerError}, {path: "/503", want: ServerError}, {path: "/brotli", want: ServerError},
		{path: "/login", want: LoginPage}, {path: "/login", said: Source{Name: "photo.jpg", ContentType: "image/jpeg"}, want: LoginPage},
		{path: "/login-unnamed", want: LoginPage},
		{path: "/login", said: Source{Name: "report.HTML"}}, {path: "/login", said: Source{ContentType: "text/html"}},
		{path: "/php.csv", said: Source{Name: "list.csv"}},
		{path: "/announced", want: TooLarge}, {path: "/streamed", want: TooLarge}, {path: "/bomb", want: TooLarge},
		{path: "/cut", want: Cut},
		{path: "/loop", want: Redirect}, {path: "/file", want: Redirect}, {path: "/metadata", want: Private}, {path: "/home", want: Private},
		{said: Source{URL: secure.URL}, want: Redirect},
		{said: Source{URL: unheard.URL}, want: Unreachable},
		{said: Source{URL: "ftp://files.acme.test/x"}, want: BadURL}, {said: Source{URL: "file:///etc/passwd"}, want: BadURL},
		{said: Source{URL: "photo.jpg"}, want: BadURL}, {said: Source{URL: "http://"}, want: BadURL}, {said: Source{URL: "http://a b/"}, want: BadURL},
		{said: Source{URL: "http://files.acme.test:99999/"}, want: BadURL}, {said: Source{URL: "https:acme.test/x"}, want: BadURL},
		{said: Source{URL: "javascript:alert(1)"}, want: BadURL}, {said: Source{URL: ""}, want: BadURL},
	} {
		if c.path != "" {
			c.said.URL = server.URL + c.path
		}
		var got memory
		_, err := f.Fetch(t.Context(), c.said, &got)
		code, _ := CodeOf(err)
		if code != c.want || err != nil && code == "" {
			t.Errorf("%s %+v: %v (%s), want %q", c.path, c.said, err, code, c.want)
		}
		if err == nil && c.path != "/login" && c.path != "/php.csv" && got.String() != png {
			t.Errorf("%s: got %q", c.path, got.String())
		}
	}
	quick := near(t, Settings{Timeout: 200 * time.Millisecond}, server)
	for _, path := range []string{"/slow", "/drip"} {
		if _, err := quick.Fetch(t.Context(), Source{URL: server.URL + path}, new(memory)); !is(err, TimedOut) {
			t.Errorf("%s: %v", path, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := f.Fetch(ctx, Source{URL: server.URL + "/slow"}, new(memory)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an interrupted fetch is no outcome: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestCredentialsStayWithTheirHost: headers go to the host they are for, by its scheme and port, and along no redirect.
func TestCredentialsStayWithTheirHost(t *testing.T) {
	type heard struct{ who, key, basic, referer string }
	var log []heard
	listen := func(who string, to *string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			log = append(log, heard{who, r.Header.Get("X-Api-Key"), r.Header.Get("Authorization"), r.Header.Get("Referer")})
			if r.URL.Path == "/go" {
				http.Redirect(w, r, *to, http.StatusFound)
				return
			}
			io.WriteString(w, png)
		}
	}
	var toOther, toOld string
	old := httptest.NewServer(listen("old", &toOther))
	defer old.Close()
	other := httptest.NewServer(listen("other", &toOld))
	defer other.Close()
	toOther, toOld = other.URL+"/x", old.URL+"/x"
	host := old.Listener.Addr().String()
	auth, err := ParseAuth("# the old helpdesk\n" + host + "=X-Api-Key: s3cret\n\n" + host + "=Authorization: Bearer t0ken\n")
	if err != nil {
		t.Fatal(err)
	}
	f := near(t, Settings{Auth: auth}, old, other)
	for _, u := range []string{old.URL + "/go?token=1", other.URL + "/go", strings.Replace(old.URL, "http://", "http://me:pw@", 1) + "/go"} {
		if _, err := f.Fetch(t.Context(), Source{URL: u}, new(memory)); err != nil {
			t.Fatal(err)
		}
	}
	want := []heard{
		{"old", "s3cret", "Bearer t0ken", ""}, {"other", "", "", ""}, // from the old host to another
		{"other", "", "", ""}, {"old", "s3cret", "Bearer t0ken", ""}, // from another to the old host
		{"old", "s3cret", "Bearer t0ken", ""}, {"other", "", "", ""}, // with credentials in the URL
	}
	if fmt.Sprint(log) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", log, want)
	}
	if s := fmt.Sprintf("%v %+v %#v", auth, Settings{Auth: auth}, auth); strings.Contains(s, "s3cret") || strings.Contains(s, "t0ken") {
		t.Errorf("printed: %s", s)
	}
	// In clear text nothing is sent to a host that was not allowed by name, and an entry without port is for https.
	transport := &authTransport{auth: mustAuth(t, "files.acme.test=X-Api-Key: s3cret"), next: roundTrip(func(r *http.Request) *http.Response {
		return &http.Response{StatusCode: 200, Header: r.Header, Body: http.NoBody, Request: r}
	})}
	for u, want := range map[string]string{
		"https://files.acme.test/x": "s3cret", "https://FILES.acme.test:443/x": "s3cret", "https://files.acme.test./x": "s3cret",
		"http://files.acme.test/x": "", "https://files.acme.test:8443/x": "", "https://a.files.acme.test/x": "", "https://acme.test/x": "", "https://files.acme.test.evil.test/x": "",
	} {
		req, _ := http.NewRequest("GET", u, nil)
		resp, err := transport.RoundTrip(req)
		if err != nil || resp.Header.Get("X-Api-Key") != want {
			t.Errorf("%s: %q, %v", u, resp.Header.Get("X-Api-Key"), err)
		}
	}
	for _, bad := range []string{"x", "host=", "host=Name", "host=Bad Name: v", "https://host=A: b", "*=A: b", "host=Host: b", "host=A: b\x00", "=A: b"} {
		if _, err := ParseAuth("ok.test=A: b\n" + bad); err == nil || !strings.Contains(err.Error(), "line 2") || strings.Contains(err.Error(), "\x00") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func mustAuth(t *testing.T, text string) Auth {
	a, err := ParseAuth(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// TestDeadHostRests: a host that cannot be reached is not asked for each of its files.
func TestDeadHostRests(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-r.Context().Done()
	}))
	defer server.Close()
	f := near(t, Settings{Timeout: 30 * time.Millisecond}, server)
	for i := range 50 {
		if _, err := f.Fetch(t.Context(), Source{URL: fmt.Sprint(server.URL, "/", i)}, new(memory)); !is(err, TimedOut) {
			t.Fatal(err)
		}
	}
	if n := asked.Load(); n != deadAfter {
		t.Errorf("asked %d times", n)
	}
}

// TestPerHost: no more files at once from one host than allowed, whatever is asked for.
func TestPerHost(t *testing.T) {
	var now, most atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(5 * time.Millisecond)
		io.WriteString(w, png)
	}))
	defer server.Close()
	f := near(t, Settings{Parallel: 6, PerHost: 2}, server)
	done := make(chan error)
	for i := range 30 {
		go func() {
			_, err := f.Fetch(t.Context(), Source{URL: fmt.Sprint(server.URL, "/", i)}, new(memory))
			done <- err
		}()
	}
	for range 30 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() > 2 {
		t.Errorf("%d at once", most.Load())
	}
}
