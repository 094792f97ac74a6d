package mask

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maskedDomain = "@masked.invalid"

// tag stands for whatever s is; without the key nobody can tell.
func (m *masker) tag(s string) string {
	h := hmac.New(sha256.New, m.key)
	h.Write([]byte(fold(strings.TrimSpace(s))))
	return hex.EncodeToString(h.Sum(nil)[:4])
}

// email masks an address: person-3f2a91c4@masked.invalid.
func (m *masker) email(s string) string {
	if strings.TrimSpace(s) == "" || strings.HasSuffix(s, maskedDomain) {
		return s
	}
	return "person-" + m.tag(s) + maskedDomain
}

var maskedName = regexp.MustCompile(`^(Person|phone|ip|id)[ -][0-9a-f]{8}$`)

// name masks the name of a person, with the tag of their e-mail where that is known.
func (m *masker) name(s, email string) string {
	if strings.TrimSpace(s) == "" || maskedName.MatchString(s) {
		return s
	}
	if strings.Contains(email, "@") {
		return "Person " + m.tagOfEmail(email)
	}
	if tag := m.tags[fold(s)]; tag != "" {
		return "Person " + tag
	}
	return "Person " + m.tag(s)
}

// tagOfEmail is the tag of an address, also of one that is masked already.
func (m *masker) tagOfEmail(s string) string {
	if tag, ok := strings.CutSuffix(strings.TrimPrefix(s, "person-"), maskedDomain); ok {
		return tag
	}
	return m.tag(s)
}

// id masks what a person is known by: an address, a phone number, a number of the source's, or a name.
func (m *masker) id(s string) string {
	switch {
	case strings.TrimSpace(s) == "" || maskedName.MatchString(s):
		return s
	case isEmail(s):
		return m.email(s)
	case phones.FindString(s) == s:
		return "phone-" + m.tag(digits(s))
	case letters(s, 2) && strings.ContainsAny(s, " @"):
		return m.people(s)
	}
	return "id-" + m.tag(s)
}

// people masks a value that stands for one person or more: "Ann (7), bob@example.com".
func (m *masker) people(s string) string {
	if maskedName.MatchString(s) {
		return s
	}
	switch {
	case m.known[fold(strings.TrimSpace(s))]:
		return m.name(s, "")
	case isEmail(s) || !letters(s, 2) || !strings.ContainsAny(s, " @,;"):
		return m.id(s)
	}
	return m.shape(m.names.replace(m.marks(s), false))
}

// nonAddress cannot stand in an address. Everything else may, of any script.
const nonAddress = "<>()[]{},;:\"'|=/\\@＠"

// eachEmail changes every address in a text.
func eachEmail(s string, change func(string) string) string {
	var b strings.Builder
	end := 0 // of what is written
	for from := 0; ; {
		at := strings.IndexAny(s[from:], "@＠")
		if at < 0 {
			return b.String() + s[end:]
		}
		at += from
		_, sign := utf8.DecodeRuneInString(s[at:])
		stops := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(nonAddress, r) }
		begin := end
		if i := strings.LastIndexFunc(s[end:at], stops); i >= 0 {
			_, n := utf8.DecodeRuneInString(s[end+i:])
			begin = end + i + n
		}
		after := len(s)
		if i := strings.IndexFunc(s[at+sign:], stops); i >= 0 {
			after = at + sign + i
		}
		after = at + sign + len(strings.TrimRight(s[at+sign:after], "."))
		from = at + sign
		if begin < at && after > from {
			b.WriteString(s[end:begin] + change(s[begin:after]))
			end, from = after, after
		}
	}
}

func isEmail(s string) bool {
	is := false
	eachEmail(s, func(one string) string {
		is = one == s
		return one
	})
	return is
}

// What is of a person wherever it stands.
var (
	// With a + or 00, a bracket, or blanks and hyphens that part the digits as people do: long numbers are ids.
	phones = regexp.MustCompile(`(?:\+|\b00)\d[\d ().\x{a0}/-]{5,}\d|\(\d{2,5}\)[ -]?\d[\d -]{4,}\d|\b0\d{1,4}[ /-]\d[\d /-]{4,}\d|\b0[1-9]\d{8,9}\b|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b`)
	ips    = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b|[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*`)
)

// dayFirst begins a time rather than a phone number.
var dayFirst = regexp.MustCompile(`^\d{2}[-/ ]\d{2}[-/ ]\d{4}`)

// homes are folders named after who works at the machine.
var homes = regexp.MustCompile(`((?:^|[^\w/\\])(?:[A-Z]:)?[/\\](?:home|Users)[/\\])[^/\\\s]+`)

// marks masks addresses and phone numbers in a text, and whose machine it was.
func (m *masker) marks(s string) string {
	if strings.Contains(s, "home") || strings.Contains(s, "Users") {
		s = homes.ReplaceAllString(s, "${1}user")
	}
	s = eachEmail(s, m.email)
	if strings.Count(s, ".") > 2 || strings.Count(s, ":") > 1 {
		s = ips.ReplaceAllStringFunc(s, func(s string) string {
			if ip, err := netip.ParseAddr(s); err == nil && len(s) > 2 {
				return "ip-" + m.tag(ip.Unmap().String())
			}
			return s
		})
	}
	if len(digits(s)) < 6 {
		return s
	}
	return phones.ReplaceAllStringFunc(s, func(s string) string {
		if dayFirst.MatchString(s) {
			return s
		}
		return "phone-" + m.tag(digits(s))
	})
}

// digits are those of a phone number that count.
func digits(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
	return strings.TrimLeft(s, "0")
}

// text keeps words that are nobody's: addresses, phone numbers and the names of people the report knows are masked.
func (m *masker) text(s string) string { return m.names.replace(m.marks(s), false) }

// ours is text that deskferry wrote, around words of others.
func (m *masker) ours(s string) string { return m.names.replace(m.marks(s), true) }

var tableEntry = regexp.MustCompile(`(?m)([{,]\s*|^\s*)("[^"\n]+"|'[^'\n]+'|[^\s{},:#][^{},:\n]*)(\s*:\s*["']?)([^\s{},:"']+@[^\s{},:"']+)`)

// mapping masks people in a mapping's text: addresses, names the report knows, and what a table translates into an address.
func (m *masker) mapping(s string) string {
	s = tableEntry.ReplaceAllStringFunc(s, func(entry string) string {
		p := tableEntry.FindStringSubmatch(entry)
		if identifier.MatchString(p[2]) { // email: ann@example.com
			return entry
		}
		quote := strings.Trim(p[2][:1], "\"'") == ""
		mask := m.name(strings.Trim(p[2], `"'`), p[4])
		if quote {
			mask = p[2][:1] + mask + p[2][:1]
		}
		return p[1] + mask + p[3] + m.email(p[4])
	})
	return m.text(s)
}

var identifier = regexp.MustCompile(`^[a-z_]+$`)

// link is what is left of an address in the web.
func (m *masker) link(s string) string {
	if s == "" {
		return ""
	}
	return "https://masked.invalid/"
}

// file keeps the shape of a file's name, and its extension.
func (m *masker) file(s string) string {
	ext := path.Ext(s)
	if len(ext) > 6 || !extension.MatchString(ext) {
		ext = ""
	}
	return shaped(strings.TrimSuffix(s, ext)) + ext
}

var extension = regexp.MustCompile(`^\.[A-Za-z][A-Za-z0-9]*$`)

// longText is the length from which on a text's numbers are not looked at one by one: they lose their digits anyway.
const longText = 256

// shape keeps the shape of a text alone, and masks of those it names.
func (m *masker) shape(s string) string {
	if len(s) < longText {
		s = m.marks(s)
	} else {
		s = eachEmail(s, m.email)
	}
	var b strings.Builder
	end := 0
	if strings.Contains(s, maskedDomain) || strings.Contains(s, "-") || strings.Contains(s, "Person ") {
		for _, at := range masks.FindAllStringIndex(s, -1) {
			b.WriteString(shaped(s[end:at[0]]) + s[at[0]:at[1]])
			end = at[1]
		}
	}
	return b.String() + shaped(s[end:])
}

var masks = regexp.MustCompile(`person-[0-9a-f]{8}@masked\.invalid|\b(?:phone-|ip-|id-|Person )[0-9a-f]{8}\b`)

// shaped turns letters into x and digits into 0. Letters of other scripts become one of their own, so that direction and
// width of a text stay; marks on letters go.
func shaped(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r) || unicode.Is(unicode.No, r):
			return '0'
		case unicode.IsLetter(r):
			return letterOf(r)
		case unicode.Is(unicode.Variation_Selector, r):
			return r // of an emoji
		case unicode.IsMark(r), r >= 0xE0000 && r <= 0xE007F:
			return -1
		}
		return r
	}, s)
}

// letterOf is a letter of r's script.
func letterOf(r rune) rune {
	if unicode.Is(unicode.Latin, r) && unicode.IsUpper(r) {
		return 'X'
	}
	for _, s := range []struct {
		of *unicode.RangeTable
		r  rune
	}{
		{unicode.Latin, 'x'}, {unicode.Cyrillic, 'х'}, {unicode.Greek, 'χ'}, {unicode.Hebrew, 'ש'}, {unicode.Arabic, 'س'}, {unicode.Han, '字'},
		{unicode.Hiragana, 'あ'}, {unicode.Katakana, 'ア'}, {unicode.Hangul, '글'}, {unicode.Thai, 'ก'}, {unicode.Devanagari, 'क'},
	} {
		if unicode.Is(s.of, r) {
			return s.r
		}
	}
	return 'x'
}
