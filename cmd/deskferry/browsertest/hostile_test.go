package browsertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// hostileMapping reads what hostileExport makes, and leaves bodies as they are; it is hostile as well where a mapping is
// shown as text.
const hostileMapping = `version: 1
source: { name: "hostile <script>canary('mapping')</script>" } # </script></pre><img src=x onerror=canary('comment')>
inputs:
  tickets: { path: tickets }
tables:
  status: { open: open, closed: closed }
people:
  agents: ["@acme.test"]
bodies: { html: as_is }
tickets:
  ticket:
    input: tickets
    external_id: id
    subject: subject
    status: { from: status, table: status }
    channel: { const: email }
    customer: { email: email, name: name }
    tags: { all: [tags] }
    created_datetime: created_at
messages:
  comment:
    input: tickets
    each: comments
    external_id: id
    author: author
    channel: { const: email }
    body_html: html
    body_text: text
    sent_datetime: created_at
    attachments: { each: files, url: url, name: name, content_type: type }
`

type hostileComment struct {
	ID        string              `json:"id"`
	Author    string              `json:"author"`
	HTML      string              `json:"html,omitzero"`
	Text      string              `json:"text,omitzero"`
	CreatedAt string              `json:"created_at"`
	Files     []map[string]string `json:"files,omitzero"`
}

type hostileTicket struct {
	ID        string           `json:"id"`
	Subject   string           `json:"subject"`
	Status    string           `json:"status"`
	Email     string           `json:"email"`
	Name      string           `json:"name"`
	Tags      []string         `json:"tags"`
	CreatedAt string           `json:"created_at"`
	Extra     map[string]any   `json:"extra"`
	Comments  []hostileComment `json:"comments"`
}

// marker is the text that shows that an attack's body is on a page.
func marker(kind string, i int) string { return fmt.Sprintf("%s-%03d-begins", kind, i) }

// maxName is what Gorgias takes of a name.
const maxName = 250

// perTicket is how many bodies a ticket has: a preview shows 50.
const perTicket = 25

// hostileExport is an export in which everything is an attack: the bodies, as "html" or as "text", and wherever else an
// export can say something.
func hostileExport(t *testing.T, bodies string) string {
	t.Helper()
	all := attacks()
	start := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	var tickets []hostileTicket
	for from := 0; from < len(all); from += perTicket {
		some := all[from:min(from+perTicket, len(all))]
		k := hostileTicket{ID: fmt.Sprintf("%s-%d", bodies, from), Subject: "s", Status: "open", Email: fmt.Sprintf("c%d@example.org", from), Name: "n", Extra: map[string]any{}}
		for i, a := range some {
			at := start.Add(time.Duration(from+i) * time.Hour)
			if k.CreatedAt == "" {
				k.CreatedAt = at.Format(time.RFC3339)
			}
			k.Subject += " " + a.text
			if len(k.Name)+len(a.text) < maxName {
				k.Name += " " + a.text
			}
			k.Tags = append(k.Tags, short(a.text))
			k.Extra[a.text] = a.text
			c := hostileComment{ID: fmt.Sprintf("%s-m%d", bodies, from+i), Author: k.Email, CreatedAt: at.Format(time.RFC3339)}
			if i%2 == 1 {
				c.Author = "mia@acme.test"
			}
			if bodies == "html" {
				c.HTML = fmt.Sprintf("<p>%s</p>%s<p>%03d-ends</p>", marker(bodies, from+i), a.text, from+i)
			} else {
				c.Text = marker(bodies, from+i) + "\n" + a.text
			}
			c.Files = []map[string]string{{"url": "https://evil.test/" + fmt.Sprint(from+i) + `"><script>`, "name": short(a.text), "type": short(a.text)}}
			k.Comments = append(k.Comments, c)
		}
		tickets = append(tickets, k)
	}
	return exported(t, tickets)
}

func exported(t *testing.T, tickets []hostileTicket) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"tickets": tickets})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// hostileProblems is an export of which nothing can be imported: each attack is told as a problem.
func hostileProblems(t *testing.T) string {
	t.Helper()
	var tickets []hostileTicket
	for _, a := range attacks() {
		bad := hostileTicket{ID: a.text, Subject: a.text, Status: a.text, Email: a.text, Name: a.text, CreatedAt: a.text, Extra: map[string]any{a.text: a.text}}
		bad.Comments = []hostileComment{{ID: a.text, Author: a.text, HTML: a.text, CreatedAt: a.text}}
		tickets = append(tickets, bad)
	}
	return exported(t, tickets)
}

// short is a text as a tag or a file name may be.
func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), 90)], "") }

// hostileBytes is an export that is no UTF-8: markup in bytes that only a careless decoder takes for it.
func hostileBytes(t *testing.T) string {
	t.Helper()
	var tickets []hostileTicket
	bytes := []string{
		"\xc0\xbcscript\xc0\xbecanary('two')\xc0\xbc/script\xc0\xbe", "\xe0\x80\xbcscript\xe0\x80\xbecanary('three')", "\xf0\x80\x80\xbcimg src=x onerror=canary('four')\xf0\x80\x80\xbe",
		"\xbcscript\xbecanary('ascii')\xbc/script\xbe", "<img title=\xe4\" onerror=canary('half')>", "<b\xff><script\xfe>canary('tail')</script>",
	}
	for i := range bytes {
		mark := fmt.Sprintf("@%d@", i)
		tickets = append(tickets, hostileTicket{ID: fmt.Sprint("bytes-", i), Subject: mark, Status: "open", Email: "c@example.org", Name: mark, CreatedAt: "2024-03-01T09:00:00Z",
			Comments: []hostileComment{{ID: fmt.Sprint("bytes-", i), Author: "c@example.org", HTML: "<p>" + mark, CreatedAt: "2024-03-01T09:00:00Z"}}})
	}
	out := exported(t, tickets)
	for i, b := range bytes {
		out = strings.ReplaceAll(out, fmt.Sprintf("@%d@", i), strings.ReplaceAll(b, `"`, `\"`))
	}
	return out
}

// bottomless is an export with bodies that never end: 5 MB of tables in tables, some closed and some not, and a text of 1 MB.
func bottomless(t *testing.T) string {
	t.Helper()
	const open, shut = "<table><tr><td>", "</td></tr></table>"
	tickets := []hostileTicket{}
	for i, body := range []string{
		strings.Repeat(open, 350_000), strings.Repeat(open, 150_000) + "deep" + strings.Repeat(shut, 150_000),
		strings.Repeat("<b>", 300_000), strings.Repeat("<div><p><ul><li>", 50_000), strings.Repeat("&lt;", 400_000), strings.Repeat("<a href=x>", 100_000),
	} {
		tickets = append(tickets, hostileTicket{ID: fmt.Sprint("deep-", i), Subject: "deep", Status: "open", Email: "c@example.org", CreatedAt: "2024-03-01T09:00:00Z", Comments: []hostileComment{
			{ID: fmt.Sprint("deep-html-", i), Author: "c@example.org", HTML: body, CreatedAt: "2024-03-01T09:00:00Z"},
			{ID: fmt.Sprint("deep-text-", i), Author: "c@example.org", Text: strings.Repeat("word ", 200_000/(1+9*i)), CreatedAt: "2024-03-01T10:00:00Z"},
		}})
	}
	return exported(t, tickets)
}
