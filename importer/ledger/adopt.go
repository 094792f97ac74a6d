package ledger

import (
	"context"
	"database/sql"
	"errors"

	"github.com/deskferry/deskferry/importer"
)

// unmade is what a sweep may find: tickets the ledger believes not to be in the target.
const unmade = `state = 'planned'`

// Sample implements importer.Sighter: the first planned ticket after each of n points evenly spread over the
// plan's order. The very first is among them: tickets are made in that order, so it is the one a backup missed.
func (l *Ledger) Sample(ctx context.Context, n int) (ids []string, err error) {
	run := l.runID()
	var first, last sql.NullInt64
	if err := l.one(ctx, `select min(seq), max(seq) from ticket where state in ('planned','made')`, nil, &first, &last); err != nil || !first.Valid {
		return nil, err
	}
	query := `select seq, id, coalesce(external_id, key) from ticket where (seq, id) > (?1, ?2) and state in ('planned','made') and ` +
		unmade + ` and run = ?3 order by seq, id limit 1`
	var seq, id int64 = first.Int64 - 1, 0
	for i := range n {
		if point := first.Int64 + (last.Int64-first.Int64)*int64(i)/int64(n) - 1; point > seq {
			seq, id = point, 0
		}
		var external string
		err := l.one(ctx, query, []any{seq, id, run}, &seq, &id, &external)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, external)
	}
	return ids, nil
}

// Sight implements importer.Sighter.
func (l *Ledger) Sight(_ context.Context, found []importer.Found) error {
	if len(found) == 0 {
		return nil
	}
	return l.write(func(t *tx) error {
		for _, f := range found {
			if f.ExternalID == "" {
				continue
			}
			if _, err := t.exec(`insert or ignore into sighting(ticket, target)
				select id, ?1 from ticket where key = ?2 and external_id is null and `+unmade+` and ?1 not in (select target from dead)
				union all
				select id, ?1 from ticket where external_id = ?2 and `+unmade+` and ?1 not in (select target from dead)`, f.ID, f.ExternalID); err != nil {
				return err
			}
		}
		return nil
	})
}

// Adopt implements importer.Sighter.
func (l *Ledger) Adopt(context.Context) (adopted, held int, err error) {
	err = l.write(func(t *tx) error {
		one, err := t.exec(`update ticket set state = 'made', adopted = 1, target = (select target from sighting where sighting.ticket = ticket.id)
			where id in (select ticket from sighting group by ticket having count(*) = 1) and ` + unmade)
		if err != nil {
			return err
		}
		more, err := t.exec(`update ticket set state = 'held', reason = ?,
			note = 'the target has it more than once, as tickets ' || (select group_concat(target, ', ') from sighting where sighting.ticket = ticket.id) ||
				': delete all but one, then retry --reason duplicate'
			where id in (select ticket from sighting group by ticket having count(*) > 1) and `+unmade, importer.ReasonDuplicate)
		if err != nil {
			return err
		}
		adopted, held = int(one), int(more)
		_, err = t.exec(`delete from sighting`)
		return err
	})
	return adopted, held, err
}
