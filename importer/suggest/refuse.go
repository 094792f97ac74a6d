package suggest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
)

// refusal says why nothing of the export can be imported.
func (pl *plan) refusal() error {
	holders := pl.of(profile.Messages, profile.Conversations)
	if len(holders) == 0 {
		holders = pl.of(profile.Tickets)
	}
	if len(holders) == 0 {
		what := "no tickets and no messages"
		if len(pl.parts) == 0 {
			if bad := pl.damaged(); bad != nil {
				return bad
			}
			what = "no records"
		}
		if half := pl.halfKnown(); half != "" {
			what += " (" + half + ")"
		}
		return &Refusal{fmt.Sprintf("%s: %s were found, so there is nothing to import; ask the old helpdesk for an export of conversations with their messages, and name all its files in --from", pl.names(), what)}
	}
	texts := slices.ContainsFunc(holders, func(pt *part) bool { return pt.hasText() })
	times := slices.ContainsFunc(holders, func(pt *part) bool { return pt.timeField() != nil })
	switch {
	case !texts:
		return &Refusal{fmt.Sprintf("%s: 0 texts: %s and no field that holds the text of a message; ask the old helpdesk for an export with messages (comments, conversations or threads; most give it as JSON), and name its files in --from as well",
			pl.names(), pl.found())}
	case !times:
		return &Refusal{fmt.Sprintf("%s: no field holds the time of a message: without one Gorgias would send it again; ask for an export with the time each message was sent", pl.names())}
	}
	return nil
}

// damaged says what is wrong with records of which none can be read; nil where there are none.
func (pl *plan) damaged() *Refusal {
	for i := range pl.profile.Files {
		f := &pl.profile.Files[i]
		if f.Bad == 0 || len(f.BadExamples) == 0 {
			continue
		}
		say := fmt.Sprintf("%s: none of %s can be read; %s: %s", oneLine(f.Name), many(f.Bad, "record", "records"), oneLine(f.BadExamples[0].Origin), oneLine(f.BadExamples[0].Say))
		if half := pl.halfKnown(); half != "" {
			say += " (" + half + ")"
		}
		return &Refusal{say}
	}
	return nil
}

// halfKnown names the preset that knows a part of the export, "" where none does.
func (pl *plan) halfKnown() string {
	if len(pl.profile.Fits) == 0 {
		return ""
	}
	f := pl.profile.Fits[0]
	text := "it looks like " + f.Title + ": " + f.Why
	if len(f.Missing) > 0 {
		text += "; it lacks " + strings.Join(f.Missing, ", ")
	}
	return oneLine(text)
}

// found counts what there is.
func (pl *plan) found() string {
	names := []struct {
		kind      profile.Kind
		one, more string
	}{
		{profile.Conversations, "conversation", "conversations"}, {profile.Tickets, "ticket", "tickets"}, {profile.Messages, "message", "messages"},
		{profile.People, "person", "people"}, {profile.Other, "other record", "other records"},
	}
	var parts []string
	for _, k := range names {
		var n int64
		for _, pt := range pl.of(k.kind) {
			n += pt.shape.Records
		}
		if n > 0 {
			parts = append(parts, many(n, k.one, k.more))
		}
	}
	return strings.Join(parts, ", ")
}

func (pl *plan) names() string {
	var names []string
	for i := range pl.profile.Files {
		if i == 3 {
			names = append(names, fmt.Sprintf("and %d more", len(pl.profile.Files)-i))
			break
		}
		names = append(names, oneLine(pl.profile.Files[i].Name))
	}
	return strings.Join(names, ", ")
}
