package mapping

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The readers here turn evaluated values into what a target field holds, and note what is wrong with them. They
// run with w.field set to the field they read for.

// get evaluates a field for one value.
func (w *Mapper) get(f *cfield) (val, bool) {
	if f == nil {
		return val{}, false
	}
	w.field = f.name
	return w.one(f.eval)
}

// textOf reads a text field.
func (w *Mapper) textOf(f *cfield) string {
	v, ok := w.get(f)
	if !ok {
		return ""
	}
	s, ok := w.plain(v)
	if !ok {
		return ""
	}
	return w.limited(f.target, s)
}

// plain is the text of a value that is no object, without NUL.
func (w *Mapper) plain(v val) (string, bool) {
	switch v.kind {
	case vFailed:
		return "", false
	case vObject:
		w.failObject(v)
		return "", false
	case vTime:
		return v.time().Format(time.RFC3339Nano), true
	}
	if strings.IndexByte(v.text, 0) >= 0 {
		w.warn(codeTextNUL, v.text, "the NUL characters are removed")
		v.text = strings.ReplaceAll(v.text, "\x00", "")
	}
	return v.text, true
}

// limited holds a text against its field's length: a subject or a name is cut, a text that means nothing when cut is left out.
// The fact's meta keeps the whole.
func (w *Mapper) limited(t *field, s string) string {
	if t == nil || t.max == 0 {
		return s
	}
	if _, long := cutTo(s, t.max); !long {
		return s
	}
	cut, done := "", "it is left out"
	if t.cut != nil {
		cut, _ = t.cut(s, t.max)
		done = "it is cut there"
	}
	w.warn(codeTextLong, s, "Gorgias takes at most "+strconv.Itoa(t.max)+" characters; "+done+keptWhole)
	w.wholes = append(w.wholes, originalOf(w.field, s))
	return cut
}

// bodyOf reads a body: not trimmed.
func (w *Mapper) bodyOf(f *cfield) string {
	v, ok := w.get(f)
	if !ok {
		return ""
	}
	s, _ := w.plain(v)
	return s
}

// idOf reads an id.
func (w *Mapper) idOf(f *cfield) (string, bool) {
	v, ok := w.get(f)
	if !ok {
		return "", false
	}
	return w.idText(v)
}

// idText is a value as an id: 3.0 is 3; a number that a spreadsheet rounded is refused.
func (w *Mapper) idText(v val) (string, bool) {
	s, ok := w.plain(v)
	if !ok {
		return "", false
	}
	if isExponent(s) {
		w.fail(codeIDExponent, s, "a spreadsheet rounded this number, its last digits are gone; export again with the id column as text")
		return "", false
	}
	return plainNumber(s), true
}

// isExponent tells whether s is a number in the form 1.23E+15. "1e5" without sign or point may be an id of letters
// and digits.
func isExponent(s string) bool {
	i := strings.IndexAny(s, "eE")
	if i <= 0 || i == len(s)-1 {
		return false
	}
	mantissa, exponent := s[:i], s[i+1:]
	if !strings.ContainsAny(mantissa, ".,") && exponent[0] != '+' && exponent[0] != '-' {
		return false
	}
	digits := strings.TrimLeft(exponent, "+-")
	return digits != "" && strings.Trim(digits, "0123456789") == "" && len(exponent)-len(digits) <= 1 &&
		strings.Trim(mantissa, "0123456789.,-") == "" && strings.ContainsAny(mantissa, "0123456789")
}

// wordOf reads a field that takes certain words.
func (w *Mapper) wordOf(f *cfield) string {
	v, ok := w.get(f)
	if !ok {
		return ""
	}
	s, ok := w.plain(v)
	if !ok {
		return ""
	}
	if slices.Contains(f.target.enum, s) {
		return s
	}
	low := strings.ToLower(s)
	if slices.Contains(f.target.enum, low) {
		return low
	}
	if isCustomChannel(*f.target, low) {
		w.warn(codeChannelCustom, s, "it is sent as a custom channel's slug; to translate it: "+w.tableLine(f.target, s))
		return low
	}
	w.fail(codeValueEnum, s, w.tableLine(f.target, s))
	return ""
}

// tableLine is a mapping line, ready to paste, that translates s.
func (w *Mapper) tableLine(t *field, s string) string {
	to := Nearest(s, t.enum)
	if to == "" {
		to = t.enum[0]
	}
	return t.name + ": { from: …, table: { " + strconv.Quote(clipped(s)) + ": " + to + " } }"
}

// boolOf reads true or false.
func (w *Mapper) boolOf(f *cfield) Tri {
	v, ok := w.get(f)
	if !ok {
		return Unknown
	}
	s, ok := w.plain(v)
	if !ok {
		return Unknown
	}
	truth, ok := boolWord(s)
	switch {
	case !ok:
		w.fail(codeValueBool, s, "translate it: "+w.field+": { from: …, table: { "+strconv.Quote(clipped(s))+": true } }, or false")
		return Unknown
	case truth:
		return Yes
	}
	return No
}

// numberOf reads a whole number above zero, 0 where there is none.
func (w *Mapper) numberOf(f *cfield) int64 {
	v, ok := w.get(f)
	if !ok {
		return 0
	}
	s, ok := w.plain(v)
	if !ok {
		return 0
	}
	n, ok := wholeNumber(s)
	if !ok || n <= 0 {
		w.fail(codeValueNumber, s, "a whole number above zero is wanted; mend it, or leave it empty")
		return 0
	}
	return n
}

func wholeNumber(s string) (int64, bool) {
	n, err := strconv.ParseInt(plainNumber(s), 10, 64)
	return n, err == nil && n < math.MaxInt64
}

// timeOf reads a time that is not a sent time.
func (w *Mapper) timeOf(f *cfield) time.Time {
	v, ok := w.get(f)
	if !ok {
		return time.Time{}
	}
	t, _ := w.instant(v)
	return t
}

// languageOf reads an ISO 639-1 language; a region behind it is dropped with a warning.
func (w *Mapper) languageOf(f *cfield) string {
	v, ok := w.get(f)
	if !ok {
		return ""
	}
	s, ok := w.plain(v)
	if !ok {
		return ""
	}
	if isLanguage(s) {
		return strings.ToLower(s)
	}
	if len(s) > 2 && (s[2] == '-' || s[2] == '_') && isLanguage(s[:2]) {
		w.warn(codeLanguageCut, s, "the language alone is kept, without the region")
		return strings.ToLower(s[:2])
	}
	w.fail(codeValueLanguage, s, "translate it: language: { from: …, table: { "+strconv.Quote(clipped(s))+": en } }")
	return ""
}

// tagsOf reads a list of texts; how long they may be is judged where tags meet. The result is the fact's own.
func (w *Mapper) tagsOf(f *cfield) []string {
	w.field = f.name
	base := len(w.stack)
	f.eval(w, false)
	n := 0
	if len(w.stack)-base > fewTags {
		w.seen = map[string]bool{}
		defer func() { w.seen = nil }()
	}
	for i := base; i < len(w.stack); i++ {
		s, ok := w.plain(w.stack[i])
		if !ok || s == "" || w.repeats(base, n, s) {
			continue
		}
		w.stack[base+n].text = s
		n++
	}
	out := w.texts.take(n)
	for i := range out {
		out[i] = w.stack[base+i].text
	}
	w.stack = w.stack[:base]
	return out
}

// fewTags is up to how many values are compared one with each other.
const fewTags = 64

// repeats tells whether s is among the n texts kept from base on.
func (w *Mapper) repeats(base, n int, s string) bool {
	if w.seen != nil {
		met := w.seen[s]
		w.seen[s] = true
		return met
	}
	for _, v := range w.stack[base : base+n] {
		if v.text == s {
			return true
		}
	}
	return false
}

// arena hands out small slices cut from large ones. What it handed out stays the taker's.
type arena[T any] struct{ free []T }

const arenaChunk = 256

func (a *arena[T]) take(n int) []T {
	if n == 0 {
		return nil
	}
	if n > len(a.free) {
		a.free = make([]T, max(n, arenaChunk))
	}
	out := a.free[:n:n]
	a.free = a.free[n:]
	return out
}
