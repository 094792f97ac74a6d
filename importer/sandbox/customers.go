package sandbox

import (
	"net/http"
	"strings"
)

// createCustomer is POST /api/customers. It is not an upsert: an e-mail, channel or external id in use is a 409.
func (s *Server) createCustomer(w http.ResponseWriter, r *http.Request) {
	body, err := s.body(r, newQuery(r.URL.RawQuery))
	if err != nil {
		fail(w, err)
		return
	}
	if p := s.schemas.customer.check(body); p != nil {
		fail(w, invalid(p))
		return
	}
	view, err := s.storeCustomer(body)
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, s.unknowns.created(), view)
}

func (s *Server) storeCustomer(body value) (customerView, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	c := s.change()
	mail, person := strings.ToLower(body.get("email").str()), body.get("external_id").str()
	if mail != "" && c.customerByEmail(mail) != nil {
		return customerView{}, conflict(s.unknowns, "A customer with email %q already exists.", mail)
	}
	if _, taken := c.byPersonID[person]; taken && person != "" {
		return customerView{}, conflict(s.unknowns, "A customer with external_id %q already exists.", person)
	}
	p := c.newCustomer(mail)
	for _, ch := range body.get("channels").list {
		made := Channel{Type: ch.get("type").str(), Address: ch.get("address").str(), Preferred: ch.get("preferred").truth(false)}
		if made.Type == "email" {
			made.Address = strings.ToLower(made.Address)
		}
		if _, taken := c.byAddress[addressKey(made.Type, made.Address)]; taken {
			return customerView{}, conflict(s.unknowns, "A customer with %s %q already exists.", made.Type, made.Address)
		}
		if made.Type == "email" && made.Address == mail {
			continue
		}
		c.next.Channel++
		made.ID = c.next.Channel
		p.Channels = append(p.Channels, made)
	}
	p.Name, p.ExternalID = body.get("name").str(), person
	p.Language, p.Timezone = body.get("language").str(), body.get("timezone").str()
	p.Data, p.Meta = body.get("data").json(), body.get("meta").json()
	c.putPerson(p)
	if err := c.commit(); err != nil {
		return customerView{}, err
	}
	return viewCustomer(p), nil
}

// getCustomer is GET /api/customers/{id}.
func (s *Server) getCustomer(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r, "id", "Customer")
	if err == nil {
		err = newQuery(r.URL.RawQuery).err()
	}
	if err != nil {
		fail(w, err)
		return
	}
	s.store.mu.RLock()
	p := s.store.customers[id]
	s.store.mu.RUnlock()
	if p == nil {
		fail(w, notFound("Customer", id))
		return
	}
	answer(w, http.StatusOK, viewCustomer(p))
}

// listCustomers is GET /api/customers.
func (s *Server) listCustomers(w http.ResponseWriter, r *http.Request) {
	q := newQuery(r.URL.RawQuery, "cursor", "limit", "order_by", "email", "external_id", "name", "channel_type", "channel_address")
	p := q.paging("/api/customers", "created_datetime", "updated_datetime")
	if q.has("channel_type") != q.has("channel_address") {
		q.bad["channel_type"] = wrong("channel_type and channel_address go together.")
	}
	if err := q.err(); err != nil {
		fail(w, err)
		return
	}
	s.store.mu.Lock() // reading an index may sort it
	keep := func(id int64) bool {
		c := s.store.customers[id]
		return (!q.has("name") || strings.EqualFold(c.Name, q.text("name"))) &&
			(!q.has("email") || strings.EqualFold(c.Email, q.text("email"))) &&
			(!q.has("external_id") || c.ExternalID == q.text("external_id")) &&
			(!q.has("channel_type") || s.store.byAddress[addressKey(q.text("channel_type"), q.text("channel_address"))] == id)
	}
	out := page(p, s.customerKeys(q), keep, func(id int64) customerView { return viewCustomer(s.store.customers[id]) })
	s.store.mu.Unlock()
	answer(w, http.StatusOK, out)
}

// customerKeys narrows a look-up by one of the indexed fields to the one customer it can find.
func (s *Server) customerKeys(q *query) []key {
	one := func(id int64, ok bool) []key {
		if !ok {
			return nil
		}
		return []key{{id: id}}
	}
	switch {
	case q.has("email"):
		id, ok := s.store.byEmail[strings.ToLower(q.text("email"))]
		return one(id, ok)
	case q.has("external_id"):
		id, ok := s.store.byPersonID[q.text("external_id")]
		return one(id, ok)
	case q.has("channel_type"):
		id, ok := s.store.byAddress[addressKey(q.text("channel_type"), q.text("channel_address"))]
		return one(id, ok)
	}
	return s.store.customerIDs.keys()
}
