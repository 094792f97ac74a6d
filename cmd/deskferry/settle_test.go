package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer/sandbox"
)

const statusMapping = `version: 1
source: { name: desk, timezone: UTC }
people: { agents: ["@acme.test"] }
tables: { status: { open: open, closed: closed } }
tickets: { ticket: { external_id: ticket, subject: subject, customer: { email: customer }, status: { from: status, table: status }, assignee_user: { email: assignee } } }
messages: { message: { external_id: id, author: customer, channel: { const: email }, body_text: text, sent_datetime: sent } }
`

// diaryRow is a message of an export that changes from night to night.
type diaryRow struct{ ticket, id, status, assignee, text, sent string }

func (r *rig) writeDiary(rows ...diaryRow) {
	r.t.Helper()
	var b strings.Builder
	b.WriteString("ticket,id,subject,customer,status,assignee,text,sent,secret\n")
	for _, w := range rows {
		b.WriteString(strings.Join([]string{w.ticket, w.id, "Parcel " + w.ticket, "c" + w.ticket + "@example.com", w.status, w.assignee, w.text, w.sent, "PRIVATE-COLUMN"}, ",") + "\n")
	}
	write(r.t, filepath.Join(r.dir, "export.csv"), b.String())
}

// diary is a rig whose export the lines give, and the flags that read it.
func newDiary(t *testing.T) (*rig, []string) {
	r := newRig(t, "")
	write(t, filepath.Join(r.dir, "m.yaml"), statusMapping)
	return r, []string{"--from", filepath.Join(r.dir, "export.csv"), "--mapping", filepath.Join(r.dir, "m.yaml"), "--max-rejects-percent", "100", "--accept-shrink"}
}

// told runs a command that reads or writes the ledger alone.
func (r *rig) told(code int, args ...string) string {
	r.t.Helper()
	var out, errs bytes.Buffer
	line := append([]string{"deskferry", args[0], "--ledger", filepath.Join(r.dir, "deskferry.db")}, args[1:]...)
	if got := run(r.t.Context(), line, strings.NewReader(""), &out, &errs); got != code {
		r.t.Fatalf("%q: exit %d, want %d\n%s%s", args, got, code, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

func expectWords(t *testing.T, what, text string, words ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(text), " ")
	for _, w := range words {
		if no, absent := strings.CutPrefix(w, "!"); absent == strings.Contains(flat, strings.TrimSpace(no)) {
			t.Errorf("%s: %q in\n%s", what, w, text)
		}
	}
}

func updates(a *sandbox.Server) int64 { return a.Stats().Endpoints["PUT /api/tickets/{id}"] }

// TestRejectedMessagesChangeNothing: a message that can no longer be read is there all the same: its ticket's fields, which are made
// of the messages that can, are not written, and neither it nor its ticket is told as removed, or deleted.
func TestRejectedMessagesChangeNothing(t *testing.T) {
	r, args := newDiary(t)
	rows := []diaryRow{
		{"1", "10", "closed", "", "Hello", "2021-03-01 10:00:00"}, {"1", "11", "closed", "", "Thanks", "2021-03-01 10:05:00"},
		{"2", "20", "open", "", "Hello", "2021-03-01 10:00:00"}, {"3", "30", "open", "", "Hello", "2021-03-01 10:00:00"},
	}
	r.writeDiary(rows...)
	expectNight(t, "first", r.night(args...), exitDone, "3 new tickets, 4 messages brought over")
	before := r.account.Tickets()
	rows[1].sent, rows[2].sent, rows[2].status = "some day", "some day", "closed" // the last message of one ticket, all of another
	r.writeDiary(rows...)
	n := r.night(append(args, "--apply-deletions")...)
	expectNight(t, "rejected", n, exitIncomplete, "2 records rejected")
	expectWords(t, "rejected", n.out+n.err, "!no longer in the source", "!updated")
	if s := r.account.Stats(); updates(r.account) != 0 || s.Endpoints["DELETE /api/tickets/{id}"] != 0 {
		t.Errorf("the account has %+v", s)
	}
	for i, ticket := range r.account.Tickets() {
		if ticket.Status != before[i].Status || !ticket.ClosedDatetime.Equal(before[i].ClosedDatetime) {
			t.Errorf("ticket %s became %s, %s", ticket.ExternalID, ticket.Status, ticket.ClosedDatetime)
		}
	}
	expectWords(t, "status", r.told(exitDone, "status"), "rejected by run 2: 2 records", "2 sent_datetime.unreadable, first at", "export.csv:3", "deskferry check --rejects")
	rows[1].sent, rows[2].sent = "2021-03-01 10:05:00", "2021-03-01 10:00:00"
	r.writeDiary(rows...)
	expectNight(t, "mended", r.night(args...), exitDone, "1 ticket updated, 3 as before")
}

// TestHeldSaysWhy: a ticket held as incomplete says which field of which record it lacks, and is done once it is mended.
func TestHeldSaysWhy(t *testing.T) {
	r, args := newDiary(t)
	rows := []diaryRow{{"1", "10", "open", "", "Hello", "2021-03-01 10:00:00"}, {"1", "11", "open", "", "Where?", "some day"}}
	r.writeDiary(rows...)
	expectNight(t, "first", r.night(args...), exitIncomplete, "1 ticket held")
	expectWords(t, "status", r.told(exitDone, "status"), "desk:1 held (incomplete): sent_datetime.unreadable at", "export.csv:3", "deskferry settle --ticket KEY")
	expectWords(t, "settled", r.told(exitDone, "settle", "--ticket", "desk:1"), "1 ticket settled")
	n := r.night(args...)
	expectNight(t, "settled", n, exitIncomplete, "1 record rejected")
	expectWords(t, "settled", n.out, "!held")
	expectWords(t, "unknown", r.told(exitFailed, "settle", "--ticket", "desk:7"), "nothing to be settled")
}

// TestLeftAsItIs: what a sync does not bring over is listed until somebody accepts it, and an assignee the account lacks is no change
// of people's.
func TestLeftAsItIs(t *testing.T) {
	r, args := newDiary(t)
	day := "2021-03-01 10:00:00"
	rows := []diaryRow{
		{"1", "10", "open", "", "Hello", day}, {"2", "20", "open", "", "Hello", day}, {"3", "30", "open", "", "Hello", day},
		{"4", "40", "open", "grace@acme.test", "Hello", day}, {"5", "50", "open", "", "Hello", day}, {"6", "60", "open", "", "Hello", day},
	}
	r.writeDiary(rows...)
	expectNight(t, "first", r.night(args...), exitDone, "6 new tickets")
	for _, ticket := range r.account.Tickets() {
		if ticket.ExternalID == "desk:6" { // an agent puts it into the trash
			r.act("PUT", fmt.Sprintf("tickets/%d", ticket.ID), `{"trashed_datetime":"`+time.Now().UTC().Format(time.RFC3339)+`"}`)
		}
	}
	rows[1].text = "Hello!" // edited
	rows[3].assignee = ""   // whom the account never had
	rows[4].assignee = "linus@acme.test"
	rows = append(append(rows[:2:2], rows[3:]...), diaryRow{"6", "61", "open", "", "More", day}) // without the third
	r.writeDiary(rows...)
	n := r.night(args...)
	expectNight(t, "left", n, exitIncomplete, "1 ticket held", "1 ticket with a change that was not written", "1 message edited", "1 ticket no longer in the source")
	expectNight(t, "left still", r.night(args...), exitIncomplete, "1 ticket held", "1 ticket with a change that was not written")
	said := r.told(exitDone, "status")
	expectWords(t, "status", said, "desk:5 assignee_user: nobody of that name in the account", "desk:2 1 message edited in the source", "desk:3 no longer in the source",
		"desk:6 held (gone)", "!desk:4", "deskferry settle --conflicts", "deskferry settle --removed", "!both sides")
	expectWords(t, "dry", r.told(exitDone, "settle", "--conflicts", "--edited", "--removed", "--reason", "gone", "--dry-run"), "4 tickets would be settled")
	expectWords(t, "settle", r.told(exitDone, "settle", "--conflicts", "--edited", "--removed"), "3 tickets settled")
	expectWords(t, "status", r.told(exitDone, "status"), "!left as it is", "desk:6")
	expectWords(t, "settle", r.told(exitDone, "settle", "--reason", "gone"), "1 ticket settled")
	expectWords(t, "status", r.told(exitDone, "status"), "!need somebody", "1 settled")
	rows = append(rows, diaryRow{"6", "62", "open", "", "And more", day})
	r.writeDiary(rows...)
	n = r.night(append(args, "--apply-deletions")...)
	expectNight(t, "settled", n, exitDone, "as before")
	expectWords(t, "settled", n.out, "!left as it is", "!somebody")
	if s := r.account.Stats(); updates(r.account) != 1 || s.Endpoints["DELETE /api/tickets/{id}"] != 0 || s.Outbox != 0 { // the one is the agent's
		t.Errorf("the account has %+v", s)
	}
}

// TestUndoneRests: what was taken back needs nobody each night, and comes again only when it is asked for.
func TestUndoneRests(t *testing.T) {
	r, args := newDiary(t)
	r.writeDiary(diaryRow{"1", "10", "open", "", "Hello", "2021-03-01 10:00:00"})
	expectNight(t, "first", r.night(args...), exitDone)
	r.told(exitDone, "undo", "--run", "1", "--yes", "--to", r.url)
	r.writeDiary(diaryRow{"1", "10", "open", "", "Hello", "2021-03-01 10:00:00"}, diaryRow{"2", "20", "open", "", "Hello", "2021-03-01 10:00:00"})
	expectNight(t, "after the undo", r.night(args...), exitDone, "1 new ticket, 1 message brought over")
	if s := r.account.Stats(); s.Tickets != 1 {
		t.Errorf("the account has %+v", s)
	}
}

// TestLedgerHoldsNoValues looks for what people wrote in the bytes of the ledger.
func TestLedgerHoldsNoValues(t *testing.T) {
	r, args := newDiary(t)
	r.writeDiary(diaryRow{"1", "10", "open", "", "Where is it?", "2021-03-01 10:00:00"}, diaryRow{"2", "20", "open", "", "Hello", "SECRET-TIME"})
	expectNight(t, "sync", r.night(args...), exitIncomplete)
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(filepath.Join(r.dir, "deskferry.db"+end))
		if err != nil && end == "" {
			t.Fatal(err)
		}
		for _, value := range []string{"PRIVATE-COLUMN", "SECRET-TIME", "Where is it", "Parcel"} {
			if bytes.Contains(b, []byte(value)) {
				t.Errorf("the ledger%s holds %q", end, value)
			}
		}
	}
	said := r.told(exitDone, "status", "--json")
	expectWords(t, "status", said, "!problems", `"records": 1`)
}
