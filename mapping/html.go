package mapping

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// TextOfHTML returns the text of an HTML body as a reader sees it: blocks on lines of their own, list items with their mark,
// table cells apart by tabs, links by their text with the address after it, quotes with > before each line, entities resolved; no
// scripts, styles or head. Any input gives a text, whose lines have no trailing spaces and end in \n; it has at most four times the
// input's bytes, and 16.
func TextOfHTML(s string) string {
	if strings.IndexByte(s, '<') < 0 && strings.IndexByte(s, '&') < 0 {
		w := textWriter{}
		w.folded(s)
		return w.b.String()
	}
	z := html.NewTokenizer(strings.NewReader(s))
	w := textWriter{}
	w.b.Grow(len(s) / 2)
	for {
		switch z.Next() {
		case html.ErrorToken: // the end: a tokenizer over a string has no other error
			return w.b.String()
		case html.TextToken:
			if w.dropped == "" && !w.head {
				w.text(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(string(name))
		}
	}
}

// maxIndent is how deep a list is shown.
const maxIndent = 3

// textWriter lays out text. Breaks and spaces are held back until text follows, so that none trail.
type textWriter struct {
	b       strings.Builder
	breaks  int    // line breaks due
	spaces  int    // spaces due
	cell    bool   // a tab is due
	inLine  bool   // something stands on the current line
	inRow   bool   // … in the current table row
	mark    string // a list item's mark is due
	pre     int    // depth of <pre>
	head    bool   // inside <head>
	dropped string // the element whose raw content is left out
	lists   []list
	quotes  []bool // open <blockquote>: whether it quotes, or only indents
	quoted  int    // how many of them quote
	before  int    // quoted of the line above
	link    string // address of the open <a> that is to be shown
	linkAt  int    // where its text begins
}

// list is an open <ol> or <ul>; number is the next item's, 0 in a <ul>.
type list struct{ number int }

// start acts on a start tag.
func (w *textWriter) start(z *html.Tokenizer) {
	raw, hasAttr := z.TagName()
	name := string(raw)
	if w.head && !inHead(name) {
		w.head = false
	}
	switch name {
	case "head":
		w.head = true
	case "script", "style", "title", "iframe", "noembed", "noframes":
		w.dropped = name
	case noscript: // shown where scripts do not run, as in mail; a head shows nothing
		if w.head {
			w.dropped = name
			break
		}
		z.NextIsNotRawText()
	case "br":
		w.breaks, w.inLine = min(w.breaks+1, 3), false
		w.spaces = 0
	case "hr":
		w.block(2)
		w.word("---")
		w.block(2)
	case "img":
		if hasAttr {
			w.folded(attribute(z, "alt"))
		}
	case "a":
		w.link, w.linkAt = "", w.b.Len()
		if hasAttr {
			w.link = shownAddress(attribute(z, "href"))
		}
	case "blockquote":
		w.block(2)
		w.openQuote(!hasAttr || isCitation(z))
	case "pre":
		w.block(2)
		w.pre++
	case "ul", "ol":
		w.openList(z, name, hasAttr)
	case "li":
		w.item()
	case "tr":
		w.block(1)
		w.inRow = false
	case "td", "th":
		w.cell = w.inRow
		w.spaces = 0
	default:
		w.block(blockLines(name))
	}
}

// end acts on an end tag.
func (w *textWriter) end(name string) {
	switch name {
	case w.dropped:
		w.dropped = ""
	case "head":
		w.head = false
	case "a":
		w.closeLink()
	case "blockquote":
		w.block(2)
		w.closeQuote()
	case "pre":
		w.pre = max(w.pre-1, 0)
		w.block(2)
	case "ul", "ol":
		if n := len(w.lists); n > 0 {
			w.lists = w.lists[:n-1]
		}
		w.block(w.listLines())
		w.mark = ""
	case "li", "tr":
		w.block(1)
	default:
		w.block(blockLines(name))
	}
}

// inHead tells what may stand in a head, so that one that is never closed does not swallow the body.
func inHead(name string) bool {
	switch name {
	case "head", "meta", "link", "base", "title", "style", "script", "noscript", "template":
		return true
	}
	return false
}

// blockLines is how many line breaks an element's edges ask for.
func blockLines(name string) int {
	switch name {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "dl", "figure", "fieldset":
		return 2
	case "div", "dt", "dd", "address", "section", "article", "header", "footer", "main", "nav", "aside", "form", "caption",
		"thead", "tbody", "tfoot", "figcaption", "legend", "details", "summary", "center", "body", "option":
		return 1
	}
	return 0
}

func (w *textWriter) block(lines int) {
	if lines == 0 {
		return
	}
	w.breaks, w.inLine = max(w.breaks, lines), false
	w.spaces, w.cell = 0, false
}

func (w *textWriter) listLines() int {
	if len(w.lists) > 0 {
		return 1
	}
	return 2
}

func (w *textWriter) openList(z *html.Tokenizer, name string, hasAttr bool) {
	w.block(w.listLines())
	l := list{}
	if name == "ol" {
		l.number = 1
		if hasAttr {
			if n, err := strconv.Atoi(attribute(z, "start")); err == nil && n > 0 && n < 10_000 {
				l.number = n
			}
		}
	}
	if len(w.lists) < 1000 { // deeper ones share the last's numbers
		w.lists = append(w.lists, l)
	}
}

func (w *textWriter) item() {
	w.block(1)
	w.mark = "- "
	n := len(w.lists)
	if n == 0 {
		return
	}
	if l := &w.lists[n-1]; l.number > 0 {
		w.mark = strconv.Itoa(l.number) + ". "
		l.number++
	}
}

// attribute returns the value of one attribute of the tag z stands on.
func attribute(z *html.Tokenizer, name string) string {
	for {
		key, value, more := z.TagAttr()
		if string(key) == name {
			return string(value)
		}
		if !more {
			return ""
		}
	}
}

func (w *textWriter) text(b []byte) {
	if w.pre > 0 {
		w.preformatted(string(b))
		return
	}
	w.folded(string(b))
}

// folded writes s with every run of white space as one space, and no-break spaces one for one.
func (w *textWriter) folded(s string) {
	start := -1
	for i := 0; i < len(s); i++ {
		hard := s[i] == 0xC2 && i+1 < len(s) && s[i+1] == 0xA0
		if !hard && !isSpace(s[i]) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			w.word(s[start:i])
			start = -1
		}
		switch {
		case hard:
			w.spaces++
			i++
		case w.inLine && w.breaks == 0 && !w.cell:
			w.spaces = max(w.spaces, 1)
		}
	}
	if start >= 0 {
		w.word(s[start:])
	}
}

// isSpace takes control characters for white space: no text has use for them.
func isSpace(b byte) bool { return b <= ' ' || b == 0x7F }

// preformatted writes s line by line, as it stands but for trailing spaces.
func (w *textWriter) preformatted(s string) {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7F {
			return -1
		}
		return r
	}, unixLines(s))
	for {
		line, rest, more := strings.Cut(s, "\n")
		if text := strings.TrimRight(line, " \t\u00a0"); text != "" {
			w.word(text)
			w.spaces = len(line) - len(text)
		}
		if !more {
			return
		}
		w.breaks, w.inLine = w.breaks+1, false
		w.spaces = 0
		s = rest
	}
}

// word writes text that needs no care, after what is due before it.
func (w *textWriter) word(s string) {
	w.newLines()
	if w.cell && w.inLine && w.breaks == 0 {
		w.b.WriteByte('\t')
	}
	for range w.spaces {
		w.b.WriteByte(' ')
	}
	w.breaks, w.cell, w.spaces = 0, false, 0
	if w.mark != "" {
		for range min(len(w.lists), maxIndent) - 1 {
			w.b.WriteString("  ")
		}
		w.b.WriteString(w.mark)
		w.mark = ""
	}
	w.b.WriteString(s)
	w.inLine, w.inRow = true, true
}

func unixLines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
