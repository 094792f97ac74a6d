package conversation

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// maxLine is how many bytes of a one-line text are shown.
const maxLine = 400

// Line makes a text fit to stand in one line among others: line ends become spaces, and characters that would hide or
// turn around what follows are written out, as "[U+202E]".
func Line(s string) string {
	s, cut := clip(s, maxLine)
	s = Visible(strings.Join(strings.Fields(s), " "))
	var b strings.Builder
	for _, r := range s {
		if turns(r) {
			fmt.Fprintf(&b, "[U+%04X]", r)
			continue
		}
		b.WriteRune(r)
	}
	if cut {
		b.WriteString("…")
	}
	return b.String()
}

// turns tells the characters that change the direction of what follows them.
func turns(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// Visible makes control characters visible, but for tabs and line ends, and whatever is no UTF-8.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r':
			return -1
		case r < ' ':
			return 0x2400 + r // its picture
		case r == 0x7f:
			return 0x2421
		case r >= 0x80 && r < 0xa0:
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), string(unicode.ReplacementChar)))
}

// Text is what a reader sees of HTML: paragraphs apart, lists with dots, no scripts and styles.
func Text(markup string) string {
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
