package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a time can fail by, apart from not being one.
var (
	errUnsettled = errors.New("day and month can be told apart only over the whole input")
	errNoZone    = errors.New("the time names no zone: give the field or the source a timezone")
)

// The warnings of [layouts.parse].
const (
	warnGap     = "dst-gap"     // a local time that the clocks jumped over; read as if they had not yet
	warnOverlap = "dst-overlap" // a local time that came twice; the first one is taken
)

// The years a time may lie in. Outside of them stands a typing error or a database's zero date.
const (
	firstYear = 1900
	lastYear  = 2199
)

// maxTime is the longest text, in bytes, that is looked at: nothing longer is a time.
const maxTime = 100

// timeError says why a value cannot be read as a time, and what was tried.
type timeError struct{ value, why string }

func (e *timeError) Error() string { return strconv.Quote(e.value) + " " + e.why }

// layouts reads times: the compiled form of `layout`.
type layouts struct {
	list  []layout
	order dateOrder // what the survey settled for auto
}

// dateOrder tells 3 April from 4 March in 03/04/2021.
type dateOrder uint8

const (
	orderOpen dateOrder = iota
	orderDMY
	orderMDY
)

// layout is one way to write a time: a named one, or a pattern.
type layout struct {
	name    string
	pattern *pattern
}

// whyUnsettled is the why that stops at once: reading on would be a guess.
const whyUnsettled = "unsettled"

// layoutNames lists the named layouts, for errors and the schema.
func layoutNames() []string {
	return []string{"auto", "iso", "rfc2822", "dmy", "mdy", "epoch", "epoch_ms", "epoch_us", "excel"}
}

// compileLayouts makes the reader of a list of named layouts and strftime patterns, tried in order for each value. No names
// is auto, which stands alone: it settles over the whole input what others take as said.
func compileLayouts(names []string) (*layouts, error) {
	if len(names) == 0 {
		names = []string{"auto"}
	}
	l := &layouts{list: make([]layout, 0, len(names))}
	for _, name := range names {
		one, err := compileLayout(name)
		if err != nil {
			return nil, err
		}
		if name == "auto" && len(names) > 1 {
			return nil, errors.New("layout auto cannot be one of a list: name every layout the column holds")
		}
		l.list = append(l.list, one)
	}
	return l, nil
}

func compileLayout(name string) (layout, error) {
	if slices.Contains(layoutNames(), name) {
		return layout{name: name}, nil
	}
	if strings.Contains(name, "%") {
		p, err := compilePattern(name)
		return layout{name, p}, err
	}
	return layout{}, fmt.Errorf("unknown layout %q: name one of %s, or write a strftime pattern such as \"%%d.%%m.%%Y %%H:%%M\"",
		name, strings.Join(layoutNames(), ", "))
}

// parse reads s, in zone where s names none; the result is in UTC. err is errUnsettled, errNoZone or a *timeError; warn is
// "", warnGap or warnOverlap.
func (l *layouts) parse(s string, zone *time.Location) (t time.Time, warn string, err error) {
	text := plainSpaces(s)
	if text == "" || len(text) > maxTime {
		return time.Time{}, "", &timeError{clipTo(s, maxTime), "is not a time"}
	}
	var c civil
	for i := range l.list {
		c = civil{}
		why := l.try(i, text, &c)
		if why == "" {
			return c.instant(text, zone)
		}
		if why == whyUnsettled {
			return time.Time{}, "", errUnsettled
		}
	}
	return time.Time{}, "", l.failure(text)
}

// try reads s as layout i. why is "" on success, else what is wrong with s.
func (l *layouts) try(i int, s string, c *civil) (why string) {
	switch lay := &l.list[i]; lay.name {
	case "auto":
		why = readAuto(s, c, l.order)
	case "iso":
		why = readISO(s, c)
	case "rfc2822":
		why = readText(s, c, true)
	case "dmy":
		why = readDayMonth(s, c, orderDMY, true)
	case "mdy":
		why = readDayMonth(s, c, orderMDY, true)
	case "epoch":
		why = readEpoch(s, c, time.Second)
	case "epoch_ms":
		why = readEpoch(s, c, time.Millisecond)
	case "epoch_us":
		why = readEpoch(s, c, time.Microsecond)
	case "excel":
		why = readExcel(s, c)
	default:
		why = lay.pattern.read(s, c)
	}
	if why == "" {
		why = c.check()
	}
	return why
}

// failure tells what each layout had against s. It reads s again, so that success costs nothing.
func (l *layouts) failure(s string) error {
	tried := make([]string, 0, len(l.list))
	for i := range l.list {
		why := l.try(i, s, &civil{})
		if l.list[i].name == "auto" {
			return &timeError{s, "cannot be read as a time: " + why}
		}
		tried = append(tried, fmt.Sprintf("%s (%s)", l.list[i].name, why))
	}
	return &timeError{s, "cannot be read as a time; tried " + strings.Join(tried, ", ")}
}

// mostDigits are those of an epoch in microseconds.
const mostDigits = 16

// readAuto reads what can be read in one way only.
func readAuto(s string, c *civil, order dateOrder) string {
	run := digitRun(s, 0)
	switch {
	case run == 4 || run == 8 || run == 14:
		if run == 4 && len(s) > 5 && isLetter(s[5]) { // 2021-Mar-04
			return readText(s, c, false)
		}
		return readISO(s, c)
	case run == 0:
		if isLetter(s[0]) {
			return readText(s, c, false)
		}
	case run <= 2:
		if dayMonthShape(s) {
			return readDayMonth(s, c, order, false)
		}
		return readText(s, c, false)
	case run == 10:
		return readEpochAuto(s, c, time.Second)
	case run == 13:
		return readEpochAuto(s, c, time.Millisecond)
	case run == 16:
		return readEpochAuto(s, c, time.Microsecond)
	case run == 5:
		return "a bare number; if it is a spreadsheet's date write layout: excel"
	}
	switch bare := digitRun(s, 0) == len(s); {
	case bare && run > mostDigits:
		return "a number of more digits than a time has"
	case bare:
		return "a bare number; if it is an epoch write layout: epoch, epoch_ms or epoch_us"
	}
	return "no form that is read without a named layout"
}

// civil is a time as it is written: a date and a clock, or an instant.
type civil struct {
	year, month, day int
	hour, min, sec   int
	nsec             int
	offset           int    // seconds east of UTC
	zoned            bool   // offset counts
	abbr             string // a zone's abbreviation that only the timezone can explain
	absolute         bool   // unix and nsec are all there is
	unix             int64
	hasClock         bool
}

// check refuses dates and clocks that do not exist.
func (c *civil) check() string {
	if c.absolute {
		if y := time.Unix(c.unix, 0).UTC().Year(); y < firstYear || y > lastYear {
			return "the year is implausible"
		}
		return ""
	}
	switch {
	case c.year == 0 && c.month == 0 && c.day == 0:
		return "a zero date: add it to source.empty if it means none"
	case c.year < firstYear || c.year > lastYear:
		return "the year is implausible"
	case c.month < 1 || c.month > 12:
		return "there is no such month"
	case c.day < 1 || c.day > daysIn(c.month, c.year):
		return "there is no such day in that month"
	case c.hour == 24 && (c.min != 0 || c.sec != 0 || c.nsec != 0), c.hour > 24:
		return "there is no such hour"
	case c.min > 59:
		return "there is no such minute"
	case c.sec > 60 || c.sec == 60 && c.min != 59: // a leap second becomes the second after it
		return "there is no such second"
	}
	return ""
}

func daysIn(month, year int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// instant places c on the time line.
func (c *civil) instant(s string, zone *time.Location) (time.Time, string, error) {
	if c.absolute {
		return time.Unix(c.unix, int64(c.nsec)).UTC(), "", nil
	}
	wall := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.min, c.sec, c.nsec, time.UTC)
	switch {
	case c.zoned:
		return wall.Add(-time.Duration(c.offset) * time.Second), "", nil
	case c.abbr != "":
		return inNamedZone(wall, c.abbr, s, zone)
	case zone == nil:
		return time.Time{}, "", errNoZone
	case zone == time.UTC:
		return wall, "", nil
	}
	t, warn := inZone(wall, zone)
	return t, warn, nil
}

// inZone finds the instant at which zone's clocks show wall. Two offsets can be in force near it: the one of a day
// before and the one of a day after.
func inZone(wall time.Time, zone *time.Location) (time.Time, string) {
	const day = 24 * time.Hour
	before, after := offsetAt(wall.Add(-day), zone), offsetAt(wall.Add(day), zone)
	first := wall.Add(-before)
	if before == after {
		return first, ""
	}
	second := wall.Add(-after)
	fits := offsetAt(first, zone) == before
	switch fitsAfter := offsetAt(second, zone) == after; {
	case fits && fitsAfter:
		return first, warnOverlap
	case fitsAfter:
		return second, ""
	case fits:
		return first, ""
	}
	return first, warnGap
}

func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// inNamedZone reads "14:05 CET" where zone's own clocks are called CET at that time; which of two equal clocks is
// meant follows from the name.
func inNamedZone(wall time.Time, abbr, s string, zone *time.Location) (time.Time, string, error) {
	if zone != nil {
		for _, shift := range [...]time.Duration{-24 * time.Hour, 24 * time.Hour} {
			t := wall.Add(-offsetAt(wall.Add(shift), zone))
			if name, seconds := t.In(zone).Zone(); strings.EqualFold(name, abbr) && t.Add(time.Duration(seconds)*time.Second).Equal(wall) {
				return t, "", nil
			}
		}
	}
	return time.Time{}, "", &timeError{s,
		"cannot be read as a time: " + abbr + " is no zone's own name; set timezone to a place whose clocks are called so"}
}

// plainSpaces trims s and turns the spaces and the minus sign of typographers into ASCII.
func plainSpaces(s string) string {
	s = strings.TrimSpace(s)
	for i := range len(s) {
		if s[i] >= 0x80 {
			return strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u2212", "-").Replace(s)
		}
	}
	return s
}

// clipTo shortens s to n bytes at a rune's edge.
func clipTo(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
