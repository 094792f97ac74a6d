package mask

import (
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// plainKeys name values of a record that are no person's: what a ticket is, and when. Times elsewhere stay as well.
var plainKeys = regexp.MustCompile(`(?i)^(id|(ticket|conversation|message|comment|thread|case|external)[ _-]?(id|number)|status|state|priority|channel|type|kind|direction|public|private|internal|language|locale|` +
	`content[ _-]?type|mime[ _-]?type|size|spam|deleted|closed|open|.*[a-z](_at|At|_datetime|_date)|date|created|updated)$`)

// record masks a record of the source as it is shown: a row as lines of "column: value", further lines of a value indented, or
// a JSON document, which may be cut off.
func (m *masker) record(s string) string {
	if t := strings.TrimLeft(s, " \n\t"); strings.HasPrefix(t, "{") || strings.HasPrefix(t, "[") {
		return m.document(s)
	}
	var b strings.Builder
	for line := range strings.Lines(s) {
		key, value, ok := strings.Cut(line, ": ")
		switch {
		case strings.HasPrefix(line, " ") || !ok:
			b.WriteString(m.shape(line))
		default:
			b.WriteString(m.text(key) + ": " + m.valueUnder(key, strings.TrimSuffix(value, "\n")))
			if strings.HasSuffix(value, "\n") {
				b.WriteByte('\n')
			}
		}
	}
	return b.String()
}

// valueUnder is a value of a record under its key.
func (m *masker) valueUnder(key, value string) string {
	if plainKeys.MatchString(strings.TrimSpace(key)) && !strings.ContainsAny(value, "\n@＠") && len(value) <= 64 {
		return m.text(value)
	}
	if m.known[fold(strings.TrimSpace(value))] {
		return m.name(value, "")
	}
	return m.example(value)
}

// document masks the texts and the numbers of JSON, which need not be whole.
func (m *masker) document(s string) string {
	var b strings.Builder
	key := ""
	for s != "" {
		at := strings.IndexByte(s, '"')
		if at < 0 {
			at = len(s)
		}
		if between := s[:at]; plainKeys.MatchString(key) {
			b.WriteString(between)
		} else {
			b.WriteString(zeros.ReplaceAllString(between, "0"))
		}
		if s = s[at:]; s == "" {
			break
		}
		end := closing(s)
		if end < 0 {
			return b.String() + `"` + m.shape(s[1:])
		}
		text, err := jsontext.AppendUnquote(nil, s[:end])
		if err != nil {
			text = []byte(s[1 : end-1])
		}
		rest := strings.TrimLeft(s[end:], " \t\r\n")
		masked := ""
		if strings.HasPrefix(rest, ":") {
			key = string(text)
			masked = m.text(key)
		} else {
			masked = m.valueUnder(key, string(text))
		}
		quoted, _ := jsontext.AppendQuote(nil, strings.ToValidUTF8(masked, "\uFFFD")) // valid text cannot fail
		b.Write(quoted)
		s = s[end:]
	}
	return b.String()
}

var zeros = regexp.MustCompile(`\d`)

// closing is where the JSON string that s begins with has ended, -1 where it does not.
func closing(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}
