package omnidesk

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// store is what the account holds. Tickets are never changed in place: a change puts a changed copy in their stead, so
// that answers can be made without the lock.
type store struct {
	tickets   map[int64]*Ticket
	users     map[int64]*User
	customers map[int64]*Customer
	channels  []Channel
	mails     map[int64]int64 // the ticket of each message, by the message's id
	files     map[int64]File
	outbox    []Delivery

	lastTicket, lastMessage, lastNote, lastCustomer, lastFile int64
	shifted                                                   int

	sorted []*Ticket // in the order of the lists; nil: to be sorted anew
	by     Sort
}

func newStore() store {
	return store{tickets: map[int64]*Ticket{}, users: map[int64]*User{}, customers: map[int64]*Customer{}, channels: DefaultChannels(),
		mails: map[int64]int64{}, files: map[int64]File{}}
}

func compare(a, b int64) int { return cmp.Compare(a, b) }

func (st *store) load(h Helpdesk) {
	for i := range h.Tickets {
		t := h.Tickets[i]
		if old := st.tickets[t.ID]; old != nil && !t.hasTimeline() && old.hasTimeline() {
			continue
		}
		st.put(&t)
	}
	for i := range h.Users {
		u := h.Users[i]
		if old := st.users[u.ID]; old == nil || old.Email == "" || u.Email != "" {
			st.users[u.ID] = &u
		}
	}
	for i := range h.Customers {
		c := h.Customers[i]
		if old := st.customers[c.ID]; old == nil || old.Email == "" || c.Email != "" {
			st.customers[c.ID] = &c
		}
		st.lastCustomer = max(st.lastCustomer, c.ID)
	}
	if len(h.Channels) > 0 {
		st.channels = h.Channels
	}
}

// put takes a new or changed ticket in.
func (st *store) put(t *Ticket) {
	st.tickets[t.ID] = t
	st.sorted = nil
	st.lastTicket = max(st.lastTicket, t.ID)
	for i := range t.Timeline {
		e := &t.Timeline[i]
		switch {
		case e.Type == TypeNote:
			st.lastNote = max(st.lastNote, e.ID)
		case e.IsMessage():
			st.lastMessage = max(st.lastMessage, e.ID)
			st.mails[e.ID] = t.ID
		}
		for _, f := range e.Attachments {
			st.files[f.ID] = f
			st.lastFile = max(st.lastFile, f.ID)
		}
	}
	for _, e := range t.savedTimeline() {
		if e.Type == TypeNote {
			st.lastNote = max(st.lastNote, int64(e.ID))
		} else if e.Type != TypeEvent {
			st.lastMessage = max(st.lastMessage, int64(e.ID))
		}
	}
}

// ordered returns the tickets in the order of the lists. The caller holds the lock for writing, and does not change the slice.
func (st *store) ordered(by Sort) []*Ticket {
	if st.sorted != nil && st.by == by {
		return st.sorted
	}
	list := make([]*Ticket, 0, len(st.tickets))
	for _, t := range st.tickets {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *Ticket) int {
		return cmp.Or(by.compare(a, b), compare(a.ID, b.ID))
	})
	st.sorted, st.by = list, by
	return list
}

func (by Sort) compare(a, b *Ticket) int {
	switch by {
	case UpdatedFirst:
		return a.Updated.Compare(b.Updated)
	case CreatedLast:
		return b.Created.Compare(a.Created)
	case CreatedFirst:
		return a.Created.Compare(b.Created)
	case IDLast:
		return compare(b.ID, a.ID)
	case IDFirst:
		return compare(a.ID, b.ID)
	case Shuffled:
		return cmp.Compare(scrambled(a.ID), scrambled(b.ID))
	}
	return b.Updated.Compare(a.Updated)
}

func scrambled(id int64) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(strconv.AppendInt(nil, id, 10))
	return h.Sum64()
}

// append puts a changed copy of t, with one more entry, in its stead.
func (st *store) append(t *Ticket, e Entry, status string, now time.Time) {
	changed := *t
	changed.Timeline = append(slices.Clip(t.Timeline), e)
	changed.Updated, changed.UpdatedByAgent = now, now
	if status != "" {
		changed.Status = status
	}
	st.put(&changed)
}

func (st *store) channelName(id int) (name, icon string) {
	for _, c := range st.channels {
		if c.ID == id {
			return c.Name, c.Icon
		}
	}
	return "", ""
}

func (t *Ticket) hasTimeline() bool { return len(t.Timeline) > 0 || len(t.savedTimeline()) > 0 }

// counts are the entries of the timeline by kind.
func (t *Ticket) counts() (messages, notes, events int) {
	count := func(kind string) {
		switch kind {
		case TypeEvent:
			events++
		case TypeNote:
			notes++
		default:
			messages++
		}
	}
	for i := range t.Timeline {
		count(t.Timeline[i].Type)
	}
	for _, e := range t.savedTimeline() {
		count(e.Type)
	}
	return messages, notes, events
}

// savedEntry is what must be known of an entry in a saved item.
type savedEntry struct {
	Type string
	ID   looseInt
}

// savedTimeline reads the timeline of a saved item; nil when there is none.
func (t *Ticket) savedTimeline() []savedEntry {
	if len(t.Saved) == 0 {
		return nil
	}
	var item struct {
		Timeline []jsontext.Value `json:"timeline"`
	}
	if json.Unmarshal(t.Saved, &item, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
		return nil
	}
	out := make([]savedEntry, len(item.Timeline))
	for i, raw := range item.Timeline {
		var e struct {
			Type string   `json:"type"`
			ID   looseInt `json:"id"`
		}
		if json.Unmarshal(raw, &e, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) == nil {
			out[i] = savedEntry{e.Type, e.ID}
		}
	}
	return out
}

// looseInt is a whole number, written as a number or as a string; anything else is 0.
type looseInt int64

// UnmarshalJSON never fails.
func (n *looseInt) UnmarshalJSON(b []byte) error {
	var v any
	*n = 0
	if json.Unmarshal(b, &v) != nil {
		return nil
	}
	switch v := v.(type) {
	case string:
		i, _ := strconv.ParseInt(v, 10, 64)
		*n = looseInt(i)
	case float64:
		i, _ := strconv.ParseInt(string(b), 10, 64)
		*n = looseInt(i)
	}
	return nil
}
