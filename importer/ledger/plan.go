package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
	_ "modernc.org/sqlite" // the driver

	"github.com/deskferry/deskferry/importer"
)

// PlanStore keeps the plans of one ledger: files beside it, readable by their owner only, that hold what is to be sent.
// They are a cache. The ledger remembers what was done without them; a plan that is missing or half-made is made again from
// the export. It implements importer.PlanStore and is safe for concurrent use, but for Reset, the Puts and Seal,
// which one goroutine calls.
//
// A plan is written to a file of its own and takes its name only when it is complete, so a plan with its name is whole.
type PlanStore struct {
	stem string // path of the files up to their name
	name string // of the current plan, "" when only earlier ones are asked

	mu    sync.Mutex
	plans []*planFile // sealed ones that are open: the current first, then the newest first
	ready bool        // plans were looked for

	build  *planWriter
	decode *zstd.Decoder
}

// OpenPlans returns the plans of the ledger at path. name is the current plan's, as importer.Job.PlanName gives it; ""
// where no export is at hand and only what was planned before is asked for. No file is made or opened yet.
func OpenPlans(path, name string) (*PlanStore, error) {
	decode, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		return nil, fmt.Errorf("opening the plan: %w", err)
	}
	return &PlanStore{stem: strings.TrimSuffix(path, ".db") + ".plan-", name: name, decode: decode}, nil
}

const (
	planEnding = ".db"
	partEnding = ".part"
)

func (s *PlanStore) path() string { return s.stem + s.name + planEnding }

// planFile is a sealed plan.
type planFile struct {
	path string
	db   *sql.DB
}

// open returns the sealed plans, the current first. They are opened once.
func (s *PlanStore) open() ([]*planFile, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready {
		return s.plans, nil
	}
	paths, err := s.sealed()
	if err != nil {
		return nil, err
	}
	for _, p := range paths {
		db, err := sql.Open("sqlite", planURL(p, "mode=ro&immutable=1"))
		if err != nil {
			return nil, fmt.Errorf("opening plan %s: %w", p, err)
		}
		s.plans = append(s.plans, &planFile{p, db})
	}
	s.ready = true
	return s.plans, nil
}

// sealed lists the files of sealed plans: the current first, then the newest first.
func (s *PlanStore) sealed() ([]string, error) {
	paths, err := globLiteral(s.stem, planEnding)
	if err != nil {
		return nil, err
	}
	age := map[string]int64{}
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil {
			age[p] = info.ModTime().UnixNano()
		}
	}
	slices.SortFunc(paths, func(a, b string) int {
		switch current := s.path(); {
		case a == current:
			return -1
		case b == current:
			return 1
		}
		return cmp.Or(cmp.Compare(age[b], age[a]), strings.Compare(a, b))
	})
	return paths, nil
}

// globLiteral lists the files whose path begins with stem and ends with ending.
func globLiteral(stem, ending string) ([]string, error) {
	dir, base := filepath.Split(stem)
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("looking for plans: %w", err)
	}
	var out []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), base) && strings.HasSuffix(e.Name(), ending) && e.Type().IsRegular() {
			out = append(out, dir+e.Name())
		}
	}
	return out, nil
}

// planURL is a data source name that any path fits into.
func planURL(path, options string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: options}).String()
}

// Sealed implements importer.PlanStore. A file that cannot be read counts as missing.
func (s *PlanStore) Sealed(ctx context.Context) ([]byte, error) {
	plans, err := s.open()
	if err != nil || len(plans) == 0 || plans[0].path != s.path() {
		return nil, err
	}
	var summary []byte
	err = plans[0].db.QueryRowContext(ctx, `select value from meta where name = 'summary'`).Scan(&summary)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, nil
	}
	return summary, nil
}

// ErrNoPlan is returned for a ticket that is in no plan.
var ErrNoPlan = importer.ErrNotInPlan

// Ticket implements importer.Plan: from the current plan, else from the newest that holds the ticket.
func (s *PlanStore) Ticket(ctx context.Context, key importer.Key) (*importer.Work, error) {
	plans, err := s.open()
	if err != nil {
		return nil, err
	}
	for _, p := range plans {
		packed, err := p.work(ctx, key)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err == nil {
			packed, err = s.decode.DecodeAll(packed, nil)
		}
		if err == nil && len(packed) == 0 {
			continue
		}
		var w *importer.Work
		if err == nil {
			w, err = importer.DecodeWork(packed)
		}
		if err != nil {
			return nil, fmt.Errorf("reading ticket %s from plan %s (remove the file and import again): %w", key, p.path, err)
		}
		return w, nil
	}
	return nil, fmt.Errorf("reading ticket %s: %w: run import with the same --from and --mapping again", key, ErrNoPlan)
}

// Holds tells whether Ticket would find a ticket.
func (s *PlanStore) Holds(ctx context.Context, key importer.Key) (bool, error) {
	plans, err := s.open()
	if err != nil {
		return false, err
	}
	for _, p := range plans {
		switch _, err := p.work(ctx, key); {
		case err == nil:
			return true, nil
		case !errors.Is(err, sql.ErrNoRows):
			return false, fmt.Errorf("looking for ticket %s in plan %s (remove the file and import again): %w", key, p.path, err)
		}
	}
	return false, nil
}

// planID is where a key's row belongs. A row whose place was taken lies behind it.
func planID(sum uint64) int64 { return int64(sum ^ 1<<63) }

// work finds a ticket's packed body; sql.ErrNoRows when the plan has none.
func (p *planFile) work(ctx context.Context, key importer.Key) ([]byte, error) {
	sum := importer.PlanSum(key)
	for id := planID(sum); ; id++ {
		var found string
		var work []byte
		err := p.db.QueryRowContext(ctx, `select id, key, work from ticket where id >= ? order by id limit 1`, id).Scan(&id, &found, &work)
		switch {
		case err != nil:
			return nil, err
		case found == string(key):
			return work, nil
		case importer.PlanSum(importer.Key(found)) > sum:
			return nil, sql.ErrNoRows
		}
	}
}

// Kept implements importer.PlanStore.
func (s *PlanStore) Kept(ctx context.Context, key importer.Key) ([]byte, error) {
	plans, err := s.open()
	if err != nil {
		return nil, err
	}
	for _, p := range plans {
		var facts []byte
		err := p.db.QueryRowContext(ctx, `select facts from open_facts where key = ?`, string(key)).Scan(&facts)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err == nil {
			facts, err = s.decode.DecodeAll(facts, nil)
		}
		if err != nil {
			return nil, fmt.Errorf("reading what was kept of ticket %s from plan %s: %w", key, p.path, err)
		}
		return facts, nil
	}
	return nil, nil
}

// Planned implements importer.PlanStore.
func (s *PlanStore) Planned(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		s.rows(ctx, `select planned from ticket order by id`, func(r *sql.Rows) bool {
			var b []byte
			err := r.Scan(&b)
			return yield(b, err) && err == nil
		}, func(err error) { yield(nil, err) })
	}
}

// Customers yields the customers of the current plan, each once.
func (s *PlanStore) Customers(ctx context.Context) iter.Seq2[importer.Customer, error] {
	return func(yield func(importer.Customer, error) bool) {
		s.rows(ctx, `select email, name, external_id from customer order by rowid`, func(r *sql.Rows) bool {
			var c importer.Customer
			err := r.Scan(&c.Email, &c.Name, &c.ExternalID)
			return yield(c, err) && err == nil
		}, func(err error) { yield(importer.Customer{}, err) })
	}
}

// rows walks a query over the current plan; none is no row.
func (s *PlanStore) rows(ctx context.Context, query string, each func(*sql.Rows) bool, fail func(error)) {
	plans, err := s.open()
	if err != nil {
		fail(err)
		return
	}
	if len(plans) == 0 || plans[0].path != s.path() {
		return
	}
	rows, err := plans[0].db.QueryContext(ctx, query)
	if err != nil {
		fail(fmt.Errorf("reading plan %s: %w", s.path(), err))
		return
	}
	defer rows.Close()
	for rows.Next() {
		if !each(rows) {
			return
		}
	}
	if err := rows.Err(); err != nil {
		fail(fmt.Errorf("reading plan %s: %w", s.path(), err))
	}
}

// Remove deletes all plans of the ledger, half-made ones too. It is for the time when nothing is open any more.
func (s *PlanStore) Remove() error {
	err := s.closePlans()
	paths, found := s.sealed()
	parts, half := globLiteral(s.stem, partEnding)
	for _, p := range append(paths, parts...) {
		if e := os.Remove(p); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, fmt.Errorf("removing plan %s: %w", p, e))
		}
	}
	return errors.Join(err, found, half)
}

// closePlans closes the sealed plans; they are opened again when asked.
func (s *PlanStore) closePlans() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, p := range s.plans {
		err = errors.Join(err, p.db.Close())
	}
	s.plans, s.ready = nil, false
	return err
}

// Close closes all files; a plan that is not sealed is dropped.
func (s *PlanStore) Close() error {
	err := s.closePlans()
	if s.build != nil {
		err = errors.Join(err, s.build.drop())
		s.build = nil
	}
	s.decode.Close()
	return err
}
