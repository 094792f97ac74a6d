package sources

import "bytes"

// place is where in a document a value stands, which decides what ends it.
type place uint8

const (
	atRoot   place = iota // a bracket that closes, else blank space
	inArray               // a comma or ]
	inObject              // a comma or }
)

// valueScan finds the end of a JSON value by its brackets and strings alone, so that a value that is broken inside
// can be told from its neighbours. It goes on where it stopped when there is more text.
type valueScan struct {
	place place
	i     int // next byte to look at
	depth int
	quote int  // the last quote found ahead, so that escapes before it do not search again; seen where there was none
	seen  int  // how much text was searched for it
	text  bool // inside a string
	begun bool
}

// run reads on in b and tells whether the value ended, at s.i.
func (s *valueScan) run(b []byte) bool {
	for s.i < len(b) {
		if s.text {
			s.skip(b)
			continue
		}
		switch c := b[s.i]; c {
		case '"':
			s.text, s.begun = true, true
		case '{', '[':
			s.depth++
			s.begun = true
		case '}', ']':
			switch {
			case s.depth > 1 || s.depth == 1 && s.place != atRoot:
				s.depth--
			case s.place == atRoot:
				s.depth = 0
				s.i++
				return true
			case s.place == inArray && c == ']', s.place == inObject && c == '}':
				return true
			}
		case ',':
			if s.depth == 0 && s.place != atRoot {
				return true
			}
		case ' ', '\t', '\n', '\r':
			if s.depth == 0 && s.place == atRoot && s.begun {
				return true
			}
		default:
			s.begun = true
		}
		s.i++
	}
	return false
}

// skip reads to the end of the string s.i is in, or of b.
func (s *valueScan) skip(b []byte) {
	if s.quote < s.i || s.quote == s.seen && s.seen < len(b) {
		s.quote, s.seen = len(b), len(b)
		if q := bytes.IndexByte(b[s.i:], '"'); q >= 0 {
			s.quote = s.i + q
		}
	}
	switch e := bytes.IndexByte(b[s.i:s.quote], '\\'); {
	case e >= 0:
		s.i += e + 2 // past the escaped character, which may still be unread
	case s.quote < len(b):
		s.i, s.text = s.quote+1, false
	default:
		s.i = len(b)
	}
}

// moved says that the first n bytes of the text are gone.
func (s *valueScan) moved(n int) { s.i, s.quote, s.seen = s.i-n, -1, 0 }

func (s *valueScan) used(n int) int { return n }

// end runs over b alone and returns the value's end, -1 where it has none.
func (s *valueScan) end(b []byte) int {
	if s.run(b) {
		return s.i
	}
	return -1
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && space(b[i]) {
		i++
	}
	return i
}
