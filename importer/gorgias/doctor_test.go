package gorgias_test

import (
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/mapping"
)

// examine looks at a sandbox behind a handler of the test's own.
func examine(t *testing.T, o sandbox.Options, front func(http.Handler) http.Handler, e *gorgias.Export, change ...func(*gorgias.Settings)) *gorgias.Examination {
	t.Helper()
	account := sandbox.New(o)
	handler := account.Handler()
	if front != nil {
		handler = front(handler)
	}
	writes := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			writes++
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { srv.Close(); account.Close() })
	s := gorgias.Settings{Base: srv.URL, User: "import@acme.test", Key: gorgias.NewSecret("s3cret-key"), Patience: 10 * time.Millisecond}
	for _, f := range change {
		f(&s)
	}
	c, err := gorgias.New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	x, err := (&gorgias.Doctor{Client: c, Export: e}).Examine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if writes > 0 {
		t.Errorf("%d writes", writes)
	}
	if out, err := json.Marshal(x); err != nil || strings.Contains(string(out), "s3cret") || strings.Contains(string(out), "hook-secret") {
		t.Errorf("%v %s", err, out)
	}
	return x
}

// only answers a path of its own and leaves the rest to the account.
func only(path string, f http.HandlerFunc) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path || path == "" {
				f(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprint(w, `{"error":{"msg":"No."}}`)
	}
}

// body answers JSON with the account's rate limit.
func body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Gorgias-Account-Api-Call-Limit", "1/40")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, text)
	}
}

// skewed is an account whose clock, and so the Date of its answers, is off.
func skewed(by time.Duration) sandbox.Options {
	return sandbox.Options{Now: func() time.Time { return time.Now().Add(by) }}
}

func TestDoctor(t *testing.T) {
	shop := func(change func(*sandbox.Account)) sandbox.Options {
		a := sandbox.DefaultAccount()
		change(&a)
		return sandbox.Options{Account: a, Unknowns: sandbox.Unknowns{ShowRules: true, ShowSettings: true}}
	}
	setting := func(kind, data string) sandbox.Options {
		return shop(func(a *sandbox.Account) {
			a.Settings = []sandbox.Setting{{ID: 1, Type: kind, Data: jsontext.Value(data)}}
		})
	}
	rule := func(events, code string, off bool) sandbox.Options {
		return shop(func(a *sandbox.Account) {
			a.Rules = []sandbox.Rule{{ID: 7, Name: "Night \x1b[2Jowl", Events: events, Code: code, Off: off}}
		})
	}
	quiet := gorgias.HazardOff
	for name, c := range map[string]struct {
		options sandbox.Options
		front   func(http.Handler) http.Handler
		change  func(*gorgias.Settings)
		code    string
		level   gorgias.Level // "": no such finding
		seen    string
		hazard  string
		state   gorgias.HazardState
	}{
		"host":            {code: "host", level: gorgias.LevelOK, seen: "for the account sandbox"},
		"credentials":     {code: "credentials", level: gorgias.LevelOK, seen: "accepted"},
		"whose key":       {code: "caller", level: gorgias.LevelOK, seen: "Import Helper <import@acme.test>, role admin"},
		"wrong key":       {options: sandbox.Options{Credentials: []sandbox.Credential{{User: "import@acme.test", Key: "other"}}}, code: "credentials", level: gorgias.LevelFail, seen: "401"},
		"not paid":        {front: only("/api/account", status(402)), code: "credentials", level: gorgias.LevelFail, seen: "402"},
		"may not read it": {front: only("/api/account", status(403)), code: "credentials", level: gorgias.LevelWarn, seen: "403"},
		"and goes on":     {front: only("/api/account", status(403)), code: "users", level: gorgias.LevelOK, seen: "3 users"},
		"a web page":      {front: only("", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html><title>Hello") }), code: "host", level: gorgias.LevelFail, seen: "web page"},
		"no API":          {front: only("", status(404)), code: "host", level: gorgias.LevelFail, seen: "no Gorgias API"},
		"another API":     {front: only("", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }), code: "host", level: gorgias.LevelFail, seen: "not as a Gorgias API does"},
		"a list":          {front: only("/api/account", body("[1]")), code: "host", level: gorgias.LevelFail, seen: "cannot be read"},
		"a redirect":      {front: only("", http.RedirectHandler("https://elsewhere.test/?key=x", http.StatusFound).ServeHTTP), code: "host", level: gorgias.LevelFail, seen: "elsewhere.test"},
		"an outage":       {front: only("", status(503)), code: "host", level: gorgias.LevelFail, seen: "503"},
		"nothing listens": {change: func(s *gorgias.Settings) { s.Base = "http://127.0.0.1:1" }, code: "host", level: gorgias.LevelFail, seen: "nothing listens"},
		"and says so":     {change: func(s *gorgias.Settings) { s.Base = "http://127.0.0.1:1" }, code: "rest", level: gorgias.LevelWarn, seen: "nothing more"},
		"role":            {options: shop(func(a *sandbox.Account) { a.Users[0].Role = "observer-agent" }), code: "caller", level: gorgias.LevelWarn, seen: "not made to create tickets"},
		"no role":         {front: only("/api/users/0", body(`{"email":"import@acme.test","name":null,"role":null}`)), code: "caller", level: gorgias.LevelOK, seen: "role is not shown"},
		"a list of roles": {front: only("/api/users/0", body(`{"email":"import@acme.test","roles":[{"name":"lite-agent"}]}`)), code: "caller", level: gorgias.LevelWarn, seen: "lite-agent"},
		"nobody":          {front: only("/api/users/0", status(403)), code: "caller", level: gorgias.LevelWarn, seen: "403"},
		"no users":        {front: only("/api/users", status(403)), code: "users", level: gorgias.LevelFail, seen: "403"},
		"clock":           {code: "clock", level: gorgias.LevelOK, seen: "agree"},
		"clock ahead":     {options: skewed(-40 * time.Second), code: "clock", level: gorgias.LevelWarn, seen: "ahead of"},
		"clock behind":    {options: skewed(10 * time.Minute), code: "clock", level: gorgias.LevelFail, seen: "s behind the account"},
		"clock within":    {options: skewed(20 * time.Second), code: "clock", level: gorgias.LevelOK, seen: "agree"},
		"no clock":        {front: only("/api/account", func(w http.ResponseWriter, r *http.Request) { w.Header()["Date"] = nil; body(`{"domain":"x"}`)(w, r) }), code: "host", level: gorgias.LevelOK},
		"rate":            {options: sandbox.Options{Quota: sandbox.Quota{Bucket: 80}}, code: "rate", level: gorgias.LevelOK, seen: "of 80 requests used, 4.0 become free"},
		"rate taken": {front: only("/api/users/0", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Gorgias-Account-Api-Call-Limit", "21/40")
			fmt.Fprint(w, `{"email":"a@b.test"}`)
		}), code: "rate", level: gorgias.LevelWarn, seen: "taken by something else"},
		"rules 404":         {code: "rules", hazard: "rules", state: gorgias.HazardUnknown},
		"rules 403":         {front: only("/api/rules", status(403)), code: "rules", level: gorgias.LevelWarn, seen: "403", hazard: "rules", state: gorgias.HazardUnknown},
		"rules HTML":        {front: only("/api/rules", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }), code: "rules", level: gorgias.LevelWarn, seen: "web page", hazard: "rules", state: gorgias.HazardUnknown},
		"no rules":          {options: shop(func(*sandbox.Account) {}), code: "rules", level: gorgias.LevelOK, seen: "0 rules", hazard: "rules", state: quiet},
		"rule replies":      {options: rule("ticket-created,ticket-updated", "Action('replyToTicket', {})", false), code: "rules", level: gorgias.LevelFail, seen: "1 rule ", hazard: "rules", state: gorgias.HazardOn},
		"rule mails":        {options: rule("ticket-message-created", `if (x) { Action( "sendEmail", {}) }`, false), code: "rules", level: gorgias.LevelFail, hazard: "rules", state: gorgias.HazardOn},
		"rule is off":       {options: rule("ticket-created", "Action('replyToTicket', {})", true), code: "rules", level: gorgias.LevelOK, hazard: "rules", state: quiet},
		"rule on closing":   {options: rule("ticket-closed", "Action('replyToTicket', {})", false), code: "rules", level: gorgias.LevelOK, hazard: "rules", state: quiet},
		"rule sorts":        {options: rule("ticket-created", "Action('addTags', {}); Action('setStatus', {})", false), code: "rules", level: gorgias.LevelOK, hazard: "rules", state: quiet},
		"rule unclear":      {options: rule("ticket-created", "Action('danceAround')", false), code: "rules.unclear", level: gorgias.LevelWarn, hazard: "rules", state: gorgias.HazardUnknown},
		"rule unreadable":   {options: rule("ticket-created", "?", false), code: "rules.unclear", level: gorgias.LevelWarn, hazard: "rules", state: gorgias.HazardUnknown},
		"rules of nonsense": {front: only("/api/rules", body(`{"data":[null,{"event_types":{"a":[]},"code":[1]},{"name":7}]}`)), code: "rules", level: gorgias.LevelOK, hazard: "rules", state: quiet},
		"the forgotten":     {options: sandbox.Options{Rules: true, Unknowns: sandbox.Unknowns{ShowRules: true}}, code: "rules", level: gorgias.LevelFail, hazard: "rules", state: gorgias.HazardOn},
		"surveys unknown":   {code: "surveys", hazard: "surveys", state: gorgias.HazardUnknown},
		"surveys on":        {options: setting("satisfaction-surveys", `{"send_survey_for_email":true,"send_survey_for_chat":false,"survey_email_text":"hi"}`), code: "surveys", level: gorgias.LevelFail, seen: "on, for email", hazard: "surveys", state: gorgias.HazardOn},
		"surveys off":       {options: setting("satisfaction-surveys", `{"send_survey_for_email":false}`), code: "surveys", level: gorgias.LevelOK, hazard: "surveys", state: quiet},
		"surveys otherwise": {options: setting("satisfaction-surveys", `{"x":[1]}`), code: "surveys", hazard: "surveys", state: gorgias.HazardUnknown},
		"settings apart":    {options: setting("satisfaction-surveys", `{"send_survey_for_email":true}`), front: only("/api/account", body(`{"domain":"x"}`)), code: "surveys", level: gorgias.LevelFail, hazard: "surveys", state: gorgias.HazardOn},
		"merge on":          {options: setting("auto-merge", `{"tickets":{"enabled":true,"merging_window_days":5}}`), code: "auto_merge", level: gorgias.LevelWarn, seen: "within 5 days", hazard: "auto_merge", state: gorgias.HazardOn},
		"merge off":         {options: setting("auto-merge", `{"tickets":{"enabled":false}}`), code: "auto_merge", level: gorgias.LevelOK, hazard: "auto_merge", state: quiet},
		"split":             {code: "auto_split", hazard: "auto_split", state: gorgias.HazardUnknown},
		"billing":           {code: "billing", hazard: "billing", state: gorgias.HazardUnknown},
		"hook": {options: shop(func(a *sandbox.Account) {
			a.Integrations = append(a.Integrations, sandbox.Integration{ID: 72, Type: "http", Name: "Orders", Triggers: []string{"ticket-created"}})
		}), code: "http", level: gorgias.LevelWarn, seen: "1 HTTP integration", hazard: "http", state: gorgias.HazardOn},
		"hook is off": {options: shop(func(a *sandbox.Account) {
			a.Integrations = append(a.Integrations, sandbox.Integration{ID: 72, Type: "http", Inactive: true, Triggers: []string{"ticket-created"}})
		}), code: "http", hazard: "http", state: gorgias.HazardUnknown},
		"hook on closing": {options: shop(func(a *sandbox.Account) {
			a.Integrations = append(a.Integrations, sandbox.Integration{ID: 72, Type: "http", Triggers: []string{"ticket-closed"}})
		}), code: "http", hazard: "http", state: gorgias.HazardUnknown},
		"hooks 403": {front: only("/api/integrations", status(403)), code: "integrations", level: gorgias.LevelWarn, seen: "403", hazard: "http", state: gorgias.HazardUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			var change []func(*gorgias.Settings)
			if c.change != nil {
				change = append(change, c.change)
			}
			x := examine(t, c.options, c.front, nil, change...)
			finding(t, x, c.code, c.level, c.seen)
			if i := slices.IndexFunc(x.Checklist, func(h gorgias.Hazard) bool { return h.Code == c.hazard }); c.hazard != "" && (i < 0 || x.Checklist[i].State != c.state) {
				t.Errorf("%s: want %s, got %+v", c.hazard, c.state, x.Checklist)
			}
			if len(x.Checklist) != 7 {
				t.Errorf("the checklist has %d lines", len(x.Checklist))
			}
			for _, f := range x.Findings {
				if f.Level != gorgias.LevelOK && f.Do == "" {
					t.Errorf("%s does not say what to do", f.Code)
				}
				if strings.ContainsFunc(fmt.Sprint(f), func(r rune) bool { return r < ' ' }) {
					t.Errorf("%q holds control characters", fmt.Sprint(f))
				}
			}
		})
	}
}

func finding(t *testing.T, x *gorgias.Examination, code string, level gorgias.Level, seen string) gorgias.Finding {
	t.Helper()
	for _, f := range x.Findings {
		if f.Code != code {
			continue
		}
		if f.Level != level || !strings.Contains(f.Seen, seen) {
			t.Errorf("%s: want %q with %q, got %+v", code, level, seen, f)
		}
		return f
	}
	if level != "" {
		t.Errorf("%s was not found: %+v", code, x.Findings)
	}
	return gorgias.Finding{}
}

func tickets(works ...*importer.Work) iter.Seq2[*importer.Work, error] {
	return func(yield func(*importer.Work, error) bool) {
		for _, w := range works {
			if !yield(w, nil) {
				return
			}
		}
	}
}

func TestDoctorExport(t *testing.T) {
	account := sandbox.DefaultAccount()
	account.CustomFields = append(account.CustomFields, sandbox.CustomField{ID: 53, Label: "Size", Choices: []string{"S", "M"}}, sandbox.CustomField{ID: 54, Label: "Weight", DataType: "number"})
	account.Customers = []sandbox.Customer{{Email: "ada@example.com", Name: "Ada"}}
	options := sandbox.Options{Account: account, Quota: sandbox.Quota{Bucket: 1000}}
	odd := conversation(t, "zendesk:8", "bo@example.com", 6)
	odd.Ticket.AssigneeUser, odd.Ticket.AssigneeTeam = mapping.Person{Email: "left@acme.test"}, "Night shift"
	odd.Ticket.CustomFields = []mapping.CustomField{{Field: "size", Value: "XXL"}, {Field: "Weight", Value: "heavy"}, {Field: "Nope", Value: "1"}}
	odd.Ticket.Messages[0].Channel = "whatsapp"
	plain := conversation(t, "zendesk:7", "ada@example.com", 2)
	plain.Ticket.CustomFields = plain.Ticket.CustomFields[:1]
	summary := &importer.Summary{Requests: importer.RequestSums{Planned: 7200}, Tickets: importer.TicketSums{Pending: 2}}
	summary.People.Customers = 2

	t.Run("missing", func(t *testing.T) {
		x := examine(t, options, nil, &gorgias.Export{Tickets: tickets(plain, odd), Summary: summary})
		for code, want := range map[string][]gorgias.FindingValue{
			gorgias.LossAgent:            {{Value: "gone@acme.test", Count: 2}},
			gorgias.LossAssignee:         {{Value: "left@acme.test", Count: 1}},
			gorgias.LossTeam:             {{Value: "Night shift", Count: 1}},
			gorgias.LossCustomField:      {{Value: "Nope", Count: 1}},
			gorgias.LossCustomFieldValue: {{Value: "Weight: heavy", Count: 1}, {Value: "size: XXL", Count: 1}},
			"channels":                   {{Value: "whatsapp", Count: 1}},
		} {
			if f := finding(t, x, code, gorgias.LevelWarn, ""); !slices.Equal(f.Values, want) {
				t.Errorf("%s: %+v", code, f)
			}
		}
		if f := finding(t, x, "tags", gorgias.LevelOK, "1 of 2 tags are new"); len(f.Values) != 1 || f.Values[0] != (gorgias.FindingValue{Value: "vip", Count: 2}) {
			t.Errorf("%+v", f)
		}
		finding(t, x, "customers", gorgias.LevelOK, "2 customers in the export; the account has 1 of them")
		finding(t, x, "fallback", gorgias.LevelOK, "import@acme.test, whose key it is")
		finding(t, x, "duration", gorgias.LevelOK, "7200 requests for 2 tickets: about 3 minutes")
		if x.Worst() != gorgias.LevelWarn {
			t.Errorf("%s: %+v", x.Worst(), x.Findings)
		}
	})
	t.Run("all there", func(t *testing.T) {
		x := examine(t, options, nil, &gorgias.Export{Tickets: tickets(plain)})
		for _, code := range []string{gorgias.LossAgent, gorgias.LossAssignee, gorgias.LossTeam, gorgias.LossCustomField, gorgias.LossCustomFieldValue, gorgias.LossIntegration, "channels"} {
			finding(t, x, code, gorgias.LevelOK, "")
		}
		if x.Worst() != gorgias.LevelOK {
			t.Errorf("%s: %+v", x.Worst(), x.Findings)
		}
	})
	t.Run("fallback is nobody", func(t *testing.T) {
		x := examine(t, options, nil, &gorgias.Export{Tickets: tickets(plain)}, func(s *gorgias.Settings) { s.Agent = "who@acme.test" })
		finding(t, x, "fallback", gorgias.LevelFail, "who@acme.test is no user")
	})
	t.Run("many customers", func(t *testing.T) {
		many := options
		many.Account.Customers = nil
		for i := range 1500 {
			many.Account.Customers = append(many.Account.Customers, sandbox.Customer{Email: fmt.Sprintf("c%d@example.com", i)})
		}
		var works []*importer.Work
		for i := range 100 {
			works = append(works, conversation(t, fmt.Sprint("z:", i), fmt.Sprintf("C%d@example.com", i), 1))
		}
		x := examine(t, many, nil, &gorgias.Export{Tickets: tickets(works...)})
		finding(t, x, "customers", gorgias.LevelOK, "of 20 that were looked up the account has 20, so about 100 in all")
		if x.Requests > 60 {
			t.Errorf("%d requests", x.Requests)
		}
	})
	for path, code := range map[string]string{"/api/teams": "teams", "/api/custom-fields": "custom_fields", "/api/integrations": "mailboxes", "/api/customers": "customers", "/api/tags": "tags"} {
		t.Run(code+" refused", func(t *testing.T) {
			x := examine(t, options, only(path, status(403)), &gorgias.Export{Tickets: tickets(plain)})
			level := gorgias.LevelFail
			if code == "tags" {
				level = gorgias.LevelWarn
			}
			finding(t, x, code, level, "403")
		})
	}
	t.Run("users refused", func(t *testing.T) {
		x := examine(t, options, only("/api/users", status(403)), &gorgias.Export{Tickets: tickets(plain)})
		finding(t, x, "export", gorgias.LevelWarn, "not held against")
	})
	t.Run("broken export", func(t *testing.T) {
		_, c := open(t, options)
		broken := func(yield func(*importer.Work, error) bool) { yield(nil, fmt.Errorf("no such file")) }
		if _, err := (&gorgias.Doctor{Client: c, Export: &gorgias.Export{Tickets: broken}}).Examine(t.Context()); err == nil {
			t.Error("no error")
		}
	})
}
