package omnidesk

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func script(t testing.TB, text string) Faults {
	t.Helper()
	f, err := ParseFaults(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestParseFaults(t *testing.T) {
	for text, want := range map[string]string{
		"drop-before, drop-after:5%, 503@7, 429:2s, html, truncated, redirect, slow:1s, hang:1s, late:2s, cut-after": "",
		"partial": "Gorgias", "merged:1m": "Gorgias", "lag:3s": "Gorgias", "quota": "Gorgias", "explode": "no such fault",
	} {
		if _, err := ParseFaults(text); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// fetch asks a running server; the error is that of the connection or of the body. A connection is not used twice, or the client
// would itself ask again.
func fetch(t *testing.T, url string) (status int, body string, header http.Header, err error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("apiKey", "k")
	res, err := client.Do(r)
	if err != nil {
		return 0, "", nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), res.Header, err
}

func TestFaults(t *testing.T) {
	s := loaded(Options{}, 20)
	url, stop, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for _, c := range []struct {
		script string
		status int
		holds  string
		retry  string
	}{
		{"503", 503, "<html>", ""}, {"500", 500, "<html>", ""}, {"502-after", 502, "<html>", ""}, {"429:3s", 429, `"status":"error"`, "3"}, {"429", 429, `"status":"error"`, ""},
		{"401", 401, `"status":"error"`, ""}, {"403", 403, `"status":"error"`, ""}, {"404", 404, `"status":"error"`, ""}, {"html", 200, "<!DOCTYPE", ""},
		{"redirect", 302, "", ""}, {"307", 307, "", ""}, {"slow:1ms", 200, `"items"`, ""}, {"503@2", 200, `"items"`, ""}, {"503 on /api/v2/user", 200, `"items"`, ""},
		{"503 on POST", 200, `"items"`, ""}, {"hang:1s", 200, `"items"`, ""},
	} {
		s.SetFaults(script(t, c.script))
		status, body, header, err := fetch(t, url+"/ticket")
		if err != nil || status != c.status || !strings.Contains(body, c.holds) || header.Get("Retry-After") != c.retry {
			t.Errorf("%s: %d %q %v %v", c.script, status, body, header, err)
		}
	}
	for _, c := range []string{"drop-before", "drop-after", "late:1ms on GET /api/v2/ticket"} {
		s.SetFaults(script(t, c))
		if status, body, _, err := fetch(t, url+"/ticket"); err == nil {
			t.Errorf("%s: %d %q", c, status, body)
		}
	}
	s.SetFaults(script(t, "cut-after"))
	if status, body, _, err := fetch(t, url+"/ticket"); !errors.Is(err, io.ErrUnexpectedEOF) || status != 200 || !strings.HasPrefix(body, `{"type":"list"`) {
		t.Errorf("cut: %d %d bytes, %v", status, len(body), err)
	}
	for _, c := range []string{"truncated", "truncated-after"} {
		s.SetFaults(script(t, c))
		status, body, _, err := fetch(t, url+"/ticket")
		if err != nil || status != 200 || !strings.HasPrefix(body, `{"type":"list"`) || json.Valid([]byte(body)) {
			t.Errorf("%s: %d %q %v", c, status, body, err)
		}
	}
	if n := s.Stats().Faults; n != 1 {
		t.Errorf("%d faults since the last script", n)
	}
}

// What a fault says was done is done, and what it says was not is not.
func TestFaultsOfPosts(t *testing.T) {
	for text, done := range map[string]int{"503": 0, "503-after": 1, "html": 0, "html-after": 1, "truncated": 0, "truncated-after": 1, "429": 0} {
		s := loaded(Options{Faults: script(t, text)}, 3)
		post(t, s, "/message", "ticketID=858401", "type=1", "message=Hallo, daar")
		if n := s.Stats().Outbox; n != done {
			t.Errorf("%s: %d delivered", text, n)
		}
	}
	for text, done := range map[string]int{"drop-before": 0, "drop-after": 1, "cut-after": 1} {
		s := loaded(Options{Faults: script(t, text)}, 3)
		func() {
			defer func() {
				if recover() != http.ErrAbortHandler {
					t.Errorf("%s: the connection stays", text)
				}
			}()
			post(t, s, "/message", "ticketID=858401", "type=1", "message=Hallo, daar")
		}()
		if n := s.Stats().Outbox; n != done {
			t.Errorf("%s: %d delivered", text, n)
		}
	}
}

func TestSlowAndHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := loaded(Options{Faults: script(t, "slow:3s")}, 3)
		began := time.Now()
		ask(t, s, "GET", "/ticket").want(200, "")
		if d := time.Since(began); d != 3*time.Second {
			t.Errorf("slow took %s", d)
		}
		s.SetFaults(script(t, "hang:2s"))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began = time.Now()
		func() {
			defer func() { _ = recover() }()
			body, kind := multi("ticketID=858401", "type=1", "message=Hallo, daar")
			r, _ := http.NewRequestWithContext(ctx, "POST", Base+"/message", strings.NewReader(body))
			r.Header.Set("Content-Type", kind)
			r.Header.Set("apiKey", "k")
			serve(t, s, r)
		}()
		if d := time.Since(began); d != 7*time.Second || s.Stats().Outbox != 1 {
			t.Errorf("it hung for %s, %d delivered", d, s.Stats().Outbox)
		}
	})
}
