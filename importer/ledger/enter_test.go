package ledger

import (
	"fmt"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
)

func TestPlanAgain(t *testing.T) {
	lost := importer.Outcome{State: importer.StateDoubt, Answer: importer.AnswerLost, NextLook: time.Now().Add(time.Hour)}
	refused := importer.Outcome{State: importer.StateRefused, Answer: importer.AnswerRefused}
	held := func(reason string) importer.Outcome {
		return importer.Outcome{State: importer.StateHeld, Reason: reason, Answer: importer.AnswerHeld}
	}
	edited := planned("a", 2)
	edited.Messages[0].Content[0] = 1
	mended := planned("a", 3)
	mended.Messages, mended.Partial = mended.Messages[2:], true
	onHold := planned("a", 2)
	onHold.Hold = importer.ReasonIncomplete
	newOnHold := planned("a", 3)
	newOnHold.Hold = importer.ReasonIncomplete
	touched := planned("a", 2)
	touched.Payload[0] = 1
	tests := []struct {
		name    string
		before  []importer.Outcome // of attempts carrying what is missing; the first plan has two messages
		hold    bool               // the first plan held it
		again   importer.Planned
		want    importer.Standing
		missing int
	}{
		{"the same", nil, false, planned("a", 2), importer.Standing{State: "planned"}, 2},
		{"more", nil, false, planned("a", 3), importer.Standing{State: "planned", New: 1}, 3},
		{"less", nil, false, planned("a", 1), importer.Standing{State: "planned"}, 1},
		{"edited before it was sent", nil, false, edited, importer.Standing{State: "planned"}, 2},
		{"now held", nil, false, onHold, importer.Standing{State: "held", Reason: "incomplete"}, 2},
		{"no longer held", nil, true, planned("a", 3), importer.Standing{State: "planned", New: 1}, 3},
		{"mended", nil, true, mended, importer.Standing{State: "planned", New: 1}, 3},
		{"done", []importer.Outcome{made(1, "a/1", "a/2")}, false, planned("a", 2), importer.Standing{State: "done", Present: 2}, 0},
		{"done, less", []importer.Outcome{made(1, "a/1", "a/2")}, false, planned("a", 1), importer.Standing{State: "done", Present: 1, Absent: 1}, 0},
		{"done, edited", []importer.Outcome{made(1, "a/1", "a/2")}, false, edited, importer.Standing{State: "done", Present: 2, Differs: 1}, 0},
		{"done, more", []importer.Outcome{made(1, "a/1", "a/2")}, false, planned("a", 3), importer.Standing{State: "made", New: 1, Present: 2}, 1},
		{"done, mended", []importer.Outcome{made(1, "a/1", "a/2")}, false, mended, importer.Standing{State: "made", New: 1}, 1},
		{"done, held now", []importer.Outcome{made(1, "a/1", "a/2")}, false, onHold, importer.Standing{State: "done", Present: 2}, 0},
		{"done, more and held", []importer.Outcome{made(1, "a/1", "a/2")}, false, newOnHold, importer.Standing{State: "held", Reason: "incomplete", New: 1, Present: 2}, 1},
		{"half made", []importer.Outcome{made(1, "a/1")}, false, planned("a", 2), importer.Standing{State: "made", Present: 1}, 1},
		{"in doubt, more", []importer.Outcome{lost}, false, planned("a", 3), importer.Standing{State: "doubt", New: 1}, 3},
		{"in doubt, edited", []importer.Outcome{lost}, false, edited, importer.Standing{State: "doubt", Differs: 1}, 2},
		{"in doubt, less", []importer.Outcome{lost}, false, planned("a", 1), importer.Standing{State: "doubt"}, 2},
		{"refused, the same", []importer.Outcome{refused}, false, planned("a", 2), importer.Standing{State: "refused"}, 2},
		{"refused, edited", []importer.Outcome{refused}, false, edited, importer.Standing{State: "planned"}, 2},
		{"refused, another ticket field", []importer.Outcome{refused}, false, touched, importer.Standing{State: "planned"}, 2},
		{"append refused, edited", []importer.Outcome{made(1, "a/1"), refused}, false, touched, importer.Standing{State: "made", Present: 1}, 1},
		{"held as unknown", []importer.Outcome{held("unknown")}, false, edited, importer.Standing{State: "held", Reason: "unknown", Differs: 1}, 2},
		{"held as gone", []importer.Outcome{held("gone")}, false, planned("a", 3), importer.Standing{State: "held", Reason: "gone", New: 1}, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := begun(t)
			first := planned("a", 2)
			if test.hold {
				first.Hold = importer.ReasonIncomplete
			}
			plan(t, l, first)
			for _, o := range test.before {
				kind := importer.CreateKind
				if entry(t, l, "a").Target != 0 {
					kind = importer.AppendKind
				}
				settle(t, l, ask(t, l, "a", kind), o)
			}
			got := plan(t, l, test.again)
			if got[0] != test.want {
				t.Errorf("standing %+v, want %+v", got[0], test.want)
			}
			e := entry(t, l, "a")
			if string(e.State) != test.want.State || e.Reason != test.want.Reason || len(e.Missing()) != test.missing {
				t.Errorf("entry %s %q missing %v, want %d", e.State, e.Reason, e.Missing(), test.missing)
			}
		})
	}
}

func TestPlanManyAndClaimInOrder(t *testing.T) {
	l := begun(t)
	var ps []importer.Planned
	for i := range 2500 {
		p := planned(fmt.Sprintf("t%d", i), 1)
		p.Seq = int64((i * 7) % 2500 / 2) // equal numbers happen: two exports number their tickets alike
		ps = append(ps, p)
	}
	if got := plan(t, l, ps...); len(got) != len(ps) {
		t.Fatalf("%d standings", len(got))
	}
	seen := map[importer.Key]bool{}
	order := map[importer.Key]int64{}
	for _, p := range ps {
		order[p.Key] = p.Seq
	}
	last := int64(-1)
	for {
		claims, err := l.Claim(ctx, 7)
		if err != nil {
			t.Fatal(err)
		}
		if len(claims) == 0 {
			break
		}
		for _, c := range claims {
			if seen[c.Key] || order[c.Key] < last {
				t.Fatalf("%s came twice or out of order", c.Key)
			}
			seen[c.Key], last = true, order[c.Key]
			l.Release(c)
		}
	}
	if len(seen) != len(ps) {
		t.Fatalf("claimed %d of %d", len(seen), len(ps))
	}
}
