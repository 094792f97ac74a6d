package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

// undoOf is an undo of run 2 that took out tickets and messages, and left some.
func undoOf(tickets, messages, left int64) *importer.UndoSums {
	u := &importer.UndoSums{Version: 1, Run: 2, RunKind: "import", RunSource: "desk", RunStarted: time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC), Tickets: tickets}
	for range messages {
		u.Take(importer.UndoResult{Messages: 1})
	}
	for i := range left {
		u.Take(importer.UndoResult{Key: importer.Key(fmt.Sprintf("desk:%d", i)), Target: importer.TicketID(500 + i), Whole: true, Reason: importer.LeftTouched,
			Note: "somebody has written in it: 1 message is not ours", URL: fmt.Sprintf("https://acme.test/app/ticket/%d", 500+i)})
	}
	return u
}

// TestGoldenUndo: what an undo tells, as text and as JSON.
func TestGoldenUndo(t *testing.T) {
	r := &Report{Command: "undo", Program: "v1", Started: time.Date(2024, 3, 2, 9, 0, 0, 0, time.UTC), Ended: time.Date(2024, 3, 2, 9, 5, 0, 0, time.UTC), Target: "https://acme.test", Undo: undoOf(72, 1, 23)}
	r.Undo.Take(importer.UndoResult{Key: "desk:9", Target: 9, Whole: true, Reason: importer.LeftGone, Note: "deleted\x1b[31m in the account"})
	golden(t, testdata(t), "undo.txt", func(w io.Writer) error { return Text{}.Report(w, r) })
	r.Undo.LeftTickets = r.Undo.LeftTickets[22:]
	golden(t, testdata(t), "undo.json", func(w io.Writer) error { return JSON(w, r) })
}

// TestUndoReasons: each reason has a count, and its name in JSON is the reason itself.
func TestUndoReasons(t *testing.T) {
	for _, reason := range importer.LeftReasons() {
		u := &importer.UndoSums{}
		u.Take(importer.UndoResult{Reason: reason})
		b, err := json.Marshal(u.Left)
		if err != nil || string(b) != fmt.Sprintf(`{"%s":1}`, reason) {
			t.Errorf("%s: %s %v", reason, b, err)
		}
		if g := leftGroups(u, 5); len(g) != 1 || g[0].Reason != reason || g[0].Left != 0 {
			t.Errorf("%s: %+v", reason, g)
		}
	}
}

// TestPageOfUndo: the page has the numbers and each ticket that is left, and nothing of a mapping.
func TestPageOfUndo(t *testing.T) {
	text := rendered(t, &Report{Command: "undo", Undo: undoOf(72, 1, 8), Started: time.Now(), Ended: time.Now()})
	for _, want := range []string{`<a href="#undone">`, "<b>72</b> <span>tickets deleted</span>", "from 1 ticket of earlier runs", "Left: <code>touched</code>", "https://acme.test/app/ticket/507", "run 2: import of desk", "less than a second"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(text, `id="safety"`) {
		t.Error("the page tells of a mapping")
	}
}

// TestSyncIsTold: what changed in the source stands in the text and on the page; an import says nothing of it.
func TestSyncIsTold(t *testing.T) {
	s := sample()
	s.Sync = &importer.SyncSums{Updated: 3, Conflicts: 1, Touched: 2, Removed: 5, Left: 1, Deleted: 4, Merged: 6}
	s.Differs, s.Removed = 7, 8
	s.Requests = importer.RequestSums{Planned: 20, Creates: 10, Updates: 3, Lookups: 7}
	var b bytes.Buffer
	if err := (Text{}).Report(&b, &Report{Summary: s, Command: "sync"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\nupdated      3 tickets got", "\nconflicts    1 ticket changed on both sides", "\ntouched      2 tickets held", "\ndeleted      4 tickets", "\ngone         4 tickets", "\nnot deleted  1 ticket",
		"\nmerged       6 messages", "\nedited       7 messages", "\nremoved      8 messages", "3 updates",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
	text := rendered(t, &Report{Summary: s, Command: "sync"})
	for _, want := range []string{`id="changes"`, "<dt>Conflicts</dt>", "<b>3</b> <span>tickets updated</span>", "3 updates"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if text := rendered(t, &Report{Summary: sample(), Command: "import"}); strings.Contains(text, `id="changes"`) {
		t.Error("an import tells of changes")
	}
}

// TestNothingNew: a sync that read nothing tells no zeros.
func TestNothingNew(t *testing.T) {
	r := &Report{Summary: &importer.Summary{}, Command: "sync", NothingNew: true}
	var b bytes.Buffer
	if err := (Text{}).Report(&b, r); err != nil || strings.Count(b.String(), "\n") != 1 {
		t.Errorf("%v %s", err, b.String())
	}
	if text := rendered(t, r); strings.Contains(text, `id="flow"`) || !strings.Contains(text, "<b>Nothing new:</b>") {
		t.Error("the page tells more than that")
	}
}

// TestProofTellsOfHeld: a check that holds tickets says of which messages the proof tells.
func TestProofTellsOfHeld(t *testing.T) {
	s := &importer.Summary{SendSafety: importer.SendSafety{Messages: 10_236, WithSentDatetime: 10_236}}
	s.Messages.Pending = 10_140
	const want = "10,140 to import, and 96 of tickets that are held"
	for command, told := range map[string]bool{"check": true, "import": false} {
		var b bytes.Buffer
		if err := (Text{}).Report(&b, &Report{Summary: s, Command: command}); err != nil || strings.Contains(b.String(), want) != told {
			t.Errorf("%s: %v\n%s", command, err, b.String())
		}
		if strings.Contains(rendered(t, &Report{Summary: s, Command: command}), want) != told {
			t.Errorf("the page of %s", command)
		}
	}
}

// TestWhyEmpty: a conversation without messages says what became of those of the export.
func TestWhyEmpty(t *testing.T) {
	p := &importer.Preview{Work: &importer.Work{}, State: mapping.TicketRejected, Records: make([]importer.PreviewRecord, 3),
		Problems: []mapping.Problem{{Code: "tag.cleaned", Severity: mapping.Warning}, {Code: "customer.no_email", Severity: mapping.Error}}}
	if got := whyEmpty(p); got != "nothing is imported: the ticket is rejected, and its messages with it (customer.no_email); the records show what the export has" {
		t.Error(got)
	}
	p.State = mapping.Incomplete
	if got := whyEmpty(p); !strings.Contains(got, "every message of it is rejected") {
		t.Error(got)
	}
	p.Records = nil
	if got := whyEmpty(p); got != "" {
		t.Error(got)
	}
}
