package mapping

import (
	"fmt"
	"strings"
	"time"
)

// pattern is a compiled strftime pattern, read as strptime reads: numbers may lack leading zeros, a space stands for any number
// of spaces, names are English and of any case.
type pattern struct{ ops []patternOp }

// patternOp is a directive, or with verb 0 literal text.
type patternOp struct {
	verb    byte
	literal string
}

// compilePattern refuses directives that depend on a locale or are unknown, and patterns that do not give a whole date.
func compilePattern(text string) (*pattern, error) {
	expanded := strings.NewReplacer("%%", "%%", "%F", "%Y-%m-%d", "%T", "%H:%M:%S", "%R", "%H:%M", "%D", "%m/%d/%y",
		"%r", "%I:%M:%S %p", "%n", " ", "%t", " ").Replace(text)
	p := &pattern{}
	has := map[byte]bool{}
	for i := 0; i < len(expanded); i++ {
		b := expanded[i]
		if b != '%' {
			p.addLiteral(expanded[i : i+1])
			continue
		}
		i++
		for i < len(expanded) && strings.IndexByte("-_0^#", expanded[i]) >= 0 { // padding and case: reading is lenient
			i++
		}
		if i == len(expanded) {
			return nil, fmt.Errorf("layout %q ends in the middle of a directive; a percent sign is written %%%%", text)
		}
		verb := expanded[i]
		if verb == '%' {
			p.addLiteral("%")
			continue
		}
		if verb == ':' && strings.HasPrefix(expanded[i:], ":z") {
			i++
			verb = 'z'
		}
		if strings.IndexByte("YymdeHkIlMSfLNpPbBhaAjzZs", verb) < 0 {
			return nil, fmt.Errorf("layout %q: %%%c is not a directive that can be read back", text, verb)
		}
		p.ops = append(p.ops, patternOp{verb: verb})
		has[verb] = true
	}
	year, month := has['Y'] || has['y'], has['m'] || has['b'] || has['B'] || has['h']
	if !has['s'] && !(year && (has['j'] || month && (has['d'] || has['e']))) {
		return nil, fmt.Errorf("layout %q gives no year, month and day", text)
	}
	if (has['I'] || has['l']) && !has['p'] && !has['P'] {
		return nil, fmt.Errorf("layout %q has a 12-hour clock without %%p", text)
	}
	return p, nil
}

func (p *pattern) addLiteral(s string) {
	if n := len(p.ops); n > 0 && p.ops[n-1].verb == 0 {
		p.ops[n-1].literal += s
		return
	}
	p.ops = append(p.ops, patternOp{literal: s})
}

// patternRead is the state of one reading.
type patternRead struct {
	s       string
	i       int
	c       civil
	yearDay int
	half    byte // 'a', 'p', or 0
}

func (p *pattern) read(s string, c *civil) string {
	r := patternRead{s: s}
	for _, op := range p.ops {
		var ok bool
		if op.verb == 0 {
			ok = r.literal(op.literal)
		} else {
			ok = r.directive(op.verb)
		}
		if !ok {
			return "does not fit"
		}
	}
	why := r.finish()
	*c = r.c
	return why
}

// finish puts together what the directives gave.
func (r *patternRead) finish() string {
	if r.i != len(r.s) {
		return "something follows the time"
	}
	if r.half != 0 {
		if r.c.hour < 1 || r.c.hour > 12 {
			return "there is no such hour on a 12-hour clock"
		}
		r.c.hour %= 12
		if r.half == 'p' {
			r.c.hour += 12
		}
	}
	if r.yearDay > 0 && r.c.month == 0 {
		t := time.Date(r.c.year, 1, r.yearDay, 0, 0, 0, 0, time.UTC)
		if t.Year() != r.c.year {
			return "there is no such day in that year"
		}
		r.c.month, r.c.day = int(t.Month()), t.Day()
	}
	return ""
}

func (r *patternRead) literal(text string) bool {
	for k := range len(text) {
		if text[k] == ' ' {
			r.i = skipSpaces(r.s, r.i)
			continue
		}
		if r.i >= len(r.s) || r.s[r.i] != text[k] {
			return false
		}
		r.i++
	}
	return true
}

func (r *patternRead) directive(verb byte) (ok bool) {
	c := &r.c
	switch verb {
	case 'Y':
		if digitRun(r.s, r.i) < 4 {
			return false
		}
		c.year, ok = r.number(4)
	case 'y':
		if c.year, ok = r.number(2); ok {
			c.year = fullYear(c.year)
		}
	case 'm':
		c.month, ok = r.number(2)
	case 'd', 'e':
		c.day, ok = r.number(2)
	case 'j':
		r.yearDay, ok = r.number(3)
		ok = ok && r.yearDay > 0
	case 'H', 'k', 'I', 'l':
		c.hour, ok = r.number(2)
	case 'M':
		c.min, ok = r.number(2)
	case 'S':
		c.sec, ok = r.number(2)
	case 'f', 'L', 'N':
		run := min(digitRun(r.s, r.i), 9)
		c.nsec = nanos(r.s[r.i : r.i+run])
		r.i += run
		return run > 0
	case 'p', 'P':
		return r.halfDay()
	case 'b', 'B', 'h', 'a', 'A':
		return r.name(verb)
	case 'z', 'Z':
		i, why := readZone(r.s, r.i, c)
		ok = why == "" && (c.zoned || c.abbr != "")
		r.i = i
	case 's':
		end := r.i
		for end < len(r.s) && (isDigit(r.s[end]) || r.s[end] == '.' || r.s[end] == '-') {
			end++
		}
		if end == r.i || readEpoch(r.s[r.i:end], c, time.Second) != "" {
			return false
		}
		r.i = end
		return true
	}
	return ok
}

// number reads up to width digits, after spaces.
func (r *patternRead) number(width int) (int, bool) {
	r.i = skipSpaces(r.s, r.i)
	run := min(digitRun(r.s, r.i), width)
	if run == 0 {
		return 0, false
	}
	v := number(r.s[r.i : r.i+run])
	r.i += run
	return v, true
}

func (r *patternRead) halfDay() bool {
	probe := civil{hour: 1}
	i, ok := readHalf(r.s, r.i, &probe)
	if ok {
		r.i, r.half = i, 'a'
		if probe.hour > 12 {
			r.half = 'p'
		}
	}
	return ok
}

func (r *patternRead) name(verb byte) bool {
	end := r.i
	for end < len(r.s) && isLetter(r.s[end]) {
		end++
	}
	p := textDate{s: r.s[:end], i: r.i, weekday: -1}
	if end == r.i || p.word() != "" {
		return false
	}
	r.i = end
	if verb == 'a' || verb == 'A' {
		return p.weekday >= 0
	}
	r.c.month = p.c.month
	return p.c.month != 0
}
