package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// Status is what a ledger tells of itself.
type Status struct {
	Path     string
	Target   string
	Holder   string // who is writing it; "": nobody
	Lag      time.Duration
	Runs     []RunRecord // newest first, at most as many as asked for
	States   map[importer.State]int64
	Reasons  map[string]int64 // of held, but for those that were settled
	Settled  int64            // held or undone, and a person has said that they stay so
	Left     map[LeftKind]int64
	Tally    importer.Tally
	InDoubt  int64
	NextLook time.Time // zero: nothing waits for a look
}

// RunRecord is a run as remembered.
type RunRecord struct {
	ID      int64
	Started time.Time
	Ended   time.Time // zero: it runs, or it died
	Kind    string    // import, sync, retry, undo or verify
	Who     string    // whose process it was, "" where an older version did not say
	Host    string
	PID     int
	Version string
	Source  string
	Mapping string // hash of the whole mapping
	Counts  string // JSON
	Note    string
}

// Ticket is a ticket to be shown to people.
type Ticket struct {
	Key      importer.Key
	State    importer.State
	Reason   string
	Note     string
	Target   importer.TicketID
	Asked    time.Time // of the open attempt
	Looks    int
	NextLook time.Time
}

// Status reads where the ledger stands, with the last so many runs.
func (l *Ledger) Status(ctx context.Context, runs int) (s Status, err error) {
	s = Status{Path: l.path, States: map[importer.State]int64{}}
	if s.Target, err = l.about(ctx, "target"); err != nil {
		return s, err
	}
	if s.Lag, err = l.Lag(ctx); err != nil {
		return s, err
	}
	h, held, err := l.Holder(ctx)
	if err != nil {
		return s, err
	}
	if held {
		s.Holder = fmt.Sprintf("%s, process %d on %s", h.Who, h.PID, h.Host)
	}
	if s.Runs, err = l.runs(ctx, runs); err != nil {
		return s, err
	}
	err = l.rows(ctx, func(r *sql.Rows) error {
		var state importer.State
		var n int64
		err := r.Scan(&state, &n)
		s.States[state] = n
		return err
	}, `select state, count(*) from ticket group by 1`)
	if err != nil {
		return s, err
	}
	if s.Reasons, err = l.Reasons(ctx); err != nil {
		return s, err
	}
	if err := l.countLeft(ctx, &s); err != nil {
		return s, err
	}
	if s.Tally, err = l.Tally(ctx); err != nil {
		return s, err
	}
	s.InDoubt = s.Tally.Tickets.InDoubt
	s.NextLook, _, err = l.NextLook(ctx)
	return s, err
}

func (l *Ledger) runs(ctx context.Context, n int) (out []RunRecord, err error) {
	err = l.runRows(ctx, n, func(r RunRecord) error {
		out = append(out, r)
		return nil
	})
	return out, err
}

// EachRun calls each for every run, newest first.
func (l *Ledger) EachRun(ctx context.Context, each func(RunRecord) error) error {
	return l.runRows(ctx, -1, each)
}

func (l *Ledger) runRows(ctx context.Context, n int, each func(RunRecord) error) error {
	return l.rows(ctx, func(r *sql.Rows) error {
		var rec RunRecord
		var started, ended, pid sql.NullInt64
		if err := r.Scan(&rec.ID, &started, &ended, &rec.Kind, &rec.Who, &rec.Host, &pid, &rec.Version, &rec.Source, &rec.Mapping, &rec.Counts, &rec.Note); err != nil {
			return err
		}
		rec.Started, rec.Ended, rec.PID = ofMillis(started), ofMillis(ended), int(pid.Int64)
		return each(rec)
	}, `select id, started, ended, kind, who, host, pid, version, source, mapping, counts, note from run order by id desc limit ?`, n)
}

// Tickets calls each for up to n tickets in a state, of held ones those with the reason, "" for all, in sending
// order. Those that were settled are left out.
func (l *Ledger) Tickets(ctx context.Context, state importer.State, reason string, n int, each func(Ticket) error) error {
	return l.rows(ctx, func(r *sql.Rows) error {
		var t Ticket
		var target, asked, next sql.NullInt64
		if err := r.Scan(&t.Key, &t.State, &t.Reason, &t.Note, &target, &next, &asked, &t.Looks); err != nil {
			return err
		}
		t.Target, t.Asked, t.NextLook = importer.TicketID(target.Int64), ofMillis(asked), ofMillis(next)
		return each(t)
	}, `select t.key, t.state, t.reason, t.note, t.target, t.next_look, a.asked, coalesce(a.looks, 0)
		from ticket t left join attempt a on a.ticket = t.id and a.settled_at is null
		where t.state = ?1 and t.settled = 0 and (?2 = '' or t.reason = ?2) order by t.seq, t.id limit ?3`, state, reason, n)
}
