package importer

import (
	"context"
	"encoding/binary"
	"slices"
	"unsafe"

	"github.com/deskferry/deskferry/mapping"
)

const (
	directoryRun   = 512 << 10 // bytes of a sorted run while people are gathered
	directoryInRAM = 5 << 20   // bytes of people held in memory, about 64,000 of them; above, a file is read
	directoryBlock = 4 << 10   // bytes between two fence pointers
	seenPeople     = 1 << 12   // facts a worker remembers to have told already; a power of two
)

// directory knows the people of all facts. It is gathered, then sealed, then asked: by id, then by e-mail. Facts of
// people rules win over those learned from tickets and messages; among equals the first wins.
//
// Its entries lie sorted by the fingerprint of id or e-mail, cut into blocks; the first fingerprint of each block is kept
// in memory. Up to directoryInRAM bytes the blocks are in memory too.
type directory struct {
	facts  *sorter
	fences []fence
	ram    string   // all blocks, when few
	file   *scratch // else
	end    int64
	count  int64
}

// fence is where a block begins and the first key in it.
type fence struct {
	key uint64
	off int64
}

func newDirectory(dir string) *directory {
	return &directory{facts: newSorter(dir, directoryRun)}
}

// tellPerson appends what a fact says to a block for [directory.add]; nothing when it says no more than an e-mail or
// an id, which whoever asks knows already.
func tellPerson(block []byte, f *mapping.PersonFact, seen *peopleSeen) []byte {
	known := 0
	for _, is := range [...]bool{f.ID != "", f.Email != "", f.Name != "", f.Agent != mapping.Unknown} {
		if is {
			known++
		}
	}
	if known < 2 || f.ID == "" && f.Email == "" {
		return block
	}
	at := len(block)
	for _, byID := range [...]bool{true, false} {
		if key, ok := personKey(byID, f.ID, f.Email); ok {
			block = appendItem(block, key, func(b []byte) []byte { return appendPerson(b, byID, f) })
		}
	}
	if seen.told(block[at:]) {
		return block[:at]
	}
	return block
}

// peopleSeen drops most repetitions of one fact, which is what an author is in every message.
type peopleSeen [seenPeople]sum

func (p *peopleSeen) told(block []byte) bool {
	s := sumOfBytes(block)
	at := &p[s.lo%seenPeople]
	if *at == s {
		return true
	}
	*at = s
	return false
}

func personKey(byID bool, id, email string) (sum, bool) {
	text := email
	if byID {
		text = id
	}
	if text == "" {
		return sum{}, false
	}
	s := sumOf(text)
	if byID {
		s.lo |= 1
	} else {
		s.lo &^= 1
	}
	return s, true
}

// An entry: a byte of flags, then id, e-mail and name.
const (
	entryByID  = 1 << 0
	entryRuled = 1 << 1
	entryAgent = 2 // bits from here hold the Tri
)

func appendPerson(b []byte, byID bool, f *mapping.PersonFact) []byte {
	flags := byte(f.Agent) << entryAgent
	if byID {
		flags |= entryByID
	}
	if f.Ruled {
		flags |= entryRuled
	}
	c := coder{buf: append(b, flags)}
	c.rawText(&f.ID)
	c.rawText(&f.Email)
	c.rawText(&f.Name)
	return c.buf
}

func readPerson(s string) (f mapping.PersonFact, byID, ok bool) {
	if s == "" {
		return f, false, false
	}
	var c coder
	c.read(s[1:])
	c.rawText(&f.ID)
	c.rawText(&f.Email)
	c.rawText(&f.Name)
	f.Ruled = s[0]&entryRuled != 0
	f.Agent = mapping.Tri(s[0] >> entryAgent)
	return f, s[0]&entryByID != 0, c.end() == nil
}

func (d *directory) add(block []byte) error { return d.facts.addBlock(block) }

// seal merges the facts of each person and makes the directory ready to be asked.
func (d *directory) seal(ctx context.Context) error {
	if err := d.facts.seal(ctx); err != nil {
		return err
	}
	w := sealing{directory: d}
	for it, err := range d.facts.all(ctx) {
		if err != nil {
			return err
		}
		if it.key != w.key {
			if err := w.put(); err != nil {
				return err
			}
			w.key = it.key
		}
		f, _, ok := readPerson(string(it.bytes))
		if !ok {
			return errGarbled
		}
		w.same = append(w.same, f)
	}
	if err := w.put(); err != nil {
		return err
	}
	d.facts.close()
	if w.out != nil {
		_, err := w.out.end()
		return err
	}
	d.ram, d.end = unsafe.String(unsafe.SliceData(w.buf), len(w.buf)), int64(len(w.buf)) // nobody writes to it any more
	return nil
}

// sealing is a directory in the making: people in the order of their keys, in memory as long as they are few.
type sealing struct {
	*directory
	buf    []byte
	out    *runWriter // nil as long as all is in buf
	key    sum
	before uint64 // key of the entry written before
	same   []mapping.PersonFact
}

// put writes the people of the key in hand.
func (w *sealing) put() error {
	for _, p := range mergePeople(w.same, w.key.lo&1 != 0) {
		at := w.end + int64(len(w.buf))
		if n := len(w.fences); n == 0 || at-w.fences[n-1].off >= directoryBlock && w.key.hi != w.before {
			w.fences = append(w.fences, fence{w.key.hi, at})
		}
		w.buf = appendItem(w.buf, w.key, func(b []byte) []byte { return appendPerson(b, w.key.lo&1 != 0, &p) })
		w.before = w.key.hi
		w.count++
	}
	w.same = w.same[:0]
	if w.out == nil && len(w.buf) <= directoryInRAM {
		return nil
	}
	if w.out == nil {
		var err error
		if w.file, err = newScratch(w.facts.dir); err != nil {
			return err
		}
		w.out = w.file.writer()
	}
	w.end += int64(len(w.buf))
	err := w.out.raw(w.buf)
	w.buf = w.buf[:0]
	return err
}

// mergePeople makes one person of the facts about one id or e-mail. Different ids or e-mails of one fingerprint stay
// apart.
func mergePeople(facts []mapping.PersonFact, byID bool) []mapping.PersonFact {
	var out []mapping.PersonFact
	name := func(f *mapping.PersonFact) string {
		if byID {
			return f.ID
		}
		return f.Email
	}
	for _, ruled := range [...]bool{true, false} {
		for i := range facts {
			f := &facts[i]
			if f.Ruled != ruled {
				continue
			}
			at := slices.IndexFunc(out, func(o mapping.PersonFact) bool { return name(&o) == name(f) })
			if at < 0 {
				out = append(out, *f)
				continue
			}
			complement(&out[at].PersonRef, f.PersonRef)
		}
	}
	return out
}

// complement fills what p lacks.
func complement(p *mapping.PersonRef, from mapping.PersonRef) {
	if p.ID == "" {
		p.ID = from.ID
	}
	if p.Email == "" {
		p.Email = from.Email
	}
	if p.Name == "" {
		p.Name = from.Name
	}
	if p.Agent == mapping.Unknown {
		p.Agent = from.Agent
	}
}

func (d *directory) close() {
	d.facts.close()
	if d.file != nil {
		d.file.close()
	}
}

// view returns a reader for one goroutine.
func (d *directory) view() *directoryView { return &directoryView{d: d} }

// directoryView asks a sealed directory. It implements [mapping.Directory].
type directoryView struct {
	d      *directory
	memory [1024]remembered
	block  []byte
	err    error // of the file; mapping.Directory has no place for it
}

// remembered is an answer given before.
type remembered struct {
	key  sum
	text string
	ref  mapping.PersonRef
	ok   bool
}

// Person finds a person by id, then by e-mail; what an entry found by id lacks is taken from the one of its e-mail, unless
// that is another person's.
func (v *directoryView) Person(id, email string) (mapping.PersonRef, bool) {
	if p, ok := v.find(true, id); ok {
		if p.Email == "" {
			p.Email = email
		}
		if more, ok := v.find(false, p.Email); ok && (more.ID == "" || more.ID == p.ID) {
			complement(&p, more)
		}
		return p, true
	}
	p, ok := v.find(false, email)
	if !ok || p.ID == "" || id != "" && p.ID != id {
		return p, ok
	}
	if more, ok := v.find(true, p.ID); ok {
		complement(&p, more)
	}
	return p, true
}

func (v *directoryView) find(byID bool, text string) (mapping.PersonRef, bool) {
	if text == "" || v.d.end == 0 {
		return mapping.PersonRef{}, false
	}
	key, _ := personKey(byID, text, text)
	m := &v.memory[key.hi%uint64(len(v.memory))]
	if m.key == key && m.text == text {
		return m.ref, m.ok
	}
	ref, ok := v.search(key, byID, text)
	*m = remembered{key, text, ref, ok}
	if !ok {
		m.text = string(append([]byte(nil), text...)) // ours, not the caller's record
	} else if byID {
		m.text = ref.ID
	} else {
		m.text = ref.Email
	}
	return ref, ok
}

func (v *directoryView) search(key sum, byID bool, text string) (mapping.PersonRef, bool) {
	at, found := slices.BinarySearchFunc(v.d.fences, key.hi, func(f fence, hi uint64) int {
		if f.key < hi {
			return -1
		} else if f.key > hi {
			return 1
		}
		return 0
	})
	if !found {
		at--
	}
	if at < 0 {
		return mapping.PersonRef{}, false
	}
	from, to := v.d.fences[at].off, v.d.end
	if at+1 < len(v.d.fences) {
		to = v.d.fences[at+1].off
	}
	if v.d.file == nil {
		return scanPeople(v.d.ram[from:to], key, byID, text)
	}
	if v.err != nil {
		return mapping.PersonRef{}, false
	}
	v.block = slices.Grow(v.block[:0], int(to-from))[:to-from]
	if _, v.err = v.d.file.f.ReadAt(v.block, from); v.err != nil {
		return mapping.PersonRef{}, false
	}
	for b := v.block; len(b) >= itemHead && len(b) >= itemHead+itemLen(b); {
		n := itemHead + itemLen(b)
		if itemKey(b) == key {
			if p, ok := scanPeople(string(b[:n]), key, byID, text); ok {
				return p, true
			}
		}
		b = b[n:]
	}
	return mapping.PersonRef{}, false
}

// scanPeople looks for a person in a block; the answer shares its memory.
func scanPeople(block string, key sum, byID bool, text string) (mapping.PersonRef, bool) {
	for len(block) >= itemHead {
		k := sum{le64(block), le64(block[8:])}
		n := itemHead + int(uint32(le64(block[12:])>>32))
		if n > len(block) || k.compare(key) > 0 {
			break
		}
		if k == key {
			f, is, ok := readPerson(block[itemHead:n])
			if ok && is == byID && (byID && f.ID == text || !byID && f.Email == text) {
				return f.PersonRef, true
			}
		}
		block = block[n:]
	}
	return mapping.PersonRef{}, false
}

func le64(s string) uint64 {
	var b [8]byte
	copy(b[:], s)
	return binary.LittleEndian.Uint64(b[:])
}
