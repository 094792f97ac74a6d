package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/deskferry/deskferry/sources"
)

// binding is what a mapping makes of one file.
type binding struct {
	inputs  []*input // that may take its records, in order
	columns []int32  // of each ref: a row's column, -1 where there is none
	err     error
}

// Bind checks that f has every column the mapping reads of it, before its first record. The error names the place
// in the mapping and the nearest column; for an ambiguous heading it names how each is written.
func (m *Mapping) Bind(f *sources.File) error { return m.bind(f).err }

// BindFiles binds every file of a source, and refuses one in which an input that is not optional has no file. Mended
// records come without the rest of their export: beside them nothing is missed.
func (m *Mapping) BindFiles(files []*sources.File) error {
	var p problems
	mended := slices.ContainsFunc(files, func(f *sources.File) bool { return f.Mended })
	for _, in := range m.inputs {
		if !mended && !in.optional && !slices.ContainsFunc(files, func(f *sources.File) bool { return in.takes(f.Base) }) {
			p.add(in.pos, "inputs."+in.name, "no file of the source is called %s: add it to --from, or write optional: true", quoted(in.files))
		}
	}
	errs := []error{m.file.loadError(p.list)}
	for _, f := range files {
		errs = append(errs, m.Bind(f))
	}
	return errors.Join(errs...)
}

func (m *Mapping) bind(f *sources.File) *binding {
	b := &binding{}
	var p problems
	heads := headings(f.Columns)
	rows := f.Format == sources.CSV
	if rows {
		b.columns = slices.Repeat([]int32{-1}, len(m.refs))
	}
	for _, in := range m.inputs {
		if !in.takes(f.Base) {
			continue
		}
		b.inputs = append(b.inputs, in)
		for _, s := range in.scopes {
			for _, r := range s.refs {
				m.checkSet(r, &p)
				switch {
				case rows:
					b.columns[r.slot] = r.column(f, heads, &p)
				case r.pathErr != nil:
					p.add(r.pos, r.where, "%s is no path into the documents of %s: %v", quoted(r.text), f.Name, r.pathErr)
				}
			}
			for _, g := range s.programs {
				if rows && g.rowErr != nil {
					p.add(g.pos, g.where, "the expression cannot be used on the rows of %s, where every cell is a text: %v", f.Name, g.rowErr)
				}
			}
		}
	}
	if b.err = misfit(f, p.list); b.err == nil {
		b.err = m.file.loadError(p.list)
	}
	if why := m.file.About.Refusal(f); why != "" {
		b.err = errors.New(why)
	}
	if rows && len(f.Columns) == 0 && len(b.inputs) > 0 {
		b.err = fmt.Errorf("%s is empty, without even a heading: export it again, or leave it out of --from", f.Name)
	}
	return b
}

// fewMissing is up to how many columns a preset may lack in a file that it is meant for: their names are likely others.
const fewMissing = 3

// misfit says of a CSV file that lacks most of what a preset reads that it is another export, instead of column by
// column; nil where it is not so.
func misfit(f *sources.File, list []LoadProblem) error {
	var missing []string
	preset := ""
	for i := range list {
		name, is := strings.CutPrefix(list[i].Pos.File, presetPrefix)
		if is && list[i].Missing != "" && !slices.Contains(missing, list[i].Missing) {
			preset, missing = name, append(missing, list[i].Missing)
		}
	}
	if f.Format != sources.CSV || len(missing) <= fewMissing {
		return nil
	}
	few := missing[:fewMissing]
	return fmt.Errorf("%s is not what the preset %s reads: it has no column %s and %d more\nhint: deskferry inspect --from %s tells what it is, deskferry mapping suggest writes a mapping for it",
		f.Name, preset, listed(few, fewMissing), len(missing)-fewMissing, f.Name)
}

func (m *Mapping) checkSet(r *ref, p *problems) {
	if r.scope != scopeSet {
		return
	}
	if _, ok := m.set[r.name]; !ok && !r.optional {
		p.add(r.pos, r.where, "%s is not given: add --set %s=…", quoted(r.text), r.name)
	}
}

// column finds the column r reads: the whole text is its name, Tag#2 is the second of that heading, #1 the first
// column.
func (r *ref) column(f *sources.File, heads map[string][]int32, p *problems) int32 {
	switch {
	case r.scope >= scopeFile:
		return -1
	case r.scope == scopeItem && r.inEach:
		if !r.self {
			p.add(r.pos, r.where, "%s: the items of each are pieces of text in the rows of %s; write \".\" for the piece, $.%s for the row's column",
				quoted(r.text), f.Name, r.text)
		}
		return -1
	case r.isItems:
		p.add(r.pos, r.where, "rows hold no items, and %s has rows; leave each out", f.Name)
		return -1
	case r.scope == scopeItem && len(r.prefix) > 0, r.whole:
		return -1
	case r.self:
		p.add(r.pos, r.where, "%s is a whole row of %s: name a column", quoted(r.text), f.Name)
		return -1
	}
	return findColumn(r, f, heads, p)
}

func findColumn(r *ref, f *sources.File, heads map[string][]int32, p *problems) int32 {
	at := heads[r.name]
	if len(at) == 1 {
		return at[0]
	}
	if len(at) > 1 {
		var ways []string
		for i, col := range at {
			ways = append(ways, r.name+"#"+strconv.Itoa(i+1)+" (column "+strconv.Itoa(int(col)+1)+")")
		}
		p.add(r.pos, r.where, "%s has %d columns called %s: write %s", f.Name, len(at), quoted(r.name), strings.Join(ways, " or "))
		return -1
	}
	if i := strings.LastIndexByte(r.name, '#'); i >= 0 {
		if n, err := strconv.Atoi(r.name[i+1:]); err == nil && n > 0 {
			name := r.name[:i]
			switch {
			case name == "" && n <= len(f.Columns):
				return int32(n - 1)
			case name == "":
				p.add(r.pos, r.where, "%s has %d columns, so there is no %s", f.Name, len(f.Columns), quoted(r.name))
				return -1
			case n <= len(heads[name]):
				return heads[name][n-1]
			}
		}
	}
	if r.optional {
		plain := *r
		plain.optional, plain.name = false, strings.TrimSuffix(r.name, "?")
		var missing problems
		if len(heads[plain.name]) > 1 {
			return findColumn(&plain, f, heads, p)
		}
		return findColumn(&plain, f, heads, &missing)
	}
	p.add(r.pos, r.where, "%s has no column %s%s", f.Name, quoted(r.name), didYouMean(r.name, distinct(f.Columns)))
	p.list[len(p.list)-1].Missing = r.name
	return -1
}

// headings finds columns by name. A heading is also found without the blanks around it, unless another is
// spelled like that.
func headings(columns []string) map[string][]int32 {
	heads := make(map[string][]int32, len(columns))
	for i, name := range columns {
		heads[name] = append(heads[name], int32(i))
	}
	for i, name := range columns {
		if t := strings.TrimSpace(name); t != name && !slices.Contains(columns, t) {
			heads[t] = append(heads[t], int32(i))
		}
	}
	return heads
}

func distinct(columns []string) []string {
	var out []string
	for _, c := range columns {
		if c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// columnText is how a mapping names column i: with its ordinal where the heading alone does not say it.
func columnText(columns []string, i int) string {
	name := columns[i]
	if strings.TrimSpace(name) == "" {
		return "#" + strconv.Itoa(i+1)
	}
	total, before := 0, 0
	for j, c := range columns {
		if c == name {
			total++
			if j < i {
				before++
			}
		}
	}
	if total > 1 {
		return name + "#" + strconv.Itoa(before+1)
	}
	return name
}
