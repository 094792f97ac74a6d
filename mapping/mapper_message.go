package mapping

import (
	"slices"
	"strings"
)

// ticketOf finds the key of the message's ticket.
func (w *Mapper) ticketOf(r *rule) string {
	errs := w.errors
	if r.ticket != nil {
		key, ok := w.idOf(r.ticket)
		if !ok && w.errors == errs {
			w.fail(codeNoTicket, "", "fill it in: it holds the external_id of the message's ticket")
		}
		return key
	}
	if w.ticketKey == "" && !w.ticketSeen {
		w.field = "ticket"
		w.fail(codeNoTicket, "", "no ticket rule takes this record: write ticket: with the field that holds the ticket's external_id")
	}
	return w.ticketKey
}

// skippedTicket tells whether this record has a ticket of that key that is skipped, and why.
func (w *Mapper) skippedTicket(key string) (string, bool) {
	for i := w.firstT; i < len(w.out.Tickets); i++ {
		if t := &w.out.Tickets[i]; t.State == Skipped && t.Key == key {
			return t.Reason, true
		}
	}
	return "", false
}

func (w *Mapper) runMessage(r *rule, at int) bool {
	ok, skipped := w.holds(r)
	if !ok {
		return false
	}
	w.out.Messages = grown(w.out.Messages)
	m := &w.out.Messages[len(w.out.Messages)-1]
	m.Rule, m.Origin, m.Seq, m.Fallback = r.name, w.rec.Origin, w.seq(at), r.fallback
	errs := w.errors
	w.quiet = skipped != ""
	m.Ticket = w.ticketOf(r)
	if skipped == "" {
		skipped, _ = w.skippedTicket(m.Ticket)
		w.quiet = skipped != ""
	}
	if skipped != "" {
		m.State, m.Reason = Skipped, skipped
		w.skip(skipped)
		if r.id != nil {
			m.Message.ExternalID, _ = w.idOf(r.id)
		}
		if r.version != nil {
			m.Version = versionText(w.textOf(r.version))
		}
		w.quiet, w.errors = false, errs
		return true
	}
	if w.fillMessage(r, m, errs); m.Fallback && m.State == Mapped && m.Message.isEmpty() {
		*m = MessageFact{} // it has nothing to fall back on
		w.out.Messages = w.out.Messages[:len(w.out.Messages)-1]
		w.skip("empty fallback")
	}
	return true
}

// fillMessage sets the fields of m. Errors since errs reject it.
func (w *Mapper) fillMessage(r *rule, m *MessageFact, errs int) {
	if m.Ticket == "" {
		m.State = Rejected // the ticket's own problem is noted already
	}
	w.keyMessage(r, m)
	if r.version != nil {
		m.Version = versionText(w.textOf(r.version))
	}
	w.wholes = w.wholes[:0]
	for _, set := range r.messageSet {
		if set(w, m); m.Future {
			w.skip(m.Reason)
			break
		}
	}
	if w.errors > errs {
		m.State, m.Future, m.Reason = Rejected, false, ""
	}
	if m.Future || w.survey != nil {
		return
	}
	m.Internal = m.Internal || m.Message.Channel == channelNote
	m.Message.Public = !m.Internal
	if m.Internal {
		m.Message.Channel = channelNote
	}
	if !m.Fallback {
		w.checkBody(r, m)
	}
	m.Content = w.fingerprint(m)
	m.Message.Meta = w.withWholes(m.Message.Meta)
	clean := w.cleanBodies(m)
	m.Message.Size = sizeOf(m, &w.m.file.Bodies, clean)
	if m.State == Mapped {
		w.learn(m.Author)
	}
}

// checkBody rejects a message that an agent would find blank.
func (w *Mapper) checkBody(r *rule, m *MessageFact) {
	for i := w.mark; m.State == Rejected && i < len(w.out.Problems); i++ {
		if f := w.out.Problems[i].Field; f == "body_html" || f == "body_text" || f == "attachments" {
			return // why it is empty is told already
		}
	}
	w.field = "body_text"
	switch {
	case m.Message.BodyHTML != "" || m.Message.BodyText != "":
	case len(m.Message.Attachments) > 0:
		w.warn(codeBodyMissing, m.Message.ExternalID, "its attachments are kept; check body_text and body_html of the rule")
	default:
		w.fail(codeMessageEmpty, m.Message.ExternalID, "nothing would be seen of it; check body_text and body_html of the rule, or skip such records: "+r.skipEmpty())
		m.State = Rejected
	}
}

// cleanBodies tells what cleaning takes out of a message's HTML, and whether it leaves all as it is. The cleaning itself waits until the
// message is sent: it is slow, and most messages need none.
func (w *Mapper) cleanBodies(m *MessageFact) (clean bool) {
	b := &w.m.file.Bodies
	if b.asIs() {
		return true
	}
	clean = true
	for _, f := range [...]struct{ name, html string }{{"body_html", m.Message.BodyHTML}, {"stripped_html", m.Message.StrippedHTML}} {
		if f.html == "" {
			continue
		}
		ok, found := scanHTML(f.html, b.noTrackers())
		clean = clean && ok
		if found == 0 || m.State != Mapped {
			continue
		}
		w.field = f.name
		for _, kind := range found.names() {
			w.warn(codeBodyCleaned, kind, "it is sent without; bodies: { html: as_is } sends bodies as they are")
		}
	}
	return clean
}

// skipEmpty is a line for the rule that skips messages without a body.
func (r *rule) skipEmpty() string {
	var tests []string
	for _, refs := range r.hashed[bodyRefs:] {
		for _, ref := range refs {
			if test := keyText(ref.text) + ": absent"; !slices.Contains(tests, test) {
				tests = append(tests, test)
			}
		}
	}
	if len(tests) == 0 {
		tests = []string{"body: absent"}
	}
	return "skip: { empty: { " + strings.Join(tests, ", ") + " } }"
}

// channelNote is the channel of internal notes, and only of them (api/gorgias section 3).
const channelNote = "internal-note"

// keyMessage names a message.
func (w *Mapper) keyMessage(r *rule, m *MessageFact) {
	if r.id == nil {
		m.HashID = true
		m.Message.ExternalID = w.messageID(m.Ticket, r)
		return
	}
	errs := w.errors
	id, ok := w.idOf(r.id)
	if m.Message.ExternalID = id; !ok && w.errors == errs {
		w.fail(codeIDMissing, "", "fill it in; leave external_id out of the rule to name messages by a hash of their content")
	}
}

// runFallback runs a fallback rule, unless this record has made another message of the ticket already.
func (w *Mapper) runFallback(r *rule) bool {
	w.item = item{}
	_, gone := w.skippedTicket(w.ticketKey)
	for i := w.firstM; i < len(w.out.Messages); i++ {
		if m := &w.out.Messages[i]; r.ticket == nil && m.Ticket == w.ticketKey && !m.Fallback && (gone || m.State != Skipped) {
			return true
		}
	}
	if r.each == nil {
		return w.runMessage(r, 0)
	}
	taken := false
	base := len(w.nodes)
	w.nodes = w.itemsOf(r.each, w.nodes, false)
	for i, at := range w.nodes[base:] {
		w.item = item{node: at}
		taken = w.runMessage(r, i) || taken
	}
	w.nodes = w.nodes[:base]
	return taken
}
