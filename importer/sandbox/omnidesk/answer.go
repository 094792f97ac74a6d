package omnidesk

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// reply is an answer that is made before it is sent, so that the faults can have their say.
type reply struct {
	status int
	kind   string // content type; "": none
	body   []byte
	retry  int // Retry-After in seconds; 0: none
}

func (a *reply) head(w http.ResponseWriter) {
	if a.kind != "" {
		w.Header().Set("Content-Type", a.kind)
	}
	if a.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(a.retry))
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
}

func (a *reply) write(w http.ResponseWriter) {
	a.head(w)
	_, _ = w.Write(a.body)
}

// answered makes v the JSON of an answer. What cannot be encoded is answered as an error, never half.
func answered(v any) *reply {
	body, err := json.Marshal(v, jsontext.AllowInvalidUTF8(true), json.Deterministic(true))
	if err != nil {
		return refuse(http.StatusInternalServerError, "sandbox: an answer could not be encoded")
	}
	return &reply{status: http.StatusOK, kind: "application/json", body: body}
}

// refuse is the documented form of an error.
func refuse(status int, format string, args ...any) *reply {
	a := answered(object{{"status", "error"}, {"message", fmt.Sprintf(format, args...)}})
	a.status = status
	return a
}

func invalid(format string, args ...any) *reply {
	return refuse(http.StatusBadRequest, format, args...)
}

// object is a JSON object that keeps the order of its members.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSONTo implements [json.MarshalerTo].
func (o object) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, m := range o {
		if err := enc.WriteToken(jsontext.String(m.name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(enc, m.value); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

// members reads a JSON object without losing anything or its order; of a name that comes twice the first stays.
func members(raw jsontext.Value) (object, error) {
	var values map[string]jsontext.Value
	if err := json.Unmarshal(raw, &values, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, err
	}
	dec := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var out object
	seen := map[string]bool{}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, member{key, value.Clone()})
		}
	}
	return out, nil
}
