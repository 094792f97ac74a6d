package gorgias

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/deskferry/deskferry/mapping"
)

// customField sets a field the account has, in the field's type, and keeps the others.
func (e Encoder) customField(f mapping.CustomField, t *Ticket, losses []Loss) []Loss {
	if e.People == nil {
		v := Scalar{text: f.Value}
		if n, ok := number(f.Value); ok && f.Type == "number" {
			v = n
		} else if b, ok := boolean(f.Value); ok && f.Type == "bool" {
			v = b
		}
		t.CustomFields = append(t.CustomFields, CustomField{Label: f.Field, Value: v})
		return losses
	}
	kept := &t.Meta.Deskferry
	def, ok := e.People.field(f.Field)
	if !ok {
		kept.CustomFields = append(kept.CustomFields, Named{f.Field, f.Value})
		return append(losses, Loss{LossCustomField, "custom_fields", f.Field,
			"the account has no ticket field of just this label or id; create it, or map to another"})
	}
	v, ok := def.scalar(f)
	hint := def.takes() + "; map the value through a table"
	if i := slices.IndexFunc(t.CustomFields, func(c CustomField) bool { return c.ID == def.id }); ok && i >= 0 {
		if t.CustomFields[i].Value == v {
			return losses
		}
		ok, hint = false, "the field has a value from another entry of the mapping, which stays; map one of them"
	}
	if !ok {
		kept.CustomFields = append(kept.CustomFields, Named{f.Field, f.Value})
		return append(losses, Loss{LossCustomFieldValue, "custom_fields", f.Field + ": " + clip(f.Value), hint})
	}
	t.CustomFields = append(t.CustomFields, CustomField{ID: def.id, Value: v})
	return losses
}

// scalar gives a value the type the field holds; where the account does not say which, the source's. Of a drop-down
// it is the choice itself, as the account writes it.
func (d fieldDefinition) scalar(f mapping.CustomField) (Scalar, bool) {
	value := f.Value
	if d.dataType == "boolean" {
		b, ok := boolean(value)
		if !ok {
			return Scalar{}, false
		}
		value = b.text
	}
	if d.choices != nil {
		var ok bool
		if value, ok = d.choice(value); !ok {
			return Scalar{}, false
		}
	}
	switch d.dataType {
	case "number":
		return number(value)
	case "boolean":
		return boolean(value)
	case "":
		switch f.Type {
		case "number":
			return number(value)
		case "bool":
			return boolean(value)
		}
	}
	return Scalar{text: value}, true
}

// level stands between the levels of a nested drop-down's choice: "Delivery::Late".
const level = "::"

// choice finds the one choice a value means: exactly, else but for case and blanks around it and its levels. A number is the
// choice of the same number.
func (d fieldDefinition) choice(value string) (string, bool) {
	if slices.Contains(d.choices, value) {
		return value, true
	}
	folded := foldChoice(value)
	hit, hits := "", 0
	for _, c := range d.choices {
		if foldChoice(c) == folded || d.dataType == "number" && sameNumber(c, value) {
			hit, hits = c, hits+1
		}
	}
	return hit, hits == 1
}

func foldChoice(s string) string {
	levels := strings.Split(s, level)
	for i, l := range levels {
		levels[i] = strings.ToLower(strings.TrimSpace(l))
	}
	return strings.Join(levels, level)
}

// sameNumber tells whether two texts are one number, as 7 and 7.0 are.
func sameNumber(a, b string) bool {
	x, err := strconv.ParseFloat(strings.TrimSpace(a), 64)
	y, errY := strconv.ParseFloat(strings.TrimSpace(b), 64)
	return err == nil && errY == nil && x == y && math.Abs(x) < 1<<53
}

// takes says which values the field holds.
func (d fieldDefinition) takes() string {
	if d.choices != nil {
		return strconv.Quote(d.name) + " is a choice of " + listed(d.choices)
	}
	switch d.dataType {
	case "number":
		return strconv.Quote(d.name) + " holds a number, written as 12.5"
	case "boolean":
		return strconv.Quote(d.name) + " holds true or false (also 1 and 0, yes and no)"
	}
	return strconv.Quote(d.name) + " holds values of type " + d.dataType
}
