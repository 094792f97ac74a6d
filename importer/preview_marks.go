package importer

import (
	"math"
	"math/bits"
	"unicode/utf8"

	"github.com/deskferry/deskferry/mapping"
)

// marks are what a message or its record shows that is worth a look, and that its skeleton does not tell.
type marks uint8

const (
	markRightToLeft marks = 1 << iota
	markEmoji
	markCleaned // its HTML held what is not sent
	markCopied  // it has cc or bcc
)

// bodyCleaned is the code of the warning that a body is not sent as it was.
const bodyCleaned = "body.cleaned"

// recordMarks are those of a record as a whole, with the number of its warnings.
func recordMarks(r *mapping.Result) (m marks, warnings uint8) {
	for i := range r.Problems {
		x := &r.Problems[i]
		if x.Severity == mapping.Warning && warnings < math.MaxUint8 {
			warnings++
		}
		if x.Code == bodyCleaned {
			m |= markCleaned
		}
	}
	return m, warnings
}

// messageMarks are those of a message. Its bodies are looked at where they begin and where they end: that finds enough of them to
// choose from.
func messageMarks(m *mapping.Message) marks {
	all := endMarks(m.BodyText, maxLook) | endMarks(m.BodyHTML, 4*maxLook) // which begins with markup
	if len(m.Cc)+len(m.Bcc) > 0 {
		all |= markCopied
	}
	return all
}

// maxLook is how many bytes are looked at of where a text begins, and half of it where it ends.
const maxLook = 256

func endMarks(s string, n int) marks {
	if len(s) <= n+maxLook/2 {
		return textMarks(s)
	}
	return textMarks(s[:n]) | textMarks(s[len(s)-maxLook/2:])
}

// textMarks tells whether a text holds letters that are written from the right, and emoji. It looks for the bytes that such
// characters begin with, eight at a time, which costs a fraction of decoding all.
func textMarks(s string) (m marks) {
	i := 0
	for ; len(s)-i >= 8; i += 8 {
		w := s[i : i+8]
		word := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 | uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
		high := (word&0x7f7f7f7f7f7f7f7f + 0x2a2a2a2a2a2a2a2a) & word & 0x8080808080808080 // bytes from 0xd6 on
		for ; high != 0; high &= high - 1 {
			at := i + bits.TrailingZeros64(high)/8
			if b := s[at]; b < 0xe1 || b > 0xee {
				m |= byteMark(s, at)
			}
		}
	}
	for ; i < len(s); i++ {
		m |= byteMark(s, i)
	}
	return m
}

// byteMark judges the character that begins at i, if one does that matters.
func byteMark(s string, i int) marks {
	switch b := s[i]; {
	case b >= 0xd6 && b <= 0xdf: // U+0580 to U+07FF
		if r, _ := utf8.DecodeRuneInString(s[i:]); r >= 0x590 && r < 0x800 {
			return markRightToLeft
		}
	case b == 0xe0, b == 0xef, b == 0xf0:
		return runeMark(s[i:])
	}
	return 0
}

// runeMark judges a character beyond U+0800.
func runeMark(s string) marks {
	switch r, _ := utf8.DecodeRuneInString(s); {
	case r >= 0x800 && r < 0x900, r >= 0xfb1d && r < 0xfe00, r >= 0xfe70 && r < 0xff00, r >= 0x10800 && r < 0x11000, r >= 0x1e800 && r < 0x1f000:
		return markRightToLeft
	case r >= 0x1f300 && r < 0x1fb00, r >= 0x1f1e6 && r <= 0x1f1ff, r == 0xfe0f:
		return markEmoji
	}
	return 0
}
