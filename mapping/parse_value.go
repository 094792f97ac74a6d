package mapping

import (
	"slices"
	"strings"
)

// value reads a value in any of its forms; nil where it is none.
func (d *decoder) value(n *node, t target) *Value {
	if d.isNothing(n, t.path) {
		return nil
	}
	if t.kind == kindPairs {
		return d.pairs(n, t)
	}
	switch n.kind {
	case nodeWord:
		return d.bare(n, t)
	case nodeList:
		return d.first(n, t)
	}
	if len(n.entries) == 0 {
		d.add(n.pos, t.path, "this map is empty; write { from: field }")
		return nil
	}
	parts := t.kind.parts()
	for _, e := range n.entries {
		if _, ok := fieldNamed(parts, e.key); ok || e.key == "each" && parts != nil && t.kind != kindPerson {
			return d.parts(n, t, parts)
		}
	}
	return d.form(n, t)
}

// first reads alternatives.
func (d *decoder) first(n *node, t target) *Value {
	v := &Value{Pos: n.pos, Form: FormFirst, List: d.values(n, t)}
	if len(v.List) == 0 {
		return nil
	}
	return v
}

func (d *decoder) values(n *node, t target) []*Value {
	if n.kind != nodeList || len(n.list) == 0 {
		d.add(n.pos, t.path, "expected a list of values: [a, b]")
		return nil
	}
	t.top = false
	var list []*Value
	for _, item := range n.list {
		if item.kind == nodeList {
			d.add(item.pos, t.path, "a list in a list; put its values into the outer one")
			continue
		}
		if v := d.value(item, t); v != nil {
			list = append(list, v)
		}
	}
	return list
}

// bare reads a word that stands for itself: true, false and numbers are constants, all else is a field.
func (d *decoder) bare(n *node, t target) *Value {
	if n.text == "" {
		d.add(n.pos, t.path, "the word is empty; name a field, or delete the key")
		return nil
	}
	kind, remedy := classify(n)
	switch {
	case remedy != "":
		d.add(n.pos, t.path, "%s is a field or a constant? write { from: %q } or %s", n.text, n.text, remedy)
		return nil
	case kind != ConstText:
		c := Constant{n.text, kind, n.pos}
		if problem := checkConstant(t.field, c); problem != "" {
			d.add(n.pos, t.path, "%s is a constant here: %s; a field of that name: { from: %q }", n.text, problem, n.text)
			return nil
		}
		return &Value{Pos: n.pos, Form: FormConst, Const: c}
	}
	if problem := mistakenWord(t.field, n.text); problem != "" {
		d.add(n.pos, t.path, "%s", problem)
		return nil
	}
	return &Value{Pos: n.pos, Form: FormPath, Text: n.text}
}

// mistakenWord says why a bare word is hardly meant as a field's name, "" where it may be.
func mistakenWord(f field, word string) string {
	if f.kind == kindBool && truthWord(word) != "" {
		return word + " is a truth value: write " + truthWord(word) + "; a column: {from: " + word + "}"
	}
	if f.kind != kindEnum {
		return ""
	}
	for _, w := range f.enum {
		if strings.EqualFold(w, word) {
			return w + " is a " + f.name + ": write {const: " + w + "}; a column: {from: " + word + "}"
		}
	}
	return ""
}

// form reads a map with one of from, const, all, text, is and expr, and steps.
func (d *decoder) form(n *node, t target) *Value {
	v := &Value{Pos: n.pos}
	known := slices.Concat(keyNames(formKeys, stepKeys), fieldNames(t.kind.parts()))
	forms := 0
	ok := true
	before := len(d.problems.list)
	for _, e := range d.known(n, t.path, known) {
		if slices.Contains(keyNames(stepKeys), e.key) {
			d.step(v, e, t)
			continue
		}
		if forms++; forms > 1 {
			d.add(e.pos, t.path, "one form only: %s", listed(keyNames(formKeys), 9))
			return nil
		}
		ok = d.formKey(v, e, t)
	}
	if forms == 0 && len(d.problems.list) == before {
		d.add(n.pos, t.path, "where does the value come from? add one of %s", listed(keyNames(formKeys), 9))
	}
	if forms == 0 || !ok {
		return nil
	}
	d.checkSteps(v, t)
	return v
}

func (d *decoder) formKey(v *Value, e keyed, t target) bool {
	at := t.path
	switch e.key {
	case "from":
		if e.value.kind == nodeList {
			v.Form, v.List = FormFirst, d.values(e.value, t)
			return len(v.List) > 0
		}
		v.Form, v.Text = FormPath, d.word(e.value, at+".from")
		return v.Text != ""
	case "const":
		c, ok := d.constant(e.value, at+".const", false)
		if !ok {
			return false
		}
		if problem := checkConstant(t.field, c); problem != "" {
			d.add(c.Pos, at, "%s", problem)
			return false
		}
		v.Form, v.Const = FormConst, c
	case "all":
		if !t.kind.isList() {
			d.add(e.pos, at, "%s takes one value: [a, b] is the first that is not absent, {text: \"{a} {b}\"} puts fields together", t.name)
			return false
		}
		v.Form, v.List = FormAll, d.values(e.value, t)
		return len(v.List) > 0
	case "text":
		v.Form, v.Text = FormText, d.word(e.value, at+".text")
		return v.Text != "" && d.template(e.value, at+".text", v.Text)
	case "is":
		v.Form, v.Is = FormIs, d.condition(e.value, at+".is")
		return v.Is != nil
	case "expr":
		v.Form, v.Text = FormExpr, d.word(e.value, at+".expr")
		return v.Text != ""
	}
	return true
}

// template checks that a text can be cut at its fields and has one.
func (d *decoder) template(n *node, at, text string) bool {
	segments, err := parseTemplate(text)
	if err != nil {
		d.add(n.pos, at, "%v", err)
		return false
	}
	if !slices.ContainsFunc(segments, func(s segment) bool { return s.field != "" }) {
		d.add(n.pos, at, "there is no {field} in this text; a constant is {const: %q}", text)
		return false
	}
	return true
}

// parts reads a person, an address or attachments.
func (d *decoder) parts(n *node, t target, parts []field) *Value {
	v := &Value{Pos: n.pos, Form: FormFields}
	steps := partSteps(t.kind)
	names := append(fieldNames(parts), steps...)
	for _, e := range n.entries {
		below := join(t.path, e.key)
		f, isPart := fieldNamed(parts, e.key)
		switch {
		case isPart:
			if pv := d.value(e.value, target{field: f, path: below}); pv != nil {
				v.Parts = append(v.Parts, FieldValue{e.key, pv, e.pos})
			}
		case e.key == "each" && t.kind != kindPerson:
			v.Each = d.word(e.value, below)
		case slices.Contains(steps, e.key):
			d.step(v, e, t)
		case slices.Contains(keyNames(formKeys, stepKeys), e.key):
			d.add(e.pos, t.path, "%q belongs to one of the parts (%s): { %s: { from: …, … } }", e.key, listed(fieldNames(parts), 9), parts[0].name)
		default:
			d.unknownKey(e, t.path, names)
		}
	}
	d.checkSteps(v, t)
	d.requireParts(v, n, t)
	if len(v.Parts) == 0 {
		return nil
	}
	return v
}

func (d *decoder) requireParts(v *Value, n *node, t target) {
	switch {
	case t.kind == kindAddresses && n.get("address") == nil:
		d.add(n.pos, t.path, "the address is missing: { each: …, address: …, name: … }")
	case v.Steps.Split != "" && v.Each == "":
		d.add(n.pos, t.path, "split cuts what each leads to: { each: …, split: … }")
	case t.kind == kindAttachments && n.get("url") == nil && n.get("data") == nil:
		d.add(n.pos, t.path, "where is the file? add url, or data where the export carries its bytes in base64")
	}
}

// isPairItems tells items that hold a name and a value each from named entries: there are each, name and value, and
// no key beside what belongs to them.
func isPairItems(n *node) bool {
	for _, need := range []string{"each", "name", "value"} {
		if n.get(need) == nil {
			return false
		}
	}
	known := append(fieldNames(pairParts), partSteps(kindPairs)...)
	return !slices.ContainsFunc(n.entries, func(e keyed) bool { return !slices.Contains(known, e.key) })
}

// pairs reads named entries, whose names are the target's, or items that hold a name and a value each.
func (d *decoder) pairs(n *node, t target) *Value {
	example := t.name + ": { Name: field }"
	if isPairItems(n) {
		return d.parts(n, t, pairParts)
	}
	v := &Value{Pos: n.pos, Form: FormFields}
	for _, e := range d.entriesOf(n, t.path, example) {
		if strings.TrimSpace(e.key) == "" {
			d.add(e.pos, t.path, "the name is missing; write %s", example)
			continue
		}
		f := field{name: e.key, kind: kindText}
		if pv := d.value(e.value, target{field: f, path: t.path + "." + e.key}); pv != nil {
			v.Parts = append(v.Parts, FieldValue{e.key, pv, e.pos})
		}
	}
	if len(v.Parts) == 0 {
		return nil
	}
	return v
}
