package gorgias

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// pages answers a listing of items, a hundred a page at most, with cursors.
func pages(w http.ResponseWriter, r *http.Request, items []string) {
	from, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("cursor"), "c"))
	size, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	if size < 1 || size > 100 {
		http.Error(w, `{"error":"limit"}`, 400)
		return
	}
	to, next := min(from+size, len(items)), "null"
	if to < len(items) {
		next = fmt.Sprintf(`"c%d"`, to)
	}
	fmt.Fprintf(w, `{"data":[%s],"object":"list","uri":"%s","meta":{"prev_cursor":null,"next_cursor":%s}}`, strings.Join(items[from:to], ","), r.URL.Path, next)
}

// shop is an account with users, teams, fields and customers.
func shop(customers int) http.HandlerFunc {
	var list []string
	for i := range customers {
		list = append(list, fmt.Sprintf(`{"id":%d,"email":"Customer%d@example.com","channels":[{"type":"email","address":"alias%d@example.com"},{"type":"phone","address":"wanted@example.com"}]}`, 1000+i, i, i))
	}
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch r.URL.Path {
		case "/api/users":
			pages(w, r, []string{`{"id":1,"email":"Bob@Acme.com","name":"Bob"}`, `{"id":2,"email":null}`, `{"id":3,"email":"bob@acme.com"}`})
		case "/api/teams":
			pages(w, r, []string{`{"id":71,"name":"Billing"}`})
		case "/api/custom-fields":
			if q.Get("object_type") != "Ticket" {
				http.Error(w, `{"error":"object_type"}`, 400)
				return
			}
			pages(w, r, []string{
				`{"id":81,"label":"Product","definition":{"data_type":"text"},"deactivated_datetime":null}`,
				`{"id":82,"label":"Old","definition":{"data_type":"text"},"deactivated_datetime":"2020-01-01T00:00:00"}`,
				`{"id":83,"label":"Seats","definition":{"data_type":"number","input_settings":{}}}`})
		case "/api/customers":
			wanted := list
			if e := q.Get("email"); e != "" {
				wanted = slices.DeleteFunc(slices.Clone(list), func(s string) bool {
					return !strings.Contains(strings.ToLower(s), `"email":"`+strings.ToLower(e)+`"`)
				})
			}
			if e := q.Get("channel_address"); e != "" {
				wanted = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !strings.Contains(s, `"email","address":"`+e+`"`) })
			}
			pages(w, r, wanted)
		default:
			http.NotFound(w, r)
		}
	}
}

func TestLoadPeople(t *testing.T) {
	many := func(n int, form string) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf(form, i))
		}
		return list
	}
	tests := []struct {
		name      string
		customers int // the account's
		wanted    []string
		lookups   int64 // requests for customers
		found     int
	}{
		{"none wanted", 1000, nil, 0, 0},
		{"one, known", 1000, []string{"customer7@example.com"}, 1, 1},
		{"one, known by an alias", 1000, []string{"ALIAS7@example.com "}, 2, 1},
		{"one, unknown", 1000, []string{"nobody@example.com"}, 2, 0},
		{"many wanted, new account", 0, many(500, "new%d@example.com"), 1, 0},
		{"many wanted, small account", 250, many(500, "customer%d@example.com"), 3, 250},
		{"few wanted, large account: sweep while it is cheaper", 5000, many(4, "customer49%d0@example.com"), 4 + 4, 4},
		{"found on the way", 5000, []string{"customer1@example.com", "customer2@example.com", "customer150@example.com", "alias151@example.com"}, 2, 4},
		{"empty and repeated", 5, []string{"", "customer1@example.com", "Customer1@example.com", "", "customer2@example.com"}, 1, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newAccount(t, shop(tt.customers))
			c := a.client(t)
			c.Encoder.People = &People{}
			if err := c.LoadPeople(t.Context(), Wanted{Customers: slices.Values(tt.wanted)}); err != nil {
				t.Fatal(err)
			}
			s := c.Stats()
			if s.CustomerLookups() != tt.lookups || s.ByKind["GET users"] != 1 || s.Requests != 1+tt.lookups {
				t.Errorf("requests %v, want %d look-ups and one listing of users", s.ByKind, tt.lookups)
			}
			n := 0
			for _, known := range c.Encoder.People.customers {
				if known.id > 0 {
					n++
				}
			}
			if n != tt.found {
				t.Errorf("found %d customers, want %d", n, tt.found)
			}
			for _, e := range tt.wanted {
				var i int64
				if _, err := fmt.Sscanf(strings.ToLower(e), "customer%d@", &i); err == nil && i < int64(tt.customers) {
					if id, _ := c.Encoder.People.Customer(e); id != 1000+i {
						t.Errorf("%s: got %d", e, id)
					}
				}
			}
			if id, _ := c.Encoder.People.User("BOB@acme.com"); id != 1 {
				t.Errorf("user: got %d", id)
			}
		})
	}
}

func TestLoadTeamsAndFieldsOnlyWhenWanted(t *testing.T) {
	a := newAccount(t, shop(0))
	c := a.client(t)
	if err := c.LoadPeople(t.Context(), Wanted{Teams: true, CustomFields: true}); err != nil {
		t.Fatal(err)
	}
	if s := c.Stats(); s.Requests != 3 {
		t.Errorf("requests %v", s.ByKind)
	}
	if id, ok := c.Encoder.People.Team("billing"); !ok || id != 71 {
		t.Errorf("team %d %t", id, ok)
	}
	if f, ok := c.Encoder.People.field("Seats"); !ok || f.id != 83 || f.dataType != "number" {
		t.Errorf("field %+v %t", f, ok)
	}
	if _, ok := c.Encoder.People.field("Old"); ok {
		t.Error("a deactivated field is offered")
	}
}

func TestLoadPeopleFromTheWrongPlace(t *testing.T) {
	a := newAccount(t, nil)
	f := faultOf(t, a.client(t).LoadPeople(t.Context(), Wanted{}))
	if f.Kind != importer.Stop || !strings.Contains(f.Error(), "check the account's name") {
		t.Errorf("got %s: %v", f.Kind, f)
	}
	circle := newAccount(t, reply(200, "application/json", `{"data":[],"meta":{"next_cursor":"again"}}`))
	if f := faultOf(t, circle.client(t).LoadPeople(t.Context(), Wanted{})); f.Kind != importer.Stop || !strings.Contains(f.Error(), "circles") {
		t.Errorf("got %s: %v", f.Kind, f)
	}
}

// Listings wait an outage out, with growing pauses, until the patience is spent.
func TestListingsInsist(t *testing.T) {
	for _, tt := range []struct {
		name   string
		outage time.Duration
		ok     bool
	}{{"short", 10 * time.Minute, true}, {"too long", 3 * time.Hour, false}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, tries := time.Now(), 0
				c, err := New(Settings{Base: "https://acme.gorgias.com", User: "u", Key: NewSecret(testKey)})
				if err != nil {
					t.Fatal(err)
				}
				c.http.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
					tries++
					resp := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"data":[]}`))}
					if time.Since(start) < tt.outage {
						resp.StatusCode = 503
					}
					return resp, nil
				})
				err = c.LoadPeople(t.Context(), Wanted{})
				if (err == nil) != tt.ok {
					t.Fatal(err)
				}
				if err != nil && (faultOf(t, err).Kind != importer.Lost || !strings.Contains(err.Error(), "gave up after 1h0m0s")) {
					t.Errorf("got %v", err)
				}
				if d := time.Since(start); tries < 10 || tries > 400 || !tt.ok && (d < time.Hour || d > time.Hour+2*time.Minute) {
					t.Errorf("%d tries in %s", tries, d)
				}
			})
		})
	}
}

func TestFind(t *testing.T) {
	item := func(id int, external string) string {
		return fmt.Sprintf(`{"id":%d,"external_id":%q,"messages_count":1,"excerpt":"x"}`, id, external)
	}
	var items []string
	a := newAccount(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.Query().Get("external_id"); got != "zen/desk:7&x" {
			t.Errorf("asked for %q", got)
		}
		pages(w, r, items)
	})
	c := a.client(t)
	find := func() ([]importer.TicketID, error) { return c.Find(t.Context(), "zen/desk:7&x") }
	if got, err := find(); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	items = []string{item(9, "zen/desk:7&x"), item(4, "zen/desk:7&x"), item(5, "zen/desk:77")}
	if got, err := find(); err != nil || !slices.Equal(got, []importer.TicketID{4, 9}) {
		t.Errorf("got %v, %v", got, err)
	}
	for i := range 5000 {
		items = append(items, item(100+i, "other"))
	}
	if _, err := find(); faultOf(t, err).Kind != importer.Stop {
		t.Errorf("got %v", err)
	}
	missing := newAccount(t, nil).client(t)
	if _, err := missing.Find(t.Context(), "x"); faultOf(t, err).Kind != importer.Stop {
		t.Errorf("a 404 of the listing is no proof of absence: %v", err)
	}
}

func TestReadPagesWhatTheTicketDoesNotShow(t *testing.T) {
	var all []string
	for i := range 730 {
		all = append(all, fmt.Sprintf(`{"id":%d,"external_id":"m%d","sent_datetime":"2020-01-02T03:04:05"}`, 5000+i, i))
	}
	a := newAccount(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/tickets/3":
			fmt.Fprintf(w, `{"id":3,"external_id":"k","spam":true,"trashed_datetime":"2026-01-01T00:00:00+00:00","updated_datetime":"2026-08-26T18:38:33.416987+00:00","messages_count":730,"messages":[%s]}`, strings.Join(all[:500], ","))
		case r.URL.Path == "/api/tickets/4":
			io.WriteString(w, `{"id":4,"messages_count":1,"messages":[{"id":1,"external_id":null}]}`)
		case r.URL.Path == "/api/messages" && r.URL.Query().Get("ticket_id") == "3":
			pages(w, r, all)
		default:
			http.NotFound(w, r)
		}
	})
	c := a.client(t)
	st, err := c.Read(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[importer.MessageID]bool{}
	for _, m := range st.Messages {
		ids[m.ID] = true
	}
	want := time.Date(2026, 8, 26, 18, 38, 33, 416987000, time.UTC)
	if len(st.Messages) != 730 || len(ids) != 730 || !st.Spam || !st.Trashed || !st.UpdatedDatetime.Equal(want) || st.Messages[0].SentDatetime.Year() != 2020 {
		t.Errorf("%d messages, %d ids, %+v", len(st.Messages), len(ids), st.UpdatedDatetime)
	}
	if s := c.Stats(); s.Requests != 9 {
		t.Errorf("requests %v", s.ByKind)
	}
	if st, err = c.Read(t.Context(), 4); err != nil || len(st.Messages) != 1 || c.Stats().Requests != 10 {
		t.Errorf("got %+v, %v after %v", st, err, c.Stats().ByKind)
	}
	if _, err = c.Read(t.Context(), 5); faultOf(t, err).Kind != importer.Gone {
		t.Errorf("got %v", err)
	}
}

func TestSweep(t *testing.T) {
	start := time.Now().UTC().Truncate(time.Second)
	var items []string
	for i := range 350 { // one a minute, newest first
		items = append(items, fmt.Sprintf(`{"id":%d,"external_id":"k%d","updated_datetime":%q}`, 1000-i, i, start.Add(-time.Duration(i)*time.Minute).Format("2006-01-02T15:04:05.000000+00:00")))
	}
	items[1] = `{"id":999,"external_id":null,"updated_datetime":null}`
	a := newAccount(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("order_by") != "updated_datetime:desc" {
			t.Errorf("asked %s", r.URL)
		}
		pages(w, r, items)
	})
	c := a.client(t)
	n := 0
	for f, err := range c.Sweep(t.Context(), start.Add(-150*time.Minute)) {
		if err != nil {
			t.Fatal(err)
		}
		if f.ID != importer.TicketID(1000-n) {
			t.Fatalf("got %+v at %d", f, n)
		}
		n++
	}
	if n < 151 || n > 153 || len(a.seen()) != 2 { // a minute of margin for the clocks
		t.Errorf("%d tickets in %d requests", n, len(a.seen()))
	}
	for range c.Sweep(t.Context(), start) {
		break
	}
	failing := newAccount(t, reply(500, "", "")).client(t)
	for _, err := range failing.Sweep(t.Context(), start) {
		if faultOf(t, err).Kind != importer.Lost {
			t.Errorf("got %v", err)
		}
	}
}

// A target whose clock is behind dates what we just made earlier than we asked: the sweep goes back that much further.
func TestSweepHeedsTheTargetsClock(t *testing.T) {
	behind := 10 * time.Minute
	a := newAccount(t, func(w http.ResponseWriter, r *http.Request) {
		theirs := time.Now().Add(-behind).UTC()
		w.Header().Set("Date", theirs.Format(http.TimeFormat))
		fmt.Fprintf(w, `{"data":[{"id":1,"external_id":"k","updated_datetime":%q}],"meta":{}}`, theirs.Format(time.RFC3339Nano))
	})
	c := a.client(t)
	if err := c.Alive(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := 0
	for range c.Sweep(t.Context(), time.Now()) {
		n++
	}
	if n != 1 {
		t.Errorf("the ticket made just now was not met")
	}
}
