package mapping

import "strings"

// readISO reads the ISO 8601 family, RFC 3339 among it: year first with - / or . or nothing between, T or a space before the
// clock, a fraction of the second, a zone. A date alone is its midnight.
func readISO(s string, c *civil) string {
	const shape = "not year-month-day"
	if len(s) < 8 || digitRun(s, 0) < 4 {
		return shape
	}
	c.year = number(s[:4])
	i := 4
	switch sep := s[4]; sep {
	case '-', '/', '.':
		m := digitRun(s, 5)
		if m < 1 || m > 2 || 5+m >= len(s) || s[5+m] != sep {
			return shape
		}
		c.month = number(s[5 : 5+m])
		i = 5 + m + 1
		d := digitRun(s, i)
		if d < 1 || d > 2 {
			return shape
		}
		c.day = number(s[i : i+d])
		i += d
	default:
		run := digitRun(s, 0)
		if run != 8 && run != 14 {
			return shape
		}
		c.month, c.day = number(s[4:6]), number(s[6:8])
		i = 8
	}
	return readClockAndZone(s, i, c)
}

// readClockAndZone reads what follows a date up to the end of s: nothing, or a clock and maybe a zone.
func readClockAndZone(s string, i int, c *civil) string {
	if i == len(s) {
		return ""
	}
	switch {
	case s[i] == 'T' || s[i] == 't':
		i++
	case isDigit(s[i]): // 20210304050607
	default:
		j := skipSpaces(s, i)
		if j == i && s[i] != ',' {
			return "the date is not followed by a time"
		}
		if j < len(s) && s[j] == ',' {
			j = skipSpaces(s, j+1)
		}
		i = j
	}
	i, why := readClock(s, i, c)
	if why != "" {
		return why
	}
	i, why = readZone(s, i, c)
	if why != "" {
		return why
	}
	if i != len(s) {
		return "something follows the time"
	}
	return ""
}

// readClock reads HH:MM, HH:MM:SS with an optional fraction, HHMM, HHMMSS, any of them with am or pm.
func readClock(s string, i int, c *civil) (int, string) {
	const shape = "the time of day is not hours:minutes"
	c.hasClock = true
	run := digitRun(s, i)
	switch run {
	case 1, 2:
		c.hour = number(s[i : i+run])
		i += run
		if i >= len(s) || s[i] != ':' {
			j, ok := readHalf(s, i, c)
			if !ok {
				return i, shape
			}
			return j, c.halfFits()
		}
		if digitRun(s, i+1) != 2 {
			return i, shape
		}
		c.min = number(s[i+1 : i+3])
		i += 3
		if i < len(s) && s[i] == ':' {
			if digitRun(s, i+1) != 2 {
				return i, shape
			}
			c.sec = number(s[i+1 : i+3])
			i = fraction(s, i+3, c)
		} else if j := fraction(s, i, c); j != i { // a fraction of a minute: only zeros leave no doubt
			if c.nsec != 0 {
				return i, "a fraction of a minute"
			}
			i = j
		}
	case 4, 6:
		c.hour, c.min = number(s[i:i+2]), number(s[i+2:i+4])
		if run == 6 {
			c.sec = number(s[i+4 : i+6])
		}
		i = fraction(s, i+run, c)
		if run == 4 && c.nsec != 0 {
			return i, "a fraction of a minute"
		}
	default:
		return i, shape
	}
	if j, ok := readHalf(s, i, c); ok {
		return j, c.halfFits()
	}
	return i, ""
}

// fraction reads .123 or ,123 into nanoseconds; digits beyond the ninth are dropped.
func fraction(s string, i int, c *civil) int {
	if i >= len(s) || s[i] != '.' && s[i] != ',' {
		return i
	}
	run := digitRun(s, i+1)
	if run == 0 {
		return i
	}
	c.nsec = nanos(s[i+1 : i+1+run])
	return i + 1 + run
}

// nanos is a decimal fraction's digits in billionths.
func nanos(digits string) int {
	v := 0
	for k := range 9 {
		v *= 10
		if k < len(digits) {
			v += int(digits[k] - '0')
		}
	}
	return v
}

// readHalf reads am or pm. It leaves hour at 25 where the clock has no such hour, for halfFits to refuse.
func readHalf(s string, i int, c *civil) (int, bool) {
	j := skipSpaces(s, i)
	if j >= len(s) {
		return i, false
	}
	half := s[j] | 0x20
	if half != 'a' && half != 'p' {
		return i, false
	}
	j++
	if j < len(s) && s[j] == '.' {
		j++
	}
	if j >= len(s) || s[j]|0x20 != 'm' {
		return i, false
	}
	j++
	if j < len(s) && s[j] == '.' {
		j++
	}
	if j < len(s) && isLetter(s[j]) {
		return i, false
	}
	switch {
	case c.hour < 1 || c.hour > 12:
		c.hour = 25
	case half == 'a' && c.hour == 12:
		c.hour = 0
	case half == 'p' && c.hour < 12:
		c.hour += 12
	}
	return j, true
}

func (c *civil) halfFits() string {
	if c.hour == 25 {
		return "there is no such hour on a 12-hour clock"
	}
	return ""
}

// readZone reads Z, ±HH:MM, ±HHMM, ±HH, UTC, GMT, GMT±HHMM, the zones RFC 5322 names, or another abbreviation, and what Java
// and JavaScript put after it: [Europe/Paris], (Central European Time).
func readZone(s string, i int, c *civil) (int, string) {
	j := skipSpaces(s, i)
	if j == len(s) {
		return j, ""
	}
	why := ""
	switch {
	case s[j] == '+' || s[j] == '-':
		j, why = readOffset(s, j, c)
	case isLetter(s[j]):
		end := j
		for end < len(s) && isLetter(s[end]) {
			end++
		}
		name := s[j:end]
		hours, known := zoneHours(name)
		switch {
		case known:
			c.zoned, c.offset = true, hours*3600
		case len(name) < 3 || len(name) > 5:
			return j, "something that is no zone follows the time"
		default:
			c.abbr = name
		}
		j = end
		if hours == 0 && known && j < len(s) && (s[j] == '+' || s[j] == '-') {
			j, why = readOffset(s, j, c)
		}
	default:
		return i, ""
	}
	if why != "" {
		return j, why
	}
	return skipZoneComment(s, j, c)
}

func skipZoneComment(s string, i int, c *civil) (int, string) {
	j := skipSpaces(s, i)
	if j == len(s) {
		return j, ""
	}
	var end int
	switch {
	case s[j] == '[' && c.zoned:
		end = strings.IndexByte(s[j:], ']')
	case s[j] == '(' && (c.zoned || c.abbr != ""):
		end = strings.IndexByte(s[j:], ')')
	default:
		return i, ""
	}
	if end < 0 {
		return j, "something follows the time"
	}
	return j + end + 1, ""
}

func readOffset(s string, i int, c *civil) (int, string) {
	const wrong = "the offset is not ±hours:minutes"
	sign := 1
	if s[i] == '-' {
		sign = -1
	}
	i++
	run := digitRun(s, i)
	hours, minutes := 0, 0
	switch run {
	case 1, 2:
		hours = number(s[i : i+run])
		i += run
		if i < len(s) && s[i] == ':' {
			if digitRun(s, i+1) != 2 {
				return i, wrong
			}
			minutes = number(s[i+1 : i+3])
			i += 3
		}
	case 4:
		hours, minutes = number(s[i:i+2]), number(s[i+2:i+4])
		i += 4
	default:
		return i, wrong
	}
	if hours > 14 || minutes > 59 {
		return i, "there is no such offset"
	}
	c.zoned, c.offset, c.abbr = true, sign*(hours*3600+minutes*60), ""
	return i, ""
}

// zoneHours knows the zones that RFC 5322 gives a meaning to (section 4.3); others mean different things in different places.
func zoneHours(name string) (int, bool) {
	if len(name) == 1 {
		return 0, name[0]|0x20 == 'z'
	}
	if len(name) > 3 {
		return 0, false
	}
	var upper [3]byte
	for i := range len(name) {
		upper[i] = name[i] &^ 0x20
	}
	switch string(upper[:len(name)]) {
	case "UTC", "GMT", "UT":
		return 0, true
	case "EDT":
		return -4, true
	case "EST", "CDT":
		return -5, true
	case "CST", "MDT":
		return -6, true
	case "MST", "PDT":
		return -7, true
	case "PST":
		return -8, true
	}
	return 0, false
}

func isDigit(b byte) bool { return b-'0' < 10 }

func isLetter(b byte) bool { return (b|0x20)-'a' < 26 }

// digitRun counts the digits of s from i on.
func digitRun(s string, i int) int {
	n := i
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	if n < i {
		return 0
	}
	return n - i
}

// number is the value of at most nine digits.
func number(s string) int {
	v := 0
	for i := range len(s) {
		v = v*10 + int(s[i]-'0')
	}
	return v
}

func skipSpaces(s string, i int) int {
	for i < len(s) && s[i] == ' ' {
		i++
	}
	return i
}
