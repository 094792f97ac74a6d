package browsertest

import (
	"strings"
	"testing"
)

// TestWatch shows that the tests would see what they look for: a page that does everything a hostile one wants to.
func TestWatch(t *testing.T) {
	b := newBrowser(t)
	for name, c := range map[string]struct{ html, want string }{
		"script":           {`<script>canary("script")</script>`, "ran: script"},
		"frame":            {`<iframe srcdoc="<script>canary('frame')</script>"></iframe>`, "ran: frame"},
		"open frame":       {`<iframe sandbox="allow-scripts" srcdoc="<script>canary('open')</script>"></iframe>`, "ran: open"},
		"closed frame":     {`<iframe sandbox="" srcdoc="<script>canary('closed')</script>"></iframe>`, "Blocked script execution"},
		"dialog":           {`<script>alert("hello")</script>`, "dialog opened: hello"},
		"error":            {`<script>nothing.at.all</script>`, "exception"},
		"console":          {`<script>console.warn("hm")</script>`, "console warning"},
		"picture":          {`<img src="http://evil.test/x.png">`, "a request: http://evil.test/x.png"},
		"picture in frame": {`<iframe sandbox="" srcdoc="<img src='http://evil.test/y.png'>"></iframe>`, "a request: http://evil.test/y.png"},
		"style in frame":   {`<iframe sandbox="" srcdoc="<style>body{background:url(http://evil.test/z.png)}</style>"></iframe>`, "a request: http://evil.test/z.png"},
		"policy":           {`<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><img src="http://evil.test/x.png">`, "Content Security Policy"},
		"policy in frame":  {`<iframe sandbox="" srcdoc="<meta http-equiv='Content-Security-Policy' content='img-src data:'><img src='http://evil.test/x.png'>"></iframe>`, "Content Security Policy"},
		"refresh in frame": {`<iframe sandbox="" srcdoc="<meta http-equiv='refresh' content='0;url=http://evil.test/m'>"></iframe>`, "Refused to execute the redirect"},
		"navigation":       {`<script>location = "http://evil.test/n"</script>`, "a request: http://evil.test/n"},
		"connection ahead": {`<link rel="preconnect" href="http://evil.test/">`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "page.html", c.html)
			p := b.open(t, file(t, path), looks()[0])
			for range 40 {
				if strings.Contains(strings.Join(p.seen(), "\n"), c.want) {
					return
				}
				p.settle()
			}
			t.Errorf("not seen: %s; seen: %q", c.want, p.seen())
		})
	}
	if len(b.gate.asked()) == 0 {
		t.Error("the gate saw nothing")
	}
}
