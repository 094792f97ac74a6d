package mapping

import "slices"

// rule is a compiled [Rule].
type rule struct {
	name        string // "messages.comment"
	when        cond
	skip, warn  []reason
	each        *ref // nil: the record itself
	newestFirst bool
	fallback    bool
	id          *cfield // external_id; nil where the rule has none
	version     *cfield
	ticket      *cfield // of messages
	ticketSet   []func(*Mapper, *TicketFact)
	messageSet  []func(*Mapper, *MessageFact)
	person      *branch   // of people
	hashed      [4][]*ref // time, author and, from bodyRefs on, the bodies: what names a message without external_id
	last        TicketFields
	scope       *scope
}

// bodyRefs is where the fields of the bodies begin in rule.hashed.
const bodyRefs = 2

type reason struct {
	name  string
	field string // "skip.deleted"
	when  cond
	label *label // of a warn: what it says
}

// rule compiles what every kind of rule has, and opens its scope.
func (c *compiler) rule(kind string, a *Rule) (*rule, []*input) {
	out := &rule{name: kind + "." + a.Name, newestFirst: a.NewestFirst, fallback: a.Fallback, scope: &scope{}}
	c.scope, out.scope.rule = out.scope, out.name
	inputs := c.inputsOf(a, out.name)
	for _, in := range inputs {
		in.scopes = append(in.scopes, out.scope)
	}
	if a.Each != "" {
		out.each = c.ref(a.Each, a.Pos, out.name+".each")
		out.each.isItems, out.each.descent = true, true
		if out.each.pathErr != nil {
			c.p.add(a.Pos, out.name+".each", "%v", out.each.pathErr)
		}
		out.scope.prefix = append(slices.Clip(out.each.path), step{kind: stepAll})
	}
	if a.When != nil {
		out.when = c.condition(a.When, out.name+".when")
	}
	reasons := func(what string, list []Reason) []reason {
		var rs []reason
		for i := range list {
			field := what + "." + list[i].Name
			r := reason{name: list[i].Name, field: field, when: c.condition(&list[i].When, out.name+"."+field)}
			if what == "warn" {
				r.label = c.label(list[i].Name, list[i].Pos, out.name+"."+field)
			}
			rs = append(rs, r)
		}
		return rs
	}
	out.skip, out.warn = reasons("skip", a.Skip), reasons("warn", a.Warn)
	return out, inputs
}

// target finds the target of a rule's field in one of the tables of fields.
func (c *compiler) target(where string, fv *FieldValue, among []field) *field {
	i := slices.IndexFunc(among, func(f field) bool { return f.name == fv.Name })
	if i >= 0 {
		return &among[i]
	}
	names := make([]string, 0, len(among))
	for _, f := range among {
		names = append(names, f.name)
	}
	c.p.add(fv.Pos, where, "there is no field %s%s", quoted(fv.Name), didYouMean(fv.Name, names))
	return nil
}

func (c *compiler) peopleRule(a *Rule) {
	r, inputs := c.rule("people", a)
	r.person = &branch{kind: kindPerson, parts: c.parts(a.Fields, personFields, r.name, "")}
	if r.person.part("id") == nil && r.person.part("email") == nil {
		c.p.add(a.Pos, r.name, "a people rule needs id or email")
	}
	for _, in := range inputs {
		in.people = append(in.people, r)
	}
}

func (c *compiler) ticketRule(a *Rule) {
	r, inputs := c.rule("tickets", a)
	if a.Each != "" {
		c.p.add(a.Pos, r.name, "a ticket rule has no each: messages and people have")
	}
	for i := range a.Fields {
		fv := &a.Fields[i]
		t := c.target(r.name, fv, ticketFields)
		if t == nil || fv.Value == nil {
			continue
		}
		if fv.Value.Steps.Take == "last" {
			r.last |= 1 << fieldIndex(ticketFields, t)
		}
		f := c.cfield(r, fv, t)
		switch t.name {
		case "external_id":
			r.id = f
		case "version":
			r.version = f
		default:
			set := ticketSetter(t.name, f)
			if set == nil {
				c.p.add(fv.Pos, r.name, "%s cannot be set", t.name)
				continue
			}
			r.ticketSet = append(r.ticketSet, set)
		}
	}
	for _, in := range inputs {
		in.tickets = append(in.tickets, r)
	}
}

func fieldIndex(among []field, f *field) int {
	return slices.IndexFunc(among, func(o field) bool { return o.name == f.name })
}

func (c *compiler) messageRule(a *Rule) {
	r, inputs := c.rule("messages", a)
	c.m.messageRules = append(c.m.messageRules, r)
	spans := map[string][]*ref{}
	for i := range a.Fields {
		fv := &a.Fields[i]
		t := c.target(r.name, fv, messageFields)
		if t == nil || fv.Value == nil {
			continue
		}
		from := len(r.scope.refs)
		f := c.cfield(r, fv, t)
		spans[t.name] = r.scope.refs[from:len(r.scope.refs):len(r.scope.refs)]
		switch t.name {
		case "external_id":
			r.id = f
		case "version":
			r.version = f
		case "ticket":
			r.ticket = f
		default:
			set := messageSetter(t.name, f)
			if set == nil {
				c.p.add(fv.Pos, r.name, "%s cannot be set", t.name)
				continue
			}
			if t.name == "sent_datetime" { // first: a scheduled message is not looked at further
				r.messageSet = slices.Insert(r.messageSet, 0, set)
				continue
			}
			r.messageSet = append(r.messageSet, set)
		}
	}
	r.hashed = [...][]*ref{spans["sent_datetime"], spans["author"], spans["body_html"], spans["body_text"]}
	if a.Field("sent_datetime") == nil {
		c.p.add(a.Pos, r.name, "there is no sent_datetime: without it Gorgias would mail the message to the customer")
	}
	for _, in := range inputs {
		c.placeMessageRule(a, r, in)
	}
}

// placeMessageRule puts r among the rules of an input that take the same items.
func (c *compiler) placeMessageRule(a *Rule, r *rule, in *input) {
	if r.ticket == nil && len(in.tickets) == 0 {
		where := "the input"
		if in.name != "" {
			where = "input " + in.name
		}
		c.p.add(a.Pos, r.name, "no ticket rule reads %s: write ticket: with the field that holds the ticket's external_id", where)
	}
	if r.fallback {
		in.fallback = append(in.fallback, r)
		return
	}
	key := ""
	if r.each != nil {
		key = r.each.text
	}
	for i := range in.messages {
		g := &in.messages[i]
		if (g.each == nil) == (r.each == nil) && (g.each == nil || g.each.text == key) {
			g.rules = append(g.rules, r)
			return
		}
	}
	in.messages = append(in.messages, ruleGroup{each: r.each, rules: []*rule{r}})
}

// cfield compiles one field of a rule.
func (c *compiler) cfield(r *rule, fv *FieldValue, t *field) *cfield {
	f := &cfield{name: fv.Name, target: t}
	wants := want{kind: t.kind, field: t, label: r.name + "." + fv.Name}
	switch t.kind {
	case kindPerson, kindAddresses, kindAttachments, kindPairs:
		f.branch = c.branch(fv.Value, wants, fv.Name)
	case kindList:
		f.eval = c.value(fv.Value, want{kind: kindText, field: t, label: wants.label})
	default:
		f.eval = c.value(fv.Value, wants)
		f.future = skipsFuture(fv.Value)
	}
	return f
}

// skipsFuture tells whether v, or an alternative of it, says future: skip.
func skipsFuture(v *Value) bool {
	return v != nil && (v.Steps.Future == "skip" || slices.ContainsFunc(v.List, skipsFuture))
}
