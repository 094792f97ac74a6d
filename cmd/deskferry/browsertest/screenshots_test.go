package browsertest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
)

var screenshots = flag.Bool("screenshots", false, "renew the pictures of the report in docs/")

// maxPicture is what a picture in docs/ may weigh.
const maxPicture = 300_000

// TestScreenshots takes the pictures of docs/: the page as it opens, wide, dark and on a phone.
func TestScreenshots(t *testing.T) {
	if !*screenshots {
		t.Skip("no -screenshots")
	}
	b := newBrowser(t)
	dir := t.TempDir()
	for name, content := range map[string]string{"bikeshop.json": scenicExport(t), "bikeshop.yaml": strings.Replace(shopMapping, "name: helpdesk", "name: bikeshop", 1)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	runIn(t, dir, "check", "--from", "bikeshop.json", "--mapping", "bikeshop.yaml", "--report", "report.html")
	address := reportAt(t, filepath.Join(dir, "report.html"))
	for _, s := range []struct {
		name string
		look look
		show string // what is scrolled to
	}{
		{"report.png", look{width: 1280, height: 1360}, "body"},
		{"report-dark.png", look{width: 1280, height: 1240, dark: true}, "#volume"},
		{"report-conversation.png", look{width: 1280, height: 900}, "details.talk-card[open]"},
		{"report-narrow.png", look{width: 360, height: 1400}, "body"},
	} {
		p := b.open(t, address, s.look)
		p.run(`document.documentElement.style.scrollbarWidth = "none"`)
		if strings.Contains(s.show, "talk-card") {
			p.run(`{ const talk = [...document.querySelectorAll(".talk-card")].find(d => /Rear brake.*biggest/s.test(d.innerText)); talk.open = true; talk.querySelectorAll("details").forEach(d => d.open = true) }`)
		}
		p.run(`document.querySelector("` + s.show + `").scrollIntoView({behavior: "instant"})`)
		p.settle()
		picture := do(p, call(page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng})).Data
		if len(picture) > maxPicture {
			t.Errorf("%s weighs %d bytes", s.name, len(picture))
		}
		if err := os.WriteFile(filepath.Join("../../../docs", s.name), picture, 0o644); err != nil {
			t.Fatal(err)
		}
		p.quiet(t)
	}
}
