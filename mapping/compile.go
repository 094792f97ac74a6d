package mapping

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/deskferry/deskferry/sources"
)

// compiler turns a mapping file into closures. It collects every problem it meets.
type compiler struct {
	file      *File
	fsys      fs.FS
	name      string
	p         problems
	m         *Mapping
	tables    map[string]*table
	tableSums []string
	scope     *scope
	perhaps   int // how deep in alternatives and conditions
}

// scope is what a rule, or an input's when, reads.
type scope struct {
	rule     string // "messages.comment"; "" of an input's when
	refs     []*ref
	programs []*program
	prefix   []step // from the record to the item plain names start at
	inEach   bool   // inside a field's each
}

// input is a compiled [Input].
type input struct {
	name     string
	pos      Pos
	files    string
	places   []string
	when     cond
	optional bool
	empty    []string
	zone     *time.Location
	source   SourceBlock // the file's block, with what the input sets
	people   []*rule
	tickets  []*rule
	messages []ruleGroup
	fallback []*rule
	scopes   []*scope
}

// ruleGroup is the message rules that take the same items.
type ruleGroup struct {
	each  *ref // nil: the record itself
	rules []*rule
}

func (c *compiler) compile() {
	c.inputs()
	for i := range c.file.People.From {
		c.peopleRule(&c.file.People.From[i])
	}
	for i := range c.file.Tickets {
		c.ticketRule(&c.file.Tickets[i])
	}
	for i := range c.file.Messages {
		c.messageRule(&c.file.Messages[i])
	}
	for _, in := range c.m.inputs {
		if len(in.people)+len(in.tickets)+len(in.messages)+len(in.fallback) == 0 && len(c.p.list) == 0 {
			c.p.add(c.file.Source.Pos, "inputs."+in.name, "no rule reads this input: name it in a rule's input, or remove it")
		}
	}
}

func (c *compiler) inputs() {
	list := c.file.Inputs
	if len(list) == 0 {
		list = []Input{{}}
	}
	for i := range list {
		a := &list[i]
		block := c.file.Source.with(&a.Source)
		in := &input{
			name: a.Name, pos: a.Pos, files: a.Files, optional: a.Optional, empty: block.Empty, source: block,
			zone: c.zone(block.Timezone, block.Pos, "source.timezone"),
		}
		for _, p := range a.Paths {
			in.places = append(in.places, strings.TrimPrefix(p, "$."))
		}
		if _, err := path.Match(a.Files, ""); err != nil {
			c.p.add(a.Pos, "inputs."+a.Name, "files: %s is not a pattern of file names: %v", quoted(a.Files), err)
		}
		if a.When != nil {
			c.scope = &scope{}
			in.when = c.condition(a.When, "inputs."+a.Name+".when")
			in.scopes = append(in.scopes, c.scope)
		}
		c.m.inputs = append(c.m.inputs, in)
	}
}

// with returns b where other's fields, if set, take the place of its own.
func (b SourceBlock) with(other *SourceBlock) SourceBlock {
	set := func(to *string, from string) {
		if from != "" {
			*to = from
		}
	}
	set(&b.Format, other.Format)
	set(&b.Encoding, other.Encoding)
	set(&b.Delimiter, other.Delimiter)
	set(&b.Timezone, other.Timezone)
	if other.Empty != nil {
		b.Empty = other.Empty
	}
	return b
}

// ref compiles a field's name as it is written.
func (c *compiler) ref(text string, pos Pos, where string) *ref {
	r := &ref{text: text, name: text, where: where, pos: pos, slot: len(c.m.refs)}
	switch {
	case text == ".":
		r.self = true
	case text == "$", text == "$.":
		r.scope, r.self = scopeRecord, true
	case strings.HasPrefix(text, "$."):
		r.scope, r.name = scopeRecord, text[2:]
	case strings.HasPrefix(text, "$set."):
		r.scope, r.name = scopeSet, text[len("$set."):]
	case strings.HasPrefix(text, "$file."):
		r.scope, r.name = scopeFile, text[len("$file."):]
		if r.name != "name" && r.name != "modified" {
			c.p.add(pos, where, "there is no %s; known: $file.name, $file.modified", quoted(text))
		}
	}
	if text == "$key" {
		r.scope = scopeKey
	}
	if r.scope == scopeSet {
		r.name, r.optional = strings.CutSuffix(r.name, "?")
	}
	if !r.self && (r.scope == scopeItem || r.scope == scopeRecord) {
		plain, may := strings.CutSuffix(r.name, "?")
		r.optional = may && plain != ""
		if !r.optional {
			plain = r.name
		}
		r.path, r.pathErr = parsePath(plain)
	}
	return c.keep(r)
}

// memberRef is a member of item or record that an expression names.
func (c *compiler) memberRef(in refScope, name string, pos Pos, where string) *ref {
	plain, may := strings.CutSuffix(name, "?")
	if plain == "" {
		plain, may = name, false
	}
	return c.keep(&ref{
		text: name, name: name, scope: in, path: []step{{kind: stepKey, name: plain}}, where: where, pos: pos, slot: len(c.m.refs), optional: may,
	})
}

// wholeRef is all of item or record.
func (c *compiler) wholeRef(in refScope, pos Pos, where string) *ref {
	return c.keep(&ref{text: ".", name: ".", scope: in, self: true, whole: true, where: where, pos: pos, slot: len(c.m.refs)})
}

func (c *compiler) keep(r *ref) *ref {
	if r.scope == scopeItem {
		r.prefix, r.inEach = c.scope.prefix, c.scope.inEach
	}
	r.perhaps = c.perhaps > 0 || r.optional
	c.m.refs = append(c.m.refs, r)
	c.scope.refs = append(c.scope.refs, r)
	return r
}

// inputsOf finds a rule's inputs; one that names none reads the first.
func (c *compiler) inputsOf(r *Rule, where string) []*input {
	if len(r.Inputs) == 0 {
		return c.m.inputs[:1]
	}
	var out []*input
	for _, name := range r.Inputs {
		i := slices.IndexFunc(c.m.inputs, func(in *input) bool { return in.name == name })
		if i < 0 {
			names := make([]string, 0, len(c.m.inputs))
			for _, in := range c.m.inputs {
				names = append(names, in.name)
			}
			c.p.add(r.Pos, where, "there is no input %s%s", quoted(name), didYouMean(name, names))
			continue
		}
		out = append(out, c.m.inputs[i])
	}
	return out
}

// takes tells whether files of that base name are of this input.
func (in *input) takes(base string) bool {
	if in.files == "" {
		return true
	}
	ok, _ := path.Match(in.files, base)
	return ok
}

// takesPlace tells whether records found at that place of a document are of this input.
func (in *input) takesPlace(f *sources.File, place string) bool {
	if place == "" {
		place = sources.RootPlace
	}
	return len(in.places) == 0 || f.Format == sources.CSV || slices.Contains(in.places, place)
}
