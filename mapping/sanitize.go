package mapping

import (
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// SanitiseHTML returns an HTML body without what runs, phones home or lays itself over the page: scripts, event handlers, links that are
// scripts, forms, frames, objects, style sheets, addresses in styles. What people see stays: words, tables, colours and other
// looks of style attributes and of the old attributes, links, lists, images (http, https, cid: and data:image), direction of writing. A
// body that holds nothing else is returned as it is. With trackers, images that report back when they are shown go too. Cleaning what
// is clean changes nothing.
func SanitiseHTML(s string, trackers bool) string {
	if clean, _ := scanHTML(s, trackers); clean {
		return s
	}
	p := prepass{trackers: trackers}
	p.b.Grow(len(s))
	return mailPolicy().Sanitize(p.run(s))
}

// mailPolicy is what an HTML body may hold, for the sanitiser: the same tables as [scanHTML] reads.
var mailPolicy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	kept := keptElements()
	p.AllowElements(kept...)
	p.AllowNoAttrs().OnElements(kept...)
	p.AllowElementsContent("object", "frame", "frameset", "nostyle") // what they show where they are not understood
	p.AllowAttrs(plainAttributes()...).Globally()
	p.AllowAttrs("class", "id").Matching(className).Globally()
	p.AllowAttrs("style").Matching(styleValue).Globally()
	// Addresses are judged by the patterns: taking them apart and putting them together again breaks what browsers read well.
	p.RequireParseableURLs(false)
	p.AllowAttrs("href").Matching(linkAddress).OnElements("a", "area")
	p.AllowAttrs("cite").Matching(linkAddress).OnElements("blockquote", "q", "ins", "del")
	p.AllowAttrs("src").Matching(imageAddress).OnElements("img")
	return p
})

// prepass goes over a body before the sanitiser does: it takes out the content of what is not shown, writes styles anew, turns what a
// document's frame says of the look of all into <div>, and removes trackers. It keeps nothing from the sanitiser that is shown.
type prepass struct {
	trackers bool
	b        strings.Builder
	raw      string // the element whose content is not shown, or shown as it is written
	head     bool   // inside <head>
	frames   int    // <div> that stand for <html> and <body>, and are open
}

func (p *prepass) run(s string) string {
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			for range p.frames {
				p.b.WriteString("</div>")
			}
			return p.b.String()
		case html.TextToken:
			p.text(z)
		case html.StartTagToken, html.SelfClosingTagToken:
			p.start(z)
		case html.EndTagToken:
			p.end(z)
		}
	}
}

func (p *prepass) text(z *html.Tokenizer) {
	switch p.raw {
	case "":
		p.b.Write(z.Raw())
	case "textarea", "xmp", "plaintext": // shown, with its tags as text
		p.b.WriteString(html.EscapeString(string(z.Text())))
	}
}

func (p *prepass) start(z *html.Tokenizer) {
	raw := z.Raw()
	nameBytes, hasAttr := z.TagName()
	p.head = string(nameBytes) == "head" || p.head && inHead(string(nameBytes))
	if p.isRaw(nameBytes) {
		p.raw = string(nameBytes)
		return
	}
	if string(nameBytes) == noscript {
		z.NextIsNotRawText()
		return
	}
	if !hasAttr {
		p.b.Write(raw)
		return
	}
	token := html.Token{Type: html.StartTagToken, Data: string(nameBytes)}
	changed := p.attributes(z, &token)
	switch {
	case token.Data == "html" || token.Data == "body":
		p.frame(&token)
	case token.Data == "img" && p.isTracker(&token):
	case changed:
		p.b.WriteString(token.String())
	default:
		p.b.Write(raw)
	}
}

// attributes reads a tag's attributes, and cleans its style; changed tells whether that made a difference.
func (p *prepass) attributes(z *html.Tokenizer, token *html.Token) (changed bool) {
	for {
		key, value, more := z.TagAttr()
		a := html.Attribute{Key: string(key), Val: string(value)}
		if a.Key == "style" {
			kept, _ := cleanStyle(a.Val)
			changed = changed || kept != a.Val
			a.Val = kept
		}
		if a.Key != "style" || a.Val != "" {
			token.Attr = append(token.Attr, a)
		}
		if !more {
			return changed
		}
	}
}

// noscript holds what is shown where scripts do not run, as in mail. Its tags go, and its content is judged as any other. In a
// document's head it is for programs.
const noscript = "noscript"

// isRaw tells whether what an element holds is taken as it is written.
func (p *prepass) isRaw(name []byte) bool {
	return isRawText(name) || p.head && string(name) == noscript
}

// frame writes a <div> for a document's <html> or <body> where that says how all within looks.
func (p *prepass) frame(token *html.Token) {
	div := html.Token{Type: html.StartTagToken, Data: "div"}
	look := ""
	for _, a := range token.Attr {
		switch a.Key {
		case "dir", "lang":
			div.Attr = append(div.Attr, a)
		case "style":
			look = joinStyles(look, a.Val)
		case "bgcolor", "text":
			property := map[string]string{"bgcolor": "background-color:", "text": "color:"}[a.Key]
			if kept, _ := cleanStyle(property + a.Val); isPlainStyle(kept) {
				look = joinStyles(kept, look)
			}
		}
	}
	if look != "" {
		div.Attr = append(div.Attr, html.Attribute{Key: "style", Val: look})
	}
	if len(div.Attr) == 0 || p.frames >= maxFrames {
		return
	}
	p.frames++
	p.b.WriteString(div.String())
}

// maxFrames is how many <html> and <body> count: a document has one of each.
const maxFrames = 2

func joinStyles(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ";" + b
}

func (p *prepass) isTracker(token *html.Token) bool {
	t := trackerTest{on: p.trackers}
	for _, a := range token.Attr {
		t.note(a.Key, a.Val)
	}
	return t.isTracker()
}

func (p *prepass) end(z *html.Tokenizer) {
	raw := z.Raw()
	name, _ := z.TagName()
	if isRawText(name) || string(name) == noscript {
		p.raw = ""
		return
	}
	switch string(name) {
	case "html", "body":
		return // closed at the end: what follows is shown within
	case "head":
		p.head = false
	}
	p.b.Write(raw)
}

// trackerTest tells an image that reports back when it is shown: one nobody can see, or of a known service.
type trackerTest struct {
	on            bool
	narrow, short bool
	hidden        bool
	src           string
}

// note takes an attribute of an image.
func (t *trackerTest) note(key, value string) {
	if !t.on {
		return
	}
	switch strings.ToLower(key) {
	case "src":
		t.src = strings.ToLower(strings.TrimSpace(html.UnescapeString(value)))
	case "width":
		t.narrow = t.narrow || isTiny(value)
	case "height":
		t.short = t.short || isTiny(value)
	case "style":
		for rest := strings.ToLower(html.UnescapeString(value)); rest != ""; {
			var d string
			d, rest = declaration(rest)
			name, v, _ := strings.Cut(d, ":")
			switch v = strings.TrimSpace(v); strings.TrimSpace(name) {
			case "width", "max-width":
				t.narrow = t.narrow || isTiny(v)
			case "height", "max-height":
				t.short = t.short || isTiny(v)
			case "display":
				t.hidden = t.hidden || strings.HasPrefix(v, "none")
			case "visibility":
				t.hidden = t.hidden || strings.HasPrefix(v, "hidden")
			}
		}
	}
}

// isTiny tells a size of at most one pixel.
func isTiny(s string) bool {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "!important")), "px"))
	return s == "0" || s == "1" || s == "1.0"
}

func (t *trackerTest) isTracker() bool {
	if !t.on || !strings.HasPrefix(t.src, "http") && !strings.HasPrefix(t.src, "//") {
		return false
	}
	if t.narrow && t.short || t.hidden {
		return true
	}
	for _, part := range [...]string{
		"/wf/open?", "/track/open", "/trk/open", "/open.aspx", "/o/open", "/e2t/o/", "/e3t/o/", "mailtrack.io/trace", "awstrack.me/i0/", "emltrk.com", "/pixel.gif", "/pixel.png", "/tracking_pixel", "/trackingpixel",
		"/beacon.gif", "google-analytics.com/collect", "mailfoogae.appspot.com", "yesware.com/t/", "bl-1.com/", "sidekickopen", "/imp?s=", "/mpss/o/", "/ss/o/", "facebook.com/tr?",
	} {
		if strings.Contains(t.src, part) {
			return true
		}
	}
	return false
}
