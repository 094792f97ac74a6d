package omnidesk

import (
	_ "embed" // the page
	"html/template"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

//go:embed page.html
var pageSource string

// paths are the API, the controls and the page. The controls refuse requests from other sites' pages.
func (s *Server) paths() http.Handler {
	controls := http.NewServeMux()
	controls.HandleFunc("GET /sandbox/stats", func(w http.ResponseWriter, _ *http.Request) { answered(s.Stats()).write(w) })
	controls.HandleFunc("GET /sandbox/outbox", func(w http.ResponseWriter, _ *http.Request) {
		out := s.Outbox()
		if out == nil {
			out = []Delivery{}
		}
		answered(out).write(w)
	})
	controls.HandleFunc("GET /sandbox/tickets", s.dump)
	controls.HandleFunc("POST /sandbox/faults", s.receiveFaults)
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", s.serveAPI)
	mux.Handle("/sandbox/", http.NewCrossOriginProtection().Handler(controls))
	page := template.Must(template.New("page").Parse(pageSource))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
		w.Header().Set("Cache-Control", "no-store")
		out := s.Outbox()
		_ = page.Execute(w, map[string]any{"Stats": s.Stats(), "Base": Base, "Outbox": out[max(0, len(out)-100):]})
	})
	return mux
}

// dump writes every ticket with its whole timeline as a client would save it, and after them the users and customers: one
// {"type":"item",…} a line. That a ticket is archived no item says, so the line does. [ReadSaved] reads it back.
func (s *Server) dump(w http.ResponseWriter, _ *http.Request) {
	s.mu.RLock()
	v := s.views()
	users, customers := people(s.store.users), people(s.store.customers)
	s.mu.RUnlock()
	w.Header().Set("Content-Type", "application/x-ndjson")
	put := func(archived bool, item object) {
		line := object{{"type", "item"}}
		if archived {
			line = append(line, member{"archived", true})
		}
		b, err := json.Marshal(append(line, member{"item", item}), jsontext.AllowInvalidUTF8(true))
		if err != nil {
			panic(http.ErrAbortHandler) // the head is out: a cut answer is the only honest one
		}
		_, _ = w.Write(append(b, '\n'))
	}
	for _, t := range s.Tickets() {
		put(t.Archived, v.item(t, true))
	}
	for _, u := range users {
		put(false, v.user(u, true))
	}
	for _, c := range customers {
		put(false, v.customer(c))
	}
}

// people are those of a map, by id. They are never changed in place.
func people[P any](all map[int64]*P) []*P {
	out := make([]*P, 0, len(all))
	for _, id := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[id])
	}
	return out
}

// receiveFaults takes a script as the body; an empty one ends all faults.
func (s *Server) receiveFaults(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err == nil {
		var f Faults
		if f, err = ParseFaults(string(b)); err == nil {
			s.SetFaults(f)
			answered(object{{"script", f.String()}}).write(w)
			return
		}
	}
	invalid("%v", err).write(w)
}
