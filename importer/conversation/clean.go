package conversation

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// cleaner makes HTML fit to be shown in a frame: what would run, load or lead anywhere is gone, what is missed by that can be
// seen. The pass before the sanitiser names what is taken out, ends what is open, and bounds how deep elements nest; what
// may stand in the result is the sanitiser's to say.
type cleaner struct{ policy *bluemonday.Policy }

func newCleaner() *cleaner {
	p := bluemonday.NewPolicy()
	kept := strings.Fields(keptElements)
	p.AllowElements(kept...)
	p.AllowNoAttrs().OnElements(kept...)
	p.AllowAttrs("align", "valign", "dir", "lang").Matching(regexp.MustCompile(`\A[A-Za-z-]{1,20}\z`)).Globally()
	p.AllowAttrs("bgcolor", "color").Matching(regexp.MustCompile(`\A#?[0-9A-Za-z]{1,20}\z`)).Globally()
	p.AllowAttrs("width", "height", "border", "cellpadding", "cellspacing", "colspan", "rowspan", "size", "span", "start").
		Matching(regexp.MustCompile(`\A[+-]?[0-9]{1,3}(?:px|%)?\z`)).Globally()
	p.AllowAttrs("width").Matching(regexp.MustCompile(`\A[0-9]{1,4}(?:px)?\z`)).OnElements("table", "td", "th", "img")
	p.AllowAttrs("face").Matching(regexp.MustCompile(`\A[\p{L}\p{N} ,'-]{1,80}\z`)).OnElements("font")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`\A(?:[1aAiI]|disc|circle|square)\z`)).OnElements("ol", "ul", "li")
	p.AllowAttrs("style").Matching(declarations).Globally()
	p.AllowAttrs("class").Matching(regexp.MustCompile(`\A[plt]\z`)).OnElements("span")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowDataURIImages()
	p.AllowAttrs("src").Matching(dataImage).OnElements("img")
	return &cleaner{p}
}

const keptElements = `abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption
	figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nobr ol p pre q rp rt ruby s samp section small span strike strong sub sup
	table tbody td tfoot th thead tr tt u ul var wbr`

var (
	// declarations are of a style that loads nothing: without functions but those of colours and lengths, escapes, rules and comments.
	declarations = regexp.MustCompile(`\A(?:[^\\<>@{}()` + "`" + `/\x00-\x1f]|(?i:rgba?|hsla?|calc|min|max)\([^\\<>@{}()` + "`" + `/\x00-\x1f]*\))*\z`)
	dataImage    = regexp.MustCompile(`\Adata:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/]+={0,2}\z`)
)

// Bounds of a body: browsers lay out tables within tables in time that grows much faster than their depth.
const (
	maxDepth  = 60
	maxOutput = 512 << 10 // bytes before the sanitiser; what follows is left out
	maxImage  = 128 << 10 // bytes of an image within the body
	maxTarget = 70        // bytes of a link's target that are shown
)

// run returns what may be shown of markup; rich tells whether that is more than its text.
func (c *cleaner) run(markup string) (clean string, rich bool) {
	p := prepass{over: map[string]int{}}
	z := html.NewTokenizer(strings.NewReader(Visible(markup)))
	for p.b.Len() < maxOutput {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		p.token(z, kind)
	}
	p.closeTo(0)
	return c.policy.Sanitize(p.b.String()), p.rich
}

// prepass is the pass before the sanitiser.
type prepass struct {
	b      strings.Builder
	open   []element      // elements that are not ended
	over   map[string]int // … that were left out for being too deep, by name
	hidden string         // the element whose content is not shown
	rich   bool
}

type element struct{ name, target string }

func (p *prepass) token(z *html.Tokenizer, kind html.TokenType) {
	switch kind {
	case html.TextToken:
		if p.hidden == "" {
			p.b.WriteString(html.EscapeString(string(z.Text())))
		}
	case html.StartTagToken, html.SelfClosingTagToken:
		p.start(z)
	case html.EndTagToken:
		name, _ := z.TagName()
		p.end(string(name))
	}
}

func (p *prepass) start(z *html.Tokenizer) {
	t := z.Token()
	if hides(t.Data) {
		if t.Type == html.StartTagToken && p.hidden == "" {
			p.hidden = t.Data
		}
		return
	}
	switch {
	case p.hidden != "":
		return
	case t.Data == "img":
		p.image(&t)
		return
	case t.Data == "br", t.Data == "hr", t.Data == "wbr", t.Data == "col":
		p.rich = p.rich || t.Data == "hr"
		p.write(&t)
		return
	}
	p.implied(t.Data)
	if len(p.open) >= maxDepth {
		p.over[t.Data]++
		p.b.WriteByte(' ')
		return
	}
	e := element{name: t.Data}
	if t.Data == "a" {
		e.name, e.target = "a", attribute(&t, "href")
		if e.target == "" {
			t.Data = "span"
		} else {
			p.rich = true
			t = html.Token{Type: html.StartTagToken, Data: "span", Attr: []html.Attribute{{Key: "class", Val: "l"}}}
		}
		p.open = append(p.open, e)
		p.b.WriteString(t.String())
		return
	}
	p.open = append(p.open, e)
	p.write(&t)
}

// hides tells the elements whose content is not shown.
func hides(name string) bool {
	switch name {
	case "script", "style", "title", "textarea", "iframe", "noembed", "noframes", "noscript", "xmp", "plaintext", "template", "select", "svg", "math", "object",
		"audio", "video", "canvas", "head":
		return true
	}
	return false
}

// write writes a start tag with what of it is only looks.
func (p *prepass) write(t *html.Token) {
	kept := t.Attr[:0]
	for _, a := range t.Attr {
		switch a.Key {
		case "style":
			a.Val = looks(a.Val)
		case "class", "id", "src", "href", "title":
			a.Val = ""
		}
		if a.Val != "" {
			kept = append(kept, a)
		}
	}
	t.Attr, t.Type = kept, html.StartTagToken
	p.b.WriteString(t.String())
	switch t.Data {
	case "p", "br", "div", "span", "html", "body", "wbr":
		p.rich = p.rich || len(kept) > 0
	default:
		p.rich = true
	}
}

// looks keeps the declarations of a style that load nothing.
func looks(style string) string {
	var kept []string
	for d := range strings.SplitSeq(style, ";") {
		name, _, ok := strings.Cut(d, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		if ok && name != "position" && name != "behavior" && !strings.HasPrefix(name, "-") && declarations.MatchString(d) {
			kept = append(kept, strings.TrimSpace(d))
		}
	}
	return strings.Join(kept, ";")
}

// implied ends the elements that a start tag ends without saying so.
func (p *prepass) implied(name string) {
	ends := ""
	switch name {
	case "p", "li", "dt", "dd", "td", "th":
		ends = map[string]string{"p": "p", "li": "li p", "dt": "dt dd p", "dd": "dt dd p", "td": "td th p", "th": "td th p"}[name]
	case "tr":
		ends = "td th tr p"
	case "tbody", "thead", "tfoot":
		ends = "td th tr tbody thead tfoot p"
	default:
		return
	}
	for n := len(p.open); n > 0 && strings.Contains(" "+ends+" ", " "+p.open[n-1].name+" "); n = len(p.open) {
		p.closeTo(n - 1)
	}
}

func (p *prepass) end(name string) {
	if name == p.hidden {
		p.hidden = ""
		return
	}
	if p.hidden != "" {
		return
	}
	if p.over[name] > 0 {
		p.over[name]--
		p.b.WriteByte(' ')
		return
	}
	for i := len(p.open) - 1; i >= 0; i-- {
		switch at := p.open[i].name; {
		case at == name:
			p.closeTo(i)
			return
		case at == "table" || (at == "td" || at == "th") && !isTablePart(name): // nothing in a cell ends what is around it
			return
		}
	}
}

func isTablePart(name string) bool {
	switch name {
	case "table", "tbody", "thead", "tfoot", "tr", "td", "th":
		return true
	}
	return false
}

// closeTo ends open elements until n are left.
func (p *prepass) closeTo(n int) {
	for len(p.open) > n {
		e := p.open[len(p.open)-1]
		p.open = p.open[:len(p.open)-1]
		if e.name != "a" {
			p.b.WriteString("</" + e.name + ">")
			continue
		}
		p.b.WriteString("</span>")
		if e.target != "" {
			p.note("t", " ["+targetOf(e.target)+"]")
		}
	}
}

// note writes words of ours.
func (p *prepass) note(class, words string) {
	p.rich = true
	p.b.WriteString(`<span class="` + class + `"><bdi>` + html.EscapeString(words) + `</bdi></span>`)
}

// targetOf is where a link leads, short enough to stand beside its words.
func targetOf(target string) string {
	target = Line(strings.TrimSpace(target))
	for _, scheme := range []string{"https://", "http://", "mailto:"} {
		if len(target) > len(scheme) && strings.EqualFold(target[:len(scheme)], scheme) {
			target = target[len(scheme):]
			break
		}
	}
	if short, cut := clip(target, maxTarget); cut {
		return short + "…"
	}
	return target
}

// image keeps an image that the body itself holds; of any other it says where it would come from.
func (p *prepass) image(t *html.Token) {
	src := strings.TrimSpace(attribute(t, "src"))
	low := strings.ToLower(src[:min(len(src), 16)])
	if dataImage.MatchString(src) && len(src) <= maxImage {
		p.rich = true
		one := html.Token{Type: html.StartTagToken, Data: "img", Attr: []html.Attribute{{Key: "src", Val: src}, {Key: "alt", Val: attribute(t, "alt")}}}
		for _, key := range []string{"width", "height"} {
			if v := attribute(t, key); v != "" {
				one.Attr = append(one.Attr, html.Attribute{Key: key, Val: v})
			}
		}
		p.b.WriteString(one.String())
		return
	}
	what := "picture"
	switch {
	case strings.HasPrefix(low, "cid:"):
		what = "picture among the attachments"
	case strings.HasPrefix(low, "data:"):
		what = "picture in the message, not shown"
	case src != "":
		if u, err := url.Parse(src); err == nil && u.Host != "" {
			what = "picture from " + Line(u.Host)
		}
	}
	if alt := Line(attribute(t, "alt")); alt != "" {
		what += ": " + alt
	}
	p.note("p", what)
}

func attribute(t *html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
