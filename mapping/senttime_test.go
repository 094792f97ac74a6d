package mapping

import (
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

func TestSentTimeAcceptsOnlyThePastSince1970(t *testing.T) {
	now := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	paris := zone(t, "Europe/Paris")
	for _, c := range []struct {
		in   time.Time
		want error
	}{
		{time.Time{}, ErrSentMissing},
		{time.Unix(-1, 0), ErrSentTooOld},
		{time.Unix(0, 0), nil},
		{now, nil},
		{now.In(paris), nil},
		{now.Add(time.Nanosecond), ErrSentFuture},
		{now.AddDate(100, 0, 0), ErrSentFuture},
		{time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), ErrSentTooOld},
	} {
		s, err := NewSentTime(c.in, now)
		if !errors.Is(err, c.want) || s.IsValid() != (c.want == nil) {
			t.Errorf("%v: %v, %v", c.in, s, err)
		}
		if err == nil && (!s.Time().Equal(c.in) || s.Time().Location() != time.UTC) {
			t.Errorf("%v became %v", c.in, s.Time())
		}
	}
}

// wire is how a sent time is meant to be used: by value.
type wire struct {
	SentDatetime SentTime `json:"sent_datetime"`
}

func TestSentTimeZeroRefusesToBeMarshalled(t *testing.T) {
	if b, err := json.Marshal(wire{}); !errors.Is(err, ErrSentMissing) {
		t.Errorf("encoding/json wrote %s, %v", b, err)
	}
	if b, err := json.Marshal([]any{wire{}, &wire{}, SentTime{}}); err == nil {
		t.Errorf("encoding/json wrote %s", b)
	}
	if b, err := jsonv2.Marshal(wire{}); err == nil {
		t.Errorf("json v2 wrote %s", b)
	}
	if b, err := jsonv2.Marshal(map[string]SentTime{"sent_datetime": {}}); err == nil {
		t.Errorf("json v2 wrote %s", b)
	}
}

func TestSentTimeOnTheWire(t *testing.T) {
	s, err := NewSentTime(time.Date(2021, 3, 4, 5, 6, 7, 123456789, time.FixedZone("", 3600)), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"sent_datetime":"2021-03-04T04:06:07.123456Z"}`
	for name, marshal := range map[string]func(any) ([]byte, error){
		"encoding/json": json.Marshal,
		"json v2":       func(v any) ([]byte, error) { return jsonv2.Marshal(v) },
	} {
		b, err := marshal(wire{s})
		if err != nil || string(b) != want {
			t.Errorf("%s: %s, %v", name, b, err)
		}
		var back wire
		if err := json.Unmarshal(b, &back); err != nil || back.SentDatetime != s {
			t.Errorf("%s: came back as %v, %v", name, back, err)
		}
	}
	for _, bad := range []string{`{"sent_datetime":null}`, `{"sent_datetime":""}`, `{"sent_datetime":0}`, `{"sent_datetime":"2021-03-04"}`,
		`{"sent_datetime":"2999-03-04T04:06:07Z"}`, `{"sent_datetime":"1969-03-04T04:06:07Z"}`, `{"sent_datetime":"0001-01-01T00:00:00Z"}`} {
		var back wire
		if err := json.Unmarshal([]byte(bad), &back); err == nil || back.SentDatetime.IsValid() {
			t.Errorf("%s was read as %v, %v", bad, back, err)
		}
	}
}

// TestSentTimeShape holds what the promise rests on: nothing outside can set the time, the value itself marshals, and no other
// interface offers an encoder a way around MarshalJSON.
func TestSentTimeShape(t *testing.T) {
	typ := reflect.TypeFor[SentTime]()
	if typ.NumField() != 1 || typ.Field(0).IsExported() || typ.Field(0).Anonymous {
		t.Errorf("%v can be set from outside, or lends a method of time.Time", typ)
	}
	if !typ.Implements(reflect.TypeFor[json.Marshaler]()) {
		t.Error("the value does not marshal, only a pointer to it")
	}
	for _, i := range []reflect.Type{reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[interface{ IsZero() bool }]()} {
		if typ.Implements(i) || reflect.PointerTo(typ).Implements(i) {
			t.Errorf("%v is a %v: an encoder can leave it out or write it without MarshalJSON", typ, i)
		}
	}
}

// TestMessageHoldsSentTimeByValue finds every use of a sent time in the canonical types.
func TestMessageHoldsSentTimeByValue(t *testing.T) {
	sent, uses := reflect.TypeFor[SentTime](), 0
	for _, typ := range []reflect.Type{reflect.TypeFor[Ticket](), reflect.TypeFor[Message](), reflect.TypeFor[Attachment]()} {
		for i := range typ.NumField() {
			f := typ.Field(i)
			switch {
			case f.Tag != "":
				t.Errorf("%v.%s has a tag: what is sent is decided by importer/gorgias alone", typ, f.Name)
			case f.Anonymous:
				t.Errorf("%v.%s is embedded", typ, f.Name)
			case f.Type == sent:
				uses++
			case f.Type.Kind() == reflect.Pointer, f.Type.Kind() == reflect.Interface, f.Type.Kind() == reflect.Map:
				t.Errorf("%v.%s is a %v", typ, f.Name, f.Type)
			}
		}
	}
	if uses != 1 {
		t.Errorf("%d fields are sent times, want Message.SentDatetime alone", uses)
	}
}
