package ledger

import (
	"context"
	"database/sql"

	"github.com/deskferry/deskferry/importer"
)

// A ticket counts as imported by the run whose request completed it, a message by the run whose request stored it,
// also where that was learned from a look-up in a later run. A message of a ticket in doubt is in doubt only if the open
// attempt carries it. Held as unknown is in doubt: its fate is unknown, whatever a person has said of it. The parameter is the run, 0 for all that the
// ledger holds.
const (
	tallyTickets = `select case
			when state = 'done' then iif(done_run = ?1 and ?1 > 0, 'imported', 'present')
			when state in ('asking','doubt') or state = 'held' and reason = 'unknown' then 'in_doubt'
			when state = 'refused' then 'rejected'
			when state in ('held','undone') and settled > 0 then 'settled'
			when state = 'undone' or state = 'held' and reason = 'undone' then 'undone'
			when state = 'held' then 'held'
			else 'pending' end, count(*)
		from ticket where run = ?1 or ?1 = 0 group by 1`
	tallyMessages = `select m.direction, case
			when m.target is not null then iif(m.run = ?1 and ?1 > 0, 'imported', 'present')
			when m.attempt is not null and m.attempt = (select a.id from attempt a where a.ticket = t.id and a.settled_at is null) then 'in_doubt'
			when t.state = 'refused' then 'rejected'
			when t.state in ('held','undone') and t.settled > 0 then 'settled'
			when t.state = 'undone' or t.state = 'held' and t.reason = 'undone' then 'undone'
			when t.state = 'held' then 'held'
			else 'pending' end, count(*)
		from ticket t join message m on m.ticket = t.id where t.run = ?1 or ?1 = 0 group by 1, 2`
	tallyReasons = `select reason, count(*) from ticket where state = 'held' and settled = 0 and (run = ?1 or ?1 = 0) group by 1 order by 1`
)

// Split is the tally of messages by direction.
type Split struct{ Incoming, Outgoing, Internal importer.Count }

// Tally counts what has become of what this run planned or retried, or of all the ledger holds when no run was
// begun. Imported is what this run's requests stored; without a run everything stored is present.
func (l *Ledger) Tally(ctx context.Context) (importer.Tally, error) {
	tally, _, err := l.TallySplit(ctx)
	return tally, err
}

// TallySplit is [Ledger.Tally] with the messages by direction besides.
func (l *Ledger) TallySplit(ctx context.Context) (tally importer.Tally, split Split, err error) {
	run := l.runID()
	err = l.rows(ctx, func(r *sql.Rows) error {
		var state string
		var n int64
		err := r.Scan(&state, &n)
		add(&tally.Tickets, state, n)
		return err
	}, tallyTickets, run)
	if err != nil {
		return tally, split, err
	}
	err = l.rows(ctx, func(r *sql.Rows) error {
		var direction, state string
		var n int64
		err := r.Scan(&direction, &state, &n)
		add(&tally.Messages, state, n)
		switch direction {
		case "incoming":
			add(&split.Incoming, state, n)
		case "outgoing":
			add(&split.Outgoing, state, n)
		default:
			add(&split.Internal, state, n)
		}
		return err
	}, tallyMessages, run)
	return tally, split, err
}

func add(c *importer.Count, state string, n int64) {
	switch state {
	case "imported":
		c.Imported += n
	case "present":
		c.Present += n
	case "rejected":
		c.Rejected += n
	case "held":
		c.Held += n
	case "in_doubt":
		c.InDoubt += n
	case "settled":
		c.Settled += n
	case "undone":
		c.Undone += n
	default:
		c.Pending += n
	}
}

// Reasons counts the held tickets that nobody has settled by reason, of the same scope as [Ledger.Tally].
func (l *Ledger) Reasons(ctx context.Context) (map[string]int64, error) {
	run := l.runID()
	out := map[string]int64{}
	err := l.rows(ctx, func(r *sql.Rows) error {
		var reason string
		var n int64
		err := r.Scan(&reason, &n)
		out[reason] = n
		return err
	}, tallyReasons, run)
	return out, err
}
