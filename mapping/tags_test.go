package mapping

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCleanTag(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "vip": "vip", "  vip ": "vip", "two words": "two words", "two \t words\r\n": "two words", "a\nb": "a b", "a\x00\x1b[0mb": "a[0mb",
		"\ufeffété": "été", "a\u00a0b": "a b", "a\u2028b": "a b", "VIP": "VIP", "\x7f": "", "👨‍👩‍👧": "👨‍👩‍👧", "a,b": "a,b", "  ": "",
	} {
		got := CleanTag(in)
		if got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
		if CleanTag(got) != got || !isCleanTag(got) {
			t.Errorf("%q is not clean", got)
		}
	}
}

// TestTagsOfATicket: what is kept of a ticket's tags, and what is told.
func TestTagsOfATicket(t *testing.T) {
	long := strings.Repeat("é", 256)
	for _, c := range []struct {
		tags, want []string
		problems   string
		meta       string
	}{
		{tags: nil},
		{tags: []string{"a", "b"}, want: []string{"a", "b"}},
		{tags: []string{" a", "a", "", "b "}, want: []string{"a", "b"}},
		{tags: []string{"a\nb", "c"}, want: []string{"a b", "c"}, problems: "warning tag.cleaned"},
		{tags: []string{"\x01", "c"}, want: []string{"c"}, problems: "warning tag.cleaned"},
		{tags: []string{"VIP", "vip", "Vip"}, want: []string{"VIP", "vip", "Vip"}, problems: "warning tag.case, warning tag.case"},
		{tags: []string{long}, want: []string{long}},
		{tags: []string{long + "x", "ok"}, want: []string{long, "ok"}, problems: "warning tag.too_long", meta: "[{original_tag " + long + "x}]"},
		{tags: []string{long + "x", long, long + "y"}, want: []string{long}, problems: "warning tag.too_long, warning tag.too_long", meta: "[{original_tag " + long + "x} {original_tag " + long + "y}]"},
		{tags: []string{long + "\x02"}, want: []string{long}, problems: "warning tag.cleaned"},
	} {
		out := run(t, &File{}, &Group{
			Tickets:  []TicketFact{about(1, func(f *TicketFact) { f.Ticket.Tags = c.tags })},
			Messages: []MessageFact{say("a", 1)},
		}, nil)
		if !slices.Equal(out.Ticket.Tags, c.want) || strings.Join(codes(out), ", ") != c.problems || out.State != Ready {
			t.Errorf("%q became %q with %q, state %d", c.tags, out.Ticket.Tags, codes(out), out.State)
		}
		if meta := out.Ticket.Meta; len(meta) > 0 && fmt.Sprint(meta) != c.meta || len(meta) == 0 && c.meta != "" {
			t.Errorf("%q: meta is %q, want %q", c.tags, meta, c.meta)
		}
	}
}

// TestManyTags: the number of tags has no limit, and costs no more than its share.
func TestManyTags(t *testing.T) {
	many := make([]string, 100_000)
	for i := range many {
		many[i] = fmt.Sprint("Tag ", i)
	}
	start := time.Now()
	out := run(t, &File{}, &Group{
		Tickets: []TicketFact{
			about(1, func(f *TicketFact) { f.Ticket.Tags = many }),
			about(2, func(f *TicketFact) { f.Ticket.Tags = append(slices.Clone(many), "tag 7", "\nmore") }),
		},
		Messages: []MessageFact{say("a", 1)},
	}, nil)
	if n := len(out.Ticket.Tags); n != len(many)+2 || len(out.Problems) != 1 || out.Ticket.Tags[n-1] != "more" {
		t.Errorf("%d tags, problems %+v", n, out.Problems)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %s", d)
	}
}
