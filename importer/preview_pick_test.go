package importer

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/mapping"
)

// The choice is the same whatever parts the tickets are looked at in, and whatever order.
func TestPicksMergeInAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var tickets []lane
	for i := range 500 {
		l := lane{refs: []ref{{record: int64(i), marks: marks(r.IntN(16)), warnings: uint8(r.IntN(3))}}}
		l.out.Key, l.out.State = fmt.Sprint("t", i), mapping.TicketState(r.IntN(4))
		l.out.SourceStatus = fmt.Sprint("s", r.IntN(12))
		for range r.IntN(4) {
			l.out.Ticket.Messages = append(l.out.Ticket.Messages, mapping.Message{Size: r.IntN(50), Channel: fmt.Sprint("c", r.IntN(20)), Public: r.IntN(2) == 0})
		}
		tickets = append(tickets, l)
	}
	var want picks
	for i := range tickets {
		want.offer(&tickets[i])
	}
	plain := 0
	for _, p := range want.list() {
		if p.Why[0] == "one of the ordinary" {
			plain++
		}
	}
	if n := len(want.list()); n > maxPicks || plain != maxPlain {
		t.Fatalf("%d are picked, %d of them by nothing; want at most %d, and %d", n, plain, maxPicks, maxPlain)
	}
	for range 20 {
		parts := make([]picks, 1+r.IntN(9))
		for _, i := range r.Perm(len(tickets)) {
			parts[r.IntN(len(parts))].offer(&tickets[i])
		}
		var all picks
		for _, i := range r.Perm(len(parts)) {
			all.merge(&parts[i])
		}
		if got, want := all.list(), want.list(); !reflect.DeepEqual(got, want) {
			t.Fatalf("%d parts make another choice:\n%v\n%v", len(parts), got, want)
		}
	}
}

func TestTextMarks(t *testing.T) {
	for text, want := range map[string]marks{
		"": 0, "plain": 0, "naïve café, Größe, 注文 の 配送 – “quoted” €": 0, "всё": 0, "ok ✓ ☎ ™": 0,
		"long ascii before שלום":            markRightToLeft,
		"مرحبا":                             markRightToLeft,
		"great 🎉":                           markEmoji,
		"❤️":                                markEmoji,
		"🇫🇷 and فارسی":                      markEmoji | markRightToLeft,
		"\xff\xfe bad bytes \xd7":           0,
		"a\u202eb":                          0,
		"<p dir=\"rtl\">\u05d0\u05d1</p>🙂.": markEmoji | markRightToLeft,
	} {
		if got := textMarks(text); got != want {
			t.Errorf("%q: %b, want %b", text, got, want)
		}
	}
}

func TestEndMarks(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for text, want := range map[string]marks{"🎉" + long: markEmoji, long + "🎉": markEmoji, long + "🎉" + long: 0, strings.Repeat("ש", 2000): markRightToLeft} {
		if got := endMarks(text, maxLook); got != want {
			t.Errorf("%.9q…: %b, want %b", text, got, want)
		}
	}
}

func BenchmarkTextMarks(b *testing.B) {
	for name, text := range map[string]string{"ascii": "plain words of a message that somebody wrote to the support, ", "mixed": "Größe naïve café 注文 の 配送 order – ticket délai question about "} {
		b.Run(name, func(b *testing.B) {
			text := strings.Repeat(text, 500/len(text))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				textMarks(text)
			}
		})
	}
}
