package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
)

// field describes a node. within is the number of objects it can lie in.
func (n *node) field(path, list string, within int64, row bool) Field {
	s := &n.stats
	f := Field{
		Path: path, List: list, Filled: s.filled, Empty: s.empty, Null: s.null, Missing: max(0, within-s.met()),
		Examples: s.examples, MinLen: s.minLen, MaxLen: s.maxLen, Repeats: s.values.repeats(), MaxItems: s.maxItems,
	}
	if s.filled > 0 && len(s.types) > 0 {
		f.AverageLen = int(s.sumLen / max(1, s.valueCount()))
	}
	f.Lines = s.lines
	distinct, exact := s.values.distinct()
	f.Distinct, f.DistinctCapped = distinct, !exact
	if exact && !s.values.bare {
		for h, n := range s.values.counts {
			f.Values = append(f.Values, Count{clip(s.values.texts[h]), n})
		}
		slices.SortFunc(f.Values, func(a, b Count) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
	}
	f.Time = s.timeEvidence(plainName(lastName(path)))
	f.nothings = s.nothings
	s.typed(&f)
	s.warnings(&f, row)
	return f
}

// valueCount is the number of plain values.
func (s *stats) valueCount() (n int64) {
	for t, k := range s.types {
		if typeCode(t) != tList && typeCode(t) != tObject {
			n += k
		}
	}
	if s.lists > 0 {
		n += s.values.sum()
	}
	return n
}

// typed settles the type of a field: the one that nine in ten values have.
func (s *stats) typed(f *Field) {
	names := typeNames()
	var sum int64
	for t, n := range s.types {
		if n > 0 {
			f.Types = append(f.Types, Count{string(names[t]), n})
			sum += n
		}
	}
	slices.SortStableFunc(f.Types, func(a, b Count) int { return cmp.Compare(b.Count, a.Count) })
	has := func(t typeCode) int64 { return s.types[t] }
	most := func(n int64) bool { return n*10 >= sum*9 }
	switch {
	case sum == 0:
		f.Type = Empty
	case f.Time != nil && f.Time.Count*10 >= sum*9:
		f.Type = Time
	case most(f.Types[0].Count):
		f.Type = Type(f.Types[0].Value)
	case most(has(tInteger) + has(tDecimal)):
		f.Type = Decimal
	case most(has(tEmail) + has(tAddresses)):
		f.Type = Addresses
	case most(has(tHTML)+has(tText)) && has(tHTML)*5 >= sum:
		f.Type = HTML
	case most(sum - has(tList) - has(tObject) - has(tTime) - has(tHTML)):
		f.Type = Text
	case has(tHTML) > 0 && has(tList)+has(tObject)+has(tTime) == 0:
		f.Type = HTML
	default:
		f.Type = Mixed
	}
	if f.Type != Mixed {
		f.Types = nil
	}
}

// timeEvidence is what is known of times, where the field holds any to speak of. Bare numbers are times only in a field
// that is called like one.
func (s *stats) timeEvidence(plain string) *TimeEvidence {
	var all mapping.TimeEvidence
	if s.times != nil {
		all.Merge(s.times)
	}
	total := s.types[tTime] + s.types[tText]
	unread := s.types[tText]
	if s.numbers != nil && isTimeName(plain) && s.numbers.Count*10 >= 9*(s.types[tInteger]+s.types[tDecimal]) {
		all.Merge(s.numbers)
		total += s.types[tInteger] + s.types[tDecimal]
		unread += s.types[tInteger] + s.types[tDecimal] - s.numbers.Count
	}
	if all.Count == 0 || all.Count*2 < total {
		return nil
	}
	t := &TimeEvidence{
		Zone: all.Zone(), Offsets: all.Offsets(), DayMonth: all.DayMonth(), Example: all.Example(), Count: all.Count, DatesOnly: all.Dates,
		Unread: unread, UnreadValue: s.unread,
	}
	t.Layouts, t.Auto = all.Layouts()
	t.First, t.Last = all.Range()
	t.DayFirst, t.MonthFirst = all.Readings()
	return t
}

func (s *stats) warnings(f *Field, row bool) {
	for i, code := range warnCodes() {
		if s.warns[i] == 0 {
			continue
		}
		switch {
		case code == WarnDecimal && (s.warns[i] < s.types[tDecimal] || !namesID(f.Path)), // real decimals, versions
			code == WarnNull && s.filled == 0,
			code == WarnEntity && f.Type == HTML,
			code == WarnNewline && s.lines > 0: // line breaks are written as such here
			continue
		}
		f.Warnings = append(f.Warnings, Warning{code, s.warns[i], s.warnExamples[i], warnText(code)})
	}
	if s.cut(f) {
		f.Warnings = append(f.Warnings, Warning{
			WarnCut, s.atMax, "", fmt.Sprintf("%s of exactly %s bytes, and none is longer: texts were cut off there, it seems", plural(s.atMax, "value"), grouped(int64(s.maxLen))),
		})
	}
	if row && strings.HasPrefix(f.Path, "#") {
		f.Warnings = append(f.Warnings, Warning{WarnHeading, 1, "", "the column has no heading: a mapping calls it " + f.Path})
	}
}

// namesID tells whether a field is called like an id or a number of something.
func namesID(path string) bool {
	plain := plainName(lastName(path))
	return isIdentName(plain) || strings.HasSuffix(plain, "id") || strings.HasSuffix(plain, "number") || strings.HasSuffix(plain, "nr")
}

// cut tells whether values seem to end where a system cuts them: at a length that is a limit somewhere, or again and
// again at the same great length.
func (s *stats) cut(f *Field) bool {
	if s.atMax < 2 || f.Type != Text && f.Type != HTML && f.Type != Mixed {
		return false
	}
	switch s.maxLen {
	case 255, 256, 500, 512, 1000, 1023, 1024, 2000, 2048, 4000, 4096, 5000, 8000, 8192, 10000, 16384, 32000, 32766, 32767, 32768, 65535, 65536:
		return true
	}
	return s.maxLen >= 200 && s.atMax >= 10 && s.atMax*20 >= s.filled && f.Repeats < 1.5
}

func warnText(code string) string {
	switch code {
	case WarnExponent:
		return "a spreadsheet rounded long numbers: export again and do not open the file in one before the import"
	case WarnDecimal:
		return "whole numbers with .0: an id like 3.0 is read as 3"
	case WarnNewline:
		return `line breaks are written as \n: read it with unescape: backslash, or [backslash, entities] where both are met`
	case WarnEntity:
		return "HTML entities in plain text: read it with unescape: entities, or [backslash, entities] where both are met"
	case WarnFormula:
		return "cells that begin like a formula, or were guarded against that: compare one with the old helpdesk"
	case WarnMojibake:
		return "letters with accents are garbled in the export itself: export again as UTF-8"
	case WarnReplaced:
		return "characters were lost before the export was written (U+FFFD): export again as UTF-8"
	case WarnZeroDate:
		return "a database's zero date: add it to source.empty if it means none"
	case WarnNull:
		return "a word for nothing: add it to source.empty if it means that"
	}
	return ""
}
