package mapping

import (
	"strings"
	"time"
)

// runRules runs the rules of the record's input: people, tickets, then messages, since those ask for the ticket.
func (w *Mapper) runRules() {
	in := w.in
	taken := false
	for _, r := range in.people {
		taken = w.runPeople(r) || taken
	}
	for _, r := range in.tickets {
		taken = w.runTicket(r) || taken
	}
	w.ticketSeen = len(w.out.Tickets) > w.firstT
	empty := false
	for i := range in.messages {
		g := &in.messages[i]
		if g.each == nil {
			taken = w.runItem(g, item{}, 0, 1) || taken
			continue
		}
		n := w.runItems(g)
		taken, empty = taken || n > 0, empty || n == 0
	}
	for _, r := range in.fallback {
		taken = w.runFallback(r) || taken
	}
	w.datesOfTickets()
	w.item, w.rule, w.field = item{}, "", ""
	switch {
	case taken:
	case empty && len(in.tickets) == 0:
		w.skip("no items")
	default:
		w.fail(codeNoRule, w.excerpt(), "no rule takes it: add a rule, or a skip with a reason to the rule that should leave it out")
	}
}

// holds tells whether r takes the item in hand. A skip reason that names it comes back as well.
func (w *Mapper) holds(r *rule) (ok bool, skipped string) {
	w.rule, w.field, w.mark = r.name, "when", len(w.out.Problems)
	if w.trace == nil {
		return w.judge(r)
	}
	w.trace.begin(r.name)
	ok, skipped = w.judge(r)
	w.trace.took(ok)
	return ok, skipped
}

func (w *Mapper) judge(r *rule) (ok bool, skipped string) {
	if r.when != nil && !r.when(w) {
		return false, ""
	}
	for i := range r.skip {
		s := &r.skip[i]
		w.field = s.field
		if s.when(w) {
			return true, s.name
		}
	}
	for i := range r.warn {
		s := &r.warn[i]
		w.field = s.field
		if s.when(w) {
			w.warn(codeRuleWarn, w.labelText(s.label), "")
		}
	}
	return true, ""
}

func (w *Mapper) runPeople(r *rule) (taken bool) {
	if r.each == nil {
		w.item = item{}
		return w.runPerson(r)
	}
	base := len(w.nodes)
	w.nodes = w.itemsOf(r.each, w.nodes, false)
	for _, at := range w.nodes[base:] {
		w.item = item{node: at}
		taken = w.runPerson(r) || taken
	}
	w.nodes, w.item = w.nodes[:base], item{}
	return taken
}

func (w *Mapper) runPerson(r *rule) bool {
	ok, skipped := w.holds(r)
	if !ok || skipped != "" {
		if skipped != "" {
			w.skip(skipped)
		}
		return ok
	}
	errs := w.errors
	w.person = PersonRef{}
	w.gather(r.person)
	w.field = ""
	if w.person.ID == "" && w.person.Email == "" && w.errors == errs {
		w.fail(codePersonNameless, w.excerpt(), "fill in id or e-mail, or add a skip to the rule")
	}
	if w.errors == errs {
		w.out.People = append(w.out.People, PersonFact{PersonRef: w.person, Ruled: true})
	}
	return true
}

// learn keeps a person that was named with more than one fact.
func (w *Mapper) learn(p PersonRef) {
	if (p.ID != "" && (p.Email != "" || p.Name != "" || p.Agent != Unknown)) ||
		(p.Email != "" && (p.Name != "" || p.Agent != Unknown)) {
		w.out.People = append(w.out.People, PersonFact{PersonRef: p})
	}
}

// seq places the n-th fact of the record. Ordinals leave room for as many facts as a record has bytes.
func (w *Mapper) seq(n int) int64 {
	if !w.isRow && n >= len(w.rec.Raw) {
		n = max(0, len(w.rec.Raw)-1)
	}
	return w.rec.Ordinal + int64(n)
}

// grown is s with a zero fact at its end. What lies behind a result's facts is zero already, see [Result.Reset]: facts are
// large, and are made where they stay.
func grown[T any](s []T) []T {
	if len(s) < cap(s) {
		return s[:len(s)+1]
	}
	var zero T
	return append(s, zero)
}

func (w *Mapper) runTicket(r *rule) bool {
	ok, skipped := w.holds(r)
	if !ok {
		return false
	}
	w.out.Tickets = grown(w.out.Tickets)
	t := &w.out.Tickets[len(w.out.Tickets)-1]
	t.Rule, t.Origin, t.Seq, t.Last = r.name, w.rec.Origin, w.seq(0), r.last
	errs := w.errors
	if skipped != "" {
		t.State, t.Reason = Skipped, skipped
		w.skip(skipped)
		w.quiet = true
	}
	w.keyTicket(r, t)
	if w.ticketKey == "" {
		w.ticketKey = t.Key
	}
	if r.version != nil { // of a skipped one too: a newer record may bring the ticket back
		t.Version = versionText(w.textOf(r.version))
	}
	if w.quiet {
		w.quiet, w.errors = false, errs
		return true
	}
	w.wholes = w.wholes[:0]
	for _, set := range r.ticketSet {
		set(w, t)
	}
	t.Ticket.Meta = w.withWholes(t.Ticket.Meta)
	if w.errors > errs {
		t.State = Rejected
		return true
	}
	if !t.Assignee.IsZero() && t.Assignee.Agent == Unknown {
		t.Assignee.Agent = Yes // only agents are assigned
	}
	w.learn(t.Customer)
	w.learn(t.Assignee)
	return true
}

// keyTicket names a ticket. A rule without external_id makes each record a ticket of its own.
func (w *Mapper) keyTicket(r *rule, t *TicketFact) {
	if r.id == nil {
		t.Key = w.recordID()
		return
	}
	errs := w.errors
	if key, ok := w.idOf(r.id); ok {
		t.Key = key
	} else if w.errors == errs {
		w.fail(codeIDMissing, "", "fill it in; leave external_id out of the rule only if each record is a ticket of its own")
	}
}

// runItems runs a group of message rules over their items and returns how many there were.
func (w *Mapper) runItems(g *ruleGroup) int {
	base := len(w.nodes)
	w.item = item{}
	w.nodes = w.itemsOf(g.each, w.nodes, false)
	items := w.nodes[base:]
	for i, at := range items {
		if w.blankNode(at) {
			continue
		}
		it := item{node: at}
		if !w.runItem(g, it, i, len(items)) {
			w.orphan(g, it, i)
		}
	}
	w.nodes, w.item = w.nodes[:base], item{}
	return len(items)
}

// runItem runs every rule of a group over one item.
func (w *Mapper) runItem(g *ruleGroup, it item, i, n int) (taken bool) {
	for k, r := range g.rules {
		w.item = it
		at := i
		if r.newestFirst {
			at = n - 1 - i
		}
		taken = w.runMessage(r, at*len(g.rules)+k) || taken
	}
	return taken
}

// orphan rejects an item that no rule took. Its fact stays, so that its ticket is known to lack a message.
func (w *Mapper) orphan(g *ruleGroup, it item, i int) {
	r := g.rules[0]
	w.item, w.rule, w.field, w.mark = it, r.name, "", len(w.out.Problems)
	f := MessageFact{Rule: r.name, Origin: w.rec.Origin, Seq: w.seq(i * len(g.rules)), State: Rejected}
	w.quiet = true
	errs := w.errors
	f.Ticket = w.ticketOf(r)
	w.quiet, w.errors = false, errs
	if reason, ok := w.skippedTicket(f.Ticket); ok {
		f.State, f.Reason = Skipped, reason
		w.skip(reason)
	} else {
		w.fail(codeNoRule, w.excerpt(), "no rule takes this item: add a rule, or a skip with a reason to "+r.name)
	}
	w.out.Messages = append(w.out.Messages, f)
}

// datesOfTickets tells the ticket facts when the record's messages were sent, for take: last.
func (w *Mapper) datesOfTickets() {
	for i := w.firstT; i < len(w.out.Tickets); i++ {
		t := &w.out.Tickets[i]
		for j := w.firstM; j < len(w.out.Messages); j++ {
			if m := &w.out.Messages[j]; m.State == Mapped && m.Ticket == t.Key && m.Message.SentDatetime.Time().After(t.At) {
				t.At = m.Message.SentDatetime.Time()
			}
		}
	}
}

// versionText makes a version text that sorts as the version does: times by time, numbers by size, other texts as
// they are.
func versionText(s string) string {
	if s == "" {
		return ""
	}
	for _, layout := range [...]string{time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Format("2006-01-02T15:04:05.000000000Z")
		}
	}
	whole, fraction, _ := strings.Cut(plainNumber(s), ".")
	if len(whole) <= 30 && strings.Trim(whole+fraction, "0123456789") == "" {
		return strings.Repeat("0", 30-len(whole)) + whole + "." + fraction
	}
	return s
}
