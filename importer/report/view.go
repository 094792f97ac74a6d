package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/conversation"
)

// view is what the page shows, ready to be put into its template.
type view struct {
	*Report
	S       *importer.Summary // never nil
	Mapped  bool              // there is a summary
	Read    bool              // and it is of an export that was read, not of what the ledger knows alone
	Dry     bool
	Live    bool // it runs: the page loads itself again
	Done    int  // percent, while it runs; -1: not known
	Verdict Verdict
	Policy  string
	Style   template.HTML // with its element
	Script  template.HTML // with its element

	Figures  []figure
	Flows    []flow
	Skipped  table[importer.SkipSum]
	Problems []problemView
	Errors   int // kinds of problems that reject
	Warnings int
	Further  int // kinds that are not listed
	Charts   []chart
	Lists    []bars
	People   []fact
	Staff    table[importer.StaffSum]
	Kept     table[importer.KeptSum]
	Changed  table[importer.ChangedSum]
	Dropped  table[importer.FieldSum]
	Ignore   string // the mapping line that says dropped fields are not wanted
	Cost     []fact
	Proven   string // of which messages the proof tells, see proven
	Changes  []fact // in the source since an earlier run
	Verified *verifiedView
	Undone   *undoView
	Talks    []talk
	Undrawn  []importer.Pick
	Inputs   table[Input]
	Text     string // of the mapping
	TextCut  bool
	Took     string
}

// figure is a number on top of the page.
type figure struct{ Number, Name, Tone string }

// table is the beginning of a list.
type table[T any] struct {
	Rows []T
	Left int // further rows
}

func newTable[T any](all []T, l limits) table[T] {
	n := min(len(all), l.rows)
	return table[T]{all[:n], len(all) - n}
}

func newView(r *Report, l limits) *view {
	v := &view{Report: r, S: r.Summary, Mapped: r.Summary != nil && !r.NothingNew, Dry: r.Dry(), Live: r.Running != nil && r.Ended.IsZero(), Done: -1, Verdict: r.Verdict(),
		Policy: policy(), Style: template.HTML("<style>" + pageStyle + string(conversation.Style()) + "</style>"), Script: template.HTML("<script>" + pageScript + "</script>")}
	if v.S == nil {
		v.S = &importer.Summary{}
	}
	if v.Live && r.Running.Total > 0 {
		v.Done = int(min(100, r.Running.Done*100/r.Running.Total))
	}
	if !r.Ended.IsZero() {
		v.Took = took(r.Ended.Sub(r.Started))
	}
	s := v.S
	if v.Mapped {
		v.Read = s.Records.Read > 0 || r.Command != "retry"
		v.Figures, v.Flows, v.Charts, v.Lists = figures(s, v.Dry, v.Read), flows(s), charts(s), lists(s)
	}
	v.problems(s.Problems, l)
	v.People, v.Cost = people(s.People), cost(s, v.Dry)
	v.Staff = newTable(s.People.Staff, l)
	v.Skipped, v.Kept, v.Changed = newTable(s.Skipped, l), newTable(s.Kept, l), newTable(s.Changed, l)
	dropped := slices.Clone(s.Fields)
	slices.SortStableFunc(dropped, func(a, b importer.FieldSum) int { return cmp.Compare(b.Count, a.Count) })
	v.Dropped, v.Ignore = newTable(dropped, l), ignoreLine(dropped)
	v.Proven, v.Changes = proven(s, v.Dry), changes(s)
	for i := range v.Changes {
		v.Changes[i].Name = capital(v.Changes[i].Name)
	}
	v.Verified, v.Undone = newVerified(r.Verification, l), newUndoView(r.Undo, l)
	v.Inputs = newTable(r.Inputs, l)
	v.Text, v.TextCut = head(r.Mapping.Text, l.text)
	return v
}

// took is how long something ran, for people.
func took(d time.Duration) string {
	if d < time.Second {
		return "less than a second"
	}
	return d.Round(time.Second).String()
}

func figures(s *importer.Summary, dry, read bool) []figure {
	need, noun := waiting(s)
	verb := " need you"
	if need == 1 {
		verb = " needs you"
	}
	tone := func(n int64, tone string) string {
		if n == 0 {
			return "good"
		}
		return tone
	}
	tickets, messages, name := s.Tickets.Pending, s.Messages.Pending, " to import"
	if !dry {
		tickets, messages, name = s.Tickets.Imported, s.Messages.Imported, " imported"
	}
	out := []figure{
		{number(tickets), one(tickets, "ticket") + name, ""}, {number(messages), one(messages, "message") + name, ""},
		{number(s.SendSafety.Sendable), map[bool]string{true: "would be sent", false: "sent"}[dry], tone(s.SendSafety.Sendable, "bad")},
	}
	if need > 0 || read { // else nothing was read that could need somebody
		out = append(out, figure{number(need), one(need, noun) + verb, tone(need, "careful")})
	}
	if s.Sync != nil && s.Sync.Updated > 0 {
		out = slices.Insert(out, 2, figure{number(s.Sync.Updated), one(s.Sync.Updated, "ticket") + " updated", ""})
	}
	if dry && s.Requests.Planned > 0 {
		out = append(out, figure{hours(s.Requests.HoursAtQuota), "at the account's quota", ""})
	}
	return out
}

// isare is the verb that n things have.
func isare(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func one(n int64, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// ignoreLine names fields that have no place as the mapping's ignore does, "" when there are none or too many to be meant so.
func ignoreLine(all []importer.FieldSum) string {
	var names []string
	for _, f := range all {
		if plain := !strings.ContainsFunc(f.Path, func(r rune) bool { return strings.ContainsRune(",[]{}#:\"'\n&*!|>%@`", r) }); plain && strings.TrimSpace(f.Path) == f.Path && f.Path != "" {
			names = append(names, f.Path)
		}
	}
	if len(names) == 0 || len(names) > 60 {
		return ""
	}
	return "ignore: [" + strings.Join(names, ", ") + "]"
}

// head is the beginning of s, at most n bytes, cut between characters.
func head(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], true
}

// shown makes a value of the export safe to look at: at most n characters, and what would not be seen, or would turn the
// text around it, is named.
func shown(n int, s string) string {
	var b strings.Builder
	for _, r := range s {
		if n--; n < 0 {
			b.WriteString("…")
			break
		}
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			b.WriteByte(' ')
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x61c:
			fmt.Fprintf(&b, "‹U+%04X›", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
