package sandbox

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// message makes a stored message of a checked body.
func (c *change) message(v value, ticket int64) (*Message, problem) {
	m := &Message{TicketID: ticket, Via: "api", Public: true, CreatedDatetime: c.now}
	if p := c.fill(m, v); p != nil {
		return nil, p
	}
	if c.unknowns.RefuseDuplicates && m.ExternalID != "" && c.messageIDs[m.ExternalID] > 0 {
		return nil, conflict(c.unknowns, "A message with external_id %q already exists.", m.ExternalID)
	}
	if c.unknowns.SentIgnored && m.FromAgent && !m.Note() {
		m.SentDatetime = time.Time{}
	}
	if c.unknowns.NotesPublic {
		m.Public = true
	}
	m.Imported = !m.SentDatetime.IsZero()
	if !m.FromAgent && m.SentDatetime.IsZero() {
		m.SentDatetime = m.CreatedDatetime // an incoming message is taken as sent when it was made
	}
	if m.Source == nil {
		m.Source = c.defaultSource(m)
	}
	c.next.Message++
	m.ID = c.next.Message
	return m, nil
}

// fill takes over the fields that are present.
func (c *change) fill(m *Message, v value) problem {
	m.FromAgent = v.get("from_agent").truth(m.FromAgent)
	m.Public = v.get("public").truth(m.Public)
	texts := []struct {
		to   *string
		name string
	}{
		{&m.ExternalID, "external_id"}, {&m.MessageID, "message_id"}, {&m.Channel, "channel"}, {&m.Via, "via"},
		{&m.Subject, "subject"}, {&m.BodyText, "body_text"}, {&m.BodyHTML, "body_html"}, {&m.StrippedText, "stripped_text"},
		{&m.StrippedHTML, "stripped_html"}, {&m.StrippedSignature, "stripped_signature"},
	}
	for _, t := range texts {
		if f := v.get(t.name); !f.empty() {
			*t.to = f.str()
		}
	}
	times := []struct {
		to   *time.Time
		name string
	}{
		{&m.SentDatetime, "sent_datetime"}, {&m.CreatedDatetime, "created_datetime"}, {&m.OpenedDatetime, "opened_datetime"},
		{&m.FailedDatetime, "failed_datetime"}, {&m.DeletedDatetime, "deleted_datetime"},
	}
	for _, t := range times {
		if f := v.get(t.name); !f.empty() {
			*t.to = f.time()
		}
	}
	objects := []struct {
		to   *jsontext.Value
		name string
	}{
		{&m.Source, "source"}, {&m.Headers, "headers"}, {&m.Meta, "meta"}, {&m.LastSendingError, "last_sending_error"},
		{&m.Macros, "macros"}, {&m.Actions, "actions"}, {&m.MentionIDs, "mention_ids"},
	}
	for _, o := range objects {
		if f := v.get(o.name); !f.empty() {
			*o.to = f.json()
		}
	}
	if f := v.get("attachments"); !f.empty() {
		m.Attachments = attachments(f)
	}
	return c.fillPeople(m, v)
}

// fillPeople resolves who wrote, who got it, and through what: an outgoing message or note is an agent's, an incoming
// one a customer's.
func (c *change) fillPeople(m *Message, v value) problem {
	found := map[string]problem{}
	find := c.person
	if m.FromAgent {
		find = c.user
	}
	if f := v.get("sender"); !f.empty() {
		id, p := find(f)
		if p != nil {
			found["sender"] = p
		}
		m.SenderID = id
	}
	if f := v.get("receiver"); !f.empty() {
		id, p := c.receiver(m, f)
		if p != nil {
			found["receiver"] = p
		}
		m.ReceiverID = id
	}
	if f := v.get("integration_id"); !f.empty() {
		m.IntegrationID = f.id()
		if c.account.integration(m.IntegrationID) == nil {
			found["integration_id"] = wrong("Integration %d does not exist.", m.IntegrationID)
		}
	}
	return some(found)
}

// receiver of an outgoing message is a customer; of anything else it may be an agent too, who is then not kept.
func (c *change) receiver(m *Message, v value) (int64, problem) {
	if !m.FromAgent || m.Note() {
		if _, p := c.user(v); p == nil {
			return 0, nil
		}
	}
	return c.person(v)
}

func attachments(v value) []Attachment {
	var out []Attachment
	for _, item := range v.list {
		out = append(out, Attachment{URL: item.get("url").str(), Name: item.get("name").str(),
			ContentType: item.get("content_type").str(), Size: item.get("size").id(), Public: item.get("public").truth(true)})
	}
	return out
}

// defaultSource is what the server fills in when none is sent.
func (c *change) defaultSource(m *Message) jsontext.Value {
	type address struct {
		Name    string `json:"name"`
		Address string `json:"address"`
	}
	s := struct {
		Type string    `json:"type"`
		From address   `json:"from"`
		To   []address `json:"to"`
		Cc   []address `json:"cc"`
		Bcc  []address `json:"bcc"`
	}{Type: "api"}
	switch m.Channel {
	case "email", "internal-note", "phone", "chat":
		s.Type = m.Channel
	}
	if p := c.customer(m.SenderID); p != nil && !m.FromAgent {
		s.From = address{p.Name, p.Email}
	} else if u := c.account.user(m.SenderID); u != nil && m.FromAgent {
		s.From = address{u.Name, u.Email}
	}
	if p := c.customer(m.ReceiverID); p != nil {
		s.To = append(s.To, address{p.Name, p.Email})
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil
	}
	return b
}

// ticket makes a stored ticket, with its messages, of a checked body.
func (c *change) ticket(v value) (*Ticket, problem) {
	c.next.Ticket++
	t := &Ticket{ID: c.next.Ticket, Status: "open", Priority: "normal", Via: "api", CreatedDatetime: c.now, UpdatedDatetime: c.now}
	found := map[string]problem{}
	inner := map[string]problem{}
	for i, mv := range v.get("messages").list {
		m, p := c.message(mv, t.ID)
		if e, ok := p.(*refusal); ok {
			return nil, e
		}
		if p != nil {
			inner[strconv.Itoa(i)] = p
			continue
		}
		t.Messages = append(t.Messages, m)
	}
	if len(inner) > 0 && (!c.unknowns.KeepGoodMessages || len(t.Messages) == 0) {
		found["messages"] = inner
	}
	if len(t.Messages) > 0 {
		first := t.Messages[0]
		t.Channel, t.FromAgent = first.Channel, first.FromAgent
		t.CustomerID = customerOf(t.Messages)
	}
	if p, ok := c.fillTicket(t, v).(map[string]problem); ok {
		for name, what := range p {
			found[name] = what
		}
	}
	c.settleTimes(t, v)
	return t, some(found)
}

// customerOf is who the conversation is with when the ticket does not say.
func customerOf(messages []*Message) int64 {
	for _, m := range messages {
		if !m.FromAgent && m.SenderID != 0 {
			return m.SenderID
		}
	}
	for _, m := range messages {
		if m.ReceiverID != 0 {
			return m.ReceiverID
		}
	}
	return 0
}

// fillTicket takes over the fields that are present, of a new ticket or an update. The result is a
// map[string]problem, or nil.
func (c *change) fillTicket(t *Ticket, v value) problem {
	found := map[string]problem{}
	texts := []struct {
		to   *string
		name string
	}{
		{&t.ExternalID, "external_id"}, {&t.Channel, "channel"}, {&t.Via, "via"}, {&t.Status, "status"},
		{&t.Priority, "priority"}, {&t.Subject, "subject"}, {&t.Language, "language"},
	}
	for _, f := range texts {
		if got := v.get(f.name); !got.empty() {
			*f.to = got.str()
		}
	}
	times := []struct {
		to   *time.Time
		name string
	}{
		{&t.CreatedDatetime, "created_datetime"}, {&t.OpenedDatetime, "opened_datetime"}, {&t.ClosedDatetime, "closed_datetime"},
		{&t.TrashedDatetime, "trashed_datetime"}, {&t.SnoozeDatetime, "snooze_datetime"},
	}
	for _, f := range times {
		if got := v.get(f.name); !got.absent() {
			*f.to = got.time() // null takes it away again
		}
	}
	t.FromAgent = v.get("from_agent").truth(t.FromAgent)
	t.Spam = v.get("spam").truth(t.Spam)
	if f := v.get("meta"); !f.empty() {
		t.Meta = f.json()
	}
	if f := v.get("tags"); !f.empty() {
		t.Tags = c.tagNames(f)
	}
	c.fillReferences(t, v, found)
	return some(found)
}

func (c *change) fillReferences(t *Ticket, v value, found map[string]problem) {
	var p problem
	if f := v.get("customer"); !f.empty() {
		if t.CustomerID, p = c.person(f); p != nil {
			found["customer"] = p
		}
	}
	if f := v.get("custom_fields"); !f.empty() {
		values, p := c.customValues(f)
		if p != nil {
			found["custom_fields"] = p
		}
		t.CustomFields = mergeValues(t.CustomFields, values)
	}
	if f := v.get("assignee_user"); !f.absent() {
		t.AssigneeUserID = f.get("id").id()
		if !f.empty() && c.account.user(t.AssigneeUserID) == nil {
			found["assignee_user"] = map[string]problem{"id": wrong("User %d does not exist.", t.AssigneeUserID)}
		}
	}
	if f := v.get("assignee_team"); !f.absent() {
		t.AssigneeTeamID = f.get("id").id()
		if !f.empty() && c.account.team(t.AssigneeTeamID) == nil {
			found["assignee_team"] = map[string]problem{"id": wrong("Team %d does not exist.", t.AssigneeTeamID)}
		}
	}
}

// mergeValues replaces the values of fields named again and adds the others.
func mergeValues(have, more []CustomValue) []CustomValue {
	out := append([]CustomValue(nil), have...)
next:
	for _, m := range more {
		for i := range out {
			if out[i].ID == m.ID {
				out[i] = m
				continue next
			}
		}
		out = append(out, m)
	}
	return out
}

// settleTimes works out the datetimes that follow from the messages, unless the account keeps what was sent.
func (c *change) settleTimes(t *Ticket, v value) {
	t.LastMessageDatetime, t.LastReceivedMessageDatetime = time.Time{}, time.Time{}
	for _, m := range t.Messages {
		c.seen(t, m)
	}
	if t.Status == "closed" && t.ClosedDatetime.IsZero() {
		t.ClosedDatetime = c.now
	}
	if !c.unknowns.KeepUpdated {
		return
	}
	for name, to := range map[string]*time.Time{"updated_datetime": &t.UpdatedDatetime, "last_message_datetime": &t.LastMessageDatetime,
		"last_received_message_datetime": &t.LastReceivedMessageDatetime} {
		if f := v.get(name); !f.empty() {
			*to = f.time()
		}
	}
}

// seen moves the ticket's last_… datetimes on to a message.
func (c *change) seen(t *Ticket, m *Message) {
	at := m.SentDatetime
	if at.IsZero() {
		at = m.CreatedDatetime
	}
	if at.After(t.LastMessageDatetime) {
		t.LastMessageDatetime = at
	}
	if !m.FromAgent && at.After(t.LastReceivedMessageDatetime) {
		t.LastReceivedMessageDatetime = at
	}
}
