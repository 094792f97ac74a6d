package sandbox

import (
	"strconv"
	"strings"
	"time"
)

// change gathers what one request does to the store: its own new people and tags are seen by the rest of it, and
// nothing is stored until commit. It lives under the store's lock.
type change struct {
	*store
	account  *Account
	unknowns Unknowns
	now      time.Time
	ops      []op
	people   map[int64]*Customer
	emails   map[string]int64
	newTags  map[string]bool
}

func (s *Server) change() *change {
	return &change{store: s.store, account: &s.account, unknowns: s.unknowns, now: s.now()}
}

func (c *change) add(o op) { c.ops = append(c.ops, o) }

func (c *change) commit() error { return c.store.commit(c.ops) }

func (c *change) customer(id int64) *Customer {
	if p := c.people[id]; p != nil {
		return p
	}
	return c.customers[id]
}

func (c *change) customerByEmail(email string) *Customer {
	email = strings.ToLower(email)
	if id, ok := c.emails[email]; ok {
		return c.customer(id)
	}
	if id, ok := c.byEmail[email]; ok {
		return c.customer(id)
	}
	if id, ok := c.byAddress[addressKey("email", email)]; ok {
		return c.customer(id)
	}
	return nil
}

// putPerson records a new or changed customer.
func (c *change) putPerson(p *Customer) {
	if c.people == nil {
		c.people, c.emails = map[int64]*Customer{}, map[string]int64{}
	}
	c.people[p.ID] = p
	if p.Email != "" {
		c.emails[p.Email] = p.ID
	}
	c.add(op{Customer: p})
}

func (c *change) newCustomer(email string) *Customer {
	c.next.Customer++
	p := &Customer{ID: c.next.Customer, Email: strings.ToLower(email), CreatedDatetime: c.now, UpdatedDatetime: c.now}
	if p.Email != "" {
		c.next.Channel++
		p.Channels = []Channel{{ID: c.next.Channel, Type: "email", Address: p.Email, Preferred: true}}
	}
	return p
}

// person finds the customer a sender, receiver or ticket names, creates them when only an e-mail is known, and takes
// over what is said beside the id (api/gorgias section 7: sending more than the id may update that person).
func (c *change) person(v value) (int64, problem) {
	var p *Customer
	isNew := false
	if id := v.get("id"); !id.empty() {
		if p = c.customer(id.id()); p == nil {
			return 0, map[string]problem{"id": wrong("Customer %d does not exist.", id.id())}
		}
	} else if p = c.customerByEmail(v.get("email").str()); p == nil {
		p, isNew = c.newCustomer(v.get("email").str()), true
	}
	changed := *p
	if bad := c.describe(&changed, v); bad != nil {
		return 0, bad
	}
	if isNew || !samePerson(p, &changed) {
		changed.UpdatedDatetime = c.now
		c.putPerson(&changed)
	}
	return changed.ID, nil
}

// describe takes over what v says about a customer.
func (c *change) describe(p *Customer, v value) problem {
	if e := strings.ToLower(v.get("email").str()); e != "" && e != p.Email {
		other := c.customerByEmail(e)
		if other != nil && other.ID != p.ID {
			return map[string]problem{"email": wrong("This email is used by customer %d.", other.ID)}
		}
		if other == nil {
			p.Email = e
		}
	}
	set := func(to *string, field string) {
		if t := v.get(field).str(); t != "" {
			*to = t
		}
	}
	set(&p.Name, "name")
	set(&p.Language, "language")
	set(&p.Timezone, "timezone")
	if t := v.get("external_id").str(); t != "" && t != p.ExternalID {
		if other, ok := c.byPersonID[t]; ok && other != p.ID {
			return map[string]problem{"external_id": wrong("This external_id is used by customer %d.", other)}
		}
		p.ExternalID = t
	}
	if v.get("name").empty() {
		if name := strings.TrimSpace(v.get("firstname").str() + " " + v.get("lastname").str()); name != "" {
			p.Name = name
		}
	}
	if m := v.get("meta").json(); m != nil {
		p.Meta = m
	}
	return nil
}

func samePerson(a, b *Customer) bool {
	return a.Email == b.Email && a.Name == b.Name && a.Language == b.Language && a.Timezone == b.Timezone &&
		a.ExternalID == b.ExternalID && string(a.Meta) == string(b.Meta)
}

// user finds the agent that a sender names. Agents are not created.
func (c *change) user(v value) (int64, problem) {
	if id := v.get("id"); !id.empty() {
		if u := c.account.user(id.id()); u != nil {
			return u.ID, nil
		}
		return 0, map[string]problem{"id": wrong("User %d does not exist.", id.id())}
	}
	if u := c.account.userByEmail(v.get("email").str()); u != nil {
		return u.ID, nil
	}
	return 0, map[string]problem{"email": wrong("User %s does not exist.", strconv.Quote(v.get("email").str()))}
}

// tags makes the tags a ticket names, once each, in the order they were first named.
func (c *change) tagNames(v value) []string {
	var names []string
	seen := make(map[string]bool, len(v.list))
	for _, item := range v.list {
		name := item.get("name").str()
		if seen[name] {
			continue
		}
		seen[name] = true
		names = append(names, name)
		if c.tagByName[name] == nil && !c.newTags[name] {
			if c.newTags == nil {
				c.newTags = map[string]bool{}
			}
			c.newTags[name] = true
			c.next.Tag++
			c.add(op{Tag: &Tag{ID: c.next.Tag, Name: name, CreatedDatetime: c.now}})
		}
	}
	return names
}

// customValues checks that each field is defined for tickets and its value fits.
func (c *change) customValues(v value) ([]CustomValue, problem) {
	var out []CustomValue
	found := map[string]problem{}
	for i, item := range v.list {
		id, val := item.get("id").id(), item.get("value")
		if p := c.account.customField(id).accepts(id, val); p != nil {
			found[strconv.Itoa(i)] = p
			continue
		}
		out = append(out, CustomValue{ID: id, Value: val.json()})
	}
	return out, some(found)
}

func (f *CustomField) accepts(id int64, v value) problem {
	if f == nil || (f.ObjectType != "" && f.ObjectType != "Ticket") {
		return map[string]problem{"id": wrong("Custom field %d does not exist.", id)}
	}
	ok := v.kind == '"'
	switch f.DataType {
	case "number":
		ok = v.kind == '0'
	case "boolean":
		ok = v.kind == 't' || v.kind == 'f'
	}
	for i, choice := range f.Choices {
		if choice == v.str() || v.kind != '"' && choice == string(v.json()) {
			break
		}
		if i == len(f.Choices)-1 {
			ok = false
		}
	}
	if !ok {
		return map[string]problem{"value": wrong("Not a valid value for this field.")}
	}
	return nil
}
