package sources

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/transform"
)

// input is one file or member of a set, and what sniffing found of it.
type input struct {
	set      *Set
	name     string
	base     string
	modified time.Time
	raw      func() (io.ReadCloser, error)

	file   *File
	code   codec
	breaks breaks
	table  table
	shape  shape
	mail   mailbox
}

// stream is an open input.
type stream struct {
	io.Reader
	closers []io.Closer
}

func (s *stream) Close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i].Close())
	}
	return errors.Join(errs...)
}

type counter struct {
	r io.Reader
	n *atomic.Int64
}

func (c counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// maxLayers is how often a file may be compressed.
const maxLayers = 3

// bytes opens the input and takes off its compression.
func (in *input) bytes() (*stream, error) {
	f, err := in.raw()
	if err != nil {
		return nil, err
	}
	return in.set.unpack(f)
}

// unpack takes the compression off f, and owns it.
func (set *Set) unpack(f io.ReadCloser) (*stream, error) {
	s := &stream{closers: []io.Closer{f}}
	s.Reader = counter{f, &set.read}
	for range maxLayers {
		br := bufio.NewReaderSize(s.Reader, 16<<10)
		s.Reader = br
		magic, err := br.Peek(4)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, errors.Join(err, s.Close())
		}
		switch {
		case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
			z, err := gzip.NewReader(br)
			if err != nil {
				return nil, errors.Join(fmt.Errorf("%w: the compressed file is damaged; download it again", err), s.Close())
			}
			s.Reader, s.closers = explained{z}, append(s.closers, z)
		case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
			z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(128<<20))
			if err != nil {
				return nil, errors.Join(fmt.Errorf("%w: the compressed file is damaged; download it again", err), s.Close())
			}
			s.Reader, s.closers = explained{z}, append(s.closers, z.IOReadCloser())
		default:
			return s, nil
		}
	}
	return s, nil
}

// explained adds to a decompressor's error what it means.
type explained struct{ r io.Reader }

func (e explained) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // the end itself is never wrapped
		err = fmt.Errorf("%w: the compressed data is damaged or cut short; download the file again", err)
	}
	return n, err
}

// text opens the input as UTF-8 without a byte order mark, with line ends that have a line feed.
func (in *input) text() (*stream, error) {
	s, err := in.bytes()
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(io.Discard, s.Reader, int64(in.code.mark)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if in.code.enc != nil {
		s.Reader = transform.NewReader(s.Reader, in.code.enc.NewDecoder())
	}
	if in.breaks != breaksPlain {
		s.Reader = transform.NewReader(s.Reader, in.breaks)
	}
	return s, nil
}

// pieces yields the input's pieces; more is false when the caller wants no further ones.
func (in *input) pieces(ctx context.Context, yield func(Piece, error) bool) (more bool, err error) {
	if in.file.Format == Mail && in.mail.members != nil {
		f := mailFolder{in: in, yield: yield}
		return f.pieces(ctx)
	}
	s, err := in.text()
	if err != nil {
		return false, err
	}
	defer s.Close()
	w := window{r: contextReader{ctx, s}, pool: &in.set.pool}
	each := func(p Piece, e error) bool {
		if e != nil {
			err = e
			return false
		}
		return yield(p, nil)
	}
	c := cutter{
		in: in, w: w, chunk: in.set.chunk, line: 1, lined: in.shape.lined, index: map[string]int64{},
		beside: map[string]Beside{}, yield: each,
	}
	switch in.file.Format {
	case JSON:
		j := jsonCutter{cutter: c}
		more = j.pieces()
		in.set.pool.put(j.w.buf)
	case XML:
		x := xmlCutter{cutter: c}
		more = x.pieces()
		in.set.pool.put(x.w.buf)
	case Mail:
		m := mboxCutter{cutter: c}
		more = m.pieces()
		in.set.pool.put(m.w.buf)
	default:
		w.fill(int(in.table.header))
		w.drop(int(min(in.table.header, int64(len(w.data())))))
		c := csvCutter{in: in, w: w, chunk: in.set.chunk, line: 1 + in.table.lines}
		more = c.pieces(each)
		in.set.pool.put(c.w.buf)
	}
	return more, err
}
