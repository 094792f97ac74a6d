package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Many clients at once: what was answered is there once, the ids are distinct, and the counts agree.
func TestManyClients(t *testing.T) {
	s := New(Options{StateFile: filepath.Join(t.TempDir(), "state"), Faults: script(t, "503:5%, drop-after:5%, late:1ms:3%, touched:2%, slow:1ms:5%, merged:1%, seed=9")})
	url, stop, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	var mu sync.Mutex
	stored := map[string]bool{}
	do := func(method, path, body string) (int, string) {
		r, err := http.NewRequest(method, url+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		r.SetBasicAuth("a", "b")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, "" // dropped
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b)
	}
	var all sync.WaitGroup
	for w := range 6 {
		all.Go(func() {
			for i := range 40 {
				id := fmt.Sprintf("w%d-%d", w, i)
				if status, _ := do("POST", "/api/tickets", ticketOf(`"external_id":"`+id+`"`, strings.NewReplacer("Ana@", fmt.Sprintf("ana%d@", i%7), `"m1"`, `"`+id+`"`).Replace(incoming), note)); status == 201 {
					mu.Lock()
					stored[id] = true
					mu.Unlock()
				}
				for _, path := range []string{"/api/tickets?order_by=updated_datetime:desc&limit=5", "/api/customers?limit=3", "/", "/sandbox/stats", "/sandbox/tickets"}[i%5 : i%5+1] {
					do("GET", path, "")
				}
				do("POST", "/api/tickets/100001/messages", outgoing)
			}
		})
	}
	all.Wait()
	s.SetFaults(Faults{})
	s.Settle()
	seen, times, messages := map[int64]bool{}, map[string]int{}, 0
	for _, ticket := range s.Tickets() {
		for _, m := range ticket.Messages {
			if seen[m.ID] || m.TicketID != ticket.ID {
				t.Errorf("message %d of ticket %d", m.ID, ticket.ID)
			}
			seen[m.ID] = true
			messages++
			if strings.HasPrefix(m.ExternalID, "w") {
				times[m.ExternalID]++
			}
		}
	}
	if st := s.Stats(); st.Messages != messages || st.Tickets != len(s.Tickets()) || st.Outbox != 0 {
		t.Errorf("%+v, counted %d messages", st, messages)
	}
	for id, n := range times {
		if n != 1 {
			t.Errorf("%s is there %d times", id, n)
		}
		delete(stored, id)
	}
	if len(stored) > 0 {
		t.Errorf("answered and not there: %v", stored)
	}
	people := map[string]bool{}
	for _, c := range s.Customers() {
		if people[c.Email] {
			t.Errorf("%s twice", c.Email)
		}
		people[c.Email] = true
	}
}
