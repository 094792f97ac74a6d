package mapping

// cfield is one compiled field of a rule.
type cfield struct {
	name   string // as in a problem: "customer.email"
	target *field
	eval   evalFunc
	branch *branch // of people, addresses, attachments and pairs
	future bool    // of sent_datetime: a time to come is skipped
}

// branch is the compiled value of a field that is made of parts, or of alternatives of such values.
type branch struct {
	kind  fieldKind
	name  string // of the field, in a problem
	when  cond
	warn  *label
	first bool      // the first kid that yields anything; else all of them
	kids  []*branch // alternatives or members of all
	eval  evalFunc  // a plain value
	each  *ref      // of parts
	split string    // cuts the text each leads to
	parts []cfield
}

// part returns the part of that name, nil where there is none.
func (b *branch) part(name string) *cfield {
	for i := range b.parts {
		if b.parts[i].target != nil && b.parts[i].target.name == name {
			return &b.parts[i]
		}
	}
	return nil
}

// members tells whether each leads to the members of an object: what one holds stays together under its name.
func (b *branch) members() bool {
	if b.kind != kindPairs || len(b.each.path) == 0 {
		return false
	}
	return b.each.path[len(b.each.path)-1].kind == stepAll
}

// branch compiles v for a target of that kind; name is what its problems call it.
func (c *compiler) branch(v *Value, wants want, name string) *branch {
	b := &branch{kind: wants.kind, name: name}
	if !hasFields(v) {
		b.eval = c.value(v, want{kind: kindText, label: wants.label})
		return b
	}
	if v.Steps.Warn != "" {
		b.warn = c.label(v.Steps.Warn, v.Pos, wants.label)
	}
	if v.Steps.When != nil {
		b.when = c.condition(v.Steps.When, wants.label)
	}
	if v.Form != FormFields {
		b.first = v.Form == FormFirst
		c.perhaps++
		for _, kid := range v.List {
			b.kids = append(b.kids, c.branch(kid, wants, name))
		}
		c.perhaps--
		if d := v.Steps.Default; d != nil && d.Kind != ConstAbsent {
			b.kids = append(b.kids, c.branch(&Value{Pos: d.Pos, Form: FormConst, Const: *d}, wants, name))
		}
		return b
	}
	outer := *c.scope
	if v.Each != "" {
		b.each = c.ref(v.Each, v.Pos, wants.label+".each")
		b.split = v.Steps.Split
		b.each.descent = b.split == "" // a text that is split is read here
		if b.each.pathErr != nil {
			c.p.add(v.Pos, wants.label+".each", "%v", b.each.pathErr)
		}
		prefix := c.scope.prefix
		if b.each.scope == scopeRecord {
			prefix = nil
		}
		c.scope.prefix, c.scope.inEach = joined(prefix, b.each.path), true
		if !b.members() {
			c.scope.prefix = append(c.scope.prefix, step{kind: stepAll})
		}
	}
	b.parts = c.parts(v.Parts, v.parts(wants.kind), wants.label, name+".")
	c.scope.prefix, c.scope.inEach = outer.prefix, outer.inEach
	return b
}

// hasFields tells whether v, or an alternative of it, is made of parts.
func hasFields(v *Value) bool {
	if v == nil || v.Form == FormFields {
		return v != nil
	}
	for _, kid := range v.List {
		if (v.Form == FormFirst || v.Form == FormAll) && hasFields(kid) {
			return true
		}
	}
	return false
}

// parts compiles named parts; a nil table takes any name.
func (c *compiler) parts(list []FieldValue, among []field, where, prefix string) []cfield {
	var out []cfield
	for i := range list {
		fv := &list[i]
		if fv.Value == nil {
			continue
		}
		f := cfield{name: prefix + fv.Name}
		wants := want{kind: kindText, label: where + "." + fv.Name}
		if among != nil {
			if f.target = c.target(where, fv, among); f.target == nil {
				continue
			}
			wants.kind, wants.field = f.target.kind, f.target
		} else {
			f.target = &field{name: fv.Name, kind: kindText}
		}
		f.eval = c.value(fv.Value, wants)
		out = append(out, f)
	}
	return out
}
