package reply

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// SplitHTML takes an HTML body apart, as [Split] does with text: by its lines as they are shown, and by the marks mail programs
// leave (gmail_quote, blockquote type=cite, divRplyFwdMsg, yahoo_quoted, moz-cite-prefix and the like). Text is HTML: the
// body without what is cut, or "" where nothing is the writer's own; its elements are left as they were, and none is added but end tags of those that were open. Signature
// is text.
func SplitHTML(s string) Parts {
	if isLine(s) {
		return Parts{Text: s}
	}
	m := mail{}
	w := walker{line: func(text string, k kind) { m.add(text, k) }}
	if !w.walk(s) {
		return Parts{Text: s}
	}
	m.judge()
	if !m.cut {
		return Parts{Text: s}
	}
	if !m.holds(lineKept) {
		return Parts{Signature: m.text(lineSignature), Cut: true}
	}
	e := emitter{m: &m}
	e.b.Grow(len(s))
	w = walker{emit: &e}
	w.walk(s)
	return Parts{Text: e.b.String(), Signature: m.text(lineSignature), Cut: true}
}

// isLine tells a body that is shown on a single line, at a glance: at most one element, which breaks none.
func isLine(s string) bool {
	i := strings.IndexByte(s, '<')
	if i < 0 {
		return true
	}
	if i+2 >= len(s) || s[i+1] == '/' {
		return false
	}
	if j := strings.Index(s[i+1:], "<"); j >= 0 && (!strings.HasPrefix(s[i+1+j:], "</") || strings.LastIndexByte(s, '<') != i+1+j) {
		return false
	}
	switch s[i+1] | 0x20 {
	case 'b', 'h', 'x': // <br>, <blockquote>, <hr>, <xmp>
		return false
	case 'p':
		return s[i+2] == '>' || s[i+2] == ' '
	}
	return true
}

// walker goes through HTML line by line as it is shown. It numbers lines alike each time.
type walker struct {
	line func(text string, k kind) // takes each line, with its kind if the markup says it
	emit *emitter                  // or this takes all that is in a line

	z     *html.Tokenizer
	at    int    // the line in hand
	text  []byte // of it
	full  bool   // it holds something
	kind  kind   // of it, by the markup
	boxes []box
	pre   int
	raw   string // the element whose content is not shown
}

// box is an open element whose lines are of a kind.
type box struct {
	name  string
	depth int // open elements of that name within it, itself included
	kind  kind
}

// walk goes through s; false says that it has more lines than are judged.
func (w *walker) walk(s string) bool {
	w.z = html.NewTokenizer(strings.NewReader(s))
	for w.at <= maxLines {
		switch kind := w.z.Next(); kind {
		case html.ErrorToken:
			w.end()
			return w.at <= maxLines
		case html.TextToken:
			if w.raw == "" {
				w.words(w.z.Raw())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			w.close()
		}
	}
	return false
}

// end ends the line in hand if there is something in it, and hard ends it in any case.
func (w *walker) end() {
	if w.full {
		w.hard()
	}
}

func (w *walker) hard() {
	if w.line != nil {
		w.line(string(w.text), w.kind)
	}
	w.at++
	w.text, w.full, w.kind = w.text[:0], false, kindUnknown
}

// begin notes that something stands in the line in hand.
func (w *walker) begin() {
	if !w.full && len(w.boxes) > 0 {
		w.kind = w.boxes[len(w.boxes)-1].kind
	}
	w.full = true
}

// words takes text as it stands in the source.
func (w *walker) words(raw []byte) {
	for w.pre > 0 {
		i := bytes.IndexByte(raw, '\n')
		if i < 0 {
			break
		}
		w.segment(raw[:i+1])
		w.hard()
		raw = raw[i+1:]
	}
	w.segment(raw)
}

func (w *walker) segment(raw []byte) {
	if w.emit != nil {
		w.emit.content(w.at, raw)
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		if w.full && len(raw) > 0 {
			w.text = append(w.text, ' ')
		}
		return
	}
	w.begin()
	if w.line != nil {
		w.text = appendFolded(w.text, html.UnescapeString(string(raw)))
	}
}

// appendFolded adds text with each run of white space as a blank.
func appendFolded(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' {
			if len(b) > 0 && b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
			continue
		}
		b = append(b, c)
	}
	return b
}

// picture stands for an image in a line's text.
const picture = "\uFFFC"

func (w *walker) start(closed bool) {
	raw := w.z.Raw()
	nameBytes, hasAttr := w.z.TagName()
	name := string(nameBytes)
	a := attributes{}
	if hasAttr {
		a.read(w.z)
	}
	switch name {
	case "br":
		if w.emit != nil {
			w.emit.content(w.at, raw)
		}
		w.hard()
		return
	case "hr":
		w.end()
		w.begin()
		w.text = append(w.text, "---"...)
		if w.emit != nil {
			w.emit.content(w.at, raw)
		}
		w.hard()
		return
	case "img":
		if !a.tiny {
			w.begin()
			w.text = append(w.text, picture...)
		}
		if w.emit != nil {
			w.emit.content(w.at, raw)
		}
		return
	case "pre":
		w.pre++
	case "script", "style", "title", "noscript", "iframe", "noembed", "noframes", "textarea", "xmp", "plaintext":
		w.raw = name
	case "td", "th":
		w.text = append(w.text, ' ')
	}
	if isBlock(name) {
		w.end()
	}
	w.open(name, &a, closed)
	if w.emit != nil {
		w.emit.start(w.at, name, raw)
	}
}

func (w *walker) open(name string, a *attributes, closed bool) {
	if n := len(w.boxes); n > 0 && w.boxes[n-1].name == name && !closed {
		w.boxes[n-1].depth++
	}
	k := a.kind(name)
	if k == kindUnknown || closed {
		return
	}
	if n := len(w.boxes); n > 0 && (w.boxes[n-1].kind == k || w.boxes[n-1].kind == kindQuote) {
		return // within a quote all is quoted
	}
	w.end()
	w.boxes = append(w.boxes, box{name, 1, k})
}

func (w *walker) close() {
	raw := w.z.Raw()
	nameBytes, _ := w.z.TagName()
	name := string(nameBytes)
	if name == w.raw {
		w.raw = ""
	}
	if name == "pre" {
		w.pre = max(w.pre-1, 0)
	}
	if isBlock(name) {
		w.end()
	}
	if n := len(w.boxes); n > 0 && w.boxes[n-1].name == name {
		if w.boxes[n-1].depth--; w.boxes[n-1].depth == 0 {
			w.end()
			w.boxes = w.boxes[:n-1]
		}
	}
	if w.emit != nil {
		w.emit.end(w.at, name, raw)
	}
}

// isBlock tells the elements that begin and end lines.
func isBlock(name string) bool {
	switch name {
	case "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "tr", "tbody", "thead", "tfoot", "ul", "ol", "li", "dl", "dt", "dd", "pre",
		"center", "section", "article", "header", "footer", "main", "nav", "aside", "address", "form", "fieldset", "figure", "figcaption", "caption", "body", "html":
		return true
	}
	return false
}

// attributes are what tells a mail program's marks.
type attributes struct {
	classes string
	id      string
	style   string
	cite    bool
	any     bool
	tiny    bool // an image that nobody sees
}

func (a *attributes) read(z *html.Tokenizer) {
	for {
		key, value, more := z.TagAttr()
		a.any = true
		switch string(key) {
		case "class":
			a.classes = string(value)
		case "id":
			a.id = strings.TrimPrefix(string(value), "x_")
		case "style":
			a.style = strings.ToLower(string(value))
			a.tiny = a.tiny || strings.Contains(a.style, "display:none") || strings.Contains(a.style, "display: none")
		case "type", "cite":
			a.cite = a.cite || string(key) == "cite" || strings.EqualFold(string(value), "cite")
		case "width", "height":
			v := strings.TrimSuffix(string(value), "px")
			a.tiny = a.tiny || v == "0" || v == "1" || v == "2"
		case "data-smartmail":
			if string(value) == "gmail_signature" {
				a.classes += " gmail_signature"
			}
		}
		if !more {
			return
		}
	}
}

// kind is what an element's marks say of the lines in it.
func (a *attributes) kind(name string) kind {
	switch {
	case a.id == "divRplyFwdMsg", strings.HasPrefix(a.id, "divRplyFwdMsg"), a.id == "OLK_SRC_BODY_SECTION":
		return kindHeading
	case strings.HasPrefix(a.id, "yahoo_quoted"), a.id == "isForwardContent", a.id == "mail-editor-reference-message-container", a.id == "reply-intro" && name != "p":
		return kindQuote
	case a.id == "Signature", strings.HasPrefix(a.id, "ms-outlook-mobile-signature"), a.id == "AppleMailSignature":
		return kindSignature
	}
	for class := range strings.FieldsSeq(a.classes) {
		switch strings.TrimPrefix(class, "x_") {
		case "gmail_quote", "gmail_quote_container", "yahoo_quoted", "protonmail_quote", "zmail_extra", "tutanota_quote", "moz-forward-container", "freshdesk_quote",
			"zendesk_quote", "front-blockquote", "gorgias_quote", "airmail_ext_on", "ydpquoted":
			if name != "p" {
				return kindQuote
			}
		case "moz-cite-prefix", "OutlookMessageHeader", "gmail_attr", "moz-email-headers-table", "airmail_on":
			return kindHeading
		case "gmail_signature", "moz-signature", "moz-txt-sig", "protonmail_signature_block", "tutanota_signature":
			return kindSignature
		}
	}
	if name == "blockquote" && (a.cite || a.style == "" || strings.Contains(a.style, "border-left")) {
		return kindQuote // one with other styles is an indented paragraph
	}
	return kindUnknown
}

// emitter writes what is kept. The start tags of what is cut wait until something that is kept follows within them; those that
// end before are cut as well.
type emitter struct {
	m       *mail
	b       strings.Builder
	waiting []tag
}

type tag struct{ name, raw string }

func (e *emitter) keeps(line int) bool {
	return line < len(e.m.fates) && e.m.fates[line] == lineKept
}

func (e *emitter) flush() {
	for _, t := range e.waiting {
		e.b.WriteString(t.raw)
	}
	e.waiting = e.waiting[:0]
}

func (e *emitter) content(line int, raw []byte) {
	if e.keeps(line) {
		e.flush()
		e.b.Write(raw)
	}
}

func (e *emitter) start(line int, name string, raw []byte) {
	if e.keeps(line) {
		e.flush()
		e.b.Write(raw)
		return
	}
	e.waiting = append(e.waiting, tag{name, string(raw)})
}

// maxMisnested is how far back an end tag looks for its start tag.
const maxMisnested = 16

func (e *emitter) end(line int, name string, raw []byte) {
	n := len(e.waiting)
	for i := n - 1; i >= 0 && i >= n-maxMisnested; i-- {
		if e.waiting[i].name == name {
			e.waiting = append(e.waiting[:i], e.waiting[i+1:]...)
			return
		}
	}
	e.b.Write(raw)
}
