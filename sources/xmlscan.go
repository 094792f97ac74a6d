package sources

import "bytes"

// markup is what a < begins.
type markup uint8

const (
	noMarkup   markup = iota // a < by itself, which no XML has
	openTag                  // <name …>
	closeTag                 // </name>
	emptyTag                 // <name …/>
	cdata                    // <![CDATA[ … ]]>
	aside                    // a comment, a processing instruction or a document type: nothing of it is read
	needMarkup = 12          // bytes that tell what a < begins
)

// tagScan finds the end of one piece of markup, of whatever length, and goes on where it stopped when there is more text.
type tagScan struct {
	kind   markup
	i      int // next byte to look at
	name   []byte
	same   bool // it is a tag of that name
	begun  bool
	until  []byte // what ends it, nil for a tag
	quote  byte   // of the attribute or literal s.i is in
	nested int    // open brackets of a document type
	slash  bool   // the tag's last byte was a slash
}

// run reads on in b and tells whether the markup ended, at s.i; atEnd says that no more text follows.
func (s *tagScan) run(b []byte, atEnd bool) bool {
	if !s.begun {
		if len(b)-s.i < needMarkup+len(s.name) && !atEnd {
			return false
		}
		s.begin(b[s.i:])
		if s.kind == noMarkup {
			s.i++
			return true
		}
	}
	if s.until != nil {
		if e := bytes.Index(b[s.i:], s.until); e >= 0 {
			s.i += e + len(s.until)
			return true
		}
		s.i = max(s.i, len(b)-len(s.until)+1)
		return false
	}
	return s.tag(b)
}

// begin tells what stands at the start of b, and passes it.
func (s *tagScan) begin(b []byte) {
	s.begun = true
	s.same = s.name != nil && bytes.Equal(tagName(b[:min(len(b), needMarkup+len(s.name))]), s.name)
	for _, k := range []struct {
		start, end string
		kind       markup
	}{{"<!--", "-->", aside}, {"<![CDATA[", "]]>", cdata}, {"<?", "?>", aside}, {"</", ">", closeTag}} {
		if bytes.HasPrefix(b, []byte(k.start)) {
			s.kind, s.until, s.i = k.kind, []byte(k.end), s.i+len(k.start)
			return
		}
	}
	switch {
	case len(b) > 1 && b[1] == '!':
		s.kind, s.i = aside, s.i+2
	case len(b) > 1 && nameStart(b[1]):
		s.kind, s.i = openTag, s.i+2
	default:
		s.kind = noMarkup
	}
}

// tag reads to the > that is in no quotes and, of a document type, in no brackets.
func (s *tagScan) tag(b []byte) bool {
	for ; s.i < len(b); s.i++ {
		c := b[s.i]
		switch {
		case s.quote != 0:
			if e := bytes.IndexByte(b[s.i:], s.quote); e < 0 {
				s.i = len(b)
				return false
			} else {
				s.i += e
			}
			s.quote = 0
		case c == '"' || c == '\'':
			s.quote = c
		case c == '[' && s.kind == aside:
			s.nested++
		case c == ']' && s.kind == aside:
			s.nested--
		case c == '<' && s.kind == openTag: // a tag that was never closed
			s.kind = noMarkup
			return true
		case c == '>' && s.nested <= 0:
			if s.slash {
				s.kind = emptyTag
			}
			s.i++
			return true
		}
		s.slash = c == '/' && s.kind == openTag
	}
	return false
}

func (s *tagScan) moved(n int) { s.i -= n }

func nameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || c >= 0x80
}

// tagName is the name in a tag, as written.
func tagName(tag []byte) []byte {
	tag = bytes.TrimPrefix(tag[1:], []byte{'/'})
	if e := bytes.IndexAny(tag, " \t\r\n/>"); e >= 0 {
		tag = tag[:e]
	}
	return tag
}

// localName is a name without its prefix.
func localName(name []byte) []byte { return name[bytes.IndexByte(name, ':')+1:] }

// elementScan finds the end of an element by the tags of its name alone, so that what is broken inside stays inside.
type elementScan struct {
	name  []byte // as written
	i     int    // next byte to look at, at or after the element's start
	depth int
	tag   tagScan
	inTag bool
	all   func() bool // no more text follows
}

// end is part of scanner.
func (s *elementScan) end(b []byte) int {
	for {
		if !s.inTag {
			j := bytes.IndexByte(b[s.i:], '<')
			if j < 0 {
				s.i = len(b)
				return -1
			}
			s.i += j
			s.inTag, s.tag = true, tagScan{i: s.i, name: s.name}
		}
		if !s.tag.run(b, s.all()) {
			return -1
		}
		if k := s.tag.kind; s.tag.same && k == openTag {
			s.depth++
		} else if s.tag.same && k == closeTag {
			s.depth--
		}
		s.inTag, s.i = false, s.tag.i
		if s.depth <= 0 {
			return s.i
		}
	}
}

// moved is part of scanner.
func (s *elementScan) moved(n int) {
	s.i -= n
	s.tag.moved(n)
}

// used is part of scanner.
func (s *elementScan) used(n int) int {
	if s.inTag {
		return min(s.tag.i, n)
	}
	return n
}
