package sandbox

import (
	"io"
	"net/http"

	"github.com/go-json-experiment/json"
)

// routes are the API, the controls and the page. The controls refuse requests from other sites' pages.
func (s *Server) routes() http.Handler {
	controls := http.NewServeMux()
	controls.HandleFunc("GET /sandbox/stats", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, s.Stats()) })
	controls.HandleFunc("GET /sandbox/outbox", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, s.Outbox())
	})
	controls.HandleFunc("GET /sandbox/tickets", s.dump)
	controls.HandleFunc("GET /sandbox/faults", s.showFaults)
	controls.HandleFunc("POST /sandbox/faults", s.receiveFaults)
	controls.HandleFunc("POST /sandbox/settle", func(w http.ResponseWriter, _ *http.Request) {
		s.Settle()
		answer(w, http.StatusOK, s.Stats())
	})
	controls.HandleFunc("POST /sandbox/reset", func(w http.ResponseWriter, _ *http.Request) {
		if err := s.Reset(); err != nil {
			fail(w, err)
			return
		}
		answer(w, http.StatusOK, s.Stats())
	})
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", s.serveAPI)
	mux.Handle("/sandbox/", http.NewCrossOriginProtection().Handler(controls))
	s.servePages(mux)
	return mux
}

// dump writes every ticket with its messages as a JSON array, one ticket a line, in the API's own shape.
func (s *Server) dump(w http.ResponseWriter, _ *http.Request) {
	tickets := s.Tickets()
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "[")
	for i, t := range tickets {
		s.store.mu.RLock()
		view := s.views().whole(t)
		s.store.mu.RUnlock()
		line, err := json.Marshal(view, json.Deterministic(true))
		if err != nil {
			panic(http.ErrAbortHandler) // the head is out: a cut answer is the only honest one
		}
		if i > 0 {
			_, _ = io.WriteString(w, ",")
		}
		_, _ = w.Write(append([]byte("\n"), line...))
	}
	_, _ = io.WriteString(w, "\n]\n")
}

// faultReport is what GET and POST /sandbox/faults answer.
type faultReport struct {
	Script string `json:"script"`
	Faults []struct {
		Fault  string `json:"fault"`
		Seen   int    `json:"seen"`   // requests it matched
		Struck int    `json:"struck"` // of those
	} `json:"faults"`
}

func (s *Server) showFaults(w http.ResponseWriter, _ *http.Request) {
	j := &s.faults
	j.mu.Lock()
	out := faultReport{Script: j.script.String()}
	for i, f := range j.script.List {
		out.Faults = append(out.Faults, struct {
			Fault  string `json:"fault"`
			Seen   int    `json:"seen"`
			Struck int    `json:"struck"`
		}{f.String(), j.seen[i], j.struck[i]})
	}
	j.mu.Unlock()
	answer(w, http.StatusOK, out)
}

// receiveFaults takes a script in either form as the body; an empty one ends all faults.
func (s *Server) receiveFaults(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err == nil {
		var f Faults
		if f, err = ParseFaults(string(b)); err == nil {
			s.SetFaults(f)
			s.showFaults(w, r)
			return
		}
	}
	fail(w, &refusal{status: http.StatusBadRequest, msg: err.Error()})
}
