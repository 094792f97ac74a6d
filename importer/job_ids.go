package importer

import (
	"context"
	"fmt"

	"github.com/deskferry/deskferry/mapping"
	"github.com/zeebo/xxh3"
)

// codeTwoTickets is a message id that more than one ticket uses.
const codeTwoTickets = "message_id.two_tickets"

// use is one use of a message id.
type use struct {
	ticket uint64 // fingerprint of the ticket's id
	fact   mapping.MessageFact
}

func (c *coder) use(u *use) {
	v := int64(u.ticket)
	c.rawInt(&v)
	u.ticket = uint64(v)
	c.begin()
	c.origin(&u.fact.Origin)
	c.text(&u.fact.Rule)
	c.text(&u.fact.Message.ExternalID)
	c.finish()
}

// appendUse appends an item that says which ticket uses the message's id. Ids are unique per kind, so only those of
// one rule are held against each other.
func appendUse(block []byte, f *mapping.MessageFact) []byte {
	key := sumOf(f.Message.ExternalID)
	key.lo ^= xxh3.HashString(f.Rule)
	return appendItem(block, key, func(b []byte) []byte {
		c := coder{buf: b}
		c.use(&use{xxh3.HashString(f.Ticket), mapping.MessageFact{Origin: f.Origin, Rule: f.Rule, Message: mapping.Message{ExternalID: f.Message.ExternalID}}})
		return c.buf
	})
}

// shared warns of message ids used in two tickets: in the source, tickets were merged or an id was given twice. An
// export that numbers the messages of each ticket from 1 shares most of its ids: there, nothing is said.
func (p *pass) shared(ctx context.Context) error {
	if err := p.ids.seal(ctx); err != nil {
		return err
	}
	var found problems
	var distinct, shared int64
	var key sum
	var first []byte // read only when the id comes again
	told := false
	for it, err := range p.ids.all(ctx) {
		if err != nil {
			return fmt.Errorf("comparing message ids: %w", err)
		}
		if distinct == 0 || it.key != key {
			distinct++
			key, first, told = it.key, append(first[:0], it.bytes...), false
			continue
		}
		a, b, err := readUses(first, it.bytes)
		if err != nil {
			return err
		}
		if a.ticket == b.ticket || a.fact.Message.ExternalID != b.fact.Message.ExternalID {
			continue
		}
		if !told {
			shared++
			told = true
		}
		found.one(&mapping.Problem{
			Origin: b.fact.Origin, Other: a.fact.Origin, Rule: b.fact.Rule, Field: "external_id", Code: codeTwoTickets,
			Value: b.fact.Message.ExternalID, Severity: mapping.Warning,
			Hint: "two tickets have a message of this id: both are imported; if the old helpdesk merged them, leave one out",
		})
	}
	if 2*shared <= distinct {
		p.account.problems.merge(&found)
	}
	return nil
}

func readUses(first, second []byte) (a, b use, err error) {
	var c coder
	c.read(string(first))
	c.use(&a)
	if err := c.end(); err != nil {
		return a, b, err
	}
	c.read(string(second))
	c.use(&b)
	return a, b, c.end()
}
