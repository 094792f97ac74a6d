package suggest

import (
	"slices"
	"strings"

	"github.com/deskferry/deskferry/sources"
)

// mailbox is what kind of folder or label mail lies in.
type mailbox uint8

const (
	inbox mailbox = iota
	sentMail
	unsent // drafts and trash: they say nothing of who is who
)

// mail counts a message of a mailbox. Who lies among the sent mail is the mailbox's owner, and so is who received what does not.
func (l *looker) mail(r *sources.Record) {
	from := addressOf(l.text(r, 0, []string{"from", "address"}))
	if from == "" {
		from = addressOf(l.text(r, 0, []string{"sender", "address"}))
	}
	switch l.mailbox(r) {
	case unsent:
	case sentMail:
		if from != "" {
			l.count(from, Author{Messages: 1, Outgoing: 1})
		}
	case inbox:
		if from != "" {
			l.count(from, Author{Messages: 1})
		}
		to := []string{"to", "address"}
		if l.text(r, 0, []string{"headers", "delivered-to"}) != "" { // it names the mailbox itself
			to = []string{"headers", "delivered-to"}
		}
		l.received(r, 0, to, from)
	}
}

// mailbox tells by folder, labels and flags where a message lies.
func (l *looker) mailbox(r *sources.Record) mailbox {
	names := []string{lastFolder(l.text(r, 0, []string{"folder"}))}
	for _, key := range []string{"labels", "flags"} {
		for _, n := range walk(r, 0, []string{key}, nil) {
			names = append(names, r.Nodes[n].Text)
		}
	}
	sent := vocab("x", "sent,sent items,sent mail,sent messages,gesendet,gesendete objekte,envoyés,messages envoyés,enviados,verzonden,verzonden items")
	away := vocab("x", "draft,drafts,entwürfe,brouillons,borradores,concepten,trash,trashed,bin,deleted,deleted items,deleted messages,papierkorb,corbeille,papelera,prullenbak")
	switch {
	case slices.ContainsFunc(names, func(s string) bool { return away.lookup(s) != "" }):
		return unsent
	case slices.ContainsFunc(names, func(s string) bool { return sent.lookup(s) != "" }):
		return sentMail
	}
	return inbox
}

// lastFolder is the last name of a folder such as INBOX.Sent or Mail/Sent.
func lastFolder(s string) string {
	if i := strings.LastIndexAny(s, "./"); i >= 0 {
		return s[i+1:]
	}
	return s
}

// owners are the addresses and domains that a mailbox itself speaks for: of who wrote its sent mail, and of who received the
// rest. A domain that others write from as well is not one's own as a whole.
func (p *People) owners() []string {
	const most = 5
	var out []string
	best := int64(0)
	for _, d := range p.Domains {
		if d.Outgoing == 0 && d.Received > d.Messages && !everybodys(d.Domain) {
			best = max(best, d.Received)
		}
	}
	for _, d := range p.Domains {
		senders, others := []string{}, 0
		for _, a := range p.Authors {
			if _, domain, _ := strings.Cut(a.Address, "@"); domain != d.Domain {
				continue
			}
			if a.Outgoing > 0 {
				senders = append(senders, a.Address)
			} else {
				others++
			}
		}
		switch {
		case len(senders) > 0 && (others > 0 || everybodys(d.Domain)):
			out = append(out, senders...)
		case len(senders) > 0, d.Received > d.Messages && d.Received == best && !everybodys(d.Domain):
			out = append(out, "@"+d.Domain)
		}
	}
	out = slices.DeleteFunc(out, func(s string) bool { return checkAgent(s) != nil })
	if len(out) == 0 {
		return []string{"@your-company.example"}
	}
	return out[:min(len(out), most)]
}

// everybodys tells whether anybody can have an address of a domain.
func everybodys(domain string) bool {
	return slices.Contains([]string{
		"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com", "aol.com", "gmx.de", "gmx.net", "gmx.com", "web.de", "t-online.de",
		"orange.fr", "free.fr", "laposte.net", "wanadoo.fr", "ziggo.nl", "kpnmail.nl", "proton.me", "protonmail.com", "mail.com", "mail.ru", "yandex.ru", "qq.com", "163.com",
	}, domain)
}
