package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
)

// watch reads the canary back: at once, and twice more until the wait is over. One that has been there for longer is read
// once.
func (k *canary) watch(ctx context.Context, id importer.TicketID, w *importer.Work) error {
	left := k.wait - time.Since(w.Ticket.CreatedDatetime.Add(canaryAge))
	reads := 3
	if left <= 0 {
		reads = 1
	} else {
		k.std.say("it is read back until %s have passed", k.wait)
	}
	for i := range reads {
		if i > 0 {
			if err := sleep(ctx, left/time.Duration(reads-1)); err != nil {
				return err
			}
		}
		seen, err := k.client.Sight(ctx, id, w)
		if err != nil {
			return fmt.Errorf("reading the canary back: %w; nothing of the export was sent", err)
		}
		bad, odd := judgeCanary(seen, w)
		if len(bad) > 0 {
			return k.failed(id, bad)
		}
		if i == reads-1 && len(odd) > 0 {
			k.std.say("not as it was sent, but no reason to stop: %s", strings.Join(odd, "; "))
		}
	}
	k.std.say("the canary was stored as already sent, and nothing has answered it; see that %s got no mail, too", k.address)
	k.std.say("it is closed and tagged %s; delete it in Gorgias (open ticket %d, menu, delete) when you like", canaryTag, id)
	return nil
}

// failed says what happened and what to switch off, at most 80 columns wide.
func (k *canary) failed(id importer.TicketID, bad []string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "the canary failed; nothing of the export was sent\n")
	for _, text := range bad {
		wrap(&b, "   - ", "     ", text)
	}
	wrap(&b, "", "", fmt.Sprintf("Look whether %s got mail, and switch off what did this: rules, auto-replies, surveys (deskferry doctor and docs/safety.md say which). "+
		"Then delete ticket %d in Gorgias and run the same command again: a new canary is sent.", k.address, id))
	return errors.New(strings.TrimRight(b.String(), "\n"))
}

// say prints a line for people, at most 80 columns wide.
func (s streams) say(format string, args ...any) {
	var b strings.Builder
	wrap(&b, "deskferry: ", "   ", fmt.Sprintf(format, args...))
	fmt.Fprint(s.err, b.String())
}

// judgeCanary says what forbids an import, and what is merely otherwise than it was sent.
func judgeCanary(seen *gorgias.Sighting, w *importer.Work) (bad, odd []string) {
	for _, d := range seen.Differences {
		text := fmt.Sprintf("%s%s: sent %q, found %q", nameOf(d.Message, w), d.Field, d.Want, d.Got)
		switch {
		case d.Code == importer.DiffRule: // among the answers
		case d.Code == importer.DiffSent:
			bad = append(bad, nameOf(d.Message, w)+"was sent by the account: its time is "+d.Got+" instead of "+d.Want)
		case d.Code == importer.DiffTime && d.Field == "sent_datetime":
			bad = append(bad, text+" (empty: it waits to be sent)")
		case d.Code == importer.DiffPublic:
			bad = append(bad, nameOf(d.Message, w)+"is as visible to customers as "+visible(d.Got)+", not as "+visible(d.Want))
		case d.Code == importer.DiffMissing, d.Code == importer.DiffRepeated, d.Code == importer.DiffDirection, d.Code == importer.DiffOrder:
			bad = append(bad, text)
		default:
			odd = append(odd, text)
		}
	}
	for _, a := range seen.Answers {
		who := "something in the account"
		if a.Rule != 0 {
			who = fmt.Sprintf("rule %d of the account", a.Rule)
		}
		text := fmt.Sprintf("%s has added message %d, channel %s, %q", who, a.ID, a.Channel, a.Subject)
		if a.FromAgent && a.Public {
			bad = append(bad, text+": an imported customer would have been answered")
		} else {
			odd = append(odd, text)
		}
	}
	if seen.Survey {
		bad = append(bad, "a satisfaction survey is planned for it: an imported customer would get one")
	}
	return bad, odd
}

func visible(public string) string {
	if public == "true" {
		return "a public message"
	}
	return "an internal note"
}

// nameOf says which of the canary's messages is meant, "" for the ticket.
func nameOf(message string, w *importer.Work) string {
	names := []string{"the customer's message ", "the agent's message ", "the internal note "}
	if i := slices.Index(w.MessageIDs, message); i >= 0 && i < len(names) {
		return names[i]
	}
	return ""
}
