package sources

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// maxQuick is how many members an object may have to be compared name by name.
const maxQuick = 64

// quick lays out a value as walk does, at a third of its cost, where nothing about the text is out of the ordinary. It is false where
// something is, wrong or not: walk decides then, and says what is wrong.
func (s *docState) quick(b []byte) bool {
	s.rec.Nodes, s.spans, s.texts, s.stack, s.mends = s.rec.Nodes[:0], s.spans[:0], s.texts[:0], s.stack[:0], false
	if !utf8.Valid(b) {
		return false
	}
	s.control = control(b)
	i, ok := s.quickValue(b, skipSpace(b, 0), "")
	for ok && len(s.stack) > 0 {
		i = skipSpace(b, i)
		if i >= len(b) {
			return false
		}
		up := &s.stack[len(s.stack)-1]
		switch c := b[i]; {
		case c == up.closes():
			s.stack = s.stack[:len(s.stack)-1]
			i++
			continue
		case up.last == 0:
		case c == ',':
			i = skipSpace(b, i+1)
		default:
			return false
		}
		name := ""
		if up.object {
			if name, i, ok = s.quickName(b, i, up); !ok {
				return false
			}
		}
		i, ok = s.quickValue(b, i, name)
	}
	if !ok || skipSpace(b, i) != len(b) {
		return false
	}
	s.settle()
	return true
}

func (l *level) closes() byte {
	if l.object {
		return '}'
	}
	return ']'
}

// quickName reads a member's name and colon, and makes sure that its object has no other of that name.
func (s *docState) quickName(b []byte, i int, up *level) (name string, next int, ok bool) {
	if i >= len(b) || b[i] != '"' {
		return "", i, false
	}
	end := bytes.IndexByte(b[i+1:], '"')
	if end < 0 {
		return "", i, false
	}
	quoted := b[i : i+end+2]
	if bytes.IndexByte(quoted, '\\') >= 0 || s.control && control(quoted) {
		return "", i, false
	}
	name, err := s.name(quoted)
	if err != nil {
		return "", i, false
	}
	if up.members++; up.members > maxQuick {
		return "", i, false
	}
	for c := s.rec.Nodes[up.node].First; c != 0; c = s.rec.Nodes[c].Next {
		if s.rec.Nodes[c].Name == name {
			return "", i, false
		}
	}
	if i = skipSpace(b, i+len(quoted)); i >= len(b) || b[i] != ':' {
		return "", i, false
	}
	return name, skipSpace(b, i+1), true
}

// quickValue reads a scalar, or opens an array or object.
func (s *docState) quickValue(b []byte, i int, name string) (next int, ok bool) {
	if i >= len(b) || len(s.rec.Nodes) >= maxNodes || len(s.stack) >= maxDepth {
		return i, false
	}
	at := s.node(name)
	n := &s.rec.Nodes[at]
	switch c := b[i]; c {
	case '{', '[':
		n.Kind = Array
		if c == '{' {
			n.Kind = Object
		}
		s.stack = append(s.stack, level{node: at, object: c == '{'})
		return i + 1, true
	case '"':
		n.Kind = String
		start := int32(len(s.texts))
		next, ok = s.quickString(b, i+1)
		s.spans = append(s.spans, span{at, start, int32(len(s.texts))})
		return next, ok
	case 'n':
		n.Kind = Null
		return i + 4, bytes.HasPrefix(b[i:], []byte("null"))
	case 't':
		n.Kind, n.Text = Bool, "true"
		return i + 4, bytes.HasPrefix(b[i:], []byte("true"))
	case 'f':
		n.Kind, n.Text = Bool, "false"
		return i + 5, bytes.HasPrefix(b[i:], []byte("false"))
	}
	n.Kind = Number
	end := number64(b, i)
	if end < 0 {
		return i, false
	}
	start := int32(len(s.texts))
	s.texts = append(s.texts, b[i:end]...)
	s.spans = append(s.spans, span{at, start, int32(len(s.texts))})
	return end, true
}

// quickString reads a string's text from i on, after its quote.
func (s *docState) quickString(b []byte, i int) (next int, ok bool) {
	quote := -1
	for {
		if quote < i {
			q := bytes.IndexByte(b[i:], '"')
			if q < 0 {
				return i, false
			}
			quote = i + q
		}
		plain := b[i:quote]
		e := bytes.IndexByte(plain, '\\')
		if e >= 0 {
			plain = plain[:e]
		}
		if s.control && control(plain) {
			return i, false
		}
		s.texts = append(s.texts, plain...)
		if e < 0 {
			return quote + 1, true
		}
		if i, ok = s.escape(b, i+e+1); !ok {
			return i, false
		}
	}
}

// escape reads what follows a backslash.
func (s *docState) escape(b []byte, i int) (next int, ok bool) {
	if i >= len(b) {
		return i, false
	}
	c := b[i]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		r := hex4(b, i+1)
		i += 5
		if utf16.IsSurrogate(r) {
			if i+1 >= len(b) || b[i] != '\\' || b[i+1] != 'u' {
				return i, false
			}
			if r = utf16.DecodeRune(r, hex4(b, i+2)); r == utf8.RuneError {
				return i, false
			}
			i += 6
		}
		if r < 0 {
			return i, false
		}
		s.texts = utf8.AppendRune(s.texts, r)
		return i, true
	default:
		return i, false
	}
	s.texts = append(s.texts, c)
	return i + 1, true
}

// hex4 reads four hexadecimal digits, -1 where there are none.
func hex4(b []byte, i int) (r rune) {
	if i+4 > len(b) {
		return -1
	}
	for _, c := range b[i : i+4] {
		d := unhex(c)
		if d < 0 {
			return -1
		}
		r = r<<4 | rune(d)
	}
	return r
}

// number64 is where the JSON number at i ends, -1 where there is none.
func number64(b []byte, i int) int {
	digits := func() bool {
		start := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	if zero := i < len(b) && b[i] == '0'; zero {
		i++
	} else if !digits() {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		if i++; !digits() {
			return -1
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return -1
		}
	}
	return i
}

// control tells whether there is a control character in b, eight bytes at a time.
func control(b []byte) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		if (x-ones*0x20)&^x&high != 0 {
			return true
		}
	}
	for _, c := range b {
		if c < 0x20 {
			return true
		}
	}
	return false
}
