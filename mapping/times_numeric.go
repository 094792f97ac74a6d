package mapping

import (
	"math"
	"strconv"
	"time"
)

// dayMonthShape tells whether s begins like 3/4/2021, 03-04-21 or 3.4.2021.
func dayMonthShape(s string) bool {
	_, _, _, _, ok := dayMonth(s)
	return ok
}

// dayMonth takes apart a date whose year stands last. end is where it stops; a year of two digits comes back less 100.
func dayMonth(s string) (a, b, year, end int, ok bool) {
	n := digitRun(s, 0)
	if n < 1 || n > 2 || n >= len(s) {
		return
	}
	sep := s[n]
	if sep != '/' && sep != '-' && sep != '.' {
		return
	}
	i := n + 1
	m := digitRun(s, i)
	if m < 1 || m > 2 || i+m >= len(s) || s[i+m] != sep {
		return
	}
	j := i + m + 1
	y := digitRun(s, j)
	if y != 2 && y != 4 {
		return
	}
	year = number(s[j : j+y])
	if y == 2 {
		year -= 100
	}
	return number(s[:n]), number(s[i : i+m]), year, j + y, true
}

// readDayMonth reads a date whose year stands last, with - / or . between. Two-digit years are read (69 to 99 are
// 19xx, as POSIX has it) only where short says that the layout was named.
func readDayMonth(s string, c *civil, order dateOrder, short bool) string {
	a, b, year, end, ok := dayMonth(s)
	if !ok {
		return "not two numbers and a year"
	}
	if year < 0 {
		if !short {
			return "a year of two digits; write layout: dmy or layout: mdy"
		}
		year = fullYear(year + 100)
	}
	c.year = year
	switch order {
	case orderDMY:
		c.day, c.month = a, b
	case orderMDY:
		c.month, c.day = a, b
	default:
		if max(a, b) > 31 || min(a, b) > 12 || min(a, b) < 1 {
			return "there is no such day"
		}
		return whyUnsettled
	}
	return readClockAndZone(s, end, c)
}

func fullYear(two int) int {
	if two < 69 {
		return 2000 + two
	}
	return 1900 + two
}

// The span in which a bare number is taken for an epoch: 1980 to 2100.
const (
	epochFrom  = 315532800
	epochUntil = 4102444800
)

func readEpochAuto(s string, c *civil, unit time.Duration) string {
	if why := readEpoch(s, c, unit); why != "" {
		return why
	}
	if c.unix < epochFrom || c.unix >= epochUntil {
		return "as an epoch it lies outside of 1980 to 2100; write layout: epoch, epoch_ms or epoch_us if it is one"
	}
	return ""
}

// readEpoch reads a decimal count of units since 1970, exactly: digits are never put through a float.
func readEpoch(s string, c *civil, unit time.Duration) string {
	const shape = "not a plain number"
	i, negative := 0, false
	if s[0] == '-' {
		i, negative = 1, true
	}
	run := digitRun(s, i)
	if run == 0 {
		return shape
	}
	if run > 18 {
		return "too many digits for an epoch"
	}
	whole, err := strconv.ParseInt(s[i:i+run], 10, 64)
	if err != nil {
		return shape
	}
	i += run
	frac := 0
	if i < len(s) && s[i] == '.' {
		digits := digitRun(s, i+1)
		if digits == 0 {
			return shape
		}
		frac = nanos(s[i+1:i+1+digits]) / int(time.Second/unit)
		i += 1 + digits
	}
	if i != len(s) {
		if s[i]|0x20 == 'e' {
			return "written with an exponent: export it with all its digits"
		}
		return shape
	}
	perSecond := int64(time.Second / unit)
	c.absolute, c.unix = true, whole/perSecond
	c.nsec = int(whole%perSecond)*int(unit) + frac
	if negative {
		c.unix, c.nsec = -c.unix, -c.nsec
	}
	return ""
}

// readExcel reads a spreadsheet's serial date: days since 1899-12-30, of which the fraction is the time of day, to the
// millisecond. Serials before 1900-03-01 are refused: spreadsheets disagree on them.
func readExcel(s string, c *civil) string {
	const shape = "not a serial date such as 44197.5"
	run := digitRun(s, 0)
	if run == 0 || run > 7 {
		return shape
	}
	days := number(s[:run])
	ms := 0
	if run < len(s) {
		if s[run] != '.' || digitRun(s, run+1) != len(s)-run-1 || len(s)-run > 25 {
			return shape
		}
		f, err := strconv.ParseFloat("0"+s[run:], 64)
		if err != nil {
			return shape
		}
		ms = int(math.Round(f * 86_400_000))
	}
	if days < 61 || days > 2_958_465 {
		return "no serial date of a spreadsheet"
	}
	t := time.Date(1899, 12, 30+days, 0, 0, 0, ms*int(time.Millisecond), time.UTC)
	c.year, c.month, c.day = t.Year(), int(t.Month()), t.Day()
	c.hour, c.min, c.sec, c.nsec = t.Hour(), t.Minute(), t.Second(), t.Nanosecond()
	c.hasClock = true
	return ""
}
