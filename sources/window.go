package sources

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

const (
	// chunkSize is the text of a piece: small enough to stay in a core's cache and to keep memory flat
	// with several pieces in flight, large enough to make the hand-over free.
	chunkSize = 256 << 10
	// chunkSlack is room to read a little past a chunk without growing its buffer.
	chunkSlack = 32 << 10
	// maxRecord is the longest record that is read as one.
	maxRecord = 64 << 20
)

// pool recycles the buffers of chunks. Buffers that grew for a large record are left to the collector.
type pool struct{ sync.Pool }

func (p *pool) get(n int) []byte {
	if b, ok := p.Get().(*[]byte); ok && cap(*b) >= n {
		return (*b)[:0]
	}
	return make([]byte, 0, max(n, chunkSize+chunkSlack))
}

func (p *pool) put(b []byte) {
	if cap(b) > 0 && cap(b) <= 2*chunkSize {
		p.Put(&b)
	}
}

// window is the part of a text that is in memory: what was read and not yet handed over as a chunk.
type window struct {
	r    io.Reader
	pool *pool
	buf  []byte
	off  int   // start of the unread part of buf
	base int64 // offset of that start in the text
	eof  bool  // everything was read
	err  error // what ended the reading, if not its end
}

func (w *window) data() []byte { return w.buf[w.off:] }

// fill reads until n bytes are in the window, or all there is. Offsets into data stay valid.
func (w *window) fill(n int) {
	for len(w.buf)-w.off < n && !w.eof && w.err == nil {
		if cap(w.buf)-w.off < n {
			b := w.pool.get(n + chunkSlack)
			b = append(b, w.data()...)
			w.pool.put(w.buf)
			w.buf, w.off = b, 0
		} else if len(w.buf) == cap(w.buf) {
			w.buf, w.off = w.buf[:copy(w.buf, w.data())], 0
		}
		got, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+got]
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			w.eof = true
		} else if err != nil {
			w.err = err
		}
	}
}

// more reads on, doubling what is in the window until it holds the largest record. It is false when that told nothing new:
// no more text, and not for the first time that this is the end.
func (w *window) more() bool {
	have, ended := len(w.data()), w.eof
	w.fill(max(min(2*have, maxRecord), have+chunkSize))
	return len(w.data()) > have || w.eof != ended
}

// drop passes over the first n bytes.
func (w *window) drop(n int) {
	w.off += n
	w.base += int64(n)
}

// take hands over the first n bytes for good; the receiver gives them back to the pool.
func (w *window) take(n int) []byte {
	rest := len(w.data()) - n
	if w.off == 0 && rest <= n {
		b := w.buf[:n]
		w.buf = append(w.pool.get(rest), w.buf[n:]...)
		w.base += int64(n)
		return b
	}
	b := append(w.pool.get(n), w.data()[:n]...)
	w.drop(n)
	return b
}

// drain reads to the end and tells how many bytes were left, those in the window included.
func (w *window) drain() int64 {
	left := int64(len(w.data()))
	w.drop(len(w.data()))
	w.buf, w.off = w.buf[:0], 0
	for !w.eof && w.err == nil {
		w.fill(chunkSize)
		n := len(w.data())
		left += int64(n)
		w.drop(n)
		w.buf, w.off = w.buf[:0], 0
	}
	return left
}

func newlinesIn(b []byte) int64 { return int64(bytes.Count(b, []byte{'\n'})) }
