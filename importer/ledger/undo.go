package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/deskferry/deskferry/importer"
)

var _ importer.UndoLedger = (*Ledger)(nil)

const (
	// undoable are the tickets into which a run has put something. A ticket is the run's own when the request that carried
	// one of its messages created it; what a ticket was before it was undone is forgotten with its messages' targets.
	undoable = `select t.id, t.key, t.target, t.adopted, t.state, t.reason, t.seen, u.asked from ticket t left join undoing u on u.ticket = t.id
		where t.id > ?1 and t.target is not null and t.state <> 'undone'
		and exists (select 1 from message m where m.ticket = t.id and m.run = ?2 and m.target is not null) order by t.id limit ?3`
	undoableMessages = `select m.id, m.target, coalesce(m.run, 0), coalesce(a.kind, ''), a.answered from message m left join attempt a on a.id = m.attempt
		where m.ticket = ? and m.target is not null order by m.ord`
)

// Undoable implements importer.UndoLedger.
func (l *Ledger) Undoable(ctx context.Context, run, after int64, n int) (items []importer.UndoItem, next int64, err error) {
	var ids []int64
	err = l.rows(ctx, func(r *sql.Rows) error {
		id, it, err := scanUndoItem(r)
		ids, items, next = append(ids, id), append(items, it), id
		return err
	}, undoable, after, run, n)
	if err != nil || len(items) == 0 {
		return nil, 0, err
	}
	err = l.rows(ctx, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		if i, found := slices.BinarySearch(ids, id); found && items[i].Left == "" {
			items[i].Left = importer.LeftMerged
		}
		return err
	}, `select distinct elsewhere from message where elsewhere is not null`)
	if err != nil {
		return nil, 0, err
	}
	for i := range items {
		if err := l.undoMessages(ctx, run, ids[i], &items[i]); err != nil {
			return nil, 0, err
		}
	}
	return items, next, nil
}

// scanUndoItem reads a ticket that may be taken out, without its messages.
func scanUndoItem(r *sql.Rows) (id int64, it importer.UndoItem, err error) {
	var adopted bool
	var state importer.State
	var reason string
	var seen, asked sql.NullInt64
	if err := r.Scan(&id, &it.Key, &it.Target, &adopted, &state, &reason, &seen, &asked); err != nil {
		return 0, it, err
	}
	it.Seen, it.Asked = ofMillis(seen), ofMillis(asked)
	switch {
	case adopted:
		it.Left = importer.LeftAdopted
	case state == importer.StateAsking, state == importer.StateDoubt, state == importer.StateHeld && reason == importer.ReasonUnknown:
		it.Left = importer.LeftInDoubt
	}
	return id, it, nil
}

// undoMessages fills in what the ledger has stored in a ticket, and by which run.
func (l *Ledger) undoMessages(ctx context.Context, run, ticket int64, it *importer.UndoItem) error {
	var latest int64
	err := l.rows(ctx, func(r *sql.Rows) error {
		var m importer.Matched
		var by int64
		var kind importer.Kind
		var answered sql.NullInt64
		if err := r.Scan(&m.ID, &m.Target, &by, &kind, &answered); err != nil {
			return err
		}
		if by == 0 { // nobody's of this ledger
			return nil
		}
		it.Ours = append(it.Ours, m.Target)
		latest = max(latest, by)
		if at := ofMillis(answered); at.After(it.Last) {
			it.Last = at
		}
		if by == run {
			it.Messages = append(it.Messages, m)
			it.Whole = it.Whole || kind == importer.CreateKind
		}
		return nil
	}, undoableMessages, ticket)
	if it.Whole && latest > run && it.Left == "" {
		it.Left = importer.LeftLaterRun
	}
	return err
}

// Undoing implements importer.UndoLedger.
func (l *Ledger) Undoing(_ context.Context, key importer.Key) error {
	run := l.runID()
	return l.intent(func(t *tx) error {
		n, err := t.exec(`insert or replace into undoing(ticket, run, asked) select id, ?, ? from ticket where key = ?`, run, time.Now().UnixMilli(), key)
		if err == nil && n != 1 {
			err = fmt.Errorf("ticket %s is not in the ledger %s", key, l.path)
		}
		return err
	})
}

// Undo implements importer.UndoLedger: the ticket was taken out of the target by us. It is planned anew only by
// [Ledger.Retry], and look-ups pass the one taken out over. An adopted ticket is not ours to delete and refused here.
func (l *Ledger) Undo(_ context.Context, key importer.Key) error {
	return l.outcome(func(t *tx) error {
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
			`update ticket set target = null, seen = null, wrote = '', writing = '', clash = '', conflict = '' where id = ?`,
			`delete from undoing where ticket = ?`,
		} {
			if _, err := t.exec(q, ticket); err != nil {
				return err
			}
		}
		return nil
	})
}

// UndoMessages implements importer.UndoLedger. The ticket is held as [importer.ReasonUndone] until [Ledger.Retry] lets the
// messages come again: they would be sent anew otherwise, for they are still in the export.
func (l *Ledger) UndoMessages(_ context.Context, key importer.Key, ids []string, seen time.Time) error {
	return l.outcome(func(t *tx) error {
		var ticket int64
		err := t.row(`update ticket set state = 'held', reason = ?1, note = 'messages were taken back by an undo', done_run = null, seen = coalesce(?2, seen)
			where key = ?3 and target is not null and state in ('made','done','refused','held') returning id`,
			importer.ReasonUndone, millis(seen), key).Scan(&ticket)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("ticket %s is not in the target, or is in doubt: messages of it cannot be undone", key)
		}
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := t.exec(`update message set target = null, attempt = null, run = null where ticket = ? and id = ?`, ticket, id); err != nil {
				return err
			}
		}
		_, err = t.exec(`delete from undoing where ticket = ?`, ticket)
		return err
	})
}

// Remark implements importer.UndoLedger.
func (l *Ledger) Remark(_ context.Context, key importer.Key, note string) error {
	return l.write(func(t *tx) error {
		_, err := t.exec(`update ticket set note = ? where key = ?`, note, key)
		return err
	})
}

// UndoRun finds the run that is to be undone: the one of that number, 0 for the last that imported. info is what an undo of it
// begins with.
func (l *Ledger) UndoRun(ctx context.Context, run int64) (found RunRecord, info RunInfo, err error) {
	err = l.EachRun(ctx, func(r RunRecord) error {
		if found.ID == 0 && (r.ID == run || run == 0 && imports(r.Kind)) {
			found = r
		}
		return nil
	})
	switch {
	case err != nil:
		return found, info, err
	case found.ID == 0 && run == 0:
		return found, info, errors.New("the ledger has no run that imported anything: deskferry runs lists them")
	case found.ID == 0:
		return found, info, fmt.Errorf("the ledger has no run %d: deskferry runs lists them", run)
	case !imports(found.Kind):
		return found, info, fmt.Errorf("run %d is one of %s, which puts nothing into the target: there is nothing to take back", run, found.Kind)
	}
	info = RunInfo{Source: found.Source, Mapping: found.Mapping}
	err = l.one(ctx, `select identity from source where name = ?`, []any{found.Source}, &info.Identity)
	return found, info, err
}

// imports tells whether runs of the kind put something into the target.
func imports(kind string) bool { return kind != "undo" && kind != "verify" }
