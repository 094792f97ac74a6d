package suggest

import (
	"regexp"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
	"github.com/deskferry/deskferry/sources"
)

// plainText is a field of plain texts, and how many of these hold line breaks and signs that are written out.
type plainText struct {
	path             string
	steps            []string
	breaks, entities int64
}

// entity is a sign as HTML writes it.
var entity = regexp.MustCompile(`&(?:#\d{2,7}|#[xX][0-9A-Fa-f]{2,6}|[A-Za-z]{2,8}\d{0,2});`)

// plainTexts are the fields of a part that may be the plain text of a message.
func (pt *part) plainTexts() []*plainText {
	var out []*plainText
	for _, c := range pt.shape.Candidates[profile.Body] {
		if f := pt.shape.Field(c.Path); f != nil && !isHTML(f) {
			out = append(out, &plainText{path: c.Path, steps: pt.messageSteps(c.Path)})
		}
	}
	return out
}

// look counts what is written out in one message.
func (l *looker) look(v *view, r *sources.Record, at int32) {
	for _, t := range v.plain {
		text := l.text(r, at, t.steps)
		if strings.Contains(text, `\n`) {
			t.breaks++
		}
		if strings.Contains(text, "&") && entity.MatchString(text) {
			t.entities++
		}
	}
}

// written offers to read what stands for line breaks and signs as such.
func (pl *plan) written(p *page, pt *part, f *profile.Field, each string) {
	var breaks, entities int64
	for _, w := range f.Warnings {
		switch w.Code {
		case profile.WarnNewline:
			breaks = w.Count
		case profile.WarnEntity:
			entities = w.Count
		}
	}
	if t := pl.findings.written[pt.key()+"\x00"+f.Path]; t != nil {
		breaks, entities = max(breaks, t.breaks), max(entities, t.entities)
	}
	var forms, say []string
	if breaks > 0 {
		forms, say = append(forms, "backslash"), append(say, many(breaks, "text holds", "texts hold")+` \n for a line break`)
	}
	if entities > 0 {
		forms, say = append(forms, "entities"), append(say, many(entities, "text holds", "texts hold")+" &amp; and the like")
	}
	if len(forms) > 0 {
		p.note(2, "decide: %s; to read them as what they stand for:", strings.Join(say, ", "))
		p.off(2, "body_text: "+flow("from: "+word(pt.ref(f, each)), "unescape: "+words(forms)), "")
	}
}
