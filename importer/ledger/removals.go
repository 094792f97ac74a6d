package ledger

import (
	"context"
	"database/sql"
	"strings"

	"github.com/deskferry/deskferry/importer"
)

// Removals is the ledger as an [importer.Undo] takes it that deletes what a source no longer holds, whichever run has brought
// it over. Tickets whose messages count as those of another ticket, since the source merged the two, are left out: they are
// the only place that has these messages.
type Removals struct {
	*Ledger
	Source string // its name
}

var _ importer.UndoLedger = Removals{}

const (
	removals = `select t.id, t.key, t.target, t.adopted, t.state, t.reason, t.seen, u.asked from ticket t left join undoing u on u.ticket = t.id
		where t.id > ?2 and ` + ofSource + ` and t.removed is not null and t.target is not null and t.state <> 'undone' and t.settled = 0
		and t.id not in (select elsewhere from message where elsewhere is not null) order by t.id limit ?3`
	removalMessages = `select m.id, m.target, coalesce(m.run, 0), a.answered from message m left join attempt a on a.id = m.attempt
		where m.ticket = ? and m.target is not null and m.elsewhere is null order by m.ord`
)

// Undoable implements importer.UndoLedger; run does not count.
func (r Removals) Undoable(ctx context.Context, _, after int64, n int) (items []importer.UndoItem, next int64, err error) {
	var ids []int64
	err = r.rows(ctx, func(rows *sql.Rows) error {
		id, it, err := scanUndoItem(rows)
		it.Whole = true
		ids, items, next = append(ids, id), append(items, it), id
		return err
	}, removals, r.Source+":", after, n)
	if err != nil {
		return nil, 0, err
	}
	for i := range items {
		if err := r.messages(ctx, ids[i], &items[i]); err != nil {
			return nil, 0, err
		}
	}
	return items, next, nil
}

// Remark implements importer.UndoLedger: there is no run that is undone.
func (r Removals) Remark(ctx context.Context, key importer.Key, note string) error {
	if _, why, cut := strings.Cut(note, " left it: "); cut {
		note = "removed in the source, left here: " + why
	}
	return r.Ledger.Remark(ctx, key, note)
}

// messages fills in what the ledger has stored in a ticket. One that nobody's request of this ledger stored is not ours: the
// ticket is left then.
func (r Removals) messages(ctx context.Context, ticket int64, it *importer.UndoItem) error {
	return r.rows(ctx, func(rows *sql.Rows) error {
		var m importer.Matched
		var by int64
		var answered sql.NullInt64
		if err := rows.Scan(&m.ID, &m.Target, &by, &answered); err != nil {
			return err
		}
		if by == 0 {
			if it.Left == "" {
				it.Left = importer.LeftAdopted
			}
			return nil
		}
		it.Ours, it.Messages = append(it.Ours, m.Target), append(it.Messages, m)
		if at := ofMillis(answered); at.After(it.Last) {
			it.Last = at
		}
		return nil
	}, removalMessages, ticket)
}
