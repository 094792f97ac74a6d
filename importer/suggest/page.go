package suggest

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/deskferry/deskferry/mapping"
)

// page is a mapping file being written: YAML lines, each with the reason for it beside it.
type page struct {
	b     strings.Builder
	lines int
	live  bool // it holds more than comments
	keys  int  // lines that are no comments
}

// A mapping has at most 10,000 lines and 1 MiB; what a suggestion lists of an export is bounded long before that.
const (
	commentColumn  = 44  // where comments begin, if the line leaves room
	maxExcerpt     = 60  // characters of a value in a comment
	commentWidth   = 116 // characters of a comment line
	maxTableValues = 200 // values of one field listed in a table
	maxListed      = 100 // fields listed without a place
)

// line writes a line of YAML; the comment says why. Texts of the export must come through word, those of a comment
// through shown.
func (p *page) line(indent int, yaml, comment string) {
	line := strings.Repeat("  ", indent) + yaml
	p.b.WriteString(line)
	if comment != "" {
		pad := max(1, commentColumn-utf8.RuneCountInString(line))
		p.b.WriteString(strings.Repeat(" ", pad) + "# " + oneLine(comment))
	}
	p.b.WriteByte('\n')
	p.lines++
	p.keys++
}

// note writes a comment of its own, wrapped.
func (p *page) note(indent int, format string, args ...any) {
	prefix := strings.Repeat("  ", indent) + "# "
	rest := oneLine(fmt.Sprintf(format, args...))
	for {
		cut := wrap(rest, commentWidth-len(prefix))
		p.b.WriteString(prefix + rest[:cut] + "\n")
		p.lines++
		if rest = strings.TrimLeft(rest[cut:], " "); rest == "" {
			return
		}
	}
}

// off writes a line of YAML that is switched off: a proposal the user takes by removing the "# ".
func (p *page) off(indent int, yaml, comment string) {
	if comment != "" {
		yaml += " # " + comment
	}
	p.b.WriteString(strings.Repeat("  ", indent) + "# " + oneLine(yaml) + "\n")
	p.lines++
}

func (p *page) blank() {
	p.b.WriteByte('\n')
	p.lines++
}

// wrap returns where to cut s so that at most width characters come before it: at a blank where there is one.
func wrap(s string, width int) int {
	n, last := 0, 0
	for i, r := range s {
		if n++; n > width {
			if last > 0 {
				return last
			}
			return i
		}
		if r == ' ' && i > 0 {
			last = i
		}
	}
	return len(s)
}

// oneLine keeps a text from leaving its comment, and from being shown otherwise than it is read: controls and signs of
// direction are spelled out.
func oneLine(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case hidden(r):
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func hidden(r rune) bool {
	return r != ' ' && (!unicode.IsGraphic(r) || unicode.IsSpace(r)) || r == utf8.RuneError
}

// shown is a value of the export in a comment: quoted, and cut.
func shown(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxExcerpt {
			s = s[:i] + "…"
			break
		}
	}
	return `"` + oneLine(s) + `"`
}

// word writes a text of the export as YAML.
func word(s string) string { return mapping.Word(s) }

func words(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = word(s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// field writes the name of a field where a value is wanted. A name that YAML or the mapping would take for a constant
// is written { from: … }.
func field(name string) string {
	if plainTruth(name) {
		return "{ from: " + word(name) + " }"
	}
	return word(name)
}

// counted writes 12391 as 12,391.
func counted(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// many writes "1 record", "2 records".
func many(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return counted(n) + " " + more
}
