package mapping

import (
	"strings"

	"golang.org/x/net/html"
)

// removals is the set of kinds of what cleaning takes out of an HTML body, and of what it would.
type removals uint32

// The kinds of what is taken out, by their bits. What nobody sees and nothing runs by (a document's frame, comments, an office
// program's own elements) is taken out without a word.
const (
	removedScript removals = 1 << iota
	removedHandler
	removedLink // its address; the words stay
	removedForm
	removedFrame
	removedObject
	removedRefresh
	removedSheet
	removedStyle
	removedStyleURL
	removedDrawing
	removedMedia
	removedImage
	removedBackground
	removedTracker
	removalKinds = 15
)

// removalNames are what problems call the kinds, by bit.
var removalNames = [removalKinds]string{
	"script", "event handler", "link", "form field", "frame", "object", "refresh", "style sheet", "style", "style address", "drawing", "audio or video",
	"image", "background image", "tracker",
}

// scan looks through HTML without making any: clean says that it holds nothing but elements, attributes and addresses that
// cleaning leaves as they are, byte for byte; found is what cleaning would take out. It reads tags as browsers do.
type scan struct {
	s        string
	at       int
	clean    bool
	found    removals
	trackers bool // images that report back are to be taken out
}

// scanHTML scans s.
func scanHTML(s string, trackers bool) (clean bool, found removals) {
	c := scan{s: s, clean: true, trackers: trackers}
	for {
		i := strings.IndexByte(c.s[c.at:], '<')
		if i < 0 || c.at+i+1 >= len(s) {
			return c.clean, c.found
		}
		c.at += i + 1
		switch b := s[c.at]; {
		case isLetter(b):
			c.tag(false)
		case b == '/':
			if c.at+1 < len(s) && isLetter(s[c.at+1]) {
				c.at++
				c.tag(true)
				continue
			}
			c.clean = false
			c.skipTo(">")
		case b == '!' || b == '?':
			c.clean = false
			c.comment()
		}
	}
}

func (c *scan) skipTo(mark string) {
	if i := strings.Index(c.s[c.at:], mark); i >= 0 {
		c.at += i + len(mark)
	} else {
		c.at = len(c.s)
	}
}

// comment passes over <!-- … -->, <!DOCTYPE …>, <![if …]> and <? … >.
func (c *scan) comment() {
	if !strings.HasPrefix(c.s[c.at:], "!--") {
		c.skipTo(">")
		return
	}
	c.at++ // <!--> and <!---> are whole
	c.skipTo("-->")
}

// tag reads a tag from its name on.
func (c *scan) tag(end bool) {
	s, from := c.s, c.at
	for c.at < len(s) && !isTagBreak(s[c.at]) {
		c.at++
	}
	var buf [maxTagName]byte
	name := lowerName(s[from:c.at], buf[:])
	e := elementOf(name)
	if e == elementKept && !end {
		c.attributes(name)
		return
	}
	if e != elementKept {
		c.clean = false
	}
	if !end {
		c.foundElement(e)
	}
	c.attributes(name)
	if !end && isRawText(name) {
		c.rawText(string(name))
	}
}

func (c *scan) foundElement(e element) {
	if e > elementUnwrapped {
		c.found |= removals(1) << (e - elementRemoved)
	}
}

// rawText passes over the content of an element in which no tag but its own end counts.
func (c *scan) rawText(name string) {
	for {
		i := strings.Index(c.s[c.at:], "</")
		if i < 0 {
			c.at = len(c.s)
			return
		}
		c.at += i + 2
		rest := c.s[c.at:]
		if len(rest) > len(name) && strings.EqualFold(rest[:len(name)], name) && isTagBreak(rest[len(name)]) {
			c.tag(true)
			return
		}
	}
}

// attributes reads the attributes of a tag, and its end.
func (c *scan) attributes(element []byte) {
	s := c.s
	img := trackerTest{on: c.trackers && string(element) == "img"}
	refresh := string(element) == "meta"
	for {
		for c.at < len(s) && (isTagSpace(s[c.at]) || s[c.at] == '/') {
			c.at++
		}
		if c.at >= len(s) {
			c.clean = false // an unfinished tag is no tag
			return
		}
		if s[c.at] == '>' {
			c.at++
			if img.isTracker() {
				c.clean = false
				c.found |= removedTracker
			}
			return
		}
		from := c.at
		for c.at++; c.at < len(s) && s[c.at] != '=' && !isTagBreak(s[c.at]); {
			c.at++
		}
		key := s[from:c.at]
		for c.at < len(s) && isTagSpace(s[c.at]) {
			c.at++
		}
		value, has := "", false
		if c.at < len(s) && s[c.at] == '=' {
			value, has = c.value(), true
		}
		if refresh {
			if strings.EqualFold(key, "http-equiv") && strings.EqualFold(html.UnescapeString(value), "refresh") {
				c.found |= removedRefresh
			}
			continue
		}
		c.attribute(element, key, value, has)
		img.note(key, value)
	}
}

// value reads an attribute's value from its = on, as it stands in the source.
func (c *scan) value() string {
	s := c.s
	for c.at++; c.at < len(s) && isTagSpace(s[c.at]); {
		c.at++
	}
	if c.at >= len(s) {
		return ""
	}
	quote := s[c.at]
	if quote != '"' && quote != '\'' {
		from := c.at
		for c.at < len(s) && s[c.at] != '>' && !isTagSpace(s[c.at]) {
			c.at++
		}
		return s[from:c.at]
	}
	c.at++
	i := strings.IndexByte(s[c.at:], quote)
	if i < 0 {
		value := s[c.at:]
		c.at = len(s)
		return value
	}
	value := s[c.at : c.at+i]
	c.at += i + 1
	return value
}

// attribute judges one attribute.
func (c *scan) attribute(element []byte, key, value string, has bool) {
	var buf [maxTagName]byte
	name := lowerName(key, buf[:])
	switch attributeOf(name) {
	case attributePlain:
		if !has || !isPlainValue(value) {
			c.clean = false // written anew
		}
	case attributeClass:
		if !has || !isClass(value) {
			c.clean = false
		}
	case attributeStyle:
		if has && isPlainStyle(value) {
			return
		}
		c.clean = false
		_, found := cleanStyle(html.UnescapeString(value))
		c.found |= found
	case attributeHref, attributeSrc:
		c.address(element, name, value, has)
	case attributeHandler:
		c.clean = false
		c.found |= removedHandler
	case attributeBackground:
		c.clean = false
		c.found |= removedBackground
	default:
		c.clean = false
	}
}

func (c *scan) address(element, name []byte, value string, has bool) {
	if has && takesAddress(element, name) && isPlainAddress(name, value) {
		return
	}
	c.clean = false
	if !takesAddress(element, name) {
		return
	}
	if address := html.UnescapeString(value); !isSafeAddress(name, address) {
		if string(name) == "src" {
			c.found |= removedImage
		} else {
			c.found |= removedLink
		}
	}
}

// isTagBreak ends the name of a tag or attribute.
func isTagBreak(b byte) bool { return b == '>' || b == '/' || isTagSpace(b) }

func isTagSpace(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' && b != '\v' }

// maxTagName is the longest name that is known.
const maxTagName = 16

// lowerName is a name in lower case, in buf; "?" for one that is too long to be known.
func lowerName(s string, buf []byte) []byte {
	if len(s) > len(buf) {
		if len(s) > 2 && s[0]|0x20 == 'o' && s[1]|0x20 == 'n' {
			return append(buf[:0], "on?"...)
		}
		return append(buf[:0], '?')
	}
	for i := range len(s) {
		b := s[i]
		if b >= 'A' && b <= 'Z' {
			b |= 0x20
		}
		buf[i] = b
	}
	return buf[:len(s)]
}

// names returns what problems call the kinds in r.
func (r removals) names() []string {
	var all []string
	for bit, name := range removalNames {
		if r&(1<<bit) != 0 {
			all = append(all, name)
		}
	}
	return all
}
