package browsertest

import (
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
)

// document is the page with its frames.
func (p *tab) document() *cdp.Node {
	p.t.Helper()
	return do(p, call(dom.GetDocument, dom.GetDocumentParams{Depth: new(int64(-1)), Pierce: new(true)})).Root
}

// everything is the text of the page and of all its frames.
func (p *tab) everything() string {
	p.t.Helper()
	var b strings.Builder
	walk(p.document(), func(n *cdp.Node, _ bool) {
		if n.NodeName == "#text" {
			b.WriteString(n.NodeValue)
		}
	})
	return b.String()
}

// harmless fails when the page, or a frame of it, holds anything that could run, load or lead away: that the browser refuses
// it is the second wall, not the first.
func (p *tab) harmless() {
	p.t.Helper()
	frames, scripts := 0, 0
	walk(p.document(), func(n *cdp.Node, framed bool) {
		name := strings.ToLower(n.NodeName)
		switch {
		case !framed && name == "iframe":
			frames++
			if sandbox, is := attribute(n, "sandbox"); !is || sandbox != "" {
				p.t.Errorf("a frame has sandbox=%q (%v)", sandbox, is)
			}
			if title, _ := attribute(n, "title"); title == "" {
				p.t.Error("a frame has no title")
			}
			return
		case !framed && name == "script":
			scripts++
		case !framed && (name == "link" || name == "form"): // the page's own
		case slices.Contains(active(), name):
			p.t.Errorf("<%s> %q (framed: %v)", name, n.Attributes, framed)
		}
		for i := 0; i+1 < len(n.Attributes); i += 2 {
			if key, value := strings.ToLower(n.Attributes[i]), n.Attributes[i+1]; !p.keeps(name, key, value, framed) {
				p.t.Errorf("<%s %s=%q> (framed: %v)", name, key, value, framed)
			}
		}
	})
	if scripts > 1 {
		p.t.Errorf("the page has %d scripts", scripts)
	}
	p.t.Logf("%d frames", frames)
}

// active are elements that run or load something.
func active() []string {
	return []string{"script", "iframe", "object", "embed", "link", "base", "form", "frame", "applet", "portal", "fencedframe", "video", "audio", "source", "track", "use"}
}

// keeps reports whether an attribute keeps the reader on the page and runs nothing.
func (p *tab) keeps(element, key, value string, framed bool) bool {
	switch key {
	case "srcdoc", "srcset", "ping", "background", "formaction":
		return false
	case "src", "poster", "data":
		return strings.HasPrefix(value, "data:image/")
	case "href", "xlink:href", "action":
		own := strings.HasPrefix(value, "#") || element == "link" && value == "data:,"
		return own || !framed && strings.HasPrefix(p.allowed, "http") && strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "//")
	}
	return !strings.HasPrefix(key, "on")
}

func attribute(n *cdp.Node, key string) (string, bool) {
	for i := 0; i+1 < len(n.Attributes); i += 2 {
		if strings.EqualFold(n.Attributes[i], key) {
			return n.Attributes[i+1], true
		}
	}
	return "", false
}

// walk visits a node, what is below it and what is in its frames.
func walk(n *cdp.Node, visit func(n *cdp.Node, framed bool)) { walkIn(n, false, visit) }

func walkIn(n *cdp.Node, framed bool, visit func(n *cdp.Node, framed bool)) {
	visit(n, framed)
	for _, c := range n.Children {
		walkIn(c, framed, visit)
	}
	for _, c := range n.ShadowRoots {
		walkIn(c, framed, visit)
	}
	if n.TemplateContent != nil {
		walkIn(n.TemplateContent, framed, visit)
	}
	if n.ContentDocument != nil {
		walkIn(n.ContentDocument, true, visit)
	}
}
