package sources

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// codec is a file's encoding. UTF-8 has no enc: it is read as it is, and checked.
type codec struct {
	name string
	enc  encoding.Encoding
	mark int // bytes of byte order mark
}

var utf8Codec = codec{name: "utf-8"}

func utf16Codec(big bool, mark int) codec {
	if big {
		return codec{"utf-16be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), mark}
	}
	return codec{"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), mark}
}

// codecOf finds the encoding of a file that begins with head. A byte order mark wins over what was asked for, as in the
// WHATWG encoding standard; then what was asked for; then what the bytes show.
func codecOf(head []byte, asked string, format Format, rest io.Reader) (codec, error) {
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		return codec{name: "utf-8", mark: 3}, nil
	case bytes.HasPrefix(head, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(head, []byte{0, 0, 0xfe, 0xff}):
		return codec{}, fmt.Errorf("the file is UTF-32, which is not read: save it as UTF-8")
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return utf16Codec(false, 2), nil
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return utf16Codec(true, 2), nil
	case format == Mail: // each part of a mail says its own
		return utf8Codec, nil
	case asked != "":
		return codecNamed(asked)
	}
	if big, ok := looksUTF16(head); ok {
		return utf16Codec(big, 0), nil
	}
	if format == XML {
		return xmlCodec(head)
	}
	if format == JSON || mostlyUTF8(toDoubt(head, rest)) {
		return utf8Codec, nil
	}
	return codecNamed("windows-1252")
}

// xmlCodec is the encoding that a document names, else UTF-8. One that names UTF-16 in ASCII letters was made UTF-8 since.
func xmlCodec(head []byte) (codec, error) {
	name := xmlEncoding(head)
	if name == "" || strings.HasPrefix(strings.ToLower(name), "utf-16") {
		return utf8Codec, nil
	}
	c, err := codecNamed(name)
	if err != nil {
		err = fmt.Errorf("the first line says %w, or the right one as source.encoding", err)
	}
	return c, err
}

func codecNamed(name string) (codec, error) {
	enc, err := htmlindex.Get(name)
	if err == nil {
		name, err = htmlindex.Name(enc)
	}
	switch {
	case err != nil || name == "replacement" || name == "x-user-defined":
		return codec{}, fmt.Errorf("encoding %q is not known: write utf-8, utf-16le, windows-1252, iso-8859-2 or another name of the WHATWG encoding standard", name)
	case name == "utf-8":
		return utf8Codec, nil
	case strings.HasPrefix(name, "utf-16"):
		return utf16Codec(name == "utf-16be", 0), nil
	}
	return codec{name: name, enc: enc}, nil
}

// looksUTF16 knows UTF-16 without a mark by the zero bytes of its Latin letters.
func looksUTF16(head []byte) (big, ok bool) {
	head = head[:min(len(head), 4<<10)&^1]
	var even, odd int
	for i, b := range head {
		if b == 0 {
			if i%2 == 0 {
				even++
			} else {
				odd++
			}
		}
	}
	pairs := len(head) / 2
	switch {
	case pairs < 2:
		return false, false
	case odd*10 > pairs*4 && even*20 < pairs:
		return false, true
	case even*10 > pairs*4 && odd*20 < pairs:
		return true, true
	}
	return false, false
}

// toDoubt returns head where it holds anything but ASCII; else it reads on to the place that does, for at most 64 MiB.
func toDoubt(head []byte, rest io.Reader) []byte {
	const most = 64 << 20
	if !ascii(head) {
		return head
	}
	buf := make([]byte, 64<<10)
	for seen := 0; seen < most; {
		n, err := io.ReadFull(rest, buf)
		if i := firstHigh(buf[:n]); i >= 0 {
			part := bytes.Clone(buf[i:n])
			n, _ = io.ReadFull(rest, buf)
			return append(part, buf[:n]...)
		}
		if seen += n; err != nil {
			break
		}
	}
	return nil
}

func ascii(b []byte) bool { return firstHigh(b) < 0 }

func firstHigh(b []byte) int {
	for i := 0; i < len(b); i++ {
		if i+8 <= len(b) {
			if (b[i]|b[i+1]|b[i+2]|b[i+3]|b[i+4]|b[i+5]|b[i+6]|b[i+7])&0x80 == 0 {
				i += 7
				continue
			}
		}
		if b[i] >= utf8.RuneSelf {
			return i
		}
	}
	return -1
}

// mostlyUTF8 tells whether more of the text's characters beyond ASCII are UTF-8 than are not. A few bad ones in a UTF-8
// file are bad records, not a reason to read the whole file as something else.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r != utf8.RuneError || n > 1:
			good++
		case utf8.FullRune(b[i:]):
			bad++
		}
		i += n
	}
	return good >= bad
}

// breaks says which line ends other than LF and CRLF a file has. It is a transformer that makes line feeds of them.
type breaks uint8

const (
	breaksPlain  breaks = iota
	breaksCR            // lone carriage returns, as on the old Macintosh
	breaksCRCRLF        // CR CR LF: text mode applied twice
)

var _ transform.Transformer = breaksCR

// breaksOf finds the line ends of a text from those outside quotes.
func breaksOf(text []byte) breaks {
	var lone, feeds, double int
	quoted := false
	for i, b := range text {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n':
			feeds++
			if i > 1 && text[i-1] == '\r' && text[i-2] == '\r' {
				double++
			}
		case b == '\r' && i+1 < len(text) && text[i+1] != '\n' && text[i+1] != '\r':
			lone++
		}
	}
	switch {
	case lone > 0 && feeds == 0:
		return breaksCR
	case feeds > 0 && double == feeds:
		return breaksCRCRLF
	}
	return breaksPlain
}

// Reset is part of transform.Transformer; there is nothing to reset.
func (breaks) Reset() {}

// Transform is part of transform.Transformer.
func (k breaks) Transform(dst, src []byte, atEOF bool) (nd, ns int, err error) {
	for ns < len(src) {
		if nd == len(dst) {
			return nd, ns, transform.ErrShortDst
		}
		b := src[ns]
		if b == '\r' {
			if !atEOF && ns+3 > len(src) {
				return nd, ns, transform.ErrShortSrc
			}
			next := src[ns+1:]
			switch {
			case k == breaksCR && (len(next) == 0 || next[0] != '\n'):
				b = '\n'
			case k == breaksCRCRLF && len(next) > 1 && next[0] == '\r' && next[1] == '\n':
				ns++
				continue
			}
		}
		dst[nd] = b
		nd++
		ns++
	}
	return nd, ns, nil
}
