package gorgias

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// testAccount is an HTTP server that records what reaches it. answer decides per request; nil answers 404.
type testAccount struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string // "POST /api/tickets?query body"
	answer   http.HandlerFunc
}

func newAccount(t testing.TB, answer http.HandlerFunc) *testAccount {
	t.Helper()
	a := &testAccount{answer: answer}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a.mu.Lock()
		a.requests = append(a.requests, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
		a.mu.Unlock()
		if a.answer == nil {
			http.NotFound(w, r)
			return
		}
		a.answer(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *testAccount) seen() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.requests)
}

// client makes a client of the account that knows account()'s people.
func (a *testAccount) client(t testing.TB, change ...func(*Settings)) *Client {
	t.Helper()
	s := Settings{Base: a.URL, User: "desk@acme.com", Key: NewSecret(testKey), Agent: "desk@acme.com", Patience: time.Millisecond}
	for _, f := range change {
		f(&s)
	}
	c, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	c.Encoder.People = account()
	t.Cleanup(c.Close)
	return c
}

const testKey = "k3y-which-must-not-be-seen"

// reply answers every request with a status and a body.
func reply(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// created is an answer to the create of w, as recorded from Gorgias but for the fields nobody reads.
func created(id int64, externalID string, messages ...string) string {
	var list []string
	for i, m := range messages {
		list = append(list, fmt.Sprintf(`{"id":%d,"uri":"/api/tickets/%d/messages/%d/","external_id":%q,"from_agent":false,"sent_datetime":"2020-01-02T03:04:05.000000+00:00",`+
			`"failed_datetime":null,"sender":{"id":501,"email":"ada@example.com"},"attachments":null}`, 900+i, id, 900+i, m))
	}
	return fmt.Sprintf(`{"id":%d,"external_id":%q,"status":"closed","spam":false,"trashed_datetime":null,"updated_datetime":"2026-08-26T18:38:33.416987+00:00",`+
		`"messages_count":%d,"customer":{"id":501,"email":"ada@example.com"},"messages":[%s]}`, id, externalID, len(messages), strings.Join(list, ","))
}

func faultOf(t testing.TB, err error) *importer.Fault {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	return importer.FaultOf(err)
}
