package mapping

import (
	"strings"

	"golang.org/x/net/html"
)

// newLines writes the line breaks that are due, and the quote marks of the line that begins.
func (w *textWriter) newLines() {
	first := w.b.Len() == 0
	if !first {
		for k := range w.breaks {
			w.b.WriteByte('\n')
			if k < w.breaks-1 {
				w.marks(min(w.before, w.quoted), "")
			}
		}
	}
	if first || w.breaks > 0 {
		w.marks(w.quoted, " ")
		w.before = w.quoted
	}
}

// maxQuoted is how many bytes the marks of a quote take at most; one within three others shows as they do.
const maxQuoted = 4

func (w *textWriter) marks(depth int, after string) {
	if depth > 0 {
		w.b.WriteString(">>>"[:min(depth, maxQuoted-1)])
		w.b.WriteString(after)
	}
}

func (w *textWriter) openQuote(cites bool) {
	if len(w.quotes) >= 1000 {
		cites = false
	}
	if len(w.quotes) < 1_000_000 {
		w.quotes = append(w.quotes, cites)
	}
	if cites {
		w.quoted++
	}
}

func (w *textWriter) closeQuote() {
	if n := len(w.quotes); n > 0 {
		if w.quotes[n-1] {
			w.quoted--
		}
		w.quotes = w.quotes[:n-1]
	}
}

// isCitation tells a <blockquote> that quotes from one that a writer's program indents a paragraph with.
func isCitation(z *html.Tokenizer) bool {
	styled, bordered := false, false
	for {
		key, value, more := z.TagAttr()
		switch string(key) {
		case "type", "cite":
			return true
		case "style":
			styled, bordered = true, strings.Contains(strings.ToLower(string(value)), "border-left")
		}
		if !more {
			return !styled || bordered
		}
	}
}

// holdsQuote tells whether HTML may hold a quote.
func holdsQuote(s string) bool {
	const name = "blockquote"
	if strings.Contains(s, "<"+name) {
		return true
	}
	for {
		i := strings.IndexByte(s, 'q')
		if j := strings.IndexByte(s, 'Q'); j >= 0 && (i < 0 || j < i) {
			i = j
		}
		if i < 0 {
			return false
		}
		if i >= 5 && hasFold(s[i-5:], name) {
			return true
		}
		s = s[i+1:]
	}
}

// shownAddress is what a link's address is shown as; "" for one that is of no use in a text.
func shownAddress(href string) string {
	href = strings.TrimSpace(href)
	if !hasFold(href, "http://") && !hasFold(href, "https://") && !hasFold(href, "mailto:") {
		return ""
	}
	for i := range len(href) {
		if href[i] <= ' ' || href[i] == 0x7F || href[i] == '<' || href[i] == '>' {
			return ""
		}
	}
	return href
}

// closeLink shows a link's address, unless its text says it.
func (w *textWriter) closeLink() {
	link, text := w.link, strings.TrimSpace(w.b.String()[w.linkAt:])
	w.link = ""
	if link == "" || text == "" {
		return
	}
	if said := strings.TrimSpace(strings.TrimLeft(text, "> ")); isSameAddress(link, said) {
		return
	}
	if w.breaks > 0 || w.cell {
		return // the text was in a block of its own that has ended
	}
	w.spaces = 1
	w.word("<" + link + ">")
}

func isSameAddress(link, said string) bool {
	if _, address, ok := strings.Cut(link, ":"); ok && hasFold(link, "mailto:") {
		address, _, _ = strings.Cut(address, "?")
		return strings.EqualFold(address, strings.TrimPrefix(said, "mailto:"))
	}
	bare := func(s string) string {
		_, rest, ok := strings.Cut(s, "://")
		if !ok {
			rest = s
		}
		return strings.TrimPrefix(strings.TrimSuffix(rest, "/"), "www.")
	}
	return strings.EqualFold(bare(link), bare(said))
}
