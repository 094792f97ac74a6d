package conversation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// harm is what of cleaned HTML could run, load or lead anywhere; "" when there is nothing.
func harm(clean string) string {
	z := html.NewTokenizer(strings.NewReader(clean))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return ""
		}
		if kind == html.TextToken || kind == html.EndTagToken {
			continue
		}
		t := z.Token()
		if kind == html.CommentToken || kind == html.DoctypeToken || !slices.Contains(strings.Fields(keptElements), t.Data) {
			return t.String()
		}
		for _, a := range t.Attr {
			switch {
			case a.Key == "src" && t.Data == "img" && strings.HasPrefix(a.Val, "data:image/"):
			case a.Key == "style" && !strings.ContainsAny(a.Val, "\\@<>{}/") && !strings.Contains(strings.ToLower(a.Val), "url") && !strings.Contains(strings.ToLower(a.Val), "expression"):
			case slices.Contains([]string{"align", "valign", "dir", "lang", "bgcolor", "color", "width", "height", "border", "cellpadding", "cellspacing", "colspan",
				"rowspan", "size", "span", "start", "face", "type", "class", "alt"}, a.Key):
			default:
				return t.Data + " " + a.Key + "=" + a.Val
			}
		}
	}
}

func TestCleanLeavesNothingThatRunsOrLoads(t *testing.T) {
	c := newCleaner()
	for _, s := range []string{
		`<script>alert(1)</script>`, `<script src=//evil.test/x>`, `<<script>x//<</script>`, `</script><script>x</script>`, "<scr\x00ipt>x</script>",
		`<img src=x onerror=alert(1)>`, `<img src="javascript:alert(1)">`, `<img srcset="//evil.test/a 2x" src="data:image/png;base64,AAAA">`,
		`<img src="data:image/svg+xml;base64,PHN2Zz4=">`, `<img src="data:text/html;base64,AAAA">`, `<input type=image src=//evil.test/a>`,
		`<a href="javascript:alert(1)">x</a>`, `<a href="https://evil.test/" ping="//evil.test" target=_top>x</a>`, `<area href=//evil.test>`,
		`<svg onload=alert(1)><a xlink:href=//evil.test>x</a></svg>`, `<math><mtext><img src=//evil.test onerror=x></mtext></math>`,
		`<style>@import "//evil.test/x.css"</style>`, `<link rel=stylesheet href=//evil.test>`, `<p style="background:url(//evil.test)">x`,
		`<p style="x:expr/**/ession(1)">x`, `<p style="background:\75rl(//evil.test)">x`, `<p style="background-image:image-set('//evil.test' 1x)">x`,
		`<p style="behavior:url(x);position:fixed">x`, `<table background="//evil.test"><td background=//evil.test>x</table>`, `<body background=//evil.test onload=x>`,
		`<meta http-equiv=refresh content="0;url=//evil.test">`, `<base href=//evil.test>`, `<iframe src=//evil.test srcdoc="<script>1</script>"></iframe>`,
		`<object data=//evil.test></object>`, `<embed src=//evil.test>`, `<video src=//evil.test poster=//evil.test></video>`, `<audio src=//evil.test>`,
		`<form action=//evil.test><button formaction=//evil.test>x</button></form>`, `<noscript><p title="</noscript><img src=//evil.test>">`,
		`<title><img src=//evil.test></title>`, `<textarea></textarea><img src=//evil.test>`, `<template><img src=//evil.test></template>`,
		`<p title="&quot;><img src=//evil.test>">`, `<img alt="<script>1</script>" src=//evil.test>`, `<a href='"><script>1</script>'>x</a>`,
		`<!--><img src=//evil.test>-->`, `<![CDATA[<img src=//evil.test>]]>`, `<?php <img src=//evil.test> ?>`, `<x:y z=//evil.test>`, `<p/onclick=x()>x`,
		`<plaintext><img src=//evil.test>`, `<xmp><img src=//evil.test></xmp>`, `+ADw-script+AD4-`, `<q cite=//evil.test>x</q>`, `<p class="p" id=x>x`,
	} {
		for _, s := range []string{s, s + s, strings.ToUpper(s), "<table><tr><td>" + s, "<p>" + s + "</p>", `<p title="` + s, "<!--" + s, "<b><a href=x>" + s} {
			clean, _ := c.run(s)
			if why := harm(clean); why != "" {
				t.Errorf("%s\n became %s: %s", s, clean, why)
			}
			if again := c.policy.Sanitize(clean); again != clean {
				t.Errorf("%s\n became %s\n and then %s", s, clean, again)
			}
		}
	}
}

func TestCleanShowsWhatIsTakenOut(t *testing.T) {
	c := newCleaner()
	for markup, want := range map[string]string{
		`<img src="https://cdn.shop.test/a.png?u=1" alt="Logo">`: `<span class="p"><bdi>picture from cdn.shop.test: Logo</bdi></span>`,
		`<img src="//track.test/1.gif" width=1 height=1>`:        `<span class="p"><bdi>picture from track.test</bdi></span>`,
		`<img src="cid:img1">`:                                   `<span class="p"><bdi>picture among the attachments</bdi></span>`,
		`<img>`:                                                  `<span class="p"><bdi>picture</bdi></span>`,
		`<a href="https://x.test/reset?t=1">Reset</a>`:           `<span class="l">Reset</span><span class="t"><bdi> [x.test/reset?t=1]</bdi></span>`,
		`<a href="javascript:alert(1)">Hi</a>`:                   `<span class="l">Hi</span><span class="t"><bdi> [javascript:alert(1)]</bdi></span>`,
		`<a href="https://good.test@evil.test/">bank.test</a>`:   `<span class="l">bank.test</span><span class="t"><bdi> [good.test@evil.test/]</bdi></span>`,
		"<a href=\"https://x.test/\u202egpj\">Hi</a>":            `<span class="l">Hi</span><span class="t"><bdi> [x.test/[U+202E]gpj]</bdi></span>`,
		`<a name=x>Hi</a>`:                                       `<span>Hi</span>`,
		`<p style="color:red;background:url(x)">x</p>`:           `<p style="color:red">x</p>`,
		`<img src="data:image/png;base64,AAAA" width="10">`:      `<img src="data:image/png;base64,AAAA" alt="" width="10">`,
		`<b>open <i>both`:                                        `<b>open <i>both</i></b>`,
		`<p>a<p>b`:                                               `<p>a</p><p>b</p>`,
		`<table><tr><td>a<td>b<tr><td>c</div></table>`:           `<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>`,
		"a\x00b\x1bc":                                            "a\u2400b\u241bc",
	} {
		got, _ := c.run(markup)
		if got = strings.ReplaceAll(got, "&#39;", "'"); got != want {
			t.Errorf("%s\n became %s\n     want %s", markup, got, want)
		}
	}
}

// Whatever is nested, and however much of it there is, what is drawn stays small and flat, and takes no time to speak of.
func TestHostileMarkupIsBounded(t *testing.T) {
	d := New()
	for i, unit := range []string{"<table><tr><td>", "<div>", "<img src=//x.test>", "<b><i>", "<p>", "<a href=x>", "<li>", "<font color=red>", "<", "&", "</",
		"<p style='a:b;", "<table><tr><td colspan=999 rowspan=999>", "<ul><li>", "\u202e", "</div>", "<td>", "<br>", "<a href='", "<!--", "<svg>", "<p x y z>"} {
		markup, began := strings.Repeat(unit, maxMarkup/4/len(unit)), time.Now()
		clean, _ := d.clean.run(markup)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%q × n took %v", unit, took)
		}
		if i < 3 {
			drawn, err := d.HTML(&View{Messages: []Message{{HTML: strings.Repeat(markup, 80)}}})
			if err != nil || len(drawn) > 5<<20 {
				t.Errorf("%q × n: %d bytes are drawn: %v", unit, len(drawn), err)
			}
		}
		depth, deepest := 0, 0
		for z := html.NewTokenizer(strings.NewReader(clean)); ; {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			name, _ := z.TagName()
			switch {
			case kind == html.StartTagToken && string(name) != "br":
				depth++
			case kind == html.EndTagToken:
				depth--
			}
			deepest = max(deepest, depth)
		}
		if deepest > maxDepth+3 || depth != 0 {
			t.Errorf("%q × n: elements nest %d deep, %d are left open", unit, deepest, depth)
		}
	}
}
