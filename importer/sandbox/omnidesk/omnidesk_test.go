package omnidesk

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// asked is an answer with its JSON, when it is any.
type asked struct {
	t      testing.TB
	status int
	header http.Header
	body   string
	json   map[string]any
}

// ask makes a request with a key.
func ask(t testing.TB, s *Server, method, path string, head ...string) asked {
	t.Helper()
	r := httptest.NewRequest(method, Base+path, nil)
	r.Header.Set("apiKey", "sleutel")
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	return serve(t, s, r)
}

func serve(t testing.TB, s *Server, r *http.Request) asked {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	a := asked{t: t, status: w.Code, header: w.Header(), body: w.Body.String()}
	_ = json.Unmarshal(w.Body.Bytes(), &a.json)
	return a
}

// want checks the status, and that a refusal has the documented form and holds the word.
func (a asked) want(status int, word string) asked {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if message, _ := a.json["message"].(string); status >= 400 && (a.json["status"] != "error" || message == "") {
		a.t.Errorf("the refusal has another form: %s", a.body)
	}
	if !strings.Contains(a.body, word) {
		a.t.Errorf("%q is not in %s", word, a.body)
	}
	return a
}

func (a asked) items() []map[string]any {
	a.t.Helper()
	list, ok := a.json["items"].([]any)
	if !ok {
		a.t.Fatalf("no items: %s", a.body)
	}
	var out []map[string]any
	for _, one := range list {
		out = append(out, one.(map[string]any))
	}
	return out
}

func (a asked) item() map[string]any {
	a.t.Helper()
	item, ok := a.json["item"].(map[string]any)
	if !ok || a.json["type"] != "item" {
		a.t.Fatalf("no item: %s", a.body)
	}
	return item
}

func loaded(o Options, n int) *Server {
	s := New(o)
	s.Load(Generate(1, n))
	return s
}

func TestKeyAndPermissions(t *testing.T) {
	s := loaded(Options{Key: "geheim"}, 3)
	for _, c := range []struct {
		path, key string
		status    int
	}{
		{"/ticket", "", 401}, {"/ticket", "wrong", 401}, {"/ticket", "geheim", 200}, {"/ticket?apiKey=geheim", "", 401}, {"/nothing", "", 401},
	} {
		ask(t, s, "GET", c.path, "apiKey", c.key).want(c.status, "")
	}
	if n := s.Stats().KeysInAddresses; n != 1 {
		t.Errorf("%d keys in addresses counted", n)
	}
	ask(t, New(Options{}), "GET", "/ticket", "apiKey", "").want(401, "")
	older := New(Options{Key: "geheim", Quirks: Quirks{KeyInQuery: true}})
	ask(t, older, "GET", "/ticket?apiKey=geheim", "apiKey", "").want(200, "")

	for path, permission := range map[string]string{"/ticket": TicketRead, "/ticket/858400": TicketRead, "/user": UserRead, "/customer": CustomerRead,
		"/channel": ChannelRead, "/email/downloadMail/70001": TicketRead, "/notification": SettingsCRUD} {
		ask(t, loaded(Options{Permissions: []string{}}, 3), "GET", path).want(403, permission)
		if a := ask(t, loaded(Options{Permissions: []string{permission}}, 3), "GET", path); a.status == 403 {
			t.Errorf("%s is refused with %s", path, permission)
		}
	}
	ask(t, New(Options{Permissions: []string{}}), "POST", "/message").want(403, MessageCreate)
	ask(t, New(Options{Permissions: []string{}}), "POST", "/message/chatbot").want(403, MessageCreate)
}

// Every documented limit, pattern and default of the reads.
func TestReadConstraints(t *testing.T) {
	s := loaded(Options{}, 120)
	for _, c := range []struct {
		path   string
		status int
		word   string
	}{
		{"/ticket?itemLimit=9999", 200, `"itemLimit":9999`}, {"/ticket?itemLimit=10000", 400, "9999"}, {"/ticket?itemLimit=0", 400, "itemLimit"},
		{"/ticket?itemLimit=-1", 400, "itemLimit"}, {"/ticket?itemLimit=x", 400, "itemLimit"}, {"/ticket?itemStart=x", 400, "itemStart"},
		{"/ticket?itemStart=-1", 400, "itemStart"}, {"/ticket?itemStart=5000", 200, `"items":[]`},
		{"/ticket", 200, `"itemStart":0`}, {"/ticket", 200, `"itemLimit":15`},
		{"/ticket?applyView=my-view_2", 200, ""}, {"/ticket?applyView=my%20view", 400, "applyView"}, {"/ticket?applyView=", 400, "applyView"}, {"/ticket?applyView=a", 400, "applyView"},
		{"/ticket?searchArchived=no", 200, ""}, {"/ticket?searchArchived=yes", 200, ""}, {"/ticket?searchArchived=maybe", 400, "searchArchived"},
		{"/ticket/858400", 200, `"timeline":[`}, {"/ticket/1", 404, "does not exist"}, {"/ticket/x", 400, "ticketID"},
		{"/ticket/858400?getTicketHistory=maybe", 400, "getTicketHistory"}, {"/ticket/858400/more", 404, ""},
		{"/user?itemLimit=999", 200, ""}, {"/user?itemLimit=1000", 400, "999"}, {"/user?activeOnly=perhaps", 400, "activeOnly"},
		{"/user?extended=perhaps", 400, "extended"}, {"/user?query=marleen@noorderlicht.test", 200, `"itemTotal":1`}, {"/user?query=%22", 400, "query"},
		{"/customer?itemLimit=99", 200, ""}, {"/customer?itemLimit=100", 400, "99"}, {"/customer?query=a@b", 400, "query"},
		{"/channel", 200, `"live chat"`}, {"/notification", 200, ""}, {"/nothing", 404, ""},
		{"/email/downloadMail/x", 400, "messageID"}, {"/email/downloadMail/1", 404, ""},
	} {
		ask(t, s, "GET", c.path).want(c.status, c.word)
	}
	ask(t, s, "DELETE", "/ticket/858400").want(405, "")
	ask(t, s, "POST", "/ticket").want(405, "")
	if a := ask(t, s, "GET", "/../cases.json"); a.status == 200 {
		t.Errorf("the other Omnidesk's path answers: %s", a.body)
	}
	stats := s.Stats()
	if stats.NotificationsRead != 1 || stats.Paths["GET /api/v2/notification"] != 1 || stats.Posts != 2 || stats.Outbox != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestTicketShape(t *testing.T) {
	s := loaded(Options{}, 200)
	row := ask(t, s, "GET", "/ticket?itemLimit=1").items()[0]
	if _, there := row["timeline"]; there {
		t.Error("a list shows timelines")
	}
	for _, name := range strings.Fields(`id title status priority direction brand_id brand_name channel_id channel_name channel_icon channel_account_id from from_name
		to to_name customer_id assigned_group_id assigned_user_id external_id external_gui_url form_id last_update last_update_agent last_update_customer created_at
		closed_at snooze_time sla_policy_id grade_by_customer show_timeline`) {
		if _, there := row[name]; !there {
			t.Errorf("a ticket lacks %s", name)
		}
	}
	if _, is := row["channel_account_id"].(string); !is {
		t.Errorf("channel_account_id is %T", row["channel_account_id"])
	}
	kinds, shared, unassigned, empty := map[string]int{}, 0, 0, 0
	for _, ticket := range s.Tickets() {
		path := "/ticket/" + strconv.FormatInt(ticket.ID, 10)
		item := ask(t, s, "GET", path+"?getTicketHistory=true").item()
		if item["assigned_user_id"] == float64(0) {
			unassigned++
		}
		events := map[string]bool{}
		for _, e := range item["timeline"].([]any) {
			if e := e.(map[string]any); e["type"] == TypeEvent {
				events[fmt.Sprintf("%.0f", e["id"].(float64))] = true // a number
			}
		}
		for _, e := range item["timeline"].([]any) {
			e := e.(map[string]any)
			kind := e["type"].(string)
			kinds[kind]++
			if kind == TypeEvent {
				continue
			}
			if id := e["id"].(string); kind == TypeNote && events[id] {
				shared++
			}
			if e["content"] == nil {
				empty++
			}
			checkEntry(t, kind, e)
		}
		for _, e := range ask(t, s, "GET", path).item()["timeline"].([]any) {
			if e.(map[string]any)["type"] == TypeEvent {
				t.Fatalf("%s answers events without getTicketHistory", path)
			}
		}
	}
	for _, kind := range []string{TypeEvent, TypeNote, TypeMessage, TypeCall, TypeContactForm, "survey", "callback_request"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s in %v", kind, kinds)
		}
	}
	if shared == 0 || unassigned == 0 || empty == 0 {
		t.Errorf("%d notes share an event's id, %d tickets are not assigned, %d entries are empty", shared, unassigned, empty)
	}
}

func checkEntry(t *testing.T, kind string, e map[string]any) {
	t.Helper()
	var meta any
	if text, is := e["meta_data"].(string); !is || json.Unmarshal([]byte(text), &meta) != nil {
		t.Errorf("meta_data of a %s is no JSON in a string: %v", kind, e["meta_data"])
	}
	if _, err := time.Parse(time.DateTime, e["created_at"].(string)); err != nil {
		t.Error(err)
	}
	if kind == TypeNote && (e["channel_id"] != float64(0) || e["direction"] != "" || e["from"] != nil || e["user_name"] == "") {
		t.Errorf("a note is %v", e)
	}
	if kind != TypeNote && (e["channel_id"] == float64(0) || e["direction"] != "inbound" && e["direction"] != "outbound") {
		t.Errorf("a %s is %v", kind, e)
	}
}

func TestArchivedStatusViewAndQuery(t *testing.T) {
	s := loaded(Options{}, 70)
	total := func(path string) int { return int(ask(t, s, "GET", path).want(200, "").json["itemTotal"].(float64)) }
	if live, all := total("/ticket"), total("/ticket?searchArchived=yes"); live != 60 || all != 70 {
		t.Errorf("%d live, %d with archived ones", live, all)
	}
	if n := int(ask(t, loaded(Options{Quirks: Quirks{ArchivedOnly: true}}, 70), "GET", "/ticket?searchArchived=yes").json["itemTotal"].(float64)); n != 10 {
		t.Errorf("%d archived", n)
	}
	if a, b, c := total("/ticket?status=solved"), total("/ticket?applyView=solved"), total("/ticket?status=no-such"); a == 0 || a != b || a == 60 || c != 0 {
		t.Errorf("%d, %d, %d", a, b, c)
	}
	if n := total("/ticket?query=" + strconv.FormatInt(s.Tickets()[40].ID, 10)); n != 1 {
		t.Errorf("%d found by id", n)
	}
}

func TestPages(t *testing.T) {
	for _, order := range []Sort{"", UpdatedFirst, CreatedLast, CreatedFirst, IDLast, IDFirst, Shuffled} {
		s := loaded(Options{Quirks: Quirks{Sort: order}}, 100)
		seen := map[any]bool{}
		for start := 0; ; start += 7 {
			page := ask(t, s, "GET", fmt.Sprintf("/ticket?searchArchived=yes&itemLimit=7&itemStart=%d", start)).items()
			if len(page) == 0 {
				break
			}
			for _, row := range page {
				if seen[row["id"]] {
					t.Fatalf("%s: %v comes twice", order, row["id"])
				}
				seen[row["id"]] = true
			}
		}
		if len(seen) != 100 {
			t.Errorf("%s: %d of 100 tickets", order, len(seen))
		}
	}
	s := loaded(Options{}, 300)
	people := map[any]bool{}
	for start := 0; start < len(s.store.customers); start += 99 {
		for _, row := range ask(t, s, "GET", fmt.Sprintf("/customer?itemLimit=99&itemStart=%d", start)).items() {
			people[row["id"]] = true
		}
	}
	if len(people) != len(s.store.customers) {
		t.Errorf("%d of %d customers", len(people), len(s.store.customers))
	}
	if all, active := ask(t, s, "GET", "/user"), ask(t, s, "GET", "/user?activeOnly=true&extended=false"); len(all.items()) != 6 || len(active.items()) != 5 || active.items()[0]["active"] != nil {
		t.Errorf("%s\n%s", all.body, active.body)
	}
}

func TestZone(t *testing.T) {
	at := time.Date(2021, 7, 1, 10, 0, 0, 0, time.UTC)
	for zone, want := range map[*time.Location]string{nil: "2021-07-01 12:00:00", time.UTC: "2021-07-01 10:00:00"} {
		s := New(Options{Zone: zone})
		s.Load(Helpdesk{Tickets: []Ticket{{ID: 1, Created: at}}})
		if item := ask(t, s, "GET", "/ticket/1").item(); item["created_at"] != want || item["closed_at"] != nil {
			t.Errorf("%v, %v; want %s", item["created_at"], item["closed_at"], want)
		}
	}
}

func TestStart(t *testing.T) {
	s := loaded(Options{}, 2)
	url, stop, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest("GET", url+"/ticket", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("apiKey", "x")
	res, err := http.DefaultClient.Do(r)
	if err != nil || res.StatusCode != 200 || !strings.HasSuffix(url, Base) {
		t.Fatalf("%s: %v %v", url, res, err)
	}
	res.Body.Close()
	for _, path := range []string{"/", "/sandbox/stats", "/sandbox/outbox", "/sandbox/tickets"} {
		res, err := http.Get(strings.TrimSuffix(url, Base) + path)
		if err != nil || res.StatusCode != 200 {
			t.Fatalf("%s: %v %v", path, res, err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if len(b) == 0 {
			t.Errorf("%s is empty", path)
		}
	}
	stop()
	stop()
	if _, err := http.Get(url); err == nil {
		t.Error("it answers after it was stopped")
	}
}
