package mapping

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

var slug = regexp.MustCompile(`^[a-z0-9]+([_-][a-z0-9]+)*$`)

// classify tells what a word is. Only true, false and numbers as JSON writes them are not text; for what other
// readers of YAML take for a boolean or a number, such as True or 010, remedy says how to write the constant.
func classify(n *node) (kind ConstantKind, remedy string) {
	switch {
	case n.quoted:
		return ConstText, ""
	case n.text == "true" || n.text == "false":
		return ConstBool, ""
	case jsonNumber.MatchString(n.text):
		return ConstNumber, ""
	case strings.EqualFold(n.text, "true") || strings.EqualFold(n.text, "false"):
		return ConstText, strings.ToLower(n.text)
	case isNumeral(n.text):
		return ConstText, "{ const: " + strconv.Quote(n.text) + " }"
	}
	return ConstText, ""
}

// isNumeral tells whether YAML readers may take the word for a number.
func isNumeral(s string) bool {
	if strings.ContainsAny(s, "0123456789") {
		return token.ToNumber(s) != nil
	}
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case ".inf", ".nan":
		return true
	}
	return false
}

// truthWord is what a word says as a boolean: "true", "false", or "" where it says nothing.
func truthWord(s string) string {
	switch strings.ToLower(s) {
	case "true", "yes", "y", "t", "on", "1":
		return "true"
	case "false", "no", "n", "f", "off", "0":
		return "false"
	}
	return ""
}

// checkConstant says why c cannot be in the field, "" where it can.
func checkConstant(f field, c Constant) string {
	if c.Kind == ConstAbsent {
		return ""
	}
	switch f.kind {
	case kindID:
		if f.name == "external_id" || f.name == "ticket" {
			return "an id that is the same for all records would make one of all; name a field"
		}
	case kindEnum:
		return checkEnum(f, c.Text)
	case kindBool:
		if truthWord(c.Text) == "" || strings.EqualFold(c.Text, "on") || strings.EqualFold(c.Text, "off") {
			return quoted(c.Text) + " is neither true nor false"
		}
	case kindNumber:
		if n, err := strconv.ParseInt(c.Text, 10, 64); err != nil || n < 0 {
			return quoted(c.Text) + " is not a whole number"
		}
	case kindPerson:
		if c.Kind == ConstBool {
			return c.Text + " is not a person; write an e-mail address or an id"
		}
	case kindAddresses:
		if !strings.Contains(c.Text, "@") && !strings.ContainsAny(c.Text, "0123456789") {
			return quoted(c.Text) + " is neither an address nor an id"
		}
	}
	if n := utf8.RuneCountInString(c.Text); f.max > 0 && n > f.max {
		return f.name + " has at most " + strconv.Itoa(f.max) + " characters; this has " + strconv.Itoa(n)
	}
	return ""
}

func checkEnum(f field, text string) string {
	if slices.Contains(f.enum, text) {
		return ""
	}
	if near := Nearest(text, f.enum); near != "" {
		return quoted(text) + " is not a " + f.name + "; did you mean " + quoted(near) + "?"
	}
	if isCustomChannel(f, text) {
		return ""
	}
	return quoted(text) + " is not a " + f.name + "; known: " + listed(f.enum, 30)
}

// isCustomChannel tells whether a word the tables do not know may be the slug of a channel of the account's own
// (api/gorgias section 3); lint asks for a look.
func isCustomChannel(f field, text string) bool {
	return (f.name == "channel" || f.name == "via") && !slices.Contains(f.enum, text) && slug.MatchString(text)
}

// constantLayouts are the forms a time may have as a constant without a layout of its own.
var constantLayouts = []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly}

// checkTime says why a constant is no time, "" where it is one. Values with a layout are left to the compiler.
func checkTime(c Constant, sent, hasZone bool) string {
	for i, layout := range constantLayouts {
		t, err := time.Parse(layout, c.Text)
		switch {
		case err != nil:
			continue
		case sent && t.Unix() < 0:
			return "a sent time before 1970"
		case i > 1 && !hasZone:
			return "which zone? add one to the time, as in 2021-04-03T10:00:00Z, or a timezone to the value or to source"
		}
		return ""
	}
	return quoted(c.Text) + " is not a time; write 2021-04-03T10:00:00Z"
}

// check looks at what only the whole file can tell: names that must exist, and what tables give to their fields.
func (d *decoder) check(f *File) {
	f.eachValue(func(t target, v *Value) {
		d.checkTable(f, t, v)
		if t.kind == kindTime || t.kind == kindSentTime {
			d.checkTimes(f, t, v)
		}
	})
}

// checkTable finds the table of a value and holds its entries against the target.
func (d *decoder) checkTable(f *File, t target, v *Value) {
	table := v.Steps.Table
	if table == nil {
		return
	}
	if table.Name != "" {
		i := slices.IndexFunc(f.Tables, func(x Table) bool { return x.Name == table.Name })
		if i < 0 {
			names := make([]string, len(f.Tables))
			for i := range f.Tables {
				names[i] = f.Tables[i].Name
			}
			remedy := didYouMean(table.Name, names)
			if remedy == "" {
				remedy = "; add tables: { " + table.Name + ": { … } }"
			}
			d.add(table.Pos, t.path, "there is no table %s%s", quoted(table.Name), remedy)
			return
		}
		table = &f.Tables[i]
	}
	for _, e := range table.Entries {
		if t.kind == kindTime || t.kind == kindSentTime {
			continue // its text is read with the value's layout
		}
		if problem := checkConstant(t.field, e.To); problem != "" {
			d.add(e.To.Pos, t.path, "entry %s: %s", quoted(e.From), problem)
		}
	}
}

func (d *decoder) checkTimes(f *File, t target, v *Value) {
	if v.Steps.Layouts != nil {
		return
	}
	zone := v.Steps.Timezone != "" || f.Source.Timezone != ""
	sent := t.kind == kindSentTime
	if v.Form == FormConst {
		if problem := checkTime(v.Const, sent, zone); problem != "" {
			d.add(v.Const.Pos, t.path, "%s", problem)
		}
	}
	if c := v.Steps.Default; c != nil {
		if problem := checkTime(*c, sent, zone); problem != "" {
			d.add(c.Pos, t.path, "%s", problem)
		}
	}
}

// eachRule calls fn for every rule, in the order people, tickets, messages.
func (f *File) eachRule(fn func(s section, r *Rule)) {
	for i := range f.People.From {
		fn(personSection, &f.People.From[i])
	}
	for i := range f.Tickets {
		fn(ticketSection, &f.Tickets[i])
	}
	for i := range f.Messages {
		fn(messageSection, &f.Messages[i])
	}
}

// eachValue calls fn for every value with its target: a rule's fields, their alternatives and their parts,
// outer ones first.
func (f *File) eachValue(fn func(t target, v *Value)) {
	f.eachRule(func(s section, r *Rule) {
		for _, fv := range r.Fields {
			if fd, ok := fieldNamed(s.fields, fv.Name); ok {
				walkValue(target{fd, s.path + "." + r.Name + "." + fv.Name, s.ticket}, fv.Value, fn)
			}
		}
	})
}

func walkValue(t target, v *Value, fn func(t target, v *Value)) {
	fn(t, v)
	t.top = false
	for _, item := range v.List {
		walkValue(t, item, fn)
	}
	for _, p := range v.Parts {
		fd, ok := fieldNamed(v.parts(t.kind), p.Name)
		if !ok {
			fd = field{name: p.Name, kind: kindText} // of custom_fields, meta and headers
		}
		walkValue(target{field: fd, path: t.path + "." + p.Name}, p.Value, fn)
	}
}
