package suggest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
)

// zoneAsk is the evidence that times name no zone.
type zoneAsk struct{ evidence []string }

// time writes a field of times, and the comment to it.
func (pl *plan) time(pt *part, f *profile.Field, each string) (value, comment string) {
	ref := pt.ref(f, each)
	comment = why(f)
	t := f.Time
	if t == nil {
		return field(ref), comment + "; decide: are these times"
	}
	pl.zoneless(f)
	if t.Unread > 0 {
		comment += fmt.Sprintf("; %s no time, such as %s", many(t.Unread, "value is", "values are"), shown(t.UnreadValue))
	}
	switch t.DayMonth {
	case "ambiguous":
		answer := pl.ask(orderQuestion(f))
		if answer == nil {
			return field(ref), fmt.Sprintf("decide: %s is %s (layout: dmy) or %s (layout: mdy)? write { from: %s, layout: … }",
				shown(t.Example), oneLine(t.DayFirst), oneLine(t.MonthFirst), word(ref))
		}
		return flow("from: "+word(ref), "layout: "+answer[0]), comment
	case "contradictory":
		return field(ref), fmt.Sprintf("decide: some values can only be day first and some only month first, such as %s; give layouts that tell them apart, or split the export", shown(t.Example))
	}
	if t.Auto || len(t.Layouts) == 0 {
		return field(ref), comment + seen(t)
	}
	return flow("from: "+word(ref), "layout: "+wordOrWords(t.Layouts)), comment + seen(t)
}

func seen(t *profile.TimeEvidence) string {
	switch t.DayMonth {
	case "day-first", "month-first":
		return fmt.Sprintf("; %s: %s", strings.ReplaceAll(t.DayMonth, "-", " "), shown(t.Example))
	}
	return ""
}

func orderQuestion(f *profile.Field) Question {
	t := f.Time
	return Question{
		Key: keyOrder + f.Path, Title: fmt.Sprintf("Day or month first in %s?", shown(f.Path)),
		Evidence: []string{fmt.Sprintf("%s is %s or %s; no value of the field tells which", shown(t.Example), t.DayFirst, t.MonthFirst)},
		Options:  []Option{{"day first (dmy)", "dmy"}, {"month first (mdy)", "mdy"}},
	}
}

// zoned ends a clock with a zone, or stands alone as an epoch's number.
var zoned = regexp.MustCompile(`(?:\d ?(?:[Zz]|[A-Z]{2,5})|:\d\d(?:\.\d+)? ?[+-]\d\d:?\d\d)\b|^-?[\d.]+$`)

// lacksZone returns a time of the field that names no zone, "" where none is known.
func lacksZone(f *profile.Field) string {
	switch f.Time.Zone {
	case "none":
		if len(f.Examples) > 0 {
			return f.Examples[0]
		}
		return f.Time.Example
	case "mixed":
		for _, e := range f.Examples {
			if !zoned.MatchString(e) && strings.ContainsAny(e, "0123456789") {
				return e
			}
		}
	}
	return ""
}

// zoneless remembers a field whose times need a zone.
func (pl *plan) zoneless(f *profile.Field) {
	lacking := lacksZone(f)
	if lacking == "" {
		return
	}
	if pl.zone == nil {
		pl.zone = &zoneAsk{}
	}
	line := fmt.Sprintf("%s holds times without a zone, such as %s", shown(f.Path), shown(lacking))
	if len(f.Time.Offsets) > 0 {
		line += "; others have " + oneLine(strings.Join(f.Time.Offsets, ", "))
	}
	if !slices.Contains(pl.zone.evidence, line) && len(pl.zone.evidence) < 4 {
		pl.zone.evidence = append(pl.zone.evidence, line)
	}
}

// source writes how the export is read. Without a name it keeps that of the preset.
func (pl *plan) source(out *page, name string) {
	var body page
	pl.sourceKeys(&body, name)
	if body.keys > 0 {
		out.line(0, "source:", "")
		out.add(&body)
		return
	}
	if body.lines > 0 {
		out.off(0, "source:", "")
	}
	out.add(&body)
}

func (pl *plan) sourceKeys(p *page, name string) {
	if name == "" && pl.answers.one(KeyName) == "" {
		// the preset has one
	} else if given := pl.ask(nameQuestion(name)); given != nil {
		p.line(1, "name: "+word(given[0]), "a part of every ticket's external id: keep it for all runs")
	} else {
		p.line(1, "name: "+word(name), "decide: what the old helpdesk is called; a part of every ticket's external id, so keep it once tickets are imported")
	}
	for _, k := range []string{KeyFormat, KeyEncoding, KeyDelimiter} {
		if v := pl.answers.one(k); v != "" {
			p.line(1, k+": "+word(v), "")
		}
	}
	if pl.zone != nil {
		pl.timezone(p)
	}
	if n, example := pl.nulls(); n > 0 && (pl.preset == nil || len(pl.preset.Source.Empty) == 0) {
		p.line(1, `empty: ["NULL", "null", N/A, n/a, NaN, nan, None, "-"]`, fmt.Sprintf("words that mean nothing: %s, such as %s", many(n, "value", "values"), shown(example)))
	}
}

func (pl *plan) timezone(p *page) {
	q := Question{Key: KeyTimezone, Title: "Which time zone was the old helpdesk set to?", Evidence: pl.zone.evidence, Check: checkZone}
	if given := pl.ask(q); given != nil {
		p.line(1, "timezone: "+word(given[0]), "")
		return
	}
	p.note(1, "decide: the zone the old helpdesk was set to; %s. Messages are rejected until it is given:", strings.Join(pl.zone.evidence, "; "))
	p.off(1, "timezone: Europe/Amsterdam", "")
}

func nameQuestion(name string) Question {
	return Question{Key: KeyName, Title: "What is the old helpdesk called? It becomes a part of every ticket's external id.",
		Evidence: []string{"left open it is " + name}, Check: checkName}
}

// nulls counts words for nothing among the values of fields that are read.
func (pl *plan) nulls() (n int64, example string) {
	for _, pt := range pl.parts {
		for i := range pt.shape.Fields {
			for _, w := range pt.shape.Fields[i].Warnings {
				if w.Code == profile.WarnNull {
					if n += w.Count; example == "" {
						example = w.Example
					}
				}
			}
		}
	}
	return n, example
}

// flow writes a map on one line.
func flow(entries ...string) string {
	kept := slices.DeleteFunc(slices.Clone(entries), func(s string) bool { return s == "" })
	return "{ " + strings.Join(kept, ", ") + " }"
}

func wordOrWords(list []string) string {
	if len(list) == 1 {
		return word(list[0])
	}
	return words(list)
}
