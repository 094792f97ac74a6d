package importer

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

func problemAt(line int64, value string) mapping.Problem {
	return mapping.Problem{
		Origin: sources.Origin{File: "t.csv", Line: line}, Field: "status", Code: "table.unknown", Value: value,
		Hint: "add  " + value + ": open", Severity: mapping.Error,
	}
}

func TestProblems(t *testing.T) {
	var p problems
	p.add([]mapping.Problem{
		problemAt(9, "odd"), problemAt(7, "new"), problemAt(8, "odd"), problemAt(3, "odd"),
		{Origin: sources.Origin{File: "t.csv", Line: 1}, Code: "body.missing"},
	})
	want := []ProblemSum{
		{Code: "table.unknown", Severity: "error", Field: "status", Count: 4, Hint: "add  odd: open", Examples: []Example{
			{Origin: "t.csv:3", Value: "odd"}, {Origin: "t.csv:7", Value: "new"}, {Origin: "t.csv:8", Value: "odd"},
		}, Values: []ValueSum{{"odd", 3, "add  odd: open"}, {"new", 1, "add  new: open"}}},
		{Code: "body.missing", Severity: "warning", Count: 1, Examples: []Example{{Origin: "t.csv:1"}}},
	}
	if got := p.sums(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	var p problems
	for i := range 3 * problemValues {
		p.one(new(problemAt(int64(i), fmt.Sprint(i))))
	}
	s := p.sums()[0]
	if s.Count != 3*problemValues || len(s.Values) != problemValues || !s.More {
		t.Errorf("%d counted, %d values, more: %v", s.Count, len(s.Values), s.More)
	}
}

func TestProblemsMergeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.Custom(func(t *rapid.T) mapping.Problem {
			return problemAt(rapid.Int64Range(1, 20).Draw(t, "line"), rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "value"))
		})).Draw(t, "problems")
		var whole, left, right problems
		whole.add(list)
		cut := rapid.IntRange(0, len(list)).Draw(t, "cut")
		left.add(list[cut:])
		right.add(list[:cut])
		left.merge(&right)
		if !reflect.DeepEqual(whole.sums(), left.sums()) {
			t.Fatalf("merged %+v\nwhole %+v", left.sums(), whole.sums())
		}
	})
}

func TestReasons(t *testing.T) {
	got := reasons([]mapping.Problem{
		problemAt(1, "odd"),
		{Code: "body.missing"},
		{Code: "sent_datetime.missing", Field: "sent_datetime", Severity: mapping.Error, Hint: "fill it in"},
		{Code: "external_id.differs", Field: "external_id", Severity: mapping.Error, Other: sources.Origin{File: "t.csv", Line: 4}},
	})
	want := []string{`status: table.unknown "odd"; add  odd: open`, "sent_datetime.missing; fill it in", "external_id.differs (see t.csv:4)"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestSummaryNames holds the names scripts depend on.
func TestSummaryNames(t *testing.T) {
	b, err := json.Marshal(Summary{Version: 1, Problems: []ProblemSum{{Examples: []Example{{}}}}})
	if err != nil {
		t.Fatal(err)
	}
	const promised = `{"version":1,
	 "records":{"read":0,"mapped":0,"skipped":0,"rejected":0},
	 "tickets":{"total":0,"imported":0,"present":0,"skipped":0,"rejected":0,"held":0,"in_doubt":0,"pending":0},
	 "messages":{"total":0,"incoming":0,"outgoing":0,"internal":0,"imported":0,"present":0,"repeated":0,"skipped":0,"rejected":0,"held":0,"in_doubt":0,"pending":0},
	 "problems":[{"code":"","severity":"","field":"","count":0,"hint":"","examples":[{"origin":"","value":""}]}],
	 "requests":{"planned":0,"made":0,"hours_at_quota":0},
	 "send_safety":{"messages":0,"with_sent_datetime":0,"sendable":0}}`
	var got, want map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(promised), &want); err != nil {
		t.Fatal(err)
	}
	contains(t, "", got, want)
}

func contains(t *testing.T, at string, got, want any) {
	switch w := want.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		for k, v := range w {
			if _, ok := g[k]; !ok {
				t.Errorf("%s.%s is missing", at, k)
				continue
			}
			contains(t, at+"."+k, g[k], v)
		}
	case []any:
		contains(t, at+"[]", got.([]any)[0], w[0])
	default:
		if got != want {
			t.Errorf("%s is %v, want %v", at, got, want)
		}
	}
}

func TestBalanceFindsWhatIsLost(t *testing.T) {
	good := func() *Summary {
		return &Summary{
			Records: RecordSums{4, 2, 1, 1}, Tickets: TicketSums{Total: 3, Pending: 2, Held: 1},
			Messages: MessageSums{Total: 5, Pending: 4, Repeated: 1}, SendSafety: SendSafety{4, 4, 0},
		}
	}
	if err := good().Balance(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*Summary){
		func(s *Summary) { s.Records.Mapped-- }, func(s *Summary) { s.Tickets.Held++ },
		func(s *Summary) { s.Messages.InDoubt++ }, func(s *Summary) { s.SendSafety.Sendable++ },
	} {
		s := good()
		change(s)
		if err := s.Balance(); err == nil || !strings.Contains(err.Error(), "do not balance") {
			t.Errorf("got %v", err)
		}
	}
}

func TestSettleCountsWhatTheExportNoLongerHolds(t *testing.T) {
	s := &Summary{Tickets: TicketSums{Total: 1, Pending: 1}, Messages: MessageSums{Total: 2, Pending: 2},
		staged: Tally{Tickets: Count{Pending: 1}, Messages: Count{Pending: 2}}}
	for range 2 {
		s.Settle(Tally{Tickets: Count{Imported: 1}, Messages: Count{Imported: 2, Present: 1}})
		if err := s.Balance(); err != nil || s.Removed != 1 || s.Messages.Total != 3 {
			t.Errorf("%v: %+v", err, s.Messages)
		}
	}
}
