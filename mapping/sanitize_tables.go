package mapping

import (
	"regexp"
	"strings"
)

// element says what cleaning does with an element.
type element uint8

// Elements are kept, or left out while their content stays; from elementRemoved on they are one of the kinds of removals, by bit.
const (
	elementKept element = iota
	elementUnwrapped
	elementRemoved
)

// knownElements are those of mail bodies. Any other is left out while its content stays.
var knownElements = elementTable()

func elementTable() *nameTable[element] {
	all := &nameTable[element]{}
	for _, name := range keptElements() {
		all.add(name, elementKept)
	}
	for bit, names := range [removalKinds]string{
		0: "script", 3: "form input button select option textarea keygen", 4: "iframe frame frameset noframes portal", 5: "object embed applet noembed param", 7: "style link", 10: "svg math canvas",
		11: "audio video source track",
	} {
		for name := range strings.FieldsSeq(names) {
			all.add(name, elementRemoved+element(bit))
		}
	}
	return all
}

func keptElements() []string {
	return strings.Fields(`a abbr acronym address area article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn dir div dl dt em
		figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main map mark menu nav nobr ol p pre q rp rt ruby s samp section small span strike strong
		sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr`)
}

func elementOf(name []byte) element {
	if e, ok := knownElements.get(name); ok {
		return e
	}
	return elementUnwrapped
}

// isRawText tells the elements whose content holds no tags. Nothing runs in a cleaned body, so <noscript> is not one of them.
func isRawText(name []byte) bool {
	switch string(name) {
	case "script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp", "plaintext":
		return true
	}
	return false
}

// attributeKind says what cleaning does with an attribute.
type attributeKind uint8

const (
	attributeDropped attributeKind = iota // nobody sees it
	attributePlain
	attributeClass
	attributeStyle
	attributeHref
	attributeSrc
	attributeHandler
	attributeBackground
)

var knownAttributes = attributeTable()

func attributeTable() *nameTable[attributeKind] {
	all := &nameTable[attributeKind]{}
	for name, kind := range map[string]attributeKind{
		"class": attributeClass, "id": attributeClass, "style": attributeStyle, "href": attributeHref, "cite": attributeHref, "src": attributeSrc, "background": attributeBackground,
	} {
		all.add(name, kind)
	}
	for _, name := range plainAttributes() {
		all.add(name, attributePlain)
	}
	return all
}

// nameTable finds short names by their length and first letter, which is faster than a map; it is not changed once it is filled.
type nameTable[T any] [maxTagName + 1][26][]nameOf[T]

type nameOf[T any] struct {
	name string
	is   T
}

func (t *nameTable[T]) add(name string, is T) {
	at := &t[len(name)][name[0]-'a']
	*at = append(*at, nameOf[T]{name, is})
}

func (t *nameTable[T]) get(name []byte) (is T, ok bool) {
	if n := len(name); n == 0 || n > maxTagName || name[0] < 'a' || name[0] > 'z' {
		return is, false
	}
	for i := range t[len(name)][name[0]-'a'] {
		if e := &t[len(name)][name[0]-'a'][i]; e.name == string(name) {
			return e.is, true
		}
	}
	return is, false
}

func plainAttributes() []string {
	return strings.Fields(`abbr align alt axis bgcolor border bordercolor cellpadding cellspacing char charoff clear color cols colspan compact coords datetime dir face frame
		headers height hspace lang name noshade nowrap open rel reversed rows rowspan rules scope shape size span start summary target title type usemap valign value vspace width`)
}

func attributeOf(name []byte) attributeKind {
	if a, ok := knownAttributes.get(name); ok {
		return a
	}
	if len(name) > 2 && name[0] == 'o' && name[1] == 'n' {
		return attributeHandler
	}
	return attributeDropped
}

// takesAddress tells whether an element is kept with an address of that name.
func takesAddress(element, name []byte) bool {
	switch string(name) {
	case "src":
		return string(element) == "img"
	case "cite":
		return string(element) == "blockquote" || string(element) == "q" || string(element) == "ins" || string(element) == "del"
	}
	return string(element) == "a" || string(element) == "area"
}

// linkAddress and imageAddress are the addresses that are kept. One without a scheme leads into the old helpdesk.
var (
	linkAddress  = regexp.MustCompile(`\A *(?:(?i:https?|mailto|tel|sms|callto|ftps?|cid|mid|webcal|geo|xmpp):[^\x00-\x08\x0b\x0c\x0e-\x1f]*|[^\x00-\x20:]*|[^\x00-\x20:/?#]*[/?#][^\x00-\x08\x0b\x0c\x0e-\x1f]*)\z`)
	imageAddress = regexp.MustCompile(`\A *(?:(?i:https?|cid|mid):[^\x00-\x08\x0b\x0c\x0e-\x1f]*|(?i:data:image/(?:png|x-png|jpe?g|pjpeg|gif|webp|bmp|x-ms-bmp|tiff?|avif|heic|x-icon|vnd\.microsoft\.icon)[;,])[^\x00-\x08\x0b\x0c\x0e-\x1f]*|[^\x00-\x20:]*|[^\x00-\x20:/?#]*[/?#][^\x00-\x08\x0b\x0c\x0e-\x1f]*)\z`)
)

// isSafeAddress judges an address whose entities are resolved.
func isSafeAddress(name []byte, address string) bool {
	if string(name) == "src" {
		return imageAddress.MatchString(address)
	}
	return linkAddress.MatchString(address)
}

// isPlainAddress tells the addresses of nearly all links at a glance, as they stand in the source.
func isPlainAddress(name []byte, value string) bool {
	if !isPlainValue(value) {
		return false
	}
	switch {
	case hasFold(value, "https://"), hasFold(value, "http://"), hasFold(value, "cid:"):
		return true
	case string(name) == "src":
		return hasFold(value, "data:image/png;base64,") || hasFold(value, "data:image/jpeg;base64,") || hasFold(value, "data:image/gif;base64,")
	}
	return hasFold(value, "mailto:") || hasFold(value, "tel:") || strings.HasPrefix(value, "#") && strings.IndexByte(value, ':') < 0
}

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// isPlainValue tells a value that is the same once it is read and written anew, but for the way its quotes are written.
func isPlainValue(s string) bool {
	for i := range len(s) {
		if b := s[i]; b < ' ' && b != '\n' && b != '\t' || b == '<' || b == '`' {
			return false
		}
	}
	return true
}

// className is what class and id may be.
var className = regexp.MustCompile(`\A[\p{L}\p{N}_:. \t\n-]+\z`)

func isClass(s string) bool {
	for i := range len(s) {
		if b := s[i]; !isLetter(b) && !isDigit(b) && b != '-' && b != '_' && b != ' ' && b != '.' && b != ':' {
			return false
		}
	}
	return s != ""
}
