package mapping

import (
	"path"
	"slices"
	"strings"
)

// decoder makes the syntax tree of a mapping of its YAML and collects everything wrong on the way.
type decoder struct {
	problems *problems
	inputs   []string // declared in the file
}

func (d *decoder) add(pos Pos, path, format string, args ...any) {
	d.problems.add(pos, path, format, args...)
}

func (d *decoder) file(root *node) *File {
	f := &File{Pos: root.pos}
	if inputs := root.get("inputs"); inputs != nil {
		d.inputs = inputs.keys()
	}
	for _, e := range d.known(root, "", keyNames(fileKeys)) {
		switch e.key {
		case "version":
			f.Version = d.version(e)
		case "extends":
			d.add(e.pos, "extends", "write a preset's name or a file's")
		case "about":
			f.About = d.about(e.value)
		case "source":
			f.Source = d.source(e.value, "source", sourceKeys)
		case "inputs":
			for _, in := range d.entriesOf(e.value, "inputs", "inputs: { tickets: { files: \"tickets*.json\" } }") {
				f.Inputs = append(f.Inputs, d.input(in))
			}
		case "tables":
			for _, t := range d.entriesOf(e.value, "tables", "tables: { status: { solved: closed } }") {
				if table := d.table(t.value, "tables."+t.key); table != nil {
					table.Name = t.key
					f.Tables = append(f.Tables, *table)
				}
			}
		case "people":
			f.People = d.people(e.value)
		case "bodies":
			f.Bodies = d.bodies(e.value)
		case "tickets":
			f.Tickets = d.rules(e.value, ticketSection)
		case "messages":
			f.Messages = d.rules(e.value, messageSection)
		case "ignore":
			f.Ignore = d.words(e.value, "ignore")
		}
	}
	if root.get("version") == nil {
		d.add(root.pos, "", "the version is missing; the first line is version: 1")
	}
	return f
}

func (d *decoder) version(e keyed) int {
	if e.value.kind != nodeWord || e.value.text != "1" {
		d.add(e.value.pos, "version", "this deskferry reads version: 1")
		return 0
	}
	return 1
}

// known returns the entries of a map whose keys are known, and reports the others.
func (d *decoder) known(n *node, at string, names []string) []keyed {
	if !d.isMap(n, at, "write { "+names[0]+": … }") {
		return nil
	}
	known := make([]keyed, 0, len(n.entries))
	for _, e := range n.entries {
		if !slices.Contains(names, e.key) {
			d.unknownKey(e, at, names)
			continue
		}
		known = append(known, e)
	}
	return known
}

func (d *decoder) unknownKey(e keyed, at string, names []string) {
	if other := otherNames(e.key); other != "" && slices.Contains(names, other) && Nearest(e.key, names) == "" {
		d.add(e.pos, at, "unknown key %s; did you mean %q?", quoted(e.key), other)
		return
	}
	d.add(e.pos, at, "unknown key %s%s", quoted(e.key), didYouMean(e.key, names))
}

// entriesOf returns the entries of a map whose keys are free.
func (d *decoder) entriesOf(n *node, at, example string) []keyed {
	if !d.isMap(n, at, "write "+example) {
		return nil
	}
	return n.entries
}

func (d *decoder) isMap(n *node, at, remedy string) bool {
	switch {
	case d.isNothing(n, at):
	case n.kind != nodeMap:
		d.add(n.pos, at, "expected a map; %s", remedy)
	case len(n.entries) == 0:
		d.add(n.pos, at, "this map is empty; %s, or delete it", remedy)
	default:
		return true
	}
	return false
}

// isNothing reports a value that is not there. In an extending file null removes an entry, and those are gone.
func (d *decoder) isNothing(n *node, at string) bool {
	if n.kind != nodeNull {
		return false
	}
	if n.text == "" {
		d.add(n.pos, at, "nothing is given here; give it a value, or delete it (to remove what a base has, write null; a word that begins with # goes in quotes)")
	} else {
		d.add(n.pos, at, "there is nothing to remove; null removes what an extended file or a like rule has")
	}
	return true
}

// word reads a single word as written.
func (d *decoder) word(n *node, at string) string {
	switch {
	case d.isNothing(n, at):
	case n.kind != nodeWord:
		d.add(n.pos, at, "expected a single word, not a map or a list")
	case n.text == "":
		d.add(n.pos, at, "the word is empty; give one, or delete the key")
	default:
		return n.text
	}
	return ""
}

// words reads a word or a list of them, as written.
func (d *decoder) words(n *node, at string) []string {
	if n.kind != nodeList {
		if w := d.word(n, at); w != "" {
			return []string{w}
		}
		return nil
	}
	if len(n.list) == 0 {
		d.add(n.pos, at, "the list is empty; put words in it, or delete it")
	}
	var words []string
	for _, item := range n.list {
		if item.kind == nodeNull && item.text != "" {
			words = append(words, item.text) // null in a list of words is a word
		} else if w := d.word(item, at); w != "" {
			words = append(words, w)
		}
	}
	return words
}

func (d *decoder) flag(n *node, at string) bool {
	if d.isNothing(n, at) {
		return false
	}
	if n.kind == nodeWord && !n.quoted && (n.text == "true" || n.text == "false") {
		return n.text == "true"
	}
	d.add(n.pos, at, "write true or false")
	return false
}

// oneOf reads one of some words.
func (d *decoder) oneOf(n *node, at string, words ...string) string {
	w := d.word(n, at)
	if w != "" && !slices.Contains(words, w) {
		near := Nearest(w, words)
		if near == "" {
			near = words[0]
		}
		d.add(n.pos, at, "%s is not one of %s; did you mean %q?", quoted(w), strings.Join(words, ", "), near)
		return ""
	}
	return w
}

func (d *decoder) input(e keyed) Input {
	at := "inputs." + e.key
	in := Input{Name: e.key, Pos: e.pos, Source: SourceBlock{Pos: e.value.pos}}
	for _, k := range d.known(e.value, at, keyNames(inputKeys)) {
		below := at + "." + k.key
		switch k.key {
		case "files":
			in.Files = d.word(k.value, below)
			if _, err := path.Match(in.Files, ""); err != nil {
				d.add(k.value.pos, below, "%s is not a pattern: a [ has no ]; write [[] for the character itself", quoted(in.Files))
			}
			if strings.ContainsAny(in.Files, `/\`) {
				d.add(k.value.pos, below, "%s is matched against the file's name alone; leave the folder out", quoted(in.Files))
			}
		case "path":
			in.Paths = d.words(k.value, below)
		case "when":
			in.When = d.condition(k.value, below)
		case "optional":
			in.Optional = d.flag(k.value, below)
		default:
			d.sourceKey(&in.Source, k, at)
		}
	}
	return in
}

// isTableFile tells a look-up file from entries: it has the keys file, key and value and no others.
func isTableFile(n *node) bool {
	return len(n.entries) == 3 && n.get("file") != nil && n.get("key") != nil && n.get("value") != nil
}

// table reads entries or a look-up file; nil where there is neither.
func (d *decoder) table(n *node, at string) *Table {
	if !d.isMap(n, at, "write { source value: target value }, or { file: …, key: …, value: … }") {
		return nil
	}
	t := &Table{Pos: n.pos}
	if isTableFile(n) {
		t.File = d.word(n.get("file"), at+".file")
		t.Key = d.word(n.get("key"), at+".key")
		t.Value = d.word(n.get("value"), at+".value")
		return t
	}
	if n.get("file") != nil && (n.get("key") != nil || n.get("value") != nil) {
		d.add(n.pos, at, "a look-up file has exactly the keys file, key and value")
		return nil
	}
	seen := make(map[string]string, len(n.entries))
	for _, e := range n.entries {
		folded := strings.ToLower(strings.TrimSpace(e.key))
		if first, ok := seen[folded]; ok {
			d.add(e.pos, at, "%s and %s are the same entry: case does not count; keep one", quoted(first), quoted(e.key))
			continue
		}
		seen[folded] = e.key
		if c, ok := d.constant(e.value, at+"."+e.key, true); ok {
			t.Entries = append(t.Entries, Entry{From: e.key, To: c, Pos: e.pos})
		}
	}
	return t
}

func (d *decoder) people(n *node) PeopleBlock {
	p := PeopleBlock{Pos: n.pos}
	for _, e := range d.known(n, "people", keyNames(peopleKeys)) {
		at := "people." + e.key
		switch e.key {
		case "from":
			p.From = d.rules(e.value, personSection)
		case "agents":
			p.Agents = d.words(e.value, at)
			for _, a := range p.Agents {
				if before, domain, ok := strings.Cut(a, "@"); !ok {
					d.add(e.value.pos, at, "%s is neither an address nor a domain; a domain is written %q", quoted(a), "@"+a)
				} else if domain == "" || strings.Contains(domain, "@") || strings.ContainsAny(before+domain, " \t,;<>") {
					d.add(e.value.pos, at, "%s is not an address; write name@example.com or @example.com", quoted(a))
				}
			}
		case "unknown":
			p.Unknown = d.oneOf(e.value, at, "reject", "agent", "customer")
		case "no_email":
			p.NoEmail = d.noEmail(e.value, at)
		}
	}
	return p
}

// The words of the keys of bodies; the first is the default.
var (
	bodiesHTML     = []string{"clean", "as_is"}
	bodiesReplies  = []string{"strip", "keep"}
	bodiesTrackers = []string{"keep", "remove"}
)

func (d *decoder) bodies(n *node) BodiesBlock {
	b := BodiesBlock{Pos: n.pos}
	for _, e := range d.known(n, "bodies", keyNames(bodiesKeys)) {
		at := "bodies." + e.key
		switch e.key {
		case "html":
			b.HTML = d.oneOf(e.value, at, bodiesHTML...)
		case "replies":
			b.Replies = d.oneOf(e.value, at, bodiesReplies...)
		case "trackers":
			b.Trackers = d.oneOf(e.value, at, bodiesTrackers...)
		}
	}
	return b
}

// personParts are what people.no_email may be made of.
func personParts() []string { return []string{"id", "name", "email"} }

func (d *decoder) noEmail(n *node, at string) *Value {
	text := d.word(n, at)
	if text == "" {
		return nil
	}
	if !strings.Contains(text, "{") || strings.Count(text, "@") != 1 {
		d.add(n.pos, at, "write an address with a part of the person in it, such as \"old-{id}@import.invalid\"")
		return nil
	}
	d.template(n, at, text)
	segments, err := parseTemplate(text)
	for _, s := range segments {
		if err == nil && s.field != "" && !slices.Contains(personParts(), s.field) {
			d.add(n.pos, at, "{%s} is no part of a person%s; there are {id}, {name} and {email}", s.field, didYouMean(s.field, personParts()))
		}
	}
	return &Value{Pos: n.pos, Form: FormText, Text: text}
}
