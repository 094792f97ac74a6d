package sources

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// mailbox is where the mails of an input lie.
type mailbox struct {
	mbox    bool     // it begins with a separator line
	folder  string   // the name of the mbox or Maildir, "" where the mails lie in none
	dir     string   // the folder the members lie in
	members []member // mails by themselves; nil: in one text, as an mbox has them
}

// member is a file of one mail, as a rule.
type member struct {
	name string
	open func() (io.ReadCloser, error)
}

// joinMail adds a mail to the input before, where that takes the mails of the same folder. Files of many mails are one input, so that what
// is kept of each is little.
func (s *Set) joinMail(in *input) bool {
	dir := mailDir(in.name)
	if dir == "" {
		return false
	}
	in.mail = mailbox{dir: dir, members: []member{{in.name, in.raw}}}
	if inMaildir(in.name) {
		in.mail.folder = strings.TrimPrefix(path.Base(dir), ".")
	} else if i := strings.Index(dir+"/", ".mbox/"); i >= 0 { // as Apple's program lays them out
		in.mail.folder = path.Base(dir[:i])
	}
	if len(s.inputs) == 0 {
		return false
	}
	last := s.inputs[len(s.inputs)-1]
	if last.mail.dir != dir || (last.mail.folder == "") != (in.mail.folder == "") {
		return false
	}
	if len(last.mail.members) == 1 {
		last.name = dir
		last.base = strings.TrimPrefix(path.Base(dir), ".")
		if in.mail.folder == "" {
			last.base += ".eml"
		}
	}
	last.mail.members = append(last.mail.members, in.mail.members...)
	return true
}

// mailFolder hands over files of mails in pieces.
type mailFolder struct {
	in    *input
	yield func(Piece, error) bool
	text  []byte
	base  int64
	elems []elem
	index int64
	gone  bool
}

// mailGap is the room between the ordinals of mails, whose facts may be more than the bytes of a small one.
const mailGap = 64

// pieces yields the mails in order; more is false when the caller wants no further ones.
func (f *mailFolder) pieces(ctx context.Context) (more bool, err error) {
	for i := range f.in.mail.members {
		m := &f.in.mail.members[i]
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if err := f.take(m); err != nil {
			return false, fmt.Errorf("reading %s: %w", m.name, err)
		}
		if len(f.text) >= f.in.set.chunk || len(f.elems) >= maxElems {
			f.flush()
		}
		if f.gone {
			return false, nil
		}
	}
	f.flush()
	return !f.gone, nil
}

// take reads a file. One that begins as an mbox does is cut as one.
func (f *mailFolder) take(m *member) error {
	file, err := m.open()
	if err != nil {
		return err
	}
	s, err := f.in.set.unpack(file)
	if err != nil {
		return err
	}
	if f.text == nil {
		f.text = f.in.set.pool.get(0)
	}
	start := len(f.text)
	f.text, err = readOnto(f.text, io.LimitReader(s, maxRecord+1))
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	if len(f.text)-start > maxRecord {
		f.tooLarge(m, start)
		return nil
	}
	f.cut(m, start)
	f.text = append(f.text, make([]byte, mailGap)...)
	return nil
}

// cut finds the mails in the text of a file from start.
func (f *mailFolder) cut(m *member, start int) {
	if n := len("\uFEFF"); bytes.HasPrefix(f.text[start:], []byte("\uFEFF")) {
		start += n
	}
	e := elem{start: start, line: 1, name: m.name}
	if separates(f.text[start:]) {
		e.quoted = true
		scan := mboxScan{ended: func() bool { return true }}
		for end := scan.end(f.text[start:]); end >= 0; end = scan.end(f.text[start:]) {
			f.add(e, start+end)
			e.line += newlinesIn(f.text[e.start : start+end])
			e.start, scan.i = start+end, end
		}
	}
	f.add(e, len(f.text))
}

func (f *mailFolder) add(e elem, end int) {
	e.end, e.index = end, f.index
	f.index++
	f.elems = append(f.elems, e)
}

// tooLarge makes a bad record of the text from start.
func (f *mailFolder) tooLarge(m *member, start int) {
	bad := &BadRecord{
		Origin: Origin{File: m.name, Line: 1, Index: f.index}, File: f.in.file, Code: CodeSize, Value: excerpt(f.text[start : start+200]),
		Err: fmt.Errorf("larger than %d MiB", maxRecord>>20), Hint: "take attachments out of this mail, or leave it out",
	}
	f.index++
	f.text = f.text[:start]
	if f.flush(); !f.gone {
		f.gone = !f.yield(bad.piece(), nil)
	}
	f.base += maxRecord
}

func (f *mailFolder) flush() {
	if len(f.elems) == 0 || f.gone {
		return
	}
	p := &docPiece{in: f.in, text: f.text, base: f.base, elems: f.elems}
	f.base += int64(len(f.text))
	f.text, f.elems = nil, nil
	f.gone = !f.yield(p, nil)
}

// readOnto reads r to its end, onto b.
func readOnto(b []byte, r io.Reader) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

// joinThreads reads the headers of all mails once, before the first record, to know which belong together.
func (s *Set) joinThreads(ctx context.Context) error {
	s.joining.Lock()
	defer s.joining.Unlock()
	if s.threads != nil {
		return nil
	}
	t := newThreads()
	for _, in := range s.inputs {
		if in.file.Format != Mail {
			continue
		}
		_, err := in.pieces(ctx, func(p Piece, err error) bool {
			if d, ok := p.(*docPiece); ok && err == nil {
				for _, e := range d.elems {
					raw, _ := in.place(e, nil).unframed(d.text[e.start:e.end], &problemList{})
					h, _ := header(raw, &problemList{})
					t.note(idsOf(h))
				}
				s.pool.put(d.text)
			}
			return true
		})
		if err != nil {
			return fmt.Errorf("reading %s: %w", in.name, err)
		}
	}
	t.settle()
	s.threads = t
	return nil
}
