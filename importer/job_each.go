package importer

import (
	"context"
	"errors"
	"iter"

	"github.com/deskferry/deskferry/sources"
)

// each maps the records of a piece into l.result, one after the other, and yields them. Records that cannot be read are
// passed over: it is for readings after, or without, the one that accounts for them.
func (p *pass) each(l *lane, piece sources.Piece) iter.Seq2[*sources.Record, error] {
	return func(yield func(*sources.Record, error) bool) {
		for r, err := range piece.Records() {
			switch {
			case isBad(err):
				continue
			case err != nil:
				yield(nil, err)
				return
			}
			l.result.Reset()
			l.mapper.Map(r, &l.result)
			if l.result.Unsettled && p.settled == nil {
				yield(nil, errUnsettled)
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// settling runs a reading, and once more with the layouts of times settled where that is what ended it.
func (p *pass) settling(ctx context.Context, read func() error) error {
	err := read()
	if errors.Is(err, errUnsettled) {
		if err = p.settle(ctx); err == nil {
			err = read()
		}
	}
	return err
}
