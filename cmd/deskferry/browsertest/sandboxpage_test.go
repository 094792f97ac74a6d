package browsertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/deskferry/deskferry/importer/sandbox"
)

// account is an empty sandbox.
func account(t *testing.T) (url string) {
	t.Helper()
	url, stop, err := sandbox.New(sandbox.Options{}).Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return url
}

// post makes a ticket, as anybody who has a key could.
func post(t *testing.T, url string, ticket map[string]any) {
	t.Helper()
	ask(t, http.MethodPost, url+"/api/tickets", ticket)
}

// ask is a request of somebody who has a key, and its answer; nil is no body.
func ask(t *testing.T, method, address string, content map[string]any) []byte {
	t.Helper()
	var body []byte
	if content != nil {
		var err error
		if body, err = json.Marshal(content); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("me", "any")
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s %v %.500s", method, address, resp.Status, err, answer)
	}
	return answer
}

// hostileTickets puts every attack into the account as it is, uncleaned: as HTML, as text, as subject, name, tag, file
// and id, in messages of customers, of agents and in internal notes.
func hostileTickets(t *testing.T, url string) {
	t.Helper()
	all := attacks()
	start := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	for from := 0; from < len(all); from += perTicket {
		var messages, tags []any
		subject := ""
		for i, a := range all[from:min(from+perTicket, len(all))] {
			subject += " " + a.text
			tags = append(tags, map[string]string{"name": short(a.text)})
			m := map[string]any{
				"channel": "email", "sender": map[string]string{"email": fmt.Sprintf("c%d@example.org", from+i), "name": short(a.text)}, "from_agent": false,
				"external_id": short(a.text), "sent_datetime": start.Add(time.Duration(from+i) * time.Hour).Format(time.RFC3339),
				"body_html":   fmt.Sprintf("<p>%s</p>%s<p>ends</p>", marker("html", from+i), a.text),
				"body_text":   marker("text", from+i) + "\n" + a.text,
				"attachments": []any{map[string]string{"url": "https://evil.test/" + short(a.text), "name": short(a.text), "content_type": short(a.text)}},
			}
			switch i % 3 {
			case 1:
				m["from_agent"], m["sender"], m["receiver"] = true, map[string]int{"id": 12}, map[string]string{"email": "c@example.org"}
			case 2:
				m["from_agent"], m["sender"], m["channel"], m["public"] = true, map[string]int{"id": 13}, "internal-note", false
			}
			messages = append(messages, m)
		}
		post(t, url, map[string]any{"external_id": fmt.Sprint("hostile-", from), "subject": subject[:min(len(subject), 998)], "tags": tags, "messages": messages})
	}
}

// TestSandboxPage looks at the sandbox's pages: after an import, and full of hostile conversations.
func TestSandboxPage(t *testing.T) {
	b := newBrowser(t)
	t.Run("looks", func(t *testing.T) { sandboxLooks(t, b) })
	t.Run("hostile", func(t *testing.T) { sandboxHostile(t, b) })
	b.gate.quiet(t)
}

func sandboxHostile(t *testing.T, b *browser) {
	url := account(t)
	hostileTickets(t, url)
	list := b.open(t, url+"/", looks()[0])
	list.holdsWidth()
	list.quiet(t)
	links := list.tickets()
	seen := ""
	for i, link := range links {
		p := b.open(t, link, looks()[i%len(looks())])
		title := eval[string](p, `document.title`)
		p.unfold(0)
		p.holdsWidth()
		p.harmless()
		seen += p.everything()
		p.quiet(t)
		if now := eval[string](p, `document.title`); now != title {
			t.Errorf("the title became %q", now)
		}
		do(p, chromedp.Navigate("about:blank"))
	}
	for i, a := range attacks() {
		for _, kind := range []string{"html", "text"} {
			if !strings.Contains(seen, marker(kind, i)) {
				t.Errorf("%s (%s) is not shown", marker(kind, i), a.name)
			}
		}
	}
}

// tickets are the addresses of the tickets that a sandbox's list shows.
func (p *tab) tickets() []string {
	p.t.Helper()
	links := eval[[]string](p, `[...document.querySelectorAll("a")].map(a => a.href).filter(h => h.includes("/tickets/"))`)
	if len(links) == 0 {
		p.t.Fatal("no ticket is listed")
	}
	return links
}

func sandboxLooks(t *testing.T, b *browser) {
	axe := axeSource(t)
	url := account(t)
	run(t, "import", "--from", sample(t, "helpdesk.json"), "--mapping", sample(t, "helpdesk.yaml"), "--to", url, "--rules-off")
	all := looks()
	ticket := b.open(t, url+"/", all[0]).tickets()[0]
	for _, address := range []string{url + "/", url + "/outbox", ticket} {
		p := b.open(t, address, all[0])
		for _, l := range []look{all[0], all[3]} {
			t.Run(strings.TrimPrefix(address, url)+" "+l.name, func(t *testing.T) {
				p.t = t
				p.dress(l)
				p.unfold(0)
				p.holdsWidth()
				p.accessible(axe)
			})
		}
		p.quiet(t)
	}
}
