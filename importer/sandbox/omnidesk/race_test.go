package omnidesk

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Many clients read and post at once while rows shift: every answer is whole, and the counts agree.
func TestManyClients(t *testing.T) {
	s := loaded(Options{Quirks: Quirks{Shift: ShiftTouch}, Faults: script(t, "503:5%, drop-before:3%, slow:1ms:5%, seed=4")}, 120)
	url, stop, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	before := s.Stats().Messages
	var mu sync.Mutex
	posted, asked := 0, 0
	do := func(method, path, body, kind string) int {
		r, err := http.NewRequest(method, url+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return 0
		}
		r.Header.Set("apiKey", "k")
		r.Header.Set("Content-Type", kind)
		r.Close = true // or the client asks again by itself when it is dropped
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0
		}
		defer res.Body.Close()
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Error(err)
		}
		return res.StatusCode
	}
	var all sync.WaitGroup
	for w := range 6 {
		all.Go(func() {
			for i := range 30 {
				body, kind := multi(fmt.Sprintf("ticketID=%d", firstID+i), "type=1", fmt.Sprintf("message=bericht %d van %d", i, w))
				status := do("POST", "/message", body, kind)
				for _, path := range []string{"/ticket?itemLimit=20", fmt.Sprintf("/ticket/%d", firstID+i), "/user", "/customer?itemLimit=99", "/email/downloadMail/70001"}[i%5 : i%5+1] {
					do("GET", path, "", "")
				}
				s.Stats()
				mu.Lock()
				asked += 2
				if status == 200 {
					posted++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	stats := s.Stats()
	if posted == 0 || stats.Outbox != posted || stats.Messages != before+posted || stats.Posts != 180 || stats.Requests != int64(asked) {
		t.Errorf("%d posted, %d asked: %+v", posted, asked, stats)
	}
}

// Whatever is posted is either refused in the documented form, with nothing done, or in the timeline or the outbox.
func FuzzPostMessage(f *testing.F) {
	for _, fields := range [][]string{
		{"ticketID=858401", "type=1", "message=Hallo, daar"}, {"ticketID=858401", "type=calllog", "message=Hallo, daar", "sendAt=2099-01-01 00:00:00"},
		{"ticketID=858401", "type=1", "message=Hallo, daar", "toAddress=,,", "forwardedFileIDs[]=1", "forwardedFileIDs[x=1"}, {"ticketID=1e9", "type=\xff", "message=\x00\x00\x00\x00\x00"},
		{"brandID=1", "message=m", "subject=s", "from=f"},
	} {
		body, kind := multi(fields...)
		f.Add(body, kind, false)
		f.Add(body, kind, true)
	}
	f.Add("--b\r\n\r\n", "multipart/form-data; boundary=b", false)
	f.Add("--b--", "multipart/form-data; boundary=b", true)
	h := Generate(1, 3)
	f.Fuzz(func(t *testing.T, body, kind string, chatbot bool) {
		s := New(Options{})
		s.Load(h)
		path := "/message"
		if chatbot {
			path += "/chatbot"
		}
		before := s.Stats()
		r := httptest.NewRequest("POST", Base+path, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		r.Header.Set("apiKey", "k")
		a := serve(t, s, r)
		after := s.Stats()
		changed := after.Outbox-before.Outbox+after.Messages-before.Messages+after.Notes-before.Notes > 0
		switch a.status {
		case 200:
			if !changed {
				t.Error("taken and lost")
			}
		case 400:
			a.want(400, "")
			if changed {
				t.Errorf("refused and done: %s", a.body)
			}
		default:
			t.Errorf("%d %s", a.status, a.body)
		}
		ask(t, s, "GET", "/ticket?itemLimit=99&searchArchived=yes").want(200, "items")
		ask(t, s, "GET", "/ticket/858401").want(200, "timeline")
	})
}
