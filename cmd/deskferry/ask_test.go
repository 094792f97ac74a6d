package main

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer/suggest"
)

// lineReader gives one line a read, as a terminal does.
type lineReader struct{ rest string }

func (r *lineReader) Read(p []byte) (int, error) {
	if r.rest == "" {
		return 0, io.EOF
	}
	end := strings.IndexByte(r.rest, '\n') + 1
	n := copy(p, r.rest[:end])
	r.rest = r.rest[n:]
	return n, nil
}

// TestAsk: questions are put with their evidence; each can be answered, answered again after a mistake, or left open.
func TestAsk(t *testing.T) {
	checkShort := func(s string) error {
		if len(s) > 5 {
			return io.ErrShortBuffer
		}
		return nil
	}
	choice := suggest.Question{Title: "Day or month?", Evidence: []string{"03/04/2021 is both"}, Options: []suggest.Option{{Label: "day", Value: "dmy"}, {Label: "month", Value: "mdy"}}}
	text := suggest.Question{Title: "Zone?", Evidence: []string{"no zone"}, Check: checkShort}
	several := suggest.Question{Title: "Agents?", Many: true, Check: checkShort}
	for _, c := range []struct {
		q     suggest.Question
		typed string
		want  []string
	}{
		{choice, "2\n", []string{"mdy"}},
		{choice, "3\n", nil},
		{choice, "9\nx\n1\n", []string{"dmy"}},
		{text, "UTC\n", []string{"UTC"}},
		{text, "\n", nil},
		{text, "much too long\nUTC\n", []string{"UTC"}},
		{several, " a@b , @c,\n", []string{"a@b", "@c"}},
	} {
		var out bytes.Buffer
		got, err := asker{in: &lineReader{c.typed}, out: &out, plain: true}.ask(c.q)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s, typed %q: %q, %v; want %q\n%s", c.q.Title, c.typed, got, err, c.want, &out)
		}
		if strings.Contains(out.String(), "\x1b") {
			t.Errorf("a plain terminal gets escapes: %q", &out)
		}
		for _, e := range append(c.q.Evidence, c.q.Title) {
			if !strings.Contains(out.String(), e) {
				t.Errorf("%q is not shown:\n%s", e, &out)
			}
		}
		if len(c.q.Options) > 0 && !strings.Contains(out.String(), "leave it as a question") {
			t.Errorf("it cannot be left open:\n%s", &out)
		}
	}
}
