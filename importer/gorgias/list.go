package gorgias

import (
	"context"
	"fmt"
	"iter"
	"maps"

	"github.com/deskferry/deskferry/importer"
)

// pageSize is the most items a page may have (api/gorgias section 6).
const pageSize = "100"

type page[T any] struct {
	Data []T `json:"data"`
	Meta struct {
		NextCursor text `json:"next_cursor"`
	} `json:"meta"`
}

// list yields the items of all pages. ask makes each request; before, where given, runs before each and can end the
// list with its error. A cursor that comes back means a server that pages in circles: an error, not an endless loop.
func list[T any](ctx context.Context, c *Client, k call, ask func(context.Context, call) error, before func() error) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		query := maps.Clone(k.query)
		seen := map[text]bool{}
		for {
			if before != nil {
				if err := before(); err != nil {
					yield(nil, err)
					return
				}
			}
			var p page[T]
			k.query, k.out = query, &p
			if err := ask(ctx, k); err != nil {
				yield(nil, err)
				return
			}
			for i := range p.Data {
				if !yield(&p.Data[i], nil) {
					return
				}
			}
			next := p.Meta.NextCursor
			if next == "" {
				return
			}
			if seen[next] {
				yield(nil, &importer.Fault{Kind: importer.Stop, Err: fmt.Errorf(
					"%s: %s pages in circles; please report this", k.doing, c.base.Host)})
				return
			}
			seen[next] = true
			query = maps.Clone(query)
			query.Set("cursor", string(next))
		}
	}
}
