package mapping

import (
	"html"
	"strings"
)

// The words of the unescape step. They always run in this order.
const (
	escapeBackslash = "backslash"
	escapeEntities  = "entities"
)

var escapes = []string{escapeBackslash, escapeEntities}

// unescapers are what the words of an unescape step do to a text.
func unescapers(words []string) []func(string) string {
	var out []func(string) string
	for _, e := range escapes {
		for _, word := range words {
			switch {
			case word != e:
			case e == escapeBackslash:
				out = append(out, unescapeBackslash)
			default:
				out = append(out, html.UnescapeString)
			}
		}
	}
	return out
}

// unescapeBackslash reads line ends, tabs, quotes and backslashes that a program has written out, as \n and \t. A backslash before
// anything else stays. The result is never longer.
func unescapeBackslash(s string) string {
	at := strings.IndexByte(s, '\\')
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for at >= 0 && at+1 < len(s) {
		b.WriteString(s[:at])
		n := 2
		switch c := s[at+1]; c {
		case 'n':
			b.WriteByte('\n')
		case 'r':
			if strings.HasPrefix(s[at+2:], `\n`) {
				n = 4
			}
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case '\\', '"', '\'', '/':
			b.WriteByte(c)
		default:
			b.WriteString(s[at : at+2])
		}
		s = s[at+n:]
		at = strings.IndexByte(s, '\\')
	}
	b.WriteString(s)
	return b.String()
}
