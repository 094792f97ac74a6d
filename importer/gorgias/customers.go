package gorgias

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

// customerAge is how long it is believed that the account has no such customer. An id is believed until the account
// refuses a write that names it.
const customerAge = 24 * time.Hour

// customer is what is known of an e-mail.
type customer struct {
	id    int64 // 0: the account has none
	seen  time.Time
	fresh bool // not handed out by News yet
	old   bool // an earlier run's word
}

// Customer returns the id of the account's customer with this e-mail, if it was looked up or learned.
func (p *People) Customer(email string) (int64, bool) {
	c, _ := p.customer(email)
	return c.id, c.id > 0
}

func (p *People) customer(email string) (customer, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	c, ok := p.customers[strings.ToLower(email)]
	return c, ok
}

func (p *People) put(email string, c customer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.customers == nil {
		p.customers = map[string]customer{}
	}
	p.customers[strings.ToLower(email)] = c
}

// learn remembers a customer that an answer named.
func (p *People) learn(email string, id int64) {
	if email == "" || id <= 0 {
		return
	}
	if c, ok := p.customer(email); ok && c.id == id && !c.old {
		return
	}
	p.put(email, customer{id: id, seen: time.Now(), fresh: true})
}

// absent remembers that the account has no such customer.
func (p *People) absent(email string) { p.put(email, customer{seen: time.Now(), fresh: true}) }

// Remember takes what an earlier run learned of a customer. That there was none is believed for a day.
func (p *People) Remember(k importer.KnownCustomer) {
	if k.Email == "" || k.ID < 0 || k.ID == 0 && time.Since(k.Seen) > customerAge {
		return
	}
	if _, known := p.customer(k.Email); !known {
		p.put(k.Email, customer{id: k.ID, seen: k.Seen, old: true})
	}
}

// News returns what was learned of customers since it was last asked, for a later run to remember.
func (p *People) News() []importer.KnownCustomer {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []importer.KnownCustomer
	for email, c := range p.customers {
		if c.fresh {
			c.fresh = false
			p.customers[email] = c
			out = append(out, importer.KnownCustomer{Email: email, ID: c.id, Seen: c.seen})
		}
	}
	return out
}

// second looks again at the customers of a write that was refused, where they may be why: one whose id is an
// earlier run's word may be gone or merged, and one sent by e-mail may have come to be in the meantime, which is a
// conflict. Where the account says otherwise than was sent the fault is NotSent: the write had no effect, and is made
// anew as things stand now. Else it is what it was.
func (c *Client) second(ctx context.Context, w *importer.Work, from, to int, err error) error {
	f := importer.FaultOf(err)
	if f.Kind != importer.Refused && f.Kind != importer.Conflict {
		return err
	}
	people := c.Encoder.People
	before := map[string]customer{}
	open := wantedCustomers{}
	doubt := func(p mapping.Person) {
		email := strings.ToLower(p.Email)
		known, _ := people.customer(email)
		stale := known.id > 0 && known.old
		if email != "" && (stale || known.id == 0 && f.Kind == importer.Conflict) {
			before[email], open[email] = known, ""
		}
	}
	doubt(w.Ticket.Customer)
	for i := from; i < to && i < len(w.Ticket.Messages); i++ {
		if m := &w.Ticket.Messages[i]; !m.FromAgent {
			doubt(m.Author)
		}
	}
	if len(open) == 0 || c.lookUp(ctx, open) != nil {
		return err
	}
	changed := ""
	for email, was := range before {
		if _, missing := open[email]; missing {
			people.absent(email)
		}
		if now, _ := people.customer(email); now.id != was.id {
			changed = email
		}
	}
	if changed == "" {
		return err
	}
	return &importer.Fault{Kind: importer.NotSent, Err: fmt.Errorf("%w; customer %s is another one now and is named anew", err, changed)}
}

// userAsCustomer tells of a customer whose e-mail is that of a user of the account.
func (c *Client) userAsCustomer(w *importer.Work) []Loss {
	if _, user := c.Encoder.People.User(w.Ticket.Customer.Email); !user {
		return nil
	}
	return []Loss{{LossCustomerUser, "customer", w.Ticket.Customer.Email,
		"the address stays the ticket's customer; give the customer another with use_email in the people file if that is wrong"}}
}
