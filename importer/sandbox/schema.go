package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// problem is what is wrong with a value, in the API's words: a []string, or a map from a field's name (or a list's
// index) to a problem. Nil: nothing.
type problem any

// check judges a value that is present and not null.
type check func(value) problem

// rule says what a field of an object may be. Null counts as absent unless the field is required.
type rule struct {
	name     string
	required bool
	check    check
}

// object is the schema of a JSON object. A field without a rule is a problem.
type object struct {
	rules []rule
	names map[string]bool
}

func newObject(rules ...rule) object {
	o := object{rules: rules, names: make(map[string]bool, len(rules))}
	for _, r := range rules {
		o.names[r.name] = true
	}
	return o
}

// without returns the schema less some fields and with nothing required: what a partial update takes.
func (o object) without(names ...string) object {
	var rules []rule
	for _, r := range o.rules {
		keep := true
		for _, n := range names {
			keep = keep && n != r.name
		}
		if keep {
			rules = append(rules, rule{name: r.name, check: r.check})
		}
	}
	return newObject(rules...)
}

func (o object) check(v value) problem {
	if v.kind != '{' {
		return wrong("Invalid input type.")
	}
	found := map[string]problem{}
	for _, m := range v.fields {
		if !o.names[m.name] && len(found) < 100 {
			found[m.name] = wrong("Unknown field.")
		}
	}
	for _, r := range o.rules {
		f := v.get(r.name)
		switch {
		case f.absent() && r.required:
			found[r.name] = wrong("Missing data for required field.")
		case f.kind == 'n' && r.required:
			found[r.name] = wrong("Field may not be null.")
		case f.empty():
		default:
			if p := r.check(f); p != nil {
				found[r.name] = p
			}
		}
	}
	return some(found)
}

func wrong(format string, args ...any) problem { return []string{fmt.Sprintf(format, args...)} }

func some(found map[string]problem) problem {
	if len(found) == 0 {
		return nil
	}
	return found
}

func text(most int) check {
	return func(v value) problem {
		if v.kind != '"' {
			return wrong("Not a valid string.")
		}
		if most > 0 && utf8.RuneCountInString(v.text) > most {
			return wrong("Longer than maximum length %d.", most)
		}
		return nil
	}
}

func textBetween(least, most int) check {
	return func(v value) problem {
		if v.kind != '"' {
			return wrong("Not a valid string.")
		}
		if n := utf8.RuneCountInString(v.text); n < least || n > most {
			return wrong("Length must be between %d and %d.", least, most)
		}
		return nil
	}
}

func oneOf(words ...string) check {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return func(v value) problem {
		if v.kind != '"' {
			return wrong("Not a valid string.")
		}
		if !set[v.text] {
			return wrong("Must be one of: %s.", strings.Join(words, ", "))
		}
		return nil
	}
}

func boolean(v value) problem {
	if v.kind != 't' && v.kind != 'f' {
		return wrong("Not a valid boolean.")
	}
	return nil
}

func integer(v value) problem {
	if _, ok := v.integer(); !ok {
		return wrong("Not a valid integer.")
	}
	return nil
}

func datetime(v value) problem {
	if _, ok := v.datetime(); !ok {
		return wrong("Not a valid datetime.")
	}
	return nil
}

func freeObject(v value) problem {
	if v.kind != '{' {
		return wrong("Not a valid mapping type.")
	}
	return nil
}

func anything(value) problem { return nil }

// email takes what looks like an address: the API is not stricter than that.
func email(v value) problem {
	if p := text(320)(v); p != nil {
		return p
	}
	local, domain, ok := strings.Cut(v.text, "@")
	if !ok || local == "" || domain == "" || strings.ContainsAny(v.text, " \t\r\n<>,;") || strings.Contains(domain, "@") {
		return wrong("Not a valid email address.")
	}
	return nil
}

func listOf(each check) check {
	return func(v value) problem {
		if v.kind != '[' {
			return wrong("Not a valid list.")
		}
		found := map[string]problem{}
		for i, item := range v.list {
			if p := each(item); p != nil && len(found) < 100 {
				found[strconv.Itoa(i)] = p
			}
		}
		return some(found)
	}
}

func listBetween(least, most int, each check) check {
	return func(v value) problem {
		if v.kind == '[' && (len(v.list) < least || len(v.list) > most) {
			return wrong("Length must be between %d and %d.", least, most)
		}
		return listOf(each)(v)
	}
}

// either wants at least one of the fields.
func either(o object, names ...string) check {
	return func(v value) problem {
		if p := o.check(v); p != nil {
			return p
		}
		for _, n := range names {
			if f := v.get(n); !f.empty() && f.text != "" {
				return nil
			}
		}
		return wrong("Missing data for required field: one of %s.", strings.Join(names, ", "))
	}
}
