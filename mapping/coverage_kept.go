package mapping

import (
	"cmp"
	"slices"
	"strings"
)

// Kept is a column or path that the mapping reads, and where its values go.
type Kept struct {
	Input string // "" where the mapping names no inputs
	Path  string // as a mapping would write it; items of any position are []
	To    string // target fields, as "ticket.subject, message.subject"; "condition" where it only decides
	Count int64  // records or items with a value there
}

// conditionTarget is where a field goes that is read for a decision alone.
const conditionTarget = "condition"

// maxTargets is how many target fields of one source field are named.
const maxTargets = 8

// Kept lists what has a place, by input, most frequent first. Of the rows of a table that is every column with a value;
// what an expression reads by other ways than a name it spells is not known.
func (c *Coverage) Kept() []Kept {
	out := make([]Kept, 0, len(c.kept))
	for _, k := range c.kept {
		out = append(out, *k)
	}
	slices.SortFunc(out, func(a, b Kept) int {
		return cmp.Or(cmp.Compare(a.Input, b.Input), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Path, b.Path))
	})
	return out
}

// keep counts n values. Files may differ in what is read of a column; the longer list of targets holds the shorter.
func (c *Coverage) keep(key placeKey, to string, n int64) {
	if c.kept == nil {
		c.kept = map[placeKey]*Kept{}
	}
	k := c.kept[key]
	if k == nil {
		k = &Kept{Input: key.input, Path: key.path}
		c.kept[key] = k
	}
	if cmp.Or(cmp.Compare(len(to), len(k.To)), cmp.Compare(to, k.To)) > 0 {
		k.To = to
	}
	k.Count += n
}

// keptColumns are the columns that rules read, each with its targets and the values counted.
type keptColumns struct {
	columns []int32
	counts  []int64
	to      [][]string
}

func newKeptColumns(b *binding, in *input) keptColumns {
	var k keptColumns
	for _, s := range in.scopes {
		for _, r := range s.refs {
			column := b.columns[r.slot]
			if column < 0 {
				continue
			}
			i := slices.Index(k.columns, column)
			if i < 0 {
				i = len(k.columns)
				k.columns, k.to = append(k.columns, column), append(k.to, nil)
			}
			k.to[i] = withText(k.to[i], s.target(r))
		}
	}
	k.counts = make([]int64, len(k.columns))
	return k
}

// coverKept counts the values of the row in hand that are read. What begins like a value is one, unless it may be a word for
// nothing: most cells are not looked at further.
func (w *Mapper) coverKept(k *keptColumns) {
	plain, fields, counts := len(w.in.empty) == 0, w.rec.Fields, k.counts[:len(k.columns)]
	for i, column := range k.columns {
		if uint(column) >= uint(len(fields)) {
			continue
		}
		if s := fields[column]; s != "" && (plain && s[0] > ' ' && s[0] < 0x7f || w.cell(column) != "") {
			counts[i]++
		}
	}
}

func (b *bound) collectKept(c *Coverage) {
	for i, k := range b.kept {
		for j, n := range k.counts {
			if n > 0 {
				c.keep(placeKey{b.inputs[i].name, columnText(b.file.Columns, int(k.columns[j]))}, toText(k.to[j]), n)
			}
		}
	}
}

// target is the field a ref of the scope is read for: "ticket.subject".
func (s *scope) target(r *ref) string {
	field, ok := strings.CutPrefix(r.where, s.rule+".")
	section, _, _ := strings.Cut(s.rule, ".")
	what := map[string]string{"tickets": "ticket", "messages": "message", "people": "person"}[section]
	first, _, _ := strings.Cut(field, ".")
	if !ok || what == "" || slices.Contains([]string{"when", "skip", "warn", "each"}, first) {
		return conditionTarget
	}
	return what + "." + field
}

// withText adds a text that is not in list yet.
func withText(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// toText lists targets; a condition is named where there is nothing else.
func toText(to []string) string {
	fields := slices.DeleteFunc(slices.Clone(to), func(s string) bool { return s == conditionTarget })
	if len(fields) == 0 {
		return strings.Join(to, ", ")
	}
	if more := len(fields) - maxTargets; more > 0 {
		fields = append(fields[:maxTargets], "…")
	}
	return strings.Join(fields, ", ")
}
