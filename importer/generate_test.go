package importer_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"
)

// exportColumns are those of a message-per-row helpdesk export.
const exportColumns = "ticket_id,message_id,subject,status,priority,requester_email,requester_name,author_email,author_name,channel,internal,body,body_html,sent_at,tags,attachments"

// exportMapping maps what writeExport writes.
const exportMapping = `
version: 1
source: { name: big, timezone: UTC }
tables:
  status: { new: open, open: open, pending: open, solved: closed, closed: closed }
  channel: { email: email, chat: chat, web: contact_form, phone: phone }
people: { agents: ["@acme.test"] }
tickets:
  ticket:
    external_id: ticket_id
    subject: subject
    status: { from: status, table: status }
    priority: { from: priority, lower: true }
    channel: { from: channel, table: channel }
    customer: { email: requester_email, name: requester_name }
    tags: { from: tags, split: "," }
messages:
  message:
    external_id: message_id
    author: { email: author_email, name: author_name }
    internal: internal
    body_text: body
    body_html: body_html
    sent_datetime: { from: sent_at, layout: [iso, "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M"] }
    attachments: { from: attachments, split: "|" }
`

// writeExport writes a CSV of that many rows, the same for the same seed: bodies of 50 to 2,000 characters (about 490 mean),
// three in ten HTML, quotes, newlines, several languages, padded upper-case addresses, 1 to 7 messages a ticket whose
// rows lie apart (performance.md, "Method").
func writeExport(w io.Writer, rows int, seed uint64) error {
	out := bufio.NewWriterSize(w, 1<<20)
	r := rand.New(rand.NewPCG(seed, 42))
	fmt.Fprintln(out, exportColumns)
	words := strings.Fields("the order parcel refund bestelling retour Größe naïve 注文 の 配送 😀 café \"\"sure\"\" invoice address tomorrow please thanks agent ticket délai question about shipping")
	start := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	var open []int // tickets with messages to come
	next := 1
	left := map[int]int{}
	var b strings.Builder
	for row := range rows {
		if len(open) < 50 {
			left[next] = 1 + r.IntN(7)
			open = append(open, next)
			next++
		}
		at := r.IntN(len(open))
		t := open[at]
		if left[t]--; left[t] == 0 {
			delete(left, t)
			open[at] = open[len(open)-1]
			open = open[:len(open)-1]
		}
		b.Reset()
		for n := 50 + int(r.ExpFloat64()*440); b.Len() < min(n, 2000); {
			b.WriteString(words[r.IntN(len(words))])
			b.WriteByte(" \n"[min(1, r.IntN(20)/19)])
		}
		html, text := "", b.String()
		if r.IntN(10) < 3 {
			html, text = "<p>"+text+"</p><br/>&amp;", ""
		}
		customer := t * 7919 % (rows/8 + 1)
		author, name := fmt.Sprintf(" Customer%d@Example.ORG ", customer), fmt.Sprintf("Customer %d", customer)
		if r.IntN(2) == 0 {
			n := r.IntN(40)
			author, name = fmt.Sprintf("agent%d@acme.test", n), fmt.Sprintf("Agent %d", n)
		}
		sent := start.Add(time.Duration(row) * 97 * time.Second)
		stamp := sent.Format([]string{time.RFC3339, time.DateTime, "02/01/2006 15:04"}[r.IntN(3)])
		fmt.Fprintf(out, "%d,%d,\"Subject of \"\"%d\"\"\",%s,%s,customer%d@example.org,Customer %d,%s,%s,%s,%s,\"%s\",\"%s\",%s,\"%s\",%s\n",
			t, row+1, t, []string{"new", "open", "pending", "solved", "closed"}[t%5], []string{"Low", "Normal", "High"}[t%3],
			customer, customer, author, name, []string{"email", "chat", "web", "phone"}[t%4], []string{"yes", "no"}[min(1, row%7)],
			text, html, stamp, []string{"", "vip", "vip,return"}[t%3],
			[]string{"", "", "", "https://files.example.org/a.png|https://files.example.org/b.pdf"}[t%4])
	}
	return out.Flush()
}
