package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskferry/deskferry/mapping/profile"
)

// inspection writes a profile for people, at most 80 columns wide.
type inspection struct {
	*profile.Profile
	from   string // the flags that name the input
	colour bool

	b strings.Builder
}

// What is shown of a long list; --json has everything.
const (
	shownFiles  = 12
	shownFields = 40
	shownDoubts = 8 // of one kind
)

func (in inspection) write(out io.Writer) error {
	in.verdict()
	for i := range in.Files {
		if i == shownFiles {
			in.head("and %d more kinds of file; --json has them all", len(in.Files)-i)
			break
		}
		for j := range in.Files[i].Shapes {
			in.fields(&in.Files[i], &in.Files[i].Shapes[j])
			in.roles(&in.Files[i].Shapes[j])
		}
	}
	in.times()
	in.doubts()
	in.next()
	_, err := io.WriteString(out, in.b.String())
	return err
}

func (in *inspection) paint(code, s string) string {
	if !in.colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (in *inspection) head(format string, args ...any) {
	in.b.WriteString("\n" + in.paint(bold, fmt.Sprintf(format, args...)) + "\n")
}

// para writes a wrapped paragraph behind a mark.
func (in *inspection) para(code, mark, text string) {
	var b strings.Builder
	wrap(&b, mark, strings.Repeat(" ", utf8.RuneCountInString(mark)), text)
	for line := range strings.Lines(b.String()) {
		in.b.WriteString(in.paint(code, strings.TrimSuffix(line, "\n")) + "\n")
	}
}

// verdict says first what matters most.
func (in *inspection) verdict() {
	if in.Refusal != "" {
		in.para(red, "", "cannot be imported: "+in.Refusal)
	}
	for i := range in.Files {
		if i == shownFiles {
			break
		}
		f := &in.Files[i]
		in.para(bold, "", fileLine(f))
		for j := range f.Shapes {
			in.para("", "   ", shapeLine(&f.Shapes[j]))
		}
		for _, b := range f.Beside {
			in.para("", "   ", fmt.Sprintf("beside the records: %s (%s)", shown(b.Path), count(b.Count, "item")))
		}
	}
	if len(in.Fits) == 0 {
		in.para(yellow, "", "preset: none knows this export")
		for _, a := range in.Advice {
			in.para(yellow, "   ", a)
		}
		return
	}
	best := in.Fits[0]
	text := fmt.Sprintf("preset: %s (%s): %s", best.Preset, best.Title, best.Why)
	in.para(green, "", text)
	for _, f := range in.Fits[1:min(len(in.Fits), 3)] {
		in.para("", "   ", fmt.Sprintf("or %s (%s): %s", f.Preset, f.Title, f.Why))
	}
	if len(best.Missing) > 0 {
		in.para(yellow, "   ", "it reads and does not find: "+strings.Join(quoteEach(best.Missing), ", "))
	}
}

// fileLine is a file in a line: its name, how it is written, how many records.
func fileLine(f *profile.File) string {
	name := f.Name
	if f.Count > 1 {
		name = fmt.Sprintf("%s (%d files)", f.Glob, f.Count)
	}
	format := map[string]string{"csv": "CSV", "json": "JSON", "xml": "XML", "mail": "mail"}[f.Format]
	if f.Lines && f.Format == "json" && f.Records != 1 {
		format = "NDJSON"
	}
	switch f.Delimiter {
	case "":
	case ",", ";", "|", "tab":
		format += map[string]string{",": " with commas", ";": " with semicolons", "|": " with pipes", "tab": " with tabs"}[f.Delimiter]
	default:
		format += fmt.Sprintf(" with %q", f.Delimiter)
	}
	parts := []string{format}
	if encoding := f.Encoding; f.Format != "mail" && encoding != "" {
		if strings.HasPrefix(encoding, "utf-") {
			encoding = strings.ToUpper(encoding)
		}
		parts = append(parts, encoding)
	}
	if f.BOM {
		parts[len(parts)-1] += " with a byte order mark"
	}
	records := count(f.Records, "record")
	if f.Partial {
		records = "the first " + records
	}
	parts = append(parts, records)
	if f.Bad > 0 {
		parts = append(parts, thousands(f.Bad)+" of them unreadable")
	}
	return shown(name) + ": " + strings.Join(parts, ", ")
}

// shapeLine is what the records of a place are.
func shapeLine(s *profile.Shape) string {
	what := map[profile.Kind][2]string{
		profile.Conversations: {"ticket with its messages", "tickets with their messages"}, profile.Tickets: {"ticket", "tickets"},
		profile.Messages: {"message", "messages"}, profile.People: {"person", "people"}, profile.Other: {"record of another kind", "records of another kind"},
	}[s.Kind]
	text := thousands(s.Records) + " " + what[1]
	if s.Records == 1 {
		text = "1 " + what[0]
	}
	if s.Place != "" {
		text = shown(s.Place) + ": " + text
	}
	switch {
	case s.Kind == profile.People || s.Kind == profile.Other:
	case s.Texts == 0:
		text += ", 0 texts"
	default:
		text += fmt.Sprintf(", %s with a text", thousands(s.Texts))
	}
	if !s.First.IsZero() {
		text += fmt.Sprintf(", %s to %s", s.First.Format(time.DateOnly), s.Last.Format(time.DateOnly))
	}
	return text
}

// The columns of the table of fields.
const (
	nameWidth = 26
	typeWidth = 9
)

func (in *inspection) fields(f *profile.File, s *profile.Shape) {
	where := f.Name
	if f.Count > 1 {
		where = f.Glob
	}
	if s.Place != "" {
		where += ", " + s.Place
	}
	if len(s.Fields) == 0 {
		return
	}
	in.head("fields of %s", fit(shown(where), helpWidth-len("fields of ")))
	fmt.Fprintf(&in.b, "%-*s %-*s %6s %6s  %s\n", nameWidth, "field", typeWidth, "type", "filled", "values", "what it holds")
	rows := 0
	for i := range s.Fields {
		field := &s.Fields[i]
		if field.Type == profile.Object {
			continue
		}
		if rows++; rows > shownFields {
			continue
		}
		values := thousands(field.Distinct)
		if field.DistinctCapped {
			values = "~" + short(field.Distinct)
		}
		if field.Type == profile.List && field.Distinct == 0 {
			values = ""
		}
		line := fmt.Sprintf("%-*s %-*s %6s %6s  ", nameWidth, fit(shown(field.Path), nameWidth), typeWidth, field.Type, filled(field), values)
		in.b.WriteString(strings.TrimRight(line+fit(holds(field), helpWidth-utf8.RuneCountInString(line)), " ") + "\n")
	}
	if rows > shownFields {
		fmt.Fprintf(&in.b, "… and %d more; --json has them all\n", rows-shownFields)
	}
}

// filled is the share of values that say something.
func filled(f *profile.Field) string {
	all := f.Filled + f.Empty + f.Null + f.Missing
	switch share := float64(f.Filled) / float64(max(all, 1)) * 100; {
	case f.Filled == 0:
		return "0%"
	case share < 1:
		return "<1%"
	case share > 99 && f.Filled < all:
		return "99%"
	default:
		return fmt.Sprintf("%.0f%%", share)
	}
}

// holds is the values or examples of a field.
func holds(f *profile.Field) string {
	switch {
	case f.Type == profile.List && f.Distinct == 0 && f.MaxItems > 0:
		return "up to " + count(int64(f.MaxItems), "item")
	case f.Values != nil && len(f.Values) <= 12 && (f.Repeats >= 2 || f.Distinct < f.Filled):
		list := make([]string, len(f.Values))
		for i, v := range f.Values {
			list[i] = fmt.Sprintf("%s %s", shown(v.Value), thousands(v.Count))
		}
		return strings.Join(list, ", ")
	}
	list := make([]string, len(f.Examples))
	for i, e := range f.Examples {
		list[i] = shown(e)
	}
	return strings.Join(list, ", ")
}

// roles says what the fields are taken for, and why.
func (in *inspection) roles(s *profile.Shape) {
	if s.Kind == profile.Other || len(s.Candidates) == 0 {
		return
	}
	in.b.WriteString("taken for\n")
	for _, r := range profile.Roles() {
		list := s.Candidates[r]
		if len(list) == 0 || list[0].Score < doubtful {
			continue
		}
		text := shown(list[0].Path)
		if list[0].Score < certain {
			text = "perhaps " + text
		}
		text += " (" + list[0].Why + ")"
		for _, c := range list[1:min(len(list), 3)] {
			if c.Score >= certain {
				text += ", or " + shown(c.Path)
			}
		}
		in.para("", fmt.Sprintf("   %-15s", r), text)
	}
}

// The scores below which a candidate is told as a guess, and below which it is not told.
const (
	certain  = 0.55
	doubtful = 0.35
)

// times says how each field of times is written.
func (in *inspection) times() {
	headed := false
	for i := range in.Files {
		for j := range in.Files[i].Shapes {
			s := &in.Files[i].Shapes[j]
			for k := range s.Fields {
				f := &s.Fields[k]
				if f.Time == nil || i >= shownFiles || s.Kind == profile.Other && len(in.Files) > 1 {
					continue
				}
				if !headed {
					in.head("times")
					headed = true
				}
				in.para("", "   ", in.where(&in.Files[i], s, f.Path)+timeText(f.Time))
			}
		}
	}
}

// where names a field, with its file where there are several.
func (in *inspection) where(f *profile.File, s *profile.Shape, path string) string {
	var parts []string
	if len(in.Files) > 1 {
		parts = append(parts, f.Glob)
	}
	if len(f.Shapes) > 1 && s != nil && s.Place != "" {
		parts = append(parts, s.Place)
	}
	if path != "" {
		parts = append(parts, path)
	}
	if len(parts) == 0 {
		return ""
	}
	return shown(strings.Join(parts, " ")) + ": "
}

func timeText(t *profile.TimeEvidence) string {
	var parts []string
	layouts := strings.Join(t.Layouts, " or ")
	if t.Auto {
		layouts += " (read without a layout)"
	}
	parts = append(parts, layouts)
	switch t.Zone {
	case "none":
		parts = append(parts, "no zone")
	case "Z":
		parts = append(parts, "in UTC (Z)")
	case "offset":
		parts = append(parts, "offset "+strings.Join(t.Offsets, " "))
	case "abbreviation":
		parts = append(parts, "a zone's abbreviation")
	case "mixed":
		parts = append(parts, "with and without a zone, or with several kinds")
	}
	switch t.DayMonth {
	case "ambiguous":
		parts = append(parts, fmt.Sprintf("day or month first: %s can be %s or %s", t.Example, t.DayFirst, t.MonthFirst))
	case "day-first", "month-first":
		parts = append(parts, fmt.Sprintf("%s (%s)", strings.ReplaceAll(t.DayMonth, "-", " "), t.Example))
	case "contradictory":
		parts = append(parts, "some day first and some month first")
	}
	if t.DatesOnly == t.Count {
		parts = append(parts, "dates without a clock")
	}
	parts = append(parts, t.First.Format(time.DateOnly)+" to "+t.Last.Format(time.DateOnly))
	if t.Unread > 0 {
		parts = append(parts, fmt.Sprintf("%s no times (%q)", count(t.Unread, "value"), t.UnreadValue))
	}
	return strings.Join(parts, ", ")
}
