package omnidesk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatStopsAPull holds what is said where going on makes no sense, that it is said at once, and that it never holds the key.
func TestWhatStopsAPull(t *testing.T) {
	body := func(status int, text string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/api/v2/ticket" {
				return false
			}
			w.WriteHeader(status)
			fmt.Fprint(w, text)
			return true
		}
	}
	tests := []struct {
		name   string
		mangle func(http.ResponseWriter, *http.Request) bool
		want   []string
	}{
		{"wrong key", body(401, `{"status":"error","message":"bad key `+testKey+`"}`), []string{"listing tickets", "does not accept the key", "bad key ***", "DESKFERRY_OMNIDESK_KEY", "TICKET_READ"}},
		{"no permission", body(403, ``), []string{"may not do this", "TICKET_READ"}},
		{"no such API", body(404, `<html><title>Not found</title>`), []string{"404", "Not found", "there is no API v2 at http://127.0.0.1"}},
		{"bad query", body(400, `{"status":"error","message":"applyView is unknown"}`), []string{"applyView is unknown", "check archived, view, query and status"}},
		{"error with status 200", body(200, `{"status":"error","message":"no"}`), []string{"no"}},
		{"login page", body(200, "<!doctype html><html><head><title>Log in\n to Omnidesk</title>"), []string{"web page", `"Log in to Omnidesk"`, "login page"}},
		{"Russian", body(200, `{"0":{"case":{"case_id":1,"case_number":"664-1"}},"total_count":1}`), []string{"not Omnidesk's API v2", "omnidesk.ru", "Dutch"}},
		{"Russian case", body(200, `{"case":{"case_id":1}}`), []string{"omnidesk.ru"}},
		{"other envelope", body(200, `{"data":[],"meta":{"x":1}}`), []string{"an object with data, meta", `"items":[…]`, "check the address"}},
		{"a bare list", body(200, `[{"id":1}]`), []string{"a list of 1"}},
		{"text", body(200, `ok `+testKey), []string{`"ok ***"`}},
		{"redirect", func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "https://login.example.com/?key="+testKey, http.StatusFound)
			return true
		}, []string{"redirects to", "https://login.example.com/", "not followed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := seed(3)
			f.mangle = tt.mangle
			o := fast(serve(t, f), t.TempDir())
			o.Settings.NoPeople, o.Settings.View = true, "v"
			_, err := Pull(t.Context(), o)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
			if strings.Contains(fmt.Sprintf("%+v", err), testKey) {
				t.Errorf("error holds the key: %v", err)
			}
			if n := f.asked("/"); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestPeopleWithoutPermission(t *testing.T) {
	f := seed(3)
	f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/v2/customer" {
			w.WriteHeader(403)
			return true
		}
		return false
	}
	o := fast(serve(t, f), t.TempDir())
	_, err := Pull(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "CUSTOMER_READ") || !strings.Contains(err.Error(), "people: no") {
		t.Errorf("error %v", err)
	}
	o.Settings.NoPeople = true
	if p := mustPull(t, o); p.Fetched != 3 || len(p.Files) != 1 {
		t.Errorf("%+v", p)
	}
}

func TestPeopleStay(t *testing.T) {
	f := seed(1)
	o := fast(serve(t, f), t.TempDir())
	mustPull(t, o)
	f.people = 1
	p := mustPull(t, o)
	if b, _ := os.ReadFile(filepath.Join(o.Dir, usersName)); p.Users != 1 || p.PeopleGone != 4 || bytes.Count(b, []byte("\n")) != 3 {
		t.Errorf("%+v\n%s", p, b)
	}
}

func TestNothingListens(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	if _, err := Pull(t.Context(), fast(s.URL, t.TempDir())); err == nil || !strings.Contains(err.Error(), "nothing listens") {
		t.Errorf("error %v", err)
	}
}

func TestTheFolder(t *testing.T) {
	f := seed(3)
	base := serve(t, f)
	t.Run("other things in it", func(t *testing.T) {
		o := fast(base, t.TempDir())
		if err := os.WriteFile(filepath.Join(o.Dir, "letter.txt"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Pull(t.Context(), o); err == nil || !strings.Contains(err.Error(), "is no snapshot") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("of another account", func(t *testing.T) {
		o := fast(base, t.TempDir())
		mustPull(t, o)
		o.Base = strings.Replace(base, "127.0.0.1", "localhost", 1)
		if _, err := Pull(t.Context(), o); err == nil || !strings.Contains(err.Error(), "it is of "+base+", not of") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("another selection", func(t *testing.T) {
		o := fast(base, t.TempDir())
		mustPull(t, o)
		o.Settings.Archived = "yes"
		mustPull(t, o)
		o.Settings.Archived = ""
		if _, err := Pull(t.Context(), o); err == nil || !strings.Contains(err.Error(), "archived: yes") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("other reading", func(t *testing.T) {
		o := fast(base, t.TempDir())
		mustPull(t, o)
		o.Settings.History = "yes"
		if p := mustPull(t, o); p.Fetched != 3 {
			t.Errorf("fetched %d, want all anew", p.Fetched)
		}
		if p := mustPull(t, o); p.Fetched != 0 {
			t.Errorf("fetched %d again", p.Fetched)
		}
		if f.asked("/ticket/1?getTicketHistory=yes") != 1 {
			t.Error("the history was not asked for")
		}
	})
	t.Run("in use", func(t *testing.T) {
		o := fast(base, t.TempDir())
		snap, err := openSnapshot(o.Dir, base, o.Settings, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Pull(t.Context(), o); err == nil || !strings.Contains(err.Error(), "another deskferry writes to it") {
			t.Errorf("error %v", err)
		}
		if err := snap.close(); err != nil {
			t.Fatal(err)
		}
		mustPull(t, o)
	})
}

func TestRawMail(t *testing.T) {
	f := seed(4)
	f.mangle = func(w http.ResponseWriter, r *http.Request) bool {
		switch strings.TrimPrefix(r.URL.Path, "/api/v2/email/downloadMail/") {
		case "m1":
			w.Header().Set("Content-Type", "message/rfc822")
			fmt.Fprint(w, "From: a@example.com\r\nSubject: hi\r\n\r\nbody\r\n")
		case "m2":
			fmt.Fprint(w, `{"status":"error","message":"gone"}`)
		case "m3":
			fmt.Fprint(w, "X: unreadable\r\n\r\n")
		default:
			return false
		}
		return true
	}
	o := fast(serve(t, f), t.TempDir())
	o.Settings.RawMail = true
	o.Mail = func(r io.Reader) ([]byte, error) {
		b, err := io.ReadAll(r)
		if bytes.HasPrefix(b, []byte("X:")) {
			return nil, errors.New("unreadable")
		}
		return fmt.Appendf(nil, `{"size": %d}`, len(b)), err
	}
	p := mustPull(t, o)
	if p.Mails != 2 || p.MailMissing != 2 || p.MailUnparsed != 1 || p.Fetched != 4 {
		t.Errorf("%+v", p)
	}
	for _, line := range storedLines(t, o.Dir) {
		var v struct {
			ID       int
			Timeline []struct {
				ID   any
				Mail *struct{ Size int } `json:"deskferry_mail"`
			}
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		for _, e := range v.Timeline {
			if (e.Mail != nil && e.Mail.Size == 42) != (e.ID == "m1") {
				t.Errorf("ticket %d, entry %v: mail %+v", v.ID, e.ID, e.Mail)
			}
		}
	}
	if info, err := os.Stat(filepath.Join(o.Dir, mailName, "1-m1.eml")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mail file: %v, %v", info, err)
	}
	f.tickets[0].updated = "2022-01-01 00:00:00"
	f.forget()
	if p = mustPull(t, o); p.Fetched != 1 || f.asked("/email/") != 0 {
		t.Errorf("a mail that is kept was read again: %v", f.log)
	}
}

func TestGuard(t *testing.T) {
	base, _ := url.Parse("https://acme.omnidesk.com/api/v2")
	sent := 0
	g := &guard{base: base, key: NewSecret(testKey), next: roundTrip(func(r *http.Request) (*http.Response, error) {
		sent++
		if got := map[string][]string(r.Header)["apiKey"]; len(got) != 1 || got[0] != testKey {
			t.Errorf("key in header is %q", got)
		}
		return &http.Response{Body: http.NoBody}, nil
	})}
	tests := []struct {
		method, url string
		ok          bool
	}{
		{"GET", "https://acme.omnidesk.com/api/v2/ticket?itemStart=0", true},
		{"GET", "https://acme.omnidesk.com/api/v2/ticket/7", true},
		{"GET", "https://acme.omnidesk.com/api/v2/email/downloadMail/7", true},
		{"GET", "https://acme.omnidesk.com/api/v2/customer", true},
		{"POST", "https://acme.omnidesk.com/api/v2/ticket", false},
		{"PUT", "https://acme.omnidesk.com/api/v2/ticket/7", false},
		{"DELETE", "https://acme.omnidesk.com/api/v2/ticket/7", false},
		{"HEAD", "https://acme.omnidesk.com/api/v2/ticket/7", false},
		{"GET", "https://acme.omnidesk.com/api/v2/notification", false},
		{"GET", "https://acme.omnidesk.com/api/v2/ticket/../notification", false},
		{"GET", "https://acme.omnidesk.com/api/v2/ticket/%2e%2e%2fnotification", false},
		{"GET", "https://acme.omnidesk.com/api/v2/message", false},
		{"GET", "https://acme.omnidesk.com/ticket", false},
		{"GET", "https://other.example.com/api/v2/ticket", false},
		{"GET", "http://acme.omnidesk.com/api/v2/ticket", false},
	}
	for _, tt := range tests {
		req, err := http.NewRequest(tt.method, tt.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		before := sent
		if _, err := g.RoundTrip(req); (err == nil) != tt.ok || (sent > before) != tt.ok {
			t.Errorf("%s %s: sent %v, %v; want %v", tt.method, tt.url, sent > before, err, tt.ok)
		}
	}
}

func TestSecret(t *testing.T) {
	s := NewSecret(testKey)
	b, _ := json.Marshal(map[string]any{"k": s, "o": Options{Key: s, Progress: nil}.Key})
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %q %x %d", s, s, s, s, s), fmt.Sprintf("%+v", Options{Key: s}), fmt.Sprintf("%v", &struct{ s Secret }{s}), string(b)} {
		if strings.Contains(text, testKey) || strings.Contains(text, fmt.Sprintf("%x", testKey)) {
			t.Errorf("%q holds the key", text)
		}
	}
}
