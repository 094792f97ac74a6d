package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// createTicket is POST /api/tickets.
func (s *Server) createTicket(w http.ResponseWriter, r *http.Request) {
	body, err := s.body(r, newQuery(r.URL.RawQuery))
	if err != nil {
		fail(w, err)
		return
	}
	if p := s.schemas.ticket.check(body); p != nil {
		if body, p = s.goodMessages(body, p); p != nil {
			fail(w, invalid(p))
			return
		}
	}
	view, err := s.storeTicket(body, effectsOf(r))
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, s.unknowns.created(), view)
}

// goodMessages takes the invalid messages out of a ticket where the account stores the others; what is wrong beside
// them stays wrong.
func (s *Server) goodMessages(body value, p problem) (value, problem) {
	found, _ := p.(map[string]problem)
	inner, ok := found["messages"].(map[string]problem)
	list := body.get("messages").list
	if !s.unknowns.KeepGoodMessages || !ok || len(found) > 1 || len(inner) >= len(list) {
		return body, p
	}
	var good []value
	for _, m := range list {
		if s.schemas.message.check(m) == nil {
			good = append(good, m)
		}
	}
	if len(good) == 0 {
		return body, p
	}
	fields := append(slices.Clone(body.fields), member{"messages", value{kind: '[', list: good}})
	return value{kind: '{', fields: fields}, nil
}

// storeTicket stores a checked ticket and renders the answer: the ticket as it is at once, before anything
// that happens a moment later (mail going out, rules).
func (s *Server) storeTicket(body value, fx *effects) (wholeTicket, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	c := s.change()
	if id := body.get("external_id").str(); s.unknowns.RefuseDuplicates && id != "" && len(c.byExternal[id]) > 0 {
		return wholeTicket{}, conflict(s.unknowns, "A ticket with external_id %q already exists.", id)
	}
	t, p := c.ticket(body)
	if e, ok := p.(*refusal); ok {
		return wholeTicket{}, e
	}
	if p != nil {
		return wholeTicket{}, invalid(p)
	}
	if n := fx.keep(len(t.Messages)); n < len(t.Messages) {
		t.Messages = t.Messages[:n]
	}
	t.foundFrom = c.now.Add(max(s.unknowns.FindDelay, fx.lag))
	t.listedFrom = c.now.Add(fx.lagList)
	kept := *t
	kept.Messages = make([]*Message, 0, len(t.Messages)+1)
	for _, m := range t.Messages {
		if why := c.reasons(m, m.Imported, ""); why != "" {
			c.mail(m, why)
		}
		kept.Messages = append(kept.Messages, c.sent(m))
	}
	if s.rules {
		m := c.autoAnswer(&kept)
		kept.Messages = append(kept.Messages, m)
		c.mail(m, "a rule of the account answers new tickets")
	}
	c.add(op{Ticket: &kept})
	if err := c.commit(); err != nil {
		return wholeTicket{}, err
	}
	fx.touch(t.ID)
	return s.views().whole(t), nil
}

// getTicket is GET /api/tickets/{id}.
func (s *Server) getTicket(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r, "id", "Ticket")
	if err == nil {
		err = newQuery(r.URL.RawQuery, "relationships").err()
	}
	if err != nil {
		fail(w, err)
		return
	}
	s.store.mu.RLock()
	t := s.store.tickets[id]
	var view wholeTicket
	if t != nil {
		view = s.views().whole(t)
		if s.unknowns.SurveyOnClose && t.Status == "closed" {
			view.SatisfactionSurvey = &surveyView{ID: t.ID, ShouldSendDatetime: stamp(t.UpdatedDatetime.Add(time.Hour))}
		}
	}
	s.store.mu.RUnlock()
	if t == nil {
		fail(w, notFound("Ticket", id))
		return
	}
	answer(w, http.StatusOK, view)
}

// listTickets is GET /api/tickets.
func (s *Server) listTickets(w http.ResponseWriter, r *http.Request) {
	q := newQuery(r.URL.RawQuery, "cursor", "limit", "order_by", "customer_id", "external_id", "view_id", "rule_id", "ticket_ids", "trashed")
	p := q.paging("/api/tickets", "created_datetime", "updated_datetime")
	customer, rule, trashed := q.integer("customer_id"), q.integer("rule_id"), q.boolean("trashed", true)
	q.integer("view_id")
	ids := q.ticketIDs()
	if err := q.err(); err != nil {
		fail(w, err)
		return
	}
	now := s.now()
	s.store.mu.Lock() // reading an index may sort it
	keep := func(id int64) bool {
		t := s.store.tickets[id]
		return (!q.has("customer_id") || t.CustomerID == customer) &&
			(!q.has("external_id") || (t.ExternalID == q.text("external_id") && !now.Before(t.foundFrom))) &&
			(!q.has("ticket_ids") || ids[id]) && (trashed || t.TrashedDatetime.IsZero()) && !now.Before(t.listedFrom) &&
			!q.has("view_id") && // the account has no views
			(!q.has("rule_id") || slices.ContainsFunc(t.Messages, func(m *Message) bool { return m.RuleID == rule }))
	}
	views := s.views()
	out := page(p, s.ticketKeys(p, q), keep, func(id int64) ticketItem { return views.item(s.store.tickets[id]) })
	s.store.mu.Unlock()
	answer(w, http.StatusOK, out)
}

// ticketKeys are the keys a listing walks: those of the tickets with an external id when that is asked for, else all.
func (s *Server) ticketKeys(p paging, q *query) []key {
	byUpdate := p.by == "updated_datetime"
	if q.has("external_id") {
		var keys []key
		for _, id := range s.store.byExternal[q.text("external_id")] {
			t := s.store.tickets[id]
			if byUpdate {
				keys = append(keys, keyOf(t.UpdatedDatetime, id))
			} else {
				keys = append(keys, keyOf(t.CreatedDatetime, id))
			}
		}
		slices.SortFunc(keys, key.compare)
		return keys
	}
	if byUpdate {
		return s.store.updated.keys()
	}
	return s.store.created.keys()
}

// ticketIDs reads ticket_ids: 1 to 100 of them, repeated or separated by commas.
func (q *query) ticketIDs() map[int64]bool {
	if !q.has("ticket_ids") {
		return nil
	}
	ids := map[int64]bool{}
	for _, part := range strings.Split(strings.Join(q.values["ticket_ids"], ","), ",") {
		id, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil {
			q.bad["ticket_ids"] = wrong("Not a valid integer.")
			return nil
		}
		ids[id] = true
	}
	if len(ids) > 100 {
		q.bad["ticket_ids"] = wrong("Length must be between 1 and 100.")
	}
	return ids
}

// updateTicket is PUT /api/tickets/{id}: partial, but tags replaces all tags.
func (s *Server) updateTicket(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r, "id", "Ticket")
	var body value
	if err == nil {
		body, err = s.body(r, newQuery(r.URL.RawQuery))
	}
	if err != nil {
		fail(w, err)
		return
	}
	if p := s.schemas.ticketUpdate.check(body); p != nil {
		fail(w, invalid(p))
		return
	}
	view, err := s.changeTicket(id, body)
	if err != nil {
		fail(w, err)
		return
	}
	effectsOf(r).touch(id)
	answer(w, http.StatusOK, view)
}

func (s *Server) changeTicket(id int64, body value) (wholeTicket, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	old := s.store.tickets[id]
	if old == nil {
		return wholeTicket{}, notFound("Ticket", id)
	}
	c, t := s.change(), *old
	if p := c.fillTicket(&t, body); p != nil {
		return wholeTicket{}, invalid(p)
	}
	t.UpdatedDatetime = c.now
	if s.unknowns.KeepUpdated && !body.get("updated_datetime").empty() {
		t.UpdatedDatetime = body.get("updated_datetime").time()
	}
	if t.Status == "closed" && t.ClosedDatetime.IsZero() {
		t.ClosedDatetime = c.now
	}
	if t.Status == "open" && body.get("closed_datetime").empty() {
		t.ClosedDatetime = time.Time{}
	}
	c.add(op{Head: &t})
	if err := c.commit(); err != nil {
		return wholeTicket{}, err
	}
	return s.views().whole(s.store.tickets[id]), nil
}

// deleteTicket is DELETE /api/tickets/{id}; its messages go with it.
func (s *Server) deleteTicket(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r, "id", "Ticket")
	if err == nil {
		err = newQuery(r.URL.RawQuery).err()
	}
	if err == nil {
		s.store.mu.Lock()
		if s.store.tickets[id] == nil {
			err = notFound("Ticket", id)
		} else {
			err = s.store.commit([]op{{DeleteTicket: id}})
		}
		s.store.mu.Unlock()
	}
	if err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
