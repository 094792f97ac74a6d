package mapping

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/deskferry/deskferry/sources"
)

// gather adds what b yields to the mapper's person, addrs, files or pairs and tells whether it yielded anything;
// a problem counts, so that no alternative takes the place of a value that failed.
func (w *Mapper) gather(b *branch) bool {
	if b.when != nil && !b.when(w) {
		return false
	}
	got := false
	switch {
	case b.kids != nil:
		for _, kid := range b.kids {
			if w.gather(kid) {
				got = true
				if b.first {
					break
				}
			}
		}
	case b.eval != nil:
		got = w.gatherPlain(b)
	case b.each != nil:
		got = w.gatherEach(b)
	default:
		got = w.gatherParts(b)
	}
	if got && b.warn != nil {
		w.field = b.name
		w.warn(codeValueWarn, w.labelText(b.warn), "")
	}
	return got
}

func (w *Mapper) gatherEach(b *branch) bool {
	outer := w.item
	got := false
	if w.isRow || b.each.scope >= scopeFile || outer.isText {
		base := len(w.stack)
		w.read(b.each, true, false)
		for i := base; i < len(w.stack); i++ {
			got = w.gatherTexts(b, w.stack[i].text) || got
		}
		w.stack = w.stack[:base]
		w.item = outer
		return got
	}
	base := len(w.nodes)
	w.nodes = w.itemsOf(b.each, w.nodes, b.members())
	items := w.nodes[base:]
	for _, at := range items {
		w.item = item{node: at}
		n := &w.rec.Nodes[at]
		if b.split != "" && n.Kind == sources.String {
			got = w.gatherTexts(b, n.Text) || got
			continue
		}
		got = w.gatherParts(b) || got
	}
	w.nodes = w.nodes[:base]
	w.item = outer
	return got
}

func (w *Mapper) gatherTexts(b *branch, text string) bool {
	if b.split == "" {
		w.item = item{text: text, isText: true}
		return w.gatherParts(b)
	}
	got := false
	for part := range strings.SplitSeq(text, b.split) {
		if part = strings.TrimSpace(part); part != "" && !w.emptyWord(part) {
			w.item = item{text: part, isText: true}
			got = w.gatherParts(b) || got
		}
	}
	return got
}

// itemsOf appends the items r leads to: of an array each, unless whole, else the value itself. Nulls are none.
func (w *Mapper) itemsOf(r *ref, out []int32, whole bool) []int32 {
	nodes := w.rec.Nodes
	base := len(out)
	out = walk(nodes, w.start(r), r.path, out)
	w.tried[r.slot] = true
	if len(out) > base {
		w.met[r.slot] = true
	}
	end := len(out)
	for _, at := range out[base:end] {
		if nodes[at].Kind == sources.Array && !whole {
			for c := nodes[at].First; c != 0; c = nodes[c].Next {
				if nodes[c].Kind != sources.Null {
					out = append(out, c)
				}
			}
		} else if nodes[at].Kind != sources.Null {
			out = append(out, at)
		}
	}
	n := copy(out[base:], out[end:])
	return out[:base+n]
}

// gatherPlain takes plain values: e-mails and ids of people, address lists, URLs, objects of named entries.
func (w *Mapper) gatherPlain(b *branch) bool {
	w.field = b.name
	base := len(w.stack)
	b.eval(w, b.kind == kindPerson)
	got := len(w.stack) > base
	for i := base; i < len(w.stack); i++ {
		if i > base && b.kind == kindPerson {
			break // a list that was split has further ones
		}
		v := w.stack[i]
		s, ok := w.plain(v)
		if !ok {
			continue
		}
		switch b.kind {
		case kindPerson:
			w.personText(v, s)
		case kindAddresses:
			w.addressText(s)
		case kindAttachments:
			w.addFile(Attachment{URL: s})
		default:
			w.fail(codeValueObject, s, "named entries are wanted: "+b.name+": { Name: field }, or a path to an object")
		}
	}
	w.stack = w.stack[:base]
	return got
}

func (w *Mapper) gatherParts(b *branch) bool {
	switch b.kind {
	case kindPerson:
		errs := w.errors
		w.person = PersonRef{
			Email: w.emailOf(b.part("email")), Name: w.textOf(b.part("name")), Agent: w.triOf(b.part("agent")),
		}
		w.person.ID, _ = w.idOf(b.part("id"))
		if w.person.ID == "" && w.person.Email == "" && w.person.Name == "" {
			w.person = PersonRef{}
			return w.errors > errs
		}
		return true
	case kindAddresses:
		a := Address{Name: w.textOf(b.part("name")), Address: w.textOf(b.part("address"))}
		w.field = b.name
		if a.Address == "" {
			return false
		}
		w.addAddress(a)
		return true
	case kindAttachments:
		return w.fileParts(b)
	}
	if b.each != nil {
		name := w.textOf(b.part("name"))
		return name != "" && w.pairPart(b.part("value"), name)
	}
	got := false
	for i := range b.parts {
		got = w.pairPart(&b.parts[i], b.parts[i].target.name) || got
	}
	return got
}

func (w *Mapper) triOf(f *cfield) Tri {
	if f == nil {
		return Unknown
	}
	return w.boolOf(f)
}

// personText reads a person given by one value: an e-mail if it holds @, else an id.
func (w *Mapper) personText(v val, s string) {
	if !strings.Contains(s, "@") {
		w.person.ID, _ = w.idText(v)
		return
	}
	if strings.ContainsAny(s, "<\", ;(") {
		list, err := parseAddresses(s)
		if err != nil || len(list) != 1 {
			w.failEmail(s, err)
			return
		}
		w.person.Name, s = list[0].Name, list[0].Address
	}
	w.person.Email = w.email(s)
}

// emailOf reads an e-mail address, in lower case.
func (w *Mapper) emailOf(f *cfield) string {
	v, ok := w.get(f)
	if !ok {
		return ""
	}
	s, ok := w.plain(v)
	if !ok {
		return ""
	}
	return w.email(s)
}

func (w *Mapper) email(s string) string {
	known := &w.emails[xxh3.HashString(s)%uint64(len(w.emails))]
	if string(known.read[:known.n]) == s {
		return cmp.Or(known.lower, s)
	}
	if err := checkEmail(s); err != nil {
		w.failEmail(s, err)
		return ""
	}
	lower := strings.ToLower(s)
	if len(s) <= len(known.read) {
		known.n, known.lower = uint8(copy(known.read[:], s)), ""
		if lower != s {
			known.lower = lower
		}
	}
	return lower
}

// knownEmail is an address that was found good: records name the same people again and again. It keeps nothing of a
// record in memory.
type knownEmail struct {
	read  [47]byte
	n     uint8
	lower string // "" where that is the same
}

func (w *Mapper) failEmail(s string, err error) {
	hint := "one address is wanted; mend it, or leave it empty"
	if err != nil {
		hint = err.Error() + "; mend it, or leave it empty"
	}
	w.fail(codeEmail, s, hint)
}

// addressText reads addresses by RFC 5322. What has no @ is people's ids or numbers, with commas between, and is kept
// as it is.
func (w *Mapper) addressText(s string) {
	switch at := strings.Contains(s, "@"); {
	case !at && !strings.ContainsAny(s, ",;"):
		w.addNumber(s)
	case !at:
		for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' }) {
			if part = strings.TrimSpace(part); part != "" {
				w.addNumber(part)
			}
		}
	case isBare(s):
		if err := checkEmail(s); err != nil {
			w.fail(codeAddress, s, err.Error()+"; mend it, or leave it empty")
			return
		}
		w.addrs = append(w.addrs, Address{Address: strings.ToLower(s)})
	default:
		list, err := parseAddresses(s)
		if err != nil {
			w.fail(codeAddress, s, err.Error()+"; mend it, or leave it empty")
			return
		}
		w.addrs = append(w.addrs, list...)
	}
}

func (w *Mapper) addAddress(a Address) {
	if strings.Contains(a.Address, "@") {
		if err := checkEmail(a.Address); err != nil {
			w.fail(codeAddress, a.Address, err.Error()+"; mend it, or leave it empty")
			return
		}
		a.Address = strings.ToLower(a.Address)
	} else if a.Address = w.addressable(a.Address); a.Address == "" {
		return
	}
	w.addrs = append(w.addrs, a)
}

// addNumber keeps what has no @: a person's id, or a number.
func (w *Mapper) addNumber(s string) {
	if s = w.addressable(plainNumber(s)); s != "" {
		w.addrs = append(w.addrs, Address{Address: s})
	}
}

// addressable leaves out what is longer than any address. One with @ is held against the limits of mail, see [checkEmail].
func (w *Mapper) addressable(s string) string {
	return w.limited(&field{name: w.field, max: maxEmail}, s)
}

// pairPart reads one named entry; several values are joined.
func (w *Mapper) pairPart(f *cfield, name string) bool {
	w.field = f.name
	base := len(w.stack)
	f.eval(w, false)
	values := w.stack[base:]
	w.stack = w.stack[:base]
	switch len(values) {
	case 0:
		return false
	case 1:
		if s, ok := w.plainOrJSON(values[0]); ok {
			w.addPair(name, s, values[0].kind)
		}
		return true
	}
	texts := make([]string, 0, len(values))
	for _, v := range values {
		if s, ok := w.plainOrJSON(v); ok {
			texts = append(texts, s)
		}
	}
	w.addPair(name, strings.Join(texts, ", "), vText)
	return true
}

// plainOrJSON keeps an object as its JSON: a named entry takes any text.
func (w *Mapper) plainOrJSON(v val) (string, bool) {
	if v.kind != vObject {
		return w.plain(v)
	}
	text, err := json.Marshal(w.anyOf(v.node))
	return string(text), err == nil
}

func (w *Mapper) addPair(name, value string, kind valKind) {
	t := "string"
	switch kind {
	case vNumber:
		t = "number"
	case vBool:
		t = "bool"
	}
	w.pairs = append(w.pairs, CustomField{Field: name, Value: value, Type: t})
}
