package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// Intend implements importer.Journal. The context is not asked once the write has begun: it is durable or it
// did not happen.
func (l *Ledger) Intend(ctx context.Context, c importer.Claim, a importer.Attempt) (id importer.AttemptID, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	run := l.runID()
	err = l.intent(func(t *tx) error {
		var ticket int64
		err := t.row(`update ticket set state = 'asking', reason = '', note = '', next_look = null, attempts = attempts + 1
			where key = ? and attempts = ? and state in ('planned','made') returning id`, c.Key, c.Fence).Scan(&ticket)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("ticket %s after %d attempts: %w", c.Key, c.Fence, ErrStale)
		}
		if err != nil {
			return err
		}
		res, err := t.result(`insert into attempt(ticket, n, run, kind, messages, body, asked) values(?, ?, ?, ?, ?, ?, ?)`,
			ticket, c.Fence+1, run, a.Kind, len(a.Messages), a.Sum[:], time.Now().UnixMilli())
		if err != nil {
			return err
		}
		if a.Wrote != "" {
			if _, err := t.exec(`update ticket set wrote = ?, writing = '', clash = '', conflict = '' where id = ?`, a.Wrote, ticket); err != nil {
				return err
			}
		}
		n, err := res.LastInsertId()
		if err != nil {
			return err
		}
		id = importer.AttemptID(n)
		for _, m := range a.Messages {
			changed, err := t.exec(`update message set attempt = ? where ticket = ? and id = ? and target is null`, n, ticket, m)
			if err != nil {
				return err
			}
			if changed != 1 {
				return fmt.Errorf("message %s of ticket %s is not waiting to be sent", m, c.Key)
			}
		}
		return nil
	})
	return id, err
}

// Settle implements importer.Journal.
func (l *Ledger) Settle(_ context.Context, id importer.AttemptID, o importer.Outcome) error {
	return l.outcome(func(t *tx) error {
		var ticket, run int64
		err := t.row(`select ticket, run from attempt where id = ? and settled_at is null`, id).Scan(&ticket, &run)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("attempt %d: %w", id, ErrSettled)
		}
		if err != nil {
			return err
		}
		now := time.Now().UnixMilli()
		var settled any = now
		if o.Unsettled() {
			settled = nil
		}
		if _, err := t.exec(`update attempt set looks = looks + (answer is not null), answer = ?, answered = coalesce(answered, ?), note = ?, settled_at = ? where id = ?`,
			o.Answer, now, o.Note, settled, id); err != nil {
			return err
		}
		return t.arrive(ticket, run, o)
	})
}

// Note implements importer.Journal.
func (l *Ledger) Note(_ context.Context, key importer.Key, o importer.Outcome) error {
	return l.outcome(func(t *tx) error {
		var ticket int64
		err := t.row(`select id from ticket where key = ?`, key).Scan(&ticket)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("ticket %s is not in the ledger %s", key, l.path)
		}
		if err != nil {
			return err
		}
		return t.arrive(ticket, 0, o)
	})
}

// arrive moves a ticket to where an outcome leaves it. What a message was stored by is its own last attempt,
// whatever the outcome was learned from; run is the run that completes the ticket, 0: none.
func (t *tx) arrive(ticket, run int64, o importer.Outcome) error {
	for _, m := range o.Messages {
		if _, err := t.exec(`update message set target = ?1, run = coalesce((select run from attempt where id = message.attempt), 0)
			where ticket = ?2 and id = ?3 and target is null`, m.Target, ticket, m.ID); err != nil {
			return err
		}
	}
	state, done := o.State, any(nil)
	if state == importer.StateMade {
		var missing, last int64
		err := t.row(`select count(*) filter (where target is null), coalesce(max(run), 0) from message where ticket = ?`, ticket).Scan(&missing, &last)
		if err != nil {
			return err
		}
		if missing == 0 && !o.Open {
			state, done = importer.StateDone, max(run, last)
		}
	}
	var target any
	if o.Ticket != 0 {
		target = o.Ticket
		if _, err := t.exec(`delete from dead where target = ?`, o.Ticket); err != nil { // it was in the trash, and is back
			return err
		}
	}
	_, err := t.exec(`update ticket set state = ?, reason = ?, note = ?, target = coalesce(?, target), adopted = max(adopted, ?),
		next_look = ?, look = 0, done_run = coalesce(?, done_run) where id = ?`,
		state, o.Reason, o.Note, target, o.Adopted, millis(o.NextLook), done, ticket)
	if err != nil || o.Wrote == "" && o.Clash == "" && o.Writing == "" && o.Seen.IsZero() && !o.Unseen {
		return err
	}
	_, err = t.exec(`update ticket set wrote = iif(?1 = '', wrote, ?1), clash = iif(?1 || ?2 = '', clash, ?2), conflict = iif(?1 || ?2 = '', conflict, ?7), writing = iif(?1 = '', iif(?3 = '', writing, ?3), ''),
		seen = iif(?4, null, coalesce(?5, seen)) where id = ?6`, o.Wrote, o.Clash, o.Writing, o.Unseen, millis(o.Seen), ticket, o.Conflict)
	return err
}

func (l *Ledger) runID() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.run
}
