package importer

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/deskferry/deskferry/mapping"
	"pgregory.net/rapid"
)

func TestPrefix(t *testing.T) {
	for _, c := range []struct {
		sizes           []int
		messages, bytes int
		want            int
	}{
		{nil, 500, 100, 0},
		{[]int{10, 10, 10}, 500, 100, 3},
		{[]int{10, 10, 10}, 2, 100, 2},
		{[]int{10, 10, 10}, 500, 20, 2},
		{[]int{10, 10, 10}, 500, 19, 1},
		{[]int{200, 10}, 500, 100, 1}, // too large by itself: the target decides
		{[]int{10, 200, 10}, 500, 100, 1},
	} {
		if got := Prefix(c.sizes, c.messages, c.bytes); got != c.want {
			t.Errorf("Prefix(%v, %d, %d) = %d, want %d", c.sizes, c.messages, c.bytes, got, c.want)
		}
	}
}

func TestExternalID(t *testing.T) {
	if got := ExternalID("desk", "812"); got != "desk:812" {
		t.Errorf("got %q", got)
	}
	fits := strings.Repeat("é", 250)
	if got := ExternalID("desk", fits); got != "desk:"+fits {
		t.Errorf("255 characters were hashed: %q", got)
	}
	long := ExternalID("desk", fits+"x")
	if !strings.HasPrefix(long, "desk:h1:") || utf8.RuneCountInString(long) > MaxExternalID || long == ExternalID("desk", fits+"y") {
		t.Errorf("got %q", long)
	}
	if got := MessageExternalID(strings.Repeat("a", 255)); len(got) != 255 {
		t.Errorf("got %q", got)
	}
	if got := MessageExternalID(strings.Repeat("a", 256)); !strings.HasPrefix(got, "h1:") || len(got) != 67 {
		t.Errorf("got %q", got)
	}
}

func TestFirstsKeepsTheEarliest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) first {
			return first{rapid.Int64Range(0, 30).Draw(t, "record"), rapid.Uint64Range(0, 30).Draw(t, "hi")}
		}), 1, 60).Draw(t, "tickets")
		limit := rapid.IntRange(1, 20).Draw(t, "limit")
		var h firsts
		for _, f := range all {
			h.offer(f, limit)
		}
		slices.SortFunc(all, first.compare)
		want := all[:min(limit, len(all))]
		if top := h[0]; len(h) != len(want) || top != want[len(want)-1] {
			t.Fatalf("%d kept, the last is %v; want %v", len(h), top, want)
		}
	})
}

func TestTicketsOfOneFingerprintStayApart(t *testing.T) {
	var items []string
	for _, key := range []string{"a", "b", "a"} {
		var c coder
		c.head(&factHead{Message: true})
		f := mapping.MessageFact{Ticket: key}
		c.messageFact(&f)
		items = append(items, string(c.buf))
	}
	var b batch
	b.keys = []sum{{1, 1}}
	for _, s := range items {
		b.buf = append(b.buf, s...)
		b.ends = append(b.ends, len(b.buf))
	}
	b.last = []int{3}
	var l lane
	var got []string
	for same, err := range l.groups(&b) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l.key()+strings.Repeat("+", len(same)))
	}
	if !slices.Equal(got, []string{"a++", "b+"}) {
		t.Errorf("got %v", got)
	}
}
