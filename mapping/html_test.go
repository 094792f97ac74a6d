package mapping

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// textBound and htmlBound are how many bytes a derived body form can have at most, for n bytes of the other.
func textBound(n int) int { return 4*n + 16 }

func htmlBound(n int) int { return 10*n + 7 }

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
		{"<a href='https://x.example/y?a=1&amp;b=2'>the link</a>!", "the link <https://x.example/y?a=1&b=2>!"},
		{"<a href='https://www.x.example/'>x.example</a>, <a href=mailto:a@x.example?subject=b>a@x.example</a>", "x.example, a@x.example"},
		{"<a href='mailto:a@x.example'>write</a> <a href=javascript:x()>run</a> <a name=x>y</a> <a href='https://x.example'><img src=y></a>z", "write <mailto:a@x.example> run y z"},
		{"<a href='https://x.example'><div>block</div></a>after", "block\nafter"},
		{"a<blockquote>b<br>c<p>d</p></blockquote>e", "a\n\n> b\n> c\n>\n> d\n\ne"},
		{"<blockquote>a<blockquote type=cite>b</blockquote>c</blockquote>", "> a\n>\n>> b\n>\n> c"},
		{"<blockquote style='margin:0 0 0 40px'>a</blockquote><blockquote style='border-left:1px solid'>b</blockquote>", "a\n\n> b"},
		{"<blockquote><ul><li>a<li>b</ul></blockquote>", "> - a\n> - b"},
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
		{"<p>a</p><noscript><p>b <i>c</i></p><noscript>d</noscript></noscript>e", "a\n\nb c\n\nde"},
		{"<head><noscript><xml>96</xml></noscript></head>a", "a"},
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
		{"see https://x.example/a?b=1&c=(d), or (http://y.example).", "<p>see <a href=\"https://x.example/a?b=1&amp;c=(d)\">https://x.example/a?b=1&amp;c=(d)</a>, or (<a href=\"http://y.example\">http://y.example</a>).</p>"},
		{"mailto:a@x.example mailto:b javascript:x() xhttps://y https:// HTTP://Z", "<p><a href=\"mailto:a@x.example\">mailto:a@x.example</a> mailto:b javascript:x() xhttps://y https:// <a href=\"HTTP://Z\">HTTP://Z</a></p>"},
		{"https://x.example/\"onclick=\"x", "<p><a href=\"https://x.example/\">https://x.example/</a>\"onclick=\"x</p>"},
		{"<https://x.example>", "<p>&lt;<a href=\"https://x.example\">https://x.example</a>&gt;</p>"},
	} {
		if got := HTMLOfText(c.in); got != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

func TestTextSurvivesHTML(t *testing.T) {
	for _, s := range []string{"a", "a\nb\n\nc", "x  y\n    indented", "1 < 2 && \"q\" 'r' &amp; <p>", "Grüße\n\n-- \nJ", "see https://x.example/y, and http://z"} {
		want := strings.TrimRight(strings.ReplaceAll(s, "-- \n", "--\n"), " ")
		if got := TextOfHTML(HTMLOfText(s)); got != want {
			t.Errorf("%q came back as %q", s, got)
		}
	}
}

func TestHostileHTMLStaysBounded(t *testing.T) {
	for _, unit := range []string{"<ul><li>x", "<div>", "<table><tr><td>", "<pre>", "&lt;", "<!--", "<a href=\"", "</p>", "<ol start=999999><li>x", "<br>", "<hr>", "&nbsp;", "<script>", "<![CDATA[", "<li>x", "< ", "<blockquote>", "<blockquote><p>a", "<blockquote><hr>", "</blockquote>", "<a href=http://x>y</a>", "<blockquote><pre>\n\n"} {
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

func TestFinish(t *testing.T) {
	for _, c := range []struct {
		name     string
		rules    BodiesBlock
		in, want Message
	}{
		{"from HTML", BodiesBlock{}, Message{BodyHTML: "<p>a</p>"}, Message{BodyHTML: "<p>a</p>", BodyText: "a"}},
		{"from text", BodiesBlock{}, Message{BodyText: "a"}, Message{BodyHTML: "<p>a</p>", BodyText: "a"}},
		{"both", BodiesBlock{}, Message{BodyText: "a", BodyHTML: "<i>b</i>"}, Message{BodyText: "a", BodyHTML: "<i>b</i>"}},
		{"neither", BodiesBlock{}, Message{}, Message{}},
		{"cleaned", BodiesBlock{}, Message{BodyHTML: "<p onclick=x()>a</p>"}, Message{BodyHTML: "<p>a</p>", BodyText: "a"}},
		{"nothing left", BodiesBlock{}, Message{BodyHTML: "<script>x</script>"}, Message{BodyHTML: "<p></p>"}},
		{"as it is", BodiesBlock{HTML: "as_is"}, Message{BodyHTML: "<p onclick=x()>a</p>"}, Message{BodyHTML: "<p onclick=x()>a</p>", BodyText: "a"}},
		{"reply", BodiesBlock{}, Message{Channel: "email", Public: true, BodyText: "a\n> b"}, Message{Channel: "email", Public: true, BodyText: "a\n> b", BodyHTML: "<p>a<br>&gt; b</p>", StrippedText: "a", StrippedHTML: "<p>a<br></p>"}},
		{"signed", BodiesBlock{}, Message{Channel: "email", Public: true, BodyText: "a\n-- \nJo"}, Message{Channel: "email", Public: true, BodyText: "a\n-- \nJo", BodyHTML: "<p>a<br>-- <br>Jo</p>", StrippedText: "a", StrippedHTML: "<p>a<br></p>", StrippedSignature: "Jo"}},
		{"nothing of their own", BodiesBlock{}, Message{Channel: "email", Public: true, BodyText: "On 3 Jun 2024, a@b.test wrote:\n> b"}, Message{Channel: "email", Public: true, BodyText: "On 3 Jun 2024, a@b.test wrote:\n> b", BodyHTML: "<p>On 3 Jun 2024, a@b.test wrote:<br>&gt; b</p>"}},
		{"given", BodiesBlock{}, Message{Channel: "email", Public: true, BodyText: "a\n> b", BodyHTML: "a", StrippedText: "x"}, Message{Channel: "email", Public: true, BodyText: "a\n> b", BodyHTML: "a", StrippedText: "x"}},
		{"kept", BodiesBlock{Replies: "keep"}, Message{Channel: "email", Public: true, BodyText: "a\n> b"}, Message{Channel: "email", Public: true, BodyText: "a\n> b", BodyHTML: "<p>a<br>&gt; b</p>"}},
		{"note", BodiesBlock{}, Message{Channel: "internal-note", BodyText: "a\n> b"}, Message{Channel: "internal-note", BodyText: "a\n> b", BodyHTML: "<p>a<br>&gt; b</p>"}},
		{"chat", BodiesBlock{}, Message{Channel: "chat", Public: true, BodyText: "a\n> b"}, Message{Channel: "chat", Public: true, BodyText: "a\n> b", BodyHTML: "<p>a<br>&gt; b</p>"}},
	} {
		m := c.in
		c.rules.finish(&m)
		if !reflect.DeepEqual(m, c.want) {
			t.Errorf("%s\n got %+v\nwant %+v", c.name, m, c.want)
		}
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
		if clean, found := scanHTML(page, true); !clean || found != 0 {
			t.Fatalf("%q became %q, which holds more than words and links", s, page)
		}
		if why := runs(t, page); why != "" {
			t.Fatalf("%q became %q: %s", s, page, why)
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
