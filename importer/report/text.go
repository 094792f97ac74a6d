// Package report renders the account of a check or an import. It judges nothing: every number is the summary's.
package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/deskferry/deskferry/importer"
)

// Text renders for people, at most 80 columns wide where words allow.
type Text struct {
	Colour  bool
	Details bool // every value of a problem, every field without a place; else the first few
}

const (
	width     = 80
	fewValues = 5
	fewFields = 12
)

// summary writes the whole account of r, which has one.
func (t Text) summary(out io.Writer, r *Report) error {
	w := &page{Writer: bufio.NewWriter(out), colour: t.Colour}
	s := r.Summary
	w.verdict(r.Verdict())
	if r.NothingNew {
		return w.Flush()
	}
	w.texts(s)
	w.sums(s)
	w.facts(s, r.Dry())
	w.problems(s.Problems, t.Details)
	w.skipped(s.Skipped)
	w.fields(s.Fields, t.Details)
	w.safety(s, r.Dry())
	return w.Flush()
}

// page is text in the making.
type page struct {
	*bufio.Writer
	colour bool
}

func (w *page) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// The colours mean the same everywhere: what is good, what needs somebody, what is wrong.
const (
	green  = "32"
	yellow = "33"
	red    = "31"
	bold   = "1"
)

func (w *page) paint(code, s string) string {
	if !w.colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// heading begins a section.
func (w *page) heading(format string, args ...any) {
	w.line("\n%s", w.paint(bold, fmt.Sprintf(format, args...)))
}

// colour is how a tone is painted.
func (t Tone) colour() string {
	return map[Tone]string{Good: green, Careful: yellow, Bad: red, Busy: bold}[t]
}

// texts says so when not one message has a body: the export holds none, or the mapping does not find them.
func (w *page) texts(s *importer.Summary) {
	m := s.Messages
	empty := int64(0)
	for _, p := range s.Problems {
		if p.Code == "message.empty" {
			empty += p.Count
		}
	}
	if empty == 0 || empty < m.Rejected || m.Imported+m.Present+m.Pending+m.Held+m.InDoubt > 0 {
		return
	}
	w.folded(w.paint(red, "0 texts:")+" ", strings.Repeat(" ", 9), fmt.Sprintf("of %s not one has a body. Name the column or field that holds it under body_text "+
		"or body_html; an export without messages cannot be imported: ask for one with them", plural(empty, "message")))
}

func (w *page) sums(s *importer.Summary) {
	w.line("\n%-12s %12s %12s %12s", "", "records", "tickets", "messages")
	r, t, m := s.Records, s.Tickets, s.Messages
	const none = -1
	for _, row := range []struct {
		name                       string
		records, tickets, messages int64
		code                       string
	}{
		{"total", r.Read, t.Total, m.Total, ""},
		{"mapped", r.Mapped, none, none, ""},
		{"imported", none, t.Imported, m.Imported, green},
		{"present", none, t.Present, m.Present, green},
		{"pending", none, t.Pending, m.Pending, ""},
		{"repeated", none, none, m.Repeated, ""},
		{"skipped", r.Skipped, t.Skipped, m.Skipped, ""},
		{"rejected", r.Rejected, t.Rejected, m.Rejected, red},
		{"held", none, t.Held, m.Held, yellow},
		{"in doubt", none, t.InDoubt, m.InDoubt, yellow},
	} {
		if row.name != "total" && row.records <= 0 && row.tickets <= 0 && row.messages <= 0 {
			continue
		}
		text := strings.TrimRight(fmt.Sprintf("%-12s %12s %12s %12s", row.name, cell(row.records), cell(row.tickets), cell(row.messages)), " ")
		if row.code != "" {
			text = w.paint(row.code, text)
		}
		w.line("%s", text)
	}
}

func cell(n int64) string {
	if n < 0 {
		return ""
	}
	return number(n)
}

func (w *page) problems(all []importer.ProblemSum, details bool) {
	if len(all) == 0 {
		return
	}
	w.heading("problems")
	for _, p := range all {
		code := yellow
		if p.Severity == "error" {
			code = red
		}
		name := p.Code
		if p.Field != "" && !strings.HasPrefix(p.Code, p.Field+".") {
			name += " (" + p.Field + ")"
		}
		w.line("  %s  %s, %s", w.paint(code, fmt.Sprintf("%-7s", p.Severity)), name, times(p.Count))
		for _, e := range p.Examples {
			text := e.Origin
			if e.Other != "" {
				text += " and " + e.Other
			}
			if e.Value != "" {
				text += "  " + strconv.Quote(short(e.Value, 100))
			}
			w.folded("           ", "             ", text)
		}
		w.remedies(p, details)
	}
}

// remedies prints what to do: once, or each line to paste where values have their own.
func (w *page) remedies(p importer.ProblemSum, details bool) {
	own := slices.ContainsFunc(p.Values, func(v importer.ValueSum) bool { return v.Hint != "" })
	if !own {
		if p.Hint != "" {
			w.folded("           → ", "             ", p.Hint)
		}
		return
	}
	var hints []string
	counts := map[string]int64{}
	for _, v := range p.Values {
		hint := cmp.Or(v.Hint, p.Hint)
		if counts[hint] == 0 {
			hints = append(hints, hint)
		}
		counts[hint] += v.Count
	}
	for i, hint := range hints {
		if i == fewValues && !details {
			w.line("           … and %s more; --json lists them", number(int64(len(hints)-i)))
			return
		}
		w.folded("           → ", "             ", hint+"  ("+times(counts[hint])+")")
	}
}

// maxReason is how much of the reason for a skip is printed; --json has all.
const maxReason = 56

func (w *page) skipped(all []importer.SkipSum) {
	if len(all) == 0 {
		return
	}
	w.heading("skipped")
	column := 40
	for _, s := range all {
		column = max(column, min(maxReason, utf8.RuneCountInString(s.Reason)))
	}
	for _, s := range all {
		w.line("  %-*s %s", column, short(s.Reason, maxReason), plural(s.Count, s.Kind))
	}
}

func (w *page) fields(all []importer.FieldSum, details bool) {
	if len(all) == 0 {
		return
	}
	w.heading("read, but without a place in Gorgias: map them, or name them under ignore")
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b importer.FieldSum) int { return cmp.Compare(b.Count, a.Count) })
	for i, f := range sorted {
		if i == fewFields && !details {
			w.line("  … and %s more; --json lists them", number(int64(len(sorted)-i)))
			return
		}
		w.line("  %-36s %12s  %s", short(f.Path, 36), times(f.Count), strconv.Quote(short(f.Example, 24)))
	}
}

func (w *page) safety(s *importer.Summary, dry bool) {
	p := s.SendSafety
	code := green
	if p.Sendable > 0 {
		code = red
	}
	w.line("\n%s", w.paint(code, fmt.Sprintf("send safety: %s, %s with a sent time, %s sendable", plural(p.Messages, "message"), number(p.WithSentDatetime), number(p.Sendable))))
	if text := proven(s, dry); text != "" {
		w.folded("             ", "             ", text)
	}
}

// proven says of which messages the proof of a check tells, where they are more than it would import; "" where they are not.
func proven(s *importer.Summary, dry bool) string {
	held := s.SendSafety.Messages - s.Messages.Pending
	if !dry || held <= 0 {
		return ""
	}
	return fmt.Sprintf("%s to import, and %s of tickets that are held", number(s.Messages.Pending), number(held))
}

// glue is a space at which no line is broken: no text of the export has it, see short.
const glue = "\x00"

// folded writes text after first, broken at spaces to the width, further lines after next.
func (w *page) folded(first, next, text string) {
	line := first
	empty := true
	for word := range strings.FieldsSeq(text) {
		word = strings.ReplaceAll(word, glue, " ")
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			w.line("%s", line)
			line, empty = next, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	w.line("%s", line)
}

// short cuts s to n characters and takes control characters out: values are other people's.
func short(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// days is the first and the last day of a span; once where they are the same.
func days(s importer.Span) string {
	first, last := day(s.First), day(s.Last)
	if first == last {
		return first
	}
	return first + " to " + last
}

func day(rfc3339 string) string { return short(rfc3339, 11)[:min(10, len(rfc3339))] }

// number groups thousands.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return number(n) + " " + noun + "s"
}

func hours(h float64) string {
	switch {
	case h < 1.0/60:
		return "under a minute"
	case h < 1.5:
		return plural(int64(h*60+0.5), "minute")
	}
	return fmt.Sprintf("%.1f hours", h)
}

func times(n int64) string { return number(n) + "×" }
