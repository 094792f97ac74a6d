package gorgias

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

// mailbox is an integration of the account that receives and sends e-mail.
type mailbox struct {
	id            int64
	name, address string // the address in lower case
}

// mailboxes are what the account's integrations say of e-mail.
type mailboxes struct {
	byID      map[int64]mailbox    // all integrations in use; without an address where it carries no e-mail
	byAddress map[string][]mailbox // those in use
	idle      map[string]bool      // addresses of mailboxes that are switched off, and of none in use
}

// isMail tells the types of integration that are mailboxes; the address of any other is no mailbox's.
func isMail(kind string) bool {
	switch strings.ToLower(kind) {
	case "email", "gmail", "outlook":
		return true
	}
	return false
}

// integrations lists the account's integrations: GET /integrations, all pages.
func (c *Client) integrations(ctx context.Context) (*mailboxes, error) {
	found := &mailboxes{byID: map[int64]mailbox{}, byAddress: map[string][]mailbox{}, idle: map[string]bool{}}
	k := call{op: opRead, doing: "listing the account's integrations", path: "integrations", query: url.Values{"limit": {pageSize}}}
	type integrationAnswer struct {
		ID   number64 `json:"id"`
		Type text     `json:"type"`
		Name text     `json:"name"`
		Meta struct {
			Address text `json:"address"`
		} `json:"meta"`
		DeactivatedDatetime text `json:"deactivated_datetime"`
		DeletedDatetime     text `json:"deleted_datetime"`
	}
	for i, err := range list[integrationAnswer](ctx, c, k, c.insist, nil) {
		if err != nil {
			return nil, stopIfGone(err)
		}
		address := strings.ToLower(strings.TrimSpace(string(i.Meta.Address)))
		off := i.DeactivatedDatetime != "" || i.DeletedDatetime != ""
		box := mailbox{id: int64(i.ID), name: string(i.Name)}
		mail := isMail(string(i.Type)) && strings.Contains(address, "@")
		switch {
		case i.ID <= 0:
			continue
		case off && mail:
			found.idle[address] = true
		case off:
		case mail:
			box.address = address
			found.byAddress[address] = append(found.byAddress[address], box)
		}
		if !off {
			found.byID[box.id] = box
		}
	}
	for address := range found.byAddress {
		delete(found.idle, address)
	}
	return found, c.knows(found)
}

// knows refuses a table of addresses that leads to a mailbox the account does not have: every e-mail would miss it.
func (c *Client) knows(found *mailboxes) error {
	for _, from := range slices.Sorted(maps.Keys(c.Encoder.Mailboxes)) {
		to := c.Encoder.Mailboxes[from]
		if len(found.byAddress[to]) == 1 {
			continue
		}
		what, hint := "no mailbox in use with this address", "the account has no mailbox at all"
		if len(found.byAddress[to]) > 1 {
			what = "more than one mailbox with this address"
		}
		if len(found.byAddress) > 0 {
			hint = "there are " + listed(slices.Sorted(maps.Keys(found.byAddress)))
		}
		return &importer.Fault{Kind: importer.Stop, Err: fmt.Errorf("integration %s=%s: %w", from, to, errors.New("the account has "+what+"; "+hint))}
	}
	return nil
}

// addressed finds the one mailbox with this address.
func (p *People) addressed(address string) (box mailbox, ok bool) {
	if list := p.mail.byAddress[address]; len(list) == 1 {
		return list[0], true
	}
	return mailbox{}, false
}

// integration sets the mailbox an e-mail came to or went out from, so that agents go on replying from the right address:
// the one the mapping names, else the one its own addresses lead to, else, where it has none, that of the ticket's other
// e-mails. It returns what it knows of the mailbox. A message for which there is none is counted as a loss.
func (e Encoder) integration(w *importer.Work, c *mapping.Message, m *Message) (mailbox, []Loss) {
	if e.People == nil || !m.Public || m.Channel != "email" {
		return mailbox{}, nil
	}
	e.People.mu.RLock()
	defer e.People.mu.RUnlock()
	if e.People.mail == nil { // they were not listed
		return mailbox{}, nil
	}
	var losses []Loss
	if id := m.IntegrationID; id > 0 {
		if box, ok := e.People.mail.byID[id]; ok {
			return box, nil
		}
		m.IntegrationID = 0
		losses = append(losses, Loss{LossIntegration, "integration_id", "integration " + strconv.FormatInt(id, 10),
			"the account has no integration of this number in use; leave integration_id out of the mapping to match by address"})
	}
	given := toldAddress(c, m.FromAgent)
	box, ok := e.told(c, m.FromAgent)
	if !ok && given == "" {
		box, ok = e.ticketMailbox(w)
	}
	if !ok && e.Mailboxes["*"] != "" {
		box, ok = e.People.addressed(e.Mailboxes["*"])
	}
	if ok {
		m.IntegrationID = box.id
		return box, losses
	}
	return mailbox{}, append(losses, Loss{LossIntegration, "integration_id", cmp.Or(given, "(no address)"), e.whyNone(given)})
}

// whyNone says what to do about an address that is no mailbox's.
func (e Encoder) whyNone(address string) string {
	mail := e.People.mail
	to := cmp.Or(e.Mailboxes[address], address)
	switch {
	case address == "":
		return "the export does not say which of your addresses it came to or went out from; name it with --integration '*=ADDRESS'"
	case mail.idle[to]:
		return "the mailbox of this address is switched off in the account; connect it again, or name another with --integration OLD=NEW"
	case len(mail.byAddress[to]) > 1:
		return "the account has more than one mailbox with this address; name another with --integration OLD=NEW"
	}
	return "the account has no mailbox with this address; connect it, or name the one that takes its place with --integration OLD=NEW"
}

// told finds the mailbox that an e-mail's own addresses lead to: the recipients of an incoming one, first to, then cc; the
// sender of an outgoing one.
func (e Encoder) told(c *mapping.Message, fromAgent bool) (mailbox, bool) {
	if fromAgent {
		return e.mailbox(c.From.Address)
	}
	for _, list := range [][]mapping.Address{c.To, c.Cc} {
		for _, a := range list {
			if box, ok := e.mailbox(a.Address); ok {
				return box, true
			}
		}
	}
	return mailbox{}, false
}

// toldAddress is the address that should have led to a mailbox, "" where the source gives none.
func toldAddress(c *mapping.Message, fromAgent bool) string {
	list := slices.Concat(c.To, c.Cc)
	if fromAgent {
		list = []mapping.Address{c.From}
	}
	for _, a := range list {
		if a.Address != "" {
			return strings.ToLower(a.Address)
		}
	}
	return ""
}

// mailbox finds the account's mailbox for an address of the source, in any case: the one that is said to stand for it, else
// the one that has it, else the one that stands for its domain.
func (e Encoder) mailbox(address string) (mailbox, bool) {
	address = strings.ToLower(strings.TrimSpace(address))
	if to, ok := e.Mailboxes[address]; ok && address != "*" {
		return e.People.addressed(to)
	}
	if box, ok := e.People.addressed(address); ok {
		return box, true
	}
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		if to, ok := e.Mailboxes[address[at:]]; ok {
			return e.People.addressed(to)
		}
	}
	return mailbox{}, false
}

// fewMails is how many messages of a ticket are looked at for its mailbox.
const fewMails = 100

// ticketMailbox is the mailbox of the first of the ticket's e-mails whose addresses lead to one.
func (e Encoder) ticketMailbox(w *importer.Work) (mailbox, bool) {
	messages := w.Ticket.Messages
	for i := range messages[:min(len(messages), fewMails)] {
		c := &messages[i]
		if !c.Public || c.Channel != "email" {
			continue
		}
		if box, ok := e.told(c, c.FromAgent); ok {
			return box, true
		}
	}
	return mailbox{}, false
}

// listed writes a list for a report, cut where it grows long.
func listed(words []string) string {
	const most = 300
	n, size := 0, 0
	for n < len(words) && (n == 0 || size+len(words[n]) <= most) {
		size += len(words[n]) + 2
		n++
	}
	out := clip(strings.Join(words[:n], ", "))
	if n < len(words) {
		out += fmt.Sprintf(" and %d more", len(words)-n)
	}
	return out
}
