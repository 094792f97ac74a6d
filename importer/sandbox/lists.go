package sandbox

import (
	"fmt"
	"net/http"
	"strings"
)

// getAccount is GET /api/account, the cheapest way to check credentials.
func (s *Server) getAccount(w http.ResponseWriter, r *http.Request) {
	if err := newQuery(r.URL.RawQuery).err(); err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"id": 1, "domain": s.account.Domain, "created_datetime": stamp(s.began), "deactivated_datetime": stamp{},
		"status": map[string]any{"status": "active"}, "meta": map[string]any{}, "settings": s.settings(),
	})
}

type userView struct {
	personView
	Active          bool              `json:"active"`
	Bio             *string           `json:"bio"`
	Country         *string           `json:"country"`
	ExternalID      nullable          `json:"external_id"`
	Language        *string           `json:"language"`
	Role            map[string]string `json:"role"`
	Timezone        *string           `json:"timezone"`
	CreatedDatetime stamp             `json:"created_datetime"`
	UpdatedDatetime stamp             `json:"updated_datetime"`
	Deactivated     stamp             `json:"deactivated_datetime"`
}

func (s *Server) viewUser(u *User) userView {
	out := userView{personView: *s.views().user(u.ID), Active: !u.Inactive, ExternalID: nullable(u.ExternalID),
		Role: map[string]string{"name": "agent"}, CreatedDatetime: stamp(s.began), UpdatedDatetime: stamp(s.began)}
	if u.Role != "" {
		out.Role["name"] = u.Role
	}
	if u.Inactive {
		out.Deactivated = stamp(s.began)
	}
	return out
}

// getUser is GET /api/users/{id}; 0 is the caller.
func (s *Server) getUser(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r, "id", "User")
	if err == nil {
		err = newQuery(r.URL.RawQuery).err()
	}
	if err != nil {
		fail(w, err)
		return
	}
	u := s.account.user(id)
	if id == 0 && len(s.account.Users) > 0 {
		u = &s.account.Users[0]
		if name, _, ok := r.BasicAuth(); ok {
			if caller := s.account.userByEmail(name); caller != nil {
				u = caller
			}
		}
	}
	if u == nil {
		fail(w, notFound("User", id))
		return
	}
	answer(w, http.StatusOK, s.viewUser(u))
}

// listUsers is GET /api/users.
func (s *Server) listUsers(w http.ResponseWriter, r *http.Request) {
	q := newQuery(r.URL.RawQuery, "cursor", "limit", "order_by", "email", "external_id", "search")
	p := q.paging("/api/users", "created_datetime", "name")
	serveList(w, q, p, s.account.Users, func(u User) int64 { return u.ID }, func(u User) bool {
		return (!q.has("email") || strings.EqualFold(u.Email, q.text("email"))) &&
			(!q.has("external_id") || u.ExternalID == q.text("external_id")) &&
			(!q.has("search") || contains(u.Name+" "+u.Email, q.text("search")))
	}, func(u User) userView { return s.viewUser(&u) })
}

// listTeams is GET /api/teams.
func (s *Server) listTeams(w http.ResponseWriter, r *http.Request) {
	q := newQuery(r.URL.RawQuery, "cursor", "limit", "order_by")
	p := q.paging("/api/teams", "created_datetime", "name")
	type view struct {
		ID              int64         `json:"id"`
		URI             string        `json:"uri"`
		Name            string        `json:"name"`
		Description     *string       `json:"description"`
		Decoration      *string       `json:"decoration"`
		Members         []*personView `json:"members"`
		CreatedDatetime stamp         `json:"created_datetime"`
	}
	serveList(w, q, p, s.account.Teams, func(t Team) int64 { return t.ID }, all[Team], func(t Team) view {
		out := view{ID: t.ID, URI: fmt.Sprintf("/api/teams/%d/", t.ID), Name: t.Name, CreatedDatetime: stamp(s.began)}
		for _, id := range t.Members {
			if u := s.views().user(id); u != nil {
				out.Members = append(out.Members, u)
			}
		}
		return out
	})
}

// listTags is GET /api/tags.
func (s *Server) listTags(w http.ResponseWriter, r *http.Request) {
	q := newQuery(r.URL.RawQuery, "cursor", "limit", "order_by", "search")
	p := q.paging("/api/tags", "created_datetime", "name", "usage")
	s.store.mu.RLock()
	tags := s.store.tags
	s.store.mu.RUnlock()
	serveList(w, q, p, tags, func(t *Tag) int64 { return t.ID },
		func(t *Tag) bool { return !q.has("search") || contains(t.Name, q.text("search")) }, viewTag)
}

// listIntegrations is GET /api/integrations.
func (s *Server) listIntegrations(w http.ResponseWriter, r *http.Request) {
	q := newQuery(r.URL.RawQuery, "cursor", "limit", "order_by", "type")
	p := q.paging("/api/integrations", "created_datetime")
	type view struct {
		ID              int64             `json:"id"`
		URI             string            `json:"uri"`
		Type            string            `json:"type"`
		Name            string            `json:"name"`
		Description     *string           `json:"description"`
		Meta            map[string]string `json:"meta"`
		HTTP            *httpView         `json:"http"`
		CreatedDatetime stamp             `json:"created_datetime"`
		UpdatedDatetime stamp             `json:"updated_datetime"`
		Deactivated     stamp             `json:"deactivated_datetime"`
	}
	serveList(w, q, p, s.account.Integrations, func(i Integration) int64 { return i.ID },
		func(i Integration) bool { return !q.has("type") || i.Type == q.text("type") },
		func(i Integration) view {
			out := view{ID: i.ID, URI: fmt.Sprintf("/api/integrations/%d/", i.ID), Type: i.Type, Name: i.Name,
				Meta: map[string]string{}, CreatedDatetime: stamp(s.began), UpdatedDatetime: stamp(s.began)}
			if i.Address != "" {
				out.Meta["address"] = i.Address
			}
			if i.Inactive {
				out.Deactivated = stamp(s.began)
			}
			if i.Type == "http" {
				out.HTTP = i.http()
			}
			return out
		})
}

// listCustomFields is GET /api/custom-fields; object_type is required.
func (s *Server) listCustomFields(w http.ResponseWriter, r *http.Request) {
	q := newQuery(r.URL.RawQuery, "cursor", "limit", "order_by", "object_type", "archived", "search")
	p := q.paging("/api/custom-fields", "created_datetime", "priority")
	archived := q.boolean("archived", false)
	kind := q.oneOf("object_type", "", "Ticket", "Customer")
	if !q.has("object_type") {
		q.bad["object_type"] = wrong("Missing data for required field.")
	}
	serveList(w, q, p, s.account.CustomFields, func(f CustomField) int64 { return f.ID }, func(f CustomField) bool {
		return orWord(f.ObjectType, "Ticket") == kind && !archived && (!q.has("search") || contains(f.Label, q.text("search")))
	}, s.viewCustomField)
}

type customFieldView struct {
	ID              int64          `json:"id"`
	URI             string         `json:"uri"`
	ObjectType      string         `json:"object_type"`
	Label           string         `json:"label"`
	Description     *string        `json:"description"`
	ExternalID      *string        `json:"external_id"`
	Priority        int            `json:"priority"`
	Required        bool           `json:"required"`
	ManagedType     *string        `json:"managed_type"`
	Definition      map[string]any `json:"definition"`
	CreatedDatetime stamp          `json:"created_datetime"`
	UpdatedDatetime stamp          `json:"updated_datetime"`
	Deactivated     stamp          `json:"deactivated_datetime"`
}

func (s *Server) viewCustomField(f CustomField) customFieldView {
	settings := map[string]any{"input_type": "input"}
	if f.DataType == "number" {
		settings["input_type"] = "input_number"
	}
	if len(f.Choices) > 0 {
		settings = map[string]any{"input_type": "dropdown", "choices": f.Choices}
	}
	out := customFieldView{ID: f.ID, URI: fmt.Sprintf("/api/custom-fields/%d/", f.ID), ObjectType: orWord(f.ObjectType, "Ticket"),
		Label: f.Label, Required: f.Required,
		Definition:      map[string]any{"data_type": orWord(f.DataType, "text"), "input_settings": settings},
		CreatedDatetime: stamp(s.began), UpdatedDatetime: stamp(s.began)}
	if f.Inactive {
		out.Deactivated = stamp(s.began)
	}
	return out
}

// serveList answers a page of a short list, in the order of its ids.
func serveList[T, V any](w http.ResponseWriter, q *query, p paging, items []T, id func(T) int64, keep func(T) bool, view func(T) V) {
	if err := q.err(); err != nil {
		fail(w, err)
		return
	}
	if !q.has("order_by") {
		p.down = false
	}
	at := make(map[int64]T, len(items))
	for _, item := range items {
		at[id(item)] = item
	}
	answer(w, http.StatusOK, page(p, byID(items, id), func(i int64) bool { return keep(at[i]) }, func(i int64) V { return view(at[i]) }))
}

func all[T any](T) bool { return true }

func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

func orWord(word, otherwise string) string {
	if word == "" {
		return otherwise
	}
	return word
}
