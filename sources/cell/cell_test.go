package cell

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGuard(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""}, {"Ann", "Ann"}, {"ann@x.test", "ann@x.test"}, {"42", "42"}, {"-5", "-5"}, {"'t Hooft", "'t Hooft"}, {"a-b", "a-b"}, {"0", "0"},
		{"=1+1", "'=1+1"}, {"+31 20 123", "'+31 20 123"}, {"-x", "'-x"}, {"@SUM(1)", "'@SUM(1)"}, {" =1", "' =1"}, {"＝1", "'＝1"}, {"-2+3", "'-2+3"}, {"--5", "'--5"},
		{"'=1", "''=1"}, {"\t=1", "\t'=1"}, {"\r=1", "\r'=1"}, {"Doe; =HYPERLINK(1)", "Doe; '=HYPERLINK(1)"}, {"a\n@b", "a\n'@b"}, {`a;"=1`, `a;"'=1`}, {`"=1`, `'"=1`},
		{"\u200b=1", "'\u200b=1"}, {"\u3000=1", "'\u3000=1"}, {"\uFEFF=1", "'\uFEFF=1"}, {"\x01=1", "'\x01=1"}, {"％A1", "'％A1"},
		{"007", "'007"}, {"360001234567890123", "'360001234567890123"}, {"12E5", "'12E5"}, {"1-2", "'1-2"}, {"2021-03-04", "'2021-03-04"},
		{"3.10", "'3.10"}, {"TRUE", "'TRUE"}, {"'007", "''007"}, {"-05", "'-05"}, {"+5", "'+5"}, {"-0", "'-0"}, {"'5 nails", "''5 nails"}, {"'5,=1", "''5,'=1"},
	} {
		if got := Guard(c.text); got != c.want {
			t.Errorf("guard(%q) = %q, want %q", c.text, got, c.want)
		}
		if got := Unguard(Guard(c.text)); got != c.text {
			t.Errorf("%q came back as %q", c.text, got)
		}
	}
	if got := Unguard("'2021-02-28T10:00:00Z"); got != "2021-02-28T10:00:00Z" { // where a date was mended behind its guard
		t.Errorf("mended, it is %q", got)
	}
	for _, s := range []string{"007", "+31201234567", "2021-03-04", "-5", "'=x", "360001234567890123"} {
		if got := Safe(s); got != s && s != "'=x" {
			t.Errorf("safe(%q) = %q", s, got)
		}
	}
}

// TestRoundTrip: whatever stands in an export comes back as it was, and no cell begins a formula, whichever character a
// spreadsheet cuts cells at.
func TestRoundTrip(t *testing.T) {
	texts := rapid.StringOf(rapid.SampledFrom([]rune("'=+-@% ,;\t|\r\n\"aZ019eE.:/＝\u00a0\u200b\x00")))
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "text")
		g, safe := Guard(s), Safe(s)
		if back := Unguard(g); back != s {
			t.Fatalf("%q was written as %q and came back as %q", s, g, back)
		}
		if back := Unsafe(safe); back != s {
			t.Fatalf("%q was written as %q and came back as %q", s, safe, back)
		}
		for _, written := range []string{g, safe} {
			if isValue(s) { // digits and marks alone: a sum at most
				continue
			}
			for _, cell := range strings.FieldsFunc(written, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
				if c := strings.TrimLeft(cell, " \"\u00a0\u200b\x00"); c != "" && strings.ContainsRune("=+-@%＝", []rune(c)[0]) && strings.Trim(c[1:], "0123456789") != "" {
					t.Fatalf("%q was written as %q, and %q begins a formula", s, written, cell)
				}
			}
		}
	})
}

func FuzzRoundTrip(f *testing.F) {
	f.Add("'=1,+2\n@3")
	f.Fuzz(func(t *testing.T, s string) {
		if got := Unguard(Guard(s)); got != s {
			t.Fatalf("%q came back as %q", s, got)
		}
		if got := Unsafe(Safe(s)); got != s {
			t.Fatalf("%q came back as %q", s, got)
		}
	})
}
