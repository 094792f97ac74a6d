package sources

import (
	"bytes"
	"slices"
	"strings"
)

// xmlSeen is what the start of a document shows of the elements at a path.
type xmlSeen struct {
	path     string
	count    int // at most those of one parent
	now      int // those of the parent that is open
	kids     []*xmlSeen
	other    bool // it has text or attributes of its own
	array    bool // it says type="array"
	complete bool // it was closed
}

// xmlShape decides where the records of a document are, from the start of its text: at the places named, where one
// of them is there or may yet come; else in the children of the root that repeat, or the only kind of child. Where that is
// a list by itself, in the list; where nothing repeats, in the lists among the root's children; failing all, the document
// itself is the record.
func xmlShape(sample []byte, places []string) shape {
	trimmed := bytes.TrimRight(sample, " \t\r\n")
	s := shape{lined: bytes.IndexByte(trimmed, '\n') >= 0, strict: true}
	root, all := xmlOutline(sample)
	if root == nil {
		s.places = places
		return s
	}
	named := !root.complete
	for _, p := range places {
		named = named || p == RootPlace || all[p] != nil || all[root.path+"."+p] != nil
	}
	if s.places = places; len(places) == 0 || !named {
		s.places = root.places()
	}
	return s
}

// outlineNames is how many paths of a document are told apart to find its records.
const outlineNames = 10000

// xmlOutline reads the elements in the start of a text.
func xmlOutline(b []byte) (root *xmlSeen, all map[string]*xmlSeen) {
	all = map[string]*xmlSeen{}
	var open []*xmlSeen
	for i := 0; i < len(b) && len(all) < outlineNames; {
		j := bytes.IndexByte(b[i:], '<')
		if j < 0 {
			break
		}
		if len(open) > 0 && len(bytes.TrimSpace(b[i:i+j])) > 0 {
			open[len(open)-1].other = true
		}
		i += j
		t := tagScan{i: i}
		if !t.run(b, true) || t.kind == noMarkup {
			break
		}
		tag := b[i:t.i]
		i = t.i
		switch t.kind {
		case openTag, emptyTag:
			e := seeTag(tag, open, all)
			if root == nil {
				root = e
			}
			if open = append(open, e); t.kind == openTag {
				continue
			}
			fallthrough
		case closeTag:
			if len(open) == 0 {
				return root, all
			}
			open[len(open)-1].complete = true
			open = open[:len(open)-1]
		case cdata:
			if len(open) > 0 {
				open[len(open)-1].other = true
			}
		}
		if len(open) == 0 && root != nil {
			break
		}
	}
	return root, all
}

// seeTag notes the element that a tag opens.
func seeTag(tag []byte, open []*xmlSeen, all map[string]*xmlSeen) *xmlSeen {
	at := string(localName(tagName(tag)))
	if n := len(open); n > 0 {
		at = join(open[n-1].path, at)
	}
	e := all[at]
	if e == nil {
		e = &xmlSeen{path: at}
		all[at] = e
		if n := len(open); n > 0 {
			open[n-1].kids = append(open[n-1].kids, e)
		}
	}
	e.now++
	e.count = max(e.count, e.now)
	for _, k := range e.kids {
		k.now = 0
	}
	rails := bytes.Count(tag, []byte(` type="`)) + bytes.Count(tag, []byte(" xmlns"))
	e.array = e.array || bytes.Contains(tag, []byte(`type="array"`))
	e.other = e.other || bytes.Count(tag, []byte{'='}) > rails
	return e
}

// places are where the records are when nobody says so.
func (e *xmlSeen) places() []string {
	var at []string
	for _, k := range e.kids {
		if k.count == 1 && recordNames[plainName(k.path[strings.LastIndexByte(k.path, '.')+1:])] {
			return []string{RootPlace}
		}
		if k.count > 1 {
			at = append(at, k.path)
		}
	}
	switch {
	case len(at) > 0:
		return at
	case len(e.kids) == 1:
		if k := e.kids[0]; k.list() {
			return []string{k.kids[0].path}
		}
		return []string{e.kids[0].path}
	case len(e.kids) == 0 && !e.other:
		return nil
	}
	for _, k := range e.kids {
		if k.list() {
			at = append(at, k.kids[0].path)
		}
	}
	if len(at) == 0 {
		at = []string{RootPlace}
	}
	return slices.Clip(at)
}

// list tells whether an element holds nothing but elements of one kind.
func (e *xmlSeen) list() bool {
	return !e.other && len(e.kids) == 1 && (e.kids[0].count > 1 || e.array)
}

// xmlEncoding is the encoding a document names in its first line, "" where it names none.
func xmlEncoding(head []byte) string {
	head = bytes.TrimLeft(head, " \t\r\n")
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	end := bytes.Index(head, []byte("?>"))
	if end < 0 {
		return ""
	}
	_, rest, found := strings.Cut(string(head[:end]), "encoding")
	rest = strings.TrimLeft(rest, " \t\r\n")
	if !found || !strings.HasPrefix(rest, "=") {
		return ""
	}
	rest = strings.TrimLeft(rest[1:], " \t\r\n")
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	name, _, _ := strings.Cut(rest[1:], rest[:1])
	return strings.TrimSpace(name)
}
