package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// value is a JSON value as it was sent. The zero value is an absent one. Of equal names in an object the last
// counts, as in the language the real server is written in.
type value struct {
	kind   jsontext.Kind // n f t " 0 { [
	text   string        // a string's content, a number as written
	list   []value
	fields []member
}

type member struct {
	name string
	value
}

// parse reads one JSON value and nothing else.
func parse(body []byte) (value, error) {
	if !utf8.Valid(body) {
		return value{}, errors.New("not UTF-8")
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	v, err := readValue(dec)
	if err != nil {
		return value{}, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return value{}, errors.New("not JSON: something follows the first value")
	}
	return v, nil
}

func readValue(dec *jsontext.Decoder) (value, error) {
	tok, err := dec.ReadToken()
	if err != nil {
		return value{}, err
	}
	v := value{kind: tok.Kind()}
	switch v.kind {
	case '"', '0':
		v.text = tok.String()
	case '[':
		for dec.PeekKind() != ']' {
			item, err := readValue(dec)
			if err != nil {
				return value{}, err
			}
			v.list = append(v.list, item)
		}
		_, err = dec.ReadToken()
	case '{':
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return value{}, err
			}
			m := member{name: name.String()}
			if m.value, err = readValue(dec); err != nil {
				return value{}, err
			}
			v.fields = append(v.fields, m)
		}
		_, err = dec.ReadToken()
	}
	return v, err
}

// get returns the object's field of that name, absent when there is none.
func (v value) get(name string) value {
	for i := len(v.fields) - 1; i >= 0; i-- {
		if v.fields[i].name == name {
			return v.fields[i].value
		}
	}
	return value{}
}

func (v value) absent() bool { return v.kind == 0 }

// empty tells whether nothing was said: absent or null.
func (v value) empty() bool { return v.kind == 0 || v.kind == 'n' }

// str is a string's content, "" for anything else.
func (v value) str() string {
	if v.kind == '"' {
		return v.text
	}
	return ""
}

// truth is a boolean, or otherwise when it is none.
func (v value) truth(otherwise bool) bool {
	switch v.kind {
	case 't':
		return true
	case 'f':
		return false
	}
	return otherwise
}

// integer is a whole number that fits.
func (v value) integer() (int64, bool) {
	if v.kind != '0' {
		return 0, false
	}
	n, err := strconv.ParseInt(v.text, 10, 64)
	return n, err == nil
}

func (v value) id() int64 {
	n, _ := v.integer()
	return n
}

// datetime is a time with its zone, in UTC and whole microseconds.
func (v value) datetime() (time.Time, bool) {
	if v.kind != '"' {
		return time.Time{}, false
	}
	text := v.text
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, false
	}
	t = t.UTC().Truncate(time.Microsecond)
	return t, t.Year() >= 1 && t.Year() <= 9999
}

func (v value) time() time.Time {
	t, ok := v.datetime()
	if !ok {
		return time.Time{}
	}
	return t
}

// json is the value again, nil for an absent or null one.
func (v value) json() jsontext.Value {
	if v.empty() {
		return nil
	}
	return v.appendJSON(nil)
}

func (v value) appendJSON(b []byte) []byte {
	switch v.kind {
	case '"':
		b, _ = jsontext.AppendQuote(b, v.text)
		return b
	case '0':
		return append(b, v.text...)
	case 't':
		return append(b, "true"...)
	case 'f':
		return append(b, "false"...)
	case '[':
		b = append(b, '[')
		for i, item := range v.list {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.appendJSON(b)
		}
		return append(b, ']')
	case '{':
		return v.appendObject(b)
	}
	return append(b, "null"...)
}

// appendObject writes each name once, with its last value.
func (v value) appendObject(b []byte) []byte {
	last := make(map[string]int, len(v.fields))
	for i, m := range v.fields {
		last[m.name] = i
	}
	b = append(b, '{')
	first := true
	for i, m := range v.fields {
		if last[m.name] != i {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b, _ = jsontext.AppendQuote(b, m.name)
		b = append(b, ':')
		b = m.appendJSON(b)
	}
	return append(b, '}')
}
