package omnidesk

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ReadSaved reads answers of the API that were saved: values one after the other, in an array, or one a line; each an item
// {"type":"item","item":{…}}, a list {"items":[…]}, or a ticket, user, customer or channel itself. Tickets are served as they were
// saved; that one is archived, "archived":true beside "item" says. Users and customers that are only named in tickets are made from what the tickets say. name is for errors, zone
// is that of the times; nil: Europe/Amsterdam.
func ReadSaved(name string, r io.Reader, zone *time.Location) (Helpdesk, error) {
	if zone == nil {
		zone = amsterdam()
	}
	in := saved{zone: zone, users: map[int64]User{}, customers: map[int64]Customer{}}
	dec := jsontext.NewDecoder(r, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		err := in.next(dec)
		switch {
		case errors.Is(err, io.EOF):
			return in.helpdesk(), nil
		case err != nil:
			return Helpdesk{}, fmt.Errorf("%s: byte %d: %w", name, dec.InputOffset(), err)
		}
	}
}

type saved struct {
	zone      *time.Location
	out       Helpdesk
	users     map[int64]User     // named in tickets
	customers map[int64]Customer // named in tickets
	archived  bool               // what is read now is, as the line around it says
}

// next reads a value; an array's values are read one by one. A clean end is io.EOF.
func (in *saved) next(dec *jsontext.Decoder) error {
	kind := dec.PeekKind()
	if kind != '[' {
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		return in.add(value)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		value, err := dec.ReadValue()
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		if err := in.add(value); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// add takes one value in, by its shape.
func (in *saved) add(raw jsontext.Value) error {
	if raw.Kind() != '{' {
		return fmt.Errorf("expected an object, got %s", clip(raw))
	}
	o, err := members(raw)
	if err != nil {
		return err
	}
	value := func(name string) jsontext.Value {
		v, _ := o.get(name).(jsontext.Value)
		return v
	}
	if item := value("item"); item.Kind() == '{' {
		in.archived = string(value("archived")) == "true"
		defer func() { in.archived = false }()
		return in.add(item)
	}
	if items := value("items"); items.Kind() == '[' {
		dec := jsontext.NewDecoder(strings.NewReader(string(items)), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		return in.next(dec)
	}
	switch {
	case value("timeline") != nil || value("title") != nil && value("status") != nil:
		return in.ticket(raw)
	case value("external_primary_id") != nil:
		return in.customer(raw)
	case value("email") != nil || value("firstname") != nil:
		return in.user(raw)
	case value("icon") != nil && value("name") != nil:
		var c struct {
			ID         looseInt
			Name, Icon looseText
		}
		err := read(raw, &c)
		in.out.Channels = append(in.out.Channels, Channel{int(c.ID), string(c.Name), string(c.Icon)})
		return err
	case value("case") != nil || value("total_count") != nil:
		return errors.New("this is an answer of the other Omnidesk (omnidesk.ru, /api/cases.json), whose API is not the one simulated here")
	case value("status") != nil && value("message") != nil:
		return fmt.Errorf("this is an error that was saved, not an answer: %s", clip(raw))
	}
	return fmt.Errorf("this is no ticket, user, customer or channel of the API v2: %s", clip(raw))
}

func clip(raw jsontext.Value) string {
	if len(raw) > 80 {
		return strings.ToValidUTF8(string(raw[:80]), "") + "…"
	}
	return string(raw)
}

func read(raw jsontext.Value, to any) error {
	return json.Unmarshal(raw, to, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), json.MatchCaseInsensitiveNames(true))
}

// ticket keeps the item as it is and reads what is needed to find and sort it.
func (in *saved) ticket(raw jsontext.Value) error {
	var t struct {
		ID         looseInt
		Title      looseText
		Status     looseText
		From       looseText
		To         looseText
		FromName   looseText `json:"from_name"`
		ExternalID looseText `json:"external_id"`
		Customer   looseInt  `json:"customer_id"`
		Agent      looseInt  `json:"assigned_user_id"`
		Brand      looseInt  `json:"brand_id"`
		BrandName  looseText `json:"brand_name"`
		Channel    looseInt  `json:"channel_id"`
		Created    looseText `json:"created_at"`
		Updated    looseText `json:"last_update"`
		Timeline   []jsontext.Value
	}
	if err := read(raw, &t); err != nil {
		return fmt.Errorf("a ticket cannot be read: %w", err)
	}
	if t.ID <= 0 {
		return fmt.Errorf("a ticket has no id: %s", clip(raw))
	}
	in.out.Tickets = append(in.out.Tickets, Ticket{ID: int64(t.ID), Title: string(t.Title), Status: string(t.Status), From: string(t.From),
		FromName: string(t.FromName), To: string(t.To), ExternalID: string(t.ExternalID), CustomerID: int64(t.Customer), UserID: int64(t.Agent),
		BrandID: int64(t.Brand), BrandName: string(t.BrandName), ChannelID: int(t.Channel), Created: in.time(t.Created), Updated: in.time(t.Updated),
		Archived: in.archived, Saved: raw.Clone()})
	if id := int64(t.Customer); id > 0 && in.customers[id].ID == 0 {
		c := Customer{ID: id, FirstName: string(t.FromName), BrandID: int64(t.Brand), BrandName: string(t.BrandName)}
		if isMail(string(t.From)) {
			c.Email = string(t.From)
		}
		in.customers[id] = c
	}
	for _, one := range t.Timeline {
		var e struct {
			User looseInt  `json:"user_id"`
			Name looseText `json:"user_name"`
		}
		if read(one, &e) == nil && e.User > 0 && e.Name != "" {
			in.users[int64(e.User)] = User{ID: int64(e.User), Name: string(e.Name)}
		}
	}
	return nil
}

func (in *saved) time(s looseText) time.Time {
	t, _ := time.ParseInLocation(time.DateTime, string(s), in.zone) // zero: null, or no time
	return t.UTC()
}

func (in *saved) user(raw jsontext.Value) error {
	var u struct {
		ID                                          looseInt
		Name, FirstName, LastName, Email, Telephone looseText
		Active                                      looseText
	}
	if err := read(raw, &u); err != nil {
		return fmt.Errorf("a user cannot be read: %w", err)
	}
	in.out.Users = append(in.out.Users, User{ID: int64(u.ID), Name: string(u.Name), FirstName: string(u.FirstName), LastName: string(u.LastName),
		Email: string(u.Email), Phone: string(u.Telephone), Inactive: u.Active == "0" || u.Active == "false"})
	return nil
}

func (in *saved) customer(raw jsontext.Value) error {
	var c struct {
		ID                                    looseInt
		FirstName, LastName, Email, Telephone looseText
		Primary                               looseText `json:"external_primary_id"`
		BrandName                             looseText `json:"brand_name"`
		Brand                                 looseInt  `json:"brand_id"`
		Language                              looseText
	}
	if err := read(raw, &c); err != nil {
		return fmt.Errorf("a customer cannot be read: %w", err)
	}
	in.out.Customers = append(in.out.Customers, Customer{ID: int64(c.ID), PrimaryID: string(c.Primary), BrandID: int64(c.Brand), BrandName: string(c.BrandName),
		FirstName: string(c.FirstName), LastName: string(c.LastName), Email: string(c.Email), Phone: string(c.Telephone), LanguageID: string(c.Language)})
	return nil
}

// helpdesk adds the people that only tickets name.
func (in *saved) helpdesk() Helpdesk {
	for _, u := range in.out.Users {
		delete(in.users, u.ID)
	}
	for _, c := range in.out.Customers {
		delete(in.customers, c.ID)
	}
	for _, u := range in.users {
		in.out.Users = append(in.out.Users, u)
	}
	for _, c := range in.customers {
		in.out.Customers = append(in.out.Customers, c)
	}
	return in.out
}

// looseText is a string; of a number or truth value its text, of anything else nothing.
type looseText string

// UnmarshalJSON never fails.
func (s *looseText) UnmarshalJSON(b []byte) error {
	*s = ""
	switch raw := jsontext.Value(b); raw.Kind() {
	case '"':
		text, _ := jsontext.AppendUnquote(nil, b)
		*s = looseText(text)
	case '0', 't', 'f':
		*s = looseText(b)
	}
	return nil
}
