package mapping

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// parseAddresses reads one address or a list of them: a@b, Name <a@b>, RFC 5322 lists, and what exports make of those: semicolons
// between, commas in names that are not quoted. Addresses come back in lower case, in order; "" and an empty group give
// none. It wants e-mail addresses: whether a phone number is meant is the caller's to know.
func parseAddresses(s string) ([]Address, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, nil
	}
	if isBare(s) {
		if err := checkEmail(s); err != nil {
			return nil, err
		}
		return []Address{{Address: strings.ToLower(s)}}, nil
	}
	parser := mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: charsetReader}}
	if list, err := parser.ParseList(s); err == nil {
		return checked(list)
	}
	return parseLoose(s)
}

// isBare tells whether s holds none of the characters that make more of it than one address.
func isBare(s string) bool { return !strings.ContainsAny(s, "<>\"(),;: \t\r\n") }

func checked(list []*mail.Address) ([]Address, error) {
	out := make([]Address, 0, len(list))
	for _, a := range list {
		if err := checkEmail(a.Address); err != nil {
			return nil, fmt.Errorf("%q: %w", clipTo(a.Address, 80), err)
		}
		out = append(out, Address{Name: a.Name, Address: strings.ToLower(a.Address)})
	}
	return out, nil
}

// parseLoose reads lists that are not RFC 5322's. An element ends at a semicolon, at a comma behind an address, or at the
// closing angle bracket; before it everything is the name.
func parseLoose(s string) ([]Address, error) {
	var out []Address
	for s != "" {
		end, quoted, angle := 0, false, false
		for end < len(s) {
			b := s[end]
			switch {
			case b == '"':
				quoted = !quoted
			case quoted:
			case b == '<':
				angle = true
			case b == '>':
				angle = false
			case angle:
			case b == ';', b == ',' && strings.IndexByte(s[:end], '@') >= 0 && complete(s[:end]):
				goto cut
			}
			end++
		}
	cut:
		part := strings.TrimSpace(s[:end])
		s = strings.TrimLeft(s[end:], ";, \t\r\n")
		if part == "" {
			continue
		}
		name, address, ok := angled(part)
		if !ok {
			name, address = "", part
		}
		if err := checkEmail(address); err != nil {
			return nil, fmt.Errorf("%q: %w", clipTo(part, 80), err)
		}
		out = append(out, Address{Name: name, Address: strings.ToLower(address)})
	}
	return out, nil
}

// complete tells whether an element can end behind s: it is an address, or closed by an angle bracket.
func complete(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasSuffix(s, ">") || checkEmail(s) == nil
}

// angled takes "Name <address>" apart; quotes around the name go.
func angled(s string) (name, address string, ok bool) {
	open := strings.LastIndexByte(s, '<')
	if open < 0 || !strings.HasSuffix(s, ">") {
		return "", "", false
	}
	name = strings.TrimSpace(s[:open])
	if n := len(name); n >= 2 && (name[0] == '"' || name[0] == '\'') && name[n-1] == name[0] {
		name = strings.TrimSpace(name[1 : n-1])
	}
	return name, strings.TrimSpace(s[open+1 : len(s)-1]), true
}

// charsetReader lets encoded words be in any charset of the WHATWG standard.
func charsetReader(charset string, in io.Reader) (io.Reader, error) {
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return nil, err
	}
	return enc.NewDecoder().Reader(in), nil
}

// The longest parts of an address (RFC 5321 section 4.5.3.1). Together they are the 320 characters of api/gorgias section 4.
const (
	maxLocal  = 64
	maxDomain = 255
	maxLabel  = 63
)

// What is wrong with an e-mail address.
var (
	errNoAt       = errors.New("not an e-mail address: there is no @ between a name and a domain")
	errLocal      = errors.New("not an e-mail address: the part before the @ is not valid")
	errDomain     = errors.New("not an e-mail address: the domain is not valid")
	errEmailParts = errors.New("not an e-mail address: it is too long")
)

// checkEmail tells whether s is one bare address that a mail server would take (RFC 5321 with the letters of RFC 6531): a
// dotted or quoted local part and a domain or an address literal, without comments or folding. Whether the domain
// exists is not asked.
func checkEmail(s string) error {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 {
		return errNoAt
	}
	local, domain := s[:at], s[at+1:]
	switch {
	case len(local) > maxLocal || len(domain) > maxDomain:
		return errEmailParts
	case !utf8.ValidString(s):
		return errLocal
	case local[0] == '"' && !isQuotedLocal(local), local[0] != '"' && !isDotAtom(local):
		return errLocal
	case domain[0] == '[' && !isLiteral(domain), domain[0] != '[' && !isDomain(domain):
		return errDomain
	}
	return nil
}

// isDotAtom tells whether s is words of atom characters with single dots between.
func isDotAtom(s string) bool {
	before := byte('.')
	for i := range len(s) {
		b := s[i]
		if b == '.' && before == '.' || b != '.' && !isAtext(b) {
			return false
		}
		before = b
	}
	return before != '.' && wellBehaved(s)
}

func isAtext(b byte) bool {
	return isLetter(b) || isDigit(b) || b >= 0x80 || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", b) >= 0
}

// wellBehaved refuses the invisible among the non-ASCII: spaces, controls, marks that change direction.
func wellBehaved(s string) bool {
	for _, r := range s {
		if r >= 0x80 && (!unicode.IsPrint(r) || unicode.IsSpace(r)) {
			return false
		}
	}
	return true
}

// isQuotedLocal tells whether s is a quoted string: printable ASCII and non-ASCII letters, backslash before " and \.
func isQuotedLocal(s string) bool {
	if len(s) < 2 || s[len(s)-1] != '"' {
		return false
	}
	inner := s[1 : len(s)-1]
	for i := 0; i < len(inner); i++ {
		switch b := inner[i]; {
		case b == '\\':
			i++
			if i == len(inner) || inner[i] < ' ' || inner[i] > '~' {
				return false
			}
		case b == '"' || b < ' ' || b == 0x7F:
			return false
		}
	}
	return wellBehaved(inner)
}

// isDomain tells whether s is labels of letters, digits and inner hyphens with single dots between.
func isDomain(s string) bool {
	start := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '.' {
			if b := s[i]; !isLetter(b) && !isDigit(b) && b != '-' && b < 0x80 {
				return false
			}
			continue
		}
		if n := i - start; n == 0 || n > maxLabel || s[start] == '-' || s[i-1] == '-' {
			return false
		}
		start = i + 1
	}
	return wellBehaved(s)
}

// isLiteral tells whether s is [192.0.2.1] or [IPv6:…].
func isLiteral(s string) bool {
	if s[len(s)-1] != ']' {
		return false
	}
	inner := s[1 : len(s)-1]
	six := len(inner) > 5 && strings.EqualFold(inner[:5], "IPv6:")
	if six {
		inner = inner[5:]
	}
	a, err := netip.ParseAddr(inner)
	return err == nil && a.Is6() == six && a.Zone() == ""
}
