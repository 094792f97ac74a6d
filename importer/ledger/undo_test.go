package ledger

import (
	"slices"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// undoable returns what a run has put into tickets, by key.
func undoables(t *testing.T, l *Ledger, run int64) map[importer.Key]importer.UndoItem {
	t.Helper()
	out := map[importer.Key]importer.UndoItem{}
	for after := int64(0); ; {
		items, next, err := l.Undoable(ctx, run, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(items) == 0 {
			return out
		}
		for _, it := range items {
			if _, twice := out[it.Key]; twice {
				t.Fatalf("ticket %s came twice", it.Key)
			}
			out[it.Key] = it
		}
		after = next
	}
}

// added is the answer to an append.
func added(target int, message string) importer.Outcome {
	o := made(target*10, message)
	o.Ticket = 0
	return o
}

func TestUndoable(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("whole", 2), planned("part", 1), planned("doubt", 1), planned("adopted", 1), planned("new", 1), planned("grown", 1))
	settle(t, l, ask(t, l, "whole", importer.CreateKind), made(5, "whole/1", "whole/2"))
	settle(t, l, ask(t, l, "part", importer.CreateKind), made(6, "part/1"))
	settle(t, l, ask(t, l, "grown", importer.CreateKind), made(9, "grown/1"))
	ask(t, l, "doubt", importer.CreateKind)
	found := made(7, "adopted/1")
	found.Adopted = true
	if err := l.Note(ctx, "adopted", found); err != nil {
		t.Fatal(err)
	}
	begin(t, l)
	plan(t, l, planned("part", 2), planned("adopted", 2), planned("grown", 2))
	settle(t, l, ask(t, l, "part", importer.AppendKind, "part/2"), added(6, "part/2"))
	settle(t, l, ask(t, l, "grown", importer.AppendKind, "grown/2"), added(9, "grown/2"))
	settle(t, l, ask(t, l, "adopted", importer.AppendKind, "adopted/2"), added(7, "adopted/2"))

	first := undoables(t, l, 1)
	if len(first) != 3 || !first["whole"].Whole || first["whole"].Left != "" || len(first["whole"].Ours) != 2 || first["whole"].Last.IsZero() {
		t.Errorf("of the first run: %+v", first)
	}
	if it := first["part"]; !it.Whole || it.Left != importer.LeftLaterRun {
		t.Errorf("a ticket that a later run added to: %+v", it)
	}
	second := undoables(t, l, 2)
	if it := second["part"]; it.Whole || it.Left != "" || len(it.Messages) != 1 || it.Messages[0].ID != "part/2" || len(it.Ours) != 2 {
		t.Errorf("a message added: %+v", it)
	}
	if it := second["adopted"]; it.Left != importer.LeftAdopted {
		t.Errorf("a message in an adopted ticket: %+v", it)
	}

	if err := l.Undoing(ctx, "part"); err != nil {
		t.Fatal(err)
	}
	if it := undoables(t, l, 2)["part"]; time.Since(it.Asked) > time.Minute {
		t.Errorf("asked for and not answered: %+v", it)
	}
	seen := time.UnixMilli(1_700_000_000_000).UTC()
	if err := l.UndoMessages(ctx, "part", []string{"part/2"}, seen); err != nil {
		t.Fatal(err)
	}
	state(t, l, "part", importer.StateHeld, importer.ReasonUndone)
	if it := undoables(t, l, 1)["part"]; !it.Whole || it.Left != "" || !it.Asked.IsZero() || !it.Seen.Equal(seen) {
		t.Errorf("after its later message was taken back: %+v", it)
	}

	begin(t, l)
	if got := plan(t, l, planned("part", 2)); got[0].State != "held" || got[0].Reason != "undone" {
		t.Errorf("planned again it is %+v", got[0])
	}
	if n, err := l.Retry(ctx, Selection{Again: true}); err != nil || n != 1 {
		t.Errorf("asked to come again: %d, %v", n, err)
	}
	state(t, l, "part", importer.StateMade, "")
	if e := entry(t, l, "part"); !slices.Equal(e.Missing(), []string{"part/2"}) {
		t.Errorf("missing: %v", e.Missing())
	}
	if flaws, err := l.Check(ctx); err != nil || len(flaws) > 0 {
		t.Errorf("check: %+v, %v", flaws, err)
	}
}

// TestUndoLeavesWhatOthersCountOn: the only place of messages that the source has moved to another ticket since.
func TestUndoLeavesWhatOthersCountOn(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("from", 1), planned("into", 2), planned("other", 1))
	settle(t, l, ask(t, l, "from", importer.CreateKind), made(5, "from/1"))
	settle(t, l, ask(t, l, "into", importer.CreateKind), made(6, "into/1", "into/2"))
	settle(t, l, ask(t, l, "other", importer.CreateKind), made(7, "other/1"))
	err := l.write(func(t *tx) error {
		_, err := t.exec(`update message set target = 500, run = 0, elsewhere = (select id from ticket where key = 'from') where id = 'into/2'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	items := undoables(t, l, 1)
	if items["from"].Left != importer.LeftMerged || items["other"].Left != "" || len(items["into"].Ours) != 1 {
		t.Errorf("undoable: %+v", items)
	}
	if flaws, err := l.Check(ctx); err != nil || len(flaws) > 0 {
		t.Errorf("check: %+v, %v", flaws, err)
	}
}

// TestUndoneTicketIsNotTheOldRuns: what was brought again by a later run is that run's.
func TestUndoneTicketIsNotTheOldRuns(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("a", 1))
	settle(t, l, ask(t, l, "a", importer.CreateKind), made(5, "a/1"))
	if err := l.Undo(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	begin(t, l)
	plan(t, l, planned("a", 1))
	if _, err := l.Retry(ctx, Selection{Undone: true, Planned: true}); err != nil {
		t.Fatal(err)
	}
	settle(t, l, ask(t, l, "a", importer.CreateKind), made(6, "a/1"))
	if first, second := undoables(t, l, 1), undoables(t, l, 2); len(first) != 0 || !second["a"].Whole {
		t.Errorf("first %+v, second %+v", first, second)
	}
}

func TestUndoRun(t *testing.T) {
	l := begun(t)
	info := RunInfo{Version: "v", Source: "desk", Mapping: "m", Identity: "i"}
	for _, kind := range []string{"sync", "undo", "verify"} {
		info.Kind = kind
		if err := l.Begin(ctx, info); err != nil {
			t.Fatal(err)
		}
	}
	for run, want := range map[int64]int64{0: 2, 2: 2, 1: 1, 3: 0, 9: 0} {
		r, got, err := l.UndoRun(ctx, run)
		if (err == nil) != (want > 0) || err == nil && (r.ID != want || got.Identity == "") {
			t.Errorf("run %d: %+v, %+v, %v", run, r, got, err)
		}
	}
}

// TestRetrySelected: only those that were planned, where that is asked.
func TestRetrySelected(t *testing.T) {
	l := begun(t)
	held := func(key string) importer.Planned {
		p := planned(key, 1)
		p.Hold = importer.ReasonIncomplete
		return p
	}
	plan(t, l, held("s:1"), held("s:2"), planned("s:3", 1), held("other:4"))
	got, err := l.Selected(ctx, "s", Selection{Reasons: []string{importer.ReasonIncomplete}})
	if err != nil || len(got) != 2 || !got["1"] || !got["2"] {
		t.Fatalf("selected %v, %v", got, err)
	}
	begin(t, l)
	plan(t, l, held("s:1"))
	if n, err := l.Retry(ctx, Selection{Reasons: []string{importer.ReasonIncomplete}, Planned: true}); err != nil || n != 1 {
		t.Errorf("retried %d, %v", n, err)
	}
	state(t, l, "s:2", importer.StateHeld, importer.ReasonIncomplete)
	state(t, l, "s:1", importer.StatePlanned, "")
}
