package sandbox

import (
	"cmp"
	"iter"
	"slices"
	"time"
)

// key is a place in a listing: a time, then an id.
type key struct {
	at int64 // microseconds since 1970; 0 in listings by id
	id int64
}

func keyOf(t time.Time, id int64) key { return key{t.UnixMicro(), id} }

func (k key) compare(o key) int { return cmp.Or(cmp.Compare(k.at, o.at), cmp.Compare(k.id, o.id)) }

// index holds keys in order. What arrives out of order waits in late until somebody reads, so that a long run of
// creates does not shift the same memory again and again.
type index struct {
	sorted []key
	late   []key
}

func (x *index) add(k key) {
	if len(x.late) == 0 && (len(x.sorted) == 0 || x.sorted[len(x.sorted)-1].compare(k) < 0) {
		x.sorted = append(x.sorted, k)
		return
	}
	x.late = append(x.late, k)
}

func (x *index) remove(k key) {
	keys := x.keys()
	if i, ok := slices.BinarySearchFunc(keys, k, key.compare); ok {
		x.sorted = slices.Delete(keys, i, i+1)
	}
}

// keys returns all keys in ascending order; valid until the index changes.
func (x *index) keys() []key {
	if len(x.late) == 0 {
		return x.sorted
	}
	slices.SortFunc(x.late, key.compare)
	merged := make([]key, 0, len(x.sorted)+len(x.late)+len(x.late)/2)
	a, b := x.sorted, x.late
	for len(a) > 0 && len(b) > 0 {
		if a[0].compare(b[0]) <= 0 {
			merged, a = append(merged, a[0]), a[1:]
		} else {
			merged, b = append(merged, b[0]), b[1:]
		}
	}
	x.sorted = append(append(merged, a...), b...)
	x.late = nil
	return x.sorted
}

// walk yields keys from the one after "after" (nil: from the end it starts at), upwards or downwards.
func walk(keys []key, after *key, down bool) iter.Seq[key] {
	return func(yield func(key) bool) {
		if down {
			i := len(keys)
			if after != nil {
				i, _ = slices.BinarySearchFunc(keys, *after, key.compare)
			}
			for i--; i >= 0 && yield(keys[i]); i-- {
			}
			return
		}
		i := 0
		if after != nil {
			found := false
			if i, found = slices.BinarySearchFunc(keys, *after, key.compare); found {
				i++
			}
		}
		for ; i < len(keys) && yield(keys[i]); i++ {
		}
	}
}
