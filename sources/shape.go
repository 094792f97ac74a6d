package sources

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// mode is how a JSON text holds its records.
type mode uint8

const (
	modeTree   mode = iota // in lists: the array at the root, or those in the wrapping object
	modeLines              // one on each line
	modeStream             // one after another
)

// shape is what is known of a JSON text before its first record.
type shape struct {
	mode   mode
	places []string // paths of the lists; empty: every list of objects in the root object
	lined  bool     // it has line breaks that tell records apart
	strict bool     // a text without any value is an error
	mends  bool     // some record may be a rejected one, mended
}

// RootPlace, as one of Options.Places, says that the object at the root is the record itself.
const RootPlace = "."

// shapeOf decides how records are held, from the start of the text.
func shapeOf(sample []byte, base string, places []string) shape {
	ext := strings.ToLower(path.Ext(base))
	lines := ext == ".ndjson" || ext == ".jsonl" || ext == ".mbox" || ext == ".mbx" || ext == ".eml" || ext == ".emlx" // rejected mails
	trimmed := bytes.TrimRight(sample, " \t\r\n")
	s := shape{
		lined:  bytes.IndexByte(trimmed, '\n') >= 0,
		strict: !lines,
		mends:  bytes.Contains(sample, []byte(`"`+OriginColumn+`"`)),
	}
	i := skipSpace(sample, 0)
	switch {
	case i == len(sample):
	case sample[i] == '[' && !lines:
	case sample[i] == '{':
		o := outline{text: sample}
		o.object(i, "", 1)
		var wraps bool
		if s.places, wraps = o.lists(places); wraps {
			break
		}
		s.mode = modeStream
		if lines || lineByLine(sample, i) {
			s.mode = modeLines
		}
	case lines:
		s.mode = modeLines
	case sample[i] != '[':
		s.mode = modeStream
	}
	if i == len(sample) && lines {
		s.mode = modeLines
	}
	return s
}

// lineByLine tells whether the object at i ends with its line, or another begins on the next.
func lineByLine(b []byte, i int) bool {
	line, rest, found := bytes.Cut(b[i:], []byte{'\n'})
	s := valueScan{}
	if s.run(line) {
		return skipSpace(line, s.i) == len(line)
	}
	rest = rest[skipSpace(rest, 0):]
	return found && len(rest) > 0 && rest[0] == '{'
}

// outline is what can be seen of the first object of a text.
type outline struct {
	text  []byte
	top   []seen
	deep  []seen // lists of objects further down, and all objects
	end   int    // of the object, 0 where it goes on past the text
	whole bool
}

// seen is a member: kind is its first byte, inner that of its first item.
type seen struct {
	path        string
	kind, inner byte
}

// outlineDepth is how deep lists are looked for when no place is named.
const outlineDepth = 3

// object reads the members of the object at i and returns its end, -1 when the text ends first or is broken.
func (o *outline) object(i int, at string, depth int) int {
	b := o.text
	for i = skipSpace(b, i+1); i < len(b) && b[i] == '"'; i = skipSpace(b, i+1) {
		colon := i + 1
		for s := (valueScan{i: i + 1, text: true}); s.text && s.i < len(b); {
			s.skip(b)
			colon = s.i
		}
		if colon >= len(b) {
			return -1
		}
		name, err := jsontext.AppendUnquote(nil, b[i:colon])
		i = skipSpace(b, colon)
		if err != nil || i >= len(b) || b[i] != ':' {
			return -1
		}
		if i = skipSpace(b, i+1); i == len(b) {
			return -1
		}
		m := seen{path: join(at, string(name)), kind: b[i]}
		if j := skipSpace(b, i+1); m.kind == '[' && j < len(b) {
			m.inner = b[j]
		}
		if depth == 1 {
			o.top = append(o.top, m)
		} else {
			o.deep = append(o.deep, m)
		}
		end := -1
		if m.kind == '{' && depth < outlineDepth {
			end = o.object(i, m.path, depth+1)
		} else {
			end = (&valueScan{place: inObject, i: i}).end(b)
		}
		if end < 0 {
			return -1
		}
		if i = skipSpace(b, end); i < len(b) && b[i] == '}' {
			break
		}
	}
	if i >= len(b) || b[i] != '}' {
		return -1
	}
	if depth == 1 {
		o.end, o.whole = i+1, true
	}
	return i + 1
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// lists tells whether the object wraps lists of records, and where these are; no place means all lists of objects
// among its members. Objects that follow one another are records, not wrappers, unless they hold nothing but
// lists and what pages of an API answer add.
func (o *outline) lists(places []string) (at []string, wraps bool) {
	if slices.Contains(places, RootPlace) {
		return nil, false
	}
	for _, p := range places {
		if slices.ContainsFunc(slices.Concat(o.top, o.deep), func(m seen) bool { return m.path == p }) {
			return places, true
		}
	}
	var lists, empty, other, numbered int
	for _, m := range o.top {
		switch name := plainName(m.path); {
		case recordNames[name]:
			return nil, false
		case m.kind == '[' && m.inner == '{':
			lists++
		case m.kind == '[' && m.inner == ']':
			empty++
		case m.kind == '{' && number(m.path):
			numbered++
		case !pageNames[name]:
			other++
		}
	}
	if len(places) > 0 && !o.whole {
		return places, true
	}
	alone := !o.whole || skipSpace(o.text, o.end) == len(o.text)
	if (lists > 0 || numbered > 0) && (alone || other == 0) {
		return nil, true
	}
	if one := o.envelope(); one != "" && lists+empty+numbered == 0 && other == 1 {
		return []string{one}, true
	}
	for _, m := range o.deep {
		if m.kind == '[' && m.inner == '{' && other <= 1 && !o.inRecord(m.path) {
			at = append(at, m.path)
		}
	}
	return at, len(at) > 0 || empty > 0 && other == 0
}

// envelope finds the object that is a record and stands beside nothing but what API answers add: {"status":200,"data":{"id":7}}.
// Without such an addition the object around it is taken for the record.
func (o *outline) envelope() string {
	added := slices.ContainsFunc(o.top, func(m seen) bool { return pageNames[plainName(m.path)] })
	for _, m := range o.top {
		if added && m.kind == '{' && !pageNames[plainName(m.path)] && o.inRecord(m.path+".") {
			return m.path
		}
	}
	return ""
}

// inRecord tells whether the member at path stands in an object that is itself a record.
func (o *outline) inRecord(at string) bool {
	parent := at[:strings.LastIndexByte(at, '.')+1]
	return slices.ContainsFunc(o.deep, func(m seen) bool {
		name, ok := strings.CutPrefix(m.path, parent)
		return ok && recordNames[plainName(name)]
	})
}

// plainName is a member's name in lower case without _ and -.
func plainName(s string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s))
}

func number(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// recordNames are members that a ticket, message or person has and a page around a list has not.
var recordNames = nameSet("id uuid guid ticketid caseid conversationid messageid displayid externalid ticketnumber subject body " +
	"bodyhtml bodytext htmlbody textbody plaintext description sender receiver requester author email toaddress sendat sentat " +
	"sentdatetime createdat createddatetime deskferryorigin")

// pageNames are members that pages of API answers have beside their lists.
var pageNames = nameSet("next nextpage previous previouspage prev count total totalcount page pages perpage pagination meta links " +
	"object uri url status resource offset limit sessionid endofstream aftercursor beforecursor afterurl beforeurl hasmore cursor type ok " +
	"success error errors version exportedat generatedat timestamp from to embedded endtime itemstart itemtotal itemlimit")

func nameSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}
