package gorgias

import "github.com/deskferry/deskferry/mapping"

// source says how a message travelled. E-mail always has one: from the customer to the support address, or from the
// support address to the customer; box is the account's mailbox for it, where one is known. phone, chat and api have one where
// addresses are known; notes and all other channels keep their addresses in meta, since their source types are not documented
// (api/gorgias section 3). An address stays in the list the source had it in: a blind copy is shown to nobody it was not
// shown to.
func source(t *mapping.Ticket, c *mapping.Message, box mailbox, m *Message, losses []Loss) []Loss {
	to, cc, bcc := addresses(c.To), addresses(c.Cc), addresses(c.Bcc)
	known := to != nil || cc != nil || bcc != nil // the source says who received it
	some := c.From != mapping.Address{} || known
	switch {
	case !m.Public, m.Channel != "email" && m.Channel != "phone" && m.Channel != "chat" && m.Channel != "api":
		if some {
			kept := &m.Meta.Deskferry
			kept.From, kept.To, kept.Cc, kept.Bcc = Address(c.From), to, cc, bcc
			losses = append(losses, Loss{LossAddressless, "source", m.Channel,
				"messages of this channel have no from, to, cc and bcc in Gorgias; they are kept in meta"})
		}
		return losses
	case m.Channel != "email" && !some:
		return losses
	}
	from := Address(c.From)
	if from.Address == "" && m.Channel == "email" {
		from = mailFrom(t, c, box, m.FromAgent)
	}
	if !known && m.Channel == "email" {
		switch {
		case m.FromAgent && t.Customer.Email != "":
			to = []Address{{t.Customer.Name, t.Customer.Email}}
		case !m.FromAgent && box.address != "":
			to = []Address{{box.name, box.address}}
		}
	}
	if to == nil {
		to = []Address{}
	}
	m.Source = Source{Type: m.Channel, From: from, To: to, Cc: cc, Bcc: bcc}
	return losses
}

// mailFrom is whom an e-mail came from where the source does not say: the mailbox agents write from, else the author.
func mailFrom(t *mapping.Ticket, c *mapping.Message, box mailbox, fromAgent bool) Address {
	if fromAgent && box.address != "" {
		return Address{Name: box.name, Address: box.address}
	}
	p := c.Author
	if p.Email == "" && !fromAgent {
		p = t.Customer
	}
	return Address{Name: p.Name, Address: p.Email}
}

func addresses(list []mapping.Address) []Address {
	var out []Address
	for _, a := range list {
		out = append(out, Address(a))
	}
	return out
}
