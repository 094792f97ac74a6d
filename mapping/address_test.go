package mapping

import (
	"encoding/xml"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestCheckEmail(t *testing.T) {
	for in, want := range map[string]bool{
		"a@b": true, "jane.doe+tag@acme.example": true, "o'brien@acme.example": true, "\"a b\"@acme.example": true, "jürgen@müller.example": true,
		"用户@例子.example": true, "a@[192.0.2.1]": true, "a@[IPv6:2001:db8::1]": true,
		"": false, "@": false, "a@": false, "@b": false, "a": false, "a b@c": false, "a@b c": false, "a@b@c": false, "a..b@c": false, ".a@b": false, "a.@b": false,
		"a@-b": false, "a@b-": false, "a@b..c": false, "a@b.": false, "a@[1.2.3]": false, "a@[IPv6:1.2.3.4]": false, "a@[::1]": false, "a,b@c": false, "<a@b>": false,
		"a@b\n": false, "a\x00@b": false, "a\u200b@b": false, "a\u202e@b": false, "a@b\xff": false,
		strings.Repeat("a", 64) + "@b": true, strings.Repeat("a", 65) + "@b": false, "a@" + strings.Repeat("b", 64): false,
	} {
		if err := checkEmail(in); (err == nil) != want {
			t.Errorf("%q: %v, want valid %v", in, err, want)
		}
	}
}

// TestCheckEmailCorpus judges checkEmail by Dominic Sayers' isemail test set.
func TestCheckEmailCorpus(t *testing.T) {
	b, err := os.ReadFile("../../shared/samples/isemail_tests.xml")
	if err != nil {
		t.Skipf("the isemail test set is not beside the checkout: %v", err)
	}
	var set struct {
		Tests []struct {
			ID       string `xml:"id,attr"`
			Address  string `xml:"address"`
			Category string `xml:"category"`
		} `xml:"test"`
	}
	if err := xml.Unmarshal(b, &set); err != nil {
		t.Fatal(err)
	}
	judged, right := 0, 0
	for _, c := range set.Tests {
		address := strings.Map(func(r rune) rune {
			if r >= 0x2400 && r < 0x2420 {
				return r - 0x2400
			}
			return r
		}, c.Address)
		err := checkEmail(address)
		switch c.Category {
		case "ISEMAIL_ERR", "ISEMAIL_VALID_CATEGORY":
			judged++
			if (err == nil) == (c.Category == "ISEMAIL_VALID_CATEGORY") {
				right++
			} else {
				t.Errorf("#%s %q (%s): %v", c.ID, address, c.Category, err)
			}
		case "ISEMAIL_RFC5321", "ISEMAIL_DNSWARN":
			if err != nil {
				t.Logf("#%s %q (%s): %v", c.ID, address, c.Category, err)
			}
		}
	}
	t.Logf("%d of %d addresses judged as the set has it", right, judged)
	if judged < 80 || right < judged {
		t.Errorf("the score fell below all of %d", judged)
	}
}

func TestParseAddresses(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []Address
	}{
		{"", nil},
		{"  ", nil},
		{" Jane@Acme.Example ", []Address{{"", "jane@acme.example"}}},
		{"Jane Doe <Jane@Acme.Example>", []Address{{"Jane Doe", "jane@acme.example"}}},
		{`"Doe, Jane" <j@a.example>, bob@b.example`, []Address{{"Doe, Jane", "j@a.example"}, {"", "bob@b.example"}}},
		{"Doe, Jane <j@a.example>, bob@b.example", []Address{{"Doe, Jane", "j@a.example"}, {"", "bob@b.example"}}},
		{"a@a.example; Bob (Sales) <b@b.example>;", []Address{{"", "a@a.example"}, {"Bob (Sales)", "b@b.example"}}},
		{"a@a.example,b@b.example,", []Address{{"", "a@a.example"}, {"", "b@b.example"}}},
		{"j@a.example <j@a.example>", []Address{{"j@a.example", "j@a.example"}}},
		{"'Jane' <j@a.example>; \"Bob; B\" <b@b.example>", []Address{{"Jane", "j@a.example"}, {"Bob; B", "b@b.example"}}},
		{"Jürgen Müller <j@a.example>", []Address{{"Jürgen Müller", "j@a.example"}}},
		{"=?utf-8?q?J=C3=BCrgen?= <j@a.example>", []Address{{"Jürgen", "j@a.example"}}},
		{"=?windows-1252?q?J=FCrgen_=80?= <j@a.example>", []Address{{"Jürgen €", "j@a.example"}}},
		{"Support: a@a.example, b@b.example;", []Address{{"", "a@a.example"}, {"", "b@b.example"}}},
		{"<j@a.example>", []Address{{"", "j@a.example"}}},
	} {
		got, err := parseAddresses(c.in)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, %v; want %q", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"jane", "Jane Doe", "a@b, nobody", "a@", "Jane <>", "Jane <a@b", "a@b c@d", ",;x", "<<a@b>>"} {
		if got, err := parseAddresses(in); err == nil {
			t.Errorf("%q gave %q", in, got)
		}
	}
}

func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"a@b", `"Doe, J" <a@b>; c@d`, "Doe, Jane <j@a>, b", "x: a@b;", "=?x?q?=?= <a@b>", "\"", "<<a@b>", "a@[IPv6:::1]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseAddresses(s)
		for _, a := range got {
			if e := checkEmail(a.Address); e != nil && err == nil {
				t.Fatalf("%q gave %q: %v", s, a.Address, e)
			}
		}
	})
}

func BenchmarkParseAddresses(b *testing.B) {
	for _, s := range []string{"jane.doe@acme.example", "Jane Doe <jane.doe@acme.example>"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = parseAddresses(s)
			}
		})
	}
}
