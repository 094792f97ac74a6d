// Package ledger is the durable memory of an import: which tickets and messages are planned, what was tried, what
// the target answered. It is one SQLite file, kept for ever, without bodies; whoever loses it can no longer tell
// what was brought over. The plan, a cache with the bodies, is a file of its own.
//
// It decides nothing: which request is made next is the importer's business. It holds the invariants: one open
// attempt a ticket, no attempt for a message that has a target id, every change durable when the call returns.
package ledger

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/deskferry/deskferry/importer"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed schema.sql
var schema string

const (
	schemaVersion = 2
	applicationID = 0x64666c67 // "dflg", in the header of the file
)

// What is wrong with a ledger that cannot be opened or used. The errors returned say what to do.
var (
	ErrInUse     = errors.New("the ledger is in use")
	ErrNewer     = errors.New("the ledger was written by a newer deskferry")
	ErrNotLedger = errors.New("not a deskferry ledger")
	ErrTarget    = errors.New("the ledger belongs to another target")
	ErrIdentity  = errors.New("the mapping names tickets or messages otherwise than the ledger's")
	ErrNetwork   = errors.New("the ledger lies on a network file system")
	ErrStale     = errors.New("the claim is stale")
	ErrSettled   = errors.New("the attempt is settled already")
)

// Options say how a ledger is opened.
type Options struct {
	// Target is the account the ledger is for, its URL as a rule; case and a final slash do not count. A new ledger
	// takes it, another ledger's is refused. Empty: not compared.
	Target string
	// ReadOnly opens an existing ledger to look at, also while a run holds it. Nothing can be written.
	// One of an older format is read as it lies, one on a read-only disk too.
	ReadOnly bool
}

// Migration says that a ledger was brought to the format of this deskferry.
type Migration struct {
	From, To int
	Copy     string // the file that holds it as it was
}

// Ledger is an open ledger. It implements importer.Ledger and importer.Planner. Its methods may be called from
// any goroutine; writes are committed together where they meet, each durable when its call returns.
type Ledger struct {
	path   string
	db     *sql.DB // readers
	writer *writer // nil when read-only
	lease  *lease
	copy   string // of an older ledger that is only read: brought up to date, and removed by Close

	migrated Migration

	reserve reserve

	mu      sync.Mutex
	run     int64 // of this process, 0 before Begin
	claimed map[importer.Key]bool
	seq, id int64 // the last planned or made ticket handed out

	stmts sync.Map // query to *sql.Stmt, on db
}

var (
	_ importer.Ledger  = (*Ledger)(nil)
	_ importer.Planner = (*Ledger)(nil)
)

// Open opens the ledger at path, or makes one readable by its owner alone, and holds it until Close: a second
// process gets [ErrInUse] with the holder's name. A ledger on a network file system is refused where that can be
// told (Linux, macOS, Windows): locks and the write-ahead log cannot be trusted there.
func Open(path string, o Options) (*Ledger, error) {
	l := &Ledger{path: path, claimed: map[importer.Key]bool{}}
	var err error
	if o.ReadOnly {
		if err = l.openReader(); err == nil {
			err = l.belongs(o.Target)
		}
	} else {
		err = l.openWriter(o)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Ledger) openWriter(o Options) error {
	if err := refuseNetwork(l.path); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return l.unopened(err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("opening the ledger: %w", err)
	}
	if l.lease, err = takeLease(l.path); err != nil {
		return err
	}
	if err := l.openDB(dataSource(l.path, "query_only(1)")); err != nil {
		return err
	}
	v, err := l.version(context.Background())
	if err != nil {
		return err
	}
	if l.writer, err = openWriter(l.path); err != nil {
		return err
	}
	if v > 0 {
		if err := l.lease.succeed(l.writer, l.path); err != nil {
			return err
		}
	}
	switch {
	case v == 0:
		err = l.create()
	case v < schemaVersion:
		err = l.migrate(v)
	}
	if err != nil {
		return err
	}
	if err := l.addCustomerTable(); err != nil {
		return err
	}
	if err := l.bind(o.Target); err != nil {
		return err
	}
	if err := l.lease.sign(l.writer); err != nil {
		return err
	}
	l.lease.beat(l.path)
	return nil
}

func (l *Ledger) openDB(dsn string) error {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return fmt.Errorf("opening the ledger %s: %w", l.path, err)
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	l.db = db
	return nil
}

// version returns the schema's version, 0 for a file that is still empty.
func (l *Ledger) version(ctx context.Context) (v int, err error) {
	var app, tables int
	err = l.db.QueryRowContext(ctx, `select (select user_version from pragma_user_version),
		(select application_id from pragma_application_id), (select count(*) from sqlite_schema)`).Scan(&v, &app, &tables)
	switch {
	case err != nil && strings.Contains(err.Error(), "not a database"):
		return 0, fmt.Errorf("%s: %w: --ledger names the file to use", l.path, ErrNotLedger)
	case err != nil:
		return 0, l.reading(err)
	case tables > 0 && app != applicationID:
		return 0, fmt.Errorf("%s: %w but some other database: --ledger names the file to use", l.path, ErrNotLedger)
	case v > schemaVersion:
		return 0, fmt.Errorf("%s: %w (format %d, this one knows %d): use deskferry %s", l.path, ErrNewer, v, schemaVersion, l.usedBy(ctx))
	}
	return v, nil
}

func (l *Ledger) create() error {
	err := l.writer.do(func(t *tx) error {
		if _, err := t.conn.ExecContext(context.Background(), schema); err != nil {
			return err
		}
		_, err := t.conn.ExecContext(context.Background(),
			fmt.Sprintf("pragma application_id = %d; pragma user_version = %d", applicationID, schemaVersion))
		return err
	})
	if err != nil {
		return fmt.Errorf("making the ledger %s: %w", l.path, err)
	}
	return nil
}

// bind compares the target with the one the ledger was made for.
func (l *Ledger) bind(target string) error {
	if target = asBound(target); target == "" {
		return nil
	}
	return l.writer.do(func(t *tx) error {
		var has string
		err := t.row(`select value from about where name = 'target'`).Scan(&has)
		if errors.Is(err, sql.ErrNoRows) {
			_, err = t.exec(`insert into about(name, value) values('target', ?)`, target)
			return err
		}
		return errors.Join(err, l.differs(has, target))
	})
}

// belongs refuses a reader who takes the ledger for another target's.
func (l *Ledger) belongs(target string) error {
	if target = asBound(target); target == "" {
		return nil
	}
	has, err := l.Target(context.Background())
	return errors.Join(err, l.differs(has, target))
}

// asBound is how a target is written in the ledger.
func asBound(target string) string {
	return strings.TrimRight(strings.ToLower(strings.TrimSpace(target)), "/")
}

func (l *Ledger) differs(has, target string) error {
	if has == "" || has == target {
		return nil
	}
	return fmt.Errorf("%s: %w: it is for %s, not for %s; one ledger per target account: name another file with --ledger", l.path, ErrTarget, has, target)
}

// Close gives the ledger back.
func (l *Ledger) Close() error {
	var errs []error
	l.stmts.Range(func(_, s any) bool {
		errs = append(errs, s.(*sql.Stmt).Close())
		return true
	})
	if l.db != nil {
		errs = append(errs, l.db.Close())
	}
	if l.lease != nil {
		l.lease.unsign(l.writer)
		l.reserve.give() // nothing is under way any more
	}
	if l.writer != nil {
		errs = append(errs, l.writer.close())
	}
	if l.lease != nil {
		errs = append(errs, l.lease.release())
	}
	if l.copy != "" {
		errs = append(errs, removeCopy(l.copy))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing the ledger %s: %w", l.path, err)
	}
	return nil
}

// write commits op, see [writer.do].
func (l *Ledger) write(op func(*tx) error) error {
	if l.writer == nil {
		return fmt.Errorf("the ledger %s was opened to be read only", l.path)
	}
	return l.writer.do(op)
}

// stmt prepares a query for the readers once.
func (l *Ledger) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := l.stmts.Load(query); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := l.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if had, loaded := l.stmts.LoadOrStore(query, s); loaded {
		return had.(*sql.Stmt), s.Close()
	}
	return s, nil
}

// rows runs a query on the readers and calls scan for each row.
func (l *Ledger) rows(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	s, err := l.stmt(ctx, query)
	if err != nil {
		return l.reading(err)
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return l.reading(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return l.reading(err)
		}
	}
	return l.reading(rows.Err())
}

// one runs a query for a single row; sql.ErrNoRows when there is none.
func (l *Ledger) one(ctx context.Context, query string, args []any, dest ...any) error {
	s, err := l.stmt(ctx, query)
	if err != nil {
		return l.reading(err)
	}
	return l.reading(s.QueryRowContext(ctx, args...).Scan(dest...))
}

// dataSource is the driver's name for the file at path.
func dataSource(path string, pragmas ...string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	q := url.Values{"_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

func ofMillis(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMilli(n.Int64).UTC()
}

// about reads a setting, "" when it is not there.
func (l *Ledger) about(ctx context.Context, name string) (value string, err error) {
	err = l.one(ctx, `select value from about where name = ?`, []any{name}, &value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// Lag implements importer.Lags.
func (l *Ledger) Lag(ctx context.Context) (time.Duration, error) {
	v, err := l.about(ctx, "lag_ms")
	if err != nil || v == "" {
		return 0, err
	}
	ms, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, l.reading(fmt.Errorf("the lag %q is not a number", v))
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// SawLag implements importer.Lags: the largest stays.
func (l *Ledger) SawLag(ctx context.Context, lag time.Duration) error {
	return l.write(func(t *tx) error {
		_, err := t.exec(`insert into about(name, value) values('lag_ms', ?1) on conflict(name) do update
			set value = ?1 where cast(value as integer) < cast(?1 as integer)`, strconv.FormatInt(lag.Milliseconds(), 10))
		return err
	})
}
