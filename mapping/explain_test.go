package mapping

import (
	"fmt"
	"strings"
	"testing"
)

// TestExplain: what was read, what was done to it, in order, and what each rule made.
func TestExplain(t *testing.T) {
	m := compiled(t, `version: 1
tables: { status: { new: open, done: closed } }
source: { timezone: Europe/Paris }
tickets:
  t:
    external_id: { text: "{id}-x" }
    status: { from: [state, status], lower: true, table: status, default: open }
    customer: [{ email: mail }, { id: who }]
    skip: { gone: { deleted: true } }
messages:
  note: { each: notes, when: { kind: note }, body_text: text, sent_datetime: at, internal: true, author: { id: by, agent: true } }
  other: { each: notes, when: { kind: { not: note } }, body_text: text, sent_datetime: at, author: { id: by, agent: true } }
`)
	w := m.Mapper(Env{Now: testNow})
	var out Result
	got := print(w.Explain(doc(t, docFile("a.json"),
		`{"id":7,"status":"DONE","who":"w1","notes":[{"kind":"note","text":"hello","at":"2020-01-02 03:04:05","by":"a1"},{"kind":"mail","text":"bye","at":"never","by":"a1"}]}`), &out))
	want := `tickets.t ticket 7-x/
 skip.gone: "deleted" []
 external_id: "id" [7]; text "{id}-x" ["7-x"]
 status: "state" []; "status" ["DONE"]; lower, table status ["closed"]
 customer.email: "mail" []
 customer.id: "who" ["w1"]
messages.note message H/
 when: "kind" ["note"]
 sent_datetime: "at" ["2020-01-02 03:04:05"]; time [2020-01-02T02:04:05Z]
 body_text: "text" ["hello"]
 internal: const [true]
 author.agent: const [true]
 author.id: "by" ["a1"]
messages.other /when does not hold
 when: "kind" ["note"]
messages.note /when does not hold
 when: "kind" ["mail"]
messages.other message H/rejected
 when: "kind" ["mail"]
 sent_datetime: "at" ["never"]; time [(cannot be read)]! sent_datetime.unreadable
 body_text: "text" ["bye"]
 author.agent: const [true]
 author.id: "by" ["a1"]
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if w.trace != nil {
		t.Error("the mapper goes on taking notes")
	}
	out.Reset()
	again := w.Explain(doc(t, docFile("a.json"), `{"id":8,"deleted":true}`), &out)
	if len(again) == 0 || again[0].Outcome != "skipped: gone" || again[0].Fact != "ticket 8-x" {
		t.Errorf("a skipped ticket is explained as %+v", again)
	}
}

func print(rules []Explained) string {
	var b strings.Builder
	for _, r := range rules {
		fact := r.Fact
		if i := strings.Index(fact, hashPrefix); i >= 0 {
			fact = fact[:i] + "H"
		}
		fmt.Fprintf(&b, "%s %s/%s\n", r.Rule, fact, r.Outcome)
		for _, f := range r.Fields {
			var steps []string
			for _, s := range f.Steps {
				steps = append(steps, fmt.Sprint(s.What, " ", s.Values))
			}
			fmt.Fprintf(&b, " %s: %s", f.Name, strings.Join(steps, "; "))
			for _, p := range f.Problems {
				b.WriteString("! " + p.Code)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
