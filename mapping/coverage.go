package mapping

import (
	"cmp"
	"slices"

	"github.com/deskferry/deskferry/sources"
)

// Unplaced is a column or path that was read and has no place in the target.
type Unplaced struct {
	Input   string // "" where the mapping names no inputs
	Path    string // as a mapping would write it; items of any position are []
	Count   int64  // records or items with a value there
	Example string // of a value, at most 60 bytes
}

// unplaced is counted while records are read; at is the ordinal of the record the example is from.
type unplaced struct {
	Unplaced
	at int64
}

// Coverage tells what was read, and what of it has no place. It is bounded: of each input at most 1,000 paths without a
// place are told apart.
type Coverage struct {
	unplaced map[placeKey]*unplaced
	kept     map[placeKey]*Kept
	more     map[string]int64
	met      []bool
	tried    []bool
	refs     []*ref
	files    map[*sources.File]bool // JSON files met
	ignore   []string
}

type placeKey struct{ input, path string }

// maxPaths is how many paths of one input are told apart.
const maxPaths = 1000

const exampleBytes = 60

// Merge adds what another mapper of the same mapping met.
func (c *Coverage) Merge(other *Coverage) {
	if other == nil {
		return
	}
	for key, u := range other.unplaced {
		c.add(key, u.Count, u.Example, u.at)
	}
	for in, n := range other.more {
		c.addMore(in, n)
	}
	for f := range other.files {
		c.addFile(f)
	}
	for key, k := range other.kept {
		c.keep(key, k.To, k.Count)
	}
	if c.refs == nil {
		c.refs, c.ignore = other.refs, other.ignore
		c.met, c.tried = slices.Clone(other.met), slices.Clone(other.tried)
		return
	}
	for i := range other.met {
		c.met[i] = c.met[i] || other.met[i]
		c.tried[i] = c.tried[i] || other.tried[i]
	}
}

// add counts n values; the example is that of the earliest record, whichever mapper met it.
func (c *Coverage) add(key placeKey, n int64, example string, at int64) {
	if c.unplaced == nil {
		c.unplaced = map[placeKey]*unplaced{}
	}
	u := c.unplaced[key]
	if u == nil {
		u = &unplaced{Unplaced{Input: key.input, Path: key.path, Example: example}, at}
		c.unplaced[key] = u
	}
	if at < u.at {
		u.Example, u.at = example, at
	}
	u.Count += n
}

func (c *Coverage) addMore(in string, n int64) {
	if c.more == nil {
		c.more = map[string]int64{}
	}
	c.more[in] += n
}

func (c *Coverage) addFile(f *sources.File) {
	if c.files == nil {
		c.files = map[*sources.File]bool{}
	}
	c.files[f] = true
}

// beside counts what the files held beside their records.
func (c *Coverage) beside() map[string]*Unplaced {
	out := map[string]*Unplaced{}
	for f := range c.files {
		for _, b := range f.Beside() {
			if slices.Contains(c.ignore, b.Path) {
				continue
			}
			u := out[b.Path]
			if u == nil {
				u = &Unplaced{Path: b.Path, Example: example(b.Example)}
				out[b.Path] = u
			}
			u.Count += b.Count
			u.Example = min(u.Example, example(b.Example)) // the same one whatever the order of files
		}
	}
	return out
}

// Unplaced lists them by input, most frequent first; what a file held beside its records ([sources.File.Beside]) is of
// no input. Values of paths past the bound come last, as "more".
func (c *Coverage) Unplaced() []Unplaced {
	beside := c.beside()
	out := make([]Unplaced, 0, len(c.unplaced)+len(beside)+len(c.more))
	for _, u := range c.unplaced {
		out = append(out, u.Unplaced)
	}
	for _, u := range beside {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b Unplaced) int {
		return cmp.Or(cmp.Compare(a.Input, b.Input), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Path, b.Path))
	})
	var more []Unplaced
	for in, n := range c.more {
		more = append(more, Unplaced{Input: in, Path: "more", Count: n})
	}
	slices.SortFunc(more, func(a, b Unplaced) int { return cmp.Compare(a.Input, b.Input) })
	return append(out, more...)
}

// Unmet lists, as warnings, the paths the mapping reads that no document had. Alternatives and conditions may well
// lead nowhere and are left out.
func (c *Coverage) Unmet() []Problem {
	var out []Problem
	for i, r := range c.refs {
		if c.tried[i] && !c.met[i] && !r.perhaps && !r.self {
			out = append(out, Problem{
				Field: r.where, Code: codePathUnmet, Value: r.text, Severity: Warning,
				Hint: "no record has it: check its spelling against a record (" + r.pos.String() + ")",
			})
		}
	}
	return out
}

// Coverage returns what this mapper has met so far.
func (w *Mapper) Coverage() *Coverage {
	c := &Coverage{refs: w.m.refs, met: slices.Clone(w.met), tried: slices.Clone(w.tried), ignore: w.m.file.Ignore}
	for f, b := range w.bindings {
		if f.Format != sources.CSV {
			c.addFile(f)
		}
		for i, list := range b.unread {
			for _, u := range list {
				if u.count > 0 {
					c.add(placeKey{b.inputs[i].name, columnText(b.file.Columns, int(u.column))}, u.count, u.example, u.at)
				}
			}
		}
		b.collectKept(c)
	}
	for i, d := range w.docs {
		if d != nil {
			d.collect(c, w.m.inputs[i].name)
		}
	}
	return c
}

// bound is a mapper's binding of a file, with the counts of columns nobody reads.
type bound struct {
	*binding
	file   *sources.File
	unread [][]unread    // by input
	kept   []keptColumns // the same
}

type unread struct {
	column  int32
	count   int64
	example string
	at      int64 // ordinal of the record it is from
}

func (m *Mapping) newBound(f *sources.File) *bound {
	b := &bound{binding: m.bind(f), file: f, unread: nil}
	if f.Format != sources.CSV {
		return b
	}
	heads := headings(f.Columns)
	for _, in := range b.inputs {
		b.unread = append(b.unread, m.unreadColumns(b, in, heads))
		b.kept = append(b.kept, newKeptColumns(b.binding, in))
	}
	return b
}

func (m *Mapping) unreadColumns(b *bound, in *input, heads map[string][]int32) []unread {
	read := make([]bool, len(b.file.Columns))
	for _, s := range in.scopes {
		for _, r := range s.refs {
			if r.whole {
				return nil
			}
			if i := b.columns[r.slot]; i >= 0 {
				read[i] = true
			}
		}
	}
	for _, name := range m.file.Ignore {
		for _, i := range heads[name] {
			read[i] = true
		}
		var p problems
		if i := findColumn(&ref{name: name}, b.file, heads, &p); i >= 0 {
			read[i] = true
		}
	}
	var out []unread
	for i, ok := range read {
		if !ok {
			out = append(out, unread{column: int32(i)})
		}
	}
	return out
}

// cover counts the values of the record in hand, those that are read and those that nobody reads.
func (w *Mapper) cover(b *bound) {
	i := slices.Index(b.inputs, w.in)
	if w.isRow {
		if i >= len(b.unread) {
			return
		}
		list := b.unread[i]
		for j := range list {
			u := &list[j]
			if s := w.cell(u.column); s != "" {
				if u.count == 0 {
					u.example, u.at = example(s), w.rec.Ordinal
				}
				u.count++
			}
		}
		w.coverKept(&b.kept[i])
		return
	}
	at := slices.Index(w.m.inputs, w.in)
	if w.docs[at] == nil {
		w.docs[at] = w.m.newDocCoverage(w.in)
	}
	w.coverNode(w.docs[at], &w.docs[at].root, 0)
}

func example(s string) string { return firstBytes(clipped(s), exampleBytes) }
