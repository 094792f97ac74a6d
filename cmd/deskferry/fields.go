package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/mapping"
)

// tagFlag names marker tags.
func tagFlag() cli.Flag {
	return stringsFlag("tag", "give every ticket the tag `NAME` besides its own, to find what was imported (repeatable; absent: none)")
}

// integrationFlag says which mailboxes of the account stand for the old addresses.
func integrationFlag() cli.Flag {
	return stringsFlag("integration", "agents reply to e-mail of `OLD=NEW` from the account's mailbox NEW, where the old helpdesk had another address; "+
		"OLD may be a domain, as @old.example, or * for any other (repeatable)")
}

// encoding sets what flags say of how tickets are written.
func encoding(c *cli.Context, e *gorgias.Encoder) (err error) {
	if e.Tags, err = markerTags(c.StringSlice("tag")); err != nil {
		return err
	}
	e.Mailboxes, err = mailboxTable(c.StringSlice("integration"))
	return err
}

func markerTags(names []string) ([]string, error) {
	var tags []string
	for _, name := range names {
		tag := mapping.CleanTag(name)
		if !mapping.ValidTag(tag) {
			return nil, usagef("--tag %q: a tag has 1 to 256 characters", name)
		}
		tags = append(tags, tag)
	}
	return tags, nil
}

// mailboxTable reads OLD=NEW. Addresses are compared without case.
func mailboxTable(entries []string) (map[string]string, error) {
	table := map[string]string{}
	for _, entry := range entries {
		from, to, ok := strings.Cut(entry, "=")
		from, to = strings.ToLower(strings.TrimSpace(from)), strings.ToLower(strings.TrimSpace(to))
		if !ok || from != "*" && !isAddressOrDomain(from) || !isAddressOrDomain(to) || to[0] == '@' {
			return nil, usagef("--integration %q: it is OLD=NEW, as support@old.example=help@acme.com, @old.example=help@acme.com or *=help@acme.com", entry)
		}
		if other, twice := table[from]; twice && other != to {
			return nil, usagef("--integration names two mailboxes for %s: %s and %s", from, other, to)
		}
		table[from] = to
	}
	return table, nil
}

// isAddressOrDomain tells of "a@b" and "@b".
func isAddressOrDomain(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at >= 0 && at < len(s)-1 && !strings.ContainsAny(s, " \t,;<>")
}

// hasMail tells whether some message of the plan is an e-mail.
func hasMail(s *importer.Summary) bool {
	for _, ch := range s.Channels {
		if (ch.Channel == "email" || ch.Channel == "other") && ch.Messages > 0 { // "other" stands for what was too much to list
			return true
		}
	}
	return false
}
