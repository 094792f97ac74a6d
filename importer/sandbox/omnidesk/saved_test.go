package omnidesk

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

// Saved answers come back byte for byte, whatever they are wrapped in.
func TestReadSaved(t *testing.T) {
	item := `{"title":"Vraag","id":"7","status":"open","unknown":[1.50,{"a":null}],"from":"a@example.org","from_name":"Ana","customer_id":9,"last_update":"2021-07-01 12:00:00","timeline":[{"type":"note","id":"3","user_id":2,"user_name":"bo","content":"x"},{"type":"event","id":3},{"type":"odd","id":4,"content":1e3}]}`
	row := `{"title":"Vraag","id":7,"status":"open"}`
	for name, text := range map[string]string{
		"item": `{"type":"item","item":` + item + `}`, "alone": item, "list": `{"type":"list","itemStart":0,"itemTotal":1,"itemLimit":15,"items":[` + item + `]}`,
		"array": `[` + item + `]`, "lines": row + "\n" + item + "\n", "a row afterwards": item + "\n" + row, "pages": `{"items":[` + row + `]}{"items":[]}` + item,
	} {
		h, err := ReadSaved("saved.json", strings.NewReader(text), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s := New(Options{Quirks: Quirks{EventsAlways: true}})
		s.Load(h)
		if a := ask(t, s, "GET", "/ticket/7"); a.body != `{"type":"item","item":`+strings.Replace(item, `"timeline"`, `"timeline"`, 1)+`}` {
			t.Errorf("%s:\n%s", name, a.body)
		}
		if stats := s.Stats(); stats.Tickets != 1 || stats.Messages != 1 || stats.Notes != 1 || stats.Events != 1 || stats.Users != 1 || stats.Customers != 1 {
			t.Errorf("%s: %+v", name, stats)
		}
		if a := ask(t, s, "GET", "/ticket?query=vraag"); strings.Contains(a.body, "timeline") || !strings.Contains(a.body, `"unknown":[1.50,`) {
			t.Errorf("%s: %s", name, a.body)
		}
	}
}

func TestReadSavedRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"0":{"case":{"case_id":1}},"total_count":1}`:   "other Omnidesk",
		`{"status":"error","message":"Invalid API key"}`: "an error that was saved",
		`{"id":1,"foo":2}`:                  "no ticket, user, customer or channel",
		`{"title":"x","status":"open"}`:     "has no id",
		`[1]`:                               "expected an object",
		`{"items":[{"title":"x"`:            "saved.json: byte",
		`[{"title":"x","status":"","id":1}`: "unexpected EOF",
		"\x00":                              "saved.json: byte",
	} {
		if _, err := ReadSaved("saved.json", strings.NewReader(text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if h, err := ReadSaved("empty", strings.NewReader(" \n"), nil); err != nil || len(h.Tickets) != 0 {
		t.Errorf("an empty file: %v", err)
	}
}

// What one simulator answers fills another, which answers the same: tickets, users, customers and channels.
func TestSavedFromItself(t *testing.T) {
	a := loaded(Options{}, 80)
	var all bytes.Buffer
	for _, path := range []string{"/user?itemLimit=99", "/customer?itemLimit=99", "/channel"} {
		all.WriteString(ask(t, a, "GET", path).body + "\n")
	}
	for _, ticket := range a.Tickets() {
		all.WriteString(ask(t, a, "GET", fmt.Sprintf("/ticket/%d?getTicketHistory=true", ticket.ID)).body + "\n")
	}
	h, err := ReadSaved("dump", &all, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := New(Options{})
	b.Load(h)
	for _, path := range []string{"/user?itemLimit=99", "/customer?itemLimit=99", "/channel", "/ticket/858420", "/ticket/858420?getTicketHistory=1"} {
		if x, y := ask(t, a, "GET", path).body, ask(t, b, "GET", path).body; x != y {
			t.Errorf("%s:\n%s\n%s", path, x, y)
		}
	}
	// A message posted to a saved ticket comes behind its timeline, with an id of its own.
	post(t, b, "/message", "ticketID=858420", "type=1", "message=Hallo, daar").want(200, "")
	timeline := ask(t, b, "GET", "/ticket/858420").item()["timeline"].([]any)
	before := ask(t, a, "GET", "/ticket/858420").item()["timeline"].([]any)
	last := timeline[len(timeline)-1].(map[string]any)
	if len(timeline) != len(before)+1 || !reflect.DeepEqual(timeline[:len(before)], before) || last["content"] != "Hallo, daar" || strings.Contains(ask(t, a, "GET", "/ticket/858420").body, `"id":"`+last["id"].(string)) {
		t.Errorf("%v", timeline)
	}
}

// TestDumpComesBack fills an account with what another one wrote out: archived tickets are archived, and people keep their addresses.
func TestDumpComesBack(t *testing.T) {
	a, b := loaded(Options{}, 80), New(Options{})
	dumped := func(s *Server) string { return serve(t, s, httptest.NewRequest("GET", "/sandbox/tickets", nil)).body }
	dump := dumped(a)
	h, err := ReadSaved("dump", strings.NewReader(dump), nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Load(h)
	for _, path := range []string{"/user?itemLimit=99", "/customer?itemLimit=99", "/ticket?itemLimit=99", "/ticket?itemLimit=99&searchArchived=yes"} {
		if x, y := ask(t, a, "GET", path).body, ask(t, b, "GET", path).body; x != y || len(x) < 100 {
			t.Errorf("%s:\n%s\n%s", path, x, y)
		}
	}
	if again := dumped(b); again != dump {
		t.Errorf("written out again:\n%s\n%s", dump, again)
	}
	if x, y := a.Stats().Archived, b.Stats().Archived; x != y || x == 0 {
		t.Errorf("%d archived tickets became %d", x, y)
	}
}

func FuzzReadSaved(f *testing.F) {
	for _, text := range []string{`{"items":[{"title":"x","status":"s","id":"1","timeline":[null,1,{"type":"event"}]}]}`, `[{"email":1,"id":-1}]`, `{"id":1e99,"timeline":{}}`,
		`{"title":"\ud800","status":1,"id":9223372036854775807}`, `{"item":{"item":{"item":{}}}}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ReadSaved("fuzz", strings.NewReader(text), nil)
		if err != nil {
			return
		}
		s := New(Options{})
		s.Load(h)
		ask(t, s, "GET", "/ticket?itemLimit=9999").want(200, `"items"`)
		for _, ticket := range h.Tickets {
			ask(t, s, "GET", fmt.Sprintf("/ticket/%d?getTicketHistory=1", ticket.ID)).want(200, `"item"`)
			post(t, s, "/message", fmt.Sprintf("ticketID=%d", ticket.ID), "type=1", "message=Hallo")
		}
		s.Stats()
	})
}
