package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const fieldsMapping = `version: 1
source: { name: desk, timezone: UTC }
people: { agents: ["@acme.test"] }
tickets:
  ticket: { external_id: ticket, subject: subject, status: status, tags: { from: tags, split: " " }, assignee_user: { email: agent }, customer: { email: customer } }
messages: { message: { external_id: id, author: author, channel: { const: email }, body_text: text, sent_datetime: sent } }
`

// desk is an export that changes from night to night.
type desk map[int]*struct {
	status, tags, agent string
	messages            []string // id and author
}

// newDesk holds tickets 1 to n with two messages each.
func newDesk(n int) desk {
	d := desk{}
	for i := range n {
		d.open(i + 1)
	}
	return d
}

func (d desk) open(id int) {
	d[id] = &struct {
		status, tags, agent string
		messages            []string
	}{"closed", "a", "", nil}
	d.reply(id, fmt.Sprintf("c%d@example.com", id))
	d.reply(id, "mia@acme.test")
}

func (d desk) reply(id int, author string) {
	t := d[id]
	t.messages = append(t.messages, fmt.Sprintf("%d-%d,%s", id, len(t.messages), author))
}

func (d desk) write(t *testing.T, path string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("ticket,subject,status,tags,agent,customer,id,author,text,sent\n")
	for _, id := range slices.Sorted(maps.Keys(d)) {
		of := d[id]
		for n, m := range of.messages {
			fmt.Fprintf(&b, "%d,Parcel %d,%s,%s,%s,c%d@example.com,%s,Where is it?,2021-03-01 10:%02d:00\n", id, id, of.status, of.tags, of.agent, id, m, n)
		}
	}
	write(t, path, b.String())
}

// fields lays a mapping for a desk and returns the flags that read it, and where the export belongs.
func (r *rig) fields() (flags []string, export string) {
	m := filepath.Join(r.dir, "m.yaml")
	export = filepath.Join(r.dir, "e.csv")
	write(r.t, m, fieldsMapping)
	return []string{"--from", export, "--mapping", m}, export
}

// held returns the account's id of a ticket of a desk.
func (r *rig) held(id int) int64 {
	r.t.Helper()
	for _, t := range r.account.Tickets() {
		if t.ExternalID == fmt.Sprintf("desk:%d", id) {
			return t.ID
		}
	}
	r.t.Fatalf("ticket %d is not in the account", id)
	return 0
}

// TestUndoOfASync takes back a sync, and then the import before it, with hours between all of them: what we have written
// ourselves is no touch of people's, of whatever kind it was, and what people have written is, before the sync and after.
func TestUndoOfASync(t *testing.T) {
	r := newRig(t, "")
	flags, export := r.fields()
	d := newDesk(12)
	d[4].status, d[10].status = "open", "open"
	d.write(t, export)
	if s, code := r.run(r.command("import", flags...)); code != exitDone || s.Tickets.Imported != 12 {
		t.Fatalf("import: exit %d, %+v", code, s.Tickets)
	}
	r.pass(time.Hour)
	r.act("PUT", fmt.Sprintf("tickets/%d", r.held(9)), `{"subject":"ours now"}`)
	r.act("PUT", fmt.Sprintf("tickets/%d", r.held(10)), `{"subject":"ours now"}`)
	r.pass(time.Hour)
	for _, id := range []int{1, 4, 6, 7, 9} { // to tickets that are closed and open, before an agent comes and after
		d.reply(id, fmt.Sprintf("c%d@example.com", id))
	}
	d[2].tags, d[3].status, d[5].agent = "a b", "open", "mia@acme.test"
	d[7].status, d[7].tags, d[8].status, d[10].tags = "open", "a c", "open", "a d"
	d.open(13)
	d.open(14)
	d.write(t, export)
	if s, code := r.run(r.command("sync", flags...)); code != exitDone || s.Tickets.Imported != 7 || s.Messages.Imported != 9 {
		t.Fatalf("sync: exit %d, %+v, %+v", code, s.Tickets, s.Sync)
	}
	r.pass(time.Hour)
	r.act("PUT", fmt.Sprintf("tickets/%d", r.held(6)), `{"tags":[{"name":"vip"}]}`)
	note := `{"channel":"internal-note","via":"api","from_agent":true,"public":false,"body_text":"On it","sender":{"email":"mia@acme.test"},"sent_datetime":"2021-01-01T00:00:00Z"}`
	r.act("POST", fmt.Sprintf("tickets/%d/messages", r.held(8)), note)
	r.act("POST", fmt.Sprintf("tickets/%d/messages", r.held(14)), note)

	before := r.tickets()
	out, code, errs := r.undo("--run", "2")
	if code != exitIncomplete || out.Tickets != 1 || out.Messages != 3 || out.Left.Touched != 3 {
		t.Errorf("the sync: exit %d, %+v\n%s", code, out, errs)
	}
	touched := map[int64]string{}
	for _, id := range []int{6, 8, 9, 10, 14} {
		touched[r.held(id)] = fmt.Sprint("people in ", id)
	}
	if out, _, errs := r.undo("--run", "1"); out.Tickets != 8 {
		t.Errorf("the import: %+v\n%s", out, errs)
	}
	r.onlyTouched(touched, before)
	r.sound()
}

// TestUndoOfLateTickets: the account dropped the connection at once and made the ticket, or the message, a while later.
func TestUndoOfLateTickets(t *testing.T) {
	r := newRig(t, "late:700ms:2x on POST /api/tickets, late:700ms:2x on POST /api/tickets/*/messages")
	flags, export := r.fields()
	newDesk(6).write(t, export)
	if s, code := r.run(r.command("import", append(flags, "--per-message", "--settle-window", "3s")...)); code != exitDone || s.Messages.Imported != 12 {
		t.Fatalf("import: exit %d, %+v", code, s.Messages)
	}
	if out, code, errs := r.undo("--run", "1"); code != exitDone || out.Tickets != 6 {
		t.Errorf("exit %d, %+v\n%s", code, out, errs)
	}
}

// TestRetryOfWhatTheSourceMerged: one ticket was merged into another while it could not be read whole. Mended and retried, what
// is in Gorgias stays there once, whether a sync has seen that the other is gone or not.
func TestRetryOfWhatTheSourceMerged(t *testing.T) {
	for _, first := range []string{"sync", "import"} {
		t.Run(first, func(t *testing.T) {
			r := newRig(t, "")
			flags, export := r.fields()
			d := newDesk(20)
			d.write(t, export)
			r.run(r.command("import", flags...))
			d[4].messages = append(d[4].messages, d[5].messages...) // the customer of the other is nobody's here
			delete(d, 5)
			d.write(t, export)
			if s, code := r.run(r.command(first, flags...)); code != exitIncomplete || s.Tickets.Held != 1 {
				t.Fatalf("%s: exit %d, %+v", first, code, s.Tickets)
			}
			r.run(r.command("retry", append(flags, "--reason", "incomplete")...)) // nothing is mended yet
			if n := len(r.account.Tickets()[3].Messages); n != 2 {
				t.Fatalf("a part of the ticket was sent: %d messages", n)
			}
			d[4].messages[2] = "5-0,c4@example.com"
			d.write(t, export)
			r.run(r.command("retry", append(flags, "--reason", "incomplete")...))
			if s, code := r.run(r.command("sync", flags...)); code != exitDone || s.Tickets.Held != 0 {
				t.Errorf("the next sync: exit %d, %+v", code, s.Tickets)
			}
			if n := r.account.Stats().Messages; n != 40 {
				t.Errorf("%d messages, want 40", n)
			}
			r.sound()
		})
	}
}
