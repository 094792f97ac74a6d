package report

import (
	"cmp"
	"html/template"
	"strings"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/conversation"
)

// talk is a conversation of the preview.
type talk struct {
	Ticket  string
	Subject string
	Why     []string
	Drawn   template.HTML
	Records []talkRecord
	More    int64 // records that are not shown
}

type talkRecord struct {
	Origin, Text string
	Cut          bool
}

// talks draws the previews in room bytes. Each may take its share of the room, and what others left of theirs; one that
// takes more is drawn with less of it, at last with its name alone.
func (v *view) talks(room int) error {
	zone, err := time.LoadLocation(v.S.Timezone)
	if err != nil {
		zone = time.UTC
	}
	drawn := map[string]bool{}
	d := conversation.New()
	for i := range v.Previews {
		p := &v.Previews[i]
		t, size, err := fit(d, p, zone, room/(len(v.Previews)-i))
		if err != nil {
			return err
		}
		if t == nil {
			continue
		}
		room -= size
		drawn[p.Ticket] = true
		v.Talks = append(v.Talks, *t)
	}
	for _, p := range v.S.Picks {
		if !drawn[p.Ticket] && len(v.Undrawn) < maxUndrawn {
			v.Undrawn = append(v.Undrawn, p)
		}
	}
	return nil
}

// maxUndrawn is more than are picked.
const maxUndrawn = 50

// cut is what is shown of a conversation that is too large: messages, records, bytes of each body and of each record.
type cut struct{ messages, records, body, record int }

// fit draws p in at most room bytes; nil when it cannot.
func fit(d *conversation.Drawer, p *importer.Preview, zone *time.Location, room int) (*talk, int, error) {
	for _, c := range []cut{{50, 60, 64 << 10, 32 << 10}, {50, 30, 16 << 10, 8 << 10}, {30, 12, 4 << 10, 3 << 10}, {15, 5, 2 << 10, 2 << 10}, {6, 2, 1 << 10, 1 << 10}} {
		view, records := c.of(p, zone)
		size := talkFrame
		for _, r := range records {
			size += len(template.HTMLEscapeString(r.Text)) + 2*len(template.HTMLEscapeString(shown(200, r.Origin))) + talkFrame
		}
		if size > room || bytesOf(view) > 3*room { // cleaning takes markup away, and time
			continue
		}
		html, err := d.HTML(view)
		if err != nil {
			return nil, 0, err
		}
		if size += len(html); size <= room {
			t := &talk{Ticket: p.Ticket, Subject: p.Work.Ticket.Subject, Why: p.Why[:min(len(p.Why), 12)], Drawn: html, Records: records, More: int64(len(p.Records) - len(records) + p.Further)}
			return t, size, nil
		}
	}
	return nil, 0, nil
}

// talkFrame is what a conversation, and each of its records, takes beside its text, at most about.
const talkFrame = 1_500

func bytesOf(v *conversation.View) (n int) {
	for i := range v.Messages {
		n += max(len(v.Messages[i].HTML), len(v.Messages[i].Text))
	}
	return n
}

// of cuts p.
func (c cut) of(p *importer.Preview, zone *time.Location) (*conversation.View, []talkRecord) {
	view := conversationOf(p, zone)
	if n := len(view.Messages); n > c.messages {
		view.Messages, view.Left = view.Messages[:c.messages], view.Left+n-c.messages
	}
	for i := range view.Messages {
		cutBody(&view.Messages[i], c.body)
	}
	var records []talkRecord
	for _, r := range p.Records[:min(len(p.Records), c.records)] {
		text, isCut := head(r.Text, c.record)
		records = append(records, talkRecord{r.Origin, conversation.Visible(text), isCut || r.Cut})
	}
	return view, records
}

// cutBody leaves the beginning of a body. Markup that is cut anywhere is no worse than what exports hold anyway.
func cutBody(m *conversation.Message, n int) {
	text, cutText := head(m.Text, n)
	html, cutHTML := head(m.HTML, n)
	if at := strings.LastIndexByte(html, '<'); cutHTML && at > strings.LastIndexByte(html, '>') {
		html = html[:at]
	}
	m.Cut = m.Cut || cutHTML || cutText && html == ""
	m.Text, m.HTML = text, html
}

// Title is what a conversation is called.
func (t talk) Title() string { return cmp.Or(shown(100, t.Subject), "no subject") }
