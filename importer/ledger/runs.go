package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// RunInfo is what is remembered of a run.
type RunInfo struct {
	Version  string // of deskferry
	Source   string // the mapping's source.name
	Mapping  string // hash of the whole mapping
	Identity string // hash of its identity rules
}

// Begin records that a run starts. The first run of a source fixes its identity rules; one with other rules is
// refused, for every message would look new to it.
func (l *Ledger) Begin(_ context.Context, info RunInfo) error {
	var id int64
	err := l.write(func(t *tx) error {
		now := time.Now().UnixMilli()
		var has string
		var since int64
		err := t.row(`select identity, since from source where name = ?`, info.Source).Scan(&has, &since)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			if _, err := t.exec(`insert into source(name, identity, since) values(?, ?, ?)`, info.Source, info.Identity, now); err != nil {
				return err
			}
		case err != nil:
			return err
		case has != info.Identity:
			return fmt.Errorf("%s: %w (source %q, known since %s): every message would look new and be brought over twice; leave the rules for "+
				"external_id, and what hashed ids are made of, as they were, or give the mapping another source.name",
				l.path, ErrIdentity, info.Source, time.UnixMilli(since).UTC().Format("2006-01-02"))
		}
		if _, err := t.exec(`delete from sighting`); err != nil {
			return err
		}
		res, err := t.result(`insert into run(started, version, source, mapping) values(?, ?, ?, ?)`, now, info.Version, info.Source, info.Mapping)
		if err != nil {
			return err
		}
		id, err = res.LastInsertId()
		return err
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.run, l.seq, l.id = id, -1<<62, 0
	clear(l.claimed)
	return nil
}

// End records how the run ended: counts as JSON, and a word for people, "" when all went well.
func (l *Ledger) End(_ context.Context, counts, note string) error {
	run := l.runID()
	return l.write(func(t *tx) error {
		_, err := t.exec(`update run set ended = ?, counts = ?, note = ? where id = ?`, time.Now().UnixMilli(), counts, note, run)
		return err
	})
}

// Selection says which tickets to try again.
type Selection struct {
	Reasons []string // held for one of these
	Refused bool
	InDoubt bool // in doubt, or held as unknown: they are repeated after one more look without a hit
	Undone  bool // deleted by us
	Open    bool // planned or made by whichever run: also without planning them again
}

// Retry makes the selected tickets workable again and returns how many; they are handed out besides what this run
// plans. What may be in the target is looked for before anything is sent, and no request in doubt is
// repeated before its settle window has closed.
func (l *Ledger) Retry(_ context.Context, s Selection) (n int, err error) {
	run, now := l.runID(), time.Now().UnixMilli()
	if run == 0 {
		return 0, errors.New("retrying: no run was begun")
	}
	err = l.write(func(t *tx) error {
		n = 0
		for _, reason := range s.Reasons {
			changed, err := t.retryHeld(reason, run, now)
			if err != nil {
				return err
			}
			n += changed
		}
		for _, q := range []struct {
			wanted bool
			query  string
		}{
			{s.Refused, `update ticket set state = iif(target is null, 'planned', 'made'), note = '', run = ?1 where state = 'refused'`},
			{s.Open, `update ticket set run = ?1 where state in ('planned','made')`},
			{s.Undone, `update ticket set state = 'planned', note = '', run = ?1 where state = 'undone'`},
		} {
			if !q.wanted {
				continue
			}
			changed, err := t.exec(q.query, run)
			if err != nil {
				return err
			}
			n += int(changed)
		}
		if s.InDoubt {
			changed, err := t.retryDoubt(run, now)
			n += changed
			return err
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq, l.id = -1<<62, 0
	return n, nil
}

func (t *tx) retryHeld(reason string, run, now int64) (int, error) {
	if reason == importer.ReasonUnknown {
		return t.retryDoubt(run, now)
	}
	n, err := t.exec(`update ticket set state = iif(target is null, 'planned', 'made'), look = iif(target is null and reason not in (?3, ?4), 1, 0),
		reason = '', note = '', run = ?1 where state = 'held' and reason = ?2`, run, reason, importer.ReasonIncomplete, importer.ReasonFiles)
	return int(n), err
}

func (t *tx) retryDoubt(run, now int64) (int, error) {
	const open = `(state in ('asking','doubt') or state = 'held' and reason = 'unknown')`
	if _, err := t.exec(`update attempt set repeat = 1 where settled_at is null and ticket in (select id from ticket where ` + open + `)`); err != nil {
		return 0, err
	}
	n, err := t.exec(`update ticket set state = iif(state = 'held', 'doubt', state), reason = '', next_look = ?1, run = ?2 where `+open, now, run)
	return int(n), err
}

// Undo records that a ticket was deleted from the target by us. It is planned anew only by [Ledger.Retry], and
// look-ups pass the deleted one over. An adopted ticket is not ours to delete and refused here.
func (l *Ledger) Undo(_ context.Context, key importer.Key) error {
	return l.write(func(t *tx) error {
		var ticket int64
		err := t.row(`update ticket set state = 'undone', reason = '', note = '', generation = generation + 1, done_run = null
			where key = ? and target is not null and adopted = 0 and state in ('made','done','refused','held') returning id`, key).Scan(&ticket)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("ticket %s was not made by this ledger, or is in doubt: it cannot be undone", key)
		}
		if err != nil {
			return err
		}
		for _, q := range []string{
			`insert or ignore into dead(target, ticket) select target, id from ticket where id = ?`,
			`update message set target = null, attempt = null, run = null where ticket = ?`,
			`update ticket set target = null where id = ?`,
		} {
			if _, err := t.exec(q, ticket); err != nil {
				return err
			}
		}
		return nil
	})
}

// LastRun returns what the last run said of itself; false when there was none.
func (l *Ledger) LastRun(ctx context.Context) (info RunInfo, ok bool, err error) {
	err = l.one(ctx, `select run.version, run.source, run.mapping, source.identity from run join source on source.name = run.source
		order by run.id desc limit 1`, nil, &info.Version, &info.Source, &info.Mapping, &info.Identity)
	if errors.Is(err, sql.ErrNoRows) {
		return info, false, nil
	}
	return info, err == nil, err
}
