package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/conversation"
	"github.com/deskferry/deskferry/mapping"
)

// conversationOf is a preview as the target will show it. Times are shown in zone; nil is UTC.
func conversationOf(p *importer.Preview, zone *time.Location) *conversation.View {
	t := &p.Work.Ticket
	v := &conversation.View{
		Label: t.Subject, Status: t.Status, Marks: ticketMarks(p), Tags: t.Tags, Facts: ticketFacts(p, zone), Empty: whyEmpty(p), Left: p.Left, Zone: zone,
	}
	for i := range t.Messages {
		m := conversationMessage(&t.Messages[i])
		m.Cut = i < len(p.Cut) && p.Cut[i]
		if m.Subject == t.Subject {
			m.Subject = ""
		}
		if i < len(p.Work.MessageIDs) {
			m.ExternalID = p.Work.MessageIDs[i]
		}
		v.Messages = append(v.Messages, m)
	}
	return v
}

func ticketMarks(p *importer.Preview) (marks []string) {
	t := &p.Work.Ticket
	if t.Priority != "" {
		marks = append(marks, t.Priority+" priority")
	}
	if t.Spam {
		marks = append(marks, "spam")
	}
	if !t.TrashedDatetime.IsZero() {
		marks = append(marks, "trash")
	}
	switch p.State {
	case mapping.Incomplete:
		marks = append(marks, "held: incomplete")
	case mapping.TicketRejected:
		marks = append(marks, "rejected: not imported")
	}
	return marks
}

// whyEmpty says why a ticket is drawn without messages though the export has some.
func whyEmpty(p *importer.Preview) string {
	if len(p.Work.Ticket.Messages) > 0 || len(p.Records) == 0 {
		return ""
	}
	at := slices.IndexFunc(p.Problems, func(x mapping.Problem) bool { return x.Severity == mapping.Error })
	if at < 0 {
		return ""
	}
	what := "every message of it is rejected"
	if p.State == mapping.TicketRejected {
		what = "the ticket is rejected, and its messages with it"
	}
	return fmt.Sprintf("nothing is imported: %s (%s); the records show what the export has", what, p.Problems[at].Code)
}

func ticketFacts(p *importer.Preview, zone *time.Location) (facts []conversation.Fact) {
	t := &p.Work.Ticket
	at := func(d time.Time) string {
		switch {
		case d.IsZero():
			return ""
		case zone != nil:
			d = d.In(zone)
		}
		return d.Format("2 Jan 2006, 15:04 MST")
	}
	for _, f := range []conversation.Fact{
		{Name: "Customer", Text: whoIs(t.Customer.Name, t.Customer.Email)}, {Name: "Assigned to", Text: whoIs(t.AssigneeUser.Name, t.AssigneeUser.Email)},
		{Name: "Team", Text: t.AssigneeTeam}, {Name: "Channel", Text: t.Channel}, {Name: "Language", Text: t.Language}, {Name: "Created", Text: at(t.CreatedDatetime)},
		{Name: "Closed", Text: at(t.ClosedDatetime)}, {Name: "External id", Text: p.Work.ExternalID},
	} {
		if f.Text != "" {
			facts = append(facts, f)
		}
	}
	for _, f := range t.CustomFields {
		facts = append(facts, conversation.Fact{Name: f.Field, Text: f.Value})
	}
	return facts
}

// whoIs is a person in one line: "Ana <ana@example.org>".
func whoIs(name, address string) string {
	if name == "" || address == "" {
		return name + address
	}
	return name + " <" + address + ">"
}

func conversationMessage(m *mapping.Message) conversation.Message {
	out := conversation.Message{
		Who: m.Author.Name, Address: m.Author.Email, To: addressLines(m.To), Cc: addressLines(m.Cc), Bcc: addressLines(m.Bcc),
		Sent: m.SentDatetime.Time(), Channel: m.Channel, Via: m.Via, Subject: m.Subject, Text: m.BodyText, HTML: m.BodyHTML,
	}
	if out.Who == "" {
		out.Who, out.Address = cmp.Or(m.Author.Email, m.Author.ID), ""
	}
	switch {
	case !m.Public:
		out.Kind = conversation.Note
	case m.FromAgent:
		out.Kind = conversation.Outgoing
	}
	for _, a := range m.Attachments {
		out.Files = append(out.Files, conversation.File{Name: a.Name, ContentType: a.ContentType, Bytes: a.Size})
	}
	return out
}

func addressLines(list []mapping.Address) (out []string) {
	for _, a := range list {
		out = append(out, whoIs(a.Name, a.Address))
	}
	return out
}
