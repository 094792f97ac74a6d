package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// How a holder shows that it lives: it touches the lock file every heartbeat. Locks of another machine may not be seen here, on
// some shared disks; so what was touched there within lapse is taken for alive.
const (
	heartbeat = 30 * time.Second
	lapse     = 2 * time.Minute
)

// Holder is a process that holds a ledger, or held it to its death.
type Holder struct {
	Who, Host string
	PID       int
	Since     time.Time
	Seen      time.Time // its last sign of life
}

func (h Holder) String() string {
	return fmt.Sprintf("%s, process %d on %s, since %s", h.Who, h.PID, h.Host, h.Since.UTC().Format("2006-01-02 15:04 MST"))
}

// Left tells who held the ledger before and ended without giving it back: killed, or the machine went down. What it was
// doing is found and settled by the next run.
func (l *Ledger) Left() (Holder, bool) {
	if l.lease == nil || l.lease.left == nil {
		return Holder{}, false
	}
	return *l.lease.left, true
}

// succeed looks who has left the ledger without a word, and refuses it where that may be alive on another machine.
func (l *lease) succeed(w *writer, path string) error {
	var h Holder
	var since int64
	err := w.do(func(t *tx) error {
		return t.row(`select who, pid, host, since from lease`).Scan(&h.Who, &h.PID, &h.Host, &since)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading who held the ledger %s: %w", path, err)
	}
	h.Since = time.UnixMilli(since)
	h.Seen = lastSeen(path, h.Since)
	_, here := whoami()
	if age := time.Since(h.Seen); h.Host != here && age < lapse && age > -lapse {
		return fmt.Errorf("%s: %w by %s; it was alive %s ago, on another machine than this (%s), whose lock may not be seen here: wait for it to end; "+
			"if it is dead, try again in %s", path, ErrInUse, h, max(age, 0).Round(time.Second), here, (lapse - age).Round(time.Second))
	}
	l.left = &h
	return nil
}

// beat shows that the holder lives, until stop is closed.
func (l *lease) beat(path string) {
	l.stop, l.done = make(chan struct{}), make(chan struct{})
	touch := func() {
		now := time.Now()
		_ = os.Chtimes(path+".lock", now, now) // where it fails, others see an older sign of life
	}
	touch()
	go func() {
		defer close(l.done)
		t := time.NewTicker(heartbeat)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				touch()
			case <-l.stop:
				return
			}
		}
	}()
}
