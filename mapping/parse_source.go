package mapping

import (
	"strings"
	"time"

	"golang.org/x/text/encoding/htmlindex"
)

// maxSourceName leaves room for ids: an external id has at most 255 characters (api/gorgias section 4).
const maxSourceName = 100

func (d *decoder) source(n *node, at string, keys []key) SourceBlock {
	s := SourceBlock{Pos: n.pos}
	for _, e := range d.known(n, at, keyNames(keys)) {
		d.sourceKey(&s, e, at)
	}
	return s
}

func (d *decoder) sourceKey(s *SourceBlock, e keyed, at string) {
	at = join(at, e.key)
	switch e.key {
	case "name":
		s.Name = d.word(e.value, at)
		if strings.Contains(s.Name, ":") || len(s.Name) > maxSourceName {
			d.add(e.value.pos, at, "the name has no colon and at most %d bytes: it stands before the : of every external id", maxSourceName)
		}
	case "format":
		s.Format = d.oneOf(e.value, at, formats()...)
	case "encoding":
		s.Encoding = d.encoding(e.value, at)
	case "delimiter":
		s.Delimiter = d.delimiter(e.value, at)
	case "timezone":
		s.Timezone = d.timezone(e.value, at)
	case "empty":
		s.Empty = d.words(e.value, at)
	case "api":
		s.API = d.settings(e.value, at)
	}
}

func (d *decoder) encoding(n *node, at string) string {
	w := d.word(n, at)
	if w == "" {
		return ""
	}
	if _, err := htmlindex.Get(w); err != nil {
		d.add(n.pos, at, "unknown encoding %s%s", quoted(w), didYouMean(w, []string{"utf-8", "utf-16le", "utf-16be", "windows-1252", "windows-1251", "iso-8859-1", "iso-8859-15", "shift_jis", "gbk"}))
		return ""
	}
	return w
}

// delimiter reads a character or its name; what it returns is the character.
func (d *decoder) delimiter(n *node, at string) string {
	if n.kind == nodeWord && n.text == "\t" {
		return "\t"
	}
	w := d.word(n, at)
	switch w {
	case "tab":
		return "\t"
	case "comma":
		return ","
	case "semicolon":
		return ";"
	case "pipe":
		return "|"
	}
	if w == "" {
		return ""
	}
	if len(w) != 1 || w == `"` || w == "\n" || w == "\r" {
		d.add(n.pos, at, "a delimiter is one ASCII character in quotes, or comma, semicolon, tab, pipe")
		return ""
	}
	return w
}

func (d *decoder) timezone(n *node, at string) string {
	w := d.word(n, at)
	if w == "" {
		return ""
	}
	if _, err := time.LoadLocation(w); err != nil || w == "Local" {
		d.add(n.pos, at, "unknown time zone %s; write one of the tz database: Europe/Paris, America/New_York, UTC", quoted(w))
		return ""
	}
	return w
}
