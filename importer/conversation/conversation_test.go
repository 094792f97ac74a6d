package conversation

import (
	"strings"
	"testing"
	"time"
)

func drawnOf(t *testing.T, v *View) string {
	t.Helper()
	got, err := New().HTML(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

func TestHTML(t *testing.T) {
	at := time.Date(2024, 3, 4, 22, 30, 0, 0, time.UTC)
	got := drawnOf(t, &View{
		Label: "Parcel", Status: "open", Tags: []string{"<vip>"}, Marks: []string{"spam"}, Facts: []Fact{{"Customer", "Ana <ana@x.test>"}}, Left: 2,
		Zone: time.FixedZone("TST", 7200),
		Messages: []Message{
			{Kind: Incoming, Who: "Ana", Address: "ana@x.test", To: []string{"help@acme.test"}, Cc: []string{"bob@x.test", "cyd@x.test"}, Sent: at, Text: "Where <is> it?\nAna", Channel: "email"},
			{Kind: Outgoing, Who: "Mia", Sent: at.Add(time.Hour), HTML: "<p>On its <b>way</b></p>", Channel: "email", Via: "api", ExternalID: "m2", Files: []File{{"<b>.png", "image/png", 12345}}},
			{Kind: Note, Who: "Mia", Sent: at.Add(2 * time.Hour), HTML: "<p>just us</p><p>really</p>", Alarm: "would have been mailed"},
			{Text: strings.Repeat("line\n", 100), Cut: true},
			{},
		},
	})
	for _, want := range []string{
		`<ol class="talk" aria-label="Messages of Parcel">`, `<span class="chip open">open</span>`, `<bdi>&lt;vip&gt;</bdi>`, `<bdi>Ana &lt;ana@x.test&gt;</bdi>`,
		`<li class="day"><span>Tuesday, 5 March 2024</span></li>`, `<time datetime="2024-03-05T00:30:00&#43;02:00">00:30 TST</time>`,
		`<li class="in">`, `<li class="out">`, `<li class="note alarming">`, "Where &lt;is&gt; it?\nAna", "cc <bdi>bob@x.test</bdi>, <bdi>cyd@x.test</bdi>",
		`<iframe class="lines-3" sandbox="" srcdoc="&lt;!doctype html&gt;`, `title="message 2, by Mia, as HTML"`, `&lt;b&gt;way&lt;/b&gt;`, "email via api · <code>m2</code>",
		`<bdi>&lt;b&gt;.png</bdi> <span class="small">12 kB</span>`, "just us\n\nreally", `internal note`, "would have been mailed", `tabindex="0"`, "only the beginning",
		"no text", "2 more messages are not shown here", `<b><bdi>unknown</bdi></b>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not drawn", want)
		}
	}
	if n := strings.Count(got, `class="day"`); n != 1 {
		t.Errorf("%d days, want 1", n)
	}
	if n := strings.Count(got, "<iframe"); n != 1 {
		t.Errorf("%d frames, want 1: text needs none", n)
	}
}

// Nothing of a hostile conversation gets out of its place, whichever field it stands in.
func TestHTMLEscapesEveryField(t *testing.T) {
	evil := "\"'><script>alert(1)</script></textarea></style>]]>\x00\u202e<img src=x onerror=y>"
	list := []string{evil}
	got := drawnOf(t, &View{Label: evil, Status: evil, Marks: list, Tags: list, Facts: []Fact{{evil, evil}}, Messages: []Message{
		{ID: evil, Who: evil, Address: evil, To: list, Cc: list, Bcc: list, Channel: evil, Via: "x" + evil, ExternalID: evil, Subject: evil, Text: evil,
			Files: []File{{Name: evil, ContentType: evil, Bytes: 1}}, Alarm: evil},
		{HTML: "<b>x</b>" + evil}, {Who: evil, HTML: evil}, {Kind: 99, Text: evil},
	}})
	for _, raw := range []string{"<script", "<img", "</textarea", "</style", "\x00", `"><`} {
		if at := strings.Index(strings.ToLower(got), raw); at >= 0 && raw != `"><` {
			t.Errorf("%q is drawn as it is: …%s", raw, got[max(0, at-80):min(len(got), at+80)])
		}
	}
	if strings.Count(got, "<iframe") != strings.Count(got, "</iframe>") {
		t.Error("frames are torn")
	}
}

func TestFrameLoadsNothing(t *testing.T) {
	got := frame("<p>x</p>")
	if !strings.Contains(got, `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`) || strings.Index(got, "http-equiv") > strings.Index(got, "<style") {
		t.Errorf("the policy does not come first: %s", got)
	}
}

func TestText(t *testing.T) {
	for markup, want := range map[string]string{
		"":           "",
		"plain & co": "plain & co",
		"<p>Hi <b>Ana</b>,</p>\n  <p>two</p><div>three</div>": "Hi Ana,\n\ntwo\n\nthree",
		"a<br>b<br/><br>c":                      "a\nb\n\nc",
		"<ul><li>one<li>two</ul>end":            "• one\n• two\n\nend",
		"<style>p{}</style>x<script>y</script>": "x",
		"<script>unclosed":                      "",
		"a&nbsp;b&lt;c":                         "a b<c",
	} {
		if got := Text(markup); got != want {
			t.Errorf("%q: %q, want %q", markup, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "two\n lines": "two lines", "invoice\u202efdp.exe": "invoice[U+202E]fdp.exe", "a\x00b": "a\u2400b", "\xff": "\ufffd", "שלום": "שלום", "": "",
		strings.Repeat("ö", 300): strings.Repeat("ö", 200) + "…",
	} {
		if got := Line(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
