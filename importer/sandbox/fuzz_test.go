package sandbox

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// Whatever is posted is answered: stored, or refused with the reason, and what is stored can be read back and
// shown.
func FuzzCreateTicket(f *testing.F) {
	for _, body := range []string{
		ticketOf(`"external_id":"e","tags":[{"name":"a"}],"custom_fields":[{"id":51,"value":"x"}],"meta":{"a":[1,{"b":null}]}`, incoming, outgoing, note),
		`{"messages":[null]}`, `{"messages":{"0":{}}}`, `[]`, `"`, `{"messages":[{"channel":1e999}]}`, strings.Repeat("[", 500),
		ticketOf(`"customer":{"id":1.5}`, incoming), ticketOf(`"messages":null`, incoming), `{"a":1,"a":2}`, "\ufeff{}", `{"messages":[{"sender":{"id":-1}}]}`,
		ticketOf(`"customer":{"email":"\ud800@x"}`, incoming), ticketOf(`"created_datetime":"9999-12-31T23:59:59-23:59"`, incoming),
		strings.ReplaceAll(ticketOf("", incoming), "2021", "0000"), ticketOf("", strings.Replace(note, `{`, `{"body_html":"<script><p>a</script><b>",`, 1)),
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := New(Options{Unknowns: Unknowns{KeepGoodMessages: len(body)%2 == 0}, Rules: len(body)%3 == 0})
		r := call(t, s, "POST", "/api/tickets", body)
		var any map[string]any
		if err := json.Unmarshal(r.Body.Bytes(), &any); err != nil {
			t.Fatalf("answer is no object: %v: %s", err, r.Body)
		}
		switch r.Code {
		case 201:
			call(t, s, "GET", "/api/tickets/100001", "").want(200)
			call(t, s, "GET", "/api/tickets", "").want(200)
			call(t, s, "GET", "/sandbox/tickets", "").want(200)
			for _, path := range []string{"/", "/tickets/100001", "/outbox"} {
				w := httptest.NewRecorder()
				s.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
				if w.Code != 200 {
					t.Errorf("%s: %d", path, w.Code)
				}
			}
			if n := len(s.Tickets()[0].Messages); n < 1 || n > 501 {
				t.Errorf("%d messages", n)
			}
		case 400:
			if r.at("error.msg") == "<none>" || len(s.Tickets()) != 0 {
				t.Errorf("refused with %s, %d tickets", r.Body, len(s.Tickets()))
			}
		default:
			t.Errorf("status %d: %s", r.Code, r.Body)
		}
	})
}

// Any query is answered too.
func FuzzListTickets(f *testing.F) {
	for _, q := range []string{"limit=2&order_by=updated_datetime:asc", "cursor=eyJhIjoxLCJpIjoyfQ", "ticket_ids=1,2&ticket_ids=3", "external_id=%zz", "trashed=maybe"} {
		f.Add(q)
	}
	s := New(Options{})
	f.Fuzz(func(t *testing.T, q string) {
		r := httptest.NewRequest("GET", "/api/tickets", nil)
		r.URL.RawQuery = q
		r.SetBasicAuth("a", "b")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != 200 && w.Code != 400 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}
