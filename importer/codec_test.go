package importer

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/deskferry/deskferry/mapping"
)

var someTime = time.Date(2024, 2, 29, 23, 59, 58, 123456000, time.UTC)

// fill sets every field below v to something that is not zero; n makes neighbours differ.
func fill(t *testing.T, v reflect.Value, n *int) {
	*n++
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = someTime.Add(time.Duration(*n) * time.Microsecond)
		return
	case *mapping.SentTime:
		var err error
		if *x, err = mapping.NewSentTime(someTime.Add(time.Duration(*n)*time.Microsecond), time.Now()); err != nil {
			t.Fatal(err)
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(uint64(*n%2 + 1))
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), n)
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[[]*MessageFiles]() {
			return // a run's, not the plan's
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), n)
		}
	default:
		t.Fatalf("the codec knows no %s", v.Type())
	}
}

func filled[T any](t *testing.T) *T {
	v, n := new(T), 0
	fill(t, reflect.ValueOf(v).Elem(), &n)
	return v
}

// sparse returns copies of full with one field each: a bit or place that depends on another field's is found.
func sparse[T any](full *T) []*T {
	var out []*T
	typ := reflect.TypeFor[T]()
	for i := range typ.NumField() {
		v := new(T)
		reflect.ValueOf(v).Elem().Field(i).Set(reflect.ValueOf(full).Elem().Field(i))
		out = append(out, v)
	}
	return out
}

func roundTrip[T any](t *testing.T, v *T, code func(*coder, *T)) *T {
	t.Helper()
	var w, r coder
	code(&w, v)
	r.read(string(w.buf))
	got := new(T)
	code(&r, got)
	if err := r.end(); err != nil {
		t.Errorf("%T: %v", v, err)
	}
	if !reflect.DeepEqual(got, v) {
		t.Errorf("read back\n%+v\nwant\n%+v", got, v)
	}
	return got
}

func TestCodecForgetsNothing(t *testing.T) {
	tf := filled[mapping.TicketFact](t)
	tf.Ticket.Messages = nil // empty by contract
	roundTrip(t, tf, (*coder).ticketFact)
	for _, v := range sparse(tf) {
		roundTrip(t, v, (*coder).ticketFact)
	}
	for _, v := range sparse(&tf.Ticket) {
		roundTrip(t, &mapping.TicketFact{Ticket: *v}, (*coder).ticketFact)
	}
	mf := filled[mapping.MessageFact](t)
	roundTrip(t, mf, (*coder).messageFact)
	for _, v := range sparse(mf) {
		roundTrip(t, v, (*coder).messageFact)
	}
	for _, v := range sparse(&mf.Message) {
		roundTrip(t, &mapping.MessageFact{Message: *v}, (*coder).messageFact)
	}
	roundTrip(t, filled[factHead](t), (*coder).head)
	roundTrip(t, filled[Work](t), (*coder).work)
	roundTrip(t, filled[Planned](t), (*coder).planned)
	roundTrip(t, &Work{}, (*coder).work)
}

func TestSkeletonLeavesBodiesOut(t *testing.T) {
	f := filled[mapping.MessageFact](t)
	w := coder{skeleton: true}
	w.messageFact(f)
	var r coder
	r.read(string(w.buf))
	var got mapping.MessageFact
	r.messageFact(&got)
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	want := *f
	m := &want.Message
	m.BodyHTML, m.BodyText, m.StrippedHTML, m.StrippedText, m.StrippedSignature = "", "", "", "", ""
	m.MessageID, m.InReplyTo, m.References, m.Headers, m.Meta, m.Cc, m.Bcc = "", "", "", nil, nil, nil, nil
	m.Attachments = nil
	for i := range f.Message.Attachments {
		key, size := fileOf(&f.Message.Attachments[i])
		carried := ""
		if f.Message.Attachments[i].URL == "" {
			carried = carriedData
		}
		m.Attachments = append(m.Attachments, mapping.Attachment{URL: string(key[:]), Size: size, Data: carried})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("skeleton is\n%+v\nwant\n%+v", got, want)
	}
}

func TestCodecReusesItsMemory(t *testing.T) {
	var w, r coder
	f := filled[mapping.MessageFact](t)
	w.messageFact(f)
	src := string(w.buf)
	var got mapping.MessageFact
	if n := testing.AllocsPerRun(100, func() {
		w.buf = w.buf[:0]
		w.messageFact(f)
		r.reset()
		r.read(src)
		got = mapping.MessageFact{}
		r.messageFact(&got)
	}); n > 0 {
		t.Errorf("%v allocations for a message", n)
	}
}

func FuzzCodec(f *testing.F) {
	var w coder
	w.messageFact(&mapping.MessageFact{Ticket: "1", Message: mapping.Message{BodyText: "hello", To: []mapping.Address{{Address: "a@b.c"}}}})
	f.Add(w.buf)
	f.Add(AppendWork(nil, &Work{Key: "a:1", Ticket: mapping.Ticket{Messages: []mapping.Message{{}}}, MessageIDs: []string{"1"}}))
	f.Add(AppendPlanned(nil, &Planned{Key: "a:1", Messages: []PlannedMessage{{ID: "1"}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r coder
		r.read(string(b))
		var m mapping.MessageFact
		r.messageFact(&m)
		var tf mapping.TicketFact
		r.read(string(b))
		r.ticketFact(&tf)
		var h factHead
		r.read(string(b))
		r.head(&h)
		if w, err := DecodeWork(b); err == nil {
			if _, err := DecodeWork(AppendWork(nil, w)); err != nil {
				t.Errorf("what was read cannot be written again: %v", err)
			}
		}
		if p, err := DecodePlanned(b); err == nil {
			if _, err := DecodePlanned(AppendPlanned(nil, &p)); err != nil {
				t.Errorf("what was read cannot be written again: %v", err)
			}
		}
	})
}
