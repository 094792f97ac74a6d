package gorgias

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// Level says what a finding asks of people.
type Level string

// The levels of a finding.
const (
	LevelOK   Level = "ok"
	LevelWarn Level = "warn" // an import works; somebody should know of it, or decide
	LevelFail Level = "fail" // not to be imported into before this is mended
)

// Finding is one thing that was looked at before an import.
type Finding struct {
	Code  string `json:"code"` // "credentials", "clock", "agent.unknown": stable
	Level Level  `json:"level"`
	Seen  string `json:"seen"`
	Do    string `json:"do,omitzero"` // what somebody does about it, "" where nothing is to be done
	// Values are what it is about, most frequent first, at most [maxFindingValues]; More counts the others.
	Values []FindingValue `json:"values,omitzero"`
	More   int            `json:"more,omitzero"`
}

// FindingValue is a name and how often it occurs, 0 where that was not counted.
type FindingValue struct {
	Value string `json:"value"`
	Count int64  `json:"count,omitzero"`
}

// maxFindingValues bounds a finding's list: the rest is counted.
const maxFindingValues = 20

// HazardState is whether something that may write to customers is switched on.
type HazardState string

// The states of a hazard.
const (
	HazardOff     HazardState = "off"
	HazardOn      HazardState = "on"
	HazardUnknown HazardState = "unknown" // the API does not show it: a person looks
)

// Hazard is something of the account that acts on new tickets, which no client can prevent (api/gorgias section 9).
type Hazard struct {
	Code  string      `json:"code"`
	What  string      `json:"what"`
	State HazardState `json:"state"`
	Seen  string      `json:"seen"`
}

// Examination is what was found. Its JSON form is stable.
type Examination struct {
	Version   int       `json:"version"`
	AsOf      time.Time `json:"as_of"`
	Target    string    `json:"target"`
	Findings  []Finding `json:"findings"`
	Checklist []Hazard  `json:"checklist"`
	Requests  int64     `json:"requests"` // made for it, reads all of them
	answered  bool
}

// Answered tells whether anything answered at the target's address.
func (x *Examination) Answered() bool { return x.answered }

// Worst is the worst level of all findings.
func (x *Examination) Worst() Level {
	worst := LevelOK
	for _, f := range x.Findings {
		switch {
		case f.Level == LevelFail:
			return LevelFail
		case f.Level == LevelWarn:
			worst = LevelWarn
		}
	}
	return worst
}

// Count is the number of findings of a level.
func (x *Examination) Count(l Level) (n int) {
	for _, f := range x.Findings {
		if f.Level == l {
			n++
		}
	}
	return n
}

// Export is what an import would bring: the account is held against it.
type Export struct {
	Tickets iter.Seq2[*importer.Work, error]
	Summary *importer.Summary // set when Tickets has ended; nil: not known
}

// Doctor looks at an account before an import. It only reads.
type Doctor struct {
	Client *Client
	Export *Export // nil: the account alone
}

// Examine looks at everything. What the account refuses to show is a finding; an error means that the export could not
// be read or that ctx is done.
func (d *Doctor) Examine(ctx context.Context) (*Examination, error) {
	x := &exam{c: d.Client, out: &Examination{
		Version: 1, AsOf: time.Now().UTC(), Target: d.Client.base.String(), Findings: []Finding{},
	}}
	err := x.all(ctx, d.Export)
	if err == nil {
		err = ctx.Err()
	}
	x.checklist()
	x.out.Requests = d.Client.Stats().Requests
	return x.out, err
}

// exam is an examination in the making.
type exam struct {
	c       *Client
	out     *Examination
	account accountAnswer
	caller  string // e-mail, "" when not known
	hazards map[string]Hazard
	kinds   map[string]bool // types of integrations in use; nil: could not be listed
}

func (x *exam) all(ctx context.Context, e *Export) error {
	if !x.host(ctx) {
		x.add(Finding{Code: "rest", Level: LevelWarn, Seen: "nothing more could be looked at", Do: "mend the above and ask again"})
		return nil
	}
	x.whose(ctx)
	x.clock()
	x.rate()
	users := x.users(ctx)
	x.integrations(ctx)
	x.settings(ctx)
	x.rules(ctx)
	if e == nil || ctx.Err() != nil {
		return nil
	}
	if !users {
		x.add(Finding{Code: "export", Level: LevelWarn, Seen: "the export was not held against the account: its users cannot be listed", Do: "use the key of an admin"})
		return nil
	}
	return x.export(ctx, e)
}

func (x *exam) add(f Finding) { x.out.Findings = append(x.out.Findings, f) }

func (x *exam) ok(code, format string, args ...any) {
	x.add(Finding{Code: code, Level: LevelOK, Seen: fmt.Sprintf(format, args...)})
}

// withValues sets the values of f, most frequent first.
func withValues(f Finding, values []FindingValue) Finding {
	slices.SortStableFunc(values, func(a, b FindingValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	if len(values) > maxFindingValues {
		f.More = len(values) - maxFindingValues
		values = values[:maxFindingValues]
	}
	for i := range values {
		values[i].Value = oneLine(values[i].Value)
	}
	f.Values = values
	return f
}

// counted are the entries of a count by name.
func counted(m map[string]int64) []FindingValue {
	out := make([]FindingValue, 0, len(m))
	for v, n := range m {
		out = append(out, FindingValue{v, n})
	}
	return out
}

// plural is "1 tag", "2 tags", "3 addresses".
func plural[N int | int64](n N, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if strings.HasSuffix(one, "s") {
		one += "e"
	}
	return fmt.Sprintf("%d %ss", n, one)
}
