package sandbox

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// store is the account's data. Records are never changed in place: a change puts a new one, so a reader may keep
// what it got. Every change is an [op], and each group of them is journalled before it is applied.
type store struct {
	mu      sync.RWMutex
	journal *journal // nil: memory only

	tickets    map[int64]*Ticket
	byExternal map[string][]int64
	created    index
	updated    index
	messages   int
	messageIDs map[string]int64 // external_id -> how many messages carry it

	customers   map[int64]*Customer
	customerIDs index
	byEmail     map[string]int64
	byPersonID  map[string]int64 // customers by external_id
	byAddress   map[Channel]int64

	tags      []*Tag
	tagByName map[string]*Tag
	outbox    []*Mail
	next      ids
}

// ids are the last ids given out. Customers and users share one sequence, as do their tables in the real thing.
type ids struct {
	Ticket   int64 `json:"ticket"`
	Message  int64 `json:"message"`
	Customer int64 `json:"customer"`
	Channel  int64 `json:"channel"`
	Tag      int64 `json:"tag"`
	Mail     int64 `json:"mail"`
}

// op is one change. Exactly one field is set.
type op struct {
	Ticket        *Ticket   `json:"ticket,omitzero"`         // put, with its messages
	Head          *Ticket   `json:"head,omitzero"`           // put, the messages stay
	Message       *Message  `json:"message,omitzero"`        // put into its ticket, at the end when new
	DeleteTicket  int64     `json:"delete_ticket,omitzero"`  //
	DeleteMessage *Message  `json:"delete_message,omitzero"` // its two ids only
	Customer      *Customer `json:"customer,omitzero"`
	Tag           *Tag      `json:"tag,omitzero"`
	Mail          *Mail     `json:"mail,omitzero"`
	IDs           *ids      `json:"ids,omitzero"`
}

func newStore(a *Account, now time.Time) *store {
	s := &store{}
	s.clear(a, now)
	return s
}

// clear goes back to the account as it was before the import.
func (s *store) clear(a *Account, now time.Time) {
	s.tickets, s.byExternal = map[int64]*Ticket{}, map[string][]int64{}
	s.created, s.updated, s.customerIDs = index{}, index{}, index{}
	s.messages, s.messageIDs = 0, map[string]int64{}
	s.customers, s.byEmail, s.byPersonID = map[int64]*Customer{}, map[string]int64{}, map[string]int64{}
	s.byAddress, s.tagByName = map[Channel]int64{}, map[string]*Tag{}
	s.tags, s.outbox = nil, nil
	s.next = ids{Ticket: 100_000, Message: 500_000, Customer: 90_000, Channel: 20_000, Tag: 1_000}
	for _, u := range a.Users {
		s.next.Customer = max(s.next.Customer, u.ID)
	}
	for _, name := range a.Tags {
		s.next.Tag++
		s.apply(op{Tag: &Tag{ID: s.next.Tag, Name: name, CreatedDatetime: now}})
	}
	for _, c := range a.Customers {
		if c.ID == 0 {
			s.next.Customer++
			c.ID = s.next.Customer
		}
		c.Email = strings.ToLower(c.Email)
		c.CreatedDatetime, c.UpdatedDatetime = now, now
		s.apply(op{Customer: &c})
	}
}

// commit makes a group of changes durable and applies them; on an error none is. The caller holds the lock.
func (s *store) commit(ops []op) error {
	if s.journal != nil && len(ops) > 0 {
		if err := s.journal.append(ops); err != nil {
			return err
		}
	}
	for _, o := range ops {
		s.apply(o)
	}
	return nil
}

func (s *store) apply(o op) {
	switch {
	case o.Ticket != nil:
		s.putTicket(o.Ticket)
	case o.Head != nil:
		t := *o.Head
		t.Messages = nil
		if old := s.tickets[t.ID]; old != nil {
			t.Messages = old.Messages
		}
		s.putTicket(&t)
	case o.Message != nil:
		s.putMessage(o.Message)
	case o.DeleteTicket != 0:
		s.dropTicket(o.DeleteTicket)
	case o.DeleteMessage != nil:
		s.dropMessage(o.DeleteMessage)
	case o.Customer != nil:
		s.putCustomer(o.Customer)
	case o.Tag != nil:
		if s.tagByName[o.Tag.Name] == nil { // the account's own are there before the state file is read
			s.tags = append(s.tags, o.Tag)
			s.tagByName[o.Tag.Name] = o.Tag
		}
		s.next.Tag = max(s.next.Tag, o.Tag.ID)
	case o.Mail != nil:
		s.outbox = append(s.outbox, o.Mail)
		s.next.Mail = max(s.next.Mail, o.Mail.ID)
	case o.IDs != nil:
		s.next = *o.IDs
	}
}

// putTicket stores a ticket and touches only the indexes whose keys changed: appending to a long ticket must not
// cost its length.
func (s *store) putTicket(t *Ticket) {
	old := s.tickets[t.ID]
	if old != nil && old.ExternalID == t.ExternalID && old.CreatedDatetime.Equal(t.CreatedDatetime) && sameMessages(old, t) {
		s.updated.remove(keyOf(old.UpdatedDatetime, t.ID))
		s.updated.add(keyOf(t.UpdatedDatetime, t.ID))
		s.tickets[t.ID] = t
		return
	}
	if old != nil {
		s.forget(old)
	}
	s.next.Ticket = max(s.next.Ticket, t.ID)
	s.tickets[t.ID] = t
	if t.ExternalID != "" {
		s.byExternal[t.ExternalID] = append(s.byExternal[t.ExternalID], t.ID)
	}
	s.created.add(keyOf(t.CreatedDatetime, t.ID))
	s.updated.add(keyOf(t.UpdatedDatetime, t.ID))
	s.messages += len(t.Messages)
	for _, m := range t.Messages {
		s.count(m, 1)
		s.next.Message = max(s.next.Message, m.ID)
	}
}

// sameMessages tells whether both hold the very same list.
func sameMessages(a, b *Ticket) bool {
	return len(a.Messages) == len(b.Messages) && (len(a.Messages) == 0 || &a.Messages[0] == &b.Messages[0])
}

// forget takes a ticket out of every index.
func (s *store) forget(t *Ticket) {
	delete(s.tickets, t.ID)
	if t.ExternalID != "" {
		rest := slices.DeleteFunc(slices.Clone(s.byExternal[t.ExternalID]), func(id int64) bool { return id == t.ID })
		if len(rest) == 0 {
			delete(s.byExternal, t.ExternalID)
		} else {
			s.byExternal[t.ExternalID] = rest
		}
	}
	s.created.remove(keyOf(t.CreatedDatetime, t.ID))
	s.updated.remove(keyOf(t.UpdatedDatetime, t.ID))
	s.messages -= len(t.Messages)
	for _, m := range t.Messages {
		s.count(m, -1)
	}
}

func (s *store) count(m *Message, n int64) {
	if m.ExternalID == "" {
		return
	}
	if s.messageIDs[m.ExternalID] += n; s.messageIDs[m.ExternalID] <= 0 {
		delete(s.messageIDs, m.ExternalID)
	}
}

func (s *store) putMessage(m *Message) {
	old := s.tickets[m.TicketID]
	if old == nil {
		return
	}
	t := *old
	s.next.Message = max(s.next.Message, m.ID)
	i := -1
	if n := len(t.Messages); n > 0 && t.Messages[n-1].ID >= m.ID { // ids grow, so a new message needs no search
		i = slices.IndexFunc(t.Messages, func(o *Message) bool { return o.ID == m.ID })
	}
	if i >= 0 {
		t.Messages = slices.Clone(t.Messages)
		s.count(t.Messages[i], -1)
		t.Messages[i] = m
	} else {
		// Readers of the old ticket see its length only, so the array may be shared.
		t.Messages = append(t.Messages, m)
		s.messages++
	}
	s.count(m, 1)
	s.tickets[t.ID] = &t
}

func (s *store) dropTicket(id int64) {
	if t := s.tickets[id]; t != nil {
		s.forget(t)
	}
}

func (s *store) dropMessage(m *Message) {
	old := s.tickets[m.TicketID]
	if old == nil {
		return
	}
	i := slices.IndexFunc(old.Messages, func(o *Message) bool { return o.ID == m.ID })
	if i < 0 {
		return
	}
	t := *old
	t.Messages = slices.Delete(slices.Clone(old.Messages), i, i+1)
	s.count(old.Messages[i], -1)
	s.messages--
	s.tickets[t.ID] = &t
}

func (s *store) putCustomer(c *Customer) {
	if old := s.customers[c.ID]; old != nil {
		delete(s.byEmail, old.Email)
		delete(s.byPersonID, old.ExternalID)
		for _, ch := range old.Channels {
			delete(s.byAddress, addressKey(ch.Type, ch.Address))
		}
	} else {
		s.customerIDs.add(key{id: c.ID})
		s.next.Customer = max(s.next.Customer, c.ID)
	}
	s.customers[c.ID] = c
	if c.Email != "" {
		s.byEmail[c.Email] = c.ID
	}
	if c.ExternalID != "" {
		s.byPersonID[c.ExternalID] = c.ID
	}
	for _, ch := range c.Channels {
		s.byAddress[addressKey(ch.Type, ch.Address)] = c.ID
		s.next.Channel = max(s.next.Channel, ch.ID)
	}
}

// addressKey is how a channel is looked up: by type and address, whatever the case.
func addressKey(kind, address string) Channel {
	return Channel{Type: kind, Address: strings.ToLower(address)}
}
