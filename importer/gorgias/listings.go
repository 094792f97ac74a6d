package gorgias

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/importer"
)

// Wanted says what a run needs to know of the account beyond its users.
type Wanted struct {
	Customers iter.Seq[string] // e-mails of the customers and incoming authors; nil for none
	// Placeholders are those of the customers whose e-mail is made up, each with the external id under which the account may
	// know them; nil for none.
	Placeholders iter.Seq2[string, string]
	Teams        bool // some ticket names a team
	CustomFields bool // some ticket sets a custom field
	Integrations bool // some message is an e-mail
}

// errEnough ends a sweep from which more is not worth its requests.
var errEnough = errors.New("enough")

// LoadPeople fills c.Encoder.People: all users by one listing, teams, ticket fields and integrations only where wanted, and
// those of the wanted customers that the account knows. The others are sent by e-mail and name. Requests are repeated after
// an outage; errors are *[importer.Fault]s. What was known before is replaced, but for customers.
func (c *Client) LoadPeople(ctx context.Context, want Wanted) error {
	users, err := c.users(ctx)
	if err != nil {
		return err
	}
	var teams []named
	if want.Teams {
		if teams, err = c.teams(ctx); err != nil {
			return err
		}
	}
	var fields []fieldDefinition
	if want.CustomFields {
		if fields, err = c.ticketFields(ctx); err != nil {
			return err
		}
	}
	var mail *mailboxes
	if want.Integrations {
		if mail, err = c.integrations(ctx); err != nil {
			return err
		}
	}
	p := c.Encoder.People
	p.mu.Lock()
	p.users, p.teams, p.fields, p.mail = users, teams, fields, mail
	p.mu.Unlock()
	if want.Customers == nil {
		return nil
	}
	return c.customers(ctx, want)
}

func (c *Client) users(ctx context.Context) (map[string]int64, error) {
	users := map[string]int64{}
	k := call{op: opRead, doing: "listing the account's users", path: "users", query: url.Values{"limit": {pageSize}}}
	for u, err := range list[personAnswer](ctx, c, k, c.insist, nil) {
		if err != nil {
			return nil, stopIfGone(err)
		}
		email := strings.ToLower(string(u.Email))
		if _, twice := users[email]; email != "" && u.ID > 0 && !twice {
			users[email] = int64(u.ID)
		}
	}
	return users, nil
}

func (c *Client) teams(ctx context.Context) ([]named, error) {
	var teams []named
	k := call{op: opRead, doing: "listing the account's teams", path: "teams", query: url.Values{"limit": {pageSize}}}
	type teamAnswer struct {
		ID   number64 `json:"id"`
		Name text     `json:"name"`
	}
	for t, err := range list[teamAnswer](ctx, c, k, c.insist, nil) {
		if err != nil {
			return nil, stopIfGone(err)
		}
		if t.ID > 0 {
			teams = append(teams, named{int64(t.ID), string(t.Name)})
		}
	}
	return teams, nil
}

func (c *Client) ticketFields(ctx context.Context) ([]fieldDefinition, error) {
	var fields []fieldDefinition
	k := call{op: opRead, doing: "listing the account's ticket fields", path: "custom-fields",
		query: url.Values{"object_type": {"Ticket"}, "limit": {pageSize}}}
	type fieldAnswer struct {
		ID                  number64 `json:"id"`
		Label               text     `json:"label"`
		DeactivatedDatetime text     `json:"deactivated_datetime"`
		Definition          struct {
			DataType      text `json:"data_type"`
			InputSettings struct {
				Choices []text `json:"choices"`
			} `json:"input_settings"`
		} `json:"definition"`
	}
	for f, err := range list[fieldAnswer](ctx, c, k, c.insist, nil) {
		if err != nil {
			return nil, stopIfGone(err)
		}
		if f.ID <= 0 || f.DeactivatedDatetime != "" {
			continue
		}
		def := fieldDefinition{named: named{int64(f.ID), string(f.Label)}, dataType: strings.ToLower(string(f.Definition.DataType))}
		for _, choice := range f.Definition.InputSettings.Choices {
			def.choices = append(def.choices, string(choice))
		}
		fields = append(fields, def)
	}
	return fields, nil
}

// stopIfGone: a listing that is not there is a wrong address, not an absence.
func stopIfGone(err error) error {
	if err == nil {
		return nil
	}
	if f := importer.FaultOf(err); f.Kind == importer.Gone {
		return &importer.Fault{Kind: importer.Stop, Err: errors.New(f.Error() + "; there is no Gorgias API at this address: check the account's name")}
	}
	return err
}

// customerAnswer is a customer; further e-mail addresses are among its channels.
type customerAnswer struct {
	personAnswer `json:",inline"`
	ExternalID   text `json:"external_id"`
	Channels     []struct {
		Type    text `json:"type"`
		Address text `json:"address"`
	} `json:"channels"`
}

func (a *customerAnswer) emails(yield func(string) bool) {
	if a.Email != "" && !yield(strings.ToLower(string(a.Email))) {
		return
	}
	for _, ch := range a.Channels {
		if ch.Type == "email" && ch.Address != "" && !yield(strings.ToLower(string(ch.Address))) {
			return
		}
	}
}

// customers finds the wanted ones the account has and that are not known yet, in as few requests as can be known beforehand. The listing
// does not say how long it is, so pages of 100 are read while fewer of them were read than single look-ups would be
// left; what is then still open is looked up one by one. That is at most twice the cheaper way, and a new account
// costs one request.
func (c *Client) customers(ctx context.Context, want Wanted) (err error) {
	open := wantedCustomers{}
	defer func() {
		if err != nil {
			return
		}
		for e := range open {
			c.Encoder.People.absent(e)
		}
	}()
	for e := range want.Customers {
		e = strings.ToLower(strings.TrimSpace(e))
		if _, known := c.Encoder.People.customer(e); e != "" && !known {
			open[e] = ""
		}
	}
	if want.Placeholders != nil {
		for e, id := range want.Placeholders {
			if _, wanted := open[strings.ToLower(e)]; wanted && id != "" {
				open[strings.ToLower(e)] = id
			}
		}
	}
	byID := open.byID()
	pages := 0
	k := call{op: opRead, doing: "listing the account's customers", path: "customers", query: url.Values{"limit": {pageSize}}}
	for a, err := range list[customerAnswer](ctx, c, k, c.insist, func() error {
		if len(open) == 0 || len(open) <= max(pages, 1) {
			return errEnough
		}
		pages++
		return nil
	}) {
		if errors.Is(err, errEnough) {
			return c.lookUp(ctx, open)
		}
		if err != nil {
			return stopIfGone(err)
		}
		c.found(a, open, byID)
	}
	return nil // all pages were read: who is still open is unknown
}

// wantedCustomers are e-mails nothing is known of yet, each with an external id where the e-mail is made up.
type wantedCustomers map[string]string

func (w wantedCustomers) byID() map[string]string {
	out := map[string]string{}
	for email, id := range w {
		if id != "" {
			out[id] = email
		}
	}
	return out
}

// lookUp asks for each e-mail, as the customer's own and then as one of their channels; a made-up one can be no channel, so
// then by the external id.
func (c *Client) lookUp(ctx context.Context, open wantedCustomers) error {
	byID := open.byID()
	for _, email := range slices.Sorted(maps.Keys(open)) {
		second := url.Values{"channel_type": {"email"}, "channel_address": {email}, "limit": {pageSize}}
		if id := open[email]; id != "" {
			second = url.Values{"external_id": {id}, "limit": {pageSize}}
		}
		for _, query := range []url.Values{{"email": {email}, "limit": {pageSize}}, second} {
			if _, still := open[email]; !still {
				break
			}
			var p page[customerAnswer]
			k := call{op: opRead, doing: "looking up customer " + email, path: "customers", query: query, out: &p}
			if err := c.insist(ctx, k); err != nil {
				return stopIfGone(err)
			}
			for i := range p.Data {
				c.found(&p.Data[i], open, byID)
			}
		}
	}
	return nil
}

// found remembers a customer under those of their e-mails that are wanted, or as the one who is wanted by external id.
func (c *Client) found(a *customerAnswer, open wantedCustomers, byID map[string]string) {
	if email, wanted := byID[string(a.ExternalID)]; wanted && a.ID > 0 {
		if _, still := open[email]; still {
			c.Encoder.People.learn(email, int64(a.ID))
			delete(open, email)
		}
	}
	for email := range a.emails {
		if _, wanted := open[email]; wanted && a.ID > 0 {
			c.Encoder.People.learn(email, int64(a.ID))
			delete(open, email)
		}
	}
}
