package mapping

import "time"

// readText reads dates with the month's English name: RFC 5322 and its ancestors, RFC 1123 and 850, ctime, what databases
// and JavaScript print. Such a date reads in one way whatever the order of its parts. A two-digit year counts where the layout was
// named (RFC 5322's rule: 00 to 49 are 20xx), or where the day of the week agrees with it.
func readText(s string, c *civil, named bool) string {
	p := textDate{s: s, weekday: -1}
	why := p.date(named)
	*c = p.c
	return why
}

// textDate reads s token by token.
type textDate struct {
	s                      string
	i                      int
	c                      civil
	weekday                int // -1: none named
	hasDay, hasYear, short bool
}

func (p *textDate) date(named bool) string {
	for p.skip(); p.i < len(p.s); p.skip() {
		if why := p.token(); why != "" {
			return why
		}
	}
	if p.c.month == 0 || !p.hasDay || !p.hasYear {
		return "no day, month's name and year"
	}
	if !p.short {
		return ""
	}
	century := 1900
	if p.c.year < 50 {
		century = 2000
	}
	p.c.year += century
	if named || p.weekday >= 0 && weekdayOf(&p.c) == p.weekday {
		return ""
	}
	return "a year of two digits; name the layout"
}

func weekdayOf(c *civil) int {
	return int(time.Date(c.year, time.Month(c.month), c.day, 0, 0, 0, 0, time.UTC).Weekday())
}

// skip passes what stands between tokens. A sign belongs to an offset once there was a clock.
func (p *textDate) skip() {
	for p.i < len(p.s) {
		switch b := p.s[p.i]; {
		case b == ' ' || b == ',':
		case (b == '-' || b == '/' || b == '.') && !p.c.hasClock:
		default:
			return
		}
		p.i++
	}
}

func (p *textDate) token() string {
	b := p.s[p.i]
	switch {
	case isDigit(b):
		return p.digits()
	case isLetter(b):
		return p.word()
	case p.c.hasClock && (b == '+' || b == '-' || b == '(' || b == '['):
		i, why := p.i, ""
		if b == '+' || b == '-' {
			if p.c.zoned {
				return "two offsets"
			}
			i, why = readOffset(p.s, i, &p.c)
		}
		if why == "" {
			i, why = skipZoneComment(p.s, i, &p.c)
		}
		if why == "" && i == p.i {
			return "something that is no part of a date"
		}
		p.i = i
		return why
	}
	return "something that is no part of a date"
}

func (p *textDate) digits() string {
	run := digitRun(p.s, p.i)
	end := p.i + run
	value := 0
	if run <= 4 {
		value = number(p.s[p.i:end])
	}
	switch {
	case end < len(p.s) && p.s[end] == ':' || p.hasDay && p.hasYear:
		if p.c.hasClock {
			return "two times of day"
		}
		i, why := readClock(p.s, p.i, &p.c)
		p.i = i
		return why
	case run <= 2 && !p.hasDay:
		p.c.day, p.hasDay = value, true
		end = skipOrdinal(p.s, end)
	case run == 4 && !p.hasYear:
		p.c.year, p.hasYear = value, true
	case run == 2 && !p.hasYear && p.c.month != 0:
		p.c.year, p.hasYear, p.short = value, true, true
	default:
		return "a number that is no part of a date"
	}
	p.i = end
	return ""
}

// skipOrdinal passes the ending of 1st, 2nd, 3rd, 4th.
func skipOrdinal(s string, i int) int {
	if i+2 > len(s) || i+2 < len(s) && isLetter(s[i+2]) {
		return i
	}
	switch [2]byte{s[i] | 0x20, s[i+1] | 0x20} {
	case [2]byte{'s', 't'}, [2]byte{'n', 'd'}, [2]byte{'r', 'd'}, [2]byte{'t', 'h'}:
		return i + 2
	}
	return i
}

func (p *textDate) word() string {
	end := p.i
	for end < len(p.s) && isLetter(p.s[end]) {
		end++
	}
	word := p.s[p.i:end]
	if m := named(word, "januaryfebruarymarchaprilmayjunejulyaugustseptemberoctobernovemberdecember", monthEnds()); m >= 0 && p.c.month == 0 {
		p.c.month, p.i = m+1, end
		return ""
	}
	if d := named(word, "sundaymondaytuesdaywednesdaythursdayfridaysaturday", weekdayEnds()); d >= 0 && p.weekday < 0 && !p.c.hasClock {
		p.weekday, p.i = d, end
		return ""
	}
	if len(word) == 2 && word[0]|0x20 == 'a' && word[1]|0x20 == 't' && p.hasDay && !p.c.hasClock {
		p.i = end
		return ""
	}
	if p.c.hasClock && !p.c.zoned && p.c.abbr == "" {
		i, why := readZone(p.s, p.i, &p.c)
		p.i = i
		return why
	}
	return "a word that is no part of a date in English"
}

func monthEnds() []uint8 { return []uint8{7, 15, 20, 25, 28, 32, 36, 42, 51, 58, 66, 74} }

func weekdayEnds() []uint8 { return []uint8{6, 12, 19, 28, 36, 42, 50} }

// named finds word among names written one after the other: the whole name, or its first three letters or more.
func named(word, names string, ends []uint8) int {
	if len(word) < 3 {
		return -1
	}
	start := 0
	for k, end := range ends {
		name := names[start:int(end)]
		start = int(end)
		if len(word) <= len(name) && equalFoldASCII(word, name[:len(word)]) {
			return k
		}
	}
	return -1
}

func equalFoldASCII(a, lower string) bool {
	for i := range len(a) {
		if a[i]|0x20 != lower[i] {
			return false
		}
	}
	return true
}
