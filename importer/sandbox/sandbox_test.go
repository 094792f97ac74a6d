package sandbox

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// noon is when these tests happen.
var noon = time.Date(2026, 8, 26, 12, 0, 0, 123456000, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// reply is an answer with its body as a tree.
type reply struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func call(t *testing.T, s *Server, method, target, body string) reply {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.SetBasicAuth("import@acme.test", "key")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return reply{w, t}
}

func (r reply) want(status int) reply {
	r.t.Helper()
	if r.Code != status {
		r.t.Fatalf("got status %d, want %d: %s", r.Code, status, r.Body)
	}
	return r
}

// at is the value at a path such as "messages.0.sender.id", as text; "<none>" when it is not there.
func (r reply) at(path string) string {
	r.t.Helper()
	var v any
	if err := json.Unmarshal(r.Body.Bytes(), &v); err != nil {
		r.t.Fatalf("not JSON: %v: %s", err, r.Body)
	}
	for _, step := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[step]
			if !ok {
				return "<none>"
			}
			v = next
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(at) {
				return "<none>"
			}
			v = at[i]
		default:
			return "<none>"
		}
	}
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.Trim(string(b), `"`)
}

func (r reply) holds(pairs ...string) reply {
	r.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := r.at(pairs[i]); got != pairs[i+1] {
			r.t.Errorf("%s = %s, want %s", pairs[i], got, pairs[i+1])
		}
	}
	return r
}

const incoming = `{"channel":"email","from_agent":false,"sender":{"email":"Ana@Shop.test","name":"Ana Maria Lopez"},"body_text":"Where is my parcel?","sent_datetime":"2021-03-04T05:06:07Z","external_id":"m1"}`
const outgoing = `{"channel":"email","from_agent":true,"sender":{"id":12},"receiver":{"email":"ana@shop.test"},"body_html":"<p>On its way</p>","sent_datetime":"2021-03-04T06:06:07+01:00","external_id":"m2","attachments":[]}`
const note = `{"channel":"internal-note","public":false,"from_agent":true,"sender":{"id":13},"body_text":"Check the courier","sent_datetime":"2021-03-04T07:06:07Z","external_id":"m3"}`

func ticketOf(fields string, messages ...string) string {
	if fields != "" {
		fields += ","
	}
	return "{" + fields + `"messages":[` + strings.Join(messages, ",") + "]}"
}

func TestTicketShape(t *testing.T) {
	s := New(Options{Now: at(noon)})
	r := call(t, s, "POST", "/api/tickets", ticketOf(`"external_id":"zendesk:1","subject":"Parcel","status":"closed","created_datetime":"2021-03-04T05:06:07Z","closed_datetime":"2021-03-05T05:06:07Z","tags":[{"name":"vip"},{"name":"vip"},{"name":"VIP"}],"custom_fields":[{"id":51,"value":"Lamp"}],"assignee_user":{"id":12},"assignee_team":{"id":31}`,
		incoming, outgoing, note)).want(201)
	r.holds(
		"id", "100001", "uri", "/api/tickets/100001/", "external_id", "zendesk:1", "status", "closed", "priority", "normal",
		"channel", "email", "via", "api", "from_agent", "false", "language", "null", "spam", "false",
		"created_datetime", "2021-03-04T05:06:07.000000+00:00", "closed_datetime", "2021-03-05T05:06:07.000000+00:00",
		"updated_datetime", "2026-08-26T12:00:00.123456+00:00", "snooze_datetime", "null",
		"last_message_datetime", "2021-03-04T07:06:07.000000+00:00", "last_received_message_datetime", "2021-03-04T05:06:07.000000+00:00",
		"customer.email", "ana@shop.test", "customer.firstname", "Ana", "customer.lastname", "Lopez", "customer.name", "Ana Maria Lopez",
		"assignee_user.email", "mia@acme.test", "assignee_team.name", "Support",
		"tags.0.name", "vip", "tags.1.name", "VIP", "tags.2", "<none>", "custom_fields.51.value", "Lamp",
		"messages.0.external_id", "m1", "messages.0.sender.email", "ana@shop.test", "messages.0.via", "api", "messages.0.public", "true",
		"messages.0.body_text", "Where is my parcel?", "messages.0.body_html", "null", "messages.0.stripped_text", "null",
		"messages.0.source.type", "email", "messages.0.source.from.address", "ana@shop.test", "messages.0.receiver", "null",
		"messages.1.sender.id", "12", "messages.1.sender.name", "Mia Berg", "messages.1.receiver.email", "ana@shop.test",
		"messages.1.sent_datetime", "2021-03-04T05:06:07.000000+00:00", "messages.1.attachments", "null",
		"messages.2.public", "false", "messages.2.uri", "/api/tickets/100001/messages/500003/", "messages.2.imported", "true",
		"messages.2.created_datetime", "2026-08-26T12:00:00.123456+00:00", "messages.2.rule_id", "null", "messages.2.intents", "[]")
	if got := len(s.Outbox()); got != 0 {
		t.Errorf("%d messages in the outbox, want none", got)
	}
	call(t, s, "GET", "/api/tickets/100001", "").want(200).holds("messages.2.external_id", "m3")
	if got := call(t, s, "GET", "/api/account", "").Header().Get("Date"); got != "Wed, 26 Aug 2026 12:00:00 GMT" {
		t.Errorf("the account's clock says %q", got)
	}
	list := call(t, s, "GET", "/api/tickets?external_id=zendesk%3A1", "").want(200)
	list.holds("object", "list", "uri", "/api/tickets/", "meta.next_cursor", "null", "meta.prev_cursor", "null",
		"data.0.id", "100001", "data.0.messages", "<none>", "data.0.messages_count", "3", "data.0.excerpt", "Check the courier")
	call(t, s, "DELETE", "/api/tickets/100001/messages/500003", "").want(204)
	call(t, s, "GET", "/api/messages?ticket_id=100001&order_by=created_datetime:asc", "").want(200).
		holds("data.0.id", "500001", "data.1.id", "500002", "data.2", "<none>")
	call(t, s, "PUT", "/api/tickets/100001", `{"status":"open","tags":[{"name":"back"}]}`).want(200).
		holds("status", "open", "tags.0.name", "back", "tags.1", "<none>", "closed_datetime", "null", "messages.1.external_id", "m2")
	call(t, s, "DELETE", "/api/tickets/100001", "").want(204)
	call(t, s, "GET", "/api/tickets/100001", "").want(404).holds("error.msg", "Ticket 100001 does not exist.")
	if st := s.Stats(); st.Tickets != 0 || st.Messages != 0 || st.Requests != 9 || st.Writes != 4 {
		t.Errorf("stats = %+v", st)
	}
}

func TestRefusals(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	many := make([]string, 501)
	for i := range many {
		many[i] = note
	}
	with := func(old, new string) string { return ticketOf("", strings.Replace(incoming, old, new, 1)) }
	for _, c := range []struct{ name, body, path, want string }{
		{"unknown field", ticketOf(`"requester":1`, incoming), "error.data.requester.0", "Unknown field."},
		{"another case", ticketOf(`"Subject":"x"`, incoming), "error.data.Subject.0", "Unknown field."},
		{"response-only field", with(`"channel"`, `"rule_id":1,"channel"`), "error.data.messages.0.rule_id.0", "Unknown field."},
		{"no messages", `{}`, "error.data.messages.0", "Missing data for required field."},
		{"empty messages", ticketOf(""), "error.data.messages.0", "Length must be between 1 and 500."},
		{"501 messages", ticketOf("", many...), "error.data.messages.0", "Length must be between 1 and 500."},
		{"no channel", with(`"channel":"email",`, ""), "error.data.messages.0.channel.0", "Missing data for required field."},
		{"no direction", with(`"from_agent":false,`, ""), "error.data.messages.0.from_agent.0", "Missing data for required field."},
		{"no sender", with(`"sender":{"email":"Ana@Shop.test","name":"Ana Maria Lopez"},`, ""), "error.data.messages.0.sender.0", "Missing data for required field."},
		{"null sender", with(`{"email":"Ana@Shop.test","name":"Ana Maria Lopez"}`, "null"), "error.data.messages.0.sender.0", "Field may not be null."},
		{"sender without id", with(`"email":"Ana@Shop.test",`, ""), "error.data.messages.0.sender.0", "Missing data for required field: one of id, email."},
		{"unknown agent", ticketOf("", strings.Replace(outgoing, `"id":12`, `"id":99`, 1)), "error.data.messages.0.sender.id.0", "User 99 does not exist."},
		{"unknown agent by e-mail", ticketOf("", strings.Replace(outgoing, `"id":12`, `"email":"x@y.test"`, 1)), "error.data.messages.0.sender.email.0", `User \"x@y.test\" does not exist.`},
		{"unknown customer", ticketOf(`"customer":{"id":5}`, incoming), "error.data.customer.id.0", "Customer 5 does not exist."},
		{"bad channel", with(`"channel":"email"`, `"channel":"pigeon"`), "error.data.messages.0.channel.0", "Must be one of: " + strings.Join(channels(nil), ", ") + "."},
		{"bad status", ticketOf(`"status":"solved"`, incoming), "error.data.status.0", "Must be one of: open, closed."},
		{"bad priority", ticketOf(`"priority":"urgent"`, incoming), "error.data.priority.0", "Must be one of: critical, high, normal, low."},
		{"long subject", ticketOf(`"subject":"`+long(999)+`"`, incoming), "error.data.subject.0", "Longer than maximum length 998."},
		{"long external_id", ticketOf(`"external_id":"`+long(256)+`"`, incoming), "error.data.external_id.0", "Longer than maximum length 255."},
		{"long e-mail", ticketOf(`"customer":{"email":"`+strings.Repeat("a", 320)+`@b.test"}`, incoming), "error.data.customer.email.0", "Longer than maximum length 320."},
		{"bad e-mail", ticketOf(`"customer":{"email":"Ana <a@b.test>"}`, incoming), "error.data.customer.email.0", "Not a valid email address."},
		{"long tag", ticketOf(`"tags":[{"name":"`+long(257)+`"}]`, incoming), "error.data.tags.0.name.0", "Length must be between 1 and 256."},
		{"tag as text", ticketOf(`"tags":["a"]`, incoming), "error.data.tags.0.0", "Invalid input type."},
		{"no zone", with("05:06:07Z", "05:06:07"), "error.data.messages.0.sent_datetime.0", "Not a valid datetime."},
		{"a date", with("2021-03-04T05:06:07Z", "2021-03-04"), "error.data.messages.0.sent_datetime.0", "Not a valid datetime."},
		{"number as time", with(`"2021-03-04T05:06:07Z"`, "1614834367"), "error.data.messages.0.sent_datetime.0", "Not a valid datetime."},
		{"custom field", ticketOf(`"custom_fields":[{"id":1,"value":"x"}]`, incoming), "error.data.custom_fields.0.id.0", "Custom field 1 does not exist."},
		{"custom value", ticketOf(`"custom_fields":[{"id":51,"value":3}]`, incoming), "error.data.custom_fields.0.value.0", "Not a valid value for this field."},
		{"language", ticketOf(`"language":"english"`, incoming), "error.data.language.0", "Not a valid language."},
		{"integration", with(`"channel"`, `"integration_id":3,"channel"`), "error.data.messages.0.integration_id.0", "Integration 3 does not exist."},
		{"team", ticketOf(`"assignee_team":{"id":3}`, incoming), "error.data.assignee_team.id.0", "Team 3 does not exist."},
		{"not JSON", `{`, "error.data", "<none>"},
		{"two values", ticketOf("", incoming) + "{}", "error.msg", "Invalid JSON: not JSON: something follows the first value"},
		{"a list", `[]`, "error.msg", "Invalid JSON: not an object"},
		{"bad UTF-8", "{\"a\":\"\xff\"}", "error.msg", "Invalid JSON: not UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New(Options{Now: at(noon)})
			call(t, s, "POST", "/api/tickets", c.body).want(400).holds(c.path, c.want)
			if st := s.Stats(); st.Tickets != 0 || st.Customers != 0 {
				t.Errorf("something was stored: %+v", st)
			}
		})
	}
}

func TestFieldsAtTheirLimits(t *testing.T) {
	s := New(Options{})
	many := make([]string, 500)
	for i := range many {
		many[i] = note
	}
	call(t, s, "POST", "/api/tickets", ticketOf(`"subject":"`+strings.Repeat("é", 998)+`","external_id":"`+strings.Repeat("x", 255)+`"`, many...)).want(201)
	if st := s.Stats(); st.Messages != 500 {
		t.Errorf("%d messages, want 500", st.Messages)
	}
}

func TestEndpointsRefuseTheUnknown(t *testing.T) {
	s := New(Options{})
	for _, c := range []struct {
		method, target string
		status         int
	}{
		{"GET", "/api/tickets?since=2020", 400}, {"GET", "/api/tickets?limit=101", 400}, {"GET", "/api/tickets?limit=x", 400},
		{"GET", "/api/tickets?cursor=!!", 400}, {"GET", "/api/tickets?order_by=subject", 400}, {"GET", "/api/messages?external_id=1", 400},
		{"GET", "/api/customers?channel_type=email", 400}, {"GET", "/api/custom-fields", 400}, {"POST", "/api/tickets?force=1", 400},
		{"POST", "/api/tickets/1/messages?action=send", 400}, {"GET", "/api/account?x=1", 400}, {"GET", "/api/users/77", 404},
		{"GET", "/api/tickets/abc", 404}, {"GET", "/api/nothing", 404}, {"PATCH", "/api/tickets", 405}, {"GET", "/api/tickets/", 404},
		{"PUT", "/api/tickets/5", 400}, {"DELETE", "/api/tickets/5", 404}, {"GET", "/api/tickets?limit=1&limit=2", 400},
		{"GET", "/api/account", 200}, {"GET", "/api/users/0", 200}, {"GET", "/api/users", 200}, {"GET", "/api/teams", 200},
		{"GET", "/api/tags?search=IMP", 200}, {"GET", "/api/integrations?type=email", 200}, {"GET", "/api/custom-fields?object_type=Ticket", 200},
	} {
		r := call(t, s, c.method, c.target, "")
		if r.Code != c.status {
			t.Errorf("%s %s: %d, want %d: %s", c.method, c.target, r.Code, c.status, r.Body)
		}
		if r.Header().Get("X-Gorgias-Account-Api-Call-Limit") == "" {
			t.Errorf("%s %s: no rate header", c.method, c.target)
		}
		if c.status >= 400 && r.at("error.msg") == "<none>" {
			t.Errorf("%s %s: not the error shape: %s", c.method, c.target, r.Body)
		}
	}
	call(t, s, "GET", "/api/users?email=MIA@acme.test", "").holds("data.0.id", "12", "data.1", "<none>")
	call(t, s, "GET", "/api/users/0", "").holds("id", "11", "role.name", "admin")
	call(t, s, "GET", "/api/custom-fields?object_type=Ticket", "").holds("data.0.label", "Product", "data.0.definition.data_type", "text")
	call(t, s, "PUT", "/api/tickets/5", `{"created_datetime":"2020-01-01T00:00:00Z"}`).want(400).holds("error.data.created_datetime.0", "Unknown field.")
	call(t, s, "PUT", "/api/tickets/5", `{"messages":[]}`).want(400).holds("error.data.messages.0", "Unknown field.")
}

func TestCredentials(t *testing.T) {
	login := func(s *Server, set func(*http.Request)) int {
		r := httptest.NewRequest("GET", "/api/account", nil)
		set(r)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w.Code
	}
	basic := func(u, k string) func(*http.Request) { return func(r *http.Request) { r.SetBasicAuth(u, k) } }
	bearer := func(k string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+k) }
	}
	anyone := New(Options{})
	some := New(Options{Credentials: []Credential{{User: "a@b.test", Key: "k"}, {Token: "t"}}})
	for _, c := range []struct {
		name      string
		set       func(*http.Request)
		any, some int
	}{
		{"none", func(*http.Request) {}, 401, 401}, {"empty key", basic("a@b.test", ""), 401, 401}, {"empty token", bearer(""), 401, 401},
		{"right", basic("A@b.test", "k"), 200, 200}, {"wrong key", basic("a@b.test", "x"), 200, 401},
		{"right token", bearer("t"), 200, 200}, {"wrong token", bearer("k"), 200, 401},
	} {
		if got := login(anyone, c.set); got != c.any {
			t.Errorf("%s, any: %d, want %d", c.name, got, c.any)
		}
		if got := login(some, c.set); got != c.some {
			t.Errorf("%s, listed: %d, want %d", c.name, got, c.some)
		}
	}
}

func TestQuota(t *testing.T) {
	now := noon
	s := New(Options{Quota: Quota{Bucket: 2, Leak: 0.5}, Now: func() time.Time { return now }})
	get := func(status int, limit, retry string) {
		t.Helper()
		r := call(t, s, "GET", "/api/account", "").want(status)
		if got := r.Header().Get("X-Gorgias-Account-Api-Call-Limit"); got != limit {
			t.Errorf("limit %q, want %q", got, limit)
		}
		if got := r.Header().Get("Retry-After"); got != retry {
			t.Errorf("retry %q, want %q", got, retry)
		}
	}
	get(200, "1/2", "")
	get(200, "2/2", "")
	get(429, "2/2", "2")
	now = now.Add(time.Second)
	get(429, "2/2", "1")
	now = now.Add(time.Second)
	get(200, "2/2", "")
	now = now.Add(time.Hour)
	get(200, "1/2", "")
	if st := s.Stats(); st.Throttled != 2 || st.Requests != 6 {
		t.Errorf("stats = %+v", st)
	}
	for range 10 {
		call(t, s, "GET", "/sandbox/stats", "").want(200) // the controls cost nothing
	}
	if r := call(t, New(Options{}), "GET", "/api/account", ""); r.Header().Get("X-Gorgias-Account-Api-Call-Limit") != "1/1000000" {
		t.Errorf("no quota: %q", r.Header())
	}
}

func TestUpload(t *testing.T) {
	send := func(s *Server, target, field, name string, size int) reply {
		var b bytes.Buffer
		fmt.Fprintf(&b, "--B\r\nContent-Disposition: form-data; name=%q; filename=%q\r\nContent-Type: image/png\r\n\r\n%s\r\n--B--\r\n", field, name, strings.Repeat("x", size))
		r := httptest.NewRequest("POST", target, &b)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
		r.SetBasicAuth("a", "b")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return reply{w, t}
	}
	s := New(Options{Unknowns: Unknowns{UploadLimit: 100}})
	send(s, "/api/upload?type=attachment", "file", "a b.png", 100).want(201).
		holds("0.name", "a b.png", "0.size", "100", "0.content_type", "image/png", "1", "<none>")
	send(s, "/api/upload?type=attachment", "file", "a.png", 101).want(413)
	send(s, "/api/upload?type=attachment", "file", "a.png", 100_000).want(413)
	send(s, "/api/upload?type=attachment", "upload", "a.png", 1).want(400)
	send(s, "/api/upload?kind=attachment", "file", "a.png", 1).want(400)
	call(t, s, "POST", "/api/upload?type=attachment", "{}").want(400)
	strs := New(Options{Unknowns: Unknowns{SizeAsString: true, Status200: true}})
	if r := send(strs, "/api/upload?type=attachment", "file", "a.png", 7).want(200); !strings.Contains(r.Body.String(), `"size":"7"`) {
		t.Errorf("size is no string: %s", r.Body)
	}
}

func TestCustomers(t *testing.T) {
	s := New(Options{Now: at(noon)})
	call(t, s, "POST", "/api/customers", `{"name":"Bo Li","email":"Bo@X.test","external_id":"7","channels":[{"type":"phone","address":"+491"}]}`).want(201).
		holds("id", "90001", "email", "bo@x.test", "firstname", "Bo", "lastname", "Li", "channels.0.address", "bo@x.test", "channels.1.type", "phone", "active", "true")
	call(t, s, "POST", "/api/customers", `{"email":"BO@x.test"}`).want(409)
	call(t, s, "POST", "/api/customers", `{"external_id":"7"}`).want(409)
	call(t, s, "POST", "/api/customers", `{"channels":[{"type":"phone","address":"+491"}]}`).want(409)
	call(t, s, "POST", "/api/customers", `{"nickname":"b"}`).want(400)
	for _, q := range []string{"email=BO@X.test", "external_id=7", "name=bo%20li", "channel_type=phone&channel_address=%2B491"} {
		call(t, s, "GET", "/api/customers?"+q, "").want(200).holds("data.0.id", "90001", "data.1", "<none>")
	}
	call(t, s, "GET", "/api/customers?email=no@x.test", "").want(200).holds("data", "[]")
	// More than the id updates the person; a known e-mail is not made again.
	call(t, s, "POST", "/api/tickets", ticketOf(`"customer":{"id":90001,"name":"Bo Svensson"}`, strings.Replace(incoming, `"Ana@Shop.test","name":"Ana Maria Lopez"`, `"BO@X.TEST"`, 1))).want(201).
		holds("customer.id", "90001", "customer.lastname", "Svensson", "messages.0.sender.id", "90001")
	// An agent's id is no customer's.
	call(t, s, "POST", "/api/tickets", ticketOf(`"customer":{"id":12}`, incoming)).want(400)
	if n := len(s.Customers()); n != 1 {
		t.Errorf("%d customers, want 1", n)
	}
}

func TestUnknowns(t *testing.T) {
	t.Run("200", func(t *testing.T) {
		call(t, New(Options{Unknowns: Unknowns{Status200: true}}), "POST", "/api/tickets", ticketOf("", incoming)).want(200)
	})
	t.Run("duplicates", func(t *testing.T) {
		body := ticketOf(`"external_id":"e"`, incoming)
		free := New(Options{})
		call(t, free, "POST", "/api/tickets", body).want(201)
		call(t, free, "POST", "/api/tickets", body).want(201)
		call(t, free, "GET", "/api/tickets?external_id=e&order_by=created_datetime:asc", "").holds("data.0.id", "100001", "data.1.id", "100002")
		strict := New(Options{Unknowns: Unknowns{RefuseDuplicates: true, Body409: `{"error":"taken"}`}})
		call(t, strict, "POST", "/api/tickets", body).want(201)
		call(t, strict, "POST", "/api/tickets", body).want(409).holds("error", "taken")
		call(t, strict, "POST", "/api/tickets", ticketOf("", incoming)).want(409) // its message's external_id is in use
		call(t, strict, "POST", "/api/tickets/100001/messages", incoming).want(409)
	})
	t.Run("found later", func(t *testing.T) {
		now := noon
		s := New(Options{Unknowns: Unknowns{FindDelay: time.Minute}, Now: func() time.Time { return now }})
		call(t, s, "POST", "/api/tickets", ticketOf(`"external_id":"e"`, incoming)).want(201)
		call(t, s, "GET", "/api/tickets?external_id=e", "").holds("data", "[]")
		call(t, s, "GET", "/api/tickets", "").holds("data.0.id", "100001")
		now = now.Add(time.Minute)
		call(t, s, "GET", "/api/tickets?external_id=e", "").holds("data.0.id", "100001")
	})
	t.Run("one bad message", func(t *testing.T) {
		for _, bad := range []string{`{"channel":"email"}`, strings.Replace(outgoing, `"id":12`, `"id":99`, 1)} {
			body := ticketOf("", incoming, bad, note)
			call(t, New(Options{}), "POST", "/api/tickets", body).want(400)
			call(t, New(Options{Unknowns: Unknowns{KeepGoodMessages: true}}), "POST", "/api/tickets", body).want(201).
				holds("messages.1.external_id", "m3", "messages.2", "<none>")
			call(t, New(Options{Unknowns: Unknowns{KeepGoodMessages: true}}), "POST", "/api/tickets", ticketOf("", bad)).want(400)
		}
	})
	t.Run("updated", func(t *testing.T) {
		body := ticketOf(`"updated_datetime":"2021-01-01T00:00:00Z"`, incoming)
		call(t, New(Options{Now: at(noon)}), "POST", "/api/tickets", body).holds("updated_datetime", "2026-08-26T12:00:00.123456+00:00")
		call(t, New(Options{Unknowns: Unknowns{KeepUpdated: true}}), "POST", "/api/tickets", body).holds("updated_datetime", "2021-01-01T00:00:00.000000+00:00")
	})
	t.Run("reopen", func(t *testing.T) {
		s := New(Options{Unknowns: Unknowns{ReopenOnAppend: true}})
		call(t, s, "POST", "/api/tickets", ticketOf(`"status":"closed"`, incoming)).want(201)
		call(t, s, "POST", "/api/tickets/100001/messages", outgoing).want(201)
		call(t, s, "GET", "/api/tickets/100001", "").holds("status", "open")
	})
	t.Run("too large", func(t *testing.T) {
		call(t, New(Options{Unknowns: Unknowns{BodyLimit: 50}}), "POST", "/api/tickets", ticketOf("", incoming)).want(413)
	})
	t.Run("sender optional", func(t *testing.T) {
		s := New(Options{Unknowns: Unknowns{SenderOptional: true}})
		call(t, s, "POST", "/api/tickets", ticketOf("", `{"channel":"api","from_agent":true,"sent_datetime":"2021-01-01T00:00:00Z"}`)).want(201).holds("messages.0.sender", "null")
	})
}
