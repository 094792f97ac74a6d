package mapping

import (
	"strings"
	"time"
)

// The ticket fields by their position in ticketFields, as [TicketFields] counts them.
const (
	fieldSubject        = 2
	fieldStatus         = 3
	fieldPriority       = 4
	fieldChannel        = 5
	fieldVia            = 6
	fieldLanguage       = 7
	fieldCustomer       = 8
	fieldAssigneeUser   = 9
	fieldAssigneeTeam   = 10
	fieldCustomFields   = 12
	fieldMeta           = 15
	fieldCreated        = 16
	fieldOpened         = 17
	fieldClosed         = 18
	fieldTrashed        = 19
	fieldLastMessage    = 20
	fieldLastReceived   = 21
	fieldSourceURL      = 22
	maxTicketFields     = 23
	takeLastHint        = "the first record's value stays; take: last takes the latest"
	ticketsBeforeOthers = 2 // passes over the facts: those that were mapped, then those that were rejected
)

// tickets unites the facts of the ticket's records. A record that a newer version replaced does not count; one that a skip rule
// took skips the ticket.
func (a *assembler) tickets() (skipped bool, reason string) {
	g := a.g
	if len(g.Tickets) == 0 {
		if len(g.Messages) > 0 {
			a.ticketProblem(Warning, "", codeTicketUnknown, a.out.Key, "no ticket rule gave this ticket; it is made from its messages: add the file that holds it to --from, or a ticket rule")
		}
		return false, ""
	}
	a.newestVersions()
	for i := range g.Tickets {
		t := &g.Tickets[i]
		switch {
		case a.isOlder(t):
			a.out.Skips = append(a.out.Skips, Skip{Reason: OlderVersion, Origin: t.Origin, Ticket: true})
			continue
		case t.State == Skipped && !skipped:
			skipped, reason = true, t.Reason
		case t.State == Rejected:
			a.recordBad = true
		}
		a.w.seen = append(a.w.seen, int32(i))
	}
	if skipped {
		return true, reason
	}
	for pass := range ticketsBeforeOthers {
		for _, i := range a.w.seen {
			if (g.Tickets[i].State == Rejected) == (pass == 1) {
				a.unite(i)
			}
		}
	}
	a.sourceStatus()
	return false, ""
}

// sourceStatus finds the source's word for what the ticket's status is.
func (a *assembler) sourceStatus() {
	if held := a.w.holders[fieldStatus]; held > 0 {
		a.out.SourceStatus = a.g.Tickets[held-1].SourceStatus
		return
	}
	for _, i := range a.w.seen {
		if word := a.g.Tickets[i].SourceStatus; word != "" {
			a.out.SourceStatus = word
			return
		}
	}
}

// newestVersions finds the newest version of each rule that has versions.
func (a *assembler) newestVersions() {
	for i := range a.g.Tickets {
		t := &a.g.Tickets[i]
		if t.Version == "" {
			continue
		}
		if v := a.newest(t.Rule); v == nil {
			a.w.newest = append(a.w.newest, ruleVersion{t.Rule, t.Version})
		} else {
			v.version = max(v.version, t.Version)
		}
	}
}

func (a *assembler) newest(rule string) *ruleVersion {
	for k := range a.w.newest {
		if a.w.newest[k].rule == rule {
			return &a.w.newest[k]
		}
	}
	return nil
}

// isOlder tells whether a newer record of the same rule replaces t. A skipped one without a version is not judged.
func (a *assembler) isOlder(t *TicketFact) bool {
	v := a.newest(t.Rule)
	return v != nil && t.Version < v.version && !(t.Version == "" && t.State == Skipped)
}

// unite adds what fact i says: lists are united, of other fields the first value wins.
func (a *assembler) unite(i int32) {
	f := &a.g.Tickets[i]
	to, from := &a.out.Ticket, &f.Ticket
	a.text(i, fieldSubject, &to.Subject, from.Subject)
	a.text(i, fieldStatus, &to.Status, from.Status)
	a.text(i, fieldPriority, &to.Priority, from.Priority)
	a.text(i, fieldChannel, &to.Channel, from.Channel)
	a.text(i, fieldVia, &to.Via, from.Via)
	a.text(i, fieldLanguage, &to.Language, from.Language)
	a.text(i, fieldAssigneeTeam, &to.AssigneeTeam, from.AssigneeTeam)
	a.text(i, fieldSourceURL, &to.SourceURL, from.SourceURL)
	a.time(i, fieldCreated, &to.CreatedDatetime, from.CreatedDatetime)
	a.time(i, fieldOpened, &to.OpenedDatetime, from.OpenedDatetime)
	a.time(i, fieldClosed, &to.ClosedDatetime, from.ClosedDatetime)
	a.time(i, fieldTrashed, &to.TrashedDatetime, from.TrashedDatetime)
	a.time(i, fieldLastMessage, &to.LastMessageDatetime, from.LastMessageDatetime)
	a.time(i, fieldLastReceived, &to.LastReceivedMessageDatetime, from.LastReceivedMessageDatetime)
	a.person(i, fieldCustomer, &to.Customer, f.Customer)
	a.person(i, fieldAssigneeUser, &to.AssigneeUser, f.Assignee)
	to.FromAgent = to.FromAgent || from.FromAgent
	to.Spam = to.Spam || from.Spam
	to.Tags = unitedTags(to.Tags, from.Tags)
	a.customFields(i, from.CustomFields)
	a.meta(i, from.Meta)
}

// takes decides whether fact i's value of a field replaces the one that is held.
func (a *assembler) takes(i int32, field int, held, equal bool, value string) bool {
	holder := &a.w.holders[field]
	if !held {
		*holder = i + 1
		return true
	}
	f := &a.g.Tickets[i]
	first := &a.g.Tickets[max(*holder-1, 0)]
	if f.Last&(1<<field) != 0 && f.State != Rejected {
		if f.At.Before(first.At) {
			return false
		}
		*holder = i + 1
		return !equal
	}
	if !equal {
		a.problem(Problem{
			Origin: f.Origin, Other: first.Origin, Rule: f.Rule, Field: ticketFields[field].name, Code: codeTicketDiffers,
			Value: clipTo(value, maxValue), Hint: takeLastHint, Severity: Warning,
		})
	}
	return false
}

func (a *assembler) text(i int32, field int, to *string, from string) {
	if from != "" && a.takes(i, field, *to != "", *to == from, from) {
		*to = from
	}
}

func (a *assembler) time(i int32, field int, to *time.Time, from time.Time) {
	if from.IsZero() {
		return
	}
	value, equal := "", to.Equal(from)
	if !to.IsZero() && !equal {
		value = from.Format(time.RFC3339)
	}
	if a.takes(i, field, !to.IsZero(), equal, value) {
		*to = from
	}
}

// person unites what records say of one person; ids or addresses that differ are two persons.
func (a *assembler) person(i int32, field int, to *Person, from PersonRef) {
	if from.ID == "" && from.Email == "" && from.Name == "" {
		return
	}
	equal := agree(to.ID, from.ID) && agree(to.Email, from.Email)
	value := from.ID
	if value == "" {
		value = from.Email
	}
	if a.takes(i, field, !to.IsZero(), equal, value) {
		*to = Person{ID: from.ID, Email: from.Email, Name: from.Name}
		return
	}
	if equal {
		fillText(&to.ID, from.ID)
		fillText(&to.Email, from.Email)
		fillText(&to.Name, from.Name)
	}
}

func agree(x, y string) bool { return x == "" || y == "" || strings.EqualFold(x, y) }

func fillText(to *string, from string) {
	if *to == "" {
		*to = from
	}
}

// customFields adds the fields that are not there yet; of one that is, the rule of single fields holds.
func (a *assembler) customFields(i int32, from []CustomField) {
	to := &a.out.Ticket.CustomFields
	if len(*to) == 0 && len(from) > 0 {
		*to = from[:len(from):len(from)]
		a.w.holders[fieldCustomFields] = i + 1
		return
	}
next:
	for _, f := range from {
		for k := range *to {
			if old := (*to)[k]; old.Field == f.Field {
				if a.takes(i, fieldCustomFields, true, old == f, f.Field+": "+f.Value) {
					*to = append([]CustomField(nil), *to...) // the list is a fact's own
					(*to)[k] = f
				}
				continue next
			}
		}
		*to = append(*to, f)
	}
}

func (a *assembler) meta(i int32, from []Pair) {
	to := &a.out.Ticket.Meta
	if len(*to) == 0 && len(from) > 0 {
		*to = from[:len(from):len(from)]
		a.w.holders[fieldMeta] = i + 1
		return
	}
next:
	for _, p := range from {
		for k := range *to {
			if old := (*to)[k]; old.Name == p.Name {
				if a.takes(i, fieldMeta, true, old == p, p.Name+": "+p.Value) {
					*to = append([]Pair(nil), *to...)
					(*to)[k] = p
				}
				continue next
			}
		}
		*to = append(*to, p)
	}
}

// lastPart is a rule's own name: "comment" of "messages.comment".
func lastPart(rule string) string { return rule[strings.LastIndexByte(rule, '.')+1:] }
