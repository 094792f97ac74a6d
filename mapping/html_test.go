package mapping

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// textBound and htmlBound are how many bytes a derived body form can have at most, for n bytes of the other.
func textBound(n int) int { return 4*n + 16 }

func htmlBound(n int) int { return 5*n + 7 }

func TestTextOfHTML(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"plain", "plain"},
		{"two\n  lines", "two lines"},
		{"<p>Hello&nbsp;<b>J&uuml;rgen</b>,</p><p>bye &lt;3</p>", "Hello Jürgen,\n\nbye <3"},
		{"<div>a</div><div>b</div>", "a\nb"},
		{"<div>a</div><div><br></div><div>b</div>", "a\n\nb"},
		{"<div>a<br></div><div>b</div>", "a\nb"},
		{"a<br>b<br/><br />c", "a\nb\n\nc"},
		{"a<br><br><br><br><br><br>c", "a\n\n\nc"},
		{"  <p> a \n b </p> \n\n <p>c</p>  ", "a b\n\nc"},
		{"<ul><li>one</li><li>two<ul><li>deep</ul></li></ul>after", "- one\n- two\n  - deep\n\nafter"},
		{"<ol start=3><li>x<li>y</ol>", "3. x\n4. y"},
		{"<ul><li></li><li>  </li></ul>end", "end"},
		{"<table><tr><td>a</td><td> b </td></tr><tr><th>c</th><td></td><td>d</td></tr></table>", "a\tb\nc\td"},
		{"<a href='https://x.example'>the link</a>!", "the link!"},
		{"x<img src=a.png alt='smile'>y", "xsmiley"},
		{"<html><head><title>T</title><style>p{}</style><meta charset=utf-8></head><body>b</body></html>", "b"},
		{"<head><title>T</title><p>head never closed", "head never closed"},
		{"a<script>if (1<2) document.write('<b>x</b>')</script>b<style>b{}</style>", "ab"},
		{"<pre>\n  keep\n    this  \n</pre>done", "  keep\n    this\n\ndone"},
		{"a<!-- gone --><![if !mso]>b<![endif]>", "ab"},
		{"a &nbsp; b", "a  b"},
		{"1 < 2 & 3 > 2", "1 < 2 & 3 > 2"},
		{"a</p></p></div>b", "a\n\nb"},
		{"<b", ""},
		{"x<script>never closed", "x"},
		{"&#8364; &euro; &bogus; &#x1F600;", "€ € &bogus; 😀"},
		{"<P>UP</P><BR>down", "UP\n\n\ndown"},
		{"a<hr>b", "a\n\n---\n\nb"},
	} {
		got := TextOfHTML(c.in)
		if got != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

func TestHTMLOfText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"\n\r\n", ""},
		{"a", "<p>a</p>"},
		{"a\nb", "<p>a<br>b</p>"},
		{"a\r\n\r\nb", "<p>a</p><p>b</p>"},
		{"a\n\n\nb", "<p>a</p><p><br>b</p>"},
		{"<script>&amp;\"'", "<p>&lt;script&gt;&amp;amp;\"'</p>"},
		{"a\n  b  c", "<p>a<br>\u00a0\u00a0b \u00a0c</p>"},
	} {
		if got := HTMLOfText(c.in); got != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

func TestTextSurvivesHTML(t *testing.T) {
	for _, s := range []string{"a", "a\nb\n\nc", "x  y\n    indented", "1 < 2 && \"q\" 'r' &amp; <p>", "Grüße\n\n-- \nJ"} {
		want := strings.TrimRight(strings.ReplaceAll(s, "-- \n", "--\n"), " ")
		if got := TextOfHTML(HTMLOfText(s)); got != want {
			t.Errorf("%q came back as %q", s, got)
		}
	}
}

func TestHostileHTMLStaysBounded(t *testing.T) {
	for _, unit := range []string{"<ul><li>x", "<div>", "<table><tr><td>", "<pre>", "&lt;", "<!--", "<a href=\"", "</p>", "<ol start=999999><li>x", "<br>", "<hr>", "&nbsp;", "<script>", "<![CDATA[", "<li>x", "< "} {
		s := strings.Repeat(unit, 200_000/len(unit))
		if got := TextOfHTML(s); len(got) > textBound(len(s)) {
			t.Errorf("%q × n: %d bytes became %d", unit, len(s), len(got))
		}
	}
	s := strings.Repeat("&\n\n", 10_000)
	if got := HTMLOfText(s); len(got) > htmlBound(len(s)) {
		t.Errorf("%d bytes became %d", len(s), len(got))
	}
}

func TestFillBodies(t *testing.T) {
	m := Message{BodyHTML: "<p>a</p>"}
	fillBodies(&m)
	if m.BodyText != "a" || m.BodyHTML != "<p>a</p>" {
		t.Errorf("%+v", m)
	}
	m = Message{BodyText: "a"}
	fillBodies(&m)
	if m.BodyText != "a" || m.BodyHTML != "<p>a</p>" {
		t.Errorf("%+v", m)
	}
	m = Message{BodyText: "a", BodyHTML: "<i>b</i>"}
	fillBodies(&m)
	if m.BodyText != "a" || m.BodyHTML != "<i>b</i>" {
		t.Errorf("%+v", m)
	}
	m = Message{}
	fillBodies(&m)
	if m.BodyText+m.BodyHTML != "" {
		t.Errorf("%+v", m)
	}
}

func FuzzBodies(f *testing.F) {
	for _, s := range []string{"<p>Hello&nbsp;<b>x</b></p>", "<ul><li>a<ol><li>b", "<pre>\n a\r b </pre>", "a\n\n b < &", "<head><table><tr><td>x<td>y", "\xff<\x00>", "<script><!--", "&#0;&#xD800;\u00a0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := TextOfHTML(s)
		if len(text) > textBound(len(s)) {
			t.Fatalf("%d bytes of HTML became %d of text", len(s), len(text))
		}
		if utf8.ValidString(s) && !utf8.ValidString(text) {
			t.Fatalf("%q became broken text %q", s, text)
		}
		if strings.Contains(text, " \n") || strings.HasSuffix(text, "\n") || strings.HasSuffix(text, " ") {
			t.Fatalf("%q became %q, which trails", s, text)
		}
		page := HTMLOfText(s)
		if len(page) > htmlBound(len(s)) {
			t.Fatalf("%d bytes of text became %d of HTML", len(s), len(page))
		}
		bare := strings.NewReplacer("<p>", "", "</p>", "", "<br>", "").Replace(page)
		if strings.ContainsAny(bare, "<>") {
			t.Fatalf("%q became %q, which holds a tag", s, page)
		}
	})
}

func BenchmarkTextOfHTML(b *testing.B) {
	s := strings.Repeat("<div style=\"color: red\"><p>Dear <b>Jane</b>,<br>your order &amp; invoice are on <a href=\"https://acme.example/x?y=z\">their way</a>.</p></div>\n", 12)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		TextOfHTML(s)
	}
}
