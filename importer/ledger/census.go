package ledger

import (
	"context"
	"database/sql"
	"errors"

	"github.com/deskferry/deskferry/importer"
)

var _ importer.Census = (*Ledger)(nil)

// ofSource is the condition that a ticket is of the source whose name and a colon are ?1.
const ofSource = `substr(key, 1, length(?1)) = ?1`

// Missed implements importer.Census.
func (l *Ledger) Missed(ctx context.Context, source string) (known, missing int64, err error) {
	err = l.one(ctx, `select count(*), count(*) filter (where shown <> ?2) from ticket
		where `+ofSource+` and (removed is null or shown = ?2) and state <> 'undone'`, []any{source + ":", l.runID()}, &known, &missing)
	return known, missing, err
}

// Strike implements importer.Census.
func (l *Ledger) Strike(_ context.Context, source string) (removed, merged int64, err error) {
	run := l.runID()
	if run == 0 {
		return 0, 0, errors.New("looking for what was removed: no run was begun")
	}
	err = l.write(func(t *tx) error {
		if _, err := t.exec(`update ticket set removed = iif(shown = ?2, null, coalesce(removed, ?2))
			where `+ofSource+` and (shown = ?2) = (removed is not null)`, source+":", run); err != nil {
			return err
		}
		if err := t.row(`select count(*) from ticket where `+ofSource+` and removed is not null and state <> 'undone' and settled = 0`, source+":").Scan(&removed); err != nil {
			return err
		}
		merged, err = 0, nil
		if removed > 0 {
			merged, err = t.merge(source+":", run)
		}
		return err
	})
	return removed, merged, err
}

// Meet does for a retry, which plans a few tickets of a source alone, what Strike does for a sync. What is removed from the
// source is known from the last sync only: of a ticket whose messages another has in the target, and that may still be in the
// source, nothing is sent. It is held as [importer.ReasonIncomplete] until a sync sees all of the source.
func (l *Ledger) Meet(_ context.Context, source string) error {
	run := l.runID()
	if run == 0 {
		return errors.New("looking for what was merged: no run was begun")
	}
	return l.write(func(t *tx) error {
		if _, err := t.merge(source+":", run); err != nil {
			return err
		}
		telling, err := t.tellingIDs(source + ":")
		if err != nil {
			return err
		}
		var many bool // of a single ticket nobody can tell
		if err := t.row(`select count(*) > 1 from ticket where `+ofSource+` and target is not null`, source+":").Scan(&many); err != nil {
			return err
		}
		_, err = t.exec(`with sent as materialized (select m.ticket, m.id, m.content from ticket t join message m on m.ticket = t.id
				where t.state in ('planned','made') and t.run = ?2 and substr(t.key, 1, length(?1)) = ?1 and m.target is null and m.attempt is null)
			update ticket set state = 'held', reason = ?3, note = 'messages of it are in Gorgias already, with another ticket: the source seems to have ' ||
				'merged the two; deskferry sync, which sees the whole source, settles that'
			where id in (select sent.ticket from sent join message has on has.id = sent.id and (has.content = sent.content or ?4) and has.ticket <> sent.ticket
				join ticket other on other.id = has.ticket
				where has.target is not null and has.elsewhere is null and substr(other.key, 1, length(?1)) = ?1)`, source+":", run, importer.ReasonIncomplete, telling && many)
		return err
	})
}

// twin is a message that is to be sent and that another ticket, which the source holds no more, has brought over.
type twin struct {
	ticket, of, target int64
	id                 string
	made               bool // the ticket is in the target
	same               bool // the content is that which was sent
}

// merge finds the messages that this run is to send and that a ticket removed from the source has in the target. An edited
// one is known again by its id alone, where ids tell: no two tickets have a message of the same.
func (t *tx) merge(prefix string, run int64) (merged int64, err error) {
	var twins []twin
	edited := false
	err = t.rows(func(r *sql.Rows) error {
		var w twin
		err := r.Scan(&w.ticket, &w.id, &w.of, &w.target, &w.made, &w.same)
		twins, edited = append(twins, w), edited || !w.same
		return err
	}, `with gone as materialized (select m.id, m.content, m.target, m.ticket from ticket t join message m on m.ticket = t.id
			where substr(t.key, 1, length(?1)) = ?1 and t.removed is not null and t.target is not null and m.target is not null and m.elsewhere is null)
		select t.id, m.id, gone.ticket, gone.target, t.target is not null, gone.content = m.content
		from ticket t join message m on m.ticket = t.id join gone on gone.id = m.id
		where t.state in ('planned','made') and t.run = ?2 and substr(t.key, 1, length(?1)) = ?1 and m.target is null and m.attempt is null`, prefix, run)
	if err != nil {
		return 0, err
	}
	telling := true
	if edited {
		if telling, err = t.tellingIDs(prefix); err != nil {
			return 0, err
		}
	}
	for _, w := range twins {
		if !w.same && !telling {
			continue
		}
		merged++
		if w.made {
			_, err = t.exec(`update message set target = ?, elsewhere = ?, run = 0 where ticket = ? and id = ? and target is null`, w.target, w.of, w.ticket, w.id)
		} else {
			_, err = t.exec(`update ticket set state = 'held', reason = ?, note = 'the source has merged tickets whose messages were brought over already: ' ||
				'see them in the target; retry --reason merged brings this one over besides' where id = ?`, importer.ReasonMerged, w.ticket)
		}
		if err != nil {
			return 0, err
		}
	}
	return merged, nil
}

// tellingIDs tells whether no two tickets of the source have brought over messages of one id: a source that numbers the
// messages of each ticket from 1 has many such.
func (t *tx) tellingIDs(prefix string) (telling bool, err error) {
	err = t.row(`select not exists (select 1 from message m join ticket t on t.id = m.ticket
		where substr(t.key, 1, length(?1)) = ?1 and m.target is not null and m.elsewhere is null group by m.id having count(*) > 1)`, prefix).Scan(&telling)
	return telling, err
}

// Waits tells whether anything waits for a sync's word, though its source is as it was: tickets that it holds no more, for their
// deletion from the target, or tickets held as people have worked on them, for their new messages.
func (l *Ledger) Waits(ctx context.Context, deletions, appends bool) (waits bool, err error) {
	if !deletions && !appends {
		return false, nil
	}
	err = l.one(ctx, `select exists (select 1 from ticket where ?1 and removed is not null and target is not null and state <> 'undone' and adopted = 0 and settled = 0
			and id not in (select elsewhere from message where elsewhere is not null)
		or ?2 and state = 'held' and reason = ?3 and settled = 0)`, []any{deletions, appends, importer.ReasonTouched}, &waits)
	return waits, err
}
