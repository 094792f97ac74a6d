package sandbox

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/deskferry/deskferry/importer/conversation"
)

// ticketPage is a ticket's line and its conversation; nil when there is none.
func (s *Server) ticketPage(id int64) (ticketLine, *conversation.View) {
	mailed := s.mailed()
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	t := s.store.tickets[id]
	if t == nil {
		return ticketLine{}, nil
	}
	line := s.line(t, mailed)
	talk := &conversation.View{Label: orWord(t.Subject, fmt.Sprint("ticket ", t.ID)), Status: t.Status, Tags: t.Tags, Both: true}
	if t.Spam {
		talk.Marks = append(talk.Marks, "spam")
	}
	if line.Trashed {
		talk.Marks = append(talk.Marks, "trash")
	}
	fact := func(name, text string) {
		if text != "" {
			talk.Facts = append(talk.Facts, conversation.Fact{Name: name, Text: text})
		}
	}
	fact("Customer", line.Who)
	if c := s.store.customers[t.CustomerID]; c != nil && c.Email != line.Who {
		fact("E-mail", c.Email)
	}
	fact("Created", readable(t.CreatedDatetime))
	fact("Closed", readable(t.ClosedDatetime))
	if u := s.account.user(t.AssigneeUserID); u != nil {
		fact("Assigned to", u.Name)
	}
	if team := s.account.team(t.AssigneeTeamID); team != nil {
		fact("Team", team.Name)
	}
	fact("External id", t.ExternalID)
	for _, m := range t.Messages {
		one := s.talkMessage(m)
		if why := mailed[m.ID]; why != "" {
			one.Alarm = "would have been mailed: " + why
		}
		talk.Messages = append(talk.Messages, one)
	}
	return line, talk
}

func (s *Server) talkMessage(m *Message) conversation.Message {
	out := conversation.Message{
		ID: fmt.Sprint("m", m.ID), Sent: m.SentDatetime, Channel: m.Channel, Via: m.Via, ExternalID: m.ExternalID, Text: m.BodyText, HTML: m.BodyHTML,
	}
	v := s.views()
	from, to := v.customer(m.SenderID), v.customer(m.ReceiverID)
	if m.FromAgent {
		from, out.Kind = v.user(m.SenderID), conversation.Outgoing
	}
	if m.Channel == "internal-note" || !m.Public {
		out.Kind = conversation.Note
	}
	if from != nil {
		out.Who = orWord(string(from.Name), string(from.Email))
	}
	if to != nil {
		out.To = []string{orWord(string(to.Name), string(to.Email))}
	}
	var source talkSource
	if json.Unmarshal(m.Source, &source) == nil {
		if len(source.To) > 0 {
			out.To = addressed(source.To)
		}
		out.Cc, out.Bcc = addressed(source.Cc), addressed(source.Bcc)
	}
	for _, a := range m.Attachments {
		out.Files = append(out.Files, conversation.File{Name: a.Name, ContentType: a.ContentType, Bytes: a.Size})
	}
	return out
}

// talkSource is what a conversation shows of a message's source.
type talkSource struct {
	To  []talkAddress `json:"to"`
	Cc  []talkAddress `json:"cc"`
	Bcc []talkAddress `json:"bcc"`
}

type talkAddress struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

func addressed(list []talkAddress) (out []string) {
	for _, a := range list {
		if a.Name != "" && a.Address != "" {
			a.Name += " <" + a.Address + ">"
		}
		out = append(out, orWord(a.Name, a.Address))
	}
	return out
}
