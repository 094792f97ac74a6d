package gorgias

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

var (
	ada  = mapping.Person{ID: "c1", Email: "ada@example.com", Name: "Ada L"}
	bob  = mapping.Person{ID: "a1", Email: "bob@acme.com", Name: "Bob", Agent: true}
	gone = mapping.Person{ID: "a9", Email: "gone@acme.com", Name: "Gone", Agent: true}
)

// account is what a small account knows.
func account() *People {
	return &People{
		users:     map[string]int64{"bob@acme.com": 11, "desk@acme.com": 12},
		customers: map[string]customer{"ada@example.com": {id: 501}},
		teams:     []named{{71, "Billing"}, {72, "Twice"}, {73, "twice"}},
		fields: []fieldDefinition{
			{named: named{81, "Product"}, dataType: "text"}, {named: named{82, "Seats"}, dataType: "number"},
			{named: named{83, "VIP"}, dataType: "boolean"}, {named: named{84, "Any"}},
			{named: named{85, "Size"}, dataType: "text", choices: []string{"S", "M"}},
		},
	}
}

// work is a ticket with these messages, sent a minute apart.
func work(t testing.TB, messages ...mapping.Message) *importer.Work {
	t.Helper()
	w := &importer.Work{Key: "zendesk:7", ExternalID: "zendesk:7", Ticket: mapping.Ticket{
		ExternalID: "7", Subject: "Hello", Status: "closed", Channel: "email", Customer: ada,
		CreatedDatetime: time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC),
	}}
	for i, m := range messages {
		if !m.SentDatetime.IsValid() {
			sent, err := mapping.NewSentTime(time.Date(2020, 1, 2, 3, 4+i, 5, 600, time.UTC), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			m.SentDatetime = sent
		}
		w.Ticket.Messages = append(w.Ticket.Messages, m)
		w.MessageIDs = append(w.MessageIDs, "m"+string(rune('1'+i)))
	}
	return w
}

func TestMessageForms(t *testing.T) {
	incoming := mapping.Message{Channel: "email", Public: true, Author: ada, BodyText: "hi", To: []mapping.Address{{Address: "help@acme.com"}}}
	outgoing := mapping.Message{Channel: "email", Public: true, FromAgent: true, Author: bob, BodyText: "hi"}
	with := func(m mapping.Message, change func(*mapping.Message)) mapping.Message { change(&m); return m }
	stranger := mapping.Person{Email: "Eve@example.com", Name: "Eve"}
	tests := []struct {
		name    string
		message mapping.Message
		offline bool
		agent   string
		want    string // without the fields that are the same everywhere
		losses  string
		err     error
	}{
		{name: "incoming, known customer", message: incoming,
			want: `{"channel":"email","from_agent":false,"public":true,"body_text":"hi","sender":{"id":501},"source":{"type":"email","from":{"name":"Ada L","address":"ada@example.com"},"to":[{"address":"help@acme.com"}]}}`},
		{name: "incoming, unknown person", message: with(incoming, func(m *mapping.Message) { m.Author = stranger; m.To = nil }),
			want: `{"channel":"email","from_agent":false,"public":true,"body_text":"hi","sender":{"email":"Eve@example.com","name":"Eve"},"source":{"type":"email","from":{"name":"Eve","address":"Eve@example.com"},"to":[]}}`},
		{name: "incoming, author with a name only", message: with(incoming, func(m *mapping.Message) { m.Author = mapping.Person{Name: "A friend"}; m.Channel = "chat"; m.To = nil }),
			want: `{"channel":"chat","from_agent":false,"public":true,"body_text":"hi","sender":{"id":501},"meta":{"deskferry":{"author":{"name":"A friend"}}}}`},
		{name: "outgoing", message: outgoing,
			want: `{"channel":"email","from_agent":true,"public":true,"body_text":"hi","sender":{"id":11},"receiver":{"id":501},"source":{"type":"email","from":{"name":"Bob","address":"bob@acme.com"},"to":[{"name":"Ada L","address":"ada@example.com"}]}}`},
		{name: "outgoing, from the support address, with copies", message: with(outgoing, func(m *mapping.Message) {
			m.From = mapping.Address{Name: "Acme", Address: "help@acme.com"}
			m.To = []mapping.Address{{Address: "x@example.com"}}
			m.Cc = []mapping.Address{{Address: "y@example.com"}}
			m.Bcc = []mapping.Address{{Address: "z@example.com"}}
		}),
			want: `{"channel":"email","from_agent":true,"public":true,"body_text":"hi","sender":{"id":11},"receiver":{"id":501},"source":{"type":"email","from":{"name":"Acme","address":"help@acme.com"},"to":[{"address":"x@example.com"}],"cc":[{"address":"y@example.com"}],"bcc":[{"address":"z@example.com"}]}}`},
		{name: "outgoing, agent gone", message: with(outgoing, func(m *mapping.Message) { m.Author = gone; m.Channel = "chat" }), agent: "Desk@acme.com",
			want:   `{"channel":"chat","from_agent":true,"public":true,"body_text":"hi","sender":{"id":12},"receiver":{"id":501},"meta":{"deskferry":{"author":{"source_id":"a9","email":"gone@acme.com","name":"Gone"}}}}`,
			losses: "agent.unknown gone@acme.com"},
		{name: "outgoing, no author", message: with(outgoing, func(m *mapping.Message) { m.Author = mapping.Person{}; m.Channel = "chat" }), agent: "desk@acme.com",
			want: `{"channel":"chat","from_agent":true,"public":true,"body_text":"hi","sender":{"id":12},"receiver":{"id":501}}`},
		{name: "outgoing, nobody stands in", message: with(outgoing, func(m *mapping.Message) { m.Author = gone }), err: ErrAgentUnknown},
		{name: "outgoing, who stands in is no user", message: with(outgoing, func(m *mapping.Message) { m.Author = gone }), agent: "no@acme.com", err: ErrAgentUnknown},
		{name: "note", message: mapping.Message{Channel: "internal-note", FromAgent: true, Author: bob, BodyText: "psst"},
			want: `{"channel":"internal-note","from_agent":true,"public":false,"body_text":"psst","sender":{"id":11}}`},
		{name: "note that says otherwise", message: mapping.Message{Channel: "email", Author: bob, BodyText: "psst", To: []mapping.Address{{Address: "x@example.com"}}},
			want:   `{"channel":"internal-note","from_agent":true,"public":false,"body_text":"psst","sender":{"id":11},"meta":{"deskferry":{"to":[{"address":"x@example.com"}]}}}`,
			losses: "message.address.extra internal-note"},
		{name: "phone", message: mapping.Message{Channel: "phone", Public: true, Author: ada, From: mapping.Address{Address: "+33 1"}},
			want: `{"channel":"phone","from_agent":false,"public":true,"sender":{"id":501},"source":{"type":"phone","from":{"address":"+33 1"},"to":[]}}`},
		{name: "headers, integration, attachment", message: mapping.Message{Channel: "api", Public: true, Author: ada, MessageID: "<1@x>", InReplyTo: "<0@x>", IntegrationID: 9,
			Headers:     []mapping.Pair{{Name: "X-Mailer", Value: "y"}, {Name: "Actions", Value: "run"}},
			Attachments: []mapping.Attachment{{URL: "https://x/a.png", Name: "a.png", ContentType: "image/png", Size: 3}}},
			want: `{"channel":"api","from_agent":false,"public":true,"sender":{"id":501},"attachments":[{"url":"https://x/a.png","name":"a.png","content_type":"image/png","size":3,"public":true}],"integration_id":9,"message_id":"<1@x>","headers":{"X-Mailer":"y","In-Reply-To":"<0@x>"},"meta":{"deskferry":{"fields":[{"name":"Actions","value":"run"}]}}}`},
		{name: "a thread, and the source's id", message: mapping.Message{ExternalID: "c-9", Channel: "chat", Public: true, Author: ada, MessageID: "<2@x>", InReplyTo: "<1@x>", References: "<0@x> <1@x>",
			Headers: []mapping.Pair{{Name: "in-reply-to", Value: "<7@x>"}}},
			want: `{"channel":"chat","from_agent":false,"public":true,"sender":{"id":501},"message_id":"<2@x>","headers":{"in-reply-to":"<7@x>","References":"<0@x> <1@x>"},"meta":{"deskferry":{"message_id":"c-9"}}}`},
		{name: "an id made of content leads nowhere", message: mapping.Message{ExternalID: "h1:0123", Channel: "chat", Public: true, Author: ada},
			want: `{"channel":"chat","from_agent":false,"public":true,"sender":{"id":501}}`},
		{name: "outgoing, blind copies only", message: with(outgoing, func(m *mapping.Message) { m.Bcc = []mapping.Address{{Address: "z@example.com"}} }),
			want: `{"channel":"email","from_agent":true,"public":true,"body_text":"hi","sender":{"id":11},"receiver":{"id":501},"source":{"type":"email","from":{"name":"Bob","address":"bob@acme.com"},"to":[],"bcc":[{"address":"z@example.com"}]}}`},
		{name: "social", message: mapping.Message{Channel: "facebook-messenger", Via: "facebook-messenger", Public: true, Author: ada, From: mapping.Address{Name: "Ada on FB"}},
			want:   `{"channel":"facebook-messenger","via":"facebook-messenger","from_agent":false,"public":true,"sender":{"id":501},"meta":{"deskferry":{"from":{"name":"Ada on FB","address":""}}}}`,
			losses: "message.address.extra facebook-messenger"},
		{name: "form", message: mapping.Message{Channel: "contact_form", Via: "form", Public: true, Author: ada},
			want: `{"channel":"contact_form","via":"form","from_agent":false,"public":true,"sender":{"id":501}}`},
		{name: "offline", message: with(outgoing, func(m *mapping.Message) { m.Author = gone; m.Channel = "chat" }), offline: true,
			want: `{"channel":"chat","from_agent":true,"public":true,"body_text":"hi","sender":{"email":"gone@acme.com","name":"Gone"},"receiver":{"email":"ada@example.com","name":"Ada L"}}`},
		{name: "offline, inline file", offline: true, message: mapping.Message{Channel: "chat", Public: true, Author: ada, Attachments: []mapping.Attachment{{Data: "aGk=", ContentType: "text/plain"}}},
			want: `{"channel":"chat","from_agent":false,"public":true,"sender":{"email":"ada@example.com","name":"Ada L"},"attachments":[{"url":"data:text/plain;base64,aGk=","content_type":"text/plain","public":true}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := Encoder{People: account(), Agent: tt.agent}
			if tt.offline {
				e.People = nil
			}
			m, losses, err := e.Message(work(t, tt.message), 0)
			if !errors.Is(err, tt.err) {
				t.Fatalf("got %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			b, err := MarshalMessage(&m)
			if err != nil {
				t.Fatal(err)
			}
			const always = `"external_id":"m1",`
			const sent = `,"sent_datetime":"2020-01-02T03:04:05.000000Z"`
			got := strings.Replace(strings.Replace(string(b), always, "", 1), sent, "", 1)
			if len(got) != len(b)-len(always)-len(sent) {
				t.Errorf("external id or sent time missing in %s", b)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got := lossText(losses); got != tt.losses {
				t.Errorf("losses %q, want %q", got, tt.losses)
			}
			if _, _, err := checkBody(b, newShapes().message, time.Now()); err != nil {
				t.Errorf("the wire rule refuses it: %v", err)
			}
		})
	}
}

func lossText(losses []Loss) string {
	var out []string
	for _, l := range losses {
		out = append(out, l.Code+" "+l.Value)
	}
	return strings.Join(out, ", ")
}

func TestTicketForm(t *testing.T) {
	w := work(t, mapping.Message{Channel: "chat", Public: true, Author: ada})
	c := &w.Ticket
	c.Priority, c.Via, c.Language, c.Spam, c.FromAgent = "high", "api", "fr", true, true
	c.AssigneeUser, c.AssigneeTeam = bob, "billing"
	c.Tags = []string{"VIP", "vip"}
	c.CustomFields = []mapping.CustomField{
		{Field: "Product", Value: "7", Type: "number"}, {Field: "82", Value: "12.50", Type: "string"}, {Field: "vip", Value: "true", Type: "bool"},
		{Field: "Any", Value: "3", Type: "number"}, {Field: "Size", Value: "M"},
	}
	c.ClosedDatetime = time.Date(2020, 2, 1, 0, 0, 0, 1000, time.UTC)
	c.Meta = []mapping.Pair{{Name: "rating", Value: "5"}}
	c.SourceURL = "https://old.example/7"
	got, losses, err := Encoder{People: account()}.Ticket(w)
	if err != nil || losses != nil {
		t.Fatal(err, losses)
	}
	b, err := MarshalTicket(&got)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"external_id":"zendesk:7","subject":"Hello","status":"closed","priority":"high","channel":"email","via":"api","language":"fr","from_agent":true,"spam":true,` +
		`"customer":{"id":501},"assignee_user":{"id":11},"assignee_team":{"id":71},"tags":[{"name":"VIP"},{"name":"vip"}],` +
		`"custom_fields":[{"id":81,"value":"7"},{"id":82,"value":12.50},{"id":83,"value":true},{"id":84,"value":3},{"id":85,"value":"M"}],` +
		`"created_datetime":"2020-01-02T03:04:05Z","closed_datetime":"2020-02-01T00:00:00.000001Z","meta":{"deskferry":{"source":"zendesk","ticket_id":"7","url":"https://old.example/7","fields":[{"name":"rating","value":"5"}]}},` +
		`"messages":[{"external_id":"m1","channel":"chat","from_agent":false,"public":true,"sender":{"id":501},"sent_datetime":"2020-01-02T03:04:05.000000Z"}]}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	if n, sent, err := checkBody(b, newShapes().ticket, time.Now()); n != 1 || sent != 1 || err != nil {
		t.Errorf("the wire rule: %d messages, %d sent, %v", n, sent, err)
	}
}

// What the account does not know is kept in meta and reported, never sent wrong.
func TestTicketLosses(t *testing.T) {
	w := work(t, mapping.Message{Channel: "chat", Public: true, Author: ada})
	w.Ticket.AssigneeUser, w.Ticket.AssigneeTeam = gone, "TWICE"
	w.Ticket.CustomFields = []mapping.CustomField{{Field: "Colour", Value: "red"}, {Field: "Seats", Value: "many"}, {Field: "VIP", Value: "perhaps"}, {Field: "Size", Value: "XL"}}
	got, losses, err := Encoder{People: account()}.Ticket(w)
	if err != nil {
		t.Fatal(err)
	}
	if got.AssigneeUser != (Person{}) || got.AssigneeTeam != (Team{}) || got.CustomFields != nil {
		t.Errorf("sent: %+v %+v %+v", got.AssigneeUser, got.AssigneeTeam, got.CustomFields)
	}
	want := "assignee.unknown gone@acme.com, team.unknown TWICE, custom_field.unknown Colour, custom_field.value Seats: many, custom_field.value VIP: perhaps, custom_field.value Size: XL"
	if text := lossText(losses); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	kept := got.Meta.Deskferry
	if kept.AssigneeTeam != "TWICE" || kept.AssigneeUser.Email != gone.Email || len(kept.CustomFields) != 4 {
		t.Errorf("kept %+v", kept)
	}
	var all Losses
	all.add(w.Key, losses)
	all.add("zendesk:8", losses[:1])
	if list := all.All(); len(list) != 6 || list[0].Count != 2 || list[0].Example != w.Key {
		t.Errorf("got %+v", list)
	}
}

func TestLossesAreBounded(t *testing.T) {
	var l Losses
	for i := range 3 * maxLosses {
		l.add("k", []Loss{{Code: LossTeam, Value: strings.Repeat("x", i)}})
	}
	var sum int64
	all := l.All()
	for _, c := range all {
		sum += c.Count
	}
	if len(all) > maxLosses+1 || sum != 3*maxLosses {
		t.Errorf("%d entries, %d counted", len(all), sum)
	}
}

func TestOfflineFormIsReadableAndRefused(t *testing.T) {
	w := work(t, mapping.Message{Channel: "chat", Public: true, Author: ada})
	w.Ticket.AssigneeUser, w.Ticket.AssigneeTeam = bob, "Billing"
	w.Ticket.CustomFields = []mapping.CustomField{{Field: "Seats", Value: "3", Type: "number"}}
	got, _, err := Encoder{}.Ticket(w)
	if err != nil {
		t.Fatal(err)
	}
	b, err := MarshalTicket(&got)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"customer":{"email":"ada@example.com","name":"Ada L"}`, `"assignee_user":{"email":"bob@acme.com","name":"Bob"}`,
		`"assignee_team":{"name":"Billing"}`, `"custom_fields":[{"label":"Seats","value":3}]`,
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s not in %s", want, b)
		}
	}
	if _, _, err := checkBody(b, newShapes().ticket, time.Now()); err == nil {
		t.Error("the wire rule lets the offline form pass")
	}
	line, err := MarshalMessageLine("7", &got.Messages[0])
	if err != nil || !strings.HasPrefix(string(line), `{"ticket_id":"7","external_id":"m1",`) || !jsontext.Value(line).IsValid() {
		t.Errorf("got %s, %v", line, err)
	}
	if _, _, err := checkBody(line, newShapes().message, time.Now()); err == nil {
		t.Error("the wire rule lets a message line pass")
	}
}

func TestCustomerWithoutEmailIsRefused(t *testing.T) {
	w := work(t, mapping.Message{Channel: "chat", Public: true})
	w.Ticket.Customer.Email = ""
	if _, _, err := (Encoder{People: account()}).Ticket(w); err == nil || !strings.Contains(err.Error(), "no e-mail") {
		t.Errorf("got %v", err)
	}
}
