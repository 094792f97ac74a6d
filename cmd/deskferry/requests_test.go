package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestRequests counts: writes are one for each ticket and one for each message that does not fit its create, exactly; reads are
// what was planned or fewer.
func TestRequests(t *testing.T) {
	for _, c := range []struct {
		name            string
		flags           []string
		creates, writes int64
	}{
		{"whole tickets", nil, 301, 301 + 703},
		{"one message a request", []string{"--per-message"}, 301, 301 + 300 + 1202},
		{"at most 4 KiB", []string{"--max-bytes", "4096"}, 301, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, "")
			export, file := filepath.Join(r.dir, "export.csv"), filepath.Join(r.dir, "m.yaml")
			var b strings.Builder
			b.WriteString("ticket,id,subject,status,customer,author,note,body,sent\n")
			row := func(ticket, id int) {
				fmt.Fprintf(&b, "%d,%d,Subject,open,c%d@example.com,c%d@example.com,no,text,2020-01-01T00:00:%02dZ\n", ticket, id, ticket%50, ticket%50, id%60)
			}
			for ticket := range 300 { // two messages each
				row(ticket, 2*ticket)
				row(ticket, 2*ticket+1)
			}
			for id := range 1203 { // and one that does not fit
				row(1000, 10_000+id)
			}
			write(t, export, b.String())
			write(t, file, promiseMapping)
			input := append([]string{"--from", export, "--mapping", file}, c.flags...)
			s, code := r.run(r.command("import", input...))
			if code != exitDone {
				t.Fatalf("exit %d: %+v", code, s.Problems)
			}
			stats := r.account.Stats()
			planned := s.Requests.Creates + s.Requests.Appends
			if stats.Writes != planned || s.Requests.Creates != c.creates || c.writes > 0 && planned != c.writes {
				t.Errorf("%d writes, planned %+v, want %d", stats.Writes, s.Requests, c.writes)
			}
			if s.Requests.Made != stats.Requests || s.Requests.Made > s.Requests.Planned {
				t.Errorf("said %d made, the account saw %d, planned %d: %v", s.Requests.Made, stats.Requests, s.Requests.Planned, stats.Endpoints)
			}
			if probes := stats.Endpoints["GET /api/tickets"]; probes > 20+c.creates/100+5 {
				t.Errorf("%d look-ups of tickets: 20 at the start and 1 %% of the creates were planned", probes)
			}
			if stats.Messages != 1803 || stats.Outbox != 0 {
				t.Errorf("%d messages arrived, %d in the outbox", stats.Messages, stats.Outbox)
			}
			again, _ := r.run(r.command("import", input...))
			if after := r.account.Stats().Writes; after != stats.Writes || again.Tickets.Present != c.creates {
				t.Errorf("the second import made %d writes: %+v", after-stats.Writes, again.Tickets)
			}
		})
	}
}
