package profile

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLook is how much of a value is looked at.
const maxLook = 64 << 10

// typeOf is the type of a text by itself, times excepted. s is trimmed and not empty.
func typeOf(s string) Type {
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '-', c == '+', c == '.':
		if t := numberType(s); t != "" {
			return t
		}
	case c == '[' && s[len(s)-1] == ']':
		return List
	case c == '{' && s[len(s)-1] == '}':
		return Object
	}
	switch {
	case len(s) <= 6 && isBoolean(s):
		return Boolean
	case (strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")) && !strings.ContainsAny(s, " \n\t<>"):
		return URL
	}
	if len(s) <= 2000 && strings.IndexByte(s, '@') > 0 {
		if isEmail(s) {
			return Email
		}
		if isAddresses(s) {
			return Addresses
		}
	}
	if isHTML(s) {
		return HTML
	}
	return Text
}

// numberType is Integer, Decimal or "" for what is no plain number.
func numberType(s string) Type {
	if s[0] == '-' || s[0] == '+' {
		s = s[1:]
	}
	whole := strings.TrimLeft(s, "0123456789")
	digits := len(s) - len(whole)
	switch {
	case digits > 0 && whole == "":
		return Integer
	case len(s) > 40:
		return ""
	}
	rest, dot := strings.CutPrefix(whole, ".")
	if !dot {
		rest, dot = strings.CutPrefix(whole, ",")
	}
	fraction := rest
	if dot {
		fraction = strings.TrimLeft(rest, "0123456789")
		if len(fraction) == len(rest) {
			return ""
		}
	}
	if digits == 0 && !dot {
		return ""
	}
	if fraction == "" || isExponent(fraction) {
		return Decimal
	}
	return ""
}

// isExponent tells whether s is E+15.
func isExponent(s string) bool {
	if len(s) < 2 || s[0]|0x20 != 'e' {
		return false
	}
	s = strings.TrimLeft(s[1:], "+-")
	return s != "" && len(s) <= 3 && strings.Trim(s, "0123456789") == ""
}

// isBoolean knows true and false in the languages of the alias table.
func isBoolean(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "ja", "nein", "wahr", "falsch", "oui", "non", "vrai", "faux", "sí", "si", "verdadero", "falso", "nee", "waar":
		return true
	}
	return false
}

// isNothing knows words that programs write for no value.
func isNothing(s string) bool {
	if len(s) > 9 {
		return false
	}
	switch s {
	case "NULL", "null", "Null", "N/A", "n/a", "#N/A", "None", "nil", "-", "--", `\N`, "(null)", "(none)", "undefined", "NaN", "nan", "<null>",
		"k.A.", "s/o", "n.v.t.":
		return true
	}
	return false
}

func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || strings.ContainsAny(s, " \t\r\n<>,;\"()") {
		return false
	}
	host := s[at+1:]
	return strings.IndexByte(host, '.') > 0 && !strings.HasSuffix(host, ".") && strings.IndexByte(s[:at], '@') < 0 && !strings.ContainsAny(host, "/:")
}

// isAddresses tells whether s is Name <a@b>, or several addresses.
func isAddresses(s string) bool {
	if strings.ContainsAny(s, "\n\r") && !strings.Contains(s, "<") {
		return false
	}
	parts := 0
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' }) {
		part = strings.TrimSpace(part)
		if open := strings.LastIndexByte(part, '<'); open >= 0 && strings.HasSuffix(part, ">") {
			part = part[open+1 : len(part)-1]
		}
		if isEmail(part) {
			parts++
		} else if strings.IndexByte(part, '@') >= 0 || len(part) > 60 {
			return false
		}
	}
	return parts > 0
}

// htmlTags are those that texts of messages are made of.
const htmlTags = " a abbr b blockquote body br center code div em font h1 h2 h3 h4 head hr html i img li meta ol p pre s small span strong style sub sup table tbody td th title tr u ul !doctype "

func isHTML(s string) bool {
	if len(s) > maxLook {
		s = s[:maxLook]
	}
	for range 20 {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			return false
		}
		s = strings.TrimPrefix(s[i+1:], "/")
		end := strings.IndexAny(s[:min(len(s), 20)], " />\n\t")
		if end > 0 && strings.Contains(htmlTags, " "+strings.ToLower(s[:end])+" ") {
			return true
		}
	}
	return false
}

// spoils lists the codes of what is odd about a text, apart from its type. row tells that it is a CSV cell.
func spoils(s string, t Type, row bool, tell func(code string)) {
	if t == Decimal {
		whole, zeros, _ := strings.Cut(s, ".")
		switch {
		case strings.ContainsAny(s, "eE"):
			tell(WarnExponent)
		case zeros != "" && strings.Trim(zeros, "0") == "" && numberType(whole+"0") == Integer:
			tell(WarnDecimal)
		}
		return
	}
	if t == Integer || t == Boolean || t == Email || t == URL {
		return
	}
	if len(s) > maxLook {
		s = s[:maxLook]
	}
	if row && len(s) > 1 {
		switch {
		case s[0] == '=' && (unicode.IsLetter(rune(s[1])) || strings.IndexByte(`"+-(`, s[1]) >= 0),
			s[0] == '\'' && strings.IndexByte("=+-@", s[1]) >= 0:
			tell(WarnFormula)
		}
	}
	if strings.HasPrefix(s, "0000-00-00") || strings.HasPrefix(s, "00/00/0000") || strings.HasPrefix(s, "00.00.0000") {
		tell(WarnZeroDate)
	}
	if t == List || t == Object {
		return // written by a program, with escapes of its own
	}
	if i := strings.Index(s, `\n`); i >= 0 && !strings.Contains(s[max(0, i-2):i], ":") {
		tell(WarnNewline)
	}
	if t != HTML && strings.IndexByte(s, '&') >= 0 && hasEntity(s) {
		tell(WarnEntity)
	}
	if isASCII(s) {
		return
	}
	if strings.ContainsRune(s, utf8.RuneError) {
		tell(WarnReplaced)
	}
	if isMojibake(s) {
		tell(WarnMojibake)
	}
}

func hasEntity(s string) bool {
	for _, e := range [...]string{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#x27;", "&nbsp;", "&apos;"} {
		if strings.Contains(s, e) {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isMojibake knows UTF-8 that was read as Windows-1252 and written again: Ã followed by what no word has after it, â€.
func isMojibake(s string) bool {
	b := []byte(s)
	for i := bytes.IndexByte(b, 0xC3); i >= 0 && i+3 < len(b); {
		if b[i+1] == 0x83 && b[i+2] == 0xC2 || b[i+1] == 0x83 && b[i+2] == 0xC5 || b[i+1] == 0xA2 && b[i+2] == 0xE2 && b[i+3] == 0x82 {
			return true
		}
		next := bytes.IndexByte(b[i+1:], 0xC3)
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

// clip shortens s to MaxExample bytes at a rune's edge and makes it one line.
func clip(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > MaxExample {
		n := MaxExample - len("…")
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n] + "…"
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
