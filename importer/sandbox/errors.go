package sandbox

import (
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
)

// refusal is an error as the API answers it (api/gorgias section 5).
type refusal struct {
	status int
	msg    string
	data   problem
	raw    string // the whole body instead, when set
}

func (e *refusal) Error() string { return fmt.Sprintf("%d: %s", e.status, e.msg) }

// write answers {"error":{"msg":…,"data":{field:[…]}}}.
func (e *refusal) write(w http.ResponseWriter) {
	if e.raw != "" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(e.status)
		_, _ = w.Write([]byte(e.raw))
		return
	}
	inner := map[string]any{"msg": e.msg}
	if e.data != nil {
		inner["data"] = e.data
	}
	answer(w, e.status, map[string]any{"error": inner})
}

func invalid(data problem) *refusal {
	return &refusal{status: http.StatusBadRequest, msg: "Invalid request.", data: data}
}

func invalidField(name string, format string, args ...any) *refusal {
	return invalid(map[string]problem{name: wrong(format, args...)})
}

func notFound(what string, id any) *refusal {
	return &refusal{status: http.StatusNotFound, msg: fmt.Sprintf("%s %v does not exist.", what, id)}
}

func conflict(u Unknowns, format string, args ...any) *refusal {
	return &refusal{status: http.StatusConflict, msg: fmt.Sprintf(format, args...), raw: u.Body409}
}

// fail answers any error; one that is no refusal is the sandbox's own trouble, a full disk for one.
func fail(w http.ResponseWriter, err error) {
	e, ok := err.(*refusal)
	if !ok {
		e = &refusal{status: http.StatusInternalServerError, msg: "sandbox: " + err.Error()}
	}
	e.write(w)
}

// answer writes v as JSON. What cannot be encoded is answered as an error, never half.
func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":{"msg":"sandbox: an answer could not be encoded"}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
