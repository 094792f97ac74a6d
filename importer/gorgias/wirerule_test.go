package gorgias

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/deskferry/deskferry/mapping"
)

const (
	goodMessage = `{"external_id":"m1","channel":"email","from_agent":false,"public":true,"body_text":"hi","sender":{"id":5},"sent_datetime":"2020-01-02T03:04:05.000000Z"}`
	goodNote    = `{"channel":"internal-note","from_agent":true,"public":false,"sender":{"id":5},"sent_datetime":"2020-01-02T03:04:05+02:00"}`
	goodTicket  = `{"customer":{"id":5},"status":"closed","messages":[` + goodMessage + `,` + goodNote + `]}`
)

// rule is a wire rule in front of a real server.
func (a *testAccount) rule(t testing.TB) *wireRule {
	t.Helper()
	base, err := url.Parse(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := newTransport()
	t.Cleanup(transport.CloseIdleConnections)
	return &wireRule{next: transport, base: base, clock: &clock{}, shapes: newShapes(), stats: &counters{}}
}

func jsonRequest(method, address, body string) *http.Request {
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, address, r)
	if err != nil {
		panic(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// TestWireRuleLetsNothingElsePass tries every way out that was thought of; the server behind the rule must see none.
func TestWireRuleLetsNothingElsePass(t *testing.T) {
	a := newAccount(t, reply(201, "application/json", `{"id":1}`))
	message := func(from, to string) string { return strings.Replace(goodMessage, from, to, 1) }
	ticket := func(from, to string) string { return strings.Replace(goodTicket, from, to, 1) }
	const sent = `"sent_datetime":"2020-01-02T03:04:05.000000Z"`
	at := func(at time.Time) string { return message(sent, `"sent_datetime":"`+at.UTC().Format(time.RFC3339)+`"`) }

	bodies := map[string]string{
		// the sent time
		"omitted":                     message(`,`+sent, ``),
		"null":                        message(sent, `"sent_datetime":null`),
		"empty":                       message(sent, `"sent_datetime":""`),
		"number":                      message(sent, `"sent_datetime":1577934245`),
		"array":                       message(sent, `"sent_datetime":["2020-01-02T03:04:05Z"]`),
		"object":                      message(sent, `"sent_datetime":{"t":"2020-01-02T03:04:05Z"}`),
		"false":                       message(sent, `"sent_datetime":false`),
		"twice":                       message(sent, sent+`,`+sent),
		"twice, then null":            message(sent, sent+`,"sent_datetime":null`),
		"twice, the second escaped":   message(sent, sent+`,"sent\u005fdatetime":null`),
		"case-folded beside it":       message(sent, sent+`,"Sent_Datetime":null`),
		"case-folded instead":         message(sent, `"SENT_DATETIME":"2020-01-02T03:04:05Z"`),
		"long s":                      message(sent, sent+`,"`+"\u017f"+`ent_datetime":null`),
		"zero-width":                  message(sent, `"sent_datetime`+"\u200b"+`":"2020-01-02T03:04:05Z"`),
		"blank before the name":       message(sent, `" sent_datetime":"2020-01-02T03:04:05Z"`),
		"zoneless":                    message(sent, `"sent_datetime":"2020-01-02T03:04:05"`),
		"a date":                      message(sent, `"sent_datetime":"2020-01-02"`),
		"blank instead of T":          message(sent, `"sent_datetime":"2020-01-02 03:04:05Z"`),
		"comma as fraction":           message(sent, `"sent_datetime":"2020-01-02T03:04:05,5Z"`),
		"one digit":                   message(sent, `"sent_datetime":"2020-01-02T3:04:05Z"`),
		"no such day":                 message(sent, `"sent_datetime":"2020-02-30T03:04:05Z"`),
		"trailing text":               message(sent, `"sent_datetime":"2020-01-02T03:04:05Z or so"`),
		"before 1970":                 message(sent, `"sent_datetime":"1969-12-31T23:59:59Z"`),
		"before 1970 by its zone":     message(sent, `"sent_datetime":"1970-01-01T00:30:00+01:00"`),
		"future":                      at(time.Now().Add(time.Hour)),
		"now":                         at(time.Now()),
		"half a minute ago":           at(time.Now().Add(-30 * time.Second)),
		"only in another object":      message(sent, `"meta":{"deskferry":{"fields":[]}},"source":{"type":"email","to":[],"sent_datetime":"2020-01-02T03:04:05Z"}`),
		"only in the headers":         message(sent, `"headers":{"sent_datetime":"2020-01-02T03:04:05Z"}`),
		"also in the headers, folded": message(sent, sent+`,"headers":{"Sent_DateTime":"x"}`),

		// what acts
		"macros":                   message(sent, sent+`,"macros":[{"id":1}]`),
		"macros, empty":            message(sent, sent+`,"macros":[]`),
		"actions":                  message(sent, sent+`,"actions":[]`),
		"actions, null":            message(sent, sent+`,"actions":null`),
		"mention_ids":              message(sent, sent+`,"mention_ids":[1]`),
		"failed_datetime":          message(sent, sent+`,"failed_datetime":"2020-01-02T03:04:05Z"`),
		"failed_datetime, null":    message(sent, sent+`,"failed_datetime":null`),
		"last_sending_error":       message(sent, sent+`,"last_sending_error":{"error":"x"}`),
		"rule_id":                  message(sent, sent+`,"rule_id":1`),
		"id":                       message(sent, sent+`,"id":1`),
		"meta, not ours":           message(sent, sent+`,"meta":{"send":true}`),
		"meta, beside ours":        message(sent, sent+`,"meta":{"deskferry":{},"current_page":"x"}`),
		"meta, ours folded":        message(sent, sent+`,"meta":{"Deskferry":{}}`),
		"meta, unknown inside":     message(sent, sent+`,"meta":{"deskferry":{"action":"retry"}}`),
		"meta, a string":           message(sent, sent+`,"meta":"x"`),
		"headers, an action":       message(sent, sent+`,"headers":{"Actions":"x"}`),
		"headers, nested":          message(sent, sent+`,"headers":{"X":{"y":1}}`),
		"source extra":             message(sent, sent+`,"source":{"type":"email","to":[],"extra":{}}`),
		"source of another type":   message(sent, sent+`,"source":{"type":"facebook-messenger","to":[]}`),
		"unknown key":              message(sent, sent+`,"send_now":true`),
		"case-folded key":          message(`"public"`, `"Public"`),
		"person with more":         message(`{"id":5}`, `{"id":5,"data":{}}`),
		"negative id":              message(`{"id":5}`, `{"id":-5}`),
		"id with exponent":         message(`{"id":5}`, `{"id":5e0}`),
		"note that is public":      strings.Replace(goodNote, `"public":false`, `"public":true`, 1),
		"note without public":      strings.Replace(goodNote, `"public":false,`, ``, 1),
		"note not from an agent":   strings.Replace(goodNote, `"from_agent":true`, `"from_agent":false`, 1),
		"private but no note":      message(`"public":true`, `"public":false`),
		"channel folded to a note": strings.Replace(goodNote, `"internal-note"`, `"Internal-Note"`, 1),
		"public as text":           message(`"public":true`, `"public":"true"`),

		// the JSON
		"two values":            goodMessage + goodMessage,
		"two values, a line":    goodMessage + "\n" + goodMessage,
		"text behind":           goodMessage + `x`,
		"an array":              `[` + goodMessage + `]`,
		"null as a whole":       `null`,
		"a string":              `"x"`,
		"nothing":               ``,
		"a blank":               ` `,
		"torn":                  goodMessage[:len(goodMessage)-1],
		"byte order mark":       "\ufeff" + goodMessage,
		"invalid utf-8":         message(`"hi"`, "\"\xff\""),
		"lone surrogate":        message(`"hi"`, `"\ud800"`),
		"comment":               message(`"hi"`, `"hi" /* */`),
		"single quotes":         message(`"hi"`, `'hi'`),
		"NaN":                   message(`{"id":5}`, `{"id":NaN}`),
		"trailing comma":        message(`}`, `,}`),
		"duplicate other name":  message(`"body_text":"hi"`, `"body_text":"hi","body_text":"ho"`),
		"duplicate in a person": message(`{"id":5}`, `{"id":5,"id":6}`),
		"null elsewhere":        message(`"body_text":"hi"`, `"body_text":null`),
		"ticket as a message":   goodTicket,
	}
	tickets := map[string]string{
		"no messages":                `{"customer":{"id":5},"messages":[]}`,
		"messages omitted":           `{"customer":{"id":5}}`,
		"messages null":              `{"customer":{"id":5},"messages":null}`,
		"messages an object":         `{"customer":{"id":5},"messages":` + goodMessage + `}`,
		"messages twice":             ticket(`"messages":`, `"messages":[`+goodMessage+`],"messages":`),
		"Messages folded":            ticket(`"messages":`, `"Messages":[{}],"messages":`),
		"501 messages":               `{"customer":{"id":5},"messages":[` + strings.Repeat(goodMessage+",", 500) + goodMessage + `]}`,
		"the second unsent":          ticket(goodNote, strings.Replace(goodNote, `,"sent_datetime":"2020-01-02T03:04:05+02:00"`, ``, 1)),
		"the note unsent":            ticket(`"2020-01-02T03:04:05+02:00"`, `null`),
		"sent on the ticket instead": ticket(`"status"`, `"sent_datetime":"2020-01-02T03:04:05Z","status"`),
		"snooze_datetime":            ticket(`"status"`, `"snooze_datetime":"2020-01-02T03:04:05Z","status"`),
		"updated_datetime":           ticket(`"status"`, `"updated_datetime":"2020-01-02T03:04:05Z","status"`),
		"rules":                      ticket(`"status"`, `"rules":[],"status"`),
		"macros":                     ticket(`"status"`, `"macros":[],"status"`),
		"meta not ours":              ticket(`"status"`, `"meta":{"x":1},"status"`),
		"assignee by name":           ticket(`"status"`, `"assignee_team":{"name":"x"},"status"`),
		"another status":             ticket(`"closed"`, `"sent"`),
		"custom field an object":     ticket(`"status"`, `"custom_fields":[{"id":1,"value":{"a":1}}],"status"`),
		"message as a ticket":        goodMessage,
	}

	send := func(t *testing.T, req *http.Request) {
		t.Helper()
		rule := a.rule(t)
		resp, err := rule.RoundTrip(req)
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, ErrWireRule) {
			t.Errorf("got %v, want the wire rule's refusal", err)
		}
		if s := rule.stats.stats(); s.Refused != 1 || s.Requests != 0 || s.Messages != 0 || s.Sendable() != 0 {
			t.Errorf("counted %+v", s)
		}
		if err == nil {
			return
		}
		// after a refusal no write passes, however good it is
		if _, err := rule.RoundTrip(jsonRequest("POST", a.URL+"/api/tickets", goodTicket)); !errors.Is(err, ErrWireRule) {
			t.Errorf("a write passed after a refusal: %v", err)
		}
	}
	for name, body := range bodies {
		t.Run("message/"+name, func(t *testing.T) {
			send(t, jsonRequest("POST", a.URL+"/api/tickets/7/messages", body))
			if body != goodTicket { // the same in a ticket
				send(t, jsonRequest("POST", a.URL+"/api/tickets", `{"customer":{"id":5},"messages":[`+body+`]}`+"x"[:0]+trailing(body)))
			}
		})
	}
	for name, body := range tickets {
		t.Run("ticket/"+name, func(t *testing.T) { send(t, jsonRequest("POST", a.URL+"/api/tickets", body)) })
	}
	for name, body := range unsentEncodings(t) {
		t.Run("encoded/"+name, func(t *testing.T) {
			send(t, jsonRequest("POST", a.URL+"/api/tickets/7/messages", body))
		})
	}
	for name, req := range otherRequests(a.URL) {
		t.Run("request/"+name, func(t *testing.T) { send(t, req) })
	}
	if seen := a.seen(); len(seen) > 0 {
		t.Errorf("left the process: %q", seen)
	}
}

// trailing makes the ticket around a message bad where the message alone would be good in an array.
func trailing(body string) string {
	if strings.Contains(body, goodMessage) || strings.HasPrefix(body, "[") || body == "" || body == " " {
		return "x"
	}
	return ""
}

func TestWireRuleLetsTheAllowedPass(t *testing.T) {
	a := newAccount(t, reply(200, "application/json", `{}`))
	var file bytes.Buffer
	w := multipart.NewWriter(&file)
	part(w, "file", "a.txt")
	w.Close()
	uploading := jsonRequest("POST", a.URL+"/api/upload?type=attachment", file.String())
	uploading.Header.Set("Content-Type", w.FormDataContentType())
	rule := a.rule(t)
	full := `{"customer":{"id":5},"messages":[` + strings.Repeat(goodMessage+",", 499) + goodNote + `]}`
	for _, req := range []*http.Request{
		jsonRequest("GET", a.URL+"/api/account", ""),
		jsonRequest("GET", a.URL+"/api/users/0", ""),
		jsonRequest("GET", a.URL+"/api/tickets?external_id=a%2Fb&limit=100", ""),
		jsonRequest("POST", a.URL+"/api/tickets", goodTicket),
		jsonRequest("POST", a.URL+"/api/tickets", full),
		jsonRequest("POST", a.URL+"/api/tickets/7/messages", goodMessage),
		jsonRequest("POST", a.URL+"/api/tickets/7/messages", strings.Replace(goodMessage, "sent_datetime", `sent\u005fdatetime`, 1)),
		jsonRequest("POST", a.URL+"/api/tickets/7/messages", strings.Replace(goodMessage, `"2020-01-02T03:04:05.000000Z"`, `"`+time.Now().Add(-2*time.Minute).Format(time.RFC3339)+`"`, 1)),
		jsonRequest("POST", a.URL+"/api/customers", `{"email":"a@b.c","name":"A","channels":[{"type":"email","address":"a@b.c"}]}`),
		jsonRequest("PUT", a.URL+"/api/tickets/7", `{"status":"closed","closed_datetime":"2020-01-02T03:04:05Z","tags":[{"name":"x"}]}`),
		jsonRequest("DELETE", a.URL+"/api/tickets/7", ""),
		jsonRequest("DELETE", a.URL+"/api/tickets/7/messages/8", ""),
		uploading,
	} {
		rule.undo = req.Method == http.MethodDelete
		resp, err := rule.RoundTrip(req)
		if err != nil {
			t.Errorf("%s %s: %v", req.Method, req.URL, err)
			continue
		}
		resp.Body.Close()
	}
	s := rule.stats.stats()
	if s.Requests != 13 || s.Messages != 505 || s.Sent != 505 || s.Sendable() != 0 || s.Refused != 0 || s.ByKind["POST tickets"] != 2 || s.ByKind["POST tickets/{id}/messages"] != 3 {
		t.Errorf("counted %+v", s)
	}
	if got := a.seen()[3]; got != "POST /api/tickets "+goodTicket {
		t.Errorf("other bytes left than were checked: %s", got)
	}
}

// A clock of the target that is behind ours decides; one ahead of ours does not.
func TestWireRuleHeedsTheTargetsClock(t *testing.T) {
	for _, tt := range []struct {
		name   string
		offset time.Duration
		sent   time.Duration
		passes bool
	}{
		{"behind, too new", -time.Hour, -30 * time.Minute, false},
		{"behind, just too new", -time.Hour, -time.Hour - 50*time.Second, false},
		{"behind, old enough", -time.Hour, -time.Hour - 2*time.Minute, true},
		{"ahead, in our future", time.Hour, 30 * time.Minute, false},
		{"ahead, old enough", time.Hour, -2 * time.Minute, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAccount(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", time.Now().Add(tt.offset).UTC().Format(http.TimeFormat))
				io.WriteString(w, `{}`)
			})
			rule := a.rule(t)
			resp, err := rule.RoundTrip(jsonRequest("GET", a.URL+"/api/account", ""))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			body := strings.Replace(goodMessage, "2020-01-02T03:04:05.000000Z", time.Now().Add(tt.sent).UTC().Format(time.RFC3339), 1)
			resp, err = rule.RoundTrip(jsonRequest("POST", a.URL+"/api/tickets/7/messages", body))
			if err == nil {
				resp.Body.Close()
			}
			if (err == nil) != tt.passes || !tt.passes && !errors.Is(err, ErrWireRule) {
				t.Errorf("got %v, want it to pass: %t", err, tt.passes)
			}
			if want := 1 + map[bool]int{true: 1}[tt.passes]; len(a.seen()) != want {
				t.Errorf("%d requests left, want %d", len(a.seen()), want)
			}
		})
	}
}

// A redirect of a write is not followed: neither to another host nor to another path of the same one.
func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := newAccount(t, reply(200, "application/json", `{}`))
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{elsewhere.URL + "/api/tickets", "/api/tickets/7/messages?action=retry"} {
			t.Run(fmt.Sprintf("%d %s", status, location), func(t *testing.T) {
				a := newAccount(t, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Location", location)
					w.WriteHeader(status)
				})
				c := a.client(t)
				w := work(t, mapping.Message{Channel: "chat", Public: true, Author: ada})
				req, err := c.Create(w, 1)
				if err != nil {
					t.Fatal(err)
				}
				_, err = req.Send(context.Background())
				if f := faultOf(t, err); f.Kind.String() != "stop" || !f.Doubtful {
					t.Errorf("got %s, doubtful %t: %v", f.Kind, f.Doubtful, err)
				}
				if n := len(a.seen()); n != 1 {
					t.Errorf("%d requests: %q", n, a.seen())
				}
				if n := len(elsewhere.seen()); n != 0 {
					t.Errorf("%d requests elsewhere", n)
				}
			})
		}
	}
}

func TestPlainHTTPOffLoopbackIsRefused(t *testing.T) {
	base, _ := url.Parse("http://acme.gorgias.com")
	rule := &wireRule{next: roundTripper(func(*http.Request) (*http.Response, error) {
		t.Error("it left")
		return nil, errors.New("left")
	}), base: base, clock: &clock{}, shapes: newShapes(), stats: &counters{}}
	for _, req := range []*http.Request{
		jsonRequest("GET", "http://acme.gorgias.com/api/account", ""),
		jsonRequest("POST", "http://acme.gorgias.com/api/tickets", goodTicket),
	} {
		if _, err := rule.RoundTrip(req); !errors.Is(err, ErrWireRule) {
			t.Errorf("got %v", err)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// FuzzCheckBody: what the rule lets pass has, in every message, one readable sent time, whatever the bytes.
func FuzzCheckBody(f *testing.F) {
	f.Add(goodTicket)
	f.Add(`{"customer":{"id":5},"messages":[` + goodNote + `]}`)
	f.Add(strings.Replace(goodTicket, "hi", `\u0022,"sent_datetime":null,"x":"`, 1))
	shape := newShapes().ticket
	f.Fuzz(func(t *testing.T, body string) {
		n, sent, err := checkBody([]byte(body), shape, time.Now())
		if err != nil {
			return
		}
		var ticket struct {
			Messages []map[string]any `json:"messages"`
		}
		if err := json.Unmarshal([]byte(body), &ticket); err != nil {
			t.Fatalf("passed, but is not JSON: %v", err)
		}
		if n != sent || n != len(ticket.Messages) || n == 0 {
			t.Fatalf("%d messages, %d sent, %d decoded", n, sent, len(ticket.Messages))
		}
		for _, m := range ticket.Messages {
			s, _ := m["sent_datetime"].(string)
			if at, err := time.Parse(time.RFC3339, s); err != nil || at.After(time.Now()) || at.Unix() < 0 {
				t.Fatalf("passed with sent_datetime %v", m["sent_datetime"])
			}
		}
	})
}

func BenchmarkCheckBody(b *testing.B) {
	body := []byte(`{"customer":{"id":5},"messages":[` + strings.Repeat(strings.Replace(goodMessage, "hi", strings.Repeat("all is well ", 80), 1)+",", 3) + goodNote + `]}`)
	shape := newShapes().ticket
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := checkBody(body, shape, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
