package mapping

import (
	"slices"
	"strings"
	"testing"
)

func TestDirectionFirstThatKnows(t *testing.T) {
	dir := people{{ID: "1", Email: "jane@x.example", Name: "Jane", Agent: Yes}, {ID: "2", Email: "cust@y.example", Agent: No}, {ID: "3", Email: "shop@acme.example"}}
	f := &File{People: PeopleBlock{Agents: []string{"@acme.example", "Own@Other.example"}, Unknown: "agent"}}
	for _, c := range []struct {
		name   string
		author PersonRef
		edits  []func(*MessageFact)
		want   bool
		warns  int
	}{
		{"internal wins over from_agent", PersonRef{Email: "cust@y.example"}, []func(*MessageFact){internal, direction(No)}, true, 0},
		{"from_agent wins over the customer", PersonRef{ID: "1"}, []func(*MessageFact){direction(Yes)}, true, 0},
		{"the customer wins over agent", PersonRef{ID: "1", Agent: Yes}, nil, false, 0},
		{"the customer by e-mail", PersonRef{Email: "jane@x.example"}, nil, false, 0},
		{"agent given here wins over people", PersonRef{ID: "2", Agent: Yes}, nil, true, 0},
		{"people", PersonRef{ID: "2"}, nil, false, 0},
		{"agents by domain", PersonRef{ID: "3"}, nil, true, 0},
		{"agents by address", PersonRef{Email: "own@other.example"}, nil, true, 0},
		{"not a longer domain", PersonRef{Email: "x@notacme.example"}, nil, true, 1},
		{"unknown", PersonRef{ID: "77"}, nil, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := run(t, f, &Group{
				Tickets:  []TicketFact{about(1, func(f *TicketFact) { f.Customer = PersonRef{ID: "1"} })},
				Messages: []MessageFact{say("a", 1, append(c.edits, by(c.author))...)},
			}, dir)
			if len(out.Ticket.Messages) != 1 || out.Ticket.Messages[0].FromAgent != c.want || len(out.Problems) != c.warns {
				t.Errorf("%+v %v", out.Ticket.Messages, out.Problems)
			}
			if out.Ticket.Customer != (Person{ID: "1", Email: "jane@x.example", Name: "Jane"}) {
				t.Errorf("customer %+v", out.Ticket.Customer)
			}
		})
	}
}

func TestCustomerFromTheFirstRecipient(t *testing.T) {
	to := func(list ...Address) func(*MessageFact) { return func(f *MessageFact) { f.Message.To = list } }
	f := &File{People: PeopleBlock{Agents: []string{"@acme.example"}}}
	agent := by(PersonRef{Email: "bob@acme.example"})
	out := run(t, f, &Group{Messages: []MessageFact{
		say("n", 0, agent, internal, to(Address{"", "colleague@other.example"})),
		say("a", 1, agent, to(Address{"", "team@acme.example"}, Address{"Zoe", "zoe@y.example"})),
	}}, nil)
	if out.State != Ready || out.Ticket.Customer != (Person{Email: "zoe@y.example", Name: "Zoe"}) {
		t.Errorf("%+v", out)
	}
	out = run(t, f, &Group{Messages: []MessageFact{say("a", 1, agent, to(Address{"", "5"}))}}, people{{ID: "5", Email: "five@y.example"}})
	if out.State != Ready || out.Ticket.Customer != (Person{ID: "5", Email: "five@y.example"}) {
		t.Errorf("by id: %+v", out)
	}
	out = run(t, f, &Group{Messages: []MessageFact{say("a", 1, agent, to(Address{"", "+3120"}))}}, nil)
	if out.State != TicketRejected || !slices.Contains(codes(out), "error customer.no_email") {
		t.Errorf("a number: %+v", out)
	}
}

func TestNoEmailTemplate(t *testing.T) {
	for _, c := range []struct{ template, id, name, want string }{
		{"zendesk-{id}@import.invalid", "42", "", "zendesk-42@import.invalid"},
		{"zendesk-{id}@import.invalid", "a.b_c-4", "", "zendesk-a.b_c-4@import.invalid"},
		{"zendesk-{id}@import.invalid", "user:4 2@x", "", "zendesk-user-4-2-x-xbc516b8a38@import.invalid"},
		{"{name}@import.invalid", "1", ".J. Doe..", "-j.-doe---xad48a00261@import.invalid"},
		{"z-{id}@import.invalid", "", "Jane", ""},
		{"z-{id}@import.invalid", strings.Repeat("9", 80), "", "z-99999999999999999999999999999999999999999999999999-xdcbb131a47@import.invalid"},
		{"", "1", "", ""},
	} {
		var v *Value
		if c.template != "" {
			v = &Value{Form: FormText, Text: c.template}
		}
		out := run(t, &File{People: PeopleBlock{NoEmail: v}}, &Group{
			Tickets:  []TicketFact{about(1, func(f *TicketFact) { f.Customer = PersonRef{ID: c.id, Name: c.name} })},
			Messages: []MessageFact{say("a", 1, direction(Yes))},
		}, nil)
		if c.want == "" {
			if out.State != TicketRejected || !slices.Equal(codes(out), []string{"error customer.no_email"}) {
				t.Errorf("%s of %q: %+v", c.template, c.id, out)
			}
			continue
		}
		if out.State != Ready || out.Ticket.Customer.Email != c.want {
			t.Errorf("%s of %q, %q: %+v", c.template, c.id, c.name, out.Ticket.Customer)
		}
	}
}

// TestUnknownAuthorHint holds that nobody is told to set what is set.
func TestUnknownAuthorHint(t *testing.T) {
	for _, c := range []struct {
		unknown string
		author  PersonRef
		want    string
	}{
		{"", PersonRef{ID: "9"}, "error author.unknown agent or customer? add a people rule that knows the author, or own addresses to people: agents, or set people: { unknown: agent }"},
		{"agent", PersonRef{ID: "9"}, "warning author.unknown taken as an agent, as people: unknown says; to be sure, add a people rule that knows the author, or own addresses to people: agents"},
		{"customer", PersonRef{ID: "3"}, "warning author.unknown taken as a customer, as people: unknown says; to be sure, give the people rule its agent, or add own addresses to people: agents"},
		{"customer", PersonRef{}, "warning author.missing taken as a customer, as people: unknown says; to be sure, give the rule an author or from_agent"},
		{"", PersonRef{}, "error author.missing give the rule an author or from_agent, or set people: { unknown: customer }"},
	} {
		out := run(t, &File{People: PeopleBlock{Unknown: c.unknown}}, &Group{Tickets: []TicketFact{about(1)}, Messages: []MessageFact{say("a", 1, by(c.author))}},
			people{{ID: "3", Email: "x@acme.example"}})
		if len(out.Problems) == 0 {
			t.Errorf("%+v: no problem", c)
		} else if p := out.Problems[0]; p.Severity.String()+" "+p.Code+" "+p.Hint != c.want {
			t.Errorf("got %s %s %s\nwant %s", p.Severity, p.Code, p.Hint, c.want)
		}
	}
}

// TestMadeUpAddressIsTold: an address of people.no_email counts as a warning for each person it stands for.
func TestMadeUpAddressIsTold(t *testing.T) {
	f := &File{People: PeopleBlock{NoEmail: &Value{Form: FormText, Text: "old-{id}@import.invalid"}}}
	for _, c := range []struct {
		name     string
		customer PersonRef
		author   PersonRef
		want     []string // values of the warnings
	}{
		{"customer", PersonRef{ID: "5"}, PersonRef{ID: "5"}, []string{"5"}},
		{"author", PersonRef{Email: "jane@x.example"}, PersonRef{ID: "6"}, []string{"6"}},
		{"nobody", PersonRef{Email: "jane@x.example"}, PersonRef{Email: "jane@x.example"}, nil},
		{"known by the directory", PersonRef{ID: "3"}, PersonRef{ID: "3"}, nil},
	} {
		out := run(t, f, &Group{
			Tickets:  []TicketFact{about(1, func(f *TicketFact) { f.Customer = c.customer })},
			Messages: []MessageFact{say("a", 1, by(c.author), direction(No))},
		}, people{{ID: "3", Email: "x@acme.example"}})
		var got []string
		for _, p := range out.Problems {
			if p.Code != codeCustomerMadeUp || p.Severity != Warning {
				t.Errorf("%s: %+v", c.name, p)
			}
			got = append(got, p.Value)
		}
		if out.State != Ready || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %q", c.name, out.State, got)
		}
	}
}

// TestRecipientsByID: ids among the addresses become e-mails; what nobody is known by is no address of an e-mail.
func TestRecipientsByID(t *testing.T) {
	list := []Address{{Address: "3"}, {Name: "Mo", Address: "mo@x.example"}, {Address: "99"}}
	copies := func(f *MessageFact) { f.Message.Cc = list }
	phone := func(f *MessageFact) { f.Message.Channel = "phone" }
	out := run(t, &File{}, &Group{Tickets: []TicketFact{about(1)}, Messages: []MessageFact{say("a", 1, copies), say("b", 2, copies, phone)}},
		people{{ID: "3", Email: "x@acme.example", Name: "Xi"}})
	mail, call := out.Ticket.Messages[0].Cc, out.Ticket.Messages[1].Cc
	known := []Address{{Name: "Xi", Address: "x@acme.example"}, {Name: "Mo", Address: "mo@x.example"}}
	if !slices.Equal(mail, known) || !slices.Equal(call, append(known, Address{Address: "99"})) {
		t.Errorf("%v %v", mail, call)
	}
	if !slices.Equal(codes(out), []string{"warning address.unknown"}) || out.Problems[0].Value != "99" || out.Problems[0].Field != "cc" {
		t.Errorf("%+v", out.Problems)
	}
	if list[0].Address != "3" || len(list) != 3 {
		t.Errorf("the fact's own list changed: %v", list)
	}
}

// TestChannelOfAnUnknownTicket: a ticket that is made from its messages has a channel in any case.
func TestChannelOfAnUnknownTicket(t *testing.T) {
	bare := func(f *MessageFact) { f.Message.Channel = "" }
	out := run(t, &File{}, &Group{Messages: []MessageFact{say("a", 1, bare, direction(No)), say("b", 2, direction(No))}}, nil)
	if out.State != Ready || out.Ticket.Channel != "email" || out.Ticket.Messages[0].Channel != "email" {
		t.Errorf("one message has a channel: %+v", out.Ticket)
	}
	out = run(t, &File{}, &Group{Messages: []MessageFact{say("a", 1, bare, direction(No))}}, nil)
	if out.State != Ready || out.Ticket.Channel != "api" || !slices.Equal(codes(out), []string{"warning ticket.unknown"}) {
		t.Errorf("none has: %+v %v", out.Ticket, codes(out))
	}
}
