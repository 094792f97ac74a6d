package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// The state lists repeat the partial indexes' own words: SQLite takes such an index only where the query has its
// condition literally, and would read every ticket for each claim otherwise.
const (
	claimAsking = `select key, state, attempts from ticket where state in ('asking','doubt') and state = 'asking' limit ?`
	claimDue    = `select key, state, attempts from ticket
		where state in ('asking','doubt') and state = 'doubt' and next_look <= ? order by next_look limit ?`
	claimOpen = `select key, state, attempts, seq, id from ticket
		where state in ('planned','made') and (seq, id) > (?1, ?2) and run = ?4 order by seq, id limit ?3`
	firstDoubt = `select min(next_look) from ticket where state in ('asking','doubt') and state = 'doubt'`
)

// Claim implements importer.Claimer. Claims are kept in memory: the ledger's holder is the only one who hands out.
// Planned and made tickets are handed out once a run, and only those that were planned or retried in it: what another
// export left open is not this run's. What is in doubt is looked for whoever planned it.
func (l *Ledger) Claim(ctx context.Context, n int) ([]importer.Claim, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []importer.Claim
	take := func(rows *sql.Rows, more ...any) error {
		var c importer.Claim
		if err := rows.Scan(append([]any{&c.Key, &c.State, &c.Fence}, more...)...); err != nil {
			return err
		}
		if len(out) < n && !l.claimed[c.Key] {
			out = append(out, c)
		}
		return nil
	}
	// Those in work are not filtered by the query: ask for as many more.
	most := n + len(l.claimed)
	err := l.rows(ctx, func(r *sql.Rows) error { return take(r) }, claimAsking, most)
	if err == nil && len(out) < n {
		err = l.rows(ctx, func(r *sql.Rows) error { return take(r) }, claimDue, time.Now().UnixMilli(), most)
	}
	if err == nil && len(out) < n {
		err = l.rows(ctx, func(r *sql.Rows) error { return take(r, &l.seq, &l.id) }, claimOpen, l.seq, l.id, n-len(out), l.run)
	}
	if err != nil {
		return nil, err
	}
	for _, c := range out {
		l.claimed[c.Key] = true
	}
	return out, nil
}

// Release implements importer.Claimer.
func (l *Ledger) Release(c importer.Claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.claimed, c.Key)
}

// NextLook implements importer.Claimer.
func (l *Ledger) NextLook(ctx context.Context) (time.Time, bool, error) {
	var at sql.NullInt64
	err := l.one(ctx, firstDoubt, nil, &at)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return ofMillis(at), at.Valid, err
}
