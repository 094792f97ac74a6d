package mapping

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func TestSanitiseKeeps(t *testing.T) {
	for _, s := range []string{
		"", "plain", "1 < 2 & 3 > 2", "<p>Hello <b>J&uuml;rgen</b>,</p><p>bye &lt;3</p>", "a<br>b<br/>c<hr>",
		`<table border="0" cellpadding=0 width='600' bgcolor="#ffffff"><tbody><tr><td align="center" valign=top colspan="2" style="color: #333; width:100px">x</td></tr></tbody></table>`,
		`<font face="Arial" size="2" color="red">x</font><center>y</center>`,
		`<a href="https://acme.test/x?a=1&amp;b=2#top" target="_blank" rel="noopener">l</a> <a href="mailto:a@acme.test">m</a> <a href="tel:+31201234567">t</a>`,
		`<img src="cid:part1@acme.test" alt="" width="10" height="10"><img src="data:image/png;base64,iVBORw0KGgo="><img src="https://acme.test/a.png">`,
		`<div dir="rtl" lang="he">שלום</div>`, `<ul><li>a</li></ul><ol start="3"><li value="7">b</ol>`,
		`<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px solid rgb(204, 204, 204);padding-left:1ex">q</blockquote>`,
		`<span style="font-family:&quot;Segoe UI&quot;, sans-serif; font-size:10.5pt; mso-fareast-language:EN-US">x</span>`,
		`<div class="gmail_quote" id="divRplyFwdMsg">x</div>`,
	} {
		if got := SanitiseHTML(s, false); got != s {
			t.Errorf("%s\n became %s", s, got)
		}
		if clean, found := scanHTML(s, false); !clean || found != 0 {
			t.Errorf("%s: clean %v, found %b", s, clean, found)
		}
	}
}

func TestSanitise(t *testing.T) {
	for _, c := range []struct{ in, want, kinds string }{
		{"<script>alert(1)</script>a", "a", "script"},
		{`<p onclick="x()">a</p>`, "<p>a</p>", "event handler"},
		{`<a href="javascript:alert(1)">a</a>`, "<a>a</a>", "link"},
		{`<a href="/tickets/7">a</a>`, `<a href="/tickets/7">a</a>`, ""},
		{`<form action="https://evil.test"><input name=p><button>Go</button></form>`, "Go", "form field"},
		{`<iframe src="https://evil.test">x</iframe>a`, "a", "frame"},
		{`<object data="x"><p>fallback</p></object>`, "<p>fallback</p>", "object"},
		{`<meta http-equiv="refresh" content="0;url=https://evil.test">a`, "a", "refresh"},
		{`<meta charset="utf-8">a`, "a", ""},
		{`<html><head><title>T</title><style>p{color:red}</style></head><body>b</body></html>`, "b", "style sheet"},
		{`<html dir="rtl"><body bgcolor="#eeeeee" style="margin:0">b</body></html>`, `<div dir="rtl"><div style="background-color:#eeeeee;margin:0">b</div></div>`, ""},
		{`<p style="color:red; background: #fff url(https://evil.test/x.png) no-repeat">a</p>`, `<p style="color:red;background:#fff  no-repeat">a</p>`, "style address"},
		{`<p style="width:expression(alert(1));color:red">a</p>`, `<p style="color:red">a</p>`, "style"},
		{`<div style="position:fixed;top:0;left:0;width:100%">a</div>`, `<div style="top:0;left:0;width:100%">a</div>`, "style"},
		{`<p class="MsoNormal">a<o:p></o:p></p>`, `<p class="MsoNormal">a</p>`, ""},
		{"a<!-- gone --><![if !mso]>b<![endif]>", "ab", ""},
		{`<svg><script>alert(1)</script><text>t</text></svg>`, "t", "script, drawing"},
		{`<td background="https://evil.test/b.png">a</td>`, "<td>a</td>", "background image"},
		{`<textarea><b>x</b></textarea>`, "&lt;b&gt;x&lt;/b&gt;", "form field"},
		{`<noscript><p>x</p></noscript>a`, "<p>x</p>a", ""},
		{`<NOSCRIPT>see <b onclick=x()>the order</b><script>x()</script></noscript>a`, "see <b>the order</b>a", "script, event handler"},
		{`<noscript><p title="</noscript><img src=x onerror=alert(1)>">y`, `<p title="&lt;/noscript&gt;&lt;img src=x onerror=alert(1)&gt;">y`, ""},
		{`<head><noscript><xml>96</xml></noscript></head>a`, "a", ""},
		{`<head><body><noscript>a</noscript>b`, "ab", ""},
		{`<noscript>a<noscript>b</noscript>c<style></noscript>d`, "abc", "style sheet"},
		{`</title></iframe>after<title>t</title> words`, "after words", ""},
		{`<video src="x.mp4">see it</video>`, "see it", "audio or video"},
		{`<img src="data:text/html,<script>">`, `<img>`, "image"},
		{`<img src="https://acme.test/o.gif" width="1" height="1">a`, `<img src="https://acme.test/o.gif" width="1" height="1">a`, ""},
		{`<link rel="stylesheet" href="x.css">a`, "a", "style sheet"},
		{"<b", "", ""},
	} {
		got := SanitiseHTML(c.in, false)
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
		_, found := scanHTML(c.in, false)
		if kinds := strings.Join(found.names(), ", "); kinds != c.kinds {
			t.Errorf("%s: found %q, want %q", c.in, kinds, c.kinds)
		}
	}
}

func TestTrackers(t *testing.T) {
	for _, s := range []string{
		`<img src="https://acme.test/o.gif" width="1" height="1">`, `<img src="https://acme.test/o.gif" style="width:1px; height:1px">`, `<img height=0 width=0 src=http://acme.test/>`,
		`<img src="https://acme.test/o.gif" style="display:none">`, `<img src="https://u1.ct.acme.test/wf/open?upn=1" alt="">`, `<img src="//acme.test/track/open.php?u=1">`,
	} {
		if got := SanitiseHTML("a"+s+"b", true); got != "ab" {
			t.Errorf("%s stays: %s", s, got)
		}
		if _, found := scanHTML(s, true); found != removedTracker {
			t.Errorf("%s: found %v", s, found.names())
		}
		if got := SanitiseHTML(s, false); got != s {
			t.Errorf("%s unasked became %s", s, got)
		}
	}
	for _, s := range []string{`<img src="cid:x" width="1" height="1">`, `<img src="https://acme.test/line.gif" width="600" height="1">`, `<img src="https://acme.test/logo.png">`} {
		if got := SanitiseHTML(s, true); got != s {
			t.Errorf("%s became %s", s, got)
		}
	}
}

// TestStyles holds the two readings of a style against each other: what is plain is left as it is.
func TestStyles(t *testing.T) {
	for _, c := range []struct {
		in, want string
		found    removals
	}{
		{"color:red", "color:red", 0},
		{" color : red ; ; width:10px;", "color:red;width:10px", 0},
		{"color:rgb(1,2,3);width:calc(100% - 10px)", "color:rgb(1,2,3);width:calc(100% - 10px)", 0},
		{"font-family:'a;b', \"c\"", "font-family:'a;b', \"c\"", 0},
		{"background:url(x)", "", removedStyleURL},
		{"background:URL( 'x' ) red", "background:red", removedStyleURL},
		{"background-image:url(a;b", "", removedStyleURL},
		{"background:u\\72l(x)", "", removedStyle},
		{"width:exp/**/ression(1)", "", removedStyle},
		{"-moz-binding:url(x)", "", removedStyleURL},
		{"-moz-binding:none", "", removedStyle},
		{"filter:progid:DXImageTransform.Microsoft.Alpha(opacity=50)", "", removedStyle},
		{"color:red}body{display:none", "", removedStyle},
		{"@import 'x'", "", 0},
		{"x:'\n;position:fixed", "x:'", removedStyle},
		{"background-position:0 0", "background-position:0 0", 0},
		{"mso-line-height-rule:exactly", "mso-line-height-rule:exactly", 0},
	} {
		if got, found := cleanStyle(c.in); got != c.want || found != c.found {
			t.Errorf("%q: got %q %b, want %q %b", c.in, got, found, c.want, c.found)
		}
		if isPlainStyle(c.in) && c.found != 0 {
			t.Errorf("%q is not plain", c.in)
		}
	}
}

// runs returns what of a body could run, phone home through a form or frame, or take over the page; "" for nothing. It reads the body
// with the parser of browsers, and looks at what is there, not at what was meant to be let through.
func runs(t testing.TB, s string) string {
	root, err := html.Parse(strings.NewReader("<!DOCTYPE html><html><head></head><body>" + s + "</body></html>"))
	if err != nil {
		if strings.Contains(err.Error(), "512") {
			return "" // too deep for this parser: the tokens are checked
		}
		t.Fatal(err)
	}
	bad := ""
	var visit func(n *html.Node)
	visit = func(n *html.Node) {
		if n.Type == html.ElementNode {
			if n.Namespace != "" {
				bad = "foreign element " + n.Data
			}
			switch n.Data {
			case "script", "style", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "input", "button", "select", "textarea", "option", "meta", "link", "base", "svg", "math",
				"template", "noscript", "video", "audio", "source", "track", "canvas", "portal", "dialog", "isindex", "xml", "layer", "ilayer", "bgsound", "title", "marquee":
				bad = "element " + n.Data
			}
			for _, a := range n.Attr {
				if why := runsAttribute(a); why != "" {
					bad = why
				}
			}
		} else if n.Type == html.CommentNode {
			bad = "comment " + n.Data
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(root)
	return bad
}

func runsAttribute(a html.Attribute) string {
	key := strings.ToLower(a.Key)
	// Browsers pass over white space and controls before and in a scheme.
	value := strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7F || r == 0xA0 || r == utf8.RuneError {
			return -1
		}
		return r
	}, a.Val))
	switch {
	case strings.HasPrefix(key, "on"), key == "srcdoc", key == "formaction", key == "action", key == "xlink:href", key == "srcset", key == "background", key == "poster", key == "data", key == "code",
		key == "dynsrc", key == "lowsrc", key == "ping", key == "manifest", key == "http-equiv":
		return "attribute " + key
	case key == "href" || key == "src" || key == "cite":
		scheme, _, ok := strings.Cut(value, ":")
		if !ok || strings.ContainsAny(scheme, "/?#") {
			return ""
		}
		switch scheme {
		case "http", "https", "mailto", "tel", "sms", "callto", "ftp", "ftps", "cid", "mid", "webcal", "geo", "xmpp":
			return ""
		case "data":
			if key == "src" && strings.HasPrefix(value, "data:image/") && !strings.HasPrefix(value, "data:image/svg") {
				return ""
			}
		}
		return key + " " + value
	case key == "style":
		for _, part := range []string{"expression", "url(", "script:", "behavior", "binding", "\\", "@import", ";position:", "/*", "<", "image("} {
			if strings.Contains(";"+value, part) {
				return "style " + value
			}
		}
	}
	return ""
}

func FuzzSanitise(f *testing.F) {
	for _, s := range attacks {
		f.Add(s)
	}
	for _, s := range []string{"<p style='color:red'>a</p>", "<html><body bgcolor=red>", "<img width=1 height=1 src=//x>", "<a href=x:y>", "<!--><p>", "<td nowrap>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean, _ := scanHTML(s, false)
		got := SanitiseHTML(s, false)
		if why := runs(t, got); why != "" {
			t.Fatalf("%q became %q: %s", s, got, why)
		}
		if clean && got != s {
			t.Fatalf("%q is clean and became %q", s, got)
		}
		if again := SanitiseHTML(got, false); again != got {
			t.Fatalf("%q became %q, and that %q", s, got, again)
		}
		if _, found := scanHTML(got, false); found != 0 {
			t.Fatalf("%q became %q, which still holds %v", s, got, found.names())
		}
		if _, found := scanHTML(SanitiseHTML(s, true), true); found != 0 {
			t.Fatalf("%q with trackers removed still holds %v", s, found.names())
		}
	})
}

func BenchmarkSanitise(b *testing.B) {
	clean := strings.Repeat("<div style=\"color: red\"><p>Dear <b>Jane</b>,<br>your order &amp; invoice are on <a href=\"https://acme.example/x?y=z\">their way</a>.</p></div>\n", 12)
	mail := "<html><head><style>p{margin:0}</style></head><body bgcolor=\"#fff\">" + strings.Repeat("<table width=\"600\" cellpadding=\"0\" style=\"background:#fff url(https://acme.example/b.png); color:red\"><tr><td align=center class=x><p class=\"MsoNormal\">Dear Jane,<o:p></o:p></p></td></tr></table>\n", 20) + "</body></html>"
	for _, c := range []struct{ name, s string }{{"clean", clean}, {"mail", mail}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.s)))
			b.ReportAllocs()
			for b.Loop() {
				SanitiseHTML(c.s, false)
			}
		})
		b.Run(c.name+"-scan", func(b *testing.B) {
			b.SetBytes(int64(len(c.s)))
			for b.Loop() {
				scanHTML(c.s, false)
			}
		})
	}
}
