package sources

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"strconv"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// mailBody is what the parts of a mail hold.
type mailBody struct {
	problems   *problemList
	text, html string
	files      []mailFile
	segments   []*mailSegment
	parts      int
}

// mailFile is an attachment.
type mailFile struct {
	name, kind, id string
	inline         bool
	data           []byte
}

// mailSegment is a stretch of the body: one text, or the same in several forms.
type mailSegment struct {
	plain, html       strings.Builder
	hasPlain, hasHTML bool
}

const (
	// maxParts is how many parts a mail may have, and maxNesting how deep they may lie in one another.
	maxParts   = 10000
	maxNesting = 50
)

// part takes a part and those in it. Within one of several forms the segment is given.
func (b *mailBody) part(h textproto.Header, raw []byte, depth int, in *mailSegment) {
	kind, params := b.kind(h)
	b.parts++
	boundary := params["boundary"]
	multi := strings.HasPrefix(kind, "multipart/")
	if multi && (depth >= maxNesting || b.parts > maxParts) {
		b.problems.add("mime.deep", fmt.Sprintf("more than %d parts, or %d in one another", maxParts, maxNesting))
		b.files = append(b.files, mailFile{name: b.nameless(kind), kind: "application/octet-stream", data: raw})
		return
	}
	if multi && boundary == "" {
		b.problems.add("mime.boundary", kind+" names none")
		kind, multi = "text/plain", false
	}
	if !multi {
		b.leaf(h, kind, params, raw, in)
		return
	}
	parts, rest := split(raw, boundary, b.problems)
	if len(parts) == 0 {
		b.leaf(h, "text/plain", nil, raw, in)
		return
	}
	if text := bytes.TrimSpace(rest); len(text) > 0 && !bytes.HasPrefix(bytes.ToLower(text), []byte("this is a")) {
		b.problems.add("mime.outside", string(text))
	}
	if kind == "multipart/alternative" && in == nil {
		in = b.segment()
	}
	for _, p := range parts {
		if b.parts > maxParts {
			b.problems.add("mime.deep", fmt.Sprintf("more than %d parts", maxParts))
			b.files = append(b.files, mailFile{name: b.nameless("message/rfc822"), kind: "application/octet-stream", data: p})
			continue
		}
		ph, body := header(p, b.problems)
		if kind == "multipart/digest" && ph.Get("Content-Type") == "" {
			ph.Add("Content-Type", "message/rfc822")
		}
		b.part(ph, body, depth+1, in)
	}
}

func (b *mailBody) segment() *mailSegment {
	s := &mailSegment{}
	b.segments = append(b.segments, s)
	return s
}

// split cuts a body at its boundary lines. rest is what stands before the first and after the last.
func split(body []byte, boundary string, p *problemList) (parts [][]byte, rest []byte) {
	line := []byte("\n--" + boundary)
	mark := line[1:]
	start, first, closed := -1, -1, false
	for i := 0; i < len(body); {
		if !bytes.HasPrefix(body[i:], mark) {
			j := bytes.Index(body[i:], line)
			if j < 0 {
				break
			}
			i += j + 1
		}
		after, next := body[i+len(mark):], len(body)
		if j := bytes.IndexByte(after, '\n'); j >= 0 {
			after, next = after[:j], i+len(mark)+j+1
		}
		last := bytes.HasPrefix(after, []byte("--"))
		if tail := bytes.TrimSpace(bytes.TrimPrefix(after, []byte("--"))); len(tail) > 0 {
			i = next - 1 // the line only begins as a boundary does
			if next == len(body) {
				break
			}
			continue
		}
		if start >= 0 {
			if len(parts) == maxParts { // the rest is one, and told by whoever looks into it
				return append(parts, body[start:]), nil
			}
			parts = append(parts, trimBreak(body[start:i]))
		} else {
			first = i
		}
		if start, i = next, next; last {
			closed = true
			break
		}
	}
	switch {
	case first < 0:
		p.add("mime.boundary", boundary+" is nowhere in the body")
		return nil, nil
	case !closed:
		p.add("mime.cut", "the last boundary "+boundary+" is missing")
		if start < len(body) {
			parts = append(parts, body[start:])
		}
		return parts, body[:first]
	}
	return parts, append(bytes.Clone(head(bytes.TrimSpace(body[:first]))), head(bytes.TrimSpace(body[start:]))...)
}

// trimBreak takes off the line break that belongs to the boundary after it.
func trimBreak(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte{'\n'}), []byte{'\r'})
}

// leaf takes a part that holds no others: text of the body, or an attachment.
func (b *mailBody) leaf(h textproto.Header, kind string, params map[string]string, raw []byte, in *mailSegment) {
	disposition, more := parseParams(h.Get("Content-Disposition"), b.problems)
	name := b.problems.plain("filename", more["filename"])
	if name == "" {
		name = b.problems.plain("filename", params["name"])
	}
	id := strings.Trim(strings.TrimSpace(h.Get("Content-Id")), "<>")
	data, whole := b.decode(h, name, raw)
	if (kind == "text/plain" || kind == "text/html") && disposition != "attachment" && name == "" {
		if !whole {
			b.keep(name, raw)
		}
		b.words(kind, params["charset"], data, raw, in)
		return
	}
	if kind == "message/rfc822" && name == "" {
		inner, _ := header(data, &problemList{})
		if name = b.problems.plain("subject", inner.Get("Subject")); name != "" {
			name += ".eml"
		}
	}
	if name == "" {
		name = b.nameless(kind)
	}
	b.files = append(b.files, mailFile{
		name: fileName(name), kind: kind, id: b.problems.plain("content-id", id), inline: disposition == "inline" || disposition == "" && id != "", data: data,
	})
	if !whole {
		b.keep(name, raw)
	}
}

// keep keeps the text of a part that could not be decoded whole, beside what could.
func (b *mailBody) keep(name string, raw []byte) {
	if name == "" {
		name = b.nameless("")
	}
	b.files = append(b.files, mailFile{name: fileName(name) + ".undecoded", kind: "application/octet-stream", data: raw})
}

// nameless is the name of a part that has none.
func (b *mailBody) nameless(kind string) string {
	return "part-" + strconv.Itoa(b.parts) + extension(kind)
}

// fileName is a name that is none of a folder.
func fileName(name string) string {
	if i := strings.LastIndexByte(name, '\\'); strings.Contains(name, `:\`) && i+1 < len(name) {
		name = name[i+1:]
	}
	return strings.TrimSpace(strings.NewReplacer("/", "_", `\`, "_").Replace(name))
}

// words adds text of the body.
func (b *mailBody) words(kind, charset string, data, raw []byte, in *mailSegment) {
	text, problem := convert(data, charset)
	if problem != "" {
		b.problems.add(problem, "")
		if strings.HasPrefix(problem, lossyCharset) {
			b.keep("", raw)
		}
	}
	if n := strings.Count(text, "\x00"); n > 0 {
		b.problems.add("nul", fmt.Sprintf("%d in the text, left out", n))
		text = strings.ReplaceAll(text, "\x00", "")
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if in == nil {
		in = b.segment()
	}
	to, has := &in.plain, &in.hasPlain
	if kind == "text/html" {
		to, has = &in.html, &in.hasHTML
	}
	if *has && to.Len() > 0 && kind == "text/plain" {
		to.WriteByte('\n')
	}
	*has = true
	to.WriteString(text)
}

// finish puts the segments together. Where one has HTML, the others are put into it as such; where one has no plain text, there
// is none of the whole.
func (b *mailBody) finish() {
	var plain, marked []string
	allPlain, anyHTML := true, false
	for _, s := range b.segments {
		if s.plain.Len() == 0 && s.html.Len() == 0 {
			continue
		}
		allPlain = allPlain && s.hasPlain && s.plain.Len() > 0
		anyHTML = anyHTML || s.html.Len() > 0
		plain = append(plain, s.plain.String())
		if s.html.Len() > 0 {
			marked = append(marked, s.html.String())
		} else {
			marked = append(marked, `<div style="white-space: pre-wrap">`+html.EscapeString(s.plain.String())+"</div>")
		}
	}
	if allPlain {
		b.text = strings.Join(plain, "\n")
	}
	if anyHTML {
		b.html = strings.Join(marked, "\n")
	}
	b.segments = nil
}

// kind is a part's type and its parameters.
func (b *mailBody) kind(h textproto.Header) (string, map[string]string) {
	value := h.Get("Content-Type")
	if strings.TrimSpace(value) == "" {
		return "text/plain", nil
	}
	kind, params := parseParams(value, b.problems)
	if major, minor, found := strings.Cut(kind, "/"); !found || major == "" || minor == "" || strings.ContainsAny(kind, " \t\"") {
		b.problems.add("header.broken", "content-type: "+value)
		if kind == "text" {
			return "text/plain", params
		}
		return "application/octet-stream", params
	}
	return kind, params
}

// decode takes off the transfer encoding; whole is false where something of it could not be read.
func (b *mailBody) decode(h textproto.Header, name string, raw []byte) (data []byte, whole bool) {
	encoding := strings.ToLower(strings.Trim(strings.TrimSpace(h.Get("Content-Transfer-Encoding")), `"';`))
	switch encoding {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "none":
		return raw, true
	case "quoted-printable", "quotedprintable":
		data, broken := unquotePrintable(raw)
		if broken > 0 {
			b.problems.add("quoted_printable.broken", strconv.Itoa(broken)+" escapes, kept as written "+name)
		}
		return data, true
	case "base64":
		data, stray, cut := unbase64(raw)
		if stray > 0 {
			b.problems.add("base64.broken", fmt.Sprintf("%d characters that do not belong %s", stray, name))
		}
		if cut {
			b.problems.add("base64.cut", name)
		}
		return data, stray == 0 && !cut
	}
	b.problems.add("encoding.unknown", encoding+" "+name)
	return raw, true
}

// unbase64 decodes base64 as far as it goes: padding may stand between parts, stray is how many characters do not belong,
// cut that characters or padding are missing at the end.
func unbase64(raw []byte) (data []byte, stray int, cut bool) {
	data = make([]byte, base64.StdEncoding.DecodedLen(len(raw)))
	if n, err := base64.StdEncoding.Decode(data, raw); err == nil { // it skips line breaks by itself
		return data[:n], 0, false
	}
	data = data[:0]
	var bits uint32
	n := 0
	for _, c := range raw {
		v := strings.IndexByte(base64Alphabet, c)
		switch {
		case v >= 0:
			bits = bits<<6 | uint32(v)
			if n++; n == 4 {
				data = append(data, byte(bits>>16), byte(bits>>8), byte(bits))
				bits, n = 0, 0
			}
		case c == '=':
			if n == 1 {
				stray++
			}
			data, bits, n = tail(data, bits, n), 0, 0
		case !space(c):
			stray++
		}
	}
	return tail(data, bits, n), stray, n > 0
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// tail adds the bytes of a last group of n characters.
func tail(data []byte, bits uint32, n int) []byte {
	switch n {
	case 2:
		data = append(data, byte(bits>>4))
	case 3:
		data = append(data, byte(bits>>10), byte(bits>>2))
	}
	return data
}

// unquotePrintable decodes quoted-printable text; broken is how many escapes are none, which stay as they are written.
func unquotePrintable(raw []byte) (out []byte, broken int) {
	if bytes.IndexByte(raw, '=') < 0 {
		return raw, 0
	}
	out = make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c != '=' {
			out = append(out, c)
			continue
		}
		end := i + 1
		for end < len(raw) && (raw[end] == ' ' || raw[end] == '\t' || raw[end] == '\r') {
			end++
		}
		if end == len(raw) {
			break
		}
		if raw[end] == '\n' { // the line goes on
			i = end
			continue
		}
		if i+2 < len(raw) {
			if hi, lo := unhex(raw[i+1]), unhex(raw[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		broken++
		out = append(out, c)
	}
	return out, broken
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
