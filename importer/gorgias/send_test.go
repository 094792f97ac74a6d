package gorgias

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/throttle"
	"github.com/deskferry/deskferry/mapping"
	"github.com/go-json-experiment/json"
)

// No way of printing the client, its settings or an error shows a secret, not even when the server echoes it.
func TestSecretsAreNowhere(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("desk@acme.com:" + testKey))
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://evil.example/?"+url.QueryEscape(r.Header.Get("Authorization")))
		status := 400
		fmt.Sscan(r.URL.Query().Get("ticket_id"), &status)
		if r.Method == "POST" {
			status = 401
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"msg":"bad credentials %s","data":{"key":%q}}}`, r.Header.Get("Authorization"), testKey)
	}
	a := newAccount(t, echo)
	c := a.client(t)
	settings := Settings{Base: a.URL, User: "desk@acme.com", Key: NewSecret(testKey), Token: NewSecret(testKey)}
	var texts []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		texts = append(texts, fmt.Sprintf(verb, c), fmt.Sprintf(verb, settings), fmt.Sprintf(verb, &settings), fmt.Sprintf(verb, c.auth),
			fmt.Sprintf(verb, c.secrets), fmt.Sprintf(verb, struct{ s Secret }{settings.Key}))
	}
	if b, err := json.Marshal(settings.Key); err == nil {
		texts = append(texts, string(b))
	}
	req, err := c.Create(work(t, mapping.Message{Channel: "chat", Public: true, Author: ada}), 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = req.Send(t.Context())
	errs := []error{err, c.Alive(t.Context())}
	for _, status := range []int{200, 301, 400, 401, 403, 404, 500} {
		var p page[messageAnswer]
		errs = append(errs, c.ask(t.Context(), call{op: opRead, doing: "x", path: "messages", query: url.Values{"ticket_id": {fmt.Sprint(status)}}, out: &p.Data}))
	}
	_, err = New(Settings{Base: "https://" + testKey + ":" + testKey + "@acme.gorgias.com", User: "u", Key: NewSecret(testKey)})
	errs = append(errs, err)
	_, err = New(Settings{Base: a.URL, Key: NewSecret(testKey)})
	errs = append(errs, err)
	for _, err := range errs {
		if err == nil {
			t.Error("no error where one was expected")
			continue
		}
		texts = append(texts, err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err))
	}
	for _, text := range texts {
		for _, secret := range []string{testKey, basic, fmt.Sprintf("%x", testKey)} {
			if strings.Contains(text, secret) {
				t.Errorf("%q shows a secret", text)
			}
		}
	}
}

// A ticket's way in: one request, its answer, and what was learned from it.
func TestCreateAndAppend(t *testing.T) {
	a := newAccount(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Gorgias-Account-Api-Call-Limit", "5/80")
		w.WriteHeader(201)
		if strings.HasSuffix(r.URL.Path, "/messages") {
			io.WriteString(w, `{"id":902,"ticket_id":3,"external_id":"m3","sent_datetime":"2020-01-02T03:06:05+00:00","failed_datetime":"2020-01-02T03:06:05+00:00"}`)
			return
		}
		io.WriteString(w, `{"id":3,"external_id":"zendesk:7","customer":{"id":777,"email":"main@example.com"},"messages":[`+
			`{"id":900,"external_id":"m1","sender":{"id":778,"email":"Eve@Example.com"},"from_agent":false},{"id":901,"external_id":"m2","from_agent":true,"sender":{"id":11,"email":"bob@acme.com"}}]}`)
	})
	pacer := &throttle.Pacer{}
	c := a.client(t, func(s *Settings) { s.Pacer = pacer })
	chat := mapping.Message{Channel: "chat", Public: true, Author: mapping.Person{Email: "eve@example.com"}}
	w := work(t, chat, mapping.Message{Channel: "chat", Public: true, FromAgent: true, Author: gone}, chat)
	w.Ticket.Customer = mapping.Person{Email: "new@example.com", Name: "New"}
	req, err := c.Create(w, 2)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := c.Create(w, 2)
	other, _ := c.Create(w, 1)
	if req.Sum != again.Sum || req.Sum == other.Sum || len(a.seen()) != 0 {
		t.Error("making a request is not pure")
	}
	st, err := req.Send(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if st.ID != 3 || st.ExternalID != "zendesk:7" || len(st.Messages) != 2 || st.Messages[1].ID != 901 {
		t.Errorf("stored %+v", st)
	}
	for email, want := range map[string]int64{"new@example.com": 777, "MAIN@example.com": 777, "eve@example.com": 778, "ada@example.com": 501} {
		if id, _ := c.Encoder.People.Customer(email); id != want {
			t.Errorf("%s: customer %d, want %d", email, id, want)
		}
	}
	if _, ok := c.Encoder.People.Customer("bob@acme.com"); ok {
		t.Error("an agent was learned as a customer")
	}
	if req, err = c.Append(3, w, 2); err != nil {
		t.Fatal(err)
	}
	if st, err = req.Send(t.Context()); err != nil || st.ID != 3 || len(st.Messages) != 1 || st.Messages[0].ID != 902 || !st.Messages[0].Failed {
		t.Errorf("stored %+v, %v", st, err)
	}
	seen := a.seen()
	if len(seen) != 2 || !strings.HasPrefix(seen[1], `POST /api/tickets/3/messages {"external_id":"m3","channel":"chat","from_agent":false,"public":true,"sender":{"id":778}`) {
		t.Errorf("sent %q", seen)
	}
	if s := c.Stats(); s.Requests != 2 || s.Messages != 3 || s.Sent != 3 || s.Sendable() != 0 || s.ByKind["POST tickets"] != 1 {
		t.Errorf("counted %+v", s)
	}
	if l := c.Losses.All(); len(l) != 1 || l[0].Code != LossAgent || l[0].Count != 1 {
		t.Errorf("losses %+v", l)
	}
	if p := pacer.Status(); p.Limit != 80 || p.Granted != 0 {
		t.Errorf("pacer %+v: it must learn the limit, and writes must not wait in it here", p)
	}
}

func TestCreateRefusesWhatCannotBeSent(t *testing.T) {
	a := newAccount(t, nil)
	c := a.client(t)
	good := mapping.Message{Channel: "chat", Public: true, Author: ada}
	at := func(at time.Time) mapping.Message {
		m := good
		m.SentDatetime, _ = mapping.NewSentTime(at, at.Add(time.Hour))
		return m
	}
	for name, tt := range map[string]struct {
		w    *importer.Work
		n    int
		make importer.FaultKind // of making the request
		send importer.FaultKind // of sending it
	}{
		"no messages":          {work(t), 0, importer.Refused, 0},
		"more than there are":  {work(t, good), 2, importer.Refused, 0},
		"far future":           {work(t, at(time.Now().Add(time.Hour))), 1, importer.Refused, 0},
		"a moment ago":         {work(t, at(time.Now().Add(-time.Second))), 1, 255, importer.NotSent},
		"bad utf-8":            {work(t, mapping.Message{Channel: "chat", Public: true, Author: ada, BodyText: "\xff"}), 1, importer.Refused, 0},
		"public internal note": {work(t, mapping.Message{Channel: "internal-note", Public: true, Author: ada}), 1, importer.Refused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := c.Create(tt.w, tt.n)
			if tt.make != 255 {
				if f := faultOf(t, err); f.Kind != tt.make {
					t.Errorf("got %s: %v", f.Kind, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			_, err = req.Send(t.Context())
			if f := faultOf(t, err); f.Kind != tt.send || f.Doubtful {
				t.Errorf("got %s: %v", f.Kind, err)
			}
		})
	}
	unsent := work(t, good)
	unsent.Ticket.Messages[0].SentDatetime = mapping.SentTime{}
	if _, err := c.Create(unsent, 1); !errors.Is(err, mapping.ErrSentMissing) {
		t.Errorf("got %v", err)
	}
	for _, r := range a.seen() {
		if !strings.HasPrefix(r, "POST /api/upload?type=attachment ") {
			t.Errorf("left the process: %s", r)
		}
	}
}

// Attachments that carry their bytes are uploaded once, before the ticket, and named by the account's URL.
func TestUpload(t *testing.T) {
	fail := true
	a := newAccount(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/upload":
			io.WriteString(w, `[{"url":"https://uploads.gorgias.io/x","name":"r.txt","content_type":"text/plain","size":"2"}]`)
		case fail:
			fail = false
			w.Header().Set("Retry-after", "0")
			w.WriteHeader(429)
		default:
			io.WriteString(w, created(3, "zendesk:7", "m1"))
		}
	})
	c := a.client(t)
	m := mapping.Message{Channel: "chat", Public: true, Author: ada, Attachments: []mapping.Attachment{
		{URL: "https://old/a", Name: "a"}, {Data: "aG\nk=", Name: "r\r\n\".txt", ContentType: "text/plain"},
	}}
	w := work(t, m)
	if _, err := c.Create(w, 1); faultOf(t, err).Kind != importer.Refused {
		t.Errorf("not prepared: %v", err)
	}
	for range 2 { // the second finds everything done
		if err := c.Prepare(t.Context(), w, 0, 1); err != nil {
			t.Fatal(err)
		}
	}
	req, err := c.Create(w, 1)
	if err != nil {
		t.Fatal(err)
	}
	w.Ticket.Messages[0].Attachments[1].Data = "aGE="
	other, err := c.Create(w, 1)
	if err != nil || other.Sum == req.Sum {
		t.Errorf("%v; other bytes, same sum %t", err, other.Sum == req.Sum)
	}
	w.Ticket.Messages[0].Attachments[1].Data = "aGk="
	if _, err := req.Send(t.Context()); faultOf(t, err).Kind != importer.Limited {
		t.Errorf("got %v", err)
	}
	if _, err := req.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := a.seen()
	if len(seen) != 3 || !strings.Contains(seen[0], `filename="r \".txt"`) || !strings.Contains(seen[0], "\r\n\r\nhi\r\n") {
		t.Fatalf("sent %q", seen)
	}
	if want := `"attachments":[{"url":"https://old/a","name":"a","public":true},{"url":"https://uploads.gorgias.io/x","name":"r \".txt","content_type":"text/plain","size":2,"public":true}]`; !strings.Contains(seen[2], want) {
		t.Errorf("got %s, want %s", seen[2], want)
	}
	if s := c.Stats(); s.ByKind["POST upload"] != 1 || s.ByKind["POST tickets"] != 2 || s.Throttled != 1 {
		t.Errorf("counted %+v", s)
	}
}
