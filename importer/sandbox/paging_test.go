package sandbox

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// ids are the ids of a page, in its order.
func (r reply) ids() []string {
	var out []string
	for i := 0; ; i++ {
		id := r.at("data." + strconv.Itoa(i) + ".id")
		if id == "<none>" {
			return out
		}
		out = append(out, id)
	}
}

// Walking a listing forwards and back meets each ticket once, in order, whatever the page size.
func TestPaging(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		now := noon
		s := New(Options{Now: func() time.Time { return now }})
		n := rapid.IntRange(0, 40).Draw(rt, "tickets")
		for i := range n {
			day := rapid.IntRange(1, 9).Draw(rt, "day")
			call(t, s, "POST", "/api/tickets", ticketOf(fmt.Sprintf(`"created_datetime":"2021-01-0%dT00:00:00Z","external_id":"%d"`, day, i%3), note)).want(201)
			now = now.Add(time.Second)
		}
		for range rapid.IntRange(0, 10).Draw(rt, "updates") {
			if n == 0 {
				break
			}
			call(t, s, "PUT", fmt.Sprintf("/api/tickets/%d", 100_001+rapid.IntRange(0, n-1).Draw(rt, "which")), `{"spam":true}`).want(200)
			now = now.Add(time.Second)
		}
		by := rapid.SampledFrom([]string{"created_datetime", "updated_datetime"}).Draw(rt, "by")
		dir := rapid.SampledFrom([]string{"", ":asc", ":desc"}).Draw(rt, "dir")
		limit := rapid.IntRange(1, 12).Draw(rt, "limit")
		filter := rapid.SampledFrom([]string{"", "&external_id=1"}).Draw(rt, "filter")

		var want []*Ticket
		for _, t := range s.Tickets() {
			if filter == "" || t.ExternalID == "1" {
				want = append(want, t)
			}
		}
		slices.SortFunc(want, func(a, b *Ticket) int {
			ka, kb := keyOf(a.CreatedDatetime, a.ID), keyOf(b.CreatedDatetime, b.ID)
			if by == "updated_datetime" {
				ka, kb = keyOf(a.UpdatedDatetime, a.ID), keyOf(b.UpdatedDatetime, b.ID)
			}
			return ka.compare(kb)
		})
		if dir != ":asc" {
			slices.Reverse(want)
		}
		var all, ids []string
		for _, t := range want {
			ids = append(ids, strconv.FormatInt(t.ID, 10))
		}
		get := func(cursor string) reply {
			q := fmt.Sprintf("/api/tickets?limit=%d&order_by=%s%s%s", limit, by, dir, filter)
			if cursor != "" {
				q += "&cursor=" + url.QueryEscape(cursor)
			}
			return call(t, s, "GET", q, "").want(200)
		}
		cursor, prev := "", ""
		pages := [][]string{}
		for {
			r := get(cursor)
			all, pages = append(all, r.ids()...), append(pages, r.ids())
			prev = r.at("meta.prev_cursor")
			if cursor = r.at("meta.next_cursor"); cursor == "null" {
				break
			}
		}
		if !slices.Equal(all, ids) {
			rt.Fatalf("forwards: %v, want %v", all, ids)
		}
		for i := len(pages) - 2; i >= 0; i-- {
			r := get(prev)
			if !slices.Equal(r.ids(), pages[i]) || r.at("meta.next_cursor") == "null" {
				rt.Fatalf("back to page %d: %v, want %v", i, r.ids(), pages[i])
			}
			prev = r.at("meta.prev_cursor")
		}
		if prev != "null" {
			rt.Fatalf("the first page has a page before it: %s", prev)
		}
	})
}

// A ticket that is created between two pages neither repeats nor hides another.
func TestPagingWhileTicketsCome(t *testing.T) {
	now := noon
	s := New(Options{Now: func() time.Time { now = now.Add(time.Millisecond); return now }})
	for range 7 {
		call(t, s, "POST", "/api/tickets", ticketOf("", note)).want(201)
	}
	r := call(t, s, "GET", "/api/tickets?limit=3&order_by=updated_datetime:desc", "")
	call(t, s, "POST", "/api/tickets", ticketOf("", note)).want(201)
	call(t, s, "DELETE", "/api/tickets/100005", "").want(204)
	next := call(t, s, "GET", "/api/tickets?limit=3&order_by=updated_datetime:desc&cursor="+r.at("meta.next_cursor"), "")
	if got := strings.Join(append(r.ids(), next.ids()...), " "); got != "100007 100006 100005 100004 100003 100002" {
		t.Errorf("got %s", got)
	}
}

func TestFilters(t *testing.T) {
	s := New(Options{})
	call(t, s, "POST", "/api/tickets", ticketOf("", incoming)).want(201)
	call(t, s, "POST", "/api/tickets", ticketOf(`"trashed_datetime":"2021-01-01T00:00:00Z","customer":{"email":"x@y.test"}`, incoming)).want(201)
	for query, want := range map[string]string{
		"": "100002 100001", "?trashed=false": "100001", "?trashed=true": "100002 100001", "?customer_id=90002": "100002",
		"?ticket_ids=100001,5": "100001", "?ticket_ids=100001&ticket_ids=100002": "100002 100001", "?view_id=1": "", "?external_id=": "",
		"?limit=1": "100002",
	} {
		if got := strings.Join(call(t, s, "GET", "/api/tickets"+query, "").want(200).ids(), " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if got := len(call(t, s, "GET", "/api/messages", "").want(200).ids()); got != 2 {
		t.Errorf("all messages: %d", got)
	}
}
