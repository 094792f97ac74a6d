package ledger

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"syscall"
	"time"
)

// Holder tells which process writes the ledger now; false: none, or the one that did was killed. No lock is tried, which could
// keep a writer out: a process of this machine has to be there, and its last sign of life may be two minutes old.
func (l *Ledger) Holder(ctx context.Context) (Holder, bool, error) {
	var h Holder
	var since int64
	err := l.one(ctx, `select who, pid, host, since from lease`, nil, &h.Who, &h.PID, &h.Host, &since)
	if errors.Is(err, sql.ErrNoRows) {
		return Holder{}, false, nil
	}
	if err != nil {
		return Holder{}, false, err
	}
	h.Since = time.UnixMilli(since)
	h.Seen = lastSeen(l.path, h.Since)
	_, here := whoami()
	alive := time.Since(h.Seen) < lapse && (h.Host != here || processThere(h.PID))
	return h, alive, nil
}

// lastSeen is when the holder of a ledger gave its last sign of life.
func lastSeen(path string, since time.Time) time.Time {
	if info, err := os.Stat(path + ".lock"); err == nil && info.ModTime().After(since) {
		return info.ModTime()
	}
	return since
}

// processThere tells whether a process of this machine lives, as far as that can be told.
func processThere(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.ESRCH)
}
