package mapping

import "slices"

// section is one of the three kinds of rule.
type section struct {
	path   string
	keys   []key
	fields []field
	ticket bool // its fields may say take: last
}

var (
	ticketSection  = section{path: "tickets", keys: ticketRuleKeys, fields: ticketFields, ticket: true}
	messageSection = section{path: "messages", keys: messageRuleKeys, fields: messageFields}
	personSection  = section{path: "people.from", keys: personRuleKeys, fields: personFields}
)

// target is the field a value is for.
type target struct {
	field
	path string // "messages.comment.channel"
	top  bool   // the whole value of a ticket's field, which may say take: last
}

func (d *decoder) rules(n *node, s section) []Rule {
	example := s.path + ": { name-of-the-rule: { " + s.fields[0].name + ": … } }"
	var rules []Rule
	for _, e := range d.entriesOf(n, s.path, example) {
		_, isField := fieldNamed(s.fields, e.key)
		if isField = isField || slices.Contains(keyNames(s.keys), e.key); isField && e.value.kind != nodeMap {
			d.add(e.pos, s.path, "rules have names: %q goes into one, as in %s", e.key, example)
			continue
		}
		rules = append(rules, d.rule(e, s))
	}
	return rules
}

func (d *decoder) rule(e keyed, s section) Rule {
	at := s.path + "." + e.key
	r := Rule{Name: e.key, Pos: e.pos}
	before := len(d.problems.list)
	names := append(fieldNames(s.fields), keyNames(s.keys)...)
	for _, k := range d.known(e.value, at, names) {
		below := at + "." + k.key
		if f, ok := fieldNamed(s.fields, k.key); ok {
			if v := d.value(k.value, target{f, below, s.ticket}); v != nil {
				r.Fields = append(r.Fields, FieldValue{k.key, v, k.pos})
			}
			continue
		}
		switch k.key {
		case "input":
			r.Inputs = d.ruleInputs(k.value, below)
		case "when":
			r.When = d.condition(k.value, below)
		case "skip":
			r.Skip = d.reasons(k.value, below)
		case "warn":
			r.Warn = d.reasons(k.value, below)
		case "each":
			r.Each = d.word(k.value, below)
		case "newest_first":
			r.NewestFirst = d.flag(k.value, below)
		case "fallback":
			r.Fallback = d.flag(k.value, below)
		case "like": // merged in already; one that is left could not be, which is said
		}
	}
	if len(r.Fields) == 0 && len(d.problems.list) == before && e.value.get("like") == nil {
		d.add(r.Pos, at, "the rule makes nothing; give it fields: { %s: … }", s.fields[0].name)
	}
	return r
}

// ruleInputs reads the names of a rule's inputs, each of which must be declared.
func (d *decoder) ruleInputs(n *node, at string) []string {
	names := d.words(n, at)
	for i, name := range names {
		pos := n.pos
		if n.kind == nodeList && i < len(n.list) {
			pos = n.list[i].pos
		}
		switch {
		case slices.Contains(d.inputs, name):
		case len(d.inputs) == 0:
			d.add(pos, at, "there is no section inputs: without one everything in --from is one input; remove this key, or add inputs: { %s: { files: … } }", name)
		default:
			d.add(pos, at, "there is no input %s%s", quoted(name), didYouMean(name, d.inputs))
		}
	}
	return names
}

func (d *decoder) reasons(n *node, at string) []Reason {
	var reasons []Reason
	for _, e := range d.entriesOf(n, at, "{ reason: condition }, such as { deleted: { status: deleted } }") {
		if c := d.condition(e.value, at+"."+e.key); c != nil {
			reasons = append(reasons, Reason{e.key, *c, e.pos})
		}
	}
	return reasons
}
