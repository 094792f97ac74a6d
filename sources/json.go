package sources

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxElems is how many records a piece of small ones holds.
const maxElems = 4096

// jsonCutter finds the records of a JSON text, in order, and hands them over in pieces. It looks at brackets and
// strings only; whether a record is JSON is judged where it is decoded, so a broken one costs no more than itself.
type jsonCutter struct {
	cutter
	val    valueScan // the scan under way
	eol    lineScan
	found  bool   // a list was found in the root object
	passed int64  // values that are no records
	sample []byte // the start of the first one
}

// pieces yields the file's pieces in order; false when the caller wants no more.
func (c *jsonCutter) pieces() bool {
	switch c.in.shape.mode {
	case modeLines:
		c.lines()
	default:
		c.values()
	}
	return c.finish()
}

// value begins the scan of the value at the window's position.
func (c *jsonCutter) value(p place) *valueScan {
	c.val = valueScan{place: p, i: c.pos}
	return &c.val
}

// lines takes each line that is not blank as a record.
func (c *jsonCutter) lines() {
	for !c.stopped {
		if _, ok := c.peek(); !ok {
			return
		}
		c.eol.from = c.pos
		end, st := c.scan(&c.eol, "")
		if st.ended() && c.w.err != nil {
			return
		}
		c.take(end, "", true, st.tooLarge())
		c.full()
	}
}

// values takes the values at the root one after another.
func (c *jsonCutter) values() {
	var first byte
	empty := false
	for count := 0; !c.stopped; count++ {
		b, ok := c.peek()
		if !ok {
			if count == 0 && c.in.shape.strict && c.w.err == nil {
				c.bad(c.pos, "", CodeJSON, errors.New("the file is empty"), "export it again")
			}
			return
		}
		if count == 0 {
			first = b
		}
		switch tree := c.in.shape.mode == modeTree; {
		case empty || count > 0 && (b != first || b != '{' && b != '['):
			c.tear(errors.New("text after the end of the JSON value"), "only objects may follow one another: remove what does not belong")
		case tree && b == '[':
			c.pos++
			before := c.index[""]
			c.list("", true)
			empty = c.index[""] == before
		case tree && b == '{':
			c.found = false
			line, start := c.lineAt(c.pos), bytes.Clone(head(c.w.data()[c.pos:]))
			c.pos++
			var names []string
			if c.object("", &names); !c.found && !c.stopped {
				c.flush()
				c.report(start, start, line, "", CodeJSON, fmt.Errorf("no list of records in this object; it has %s", strings.Join(names, ", ")),
					`say where the records are (an input's path: "data.items"), or "." if the object is the record`)
			}
		default:
			c.single("")
		}
	}
}

// single takes the value at the window's position, and what is glued to it, as a record.
func (c *jsonCutter) single(place string) {
	s := c.value(atRoot)
	end, st := c.scan(s, place)
	if st.ended() && (s.depth > 0 || s.text || c.w.err != nil) {
		c.tear(errors.New("the file ends inside a value"), hintTorn)
		return
	}
	c.take(end, place, true, st.tooLarge())
	c.full()
}

const hintTorn = "the file may be cut short: export it again; the records before are read"

// list takes the items of the array whose bracket was just read; without emit they are only checked.
func (c *jsonCutter) list(place string, emit bool) {
	for comma := false; !c.stopped; {
		b, ok := c.peek()
		if !ok {
			c.tear(errors.New("the file ends inside a list"), hintTorn)
			return
		}
		if b == ']' && !comma {
			c.pos++
			return
		}
		end, st := c.scan(c.value(inArray), place)
		if st.ended() {
			c.tear(errors.New("the file ends inside a value of a list"), hintTorn)
			return
		}
		comma = c.w.data()[end] == ','
		c.take(end, place, emit, st.tooLarge())
		c.pos++
		c.full()
		if !comma {
			return
		}
	}
}

// take passes over a value, as a record or only checking it.
func (c *jsonCutter) take(end int, place string, emit, isBig bool) {
	start := c.pos
	c.pos = end
	if emit {
		c.add(start, end, place, isBig)
		return
	}
	if c.passed++; c.sample == nil && !isBig {
		c.sample = bytes.Clone(head(c.w.data()[start:end]))
	}
	if v := jsontext.Value(c.w.data()[start:end]); !isBig && !v.IsValid() {
		c.bad(start, place, CodeJSON, errors.New("not JSON, beside the list of records"), "mend the file")
	}
}

// object reads the members of the object whose brace was just read, and takes the lists at the places wanted.
func (c *jsonCutter) object(at string, names *[]string) {
	for comma := false; !c.stopped; {
		b, ok := c.peek()
		if ok && b == '}' && !comma {
			c.pos++
			return
		}
		name, good := c.name()
		if !good {
			return
		}
		if at == "" && len(*names) < 10 {
			*names = append(*names, excerpt([]byte(name)))
		}
		if c.member(join(at, name), at == ""); c.stopped {
			return
		}
		b, ok = c.peek()
		if !ok || b != ',' && b != '}' {
			c.tear(errors.New("a comma or a closing brace is missing after a member"), "mend the file")
			return
		}
		c.pos++
		if comma = b == ','; !comma {
			return
		}
	}
}

// name reads a member's name and its colon.
func (c *jsonCutter) name() (string, bool) {
	b, ok := c.peek()
	if !ok || b != '"' {
		c.tear(errors.New("a member's name is missing, or the file ends inside an object"), hintTorn)
		return "", false
	}
	s := valueScan{place: inObject, i: c.pos + 1, text: true}
	for s.text {
		s.skip(c.w.data())
		if s.text && (len(c.w.data())-c.pos > maxRecord || !c.w.more()) {
			c.tear(errors.New("the file ends inside a name"), hintTorn)
			return "", false
		}
	}
	name, err := jsontext.AppendUnquote(nil, c.w.data()[c.pos:s.i])
	if err != nil {
		c.tear(fmt.Errorf("a member's name cannot be read: %w", err), "mend the file")
		return "", false
	}
	c.pos = s.i
	if b, ok = c.peek(); !ok || b != ':' {
		c.tear(errors.New("a colon is missing after a member's name"), "mend the file")
		return "", false
	}
	c.pos++
	return string(name), true
}

// member reads a member's value: a list of records, an object on the way to one, or something else.
func (c *jsonCutter) member(at string, top bool) {
	b, _ := c.peek()
	wanted, toward := c.wanted(at)
	auto := len(c.in.shape.places) == 0 && top
	switch {
	case b == '[':
		c.pos++
		inner, _ := c.peek()
		emit := wanted || auto && inner == '{'
		c.found = c.found || emit || auto && inner == ']'
		before := c.passed
		c.sample = nil
		if c.list(at, emit); !emit {
			c.leave(at, c.passed-before, c.sample)
		}
		return
	case b == '{' && toward && !wanted:
		c.pos++
		var names []string
		c.object(at, &names)
		return
	}
	end, st := c.scan(c.value(inObject), at)
	if st.ended() {
		c.tear(errors.New("the file ends inside an object"), hintTorn)
		return
	}
	if auto && b == '{' && number(at) {
		c.found = true
		c.take(end, "", true, st.tooLarge())
	} else {
		c.found = c.found || wanted
		if b == '{' && !wanted && !st.tooLarge() && skipSpace(c.w.data(), c.pos+1) < end-1 {
			c.leave(at, 1, head(c.w.data()[c.pos:end]))
		}
		c.take(end, at, wanted && b == '{', st.tooLarge())
	}
	c.full()
}

// head is enough of a text to show what it is about.
func head(b []byte) []byte { return b[:min(len(b), 200)] }

// wanted tells whether records are at a path, or further down.
func (c *jsonCutter) wanted(at string) (here, toward bool) {
	for _, p := range c.in.shape.places {
		here = here || p == at
		toward = toward || strings.HasPrefix(p, at+".")
	}
	return here, toward
}
