package mask

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// html keeps a body's markup, so that it looks as it did, and the shape of its texts. Of attributes only those stay that hold
// neither words nor addresses; comments, styles and scripts go.
func (m *masker) html(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	hidden := ""
	for {
		kind := z.Next()
		if kind == html.ErrorToken { // the end: a reader of a text has no other error
			return b.String()
		}
		t := z.Token()
		switch {
		case hidden != "":
			if kind == html.EndTagToken && t.Data == hidden {
				hidden = ""
			}
		case kind == html.TextToken:
			b.WriteString(html.EscapeString(m.shape(t.Data)))
		case (kind == html.StartTagToken || kind == html.SelfClosingTagToken || kind == html.EndTagToken) && !plainElement(t.Data): // the name of an element may be anything
		case kind == html.StartTagToken && slices.Contains(silent, t.Data):
			hidden = t.Data
		case kind == html.StartTagToken, kind == html.SelfClosingTagToken:
			t.Attr = slices.DeleteFunc(t.Attr, func(a html.Attribute) bool { return !plainAttribute(a) })
			b.WriteString(t.String())
		case kind == html.EndTagToken:
			b.WriteString(t.String())
		}
	}
}

// silent are elements whose content nobody reads.
var silent = []string{"script", "style", "title", "template", "noscript", "textarea", "iframe", "xmp", "noembed", "noframes"}

const plainElements = " a abbr address article aside b bdi bdo big blockquote body br caption center code col colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 head " +
	"header hr html i img ins kbd li main mark ol p pre q s samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr "

func plainElement(name string) bool {
	return strings.Contains(plainElements, " "+name+" ") || slices.Contains(silent, name)
}

// plainAttribute tells whether an attribute is about looks alone.
func plainAttribute(a html.Attribute) bool {
	switch a.Key {
	case "dir", "align", "valign":
		return slices.Contains([]string{"ltr", "rtl", "auto", "left", "right", "center", "justify", "top", "middle", "bottom"}, strings.ToLower(a.Val))
	case "width", "height", "colspan", "rowspan", "border", "cellpadding", "cellspacing":
		return len(a.Val) <= 5 && strings.Trim(a.Val, "0123456789%px") == ""
	}
	return false
}
