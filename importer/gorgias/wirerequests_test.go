package gorgias

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/mapping"
	"github.com/go-json-experiment/json"
)

// unsentEncodings is what json makes of a sent time that is not held by value: null or nothing.
func unsentEncodings(t *testing.T) map[string]string {
	type embedded struct{ SentDatetime *mapping.SentTime }
	type head struct {
		Channel   string `json:"channel"`
		FromAgent bool   `json:"from_agent"`
		Public    bool   `json:"public"`
		Sender    Person `json:"sender"`
	}
	h := head{Channel: "email", Public: true, Sender: Person{ID: 5}}
	values := map[string]any{
		"pointer": struct {
			head         `json:",inline"`
			SentDatetime *mapping.SentTime `json:"sent_datetime"`
		}{head: h},
		"any": struct {
			head         `json:",inline"`
			SentDatetime any `json:"sent_datetime"`
		}{head: h},
		"omitzero": struct {
			head         `json:",inline"`
			SentDatetime mapping.SentTime `json:"sent_datetime,omitzero"`
		}{head: h},
		"embedded": struct {
			head `json:",inline"`
			embedded
		}{head: h},
		"plain time, zero": struct {
			head         `json:",inline"`
			SentDatetime time.Time `json:"sent_datetime"`
		}{head: h},
		"map": map[string]any{"channel": "email", "from_agent": false, "public": true, "sender": map[string]int{"id": 5}, "sent_datetime": nil},
	}
	out := map[string]string{}
	for name, v := range values {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = string(b)
	}
	return out
}

// otherRequests are requests that differ from the allowed ones in anything but the JSON.
func otherRequests(base string) map[string]*http.Request {
	change := func(method, address, body string, f func(*http.Request)) *http.Request {
		req := jsonRequest(method, address, body)
		f(req)
		return req
	}
	header := func(name, value string) *http.Request {
		return change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.Header[name] = []string{value} })
	}
	keep := func(*http.Request) {}
	host := strings.TrimPrefix(base, "http://")
	reqs := map[string]*http.Request{
		"PUT ticket, a message":        jsonRequest("PUT", base+"/api/tickets/7", `{"messages":[`+goodMessage+`]}`),
		"PUT ticket, subject":          jsonRequest("PUT", base+"/api/tickets/7", `{"subject":"x"}`),
		"PUT ticket, snooze":           jsonRequest("PUT", base+"/api/tickets/7", `{"snooze_datetime":"2020-01-02T03:04:05Z"}`),
		"PUT ticket, assignee by mail": jsonRequest("PUT", base+"/api/tickets/7", `{"assignee_user":{"id":5,"email":"a@acme.test"}}`),
		"PUT ticket, assignee null":    jsonRequest("PUT", base+"/api/tickets/7", `{"assignee_user":null}`),
		"PUT ticket, team by name":     jsonRequest("PUT", base+"/api/tickets/7", `{"assignee_team":{"name":"returns"}}`),
		"PUT ticket, customer":         jsonRequest("PUT", base+"/api/tickets/7", `{"customer":{"id":5}}`),
		"PUT message":                  jsonRequest("PUT", base+"/api/tickets/7/messages/8", goodMessage),
		"POST message that exists":     jsonRequest("POST", base+"/api/tickets/7/messages/8", goodMessage),
		"PATCH":                        jsonRequest("PATCH", base+"/api/tickets/7", `{}`),
		"method in small letters":      change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.Method = "post" }),
		"method empty":                 change("GET", base+"/api/account", "", func(r *http.Request) { r.Method = "" }),
		"DELETE outside undo":          jsonRequest("DELETE", base+"/api/tickets/7", ""),
		"DELETE message outside undo":  jsonRequest("DELETE", base+"/api/tickets/7/messages/8", ""),
		"DELETE customer":              jsonRequest("DELETE", base+"/api/customers/7", ""),
		"POST to another path":         jsonRequest("POST", base+"/api/macros", goodTicket),
		"POST jobs":                    jsonRequest("POST", base+"/api/jobs", `{}`),
		"POST rules":                   jsonRequest("POST", base+"/api/rules", `{}`),
		"POST without api":             jsonRequest("POST", base+"/tickets", goodTicket),
		"POST trailing slash":          jsonRequest("POST", base+"/api/tickets/", goodTicket),
		"POST doubled slash":           jsonRequest("POST", base+"/api//tickets", goodTicket),
		"POST dot dot":                 jsonRequest("POST", base+"/api/x/../tickets", goodTicket),
		"POST capital path":            jsonRequest("POST", base+"/api/Tickets", goodTicket),
		"POST id zero-padded":          jsonRequest("POST", base+"/api/tickets/07/messages", goodMessage),
		"POST id a word":               jsonRequest("POST", base+"/api/tickets/all/messages", goodMessage),
		"encoded letter":               jsonRequest("POST", base+"/api/%74ickets", goodTicket),
		"encoded slash":                jsonRequest("POST", base+"/api/tickets%2F7/messages", goodMessage),
		"encoded question mark":        jsonRequest("POST", base+"/api/tickets/7/messages%3Faction=retry", goodMessage),
		"path with a question mark":    change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.URL.Path = "/api/tickets?action=retry" }),
		"path with a semicolon":        jsonRequest("POST", base+"/api/tickets/7/messages;action=retry", goodMessage),
		"query action=retry":           jsonRequest("POST", base+"/api/tickets/7/messages?action=retry", goodMessage),
		"query action=force":           jsonRequest("POST", base+"/api/tickets/7/messages?action=force", goodMessage),
		"query, any":                   jsonRequest("POST", base+"/api/tickets?x=1", goodTicket),
		"query, empty":                 jsonRequest("POST", base+"/api/tickets?", goodTicket),
		"query on PUT":                 jsonRequest("PUT", base+"/api/tickets/7?action=retry", `{"status":"open"}`),
		"fragment":                     jsonRequest("POST", base+"/api/tickets#x", goodTicket),
		"opaque":                       change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.URL.Opaque = "//" + host + "/api/macros" }),
		"another host":                 jsonRequest("POST", "http://127.0.0.1:1/api/tickets", goodTicket),
		"another name of the host":     jsonRequest("POST", strings.Replace(base, "127.0.0.1", "localhost", 1)+"/api/tickets", goodTicket),
		"another host in the header":   change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.Host = "evil.example" }),
		"a user in the address":        jsonRequest("POST", "http://u:p@"+host+"/api/tickets", goodTicket),
		"https where http was agreed":  jsonRequest("POST", "https://"+host+"/api/tickets", goodTicket),
		"GET on another host":          jsonRequest("GET", "http://evil.example/api/account", ""),
		"GET outside the api":          jsonRequest("GET", base+"/logout", ""),
		"GET with a body":              jsonRequest("GET", base+"/api/tickets", goodTicket),
		"DELETE with a body":           jsonRequest("DELETE", base+"/api/tickets/7", goodTicket),
		"Content-Encoding":             header("Content-Encoding", "gzip"),
		"Idempotency-Key":              header("Idempotency-Key", "1"),
		"X-Idempotency-Key":            header("X-Idempotency-Key", "1"),
		"X-Http-Method-Override":       header("X-Http-Method-Override", "PUT"),
		"Transfer-Encoding":            header("Transfer-Encoding", "chunked"),
		"Content-Length":               header("Content-Length", "1"),
		"content type form":            header("Content-Type", "application/x-www-form-urlencoded"),
		"content type charset":         header("Content-Type", "application/json; charset=utf-7"),
		"content type multipart":       header("Content-Type", "multipart/form-data; boundary=x"),
		"content type none":            change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.Header.Del("Content-Type") }),
		"content type twice":           change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.Header.Add("Content-Type", "text/plain") }),
		"header name in small letters": header("content-encoding", "gzip"),
		"chunked":                      change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.TransferEncoding = []string{"chunked"} }),
		"trailer":                      change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.Trailer = http.Header{"X": nil} }),
		"length too short":             change("POST", base+"/api/tickets", goodTicket+" ", func(r *http.Request) { r.ContentLength-- }),
		"length too long":              change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.ContentLength++ }),
		"length unknown":               change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.ContentLength = -1 }),
		"length without body":          change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.Body = nil }),
		"body fails":                   change("POST", base+"/api/tickets", goodTicket, func(r *http.Request) { r.Body = io.NopCloser(brokenReader{}) }),
		"PUT ticket, status unknown":   jsonRequest("PUT", base+"/api/tickets/7", `{"status":"snoozed"}`),
		"customer, unknown key":        jsonRequest("POST", base+"/api/customers", `{"email":"a@b.c","send_invite":true}`),
		"customer, case-folded key":    jsonRequest("POST", base+"/api/customers", `{"Email":"a@b.c"}`),
	}
	for name, f := range map[string]func(w *multipart.Writer) string{
		"two parts":       func(w *multipart.Writer) string { part(w, "file", "a.txt"); part(w, "file", "b.txt"); return "" },
		"another name":    func(w *multipart.Writer) string { part(w, "message", "a.txt"); return "" },
		"no file name":    func(w *multipart.Writer) string { part(w, "file", ""); return "" },
		"no part":         func(w *multipart.Writer) string { return "" },
		"another query":   func(w *multipart.Writer) string { part(w, "file", "a.txt"); return "?type=macro" },
		"no query":        func(w *multipart.Writer) string { part(w, "file", "a.txt"); return "?" },
		"a second query":  func(w *multipart.Writer) string { part(w, "file", "a.txt"); return "?type=attachment&action=retry" },
		"json as upload":  nil,
		"torn multipart":  nil,
		"other multipart": nil,
	} {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		query, kind := "", w.FormDataContentType()
		if f != nil {
			query = f(w)
			w.Close()
		}
		switch name {
		case "json as upload":
			body.WriteString(goodTicket)
			kind = "application/json"
		case "torn multipart":
			part(w, "file", "a.txt")
		case "other multipart":
			part(w, "file", "a.txt")
			w.Close()
			kind = strings.Replace(kind, "form-data", "mixed", 1)
		}
		if query == "" {
			query = "?type=attachment"
		}
		req := change("POST", base+"/api/upload"+query, body.String(), keep)
		req.Header.Set("Content-Type", kind)
		reqs["upload, "+name] = req
	}
	return reqs
}

func part(w *multipart.Writer, name, file string) {
	var p io.Writer
	if file == "" {
		p, _ = w.CreateFormField(name)
	} else {
		p, _ = w.CreateFormFile(name, file)
	}
	io.WriteString(p, "data")
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken") }
