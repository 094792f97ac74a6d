package suggest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
)

// table is a table of the mapping, with the values met.
type table struct {
	name    string
	means   vocabulary
	targets []Option // what a value may become
	base    []string // entries that are always right; used where no value is known
	values  []profile.Count
	fields  []string // read by it
	more    string   // where not all values are known: how many, and examples
}

// useTable has f read through the table called name and returns how a value names it.
func (pl *plan) useTable(name string, means vocabulary, targets []Option, base []string, f *profile.Field) string {
	i := slices.IndexFunc(pl.tables, func(t *table) bool { return t.name == name })
	if i < 0 {
		i = len(pl.tables)
		pl.tables = append(pl.tables, &table{name: name, means: means, targets: targets, base: base})
	}
	pl.tables[i].means = join(pl.tables[i].means, means)
	pl.tables[i].add(f)
	return word(name)
}

func (t *table) add(f *profile.Field) {
	t.fields = append(t.fields, f.Path)
	if len(f.Values) == 0 && f.Filled > 0 {
		examples := make([]string, 0, 3)
		for _, e := range f.Examples[:min(3, len(f.Examples))] {
			examples = append(examples, shown(e))
		}
		t.more = fmt.Sprintf("%s different values, such as %s: is %s the right field", counted(f.Distinct), strings.Join(examples, ", "), shown(f.Path))
	}
	for _, v := range f.Values {
		v.Value = strings.TrimSpace(v.Value)
		i := slices.IndexFunc(t.values, func(o profile.Count) bool { return strings.EqualFold(o.Value, v.Value) })
		if i >= 0 {
			t.values[i].Count += v.Count
			continue
		}
		t.values = append(t.values, v)
	}
}

func options(pairs ...string) []Option {
	out := make([]Option, 0, len(pairs))
	for _, v := range pairs {
		out = append(out, Option{v, v})
	}
	return out
}

// writeTables writes the section, with the unknown values as decisions.
func (pl *plan) writeTables(p *page) {
	if len(pl.tables) == 0 {
		return
	}
	p.line(0, "tables:", "value in the export: value in Gorgias")
	for _, t := range pl.tables {
		p.line(1, word(t.name)+":", "")
		if t.more != "" {
			p.note(2, "decide: %s?", t.more)
		}
		written := 0
		for i, v := range t.values {
			if i == maxTableValues {
				p.note(2, "decide: and %d further values", len(t.values)-i)
				break
			}
			if pl.entry(p, t, v) {
				written++
			}
		}
		if written == 0 {
			for _, b := range t.base {
				p.line(2, b, "not met; a table has at least one entry")
			}
		}
	}
}

// entry writes a value's line and tells whether it is one: a value nobody knows is a question.
func (pl *plan) entry(p *page, t *table, v profile.Count) bool {
	if v.Value == "" || v.Value == "*" {
		p.note(2, "%s: %s", shown(v.Value), many(v.Count, "record; it cannot be an entry", "records; it cannot be an entry"))
		return false
	}
	target := t.means.lookup(v.Value)
	known := target != ""
	if !known || pl.answers.one(keyTable+t.name+":"+v.Value) != "" {
		answer := pl.ask(pl.valueQuestion(t, v))
		if answer == nil {
			p.off(2, entryKey(v.Value)+": ?", fmt.Sprintf("unknown: %s; decide: %s", many(v.Count, "record", "records"), choices(t.targets)))
			return false
		}
		target = answer[0]
	}
	comment := many(v.Count, "record", "records")
	if target == asNote { // the table says who wrote it
		target, comment = byCompany, comment+"; a note: see internal"
	}
	p.line(2, entryKey(v.Value)+": "+target, comment)
	return true
}

func (pl *plan) valueQuestion(t *table, v profile.Count) Question {
	return Question{
		Key: keyTable + t.name + ":" + v.Value, Title: fmt.Sprintf("What does %s mean as %s?", shown(v.Value), t.name),
		Evidence: []string{fmt.Sprintf("%s in %s", many(v.Count, "record", "records"), strings.Join(t.fields, ", "))}, Options: t.targets,
	}
}

// entryKey writes a value as the key of a table. The three words by which a table names a file are written otherwise;
// case does not count.
func entryKey(value string) string {
	switch value {
	case "file", "key", "value":
		value = strings.ToUpper(value)
	}
	return word(value)
}

func choices(targets []Option) string {
	names := make([]string, 0, len(targets))
	for _, t := range targets {
		if t.Value == asNote {
			return "false for the customer's, true for the company's; one for notes is also named under internal"
		}
		names = append(names, t.Value)
	}
	if len(names) > 1 {
		return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
	}
	return strings.Join(names, "")
}

// statusValue reads a status.
func (pl *plan) statusTable(f *profile.Field) string {
	return pl.useTable("status", statusWords(), options("open", "closed"), []string{"open: open", "closed: closed"}, f)
}

func (pl *plan) priorityTable(f *profile.Field) string {
	return pl.useTable("priority", priorityWords(), options("low", "normal", "high", "critical"), []string{"normal: normal"}, f)
}

func (pl *plan) channelTable(f *profile.Field) string {
	means := channelWords()
	for _, v := range f.Values {
		if means.lookup(v.Value) == "" && (sidesOf(f).lookup(v.Value) == asNote) {
			means[fold(v.Value)] = internalNote
		}
	}
	return pl.useTable("channel", means, channelOptions(), []string{"email: email"}, f)
}

// internalNote is the channel of notes.
const internalNote = "internal-note"

func channelOptions() []Option {
	return options("email", "chat", "contact_form", "phone", "sms", "whatsapp", "facebook", "twitter", "api")
}

// truthTable reads a yes or no; negated where the field says the contrary of the target.
func (pl *plan) truthTable(name string, f *profile.Field, means vocabulary, base ...string) string {
	return pl.useTable(name, means, options("true", "false"), base, f)
}

// truth is truthWords for the target, turned round where the field says the contrary.
func truth(contrary bool) vocabulary {
	v := truthWords()
	if contrary {
		for k, t := range v {
			v[k] = map[string]string{"true": "false", "false": "true"}[t]
		}
	}
	return v
}

// join puts vocabularies together; the first that knows a word counts.
func join(all ...vocabulary) vocabulary {
	out := vocabulary{}
	for _, v := range slices.Backward(all) {
		for k, t := range v {
			out[k] = t
		}
	}
	return out
}
