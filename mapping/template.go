package mapping

import (
	"bytes"
	"fmt"
	"strings"
)

// segment is a part of a text template: literal text, or a field.
type segment struct {
	text  string
	field string // "" for literal text
}

// parseTemplate cuts "{a}-{b}" at its fields; {{ and }} are braces.
func parseTemplate(s string) ([]segment, error) {
	var out []segment
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			out = append(out, segment{text: text.String()})
			text.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		double := i+1 < len(s) && s[i+1] == s[i]
		switch {
		case (s[i] == '{' || s[i] == '}') && double:
			text.WriteByte(s[i])
			i++
		case s[i] == '}':
			return nil, fmt.Errorf("a } without its {; a brace itself is written }}")
		case s[i] == '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return nil, fmt.Errorf("a { without its }; a brace itself is written {{")
			}
			field := strings.TrimSpace(s[i+1 : i+end])
			if field == "" {
				return nil, fmt.Errorf("an empty {}: name the field to put there")
			}
			flush()
			out = append(out, segment{field: field})
			i += end
		default:
			text.WriteByte(s[i])
		}
	}
	flush()
	return out, nil
}

// part is a compiled segment: literal text where eval is nil.
type part struct {
	text string
	eval evalFunc
}

// template compiles a text value. Absent parts are empty; without a single part present the whole is absent; in an
// id every part is required.
func (c *compiler) template(v *Value, wants want) evalFunc {
	segments, err := parseTemplate(v.Text)
	if err != nil {
		c.p.add(v.Pos, wants.label, "%v", err)
		return nothing
	}
	parts := make([]part, len(segments))
	fields := 0
	for i, s := range segments {
		parts[i].text = s.text
		if s.field != "" {
			r := c.ref(s.field, v.Pos, wants.label)
			parts[i].eval = func(w *Mapper, one bool) { w.read(r, wants.kind != kindBody, true) }
			fields++
		}
	}
	if fields == 0 {
		c.p.add(v.Pos, wants.label, "a text without a field is a constant: write { const: %s }", quoted(v.Text))
	}
	return func(w *Mapper, one bool) { w.fill(parts, wants.kind) }
}

// fill puts a template's text on the stack. What stands around an absent part is trimmed, of bodies excepted.
func (w *Mapper) fill(parts []part, kind fieldKind) {
	id := kind == kindID
	start := len(w.text)
	present, missing := false, false
	for i := range parts {
		p := &parts[i]
		if p.eval == nil {
			w.text = append(w.text, p.text...)
			continue
		}
		v, ok := w.one(p.eval)
		switch {
		case v.kind == vObject && ok:
			w.failObject(v)
			ok = false
			fallthrough
		case v.kind == vFailed:
			w.text = w.text[:start]
			w.stack = append(w.stack, val{kind: vFailed})
			return
		case !ok:
			missing = true
			continue
		}
		present = true
		if id {
			if v.text, ok = w.idText(v); !ok {
				w.text = w.text[:start]
				w.stack = append(w.stack, val{kind: vFailed})
				return
			}
		}
		w.text = append(w.text, v.text...)
	}
	switch {
	case present && missing && id:
		w.fail(codeIDPart, string(w.text[start:]), "every part of an id is required; fill it in, or choose fields every record has")
		w.stack = append(w.stack, val{kind: vFailed})
	case present:
		text := w.text[start:]
		if kind != kindBody {
			text = bytes.TrimSpace(text)
		}
		w.stack = append(w.stack, val{kind: vText, text: string(text)})
	}
	w.text = w.text[:start]
}
