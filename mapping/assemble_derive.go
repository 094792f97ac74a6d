package mapping

import (
	"slices"
	"strings"
)

// derive fills what the records leave open: the ticket's fields from its messages, then the messages' from the ticket.
func (a *assembler) derive() {
	t := &a.out.Ticket
	for k := range t.Messages {
		fillText(&t.Subject, t.Messages[k].Subject)
		if t.Messages[k].Public {
			fillText(&t.Channel, t.Messages[k].Channel)
		}
	}
	a.channels()
	n := len(t.Messages)
	if n == 0 {
		return
	}
	fillText(&t.Channel, t.Messages[0].Channel) // nothing but notes
	for k := range t.Messages {
		fillText(&t.Messages[k].Subject, t.Subject)
	}
	if t.CreatedDatetime.IsZero() {
		t.CreatedDatetime = t.Messages[0].SentDatetime.Time()
	}
	if t.ClosedDatetime.IsZero() && t.Status == "closed" {
		t.ClosedDatetime = t.Messages[n-1].SentDatetime.Time()
	}
	t.FromAgent = t.FromAgent || t.Messages[0].FromAgent
}

// channels gives each message the ticket's channel where it has none, and rejects those that are left without: without a word
// where the ticket is held for a record whose own problem is told, which may be the channel's. A note's channel is
// no channel for anything else. Of a ticket that is made from its messages alone, which is warned of, they come by api.
func (a *assembler) channels() {
	t := &a.out.Ticket
	if t.Channel == "" && len(a.g.Tickets) == 0 {
		t.Channel = channelNeutral
	}
	kept := 0
	for k := range t.Messages {
		m := &t.Messages[k]
		if m.Channel == "" && t.Channel != channelNote {
			m.Channel = t.Channel
		}
		if m.Channel == "" && a.recordBad && !a.g.SendIncomplete {
			a.w.fates[a.w.order[k]] = fate{kind: fateRejected}
			continue
		}
		if m.Channel == "" {
			a.messageProblem(a.w.order[k], Error, "channel", codeChannelMissing, "", "give the message rule a channel: channel: { const: email }")
			continue
		}
		if kept != k {
			t.Messages[kept], a.out.Origins[kept], a.w.order[kept] = *m, a.out.Origins[k], a.w.order[k]
			a.out.Contents[kept] = a.out.Contents[k]
		}
		kept++
	}
	clear(t.Messages[kept:])
	t.Messages, a.out.Origins, a.out.Contents = t.Messages[:kept], a.out.Origins[:kept], a.out.Contents[:kept]
}

// channelNeutral is the channel of what came by none that is known.
const channelNeutral = "api"

// recipients gives addresses that are people's ids their e-mail. One that nobody is known by has no place in an e-mail.
func (a *assembler) recipients() {
	for k := range a.out.Ticket.Messages {
		m := &a.out.Ticket.Messages[k]
		for _, f := range [...]struct {
			name string
			list *[]Address
		}{{"to", &m.To}, {"cc", &m.Cc}, {"bcc", &m.Bcc}} {
			if slices.ContainsFunc(*f.list, isPersonID) {
				*f.list = a.addressed(a.w.order[k], f.name, *f.list, m.Channel == "email")
			}
		}
	}
}

func isPersonID(x Address) bool { return x.Address != "" && strings.IndexByte(x.Address, '@') < 0 }

// addressed returns a list of its own: the given one is a fact's.
func (a *assembler) addressed(i int32, field string, list []Address, mail bool) []Address {
	out := make([]Address, 0, len(list))
	for _, x := range list {
		if isPersonID(x) {
			if ref, _ := a.resolve(PersonRef{ID: x.Address}); ref.Email != "" {
				x.Address = ref.Email
				fillText(&x.Name, ref.Name)
			} else if mail {
				a.messageProblem(i, Warning, field, codeAddressUnknown, x.Address, "no e-mail is known for this id: it is left out; add the file that holds the people to --from, or a people rule that has it")
				continue
			}
		}
		out = append(out, x)
	}
	return out
}
