package gorgias

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// checkedBody walks one JSON body, no deeper than its shape. The decoder refuses duplicate names (after unescaping),
// invalid UTF-8 and bad JSON.
type checkedBody struct {
	dec      *jsontext.Decoder
	latest   time.Time // newest sent time that may leave
	messages int
	sent     int // messages whose sent time was found good
}

// checkBody holds body against s and counts its messages.
func checkBody(body []byte, s *shape, latest time.Time) (messages, sent int, err error) {
	c := &checkedBody{
		dec:    jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(false)),
		latest: latest,
	}
	if err := c.value(s); err != nil {
		return 0, 0, fmt.Errorf("at %s: %w", place(c.dec), err)
	}
	if _, err := c.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return 0, 0, errors.New("something follows the JSON value")
	}
	return c.messages, c.sent, nil
}

func place(dec *jsontext.Decoder) string {
	if p := string(dec.StackPointer()); p != "" {
		return p
	}
	return "the root"
}

func (c *checkedBody) value(s *shape) error {
	switch s.kind {
	case kindObject:
		return c.object(s, func(_ string, s *shape) error { return c.value(s) })
	case kindMessage:
		return c.message(s)
	case kindHeaders:
		return c.headers()
	case kindArray:
		return c.array(s)
	}
	tok, err := c.dec.ReadToken()
	if err != nil {
		return err
	}
	return scalarFits(s, tok)
}

// scalarFits tells why a token is not what s allows. null never is: what is absent is left out.
func scalarFits(s *shape, tok jsontext.Token) error {
	k := tok.Kind()
	switch s.kind {
	case kindString:
		if k == '"' && (s.enum == nil || slices.Contains(s.enum, tok.String())) {
			return nil
		}
	case kindTime:
		if k == '"' {
			_, err := strictTime(tok.String())
			return err
		}
	case kindBool:
		if k == 't' || k == 'f' {
			return nil
		}
	case kindInteger:
		if n, err := strconv.ParseUint(tok.String(), 10, 63); k == '0' && err == nil && n > 0 {
			return nil
		}
	case kindScalar:
		if k == '"' || k == '0' || k == 't' || k == 'f' {
			return nil
		}
	}
	return fmt.Errorf("value of kind %s is not allowed here", k)
}

// strictTime reads RFC 3339 with zone as it is written. time.Parse alone would take one-digit hours and commas too, and
// what another parser makes of those is not known.
func strictTime(s string) (time.Time, error) {
	const form = "dddd-dd-ddTdd:dd:dd"
	ok := len(s) > len(form)
	for i := 0; ok && i < len(form); i++ {
		ok = s[i] == form[i] || form[i] == 'd' && '0' <= s[i] && s[i] <= '9'
	}
	if ok {
		rest := s[len(form):]
		if rest[0] == '.' {
			rest = strings.TrimLeft(rest[1:], "0123456789")
			ok = len(s)-len(form)-len(rest) > 1
		}
		ok = ok && (rest == "Z" || len(rest) == len("+00:00"))
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if !ok || err != nil {
		return time.Time{}, fmt.Errorf("%q is not an RFC 3339 time with zone", clip(s))
	}
	return t, nil
}

func (c *checkedBody) array(s *shape) error {
	if err := c.open('['); err != nil {
		return err
	}
	n := 0
	for c.dec.PeekKind() != ']' {
		if err := c.value(s.item); err != nil {
			return err
		}
		n++
	}
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	if n < s.min || s.max > 0 && n > s.max {
		return fmt.Errorf("%d items; %d to %d are allowed", n, s.min, s.max)
	}
	return nil
}

// open reads the token that begins an object or an array.
func (c *checkedBody) open(want jsontext.Kind) error {
	tok, err := c.dec.ReadToken()
	if err != nil {
		return err
	}
	if tok.Kind() != want {
		return fmt.Errorf("value of kind %s is not allowed here", tok.Kind())
	}
	return nil
}

// object reads an object whose names must be in s, spelt exactly so, and hands each value to member, which reads it.
func (c *checkedBody) object(s *shape, member func(name string, s *shape) error) error {
	if err := c.open('{'); err != nil {
		return err
	}
	missing := slices.Clone(s.required)
	for c.dec.PeekKind() != '}' {
		tok, err := c.dec.ReadToken()
		if err != nil {
			return err
		}
		name := tok.String()
		field, ok := s.fields[name]
		if !ok {
			return notAllowed(s, name)
		}
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == name })
		if err := member(name, field); err != nil {
			return err
		}
	}
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s is missing", strings.Join(missing, ", "))
	}
	return nil
}

func notAllowed(s *shape, name string) error {
	for known := range s.fields {
		if strings.EqualFold(known, name) {
			return fmt.Errorf("name %q equals %q but for case", clip(name), known)
		}
	}
	return fmt.Errorf("name %q is not in the allow-list", clip(name))
}

// message checks one message as a whole: that its sent time keeps it from being sent, and that a note is a note.
func (c *checkedBody) message(s *shape) error {
	c.messages++
	var channel string
	var public, fromAgent bool
	err := c.object(s, func(name string, field *shape) error {
		switch name {
		case "sent_datetime", "channel", "public", "from_agent":
		default:
			return c.value(field)
		}
		tok, err := c.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := scalarFits(field, tok); err != nil {
			return err
		}
		switch name {
		case "sent_datetime":
			return c.sentTime(tok.String())
		case "channel":
			channel = tok.String()
		case "public":
			public = tok.Bool()
		case "from_agent":
			fromAgent = tok.Bool()
		}
		return nil
	})
	if err != nil {
		return err
	}
	switch note := channel == "internal-note"; {
	case note == public:
		return fmt.Errorf("channel %q with public %t: a message is private exactly if it is an internal note", clip(channel), public)
	case note && !fromAgent:
		return errors.New("an internal note that is not from an agent")
	}
	c.sent++
	return nil
}

func (c *checkedBody) sentTime(s string) error {
	t, err := strictTime(s)
	switch {
	case err != nil:
		return err
	case t.Unix() < 0:
		return fmt.Errorf("sent_datetime %s lies before 1970", s)
	case t.After(c.latest):
		return fmt.Errorf("sent_datetime %s is later than %s, a minute before the earlier of our clock and the target's", s, c.latest.UTC().Format(time.RFC3339))
	}
	return nil
}

// headers checks mail headers: names are free, but not those of fields that act.
func (c *checkedBody) headers() error {
	if err := c.open('{'); err != nil {
		return err
	}
	for c.dec.PeekKind() != '}' {
		tok, err := c.dec.ReadToken()
		if err != nil {
			return err
		}
		name := tok.String()
		if acts(name) {
			return fmt.Errorf("header %q is not allowed", clip(name))
		}
		if tok, err = c.dec.ReadToken(); err != nil {
			return err
		}
		if tok.Kind() != '"' {
			return fmt.Errorf("header %q is no string", clip(name))
		}
	}
	_, err := c.dec.ReadToken()
	return err
}
