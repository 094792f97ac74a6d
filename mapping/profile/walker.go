package profile

import (
	"strconv"

	"github.com/deskferry/deskferry/sources"
)

// addDocument takes a document into account.
func (s *shapeSum) addDocument(r *sources.Record) {
	s.records++
	w := walker{sum: s, nodes: r.Nodes}
	switch r.Nodes[0].Kind {
	case sources.Object:
		w.object(&s.root, 0, 0)
	default:
		w.value(&s.root, 0, 0)
	}
	if !w.filled {
		s.blank++
	} else {
		s.hashes = append(s.hashes, hashOf(string(r.Raw)))
	}
	if w.text {
		s.texts++
	}
}

// walker goes through one document.
type walker struct {
	sum          *shapeSum
	nodes        []sources.Node
	filled, text bool
}

func (w *walker) object(n *node, at int32, depth int) {
	n.objects++
	total, list, size := int64(-1), (*node)(nil), int64(0)
	lists, i := 0, 0
	for c := w.nodes[at].First; c != 0; c = w.nodes[c].Next {
		v := &w.nodes[c]
		k := w.sum.kid(n, v.Name, i)
		i++
		if k == nil {
			w.filled = w.filled || v.Kind != sources.Null
			continue
		}
		w.value(k, c, depth+1)
		switch {
		case v.Kind == sources.Array:
			lists++
			list, size = k, w.length(c)
		case v.Kind == sources.Number && isTotalName(v.Name):
			total, _ = strconv.ParseInt(v.Text, 10, 64)
		}
	}
	if lists == 1 && total > size && size > 0 {
		if w.sum.totals++; w.sum.totalPath == nil {
			w.sum.totalPath = list
		}
	}
}

func (w *walker) length(at int32) (n int64) {
	for c := w.nodes[at].First; c != 0; c = w.nodes[c].Next {
		n++
	}
	return n
}

func (w *walker) value(n *node, at int32, depth int) {
	v := &w.nodes[at]
	switch v.Kind {
	case sources.Null:
		n.stats.null++
	case sources.Object:
		n.stats.types[tObject]++
		if v.First == 0 {
			n.stats.empty++
			n.stats.types[tObject]--
			n.objects++
			return
		}
		n.stats.filled++
		if depth < maxDepth {
			w.object(n, at, depth)
		}
	case sources.Array:
		w.list(n, at, depth)
	default:
		filled, _ := n.stats.addScalar(v)
		w.filled = w.filled || filled
		w.text = w.text || filled && n.body && v.Kind == sources.String
	}
}

// list goes through a list. Its plain items are values of the list's own field.
func (w *walker) list(n *node, at int32, depth int) {
	n.lists++
	size := 0
	for c := w.nodes[at].First; c != 0; c = w.nodes[c].Next {
		size++
		switch w.nodes[c].Kind {
		case sources.Object:
			if depth < maxDepth {
				w.object(n.item(), c, depth+1)
			}
		case sources.Array:
			if depth < maxDepth {
				w.list(n.item(), c, depth+1)
			}
		case sources.Null:
		default:
			filled, _ := n.stats.addItem(&w.nodes[c])
			w.filled = w.filled || filled
			w.text = w.text || filled && n.body
		}
	}
	n.stats.addList(size)
}
