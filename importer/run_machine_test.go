package importer_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
	"github.com/deskferry/deskferry/mapping"
)

// bodies is a plan in memory.
type bodies map[importer.Key]*importer.Work

func (b bodies) Ticket(_ context.Context, k importer.Key) (*importer.Work, error) {
	if w, ok := b[k]; ok {
		return w, nil
	}
	return nil, importer.ErrNotInPlan
}

// export makes tickets t0, t1, … with so many messages each; every third shares a customer.
func export(messages ...int) bodies {
	b := bodies{}
	for i, n := range messages {
		key := importer.Key(fmt.Sprintf("t%d", i))
		w := &importer.Work{Key: key, ExternalID: string(key)}
		w.Ticket.Customer.Email = fmt.Sprintf("customer%d@example.com", i%3)
		for j := range n {
			w.Ticket.Messages = append(w.Ticket.Messages, mapping.Message{Size: 100})
			w.MessageIDs = append(w.MessageIDs, fmt.Sprintf("%s/%d", key, j))
		}
		b[key] = w
	}
	return b
}

// planned is what the plan tells the ledger.
func (b bodies) planned() (ps []importer.Planned) {
	for i := range len(b) {
		w := b[importer.Key(fmt.Sprintf("t%d", i))]
		p := importer.Planned{Key: w.Key, ExternalID: w.ExternalID, Seq: int64(i)}
		for j, id := range w.MessageIDs {
			p.Messages = append(p.Messages, importer.PlannedMessage{ID: id, Size: w.Ticket.Messages[j].Size})
		}
		ps = append(ps, p)
	}
	return ps
}

// machine is where processes run: a disk and a target.
type machine struct {
	*testing.T
	path  string
	world *world
	plan  bodies
	tune  func(*importer.Run)
}

func newMachine(t *testing.T, plan bodies) *machine {
	return &machine{T: t, path: filepath.Join(t.TempDir(), "ledger.db"), world: &world{}, plan: plan}
}

// process opens the ledger, plans, and calls f with a run ready to go.
func (m *machine) process(retry *ledger.Selection, k *kill, f func(*importer.Run, *ledger.Ledger) error) error {
	m.Helper()
	l, err := ledger.Open(m.path, ledger.Options{Target: "https://acme.gorgias.com"})
	if err != nil {
		m.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			m.Error(err)
		}
	}()
	ctx := context.Background()
	if err := l.Begin(ctx, ledger.RunInfo{Version: "test", Source: "test", Identity: "i"}); err != nil {
		m.Fatal(err)
	}
	if retry != nil {
		if _, err := l.Retry(ctx, *retry); err != nil {
			m.Fatal(err)
		}
	} else if _, err := l.Plan(ctx, m.plan.planned()); err != nil {
		m.Fatal(err)
	}
	r := &importer.Run{Target: m.world, Finder: m.world, Plan: m.plan, Ledger: l, Workers: 1}
	if k != nil {
		r.Target, r.Finder, r.Ledger = &dyingTarget{m.world, k}, &dyingFinder{m.world, k}, &dyingLedger{l, k}
	}
	if m.tune != nil {
		m.tune(r)
	}
	return f(r, l)
}

// run is one process that imports to its end.
func (m *machine) run(retry *ledger.Selection) (results []importer.Result, tally importer.Tally, stats importer.Stats, err error) {
	m.Helper()
	err = m.process(retry, nil, func(r *importer.Run, l *ledger.Ledger) error {
		err := r.Do(context.Background(), func(res importer.Result) error {
			results = append(results, res)
			return nil
		})
		stats = r.Stats()
		var counted error
		if tally, counted = l.Tally(context.Background()); counted != nil {
			m.Fatal(counted)
		}
		return err
	})
	return results, tally, stats, err
}

func (m *machine) entry(key importer.Key) (e importer.Entry) {
	m.Helper()
	l, err := ledger.Open(m.path, ledger.Options{ReadOnly: true})
	if err != nil {
		m.Fatal(err)
	}
	defer l.Close()
	if e, err = l.Entry(context.Background(), key); err != nil {
		m.Fatal(err)
	}
	return e
}

// atMostOnce fails if the target has a message twice.
func (m *machine) atMostOnce() {
	m.Helper()
	for id, n := range m.world.holds() {
		if n > 1 {
			m.Errorf("message %s is in the target %d times", id, n)
		}
	}
}

// exactlyOnce fails unless the target has every message of the plan once.
func (m *machine) exactlyOnce() {
	m.Helper()
	m.atMostOnce()
	has := m.world.holds()
	for _, w := range m.plan {
		for _, id := range w.MessageIDs {
			if has[w.ExternalID+" "+id] != 1 {
				m.Errorf("message %s of %s is in the target %d times", id, w.Key, has[w.ExternalID+" "+id])
			}
		}
	}
}

var errDead = errors.New("the process is dead")

// kill ends a process at its nth point: from then on nothing it does has any effect.
type kill struct {
	mu   sync.Mutex
	at   int
	n    int
	dead bool
}

// point tells whether the process is dead at this point.
func (k *kill) point() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.n++; k.n == k.at {
		k.dead = true
	}
	return k.dead
}

func (k *kill) isDead() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.dead
}

type dyingLedger struct {
	*ledger.Ledger
	*kill
}

func (d *dyingLedger) Claim(ctx context.Context, n int) ([]importer.Claim, error) {
	if d.isDead() {
		return nil, errDead
	}
	return d.Ledger.Claim(ctx, n)
}

func (d *dyingLedger) Intend(ctx context.Context, c importer.Claim, a importer.Attempt) (importer.AttemptID, error) {
	if d.point() {
		return 0, errDead
	}
	id, err := d.Ledger.Intend(ctx, c, a)
	if d.point() {
		return 0, errDead
	}
	return id, err
}

func (d *dyingLedger) Settle(ctx context.Context, id importer.AttemptID, o importer.Outcome) error {
	if d.point() {
		return errDead
	}
	err := d.Ledger.Settle(ctx, id, o)
	if d.point() {
		return errDead
	}
	return err
}

func (d *dyingLedger) Note(ctx context.Context, key importer.Key, o importer.Outcome) error {
	if d.point() {
		return errDead
	}
	err := d.Ledger.Note(ctx, key, o)
	if d.point() {
		return errDead
	}
	return err
}

func (d *dyingLedger) SawLag(ctx context.Context, lag time.Duration) error {
	if d.isDead() {
		return errDead
	}
	return d.Ledger.SawLag(ctx, lag)
}

type dyingTarget struct {
	*world
	*kill
}

func (d *dyingTarget) dying(r *importer.Request, err error) (*importer.Request, error) {
	if err != nil {
		return nil, err
	}
	send := r.Send
	r.Send = func(ctx context.Context) (importer.Stored, error) {
		if d.point() {
			return importer.Stored{}, errDead
		}
		st, err := send(ctx)
		if d.point() {
			return importer.Stored{}, errDead
		}
		return st, err
	}
	return r, nil
}

func (d *dyingTarget) Create(w *importer.Work, n int) (*importer.Request, error) {
	return d.dying(d.world.Create(w, n))
}

func (d *dyingTarget) Append(id importer.TicketID, w *importer.Work, i int) (*importer.Request, error) {
	return d.dying(d.world.Append(id, w, i))
}

type dyingFinder struct {
	*world
	*kill
}

func (d *dyingFinder) stop(err error) error {
	if d.isDead() {
		return &importer.Fault{Kind: importer.Stop, Err: errDead}
	}
	return err
}

func (d *dyingFinder) Find(ctx context.Context, id string) ([]importer.TicketID, error) {
	ids, err := d.world.Find(ctx, id)
	return ids, d.stop(err)
}

func (d *dyingFinder) Read(ctx context.Context, id importer.TicketID) (importer.Stored, error) {
	st, err := d.world.Read(ctx, id)
	return st, d.stop(err)
}

func (d *dyingFinder) Alive(ctx context.Context) error { return d.stop(d.world.Alive(ctx)) }
