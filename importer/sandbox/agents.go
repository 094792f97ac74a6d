package sandbox

import (
	"cmp"
	"slices"
	"time"
)

// agentActs is what people in the account do to a ticket of ours while the import runs.
func (s *Server) agentActs(what string, id int64) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	old := s.store.tickets[id]
	if old == nil {
		return
	}
	c, t := s.change(), *old
	t.UpdatedDatetime = c.now
	switch what {
	case "deleted":
		c.add(op{DeleteTicket: id})
	case "trashed":
		t.TrashedDatetime = c.now
		c.add(op{Head: &t})
	case "spam":
		t.Spam = true
		c.add(op{Head: &t})
	case "touched":
		c.add(op{Head: &t})
		c.add(op{Message: c.agentReply(&t)})
	case "merged":
		c.merge(old)
	}
	// An agent's act that cannot be journalled is an act that did not happen.
	_ = c.commit()
}

// merge moves the messages of a ticket to another of the same customer, a new one when there is none. The ticket
// that was merged is gone.
func (c *change) merge(old *Ticket) {
	into := &Ticket{Status: "open", Priority: "normal", Channel: old.Channel, Via: "helpdesk", Subject: old.Subject,
		CustomerID: old.CustomerID, CreatedDatetime: c.now}
	for _, k := range c.created.keys() {
		if t := c.tickets[k.id]; t.ID != old.ID && t.CustomerID == old.CustomerID {
			kept := *t
			into = &kept
			break
		}
	}
	if into.ID == 0 {
		c.next.Ticket++
		into.ID = c.next.Ticket
	}
	into.UpdatedDatetime = c.now
	messages := append([]*Message(nil), into.Messages...)
	for _, m := range old.Messages {
		moved := *m
		moved.TicketID = into.ID
		messages = append(messages, &moved)
	}
	slices.SortFunc(messages, func(a, b *Message) int { return cmp.Compare(a.ID, b.ID) })
	into.Messages = messages
	c.add(op{DeleteTicket: old.ID})
	c.add(op{Ticket: into})
}

// agentReply is a message written by a person in the account; that it is mailed is their wish.
func (c *change) agentReply(t *Ticket) *Message {
	c.next.Message++
	m := &Message{ID: c.next.Message, TicketID: t.ID, Channel: t.Channel, Via: "helpdesk", FromAgent: true, Public: true,
		ReceiverID: t.CustomerID, BodyText: "I am looking into this.", CreatedDatetime: c.now, SentDatetime: c.now}
	if len(c.account.Users) > 0 {
		m.SenderID = c.account.Users[len(c.account.Users)-1].ID
	}
	m.Source = c.defaultSource(m)
	t.LastMessageDatetime = later(t.LastMessageDatetime, c.now)
	return m
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
