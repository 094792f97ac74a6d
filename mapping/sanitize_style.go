package mapping

import (
	"regexp"
	"strings"
)

// styleValue is what a style attribute may be once it is cleaned: no escapes, rules, comments or functions but those of colours
// and lengths.
var styleValue = regexp.MustCompile("\\A(?:[^\\\\<>@{}()`\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]|(?i:rgba?|hsla?|calc|min|max)\\([^\\\\<>@{}()`\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*\\))*\\z")

// movers are properties that lay a mail's content over the page around it, or run something.
var movers = []string{"position", "behavior", "-moz-binding", "-ms-behavior", "content", "z-index"}

// isPlainStyle tells at a glance a style attribute that cleaning leaves as it is; s is as it stands in the source.
func isPlainStyle(s string) bool {
	begins := true
	for i := 0; i < len(s); i++ {
		b := s[i]
		switch {
		case isLetter(b), b == '-':
			if begins && isMover(s[i:]) {
				return false
			}
			begins = false
		case b == ';':
			begins = true
		case b == '(':
			n := strings.IndexByte(s[i:], ')')
			if n < 0 || !isColour(s[:i]) || strings.ContainsAny(s[i+1:i+n], "()\\<>@{}`&;/") {
				return false
			}
			i += n
		case b == '&':
			if !strings.HasPrefix(s[i:], "&quot;") && !strings.HasPrefix(s[i:], "&#34;") && !strings.HasPrefix(s[i:], "&#39;") {
				return false
			}
			i += strings.IndexByte(s[i:], ';')
		case b < ' ' && b != '\n' && b != '\t', strings.IndexByte("\\<>@{})`/=", b) >= 0:
			return false
		case b > ' ':
			begins = false
		}
	}
	return s != ""
}

func isMover(s string) bool {
	for _, p := range movers {
		if hasFold(s, p) {
			return true
		}
	}
	return false
}

// isColour tells whether s ends in the name of a colour's function.
func isColour(s string) bool {
	s = s[max(0, len(s)-4):]
	return len(s) > 3 && (hasFold(s, "rgba") || hasFold(s, "hsla")) || len(s) > 2 && (strings.EqualFold(s[len(s)-3:], "rgb") || strings.EqualFold(s[len(s)-3:], "hsl"))
}

// cleanStyle keeps the declarations of a style attribute that only say how something looks, as they are written. An address in
// a value is taken out of it. s has its entities resolved.
func cleanStyle(s string) (kept string, found removals) {
	var b strings.Builder
	for rest := s; rest != ""; {
		var d string
		d, rest = declaration(rest)
		name, value, ok := strings.Cut(strings.TrimSpace(d), ":")
		if !ok {
			continue
		}
		name = strings.TrimSpace(name)
		value, n := withoutAddresses(strings.TrimSpace(value))
		if n > 0 {
			found |= removedStyleURL
			if value == "" {
				continue
			}
		}
		if isMover(name) || !isProperty(name) || !isStyleValue(value) {
			found |= removedStyle
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(';')
		}
		b.WriteString(name)
		b.WriteByte(':')
		b.WriteString(value)
	}
	return b.String(), found
}

// declaration cuts the first declaration off s. A semicolon between quotes or brackets is a part of it.
func declaration(s string) (d, rest string) {
	quote, depth := byte(0), 0
	for i := range len(s) {
		switch b := s[i]; {
		case quote != 0:
			if b == quote || b == '\n' || b == '\r' || b == '\f' { // no quote runs on over a line end
				quote = 0
			}
		case b == '"' || b == '\'':
			quote = b
		case b == '(':
			depth++
		case b == ')':
			depth = max(depth-1, 0)
		case b == ';' && depth == 0:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// withoutAddresses takes every url(…) out of a value.
func withoutAddresses(s string) (rest string, n int) {
	low := strings.ToLower(s)
	if len(low) != len(s) || !strings.Contains(low, "url(") {
		return s, 0
	}
	var b strings.Builder
	for {
		i := strings.Index(low, "url(")
		if i < 0 {
			b.WriteString(s)
			return strings.TrimSpace(b.String()), n
		}
		b.WriteString(s[:i])
		n++
		end := strings.IndexByte(s[i:], ')')
		if end < 0 {
			return strings.TrimSpace(b.String()), n
		}
		s, low = s[i+end+1:], low[i+end+1:]
	}
}

func isProperty(s string) bool {
	for i := range len(s) {
		if b := s[i]; !isLetter(b) && !isDigit(b) && b != '-' && b != '_' {
			return false
		}
	}
	return s != ""
}

// isStyleValue refuses what a browser may take for more than a look, comments included.
func isStyleValue(s string) bool {
	if !styleValue.MatchString(s) || strings.Contains(s, "/*") {
		return false
	}
	if strings.IndexByte(s, ':') < 0 && strings.IndexByte(s, '(') < 0 {
		return true
	}
	low := strings.ToLower(s)
	return !strings.Contains(low, "script:") && !strings.Contains(low, "expression") && !strings.Contains(low, "progid:")
}
