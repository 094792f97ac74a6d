package main

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fitsWell is the score from which a preset is taken as it is.
const fitsWell = 0.6

// shown is a text of the export on one line, without what a terminal would obey.
func shown(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

// fit cuts s to n characters.
func fit(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	runes := []rune(s)
	return string(runes[:max(0, n-1)]) + "…"
}

func quoteEach(list []string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = strconv.Quote(out[i])
	}
	return out
}

// thousands writes a number with commas.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// short writes an estimate.
func short(n int64) string {
	switch {
	case n >= 10_000_000:
		return strconv.FormatInt(n/1_000_000, 10) + "M"
	case n >= 10_000:
		return strconv.FormatInt(n/1000, 10) + "k"
	}
	return thousands(n)
}

// plainly is one for 1, and else the number before more.
func plainly(n int64, one, more string) string {
	if n == 1 {
		return one
	}
	return thousands(n) + " " + more
}

func count(n int64, one string) string {
	if n != 1 {
		one += "s"
	}
	return thousands(n) + " " + one
}
