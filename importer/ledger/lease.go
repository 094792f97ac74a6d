package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/user"
	"time"

	"github.com/gofrs/flock"
)

// lease is the right to write a ledger: a locked file beside it, and a row in it that tells others who holds it.
type lease struct {
	lock       *flock.Flock
	left       *Holder // who ended without giving the ledger back
	signed     bool
	stop, done chan struct{} // of the heart, nil before it beats
}

// takeLease locks the ledger at path or says who has it.
func takeLease(path string) (*lease, error) {
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the ledger %s: %w", path, err)
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w%s: wait for it to end, or name another ledger with --ledger", path, ErrInUse, holder(path))
	}
	return &lease{lock: lock}, nil
}

// sign tells others who holds the ledger.
func (l *lease) sign(w *writer) error {
	who, host := whoami()
	l.signed = true
	return w.do(func(t *tx) error {
		_, err := t.exec(`insert or replace into lease(id, who, pid, host, since) values(1, ?, ?, ?, ?)`,
			who, os.Getpid(), host, time.Now().UnixMilli())
		return err
	})
}

// whoami names the user and the machine of this process.
func whoami() (who, host string) {
	who, host = "someone", "this machine"
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return who, host
}

// unsign takes the row away. What is left of it when that fails misleads nobody: the lock decides.
func (l *lease) unsign(w *writer) {
	if l.signed && w != nil && w.conn != nil {
		_, _ = w.conn.ExecContext(context.Background(), `delete from lease`)
	}
}

func (l *lease) release() error {
	if l.stop != nil {
		close(l.stop)
		<-l.done
		l.stop = nil // closed twice is closed once
	}
	return l.lock.Close()
}

// holder names the process that holds the ledger, as far as that can be read.
func holder(path string) string {
	db, err := sql.Open("sqlite", dataSource(path, "query_only(1)"))
	if err != nil {
		return ""
	}
	defer db.Close()
	var who, host string
	var pid, since int64
	if err := db.QueryRow(`select who, pid, host, since from lease`).Scan(&who, &pid, &host, &since); err != nil {
		return ""
	}
	return fmt.Sprintf(" by %s, process %d on %s, since %s", who, pid, host, time.UnixMilli(since).UTC().Format("2006-01-02 15:04 MST"))
}
