package mapping

import (
	"cmp"
	"slices"

	"github.com/deskferry/deskferry/sources"
)

// Assemble makes one ticket of its facts: it picks the newest versions, unites what several records say, sorts out
// duplicates, settles who wrote to whom, and fills what the records leave open. Every problem is reported, and every message is
// counted: len(g.Messages) is len(out.Ticket.Messages) + Rejected + Repeated + Skipped.
//
// It judges facts without bodies as it judges them with bodies. dir may be nil. g is left as it is; the ticket in out
// shares its slices, and out can be used again for the next ticket.
func (m *Mapping) Assemble(g *Group, dir Directory, out *Assembled) { assemble(m.file, g, dir, out) }

// assembly is the scratch of assembling: one entry for each message fact.
type assembly struct {
	fates    []fate
	order    []int32 // message facts, by id at first, then those that are kept in sending order
	newest   []ruleVersion
	holders  [maxTicketFields]int32 // the ticket fact each field came from, plus one
	seen     []int32                // ticket facts in the order they count
	asked    []asked                // of the directory
	ordinals []int32                // of messages named by a hash: which among equals, from 1; 0 is the only one
}

// fate is what became of a message fact.
type fate struct {
	kind   fateKind
	reason string // of a skip
}

type fateKind uint8

const (
	fateKept fateKind = iota
	fateRejected
	fateRepeated
	fateSkipped
)

type ruleVersion struct{ rule, version string }

// assembler is one run of Assemble.
type assembler struct {
	file *File
	g    *Group
	dir  Directory
	out  *Assembled
	w    *assembly

	customer  Person // of the ticket rules, resolved; zero where they name none
	nameless  bool   // the customer is known and has no e-mail
	recordBad bool   // a record of the ticket was rejected
	limitBad  bool   // the assembled ticket breaks a limit
	waiting   bool   // messages without author wait for the ticket's customer
}

func assemble(f *File, g *Group, dir Directory, out *Assembled) {
	a := assembler{file: f, g: g, dir: dir, out: out, w: &out.work}
	a.reset()
	if skipped, reason := a.tickets(); skipped {
		a.skipTicket(reason)
		return
	}
	a.resolveCustomer()
	a.states()
	a.fallbacks()
	a.duplicates()
	a.sort()
	a.people()
	a.derive()
	a.recipients()
	a.bodies()
	a.tally()
	a.limits()
	a.finish()
}

func (a *assembler) reset() {
	o := a.out
	clear(o.Ticket.Messages)
	clear(o.Problems)
	*o = Assembled{
		Ticket: Ticket{Messages: o.Ticket.Messages[:0]}, Problems: o.Problems[:0], Origins: o.Origins[:0],
		Contents: o.Contents[:0], Skips: o.Skips[:0],
		work: o.work,
	}
	w := a.w
	n := len(a.g.Messages)
	w.fates = slices.Grow(w.fates[:0], n)[:n]
	clear(w.fates)
	w.ordinals = slices.Grow(w.ordinals[:0], n)[:n]
	clear(w.ordinals)
	w.order, w.newest, w.seen, w.asked = w.order[:0], w.newest[:0], w.seen[:0], w.asked[:0]
	w.holders = [maxTicketFields]int32{}
	switch {
	case len(a.g.Tickets) > 0:
		o.Key = a.g.Tickets[0].Key
	case n > 0:
		o.Key = a.g.Messages[0].Ticket
	}
	o.Ticket.ExternalID = o.Key
}

// origin is where problems of the whole ticket are reported.
func (a *assembler) origin() sources.Origin {
	switch {
	case len(a.g.Tickets) > 0:
		return a.g.Tickets[0].Origin
	case len(a.g.Messages) > 0:
		return a.g.Messages[0].Origin
	}
	return sources.Origin{}
}

func (a *assembler) problem(p Problem) { a.out.Problems = append(a.out.Problems, p) }

// messageProblem reports what is wrong with message i; an error rejects it.
func (a *assembler) messageProblem(i int32, s Severity, field, code, value, hint string) {
	m := &a.g.Messages[i]
	a.problem(Problem{Origin: m.Origin, Rule: m.Rule, Field: field, Code: code, Value: clipTo(value, maxValue), Hint: hint, Severity: s})
	if s == Error {
		a.w.fates[i] = fate{kind: fateRejected}
	}
}

// maxValue is how much of a value a problem shows, in bytes.
const maxValue = 200

func (a *assembler) skip(i int32, reason string) {
	a.w.fates[i] = fate{kind: fateSkipped, reason: reason}
}

// skipTicket leaves the ticket out with all its messages. Those that were rejected stay so: their problems are reported.
func (a *assembler) skipTicket(reason string) {
	for i := range a.g.Messages {
		if a.g.Messages[i].State == Rejected {
			a.w.fates[i] = fate{kind: fateRejected}
		} else {
			a.skip(int32(i), reason)
		}
	}
	a.tally()
	a.out.State, a.out.Reason = TicketSkipped, reason
}

// states takes over what became of the facts when they were mapped. What could be mailed is rejected here whoever made it.
func (a *assembler) states() {
	for i := range a.g.Messages {
		m := &a.g.Messages[i]
		switch {
		case m.State == Rejected:
			a.w.fates[i] = fate{kind: fateRejected}
		case m.State == Skipped:
			a.skip(int32(i), m.Reason)
		case !m.Message.SentDatetime.IsValid():
			a.messageProblem(int32(i), Error, "sent_datetime", codeSentMissing, "", "fill it in, or point sent_datetime at a field every record has")
		case m.Message.ExternalID == "":
			a.messageProblem(int32(i), Error, "external_id", codeIDMissing, "", "fill it in; leave external_id out of the rule to name messages by a hash of their content")
		}
	}
}

// fallbacks leaves the fallback messages out where the ticket has another one. A rejected one counts: once mended it
// takes its place, and the fallback would say the same twice.
func (a *assembler) fallbacks() {
	other := false
	for i := range a.g.Messages {
		if k := a.w.fates[i].kind; !a.g.Messages[i].Fallback && (k == fateKept || k == fateRejected) {
			other = true
		}
	}
	if !other {
		return
	}
	for i := range a.g.Messages {
		if a.g.Messages[i].Fallback && a.w.fates[i].kind != fateSkipped {
			a.skip(int32(i), NotNeeded)
		}
	}
}

// duplicates treats the messages of one id together.
func (a *assembler) duplicates() {
	w := a.w
	for i := range a.g.Messages {
		if a.g.Messages[i].Message.ExternalID != "" {
			w.order = append(w.order, int32(i))
		}
	}
	slices.SortFunc(w.order, func(i, j int32) int {
		x, y := &a.g.Messages[i], &a.g.Messages[j]
		return cmp.Or(cmp.Compare(x.Message.ExternalID, y.Message.ExternalID), cmp.Compare(x.Seq, y.Seq), cmp.Compare(i, j))
	})
	for start := 0; start < len(w.order); {
		end := start + 1
		id := a.g.Messages[w.order[start]].Message.ExternalID
		for end < len(w.order) && a.g.Messages[w.order[end]].Message.ExternalID == id {
			end++
		}
		if run := w.order[start:end]; len(run) > 1 {
			if a.g.Messages[run[0]].HashID {
				a.number(run)
			} else {
				a.olderVersions(run)
				a.equals(run)
			}
		}
		start = end
	}
}

// number tells equal messages without an id of their own apart. All of them count, whatever became of them, so that
// a mended one does not rename the others.
func (a *assembler) number(run []int32) {
	for k, i := range run {
		a.w.ordinals[i] = int32(k + 1)
	}
}

// olderVersions skips the messages of run that a newer record has replaced. A skipped one without a version is not judged.
func (a *assembler) olderVersions(run []int32) {
	newest := ""
	for _, i := range run {
		newest = max(newest, a.g.Messages[i].Version)
	}
	for _, i := range run {
		m := &a.g.Messages[i]
		if m.Version < newest && !(m.Version == "" && m.State == Skipped) {
			a.skip(i, OlderVersion)
		}
	}
}

// equals keeps the first of run; the others repeat it or contradict it.
func (a *assembler) equals(run []int32) {
	first := int32(-1)
	for at, i := range run {
		if a.w.fates[i].kind != fateKept {
			continue
		}
		m := &a.g.Messages[i]
		switch {
		case first < 0:
			first = i
		case a.repeats(m, run[:at]):
			a.w.fates[i] = fate{kind: fateRepeated}
		default:
			a.w.fates[i] = fate{kind: fateRejected}
			a.problem(Problem{
				Origin: m.Origin, Other: a.g.Messages[first].Origin, Rule: m.Rule, Field: "external_id", Code: codeMessageConflict,
				Value: clipTo(m.Message.ExternalID, maxValue), Severity: Error,
				Hint: "two messages have this id; if ids are unique only within a rule write external_id: { text: \"" + lastPart(m.Rule) +
					"-{…}\" }, if it is a newer version name the version field",
			})
		}
	}
}

// repeats tells whether m says what one of its forerunners says, be that kept or a conflict that is reported already.
func (a *assembler) repeats(m *MessageFact, before []int32) bool {
	for _, i := range before[:min(len(before), fewEquals)] {
		if f := &a.g.Messages[i]; f.Content == m.Content && a.w.fates[i].kind != fateSkipped && f.State == Mapped {
			return true
		}
	}
	return false
}

// fewEquals is up to how many messages of one id are compared with each other.
const fewEquals = 64

// sort brings the messages that are kept into sending order.
func (a *assembler) sort() {
	w := a.w
	w.order = w.order[:0]
	for i := range a.g.Messages {
		if w.fates[i].kind == fateKept {
			w.order = append(w.order, int32(i))
		}
	}
	slices.SortFunc(w.order, func(i, j int32) int {
		x, y := &a.g.Messages[i], &a.g.Messages[j]
		return cmp.Or(x.Message.SentDatetime.t.Compare(y.Message.SentDatetime.t), cmp.Compare(x.Seq, y.Seq), cmp.Compare(i, j))
	})
}

// tally counts what is not among the ticket's messages.
func (a *assembler) tally() {
	for i, f := range a.w.fates {
		switch f.kind {
		case fateRejected:
			a.out.Rejected++
		case fateRepeated:
			a.out.Repeated++
		case fateSkipped:
			a.out.Skipped++
			a.out.Skips = append(a.out.Skips, Skip{Reason: f.reason, Origin: a.g.Messages[i].Origin})
		}
	}
}

// finish decides what the ticket may do.
func (a *assembler) finish() {
	o := a.out
	bad := (o.Rejected > 0 || a.recordBad || a.limitBad) && !a.g.SendIncomplete
	known := o.Ticket.Customer.Email != ""
	switch {
	case a.nameless:
		a.reject(codeCustomerNoEmail)
	case len(o.Ticket.Messages) == 0 && bad, !known && bad && len(o.Ticket.Messages) > 0:
		o.State, o.Reason = Incomplete, reasonIncomplete
	case len(o.Ticket.Messages) == 0 && o.Skipped > 0 && o.Rejected == 0:
		o.State, o.Reason = TicketSkipped, firstMessageSkip(o.Skips)
	case len(o.Ticket.Messages) == 0:
		a.ticketProblem(Error, "messages", codeNoMessages, "", "check the message rules and their ticket field, or skip such tickets")
		a.reject(codeNoMessages)
	case !known:
		a.ticketProblem(Error, "customer", codeNoCustomer, "", "give the ticket rule a customer, or a message rule its author or to")
		a.reject(codeNoCustomer)
	case bad:
		o.State, o.Reason = Incomplete, reasonIncomplete
	}
}

// reasonIncomplete is why a ticket is held that lacks a record.
const reasonIncomplete = "a record of it was rejected"

func firstMessageSkip(skips []Skip) string {
	for i := range skips {
		if !skips[i].Ticket {
			return skips[i].Reason
		}
	}
	return ""
}

// reject gives the ticket up, and its messages with it.
func (a *assembler) reject(reason string) {
	o := a.out
	o.State, o.Reason = TicketRejected, reason
	o.Rejected += len(o.Ticket.Messages)
	clear(o.Ticket.Messages)
	o.Ticket.Messages, o.Origins, o.Contents = o.Ticket.Messages[:0], o.Origins[:0], o.Contents[:0]
}

func (a *assembler) ticketProblem(s Severity, field, code, value, hint string) {
	rule := ""
	if len(a.g.Tickets) > 0 {
		rule = a.g.Tickets[0].Rule
	}
	a.problem(Problem{Origin: a.origin(), Rule: rule, Field: field, Code: code, Value: clipTo(value, maxValue), Hint: hint, Severity: s})
}
