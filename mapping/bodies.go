package mapping

import "github.com/deskferry/deskferry/mapping/reply"

func (b *BodiesBlock) asIs() bool { return b.HTML == "as_is" }

func (b *BodiesBlock) strips() bool { return b.Replies != "keep" }

// noTrackers tells whether images that report back are taken out; of a body that is sent as it is nothing is.
func (b *BodiesBlock) noTrackers() bool { return b.Trackers == "remove" && !b.asIs() }

// channelMail is the channel of e-mails: what people quote and sign.
const channelMail = "email"

// mayBeMail tells whether a message may turn out to be an e-mail: one without a channel takes its ticket's.
func mayBeMail(f *MessageFact) bool {
	return !f.Internal && (f.Message.Channel == channelMail || f.Message.Channel == "")
}

// bodies finishes the bodies of the messages that are kept.
func (a *assembler) bodies() {
	for k := range a.out.Ticket.Messages {
		a.file.Bodies.finish(&a.out.Ticket.Messages[k])
	}
}

// finish cleans the HTML of m, makes a missing body form from the other (the server derives none, api/gorgias section 3), and
// takes an e-mail apart. What was mapped of the stripped forms stays. No problem is found here: bodies are judged when they are
// mapped, and a message without its bodies is judged alike.
func (b *BodiesBlock) finish(m *Message) {
	if m.BodyText == "" && m.BodyHTML != "" {
		m.BodyText = TextOfHTML(m.BodyHTML)
	}
	if !b.asIs() {
		was := m.BodyHTML
		m.BodyHTML = SanitiseHTML(was, b.noTrackers())
		m.StrippedHTML = SanitiseHTML(m.StrippedHTML, b.noTrackers())
		if m.BodyHTML == "" && m.BodyText == "" && was != "" {
			m.BodyHTML = emptyBody
		}
	}
	if m.BodyHTML == "" && m.BodyText != "" {
		m.BodyHTML = HTMLOfText(m.BodyText)
	}
	if b.strips() && m.Public && m.Channel == channelMail {
		m.strip()
	}
}

// emptyBody is sent where cleaning leaves nothing: no body at all is no message.
const emptyBody = "<p></p>"

// strip fills the stripped forms where there is something to leave out, as Gorgias does for what it receives. Where the writer
// said nothing of their own, and where there is nothing to leave out, they stay empty and the body is shown whole.
func (m *Message) strip() {
	text := reply.Split(m.BodyText)
	if text.Cut && text.Text != "" && m.StrippedText == "" {
		m.StrippedText = text.Text
	}
	signature := text.Signature
	if m.StrippedHTML == "" {
		page := reply.SplitHTML(m.BodyHTML)
		if page.Cut && page.Text != "" {
			m.StrippedHTML = page.Text
		}
		fillText(&signature, page.Signature)
	}
	if text.Text != "" {
		fillText(&m.StrippedSignature, signature)
	}
}
