package sandbox

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestParseFaults(t *testing.T) {
	for _, c := range []struct {
		script string
		want   Faults
		text   string // when it is not the script itself
	}{
		{"drop-after:5%", Faults{List: []Fault{{Do: "drop-after", Percent: 5}}}, ""},
		{"503-before@7", Faults{List: []Fault{{Do: "503-before", Nth: 7}}}, ""},
		{"503@7", Faults{List: []Fault{{Do: "503-before", Nth: 7}}}, "503-before@7"},
		{"late:2s@20", Faults{List: []Fault{{Do: "late", Delay: 2 * time.Second, Nth: 20}}}, ""},
		{"slow:1.5s@*/20 on POST /api/tickets", Faults{List: []Fault{{Do: "slow", Delay: 1500 * time.Millisecond, Every: 20, Method: "POST", Path: "/api/tickets"}}}, ""},
		{"429:5s:3x@4..9", Faults{List: []Fault{{Do: "429-before", Delay: 5 * time.Second, Times: 3, Nth: 4, Last: 9}}}, "429-before:5s:3x@4..9"},
		{"quota@10..", Faults{List: []Fault{{Do: "quota-before", Nth: 10, Last: -1}}}, "quota-before@10.."},
		{"partial:2, merged:1m on post;\n# nothing\ndeleted # an agent\nseed=42", Faults{Seed: 42, List: []Fault{{Do: "partial", Count: 2},
			{Do: "merged", Delay: time.Minute, Method: "POST"}, {Do: "deleted"}}}, "partial:2, merged:1m0s on POST, deleted, seed=42"},
		{`[{"do":"late","delay":"2s","nth":20,"method":"post"}]`, Faults{List: []Fault{{Do: "late", Delay: 2 * time.Second, Nth: 20, Method: "POST"}}}, "late:2s@20 on POST"},
		{`{"seed":7,"faults":[{"do":"html","percent":0.5}]}`, Faults{Seed: 7, List: []Fault{{Do: "html-before", Percent: 0.5}}}, "html-before:0.5%, seed=7"},
		{"", Faults{}, ""},
	} {
		got, err := ParseFaults(c.script)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %+v, %v; want %+v", c.script, got, err, c.want)
			continue
		}
		if c.text == "" {
			c.text = c.script
		}
		if got.String() != c.text {
			t.Errorf("%q prints as %q, want %q", c.script, got.String(), c.text)
		}
		if again, err := ParseFaults(got.String()); err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%q does not survive printing: %+v, %v", c.script, again, err)
		}
	}
}

func TestParseFaultsRefuses(t *testing.T) {
	for script, want := range map[string]string{
		"explode":                           "no such fault",
		"drop":                              "write drop-before, drop-after or cut-after",
		"200-before":                        "no such fault",
		"503-during":                        "write 503-before or 503-after",
		"slow":                              "slow needs a time, as in slow:2s",
		"late:2":                            "write 2s for a time",
		"drop-after:0%":                     "not a percentage",
		"drop-after:101%":                   "not a percentage",
		"drop-after:NaN%":                   "not a percentage",
		"503@0":                             "is none of @7",
		"503@9..7":                          "does not end after it begins",
		"503@*/0":                           "every how many",
		"503:x":                             "does not say how often",
		"503:2s":                            "takes no time",
		"503 if POST":                       `only "on METHOD PATH" may follow`,
		"503 on FETCH":                      `"FETCH" is not GET, POST, PUT or DELETE`,
		"503 on POST /api/[":                "not a path pattern",
		"seed=x":                            "the seed is not a whole number",
		`[{"do":"503","when":1}]`:           "unknown",
		`[{"do":"late","delay":"soon"}]`:    "not a time such as 2s",
		`[{"do":"503","nth":2,"every":2}]`:  "either which request or every how many",
		`[{"do":"503","nth":-2}]`:           "negative",
		`{"seed":1,"faults":[{"do":"bad"}]`: "fault script",
	} {
		if _, err := ParseFaults(script); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", script, err, want)
		}
	}
}

func FuzzParseFaults(f *testing.F) {
	for _, s := range []string{"drop-after:5%, 503-before@7", "late:2s@20 on POST /api/tickets", `[{"do":"late","delay":"2s"}]`, "seed=1\n429:3s:2x@*/3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script string) {
		got, err := ParseFaults(script)
		if err != nil {
			return
		}
		again, err := ParseFaults(got.String())
		if err != nil || !reflect.DeepEqual(again.List, got.List) {
			t.Errorf("%q prints as %q, which reads as %+v, %v", script, got.String(), again, err)
		}
	})
}

// script parses a fault script that is known to be right.
func script(t *testing.T, text string) Faults {
	t.Helper()
	f, err := ParseFaults(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// dropped tells whether a call ends without an answer.
func dropped(t *testing.T, s *Server, method, target, body string) (was bool) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			was = true
		}
	}()
	call(t, s, method, target, body)
	return false
}

func TestFaultsThatAnswer(t *testing.T) {
	body := ticketOf("", incoming)
	for _, c := range []struct {
		script  string
		status  int
		tickets int
		body    string
	}{
		{"503", 503, 0, "<html>"}, {"503-after", 503, 1, "<html>"}, {"502-after@1", 502, 1, "<html>"}, {"429:3s", 429, 0, "Rate limit"},
		{"quota", 403, 0, "Messaging quota exceeded."}, {"401", 401, 0, `"error"`}, {"403", 403, 0, `"error"`}, {"413", 413, 0, `"error"`},
		{"truncated", 200, 0, `"messages":[`}, {"truncated-after", 200, 1, `{"`}, {"html", 200, 0, "<!DOCTYPE"}, {"html-after", 200, 1, "<!DOCTYPE"}, {"redirect", 302, 0, ""}, {"307", 307, 0, ""},
		{"503@2", 201, 1, `"id"`}, {"503@2..", 201, 1, `"id"`}, {"503@*/2", 201, 1, `"id"`}, {"503 on GET", 201, 1, `"id"`},
		{"503 on POST /api/tickets/*/messages", 201, 1, `"id"`}, {"503 on /api/tickets", 503, 0, ""}, {"503, html-after", 503, 0, ""},
	} {
		s := New(Options{Faults: script(t, c.script)})
		r := call(t, s, "POST", "/api/tickets", body)
		if r.Code != c.status || !strings.Contains(r.Body.String(), c.body) || len(s.Tickets()) != c.tickets {
			t.Errorf("%s: status %d, %d tickets, %s", c.script, r.Code, len(s.Tickets()), r.Body)
		}
	}
	s := New(Options{Faults: script(t, "429:3s:1x")})
	if r := call(t, s, "GET", "/api/account", ""); r.Header().Get("Retry-After") != "3" || s.Stats().Throttled != 1 {
		t.Errorf("429: %v", r.Header())
	}
	call(t, s, "GET", "/api/account", "").want(200)
}

func TestFaultsCount(t *testing.T) {
	play := func(text string, n int) string {
		s := New(Options{Faults: script(t, text)})
		var b strings.Builder
		for range n {
			if call(t, s, "GET", "/api/account", "").Code == 503 {
				b.WriteByte('x')
			} else {
				b.WriteByte('.')
			}
		}
		return b.String()
	}
	for text, want := range map[string]string{
		"503@3":          "..x.....",
		"503@3..5":       "..xxx...",
		"503@3..":        "..xxxxxx",
		"503@*/3":        "..x..x..",
		"503:2x":         "xx......",
		"503@2, 503@*/4": ".x.x...x",
	} {
		if got := play(text, 8); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	one, same, other := play("503:30%, seed=1", 400), play("503:30%, seed=1", 400), play("503:30%, seed=2", 400)
	if one != same || one == other {
		t.Error("a percentage does not follow its seed")
	}
	if n := strings.Count(one, "x"); n < 80 || n > 160 {
		t.Errorf("30%% of 400 struck %d times", n)
	}
}

func TestFaultsThatDrop(t *testing.T) {
	body := ticketOf("", incoming)
	for text, tickets := range map[string]int{"drop-before": 0, "drop-after": 1} {
		s := New(Options{Faults: script(t, text)})
		if !dropped(t, s, "POST", "/api/tickets", body) || len(s.Tickets()) != tickets {
			t.Errorf("%s: %d tickets", text, len(s.Tickets()))
		}
	}
}

// Over a real connection the client sees the end of it, or half an answer.
func TestDropsOverHTTP(t *testing.T) {
	s := New(Options{})
	url, stop, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	post := func() (int, string, error) {
		r, err := http.NewRequest("POST", url+"/api/tickets", strings.NewReader(ticketOf("", incoming)))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("a", "b")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		return res.StatusCode, string(b), err
	}
	for text, want := range map[string]struct{ status, tickets int }{
		"drop-before": {0, 0}, "drop-after": {0, 1}, "cut-after": {201, 1}, "late:1h": {0, 0},
	} {
		if err := s.Reset(); err != nil {
			t.Fatal(err)
		}
		s.SetFaults(script(t, text))
		status, got, err := post()
		if err == nil || status != want.status || len(s.Tickets()) != want.tickets || (status > 0 && got == "") {
			t.Errorf("%s: status %d, body %q, error %v, %d tickets", text, status, got, err, len(s.Tickets()))
		}
		if text == "cut-after" && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut-after: %v", err)
		}
	}
	s.SetFaults(Faults{})
	if status, _, err := post(); err != nil || status != 201 {
		t.Errorf("after the faults: %d, %v", status, err)
	}
}

func TestLateCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Faults: script(t, "late:2s@1")})
		defer s.Close()
		if !dropped(t, s, "POST", "/api/tickets", ticketOf(`"external_id":"e"`, incoming)) {
			t.Fatal("it was answered")
		}
		time.Sleep(2*time.Second - 1)
		synctest.Wait()
		call(t, s, "GET", "/api/tickets?external_id=e", "").holds("data", "[]")
		if s.Stats().Pending != 1 {
			t.Error("nothing is pending")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		call(t, s, "GET", "/api/tickets?external_id=e", "").holds("data.0.external_id", "e")
	})
}

func TestHangCommitsAfterTheClientGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Faults: script(t, "hang:2s")})
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, "POST", "/api/tickets", strings.NewReader(ticketOf("", incoming)))
		r.SetBasicAuth("a", "b")
		began := time.Now()
		func() {
			defer func() { _ = recover() }()
			s.Handler().ServeHTTP(httptest.NewRecorder(), r)
		}()
		if d := time.Since(began); d != 30*time.Second || len(s.Tickets()) != 0 {
			t.Errorf("let go after %v with %d tickets", d, len(s.Tickets()))
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(s.Tickets()) != 1 {
			t.Error("it was not done")
		}
	})
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Faults: script(t, "slow:3s, 503-after@2")})
		began := time.Now()
		call(t, s, "POST", "/api/tickets", ticketOf("", incoming)).want(201)
		call(t, s, "POST", "/api/tickets", ticketOf("", incoming)).want(503)
		if d := time.Since(began); d != 6*time.Second || len(s.Tickets()) != 2 {
			t.Errorf("%v, %d tickets", d, len(s.Tickets()))
		}
	})
}

func TestSettleAndCloseLandWhatIsPending(t *testing.T) {
	for _, land := range []func(*Server){(*Server).Settle, func(s *Server) { _ = s.Close() }} {
		s := New(Options{Faults: script(t, "late:1h, deleted:2h")})
		dropped(t, s, "POST", "/api/tickets", ticketOf("", incoming))
		s.SetFaults(Faults{})
		if land(s); s.Stats().Pending != 0 || len(s.Tickets()) != 0 || s.store.next.Ticket != 100_001 {
			t.Errorf("stats %+v", s.Stats())
		}
	}
}

func TestLag(t *testing.T) {
	now := noon
	s := New(Options{Now: func() time.Time { return now }, Faults: script(t, "lag:10s@1, lag-list:1m@2")})
	for i := range 2 {
		call(t, s, "POST", "/api/tickets", ticketOf(`"external_id":"`+strconv.Itoa(i)+`"`, incoming)).want(201)
	}
	seen := func(want0, want1, wantList string) {
		t.Helper()
		call(t, s, "GET", "/api/tickets?external_id=0", "").holds("data.0.id", want0)
		call(t, s, "GET", "/api/tickets?external_id=1", "").holds("data.0.id", want1)
		call(t, s, "GET", "/api/tickets?order_by=updated_datetime:desc", "").holds("data.0.id", wantList)
		call(t, s, "GET", "/api/tickets/100002", "").want(200)
	}
	seen("<none>", "<none>", "100001")
	now = now.Add(10 * time.Second)
	seen("100001", "<none>", "100001")
	now = now.Add(50 * time.Second)
	seen("100001", "100002", "100002")
}

func TestPartial(t *testing.T) {
	for text, want := range map[string]int{"partial": 2, "partial:1": 1, "partial:9": 4} {
		s := New(Options{Faults: script(t, text)})
		r := call(t, s, "POST", "/api/tickets", ticketOf("", incoming, outgoing, note, incoming)).want(201)
		if got := len(s.Tickets()[0].Messages); got != want || r.at("messages."+strconv.Itoa(want)) != "<none>" {
			t.Errorf("%s: %d messages kept", text, got)
		}
	}
}

func TestAgentsAct(t *testing.T) {
	do := func(what string) *Server {
		s := New(Options{Faults: script(t, what+"@2"), Now: at(noon)})
		call(t, s, "POST", "/api/tickets", ticketOf(`"external_id":"old"`, incoming)).want(201)
		call(t, s, "POST", "/api/tickets", ticketOf(`"external_id":"new"`, incoming, outgoing)).want(201)
		return s
	}
	call(t, do("deleted"), "GET", "/api/tickets/100002", "").want(404)
	call(t, do("trashed"), "GET", "/api/tickets?trashed=false", "").holds("data.0.id", "100001", "data.1", "<none>")
	call(t, do("spam"), "GET", "/api/tickets/100002", "").holds("spam", "true")
	call(t, do("touched"), "GET", "/api/tickets/100002", "").holds("messages.2.via", "helpdesk", "messages.2.sender.id", "13")
	s := do("merged")
	call(t, s, "GET", "/api/tickets/100002", "").want(404)
	call(t, s, "GET", "/api/tickets/100001", "").holds("messages.2.external_id", "m2", "messages.2.ticket_id", "100001", "messages.3", "<none>")
	if st := s.Stats(); st.Messages != 3 || st.Outbox != 0 {
		t.Errorf("%+v", st)
	}
	alone := New(Options{Faults: script(t, "merged")})
	call(t, alone, "POST", "/api/tickets", ticketOf(`"external_id":"e"`, incoming)).want(201)
	if all := alone.Tickets(); len(all) != 1 || all[0].ID != 100002 || all[0].ExternalID != "" {
		t.Errorf("%+v", all[0])
	}
}

func TestFaultControls(t *testing.T) {
	s := New(Options{})
	call(t, s, "POST", "/sandbox/faults", "503@1, seed=3").want(200).holds("script", "503-before@1, seed=3", "faults.0.seen", "0")
	call(t, s, "GET", "/api/account", "").want(503)
	call(t, s, "GET", "/sandbox/faults", "").want(200).holds("faults.0.struck", "1")
	call(t, s, "POST", "/sandbox/faults", "bang").want(400)
	call(t, s, "POST", "/api/tickets", ticketOf("", incoming)).want(201)
	call(t, s, "POST", "/sandbox/reset", "").want(200).holds("requests", "0", "tickets", "0", "customers", "0")
	call(t, s, "GET", "/sandbox/faults", "").want(200).holds("script", "")
	// A page of another site cannot reset it.
	r := httptest.NewRequest("POST", "/sandbox/reset", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	if s.Handler().ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Errorf("cross-site reset: %d", w.Code)
	}
}

// A client that goes away in the middle of its body does no harm.
func TestTornRequest(t *testing.T) {
	s := New(Options{})
	url, stop, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, "POST /api/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\nContent-Length: 100\r\n\r\n{")
	_ = conn.Close()
	stop()
	if n := len(s.Tickets()); n != 0 {
		t.Errorf("%d tickets", n)
	}
}
