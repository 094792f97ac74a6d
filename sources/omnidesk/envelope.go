package omnidesk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// member is one of an object, its value as written.
type member struct {
	name  string
	value jsontext.Value
}

// lenient are the options all JSON is read with: a name that comes twice is no reason to lose a ticket.
func lenient() jsontext.Options { return jsontext.AllowDuplicateNames(true) }

// members takes an object apart. The values are parts of b.
func members(b []byte) ([]member, error) {
	var all []member
	err := inside(b, '{', func(d *jsontext.Decoder) error {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		m := member{name: name.String()}
		m.value, err = part(d, b)
		all = append(all, m)
		return err
	})
	return all, err
}

// elements takes a list apart. The values are parts of b.
func elements(b []byte) ([]jsontext.Value, error) {
	var all []jsontext.Value
	err := inside(b, '[', func(d *jsontext.Decoder) error {
		v, err := part(d, b)
		all = append(all, v)
		return err
	})
	return all, err
}

// inside calls each for every item of an object or list, and wants nothing behind it.
func inside(b []byte, kind jsontext.Kind, each func(*jsontext.Decoder) error) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(b), lenient())
	open, err := d.ReadToken()
	if err != nil {
		return err
	}
	if open.Kind() != kind {
		return fmt.Errorf("%s where %s is expected", kindName(open.Kind()), kindName(kind))
	}
	for d.PeekKind() != '}' && d.PeekKind() != ']' {
		if err := each(d); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the value")
	}
	return nil
}

func part(d *jsontext.Decoder, b []byte) (jsontext.Value, error) {
	v, err := d.ReadValue()
	if err != nil {
		return nil, err
	}
	end := int(d.InputOffset())
	return jsontext.Value(b[end-len(v) : end : end]), nil
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case '0':
		return "a number"
	}
	return k.String()
}

// unpack makes the body UTF-8 and refuses what is no JSON, naming what it is instead.
func (a *answer) unpack() error {
	a.body = bytes.TrimPrefix(a.body, []byte("\ufeff"))
	if !utf8.Valid(a.body) {
		a.body, a.mended = bytes.ToValidUTF8(a.body, []byte("\ufffd")), true
	}
	trimmed := bytes.TrimSpace(a.body)
	switch {
	case len(trimmed) == 0:
		return &refusal{text: "the answer is empty", damaged: true}
	case trimmed[0] == '<':
		return &pageError{title(trimmed)}
	case trimmed[0] != '{':
		return unusable("the answer is %s", met(trimmed))
	}
	return nil
}

// pageError is a web page where JSON is expected.
type pageError struct{ title string }

func (e *pageError) Error() string {
	return "the answer is not JSON but a web page" + e.title + ", probably a login page: check that the address is the API's, " +
		"as https://acme.omnidesk.com/api/v2, and that the key is right"
}

func unusable(format string, args ...any) error {
	return &refusal{text: fmt.Sprintf(format, args...)}
}

// item reads the envelope of one object, {"type":"item","item":{…}}, and returns the object as written.
func item(body []byte) (jsontext.Value, error) {
	all, err := envelope(body)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.name == "item" && m.value.Kind() == '{' {
			return m.value, nil
		}
	}
	return nil, strange(body, `{"type":"item","item":{…}}`)
}

// page is the envelope of a list.
type page struct {
	rows  []jsontext.Value
	total int // itemTotal; -1 where it is absent
	limit int // itemLimit as the API sees it; 0 where it is absent
}

// list reads the envelope of a list, {"itemStart":n,"itemTotal":n,"itemLimit":n,"items":[…]}.
func list(body []byte) (*page, error) {
	all, err := envelope(body)
	if err != nil {
		return nil, err
	}
	p := &page{total: -1}
	found := false
	for _, m := range all {
		switch m.name {
		case "itemTotal":
			p.total = count(m.value, -1)
		case "itemLimit":
			p.limit = count(m.value, 0)
		case "items":
			switch m.value.Kind() {
			case '[':
				if p.rows, err = elements(m.value); err != nil {
					return nil, unreadable(err)
				}
				found = true
			case 'n':
				found = true
			}
		}
	}
	if !found {
		return nil, strange(body, `{"type":…,"itemStart":n,"itemTotal":n,"itemLimit":n,"items":[…]}`)
	}
	return p, nil
}

// envelope takes an answer apart. An answer that says "error" although its status is 200 is one.
func envelope(body []byte) ([]member, error) {
	all, err := members(body)
	if err != nil {
		return nil, unreadable(err)
	}
	said, failed := "", false
	for _, m := range all {
		failed = failed || (m.name == "status" || m.name == "type") && text(m.value) == "error"
		if m.name == "message" {
			said = clip(text(m.value))
		}
	}
	if failed {
		return nil, &refusal{status: http.StatusBadRequest, text: said}
	}
	return all, nil
}

func unreadable(err error) error {
	return &refusal{text: fmt.Sprintf("the answer is damaged JSON: %v", err), damaged: true}
}

// strange is the error for an envelope that is none of the documented ones.
func strange(body []byte, expected string) error {
	if isRussian(body) {
		return fmt.Errorf("the answer is not Omnidesk's API v2: %w", errRussian)
	}
	return unusable("the answer is %s, where %s is expected: check the address", met(body), expected)
}

// isRussian knows {"0":{"case":{…}},…,"total_count":n} (formats section 13, where the numbers are names).
func isRussian(body []byte) bool {
	all, err := members(body)
	if err != nil {
		return false
	}
	for _, m := range all {
		if _, err := strconv.Atoi(m.name); err != nil && m.name != "case" || m.value.Kind() != '{' {
			continue
		}
		in, err := members(m.value)
		if err != nil {
			continue
		}
		for _, n := range in {
			switch n.name {
			case "case", "message", "user", "staff", "case_id", "case_number":
				return true
			}
		}
	}
	return false
}

// met describes what came instead of what was expected.
func met(body []byte) string {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return "empty"
	}
	all, err := members(body)
	if err == nil {
		names := make([]string, 0, 12)
		for _, m := range all {
			if len(names) == cap(names) {
				names = append(names[:cap(names)-1], "…")
				break
			}
			names = append(names, clip(m.name))
		}
		if len(names) == 0 {
			return "an object without members"
		}
		return "an object with " + strings.Join(names, ", ")
	}
	if rows, err := elements(body); err == nil {
		return fmt.Sprintf("a list of %d", len(rows))
	}
	return strconv.Quote(clip(string(body)))
}

var (
	titleTag = regexp.MustCompile(`(?is)<title[^>]*>([^<]*)`)
	anyTag   = regexp.MustCompile(`(?s)<[^>]*>`)
)

func title(page []byte) string {
	if m := titleTag.FindSubmatch(page); m != nil {
		if t := clip(string(m[1])); t != "" {
			return fmt.Sprintf(" with the title %q", t)
		}
	}
	return ""
}

// message is what the body of an error says.
func message(body []byte) string {
	body = bytes.TrimSpace(body)
	if all, err := members(body); err == nil {
		for _, m := range all {
			if m.name == "message" || m.name == "error" {
				if t := clip(text(m.value)); t != "" {
					return t
				}
			}
		}
		return met(body)
	}
	if len(body) > 0 && body[0] == '<' {
		return "a web page" + title(body)
	}
	if t := clip(string(anyTag.ReplaceAll(body[:min(len(body), 4096)], nil))); t != "" {
		return t
	}
	return "without a reason"
}

// clip makes a foreign text fit for a line: one line, no control characters, at most 120 characters.
func clip(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), 4096)], "\ufffd")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if r := []rune(s); len(r) > 120 {
		return string(r[:119]) + "…"
	}
	return s
}

// text is a value as text: a string's content, a number as written; "" for all else.
func text(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		b, err := jsontext.AppendUnquote(nil, []byte(v))
		if err != nil {
			return ""
		}
		return string(b)
	case '0':
		return string(v)
	}
	return ""
}

// idText is an id that is a number or a text; 7.0 is 7.
func idText(v jsontext.Value) string {
	s := strings.TrimSpace(text(v))
	if v.Kind() != '0' {
		return s
	}
	if whole, frac, ok := strings.Cut(s, "."); ok && strings.Trim(frac, "0") == "" {
		return whole
	}
	return s
}

// count reads a number of things that is written as a number or a text.
func count(v jsontext.Value, absent int) int {
	n, err := strconv.Atoi(idText(v))
	if err != nil || n < 0 {
		return absent
	}
	return n
}
