package omnidesk

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/zeebo/xxh3"
)

const (
	syncLines = 64              // at most as many tickets are lost with the power
	syncEvery = 5 * time.Second // and at most those of this time
)

// snapshot is the folder that a pull fills. Tickets are only ever appended, and known by their id; of several lines the
// last counts. One process has it open.
type snapshot struct {
	dir   string
	lock  *flock.Flock
	state *state
	index map[string]place

	superseded, damaged int64 // lines that compact takes out

	mu       sync.Mutex // guards what follows, and the above while tickets are added
	tickets  *os.File
	size     int64
	unsynced int
	synced   time.Time
}

// place is where a ticket's line begins and which version it is.
type place struct {
	at      int64
	version uint64 // hash of the version's text
	stale   bool   // read with other settings
}

// openSnapshot opens or makes the folder, cuts off a line that was not finished, and reads which tickets it holds.
func openSnapshot(dir, base string, s Settings, rawMail bool) (_ *snapshot, err error) {
	if dir == "" {
		return nil, errors.New("no folder for the snapshot named")
	}
	doing := func(err error) error { return fmt.Errorf("opening snapshot %s: %w", dir, err) }
	if err := ownFolder(dir); err != nil {
		return nil, doing(err)
	}
	snap := &snapshot{dir: dir, index: map[string]place{}, lock: flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))}
	ok, err := snap.lock.TryLock()
	if err != nil {
		return nil, doing(err)
	}
	if !ok {
		return nil, doing(errors.New("another deskferry writes to it: wait until it has finished, or name another folder with --snapshot"))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, snap.close())
		}
	}()
	if err := snap.begin(base, s, rawMail); err != nil {
		return nil, doing(err)
	}
	return snap, nil
}

// ownFolder makes the folder for its owner alone, and refuses one that holds other things.
func ownFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	all, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	ours := len(all) == 0
	for _, e := range all {
		ours = ours || e.Name() == stateName || e.Name() == lockName
	}
	if !ours {
		return errors.New("the folder is there and is no snapshot: name another with --snapshot")
	}
	return os.Chmod(dir, 0o700) // it holds customers' texts
}

func (s *snapshot) begin(base string, settings Settings, rawMail bool) error {
	old, err := readState(s.dir)
	if err != nil {
		return err
	}
	left, _ := filepath.Glob(filepath.Join(s.dir, ".new-*")) // of a process that died; a folder whose name is a bad pattern keeps them
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	if s.tickets, err = os.OpenFile(filepath.Join(s.dir, ticketsName), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		return err
	}
	if err := s.cutTorn(); err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Second)
	s.state = &state{Format: 1, Base: base, Begun: now, Select: settings.selection(), History: settings.History, RawMail: rawMail}
	if old != nil {
		if err := old.fits(base, settings.selection()); err != nil {
			return fmt.Errorf("%w: name another folder with --snapshot, or delete this one", err)
		}
		s.state.Finished, s.state.Stale = old.Finished, old.Stale
		if old.History != settings.History || rawMail && !old.RawMail {
			s.state.Stale = s.size
		}
	}
	if err := s.scan(s.learn); err != nil {
		return err
	}
	return s.state.write(s.dir)
}

// cutTorn cuts off the end of a file whose writer died within a line.
func (s *snapshot) cutTorn() error {
	info, err := s.tickets.Stat()
	if err != nil {
		return err
	}
	s.size = info.Size()
	end := int64(0)
	buf := make([]byte, 64<<10)
	for from := s.size; from > 0 && end == 0; {
		n := min(from, int64(len(buf)))
		from -= n
		if _, err := s.tickets.ReadAt(buf[:n], from); err != nil {
			return err
		}
		end = from + int64(bytes.LastIndexByte(buf[:n], '\n')) + 1
		if end == from {
			end = 0
		}
	}
	if end == s.size {
		return nil
	}
	s.size = end
	return s.tickets.Truncate(end)
}

// scan calls each with every line of the tickets, without its line feed, and where it begins.
func (s *snapshot) scan(each func(at int64, line []byte) error) error {
	r := bufio.NewReaderSize(io.NewSectionReader(s.tickets, 0, s.size), 1<<20)
	return lines(r, each)
}

// lines reads line by line; a last one without its line feed is left out.
func lines(r *bufio.Reader, each func(at int64, line []byte) error) error {
	var long []byte
	at := int64(0)
	for {
		part, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, part...)
			continue
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line := part
		if len(long) > 0 {
			long = append(long, part...)
			line = long
		}
		if err := each(at, line[:len(line)-1]); err != nil {
			return err
		}
		at += int64(len(line))
		long = long[:0]
	}
}

// learn puts a line into the index. A damaged one, as a disk leaves it that lost its power, is passed over: its ticket is
// read again.
func (s *snapshot) learn(at int64, line []byte) error {
	id, version, ok := identify(line)
	if !ok {
		s.damaged++
		return nil
	}
	if _, again := s.index[id]; again {
		s.superseded++
	}
	s.index[id] = place{at, xxh3.HashString(version), at < s.state.Stale}
	return nil
}

// identify reads a ticket's id and version of its line.
func identify(line []byte) (id, version string, ok bool) {
	all, err := members(line)
	if err != nil {
		return "", "", false
	}
	listed := false
	for _, m := range all {
		switch m.name {
		case "id":
			id = idText(m.value)
		case "last_update":
			if !listed {
				version = text(m.value)
			}
		case memberListed:
			version, listed = text(m.value), true
		}
	}
	return id, version, id != ""
}

// has tells whether the ticket is there in this version.
func (s *snapshot) has(id, version string) bool {
	p, ok := s.index[id]
	return ok && !p.stale && p.version == xxh3.HashString(version)
}

// add appends a ticket's line. It may be called by several goroutines.
func (s *snapshot) add(id, version string, line []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.tickets.Write(line)
	at := s.size
	s.size += int64(n)
	if err != nil {
		return fmt.Errorf("writing to snapshot %s: %w: make room and start again; it goes on from here", s.dir, err)
	}
	if _, again := s.index[id]; again {
		s.superseded++
	}
	s.index[id] = place{at: at, version: xxh3.HashString(version)}
	if s.unsynced++; s.unsynced >= syncLines || time.Since(s.synced) >= syncEvery {
		return s.sync()
	}
	return nil
}

func (s *snapshot) sync() error {
	s.unsynced, s.synced = 0, time.Now()
	if err := s.tickets.Sync(); err != nil {
		return fmt.Errorf("writing to snapshot %s: %w", s.dir, err)
	}
	return nil
}

// finish makes all of it durable, takes out what no longer counts and says whether the snapshot is complete.
func (s *snapshot) finish(complete bool) error {
	if err := s.sync(); err != nil {
		return err
	}
	s.state.Tickets = len(s.index)
	if s.superseded+s.damaged > 0 {
		if err := s.compact(); err != nil {
			return fmt.Errorf("tidying snapshot %s: %w", s.dir, err)
		}
	}
	s.state.Finished, s.state.Complete = time.Now().UTC().Truncate(time.Second), complete
	return s.state.write(s.dir)
}

// compact keeps of each ticket the line that counts.
func (s *snapshot) compact() error {
	counts := make(map[int64]bool, len(s.index))
	stale := int64(0)
	for _, p := range s.index {
		counts[p.at] = true
	}
	name := filepath.Join(s.dir, ticketsName)
	err := replaceFile(name, func(f *os.File) error {
		w := bufio.NewWriterSize(f, 1<<20)
		err := s.scan(func(at int64, line []byte) error {
			if !counts[at] {
				return nil
			}
			if at < s.state.Stale {
				stale += int64(len(line)) + 1
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
			return w.WriteByte('\n')
		})
		return errors.Join(err, w.Flush())
	})
	if err != nil {
		return err
	}
	s.superseded, s.damaged, s.state.Stale = 0, 0, stale
	err = s.tickets.Close()
	s.tickets, s.index = nil, nil
	return err
}

// close leaves the snapshot as it is, on the disk.
func (s *snapshot) close() error {
	var err error
	if s.tickets != nil {
		err = errors.Join(s.sync(), s.tickets.Close())
		s.tickets = nil
	}
	return errors.Join(err, s.lock.Unlock())
}

// mailFile is where the raw mail of a message is kept.
func (s *snapshot) mailFile(ticket, message string) string {
	return filepath.Join(s.dir, mailName, ticket+"-"+message+".eml")
}

// replacePeople writes a list of people anew: fill writes the lines of those listed now, and tells which they are; those of before
// that are no longer listed stay. It returns how many those are.
func (s *snapshot) replacePeople(name string, key func(line []byte) string, fill func(write func(line []byte) error) (map[string]bool, error)) (kept int64, err error) {
	full := filepath.Join(s.dir, name)
	old, err := os.Open(full)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	if err == nil {
		defer old.Close()
	}
	err = replaceFile(full, func(f *os.File) error {
		w := bufio.NewWriterSize(f, 256<<10)
		write := func(line []byte) error {
			_, err := w.Write(append(line, '\n'))
			return err
		}
		listed, err := fill(write)
		if err != nil {
			return err
		}
		if old != nil {
			err = lines(bufio.NewReaderSize(old, 256<<10), func(_ int64, line []byte) error {
				if listed[key(line)] {
					return nil
				}
				kept++
				return write(line)
			})
		}
		return errors.Join(err, w.Flush())
	})
	return kept, err
}
