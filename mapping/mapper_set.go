package mapping

import (
	"errors"
	"time"
)

// ticketSetter returns what fills one field of a ticket, nil for a field that is filled elsewhere.
func ticketSetter(name string, f *cfield) func(*Mapper, *TicketFact) {
	switch name {
	case "subject":
		return func(w *Mapper, t *TicketFact) { t.Ticket.Subject = w.textOf(f) }
	case "status":
		return func(w *Mapper, t *TicketFact) {
			w.said = ""
			t.Ticket.Status = w.wordOf(f)
			t.SourceStatus = firstBytes(w.said, exampleBytes)
		}
	case "priority":
		return func(w *Mapper, t *TicketFact) { t.Ticket.Priority = w.wordOf(f) }
	case "channel":
		return func(w *Mapper, t *TicketFact) { t.Ticket.Channel = w.wordOf(f) }
	case "via":
		return func(w *Mapper, t *TicketFact) { t.Ticket.Via = w.wordOf(f) }
	case "language":
		return func(w *Mapper, t *TicketFact) { t.Ticket.Language = w.languageOf(f) }
	case "customer":
		return func(w *Mapper, t *TicketFact) { t.Customer = w.personOf(f) }
	case "assignee_user":
		return func(w *Mapper, t *TicketFact) { t.Assignee = w.personOf(f) }
	case "assignee_team":
		return func(w *Mapper, t *TicketFact) { t.Ticket.AssigneeTeam = w.textOf(f) }
	case "tags":
		return func(w *Mapper, t *TicketFact) { t.Ticket.Tags = w.tagsOf(f) }
	case "custom_fields":
		return func(w *Mapper, t *TicketFact) { t.Ticket.CustomFields = w.customFieldsOf(f) }
	case "from_agent":
		return func(w *Mapper, t *TicketFact) { t.Ticket.FromAgent = w.boolOf(f) == Yes }
	case "spam":
		return func(w *Mapper, t *TicketFact) { t.Ticket.Spam = w.boolOf(f) == Yes }
	case "meta":
		return func(w *Mapper, t *TicketFact) { t.Ticket.Meta = w.pairListOf(f) }
	case "source_url":
		return func(w *Mapper, t *TicketFact) { t.Ticket.SourceURL = w.textOf(f) }
	}
	return ticketTimeSetter(name, f)
}

func ticketTimeSetter(name string, f *cfield) func(*Mapper, *TicketFact) {
	switch name {
	case "created_datetime":
		return func(w *Mapper, t *TicketFact) { t.Ticket.CreatedDatetime = w.timeOf(f) }
	case "opened_datetime":
		return func(w *Mapper, t *TicketFact) { t.Ticket.OpenedDatetime = w.timeOf(f) }
	case "closed_datetime":
		return func(w *Mapper, t *TicketFact) { t.Ticket.ClosedDatetime = w.timeOf(f) }
	case "trashed_datetime":
		return func(w *Mapper, t *TicketFact) { t.Ticket.TrashedDatetime = w.timeOf(f) }
	case "last_message_datetime":
		return func(w *Mapper, t *TicketFact) { t.Ticket.LastMessageDatetime = w.timeOf(f) }
	case "last_received_message_datetime":
		return func(w *Mapper, t *TicketFact) { t.Ticket.LastReceivedMessageDatetime = w.timeOf(f) }
	}
	return nil
}

// messageSetter returns what fills one field of a message, nil for a field that is filled elsewhere.
func messageSetter(name string, f *cfield) func(*Mapper, *MessageFact) {
	switch name {
	case "author":
		return func(w *Mapper, m *MessageFact) { m.Author = w.personOf(f) }
	case "from_agent":
		return func(w *Mapper, m *MessageFact) { m.FromAgent = w.boolOf(f) }
	case "internal":
		return func(w *Mapper, m *MessageFact) { m.Internal = w.boolOf(f) == Yes }
	case "channel":
		return func(w *Mapper, m *MessageFact) { m.Message.Channel = w.wordOf(f) }
	case "via":
		return func(w *Mapper, m *MessageFact) { m.Message.Via = w.wordOf(f) }
	case "subject":
		return func(w *Mapper, m *MessageFact) { m.Message.Subject = w.textOf(f) }
	case "sent_datetime":
		return func(w *Mapper, m *MessageFact) { w.sentOf(f, m) }
	case "message_id":
		return func(w *Mapper, m *MessageFact) { m.Message.MessageID = w.textOf(f) }
	case "in_reply_to":
		return func(w *Mapper, m *MessageFact) { m.Message.InReplyTo = w.textOf(f) }
	case "references":
		return func(w *Mapper, m *MessageFact) { m.Message.References = w.textOf(f) }
	case "integration_id":
		return func(w *Mapper, m *MessageFact) { m.Message.IntegrationID = w.numberOf(f) }
	case "attachments":
		return func(w *Mapper, m *MessageFact) { m.Message.Attachments = w.filesOf(f) }
	case "headers":
		return func(w *Mapper, m *MessageFact) { m.Message.Headers = w.pairListOf(f) }
	case "meta":
		return func(w *Mapper, m *MessageFact) { m.Message.Meta = w.pairListOf(f) }
	case "created_datetime":
		return func(w *Mapper, m *MessageFact) { m.Message.CreatedDatetime = w.timeOf(f) }
	case "opened_datetime":
		return func(w *Mapper, m *MessageFact) { m.Message.OpenedDatetime = w.timeOf(f) }
	case "deleted_datetime":
		return func(w *Mapper, m *MessageFact) { m.Message.DeletedDatetime = w.timeOf(f) }
	}
	if set := addressSetter(name, f); set != nil {
		return set
	}
	return bodySetter(name, f)
}

func addressSetter(name string, f *cfield) func(*Mapper, *MessageFact) {
	switch name {
	case "from_address":
		return func(w *Mapper, m *MessageFact) {
			if from := w.addressesOf(f); len(from) > 0 {
				m.Message.From = from[0]
			}
		}
	case "to":
		return func(w *Mapper, m *MessageFact) { m.Message.To = w.addressesOf(f) }
	case "cc":
		return func(w *Mapper, m *MessageFact) { m.Message.Cc = w.addressesOf(f) }
	case "bcc":
		return func(w *Mapper, m *MessageFact) { m.Message.Bcc = w.addressesOf(f) }
	}
	return nil
}

func bodySetter(name string, f *cfield) func(*Mapper, *MessageFact) {
	switch name {
	case "body_html":
		return func(w *Mapper, m *MessageFact) { m.Message.BodyHTML = w.bodyOf(f) }
	case "body_text":
		return func(w *Mapper, m *MessageFact) { m.Message.BodyText = w.bodyOf(f) }
	case "stripped_html":
		return func(w *Mapper, m *MessageFact) { m.Message.StrippedHTML = w.bodyOf(f) }
	case "stripped_text":
		return func(w *Mapper, m *MessageFact) { m.Message.StrippedText = w.bodyOf(f) }
	case "stripped_signature":
		return func(w *Mapper, m *MessageFact) { m.Message.StrippedSignature = w.bodyOf(f) }
	}
	return nil
}

// sentOf reads the time that keeps a message from being mailed. A missing one is noted by the rule.
func (w *Mapper) sentOf(f *cfield, m *MessageFact) {
	errs := w.errors
	v, ok := w.get(f)
	if !ok {
		if w.errors == errs && w.survey == nil {
			w.fail(codeSentMissing, "", "fill it in, or point sent_datetime at a field every record has")
		}
		return
	}
	t := v.time()
	sent, err := NewSentTime(t, w.now)
	switch {
	case err == nil:
		m.Message.SentDatetime = sent
	case errors.Is(err, ErrSentFuture) && f.future:
		m.Future, m.State, m.Reason = true, Skipped, "scheduled"
	case errors.Is(err, ErrSentFuture):
		w.fail(codeSentFuture, t.Format(time.RFC3339), "mend it, or write future: skip to leave scheduled messages out")
	default:
		w.fail(codeSentTooOld, t.Format(time.RFC3339), "mend it; a date of 1900 or 0001 usually stands for no date")
	}
}

func (w *Mapper) personOf(f *cfield) PersonRef {
	w.person = PersonRef{}
	w.field = f.name
	w.gather(f.branch)
	return w.person
}

// addressesOf, filesOf and the like return slices that are the fact's own.
func (w *Mapper) addressesOf(f *cfield) []Address {
	w.addrs, w.field = w.addrs[:0], f.name
	w.gather(f.branch)
	out := w.addressSlices.take(len(w.addrs))
	copy(out, w.addrs)
	return out
}

func (w *Mapper) filesOf(f *cfield) []Attachment {
	w.files, w.field = w.files[:0], f.name
	w.gather(f.branch)
	out := w.fileSlices.take(len(w.files))
	copy(out, w.files)
	clear(w.files)
	return out
}

func (w *Mapper) customFieldsOf(f *cfield) []CustomField {
	w.pairs, w.field = w.pairs[:0], f.name
	w.gather(f.branch)
	out := w.customSlices.take(len(w.pairs))
	copy(out, w.pairs)
	return out
}

// withWholes adds to a fact's meta what is longer than its fields.
func (w *Mapper) withWholes(meta []Pair) []Pair {
	if len(w.wholes) == 0 {
		return meta
	}
	meta = append(meta[:len(meta):len(meta)], w.wholes...)
	clear(w.wholes)
	w.wholes = w.wholes[:0]
	return meta
}

func (w *Mapper) pairListOf(f *cfield) []Pair {
	w.pairs, w.field = w.pairs[:0], f.name
	w.gather(f.branch)
	out := w.pairSlices.take(len(w.pairs))
	for i, p := range w.pairs {
		out[i] = Pair{p.Field, p.Value}
	}
	return out
}
