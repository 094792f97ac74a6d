package suggest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
)

func (pl *plan) messages(p *page) {
	p.line(0, "messages:", "")
	holders := pl.of(profile.Conversations, profile.Messages)
	for _, pt := range holders {
		name := "message"
		if len(holders) > 1 {
			name = pt.name
		}
		pl.message(p, pt, name)
	}
	for _, pt := range pl.of(profile.Conversations) {
		if f := pt.rootText(); f != nil {
			pl.first(p, pt, f)
		}
	}
	for _, pt := range pl.of(profile.Tickets) {
		switch {
		case !pt.hasText() || pt.timeField() == nil:
		case len(holders) > 0:
			body, _ := pt.any(profile.Body)
			if body == nil {
				body, _ = pt.any(profile.BodyHTML)
			}
			pl.first(p, pt, body)
		default:
			pl.rows(p, pt)
		}
	}
}

// message writes the rule that makes messages of pt's records, or of the lists in them.
func (pl *plan) message(p *page, pt *part, name string) {
	each := pt.shape.Messages
	pl.start(p, pt, name)
	if each != "" {
		p.line(2, "each: "+word(each), "")
		pt.used[each] = true
	} else if len(pl.of(profile.Conversations, profile.Tickets)) > 0 {
		if f := pt.get(profile.TicketID); f != nil {
			p.line(2, "ticket: "+field(pt.ref(f, "")), "the ticket's id; "+why(f)+warned(f))
		}
	}
	if !pt.take(p, 2, "external_id", profile.MessageID, each, bare) {
		p.note(2, "no id column: messages are known by their content, so an edited message will be a new one")
	}
	pl.author(p, pt, each)
	pl.direction(p, pt, each)
	pl.internal(p, pt, each)
	if each == "" {
		pt.take(p, 2, "channel", profile.Channel, each, func(f *profile.Field, ref string) string {
			return flow("from: "+word(ref), "table: "+pl.channelTable(f), "default: "+pl.defaultChannel())
		})
	}
	pl.bodies(p, pt, each)
	pl.sent(p, pt, each)
	for _, a := range []struct {
		role   profile.Role
		target string
	}{{profile.To, "to"}, {profile.Cc, "cc"}, {profile.Bcc, "bcc"}} {
		pt.take(p, 2, a.target, a.role, each, pt.addressees)
	}
	pl.attachments(p, pt, each)
	p.blank()
}

func (pl *plan) defaultChannel() string {
	if c := pl.answers.one(KeyChannel); c != "" {
		return c
	}
	return "api"
}

// author says who wrote a message: by id, address or both.
func (pl *plan) author(p *page, pt *part, each string) {
	f, isSure := pt.any(profile.Author)
	if f == nil {
		p.note(2, "decide: no field names who wrote a message; messages without an author are the customer's, or of the run's fallback agent")
		return
	}
	if !isSure {
		p.note(2, "%s", pt.doubt(profile.Author))
	}
	ref := pt.ref(f, each)
	name, kind := pt.get(profile.AuthorName), pt.get(profile.AuthorType)
	// The same person's id and address are often two columns.
	var other *profile.Field
	for _, c := range pt.more[profile.Author] {
		o := pt.shape.Field(c.Path)
		if o != nil && c.Score >= sure && (o.Type == profile.Email) != (f.Type == profile.Email) && other == nil {
			other = o
		}
	}
	if name == nil && kind == nil && other == nil || f.Type == profile.Addresses {
		p.line(2, "author: "+field(ref), why(f))
		return
	}
	id, email := f, other
	if f.Type == profile.Email || f.Type == profile.Mixed {
		id, email = other, f
	}
	var parts []string
	if id != nil {
		parts = append(parts, "id: "+field(pt.ref(id, each)))
	}
	if email != nil {
		parts = append(parts, "email: "+personText(email, pt.ref(email, each), "email"))
	}
	if name != nil {
		parts = append(parts, "name: "+field(pt.ref(name, each)))
	}
	if kind != nil {
		parts = append(parts, "agent: "+pl.agent("author_type", kind, pt.ref(kind, each)))
	}
	p.line(2, "author: "+flow(parts...), why(f))
}

// agent reads whether somebody works for the company.
func (pl *plan) agent(table string, f *profile.Field, ref string) string {
	means := vocabulary{}
	for k, v := range roleWords() {
		means[k] = map[string]string{"agent": "true", "customer": "false"}[v]
	}
	if truthful(f) {
		if plainTruths(f) && !saysIncoming(f.Path) {
			return field(ref)
		}
		means = truth(saysIncoming(f.Path))
	}
	return flow("from: "+word(ref), "table: "+pl.truthTable(table, f, means, "agent: true"))
}

// direction says whether the company sent a message.
func (pl *plan) direction(p *page, pt *part, each string) {
	pt.take(p, 2, "from_agent", profile.Direction, each, func(f *profile.Field, ref string) string {
		contrary := saysIncoming(f.Path)
		if truthful(f) {
			if plainTruths(f) && !contrary {
				return field(ref)
			}
			return flow("from: "+word(ref), "table: "+pl.truthTable("direction", f, truth(contrary), "\"true\": "+fmt.Sprint(!contrary), "\"false\": "+fmt.Sprint(contrary)))
		}
		targets := []Option{{"the customer wrote it", byCustomer}, {"the company sent it", byCompany}, {"a note of the company", asNote}}
		return flow("from: "+word(ref), "table: "+pl.useTable(directionTable, sidesOf(f), targets, []string{"incoming: false", "outgoing: true"}, f))
	})
}

// directionTable is the table of words for who wrote a message.
const directionTable = "direction"

// internal says which messages are notes: by a field of its own, and by the words for notes of others.
func (pl *plan) internal(p *page, pt *part, each string) {
	var ways, reasons []string
	if f := pt.get(profile.Direction); f != nil {
		if c := pl.noteByValue(pt, f, each, directionTable); c != "" {
			ways, reasons = append(ways, c), append(reasons, "by "+shown(f.Path))
		}
	}
	if f := pt.get(profile.Channel); f != nil && each == "" && pt.kind() == profile.Messages {
		if c := pl.noteByValue(pt, f, each, "channel"); c != "" {
			ways, reasons = append(ways, c), append(reasons, "by "+shown(f.Path))
		}
	}
	own, reason := pl.note(pt, each)
	switch {
	case own == "" && len(ways) == 0:
		pt.take(p, 2, "internal", profile.Internal, each, bare)
	case own == "":
		p.line(2, "internal: { is: "+listOrOne(ways)+" }", strings.Join(reasons, ", "))
	case len(ways) == 0:
		p.line(2, "internal: "+own, reason)
	default:
		p.line(2, "internal: [{ const: true, when: "+listOrOne(ways)+" }, "+own+"]", strings.Join(append(reasons, reason), ", "))
	}
}

func listOrOne(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// note reads a flag, or a word such as "private", of the field for it; "" where there is none.
func (pl *plan) note(pt *part, each string) (value, reason string) {
	f, contrary := pt.get(profile.Internal), false
	if f == nil {
		f, contrary = pt.get(profile.Public), true
	}
	if f == nil {
		return "", ""
	}
	ref := pt.ref(f, each)
	switch {
	case plainTruths(f) && !contrary:
		return field(ref), why(f)
	case plainTruths(f):
		return "{ is: { " + word(ref) + ": { not: true } } }", "where it is missing the message is a note; " + why(f)
	}
	means := truth(contrary)
	for k, v := range sidesOf(f) {
		if v == asNote {
			means[k] = "true"
		} else if pt.tells(f) == profile.Internal {
			means[k] = "false"
		}
	}
	for value, m := range f.Meanings {
		if m == profile.Openly {
			means[fold(value)] = "false"
		}
	}
	means = join(means, vocab("false", "public,visible,reply,öffentlich,publique,público,pública,openbaar"))
	return flow("from: "+word(ref), "table: "+pl.truthTable("internal", f, means, "private: true", "public: false")), why(f)
}

// bodies writes the texts: what is HTML as HTML.
func (pl *plan) bodies(p *page, pt *part, each string) {
	text, textSure := pt.any(profile.Body)
	html, htmlSure := pt.any(profile.BodyHTML)
	if given := pl.bodyAnswer(pt, text, textSure || htmlSure); given != nil {
		text, html, textSure = given, nil, true
	}
	if text != nil && html == nil && isHTML(text) {
		text, html, htmlSure = nil, text, textSure
	}
	if text != nil && html != nil && !textSure && htmlSure {
		text = nil
	}
	if html != nil {
		p.line(2, "body_html: "+field(pt.ref(html, each)), why(html)+warned(html))
	}
	if text != nil {
		p.line(2, "body_text: "+field(pt.ref(text, each)), why(text)+warned(text))
		pl.written(p, pt, text, each)
	}
	if !textSure && !htmlSure {
		role := profile.Body
		if text == nil && html != nil && pt.best[profile.BodyHTML].Path == html.Path {
			role = profile.BodyHTML
		}
		p.note(2, "%s", pt.doubt(role))
	}
}

// bodyAnswer asks which field is the text where that is in doubt.
func (pl *plan) bodyAnswer(pt *part, text *profile.Field, isSure bool) *profile.Field {
	if text == nil || isSure {
		return nil
	}
	q := Question{Key: keyBody + pt.name, Title: fmt.Sprintf("Which field of %s is the text of a message?", oneLine(pt.file.Name))}
	for _, c := range append([]profile.Candidate{pt.best[profile.Body]}, pt.more[profile.Body]...) {
		if slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == c.Path }) {
			continue
		}
		f := pt.shape.Field(c.Path)
		example := ""
		if f != nil && len(f.Examples) > 0 {
			example = ", such as " + shown(f.Examples[0])
		}
		q.Evidence = append(q.Evidence, fmt.Sprintf("%s: %s%s", shown(c.Path), c.Why, example))
		q.Options = append(q.Options, Option{oneLine(c.Path), c.Path})
	}
	if given := pl.ask(q); given != nil {
		return pt.shape.Field(given[0])
	}
	return nil
}

func (pl *plan) sent(p *page, pt *part, each string) {
	f, isSure := pt.any(profile.SentTime)
	role := profile.SentTime
	if f == nil {
		f, _ = pt.any(profile.CreatedTime)
		role = profile.CreatedTime
	}
	if f == nil {
		f = pt.timeField()
	}
	if f == nil {
		p.note(2, "decide: no field holds the time a message was sent, and without one messages are rejected")
		p.line(2, "sent_datetime: { from: "+word(pt.anyField(each))+", match: '^$' }", "nothing, so that check rejects and counts them")
		return
	}
	value, comment := pl.time(pt, f, each)
	p.line(2, "sent_datetime: "+value, comment)
	if !isSure {
		p.note(2, "%s", pt.doubt(role))
	}
}

// anyField names some field of the records.
func (pt *part) anyField(each string) string { return pt.ref(&pt.shape.Fields[0], each) }

// attachments reads links, or the files of a list.
func (pl *plan) attachments(p *page, pt *part, each string) {
	f := pt.get(profile.Attachments)
	if f == nil {
		pt.take(p, 2, "attachments", profile.Attachments, each, bare)
		return
	}
	list := f.Path
	if f.List != "" && f.List != each {
		list = f.List
	}
	url := pt.member(list, "content_url", "attachment_url", "contentUrl", "url", "href", "link", "download_url", "url_download", "webUrl")
	if url == nil {
		pl.links(p, pt, f, each)
		return
	}
	lf := pt.shape.Field(list)
	if lf == nil {
		lf = f
	}
	entries := []string{"each: " + word(pt.ref(&profile.Field{Path: list}, each)), "url: " + field(lastPart(url.Path))}
	pt.used[url.Path] = true
	for _, m := range []struct {
		target string
		names  []string
	}{
		{"name", []string{"file_name", "filename", "fileName", "name"}}, {"content_type", []string{"content_type", "contentType", "mime_type", "mimeType"}},
		{"size", []string{"size", "file_size", "filesize"}},
	} {
		if mf := pt.member(list, m.names...); mf != nil {
			entries = append(entries, m.target+": "+field(lastPart(mf.Path)))
			pt.used[mf.Path] = true
		}
	}
	p.line(2, "attachments: "+flow(entries...), why(lf))
}

func (pl *plan) links(p *page, pt *part, f *profile.Field, each string) {
	linked := f.Type == profile.URL || slices.ContainsFunc(f.Examples, func(s string) bool { return strings.Contains(s, "://") })
	if !linked {
		p.off(2, "attachments: "+field(guard(strings.TrimPrefix(f.Path, each+"[]."))), "decide: it holds no links, and a file's name alone is not enough")
		return
	}
	ref := pt.ref(f, each)
	for _, sep := range []string{"|", ";", ",", " "} {
		if slices.ContainsFunc(f.Examples, func(s string) bool { return strings.Contains(strings.ReplaceAll(s, sep+" ", sep), sep+"http") }) {
			p.line(2, "attachments: "+flow("from: "+word(ref), "split: "+word(sep)), why(f))
			return
		}
	}
	p.line(2, "attachments: "+field(ref), why(f))
}

// byCustomer makes the ticket's customer the author.
func (pl *plan) byCustomer(p *page, pt *part) {
	p.line(2, "from_agent: false", "it is the customer's")
}
