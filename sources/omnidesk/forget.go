package omnidesk

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// goneName is where tickets are kept that a pull has taken out of the snapshot. Hidden: it is no part of the export.
const goneName = ".gone.ndjson"

// GoneError says that the lists no longer have many of the snapshot's tickets. Nothing was changed.
type GoneError struct {
	Known, Gone int64
	Percent     int // how many of a hundred were accepted
}

func (e *GoneError) Error() string {
	return fmt.Sprintf("%d of the %d tickets of the snapshot are no longer listed, more than %d %%", e.Gone, e.Known, e.Percent)
}

// forget takes the tickets out of the snapshot that are no longer listed, when all that is listed was seen.
func (p *puller) forget() error {
	if !p.o.Forget || p.out.Gone == 0 || p.out.Missing > 0 || p.out.Nameless > 0 {
		return nil
	}
	if known := int64(len(p.snap.index)); p.o.MostGone > 0 && p.out.Gone*100 > known*int64(p.o.MostGone) {
		return &GoneError{Known: known, Gone: p.out.Gone, Percent: p.o.MostGone}
	}
	gone := map[int64]string{}
	for id, place := range p.snap.index {
		if !p.listed[id] {
			gone[place.at] = id
		}
	}
	p.out.Forgotten = true
	return p.snap.forget(gone)
}

// forget moves the lines that begin there to a file of their own. They are taken out of the tickets when the snapshot is
// finished; a pull that ends before finds them again.
func (s *snapshot) forget(gone map[int64]string) (err error) {
	doing := func(err error) error {
		return fmt.Errorf("taking what is no longer listed out of snapshot %s: %w", s.dir, err)
	}
	f, err := os.OpenFile(filepath.Join(s.dir, goneName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return doing(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	err = s.scan(func(at int64, line []byte) error {
		if gone[at] == "" {
			return nil
		}
		_, err := f.Write(slices.Concat(bytes.TrimSuffix(line, []byte("\n")), []byte("\n")))
		return err
	})
	if err = errors.Join(err, f.Sync()); err != nil {
		return doing(err)
	}
	for _, id := range gone {
		delete(s.index, id)
		s.superseded++
	}
	return nil
}
