package browsertest

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// shopMapping is that of the demo in short, without what some tickets of these exports need.
const shopMapping = `version: 1
source: { name: helpdesk, timezone: Europe/Berlin }
inputs:
  tickets: { path: tickets }
  users: { path: users }
tables:
  status: { new: open, open: open, pending: open, solved: closed, closed: closed }
  channel: { email: email, chat: chat, web: contact_form, phone: phone }
people:
  from:
    users: { input: users, id: id, email: email, name: name, agent: { is: { role: agent } } }
  agents: ["@acme.test"]
  unknown: agent
tickets:
  ticket:
    input: tickets
    external_id: id
    subject: subject
    status: { from: status, table: status }
    channel: { from: via.channel, table: channel }
    customer: { id: requester_id }
    tags: { all: [tags, { const: imported }] }
    created_datetime: created_at
    closed_datetime: solved_at
messages:
  comment:
    input: tickets
    each: comments
    external_id: id
    author: author_id
    internal: { is: { public: { not: true } } }
    channel: { from: via.channel, table: channel }
    body_html: html_body
    body_text: body
    sent_datetime: created_at
    attachments: { each: attachments, url: content_url, name: file_name, content_type: content_type, size: size }
`

// troubledExport is the demo's export with what goes wrong in real ones.
func troubledExport(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(sample(t, "helpdesk.json"))
	if err != nil {
		t.Fatal(err)
	}
	var export map[string]any
	if err := json.Unmarshal(b, &export); err != nil {
		t.Fatal(err)
	}
	tickets := export["tickets"].([]any)
	ticket := func(i int) map[string]any { return tickets[i].(map[string]any) }
	comment := func(i, j int) map[string]any { return ticket(i)["comments"].([]any)[j].(map[string]any) }
	ticket(20)["status"], ticket(21)["status"] = "on zebra hold", "on zebra hold"
	for i := range 6 {
		comment(30+i, 0)["created_at"] = fmt.Sprintf("%d/31/2023 25:00", i+1)
	}
	ticket(40)["requester_id"] = 999999
	ticket(41)["subject"] = strings.Repeat("a very long subject ", 60)
	comment(42, 0)["html_body"] = `<p>Our logo: <img src="https://img.old.test/logo.png"> and <script>track()</script><b>hello</b></p>`
	comment(43, 0)["created_at"] = time.Date(2038, 1, 19, 3, 14, 7, 0, time.UTC).Format(time.RFC3339)
	ticket(44)["satisfaction"] = map[string]any{"score": "good", "comment": "quick"}
	b, err = json.Marshal(export)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "helpdesk.json", string(b))
}
