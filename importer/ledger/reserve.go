package ledger

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
)

// reserveSize is enough for the outcomes of all requests that can be under way: 500 messages each.
const reserveSize = 4 << 20

// reserve is a file of no use beside the ledger whose room is given up when the disk is full, so that what a request has
// done can be recorded even then. The intents of others fail: nothing more is sent.
type reserve struct {
	mu    sync.Mutex
	path  string // "" while there is none
	spent bool   // it was given up: nothing may be begun any more
}

// take makes the reserve. Without room for it no run begins.
func (r *reserve) take(path string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	path += ".reserve"
	if info, err := os.Stat(path); err == nil && info.Size() == reserveSize {
		r.path, r.spent = path, false
		return nil
	}
	block := make([]byte, 1<<16) // noise: a file system that compresses must find nothing to save
	seed := rand.NewChaCha8([32]byte{1})
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	for n := 0; err == nil && n < reserveSize; n += len(block) {
		_, _ = seed.Read(block)
		_, err = f.Write(block)
	}
	if f != nil {
		if err == nil {
			err = f.Sync()
		}
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return errors.Join(fmt.Errorf("there is no room to record what requests do (%d MiB beside the ledger): %w; nothing was sent: free some space and run again",
			reserveSize>>20, err), os.Remove(path))
	}
	r.path, r.spent = path, false
	return nil
}

// give gives the room up, once.
func (r *reserve) give() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.path != "" {
		_ = os.Remove(r.path) // what comes of it the next write tells
		r.path, r.spent = "", true
	}
}

// begun returns an error when the room for outcomes is in use already: what is begun now could not be recorded.
func (r *reserve) begun() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spent {
		return errors.New("the disk is full: free some space and run again")
	}
	return nil
}

// intent is [Ledger.write] for what is about to be done.
func (l *Ledger) intent(op func(*tx) error) error {
	if err := l.reserve.begun(); err != nil {
		return fmt.Errorf("writing the ledger %s: %w", l.path, err)
	}
	return l.write(op)
}

// outcome is [Ledger.write] for what has happened and must not be forgotten: on a full disk it uses the reserve, which another
// may have given up already.
func (l *Ledger) outcome(op func(*tx) error) error {
	err := l.write(op)
	if err == nil || !isFull(err) {
		return err
	}
	l.reserve.give()
	return l.write(op)
}

// isFull tells whether a write failed for want of room.
func isFull(err error) bool {
	return strings.Contains(err.Error(), "database or disk is full") || strings.Contains(err.Error(), "disk I/O error")
}
