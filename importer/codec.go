package importer

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/deskferry/deskferry/mapping"
)

// errGarbled is returned for bytes the codec did not write.
var errGarbled = errors.New("garbled record of facts")

// coder writes facts into bytes or reads them back. Each struct is described once, in codec_fields.go, for both
// directions, so that they cannot drift apart: a method given a pointer writes what it points to, or sets it.
//
// A struct begins with a mask of 64 bits, one for each field in the order of its description; only fields that are
// not zero follow. What is read shares the memory of src, and its slices that of the coder: both must outlive it.
type coder struct {
	reading  bool
	skeleton bool   // writing: leave out bodies, headers, meta and data
	buf      []byte // writing: what was written
	src      string // reading: what is left
	bad      bool   // reading: src is garbled

	mask uint64
	bit  uint
	at   int // of the mask in buf

	texts     []string
	addresses []mapping.Address
	files     []mapping.Attachment
	pairs     []mapping.Pair
	fields    []mapping.CustomField
}

// reset lets go of the slices handed out, whose memory is used again.
func (c *coder) reset() {
	c.texts, c.addresses, c.files = c.texts[:0], c.addresses[:0], c.files[:0]
	c.pairs, c.fields = c.pairs[:0], c.fields[:0]
}

// read sets src to what shall be read next.
func (c *coder) read(src string) { c.reading, c.src, c.bad = true, src, false }

// end tells whether src was read whole.
func (c *coder) end() error {
	if c.bad || c.src != "" {
		return errGarbled
	}
	return nil
}

// begin starts a struct.
func (c *coder) begin() {
	c.bit = 0
	if c.reading {
		c.mask = c.fixed64()
		return
	}
	c.mask, c.at = 0, len(c.buf)
	c.buf = append(c.buf, 0, 0, 0, 0, 0, 0, 0, 0)
}

// finish ends a struct.
func (c *coder) finish() {
	if c.reading {
		if c.bit < 64 && c.mask>>c.bit != 0 {
			c.fail()
		}
		return
	}
	binary.LittleEndian.PutUint64(c.buf[c.at:], c.mask)
}

// has tells whether the next field follows; writing, it does if it is set.
func (c *coder) has(set bool) bool {
	b := uint64(1) << c.bit
	c.bit++
	if c.reading {
		return c.mask&b != 0 && !c.bad
	}
	if set {
		c.mask |= b
	}
	return set
}

func (c *coder) fail() { c.bad, c.src = true, "" }

func (c *coder) fixed64() uint64 {
	if len(c.src) < 8 {
		c.fail()
		return 0
	}
	s := c.src
	c.src = s[8:]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func (c *coder) uvarint() uint64 {
	var v uint64
	for i := 0; i < len(c.src) && i < 10; i++ {
		b := c.src[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.src = c.src[i+1:]
			return v
		}
	}
	c.fail()
	return 0
}

func (c *coder) varint() int64 {
	u := c.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// count reads the length of a list whose elements take at least one byte each, so that garbage cannot ask for
// memory.
func (c *coder) count() int {
	n := c.uvarint()
	if n > uint64(len(c.src)) {
		c.fail()
		return 0
	}
	return int(n)
}

// Values without a place in the mask.

func (c *coder) rawText(s *string) {
	if !c.reading {
		c.buf = binary.AppendUvarint(c.buf, uint64(len(*s)))
		c.buf = append(c.buf, *s...)
		return
	}
	n := c.count()
	*s, c.src = c.src[:n], c.src[n:]
}

func (c *coder) rawInt(v *int64) {
	if !c.reading {
		c.buf = binary.AppendVarint(c.buf, *v)
		return
	}
	*v = c.varint()
}

func (c *coder) rawByte(b *byte) {
	if !c.reading {
		c.buf = append(c.buf, *b)
		return
	}
	if c.src == "" {
		c.fail()
		return
	}
	*b, c.src = c.src[0], c.src[1:]
}

func (c *coder) rawTime(t *time.Time) {
	if !c.reading {
		c.buf = binary.AppendVarint(c.buf, t.Unix())
		c.buf = binary.AppendUvarint(c.buf, uint64(t.Nanosecond()))
		return
	}
	s, n := c.varint(), c.uvarint()
	if n >= 1e9 {
		c.fail()
		return
	}
	*t = time.Unix(s, int64(n)).UTC()
}

// Fields.

func (c *coder) text(s *string) {
	if c.has(*s != "") {
		c.rawText(s)
	}
}

// body is a text that a skeleton leaves out.
func (c *coder) body(s *string) {
	if c.has(*s != "" && !c.skeleton) {
		c.rawText(s)
	}
}

func (c *coder) flag(b *bool) {
	if c.has(*b) && c.reading {
		*b = true
	}
}

func (c *coder) int64(v *int64) {
	if c.has(*v != 0) {
		c.rawInt(v)
	}
}

func (c *coder) int(v *int) {
	if c.has(*v != 0) {
		n := int64(*v)
		if c.rawInt(&n); n < math.MinInt || n > math.MaxInt {
			c.fail()
		}
		*v = int(n)
	}
}

func small[T ~uint8](c *coder, v *T) {
	if c.has(*v != 0) {
		b := byte(*v)
		c.rawByte(&b)
		*v = T(b)
	}
}

func (c *coder) time(t *time.Time) {
	if c.has(!t.IsZero()) {
		c.rawTime(t)
	}
}

// sent reads a sent time by the rules of [mapping.NewSentTime], whatever the bytes say.
func (c *coder) sent(s *mapping.SentTime) {
	if !c.has(s.IsValid()) {
		return
	}
	t := s.Time()
	c.rawTime(&t)
	if !c.reading || c.bad {
		return
	}
	var err error
	if *s, err = mapping.NewSentTime(t, t); err != nil {
		c.fail()
	}
}

func (c *coder) fingerprint(f *[16]byte) {
	if !c.has(*f != [16]byte{}) {
		return
	}
	if !c.reading {
		c.buf = append(c.buf, f[:]...)
		return
	}
	if len(c.src) < len(f) {
		c.fail()
		return
	}
	copy(f[:], c.src)
	c.src = c.src[len(f):]
}

// list writes or reads a slice; what is read is cut from slab. leave leaves it out.
func list[T any](c *coder, slab *[]T, v *[]T, leave bool, each func(*coder, *T)) {
	if !c.has(len(*v) > 0 && !leave) {
		return
	}
	if !c.reading {
		c.buf = binary.AppendUvarint(c.buf, uint64(len(*v)))
		for i := range *v {
			each(c, &(*v)[i])
		}
		return
	}
	n := c.count()
	if cap(*slab)-len(*slab) < n {
		// What was handed out keeps the old slab.
		*slab = make([]T, 0, max(n, 2*cap(*slab), 16))
	}
	at := len(*slab)
	*slab = (*slab)[:at+n]
	out := (*slab)[at : at+n : at+n]
	clear(out)
	for i := range out {
		each(c, &out[i])
	}
	*v = out
}
