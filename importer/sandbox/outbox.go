package sandbox

import (
	"strings"
	"time"

	"github.com/deskferry/deskferry/importer/conversation"
)

// reasons says why a real account would mail something because of message m, as it was sent (given tells whether
// a sent_datetime came with it). Empty: it stays silent. This judges more harshly than the documentation where
// that is silent: an import may not even come near.
func (c *change) reasons(m *Message, given bool, action string) string {
	var why []string
	note := m.Note()
	if !given && !note {
		why = append(why, "no sent_datetime")
	}
	if given && !note && c.unknowns.FutureIsMailed && m.SentDatetime.After(c.now) {
		why = append(why, "sent_datetime is still to come")
	}
	if (action == "retry" || action == "force") && !note {
		why = append(why, "action="+action)
	}
	if !m.FailedDatetime.IsZero() && !note {
		why = append(why, "failed_datetime: the account tries again")
	}
	if m.LastSendingError != nil && !note {
		why = append(why, "last_sending_error: the account tries again")
	}
	if holds(string(m.Macros)) {
		why = append(why, "macros act")
	}
	if holds(string(m.Actions)) {
		why = append(why, "actions act")
	}
	if holds(string(m.MentionIDs)) {
		why = append(why, "mention_ids: the agents are told by mail")
	}
	return strings.Join(why, "; ")
}

func holds(list string) bool { return list != "" && list != "[]" }

// mail puts a message into the outbox.
func (c *change) mail(m *Message, reason string) {
	c.next.Mail++
	text := m.BodyText
	if text == "" {
		text = conversation.Text(m.BodyHTML)
	}
	to := ""
	if p := c.customer(m.ReceiverID); p != nil {
		to = p.Email
	} else if p := c.customer(m.SenderID); p != nil && !m.FromAgent {
		to = p.Email
	}
	c.add(op{Mail: &Mail{ID: c.next.Mail, At: c.now, Reason: reason, TicketID: m.TicketID, MessageID: m.ID,
		ExternalID: m.ExternalID, Channel: m.Channel, FromAgent: m.FromAgent, To: to, Subject: m.Subject, Text: text}})
}

// sent is the message as it is some time after it was answered: what had no sent_datetime has gone out by then.
func (c *change) sent(m *Message) *Message {
	if !m.SentDatetime.IsZero() {
		return m
	}
	gone := *m
	gone.SentDatetime = c.now
	return &gone
}

const autoAnswerRule = 1

// autoAnswer is the account's own rule answering a new ticket.
func (c *change) autoAnswer(t *Ticket) *Message {
	c.next.Message++
	m := &Message{ID: c.next.Message, TicketID: t.ID, Channel: "email", Via: "rule", RuleID: autoAnswerRule, FromAgent: true, Public: true,
		ReceiverID: t.CustomerID, Subject: t.Subject, BodyText: "Thank you for your message. We will answer as soon as we can.",
		CreatedDatetime: c.now, SentDatetime: c.now.Add(time.Microsecond)}
	if len(c.account.Users) > 0 {
		m.SenderID = c.account.Users[0].ID
	}
	m.Source = c.defaultSource(m)
	return m
}
