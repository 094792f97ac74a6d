package suggest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
)

// whole writes a mapping of its own.
func (pl *plan) whole(out *page) {
	var inputs, people, tickets, messages page
	pl.inputs(&inputs)
	pl.tickets(&tickets)
	pl.messages(&messages)
	pl.peopleSection(&people)
	pl.greet(out, "")
	out.line(0, "version: 1", "")
	pl.source(out, "source")
	out.add(&inputs)
	pl.writeTables(out)
	out.add(&people)
	out.add(&tickets)
	out.add(&messages)
	pl.unplaced(out)
}

// greet says what was read, and how to go on.
func (pl *plan) greet(p *page, preset string) {
	p.note(0, "Suggested from %s.", pl.names())
	p.note(0, "Found: %s.", pl.found())
	if preset != "" {
		p.note(0, "%s", preset)
	}
	p.note(0, `Each line says what it was taken from. What the data does not say is marked "decide:". Go on with deskferry check --mapping THIS FILE --from THE EXPORT, and docs/mapping.md.`)
	for _, pt := range pl.parts {
		for _, s := range pt.shape.Signs {
			switch s.Code {
			case profile.SignRoundCount, profile.SignListFull, profile.SignTotal, profile.SignTruncated, profile.SignNoHeader:
				p.note(0, "Look at %s: %s", oneLine(pt.file.Name), s.Say)
			}
		}
	}
}

func (p *page) add(o *page) {
	p.b.WriteString(o.b.String())
	p.lines += o.lines
	p.keys += o.keys
}

// inputs writes the kinds of records, where there is more than one.
func (pl *plan) inputs(p *page) {
	if len(pl.parts) == 0 || pl.parts[0].alone && pl.parts[0].shape.Place == "" {
		return
	}
	p.line(0, "inputs:", "")
	several := slices.ContainsFunc(pl.parts, func(pt *part) bool { return pt.file.Glob != pl.parts[0].file.Glob })
	for _, pt := range pl.parts {
		files, place := "", ""
		if several {
			files = "files: " + word(pt.file.Glob)
		}
		if pt.shape.Place != "" {
			place = "path: " + word(pt.shape.Place)
		}
		p.line(1, word(pt.name)+": "+flow(files, place), many(pt.shape.Records, "record", "records")+", "+string(pt.kind()))
	}
}

// named tells whether rules have to name their input.
func (pl *plan) named() bool {
	return len(pl.parts) > 0 && !(pl.parts[0].alone && pl.parts[0].shape.Place == "")
}

func (pl *plan) start(p *page, pt *part, rule string) {
	p.line(1, word(rule)+":", "")
	if pl.named() {
		p.line(2, "input: "+word(pt.name), "")
	}
}

// ticketParts are the records tickets are made from: messages themselves where there is nothing else.
func (pl *plan) ticketParts() []*part {
	parts := pl.of(profile.Conversations, profile.Tickets)
	for _, pt := range pl.of(profile.Messages) {
		if len(parts) == 0 || pt.get(profile.TicketID) == nil {
			parts = append(parts, pt)
		}
	}
	if len(pl.of(profile.Conversations, profile.Tickets)) == 0 {
		return pl.of(profile.Messages)
	}
	return parts
}

func (pl *plan) tickets(p *page) {
	p.line(0, "tickets:", "")
	for _, pt := range pl.ticketParts() {
		name := "ticket"
		if len(pl.ticketParts()) > 1 {
			name = pt.name
		}
		pl.ticket(p, pt, name)
	}
}

// ticket writes the rule that makes tickets of pt's records.
func (pl *plan) ticket(p *page, pt *part, name string) {
	pl.start(p, pt, name)
	rows := pt.kind() == profile.Messages // the same ticket comes again
	last := ""
	if rows {
		last = "take: last"
	}
	before := p.keys
	pl.ticketID(p, pt)
	if f := pt.get(profile.UpdatedTime); f != nil && f.Time != nil && f.Time.DayMonth == "iso" && !rows {
		p.line(2, "version: "+field(pt.ref(f, "")), "of several records with one id the newest counts; "+why(f))
	}
	pt.take(p, 2, "subject", profile.Subject, "", bare)
	if pt.take(p, 2, "status", profile.Status, "", func(f *profile.Field, ref string) string {
		return flow("from: "+word(ref), "table: "+pl.statusTable(f), last)
	}) {
		pl.gone(p, pt)
	}
	pt.take(p, 2, "priority", profile.Priority, "", func(f *profile.Field, ref string) string {
		return flow("from: "+word(ref), "table: "+pl.priorityTable(f), last)
	})
	pl.ticketChannel(p, pt)
	pl.customer(p, pt)
	pl.assignee(p, pt)
	pl.tags(p, pt)
	pl.customFields(p, pt)
	if !rows {
		pl.ticketTimes(p, pt)
	}
	if p.keys == before { // a rule says at least one thing
		pl.constChannel(p)
	}
	p.blank()
}

func (pl *plan) ticketID(p *page, pt *part) {
	f, isSure := pt.any(profile.TicketID)
	switch {
	case f == nil:
		p.note(2, "decide: no field holds the ticket's id, so each record is a ticket of its own, known by its content: a changed record will be a new ticket")
	case !isSure:
		p.note(2, "%s; without it each record is a ticket of its own:", pt.doubt(profile.TicketID))
		p.off(2, "external_id: "+field(guard(f.Path)), why(f))
	default:
		text := why(f) + warned(f)
		if lost := f.Empty + f.Null + f.Missing; lost > 0 {
			text += "; decide: records without it are rejected"
		}
		p.line(2, "external_id: "+field(pt.ref(f, "")), text)
	}
}

// gone offers to leave out tickets that are gone in the source.
func (pl *plan) gone(p *page, pt *part) {
	f := pt.get(profile.Status)
	words := goneWords()
	for _, v := range f.Values {
		if words.lookup(v.Value) != "" {
			p.note(2, "decide: %s with status %s; to leave them out:", many(v.Count, "ticket", "tickets"), shown(v.Value))
			p.off(2, fmt.Sprintf("skip: { gone: { %s: %s } }", word(pt.ref(f, "")), word(v.Value)), "")
		}
	}
}

// ticketChannel gives the ticket a channel, unless its messages have one of their own.
func (pl *plan) ticketChannel(p *page, pt *part) {
	if pt.kind() == profile.Messages && pt.get(profile.Channel) != nil {
		return // each message says its own, and the ticket has its first message's
	}
	if pt.take(p, 2, "channel", profile.Channel, "", func(f *profile.Field, ref string) string {
		return flow("from: "+word(ref), "table: "+pl.channelTable(f), "default: api")
	}) {
		return
	}
	pl.constChannel(p)
}

func (pl *plan) constChannel(p *page) {
	q := Question{Key: KeyChannel, Title: "How did the conversations come in?", Evidence: []string{"no field says it"}, Options: channelOptions()}
	channel, comment := "api", "decide: how they came in, as no field says it: email, chat, phone, …; api says nothing of it"
	if given := pl.ask(q); given != nil {
		channel, comment = given[0], ""
	}
	p.line(2, "channel: "+flow("const: "+channel), comment)
}

func (pl *plan) assignee(p *page, pt *part) {
	pt.take(p, 2, "assignee_user", profile.Assignee, "", func(f *profile.Field, ref string) string {
		switch {
		case f.Type == profile.Text:
			return flow("name: " + field(ref))
		case f.Type == profile.Email:
			return flow("email: " + field(ref))
		}
		return field(ref)
	})
}

func (pl *plan) tags(p *page, pt *part) {
	fields := []*profile.Field{}
	if f := pt.get(profile.Tags); f != nil {
		fields = append(fields, f)
		for _, c := range pt.more[profile.Tags] {
			if o := pt.shape.Field(c.Path); c.Score >= sure && o != nil && o.Type == f.Type && !pt.used[c.Path] {
				fields = append(fields, o)
			}
		}
	} else {
		pt.take(p, 2, "tags", profile.Tags, "", bare)
		return
	}
	var values []string
	for _, f := range fields {
		values = append(values, tagsOf(f, pt.ref(f, ""), pt.file.Format == "csv"))
	}
	if len(values) == 1 {
		p.line(2, "tags: "+values[0], why(fields[0]))
		return
	}
	p.line(2, "tags: { all: ["+strings.Join(values, ", ")+"] }", why(fields[0]))
}

// tagsOf parts a text at the sign that stands in its values. A cell like ['a', 'b'] is taken apart.
func tagsOf(f *profile.Field, ref string, csv bool) string {
	texts := append([]string(nil), f.Examples...)
	for _, v := range f.Values {
		texts = append(texts, v.Value)
	}
	some := func(holds func(string) bool) bool { return slices.ContainsFunc(texts, holds) }
	switch {
	case csv && some(func(s string) bool {
		return strings.HasPrefix(strings.TrimSpace(s), "[") && strings.HasSuffix(strings.TrimSpace(s), "]")
	}):
		return flow(`expr: `+word(`map(split(trim(item[`+exprText(ref)+`], " []"), ","), trim(#, " '\""))`),
			"when: { "+word(ref)+`: { match: '[^\s\[\]]' } }`)
	case f.Type == profile.List:
		return field(ref)
	}
	for _, sep := range []string{";", "|", ","} {
		if some(func(s string) bool { return strings.Contains(s, sep) }) {
			return flow("from: "+word(ref), "split: "+word(sep))
		}
	}
	return field(ref)
}

// exprText writes a name as a text of an expression.
func exprText(s string) string {
	s = strings.TrimPrefix(s, "$.")
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case hidden(r) && r > 0xFFFF:
			fmt.Fprintf(&b, `\U%08X`, r)
		case hidden(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func (pl *plan) ticketTimes(p *page, pt *part) {
	for _, t := range []struct {
		role   profile.Role
		target string
	}{{profile.CreatedTime, "created_datetime"}, {profile.ClosedTime, "closed_datetime"}} {
		f := pt.get(t.role)
		if f == nil || f.Time == nil {
			continue
		}
		value, comment := pl.time(pt, f, "")
		p.line(2, t.target+": "+value, comment)
	}
}

// unplaced lists the fields nothing reads, for the user to place or to ignore.
func (pl *plan) unplaced(p *page) {
	var lines []string
	total := 0
	for _, pt := range pl.parts {
		headed := false
		for i := range pt.shape.Fields {
			f := &pt.shape.Fields[i]
			if pt.used[f.Path] || f.Filled == 0 || f.Type == profile.Object || f.Type == profile.List && pt.holds(f.Path) {
				continue
			}
			if total++; total > maxListed {
				continue
			}
			example := ""
			if len(f.Examples) > 0 {
				example = ", such as " + shown(f.Examples[0])
			}
			if !headed && len(pl.parts) > 1 {
				lines, headed = append(lines, "  of "+pt.name+":"), true
			}
			lines = append(lines, fmt.Sprintf("  %s: %s%s", word(f.Path), why(f), example))
		}
	}
	if total == 0 {
		return
	}
	p.note(0, "decide: %s without a place. Give one in tickets, as custom_fields: { Name: field }, meta: { name: field } or tags, or name it in ignore: [field]; check lists them until then:",
		many(int64(total), "field", "fields"))
	for _, l := range lines {
		p.off(0, l, "")
	}
	if total > maxListed {
		p.note(0, "  and %s more", counted(int64(total-maxListed)))
	}
}

// holds tells whether other fields lie below a list.
func (pt *part) holds(list string) bool {
	return slices.ContainsFunc(pt.shape.Fields, func(f profile.Field) bool { return f.List == list && f.Path != list })
}

// customFields offers a list of entries with a name and a value as custom fields.
func (pl *plan) customFields(p *page, pt *part) {
	for i := range pt.shape.Fields {
		l := &pt.shape.Fields[i]
		if l.Type != profile.List || l.List != "" {
			continue
		}
		value := pt.shape.Field(l.Path + "[].value")
		for _, key := range []string{"name", "label", "id"} {
			if name := pt.shape.Field(l.Path + "[]." + key); name != nil && value != nil {
				p.off(2, "custom_fields: "+flow("each: "+word(guard(l.Path)), "name: "+key, "value: value"),
					"decide: are these fields of the Gorgias account by the same name? They can be renamed by a table")
				break
			}
		}
	}
}
