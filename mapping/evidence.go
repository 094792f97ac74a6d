package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// TimeEvidence gathers, over the values of one field, how they write times: the layouts that read them, their zones,
// and what tells day from month. Its zero value is empty. It belongs to one goroutine; those of several are merged in the
// order of the values.
type TimeEvidence struct {
	Count  int64 // values that are times
	Dates  int64 // of them without a clock
	forms  [numForms]int64
	zones  [numZones]int64
	order  evidence
	short  int64 // values with a year of two digits
	usSpan span  // of dates with the year last, read month first
	euSpan span  // … day first
	sure   span  // of all others
	offset []int // seconds east of UTC, at most maxOffsets different ones
}

// maxOffsets is how many different offsets are told.
const maxOffsets = 10

// timeForm is how a time is written.
type timeForm uint8

const (
	formISO timeForm = iota
	formText
	formDayMonth
	formEpoch
	formEpochMS
	formEpochUS
	formExcel
	numForms
	noForm = numForms
)

type timeZoneForm uint8

const (
	zoneNone timeZoneForm = iota
	zoneZulu
	zoneOffset
	zoneAbbr
	zoneEpoch
	numZones
)

type span struct{ first, last time.Time }

func (s *span) add(t time.Time) {
	if s.first.IsZero() || t.Before(s.first) {
		s.first = t
	}
	if s.last.IsZero() || t.After(s.last) {
		s.last = t
	}
}

func (s *span) merge(o *span) {
	if !o.first.IsZero() {
		s.add(o.first)
		s.add(o.last)
	}
}

// Add takes a value into account and tells whether it is a time. Bare numbers count only where numbers says that the
// field may hold epochs or a spreadsheet's serial dates: an id can look like either.
func (e *TimeEvidence) Add(s string, numbers bool) bool {
	s = plainSpaces(s)
	if len(s) < 5 || len(s) > maxTime || !isDigit(s[0]) && !isLetter(s[0]) {
		return false
	}
	var c civil
	form, short := formOf(s, &c, numbers)
	if form == noForm {
		return false
	}
	e.Count++
	e.forms[form]++
	if short {
		e.short++
	}
	if form == formDayMonth {
		e.dayMonth(s, &c)
	} else {
		plain := c
		plain.abbr = "" // a zone's own name, which only the timezone can explain
		if t, _, err := plain.instant(s, time.UTC); err == nil {
			e.sure.add(t)
		}
	}
	e.zone(s, &c)
	return true
}

// formOf finds the way s is written and reads it.
func formOf(s string, c *civil, numbers bool) (form timeForm, short bool) {
	try := func(why string) bool {
		if why == "" {
			why = c.check()
		}
		return why == ""
	}
	run := digitRun(s, 0)
	bare := run == len(s) || s[run] == '.' && run+1+digitRun(s, run+1) == len(s)
	if bare && !numbers {
		return noForm, false
	}
	switch {
	case bare && (run == 4 || run < 4):
	case bare && run == 5:
		if try(readExcel(s, c)) && c.year >= 1980 {
			return formExcel, false
		}
	case bare && run == 10 && try(readEpochAuto(s, c, time.Second)):
		return formEpoch, false
	case bare && run == 13 && try(readEpochAuto(s, c, time.Millisecond)):
		return formEpochMS, false
	case bare && run == 16 && try(readEpochAuto(s, c, time.Microsecond)):
		return formEpochUS, false
	case run == 4 || run == 8 || run == 14:
		if try(readISO(s, c)) {
			return formISO, false
		}
		if *c = (civil{}); try(readText(s, c, false)) {
			return formText, false
		}
	case run <= 2 && run > 0 && dayMonthShape(s):
		_, _, year, _, _ := dayMonth(s)
		*c = civil{}
		for _, order := range [...]dateOrder{orderDMY, orderMDY} {
			if *c = (civil{}); try(readDayMonth(s, c, order, true)) {
				return formDayMonth, year < 0
			}
		}
	case run <= 2:
		if try(readText(s, c, false)) {
			return formText, false
		}
		if *c = (civil{}); try(readText(s, c, true)) {
			return formText, true
		}
	}
	return noForm, false
}

func (e *TimeEvidence) dayMonth(s string, c *civil) {
	a, b, year, _, _ := dayMonth(s)
	e.order.addParts(s, a, b)
	if year < 0 {
		year = fullYear(year + 100)
	}
	for _, way := range [...]struct {
		day, month int
		to         *span
	}{{a, b, &e.euSpan}, {b, a, &e.usSpan}} {
		one := *c
		one.day, one.month, one.year, one.abbr = way.day, way.month, year, ""
		if one.check() == "" {
			if t, _, err := one.instant(s, time.UTC); err == nil {
				way.to.add(t)
			}
		}
	}
}

func (e *TimeEvidence) zone(s string, c *civil) {
	switch {
	case c.absolute:
		e.zones[zoneEpoch]++
		return
	case c.abbr != "":
		e.zones[zoneAbbr]++
	case !c.zoned:
		e.zones[zoneNone]++
	case c.offset == 0 && s[len(s)-1]|0x20 == 'z':
		e.zones[zoneZulu]++
	default:
		e.zones[zoneOffset]++
		e.keepOffset(c.offset)
	}
	if !c.hasClock {
		e.Dates++
	}
}

func (e *TimeEvidence) keepOffset(seconds int) {
	if len(e.offset) < maxOffsets && !slices.Contains(e.offset, seconds) {
		e.offset = append(e.offset, seconds)
	}
}

// Range is the earliest and the latest time, in UTC; times without a zone count as if in UTC, and day comes first where
// that is open.
func (e *TimeEvidence) Range() (first, last time.Time) {
	all := e.sure
	if e.DayMonth() == "month-first" {
		all.merge(&e.usSpan)
	} else {
		all.merge(&e.euSpan)
	}
	return all.first, all.last
}

// Merge adds what o knows.
func (e *TimeEvidence) Merge(o *TimeEvidence) {
	e.Count += o.Count
	e.Dates += o.Dates
	e.short += o.short
	for i := range o.forms {
		e.forms[i] += o.forms[i]
	}
	for i := range o.zones {
		e.zones[i] += o.zones[i]
	}
	e.order.merge(&o.order)
	e.usSpan.merge(&o.usSpan)
	e.euSpan.merge(&o.euSpan)
	e.sure.merge(&o.sure)
	for _, seconds := range o.offset {
		e.keepOffset(seconds)
	}
}

// Numbers counts the values that are bare numbers: epochs and serial dates.
func (e *TimeEvidence) Numbers() int64 {
	return e.forms[formEpoch] + e.forms[formEpochMS] + e.forms[formEpochUS] + e.forms[formExcel]
}

// DayMonth tells what the values show of the order of day and month: "iso" where none leaves a doubt, "day-first",
// "month-first", "ambiguous" where both are possible everywhere, "contradictory" where values of both kinds are met.
func (e *TimeEvidence) DayMonth() string {
	switch o := &e.order; {
	case o.dayFirst != "" && o.monthFirst != "":
		return "contradictory"
	case o.dayFirst != "":
		return "day-first"
	case o.monthFirst != "":
		return "month-first"
	case o.open != "":
		return "ambiguous"
	}
	return "iso"
}

// Example is a value that shows what DayMonth says, or leaves it open; "" where there is no such date.
func (e *TimeEvidence) Example() string {
	return cmp.Or(e.order.dayFirst, e.order.monthFirst, e.order.open)
}

// Readings spells Example day first and month first where the order is open, else "".
func (e *TimeEvidence) Readings() (dayFirst, monthFirst string) {
	if e.DayMonth() != "ambiguous" {
		return "", ""
	}
	s := e.order.open
	return spelled(s, orderDMY), spelled(s, orderMDY)
}

// Zone tells how values name their zone: "offset", "Z", "epoch", "abbreviation", "none", or "mixed" where it differs.
func (e *TimeEvidence) Zone() string {
	name, met := "none", 0
	for i, n := range e.zones {
		if n > 0 {
			met++
			name = [...]string{"none", "Z", "offset", "abbreviation", "epoch"}[i]
		}
	}
	if met > 1 {
		return "mixed"
	}
	return name
}

// Offsets lists the offsets from UTC that values have, as +02:00, from west to east; at most ten.
func (e *TimeEvidence) Offsets() []string {
	slices.Sort(e.offset)
	out := make([]string, 0, len(e.offset))
	for _, seconds := range e.offset {
		sign := '+'
		if seconds < 0 {
			sign, seconds = '-', -seconds
		}
		out = append(out, fmt.Sprintf("%c%02d:%02d", sign, seconds/3600, seconds/60%60))
	}
	return out
}

// Layouts lists the named layouts that read the values, the most frequent first; dmy and mdy where the order of day and month
// is open. Auto tells whether the layout auto reads them all, over this whole input.
func (e *TimeEvidence) Layouts() (names []string, auto bool) {
	type used struct {
		name  string
		count int64
	}
	var all []used
	auto = e.short == 0
	for i, n := range e.forms {
		if n == 0 {
			continue
		}
		switch form := timeForm(i); form {
		case formDayMonth:
			switch e.DayMonth() {
			case "month-first":
				all = append(all, used{"mdy", n})
			case "ambiguous", "contradictory":
				all, auto = append(all, used{"dmy", n}, used{"mdy", n}), false
			default:
				all = append(all, used{"dmy", n})
			}
		case formExcel:
			all, auto = append(all, used{"excel", n}), false
		default:
			all = append(all, used{[...]string{"iso", "rfc2822", "", "epoch", "epoch_ms", "epoch_us"}[form], n})
		}
	}
	slices.SortStableFunc(all, func(a, b used) int { return cmp.Compare(b.count, a.count) })
	for _, u := range all {
		names = append(names, u.name)
	}
	return names, auto && len(names) > 0
}
