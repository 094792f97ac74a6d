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
	Dry     bool // nothing was sent: what is pending would be imported
	Details bool // every value of a problem, every field without a place; else the first few
}

const (
	width     = 80
	fewValues = 5
	fewFields = 12
)

// Write writes the whole account.
func (t Text) Write(out io.Writer, s *importer.Summary) error {
	w := &page{Writer: bufio.NewWriter(out), colour: t.Colour}
	w.verdict(s, t.Dry)
	w.texts(s)
	w.sums(s)
	w.facts(s, t.Dry)
	w.problems(s.Problems, t.Details)
	w.skipped(s.Skipped)
	w.fields(s.Fields, t.Details)
	w.safety(s)
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

func (w *page) verdict(s *importer.Summary, dry bool) {
	t := s.Tickets
	need := s.Records.Rejected + t.Held + t.InDoubt + t.Rejected
	colour := green
	if need > 0 {
		colour = yellow
	}
	var text string
	switch {
	case dry && t.Total == 0:
		text = fmt.Sprintf("nothing to import: of %s none is of a ticket or a message", plural(s.Records.Read, "record"))
		colour = yellow
	case dry:
		text = fmt.Sprintf("ready: %s, %s would be sent", plural(t.Pending, "ticket"), number(s.SendSafety.Sendable))
	case t.Pending > 0 || t.InDoubt > 0:
		text = fmt.Sprintf("not finished: %s imported, %s to go, %s in doubt", plural(t.Imported, "ticket"), number(t.Pending), number(t.InDoubt))
		colour = yellow
	default:
		text = fmt.Sprintf("finished: %s imported, %s present before, %s sent", plural(t.Imported, "ticket"), number(t.Present), number(s.SendSafety.Sendable))
	}
	switch {
	case s.Records.Rejected > 0:
		text += fmt.Sprintf("; %s rejected", plural(s.Records.Rejected, "record"))
	case need > 0:
		text += fmt.Sprintf("; %s in need of you", plural(t.Held+t.InDoubt+t.Rejected, "ticket"))
	}
	if s.SendSafety.Sendable > 0 {
		colour = red
	}
	w.line("%s", w.paint(colour, text))
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

func (w *page) facts(s *importer.Summary, dry bool) {
	m := s.Messages
	w.line("")
	w.fact("messages", "%s incoming, %s outgoing, %s", number(m.Incoming), number(m.Outgoing), plural(m.Internal, "internal note"))
	if s.Span.First != "" {
		w.fact("sent", "%s to %s", day(s.Span.First), day(s.Span.Last))
	}
	if len(s.Channels) > 0 {
		var all []string
		for _, c := range s.Channels {
			all = append(all, fmt.Sprintf("%s %s", c.Channel, number(c.Messages)))
		}
		w.fact("channels", "%s", strings.Join(all, ", "))
	}
	if s.People.Customers > 0 {
		w.fact("customers", "%s", number(s.People.Customers))
	}
	q := s.Requests
	if q.Planned > 0 {
		w.fact("requests", "%s planned: %s, %s, %s, %s; %s at the quota", number(q.Planned), plural(q.Creates, "create"),
			plural(q.Appends, "append"), plural(q.Lookups, "look-up"), plural(q.Probes, "probe"), hours(q.HoursAtQuota))
	}
	if !dry {
		w.fact("made", "%s", plural(q.Made, "request"))
	}
	if s.Differs > 0 {
		w.fact("edited", "%s changed in the source since they were imported: left as they are", plural(s.Differs, "message"))
	}
	if s.Removed > 0 {
		w.fact("removed", "%s no longer in the export: left as they are", plural(s.Removed, "message"))
	}
}

func (w *page) fact(name, format string, args ...any) {
	w.folded(fmt.Sprintf("%-12s ", name), strings.Repeat(" ", 13), fmt.Sprintf(format, args...))
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
		if p.Field != "" && !strings.HasPrefix(p.Code, p.Field+".") && !strings.HasPrefix(p.Field, "warn.") { // a warn's name is its value
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

func (w *page) skipped(all []importer.SkipSum) {
	if len(all) == 0 {
		return
	}
	w.heading("skipped")
	for _, s := range all {
		w.line("  %-40s %s", s.Reason, plural(s.Count, s.Kind))
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

func (w *page) safety(s *importer.Summary) {
	p := s.SendSafety
	code := green
	if p.Sendable > 0 {
		code = red
	}
	w.line("\n%s", w.paint(code, fmt.Sprintf("send safety: %s, %s with a sent time, %s sendable", plural(p.Messages, "message"), number(p.WithSentDatetime), number(p.Sendable))))
}

// folded writes text after first, broken at spaces to the width, further lines after next.
func (w *page) folded(first, next, text string) {
	line := first
	empty := true
	for word := range strings.FieldsSeq(text) {
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
