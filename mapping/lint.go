package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Finding is a piece of advice about a mapping that loads: something that is likely meant otherwise.
type Finding struct {
	Pos      Pos
	Path     string // "messages.comment.internal"
	Code     string // stable: "lint.privacy"
	Text     string // what it does, and what to write instead
	Severity Severity
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s: %s (%s)", f.Pos, f.Severity, f.Path, f.Text, f.Code)
}

// Lint looks for what loads and is likely meant otherwise, in the order of files and lines. A finding of severity
// Error means that no message of that rule can be imported.
func (f *File) Lint() []Finding {
	l := linter{file: f}
	l.unused()
	l.rules()
	l.privacy()
	l.status()
	l.constants()
	l.ignored()
	l.direction()
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return l.findings
}

type linter struct {
	file     *File
	findings []Finding
}

func (l *linter) add(pos Pos, path, code string, severity Severity, format string, args ...any) {
	l.findings = append(l.findings, Finding{pos, path, "lint." + code, fmt.Sprintf(format, args...), severity})
}

// unused finds tables and inputs no rule names.
func (l *linter) unused() {
	tables, inputs := map[string]bool{}, map[string]bool{}
	l.file.eachValue(func(_ target, v *Value) {
		if v.Steps.Table != nil {
			tables[v.Steps.Table.Name] = true
		}
	})
	l.file.eachRule(func(_ section, r *Rule) {
		for _, in := range l.inputsOf(r) {
			inputs[in] = true
		}
	})
	for _, t := range l.file.Tables {
		if !tables[t.Name] {
			l.add(t.Pos, "tables."+t.Name, "table.unused", Warning, "no value uses this table; write table: %s at one, or remove it", t.Name)
		}
	}
	for _, in := range l.file.Inputs {
		if !inputs[in.Name] {
			l.add(in.Pos, "inputs."+in.Name, "input.unused", Warning, "no rule reads this input: all its records will be rejected; write input: %s in a rule, or skip them with one", in.Name)
		}
	}
}

// inputsOf are the inputs a rule reads: those it names, else the first.
func (l *linter) inputsOf(r *Rule) []string {
	if len(r.Inputs) > 0 || len(l.file.Inputs) == 0 {
		return r.Inputs
	}
	return []string{l.file.Inputs[0].Name}
}

// rules finds rules that lack what makes their facts useful.
func (l *linter) rules() {
	f := l.file
	if len(f.Messages) == 0 {
		l.add(f.Pos, "messages", "messages.missing", Error, "there is no message rule, and a ticket has at least one message; add messages: { message: { … } }")
	}
	ticketInputs := map[string]bool{}
	for i := range f.Tickets {
		r := &f.Tickets[i]
		for _, in := range l.inputsOf(r) {
			ticketInputs[in] = true
		}
		if r.Field("external_id") == nil {
			l.add(r.Pos, "tickets."+r.Name, "ticket.nameless", Warning, "without external_id each record is a ticket of its own")
		}
	}
	fallbacks := 0
	for i := range f.Messages {
		r := &f.Messages[i]
		if r.Fallback {
			fallbacks++
		}
		l.message(r, ticketInputs)
	}
	if n := len(f.Messages); n > 0 && fallbacks == n {
		l.add(f.Messages[0].Pos, "messages", "messages.fallback", Warning, "every message rule is a fallback; a fallback is used only where the ticket has no other message")
	}
}

func (l *linter) message(r *Rule, ticketInputs map[string]bool) {
	at := "messages." + r.Name
	missing := func(fields ...string) bool {
		return !slices.ContainsFunc(fields, func(name string) bool { return r.Field(name) != nil })
	}
	if missing("sent_datetime") {
		l.add(r.Pos, at, "sent.missing", Error, "without sent_datetime Gorgias would mail the message, so every one is rejected; add sent_datetime: field")
	}
	if missing("body_text", "body_html", "attachments") {
		l.add(r.Pos, at, "message.empty", Error, "nothing would be seen of these messages, so every one is rejected; add body_text or body_html")
	}
	if missing("author", "from_agent", "internal") {
		l.add(r.Pos, at, "author.missing", Warning, "nothing says who wrote these messages, so they count as the customer's; add author, from_agent or internal")
	}
	if missing("external_id") {
		l.add(r.Pos, at, "message.nameless", Warning, "without external_id messages are told apart by their content: an edited one will be a new message to sync")
	}
	for _, in := range l.inputsOf(r) {
		if missing("ticket") && !ticketInputs[in] {
			l.add(r.Pos, at, "message.ticketless", Error, "no ticket rule reads input %s, so these messages belong to no ticket; add ticket: the field with the ticket's id", in)
		}
	}
}

// privacy finds notes that would become public messages where a field is absent.
func (l *linter) privacy() {
	l.file.eachValue(func(t target, v *Value) {
		if t.name != "internal" || v.Form != FormIs || len(v.Is.Any) != 1 || len(v.Is.Any[0]) != 1 {
			return
		}
		test := v.Is.Any[0][0]
		if test.Test.Op != TestEquals || len(test.Test.Values) != 1 || v.Steps.Default != nil {
			return
		}
		opposite := map[string]string{"true": "false", "false": "true"}[truthWord(test.Test.Values[0].Text)]
		if opposite == "" {
			return
		}
		l.add(test.Pos, t.path, "privacy", Warning, "a record without %s becomes a public message; so that absence means internal write { is: { %s: { not: %s } } }",
			quoted(test.Field), word(test.Field), opposite)
	})
}

// goneWords are states of tickets hardly anyone wants to see again.
var goneWords = []string{"deleted", "trash", "trashed", "spam", "junk", "merged"}

// status finds tickets that are gone in the source, or whose status has no target, and yet are imported.
func (l *linter) status() {
	l.file.eachValue(func(t target, v *Value) {
		table := l.table(v.Steps.Table)
		if table == nil || t.name != "status" || !strings.HasPrefix(t.path, "tickets.") {
			return
		}
		rule := l.file.Tickets[slices.IndexFunc(l.file.Tickets, func(r Rule) bool { return strings.HasPrefix(t.path, "tickets."+r.Name+".") })]
		for _, e := range table.Entries {
			gone := slices.Contains(goneWords, strings.ToLower(e.From))
			if !gone && e.To.Kind != ConstAbsent || e.From == "" || e.From == "*" || skips(&rule, e.From) {
				continue
			}
			if strings.EqualFold(e.From, "spam") && rule.Field("spam") != nil {
				continue // it arrives marked as such
			}
			what := "are imported"
			if e.To.Kind == ConstAbsent {
				what = "get no status, which Gorgias takes for open"
			}
			from := "status"
			if v.Form == FormPath {
				from = v.Text
			}
			l.add(e.Pos, t.path, "status.gone", Warning, "tickets whose status is %s %s; to leave them out write skip: { %s: { %s: %s } }",
				quoted(e.From), what, word(e.From), word(from), word(e.From))
		}
	})
}

// table follows a named table to its entries.
func (l *linter) table(t *Table) *Table {
	if t == nil || t.Name == "" {
		return t
	}
	i := slices.IndexFunc(l.file.Tables, func(o Table) bool { return o.Name == t.Name })
	if i < 0 {
		return nil
	}
	return &l.file.Tables[i]
}

// skips tells whether one of the rule's skip conditions names the value.
func skips(r *Rule, value string) bool {
	for _, reason := range r.Skip {
		for _, clause := range reason.When.Any {
			for _, test := range clause {
				if slices.ContainsFunc(test.Test.Values, func(c Constant) bool { return strings.EqualFold(c.Text, value) }) {
					return true
				}
			}
		}
	}
	return false
}

// constants finds times that are the same for all messages, channels only the account may know, and ways to say
// internal that leave the message public.
func (l *linter) constants() {
	check := func(t target, c Constant, only bool) {
		switch {
		case t.kind == kindSentTime && only:
			l.add(c.Pos, t.path, "sent.constant", Warning, "every message gets the same sent time, and they stand in no order; name a field")
		case t.kind == kindSentTime:
			l.add(c.Pos, t.path, "sent.constant", Warning, "messages without a sent time get a made-up one; without default they are rejected and listed")
		case t.name == "channel" && c.Text == "internal-note" && strings.HasPrefix(t.path, "messages."):
			l.add(c.Pos, t.path, "channel.internal", Warning, "a note is made by internal: true (or a condition), which sets its channel, and that it is not public")
		case isCustomChannel(t.field, c.Text):
			l.add(c.Pos, t.path, t.name+".custom", Warning, "%s is none of Gorgias's own words; fine if the account has a custom channel of that slug", quoted(c.Text))
		}
	}
	l.file.eachValue(func(t target, v *Value) {
		if v.Form == FormConst {
			check(t, v.Const, true)
		}
		if v.Steps.Default != nil {
			check(t, *v.Steps.Default, false)
		}
		if table := l.table(v.Steps.Table); table != nil && t.kind == kindEnum {
			for _, e := range table.Entries {
				check(t, e.To, true)
			}
		}
	})
}

// ignored finds fields that are ignored and used as well.
func (l *linter) ignored() {
	l.file.eachValue(func(t target, v *Value) {
		if v.Form == FormPath && slices.Contains(l.file.Ignore, v.Text) {
			l.add(v.Pos, t.path, "ignore.used", Warning, "%s is in ignore as well, which has no effect on a field that is used; remove it there", quoted(v.Text))
		}
	})
}

// direction finds mappings in which every author but the customer is unknown.
func (l *linter) direction() {
	f := l.file
	if len(f.Messages) == 0 || len(f.People.Agents) > 0 || len(f.People.From) > 0 || f.People.Unknown != "" {
		return
	}
	known := false
	f.eachValue(func(t target, _ *Value) {
		known = known || t.name == "from_agent" || t.name == "agent"
	})
	if !known {
		l.add(f.Messages[0].Pos, "people", "people.missing", Warning, "nothing says who works for the company, so messages of anyone but the customer are rejected; add people: { agents: [\"@your-domain.example\"] }")
	}
}
