package mask

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// valueOf says what becomes of a problem's or a difference's values, by its code and its target field.
func (m *masker) valueOf(code, field string) func(string) string {
	last := field[strings.LastIndexByte(field, '.')+1:]
	area, kind, _ := strings.Cut(code, ".")
	switch {
	case area == "record" && code != "record.columns", code == "custom_field.value":
		return m.shape
	case area == "ticket" && kind != "differs", area == "mapping", area == "rule", area == "team", area == "custom_field", area == "tag", code == "value.warn", code == "record.columns":
		return m.text
	case area == "file", code == "verify.file":
		return m.file
	case slices.Contains([]string{"verify.missing", "verify.repeated", "verify.order", "verify.time", "verify.direction", "verify.public", "verify.body", "verify.status", "verify.tags",
		"verify.sent", "verify.rule"}, code):
		return m.text
	case area == "sent_datetime", area == "time", strings.HasSuffix(last, "_datetime"):
		return m.date
	case area == "external_id", area == "message_id", area == "id", slices.Contains(plainFields, last):
		return m.text
	case m.isPeople(code, field):
		return m.people
	}
	return m.shape
}

// isPeople tells whether the values of a code or a field stand for people.
func (m *masker) isPeople(code, field string) bool {
	area, _, _ := strings.Cut(code, ".")
	return slices.Contains([]string{"author", "assignee", "agent", "customer", "person", "integration", "email", "address"}, area) || code == "verify.people" || code == "verify.address" ||
		slices.Contains(personFields, field[strings.LastIndexByte(field, '.')+1:])
}

// plainFields are target fields whose values are no person's.
var plainFields = []string{"external_id", "ticket", "status", "priority", "channel", "via", "language", "spam", "internal", "from_agent", "public", "tags", "size", "content_type", "integration_id",
	"assignee_team"}

// personFields are target fields whose values are people.
var personFields = []string{"author", "customer", "assignee_user", "assignee", "agent", "email", "name", "id", "to", "cc", "bcc", "from", "from_address", "address"}

// hint is a remedy of ours without what its values tell: where it names one it has the very mask that v makes of it, and what
// else it has of their words keeps its shape alone.
func (m *masker) hint(hint string, values []string, v func(string) string) string {
	told, said := map[string]bool{}, map[string]string{} // words of values, and values as they may stand in a hint
	for _, value := range values {
		masked := v(value)
		said[value] = masked
		said[strings.Trim(strconv.Quote(value), `"`)] = masked
		for _, w := range words(value) {
			told[w.folded] = told[w.folded] || w.long() && value != masked
		}
	}
	delete(said, "")
	spellings := slices.SortedFunc(maps.Keys(said), func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	var b strings.Builder
	end := 0 // of what is written
	for at := 0; at < len(hint); {
		i := slices.IndexFunc(spellings, func(s string) bool { return standsAt(hint, at, s) })
		if i < 0 {
			_, n := utf8.DecodeRuneInString(hint[at:])
			at += n
			continue
		}
		b.WriteString(m.ours(shapedWords(hint[end:at], told)) + said[spellings[i]])
		at += len(spellings[i])
		end = at
	}
	return b.String() + m.ours(shapedWords(hint[end:], told))
}

// standsAt tells whether text has s at a place, as words of its own.
func standsAt(text string, at int, s string) bool {
	if !strings.HasPrefix(text[at:], s) {
		return false
	}
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '_' }
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at+len(s):])
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	return dense(s) || !(inWord(before) && inWord(first)) && !(inWord(last) && inWord(after))
}

// shapedWords keeps of the words told their shape alone.
func shapedWords(s string, told map[string]bool) string {
	var b strings.Builder
	end := 0
	for _, w := range words(s) {
		if told[w.folded] {
			b.WriteString(s[end:w.start] + shaped(s[w.start:w.end]))
			end = w.end
		}
	}
	return b.String() + s[end:]
}

// date keeps what reads as a time; anything else in its place may be somebody's.
func (m *masker) date(s string) string {
	if isDate(s) {
		return s
	}
	return m.shape(s)
}

// example keeps dates and truth values of a field that nobody has mapped; what else it may hold is not known.
func (m *masker) example(s string) string {
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no", "[]", "{}":
		return s
	}
	return m.date(s)
}

// A year, or a day and a month, with marks between them; a clock, a zone and names of months and days may follow.
var (
	dateMarks = regexp.MustCompile(`^\D*(\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2} [A-Za-z]{3,9}\.?,? \d{4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4})([T ,]+\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)?)?\D*([-+]\d{2}:?\d{2})?\D*$`)
	dateWords = regexp.MustCompile(`[A-Za-z]+`)
	dateRest  = regexp.MustCompile(`^[\d\sA-Za-z.,:/+()-]*$`)
)

const knownDateWords = " t z utc gmt am pm at cet cest est edt cst cdt mst mdt pst pdt bst ist jst " +
	"jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september october november december " +
	"mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday "

// isDate tells whether s is a time and nothing else.
func isDate(s string) bool {
	s = strings.Trim(s, `"' `)
	if len(s) > 60 || !dateRest.MatchString(s) || !dateMarks.MatchString(s) {
		return false
	}
	for _, w := range dateWords.FindAllString(s, -1) {
		if !strings.Contains(knownDateWords, " "+strings.ToLower(w)+" ") {
			return false
		}
	}
	return true
}
