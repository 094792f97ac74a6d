package mapping

// label is the text of a warn: "channel {channel_id} is taken as api" names fields, so that each value is counted on its own.
type label struct {
	text  string // of one without fields
	parts []part
}

// label compiles the text of a warn. That a field it names is absent is nothing to tell.
func (c *compiler) label(text string, pos Pos, where string) *label {
	segments, err := parseTemplate(text)
	if err != nil {
		c.p.add(pos, where, "warn: %v", err)
		return &label{text: text}
	}
	c.perhaps++
	defer func() { c.perhaps-- }()
	l := &label{}
	for _, s := range segments {
		p := part{text: s.text}
		if s.field != "" {
			r := c.ref(s.field, pos, where)
			p.eval = func(w *Mapper, _ bool) { w.read(r, true, false) }
		}
		l.parts = append(l.parts, p)
	}
	if len(l.parts) == 1 && l.parts[0].eval == nil {
		return &label{text: l.parts[0].text}
	}
	return l
}

// labelText fills in the fields a label names; an absent one is shown as "nothing".
func (w *Mapper) labelText(l *label) string {
	if l.parts == nil {
		return l.text
	}
	var b []byte
	for i := range l.parts {
		p := &l.parts[i]
		if p.eval == nil {
			b = append(b, p.text...)
			continue
		}
		base := len(w.stack)
		p.eval(w, false)
		if len(w.stack) == base {
			b = append(b, "nothing"...)
		}
		for i, v := range w.stack[base:] {
			if i == maxLabelled {
				b = append(b, ", …"...)
				break
			}
			if i > 0 {
				b = append(b, ", "...)
			}
			if v.kind == vObject {
				v.text = "an object"
			}
			b = append(b, firstBytes(v.text, labelBytes)...)
		}
		w.stack = w.stack[:base]
	}
	return string(b)
}

// A label shows so much of a value, and so many of a list.
const (
	labelBytes  = 60
	maxLabelled = 5
)
