// Package cell keeps values of CSV files as they are where people open the files with a spreadsheet: nothing is computed, and
// an id or a date is not rewritten. What stands in danger gets an apostrophe before it, and exactly that is taken away again
// when deskferry reads the file back.
package cell

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Guard puts an apostrophe before what a spreadsheet would not leave as it is: before a number or a date that it would write in
// its own way, and before a formula (see [Safe]). It is for files that people mend and give back. Plain numbers as -5 stay.
func Guard(s string) string {
	switch {
	case isValue(s):
		return "'" + s
	case looksGuarded(s):
		return "'" + Safe(s)
	}
	return Safe(s)
}

// Unguard is the reverse of Guard. It takes away as well what is left of a guard when the value behind it was mended in a
// text editor: '31/02/2021 becomes '2021-02-28T10:00:00Z. Another apostrophe that guards nothing stays.
func Unguard(s string) string {
	switch {
	case isValue(s):
		return strings.TrimPrefix(s, "'")
	case looksGuarded(s):
		return Unsafe(s[1:])
	}
	return Unsafe(s)
}

// looksGuarded tells whether s has an apostrophe before a digit.
func looksGuarded(s string) bool {
	digits := strings.TrimLeft(s, "'")
	return len(digits) < len(s) && digits != "" && digits[0] >= '0' && digits[0] <= '9'
}

// Safe puts an apostrophe before a formula, also behind a character at which a spreadsheet of another country begins a new
// cell or a new row. It is for files that other programs read: numbers stay as they are.
func Safe(s string) string {
	return eachCell(s, func(cell string) string {
		if isFormula(cell) {
			return "'" + cell
		}
		return cell
	})
}

// Unsafe is the reverse of Safe.
func Unsafe(s string) string {
	return eachCell(s, func(cell string) string {
		if isFormula(cell) {
			return strings.TrimPrefix(cell, "'")
		}
		return cell
	})
}

const separators = ",;\t|\r\n"

// eachCell changes every piece of s between separators. Blanks and quotes before a further piece belong to the separator.
func eachCell(s string, change func(cell string) string) string {
	if !strings.ContainsAny(s, signs) {
		return s
	}
	var b strings.Builder
	for first := true; ; first = false {
		lead := 0
		if !first {
			lead = len(s) - len(strings.TrimLeft(s, " \""))
		}
		b.WriteString(s[:lead])
		s = s[lead:]
		end := strings.IndexAny(s, separators)
		if end < 0 {
			b.WriteString(change(s))
			return b.String()
		}
		b.WriteString(change(s[:end]))
		b.WriteByte(s[end])
		s = s[end+1:]
	}
}

// signs begin a formula, in every width.
const signs = "=+-@%＝＋－＠％"

// isFormula tells whether a spreadsheet may take text for a formula. What it passes over does not count, nor do apostrophes.
func isFormula(text string) bool {
	text = strings.TrimLeftFunc(text, func(r rune) bool {
		return r == '\'' || r == '"' || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && strings.ContainsRune(signs, first) && !isNumber(text)
}

// isNumber tells whether text is a sign and digits: nothing to compute.
func isNumber(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	return len(text)-len(digits) == 1 && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// isValue tells whether a spreadsheet would take text for something else than text, and write it otherwise. Apostrophes
// before it do not count.
func isValue(text string) bool {
	text = strings.TrimLeft(text, "'")
	return mangled(text) || strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
}

// mangled tells whether text reads as a number or a date and would not come back as it is: one with a leading zero, a plus,
// more than 15 digits, an exponent, or marks between the digits.
func mangled(text string) bool {
	whole := strings.TrimPrefix(text, "-")
	digits := 0
	for _, c := range []byte(whole) {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case strings.IndexByte(" .,:/-eE+%", c) < 0:
			return false
		}
	}
	return digits > 0 && (digits < len(whole) || digits > 15 || whole[0] == '0' && text != "0")
}
