package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// LeftKind is what a sync met in the source and left as it is in the target, until a person has seen to it.
type LeftKind string

// The kinds, in the order they are told.
const (
	LeftConflict LeftKind = "conflict" // a ticket with a change that was not written
	LeftEdited   LeftKind = "edited"   // a ticket with messages that were edited since they were sent
	LeftRemoved  LeftKind = "removed"  // a ticket that the source holds no more
)

// LeftKinds are all of them.
func LeftKinds() []LeftKind { return []LeftKind{LeftConflict, LeftEdited, LeftRemoved} }

// where is the condition of tickets of a kind, of which t is one.
func (k LeftKind) where() string {
	switch k {
	case LeftConflict:
		return `t.conflict <> ''`
	case LeftEdited:
		return `t.id in (select ticket from message where edited is not null)`
	}
	return `t.removed is not null and t.target is not null and t.state <> 'undone' and t.settled = 0`
}

// LeftTicket is a ticket with something that was left as it is.
type LeftTicket struct {
	Key    importer.Key
	Kind   LeftKind
	Note   string // of a conflict: which fields, and why; of a removed ticket why it was not deleted, where that was asked for
	Target importer.TicketID
	Edited int // messages
}

// LeftAsIs calls each for up to n tickets of a kind, in sending order.
func (l *Ledger) LeftAsIs(ctx context.Context, kind LeftKind, n int, each func(LeftTicket) error) error {
	return l.rows(ctx, func(r *sql.Rows) error {
		t := LeftTicket{Kind: kind}
		var target sql.NullInt64
		var conflict, note string
		if err := r.Scan(&t.Key, &target, &conflict, &note, &t.Edited); err != nil {
			return err
		}
		switch t.Target = importer.TicketID(target.Int64); kind {
		case LeftConflict:
			t.Note = conflict
		case LeftRemoved:
			t.Note = note
		}
		return each(t)
	}, `select t.key, t.target, t.conflict, t.note, (select count(*) from message m where m.ticket = t.id and m.edited is not null)
		from ticket t where `+kind.where()+` order by t.seq, t.id limit ?`, n)
}

// CountLeft counts the tickets of a kind.
func (l *Ledger) CountLeft(ctx context.Context, kind LeftKind) (n int64, err error) {
	err = l.one(ctx, `select count(*) from ticket t where `+kind.where(), nil, &n)
	return n, err
}

func (l *Ledger) countLeft(ctx context.Context, s *Status) error {
	s.Left = map[LeftKind]int64{}
	for _, kind := range LeftKinds() {
		n, err := l.CountLeft(ctx, kind)
		if err != nil {
			return err
		}
		if n > 0 {
			s.Left[kind] = n
		}
	}
	return l.one(ctx, `select count(*) from ticket where settled > 0 and state in ('held','undone')`, nil, &s.Settled)
}

// Settlement says of which tickets a person accepts what they are: whatever of the kinds and reasons they are, or, with keys,
// whatever these tickets are. Keys are not mixed with the others.
type Settlement struct {
	Keys    []importer.Key
	Reasons []string // held for one of these
	Undone  bool     // taken back by us, tickets and single messages
	Left    []LeftKind
}

// SettleAsIs records that tickets stay as they are: they need nobody any more, a sync leaves them alone, and what the source
// changes in them is not told, until [Ledger.Retry] asks for them. A conflict or an edit is accepted as it is now: a later one is
// told again. What is in doubt cannot be settled. It returns how many tickets it was said of; with dry it only counts them.
func (l *Ledger) SettleAsIs(_ context.Context, s Settlement, dry bool) (n int64, err error) {
	err = l.write(func(t *tx) error {
		n = 0
		if _, err := t.exec(`create temp table if not exists settling (ticket integer primary key) strict`); err != nil {
			return err
		}
		if _, err := t.exec(`delete from settling`); err != nil {
			return err
		}
		if err := t.choose(s); err != nil {
			return err
		}
		if err := t.row(`select count(*) from settling`).Scan(&n); err != nil || dry {
			return err
		}
		return t.settleChosen(s)
	})
	if err != nil {
		return 0, fmt.Errorf("settling tickets: %w", err)
	}
	return n, nil
}

// unsettled is the condition that there is anything about ticket t to settle.
const unsettled = `t.settled = 0 and (t.state = 'undone' or t.state = 'held' and t.reason <> 'unknown')`

// choose lists the tickets that are meant.
func (t *tx) choose(s Settlement) error {
	const into = `insert or ignore into settling select t.id from ticket t where `
	var any []string
	for _, kind := range LeftKinds() {
		any = append(any, kind.where())
	}
	for _, key := range s.Keys {
		found, err := t.exec(into+`t.key = ? and (`+unsettled+` or `+strings.Join(any, " or ")+`)`, key)
		if err != nil {
			return err
		}
		if found == 0 {
			return fmt.Errorf("ticket %s has nothing to be settled: deskferry status lists those that have, and what is in doubt is for retry --in-doubt", key)
		}
	}
	for _, reason := range s.Reasons {
		if _, err := t.exec(into+unsettled+` and t.state = 'held' and t.reason = ?`, reason); err != nil {
			return err
		}
	}
	if s.Undone {
		if _, err := t.exec(into + `t.settled = 0 and (` + undone + `)`); err != nil {
			return err
		}
	}
	for _, kind := range s.Left {
		if _, err := t.exec(into + kind.where()); err != nil {
			return err
		}
	}
	return nil
}

// settleChosen accepts what was chosen: of the tickets named by their keys all there is, of others what they were chosen for.
func (t *tx) settleChosen(s Settlement) error {
	all := len(s.Keys) > 0
	has := func(kind LeftKind) bool { return all || slices.Contains(s.Left, kind) }
	if all || len(s.Reasons) > 0 || s.Undone || has(LeftRemoved) {
		if _, err := t.exec(`update ticket as t set settled = ? where id in (select ticket from settling) and (`+unsettled+` or `+LeftRemoved.where()+`)`, time.Now().UnixMilli()); err != nil {
			return err
		}
	}
	if has(LeftConflict) {
		if _, err := t.exec(`update ticket set conflict = '' where id in (select ticket from settling)`); err != nil {
			return err
		}
	}
	if !has(LeftEdited) {
		return nil
	}
	_, err := t.exec(`update message set content = edited, edited = null where edited is not null and ticket in (select ticket from settling)`)
	return err
}
