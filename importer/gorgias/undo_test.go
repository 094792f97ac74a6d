package gorgias

import (
	"net/http"
	"testing"
	"time"
)

// TestWireRuleOfAnUndo holds that an undo deletes and trashes and writes nothing else, and that nobody else does.
func TestWireRuleOfAnUndo(t *testing.T) {
	a := newAccount(t, reply(200, "application/json", `{}`))
	trashing := `{"trashed_datetime":"2020-01-02T03:04:05Z"}`
	for name, c := range map[string]struct {
		undo, pass         bool
		method, path, body string
	}{
		"delete ticket":                {true, true, "DELETE", "/api/tickets/7", ""},
		"delete message":               {true, true, "DELETE", "/api/tickets/7/messages/8", ""},
		"trash":                        {true, true, "PUT", "/api/tickets/7", trashing},
		"read":                         {true, true, "GET", "/api/tickets?ticket_ids=1,2&limit=100", ""},
		"delete ticket with a body":    {true, false, "DELETE", "/api/tickets/7", `{}`},
		"delete ticket with a query":   {true, false, "DELETE", "/api/tickets/7?x=1", ""},
		"delete customer":              {true, false, "DELETE", "/api/customers/7", ""},
		"delete all":                   {true, false, "DELETE", "/api/tickets", ""},
		"trash and close":              {true, false, "PUT", "/api/tickets/7", `{"status":"closed","trashed_datetime":"2020-01-02T03:04:05Z"}`},
		"out of the trash":             {true, false, "PUT", "/api/tickets/7", `{"trashed_datetime":null}`},
		"status":                       {true, false, "PUT", "/api/tickets/7", `{"status":"closed"}`},
		"nothing":                      {true, false, "PUT", "/api/tickets/7", `{}`},
		"create":                       {true, false, "POST", "/api/tickets", goodTicket},
		"append":                       {true, false, "POST", "/api/tickets/7/messages", goodMessage},
		"customer":                     {true, false, "POST", "/api/customers", `{"email":"a@b.c"}`},
		"trash outside undo":           {false, false, "PUT", "/api/tickets/7", trashing},
		"delete ticket outside undo":   {false, false, "DELETE", "/api/tickets/7", ""},
		"delete message outside undo":  {false, false, "DELETE", "/api/tickets/7/messages/8", ""},
		"several messages at one time": {true, false, "DELETE", "/api/tickets/7/messages", ""},
	} {
		rule := a.rule(t)
		rule.undo = c.undo
		resp, err := rule.RoundTrip(jsonRequest(c.method, a.URL+c.path, c.body))
		if err == nil {
			resp.Body.Close()
		}
		if (err == nil) != c.pass {
			t.Errorf("%s: passed %v, want %v (%v)", name, err == nil, c.pass, err)
		}
	}
}

// TestTrashIsLegal holds that what Trash sends is what the rule lets pass, also where the clocks differ.
func TestTrashIsLegal(t *testing.T) {
	var got *http.Request
	a := newAccount(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{}`))
	})
	c, err := New(Settings{Base: a.URL, User: "u@acme.test", Key: NewSecret("k"), Undo: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 2 {
		if err := c.Trash(t.Context(), 7); err != nil || got.Method != "PUT" || got.URL.Path != "/api/tickets/7" {
			t.Fatalf("trash: %v, %v", err, got)
		}
	}
	if ahead := c.Ahead(); ahead > -59*time.Minute || ahead < -61*time.Minute {
		t.Errorf("the target's clock is ahead by %s, want an hour behind", ahead)
	}
}
