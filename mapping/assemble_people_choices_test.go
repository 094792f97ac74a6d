package mapping

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/deskferry/deskferry/sources"
)

// choose makes choices of pairs of a person and what is decided about them.
func choose(t *testing.T, pairs ...any) *Choices {
	t.Helper()
	c := &Choices{Source: "old"}
	for i := 0; i < len(pairs); i += 2 {
		if err := c.Add(sources.Origin{File: "people.csv", Line: int64(i + 2)}, pairs[i].(PersonRef), pairs[i+1].(PersonChoice)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestChoices(t *testing.T) {
	dir := people{{ID: "1", Email: "jane@x.example", Name: "Jane"}, {ID: "2", Email: "bob@acme.example", Name: "Bob", Agent: Yes}}
	bob, jane, nobody := PersonRef{ID: "2"}, PersonRef{ID: "1"}, PersonRef{ID: "99"}
	for _, c := range []struct {
		name    string
		choices *Choices
		author  PersonRef
		edits   []func(*MessageFact)
		want    Person // the author
		agent   bool
		meta    string
		codes   []string
	}{
		{"none", nil, bob, nil, Person{ID: "2", Email: "bob@acme.example", Name: "Bob", Agent: true}, true, "", nil},
		{"of someone else", choose(t, PersonRef{ID: "3"}, PersonChoice{Name: "X"}), bob, nil, Person{ID: "2", Email: "bob@acme.example", Name: "Bob", Agent: true}, true, "", nil},
		{"an agent's e-mail, with the original kept", choose(t, bob, PersonChoice{Email: "Mia@acme.example"}), bob, nil,
			Person{ID: "2", Email: "mia@acme.example", Name: "Bob", Agent: true}, true, "Bob <bob@acme.example>", nil},
		{"by e-mail", choose(t, PersonRef{Email: "BOB@acme.example"}, PersonChoice{Name: "Robert"}), PersonRef{Email: "bob@acme.example"}, nil,
			Person{ID: "2", Email: "bob@acme.example", Name: "Robert", Agent: true}, true, "", nil},
		{"an unknown one is an agent", choose(t, nobody, PersonChoice{Email: "mia@acme.example", Role: Yes}), nobody, nil,
			Person{ID: "99", Email: "mia@acme.example", Agent: true}, true, "99", nil},
		{"an unknown one is a customer", choose(t, nobody, PersonChoice{Email: "z@y.example", Role: No}), nobody, nil,
			Person{ID: "99", Email: "z@y.example"}, false, "99", nil},
		{"a role wins over people", choose(t, bob, PersonChoice{Role: No}), bob, nil, Person{ID: "2", Email: "bob@acme.example", Name: "Bob"}, false, "", nil},
		{"and over the message", choose(t, bob, PersonChoice{Role: No}), bob, []func(*MessageFact){direction(Yes)}, Person{ID: "2", Email: "bob@acme.example", Name: "Bob"}, false, "", nil},
		{"and over the ticket's customer", choose(t, jane, PersonChoice{Role: Yes}), jane, nil, Person{ID: "1", Email: "jane@x.example", Name: "Jane", Agent: true}, true, "", nil},
		{"but a note is an agent's", choose(t, bob, PersonChoice{Role: No}), bob, []func(*MessageFact){internal}, Person{ID: "2", Email: "bob@acme.example", Name: "Bob", Agent: true}, true, "", nil},
		{"a customer elsewhere stays themself", choose(t, jane, PersonChoice{Email: "new@x.example"}), jane, nil, Person{ID: "1", Email: "new@x.example", Name: "Jane"}, false, "Jane <jane@x.example>", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := &Group{
				Tickets:  []TicketFact{about(1, func(f *TicketFact) { f.Customer = PersonRef{ID: "1"} })},
				Messages: []MessageFact{say("a", 1, append(c.edits, by(c.author))...)}, Choices: c.choices,
			}
			out := run(t, &File{}, g, dir)
			if len(out.Ticket.Messages) != 1 {
				t.Fatalf("%s %v", out.Reason, out.Problems)
			}
			m := &out.Ticket.Messages[0]
			meta := ""
			for _, p := range m.Meta {
				if p.Name == "original_author" {
					meta = p.Value
				}
			}
			if m.Author != c.want || m.FromAgent != c.agent || meta != c.meta || !slices.Equal(codes(out), c.codes) {
				t.Errorf("got %+v, from agent %t, meta %q, %v", m.Author, m.FromAgent, meta, out.Problems)
			}
			if m.ExternalID != "a" || out.Key != "7" {
				t.Errorf("a choice changed the id: %s of %s", m.ExternalID, out.Key)
			}
		})
	}
}

func TestChoicesOfTheTicket(t *testing.T) {
	dir := people{{ID: "1", Email: "jane@x.example", Name: "Jane"}, {ID: "2", Email: "bob@acme.example", Name: "Bob", Agent: Yes}}
	ticket := about(1, func(f *TicketFact) {
		f.Customer, f.Assignee = PersonRef{ID: "1"}, PersonRef{ID: "2"}
		f.Ticket.Meta = []Pair{{"k", "v"}}
	})
	g := &Group{Tickets: []TicketFact{ticket}, Messages: []MessageFact{say("a", 1, by(PersonRef{ID: "1"}))},
		Choices: choose(t, PersonRef{ID: "1"}, PersonChoice{Email: "new@x.example", Name: "Jane N"}, PersonRef{ID: "2"}, PersonChoice{Email: "mia@acme.example"})}
	out := run(t, &File{}, g, dir)
	x := &out.Ticket
	want := []Pair{{"k", "v"}, {"original_assignee", "Bob <bob@acme.example>"}, {"original_customer", "Jane <jane@x.example>"}}
	if x.Customer.Email != "new@x.example" || x.Customer.Name != "Jane N" || x.AssigneeUser.Email != "mia@acme.example" || !slices.Equal(x.Meta, want) {
		t.Errorf("customer %+v, assignee %+v, meta %v", x.Customer, x.AssigneeUser, x.Meta)
	}
	if len(ticket.Ticket.Meta) != 1 {
		t.Errorf("the fact was changed: %v", ticket.Ticket.Meta)
	}
}

func TestChoicesErrors(t *testing.T) {
	at := sources.Origin{File: "people.csv", Line: 9}
	c := choose(t, PersonRef{ID: "1"}, PersonChoice{Role: Yes}, PersonRef{Name: "Ann"}, PersonChoice{Role: No})
	for _, tt := range []struct {
		who  PersonRef
		what PersonChoice
		want string
	}{
		{PersonRef{ID: "1"}, PersonChoice{Name: "x"}, `people.csv:9: source_id: "1" is decided in people.csv:2 already: keep one of the two rows`},
		{PersonRef{Name: "Ann"}, PersonChoice{Name: "x"}, `people.csv:9: name: "Ann" is decided in people.csv:4 already: keep one of the two rows`},
		{PersonRef{ID: "2"}, PersonChoice{Email: "x"}, `people.csv:9: use_email: "x" is no e-mail address: mend it, or leave it empty`},
		{PersonRef{}, PersonChoice{Name: "x"}, `people.csv:9: source_id: "" names nobody`},
	} {
		if err := c.Add(at, tt.who, tt.what); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	c.Meet(PersonRef{ID: "1", Email: "x@y.z"})
	if err := c.Unmet(); err == nil || !strings.HasPrefix(err.Error(), `people.csv:4: name: "Ann" is nobody in this export`) {
		t.Error(err)
	}
	c.Meet(PersonRef{Name: "Ann"})
	if err := c.Unmet(); err != nil {
		t.Error(err)
	}
	if err := (&Choices{PlaceholderDomain: "no domain"}).CheckPlaceholder(); err == nil {
		t.Error("a placeholder domain with a space is taken")
	}
}

func TestChoicesHash(t *testing.T) {
	a := choose(t, PersonRef{ID: "1"}, PersonChoice{Role: Yes}, PersonRef{ID: "2"}, PersonChoice{Role: No})
	b := choose(t, PersonRef{ID: "2"}, PersonChoice{Role: No}, PersonRef{ID: "1"}, PersonChoice{Role: Yes})
	c := choose(t, PersonRef{ID: "2"}, PersonChoice{Role: No}, PersonRef{ID: "1"}, PersonChoice{Role: No})
	var none *Choices
	if a.Hash() == "" || a.Hash() != b.Hash() || a.Hash() == c.Hash() || none.Hash() != "" || (&Choices{Source: "x"}).Hash() != "" ||
		(&Choices{PlaceholderDomain: "a.b"}).Hash() == "" {
		t.Error("the hash does not tell choices apart")
	}
}

func TestPlaceholder(t *testing.T) {
	for _, c := range []struct {
		domain, id, name, want string
	}{
		{"import.invalid", "42", "", "old-42@import.invalid"},
		{"import.invalid", "a-b", "", "old-a-b@import.invalid"},
		{"import.invalid", "a:b", "", "old-a-b-x6783a31eab@import.invalid"},
		{"import.invalid", "AB", "", "old-ab-x38164fbd17@import.invalid"},
		{"import.invalid", "", "Jane", ""},
	} {
		out := run(t, &File{People: PeopleBlock{NoEmail: &Value{Form: FormText, Text: "x-{id}@y.z"}}}, &Group{
			Tickets:  []TicketFact{about(1, func(f *TicketFact) { f.Customer = PersonRef{ID: c.id, Name: c.name} })},
			Messages: []MessageFact{say("a", 1, direction(Yes))},
			Choices:  &Choices{Source: "old", PlaceholderDomain: c.domain},
		}, nil)
		if c.want == "" {
			if out.State != TicketRejected || !slices.Equal(codes(out), []string{"error customer.no_email"}) {
				t.Errorf("%q: %+v", c.id, out.Ticket.Customer)
			}
			continue
		}
		if out.Ticket.Customer.Email != c.want || !slices.Equal(codes(out), []string{"warning customer.made_up"}) {
			t.Errorf("%q: %+v %v", c.id, out.Ticket.Customer, out.Problems)
		}
	}
}

// TestPlaceholdersNeverMeet: two people without an address never get the same one, whatever their ids look like, and each
// gets one a mail system would take.
func TestPlaceholdersNeverMeet(t *testing.T) {
	c := &Choices{Source: "Old desk", PlaceholderDomain: "import.invalid"}
	ids := rapid.OneOf(rapid.StringOf(rapid.SampledFrom([]rune("ab-:. x0Aé@"))), rapid.StringMatching(`[a-b:-]{1,3}(-x[0-9a-f]{10})?`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		made := map[string]string{}
		for range 20 {
			id := ids.Filter(func(s string) bool { return s != "" }).Draw(t, "id")
			for _, twin := range []string{id, strings.ToLower(id), strings.ReplaceAll(id, ":", "-"), localPart(id)} {
				address := c.placeholder(PersonRef{ID: twin})
				if err := checkEmail(address); err != nil {
					t.Fatalf("%q became %q: %v", twin, address, err)
				}
				if other, taken := made[address]; taken && other != twin {
					t.Fatalf("%q and %q both became %s", other, twin, address)
				}
				made[address] = twin
			}
		}
	})
}

func TestPeople(t *testing.T) {
	dir := people{{ID: "1", Email: "jane@x.example", Name: "Jane"}, {ID: "2", Email: "bob@acme.example", Name: "Bob", Agent: Yes}}
	m := &Mapping{file: &File{People: PeopleBlock{NoEmail: &Value{Form: FormText, Text: "x-{id}@y.z"}}}}
	show := func(all []Seen) string {
		var out []string
		for _, s := range all {
			out = append(out, fmt.Sprintf("%s/%s/%s requester=%t assignee=%t out=%d in=%d open=%d", s.Person.ID, s.Person.Email, s.Person.Name,
				s.Requester, s.Assignee, s.Outgoing, s.Incoming, s.Undecided))
		}
		return strings.Join(out, "\n")
	}
	ticket := about(1, func(f *TicketFact) { f.Customer, f.Assignee = PersonRef{ID: "1"}, PersonRef{ID: "2"} })
	for _, c := range []struct {
		name string
		g    *Group
		want []string
	}{
		{"all parts", &Group{Tickets: []TicketFact{ticket}, Messages: []MessageFact{
			say("a", 1, by(PersonRef{Email: "jane@x.example"})), say("b", 2, by(PersonRef{ID: "2"})), say("c", 3, by(PersonRef{ID: "9"})),
			say("d", 4, by(PersonRef{ID: "9"}), rejected), say("e", 5, by(PersonRef{ID: "2"}), skippedAs("x")),
		}}, []string{"2/bob@acme.example/Bob requester=false assignee=true out=1 in=0 open=0", "1/jane@x.example/Jane requester=true assignee=false out=0 in=1 open=0",
			"9// requester=false assignee=false out=0 in=0 open=2"}},
		{"a customer whom only the messages tell", &Group{Messages: []MessageFact{say("a", 1, by(PersonRef{ID: "2"}), func(f *MessageFact) { f.Message.To = []Address{{"", "c5"}} })}},
			[]string{"2/bob@acme.example/Bob requester=false assignee=false out=1 in=0 open=0", "c5// requester=true assignee=false out=0 in=0 open=0"}},
		{"before any choice", &Group{Tickets: []TicketFact{ticket}, Messages: []MessageFact{say("a", 1, by(PersonRef{ID: "9"}))},
			Choices: choose(t, PersonRef{ID: "9"}, PersonChoice{Role: Yes, Email: "x@y.z"})},
			[]string{"2/bob@acme.example/Bob requester=false assignee=true out=0 in=0 open=0", "1/jane@x.example/Jane requester=true assignee=false out=0 in=0 open=0",
				"9// requester=false assignee=false out=0 in=0 open=1"}},
	} {
		if got := show(m.People(c.g, dir, &Assembled{}, nil)); got != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, strings.Join(c.want, "\n"))
		}
	}
}
