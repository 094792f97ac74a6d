package suggest

import (
	"fmt"

	"github.com/deskferry/deskferry/mapping/profile"
)

// Answers to what a text beside the messages is.
const (
	isFirst = "first"
	isCopy  = "copy"
)

// first writes the rule for a text that stands beside the messages. It is the ticket's first message unless the data shows
// that it is a copy of one: what is imported twice can be seen, and what is left out cannot.
func (pl *plan) first(p *page, pt *part, body *profile.Field) {
	f := pt.timeField()
	if pt.kind() == profile.Conversations {
		f, _ = pt.any(profile.CreatedTime)
	}
	if f == nil || f.Time == nil {
		return
	}
	asCopy := pl.isCopy(p, pt, body)
	pl.start(p, pt, pt.name+"_first")
	if asCopy {
		p.line(2, "fallback: true", "used where a ticket has no other message")
	}
	if id := pt.get(profile.TicketID); id != nil && templated(guard(id.Path)) {
		p.line(2, "external_id: { text: "+word("{"+pt.ref(id, "")+"}-first")+" }", "")
	}
	pl.byCustomer(p, pt)
	target := "body_text"
	if isHTML(body) {
		target = "body_html"
	}
	p.line(2, target+": "+field(pt.ref(body, "")), why(body))
	value, comment := pl.time(pt, f, "")
	p.line(2, "sent_datetime: "+value, comment)
	p.blank()
}

// isCopy tells whether the text is one of the ticket's messages, by what was met or what the user says.
func (pl *plan) isCopy(p *page, pt *part, body *profile.Field) bool {
	c := pl.findings.copies[pt.key()]
	say := fmt.Sprintf("of %s it is one of the messages, of %s it is not", many(c.Equal, "ticket", "tickets"), counted(c.Different))
	if c.Alone > 0 {
		say += fmt.Sprintf("; %s no messages", many(c.Alone, "has", "have"))
	}
	switch {
	case c.Equal > 0 && c.Different == 0 && pl.answers.one(keyFirst+pt.name) == "":
		p.note(1, "%s is a copy of a message: %s.", shown(body.Path), say)
		return true
	case c.Different > 0 && c.Equal == 0 && pl.answers.one(keyFirst+pt.name) == "":
		p.note(1, "%s is a message of its own, the ticket's first: %s.", shown(body.Path), say)
		return false
	}
	if c.Equal+c.Different == 0 {
		say = "no ticket has both it and messages, so the data does not tell"
	}
	given := pl.ask(Question{
		Key: keyFirst + pt.name, Title: fmt.Sprintf("Is %s the first message, or a copy of it?", shown(body.Path)), Evidence: []string{say},
		Options: []Option{{"the first message: import it always", isFirst}, {"a copy of a message: only for tickets without any", isCopy}},
	})
	if given != nil {
		return given[0] == isCopy
	}
	p.note(1, "decide: is %s the first message, as in Freshdesk, or a copy of it, as in Zendesk? %s. It is imported as the first; if it is a copy add to the rule:", shown(body.Path), say)
	p.off(1, "fallback: true", "")
	return false
}
