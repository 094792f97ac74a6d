package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// RunInfo is what is remembered of a run.
type RunInfo struct {
	Version  string    // of deskferry
	Source   string    // the mapping's source.name
	Mapping  string    // hash of the whole mapping
	Identity string    // hash of its identity rules
	Kind     string    // import, sync, retry, undo or verify; "" is import
	Started  time.Time // when the command began to read; zero: now
}

// Begin records that a run starts. The first run of a source fixes its identity rules; one with other rules is
// refused, for every message would look new to it.
func (l *Ledger) Begin(_ context.Context, info RunInfo) error {
	if l.writer != nil {
		if err := l.reserve.take(l.path); err != nil {
			return err
		}
	}
	var id int64
	err := l.write(func(t *tx) error {
		now := time.Now().UnixMilli()
		started := now
		if !info.Started.IsZero() {
			started = info.Started.UnixMilli()
		}
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
		who, host := whoami()
		res, err := t.result(`insert into run(started, version, source, mapping, kind, who, host, pid) values(?, ?, ?, ?, ?, ?, ?, ?)`,
			started, info.Version, info.Source, info.Mapping, cmp.Or(info.Kind, "import"), who, host, os.Getpid())
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
	return l.outcome(func(t *tx) error {
		_, err := t.exec(`update run set ended = ?, counts = ?, note = ? where id = ?`, time.Now().UnixMilli(), counts, note, run)
		return err
	})
}

// Selection says which tickets to try again.
type Selection struct {
	Reasons []string // held for one of these
	Refused bool
	InDoubt bool // in doubt, or held as unknown: they are repeated after one more look without a hit
	Undone  bool // taken back by us, tickets and single messages
	Again   bool // the same of those that this run has planned
	Open    bool // planned or made by whichever run: also without planning them again
	Planned bool // of all these, only those that this run has planned
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
		for _, q := range s.queries() {
			changed, err := t.exec(`update ticket set `+q.set+`, settled = 0, run = ?1 where (`+q.where+`) and (?2 = 0 or run = ?1)`, run, s.Planned || q.planned)
			if err != nil {
				return err
			}
			n += int(changed)
		}
		if s.InDoubt || slices.Contains(s.Reasons, importer.ReasonUnknown) {
			changed, err := t.retryDoubt(run, now, s.Planned)
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

// retried is one kind of ticket to be made workable again: which, and how.
type retried struct {
	where, set string
	planned    bool
}

// What tickets a selection means, in SQL.
const (
	undone  = `state = 'undone' or state = 'held' and reason = '` + importer.ReasonUndone + `'`
	doubted = `state in ('asking','doubt') or state = 'held' and reason = '` + importer.ReasonUnknown + `'`
)

// queries are the selection but for what is in doubt. What was held for a reason that may have put it into the target is
// looked for before it is created.
func (s *Selection) queries() (out []retried) {
	const open = `state = iif(target is null, 'planned', 'made')`
	for _, reason := range s.Reasons {
		switch reason {
		case importer.ReasonUnknown:
		case importer.ReasonIncomplete, importer.ReasonFiles, importer.ReasonUndone:
			out = append(out, retried{where: heldFor(reason), set: open + `, look = 0, reason = '', note = ''`})
		default:
			out = append(out, retried{where: heldFor(reason), set: open + `, look = iif(target is null, 1, 0), reason = '', note = ''`})
		}
	}
	if s.Refused {
		out = append(out, retried{where: `state = 'refused'`, set: open + `, note = ''`})
	}
	if s.Open {
		out = append(out, retried{where: `state in ('planned','made')`, set: `note = note`})
	}
	if s.Undone || s.Again {
		out = append(out, retried{where: undone, set: open + `, reason = '', note = ''`, planned: !s.Undone})
	}
	return out
}

// heldFor is the condition of tickets held for a reason, which is one of the importer's own words.
func heldFor(reason string) string {
	return `state = 'held' and reason = '` + strings.ReplaceAll(reason, "'", "''") + `'`
}

// Selected returns the source's ids of the tickets of a source that a selection means.
func (l *Ledger) Selected(ctx context.Context, source string, s Selection) (map[string]bool, error) {
	out := map[string]bool{}
	prefix := source + ":"
	err := l.EachSelected(ctx, s, func(key importer.Key) error {
		if id, ours := strings.CutPrefix(string(key), prefix); ours {
			out[id] = true
		}
		return nil
	})
	return out, err
}

// EachSelected calls each for every ticket that a selection means, of whichever source.
func (l *Ledger) EachSelected(ctx context.Context, s Selection, each func(importer.Key) error) error {
	where := []string{}
	for _, q := range s.queries() {
		where = append(where, "("+q.where+")")
	}
	if s.InDoubt || slices.Contains(s.Reasons, importer.ReasonUnknown) {
		where = append(where, "("+doubted+")")
	}
	if len(where) == 0 {
		return nil
	}
	return l.rows(ctx, func(r *sql.Rows) error {
		var key importer.Key
		if err := r.Scan(&key); err != nil {
			return err
		}
		return each(key)
	}, `select key from ticket where `+strings.Join(where, " or "))
}

func (t *tx) retryDoubt(run, now int64, planned bool) (int, error) {
	const which = `(` + doubted + `) and (?3 = 0 or run = ?2)`
	if _, err := t.exec(`update attempt set repeat = 1 where ?1 > 0 and settled_at is null and ticket in (select id from ticket where `+which+`)`, now, run, planned); err != nil {
		return 0, err
	}
	n, err := t.exec(`update ticket set state = iif(state = 'held', 'doubt', state), reason = '', settled = 0, next_look = ?1, run = ?2 where `+which, now, run, planned)
	return int(n), err
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
