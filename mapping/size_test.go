package mapping

import (
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
