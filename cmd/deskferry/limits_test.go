package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const limitsMapping = `
version: 1
source: { name: old }
people: { unknown: customer, no_email: "{id}@import.invalid", agents: ["@acme.test"] }
tickets:
  t: { external_id: ticket, subject: subject, tags: tags, source_url: url, customer: { id: customer_id, email: customer, name: customer_name } }
messages:
  m: { external_id: id, channel: channel, author: { email: author, name: author_name }, subject: message_subject, body_text: body, sent_datetime: { const: "2020-01-01T00:00:00Z" },
       message_id: message_id, in_reply_to: in_reply_to, to: { each: to, address: "." }, attachments: { each: files, url: url, name: name, content_type: type } }
`

// TestLimits holds the longest value that each field takes, and one more, against an account: check says what is lost, the
// import has nothing refused for its length, and the account holds the whole all the same.
func TestLimits(t *testing.T) {
	text := func(n int) string { return strings.Repeat("é", n) }
	file := func(key string, value func(int) string) func(map[string]any, int) string {
		return func(row map[string]any, n int) string {
			f := map[string]string{"url": "https://files.acme.test/a.pdf", "name": "a.pdf", "type": "application/pdf"}
			f[key] = value(n)
			row["files"] = []any{f}
			return f[key]
		}
	}
	field := func(key string, value func(int) string) func(map[string]any, int) string {
		return func(row map[string]any, n int) string {
			row[key] = value(n)
			return value(n)
		}
	}
	number := func(n int) string { return strings.Repeat("7", n) }
	limits := map[string]struct {
		most int
		set  func(row map[string]any, n int) (whole string)
		code string // what check says of one more; "": nothing is lost
	}{
		"subject":          {998, field("subject", text), "text.too_long"},
		"message_subject":  {998, field("message_subject", text), "text.too_long"},
		"customer.name":    {255, field("customer_name", text), "text.too_long"},
		"author.name":      {255, field("author_name", text), "text.too_long"},
		"tags":             {256, field("tags", text), "tag.too_long"},
		"source_url":       {2000, field("url", text), "text.too_long"},
		"message_id":       {998, field("message_id", func(n int) string { return "<" + strings.Repeat("m", n-2) + ">" }), "text.too_long"},
		"in_reply_to":      {998, field("in_reply_to", func(n int) string { return "<" + strings.Repeat("r", n-2) + ">" }), "text.too_long"},
		"to":               {320, field("to", number), "text.too_long"},
		"file name":        {255, file("name", func(n int) string { return text(n-4) + ".pdf" }), "text.too_long"},
		"file type":        {255, file("type", func(n int) string { return "application/" + strings.Repeat("x", n-12) }), "text.too_long"},
		"file address":     {4096, file("url", func(n int) string { return "https://files.acme.test/" + strings.Repeat("u", n-24) }), ""},
		"ticket's id":      {255 - len("old:"), field("ticket", text), ""},
		"message's id":     {255, field("id", text), ""},
		"customer's id":    {64, field("customer_id", number), ""},
		"body":             {1 << 16, field("body", text), ""},
		"customer's email": {64 + len("@example.com"), field("customer", func(n int) string { return strings.Repeat("c", n-len("@example.com")) + "@example.com" }), "email.invalid"},
	}
	var export strings.Builder
	wholes, losing := map[string]string{}, map[string]int64{}
	rejected := int64(0)
	for i, name := range slices.Sorted(maps.Keys(limits)) {
		l := limits[name]
		for more := range 2 {
			row := map[string]any{"ticket": fmt.Sprint("t", i, "-", more), "id": fmt.Sprint("m", i, "-", more), "subject": "Subject", "channel": "phone", "author": fmt.Sprintf("a%d-%d@example.com", i, more), "body": "Hello"}
			if name != "customer's id" {
				row["customer"] = fmt.Sprintf("c%d-%d@example.com", i, more)
			} else {
				delete(row, "author")
			}
			whole := l.set(row, l.most+more)
			b, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&export, "%s\n", b)
			switch {
			case l.code == "email.invalid" && more == 1:
				rejected++
			case name != "customer's id":
				wholes[fmt.Sprint(name, " of ", l.most+more)] = whole
			}
			if more == 1 && l.code != "" {
				losing[l.code]++
			}
		}
	}
	r := newRig(t, "")
	from := []string{"--from", filepath.Join(r.dir, "export.ndjson"), "--mapping", filepath.Join(r.dir, "m.yaml")}
	write(t, from[1], export.String())
	write(t, from[3], limitsMapping)

	s, _ := r.run(append([]string{"deskferry", "check", "--json"}, from...))
	told := map[string]int64{}
	for _, p := range s.Problems {
		if _, listed := losing[p.Code]; listed || p.Severity == "error" {
			told[p.Code] += p.Count
		}
	}
	if !maps.Equal(told, losing) {
		t.Errorf("check tells %v, want %v", told, losing)
	}

	s, _ = r.run(r.command("import", from...))
	if n := int64(2*len(limits)) - rejected; s.Tickets.Imported != n || s.Tickets.Held != rejected || s.SendSafety.Sendable != 0 {
		t.Errorf("imported %d of %d: %+v, %+v", s.Tickets.Imported, n, s.Tickets, s.Problems)
	}
	held := r.contents()
	for name, whole := range wholes {
		if b, _ := json.Marshal(whole); !strings.Contains(held, strings.Trim(string(b), `"`)) && !strings.Contains(held, whole) {
			t.Errorf("the account does not hold the %s characters", name)
		}
	}
	if stats := r.account.Stats(); stats.Outbox != 0 {
		t.Errorf("%+v", stats)
	}
	if v, code := r.verified(from...); code == exitFailed || len(v.Differences) > 0 {
		t.Errorf("verify: exit %d, %+v", code, v.Differences)
	}
}

// contents is what the account answers of every ticket.
func (r *rig) contents() string {
	r.t.Helper()
	var all strings.Builder
	for _, ticket := range r.account.Tickets() {
		req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, fmt.Sprint(r.url, "/api/tickets/", ticket.ID), nil)
		if err != nil {
			r.t.Fatal(err)
		}
		req.SetBasicAuth("import@acme.test", "s3cret-key")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			r.t.Fatal(err)
		}
		var body any
		if err = json.NewDecoder(resp.Body).Decode(&body); err != nil {
			r.t.Fatal(err)
		}
		resp.Body.Close()
		e := json.NewEncoder(&all)
		e.SetEscapeHTML(false)
		if err := e.Encode(body); err != nil {
			r.t.Fatal(err)
		}
	}
	return all.String()
}
