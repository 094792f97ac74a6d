package omnidesk

import (
	"bytes"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzAnswer holds that no answer makes a decoder panic, and that a ticket that is taken becomes one line that is read back.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		`{"type":"item","item":{"id":1,"last_update":"2021-03-04 05:06:07","timeline":[{"id":"a","type":"note"},{}]}}`,
		`{"type":"list","itemStart":0,"itemTotal":"2","itemLimit":15,"items":[{"id":"1"},{"id":2.0},null,[]]}`,
		`{"0":{"case":{"case_id":1}},"total_count":1}`, `{"status":"error","message":"no\u0000"}`, `<html><title>x`, "\ufeff{}", `{"item":{"id":1,"timeline":{"0":1}}}`,
		`{"item":{"id":1,"id":"1","timeline":[` + "\xff" + `]}}`, `{"item":{"id":"1"}} x`, `[`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_ = message(body)
		a := &answer{body: bytes.Clone(body)}
		if a.unpack() != nil {
			return
		}
		if p, err := list(a.body); err == nil {
			for _, row := range p.rows {
				_, _, _ = rowID(row), rowVersion(row), rowHash(row)
			}
		}
		v, err := item(a.body)
		if err != nil {
			return
		}
		tk, err := readTicket(v, "1")
		if err != nil {
			return
		}
		for i, e := range tk.timeline {
			readEntry(e)
			tk.addMail(i, []byte(`{"text": "x"}`))
		}
		_ = hot(tk.updated, time.Unix(0, 0))
		line, err := tk.line("v")
		if err != nil {
			t.Fatalf("%s: %v", v, err)
		}
		if bytes.IndexByte(line, '\n') != len(line)-1 || !jsontext.Value(line).IsValid(lenient()) {
			t.Fatalf("%q is not one line of JSON", line)
		}
		id, version, ok := identify(line[:len(line)-1])
		if !ok || id != "1" || version != "v" && tk.updated != "v" {
			t.Fatalf("%q is read back as %q, %q, %v", line, id, version, ok)
		}
	})
}
