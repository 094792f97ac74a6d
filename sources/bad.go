package sources

import (
	"bytes"
	"errors"
	"iter"
	"strings"
	"unicode/utf8"
)

// The codes of bad records.
const (
	CodeRagged   = "record.ragged"   // a row with fewer or more cells than the header
	CodeTorn     = "record.torn"     // the file ends, or the text runs on, inside a cell, value or list
	CodeQuote    = "record.quote"    // a quote where none may be
	CodeEncoding = "record.encoding" // bytes that are not of the file's encoding
	CodeJSON     = "record.json"     // not JSON
	CodeXML      = "record.xml"      // not XML
	CodeRepeated = "record.repeated" // a key twice in one object
	CodeDeep     = "record.deep"     // nested too deeply
	CodeSize     = "record.size"     // too large to be read as one
)

var (
	errTorn     = errors.New("the text ends inside a quoted cell")
	errQuote    = errors.New("a quote inside a quoted cell is not doubled, or a cell is not closed")
	errEncoding = errors.New("not valid UTF-8")
	errRead     = errors.New("this piece was read already: read the source again from the start")
)

// piece makes a piece of a bad record alone.
func (b *BadRecord) piece() Piece { return badPiece{b} }

type badPiece struct{ bad *BadRecord }

func (p badPiece) Records() iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) { yield(nil, p.bad) }
}

// excerpt is the start of a text, at most 200 bytes, as valid UTF-8.
func excerpt(b []byte) string {
	const most = 200
	b = bytes.TrimSpace(b)
	if len(b) > most {
		b = b[:most]
		for i := 1; i < utf8.UTFMax && !utf8.RuneStart(b[len(b)-1]); i++ {
			b = b[:len(b)-1]
		}
		if r, n := utf8.DecodeLastRune(b); r == utf8.RuneError && n == 1 {
			b = b[:len(b)-1]
		}
	}
	s := strings.ToValidUTF8(string(b), "\uFFFD")
	for len(s) > most {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// ordinal orders records across files: 20 bits for the file, 43 for the record's offset in its text. It does not
// depend on how the file is cut.
func ordinal(f *File, offset int64) int64 { return int64(f.Ordinal)<<43 | offset }

// maxFiles is what fits into an ordinal.
const maxFiles = 1 << 20
