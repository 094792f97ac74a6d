package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/sources"
)

// About says what export a mapping is for, so that the export can be recognised, and refused where it cannot hold what is
// wanted. The zero value knows nothing of its export.
type About struct {
	Title  string     // as people call it
	Signs  [][]string // a record with all fields of one of these is of this export; paths pass through lists: comments.public
	Refuse []Refuse
	Pos    Pos
}

// Refuse names a CSV file that is often taken for the export and holds no messages.
type Refuse struct {
	Columns []string // all of them are in its heading, in any case
	Unless  []string // and none of these
	Say     string   // why, and which export to ask for
	Pos     Pos
}

// takes tells whether a file of these columns is meant.
func (r *Refuse) takes(columns []string) bool {
	has := func(name string) bool {
		return slices.ContainsFunc(columns, func(c string) bool { return strings.EqualFold(strings.TrimSpace(c), name) })
	}
	return !slices.ContainsFunc(r.Columns, func(c string) bool { return !has(c) }) && !slices.ContainsFunc(r.Unless, has)
}

// Refusal says why a CSV file cannot be what the mapping is for and which export to ask for; "" where nothing is
// against it.
func (a *About) Refusal(f *sources.File) string {
	if f.Format != sources.CSV {
		return ""
	}
	for i := range a.Refuse {
		if a.Refuse[i].takes(f.Columns) {
			return fmt.Sprintf("%s: %s", f.Name, a.Refuse[i].Say)
		}
	}
	return ""
}

var aboutKeys = []key{
	{"title", "text", "what people call the export"},
	{"signs", "signs", "lists of fields: a record that has all of one list is of this export"},
	{"refuse", "refusals", "CSV files taken for the export that hold no messages"},
}

var refuseKeys = []key{
	{"columns", "texts", "headings that are all there"},
	{"unless", "texts", "headings of which none is there"},
	{"say", "text", "why it is refused, and which export to ask for"},
}

func (d *decoder) about(n *node) About {
	a := About{Pos: n.pos}
	for _, e := range d.known(n, "about", keyNames(aboutKeys)) {
		at := "about." + e.key
		switch e.key {
		case "title":
			a.Title = d.word(e.value, at)
		case "signs":
			for _, item := range d.items(e.value, at, "signs: [[id, comments.public], [id, comments.author_id]]") {
				if sign := d.words(item, at); len(sign) > 0 {
					a.Signs = append(a.Signs, sign)
				}
			}
		case "refuse":
			for _, item := range d.items(e.value, at, "refuse: [{ columns: [Id, Requester], say: ask for the JSON export }]") {
				a.Refuse = append(a.Refuse, d.refuse(item, at))
			}
		}
	}
	return a
}

func (d *decoder) refuse(n *node, at string) Refuse {
	r := Refuse{Pos: n.pos}
	for _, e := range d.known(n, at, keyNames(refuseKeys)) {
		below := at + "." + e.key
		switch e.key {
		case "columns":
			r.Columns = d.words(e.value, below)
		case "unless":
			r.Unless = d.words(e.value, below)
		case "say":
			r.Say = d.word(e.value, below)
		}
	}
	if len(r.Columns) == 0 || r.Say == "" {
		d.add(n.pos, at, "name the columns it is known by and what to say")
	}
	return r
}

// items returns the items of a list.
func (d *decoder) items(n *node, at, example string) []*node {
	switch {
	case d.isNothing(n, at):
	case n.kind != nodeList || len(n.list) == 0:
		d.add(n.pos, at, "expected a list; write %s", example)
	default:
		return n.list
	}
	return nil
}

// Setting is a free word of source.api: what the reader of a live API is told.
type Setting struct {
	Name, Value string
	Pos         Pos
}

func (d *decoder) settings(n *node, at string) []Setting {
	var all []Setting
	for _, e := range d.entriesOf(n, at, "api: { pace: 2 }") {
		all = append(all, Setting{Name: e.key, Value: d.word(e.value, at+"."+e.key), Pos: e.pos})
	}
	return all
}

func (a *About) show(b *strings.Builder) {
	if a.Title == "" && len(a.Signs) == 0 && len(a.Refuse) == 0 {
		return
	}
	b.WriteString("about:\n")
	if a.Title != "" {
		fmt.Fprintf(b, "  title: %s\n", word(a.Title))
	}
	if len(a.Signs) > 0 {
		b.WriteString("  signs:\n")
		for _, s := range a.Signs {
			fmt.Fprintf(b, "    - %s\n", flowWords(s))
		}
	}
	if len(a.Refuse) > 0 {
		b.WriteString("  refuse:\n")
	}
	for _, r := range a.Refuse {
		m := addWords(nil, "columns", r.Columns)
		m = addWords(m, "unless", r.Unless)
		fmt.Fprintf(b, "    - %s\n", flowMap(addWord(m, "say", r.Say)))
	}
}
