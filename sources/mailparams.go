package sources

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// splitQuoted cuts s at each sep that is in no quotes.
func splitQuoted(s string, sep byte) (list []string) {
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			list = append(list, s[start:i])
			start = i + 1
		}
	}
	return append(list, s[start:])
}

// unquoteWord takes off quotes and their escapes.
func unquoteWord(s string) string {
	if len(s) < 2 || s[0] != '"' {
		return s
	}
	s = strings.TrimSuffix(s[1:], `"`)
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') { // others are folders of a careless sender
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// piece231 is a piece of a parameter that is cut into several (RFC 2231).
type piece231 struct {
	n       int
	encoded bool
	text    string
}

// parseParams reads a header of a type and its parameters (RFC 2045), those that are cut or encoded included (RFC 2231). It takes
// what senders write: blanks without quotes, a missing quote, no type at all. Names are in lower case.
func parseParams(value string, p *problemList) (kind string, params map[string]string) {
	parts := splitQuoted(value, ';')
	kind = strings.ToLower(strings.TrimSpace(uncommented(parts[0])))
	params = map[string]string{}
	cut := map[string][]piece231{}
	for _, part := range parts[1:] {
		name, text, found := strings.Cut(part, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if !found || name == "" {
			continue
		}
		text = strings.TrimSpace(text)
		if text != "" && text[0] == '"' {
			text = unquoteWord(text)
		} else {
			text = strings.TrimSpace(uncommented(text))
		}
		base, star, starred := strings.Cut(name, "*")
		if !starred {
			if _, twice := params[name]; !twice {
				params[name] = text
			}
			continue
		}
		number, encoded := strings.CutSuffix(star, "*")
		encoded = encoded || star == ""
		n := 0
		if number != "" {
			var err error
			if n, err = strconv.Atoi(number); err != nil {
				p.add("header.broken", part)
				continue
			}
		}
		cut[base] = append(cut[base], piece231{n, encoded, text})
	}
	for name, pieces := range cut {
		params[name] = joined231(pieces, p)
	}
	return kind, params
}

// joined231 puts the pieces of a parameter together. The first encoded one names the charset.
func joined231(pieces []piece231, p *problemList) string {
	slices.SortStableFunc(pieces, func(a, b piece231) int { return cmp.Compare(a.n, b.n) })
	var all []byte
	name, encoded := "", false
	for i, one := range pieces {
		text := one.text
		if one.encoded {
			if i == 0 {
				if c, rest, found := strings.Cut(text, "'"); found {
					if _, after, found := strings.Cut(rest, "'"); found {
						name, text = c, after
					}
				}
			}
			if plain, err := url.PathUnescape(text); err == nil {
				text = plain
			} else {
				p.add("header.broken", one.text)
			}
			encoded = true
		}
		all = append(all, text...)
	}
	if !encoded {
		return string(all)
	}
	text, problem := convert(all, name)
	if problem != "" {
		p.add(problem, "")
	}
	return text
}

// uncommented is s without a comment in brackets at its end.
func uncommented(s string) string {
	if i := strings.IndexByte(s, '('); i >= 0 && strings.HasSuffix(strings.TrimSpace(s), ")") && !strings.ContainsAny(s[:i], `"`) && strings.IndexByte(s, '.') < 0 {
		return s[:i]
	}
	return s
}
