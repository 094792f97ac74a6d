package sources

import (
	"cmp"
	"maps"
	"slices"
	"sync"
)

// Beside is a member of an object that wraps lists of records, and is not among them: a list nobody named as a place,
// or an object by itself. Single values and what pages of an API answer add (count, next_page, meta) are none.
type Beside struct {
	Path    string // "users"
	Count   int64  // items of a list; 1 for an object
	Example string // the start of its text, of a list its first item's
}

// maxBeside is how many members of a file are told apart.
const maxBeside = 100

// beside is shared by those who read a file and those who ask.
type beside struct {
	mu   sync.Mutex
	list []Beside
}

// Beside tells, by path, what the file held beside its records when it was last read to its end.
func (f *File) Beside() []Beside {
	if f.beside == nil {
		return nil
	}
	f.beside.mu.Lock()
	defer f.beside.mu.Unlock()
	return slices.Clone(f.beside.list)
}

// leave notes a member that is passed over.
func (c *cutter) leave(at string, n int64, text []byte) {
	if pageNames[plainName(at)] || n == 0 {
		return
	}
	b, met := c.beside[at]
	switch {
	case met:
		b.Count += n
	case len(c.beside) >= maxBeside:
		return
	default:
		b = Beside{Path: at, Count: n, Example: excerpt(text)}
	}
	c.beside[at] = b
}

// tellBeside hands over what a whole reading has met.
func (c *cutter) tellBeside() {
	shared := c.in.file.beside
	if shared == nil {
		return
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.list = slices.SortedFunc(maps.Values(c.beside), func(a, b Beside) int { return cmp.Compare(a.Path, b.Path) })
}
