package mapping

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/sources"
)

// people is a Directory over a list.
type people []PersonRef

func (p people) Person(id, email string) (PersonRef, bool) {
	for _, x := range p {
		if id != "" && x.ID == id {
			return x, true
		}
	}
	for _, x := range p {
		if email != "" && x.Email == email {
			return x, true
		}
	}
	return PersonRef{}, false
}

// at is a sent time some minutes after a fixed moment.
func at(minutes int) SentTime {
	t := time.Date(2021, 3, 4, 5, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
	s, err := NewSentTime(t, t)
	if err != nil {
		panic(err)
	}
	return s
}

func origin(line int64) sources.Origin { return sources.Origin{File: "t.csv", Line: line} }

// say is a message fact of ticket 7 by the customer jane@x.example; edits change it.
func say(id string, minute int, edits ...func(*MessageFact)) MessageFact {
	f := MessageFact{
		Ticket: "7", Rule: "messages.comment", Origin: origin(int64(100 + minute)), Seq: int64(minute),
		Author:  PersonRef{Email: "jane@x.example"},
		Content: [16]byte{byte(minute)},
		Message: Message{ExternalID: id, Channel: "email", BodyText: "hello " + id, SentDatetime: at(minute), Size: 100},
	}
	for _, e := range edits {
		e(&f)
	}
	return f
}

func by(p PersonRef) func(*MessageFact)   { return func(f *MessageFact) { f.Author = p } }
func content(b byte) func(*MessageFact)   { return func(f *MessageFact) { f.Content = [16]byte{b} } }
func rejected(f *MessageFact)             { f.State = Rejected }
func fallback(f *MessageFact)             { f.Fallback = true }
func hashed(f *MessageFact)               { f.HashID = true }
func internal(f *MessageFact)             { f.Internal = true }
func version(v string) func(*MessageFact) { return func(f *MessageFact) { f.Version = v } }
func skippedAs(r string) func(*MessageFact) {
	return func(f *MessageFact) { f.State, f.Reason = Skipped, r }
}
func direction(t Tri) func(*MessageFact) { return func(f *MessageFact) { f.FromAgent = t } }
func line(n int64) func(*MessageFact)    { return func(f *MessageFact) { f.Origin, f.Seq = origin(n), n } }

// about is a fact of ticket 7 whose customer is jane@x.example.
func about(line int64, edits ...func(*TicketFact)) TicketFact {
	f := TicketFact{Key: "7", Rule: "tickets.ticket", Origin: origin(line), Seq: line, Customer: PersonRef{Email: "jane@x.example"}}
	for _, e := range edits {
		e(&f)
	}
	return f
}

func run(t *testing.T, f *File, g *Group, dir Directory) *Assembled {
	t.Helper()
	out := &Assembled{}
	assemble(f, g, dir, out)
	checkSums(t, g, out)
	return out
}

func checkSums(t interface {
	Helper()
	Errorf(string, ...any)
}, g *Group, out *Assembled) {
	t.Helper()
	if n := len(out.Ticket.Messages) + out.Rejected + out.Repeated + out.Skipped; n != len(g.Messages) {
		t.Errorf("%d messages went in, %d came out (%d kept, %d rejected, %d repeated, %d skipped)", len(g.Messages), n,
			len(out.Ticket.Messages), out.Rejected, out.Repeated, out.Skipped)
	}
	if len(out.Origins) != len(out.Ticket.Messages) {
		t.Errorf("%d origins of %d messages", len(out.Origins), len(out.Ticket.Messages))
	}
	skips := 0
	for _, s := range out.Skips {
		if !s.Ticket {
			skips++
		}
	}
	if skips != out.Skipped {
		t.Errorf("%d reasons for %d skipped messages", skips, out.Skipped)
	}
}

func codes(out *Assembled) []string {
	var c []string
	for _, p := range out.Problems {
		c = append(c, p.Severity.String()+" "+p.Code)
	}
	return c
}

func ids(out *Assembled) string {
	var c []string
	for _, m := range out.Ticket.Messages {
		c = append(c, m.ExternalID)
	}
	return strings.Join(c, " ")
}

func TestAssembleOutcomes(t *testing.T) {
	agent := PersonRef{ID: "9", Email: "bob@acme.example", Agent: Yes}
	for _, c := range []struct {
		name     string
		tickets  []TicketFact
		messages []MessageFact
		people   PeopleBlock
		dir      people
		send     bool
		state    TicketState
		ids      string
		counts   [3]int // rejected, repeated, skipped
		problems []string
	}{
		{name: "sorted by time, ties by source order", tickets: []TicketFact{about(1)},
			messages: []MessageFact{say("c", 3), say("a", 1, line(50)), say("b", 1, line(51))}, ids: "a b c"},
		{name: "no ticket rule", messages: []MessageFact{say("a", 1, direction(No))}, ids: "a", problems: []string{"warning ticket.unknown"}},
		{name: "no message", tickets: []TicketFact{about(1)}, state: TicketRejected, problems: []string{"error ticket.no_messages"}},
		{name: "skipped ticket", tickets: []TicketFact{about(1, func(f *TicketFact) { f.State, f.Reason = Skipped, "deleted" })},
			messages: []MessageFact{say("a", 1), say("b", 2, rejected)}, state: TicketSkipped, counts: [3]int{1, 0, 1}},
		{name: "all messages skipped", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1, skippedAs("draft"))},
			state: TicketSkipped, counts: [3]int{0, 0, 1}},
		{name: "older version of the ticket skipped it", tickets: []TicketFact{
			about(1, func(f *TicketFact) { f.Version, f.State, f.Reason = "1", Skipped, "deleted" }),
			about(2, func(f *TicketFact) { f.Version = "2" })},
			messages: []MessageFact{say("a", 1)}, ids: "a"},
		{name: "newest version of the ticket skips it", tickets: []TicketFact{
			about(1, func(f *TicketFact) { f.Version = "1" }),
			about(2, func(f *TicketFact) { f.Version, f.State, f.Reason = "2", Skipped, "deleted" })},
			messages: []MessageFact{say("a", 1)}, state: TicketSkipped, counts: [3]int{0, 0, 1}},
		{name: "rejected message holds the ticket", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1), say("b", 2, rejected)},
			state: Incomplete, ids: "a", counts: [3]int{1, 0, 0}},
		{name: "unless told to send it", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1), say("b", 2, rejected)},
			send: true, ids: "a", counts: [3]int{1, 0, 0}},
		{name: "rejected record of the ticket", tickets: []TicketFact{about(1, func(f *TicketFact) { f.State = Rejected })},
			messages: []MessageFact{say("a", 1)}, state: Incomplete, ids: "a"},
		{name: "older rejected record of the ticket", tickets: []TicketFact{
			about(1, func(f *TicketFact) { f.State, f.Version = Rejected, "1" }), about(2, func(f *TicketFact) { f.Version = "2" })},
			messages: []MessageFact{say("a", 1)}, ids: "a"},
		{name: "every message rejected", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1, rejected)},
			state: Incomplete, counts: [3]int{1, 0, 0}},
		{name: "every message rejected, sent anyway", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1, rejected)},
			send: true, state: TicketRejected, counts: [3]int{1, 0, 0}, problems: []string{"error ticket.no_messages"}},
		{name: "fallback not needed", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("d", 0, fallback, rejected), say("e", 0, fallback), say("a", 1)},
			ids: "a", counts: [3]int{0, 0, 2}},
		{name: "fallback needed", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("d", 0, fallback), say("a", 1, skippedAs("event"))},
			ids: "d", counts: [3]int{0, 0, 1}},
		{name: "fallback waits for a rejected message", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("d", 0, fallback), say("a", 1, rejected)},
			state: Incomplete, counts: [3]int{1, 0, 1}},
		{name: "repeated", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1), say("a", 1, line(55)), say("b", 2)},
			ids: "a b", counts: [3]int{0, 1, 0}},
		{name: "a conflict twice", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1), say("a", 2), say("a", 3, content(2)), say("a", 4, content(1))},
			state: Incomplete, ids: "a", counts: [3]int{1, 2, 0}, problems: []string{"error message_id.conflict"}},
		{name: "a fallback that is not needed is no forerunner", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1, fallback, content(5)), say("a", 2, content(5))},
			state: Ready, ids: "a", counts: [3]int{0, 0, 1}},
		{name: "conflict", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1), say("a", 2)},
			state: Incomplete, ids: "a", counts: [3]int{1, 0, 0}, problems: []string{"error message_id.conflict"}},
		{name: "versions of a message", tickets: []TicketFact{about(1)},
			messages: []MessageFact{say("a", 1, version("2"), content(2)), say("a", 2, version("1")), say("a", 3, version("2"), content(2)), say("a", 4, rejected)},
			ids:      "a", counts: [3]int{0, 1, 2}},
		{name: "newest version of a message is skipped", tickets: []TicketFact{about(1)},
			messages: []MessageFact{say("a", 1, version("1")), say("a", 2, version("2"), skippedAs("deleted")), say("b", 3)},
			ids:      "b", counts: [3]int{0, 0, 2}},
		{name: "equal hashes get ordinals", tickets: []TicketFact{about(1)},
			messages: []MessageFact{say("h1:x", 1, hashed), say("h1:x", 1, hashed, line(55), rejected), say("h1:x", 1, hashed, line(56))},
			state:    Incomplete, ids: "h1:x h1:x:3", counts: [3]int{1, 0, 0}},
		{name: "sent time missing", tickets: []TicketFact{about(1)},
			messages: []MessageFact{say("a", 1), say("b", 2, func(f *MessageFact) { f.Message.SentDatetime = SentTime{} })},
			state:    Incomplete, ids: "a", counts: [3]int{1, 0, 0}, problems: []string{"error sent_datetime.missing"}},
		{name: "author unknown", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1), say("b", 2, by(PersonRef{Email: "who@z.example"}))},
			state: Incomplete, ids: "a", counts: [3]int{1, 0, 0}, problems: []string{"error author.unknown"}},
		{name: "author unknown is a customer", people: PeopleBlock{Unknown: "customer"}, tickets: []TicketFact{about(1)},
			messages: []MessageFact{say("b", 2, by(PersonRef{Email: "who@z.example"}))}, ids: "b", problems: []string{"warning author.unknown"}},
		{name: "no author", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1, by(PersonRef{}))},
			state: Incomplete, counts: [3]int{1, 0, 0}, problems: []string{"error author.missing"}},
		{name: "customer without e-mail", tickets: []TicketFact{about(1, func(f *TicketFact) { f.Customer = PersonRef{ID: "5"} })},
			messages: []MessageFact{say("a", 1, direction(No)), say("b", 2, by(PersonRef{ID: "5"}))},
			state:    TicketRejected, counts: [3]int{2, 0, 0}, problems: []string{"error customer.no_email"}},
		{name: "author without e-mail", tickets: []TicketFact{about(1)}, messages: []MessageFact{say("a", 1), say("b", 2, by(PersonRef{ID: "5"}), direction(No))},
			state: Incomplete, ids: "a", counts: [3]int{1, 0, 0}, problems: []string{"error customer.no_email"}},
		{name: "nobody is the customer", tickets: []TicketFact{about(1, func(f *TicketFact) { f.Customer = PersonRef{} })},
			messages: []MessageFact{say("a", 1, by(agent))}, state: TicketRejected, counts: [3]int{1, 0, 0}, problems: []string{"error ticket.no_customer"}},
		{name: "nobody yet", tickets: []TicketFact{about(1, func(f *TicketFact) { f.Customer = PersonRef{} })},
			messages: []MessageFact{say("a", 1, by(agent)), say("b", 0, rejected)}, state: Incomplete, ids: "a", counts: [3]int{1, 0, 0}},
		{name: "no channel", tickets: []TicketFact{about(1)},
			messages: []MessageFact{say("a", 1, func(f *MessageFact) { f.Message.Channel = "" }), say("n", 2, internal)},
			state:    Incomplete, ids: "n", counts: [3]int{1, 0, 0}, problems: []string{"error channel.missing"}},
		{name: "no channel, as the ticket's could not be read", tickets: []TicketFact{about(1, func(f *TicketFact) { f.State = Rejected })},
			messages: []MessageFact{say("a", 1, func(f *MessageFact) { f.Message.Channel = "" }), say("n", 2, internal)},
			state:    Incomplete, ids: "n", counts: [3]int{1, 0, 0}},
		{name: "no channel, and the rest is sent", send: true, tickets: []TicketFact{about(1, func(f *TicketFact) { f.State = Rejected })},
			messages: []MessageFact{say("a", 1, func(f *MessageFact) { f.Message.Channel = "" }), say("n", 2, internal)},
			ids:      "n", counts: [3]int{1, 0, 0}, problems: []string{"error channel.missing"}},
		{name: "status that is none", tickets: []TicketFact{about(1, func(f *TicketFact) { f.Ticket.Status = "pending" })},
			messages: []MessageFact{say("a", 1)}, state: Incomplete, ids: "a", problems: []string{"error value.enum"}},
		{name: "tag too long", send: true, tickets: []TicketFact{about(1, func(f *TicketFact) { f.Ticket.Tags = []string{"a", strings.Repeat("x", 257)} })},
			messages: []MessageFact{say("a", 1)}, ids: "a", problems: []string{"warning tag.too_long"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := &Group{Tickets: c.tickets, Messages: c.messages, SendIncomplete: c.send}
			out := run(t, &File{People: c.people}, g, c.dir)
			if out.State != c.state || ids(out) != c.ids {
				t.Errorf("state %d (%s), messages %q; want %d, %q", out.State, out.Reason, ids(out), c.state, c.ids)
			}
			if got := [3]int{out.Rejected, out.Repeated, out.Skipped}; got != c.counts {
				t.Errorf("rejected, repeated, skipped: %v, want %v", got, c.counts)
			}
			if got := codes(out); !slices.Equal(got, c.problems) {
				t.Errorf("problems %q, want %q", got, c.problems)
			}
			if out.State != Ready && out.Reason == "" {
				t.Error("no reason")
			}
			for _, p := range out.Problems {
				if p.Hint == "" || p.Origin.File == "" {
					t.Errorf("a problem without hint or origin: %+v", p)
				}
			}
		})
	}
}

func TestEveryCodeIsInTheTable(t *testing.T) {
	known := Codes()
	for _, c := range []string{codeTicketUnknown, codeTicketDiffers, codeNoMessages, codeNoCustomer, codeCustomerNoEmail, codeMessageConflict,
		codeAuthorUnknown, codeAuthorMissing, codeAssigneeUnknown, codeChannelMissing, codeCustomerMadeUp, codeAddressUnknown} {
		if !slices.ContainsFunc(known, func(k Code) bool { return k.Name == c }) {
			t.Errorf("%s is not in the table", c)
		}
	}
}

func TestTicketFieldPositions(t *testing.T) {
	for field, name := range map[int]string{fieldSubject: "subject", fieldStatus: "status", fieldPriority: "priority", fieldChannel: "channel", fieldVia: "via",
		fieldLanguage: "language", fieldCustomer: "customer", fieldAssigneeUser: "assignee_user", fieldAssigneeTeam: "assignee_team",
		fieldCustomFields: "custom_fields", fieldMeta: "meta", fieldCreated: "created_datetime", fieldOpened: "opened_datetime", fieldClosed: "closed_datetime",
		fieldTrashed: "trashed_datetime", fieldLastMessage: "last_message_datetime", fieldLastReceived: "last_received_message_datetime", fieldSourceURL: "source_url"} {
		if ticketFields[field].name != name {
			t.Errorf("field %d is %s, want %s", field, ticketFields[field].name, name)
		}
	}
	if len(ticketFields) != maxTicketFields {
		t.Errorf("%d ticket fields, want %d", len(ticketFields), maxTicketFields)
	}
}

func TestTicketFactsUnite(t *testing.T) {
	take := func(fields ...int) func(*TicketFact) {
		return func(f *TicketFact) {
			for _, x := range fields {
				f.Last |= 1 << x
			}
		}
	}
	when := func(minute int) func(*TicketFact) { return func(f *TicketFact) { f.At = at(minute).Time() } }
	with := func(t Ticket) func(*TicketFact) { return func(f *TicketFact) { f.Ticket = t } }
	out := run(t, &File{}, &Group{
		Tickets: []TicketFact{
			about(1, when(2), take(fieldStatus), with(Ticket{Subject: "one", Status: "closed", Tags: []string{"a", "b"},
				CustomFields: []CustomField{{"Product", "x", "string"}}, Meta: []Pair{{"k", "v"}}})),
			about(2, when(3), take(fieldStatus), with(Ticket{Subject: "two", Status: "open", Tags: []string{"b", "c"},
				CustomFields: []CustomField{{"Product", "x", "string"}, {"Size", "9", "number"}}})),
			about(3, when(1), take(fieldStatus), with(Ticket{Status: "closed", Spam: true})),
			about(4, when(9), take(fieldStatus)),
		},
		Messages: []MessageFact{say("a", 1)},
	}, nil)
	tk := out.Ticket
	if tk.Subject != "one" || tk.Status != "open" || !tk.Spam || !slices.Equal(tk.Tags, []string{"a", "b", "c"}) ||
		!slices.Equal(tk.CustomFields, []CustomField{{"Product", "x", "string"}, {"Size", "9", "number"}}) || !slices.Equal(tk.Meta, []Pair{{"k", "v"}}) {
		t.Errorf("%+v", tk)
	}
	if len(out.Problems) != 1 || out.Problems[0].Code != codeTicketDiffers || out.Problems[0].Field != "subject" ||
		out.Problems[0].Origin != origin(2) || out.Problems[0].Other != origin(1) {
		t.Errorf("%+v", out.Problems)
	}
}

func TestUniteLeavesFactsAlone(t *testing.T) {
	tags := append(make([]string, 0, 8), "a")
	g := &Group{
		Tickets:  []TicketFact{about(1, func(f *TicketFact) { f.Ticket.Tags = tags }), about(2, func(f *TicketFact) { f.Ticket.Tags = []string{"b"} })},
		Messages: []MessageFact{say("a", 1)},
	}
	run(t, &File{}, g, nil)
	if got := tags[:2]; got[1] != "" {
		t.Errorf("the fact's own list was written to: %q", got)
	}
}

func TestTicketTakesFromItsMessages(t *testing.T) {
	out := run(t, &File{}, &Group{
		Tickets: []TicketFact{about(1, func(f *TicketFact) { f.Ticket.Status = "closed"; f.Customer = PersonRef{} })},
		Messages: []MessageFact{
			say("n", 1, internal, by(PersonRef{ID: "9"})),
			say("b", 5, direction(No), func(f *MessageFact) { f.Message.Subject = "Re: hi"; f.Message.Channel = "" }),
			say("a", 2, direction(No), by(PersonRef{Email: "Joe@x.example", Name: "Joe"}), func(f *MessageFact) { f.Message.Subject = "hi"; f.Message.Channel = "chat" }),
			say("c", 6, direction(No), by(PersonRef{})),
			say("d", 7, direction(Yes), by(PersonRef{})),
		},
	}, nil)
	tk := out.Ticket
	if tk.Subject != "hi" || tk.Channel != "chat" || !tk.CreatedDatetime.Equal(at(1).Time()) || !tk.ClosedDatetime.Equal(at(7).Time()) || !tk.FromAgent ||
		tk.Customer != (Person{Email: "joe@x.example", Name: "Joe"}) || !tk.LastMessageDatetime.IsZero() {
		t.Errorf("%+v", tk)
	}
	m := tk.Messages
	if m[0].Channel != "internal-note" || m[0].Public || !m[0].FromAgent || m[0].Subject != "hi" {
		t.Errorf("note: %+v", m[0])
	}
	if m[2].Channel != "chat" || m[2].Subject != "Re: hi" || !m[2].Public || m[2].FromAgent {
		t.Errorf("reply: %+v", m[2])
	}
	if m[3].Author != tk.Customer || !m[4].Author.IsZero() || !m[4].FromAgent {
		t.Errorf("authors: %+v, %+v", m[3].Author, m[4].Author)
	}
	if m[1].BodyHTML == "" {
		t.Error("the missing body form was not made")
	}
}

// TestRestoredTicket holds that a skip counts only in the newest version of a record.
func TestRestoredTicket(t *testing.T) {
	gone := func(f *TicketFact) { f.State, f.Reason = Skipped, "deleted" }
	of := func(v string) func(*TicketFact) { return func(f *TicketFact) { f.Version = v } }
	messages := []MessageFact{say("a", 1, version("1"), skippedAs("deleted")), say("a", 2, version("2"))}
	out := run(t, &File{}, &Group{Tickets: []TicketFact{about(1, gone, of("1")), about(2, of("2"))}, Messages: messages}, nil)
	if out.State != Ready || ids(out) != "a" || out.Skipped != 1 {
		t.Errorf("restored: %+v", out)
	}
	messages[0].Version, messages[1].Version = "2", "1"
	out = run(t, &File{}, &Group{Tickets: []TicketFact{about(1, of("1")), about(2, gone, of("2"))}, Messages: messages}, nil)
	if out.State != TicketSkipped || out.Reason != "deleted" {
		t.Errorf("deleted later: %+v", out)
	}
}

func TestConflictNamesBothOrigins(t *testing.T) {
	out := run(t, &File{}, &Group{Tickets: []TicketFact{about(1)}, Messages: []MessageFact{say("a", 1), say("a", 2)}}, nil)
	if p := out.Problems[0]; p.Origin != origin(102) || p.Other != origin(101) || p.Value != "a" {
		t.Errorf("%+v", p)
	}
}

func TestVeryLongSubjectIsCut(t *testing.T) {
	out := run(t, &File{}, &Group{
		Tickets:  []TicketFact{about(1, func(f *TicketFact) { f.Ticket.Subject = strings.Repeat("ü", 1200) })},
		Messages: []MessageFact{say("a", 1)},
	}, nil)
	if out.State != Ready || out.Ticket.Subject != strings.Repeat("ü", 998) || len(out.Problems) != 1 {
		t.Errorf("%d %v", len(out.Ticket.Subject), codes(out))
	}
}

func TestAssembleReusesItsMemory(t *testing.T) {
	g := &Group{Tickets: []TicketFact{about(1)}}
	for k := range 20 {
		g.Messages = append(g.Messages, say(fmt.Sprint("m", k), k, func(f *MessageFact) { f.Message.BodyHTML = "<p>x</p>" }))
	}
	f, out := &File{}, &Assembled{}
	assemble(f, g, nil, out)
	if n := testing.AllocsPerRun(50, func() { assemble(f, g, nil, out) }); n > 2 {
		t.Errorf("%v allocations for a ticket of 20 messages", n)
	}
}

func BenchmarkAssemble(b *testing.B) {
	g := &Group{Tickets: []TicketFact{about(1)}}
	for k := range 4 {
		g.Messages = append(g.Messages, say(fmt.Sprint("m", k), k, func(f *MessageFact) { f.Message.BodyHTML = "<p>x</p>" }))
	}
	f, out := &File{}, &Assembled{}
	b.ReportAllocs()
	for b.Loop() {
		assemble(f, g, nil, out)
	}
}
