package report

import (
	"math"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
)

func TestVerdict(t *testing.T) {
	with := func(command string, change func(*importer.Summary)) *Report {
		s := &importer.Summary{}
		change(s)
		return &Report{Summary: s, Command: command}
	}
	ready := func(s *importer.Summary) { s.Tickets.Pending, s.Messages.Pending = 12_391, 48_112 }
	for _, c := range []struct {
		r    *Report
		want string
		tone Tone
	}{
		{with("check", ready), "Ready: 12,391 tickets, 48,112 messages, 0 would be sent", Good},
		{with("check", func(s *importer.Summary) { ready(s); s.Records.Read, s.Records.Rejected = 60_000, 37 }), "Ready: 12,391 tickets, 48,112 messages, 0 would be sent; 37 records need you", Careful},
		{with("check", func(s *importer.Summary) {
			s.Records.Read, s.Records.Rejected, s.Tickets.Pending, s.Tickets.Held, s.Tickets.Rejected, s.Messages.Pending = 300, 107, 43, 100, 7, 50
		}), "Ready in part: 43 of 150 tickets, 50 messages, 0 would be sent; 107 records need you", Careful},
		{with("check", func(s *importer.Summary) {
			s.Records.Read, s.Records.Rejected, s.Tickets.Pending, s.Messages.Pending = 100, 11, 89, 89
		}), "Ready in part: 89 tickets, 89 messages, 0 would be sent; 11 records need you", Careful},
		{with("check", func(s *importer.Summary) {
			s.Records.Read, s.Records.Rejected, s.Tickets.Pending, s.Tickets.Rejected, s.Messages.Pending = 100, 10, 90, 10, 90
		}), "Ready: 90 tickets, 90 messages, 0 would be sent; 10 records need you", Careful},
		{with("check", func(s *importer.Summary) { ready(s); s.Tickets.Held = 1 }), "Ready: 12,391 tickets, 48,112 messages, 0 would be sent; 1 ticket needs you", Careful},
		{with("check", func(s *importer.Summary) { ready(s); s.SendSafety.Sendable = 1 }), "Stop: 1 message without a sent time, which Gorgias could mail", Bad},
		{with("check", func(s *importer.Summary) { s.Records.Read = 5 }), "Nothing to import: of 5 records none makes a ticket that can be imported", Careful},
		{with("import", ready), "Not finished: 0 tickets imported, 12,391 to go, 0 in doubt, 0 sent", Careful},
		{with("import", func(s *importer.Summary) { s.Tickets.Imported, s.Messages.Imported = 2, 7 }), "Finished: 2 tickets imported with 7 messages, 0 present before, 0 sent", Good},
		{&Report{Summary: &importer.Summary{}, Command: "sync", Note: "the source has shrunk"}, "Ended early: the source has shrunk", Careful},
		{&Report{Summary: &importer.Summary{Tickets: importer.TicketSums{Total: 3, Imported: 1, Present: 2}, Messages: importer.MessageSums{Imported: 4}}, Command: "import", Note: "no space left"},
			"Ended early: 1 ticket imported with 4 messages, 2 present before, 0 sent", Careful},
		{&Report{Command: "import", Note: "no space left"}, "Ended early: no space left", Careful},
		{&Report{Running: &Running{Phase: "reading", Done: 250, Total: 1000, Unit: "bytes"}}, "Reading: 25 % of 1.0 kB so far", Busy},
		{with("sync", func(s *importer.Summary) {
			s.Tickets.Imported, s.Messages.Imported, s.Tickets.Present, s.Sync = 2, 7, 1200, &importer.SyncSums{Updated: 3, Deleted: 1, Conflicts: 1}
		}), "Finished: 2 tickets imported with 7 messages, 3 updated, 1 deleted, 1,200 present before, 0 sent", Good},
		{&Report{Summary: &importer.Summary{Tickets: importer.TicketSums{Total: 9, Present: 9}}, Command: "sync", NothingNew: true}, "Nothing new: the source holds what it held, and nothing was written", Good},
		{&Report{Summary: &importer.Summary{Tickets: importer.TicketSums{Total: 3, Held: 3}}, Command: "sync", NothingNew: true}, "Nothing new: the source holds what it held, and nothing was written; 3 tickets need you", Careful},
		{&Report{Undo: undoOf(72, 1, 8)}, "Taken back: 72 tickets and 1 message of run 2; 8 tickets are left", Careful},
		{&Report{Undo: undoOf(72, 0, 0)}, "Taken back: 72 tickets of run 2", Good},
		{&Report{Undo: undoOf(0, 0, 1)}, "Nothing to take back: nothing is left of run 2 that can be; 1 ticket is left", Careful},
		{&Report{Undo: undoOf(5, 0, 0), Note: "interrupted"}, "Not finished: 5 tickets of run 2 taken back so far; the same command goes on", Careful},
		{&Report{Undo: &importer.UndoSums{Run: 2, DryRun: true, Messages: 3}}, "Would be deleted: 3 messages of run 2", Good},
		{&Report{Undo: &importer.UndoSums{Run: 2, DryRun: true, Trash: true, Tickets: 1}}, "Would go into the trash: 1 ticket of run 2", Good},
		{&Report{Undo: &importer.UndoSums{Run: 2, DryRun: true, Tickets: 1}, Note: "nothing was taken back"}, "Ended early: nothing was taken back", Careful},
		{&Report{Undo: &importer.UndoSums{}, Running: &Running{Phase: "taking back", Done: 30, Unit: "tickets"}}, "Taking back: 30 tickets so far", Busy},
		{&Report{Verification: &importer.Verification{}}, "Nothing compared: the ledger knows of no ticket of this export that is done", Careful},
		{&Report{Verification: &importer.Verification{Messages: 9, Tickets: importer.VerifiedTickets{Same: 3}}}, "All as exported: 3 tickets and 9 messages are the same in Gorgias", Good},
		{&Report{Verification: &importer.Verification{Tickets: importer.VerifiedTickets{Same: 3, Different: 1}}}, "Differences: 1 of 4 tickets differ from the export", Bad},
		{&Report{Verification: &importer.Verification{Messages: 9, Tickets: importer.VerifiedTickets{Same: 3, NotImported: 1}}}, "As exported, but not all of it: 3 tickets and 9 messages are the same, 1 not imported, 0 rejected", Careful},
	} {
		if v := c.r.Verdict(); v.String() != c.want || v.Tone != c.tone {
			t.Errorf("%s %q\nwant %s %q", v.Tone, v, c.tone, c.want)
		}
	}
}

// TestNice: an axis ends little above its highest column, at a number whose half is whole.
func TestNice(t *testing.T) {
	for n, want := range map[int64]int64{0: 1, 1: 1, 3: 4, 10: 10, 11: 12, 1000: 1000, 1001: 1200, 1_650: 2000, 10_236: 12_000, math.MaxInt64: math.MaxInt64} {
		if got := nice(n); got != want {
			t.Errorf("the axis of %d ends at %d, want %d", n, got, want)
		}
	}
	for n := int64(5); n < 100_000; n++ {
		if got := nice(n); got < n || 4*got > 5*n && n > 10 || got%2 != 0 {
			t.Fatalf("the axis of %d ends at %d", n, got)
		}
	}
}

func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "less than a second", 999 * time.Millisecond: "less than a second", 1499 * time.Millisecond: "1s", 65 * time.Second: "1m5s"} {
		if got := took(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

// TestFlow: every record is in a ribbon, what is there is seen, and nothing leaves the drawing.
func TestFlow(t *testing.T) {
	s := &importer.Summary{Messages: importer.MessageSums{Total: 1_000_003, Imported: 1_000_000, Held: 1, InDoubt: 1, Rejected: 1}}
	f := flows(s)[2]
	var count int64
	for _, e := range f.Ends {
		count += e.Count
		if e.H < flowThin || e.Y < 0 || e.Y+e.H > f.Height || e.Share == "100 %" || e.Share == "0 %" {
			t.Errorf("%+v", e)
		}
	}
	if count != f.Total || f.Top < 0 || f.Top+f.Bar > f.Height {
		t.Errorf("%d in ribbons of %d: %+v", count, f.Total, f)
	}
}

func TestChart(t *testing.T) {
	months := []importer.MonthSum{{Month: "2024-11", Incoming: 3, Outgoing: 1}, {Month: "2025-02", Internal: 1000}}
	c := monthChart(months)
	if !c.draw() || len(c.Columns) != 4 || c.Columns[1].Name != "2024-12" || c.Max != 1000 || len(c.Columns[1].Parts) != 0 {
		t.Errorf("%+v", c)
	}
	for _, col := range c.Columns {
		for _, p := range col.Parts {
			if p.Y < 0 || p.Y+p.H > 100.001 {
				t.Errorf("%+v leaves the drawing", p)
			}
		}
	}
	long := []importer.MonthSum{{Month: "2014-01", Incoming: 1}, {Month: "2024-12", Incoming: 2}}
	if c = monthChart(long); c.Title != "Messages per quarter" || c.Columns[0].Name != "2014 Q1" || len(c.Columns) != 44 {
		t.Errorf("%s, %d columns", c.Title, len(c.Columns))
	}
	if c = (chart{Series: directions}); c.draw() {
		t.Error("an empty chart is drawn")
	}
}

func TestWords(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 25_600: "26 kB", 999_999: "1.0 MB", 5 << 30: "5.4 GB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for in, want := range map[string]string{"a\tb\nc": "a b c", "x\u202ey\x1b": "x‹U+202E›y‹U+001B›", "ärgerlich": "ärgerl…"} {
		if got := shown(6, in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for hint, want := range map[string]string{`tables.status: add  "on-hold": open`: `"on-hold": open`, "add one": "", "see that: add  it": ""} {
		if _, line, _ := paste(hint); line != want {
			t.Errorf("%q: %q, want %q", hint, line, want)
		}
	}
}
