package ledger

import (
	"context"
	"database/sql"

	"github.com/deskferry/deskferry/importer"
)

// Moved is a ticket or a message of the source and what it has become: the continuity map.
type Moved struct {
	Source     string // the mapping's source.name
	ID         string // the source's id of the ticket
	ExternalID string // as sent
	State      importer.State
	Reason     string // of held
	Target     importer.TicketID
	Message    string             // external id; "" for the ticket itself
	MessageID  importer.MessageID // zero: not in the target, as far as is known
	Direction  string             // of a message: incoming, outgoing or internal
	Run        int64              // whose request stored the message; 0: none of this ledger
}

const (
	movedTickets = `select s.name, substr(t.key, length(s.name) + 2), coalesce(t.external_id, t.key), t.state, t.reason, coalesce(t.target, 0), t.id
		from ticket t join source s on substr(t.key, 1, length(s.name) + 1) = s.name || ':'
		where not exists (select 1 from source b where length(b.name) > length(s.name) and substr(t.key, 1, length(b.name) + 1) = b.name || ':')
		order by t.id`
	movedMessages = `select id, coalesce(target, 0), direction, coalesce(run, 0) from message where ticket = ? order by ord`
)

// EachMoved calls each for every ticket of the ledger in the order they were first planned; with messages, each ticket's messages
// come after it.
func (l *Ledger) EachMoved(ctx context.Context, messages bool, each func(Moved) error) error {
	return l.rows(ctx, func(r *sql.Rows) error {
		var m Moved
		var id int64
		if err := r.Scan(&m.Source, &m.ID, &m.ExternalID, &m.State, &m.Reason, &m.Target, &id); err != nil {
			return err
		}
		if err := each(m); err != nil || !messages {
			return err
		}
		return l.rows(ctx, func(r *sql.Rows) error {
			if err := r.Scan(&m.Message, &m.MessageID, &m.Direction, &m.Run); err != nil {
				return err
			}
			return each(m)
		}, movedMessages, id)
	}, movedTickets)
}

// EachRedirect calls each for every ticket of a source that is in the target, ordered by id without regard to the case of
// ASCII letters.
func (l *Ledger) EachRedirect(ctx context.Context, source string, each func(id string, target importer.TicketID) error) error {
	return l.rows(ctx, func(r *sql.Rows) error {
		var id string
		var target importer.TicketID
		if err := r.Scan(&id, &target); err != nil {
			return err
		}
		return each(id, target)
	}, `select substr(key, length(?1) + 2) as old, target from ticket where substr(key, 1, length(?1) + 1) = ?1 || ':' and target is not null
		and not exists (select 1 from source b where length(b.name) > length(?1) and substr(ticket.key, 1, length(b.name) + 1) = b.name || ':')
		order by lower(old), old`, source)
}

// Sources returns the names of the ledger's sources, in order.
func (l *Ledger) Sources(ctx context.Context) (names []string, err error) {
	err = l.rows(ctx, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		names = append(names, name)
		return err
	}, `select name from source order by name`)
	return names, err
}

// Target returns the account the ledger is for, "" when it never said.
func (l *Ledger) Target(ctx context.Context) (string, error) { return l.about(ctx, "target") }
