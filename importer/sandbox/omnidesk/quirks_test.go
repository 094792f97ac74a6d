package omnidesk

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// walk pages through the tickets and returns how often each came.
func walk(t *testing.T, s *Server, limit int) map[string]int {
	t.Helper()
	seen := map[string]int{}
	for start := 0; start < 10_000; start += limit {
		page := ask(t, s, "GET", fmt.Sprintf("/ticket?itemLimit=%d&itemStart=%d", limit, start)).items()
		for _, row := range page {
			seen[fmt.Sprint(row["id"])]++
		}
		if len(page) < limit {
			break
		}
	}
	return seen
}

func TestShiftingRows(t *testing.T) {
	const n, live = 70, 60
	for shift, c := range map[Shift]struct {
		sort           Sort
		skips, repeats bool
	}{"": {}, ShiftNew: {UpdatedLast, false, true}, ShiftTouch: {UpdatedLast, true, true}, ShiftArchive: {IDFirst, true, false}} {
		s := loaded(Options{Quirks: Quirks{Shift: shift, Sort: c.sort, ShiftTimes: 3}}, n)
		seen := walk(t, s, 10)
		skipped, repeated := 0, 0
		for _, ticket := range Generate(1, n).Tickets {
			if !ticket.Archived && seen[itoa(ticket.ID)] == 0 {
				skipped++
			}
		}
		for _, times := range seen {
			if times > 1 {
				repeated++
			}
		}
		if (skipped > 0) != c.skips || (repeated > 0) != c.repeats {
			t.Errorf("%q: %d skipped, %d repeated of %d", shift, skipped, repeated, live)
		}
		if s.store.shifted > 3 {
			t.Errorf("%q: %d shifts", shift, s.store.shifted)
		}
	}
	// A list that fits one page is left alone.
	s := loaded(Options{Quirks: Quirks{Shift: ShiftNew}}, n)
	if ask(t, s, "GET", "/ticket?itemLimit=9999"); len(s.Tickets()) != n {
		t.Errorf("%d tickets", len(s.Tickets()))
	}
}

func itoa(n int64) string { return fmt.Sprint(n) }

func TestMixedIDsAndNulls(t *testing.T) {
	s := loaded(Options{Quirks: Quirks{MixedIDs: true, Nulls: true}}, 60)
	forms := map[string]bool{}
	for _, row := range ask(t, s, "GET", "/ticket?itemLimit=60").items() {
		forms[fmt.Sprintf("id %T", row["id"])] = true
		forms[fmt.Sprintf("agent %T", row["assigned_user_id"])] = true
		forms[fmt.Sprintf("to_name %T", row["to_name"])] = true
	}
	for _, want := range []string{"id string", "id float64", "agent string", "agent float64", "to_name <nil>"} {
		if !forms[want] {
			t.Errorf("no %s in %v", want, forms)
		}
	}
	notes := map[string]bool{}
	for _, ticket := range s.Tickets() {
		for _, e := range ask(t, s, "GET", "/ticket/"+itoa(ticket.ID)).item()["timeline"].([]any) {
			notes[fmt.Sprintf("%T", e.(map[string]any)["id"])] = true
		}
	}
	if !notes["string"] || !notes["float64"] {
		t.Errorf("entry ids are %v", notes)
	}
}

func TestEnvelopes(t *testing.T) {
	for envelope, c := range map[Envelope][2]string{
		"":      {`{"type":"list","itemStart":0,"itemTotal":2,`, `{"type":"item","item":{`},
		Bare:    {`[{"assigned`, `{"assigned`},
		Russian: {`{"0":{"case":{"case_id":`, `{"case":{"case_id":858400,"case_number":"664-858400",`},
	} {
		s := loaded(Options{Quirks: Quirks{Envelope: envelope}}, 2)
		for i, path := range []string{"/ticket", "/ticket/858400"} {
			if a := ask(t, s, "GET", path); a.status != 200 || !strings.HasPrefix(a.body, c[i]) {
				t.Errorf("%q: %s", envelope, a.body)
			}
		}
	}
	pages := loaded(Options{Quirks: Quirks{CountPages: true, Sort: IDFirst}}, 70)
	if page := ask(t, pages, "GET", "/ticket?itemLimit=20&itemStart=2").items(); len(page) != 20 || page[0]["id"] != 858450.0 {
		t.Errorf("%d rows from %v", len(page), page[0]["id"])
	}
	if page := ask(t, pages, "GET", "/ticket?itemStart=9223372036854775807").items(); len(page) != 0 {
		t.Errorf("%d rows", len(page))
	}
	a := ask(t, loaded(Options{Quirks: Quirks{TextTotals: true}}, 2), "GET", "/ticket")
	if a.json["itemTotal"] != "2" || a.json["itemStart"] != "0" {
		t.Error(a.body)
	}
	if item := ask(t, loaded(Options{Quirks: Quirks{NoTimeline: true}}, 2), "GET", "/ticket/858400").item(); item["timeline"] != nil {
		t.Error(item["timeline"])
	}
	ask(t, loaded(Options{Quirks: Quirks{ClampLimit: true}}, 2), "GET", "/user?itemLimit=5000").want(200, `"itemLimit":999`)
	if a := ask(t, loaded(Options{Quirks: Quirks{EventsAlways: true}}, 2), "GET", "/ticket/858400"); !strings.Contains(a.body, `"type":"event"`) {
		t.Error(a.body)
	}
}

func TestQuota(t *testing.T) {
	now := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, silent := range []bool{false, true} {
		at := now
		s := loaded(Options{Quota: Quota{PerSecond: 0.5, Burst: 2, Silent: silent}, Clock: func() time.Time { return at }}, 2)
		var got []int
		for range 3 {
			got = append(got, ask(t, s, "GET", "/ticket").status)
		}
		a := ask(t, s, "GET", "/ticket")
		if want := []int{200, 200, 429}; !reflect.DeepEqual(got, want) || (a.header.Get("Retry-After") == "2") == silent || a.header.Get("Retry-After") != "" == silent {
			t.Errorf("%v, Retry-After %q", got, a.header.Get("Retry-After"))
		}
		ask(t, s, "GET", "/ticket", "apiKey", "").want(401, "")
		at = at.Add(2 * time.Second)
		ask(t, s, "GET", "/ticket").want(200, "")
		ask(t, s, "GET", "/ticket").want(429, "Too many")
		if n := s.Stats().Throttled; n != 3 {
			t.Errorf("%d throttled", n)
		}
	}
}

func TestGenerate(t *testing.T) {
	a, b := Generate(7, 300), Generate(7, 300)
	if !reflect.DeepEqual(a, b) {
		t.Error("the same seed gives another helpdesk")
	}
	if reflect.DeepEqual(a, Generate(8, 300)) {
		t.Error("another seed gives the same helpdesk")
	}
	if len(a.Tickets) != 300 || len(Generate(1, 0).Tickets) != 0 {
		t.Errorf("%d tickets", len(a.Tickets))
	}
	ids, channels, mailless := map[string]bool{}, map[int]int{}, 0
	for _, ticket := range a.Tickets {
		channels[ticket.ChannelID]++
		for _, e := range ticket.Timeline {
			key := fmt.Sprintf("%s %d", e.Type, e.ID)
			if e.IsMessage() {
				key = fmt.Sprintf("message %d", e.ID)
			}
			if ids[key] {
				t.Errorf("%s comes twice", key)
			}
			ids[key] = true
			if e.Created.Before(ticket.Created) || e.Created.After(ticket.Updated) {
				t.Errorf("ticket %d: %s lies outside it", ticket.ID, e.Created)
			}
		}
	}
	for _, c := range a.Customers {
		if c.Email == "" {
			mailless++
		}
	}
	if mailless < 10 || mailless > len(a.Customers)/2 || channels[1] < 80 || channels[8] < 10 || channels[3] < 10 || channels[9] < 10 {
		t.Errorf("%d of %d customers without an e-mail, channels %v", mailless, len(a.Customers), channels)
	}
	big := Generate(1, 20_000)
	if last := big.Tickets[len(big.Tickets)-1].Created; last.Year() > 2025 {
		t.Errorf("the last ticket is from %s", last)
	}
}
