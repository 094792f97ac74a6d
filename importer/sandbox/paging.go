package sandbox

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// paging is what a listing was asked for: cursor, limit, order_by.
type paging struct {
	path   string
	after  *key
	back   bool // the cursor points to what comes before it
	limit  int
	by     string // created_datetime, updated_datetime, name, …
	down   bool
	cursor bool
}

// cursor is what a client sees as opaque text: the item to go on from, so that pages stay whole while items come and go.
type cursor struct {
	At   int64 `json:"a"`
	ID   int64 `json:"i"`
	Back bool  `json:"b,omitzero"`
}

// listing is the envelope of every list.
type listing[T any] struct {
	Data   []T    `json:"data"`
	Object string `json:"object"`
	URI    string `json:"uri"`
	Meta   struct {
		Prev nullable `json:"prev_cursor"`
		Next nullable `json:"next_cursor"`
	} `json:"meta"`
}

// query takes the known parameters off a request. Unknown, repeated and empty ones are problems.
type query struct {
	values url.Values
	bad    map[string]problem
}

// newQuery checks names against those the endpoint takes.
func newQuery(raw string, known ...string) *query {
	q := &query{bad: map[string]problem{}}
	var err error
	if q.values, err = url.ParseQuery(raw); err != nil {
		q.bad["_query"] = wrong("Not a valid query.")
	}
	for name, v := range q.values {
		switch {
		case !slices.Contains(known, name):
			q.bad[name] = wrong("Unknown field.")
		case len(v) > 1 && name != "ticket_ids" && name != "channels":
			q.bad[name] = wrong("Given more than once.")
		}
	}
	return q
}

func (q *query) has(name string) bool    { return q.values.Has(name) }
func (q *query) text(name string) string { return q.values.Get(name) }

func (q *query) integer(name string) int64 {
	if !q.has(name) {
		return 0
	}
	n, err := strconv.ParseInt(q.text(name), 10, 64)
	if err != nil {
		q.bad[name] = wrong("Not a valid integer.")
	}
	return n
}

func (q *query) boolean(name string, otherwise bool) bool {
	switch strings.ToLower(q.text(name)) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	if q.has(name) {
		q.bad[name] = wrong("Not a valid boolean.")
	}
	return otherwise
}

func (q *query) oneOf(name, otherwise string, words ...string) string {
	if !q.has(name) {
		return otherwise
	}
	if !slices.Contains(words, q.text(name)) {
		q.bad[name] = wrong("Must be one of: %s.", strings.Join(words, ", "))
	}
	return q.text(name)
}

// err is the refusal when anything was wrong.
func (q *query) err() error {
	if len(q.bad) == 0 {
		return nil
	}
	return invalid(q.bad)
}

// paging reads the paging parameters; orders are the fields order_by takes, newest first unless it says ":asc".
func (q *query) paging(path string, orders ...string) paging {
	p := paging{path: path, limit: 30, by: orders[0], down: true}
	if q.has("limit") {
		if n := q.integer("limit"); n < 1 || n > 100 {
			q.bad["limit"] = wrong("Must be between 1 and 100.")
		} else {
			p.limit = int(n)
		}
	}
	if q.has("order_by") {
		by, dir, given := strings.Cut(q.text("order_by"), ":")
		if !slices.Contains(orders, by) || (given && dir != "asc" && dir != "desc") {
			q.bad["order_by"] = wrong("Must be one of: %s; with :asc or :desc.", strings.Join(orders, ", "))
		}
		p.by, p.down = by, dir != "asc"
	}
	if text := q.text("cursor"); text != "" {
		c, ok := parseCursor(text)
		if !ok {
			q.bad["cursor"] = wrong("Not a valid cursor.")
		}
		p.after, p.back, p.cursor = &key{c.At, c.ID}, c.Back, true
	}
	return p
}

func parseCursor(text string) (cursor, bool) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(b, &c, json.RejectUnknownMembers(true)) != nil {
		return cursor{}, false
	}
	return c, true
}

func (k key) cursor(back bool) nullable {
	b, err := json.Marshal(cursor{k.at, k.id, back})
	if err != nil {
		return ""
	}
	return nullable(base64.RawURLEncoding.EncodeToString(b))
}

// page is one page of a listing over keys: those that keep wants, rendered.
func page[T any](p paging, keys []key, keep func(id int64) bool, render func(id int64) T) listing[T] {
	var got []key
	more := false
	for k := range walk(keys, p.after, p.down != p.back) {
		if !keep(k.id) {
			continue
		}
		if len(got) == p.limit {
			more = true
			break
		}
		got = append(got, k)
	}
	if p.back {
		slices.Reverse(got)
	}
	out := listing[T]{Data: make([]T, 0, len(got)), Object: "list", URI: p.path + "/"}
	for _, k := range got {
		out.Data = append(out.Data, render(k.id))
	}
	if len(got) == 0 {
		return out
	}
	if (p.back && more) || (!p.back && p.cursor) {
		out.Meta.Prev = got[0].cursor(true)
	}
	if (!p.back && more) || p.back {
		out.Meta.Next = got[len(got)-1].cursor(false)
	}
	return out
}

// byID makes the keys of a listing without an index.
func byID[T any](items []T, id func(T) int64) []key {
	keys := make([]key, len(items))
	for i, item := range items {
		keys[i] = key{id: id(item)}
	}
	slices.SortFunc(keys, key.compare)
	return keys
}
