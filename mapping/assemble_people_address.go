package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// asCustomer makes a customer of p, with a made-up address where p has none.
func (a *assembler) asCustomer(p PersonRef) (Person, bool) {
	c := Person{ID: p.ID, Email: strings.ToLower(p.Email), Name: p.Name}
	if c.Email == "" {
		c.Email = a.madeUp(p)
	}
	return c, c.Email != "" && len(c.Email) <= maxEmail && checkEmail(c.Email) == nil
}

// madeUp is the address of a customer who has none: of the placeholder domain where one is given, else by
// people.no_email; "" where neither makes one.
func (a *assembler) madeUp(p PersonRef) string {
	if c := a.g.Choices; c != nil && c.PlaceholderDomain != "" {
		return c.placeholder(p)
	}
	return noEmailAddress(a.file.People.NoEmail, p)
}

// MadeUp is the address p gets as a customer when no e-mail is known of them; "" when none can be made.
func (m *Mapping) MadeUp(c *Choices, p PersonRef) string {
	p.Email = ""
	a := assembler{file: m.file, g: &Group{Choices: c}}
	made, ok := a.asCustomer(p)
	if !ok {
		return ""
	}
	return made.Email
}

// placeholder is <source>-<id>@domain; "" for a person without an id, of whom nothing lasting is known.
func (c *Choices) placeholder(p PersonRef) string {
	if p.ID == "" {
		return ""
	}
	return strings.ToLower(shortLocal(localPart(c.Source)+"-"+localPart(p.ID)) + "@" + c.PlaceholderDomain)
}

// noEmail reports that p cannot be a customer.
func (a *assembler) noEmail(report func(s Severity, field, code, value, hint string), field string, p PersonRef) {
	if p.Email != "" {
		report(Error, field, codeEmail, p.Email, "mend it, or leave it empty")
		return
	}
	report(Error, field, codeCustomerNoEmail, who(p), "add a people rule that has the e-mail, or under people: no_email: \""+
		"imported-{id}@import.invalid\", or --placeholder-domain import.invalid")
}

// noEmailAddress fills the template of people.no_email; "" without one, or where p has none of its parts.
func noEmailAddress(v *Value, p PersonRef) string {
	if v == nil {
		return ""
	}
	segments, err := parseTemplate(v.Text)
	if err != nil {
		return ""
	}
	var b strings.Builder
	present := false
	for _, s := range segments {
		part := ""
		switch s.field {
		case "":
			b.WriteString(s.text)
			continue
		case "id":
			part = p.ID
		case "name":
			part = p.Name
		case "email":
			part = p.Email
		}
		present = present || part != ""
		b.WriteString(localPart(part))
	}
	if !present {
		return ""
	}
	address := strings.ToLower(b.String())
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		return shortLocal(address[:at]) + address[at:]
	}
	return address
}

// localPart makes s fit before the @ of an address. Where a character is replaced or a capital lowered, a hash of
// s is added, so that no two texts meet: "a:b" and "a-b" are two people, and so are "Ab" and "aB".
func localPart(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case !isLetter(c) && !isDigit(c) && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) < 0 && !(c == '.' && inside(s, i)):
			c = '-'
		}
		b.WriteByte(c)
	}
	fit := b.String()
	if fit == s && !isMarked(s) {
		return s
	}
	return fit + mark(s)
}

// shortLocal cuts what stands before the @ to the 64 bytes an address may have there, by the same rule.
func shortLocal(s string) string {
	if len(s) <= maxLocal {
		return s
	}
	return strings.TrimRight(s[:maxLocal-markLen], ".") + mark(s)
}

const markLen = len("-x") + 2*markBytes

const markBytes = 5

func mark(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "-x" + hex.EncodeToString(sum[:markBytes])
}

// isMarked tells whether s ends as a marked text does: it is marked itself, so that it is not mistaken for one.
func isMarked(s string) bool {
	at := len(s) - markLen
	if at < 0 || s[at:at+2] != "-x" {
		return false
	}
	for _, c := range []byte(s[at+2:]) {
		if !isDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// inside tells whether the dot at i stands between two characters that are no dots.
func inside(s string, i int) bool { return i > 0 && i < len(s)-1 && s[i-1] != '.' && s[i+1] != '.' }
