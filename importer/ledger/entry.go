package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/deskferry/deskferry/importer"
)

const (
	entryTicket = `select t.id, t.state, t.attempts, coalesce(t.external_id, t.key), t.reason, t.target, t.adopted, t.look, t.next_look,
		t.wanted, t.wrote, t.writing, t.clash, t.seen,
		a.id, a.kind, a.asked, a.answer is not null, a.repeat
		from ticket t left join attempt a on a.ticket = t.id and a.settled_at is null where t.key = ?`
	entryMessages = `select id, target, size, attempt, elsewhere is not null from message where ticket = ? order by ord`
	entryDead     = `select target from dead where ticket = ?`
)

// Knows tells whether the ledger has a ticket of that key.
func (l *Ledger) Knows(ctx context.Context, key importer.Key) (bool, error) {
	var one int
	err := l.one(ctx, "select 1 from ticket where key = ?", []any{key}, &one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Entry implements importer.Journal.
func (l *Ledger) Entry(ctx context.Context, key importer.Key) (e importer.Entry, err error) {
	var id int64
	var target, nextLook, attempt, asked, seen sql.NullInt64
	var kind sql.NullString
	var lost, repeat sql.NullBool
	e.Key = key
	err = l.one(ctx, entryTicket, []any{key}, &id, &e.State, &e.Fence, &e.ExternalID, &e.Reason, &target, &e.Adopted, &e.LookFirst, &nextLook,
		&e.Wanted, &e.Wrote, &e.Writing, &e.Clash, &seen, &attempt, &kind, &asked, &lost, &repeat)
	if errors.Is(err, sql.ErrNoRows) {
		return e, fmt.Errorf("ticket %s is not in the ledger %s", key, l.path)
	}
	if err != nil {
		return e, err
	}
	e.Target, e.Seen = importer.TicketID(target.Int64), ofMillis(seen)
	if attempt.Valid {
		e.Open = &importer.OpenAttempt{
			ID: importer.AttemptID(attempt.Int64), Kind: importer.Kind(kind.String), Asked: ofMillis(asked),
			Lost: lost.Bool, NextLook: ofMillis(nextLook), Repeat: repeat.Bool,
		}
	}
	err = l.rows(ctx, func(r *sql.Rows) error {
		var m importer.EntryMessage
		var target, attempt sql.NullInt64
		if err := r.Scan(&m.ID, &target, &m.Size, &attempt, &m.Elsewhere); err != nil {
			return err
		}
		m.Target, m.Attempt = importer.MessageID(target.Int64), importer.AttemptID(attempt.Int64)
		e.Messages = append(e.Messages, m)
		return nil
	}, entryMessages, id)
	if err != nil {
		return e, err
	}
	err = l.rows(ctx, func(r *sql.Rows) error {
		var dead importer.TicketID
		if err := r.Scan(&dead); err != nil {
			return err
		}
		e.Dead = append(e.Dead, dead)
		return nil
	}, entryDead, id)
	return e, err
}
