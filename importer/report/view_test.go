package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// TestPageOfOneThing: of one there is no plural, and nothing is said of none.
func TestPageOfOneThing(t *testing.T) {
	s := &importer.Summary{
		Records: importer.RecordSums{Read: 1, Mapped: 1}, Tickets: importer.TicketSums{Total: 1, Pending: 1}, Messages: importer.MessageSums{Total: 1, Incoming: 1, Pending: 1},
		SendSafety: importer.SendSafety{Messages: 1, WithSentDatetime: 1}, Span: importer.Span{First: "2024-01-01T08:00:00Z", Last: "2024-01-01T09:00:00Z"},
		Lengths:  []importer.LengthSum{{From: 1, To: 1, Tickets: 1}},
		Problems: []importer.ProblemSum{{Code: "table.unknown", Severity: "error", Field: "status", Count: 1}},
	}
	for name, c := range map[string]struct{ text, want, without string }{
		"page": {rendered(t, &Report{Summary: s, Command: "check"}), "message may be written|carries the time it was sent|1 kind keeps records back.</p>|Messages of 2024-01-01:|1 ticket, by its messages",
			"messages may be|carry the time|0 are warnings|2024-01-01 to|Worst first"},
		"text": {texted(t, &Report{Summary: s, Command: "check"}), "sent         2024-01-01\n|lengths      1 ticket of 1 message\n", "1 messages"},
		"made": {rendered(t, &Report{Summary: &importer.Summary{Requests: importer.RequestSums{Made: 1}}, Command: "import"}), "1 request</b>", "1 requests"},
	} {
		for want := range strings.SplitSeq(c.want, "|") {
			if !strings.Contains(c.text, want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
		for without := range strings.SplitSeq(c.without, "|") {
			if strings.Contains(c.text, without) {
				t.Errorf("%s says %q", name, without)
			}
		}
	}
}

func texted(t *testing.T, r *Report) string {
	t.Helper()
	var b strings.Builder
	if err := (Text{}).Report(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPageOfLedgerAlone: a retry that reads no export says nothing of what only an export tells.
func TestPageOfLedgerAlone(t *testing.T) {
	s := &importer.Summary{Tickets: importer.TicketSums{Total: 2, Imported: 2}, Messages: importer.MessageSums{Total: 3, Imported: 3}}
	text := rendered(t, &Report{Summary: s, Command: "retry", Ended: time.Now()})
	for _, without := range []string{`id="problems"`, `id="people"`, `id="fields"`, `href="#problems"`, "need you", "None: nothing was rejected", "has a place in Gorgias"} {
		if strings.Contains(text, without) {
			t.Errorf("the page has %q", without)
		}
	}
	if !strings.Contains(text, "The export was not read again") {
		t.Error("the page does not say so")
	}
	s.Records.Read = 3
	if text := rendered(t, &Report{Summary: s, Command: "retry"}); !strings.Contains(text, `id="people"`) || strings.Contains(text, "not read again") {
		t.Error("a retry that read the export hides what it tells")
	}
}

// TestPeopleAddUp: those without an e-mail are among those the fallback agent stands in for.
func TestPeopleAddUp(t *testing.T) {
	var b strings.Builder
	for _, f := range people(importer.PeopleSums{Agents: 4, Matched: 2, Fallback: 2, Nameless: 1, Asked: true}) {
		fmt.Fprintf(&b, "%s %s\n", f.Name, f.Value)
	}
	if want := "Customers 0\nAgents 4\n– matched 2\n– fallback 2\n"; b.String() != want {
		t.Errorf("%s, want %s", b.String(), want)
	}
}

// TestBars: every class has its name, what has no place in a table is called so, and no size is made up.
func TestBars(t *testing.T) {
	s := &importer.Summary{Tickets: importer.TicketSums{Total: 9},
		Lengths:     []importer.LengthSum{{From: 1, To: 1, Tickets: 4}, {From: 2, To: 2}, {From: 3, To: 5, Tickets: 3}},
		Statuses:    []importer.StatusSum{{From: "odd", Tickets: 2}, {From: "new", To: "open", Tickets: 5}},
		Attachments: importer.AttachmentSums{Files: 51, Unsized: 51}}
	all := lists(s)
	if len(all) != 3 {
		t.Fatalf("%d lists: %+v", len(all), all)
	}
	if l := all[0]; len(l.Rows) != 3 || l.Rows[2].Name != "3–5" || l.Rows[1].Share != "" || l.Note != "7 of 9 tickets, by their messages: those that may be imported and have any" {
		t.Errorf("lengths are %+v", l)
	}
	if x := all[1]; x.Rows[0].Name != "new" || x.Rows[1].To != "not mapped" {
		t.Errorf("statuses are %+v", x)
	}
	if z := all[2]; len(z.Rows) != 0 || z.Note != "51 files, their sizes are not told" {
		t.Errorf("sizes are %+v", z)
	}
	s.Requests = importer.RequestSums{Uploads: 51}
	if f := cost(s, true); len(f) != 1 || f[0].Value != "51 files" || strings.Contains(f[0].Note, "byte") {
		t.Errorf("the cost is %+v", f)
	}
}

// TestLabelsStayInside: no label has less room than its step, at the end of the axis as well.
func TestLabelsStayInside(t *testing.T) {
	for n := 1; n <= 4*maxColumns; n++ {
		for _, name := range []string{"2026", "2024-02", "2024 Q1"} {
			c := chart{Series: directions}
			for range n {
				c.add(name, 1, 1, 1)
			}
			c.draw()
			if len(c.Labels) == 0 {
				t.Fatalf("%d columns have no label", n)
			}
			for i, l := range c.Labels {
				if i > 0 && l.At+l.Span-1 > c.Wide() {
					t.Errorf("%d columns of %s: label %d ends at %d of %d", n, name, i, l.At+l.Span-1, c.Wide())
				}
			}
		}
	}
}

// TestPasteBlock: the lines of one place are pasted at once, each with its count beside.
func TestPasteBlock(t *testing.T) {
	p := importer.ProblemSum{Code: "table.unknown", Severity: "error", Field: "status", Count: 60}
	for i := range 30 {
		p.Values = append(p.Values, importer.ValueSum{Value: fmt.Sprint("s", i), Count: 2, Hint: fmt.Sprintf("tables.status: add  \"s%d\": open", i)})
	}
	v := newProblem(p, wholePage(), true)
	if len(v.Pastes) != 1 || len(v.Pastes[0].Lines) != 20 || v.Left != 10 || len(v.Values) != 0 {
		t.Fatalf("%d blocks, %d values, %d left: %+v", len(v.Pastes), len(v.Values), v.Left, v.Pastes)
	}
	text := rendered(t, &Report{Summary: &importer.Summary{Problems: []importer.ProblemSum{p}}, Command: "check"})
	if n := strings.Count(text, `class="copy"`); n != 1 {
		t.Errorf("%d buttons", n)
	}
	if !strings.Contains(text, "<bdi>&#34;s0&#34;: open</bdi>\n<bdi>&#34;s1&#34;: open</bdi>") {
		t.Error("the lines do not stand below each other")
	}
}

// TestPageOfVerification: each kind has its remedy, and who is not in the account has a reason.
func TestPageOfVerification(t *testing.T) {
	r := &Report{Command: "verify", Verification: &importer.Verification{
		Tickets:     importer.VerifiedTickets{Export: 9, Same: 3, Different: 1, NotImported: 3, Rejected: 1, NotSampled: 1},
		Kinds:       []importer.DiffCount{{Code: importer.DiffTime, Count: 1}},
		NotImported: []importer.NotImportedSum{{State: importer.StateHeld, Reason: importer.ReasonTouched, Tickets: 2}, {Tickets: 1}},
	}}
	text := rendered(t, r)
	for _, want := range []string{"tickets: 9 in the export, 3 the same, 1 different, 3 not imported, 1 rejected, 1 not sampled", "check source.timezone", "deskferry explain verify.time",
		"tickets held: touched: deskferry explain ticket.held.touched says what to do", "ticket never planned: deskferry import brings them"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	r.Verification.Tickets.Different, r.Verification.Kinds = 0, nil
	if text := texted(t, r); !strings.Contains(text, "  2 tickets held: touched: deskferry explain ticket.held.touched") || !strings.Contains(text, "  1 ticket never planned:") {
		t.Errorf("the text lacks the reasons:\n%s", text)
	}
}

// TestTextOfLongReasons: the counts of what was skipped stand below each other.
func TestTextOfLongReasons(t *testing.T) {
	s := &importer.Summary{Skipped: []importer.SkipSum{{Kind: "message", Reason: strings.Repeat("a long reason ", 9), Count: 12_391}, {Kind: "ticket", Reason: "draft", Count: 1}}}
	_, text, _ := strings.Cut(texted(t, &Report{Summary: s, Command: "check"}), "skipped\n")
	lines := strings.SplitN(text, "\n", 3)
	if i := strings.Index(lines[1], "1 ticket"); i < 40 || !strings.HasPrefix(string([]rune(lines[0])[i:]), "12,391 messages") {
		t.Errorf("the columns break:\n%s", text)
	}
}
