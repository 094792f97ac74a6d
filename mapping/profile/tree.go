package profile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// maxDepth is how deep documents are looked into; what lies deeper is one value.
const maxDepth = 16

// shapeSum accumulates the records of one place, of a piece or of a whole source.
type shapeSum struct {
	place   string
	root    node
	nodes   int // in the tree
	idents  int // of them counted as ids
	limit   int // of nodes
	dropped map[uint64]bool

	records, blank, texts int64
	totals                int64    // objects whose total is larger than the list beside it
	totalPath             *node    // the first such list
	hashes                []uint64 // of a piece's records
	whole                 sample   // of a source's records
	kept                  []*sources.Record
	keptBytes             int
	row                   []*node // by column
	rowFile               *sources.File
	columns               []string // as a mapping names them, of rowFile
}

// node is a field, or a value inside one.
type node struct {
	name           string
	kids           []*node
	byName         map[string]*node // of many kids
	items          *node            // of the lists met here
	body           bool             // its name is one of a body
	ident          bool             // its name is one of an id
	objects, lists int64            // values of these kinds, of a record's root its records
	stats          stats
}

// fewKids is how many members are found without a map.
const fewKids = 12

// kid finds or makes the member called name; hint is where it likely is. It is nil where the shape has too many.
func (s *shapeSum) kid(n *node, name string, hint int) *node {
	if hint < len(n.kids) && n.kids[hint].name == name {
		return n.kids[hint]
	}
	if n.byName == nil {
		for _, k := range n.kids {
			if k.name == name {
				return k
			}
		}
	} else if k := n.byName[name]; k != nil {
		return k
	}
	if s.nodes >= s.limit {
		s.drop(name)
		return nil
	}
	s.nodes++
	name = strings.Clone(name)
	k := &node{name: name}
	plain := plainName(name)
	k.body, k.ident = isBodyName(plain), isIdentName(plain)
	k.stats.limit = MaxDistinct
	if s.nodes > wideFields {
		k.stats.limit = MaxValues
	} else if k.ident && s.idents < mostIdents {
		s.idents++
		k.stats.limit = maxIDs
	}
	n.kids = append(n.kids, k)
	if len(n.kids) > fewKids {
		if n.byName == nil {
			n.byName = make(map[string]*node, 2*fewKids)
			for _, old := range n.kids {
				n.byName[old.name] = old
			}
		}
		n.byName[name] = k
	}
	return k
}

const (
	wideFields = 120   // fields of which MaxDistinct values are told apart, of others MaxValues
	mostIdents = 6     // fields of ids of which maxIDs are
	maxIDs     = 50000 // ids counted one by one
	maxDropped = 10000 // fields left out that are told apart
	maxValue   = 200   // bytes of a value that is kept whole
	maxNodes   = 20000 // fields of all shapes
)

func (s *shapeSum) drop(name string) {
	if s.dropped == nil {
		s.dropped = map[uint64]bool{}
	}
	if len(s.dropped) < maxDropped {
		s.dropped[hashOf(name)] = true
	}
}

func (n *node) item() *node {
	if n.items == nil {
		n.items = &node{}
		n.items.stats.limit = MaxDistinct
	}
	return n.items
}

// addRow takes a row into account.
func (s *shapeSum) addRow(r *sources.Record) {
	if s.rowFile != r.File {
		s.bindRow(r.File)
	}
	s.records++
	s.root.objects++
	blank, text := true, false
	var hash uint64
	for i, cell := range r.Fields {
		n := s.row[i]
		if n == nil {
			hash = hash*prime ^ hashOf(cell)
			continue
		}
		filled, h := n.stats.addText(cell, true)
		hash = hash*prime ^ h
		blank = blank && !filled
		text = text || filled && n.body
	}
	if blank {
		s.blank++
	} else {
		s.hashes = append(s.hashes, hash)
	}
	if text {
		s.texts++
	}
}

const prime = 0x9E3779B185EBCA87

// bindRow finds the columns of a file.
func (s *shapeSum) bindRow(f *sources.File) {
	s.rowFile = f
	if !slices.Equal(s.columns, f.Columns) || s.row == nil {
		s.columns = f.Columns
		s.row = make([]*node, len(f.Columns))
		named := columnNames(f.Columns)
		for i := range f.Columns {
			s.row[i] = s.kid(&s.root, named[i], i)
		}
	}
}

// columnNames are the columns as a mapping names them: Tag#2 is the second of that heading, #1 the first column where it
// has no heading.
func columnNames(columns []string) []string {
	total, before := map[string]int{}, map[string]int{}
	for _, c := range columns {
		total[c]++
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		before[c]++
		switch {
		case strings.TrimSpace(c) == "":
			names[i] = "#" + strconv.Itoa(i+1)
		case total[c] > 1:
			names[i] = c + "#" + strconv.Itoa(before[c])
		default:
			names[i] = c
		}
	}
	return names
}

// merge adds a piece's sums. Fields keep the order in which they were first met.
func (s *shapeSum) merge(o *shapeSum) {
	s.records += o.records
	s.blank += o.blank
	s.texts += o.texts
	s.totals += o.totals
	for _, h := range o.hashes {
		s.whole.add(h, "", 1, maxIDs)
	}
	for h := range o.dropped {
		if s.dropped == nil {
			s.dropped = map[uint64]bool{}
		}
		if len(s.dropped) < maxDropped {
			s.dropped[h] = true
		}
	}
	s.mergeNode(&s.root, &o.root, o.totalPath)
	for _, r := range o.kept {
		s.keep(r)
	}
}

func (s *shapeSum) mergeNode(n, o *node, total *node) {
	n.objects += o.objects
	n.lists += o.lists
	n.stats.merge(&o.stats)
	if o == total && s.totalPath == nil {
		s.totalPath = n
	}
	for i, k := range o.kids {
		if !k.met() {
			continue
		}
		if mine := s.kid(n, k.name, i); mine != nil {
			s.mergeNode(mine, k, total)
		}
	}
	if o.items != nil && (o.items.objects > 0 || o.items.lists > 0) {
		s.mergeNode(n.item(), o.items, total)
	}
}

// unite takes what is met as one object and as a list of them for lists: an XML element that came once is an object, and
// `each` of a mapping takes both alike.
func (s *shapeSum) unite(n *node) {
	for _, k := range n.kids {
		if k.lists > 0 && k.objects > 0 && len(k.kids) > 0 {
			alone := &node{kids: k.kids, objects: k.objects}
			k.kids, k.byName = nil, nil
			k.lists += k.objects
			k.stats.types[tList] += k.stats.types[tObject]
			k.objects, k.stats.types[tObject] = 0, 0
			k.stats.maxItems = max(k.stats.maxItems, 1)
			s.mergeNode(k.item(), alone, nil)
		}
		s.unite(k)
		for item := k.items; item != nil; item = item.items {
			s.unite(item)
		}
	}
}

// met tells whether anything was found here since the last reset.
func (n *node) met() bool { return n.stats.met() > 0 || n.objects > 0 || n.lists > 0 }

// reset empties s for another piece and keeps what it knows of names.
func (s *shapeSum) reset() {
	if s.nodes > MaxFields/2 {
		*s = shapeSum{limit: s.limit}
		return
	}
	s.place, s.records, s.blank, s.texts, s.totals, s.totalPath = "", 0, 0, 0, 0, nil
	s.hashes, s.kept, s.keptBytes, s.dropped = s.hashes[:0], nil, 0, nil
	s.rowFile = nil
	s.root.reset()
}

func (n *node) reset() {
	n.objects, n.lists = 0, 0
	n.stats.reset()
	for _, k := range n.kids {
		k.reset()
	}
	if n.items != nil {
		n.items.reset()
	}
}

// What is kept of a shape's records, to try presets on.
const (
	keptRecords = 100
	keptBytes   = 1 << 20
	keptRecord  = 128 << 10
)

// wants tells whether a record is kept as a sample.
func (s *shapeSum) wants(r *sources.Record) bool {
	return r.Origin.Index < keptRecords && len(s.kept) < keptRecords && sizeOf(r) <= keptRecord
}

func sizeOf(r *sources.Record) int {
	n := len(r.Raw)
	for _, f := range r.Fields {
		n += len(f)
	}
	return n
}

func (s *shapeSum) keep(r *sources.Record) {
	n := sizeOf(r)
	if len(s.kept) < keptRecords && s.keptBytes+n <= keptBytes {
		s.kept = append(s.kept, r)
		s.keptBytes += n
	}
}

// copyOf makes a record that outlives its piece.
func copyOf(r *sources.Record) *sources.Record {
	c := *r
	c.Fields, c.Nodes, c.Raw = slices.Clone(r.Fields), slices.Clone(r.Nodes), slices.Clone(r.Raw)
	for i := range c.Fields {
		c.Fields[i] = strings.Clone(c.Fields[i])
	}
	for i := range c.Nodes {
		c.Nodes[i].Text = strings.Clone(c.Nodes[i].Text)
	}
	return &c
}

func joinName(prefix, name string, row bool) string {
	if row {
		return name
	}
	return mapping.JoinPath(prefix, name)
}

// fields lists the fields below n, in the order in which they were met.
func (s *shapeSum) fields(n *node, prefix, list string, within int64, row bool, out []Field) []Field {
	for _, k := range n.kids {
		path := joinName(prefix, k.name, row)
		out = append(out, k.field(path, list, within, row))
		if len(k.kids) > 0 {
			out = s.fields(k, path, list, within, row, out)
		}
		for item, at := k.items, path; item != nil; item = item.items {
			at += "[]"
			out = s.fields(item, at, strings.TrimSuffix(at, "[]"), item.objects, row, out)
		}
	}
	return out
}
