package mapping

import (
	"regexp"
	"strings"
	"time"

	"github.com/deskferry/deskferry/sources"
)

// valKind is what a [val] holds.
type valKind uint8

const (
	vText valKind = iota
	vNumber
	vBool
	vObject // node is an object of the record
	vTime   // sec and nsec
	vFailed // a problem was noted: neither default nor another alternative may take its place
)

// val is one value on its way from a record to a target field. An absent value is none at all.
type val struct {
	kind valKind
	node int32 // vObject: its index; vTime: nanoseconds
	text string
	sec  int64 // vTime: Unix seconds
}

func timeVal(t time.Time) val { return val{kind: vTime, sec: t.Unix(), node: int32(t.Nanosecond())} }

func (v val) time() time.Time { return time.Unix(v.sec, int64(v.node)).UTC() }

// evalFunc puts the values of a compiled value on the mapper's stack, none when it is absent. With one set only
// the first is wanted, and no problem of a further one is noted.
type evalFunc func(w *Mapper, one bool)

// item is what plain names are looked up in: an item of each, or the record itself.
type item struct {
	node   int32
	text   string // of an item that was split out of a text
	isText bool
}

// refScope is where a name is looked up.
type refScope uint8

const (
	scopeItem refScope = iota
	scopeRecord
	scopeFile
	scopeSet
	scopeKey // the name of the member that each leads to
)

// ref is one field a mapping reads. Whether its name is a column or a path is known when a file is met.
type ref struct {
	text    string // as written
	where   string // "messages.comment.author": where it is read
	pos     Pos
	scope   refScope
	name    string // the column's name; the key of $file and $set
	path    []step // from the item or the record
	pathErr error  // what is wrong with name as a path
	prefix  []step // from the record to the item
	inEach  bool   // the item is one of a field's each, not of the record or the rule
	self    bool   // "."
	isItems bool   // a rule's each
	descent bool   // an each: what lies below is read by others
	whole   bool   // of an expression that reads item or record by other ways than members it names
	// optional is a name that ends in ?: a column that is not there is absent. A heading that is spelled like that wins.
	optional bool
	perhaps  bool // an alternative, or of a condition: that no record has it is nothing to tell
	slot     int  // in binding.columns and Coverage.met
}

// read puts the present values r leads to on the stack: the items of an array one by one.
func (w *Mapper) read(r *ref, trim, one bool) {
	base := len(w.stack)
	w.readRef(r, trim, one)
	if w.trace != nil {
		w.step(quoted(r.text), base)
	}
}

func (w *Mapper) readRef(r *ref, trim, one bool) {
	switch r.scope {
	case scopeSet:
		w.pushText(vText, w.m.set[r.name], trim)
		return
	case scopeFile:
		w.pushText(vText, w.fileFact(r.name), trim)
		return
	case scopeKey:
		if !w.isRow && !w.item.isText {
			w.pushText(vText, w.rec.Nodes[w.item.node].Name, trim)
		}
		return
	case scopeItem:
		if w.item.isText {
			if r.self {
				w.pushText(vText, w.item.text, trim)
			}
			return
		}
	}
	if w.isRow {
		if col := w.columns[r.slot]; col >= 0 && int(col) < len(w.rec.Fields) {
			w.pushText(vText, w.rec.Fields[col], trim)
		}
		return
	}
	base := len(w.nodes)
	w.nodes = walk(w.rec.Nodes, w.start(r), r.path, w.nodes)
	w.tried[r.slot] = true
	if len(w.nodes) > base {
		w.met[r.slot] = true
	}
	depth := len(w.stack)
	for _, at := range w.nodes[base:] {
		w.pushNode(at, trim, one)
		if one && len(w.stack) > depth {
			break
		}
	}
	w.nodes = w.nodes[:base]
}

func (w *Mapper) start(r *ref) int32 {
	if r.scope == scopeRecord {
		return 0
	}
	return w.item.node
}

func (w *Mapper) fileFact(name string) string {
	if name == "modified" {
		return w.rec.File.Modified
	}
	return w.rec.File.Base
}

func (w *Mapper) pushText(kind valKind, s string, trim bool) {
	t := strings.TrimSpace(s)
	if t == "" || w.emptyWord(t) {
		return
	}
	if trim {
		s = t
	}
	w.stack = append(w.stack, val{kind: kind, text: s})
}

// emptyWord tells whether s is one of source.empty.
func (w *Mapper) emptyWord(s string) bool {
	if w.in == nil {
		return false
	}
	for _, word := range w.in.empty {
		if s == word {
			return true
		}
	}
	return false
}

func (w *Mapper) pushNode(at int32, trim, one bool) {
	n := &w.rec.Nodes[at]
	switch n.Kind {
	case sources.String:
		w.pushText(vText, n.Text, trim)
	case sources.Number:
		w.pushText(vNumber, n.Text, trim)
	case sources.Bool:
		w.pushText(vBool, n.Text, trim)
	case sources.Object:
		if n.First != 0 {
			w.stack = append(w.stack, val{kind: vObject, node: at})
		}
	case sources.Array:
		depth := len(w.stack)
		for c := n.First; c != 0; c = w.rec.Nodes[c].Next {
			w.pushNode(c, trim, one)
			if one && len(w.stack) > depth {
				return
			}
		}
	}
}

// one evaluates f for a single value.
func (w *Mapper) one(f evalFunc) (val, bool) {
	base := len(w.stack)
	f(w, true)
	if len(w.stack) == base {
		return val{}, false
	}
	v := w.stack[base]
	w.stack = w.stack[:base]
	return v, v.kind != vFailed
}

// steps are what is done to the values of one compiled value.
type steps struct {
	when         cond
	trim         bool
	lower, upper bool
	html         bool
	unescape     []func(string) string
	match        *regexp.Regexp
	split        string
	table        *table
	convert      *timeReader // nil unless the target is a time and this is where it is read
	def          *val
	warn         *label
}

// touches tells whether values are changed one by one.
func (s *steps) touches() bool {
	return s.lower || s.upper || s.html || len(s.unescape) > 0 || s.match != nil || s.split != "" || s.table != nil || s.convert != nil
}

// with runs the steps over what f yields.
func (s *steps) with(f evalFunc) evalFunc {
	if !s.touches() && s.when == nil && s.def == nil && s.warn == nil {
		return f
	}
	touches := s.touches()
	return func(w *Mapper, one bool) {
		base := len(w.stack)
		if s.when == nil || s.when(w) {
			f(w, one && (s.match == nil && s.table == nil && s.split == ""))
			if touches {
				w.change(s, base, one)
				if w.trace != nil {
					w.step(s.names(), base)
				}
			}
		}
		switch {
		case len(w.stack) == base && s.def != nil:
			w.stack = append(w.stack, *s.def)
			if w.trace != nil {
				w.step("default", base)
			}
		case len(w.stack) > base && s.warn != nil && w.stack[base].kind != vFailed:
			w.warn(codeValueWarn, w.labelText(s.warn), "")
		}
	}
}

// change runs the steps that work on single values over the stack from base on.
func (w *Mapper) change(s *steps, base int, one bool) {
	end := len(w.stack)
	for i := base; i < end; i++ {
		w.changeOne(s, w.stack[i])
		if one && len(w.stack) > end {
			break
		}
	}
	if len(w.stack) == end && s.table != nil && s.table.absent != nil && end == base {
		w.pushEntry(s.table.absent)
		if s.convert != nil && len(w.stack) > end {
			w.stack[end] = w.convert(s.convert, w.stack[end])
		}
	}
	n := copy(w.stack[base:], w.stack[end:])
	w.stack = w.stack[:base+n]
}

func (w *Mapper) changeOne(s *steps, v val) {
	switch v.kind {
	case vFailed, vTime:
		w.stack = append(w.stack, v)
		return
	case vObject:
		w.failObject(v)
		w.stack = append(w.stack, val{kind: vFailed})
		return
	}
	v, ok := w.changeText(s, v)
	if !ok {
		return
	}
	if s.split == "" {
		w.finish(s, v)
		return
	}
	for part := range strings.SplitSeq(v.text, s.split) {
		if part = strings.TrimSpace(part); part != "" && !w.emptyWord(part) {
			w.finish(s, val{kind: v.kind, text: part})
		}
	}
}

// changeText runs lower, upper, html, unescape and match.
func (w *Mapper) changeText(s *steps, v val) (val, bool) {
	switch {
	case s.lower:
		v.text = strings.ToLower(v.text)
	case s.upper:
		v.text = strings.ToUpper(v.text)
	}
	if s.html {
		v.text = TextOfHTML(v.text)
	}
	for _, unescape := range s.unescape {
		v.text = unescape(v.text)
	}
	if s.match != nil {
		v.text = group(s.match, v.text)
		v.kind = vText
	}
	if s.html || len(s.unescape) > 0 || s.match != nil {
		t := strings.TrimSpace(v.text)
		if t == "" {
			return v, false
		}
		if s.trim {
			v.text = t
		}
	}
	return v, true
}

// finish runs table and the reading of times.
func (w *Mapper) finish(s *steps, v val) {
	if s.table != nil {
		e := s.table.find(v)
		if e == nil {
			w.failTable(s.table, v.text)
			w.stack = append(w.stack, val{kind: vFailed})
			return
		}
		if e.absent {
			return
		}
		v = e.to
	}
	if s.convert != nil {
		v = w.convert(s.convert, v)
	}
	w.stack = append(w.stack, v)
}

func (w *Mapper) pushEntry(e *entry) {
	if !e.absent {
		w.stack = append(w.stack, e.to)
	}
}

// group returns what re's first group that took part has matched, the whole match of a pattern without groups, ""
// where nothing matches.
func group(re *regexp.Regexp, s string) string {
	at := re.FindStringSubmatchIndex(s)
	if at == nil {
		return ""
	}
	if len(at) == 2 {
		return s[at[0]:at[1]]
	}
	for i := 2; i < len(at); i += 2 {
		if at[i] >= 0 && at[i+1] > at[i] {
			return s[at[i]:at[i+1]]
		}
	}
	return ""
}
