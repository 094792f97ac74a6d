package suggest

import (
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
)

// rows writes the messages of records that are a ticket and its texts in one: what the customer asked and, in a field of
// its own, what was answered.
func (pl *plan) rows(p *page, pt *part) {
	question, answer := pt.texts()
	pl.row(p, pt, "question", question)
	if answer != nil {
		pl.answer(p, pt, answer)
	}
}

// texts parts the fields that hold texts into the customer's and the company's.
func (pt *part) texts() (question []*profile.Field, answer *profile.Field) {
	var all []*profile.Field
	for _, role := range []profile.Role{profile.Body, profile.BodyHTML} {
		if f, _ := pt.any(role); f != nil {
			all = append(all, f)
		}
		for _, c := range pt.more[role] {
			if f := pt.shape.Field(c.Path); f != nil && c.Score >= sure {
				all = append(all, f)
			}
		}
	}
	for _, f := range all {
		switch {
		case saysAnswer(f.Path) && len(all) > 1:
			if answer == nil {
				answer = f
			}
		case len(question) == 0 || len(question) == 1 && isHTML(question[0]) != isHTML(f):
			question = append(question, f)
		}
	}
	if len(question) == 0 {
		return all[:1], nil
	}
	return question, answer
}

// saysAnswer tells whether a heading speaks of what the company answered.
func saysAnswer(path string) bool {
	name := fold(splitCamel(path))
	for _, w := range []string{"answer", "reply", "repl", "respon", "antwort", "reponse", "repond", "respuesta", "respond", "antwoord"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

func (pl *plan) row(p *page, pt *part, name string, texts []*profile.Field) {
	pl.start(p, pt, name)
	pl.rowID(p, pt, "1")
	pl.byCustomer(p, pt)
	for _, f := range texts {
		pl.rowBody(p, pt, f)
	}
	if _, isSure := pt.any(profile.Body); !isSure && pt.get(profile.BodyHTML) == nil {
		p.note(2, "%s", pt.doubt(profile.Body))
	}
	f := pt.timeField()
	for _, role := range []profile.Role{profile.CreatedTime, profile.SentTime} {
		if g, _ := pt.any(role); g != nil && !saysAnswer(g.Path) {
			f = g
			break
		}
	}
	value, comment := pl.time(pt, f, "")
	p.line(2, "sent_datetime: "+value, comment)
	pl.attachments(p, pt, "")
	p.blank()
}

func (pl *plan) rowBody(p *page, pt *part, f *profile.Field) {
	target := "body_text"
	if isHTML(f) {
		target = "body_html"
	}
	p.line(2, target+": "+field(pt.ref(f, "")), why(f)+warned(f))
	if target == "body_text" {
		pl.written(p, pt, f, "")
	}
}

func (pl *plan) rowID(p *page, pt *part, suffix string) {
	if id := pt.get(profile.TicketID); id != nil && templated(guard(id.Path)) {
		p.line(2, "external_id: { text: "+word("{"+pt.ref(id, "")+"}-"+suffix)+" }", "")
		return
	}
	p.note(2, "no id column: messages are known by their content, so an edited message will be a new one")
}

// answer writes the company's message; without a time of its own it would be rejected, so it stays a decision.
func (pl *plan) answer(p *page, pt *part, f *profile.Field) {
	sent := pt.answerTime()
	if sent == nil {
		p.note(1, "decide: %s looks like an answer, and no field says when it was sent: without a time it cannot be imported", shown(f.Path))
		return
	}
	pl.start(p, pt, "answer")
	p.line(2, "when: { "+word(pt.ref(f, ""))+": present }", "")
	pl.rowID(p, pt, "2")
	p.line(2, "from_agent: true", "")
	if a := pt.get(profile.Assignee); a != nil && a.Type == profile.Email {
		p.line(2, "author: "+field(pt.ref(a, "")), "decide: did the assignee write it?")
	}
	pl.rowBody(p, pt, f)
	value, comment := pl.time(pt, sent, "")
	p.line(2, "sent_datetime: "+value, comment)
	p.blank()
}

// answerTime is the field of times whose heading speaks of an answer.
func (pt *part) answerTime() *profile.Field {
	for i := range pt.shape.Fields {
		f := &pt.shape.Fields[i]
		if f.List == "" && f.Time != nil && saysAnswer(f.Path) {
			return f
		}
	}
	return nil
}
