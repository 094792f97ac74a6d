package omnidesk

import (
	"bytes"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Members that are added to what the API gave, which is otherwise kept as it came.
const (
	memberMail   = "deskferry_mail"   // of a timeline entry: its parsed raw mail
	memberListed = "deskferry_listed" // of a ticket: the version by which the list knows it, where it is not its last_update
)

// ticket is one that was read.
type ticket struct {
	id       string
	updated  string // last_update as written; "" where it is null or absent
	item     []member
	timeline []jsontext.Value
	at       int // of the timeline among the members; -1 where there is none
}

// readTicket takes apart the item of GET /ticket/{id}.
func readTicket(v jsontext.Value, id string) (*ticket, error) {
	all, err := members(v)
	if err != nil {
		return nil, unreadable(err)
	}
	t := &ticket{item: all, at: -1}
	for i, m := range all {
		switch m.name {
		case "id":
			t.id = idText(m.value)
		case "last_update":
			t.updated = text(m.value)
		case "timeline":
			if m.value.Kind() == '[' {
				if t.timeline, err = elements(m.value); err != nil {
					return nil, unreadable(err)
				}
				t.at = i
			}
		}
	}
	if t.id != id {
		return nil, unusable("the answer is not of this ticket: its id is %q", clip(t.id))
	}
	return t, nil
}

// entry is what must be known of an entry of a timeline.
type entry struct {
	id   string
	kind string // its type; "" where it has none
	mail bool   // a message that came or went as e-mail
}

func readEntry(v jsontext.Value) entry {
	var e entry
	all, err := members(v)
	if err != nil {
		return e
	}
	for _, m := range all {
		switch m.name {
		case "id":
			e.id = idText(m.value)
		case "type":
			e.kind = text(m.value)
		case "channel_id":
			e.mail = e.mail || idText(m.value) == "1" // omnidesk-v2 section 2
		case "channel_name":
			e.mail = e.mail || isMailWord(text(m.value))
		}
	}
	e.mail = (e.mail || isMailWord(e.kind)) && e.kind != "event" && e.kind != "note"
	return e
}

func isMailWord(s string) bool {
	return strings.EqualFold(s, "e-mail") || strings.EqualFold(s, "email") || strings.EqualFold(s, "mail")
}

// line is the ticket as one line of JSON: its members as they came, with listed unless it is its last_update.
func (t *ticket) line(listed string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range t.item {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := jsontext.AppendQuote(nil, m.name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		if i != t.at {
			b.Write(m.value)
			continue
		}
		b.WriteByte('[')
		b.Write(bytes.Join(asBytes(t.timeline), []byte{','}))
		b.WriteByte(']')
	}
	if listed != t.updated {
		b.WriteString(`,"` + memberListed + `":`)
		text, err := jsontext.AppendQuote(nil, listed)
		if err != nil {
			return nil, err
		}
		b.Write(text)
	}
	b.WriteByte('}')
	v := jsontext.Value(b.Bytes())
	if err := v.Compact(lenient()); err != nil {
		return nil, err
	}
	return append(v, '\n'), nil
}

func asBytes(values []jsontext.Value) [][]byte {
	all := make([][]byte, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}

// addMail puts the JSON of a parsed mail into entry i of the timeline. It does nothing where mail is no JSON or the entry no object with members.
func (t *ticket) addMail(i int, mail []byte) bool {
	body := bytes.TrimSpace(t.timeline[i])
	if !jsontext.Value(mail).IsValid(lenient()) || len(body) < 3 || body[0] != '{' || len(bytes.TrimSpace(body[1:len(body)-1])) == 0 {
		return false
	}
	joined := make([]byte, 0, len(body)+len(mail)+len(memberMail)+8)
	joined = append(joined, body[:len(body)-1]...)
	joined = append(joined, `,"`+memberMail+`":`...)
	joined = append(joined, mail...)
	t.timeline[i] = append(joined, '}')
	return true
}

// hot tells whether a ticket changed in the very seconds in which it was read: another change in the same second would
// not show in its last_update, so it is read once more by the next pull. Its zone is not known; zones differ by quarters of an hour.
func hot(updated string, server time.Time) bool {
	at, err := time.Parse(time.DateTime, updated)
	if err != nil || server.IsZero() {
		return false
	}
	const quarter = 15 * time.Minute
	since := server.Sub(at)
	if since < -14*time.Hour || since > 14*time.Hour {
		return false
	}
	off := ((since % quarter) + quarter) % quarter
	return off <= 2*time.Second || off >= quarter-2*time.Second
}
