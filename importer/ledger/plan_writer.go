package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/deskferry/deskferry/importer"
)

// planSchema has planned before work, so that walking it does not touch the bodies.
const planSchema = `
create table ticket(id integer primary key, key text not null, planned blob not null, work blob not null);
create table open_facts(key text primary key, facts blob not null);
create table customer(email text not null, name text not null, external_id text not null);
create table meta(name text primary key, value blob not null);`

// planWriter writes a plan that is not complete. Nothing of it outlives a crash, so it needs neither journal nor
// flushes until it is sealed.
type planWriter struct {
	path   string
	db     *sql.DB
	tx     *sql.Tx
	ticket *sql.Stmt
	facts  *sql.Stmt
	person *sql.Stmt
	encode *zstd.Encoder
	buf    []byte
	last   int64
	any    bool
}

// Reset implements importer.PlanStore. What is sealed stays until Seal replaces it.
func (s *PlanStore) Reset(ctx context.Context) error {
	if s.name == "" {
		return errors.New("writing a plan: it was opened without a name")
	}
	if s.build != nil {
		if err := s.build.drop(); err != nil {
			return err
		}
		s.build = nil
	}
	w, err := newPlanWriter(ctx, s.stem+s.name+partEnding)
	if err != nil {
		return fmt.Errorf("making plan %s: %w", s.path(), err)
	}
	s.build = w
	return nil
}

func newPlanWriter(ctx context.Context, path string) (*planWriter, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	w := &planWriter{path: path}
	if err := w.open(ctx); err != nil {
		return nil, errors.Join(err, w.drop())
	}
	return w, nil
}

func (w *planWriter) open(ctx context.Context) (err error) {
	w.encode, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(1<<18), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return err
	}
	const pragmas = "_pragma=journal_mode(off)&_pragma=synchronous(off)&_pragma=locking_mode(exclusive)&_pragma=cache_size(-4096)"
	if w.db, err = sql.Open("sqlite", planURL(w.path, pragmas)); err != nil {
		return err
	}
	w.db.SetMaxOpenConns(1)
	if _, err = w.db.ExecContext(ctx, planSchema); err != nil {
		return err
	}
	// The transaction lives longer than any one call's context.
	if w.tx, err = w.db.BeginTx(context.WithoutCancel(ctx), nil); err != nil {
		return err
	}
	for _, p := range []struct {
		to    **sql.Stmt
		query string
	}{
		{&w.ticket, `insert into ticket(id, key, planned, work) values(?, ?, ?, ?)`},
		{&w.facts, `insert into open_facts(key, facts) values(?, ?)`},
		{&w.person, `insert into customer(email, name, external_id) values(?, ?, ?)`},
	} {
		if *p.to, err = w.tx.Prepare(p.query); err != nil {
			return err
		}
	}
	return nil
}

// Put implements importer.PlanStore.
func (s *PlanStore) Put(ctx context.Context, rows []importer.PlanRow) error {
	w, err := s.writer()
	if err != nil {
		return err
	}
	for i := range rows {
		if i%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := w.put(&rows[i]); err != nil {
			return fmt.Errorf("writing ticket %s to plan %s: %w", rows[i].Key, s.path(), err)
		}
	}
	return nil
}

func (w *planWriter) put(r *importer.PlanRow) error {
	id := planID(r.Sum)
	if w.any && id <= w.last {
		// Two keys of one fingerprint; more than a few in a row is no chance but a wrong order.
		if id+1<<20 < w.last {
			return errors.New("tickets do not come in order")
		}
		id = w.last + 1
	}
	w.last, w.any = id, true
	w.buf = w.encode.EncodeAll(r.Work, w.buf[:0])
	if _, err := w.ticket.Exec(id, string(r.Key), r.Planned, w.buf); err != nil {
		return err
	}
	if r.Facts == nil {
		return nil
	}
	_, err := w.facts.Exec(string(r.Key), w.encode.EncodeAll(r.Facts, nil))
	return err
}

// PutCustomers implements importer.PlanStore.
func (s *PlanStore) PutCustomers(ctx context.Context, list []importer.Customer) error {
	w, err := s.writer()
	if err != nil {
		return err
	}
	for _, c := range list {
		if _, err := w.person.Exec(c.Email, c.Name, c.ExternalID); err != nil {
			return fmt.Errorf("writing customers to plan %s: %w", s.path(), err)
		}
	}
	return ctx.Err()
}

func (s *PlanStore) writer() (*planWriter, error) {
	if s.build == nil {
		return nil, fmt.Errorf("writing plan %s: it is not open for writing", s.path())
	}
	return s.build, nil
}

// Seal implements importer.PlanStore: the plan is flushed to the disk and takes its name.
func (s *PlanStore) Seal(ctx context.Context, summary []byte) error {
	w, err := s.writer()
	if err != nil {
		return err
	}
	s.build = nil
	if err := w.finish(ctx, summary); err != nil {
		return errors.Join(fmt.Errorf("completing plan %s: %w", s.path(), err), w.drop())
	}
	if err := s.closePlans(); err != nil {
		return fmt.Errorf("completing plan %s: %w", s.path(), err)
	}
	if err := os.Rename(w.path, s.path()); err != nil {
		return fmt.Errorf("completing plan %s: %w", s.path(), err)
	}
	return nil
}

func (w *planWriter) finish(ctx context.Context, summary []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := w.tx.Exec(`insert into meta(name, value) values('summary', ?)`, append([]byte{}, summary...)); err != nil {
		return err
	}
	if err := w.tx.Commit(); err != nil {
		return err
	}
	w.tx = nil
	if err := w.db.Close(); err != nil {
		return err
	}
	f, err := os.OpenFile(w.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// drop gives the half-made plan up.
func (w *planWriter) drop() error {
	var err error
	if w.tx != nil {
		_ = w.tx.Rollback() // without a journal there is nothing to go back to: the file goes
	}
	if w.db != nil {
		err = w.db.Close()
	}
	if e := os.Remove(w.path); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	return err
}
