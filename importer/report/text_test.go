package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/deskferry/deskferry/importer"
)

// sample needs somebody in every way there is.
func sample() *importer.Summary {
	return &importer.Summary{
		Version:  importer.SummaryVersion,
		Records:  importer.RecordSums{Read: 12_391, Mapped: 12_350, Skipped: 4, Rejected: 37},
		Tickets:  importer.TicketSums{Total: 1_210, Imported: 1_200, Held: 7, InDoubt: 3},
		Messages: importer.MessageSums{Total: 12_390, Incoming: 8_000, Outgoing: 4_000, Internal: 390, Imported: 12_300, Rejected: 37, Held: 40, InDoubt: 13},
		Problems: []importer.ProblemSum{{
			Code: "table.unknown", Severity: "error", Field: "status", Count: 30, Hint: "tables.status: add  \"on-hold\": open",
			Examples: []importer.Example{{Origin: "tickets.csv:812", Value: "on-hold\x1b[31m"}},
			Values:   []importer.ValueSum{{Value: "on-hold", Count: 30, Hint: "tables.status: add  \"on-hold\": open"}},
		}},
		SendSafety: importer.SendSafety{Messages: 12_300, WithSentDatetime: 12_300},
	}
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	if err := (Text{}).Report(&b, &Report{Summary: sample()}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"not finished: 1,200 tickets imported, 0 to go, 3 in doubt, 0 sent\n37 records need you\n\n",
		"\n" + fmt.Sprintf("%-12s %12s %12s %12s", "held", "", "7", "40") + "\n",
		"error    table.unknown (status), 30×\n           tickets.csv:812 \"on-hold [31m\"\n",
		`→ tables.status: add "on-hold": open (30×)`,
		"send safety: 12,300 messages, 12,300 with a sent time, 0 sendable\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Error("an escape sequence of the export or of ours reached the text")
	}
}

func TestTextColour(t *testing.T) {
	var b bytes.Buffer
	s := sample()
	s.SendSafety.Sendable = 1
	if err := (Text{Colour: true}).Report(&b, &Report{Summary: s}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "\x1b[31m") {
		t.Errorf("a sendable message is not told in red: %.60q", b.String())
	}
}

// TestTextWithoutTexts: an export that holds no bodies, or a mapping that does not find them, is called by its name.
func TestTextWithoutTexts(t *testing.T) {
	for _, c := range []struct {
		messages importer.MessageSums
		empty    int64
		want     bool
	}{
		{importer.MessageSums{Total: 50, Rejected: 50}, 50, true},
		{importer.MessageSums{Total: 60, Rejected: 50, Skipped: 10}, 50, true},
		{importer.MessageSums{Total: 50, Rejected: 50}, 20, false},
		{importer.MessageSums{Total: 50, Rejected: 49, Pending: 1}, 49, false},
		{importer.MessageSums{Total: 50, Rejected: 49, Held: 1}, 49, false},
		{importer.MessageSums{Total: 50, Rejected: 50}, 0, false},
	} {
		s := &importer.Summary{Messages: c.messages}
		if c.empty > 0 {
			s.Problems = []importer.ProblemSum{{Code: "message.empty", Severity: "error", Field: "body_text", Count: c.empty}}
		}
		var b bytes.Buffer
		if err := (Text{}).Report(&b, &Report{Summary: s, Command: "check"}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "\n0 texts: of 50 messages not one has a body."); got != c.want {
			t.Errorf("%+v, %d empty: %s", c.messages, c.empty, b.String())
		}
	}
}

// TestTextOfWarns: the reason a mapping gives is shown once.
func TestTextOfWarns(t *testing.T) {
	var b bytes.Buffer
	s := &importer.Summary{Problems: []importer.ProblemSum{{
		Code: "rule.warn", Severity: "warning", Count: 1, Examples: []importer.Example{{Origin: "a.json:1", Value: "merged"}},
	}}}
	if err := (Text{}).Report(&b, &Report{Summary: s}); err != nil {
		t.Fatal(err)
	}
	if want := "  warning  rule.warn, 1×\n           a.json:1 \"merged\"\n"; !strings.Contains(b.String(), want) {
		t.Errorf("%q is missing in\n%s", want, b.String())
	}
}
