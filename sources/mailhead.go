package sources

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/textproto"
)

// problemList is what is wrong with a mail, each once, in the order met.
type problemList struct {
	list []string
	seen map[string]bool
}

// maxProblems is how many problems of one mail are told.
const maxProblems = 100

func (p *problemList) add(code, detail string) {
	text := code
	if detail != "" {
		text += ": " + excerpt([]byte(detail))
	}
	if p.seen[text] || len(p.list) > maxProblems {
		return
	}
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	if len(p.list) == maxProblems {
		text = "problems.more"
	}
	p.seen[text] = true
	p.list = append(p.list, text)
}

// header cuts a mail or a part of one into its header and what follows. A header that breaks the rules is mended: NUL
// bytes are taken out, a line without a name, or after a semicolon, continues the line before, others without a good name are left out, and
// each is told.
func header(raw []byte, p *problemList) (h textproto.Header, body []byte) {
	block, body := headerBlock(raw)
	h, err := textproto.ReadHeader(bufio.NewReaderSize(bytes.NewReader(mended(block, p)), 1<<10))
	if err != nil { // cannot be after mending
		p.add("header.broken", err.Error())
	}
	return h, body
}

// headerBlock finds the empty line that ends a header. Text that begins with no header line has none.
func headerBlock(raw []byte) (block, body []byte) {
	for i := 0; i < len(raw); {
		line := raw[i:]
		if j := bytes.IndexByte(line, '\n'); j >= 0 {
			line = line[:j+1]
		}
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			return raw[:i], raw[i+len(line):]
		}
		if i == 0 && !headerLine(line) && !bytes.HasPrefix(line, []byte(">From ")) {
			return nil, raw
		}
		i += len(line)
	}
	return raw, nil
}

// headerLine tells whether a line has a field's name and colon.
func headerLine(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	return colon > 0 && fieldName(bytes.TrimRight(bytes.ReplaceAll(line[:min(colon, 1000)], []byte{0}, nil), " \t"))
}

func fieldName(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c > '~' || c == ':' {
			return false
		}
	}
	return len(b) > 0
}

// parameter tells whether a line that has a colon looks like a parameter of the header before.
func parameter(line []byte) bool {
	equals := bytes.IndexByte(line, '=')
	return equals > 0 && equals < bytes.IndexByte(line, ':')
}

func mended(block []byte, p *problemList) []byte {
	if n := bytes.Count(block, []byte{0}); n > 0 {
		p.add("nul", fmt.Sprintf("%d in the header, left out", n))
		block = bytes.ReplaceAll(block, []byte{0}, nil)
	}
	out := make([]byte, 0, len(block)+2)
	for len(block) > 0 {
		line := block
		if i := bytes.IndexByte(block, '\n'); i >= 0 {
			line = block[:i+1]
		}
		block = block[len(line):]
		afterSemicolon := bytes.HasSuffix(out, []byte(";\r\n"))
		switch blank := line[0] == ' ' || line[0] == '\t'; {
		case blank && len(out) == 0, bytes.HasPrefix(line, []byte(">From ")):
			continue
		case blank, headerLine(line) && !(afterSemicolon && parameter(line)):
		case len(out) > 0 && (bytes.IndexByte(line, ':') < 0 || afterSemicolon):
			p.add("header.broken", string(line))
			out = append(out, ' ')
		default:
			p.add("header.broken", string(line))
			continue
		}
		out = append(append(out, bytes.TrimRight(line, "\r\n")...), '\r', '\n')
	}
	return append(out, '\r', '\n')
}

// plain is a header's value as UTF-8 in one line, with its encoded words decoded.
func (p *problemList) plain(name, value string) string {
	if !utf8.ValidString(value) {
		p.add("header.8bit", name)
		value, _ = convert([]byte(value), "windows-1252")
	}
	if strings.Contains(value, "=?") {
		value = p.words(value)
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case 0:
			return -1
		case '\r', '\n':
			return ' '
		}
		return r
	}, value)
}

// words decodes RFC 2047 encoded words. Neighbours of one charset are joined before their charset is read, as senders cut
// characters in two. What cannot be decoded stays as it is written.
func (p *problemList) words(s string) string {
	var out strings.Builder
	var held []byte
	var of string       // the charset of what is held
	first, last := 0, 0 // where it is written
	flush := func() {
		if first == last {
			return
		}
		text, problem := convert(held, of)
		if problem != "" {
			p.add(problem, "")
		}
		if strings.HasPrefix(problem, "charset.unknown") && !utf8.Valid(held) {
			text = s[first:last]
		}
		out.WriteString(text)
		held, of, first, last = nil, "", 0, 0
	}
	at := 0
	for {
		i := strings.Index(s[at:], "=?")
		if i < 0 {
			break
		}
		gap := s[at : at+i]
		name, data, rest, ok := word(s[at+i:])
		if !ok {
			flush()
			out.WriteString(s[at : at+i+2])
			at += i + 2
			continue
		}
		near := first < last && strings.TrimLeft(gap, " \t\r\n") == ""
		if !near || !strings.EqualFold(name, of) {
			flush()
		}
		if !near {
			out.WriteString(gap)
		}
		if first == last {
			first = at + i
		}
		held, of, last = append(held, data...), name, len(s)-len(rest)
		at = last
	}
	flush()
	out.WriteString(s[at:])
	return out.String()
}

// word reads the encoded word s begins with.
func word(s string) (name string, data []byte, rest string, ok bool) {
	name, s, ok = strings.Cut(s[2:], "?")
	if !ok || len(s) < 2 || s[1] != '?' || name == "" {
		return
	}
	kind := s[0] | 0x20
	text, rest, ok := strings.Cut(s[2:], "?=")
	if !ok || len(text) > 1<<16 {
		return "", nil, "", false
	}
	name, _, _ = strings.Cut(name, "*") // a language may follow (RFC 2231)
	switch kind {
	case 'b':
		text = strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
		b, err := base64.RawStdEncoding.DecodeString(text)
		return name, b, rest, err == nil
	case 'q':
		b, _ := unquotePrintable([]byte(strings.ReplaceAll(text, "_", " ")))
		return name, b, rest, true
	}
	return "", nil, "", false
}

// convert reads b as text of a charset. Text that is not of its charset, and has one by name of which every byte means
// something, is read as windows-1252, which can be undone; problem says so. lossy charsets leave U+FFFD behind.
func convert(b []byte, name string) (text, problem string) {
	lower := strings.ToLower(strings.Trim(strings.TrimSpace(name), `"'`))
	switch lower {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "unicode-1-1-utf-8":
		if utf8.Valid(b) {
			return string(b), ""
		}
		if lower == "" {
			lower = "none named"
		}
		return windows1252(b), "charset.wrong: " + lower
	}
	r, err := charset.Reader(lower, bytes.NewReader(b))
	if err != nil {
		if utf8.Valid(b) {
			return string(b), "charset.unknown: " + excerpt([]byte(lower))
		}
		return windows1252(b), "charset.unknown: " + excerpt([]byte(lower))
	}
	all, err := io.ReadAll(r)
	text = string(all)
	if err != nil || !utf8.ValidString(text) {
		return windows1252(b), "charset.wrong: " + excerpt([]byte(lower))
	}
	if strings.ContainsRune(text, utf8.RuneError) {
		problem = lossyCharset + ": " + excerpt([]byte(lower))
	}
	return text, problem
}

// lossyCharset is the problem of a text of which something could not be read.
const lossyCharset = "charset.broken"

func windows1252(b []byte) string {
	var out strings.Builder
	r, err := charset.Reader("windows-1252", bytes.NewReader(b))
	if err == nil {
		_, err = io.Copy(&out, r)
	}
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return out.String()
}

// address is a person in a header.
type address struct{ address, name string }

// maxAddresses is how long a header is read by the rules; a longer one is cut at its commas.
const maxAddresses = 256 << 10

// addresses reads a list of addresses, by the rules or, where it breaks them, by commas and brackets.
func (p *problemList) addresses(name, value string) []address {
	if strings.TrimSpace(value) == "" {
		return nil
	}
	if len(value) <= maxAddresses && !strings.Contains(value, "=?") && utf8.ValidString(value) {
		if list, err := mail.ParseAddressList(value); err == nil {
			out := make([]address, len(list))
			for i, a := range list {
				out[i] = address{a.Address, a.Name}
			}
			return out
		}
	}
	var out []address
	for _, one := range splitList(value) {
		a, ok := p.address(name, one)
		if !ok {
			p.add("address.bad", name+" "+one)
		}
		if a != (address{}) {
			out = append(out, a)
		}
	}
	return out
}

// splitList cuts a list at its commas, semicolons and group names, those in quotes, brackets and comments excepted.
func splitList(s string) (list []string) {
	start, depth := 0, 0 // of comments; a bracket that is never closed hides nothing
	quoted, angle := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth > 0:
		case c == '<' || c == '>':
			angle = c == '<'
		case c == ',' || c == ';':
			list = append(list, s[start:i])
			start, angle = i+1, false
		case c == ':' && !angle:
			start = i + 1
		}
	}
	list = append(list, s[start:])
	out := list[:0]
	for _, one := range list {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

// address reads one address; ok is false where nothing in it looks like one.
func (p *problemList) address(header, s string) (a address, ok bool) {
	name, at := "", s
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		name, at = s[:i], s[i+1:]
		at, _, _ = strings.Cut(at, ">")
	} else if i := strings.IndexByte(s, '('); i >= 0 {
		at, name = s[:i], strings.TrimSuffix(strings.TrimSpace(s[i+1:]), ")")
	}
	name = strings.TrimSpace(name)
	if n := len(name); n > 1 && name[0] == '"' && name[n-1] == '"' {
		name = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(name[1 : n-1])
	}
	a.name = strings.TrimSpace(p.plain(header, name))
	a.address = strings.Trim(strings.TrimSpace(p.plain(header, at)), `"'`)
	if !strings.Contains(a.address, "@") || strings.ContainsAny(a.address, " \t") {
		if a.name == "" {
			a.name = a.address
		}
		a.address = ""
	}
	return a, a.address != ""
}

// zones are the names RFC 5322 gives a meaning.
var zones = map[string]string{
	"UT": "+0000", "UTC": "+0000", "GMT": "+0000", "Z": "+0000", "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500",
	"MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
}

// mailTime reads a date with its offset. A zone by a name that means several places is none.
func mailTime(s string) (time.Time, error) {
	if i := strings.IndexByte(s, '('); i >= 0 {
		s = s[:i]
	}
	s = strings.Join(strings.Fields(s), " ")
	if i := strings.LastIndexByte(s, ' '); i >= 0 {
		if zone := zones[strings.ToUpper(s[i+1:])]; zone != "" {
			s = s[:i+1] + zone
		}
	}
	if i := strings.LastIndexAny(s, "+-"); i < 0 || len(s)-i != 5 {
		return time.Time{}, fmt.Errorf("no offset from UTC")
	}
	return mail.ParseDate(s)
}
