package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// batch bounds how many writes one commit carries.
const batch = 64

// writer is the one connection that writes. Writes that arrive while another is being committed are committed
// together after it: one of the waiting callers does it for all. So there is no goroutine to stop, and the
// disk's sync is shared by the workers that wait for it.
type writer struct {
	path  string
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt

	mu     sync.Mutex
	busy   bool // someone is committing
	broken error
	queue  []*pending
}

// pending is a write waiting for its commit.
type pending struct {
	op   func(*tx) error
	done chan error    // what came of it
	lead chan struct{} // closed: it is this caller's turn to commit
}

func openWriter(path string) (*writer, error) {
	w := &writer{path: path, stmts: map[string]*sql.Stmt{}}
	db, err := sql.Open("sqlite", dataSource(path, "journal_mode(wal)", "synchronous(full)", "fullfsync(1)",
		"checkpoint_fullfsync(1)", "cache_size(-16384)"))
	if err != nil {
		return nil, fmt.Errorf("opening the ledger %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	w.db = db
	ctx := context.Background()
	if w.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the ledger %s: %w", path, err), db.Close())
	}
	var mode string
	var sync int
	err = w.conn.QueryRowContext(ctx, `select (select journal_mode from pragma_journal_mode), (select synchronous from pragma_synchronous)`).Scan(&mode, &sync)
	if err == nil && (mode != "wal" || sync != 2) {
		err = fmt.Errorf("its file system supports no write-ahead log (journal %s, synchronous %d): name another place with --ledger", mode, sync)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the ledger %s: %w", path, err), w.close())
	}
	return w, nil
}

func (w *writer) close() error {
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}

// do runs op in a transaction and returns once it is durable, or has had no effect. op may be run twice, the
// second time alone, when a write it shared a commit with fails.
func (w *writer) do(op func(*tx) error) error {
	p := &pending{op: op, done: make(chan error, 1), lead: make(chan struct{})}
	w.mu.Lock()
	w.queue = append(w.queue, p)
	if w.busy {
		w.mu.Unlock()
		select {
		case err := <-p.done:
			return err
		case <-p.lead:
		}
		w.mu.Lock()
	}
	w.busy = true
	n := min(len(w.queue), batch)
	mine := w.queue[:n:n]
	w.queue = w.queue[n:]
	w.mu.Unlock()

	w.commit(mine)

	w.mu.Lock()
	if len(w.queue) > 0 {
		close(w.queue[0].lead)
	} else {
		w.busy = false
	}
	w.mu.Unlock()
	return <-p.done
}

// commit makes the writes durable together, or each alone where that fails, so that one's failure is not the
// others'.
func (w *writer) commit(all []*pending) {
	err := w.transaction(func(t *tx) error {
		for _, p := range all {
			if err := p.op(t); err != nil {
				return err
			}
		}
		return nil
	})
	for _, p := range all {
		if err != nil && len(all) > 1 {
			p.done <- w.transaction(p.op)
			continue
		}
		p.done <- err
	}
}

// tx is a transaction of the writer.
type tx struct{ *writer }

func (w *writer) transaction(op func(*tx) error) error {
	if w.broken != nil {
		return w.broken
	}
	t := &tx{w}
	if _, err := t.exec(`begin immediate`); err != nil {
		return w.failing(err)
	}
	err := op(t)
	if err == nil {
		if _, err = t.exec(`commit`); err == nil {
			return nil
		}
		err = w.failing(err)
	}
	if _, undo := w.conn.ExecContext(context.Background(), `rollback`); undo != nil && !strings.Contains(undo.Error(), "no transaction") {
		w.broken = w.failing(errors.Join(err, undo))
		return w.broken
	}
	return err
}

func (w *writer) failing(err error) error {
	doing := "writing the ledger " + w.path + ": "
	if strings.HasPrefix(err.Error(), doing) {
		return err
	}
	hint := ""
	if strings.Contains(err.Error(), "full") {
		hint = "; free some space and run again"
	}
	return fmt.Errorf("%s%w%s", doing, err, hint)
}

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s, ok := t.stmts[query]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(context.Background(), query)
	if err == nil {
		t.stmts[query] = s
	}
	return s, err
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	res, err := t.result(query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *tx) result(query string, args ...any) (sql.Result, error) {
	s, err := t.stmt(query)
	if err != nil {
		return nil, t.failing(err)
	}
	res, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return nil, t.failing(err)
	}
	return res, nil
}

// row runs a query for a single row.
func (t *tx) row(query string, args ...any) *sql.Row {
	s, err := t.stmt(query)
	if err != nil {
		return t.conn.QueryRowContext(context.Background(), query, args...) // fails the same way
	}
	return s.QueryRowContext(context.Background(), args...)
}

// rows runs a query and calls scan for each row.
func (t *tx) rows(scan func(*sql.Rows) error, query string, args ...any) error {
	s, err := t.stmt(query)
	if err != nil {
		return t.failing(err)
	}
	rows, err := s.QueryContext(context.Background(), args...)
	if err != nil {
		return t.failing(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return t.failing(err)
		}
	}
	if err := rows.Err(); err != nil {
		return t.failing(err)
	}
	return nil
}
