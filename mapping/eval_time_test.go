package mapping

import "testing"

// TestLayoutFor: a hint offers a layout only to what it may read.
func TestLayoutFor(t *testing.T) {
	const shape, as = `, or write how such times look: layout: "%d.%m.%Y %H:%M"`, ", or say how such times are to be read: layout: "
	for _, c := range []struct{ text, said, want string }{
		{"12345678901234567890", "a number of more digits than a time has", ""},
		{"170000000012", "a bare number; if it is an epoch write layout: epoch, epoch_ms or epoch_us", ""},
		{"Carl Clark", "a word that is no part of a date in English", ""},
		{"", "", ""}, {"n/a", "", ""}, {"12", "", ""},
		{"03/25/2024", "there is no such month", as + "mdy"},
		{"99/99/2024", "there is no such month", ""},
		{"1700000000", "tried iso (…)", as + "epoch"},
		{"3 maart 2024 14:05", "a word that is no part of a date in English", shape},
		{"2024 week 12 day 3", "", shape},
		{"2024-03-04T10:00:00.123456789 at noon", "", shape},
	} {
		if got := layoutFor(c.text, c.said); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}
