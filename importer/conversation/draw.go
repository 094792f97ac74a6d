package conversation

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// drawn is what the template shows of a [View].
type drawn struct {
	Label, Status string
	Marks, Tags   []string
	Facts         []Fact
	Messages      []bubble
	Empty         string
	Left          int
}

type bubble struct {
	ID, Side, Who, Initial, Address string
	Day, When, Machine              string
	To, Cc, Bcc                     []string
	Subject, Foot, ExternalID       string
	Alarm                           string
	Text                            string
	Long                            bool // the text scrolls
	Frame, Title                    string
	Plain                           string // the text beside the HTML
	Height                          string // a class: frames cannot be measured without scripts
	Cut                             bool
	Files                           []file
}

type file struct{ Name, Type, Size string }

// Limits of what is shown: what is longer is cut, and says so.
const (
	maxText   = 64 << 10  // bytes of a text
	maxMarkup = 256 << 10 // … of HTML
	longText  = 40        // lines from which on a text scrolls
	lineRunes = 80        // characters of a line, about
)

func (d *Drawer) draw(v *View) *drawn {
	out := &drawn{Label: Line(v.Label), Status: Line(v.Status), Marks: lines(v.Marks), Tags: lines(v.Tags), Empty: Line(v.Empty), Left: v.Left}
	for _, f := range v.Facts {
		out.Facts = append(out.Facts, Fact{Line(f.Name), Line(f.Text)})
	}
	zone := v.Zone
	if zone == nil {
		zone = time.UTC
	}
	day := ""
	for i := range v.Messages {
		m := &v.Messages[i]
		b := d.bubble(m, i, v.Both)
		if !m.Sent.IsZero() {
			at := m.Sent.In(zone)
			b.When, b.Machine = at.Format("15:04 MST"), at.Format(time.RFC3339)
			if is := at.Format("Monday, 2 January 2006"); is != day {
				day, b.Day = is, is
			}
		}
		out.Messages = append(out.Messages, b)
	}
	return out
}

func (d *Drawer) bubble(m *Message, i int, both bool) bubble {
	b := bubble{
		ID: m.ID, Side: [...]string{Incoming: "in", Outgoing: "out", Note: "note"}[min(m.Kind, Note)], Who: Line(m.Who), Address: Line(m.Address),
		To: lines(m.To), Cc: lines(m.Cc), Bcc: lines(m.Bcc), Subject: Line(m.Subject), ExternalID: Line(m.ExternalID), Alarm: Line(m.Alarm), Cut: m.Cut,
	}
	if b.Who == "" {
		b.Who = "unknown"
	}
	b.Initial = initial(b.Who)
	if b.Foot = Line(m.Channel); m.Via != "" && m.Via != m.Channel {
		b.Foot = strings.TrimSpace(b.Foot + " via " + Line(m.Via))
	}
	for _, f := range m.Files {
		b.Files = append(b.Files, file{or(Line(f.Name), "unnamed file"), Line(f.ContentType), size(f.Bytes)})
	}
	d.body(m, i, both, &b)
	return b
}

// body shows HTML in a frame, but for such as says no more than a text does.
func (d *Drawer) body(m *Message, i int, both bool, b *bubble) {
	markup, cut := clip(m.HTML, maxMarkup)
	text, cutToo := clip(Visible(m.Text), maxText)
	b.Cut = b.Cut || cut || cutToo
	if markup == "" {
		b.text(text)
		return
	}
	clean, rich := d.clean.run(markup)
	seen := ""
	if both || !rich {
		seen = Text(markup)
	}
	same := sameWords(seen, text)
	switch {
	case rich:
		b.Frame, b.Height = frame(clean), "lines-"+strconv.Itoa(heightOf(clean))
		b.Title = fmt.Sprintf("message %d, by %s, as HTML", i+1, b.Who)
	case same:
		b.text(text) // as it was laid out
	default:
		seen, cut = clip(Visible(seen), maxText)
		b.Cut = b.Cut || cut
		b.text(seen)
	}
	if both && !same {
		b.Plain = text
	}
}

func (b *bubble) text(s string) { b.Text, b.Long = s, linesOf(s) > longText }

// sameWords compares texts but for the spaces and line ends in them.
func sameWords(a, b string) bool {
	next, stop := iter.Pull(strings.FieldsSeq(b))
	defer stop()
	for word := range strings.FieldsSeq(a) {
		if other, ok := next(); !ok || other != word {
			return false
		}
	}
	_, more := next()
	return !more
}

// initial is the first letter of a name.
func initial(s string) string {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "?"
}

func lines(list []string) []string {
	var out []string
	for _, s := range list {
		if s = Line(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// size is a number of bytes for people; "" when it is not known.
func size(n int64) string {
	switch {
	case n <= 0:
		return ""
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1000_000:
		return fmt.Sprintf("%.0f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1000_000)
}

// clip cuts s after n bytes, between two characters.
func clip(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], true
}

// linesOf estimates how many lines a text takes.
func linesOf(text string) int {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n += 1 + utf8.RuneCountInString(line)/lineRunes
	}
	return n
}
