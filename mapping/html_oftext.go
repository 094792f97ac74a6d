package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// HTMLOfText returns plain text as HTML that shows it alike: paragraphs at blank lines, <br> at line ends, spaces kept; addresses of
// http, https and mailto are links. Nothing of the text can be a tag. It has at most ten times the text's bytes, and 7.
func HTMLOfText(s string) string {
	s = strings.Trim(unixLines(s), "\n")
	if s == "" {
		return ""
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/8 + 16)
	b.WriteString("<p>")
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch r {
		case 'h', 'H', 'm', 'M':
			if link := linkAt(s, i); link > 0 {
				writeLink(&b, s[i:i+link])
				n = link
				break
			}
			b.WriteByte(s[i])
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '\n':
			run := 1
			for s[i+run] == '\n' { // s does not end in one
				run++
			}
			if run == 1 {
				b.WriteString("<br>")
				break
			}
			b.WriteString("</p><p>")
			for range run - 2 { // further blank lines
				b.WriteString("<br>")
			}
			n = run
		case ' ':
			if i == 0 || s[i-1] == ' ' || s[i-1] == '\n' {
				b.WriteString("\u00a0") // browsers fold spaces
				break
			}
			b.WriteByte(' ')
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	b.WriteString("</p>")
	return b.String()
}

// linkAt returns how many bytes the address that begins at i has, 0 where none does.
func linkAt(s string, i int) int {
	rest := s[i:]
	head := 0
	for _, scheme := range [...]string{"https://", "http://", "mailto:"} {
		if hasFold(rest, scheme) {
			head = len(scheme)
		}
	}
	if head == 0 || i > 0 && (isLetter(s[i-1]) || isDigit(s[i-1])) {
		return 0
	}
	end, open := head, 0
	for end < len(rest) {
		r, n := utf8.DecodeRuneInString(rest[end:])
		if r <= ' ' || r == 0x7F || r == '<' || r == '>' || r == '"' || r == '`' || unicode.IsSpace(r) || !unicode.IsPrint(r) || r == utf8.RuneError {
			break
		}
		switch r {
		case '(':
			open++
		case ')':
			open--
		}
		end += n
	}
	// The punctuation of the sentence is not the address's, nor is a bracket around it.
	for end > head {
		c := rest[end-1]
		if strings.IndexByte(".,;:!?'*_]}", c) < 0 && (c != ')' || open >= 0) {
			break
		}
		if c == ')' {
			open++
		}
		end--
	}
	if end == head || hasFold(rest, "mailto:") && strings.IndexByte(rest[:end], '@') < 0 {
		return 0
	}
	return end
}

func writeLink(b *strings.Builder, s string) {
	s = strings.ReplaceAll(s, "&", "&amp;")
	b.WriteString(`<a href="`)
	b.WriteString(s)
	b.WriteString(`">`)
	b.WriteString(s)
	b.WriteString("</a>")
}
