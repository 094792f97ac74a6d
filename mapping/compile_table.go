package mapping

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
)

// table translates values. It is compared as text, in any case.
type table struct {
	where  string // what a hint names: "tables.status", "messages.comment.channel"
	inline bool
	file   string            // of a table kept in a CSV file
	exact  map[string]*entry // as written, and in lower case
	star   *entry            // any other value
	absent *entry            // no value
	sample string            // a target value, for the hint
}

// entry is what one value becomes.
type entry struct {
	to     val
	absent bool
}

// find returns the entry of v, nil where there is none. Spelled as in the table, a value is found without
// allocation.
func (t *table) find(v val) *entry {
	if e, ok := t.exact[v.text]; ok {
		return e
	}
	if e, ok := t.exact[strings.ToLower(v.text)]; ok {
		return e
	}
	if plain := plainNumber(v.text); plain != v.text {
		if e, ok := t.exact[plain]; ok {
			return e
		}
	}
	return t.star
}

// maxTableRows bounds a table kept in a file: tables are held in memory.
const maxTableRows = 200_000

func (c *compiler) table(t *Table, where string) *table {
	if t.Name != "" && len(t.Entries) == 0 && t.File == "" {
		return c.namedTable(t, where)
	}
	out := &table{where: where, inline: true, exact: map[string]*entry{}}
	c.fillTable(out, t)
	return out
}

func (c *compiler) namedTable(t *Table, where string) *table {
	i := slices.IndexFunc(c.file.Tables, func(o Table) bool { return o.Name == t.Name })
	if i < 0 {
		names := make([]string, 0, len(c.file.Tables))
		for _, o := range c.file.Tables {
			names = append(names, o.Name)
		}
		c.p.add(t.Pos, where, "there is no table %s%s", quoted(t.Name), didYouMean(t.Name, names))
		return &table{}
	}
	def := &c.file.Tables[i]
	out, ok := c.tables[t.Name]
	if !ok {
		out = &table{where: "tables." + t.Name, exact: map[string]*entry{}}
		c.fillTable(out, def)
		c.tables[t.Name] = out
	}
	return out
}

func (c *compiler) fillTable(out *table, t *Table) {
	for _, e := range t.Entries {
		out.put(e.From, entry{to: constVal(e.To), absent: e.To.Kind == ConstAbsent})
	}
	if t.File == "" {
		return
	}
	out.file = t.File
	if err := c.readTable(out, t); err != nil {
		c.p.add(t.Pos, out.where, "%v", err)
	}
}

func (t *table) put(from string, e entry) {
	if t.sample == "" && !e.absent {
		t.sample = e.to.text
	}
	switch from {
	case "*":
		t.star = &e
	case "":
		t.absent = &e
	default:
		// The first of two spellings that differ only in case keeps the lower-case place.
		if _, ok := t.exact[strings.ToLower(from)]; !ok {
			t.exact[strings.ToLower(from)] = &e
		}
		t.exact[from] = &e
	}
}

// readTable reads a table's CSV file. It lies beside the mapping that names it.
func (c *compiler) readTable(out *table, t *Table) error {
	name := path.Join(path.Dir(t.Pos.File), t.File)
	f, err := c.fsys.Open(name)
	if err != nil && path.Dir(t.Pos.File) != path.Dir(c.name) {
		name = path.Join(path.Dir(c.name), t.File)
		f, err = c.fsys.Open(name)
	}
	if err != nil {
		return fmt.Errorf("opening the table's file %s: %w; it lies beside the mapping", quoted(t.File), err)
	}
	defer f.Close()
	in := bufio.NewReader(f)
	if mark, _ := in.Peek(3); string(mark) == "\xef\xbb\xbf" {
		in.Discard(3)
	}
	if err := readTableRows(in, t, out); err != nil {
		return fmt.Errorf("reading the table's file %s: %w", quoted(t.File), err)
	}
	c.tableSums = append(c.tableSums, tableSum(out))
	return nil
}

func readTableRows(in *bufio.Reader, t *Table, out *table) error {
	rows := csv.NewReader(in)
	rows.Comma = sniffComma(in)
	dec := gocsv.NewSimpleDecoderFromCSVReader(rows)
	head, err := dec.GetCSVRow()
	if err != nil {
		return fmt.Errorf("no heading: %w", err)
	}
	key, err := tableColumn(head, t.Key)
	if err != nil {
		return err
	}
	value, err := tableColumn(head, t.Value)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		row, err := dec.GetCSVRow()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n == maxTableRows {
			return fmt.Errorf("more than %d rows: a table is held in memory", maxTableRows)
		}
		k, to := strings.TrimSpace(row[key]), strings.TrimSpace(row[value])
		out.put(k, entry{to: val{kind: vText, text: to}, absent: to == ""})
	}
}

// sniffComma tells a small file's delimiter from its heading.
func sniffComma(in *bufio.Reader) rune {
	head, _ := in.Peek(4096)
	line, _, _ := strings.Cut(string(head), "\n")
	best, most := ',', 0
	for _, comma := range ",;\t|" {
		if n := strings.Count(line, string(comma)); n > most {
			best, most = comma, n
		}
	}
	return best
}

func tableColumn(head []string, name string) (int, error) {
	trimmed := make([]string, len(head))
	for i, h := range head {
		trimmed[i] = strings.TrimSpace(h)
	}
	if i := slices.Index(trimmed, name); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("there is no column %s%s", quoted(name), didYouMean(name, trimmed))
}
