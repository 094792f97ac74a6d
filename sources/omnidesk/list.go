package omnidesk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	seamRows  = 20 // of a page are read again with the next, at most; and at most one in
	seamShare = 20
	maxPasses = 5
	maxBacks  = 3
)

// lister reads a list by its pages. The list may change meanwhile, and its order is not documented (omnidesk-v2 section 1): pages
// overlap, so that a shift shows, and after one the list is read again until nothing new comes.
type lister struct {
	client  *client
	ask     ask
	page    int  // rows to ask for
	byPage  bool // itemStart counts pages
	key     func(row jsontext.Value) string
	each    func(key string, row jsontext.Value) error // called once for each key, from one goroutine; row is valid until it returns
	counted func(rows, total int)                      // called after each page; total -1 is unknown

	seen map[string]bool // keys of all passes
	listing
}

// listing is what came of reading a list.
type listing struct {
	Rows    int   // different rows
	Again   int64 // rows that came a second time although the pages should not hold them: the list was shifting
	Passes  int   // how often the list was read
	Missing int   // rows that itemTotal promises and no page gave
	mended  int64 // pages whose text was not UTF-8
}

// pass is one reading from first to last page.
type pass struct {
	seen    map[string]bool
	page    []string // keys of the last page, in its order
	tail    []string // of these, those that the next page should begin with
	start   int      // itemStart of the next page
	pages   int
	total   int // itemTotal of the last page; -1 unknown
	backs   int
	shifted bool
	added   int // rows no earlier pass gave
}

func (l *lister) run(ctx context.Context) error {
	l.seen = map[string]bool{}
	for {
		p := &pass{seen: map[string]bool{}, total: -1}
		for more := true; more; {
			rows, err := l.read(ctx, p)
			if err != nil {
				return err
			}
			if more, err = l.take(p, rows); err != nil {
				return err
			}
		}
		l.Passes++
		l.Rows = len(l.seen)
		l.Missing = max(0, p.total-l.Rows)
		clean := !p.shifted && len(p.seen) >= p.total
		if clean || l.Passes > 1 && p.added == 0 || l.Passes == maxPasses {
			return nil
		}
	}
}

// read asks for the page at p.start.
func (l *lister) read(ctx context.Context, p *pass) (*page, error) {
	a := l.ask
	a.query = url.Values{}
	maps.Copy(a.query, l.ask.query)
	a.query.Set("itemStart", strconv.Itoa(p.start))
	a.query.Set("itemLimit", strconv.Itoa(l.page))
	var rows *page
	a.accept = func(got *answer) (err error) {
		rows, err = list(got.body)
		if got.mended && err == nil {
			l.mended++
		}
		return err
	}
	_, err := l.client.get(ctx, a)
	var no *refusal
	if errors.As(err, &no) && p.pages > 0 && !l.byPage && no.status != 0 {
		return nil, fmt.Errorf("%w (asked from row %d on; where itemStart counts pages, set source.api: { paging: page })", err, p.start)
	}
	if err != nil {
		return nil, err
	}
	p.pages++
	return rows, nil
}

// take passes on the rows of a page that are new, and sets where the next begins. more is false at the end of the list.
func (l *lister) take(p *pass, rows *page) (more bool, err error) {
	keys := make([]string, len(rows.rows))
	for i, row := range rows.rows {
		keys[i] = l.key(row)
	}
	if p.total >= 0 && rows.total >= 0 && rows.total != p.total {
		p.shifted = true
	}
	p.total = max(rows.total, -1)
	if len(p.tail) > 0 && !slices.ContainsFunc(keys, func(k string) bool { return p.seen[k] }) {
		return l.backUp(p, len(keys))
	}
	fresh := 0
	for i, k := range keys {
		if p.seen[k] {
			if !slices.Contains(p.tail, k) {
				p.shifted = true
				l.Again++
			}
			continue
		}
		fresh++
		p.seen[k] = true
		if l.seen[k] {
			continue
		}
		l.seen[k] = true
		p.added++
		if err := l.each(k, rows.rows[i]); err != nil {
			return false, err
		}
	}
	if l.counted != nil {
		l.counted(len(l.seen), p.total)
	}
	p.page = keys
	return l.next(p, rows, len(keys), fresh)
}

// next decides where to go on after a page of which fresh rows are the first of this pass.
func (l *lister) next(p *pass, rows *page, n, fresh int) (more bool, err error) {
	limit := l.page
	if rows.limit > 0 {
		limit = min(limit, rows.limit)
	}
	if l.byPage {
		switch {
		case p.pages == 2 && n > 2 && fresh == 1:
			return false, fmt.Errorf("%s: the second page is the first but for one row: itemStart counts rows; set source.api: { paging: offset }", l.ask.doing)
		case n == 0 || fresh == 0 && p.pages > 2 || n < limit && len(p.seen) >= p.total:
			return false, nil
		}
		p.start++
		return true, nil
	}
	end := p.start + n
	switch {
	case n == 0, n < limit && end >= p.total, fresh == 0 && n <= len(p.tail): // the last: nothing behind the seam, whatever is promised
		return false, nil
	case fresh > 0:
		p.backs = 0
	default:
		if p.backs++; p.backs > maxBacks {
			return false, l.paging(p)
		}
	}
	overlap := min(seamRows, (n+seamShare-1)/seamShare, n-1)
	p.tail = p.page[n-overlap:]
	p.start = end - overlap
	return true, nil
}

// backUp goes back to before the seam: rows moved so far that none of it is left.
func (l *lister) backUp(p *pass, got int) (more bool, err error) {
	if p.backs++; p.backs > maxBacks || got == 0 && (p.total > p.start || p.total < 0 && p.backs > 1) {
		return false, l.paging(p)
	}
	p.shifted = true
	if p.total >= 0 {
		p.start = min(p.start, p.total)
	}
	if p.start = max(0, p.start-(seamRows<<p.backs)); p.start == 0 {
		p.tail = nil // nothing lies before the first row
	}
	return true, nil
}

func (l *lister) paging(p *pass) error {
	return fmt.Errorf("%s: asked from row %d on, the API does not go on where the page before ended (%d rows met, %d promised): "+
		"where itemStart counts pages, set source.api: { paging: page }", l.ask.doing, p.start, len(p.seen), p.total)
}
