package omnidesk

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The largest itemLimit of each list, and the one that applies without any (api/omnidesk-v2 section 1).
const (
	maxTickets   = 9999
	maxUsers     = 999
	maxCustomers = 99
	defaultLimit = 15
)

// window is the part of a list that is asked for.
type window struct{ start, limit int }

func (s *Server) window(q url.Values, most int) (window, *reply) {
	out := window{0, defaultLimit}
	for _, p := range []struct {
		name  string
		least int
		to    *int
	}{{"itemStart", 0, &out.start}, {"itemLimit", 1, &out.limit}} {
		if !q.Has(p.name) {
			continue
		}
		n, err := strconv.Atoi(q.Get(p.name))
		if err != nil || n < p.least {
			return out, invalid("Parameter %s is invalid: %q", p.name, q.Get(p.name))
		}
		*p.to = n
	}
	if out.limit > most {
		if !s.o.Quirks.ClampLimit {
			return out, invalid("Parameter itemLimit is invalid: the maximum is %d", most)
		}
		out.limit = most
	}
	return out, nil
}

// cutOut is the part of all that the window shows.
func cutOut[T any](s *Server, w window, all []T) []T {
	from := min(w.start, len(all))
	if s.o.Quirks.CountPages {
		from = min(w.start, len(all)/w.limit+1) * w.limit // no product that is too large
		from = min(from, len(all))
	}
	return all[from:min(len(all), from+w.limit)]
}

// list wraps rows as the quirks say.
func (s *Server) list(w window, total int, rows []object) *reply {
	switch s.o.Quirks.Envelope {
	case Bare:
		if rows == nil {
			rows = []object{}
		}
		return answered(rows)
	case Russian:
		out := object{}
		for i, row := range rows {
			out = append(out, member{strconv.Itoa(i), object{{"case", russian(row)}}})
		}
		return answered(append(out, member{"total_count", total}))
	}
	number := func(n int) any {
		if s.o.Quirks.TextTotals {
			return strconv.Itoa(n)
		}
		return n
	}
	if rows == nil {
		rows = []object{}
	}
	return answered(object{{"type", "list"}, {"itemStart", number(w.start)}, {"itemTotal", number(total)}, {"itemLimit", number(w.limit)},
		{"items", rows}})
}

// item wraps one object as the quirks say.
func (s *Server) item(o object) *reply {
	switch s.o.Quirks.Envelope {
	case Bare:
		return answered(o)
	case Russian:
		return answered(object{{"case", russian(o)}})
	}
	return answered(object{{"type", "item"}, {"item", o}})
}

// russian gives a record the names that tell the other Omnidesk's from these.
func russian(o object) object {
	return append(object{{"case_id", o.get("id")}, {"case_number", fmt.Sprintf("664-%v", o.get("id"))}, {"subject", o.get("title")}}, o...)
}

var (
	viewPattern     = regexp.MustCompile(`^[0-9a-zA-Z\-\_]+$`)
	userPattern     = regexp.MustCompile(`^([0-9a-zA-Z \+]+)|([A-Za-z0-9._+\-']+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,})$`)
	customerPattern = regexp.MustCompile(`^[0-9a-zA-Z ]+$`)
)

// views makes the maker of answers. The caller holds the lock, at least for reading.
func (s *Server) views() *views {
	channels := store{channels: s.store.channels} // replaced whole, never changed
	return &views{quirks: s.o.Quirks, zone: s.zone, channel: channels.channelName}
}

// listTickets is GET /ticket. There is no filter by date and no sort.
func (s *Server) listTickets(r *http.Request, _ string) *reply {
	q := r.URL.Query()
	if view := q.Get("applyView"); q.Has("applyView") && (len(view) < 2 || !viewPattern.MatchString(view)) {
		return invalid("Parameter applyView is invalid: %q", view)
	}
	archived := q.Get("searchArchived")
	if q.Has("searchArchived") && archived != "yes" && archived != "no" {
		return invalid("Parameter searchArchived is invalid: %q", archived)
	}
	part, refused := s.window(q, maxTickets)
	if refused != nil {
		return refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*Ticket
	for _, t := range s.store.ordered(s.o.Quirks.Sort) {
		if t.Archived && archived != "yes" || !t.Archived && archived == "yes" && s.o.Quirks.ArchivedOnly {
			continue
		}
		if t.matches(q.Get("applyView"), q.Get("status"), q.Get("query")) {
			all = append(all, t)
		}
	}
	page := cutOut(s, part, all)
	v := s.views()
	rows := make([]object, len(page))
	for i, t := range page {
		rows[i] = v.row(t)
	}
	s.shift(page, all)
	return s.list(part, len(all), rows)
}

// matches tells whether a ticket is in a view, has a status and holds the words. A view named like a status holds that
// status, "unassigned" what nobody has, any other name everything: what views an account has is its own.
func (t *Ticket) matches(view, status, words string) bool {
	switch {
	case status != "" && t.Status != status:
		return false
	case slices.Contains(statuses, view) && t.Status != view, view == "unassigned" && t.UserID != 0:
		return false
	case words == "":
		return true
	}
	text := strings.ToLower(strings.Join([]string{t.Title, t.From, t.FromName, t.To, t.ExternalID, strconv.FormatInt(t.ID, 10)}, "\n"))
	return strings.Contains(text, strings.ToLower(words))
}

// getTicket is GET /ticket/{id}. Events come with getTicketHistory=true only.
func (s *Server) getTicket(r *http.Request, id string) *reply {
	events, refused := truth(r.URL.Query(), "getTicketHistory", s.o.Quirks.EventsAlways)
	if refused != nil {
		return refused
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return invalid("Parameter ticketID is invalid: %q", id)
	}
	s.mu.RLock()
	t, v := s.store.tickets[n], s.views()
	s.mu.RUnlock()
	if t == nil {
		return refuse(http.StatusNotFound, "This ticket does not exist.")
	}
	return s.item(v.item(t, events))
}

// truth reads a boolean parameter.
func truth(q url.Values, name string, absent bool) (bool, *reply) {
	if !q.Has(name) {
		return absent, nil
	}
	switch q.Get(name) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, invalid("Parameter %s is invalid: %q", name, q.Get(name))
}

// listUsers is GET /user.
func (s *Server) listUsers(r *http.Request, _ string) *reply {
	q := r.URL.Query()
	if words := q.Get("query"); words != "" && !userPattern.MatchString(words) {
		return invalid("Parameter query is invalid: %q", words)
	}
	activeOnly, refused := truth(q, "activeOnly", false)
	if refused != nil {
		return refused
	}
	extended, refused := truth(q, "extended", true)
	if refused != nil {
		return refused
	}
	part, refused := s.window(q, maxUsers)
	if refused != nil {
		return refused
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []*User
	for _, u := range s.store.users {
		if !(activeOnly && u.Inactive) && holds(q.Get("query"), u.Name, u.FirstName+" "+u.LastName, u.Email, u.Phone) {
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, b *User) int { return compare(a.ID, b.ID) })
	var rows []object
	for _, u := range cutOut(s, part, all) {
		rows = append(rows, s.views().user(u, extended))
	}
	return s.list(part, len(all), rows)
}

// listCustomers is GET /customer.
func (s *Server) listCustomers(r *http.Request, _ string) *reply {
	q := r.URL.Query()
	if words := q.Get("query"); words != "" && !customerPattern.MatchString(words) {
		return invalid("Parameter query is invalid: %q", words)
	}
	part, refused := s.window(q, maxCustomers)
	if refused != nil {
		return refused
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []*Customer
	for _, c := range s.store.customers {
		if holds(q.Get("query"), c.Name(), c.Email, c.Phone, c.PrimaryID) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *Customer) int { return compare(a.ID, b.ID) })
	var rows []object
	for _, c := range cutOut(s, part, all) {
		rows = append(rows, s.views().customer(c))
	}
	return s.list(part, len(all), rows)
}

// listChannels is GET /channel: all of them.
func (s *Server) listChannels(*http.Request, string) *reply {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var rows []object
	for _, c := range s.store.channels {
		rows = append(rows, object{{"id", c.ID}, {"name", c.Name}, {"icon", c.Icon}})
	}
	return s.list(window{0, max(defaultLimit, len(rows))}, len(rows), rows)
}

// readNotifications is GET /notification, which marks all of them as read: counted, for a client must not ask.
func (s *Server) readNotifications(*http.Request, string) *reply {
	s.counts.notified()
	return s.list(window{0, defaultLimit}, 0, nil)
}

func holds(words string, in ...string) bool {
	return words == "" || strings.Contains(strings.ToLower(strings.Join(in, "\n")), strings.ToLower(words))
}
