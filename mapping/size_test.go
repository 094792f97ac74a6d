package mapping

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestJSONCostIsTheTable holds the fast sum to the plain one, whatever the bytes.
func TestJSONCostIsTheTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("aé \"\\\n\x1f\x7f\x20\x80!")))).Draw(t, "s"))
		if got, want := jsonCost(s), plainCost(s); got != want {
			t.Fatalf("%q: %d, the table says %d", s, got, want)
		}
	})
}

func TestLinksAreCounted(t *testing.T) {
	for _, s := range []string{"", ":", "::", "://", "mailto:", "MAILTO:", "Mailto:", "mailto://x", "see https://a.example, http://b.example:80/c: mailto:d@e.example", "mailto", "a:b:c", ":mailto:://"} {
		want := strings.Count(s, "://") + strings.Count(s, "mailto:") + strings.Count(s, "MAILTO:")
		if got := links(s); got != want {
			t.Errorf("%q has %d links, want %d", s, got, want)
		}
	}
}
