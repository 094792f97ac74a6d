package gorgias

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/deskferry/deskferry/importer"
)

// Update is the body of PUT /api/tickets/{id}: only what is to change. Tags replace all that the ticket has; none of them, not
// nil, takes all away (api/gorgias section 4).
type Update struct {
	Status         string    `json:"status,omitzero"`
	ClosedDatetime time.Time `json:"closed_datetime,omitzero"`
	Tags           []Tag     `json:"tags,omitzero"`
	AssigneeUser   Ref       `json:"assignee_user,omitzero"`
	AssigneeTeam   Ref       `json:"assignee_team,omitzero"`
}

// Ref names a user or a team by the target's id.
type Ref struct {
	ID int64 `json:"id"`
}

// MarshalUpdate encodes u as it is sent.
func MarshalUpdate(u *Update) ([]byte, error) {
	b, err := json.Marshal(u)
	if err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	return b, nil
}

var _ importer.Updater = (*Client)(nil)

// Sent fills in the ids of the assignee and the team, as far as the account knows them, and the marker tags.
// [Client.LoadPeople] must have been called.
func (c *Client) Sent(f importer.Fields) importer.Fields {
	e := &c.Encoder
	f.UserID, f.TeamID, f.Markers = 0, 0, e.Tags
	if e.People == nil {
		return f
	}
	if f.User != "" {
		f.UserID, _ = e.People.User(f.User)
	}
	if f.Team != "" {
		f.TeamID, _ = e.People.Team(f.Team)
	}
	return f
}

// Update makes the request that writes fields of a ticket: PUT /api/tickets/{id}. It carries no message, so there is nothing
// in it that could be sent; the account's rules may act on it, as on any change.
func (c *Client) Update(id importer.TicketID, change *importer.Change) (*importer.Request, error) {
	doing := fmt.Sprintf("updating ticket %d", id)
	f := &change.Fields
	var u Update
	if change.Status {
		u.Status = f.Status
		if f.Status == "closed" {
			u.ClosedDatetime = f.Closed
		}
	}
	if change.Tags {
		u.Tags = []Tag{}
		for _, name := range tagUnion(f.Tags, f.Markers) {
			u.Tags = append(u.Tags, Tag{name})
		}
	}
	if change.User {
		u.AssigneeUser.ID = f.UserID
	}
	if change.Team {
		u.AssigneeTeam.ID = f.TeamID
	}
	body, err := MarshalUpdate(&u)
	if err != nil {
		return nil, refused("%s: %w", doing, err)
	}
	if _, _, err := checkBody(body, c.shapes.update, c.clock.latest()); err != nil {
		return nil, refused("%s: it cannot be sent as it is: %w", doing, err)
	}
	return &importer.Request{Sum: sha256.Sum256(body), Send: func(ctx context.Context) (importer.Stored, error) {
		var answer ticketAnswer
		k := call{op: opUpdate, doing: doing, path: ticketPath(id), body: body, contentType: "application/json", out: &answer}
		if err := c.send(ctx, k); err != nil {
			return importer.Stored{}, err
		}
		return answer.stored(), nil
	}}, nil
}

// tagUnion is a with those of b that it does not have.
func tagUnion(a, b []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, list := range [...][]string{a, b} {
		for _, name := range list {
			if !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}
