package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// openReader opens the ledger for one who only wants to look, and changes nothing.
func (l *Ledger) openReader() error {
	if at, err := os.Stat(l.path); err != nil {
		return fmt.Errorf("opening the ledger: %w; an import makes one, --ledger names it", err)
	} else if at.IsDir() {
		return l.unopened(nil)
	}
	dsn := dataSource(l.path, "query_only(1)")
	if err := l.openDB(dsn); err != nil {
		return err
	}
	v, err := l.version(context.Background())
	if err != nil && shut(err) && !l.unfinished() {
		// SQLite keeps two small files beside it, which a read-only disk does not take: it is read as it lies there.
		if err := errors.Join(l.db.Close(), l.openDB(dsn+"&immutable=1")); err != nil {
			return err
		}
		v, err = l.version(context.Background())
	}
	switch {
	case err != nil || v == schemaVersion:
		return err
	case v == 0:
		return fmt.Errorf("%s: %w: it is empty; an import makes one, --ledger names it", l.path, ErrNotLedger)
	}
	return l.migrateToRead(v)
}

// unfinished tells whether a process has left changes beside the ledger that are not in it yet.
func (l *Ledger) unfinished() bool {
	at, err := os.Stat(l.path + "-wal")
	return err == nil && at.Size() > 0
}

// code is SQLite's result code of an error, 0 for none of its.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// shut tells whether an error says that SQLite cannot write where it has to.
func shut(err error) bool {
	c := code(err)
	return c&0xff == sqlitelib.SQLITE_CANTOPEN || c&0xff == sqlitelib.SQLITE_READONLY || crowded(err)
}

// crowded tells whether an error says that there is no room for the files beside the ledger.
func crowded(err error) bool {
	switch code(err) {
	case sqlitelib.SQLITE_FULL, sqlitelib.SQLITE_IOERR_SHMSIZE, sqlitelib.SQLITE_IOERR_SHMMAP, sqlitelib.SQLITE_IOERR_SHMOPEN, sqlitelib.SQLITE_IOERR_WRITE:
		return true
	}
	return false
}

// unopened says why the ledger's file cannot be opened, and what to do.
func (l *Ledger) unopened(err error) error {
	at, e := os.Stat(l.path)
	switch {
	case e == nil && at.IsDir():
		return fmt.Errorf("opening the ledger: %s is a folder: --ledger names the file, as %s", l.path, filepath.Join(l.path, "deskferry.db"))
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("opening the ledger: %w; its folder is not there: make it, or name another file with --ledger", err)
	}
	return fmt.Errorf("opening the ledger: %w; it has to lie where deskferry can read and write: mend that, or name another file with --ledger", err)
}

// reading says what to do where a ledger cannot be read.
func (l *Ledger) reading(err error) error {
	hint := ""
	switch {
	case err == nil:
		return nil
	case crowded(err):
		hint = "; there is no room for what belongs beside it: free some space and try again"
	case shut(err):
		hint = fmt.Sprintf("; its folder cannot be written, and a run has left changes beside it: copy %s and %[1]s-wal to where you may write, and name that with --ledger",
			filepath.Base(l.path))
	case code(err)&0xff == sqlitelib.SQLITE_CORRUPT, code(err)&0xff == sqlitelib.SQLITE_IOERR:
		hint = "; the file or its disk is damaged: restore the ledger from a backup"
	}
	return fmt.Errorf("reading the ledger %s: %w%s", l.path, err, hint)
}

// migrateToRead goes on with a copy of an older ledger that is brought up to date: who only looks changes nothing.
func (l *Ledger) migrateToRead(v int) (err error) {
	doing := func(err error) error {
		return fmt.Errorf("the ledger %s is of format %d and is read from a copy of format %d, which cannot be made: %w; make room in %s, or set TMPDIR",
			l.path, v, schemaVersion, err, os.TempDir())
	}
	f, err := os.CreateTemp("", "deskferry-ledger-*.db")
	if err != nil {
		return doing(err)
	}
	l.copy = f.Name()
	if err := f.Close(); err != nil {
		return doing(err)
	}
	if err := l.copyTo(l.copy); err != nil {
		return doing(err)
	}
	w, err := openWriter(l.copy)
	if err != nil {
		return doing(err)
	}
	if err := errors.Join(bringUp(w, v), w.close()); err != nil {
		return doing(err)
	}
	if err := l.db.Close(); err != nil {
		return doing(err)
	}
	return l.openDB(dataSource(l.copy, "query_only(1)"))
}

// copyTo writes all that is committed to a file that is empty.
func (l *Ledger) copyTo(path string) error {
	conn, err := l.db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, q := range []string{`pragma query_only(0)`, `vacuum into '` + strings.ReplaceAll(path, "'", "''") + `'`, `pragma query_only(1)`} {
		if _, err := conn.ExecContext(context.Background(), q); err != nil {
			return err
		}
	}
	return nil
}

// removeCopy removes a ledger's copy and what SQLite keeps beside it.
func removeCopy(path string) error {
	for _, beside := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.Remove(path)
}
