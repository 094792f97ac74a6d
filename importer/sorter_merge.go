package importer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

const (
	mergeWidth  = 1024     // runs merged at once
	mergeBudget = 4 << 20  // bytes of read buffers in a merge
	bufferFloor = 4 << 10  // … of one run at least
	bufferCeil  = 64 << 10 // … and at most
)

// scratch is a temporary file that no crash leaves behind where the system lets an open file be unlinked.
type scratch struct {
	f    *os.File
	gone bool
	size int64
}

func newScratch(dir string) (*scratch, error) {
	f, err := os.CreateTemp(dir, "deskferry-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("making a temporary file (set TMPDIR to a folder with room): %w", err)
	}
	return &scratch{f: f, gone: os.Remove(f.Name()) == nil}, nil
}

func (s *scratch) close() {
	s.f.Close()
	if !s.gone {
		os.Remove(s.f.Name())
	}
}

// runWriter appends one run to the file.
type runWriter struct {
	s    *scratch
	from int64
	w    *bufio.Writer
	n    int64
}

func (s *scratch) writer() *runWriter {
	return &runWriter{s: s, from: s.size, w: bufio.NewWriterSize(io.NewOffsetWriter(s.f, s.size), 256<<10)}
}

func (w *runWriter) raw(b []byte) error {
	n, err := w.w.Write(b)
	w.n += int64(n)
	return err
}

func (w *runWriter) put(it item) error {
	var head [itemHead]byte
	putHead(head[:], it.key, len(it.bytes))
	if err := w.raw(head[:]); err != nil {
		return err
	}
	return w.raw(it.bytes)
}

func (w *runWriter) end() (span, error) {
	err := w.w.Flush()
	w.s.size = w.from + w.n
	return span{w.from, w.s.size}, err
}

func (s *scratch) writeRun(buf []byte, index []place) (span, error) {
	w := s.writer()
	for _, p := range index {
		b := buf[p.off:]
		if err := w.raw(b[:itemHead+itemLen(b)]); err != nil {
			return span{}, err
		}
	}
	return w.end()
}

// runReader walks one run. It holds the head of the current item and reads its bytes only when it is the item's turn,
// so that many large items at the heads of many runs cost nothing.
type runReader struct {
	r    *bufio.Reader
	key  sum
	size int
	left int64
	run  int
}

// next reads the head of the next item; false at the end of the run.
func (r *runReader) next() (bool, error) {
	if r.left == 0 {
		return false, nil
	}
	head, err := r.r.Peek(itemHead)
	if err != nil {
		return false, short(err)
	}
	r.key, r.size = itemKey(head), itemLen(head)
	if r.left -= int64(itemHead + r.size); r.left < 0 {
		return false, short(io.EOF)
	}
	_, err = r.r.Discard(itemHead)
	return true, err
}

// read appends the current item's bytes to b.
func (r *runReader) read(b []byte) ([]byte, error) {
	n := len(b)
	if cap(b)-n < r.size {
		b = append(make([]byte, 0, n+r.size+r.size/4), b...)
	}
	b = b[:n+r.size]
	_, err := io.ReadFull(r.r, b[n:])
	if err != nil {
		err = short(err)
	}
	return b, err
}

func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("reading sorted items: the temporary file is damaged: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("reading sorted items: %w", err)
}

// merge yields the items of several runs in order; of equal sums, the earlier run's first.
func (s *scratch) merge(ctx context.Context, runs []span) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		heap, err := s.open(runs)
		if err != nil {
			yield(item{}, err)
			return
		}
		var buf []byte
		for n := 0; len(heap) > 0; n++ {
			if n%4096 == 0 && ctx.Err() != nil {
				yield(item{}, ctx.Err())
				return
			}
			top := heap[0]
			if buf, err = top.read(buf[:0]); err != nil {
				yield(item{}, err)
				return
			}
			if !yield(item{top.key, buf}, nil) {
				return
			}
			more, err := top.next()
			if err != nil {
				yield(item{}, err)
				return
			}
			if !more {
				last := len(heap) - 1
				heap[0] = heap[last]
				heap = heap[:last]
			}
			sink(heap, 0)
		}
	}
}

func (s *scratch) open(runs []span) ([]*runReader, error) {
	size := min(max(mergeBudget/max(len(runs), 1), bufferFloor), bufferCeil)
	heap := make([]*runReader, 0, len(runs))
	for i, sp := range runs {
		r := &runReader{r: bufio.NewReaderSize(io.NewSectionReader(s.f, sp.from, sp.to-sp.from), size), left: sp.to - sp.from, run: i}
		more, err := r.next()
		if err != nil {
			return nil, err
		}
		if more {
			heap = append(heap, r)
		}
	}
	for i := len(heap)/2 - 1; i >= 0; i-- {
		sink(heap, i)
	}
	return heap, nil
}

func before(a, b *runReader) bool {
	if c := a.key.compare(b.key); c != 0 {
		return c < 0
	}
	return a.run < b.run
}

// sink restores the heap below i.
func sink(heap []*runReader, i int) {
	for {
		small := 2*i + 1
		if small >= len(heap) {
			return
		}
		if r := small + 1; r < len(heap) && before(heap[r], heap[small]) {
			small = r
		}
		if !before(heap[small], heap[i]) {
			return
		}
		heap[i], heap[small] = heap[small], heap[i]
		i = small
	}
}
