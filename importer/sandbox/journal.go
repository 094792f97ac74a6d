package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"
	"github.com/gofrs/flock"
)

// journal is the state file: one line of JSON for each group of changes, appended in one write before the change is
// answered. A process that is killed loses nothing it has answered; a line torn by that is cut off at the next start.
// It is not synced: a rehearsal need not outlive a power cut.
type journal struct {
	file *os.File
	lock *flock.Flock
	buf  bytes.Buffer
}

// openJournal locks and reads the state file at path, hands each change to apply, and leaves it open for appending.
func openJournal(path string, apply func(op)) (*journal, int, error) {
	lock := flock.New(path + ".lock")
	if ok, err := lock.TryLock(); err != nil {
		return nil, 0, fmt.Errorf("locking the state file %s: %w", path, err)
	} else if !ok {
		return nil, 0, fmt.Errorf("the state file %s is in use by another sandbox: stop that one, or name another file", path)
	}
	j := &journal{lock: lock}
	lines, err := j.open(path, apply)
	if err != nil {
		return nil, 0, errors.Join(err, j.close())
	}
	return j, lines, nil
}

func (j *journal) open(path string, apply func(op)) (int, error) {
	var err error
	if j.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return 0, fmt.Errorf("opening the state file: %w", err)
	}
	lines, good, err := replay(j.file, apply)
	if err != nil {
		return 0, fmt.Errorf("reading the state file %s: %w; move it away to start afresh", path, err)
	}
	if err := j.file.Truncate(good); err != nil {
		return 0, fmt.Errorf("cutting the torn end off the state file: %w", err)
	}
	if _, err := j.file.Seek(good, io.SeekStart); err != nil {
		return 0, fmt.Errorf("appending to the state file: %w", err)
	}
	return lines, nil
}

// replay applies every whole line and returns how many there are and where the last one ends.
func replay(r io.Reader, apply func(op)) (lines int, good int64, err error) {
	in := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return lines, good, nil // what is left has no line end: torn
		}
		if err != nil {
			return lines, good, err
		}
		var ops []op
		if err := json.Unmarshal(line, &ops); err != nil {
			return lines, good, fmt.Errorf("line %d: %w", lines+1, err)
		}
		for _, o := range ops {
			apply(o)
		}
		lines++
		good += int64(len(line))
	}
}

// append writes one group. After a failed write the file is cut back, so that no torn line is ever followed by another.
func (j *journal) append(ops []op) error {
	j.buf.Reset()
	if err := json.MarshalWrite(&j.buf, ops); err != nil {
		return fmt.Errorf("encoding a change for the state file: %w", err)
	}
	j.buf.WriteByte('\n')
	at, err := j.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return fmt.Errorf("writing the state file: %w", err)
	}
	if _, err := j.file.Write(j.buf.Bytes()); err != nil {
		_ = j.file.Truncate(at)
		_, _ = j.file.Seek(at, io.SeekStart)
		return fmt.Errorf("writing the state file: %w", err)
	}
	return nil
}

// rewrite replaces the file by one that holds these groups only, at once.
func (j *journal) rewrite(groups func(yield func([]op) bool)) error {
	path := j.file.Name()
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("rewriting the state file: %w", err)
	}
	defer os.Remove(tmp.Name())
	out := bufio.NewWriterSize(tmp, 1<<20)
	for ops := range groups {
		if err = json.MarshalWrite(out, ops); err == nil {
			err = out.WriteByte('\n')
		}
		if err != nil {
			break
		}
	}
	if err = errors.Join(err, out.Flush(), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("rewriting the state file: %w", err)
	}
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("rewriting the state file: %w", err)
	}
	renamed := os.Rename(tmp.Name(), path)
	if j.file, err = os.OpenFile(path, os.O_RDWR, 0o600); err != nil {
		return fmt.Errorf("rewriting the state file: %w", errors.Join(renamed, err))
	}
	if _, err = j.file.Seek(0, io.SeekEnd); err != nil || renamed != nil {
		return fmt.Errorf("rewriting the state file: %w", errors.Join(renamed, err))
	}
	return nil
}

func (j *journal) close() error {
	var err error
	if j.file != nil {
		err = j.file.Close()
	}
	return errors.Join(err, j.lock.Unlock())
}
