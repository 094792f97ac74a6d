package mapping

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"
)

// hashPrefix marks an id that was made of content.
const hashPrefix = "h1:"

// contentID makes an id of bytes: 128 bits of SHA-256, since content is hostile and ids must not collide.
func contentID(b []byte) string {
	sum := sha256.Sum256(b)
	var text [len(hashPrefix) + 32]byte
	copy(text[:], hashPrefix)
	hex.Encode(text[len(hashPrefix):], sum[:16])
	return string(text[:])
}

// appendPart adds a text so that no other list of texts gives the same bytes.
func appendPart(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// recordID names a record by its content, however its file lays it out.
func (w *Mapper) recordID() string {
	b := w.bytes[:0]
	if w.isRow {
		for _, f := range w.rec.Fields {
			b = appendPart(b, f)
		}
	} else {
		b = w.appendNode(b, 0)
	}
	id := contentID(b)
	w.keepBytes(b)
	return id
}

// messageID names a message by the raw values of ticket, time, author and body: what the mapping makes of them does
// not count, so that a better mapping does not make new messages.
func (w *Mapper) messageID(ticket string, r *rule) string {
	b := appendPart(w.bytes[:0], ticket)
	for _, refs := range r.hashed {
		for _, ref := range refs {
			b = w.appendRaw(b, ref)
		}
		b = append(b, 0)
	}
	id := contentID(b)
	w.keepBytes(b)
	return id
}

func (w *Mapper) appendRaw(b []byte, r *ref) []byte {
	switch {
	case r.scope >= scopeFile || r.inEach:
		return b
	case r.scope == scopeItem && w.item.isText:
		return appendPart(b, w.item.text)
	case w.isRow && r.self:
		for _, f := range w.rec.Fields {
			b = appendPart(b, f)
		}
		return b
	case w.isRow:
		if i := w.columns[r.slot]; i >= 0 && int(i) < len(w.rec.Fields) {
			b = appendPart(b, w.rec.Fields[i])
		}
		return b
	}
	base := len(w.nodes)
	w.nodes = walk(w.rec.Nodes, w.start(r), r.path, w.nodes)
	for _, at := range w.nodes[base:] {
		b = w.appendNode(b, at)
	}
	w.nodes = w.nodes[:base]
	return append(b, 1)
}

func (w *Mapper) appendNode(b []byte, at int32) []byte {
	n := &w.rec.Nodes[at]
	b = append(b, byte(n.Kind)+2)
	b = appendPart(b, n.Text)
	for c := n.First; c != 0; c = w.rec.Nodes[c].Next {
		b = appendPart(b, w.rec.Nodes[c].Name)
		b = w.appendNode(b, c)
	}
	return append(b, 1)
}

// keepBytes keeps scratch for the next use, unless a giant record made it giant.
func (w *Mapper) keepBytes(b []byte) {
	if cap(b) > 1<<20 {
		b = nil
	}
	w.bytes = b[:0]
}

// fingerprint is equal for equal messages: author, time, bodies, direction and attachments as they were mapped.
func (w *Mapper) fingerprint(f *MessageFact) [16]byte {
	m := &f.Message
	b := w.bytes[:0]
	b = appendPart(b, f.Author.ID)
	b = appendPart(b, f.Author.Email)
	if f.Author.ID == "" && f.Author.Email == "" {
		b = appendPart(b, f.Author.Name)
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(m.SentDatetime.Time().UnixMicro()))
	internal := byte(0)
	if f.Internal {
		internal = 1
	}
	b = append(b, internal, byte(f.FromAgent), byte(f.Author.Agent))
	for _, s := range [...]string{m.BodyHTML, m.BodyText} {
		b = appendPart(b, s)
	}
	for i := range m.Attachments {
		a := &m.Attachments[i]
		b = appendPart(b, a.Name)
		b = appendPart(b, a.URL)
		b = appendPart(b, a.Data)
	}
	sum := xxh3.Hash128(b).Bytes()
	w.keepBytes(b)
	return sum
}

// canonical writes a piece of a mapping file so that equal texts mean equal pieces; places in the file do not count.
func canonical(x any) string {
	var b strings.Builder
	writeCanonical(&b, reflect.ValueOf(x))
	return b.String()
}

func writeCanonical(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			b.WriteByte('-')
			return
		}
		writeCanonical(b, v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Pos]() {
			return
		}
		b.WriteByte('{')
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				if !v.Field(i).IsZero() {
					b.WriteString(f.Name + ":")
					writeCanonical(b, v.Field(i))
				}
			}
		}
		b.WriteByte('}')
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			writeCanonical(b, v.Index(i))
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case reflect.String:
		b.WriteString(strconv.Quote(v.String()))
	default:
		fmt.Fprint(b, v.Interface())
	}
}

// tableSum is the digest of a table that was read from a file.
func tableSum(t *table) string {
	h := sha256.New()
	for _, k := range slices.Sorted(maps.Keys(t.exact)) {
		e := t.exact[k]
		fmt.Fprintf(h, "%q %q %t\n", k, e.to.text, e.absent)
	}
	for _, e := range []*entry{t.star, t.absent} {
		if e != nil {
			fmt.Fprintf(h, "%q %t\n", e.to.text, e.absent)
		}
		fmt.Fprintln(h)
	}
	return hex.EncodeToString(h.Sum(nil))
}
