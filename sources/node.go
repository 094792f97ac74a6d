package sources

import "iter"

// Child returns the member of Nodes[i] with the given name, 0 where there is none or Nodes[i] is no object.
func (r *Record) Child(i int32, name string) int32 {
	if int(i) >= len(r.Nodes) || r.Nodes[i].Kind != Object {
		return 0
	}
	for c := r.Nodes[i].First; c != 0; c = r.Nodes[c].Next {
		if r.Nodes[c].Name == name {
			return c
		}
	}
	return 0
}

// Item returns the n-th item of the array Nodes[i], from 0, or from the end where n is negative (-1 is the last); 0 where
// there is none or Nodes[i] is no array.
func (r *Record) Item(i int32, n int) int32 {
	if int(i) >= len(r.Nodes) || r.Nodes[i].Kind != Array {
		return 0
	}
	if n < 0 {
		n += r.Len(i)
	}
	if n < 0 {
		return 0
	}
	for c := r.Nodes[i].First; c != 0; c = r.Nodes[c].Next {
		if n == 0 {
			return c
		}
		n--
	}
	return 0
}

// Len is the number of members or items of Nodes[i].
func (r *Record) Len(i int32) int {
	n := 0
	for range r.Children(i) {
		n++
	}
	return n
}

// Children yields the members or items of Nodes[i] in reading order.
func (r *Record) Children(i int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		if int(i) >= len(r.Nodes) {
			return
		}
		for c := r.Nodes[i].First; c != 0 && yield(c); c = r.Nodes[c].Next {
		}
	}
}
