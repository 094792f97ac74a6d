package sandbox

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// textOf is what a reader sees of HTML, for excerpts and the page: paragraphs apart, lists with dots, no scripts and
// styles.
func textOf(markup string) string {
	if markup == "" {
		return ""
	}
	var w flow
	z := html.NewTokenizer(strings.NewReader(markup))
	hidden := ""
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return strings.TrimSpace(w.String())
		}
		if kind == html.TextToken {
			if hidden == "" {
				w.words(string(z.Text()))
			}
			continue
		}
		tag, _ := z.TagName()
		name := string(tag)
		switch name {
		case "script", "style", "title", "textarea":
			if hidden == "" && kind == html.StartTagToken {
				hidden = name
			} else if hidden == name && kind == html.EndTagToken {
				hidden = ""
			}
		case "br":
			w.lines++
		case "div", "tr":
			w.lines = max(w.lines, 1)
		case "p", "ul", "ol", "table", "blockquote", "h1", "h2", "h3", "h4":
			w.lines = max(w.lines, 2)
		case "li":
			w.lines = max(w.lines, 1)
			w.dot = kind == html.StartTagToken
		}
	}
}

// flow puts words together, with the line ends and spaces that were asked for between them.
type flow struct {
	strings.Builder
	lines int  // line ends due before the next word
	space bool // a space due
	dot   bool // a list item begins
}

func (w *flow) words(text string) {
	for _, r := range text {
		if unicode.IsSpace(r) {
			w.space = true
			continue
		}
		switch {
		case w.Len() == 0:
		case w.lines > 0:
			w.WriteString("\n\n"[:min(w.lines, 2)])
		case w.space:
			w.WriteByte(' ')
		}
		if w.dot {
			w.WriteString("• ")
		}
		w.lines, w.space, w.dot = 0, false, false
		w.WriteRune(r)
	}
}

// clip shortens text to n characters on one line.
func clip(text string, n int) string {
	if len(text) > 8*n {
		text = text[:8*n]
	}
	text = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "")
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}
