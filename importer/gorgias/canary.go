package gorgias

import (
	"context"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
)

// Sighting is how the account holds a ticket that was sent to try it.
type Sighting struct {
	Differences []importer.Difference // from what was sent
	Answers     []Answer              // messages that the account has added
	Survey      bool                  // a satisfaction survey is planned for it, or was sent
}

// Answer is a message that was not sent by us.
type Answer struct {
	ID        int64
	Channel   string
	Rule      int64 // that wrote it; 0: none is named
	FromAgent bool
	Public    bool
	Subject   string
}

// Sight reads ticket id and holds it against w, as Compare does, and tells what has been added. A ticket that is gone is a
// Gone fault. [Client.LoadPeople] must have been called.
func (c *Client) Sight(ctx context.Context, id importer.TicketID, w *importer.Work) (*Sighting, error) {
	o, err := c.Compare(ctx, id, w)
	if err != nil {
		return nil, err
	}
	out := &Sighting{Differences: o.Differences}
	var held struct {
		Survey   jsontext.Value `json:"satisfaction_survey"`
		Messages []heldMessage  `json:"messages"`
	}
	if err := c.insist(ctx, call{op: opRead, doing: "reading the canary", path: ticketPath(id), out: &held}); err != nil {
		return nil, err
	}
	for _, m := range held.Messages {
		if !slices.Contains(w.MessageIDs, string(m.ExternalID)) {
			out.Answers = append(out.Answers, Answer{ID: int64(m.ID), Channel: oneLine(string(m.Channel)), Rule: int64(m.RuleID),
				FromAgent: bool(m.FromAgent), Public: bool(m.Public), Subject: oneLine(string(m.Subject))})
		}
	}
	out.Survey = planned(held.Survey)
	return out, nil
}

// planned tells whether a survey will go out or has: one without both times is never sent. Its shape is inferred.
func planned(survey jsontext.Value) bool {
	var s map[string]jsontext.Value
	if survey.Kind() != '{' || json.Unmarshal(survey, &s) != nil {
		return false
	}
	for _, name := range []string{"should_send_datetime", "sent_datetime"} {
		if v := s[name]; len(v) > 0 && v.Kind() == '"' {
			return true
		}
	}
	return false
}

// Mailboxes returns the addresses of the account's mailboxes that are in use, in order; none where the integrations were
// not listed.
func (p *People) Mailboxes() []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.mail == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(p.mail.byAddress))
}
