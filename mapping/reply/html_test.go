package reply

import (
	"strings"
	"testing"
)

func TestSplitHTML(t *testing.T) {
	for _, c := range []struct{ name, in, want, signature string }{
		{"nothing to cut", "<p>Hello</p><p>World</p>", "<p>Hello</p><p>World</p>", ""},
		{"gmail", `<div dir="ltr">Thanks, got it.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, 3 Jun 2024 at 10:12, Ann &lt;<a href="mailto:ann@example.com">ann@example.com</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)"><div>Your order is on its way.</div></blockquote></div>`,
			`<div dir="ltr">Thanks, got it.</div>`, ""},
		{"apple", `<div>Yes please.</div><div><br><blockquote type="cite"><div>On 3 Jun 2024, at 10:12, Ann &lt;ann@example.com&gt; wrote:</div><br><div>Shall we?</div></blockquote></div>`,
			`<div>Yes please.</div>`, ""},
		{"outlook web", `<div>It is broken.</div><div id="appendonsend"></div><hr style="width:98%"><div id="divRplyFwdMsg" dir="ltr"><font><b>From:</b> Ann &lt;ann@example.com&gt;<br><b>Sent:</b> Monday<br><b>Subject:</b> Hi</font></div><div>What is wrong?</div>`,
			`<div>It is broken.</div>`, ""},
		{"outlook desktop", `<div class="WordSection1"><p>It is broken.</p><p>&nbsp;</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>Von:</b> Ann &lt;ann@example.com&gt;<br><b>Gesendet:</b> Montag<br><b>An:</b> Jo<br><b>Betreff:</b> Hallo</p></div><p>Was denn?</p></div>`,
			`<div class="WordSection1"><p>It is broken.</p></div>`, ""},
		{"thunderbird", `<p>No.</p><div class="moz-cite-prefix">Am 03.06.24 um 10:12 schrieb Ann:<br></div><blockquote type="cite" cite="mid:x@example.com"><p>Really?</p></blockquote><div class="moz-signature">-- <br>Jo</div>`,
			`<p>No.</p>`, ""},
		{"yahoo", `<div>Fine.</div><div id="yahoo_quoted_12" class="yahoo_quoted"><div>On Monday, June 3, 2024, 10:12 AM, Ann &lt;ann@example.com&gt; wrote:</div><div>Ok?</div></div>`, `<div>Fine.</div>`, ""},
		{"device", `<div>Fine.</div><div><br></div><div>Sent from my iPhone</div>`, `<div>Fine.</div>`, "Sent from my iPhone"},
		{"gmail signature", `<div>Fine.<br><div class="gmail_signature"><b>Jo</b> of Example</div></div>`, `<div>Fine.<br></div>`, "Jo of Example"},
		{"answers in between", `<blockquote type="cite">one?</blockquote><div>yes</div><blockquote type="cite">two?</blockquote><div>no</div>`,
			`<blockquote type="cite">one?</blockquote><div>yes</div><blockquote type="cite">two?</blockquote><div>no</div>`, ""},
		{"indented, not quoted", `<div>Items:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>a box</div></blockquote>`,
			`<div>Items:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>a box</div></blockquote>`, ""},
		{"plain lines", `Hello<br>World<br>On 3 Jun 2024, Ann wrote:<br>&gt; quoted<br>&gt; more`, `Hello<br>World<br>`, ""},
		{"in a table", `<table><tr><td>Mine</td></tr><tr><td><blockquote type=cite>theirs</blockquote></td></tr></table>`, `<table><tr><td>Mine</td></tr></table>`, ""},
		{"a picture is a word", `<div><img src="cid:1" width="200"></div><blockquote type="cite">x</blockquote>`, `<div><img src="cid:1" width="200"></div>`, ""},
		{"only a quote", `<blockquote type="cite">x</blockquote>`, `<blockquote type="cite">x</blockquote>`, ""},
		{"pre", "<pre>mine\n&gt; theirs\n&gt; theirs\n</pre>", "<pre>mine\n</pre>", ""},
		{"never closed", `<div>mine<blockquote type=cite><p>theirs<p>theirs`, `<div>mine`, ""},
	} {
		got := SplitHTML(c.in)
		if got.Text != c.want || got.Signature != c.signature {
			t.Errorf("%s\n got %s | %q\nwant %s | %q", c.name, got.Text, got.Signature, c.want, c.signature)
		}
	}
}

func FuzzSplitHTML(f *testing.F) {
	for _, s := range []string{"<div>a</div><blockquote type=cite>b</blockquote>", "<pre>\n>a\n", "<hr><br><br>On 2020 a@b wrote:", "</p><div class=gmail_quote><div></div>x", "<script>a</script>-- <br>b", "<td><tr><img width=1>", "<textarea><p>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := SplitHTML(s)
		if len(p.Text) > len(s) {
			t.Fatalf("%q grew to %q", s, p.Text)
		}
		if !p.Cut && p.Text != s {
			t.Fatalf("%q became %q uncut", s, p.Text)
		}
		if strings.Contains(p.Text, "<script") && !strings.Contains(s, "<script") {
			t.Fatalf("%q became %q", s, p.Text)
		}
	})
}
