package mapping

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawGroup draws facts that collide: few ids, times, people and versions.
func drawGroup(t *rapid.T) *Group {
	small := func(label string, n int) int { return rapid.IntRange(0, n).Draw(t, label) }
	person := func() PersonRef {
		return PersonRef{
			ID:    rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "id"),
			Email: rapid.SampledFrom([]string{"", "jane@x.example", "bob@acme.example"}).Draw(t, "email"),
			Agent: Tri(small("agent", 2)),
		}
	}
	g := &Group{SendIncomplete: rapid.Bool().Draw(t, "send")}
	for k := range small("tickets", 3) {
		g.Tickets = append(g.Tickets, about(int64(k), func(f *TicketFact) {
			f.State = State(max(0, small("state", 8)-6))
			f.Version = rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "version")
			f.Customer = person()
			f.Ticket.Tags = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3).Draw(t, "tags")
			f.Ticket.Status = rapid.SampledFrom([]string{"", "open", "closed", "odd"}).Draw(t, "status")
			f.Reason = "skip"
		}))
	}
	for k := range small("messages", 8) {
		g.Messages = append(g.Messages, say(fmt.Sprint("m", small("id", 3)), small("minute", 3), line(int64(100+k)), func(f *MessageFact) {
			f.State = State(max(0, small("state", 8)-6))
			f.Reason = "skip"
			f.Version = rapid.SampledFrom([]string{"", "", "1", "2"}).Draw(t, "version")
			f.Fallback = small("fallback", 4) == 0
			f.HashID = f.Message.ExternalID == "m3"
			f.Internal = small("internal", 4) == 0
			f.FromAgent = Tri(small("from_agent", 2))
			f.Author = person()
			f.Content = [16]byte{byte(small("content", 1))}
			f.Message.Channel = rapid.SampledFrom([]string{"", "email", "internal-note"}).Draw(t, "channel")
			f.Message.BodyHTML = rapid.SampledFrom([]string{"", "<p>x</p>"}).Draw(t, "html")
		}))
	}
	return g
}

func drawFile(t *rapid.T) (*File, Directory) {
	f := &File{People: PeopleBlock{Unknown: rapid.SampledFrom([]string{"", "agent", "customer"}).Draw(t, "unknown")}}
	if rapid.Bool().Draw(t, "no_email") {
		f.People.NoEmail = &Value{Form: FormText, Text: "old-{id}@import.invalid"}
	}
	if rapid.Bool().Draw(t, "agents") {
		f.People.Agents = []string{"@acme.example"}
	}
	if rapid.Bool().Draw(t, "directory") {
		return f, people{{ID: "1", Email: "one@x.example", Agent: Yes}, {ID: "2", Agent: No}}
	}
	return f, nil
}

func skeleton(g *Group) *Group {
	bare := &Group{SendIncomplete: g.SendIncomplete, Tickets: g.Tickets, Messages: slices.Clone(g.Messages)}
	for i := range bare.Messages {
		m := &bare.Messages[i].Message
		m.BodyHTML, m.BodyText, m.StrippedHTML, m.StrippedText, m.StrippedSignature, m.Headers = "", "", "", "", "", nil
	}
	return bare
}

func TestEveryMessageIsAccountedFor(t *testing.T) {
	reused := &Assembled{}
	rapid.Check(t, func(t *rapid.T) {
		g := drawGroup(t)
		f, dir := drawFile(t)
		before := fmt.Sprintf("%+v", *g)
		out := &Assembled{}
		assemble(f, g, dir, out)
		checkSums(t, g, out)
		if after := fmt.Sprintf("%+v", *g); after != before {
			t.Fatalf("the facts were changed:\n%s\n%s", before, after)
		}
		valid(t, out)

		assemble(f, g, dir, reused)
		if x, y := verdict(out, true), verdict(reused, true); x != y {
			t.Fatalf("a used Assembled judges otherwise:\n%s\n%s", x, y)
		}
		bare := &Assembled{}
		assemble(f, skeleton(g), dir, bare)
		if x, y := verdict(out, false), verdict(bare, false); x != y {
			t.Fatalf("without bodies it is judged otherwise:\n%s\n%s", x, y)
		}
	})
}

// valid holds a ticket that may be sent against what the target must never see.
func valid(t *rapid.T, out *Assembled) {
	if out.State == Ready && (len(out.Ticket.Messages) == 0 || out.Ticket.Customer.Email == "" || out.Ticket.Channel == "" || out.Ticket.Status == "odd") {
		t.Fatalf("not fit to be sent: %+v", out.Ticket)
	}
	seen := map[string]bool{}
	for k, m := range out.Ticket.Messages {
		if seen[m.ExternalID] {
			t.Fatalf("id %s twice", m.ExternalID)
		}
		seen[m.ExternalID] = true
		if !m.SentDatetime.IsValid() || m.Channel == "" || (m.Channel == "internal-note") == m.Public || !m.Public && !m.FromAgent {
			t.Fatalf("not fit to be sent: %+v", m)
		}
		if out.State == Ready && !m.FromAgent && m.Author.Email == "" {
			t.Fatalf("an incoming message of nobody: %+v", m)
		}
		if k > 0 && m.SentDatetime.Time().Before(out.Ticket.Messages[k-1].SentDatetime.Time()) {
			t.Fatal("not in order")
		}
	}
	errors := false
	for _, p := range out.Problems {
		errors = errors || p.Severity == Error
	}
	if out.State == TicketRejected && !errors {
		t.Fatal("rejected without a problem")
	}
}

// verdict is what was decided, with or without bodies.
func verdict(out *Assembled, bodies bool) string {
	c := *out
	c.work = assembly{}
	c.Ticket.Messages = slices.Clone(c.Ticket.Messages)
	if !bodies {
		for i := range c.Ticket.Messages {
			c.Ticket.Messages[i].BodyHTML, c.Ticket.Messages[i].BodyText = "", ""
		}
	}
	return fmt.Sprintf("%+v", c)
}
