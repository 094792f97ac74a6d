package ledger

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
	"github.com/zeebo/xxh3"
)

// enterBatch is how many planned tickets one commit takes in (performance.md section 5).
const enterBatch = 1000

// Plan implements importer.Planner. [Ledger.Begin] must have been called.
func (l *Ledger) Plan(ctx context.Context, planned []importer.Planned) ([]importer.Standing, error) {
	run := l.runID()
	if run == 0 {
		return nil, errors.New("planning into the ledger: no run was begun")
	}
	var all []importer.Standing
	for part := range slices.Chunk(planned, enterBatch) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var standing []importer.Standing
		err := l.write(func(t *tx) error {
			standing = standing[:0]
			for i := range part {
				s, err := t.enter(&part[i], run)
				if err != nil {
					return fmt.Errorf("planning ticket %s: %w", part[i].Key, err)
				}
				standing = append(standing, s)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		all = append(all, standing...)
	}
	return all, nil
}

// row is a ticket as it stands.
type row struct {
	id      int64
	state   importer.State
	reason  string
	payload []byte
	target  sql.NullInt64
	wrote   string
	clash   string
	settled int64 // when, 0: not
}

// enter takes one planned ticket in.
func (t *tx) enter(p *importer.Planned, run int64) (importer.Standing, error) {
	if p.Seen {
		_, err := t.exec(`update ticket set shown = ? where key = ?`, run, p.Key)
		return importer.Standing{}, err
	}
	sum := payloadOf(p)
	var r row
	err := t.row(`select id, state, reason, payload, target, wrote, clash, settled from ticket where key = ?`, p.Key).
		Scan(&r.id, &r.state, &r.reason, &r.payload, &r.target, &r.wrote, &r.clash, &r.settled)
	if errors.Is(err, sql.ErrNoRows) {
		return t.add(p, sum, run)
	}
	if err != nil {
		return importer.Standing{}, err
	}
	s, missing, err := t.reenter(p, &r)
	if err != nil {
		return s, err
	}
	changed := s.New > 0 || !slices.Equal(r.payload, sum[:])
	state, reason := replanned(r, p, changed, missing)
	if !changed && r.wrote == "" && r.target.Valid {
		r.wrote = p.Wanted // a ledger of before knows that nothing changed since, not what it was
	}
	if p.Update && p.Hold == "" && state == importer.StateDone && importer.Outdated(p.Wanted, r.wrote, r.clash) {
		state, s.Update = importer.StateMade, true
	}
	s.State, s.Reason, s.Settled = string(state), reason, r.settled > 0 && (state == importer.StateHeld || state == importer.StateUndone)
	_, err = t.exec(`update ticket set seq = ?1, version = ?2, payload = ?3, state = ?4, reason = ?5, run = ?6, shown = ?6, wanted = ?7, wrote = ?8,
		note = case when ?4 = 'held' and ?5 = ?9 then ?10 when state = ?4 and reason = ?5 then note else '' end,
		settled = iif(?4 in ('held','undone') and state = ?4 and reason = ?5, settled, 0),
		clash = iif(?12, '', clash), conflict = iif(?12, '', conflict) where id = ?11`,
		p.Seq, p.Version, sum[:], state, reason, run, p.Wanted, r.wrote, importer.ReasonIncomplete, p.Why, r.id,
		p.Wanted != "" && importer.SameFields(p.Wanted, r.wrote)) // the source took it back
	return s, err
}

// add takes in a ticket that is new.
func (t *tx) add(p *importer.Planned, sum [16]byte, run int64) (importer.Standing, error) {
	state := importer.StatePlanned
	if p.Hold != "" {
		state = importer.StateHeld
	}
	var external any
	if p.ExternalID != string(p.Key) {
		external = p.ExternalID
	}
	res, err := t.result(`insert into ticket(key, external_id, seq, version, payload, state, reason, note, run, shown, wanted) values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.Key, external, p.Seq, p.Version, sum[:], state, p.Hold, p.Why, run, run, p.Wanted)
	if err != nil {
		return importer.Standing{}, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return importer.Standing{}, err
	}
	for i := range p.Messages {
		if err := t.addMessage(id, i, &p.Messages[i]); err != nil {
			return importer.Standing{}, err
		}
	}
	return importer.Standing{State: string(state), Reason: p.Hold, New: len(p.Messages)}, nil
}

func (t *tx) addMessage(ticket int64, ord int, m *importer.PlannedMessage) error {
	n, err := t.exec(`insert into message(ticket, id, ord, content, size, direction) values(?, ?, ?, ?, ?, ?) on conflict do nothing`,
		ticket, m.ID, ord, m.Content[:], m.Size, direction(m))
	if err == nil && n == 0 {
		err = fmt.Errorf("message %s is in the plan twice", m.ID)
	}
	return err
}

func direction(m *importer.PlannedMessage) string {
	switch {
	case m.Internal:
		return "internal"
	case m.Direction == mapping.Yes:
		return "outgoing"
	}
	return "incoming"
}

// known is a message the ledger has.
type known struct {
	content []byte
	target  sql.NullInt64
	attempt sql.NullInt64
	edited  []byte
	planned bool // it is in the plan now
}

// reenter compares the messages of a known ticket with the plan's and returns how many have no target id.
func (t *tx) reenter(p *importer.Planned, r *row) (s importer.Standing, missing int, err error) {
	has := map[string]*known{}
	err = t.rows(func(rows *sql.Rows) error {
		var id string
		k := &known{}
		err := rows.Scan(&id, &k.content, &k.target, &k.attempt, &k.edited)
		has[id] = k
		return err
	}, `select id, content, target, attempt, edited from message where ticket = ?`, r.id)
	if err != nil {
		return s, 0, err
	}
	keep := p.Partial || r.target.Valid || asked(r) // what the plan no longer names stays
	ord := 0
	if keep {
		ord = len(has)
	}
	for i := range p.Messages {
		m := &p.Messages[i]
		k := has[m.ID]
		if k == nil {
			s.New++
			has[m.ID] = &known{planned: true}
			err = t.addMessage(r.id, ord+i, m)
		} else {
			err = t.compare(m, k, r, &s)
		}
		if err != nil {
			return s, 0, err
		}
	}
	for id, k := range has {
		switch {
		case k.target.Valid && !k.planned && !p.Partial:
			s.Absent++
		case k.target.Valid:
		case k.planned || keep:
			missing++
		default:
			if _, err := t.exec(`delete from message where ticket = ? and id = ? and target is null`, r.id, id); err != nil {
				return s, 0, err
			}
		}
	}
	if !keep {
		err = t.reorder(p, r.id)
	}
	return s, missing, err
}

// compare takes in a message the ledger knows. What was sent, or may have been, is never changed.
func (t *tx) compare(m *importer.PlannedMessage, k *known, r *row, s *importer.Standing) error {
	k.planned = true
	if k.target.Valid {
		s.Present++
	}
	if slices.Equal(k.content, m.Content[:]) {
		return t.edited(r.id, m.ID, k, nil)
	}
	if k.target.Valid || k.attempt.Valid && asked(r) {
		s.Differs++
		return t.edited(r.id, m.ID, k, m.Content[:])
	}
	_, err := t.exec(`update message set content = ?, size = ?, direction = ? where ticket = ? and id = ?`,
		m.Content[:], m.Size, direction(m), r.id, m.ID)
	return err
}

// edited keeps what the source has made of a message that was sent; nil: it is as it was sent.
func (t *tx) edited(ticket int64, id string, k *known, now []byte) error {
	if slices.Equal(k.edited, now) {
		return nil
	}
	var content any
	if now != nil {
		content = now
	}
	_, err := t.exec(`update message set edited = ? where ticket = ? and id = ?`, content, ticket, id)
	return err
}

// reorder gives the messages of a ticket never sent the plan's order.
func (t *tx) reorder(p *importer.Planned, ticket int64) error {
	for i := range p.Messages {
		if _, err := t.exec(`update message set ord = ?1 where ticket = ?2 and id = ?3 and ord <> ?1`, i, ticket, p.Messages[i].ID); err != nil {
			return err
		}
	}
	return nil
}

// asked tells whether a request for the ticket is open: its messages are what that request carried.
func asked(r *row) bool {
	return r.state == importer.StateAsking || r.state == importer.StateDoubt ||
		r.state == importer.StateHeld && r.reason == importer.ReasonUnknown
}

// replanned says where planning again leaves a ticket. What is open stays open, what a person has to decide
// stays theirs, and what was refused is tried again only when it changed.
func replanned(r row, p *importer.Planned, changed bool, missing int) (importer.State, string) {
	switch r.state {
	case importer.StateAsking, importer.StateDoubt, importer.StateUndone:
		return r.state, r.reason
	case importer.StateHeld:
		if r.settled > 0 {
			return r.state, r.reason
		}
		switch r.reason {
		case importer.ReasonUnknown, importer.ReasonDuplicate, importer.ReasonIDReused, importer.ReasonGone, importer.ReasonMerged, importer.ReasonUndone:
			return r.state, r.reason
		case importer.ReasonTouched:
			if !p.AppendTouched {
				return r.state, r.reason
			}
		}
	case importer.StateRefused:
		if !changed && p.Hold == "" {
			return r.state, r.reason
		}
	}
	switch {
	case r.target.Valid && missing == 0:
		return importer.StateDone, ""
	case p.Hold != "":
		return importer.StateHeld, p.Hold
	case r.target.Valid:
		return importer.StateMade, ""
	}
	return importer.StatePlanned, ""
}

// payloadOf is the fingerprint a refusal is remembered for.
func payloadOf(p *importer.Planned) [16]byte {
	if p.Payload != [16]byte{} {
		return p.Payload
	}
	var h xxh3.Hasher
	var n [8]byte
	for i := range p.Messages {
		m := &p.Messages[i]
		binary.LittleEndian.PutUint64(n[:], uint64(len(m.ID)))
		_, _ = h.Write(n[:])
		_, _ = h.WriteString(m.ID)
		_, _ = h.Write(m.Content[:])
	}
	return h.Sum128().Bytes()
}
