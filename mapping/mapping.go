// Package mapping turns records into tickets and messages. The mapping file says which field becomes what; every
// rule about values lives here: what is absent, which times are sent times, what Gorgias takes and what it does not.
//
// The package is pure: it reads no clock, opens nothing but the mapping's own files, and never guesses. What it
// cannot map is a [Problem] with its origin, its value and what to do about it. A mapping states facts about one
// record ([Mapper.Map]); the facts of one ticket meet in [Mapping.Assemble].
package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	_ "time/tzdata" // timezone: Europe/Amsterdam works where the system has no zone files

	"github.com/deskferry/deskferry/sources"
)

// Mapping is a compiled mapping file. It is immutable and shared between mappers.
type Mapping struct {
	file         *File
	inputs       []*input
	refs         []*ref
	autos        []string // fields whose time layout the whole input settles
	messageRules []*rule
	set          map[string]string
	hash         string
	identity     string
}

// LoadOptions are what a run adds to a mapping.
type LoadOptions struct {
	Set      map[string]string // the --set flags: what $set.name reads
	Timezone string            // in place of source.timezone; "" leaves what the mapping says
}

// Load reads, checks and compiles the mapping file or preset called name. Paths of files it names are looked up
// beside it. An error is a [*LoadError] where the mapping itself is at fault.
func Load(fsys fs.FS, name string, opt LoadOptions) (*Mapping, error) {
	f, err := loadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	if opt.Timezone != "" {
		f.Source.Timezone = opt.Timezone
	}
	return compileFile(f, fsys, name, opt)
}

func compileFile(f *File, fsys fs.FS, name string, opt LoadOptions) (*Mapping, error) {
	c := &compiler{
		file: f, fsys: fsys, name: name, tables: map[string]*table{}, m: &Mapping{file: f, set: maps.Clone(opt.Set)},
	}
	c.compile()
	if err := f.loadError(c.p.list); err != nil {
		return nil, fmt.Errorf("compiling the mapping: %w", err)
	}
	c.m.hash = c.wholeHash()
	c.m.identity = c.identityHash()
	return c.m, nil
}

// Name is the source's name, the first part of every ticket's external id; "source" where the mapping gives none.
func (m *Mapping) Name() string {
	if m.file.Source.Name == "" {
		return "source"
	}
	return m.file.Source.Name
}

// Hash names everything that decides what records become: the file with what it extends, its tables' files and the
// --set flags.
func (m *Mapping) Hash() string { return m.hash }

// IdentityHash names the rules that decide the keys of tickets and messages, and nothing else. Two mappings with
// the same hash give a record's ticket and messages the same keys.
func (m *Mapping) IdentityHash() string { return m.identity }

// File is the mapping file. It must not be changed.
func (m *Mapping) File() *File { return m.file }

// SourceOptions says how a file of that base name is to be read.
func (m *Mapping) SourceOptions(base string) sources.Options {
	o := blockOptions(&m.file.Source)
	first := true
	everywhere := false
	for _, in := range m.inputs {
		if !in.takes(base) {
			continue
		}
		if first {
			o, first = blockOptions(&in.source), false
		}
		everywhere = everywhere || len(in.places) == 0
		for _, p := range in.places {
			if !slices.Contains(o.Places, p) {
				o.Places = append(o.Places, p)
			}
		}
	}
	if everywhere {
		o.Places = nil // an input without a path takes what is left, so everything is read
	}
	return o
}

func blockOptions(b *SourceBlock) sources.Options {
	o := sources.Options{Encoding: b.Encoding, Comma: commaOf(b.Delimiter)}
	o.Format = sources.Format(b.Format)
	return o
}

// formats are the words of source.format.
func formats() []string {
	return []string{string(sources.CSV), string(sources.JSON), "xml", "mail"}
}

// commaOf reads a delimiter written as itself or by name.
func commaOf(s string) byte {
	switch strings.ToLower(s) {
	case "":
		return 0
	case "comma":
		return ','
	case "semicolon":
		return ';'
	case "tab", `\t`:
		return '\t'
	case "pipe":
		return '|'
	}
	return s[0]
}

// wholeHash is the digest of everything that decides what records become.
func (c *compiler) wholeHash() string {
	h := sha256.New()
	fmt.Fprint(h, canonical(c.file))
	for _, k := range slices.Sorted(maps.Keys(c.m.set)) {
		fmt.Fprintf(h, "set %q %q\n", k, c.m.set[k])
	}
	slices.Sort(c.tableSums)
	fmt.Fprintln(h, c.tableSums)
	return hex.EncodeToString(h.Sum(nil))
}

// identityHash is the digest of the rules that make keys. Names of rules and inputs, and the order of rules, do not count.
func (c *compiler) identityHash() string {
	var lines []string
	for i := range c.file.Tickets {
		lines = append(lines, "ticket "+c.identityOf(c.file.Tickets[i].Field("external_id")))
	}
	for i := range c.file.Messages {
		r := &c.file.Messages[i]
		line := "message ticket " + c.identityOf(r.Field("ticket"))
		if id := r.Field("external_id"); id != nil {
			line += " id " + c.identityOf(id)
		} else {
			line += " each " + r.Each
			for _, refs := range c.m.messageRules[i].hashed {
				for _, ref := range refs {
					line += fmt.Sprintf(" %d %q", ref.scope, ref.text)
				}
				line += ";"
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:])
}

// identityOf is an id's value in canonical form, with the entries of the tables it goes through.
func (c *compiler) identityOf(v *Value) string {
	if v == nil {
		return "none"
	}
	text := canonical(v)
	for i := range c.file.Tables {
		t := &c.file.Tables[i]
		if usesTable(v, t.Name) {
			text += canonical(t)
			if out, ok := c.tables[t.Name]; ok && out.file != "" {
				text += tableSum(out)
			}
		}
	}
	return text
}

func usesTable(v *Value, name string) bool {
	if v == nil {
		return false
	}
	return v.Steps.Table != nil && v.Steps.Table.Name == name ||
		slices.ContainsFunc(v.List, func(kid *Value) bool { return usesTable(kid, name) })
}
