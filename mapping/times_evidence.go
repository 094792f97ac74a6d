package mapping

import (
	"cmp"
	"fmt"
)

// evidence gathers, over all values of one field, what tells day from month. Its zero value is empty. It is not safe for
// several goroutines: each gathers its own and they are merged.
type evidence struct {
	dayFirst   string // an example that can only be day-month-year
	monthFirst string // … month-day-year
	open       string // … that can be both, and differs
}

// add takes a value into account; one that is no date with its year last says nothing.
func (e *evidence) add(s string) {
	s = plainSpaces(s)
	if len(s) > maxTime {
		return
	}
	a, b, year, _, ok := dayMonth(s)
	if !ok || year < 0 || a < 1 || b < 1 {
		return
	}
	e.addParts(s, a, b)
}

// addParts takes into account that s writes a before b.
func (e *evidence) addParts(s string, a, b int) {
	switch {
	case a > 12 && b <= 12 && a <= 31:
		keepFirst(&e.dayFirst, s)
	case b > 12 && a <= 12 && b <= 31:
		keepFirst(&e.monthFirst, s)
	case a <= 12 && b <= 12 && a != b:
		keepFirst(&e.open, s)
	}
}

// merge adds what o knows; where both have an example e's stays.
func (e *evidence) merge(o *evidence) {
	keepFirst(&e.dayFirst, o.dayFirst)
	keepFirst(&e.monthFirst, o.monthFirst)
	keepFirst(&e.open, o.open)
}

func keepFirst(to *string, s string) {
	if *to == "" {
		*to = s
	}
}

// settle returns the reader of layout auto with the order of day and month settled. The error names both readings.
func (e *evidence) settle() (*layouts, error) {
	l, err := compileLayouts(nil)
	if err != nil {
		return nil, err
	}
	switch {
	case e.dayFirst != "" && e.monthFirst != "":
		return nil, fmt.Errorf("%q is day-month-year and %q is month-day-year: the field mixes both; split the input, or list layouts that tell them apart",
			e.dayFirst, e.monthFirst)
	case e.dayFirst != "":
		l.order = orderDMY
	case e.monthFirst != "":
		l.order = orderMDY
	case e.open != "":
		return nil, fmt.Errorf("%q can be %s (dmy) or %s (mdy), and no value of the input tells which: write layout: dmy or layout: mdy",
			e.open, spelled(e.open, orderDMY), spelled(e.open, orderMDY))
	default: // day and month are equal wherever they are met
		l.order = orderDMY
	}
	return l, nil
}

// example is a value in question.
func (e *evidence) example() string { return cmp.Or(e.open, e.dayFirst, e.monthFirst) }

// spelled writes the date of s with the month's name.
func spelled(s string, order dateOrder) string {
	a, b, year, _, _ := dayMonth(s)
	if order == orderMDY {
		a, b = b, a
	}
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	return fmt.Sprintf("%d %s %d", a, names[3*b-3:3*b], year)
}
