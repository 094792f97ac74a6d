package ledger

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
)

func TestClaimsOnlyWhatTheRunPlanned(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("a", 1), planned("b", 1), planned("lost", 1))
	settle(t, l, ask(t, l, "lost", importer.CreateKind), importer.Outcome{State: importer.StateDoubt, Answer: importer.AnswerLost, NextLook: time.Now()})
	keys := func() (out []string) {
		for {
			claims, err := l.Claim(ctx, 10)
			if err != nil {
				t.Fatal(err)
			}
			if len(claims) == 0 {
				return out
			}
			for _, c := range claims {
				out = append(out, string(c.Key))
			}
		}
	}
	begin(t, l)
	plan(t, l, planned("b", 1))
	if got := keys(); !slices.Equal(got, []string{"lost", "b"}) {
		t.Errorf("a run that planned b was given %v", got)
	}
	begin(t, l)
	if got := keys(); !slices.Equal(got, []string{"lost"}) {
		t.Errorf("a run that planned nothing was given %v", got)
	}
	if n, err := l.Retry(ctx, Selection{Open: true}); err != nil || n != 2 {
		t.Errorf("%d open tickets, %v", n, err)
	}
	for _, key := range []string{"lost"} {
		l.Release(importer.Claim{Key: importer.Key(key)})
	}
	if got := keys(); !slices.Equal(got, []string{"lost", "a", "b"}) {
		t.Errorf("a run that takes up what is open was given %v", got)
	}
}

func TestAskingIsClaimedAfterACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deskferry.db")
	l := open(t, path)
	begin(t, l)
	plan(t, l, planned("a", 1), planned("b", 1))
	ask(t, l, "b", importer.CreateKind)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, path)
	begin(t, l)
	claims, err := l.Claim(ctx, 1)
	if err != nil || len(claims) != 1 || claims[0].Key != "b" || claims[0].State != importer.StateAsking {
		t.Fatalf("%v %v", claims, err)
	}
	if e := entry(t, l, "b"); e.Open == nil || e.Open.Lost {
		t.Fatalf("open attempt %+v", e.Open)
	}
}

func TestRetrySelects(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("refused", 1), planned("dup", 1), planned("gone", 2), planned("hold", 1), planned("done", 1))
	held := func(reason string) importer.Outcome {
		return importer.Outcome{State: importer.StateHeld, Reason: reason, Answer: importer.AnswerHeld}
	}
	settle(t, l, ask(t, l, "refused", importer.CreateKind), importer.Outcome{State: importer.StateRefused, Answer: importer.AnswerRefused})
	settle(t, l, ask(t, l, "dup", importer.CreateKind), held("duplicate"))
	settle(t, l, ask(t, l, "gone", importer.CreateKind, "gone/1"), made(3, "gone/1"))
	settle(t, l, ask(t, l, "gone", importer.AppendKind), held("gone"))
	settle(t, l, ask(t, l, "done", importer.CreateKind), made(4, "done/1"))
	if err := l.Note(ctx, "hold", held("incomplete")); err != nil {
		t.Fatal(err)
	}
	n, err := l.Retry(ctx, Selection{Reasons: []string{"duplicate", "gone", "incomplete"}, Refused: true})
	if err != nil || n != 4 {
		t.Fatalf("retried %d, %v", n, err)
	}
	state(t, l, "refused", importer.StatePlanned, "")
	state(t, l, "dup", importer.StatePlanned, "")
	state(t, l, "gone", importer.StateMade, "")
	state(t, l, "hold", importer.StatePlanned, "")
	state(t, l, "done", importer.StateDone, "")
	if !entry(t, l, "dup").LookFirst || entry(t, l, "hold").LookFirst {
		t.Error("what may be in the target must be looked for, and nothing else")
	}
}

func TestUndo(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("a", 1), planned("b", 1), planned("c", 1))
	settle(t, l, ask(t, l, "a", importer.CreateKind), made(5, "a/1"))
	ask(t, l, "b", importer.CreateKind)
	if err := l.Undo(ctx, "b"); err == nil {
		t.Error("what is asked for was undone")
	}
	found := made(6, "c/1")
	found.Adopted = true
	if err := l.Note(ctx, "c", found); err != nil {
		t.Fatal(err)
	}
	if err := l.Undo(ctx, "c"); err == nil {
		t.Error("an adopted ticket was undone")
	}
	if err := l.Undo(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	state(t, l, "a", importer.StateUndone, "")
	if got := plan(t, l, planned("a", 1)); got[0].State != "undone" {
		t.Errorf("planning again gave %+v", got[0])
	}
	if _, err := l.Retry(ctx, Selection{Undone: true}); err != nil {
		t.Fatal(err)
	}
	e := entry(t, l, "a")
	if e.State != importer.StatePlanned || !slices.Equal(e.Dead, []importer.TicketID{5}) || len(e.Missing()) != 1 {
		t.Errorf("planned anew: %+v", e)
	}
}

func TestSampleSightAdopt(t *testing.T) {
	l := begun(t)
	var ps []importer.Planned
	for i := range 100 {
		p := planned(fmt.Sprintf("t%d", i), 1)
		p.Seq = int64(i)
		ps = append(ps, p)
	}
	ps[50].ExternalID = "h1:long"
	plan(t, l, ps...)
	settle(t, l, ask(t, l, "t0", importer.CreateKind), made(1, "t0/1"))
	ids, err := l.Sample(ctx, 20)
	if err != nil || len(ids) != 20 || slices.Contains(ids, "t0") || ids[19] != "t93" {
		t.Fatalf("sample %v, %v", ids, err)
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 20 {
		t.Errorf("the sample repeats itself: %v", ids)
	}
	err = l.Sight(ctx, []importer.Found{{ID: 10, ExternalID: "t10"}, {ID: 10, ExternalID: "t10"}, {ID: 11, ExternalID: "t11"}, {ID: 12, ExternalID: "t11"},
		{ID: 1, ExternalID: "t0"}, {ID: 13, ExternalID: "h1:long"}, {ID: 14, ExternalID: "t50"}, {ID: 15, ExternalID: "other"}, {ID: 16}})
	if err != nil {
		t.Fatal(err)
	}
	adopted, held, err := l.Adopt(ctx)
	if err != nil || adopted != 2 || held != 1 {
		t.Fatalf("adopted %d, held %d, %v", adopted, held, err)
	}
	state(t, l, "t10", importer.StateMade, "")
	state(t, l, "t11", importer.StateHeld, importer.ReasonDuplicate)
	state(t, l, "t0", importer.StateDone, "")
	if e := entry(t, l, "t50"); e.State != importer.StateMade || e.Target != 13 || !e.Adopted {
		t.Errorf("t50: %+v", e)
	}
}

func TestTallyBalances(t *testing.T) {
	l := begun(t)
	plan(t, l, planned("old", 2))
	settle(t, l, ask(t, l, "old", importer.CreateKind), made(1, "old/1", "old/2"))
	begin(t, l)
	hold := planned("hold", 1)
	hold.Hold = "incomplete"
	plan(t, l, planned("old", 3), planned("new", 2), planned("part", 3), planned("lost", 3), planned("asked", 1), planned("no", 2), planned("wait", 1), hold)
	settle(t, l, ask(t, l, "old", importer.AppendKind), made(0, "old/3"))
	settle(t, l, ask(t, l, "new", importer.CreateKind), made(2, "new/1", "new/2"))
	settle(t, l, ask(t, l, "part", importer.CreateKind), made(3, "part/1"))
	settle(t, l, ask(t, l, "lost", importer.CreateKind, "lost/1", "lost/2"), importer.Outcome{State: importer.StateDoubt, NextLook: time.Now()})
	ask(t, l, "asked", importer.CreateKind)
	settle(t, l, ask(t, l, "no", importer.CreateKind), importer.Outcome{State: importer.StateRefused})
	tally, split, err := l.TallySplit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := importer.Tally{
		Tickets:  importer.Count{Imported: 2, Rejected: 1, Held: 1, InDoubt: 2, Pending: 2},
		Messages: importer.Count{Imported: 4, Present: 2, Rejected: 2, Held: 1, InDoubt: 3, Pending: 4},
	}
	if tally != want {
		t.Errorf("tally %+v\nwant  %+v", tally, want)
	}
	if n := split.Incoming.Total() + split.Outgoing.Total() + split.Internal.Total(); n != tally.Messages.Total() || n != 16 {
		t.Errorf("split %+v sums to %d", split, n)
	}
	reasons, err := l.Reasons(ctx)
	if err != nil || reasons["incomplete"] != 1 || len(reasons) != 1 {
		t.Errorf("reasons %v, %v", reasons, err)
	}
}
