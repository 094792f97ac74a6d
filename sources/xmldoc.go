package sources

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// xmlDoc turns elements into JSON; what it holds is used again for the next one. An attribute is a member "@name", an
// element one of its local name; several of one name, or those of an element that says type="array", are a list. An element
// of text alone is its text; beside attributes or elements the text is "#text". nil="true" is null. The other types that Rails
// writes are dropped: all values are texts.
type xmlDoc struct {
	src   bytes.Reader
	nodes []xmlNode
	texts []byte
	open  []int32
	names map[string]int32 // numbers of names
	heads []xmlHead        // by number: the first of that name in its parent
	out   []byte
}

// xmlNode is an element, an attribute or a run of text. Links are 0 where there is none; node 0 is the record.
type xmlNode struct {
	prefix, name      string
	kind              xmlKind
	array, null, elem bool
	number            int32 // of the name
	start, end        int32 // of a text
	first, last, next int32
	same              int32 // the next of the same name
	later             bool  // it is not the first of its name
}

type xmlKind uint8

const (
	xmlElement xmlKind = iota
	xmlAttribute
	xmlText
)

type xmlHead struct{ parent, last int32 }

// small tells that it is worth keeping for another piece.
func (d *xmlDoc) small() bool {
	return cap(d.nodes) < 1<<16 && cap(d.texts) < 4<<20 && cap(d.out) < 4<<20 && len(d.heads) < 1<<16
}

var errMixed = errors.New("tags do not match")

// json reads one element. The result is valid until the next call.
func (d *xmlDoc) json(raw []byte) ([]byte, error) {
	if d.names == nil || len(d.names) > maxNames {
		d.names = map[string]int32{}
	}
	d.src.Reset(raw)
	d.nodes, d.texts, d.open, d.out = d.nodes[:0], d.texts[:0], d.open[:0], d.out[:0]
	dec := xml.NewDecoder(&d.src)
	dec.Entity = xml.HTMLEntity // no others are known, so none can be expanded
	for {
		t, err := dec.RawToken()
		if errors.Is(err, io.EOF) && len(d.open) == 0 && len(d.nodes) > 0 {
			break
		}
		if err == nil {
			err = d.token(t)
		} else if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			line, _ := dec.InputPos()
			return nil, &xmlError{int64(line), err}
		}
	}
	clear(d.heads)
	if err := d.write(0); err != nil {
		return nil, err
	}
	return d.out, nil
}

// xmlError is an error in a line of a record's text, from 1.
type xmlError struct {
	line int64
	err  error
}

func (e *xmlError) Error() string {
	text := e.err.Error()
	var syntax *xml.SyntaxError
	if errors.As(e.err, &syntax) {
		text = syntax.Msg
	}
	return fmt.Sprintf("line %d: %s", e.line, text)
}

func (e *xmlError) Unwrap() error { return e.err }

func (d *xmlDoc) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return d.start(&t)
	case xml.EndElement:
		if len(d.open) == 0 {
			return errMixed
		}
		at := d.open[len(d.open)-1]
		if n := &d.nodes[at]; n.name != t.Name.Local || n.prefix != t.Name.Space {
			return fmt.Errorf("%w: </%s> where <%s> is open", errMixed, fullName(t.Name.Space, t.Name.Local), fullName(n.prefix, n.name))
		}
		d.open = d.open[:len(d.open)-1]
	case xml.CharData:
		if len(d.open) > 0 {
			n := xmlNode{kind: xmlText, start: int32(len(d.texts))}
			d.texts = append(d.texts, t...)
			n.end = int32(len(d.texts))
			d.add(n)
		} else if len(bytes.TrimSpace(t)) > 0 {
			return errMore
		}
	}
	return nil
}

func fullName(prefix, name string) string {
	if prefix != "" {
		return prefix + ":" + name
	}
	return name
}

// add links a node to its parent and its elder.
func (d *xmlDoc) add(n xmlNode) int32 {
	at := int32(len(d.nodes))
	d.nodes = append(d.nodes, n)
	if len(d.open) > 0 {
		up := &d.nodes[d.open[len(d.open)-1]]
		if up.last == 0 {
			up.first = at
		} else {
			d.nodes[up.last].next = at
		}
		up.last = at
		up.elem = up.elem || n.kind != xmlText
	}
	return at
}

// number tells names apart without comparing them.
func (d *xmlDoc) number(name string) int32 {
	n, ok := d.names[name]
	if !ok {
		n = int32(len(d.names))
		d.names[name] = n
	}
	return n
}

func (d *xmlDoc) start(t *xml.StartElement) error {
	switch {
	case len(d.open) == 0 && len(d.nodes) > 0:
		return errMore
	case len(d.open) >= maxDepth:
		return errDeep
	case len(d.nodes) >= maxNodes/2:
		return errNodes
	}
	at := d.add(xmlNode{prefix: t.Name.Space, name: t.Name.Local, number: d.number(t.Name.Local)})
	d.open = append(d.open, at)
	for i := range t.Attr {
		a := &t.Attr[i]
		switch n := &d.nodes[at]; {
		case a.Name.Space == "" && a.Name.Local == "type" && railsTypes[a.Value]:
			n.array = a.Value == "array"
			continue
		case a.Name.Local == "nil" && (a.Name.Space == "" || a.Name.Space == "xsi") && (a.Value == "true" || a.Value == "1"):
			n.null = true
			continue
		case a.Name.Local == "nil" && a.Value == "false", a.Name.Space == "xmlns", a.Name.Space == "" && a.Name.Local == "xmlns":
			continue
		}
		n := xmlNode{kind: xmlAttribute, name: "@" + fullName(a.Name.Space, a.Name.Local), start: int32(len(d.texts))}
		d.texts = append(d.texts, a.Value...)
		n.end = int32(len(d.texts))
		n.number = d.number(n.name)
		d.add(n)
	}
	return nil
}

// railsTypes are the values of type="…" that say how a value is written, not what it is.
var railsTypes = nameSet("array integer boolean datetime dateTime date time decimal float double string symbol yaml binary base64Binary file hash")

// write writes the element at a node.
func (d *xmlDoc) write(at int32) error {
	n := &d.nodes[at]
	if !n.elem {
		text, blank := d.text(at)
		switch {
		case n.null && blank:
			d.out = append(d.out, "null"...)
		case n.array && blank:
			d.out = append(d.out, "[]"...)
		default:
			return d.quote(text)
		}
		return nil
	}
	d.group(at)
	d.out = append(d.out, '{')
	for c := n.first; c != 0; c = d.nodes[c].next {
		m := &d.nodes[c]
		if m.kind == xmlText || m.later {
			continue
		}
		if err := d.name(m.name); err != nil {
			return err
		}
		switch {
		case m.kind == xmlAttribute:
			if err := d.quote(d.texts[m.start:m.end]); err != nil {
				return err
			}
		case m.same == 0 && !n.array:
			if err := d.write(c); err != nil {
				return err
			}
		default:
			if err := d.list(c); err != nil {
				return err
			}
		}
	}
	if text, blank := d.text(at); !blank {
		if err := errors.Join(d.name("#text"), d.quote(bytes.TrimSpace(text))); err != nil {
			return err
		}
	}
	d.out = append(d.out, '}')
	return nil
}

// list writes an element and those of its name after it.
func (d *xmlDoc) list(at int32) error {
	sep := byte('[')
	for ; at != 0; at = d.nodes[at].same {
		d.out = append(d.out, sep)
		sep = ','
		if err := d.write(at); err != nil {
			return err
		}
	}
	d.out = append(d.out, ']')
	return nil
}

// group links the children of one name. Attributes are left alone: two of one name are a mistake that reading the JSON finds.
func (d *xmlDoc) group(at int32) {
	if grow := len(d.names) - len(d.heads); grow > 0 {
		d.heads = append(d.heads, make([]xmlHead, grow)...)
	}
	for c := d.nodes[at].first; c != 0; c = d.nodes[c].next {
		m := &d.nodes[c]
		if m.kind != xmlElement {
			continue
		}
		if h := &d.heads[m.number]; h.parent == at && h.last != 0 {
			d.nodes[h.last].same, m.later = c, true
			h.last = c
		} else {
			*h = xmlHead{at, c}
		}
	}
}

// text is the text of an element, and whether it is blank.
func (d *xmlDoc) text(at int32) ([]byte, bool) {
	var all []byte
	for c := d.nodes[at].first; c != 0; c = d.nodes[c].next {
		if m := &d.nodes[c]; m.kind == xmlText && m.end > m.start {
			if t := d.texts[m.start:m.end]; all == nil {
				all = t[:len(t):len(t)]
			} else {
				all = append(all, t...)
			}
		}
	}
	return all, len(bytes.TrimSpace(all)) == 0
}

func (d *xmlDoc) name(name string) (err error) {
	if d.out[len(d.out)-1] != '{' {
		d.out = append(d.out, ',')
	}
	if err = d.quote([]byte(name)); err == nil {
		d.out = append(d.out, ':')
	}
	return err
}

func (d *xmlDoc) quote(text []byte) (err error) {
	d.out, err = jsontext.AppendQuote(d.out, text)
	return err
}

// badXML says why an element cannot be read. Lines are counted from the record's first one.
func badXML(raw []byte, first int64, err error) *BadRecord {
	bad := &BadRecord{Code: CodeXML, Value: excerpt(raw), Err: err, Raw: bytes.Clone(raw), Hint: "mend this record"}
	var at *xmlError
	if errors.As(err, &at) {
		at.line += max(first, 1) - 1
	}
	switch text := err.Error(); {
	case errors.Is(err, errDeep):
		bad.Code, bad.Hint = CodeDeep, "flatten this record, or leave it out"
	case errors.Is(err, errNodes):
		bad.Code, bad.Hint = CodeSize, "cut this record into smaller ones, or leave it out"
	case strings.Contains(text, "illegal character code"):
		bad.Hint = "XML cannot hold this control character: take it out of the file, or write a space"
	case strings.Contains(text, "character entity"):
		bad.Hint = "entities that a file declares are not expanded: write the character itself, and & as &amp;"
	case strings.Contains(text, "invalid UTF-8"):
		bad.Code = CodeEncoding
		bad.Hint = "if the whole file is so, say its encoding (source.encoding: windows-1252); else mend this record"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errMixed):
		bad.Hint = "a tag is not closed, or closed twice: mend it, or export it again"
	}
	bad.Raw = bytes.ToValidUTF8(bad.Raw, []byte("\uFFFD"))
	return bad
}
