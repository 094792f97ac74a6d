package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Show writes the mapping as YAML with everything it extends and its rules are like merged in. Read again it is
// the same mapping.
func (f *File) Show() string {
	var b strings.Builder
	b.WriteString("version: 1\n")
	f.About.show(&b)
	if s := sourceYAML(f.Source); len(s) > 0 {
		fmt.Fprintf(&b, "source: %s\n", flowMap(s))
	}
	if len(f.Inputs) > 0 {
		b.WriteString("inputs:\n")
		for _, in := range f.Inputs {
			fmt.Fprintf(&b, "  %s: %s\n", word(in.Name), inputYAML(in))
		}
	}
	if len(f.Tables) > 0 {
		b.WriteString("tables:\n")
		for _, t := range f.Tables {
			showTable(&b, t)
		}
	}
	f.People.show(&b)
	if s := bodiesYAML(f.Bodies); len(s) > 0 {
		fmt.Fprintf(&b, "bodies: %s\n", flowMap(s))
	}
	showRules(&b, "", "tickets", f.Tickets)
	showRules(&b, "", "messages", f.Messages)
	if len(f.Ignore) > 0 {
		fmt.Fprintf(&b, "ignore: %s\n", flowWords(f.Ignore))
	}
	return b.String()
}

func (p *PeopleBlock) show(b *strings.Builder) {
	if len(p.From) == 0 && len(p.Agents) == 0 && p.Unknown == "" && p.NoEmail == nil {
		return
	}
	b.WriteString("people:\n")
	showRules(b, "  ", "from", p.From)
	if len(p.Agents) > 0 {
		fmt.Fprintf(b, "  agents: %s\n", flowWords(p.Agents))
	}
	if p.Unknown != "" {
		fmt.Fprintf(b, "  unknown: %s\n", p.Unknown)
	}
	if p.NoEmail != nil {
		fmt.Fprintf(b, "  no_email: %s\n", word(p.NoEmail.Text))
	}
}

// showTable writes a table of any length a line an entry.
func showTable(b *strings.Builder, t Table) {
	if t.File != "" {
		fmt.Fprintf(b, "  %s: %s\n", word(t.Name), tableYAML(t))
		return
	}
	fmt.Fprintf(b, "  %s:\n", word(t.Name))
	for _, e := range t.Entries {
		fmt.Fprintf(b, "    %s: %s\n", word(e.From), constantYAML(e.To))
	}
}

func showRules(b *strings.Builder, indent, section string, rules []Rule) {
	if len(rules) == 0 {
		return
	}
	fmt.Fprintf(b, "%s%s:\n", indent, section)
	for _, r := range rules {
		fmt.Fprintf(b, "%s  %s:\n", indent, word(r.Name))
		for _, line := range ruleYAML(r) {
			fmt.Fprintf(b, "%s    %s\n", indent, line)
		}
	}
}

func ruleYAML(r Rule) []string {
	var m []string
	m = addWords(m, "input", r.Inputs)
	m = addIf(m, r.When != nil, "when", func() string { return r.When.yaml() })
	m = addIf(m, len(r.Skip) > 0, "skip", func() string { return reasonsYAML(r.Skip) })
	m = addIf(m, len(r.Warn) > 0, "warn", func() string { return reasonsYAML(r.Warn) })
	m = addWord(m, "each", r.Each)
	m = addFlag(m, "newest_first", r.NewestFirst)
	m = addFlag(m, "fallback", r.Fallback)
	for _, fv := range r.Fields {
		m = append(m, word(fv.Name)+": "+fv.Value.yaml())
	}
	return m
}

func sourceYAML(s SourceBlock) []string {
	var m []string
	m = addWord(m, "name", s.Name)
	m = addWord(m, "format", s.Format)
	m = addWord(m, "encoding", s.Encoding)
	m = addWord(m, "delimiter", s.Delimiter)
	m = addWord(m, "timezone", s.Timezone)
	m = addWords(m, "empty", s.Empty)
	return addIf(m, len(s.API) > 0, "api", func() string { return settingsYAML(s.API) })
}

func bodiesYAML(b BodiesBlock) []string {
	var m []string
	m = addWord(m, "html", b.HTML)
	m = addWord(m, "replies", b.Replies)
	return addWord(m, "trackers", b.Trackers)
}

func settingsYAML(all []Setting) string {
	var m []string
	for _, s := range all {
		m = append(m, word(s.Name)+": "+word(s.Value))
	}
	return flowMap(m)
}

func inputYAML(in Input) string {
	var m []string
	m = addWord(m, "files", in.Files)
	m = addWords(m, "path", in.Paths)
	m = addIf(m, in.When != nil, "when", func() string { return in.When.yaml() })
	m = addFlag(m, "optional", in.Optional)
	m = append(m, sourceYAML(in.Source)...)
	if len(m) == 0 {
		m = []string{"optional: false"} // an empty map is refused
	}
	return flowMap(m)
}

func reasonsYAML(reasons []Reason) string {
	var m []string
	for _, r := range reasons {
		m = append(m, word(r.Name)+": "+r.When.yaml())
	}
	return flowMap(m)
}

func tableYAML(t Table) string {
	if t.File != "" {
		return flowMap([]string{"file: " + word(t.File), "key: " + word(t.Key), "value: " + word(t.Value)})
	}
	var m []string
	for _, e := range t.Entries {
		m = append(m, word(e.From)+": "+constantYAML(e.To))
	}
	return flowMap(m)
}

// yaml writes a value in the shortest form that cannot be taken for another.
func (v *Value) yaml() string {
	steps := v.Steps.yaml()
	switch v.Form {
	case FormPath:
		if len(steps) == 0 && !readsOtherwise(v.Text) {
			return word(v.Text)
		}
		return flowMap(append([]string{"from: " + word(v.Text)}, steps...))
	case FormConst:
		if len(steps) == 0 && v.Const.Kind != ConstText {
			return v.Const.Text
		}
		return flowMap(append([]string{"const: " + constantYAML(v.Const)}, steps...))
	case FormFirst:
		if len(steps) == 0 {
			return flowValues(v.List)
		}
		return flowMap(append([]string{"from: " + flowValues(v.List)}, steps...))
	case FormAll:
		return flowMap(append([]string{"all: " + flowValues(v.List)}, steps...))
	case FormText:
		return flowMap(append([]string{"text: " + word(v.Text)}, steps...))
	case FormIs:
		return flowMap(append([]string{"is: " + v.Is.yaml()}, steps...))
	case FormExpr:
		return flowMap(append([]string{"expr: " + word(v.Text)}, steps...))
	}
	m := addWord(nil, "each", v.Each)
	for _, p := range v.Parts {
		m = append(m, word(p.Name)+": "+p.Value.yaml())
	}
	return flowMap(append(m, steps...))
}

// readsOtherwise tells whether a field's name, written bare, is refused somewhere: it is a word of an enumeration
// or a boolean.
func readsOtherwise(name string) bool {
	same := func(w string) bool { return strings.EqualFold(w, name) }
	return truthWord(name) != "" || slices.ContainsFunc(statuses, same) || slices.ContainsFunc(priorities, same) || slices.ContainsFunc(vias, same)
}

func (s *Steps) yaml() []string {
	var m []string
	m = addIf(m, s.When != nil, "when", func() string { return s.When.yaml() })
	m = addFlag(m, "lower", s.Lower)
	m = addFlag(m, "upper", s.Upper)
	m = addFlag(m, "html", s.HTML)
	m = addWords(m, "unescape", s.Unescape)
	m = addWord(m, "match", s.Match)
	m = addWord(m, "split", s.Split)
	if s.Table != nil {
		if s.Table.Name != "" {
			m = addWord(m, "table", s.Table.Name)
		} else {
			m = append(m, "table: "+tableYAML(*s.Table))
		}
	}
	m = addWords(m, "layout", s.Layouts)
	m = addWord(m, "timezone", s.Timezone)
	m = addWord(m, "future", s.Future)
	m = addIf(m, s.Default != nil, "default", func() string { return constantYAML(*s.Default) })
	m = addWord(m, "warn", s.Warn)
	return addWord(m, "take", s.Take)
}

func (c *Condition) yaml() string {
	if c.Expr != "" {
		return flowMap([]string{"expr: " + word(c.Expr)})
	}
	clauses := make([]string, len(c.Any))
	for i, clause := range c.Any {
		var m []string
		for _, t := range clause {
			m = append(m, word(t.Field)+": "+t.Test.yaml())
		}
		clauses[i] = flowMap(m)
	}
	if len(clauses) == 1 {
		return clauses[0]
	}
	return "[" + strings.Join(clauses, ", ") + "]"
}

func (t *Test) yaml() string {
	switch t.Op {
	case TestAbsent:
		return "absent"
	case TestPresent:
		return "present"
	case TestNot:
		return flowMap([]string{"not: " + t.Not.yaml()})
	case TestMatch:
		return flowMap([]string{"match: " + word(t.Text)})
	case TestSame:
		return flowMap([]string{"same_as: " + word(t.Text)})
	}
	values := make([]string, len(t.Values))
	for i, c := range t.Values {
		values[i] = constantYAML(c)
	}
	if len(values) == 1 && values[0] != "absent" && values[0] != "present" {
		return values[0]
	}
	return "[" + strings.Join(values, ", ") + "]"
}

func constantYAML(c Constant) string {
	switch c.Kind {
	case ConstAbsent:
		return "null"
	case ConstNumber, ConstBool:
		return c.Text
	}
	return word(c.Text)
}

func addIf(m []string, ok bool, key string, value func() string) []string {
	if !ok {
		return m
	}
	return append(m, key+": "+value())
}

func addWord(m []string, key, value string) []string {
	return addIf(m, value != "", key, func() string { return word(value) })
}

func addFlag(m []string, key string, set bool) []string {
	return addIf(m, set, key, func() string { return "true" })
}

func addWords(m []string, key string, words []string) []string {
	switch len(words) {
	case 0:
		return m
	case 1:
		return append(m, key+": "+word(words[0]))
	}
	return append(m, key+": "+flowWords(words))
}

func flowMap(entries []string) string {
	if len(entries) == 0 {
		return "{}"
	}
	return "{ " + strings.Join(entries, ", ") + " }"
}

func flowWords(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = word(w)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func flowValues(values []*Value) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.yaml()
		if strings.HasPrefix(out[i], "[") { // a list in a list is refused
			out[i] = flowMap([]string{"from: " + out[i]})
		}
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// plainWord is what needs no quotes anywhere in YAML, and a little less.
var plainWord = regexp.MustCompile(`^[\pL_$/][\pL\pN_$./@+-]*( [\pL\pN_$./@+-]+)*$`)

// word writes a text as one YAML word that is read back as this text: bare where that is safe, else in quotes.
func word(s string) string {
	switch strings.ToLower(s) {
	case "null", "true", "false":
		return `"` + s + `"`
	}
	if plainWord.MatchString(s) && !isNumeral(s) && len(s) < 1000 {
		return s
	}
	printable := func(r rune) bool { return r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r) }
	if strings.ContainsRune(s, '\\') && strings.IndexFunc(s, func(r rune) bool { return !printable(r) }) < 0 {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case printable(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
