package files

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// Store keeps files in a folder, each under the SHA-256 of its content, with an index of what came from where and what the
// account has. A file takes its name only when all of it is on the disk, so a name stands for the whole content; what a killed
// process left behind is removed by the next. One process writes at a time. It is safe for concurrent use.
type Store struct {
	dir   string
	index *index
	lock  *flock.Flock // nil: read-only
}

// ErrInUse says that another process works with the folder.
var ErrInUse = errors.New("in use by another deskferry")

// FolderOf is the folder of a ledger's files.
func FolderOf(ledger string) string { return ledger + ".files" }

// Open opens the store in dir, or makes it, readable by its owner alone.
func Open(dir string) (*Store, error) {
	for _, d := range []string{dir, filepath.Join(dir, partFolder)} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("making the folder for files: %w", err)
		}
	}
	s := &Store{dir: dir, lock: flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))}
	ok, err := s.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", dir, err)
	}
	if !ok {
		return nil, fmt.Errorf("%s is %w: wait for it to end", dir, ErrInUse)
	}
	if err := s.sweep(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.index, err = openIndex(filepath.Join(dir, indexFile), false); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// OpenReadOnly opens a store to look something up, beside a process that writes it. Without a folder it is nil: nothing
// is known.
func OpenReadOnly(dir string) (*Store, error) {
	path := filepath.Join(dir, indexFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	index, err := openIndex(path, true)
	if err != nil {
		return nil, err
	}
	return &Store{dir: dir, index: index}, nil
}

const (
	partFolder = "part"
	indexFile  = "index.db"
	maxHead    = 3072 // what a content type is told by
)

// Close closes the index and lets go of the folder. A nil store may be closed.
func (s *Store) Close() error {
	if s == nil {
		return nil
	}
	var errs []error
	if s.index != nil {
		errs = append(errs, s.index.close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// sweep removes what is half-made.
func (s *Store) sweep() error {
	parts, err := os.ReadDir(filepath.Join(s.dir, partFolder))
	if err != nil {
		return fmt.Errorf("emptying the folder for files: %w", err)
	}
	for _, p := range parts {
		if err := os.Remove(filepath.Join(s.dir, partFolder, p.Name())); err != nil {
			return fmt.Errorf("emptying the folder for files: %w", err)
		}
	}
	return nil
}

func (s *Store) path(sum Sum) string {
	name := sum.String()
	return filepath.Join(s.dir, name[:2], name)
}

// has tells whether the content is there, by its length.
func (s *Store) has(sum Sum, size int64) bool {
	info, err := os.Stat(s.path(sum))
	return err == nil && info.Mode().IsRegular() && info.Size() == size
}

// errDamaged says that a kept file is not what its name says.
var errDamaged = errors.New("a kept file is damaged")

// read returns the bytes of a kept file, held against its sum.
func (s *Store) read(sum Sum, size int64) ([]byte, error) {
	f, err := os.Open(s.path(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errDamaged
	}
	if err != nil {
		return nil, fmt.Errorf("reading a kept file: %w", err)
	}
	defer f.Close()
	b := make([]byte, size, size+1)
	n, err := io.ReadFull(f, b)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errDamaged
	case err != nil:
		return nil, fmt.Errorf("reading a kept file: %w", err)
	case int64(n) != size || sha256.Sum256(b) != sum:
		return nil, errDamaged
	}
	return b, nil
}

// part is a file in the making: a [Sink].
type part struct {
	s    *Store
	f    *os.File
	hash hash.Hash
	head []byte
	size int64
}

// create begins a file. The caller keeps or drops it.
func (s *Store) create() (*part, error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, partFolder), "*") // 0600
	if err != nil {
		return nil, fmt.Errorf("keeping a file: %w", err)
	}
	return &part{s: s, f: f, hash: sha256.New()}, nil
}

// Write implements [io.Writer].
func (p *part) Write(b []byte) (int, error) {
	n, err := p.f.Write(b)
	p.hash.Write(b[:n])
	p.size += int64(n)
	if room := maxHead - len(p.head); room > 0 {
		p.head = append(p.head, b[:min(n, room)]...)
	}
	if err != nil {
		err = fmt.Errorf("keeping a file: %w", err)
	}
	return n, err
}

// Reset implements [Sink].
func (p *part) Reset() error {
	p.hash.Reset()
	p.head, p.size = p.head[:0], 0
	_, err := p.f.Seek(0, io.SeekStart)
	if err == nil {
		err = p.f.Truncate(0)
	}
	if err != nil {
		return fmt.Errorf("keeping a file: %w", err)
	}
	return nil
}

// Head implements [Sink].
func (p *part) Head() []byte { return p.head }

// keep makes the file durable under the name of its content. It is closed then.
func (p *part) keep() (Sum, error) {
	var sum Sum
	p.hash.Sum(sum[:0])
	err := p.f.Sync()
	if e := p.f.Close(); err == nil {
		err = e
	}
	to := p.s.path(sum)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o700)
	}
	if err == nil {
		err = os.Rename(p.f.Name(), to)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(to))
	}
	if err != nil {
		_ = os.Remove(p.f.Name()) // what is left is swept by the next
		return Sum{}, fmt.Errorf("keeping a file: %w", err)
	}
	return sum, nil
}

// drop removes a file that is not kept.
func (p *part) drop() {
	_ = p.f.Close()
	_ = os.Remove(p.f.Name()) // what is left is swept by the next
}
