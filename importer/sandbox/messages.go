package sandbox

import (
	"net/http"
	"slices"
	"time"
)

// createMessage is POST /api/tickets/{id}/messages.
func (s *Server) createMessage(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r, "id", "Ticket")
	q := newQuery(r.URL.RawQuery, "action")
	action := q.oneOf("action", "", "force", "retry", "cancel")
	var body value
	if err == nil {
		body, err = s.body(r, q)
	}
	if err != nil {
		fail(w, err)
		return
	}
	if p := s.schemas.message.check(body); p != nil {
		fail(w, invalid(p))
		return
	}
	view, err := s.storeMessage(id, body, action)
	if err != nil {
		fail(w, err)
		return
	}
	effectsOf(r).touch(id)
	answer(w, s.unknowns.created(), view)
}

func (s *Server) storeMessage(id int64, body value, action string) (messageView, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	old := s.store.tickets[id]
	if old == nil {
		return messageView{}, notFound("Ticket", id)
	}
	c, t := s.change(), *old
	m, p := c.message(body, id)
	if e, ok := p.(*refusal); ok {
		return messageView{}, e
	}
	if p != nil {
		return messageView{}, invalid(p)
	}
	if why := c.reasons(m, m.Imported, action); why != "" {
		c.mail(m, why)
	}
	c.seen(&t, m)
	t.UpdatedDatetime = c.now
	if s.unknowns.ReopenOnAppend && t.Status == "closed" {
		t.Status, t.ClosedDatetime = "open", time.Time{}
	}
	c.add(op{Head: &t})
	c.add(op{Message: c.sent(m)})
	if err := c.commit(); err != nil {
		return messageView{}, err
	}
	return s.views().message(m), nil
}

// updateMessage is PUT /api/tickets/{id}/messages/{message}. With action=retry a failed message is sent again.
func (s *Server) updateMessage(w http.ResponseWriter, r *http.Request) {
	id, mid, err := messagePath(r)
	q := newQuery(r.URL.RawQuery, "action")
	action := q.oneOf("action", "", "force", "retry", "cancel")
	var body value
	if err == nil {
		body, err = s.body(r, q)
	}
	if err != nil {
		fail(w, err)
		return
	}
	if p := s.schemas.messageUpdate.check(body); p != nil {
		fail(w, invalid(p))
		return
	}
	view, err := s.changeMessage(id, mid, body, action)
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, view)
}

func (s *Server) changeMessage(id, mid int64, body value, action string) (messageView, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	old := s.store.message(id, mid)
	if old == nil {
		return messageView{}, notFound("Message", mid)
	}
	c, m := s.change(), *old
	if p := c.fill(&m, body); p != nil {
		return messageView{}, invalid(p)
	}
	unsent := body.get("sent_datetime").kind == 'n'
	before := c.reasons(old, true, "")
	if why := c.reasons(&m, !unsent, action); why != "" && why != before {
		c.mail(&m, why)
	}
	t := *s.store.tickets[id]
	t.UpdatedDatetime = c.now
	c.add(op{Head: &t})
	c.add(op{Message: &m})
	if err := c.commit(); err != nil {
		return messageView{}, err
	}
	return s.views().message(&m), nil
}

// message finds a stored message, nil when it is not there.
func (s *store) message(ticket, id int64) *Message {
	t := s.tickets[ticket]
	if t == nil {
		return nil
	}
	if i := slices.IndexFunc(t.Messages, func(m *Message) bool { return m.ID == id }); i >= 0 {
		return t.Messages[i]
	}
	return nil
}

// getMessage is GET /api/tickets/{id}/messages/{message}.
func (s *Server) getMessage(w http.ResponseWriter, r *http.Request) {
	id, mid, err := messagePath(r)
	if err == nil {
		err = newQuery(r.URL.RawQuery).err()
	}
	if err != nil {
		fail(w, err)
		return
	}
	s.store.mu.RLock()
	m := s.store.message(id, mid)
	var view messageView
	if m != nil {
		view = s.views().message(m)
	}
	s.store.mu.RUnlock()
	if m == nil {
		fail(w, notFound("Message", mid))
		return
	}
	answer(w, http.StatusOK, view)
}

// deleteMessage is DELETE /api/tickets/{id}/messages/{message}.
func (s *Server) deleteMessage(w http.ResponseWriter, r *http.Request) {
	id, mid, err := messagePath(r)
	if err == nil {
		err = newQuery(r.URL.RawQuery).err()
	}
	if err == nil {
		s.store.mu.Lock()
		if s.store.message(id, mid) == nil {
			err = notFound("Message", mid)
		} else {
			t := *s.store.tickets[id]
			t.UpdatedDatetime = s.now()
			err = s.store.commit([]op{{Head: &t}, {DeleteMessage: &Message{ID: mid, TicketID: id}}})
		}
		s.store.mu.Unlock()
	}
	if err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// listMessages is GET /api/messages?ticket_id=.
func (s *Server) listMessages(w http.ResponseWriter, r *http.Request) {
	q := newQuery(r.URL.RawQuery, "cursor", "limit", "order_by", "ticket_id")
	p := q.paging("/api/messages", "created_datetime")
	id := q.integer("ticket_id")
	if err := q.err(); err != nil {
		fail(w, err)
		return
	}
	s.pageMessages(w, p, func(t *Ticket) bool { return !q.has("ticket_id") || t.ID == id }, id)
}

// ticketMessages is GET /api/tickets/{id}/messages.
func (s *Server) ticketMessages(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r, "id", "Ticket")
	q := newQuery(r.URL.RawQuery, "cursor", "limit", "order_by")
	p := q.paging(r.URL.Path, "created_datetime")
	if err == nil {
		err = q.err()
	}
	if err != nil {
		fail(w, err)
		return
	}
	s.store.mu.RLock()
	gone := s.store.tickets[id] == nil
	s.store.mu.RUnlock()
	if gone {
		fail(w, notFound("Ticket", id))
		return
	}
	s.pageMessages(w, p, func(t *Ticket) bool { return t.ID == id }, id)
}

// pageMessages lists the messages of one ticket, or of all that want takes when id is zero.
func (s *Server) pageMessages(w http.ResponseWriter, p paging, want func(*Ticket) bool, id int64) {
	s.store.mu.RLock()
	byMessage := map[int64]*Message{}
	var keys []key
	add := func(t *Ticket) {
		for _, m := range t.Messages {
			byMessage[m.ID] = m
			keys = append(keys, keyOf(m.CreatedDatetime, m.ID))
		}
	}
	if t := s.store.tickets[id]; t != nil {
		add(t)
	} else if id == 0 {
		for _, t := range s.store.tickets {
			if want(t) {
				add(t)
			}
		}
	}
	slices.SortFunc(keys, key.compare)
	views := s.views()
	out := page(p, keys, func(int64) bool { return true }, func(id int64) messageView { return views.message(byMessage[id]) })
	s.store.mu.RUnlock()
	answer(w, http.StatusOK, out)
}
