package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// seenUnit is what a ledger keeps an updated_datetime to.
const seenUnit = time.Millisecond

// updating tells whether fields of the ticket are to be looked at once its messages are in the target.
func (s *step) updating() bool {
	if s.Sync == nil || !s.Sync.Updates || s.e.Wanted == "" {
		return false
	}
	if _, able := s.Target.(Updater); !able {
		return false
	}
	return s.appended > 0 || Outdated(s.e.Wanted, s.e.Wrote, s.e.Clash)
}

// wrote encodes the fields that a create of the work in hand carries; "" where the target writes none.
func (s *step) wrote() string {
	u, able := s.Target.(Updater)
	if !able {
		return ""
	}
	f := u.Sent(FieldsOf(&s.w.Ticket))
	return f.Encode()
}

// touched tells why people seem to have worked on a ticket, "" when nothing shows it: messages of others, or fields that
// are not what we last wrote.
func (s *step) touched(st *Stored) string {
	if n := s.foreign(st); n > 0 {
		return fmt.Sprintf("messages there that are not of this import: %d", n)
	}
	wrote, known := DecodeFields(s.e.Wrote)
	if !known {
		return ""
	}
	writing, also := DecodeFields(s.e.Writing)
	for _, field := range syncFields() {
		if !field.sent(&wrote, st) && !(also && field.sent(&writing, st)) {
			return fmt.Sprintf("%s was changed there to %q", field.name, field.has(st))
		}
	}
	return ""
}

// foreign counts the messages of a stored ticket that are not ours.
func (s *step) foreign(st *Stored) (n int) {
	ours := make(map[string]bool, len(s.e.Messages))
	for _, m := range s.e.Messages {
		ours[m.ID] = true
	}
	for _, m := range st.Messages {
		if !ours[m.ExternalID] {
			n++
		}
	}
	return n
}

// update writes the fields that changed in the source, where the target still holds what was last written. All messages are
// in the target.
func (s *step) update(ctx context.Context) (more bool, err error) {
	if ok, err := s.load(ctx); !ok {
		return false, err
	}
	st, err := s.read(ctx, s.e.Target)
	if isGone(err) {
		return s.note(ctx, Outcome{State: StateHeld, Reason: ReasonGone, Answer: AnswerHeld, Note: "the ticket is no longer in the target"})
	}
	if err != nil {
		return false, err
	}
	if o, moved := s.moved(st, 0); moved {
		return s.note(ctx, o)
	}
	wanted, ok := DecodeFields(s.e.Wanted)
	if !ok {
		return false, fmt.Errorf("the fields of ticket %s in the ledger cannot be read: restore it from a backup", s.e.Key)
	}
	change, holds, clashes := s.weigh(&st, wanted)
	o := Outcome{State: StateMade, Wrote: holds.Encode()}
	if len(clashes) > 0 {
		o.Clash, o.Conflict = s.e.Wanted, clashWords(clashes)
		if s.e.Wrote == "" { // it stays unknown
			o.Wrote = ""
		}
	}
	before, after := &st, &st
	if s.appended > 0 {
		before = s.before
	}
	if change.Any() {
		var more bool
		after, more, err = s.put(ctx, change, holds)
		switch {
		case refusedUpdate(err):
			clashes = append(clashes, Clash{Kind: ClashRefused, Has: err.Error()})
			o.Wrote, o.Clash, o.Conflict = s.e.Wrote, s.e.Wanted, clashWords(clashes)
		case err != nil || after == nil:
			return more, err
		default:
			s.res.Updated = true
		}
	}
	if after != nil {
		s.keepSeen(&o, before, after)
	}
	s.res.Clashes, s.appended = clashes, 0
	return s.note(ctx, o)
}

// keepSeen moves on what an undo measures "untouched since" by, unless someone else may have written before we did.
func (s *step) keepSeen(o *Outcome, before, after *Stored) {
	if before == nil || s.e.Seen.IsZero() || s.changed(before) || s.foreign(before)+s.foreign(after) > 0 {
		return
	}
	o.Seen = after.UpdatedDatetime
}

// changed tells whether a stored ticket was updated after our last write, as far as that one's time is known.
func (s *step) changed(st *Stored) bool {
	return !s.e.Seen.IsZero() && st.UpdatedDatetime.Truncate(seenUnit).After(s.e.Seen.Truncate(seenUnit))
}

// others tells whether others had changed the ticket before we first wrote to it now. The time of our write before theirs stays
// then: an undo is to see that.
func (s *step) others() bool { return s.before != nil && s.changed(s.before) }

// arrived is the updated_datetime of a ticket in which a request that was never answered is found to have arrived, as long as
// nothing shows that people have worked on it since; else zero.
func (s *step) arrived(st *Stored) time.Time {
	if s.touched(st) != "" {
		return time.Time{}
	}
	return st.UpdatedDatetime
}

// weigh says which fields to write, what of ours the target then holds, and what it does not take. Where what we last wrote
// is not known, nothing is written.
func (s *step) weigh(st *Stored, wanted Fields) (c Change, holds Fields, clashes []Clash) {
	sent := s.Target.(Updater).Sent(wanted)
	wrote, known := DecodeFields(s.e.Wrote)
	writing, also := DecodeFields(s.e.Writing)
	// An append of ours has reopened the ticket, unless it was someone who wrote meanwhile.
	reopened := s.appended > 0 && s.clean && s.foreign(st) == s.foreign(s.before) && s.before.Status != st.Status
	sent.Markers = markersIn(st, wrote.Markers, sent.Markers)
	c.Fields, holds = sent, wrote
	for _, f := range syncFields() {
		status := f.name == "status"
		moved := status && wanted.Status == "closed" && wrote.Status == "closed" && !wrote.Closed.Equal(wanted.Closed)
		same := f.text(&wrote) == f.text(&wanted)
		switch {
		case f.text(&wanted) == "" && f.name != "tags": // the source gives none: what is there stays
			switch {
			case f.lacks == nil || !known || same:
			case f.lacks(&wrote), f.sent(&Fields{}, st): // there is nobody to take away
				f.take(&holds, &sent)
			case f.sent(&wrote, st):
				clashes = append(clashes, Clash{ClashKept, f.name, f.text(&wrote), "", f.has(st)})
			default:
				clashes = append(clashes, Clash{ClashChanged, f.name, f.text(&wrote), "", f.has(st)})
			}
		case f.lacks != nil && !same && f.lacks(&sent) && !strings.EqualFold(f.has(st), f.text(&wanted)):
			clashes = append(clashes, Clash{ClashLacks, f.name, f.text(&wrote), f.text(&wanted), f.has(st)})
		case f.sent(&sent, st):
			f.take(&holds, &sent)
			if known && moved {
				f.mark(&c)
			}
		case known && same && !(status && reopened):
			// The source has changed nothing here: people may do what they like.
		case known && f.sent(&wrote, st), also && f.sent(&writing, st), status && reopened:
			f.mark(&c)
			f.take(&holds, &sent)
		default:
			kind := ClashChanged
			if !known {
				kind = ClashUnknown
			}
			clashes = append(clashes, Clash{kind, f.name, f.text(&wrote), f.text(&wanted), f.has(st)})
		}
	}
	return c, holds, clashes
}

// markersIn are the marker tags that the target holds: they stay, and none is added to a ticket of before.
func markersIn(st *Stored, lists ...[]string) []string {
	return slices.DeleteFunc(tagSet(lists...), func(m string) bool { return !slices.Contains(st.Tags, m) })
}

// put sends an update. nil without an error: it is to be looked at once more.
func (s *step) put(ctx context.Context, c Change, holds Fields) (after *Stored, more bool, err error) {
	req, err := s.Target.(Updater).Update(s.e.Target, &c)
	if err != nil {
		return nil, false, err
	}
	if err := s.slot(ctx); err != nil {
		return nil, false, err
	}
	if more, err := s.note(ctx, Outcome{State: StateMade, Open: true, Writing: holds.Encode()}); err != nil || !more {
		return nil, more, err
	}
	s.res.Requests++
	s.count.writes.Add(1)
	out, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout())
	defer cancel()
	if s.Abort != nil {
		defer context.AfterFunc(s.Abort, cancel)()
	}
	st, err := req.Send(out)
	if err == nil {
		return &st, true, nil
	}
	f := FaultOf(err)
	switch f.Kind {
	case Refused, TooLarge, Conflict:
		return nil, false, err
	case Gone:
		more, err = s.note(ctx, Outcome{State: StateHeld, Reason: ReasonGone, Answer: AnswerHeld, Note: f.Error()})
		return nil, more, err
	case Stop:
		return nil, false, stopError(fmt.Sprintf("updating ticket %s", s.e.Key), f)
	case Lost:
		s.gate.close()
	}
	return nil, true, s.pause(ctx, f)
}

func refusedUpdate(err error) bool {
	var f *Fault
	return errors.As(err, &f) && (f.Kind == Refused || f.Kind == TooLarge || f.Kind == Conflict)
}

// syncField is how one of the fields is compared and written.
type syncField struct {
	name  string
	text  func(*Fields) string        // what the source says; "" is not kept in step
	sent  func(*Fields, *Stored) bool // the target holds what these fields became
	has   func(*Stored) string
	lacks func(sent *Fields) bool // the account has nobody of that name; nil: it cannot
	take  func(to, from *Fields)
	mark  func(*Change)
}

func syncFields() [4]syncField {
	return [...]syncField{
		{
			name: "status",
			text: func(f *Fields) string { return f.Status },
			sent: func(f *Fields, st *Stored) bool { return cmp.Or(f.Status, "open") == cmp.Or(st.Status, "open") },
			has:  func(st *Stored) string { return st.Status },
			take: func(to, from *Fields) { to.Status, to.Closed = from.Status, from.Closed },
			mark: func(c *Change) { c.Status = true },
		}, {
			name: "tags",
			text: func(f *Fields) string { return strings.Join(f.Tags, ", ") },
			sent: func(f *Fields, st *Stored) bool {
				unmarked := func(tag string) bool { return slices.Contains(f.Markers, tag) }
				return slices.Equal(slices.DeleteFunc(tagSet(f.Tags), unmarked), slices.DeleteFunc(tagSet(st.Tags), unmarked))
			},
			has:  func(st *Stored) string { return strings.Join(tagSet(st.Tags), ", ") },
			take: func(to, from *Fields) { to.Tags, to.Markers = from.Tags, from.Markers },
			mark: func(c *Change) { c.Tags = true },
		}, {
			name:  "assignee_user",
			text:  func(f *Fields) string { return f.User },
			sent:  func(f *Fields, st *Stored) bool { return assigned(f.UserID, f.User, st.User) },
			has:   func(st *Stored) string { return st.User.Name },
			lacks: func(sent *Fields) bool { return sent.UserID == 0 },
			take:  func(to, from *Fields) { to.User, to.UserID = from.User, from.UserID },
			mark:  func(c *Change) { c.User = true },
		}, {
			name:  "assignee_team",
			text:  func(f *Fields) string { return f.Team },
			sent:  func(f *Fields, st *Stored) bool { return assigned(f.TeamID, f.Team, st.Team) },
			has:   func(st *Stored) string { return st.Team.Name },
			lacks: func(sent *Fields) bool { return sent.TeamID == 0 },
			take:  func(to, from *Fields) { to.Team, to.TeamID = from.Team, from.TeamID },
			mark:  func(c *Change) { c.Team = true },
		},
	}
}

// assigned tells whether a stored ticket is given to whom we gave it. That the account did not know them then, and does
// now, makes no difference.
func assigned(id int64, name string, has Assignee) bool {
	return id == has.ID || name != "" && has.ID != 0 && strings.EqualFold(name, has.Name)
}
