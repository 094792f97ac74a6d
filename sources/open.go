package sources

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
)

// StdinName is the name of standard input in origins.
const StdinName = "stdin"

// Set is the files of an export, opened and sniffed; it is a [Source]. Its methods may be called by several
// goroutines, and each call of Pieces reads from the start.
type Set struct {
	inputs  []*input
	skipped []string
	closers []func() error
	pool    pool
	rows    sync.Pool // *csvState
	docs    sync.Pool // *docState
	read    atomic.Int64
	size    int64
	chunk   int
	joining sync.Mutex
	threads *threads // of mails, once they were read
}

// Open finds, opens and sniffs the files of an export, in reading order. A path is a file, a glob, a folder (its files
// with known endings, sorted, hidden ones left out; see [Set.Skipped]) or "-" for stdin, which is copied to a temporary
// file so that it can be read twice. Compression (.gz, .zst) and archives (.zip, their members like a folder's files) are
// known by their first bytes. Mails that are files by themselves are one File for each folder. opt gives the options for a file's base name; nil sniffs everything. A file that comes
// twice is read once. The caller closes the set.
func Open(ctx context.Context, paths []string, opt func(base string) Options, stdin io.Reader) (*Set, error) {
	if opt == nil {
		opt = func(string) Options { return Options{} }
	}
	s := &Set{chunk: chunkSize}
	if err := s.open(ctx, paths, opt, stdin); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Set) open(ctx context.Context, paths []string, opt func(string) Options, stdin io.Reader) error {
	if len(paths) == 0 {
		return errors.New("no input named: give a file, a folder, a glob, or - for standard input")
	}
	seen := map[string]bool{}
	for _, p := range paths {
		if p == "-" {
			if !seen[p] {
				seen[p] = true
				if err := s.spool(ctx, StdinName, stdin); err != nil {
					return err
				}
			}
			continue
		}
		found, err := s.expand(p)
		if err != nil {
			return err
		}
		for _, f := range found {
			abs, err := filepath.Abs(f)
			if err != nil {
				abs = f
			}
			if seen[abs] {
				continue
			}
			seen[abs] = true
			if err := s.add(ctx, f); err != nil {
				return err
			}
		}
	}
	if len(s.inputs) > maxFiles {
		return fmt.Errorf("%d files are more than the %d that can be read at once: join them, or name fewer", len(s.inputs), maxFiles)
	}
	for i, in := range s.inputs {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := in.sniff(ctx, i, opt); err != nil {
			return fmt.Errorf("opening %s: %w", in.name, err)
		}
	}
	s.read.Store(0)
	return nil
}

// expand turns a path into the files it stands for.
func (s *Set) expand(p string) ([]string, error) {
	info, err := os.Stat(p)
	switch {
	case err == nil && info.IsDir():
		found, err := s.folder(p)
		if err == nil && len(found) == 0 {
			err = fmt.Errorf("folder %s has no file with a known ending (%s)", p, strings.Join(endings, " "))
		}
		return found, err
	case err == nil:
		return []string{p}, nil
	case !strings.ContainsAny(p, "*?["):
		return nil, fmt.Errorf("opening %s: %w: check the path and its permissions", p, errors.Unwrap(err))
	}
	found, err := filepath.Glob(p)
	if err != nil {
		return nil, fmt.Errorf("reading the pattern %s: %w: write [[] for a bracket that is meant", p, err)
	}
	var files []string
	for _, f := range found {
		if hidden(filepath.Base(f)) && !strings.HasPrefix(filepath.Base(p), ".") {
			continue // as a shell does
		}
		if info, err := os.Stat(f); err == nil && info.IsDir() {
			inside, err := s.folder(f)
			if err != nil {
				return nil, err
			}
			files = append(files, inside...)
			continue
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no file matches %s: check the pattern, and quote it so that the shell leaves it alone", p)
	}
	return files, nil
}

// endings are those a folder's files are known by; each may be followed by .gz or .zst.
var endings = []string{".csv", ".tsv", ".tab", ".json", ".ndjson", ".jsonl", ".xml", ".mbox", ".mbx", ".eml", ".emlx", ".zip"}

func known(name string) bool {
	name = strings.ToLower(uncompressed(name))
	return slices.Contains(endings, path.Ext(name)) || name == "mbox"
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") || name == "__MACOSX" }

// uncompressed is a name without the ending of its compression.
func uncompressed(name string) string {
	switch ext := path.Ext(name); strings.ToLower(ext) {
	case ".gz", ".zst":
		return strings.TrimSuffix(name, ext)
	}
	return name
}

// baseName is what globs match.
func baseName(name string) string { return uncompressed(path.Base(filepath.ToSlash(name))) }

func (s *Set) folder(dir string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p == dir:
			return nil
		case hidden(d.Name()):
			if d.IsDir() && !isMaildir(p) {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			if d.Name() == "tmp" && isMaildir(filepath.Dir(p)) { // mails that were never delivered
				return fs.SkipDir
			}
			return nil
		case !known(d.Name()) && !inMaildir(p):
			s.skipped = append(s.skipped, p)
			return nil
		}
		found = append(found, p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading folder %s: %w", dir, err)
	}
	return found, nil
}

// add takes a file, or the members of an archive. What is no regular file (a pipe) is copied first.
func (s *Set) add(ctx context.Context, name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("opening %s: %w: check the path", name, err)
	}
	if !info.Mode().IsRegular() {
		f, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("opening %s: %w", name, err)
		}
		return errors.Join(s.spool(ctx, name, f), f.Close())
	}
	return s.regular(name, name, info)
}

// regular takes the file at place, known to the user as name.
func (s *Set) regular(name, place string, info fs.FileInfo) error {
	archive, err := isZip(place)
	if err != nil {
		return fmt.Errorf("opening %s: %w: check its permissions", name, err)
	}
	s.size += info.Size()
	if archive {
		return s.archive(name, place)
	}
	in := &input{set: s, name: filepath.ToSlash(name), base: baseName(name)}
	if place == name {
		in.modified = info.ModTime()
	}
	in.raw = func() (io.ReadCloser, error) {
		f, err := os.Open(place)
		if err != nil {
			return nil, err
		}
		now, err := f.Stat()
		if err == nil && (now.Size() != info.Size() || !now.ModTime().Equal(info.ModTime())) {
			err = errors.New("the file changed while it was in use: start again when nothing writes to it")
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return f, nil
	}
	if !s.joinMail(in) {
		s.inputs = append(s.inputs, in)
	}
	return nil
}

func isZip(place string) (bool, error) {
	f, err := os.Open(place)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var magic [4]byte
	_, err = io.ReadFull(f, magic[:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return string(magic[:]) == "PK\x03\x04" || string(magic[:]) == "PK\x05\x06", nil
}

// archive takes the members of a zip with known endings, sorted by name.
func (s *Set) archive(name, place string) error {
	z, err := zip.OpenReader(place)
	if err != nil {
		return fmt.Errorf("opening archive %s: %w: it may be cut short; download it again", name, err)
	}
	s.closers = append(s.closers, z.Close)
	z.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true)))
	files := slices.Clone(z.File)
	slices.SortStableFunc(files, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	before := len(s.inputs)
	for _, f := range files {
		member := filepath.ToSlash(name) + "/" + f.Name
		switch {
		case f.Name == "[Content_Types].xml" || f.Name == "mimetype":
			return fmt.Errorf("%s is an office document: save the sheet as CSV (UTF-8) and name that file", name)
		case f.FileInfo().IsDir() || hiddenMember(f.Name):
			continue
		case !known(path.Base(f.Name)) && !inMaildir(f.Name) || strings.EqualFold(path.Ext(f.Name), ".zip"):
			s.skipped = append(s.skipped, member)
			continue
		case f.Flags&1 != 0:
			return fmt.Errorf("%s is encrypted: unpack %s and name the files", member, name)
		}
		in := &input{set: s, name: member, base: baseName(f.Name), modified: f.Modified, raw: f.Open}
		if !s.joinMail(in) {
			s.inputs = append(s.inputs, in)
		}
	}
	if len(s.inputs) == before {
		return fmt.Errorf("archive %s has no file with a known ending (%s)", name, strings.Join(endings[:len(endings)-1], " "))
	}
	return nil
}

// spool copies a stream to a temporary file, which Close removes.
func (s *Set) spool(ctx context.Context, name string, r io.Reader) (err error) {
	if r == nil {
		return fmt.Errorf("reading %s: there is no standard input", name)
	}
	f, err := os.CreateTemp("", "deskferry-*")
	if err != nil {
		return fmt.Errorf("copying %s to a temporary file: %w: set TMPDIR to a folder with room", name, err)
	}
	s.closers = append(s.closers, func() error { return os.Remove(f.Name()) })
	_, err = io.Copy(f, contextReader{ctx, r})
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("copying %s to a temporary file: %w: set TMPDIR to a folder with room", name, err)
	}
	info, err := os.Stat(f.Name())
	if err != nil {
		return fmt.Errorf("copying %s to a temporary file: %w", name, err)
	}
	return s.regular(name, f.Name(), info)
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Files returns the files in reading order; their columns are known.
func (s *Set) Files() []*File {
	files := make([]*File, len(s.inputs))
	for i, in := range s.inputs {
		files[i] = in.file
	}
	return files
}

// Skipped names the files of folders and archives that were left out because of their ending.
func (s *Set) Skipped() []string { return s.skipped }

// Progress tells how many bytes of the files were read since the last call of Pieces, and how many there are, as
// stored: compressed files and archives count compressed in the total, so done may exceed it for archives.
func (s *Set) Progress() (done, total int64) { return s.read.Load(), s.size }

// Close removes temporary files. Pieces not yet decoded stay valid.
func (s *Set) Close() error {
	var errs []error
	for _, c := range slices.Backward(s.closers) {
		errs = append(errs, c())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// Pieces yields the files' pieces in reading order. Reading happens on the caller's goroutine; a piece's records
// may be ranged over on any, once. The headers of mails are read once before the first piece, to join them to threads.
func (s *Set) Pieces(ctx context.Context) iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		s.read.Store(0)
		if err := s.joinThreads(ctx); err != nil {
			yield(nil, err)
			return
		}
		s.read.Store(0)
		for _, in := range s.inputs {
			more, err := in.pieces(ctx, yield)
			if err != nil {
				yield(nil, fmt.Errorf("reading %s: %w", in.name, err))
				return
			}
			if !more {
				return
			}
		}
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Expand lists the files that a path stands for, as [Open] finds them, without opening them; an archive is one file.
func Expand(path string) ([]string, error) { return new(Set).expand(path) }
