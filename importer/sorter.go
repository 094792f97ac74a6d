package importer

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	"github.com/zeebo/xxh3"
)

// sum is a 128-bit fingerprint, or any other key items are ordered by.
type sum struct{ hi, lo uint64 }

func sumOf(s string) sum {
	u := xxh3.HashString128(s)
	return sum{u.Hi, u.Lo}
}

func sumOfBytes(b []byte) sum {
	u := xxh3.Hash128(b)
	return sum{u.Hi, u.Lo}
}

func (a sum) compare(b sum) int {
	switch {
	case a.hi != b.hi:
		if a.hi < b.hi {
			return -1
		}
		return 1
	case a.lo != b.lo:
		if a.lo < b.lo {
			return -1
		}
		return 1
	}
	return 0
}

// An item as it lies in a run: 16 bytes of sum, 4 of length, the bytes themselves.
const itemHead = 20

// appendItem appends an item to a block that [sorter.addBlock] takes. fill appends the item's bytes.
func appendItem(block []byte, key sum, fill func([]byte) []byte) []byte {
	at := len(block)
	var head [itemHead]byte
	block = append(block, head[:]...)
	block = fill(block)
	sealItem(block, at, key)
	return block
}

// sealItem writes the head of the item that begins at at and ends with the block.
func sealItem(block []byte, at int, key sum) {
	putHead(block[at:], key, len(block)-at-itemHead)
}

func putHead(b []byte, key sum, size int) {
	binary.LittleEndian.PutUint64(b, key.hi)
	binary.LittleEndian.PutUint64(b[8:], key.lo)
	binary.LittleEndian.PutUint32(b[16:], uint32(size))
}

func itemKey(b []byte) sum {
	return sum{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
}

func itemLen(b []byte) int { return int(binary.LittleEndian.Uint32(b[16:])) }

// sorter orders any number of items by their sum in bounded memory; items with equal sums keep the order they were
// added in. It is filled, then read any number of times, then closed. One goroutine uses it; full runs are sorted
// and written behind its back.
type sorter struct {
	dir string // for the temporary file; "" is the system's
	run int    // bytes of a run. Two are held: one being filled, one being sorted and written

	buf   []byte
	index []place
	spare []byte
	idle  []place
	file  *scratch
	runs  []span
	busy  chan error // the run being written, nil when none is
	err   error
}

// place is where an item lies in the buffer.
type place struct {
	key sum
	off uint32
}

// span is where a run lies in the file.
type span struct{ from, to int64 }

func newSorter(dir string, run int) *sorter { return &sorter{dir: dir, run: run} }

// add copies an item in.
func (s *sorter) add(key sum, item []byte) error {
	if err := s.room(itemHead + len(item)); err != nil {
		return err
	}
	at := len(s.buf)
	var head [itemHead]byte
	s.buf = append(append(s.buf, head[:]...), item...)
	sealItem(s.buf, at, key)
	s.index = append(s.index, place{key, uint32(at)})
	return nil
}

// addBlock copies the items of a block made by appendItem in.
func (s *sorter) addBlock(block []byte) error {
	for len(block) > 0 {
		n := itemHead + itemLen(block)
		if err := s.room(n); err != nil {
			return err
		}
		s.index = append(s.index, place{itemKey(block), uint32(len(s.buf))})
		s.buf = append(s.buf, block[:n]...)
		block = block[n:]
	}
	return nil
}

// room makes sure that n more bytes fit the run; a single item may be larger than a run.
func (s *sorter) room(n int) error {
	if n > 1<<30 {
		return fmt.Errorf("sorting: an item of %d bytes is too large", n)
	}
	if s.err != nil {
		return s.err
	}
	if len(s.buf) > 0 && len(s.buf)+n > s.run {
		if err := s.spill(); err != nil {
			return err
		}
	}
	if need := len(s.buf) + n; need > cap(s.buf) {
		// Not by append, which would grow past the run.
		grown := make([]byte, len(s.buf), max(need, min(2*cap(s.buf), s.run)))
		copy(grown, s.buf)
		s.buf = grown
	}
	return nil
}

// spill hands the full buffer to the writer and takes the other one.
func (s *sorter) spill() error {
	if s.wait(); s.err != nil {
		return s.err
	}
	if s.file == nil {
		if s.file, s.err = newScratch(s.dir); s.err != nil {
			return s.err
		}
	}
	buf, index := s.buf, s.index
	s.buf, s.index = s.spare[:0], s.idle[:0]
	if cap(s.buf) == 0 {
		// The first run grew by doubling; the second is as large from the start.
		s.buf = make([]byte, 0, s.run)
	}
	s.spare, s.idle = buf, index
	s.busy = make(chan error, 1)
	go func() {
		sortPlaces(index)
		sp, err := s.file.writeRun(buf, index)
		s.runs = append(s.runs, sp)
		s.busy <- err
	}()
	return nil
}

// wait waits for the run being written.
func (s *sorter) wait() {
	if s.busy == nil {
		return
	}
	if err := <-s.busy; err != nil && s.err == nil {
		s.err = fmt.Errorf("writing sorted items: %w", err)
	}
	s.busy = nil
}

func sortPlaces(index []place) {
	slices.SortFunc(index, func(a, b place) int {
		if c := a.key.compare(b.key); c != 0 {
			return c
		}
		return int(int64(a.off) - int64(b.off))
	})
}

// seal ends the filling. What has been spilled is joined by the rest, and the buffers are let go.
func (s *sorter) seal(ctx context.Context) error {
	if s.wait(); s.err != nil {
		return s.err
	}
	if s.file == nil {
		sortPlaces(s.index)
		return nil
	}
	if len(s.buf) > 0 {
		if err := s.spill(); err != nil {
			return err
		}
		if s.wait(); s.err != nil {
			return s.err
		}
	}
	s.buf, s.index, s.spare, s.idle = nil, nil, nil, nil
	for len(s.runs) > mergeWidth {
		if s.err = s.narrow(ctx); s.err != nil {
			return s.err
		}
	}
	return nil
}

// narrow merges neighbouring runs into longer ones, in a new file.
func (s *sorter) narrow(ctx context.Context) error {
	next, err := newScratch(s.dir)
	if err != nil {
		return err
	}
	var spans []span
	for runs := range slices.Chunk(s.runs, mergeWidth) {
		w := next.writer()
		for it, err := range s.file.merge(ctx, runs) {
			if err == nil {
				err = w.put(it)
			}
			if err != nil {
				next.close()
				return err
			}
		}
		sp, err := w.end()
		if err != nil {
			next.close()
			return err
		}
		spans = append(spans, sp)
	}
	s.file.close()
	s.file, s.runs = next, spans
	return nil
}

// item is an item as it comes out; its bytes are valid until the next one.
type item struct {
	key   sum
	bytes []byte
}

// all yields the items in order. It may be called again, from the start; seal comes first.
func (s *sorter) all(ctx context.Context) iter.Seq2[item, error] {
	if s.err != nil {
		return func(yield func(item, error) bool) { yield(item{}, s.err) }
	}
	if s.file != nil {
		return s.file.merge(ctx, s.runs)
	}
	return func(yield func(item, error) bool) {
		for i, p := range s.index {
			if i%4096 == 0 && ctx.Err() != nil {
				yield(item{}, ctx.Err())
				return
			}
			from := int(p.off) + itemHead
			if !yield(item{p.key, s.buf[from : from+itemLen(s.buf[p.off:])]}, nil) {
				return
			}
		}
	}
}

// close frees the memory and the temporary file.
func (s *sorter) close() {
	s.wait()
	if s.file != nil {
		s.file.close()
	}
	*s = sorter{err: fmt.Errorf("sorting: already closed")}
}
