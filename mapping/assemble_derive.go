package mapping

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

// channels gives each message the ticket's channel where it has none, and rejects those that are left without. A note's channel is
// no channel for anything else.
func (a *assembler) channels() {
	t := &a.out.Ticket
	kept := 0
	for k := range t.Messages {
		m := &t.Messages[k]
		if m.Channel == "" && t.Channel != channelNote {
			m.Channel = t.Channel
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
