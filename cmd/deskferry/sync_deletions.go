package main

import (
	"context"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

// applyDeletions deletes from the account the tickets that the source holds no more, as an undo does: only what this ledger
// has made, only where nobody has touched it since, each read right before. What is left is said in s.
func (n *night) applyDeletions(stop, abort context.Context, f *ferry, source string, s *importer.Summary) error {
	if !n.options.ApplyDeletions || s.Sync == nil || s.Sync.Removed == 0 {
		return nil
	}
	client, err := clientFor(n.c, true, f.client.Pacer())
	if err != nil {
		return err
	}
	defer client.Close()
	undo := importer.Undo{
		Target: client, Ledger: ledger.Removals{Ledger: f.ledger, Source: source}, Pacer: client.Pacer(),
		Workers: f.flags.workers, Patience: f.flags.patience, Abort: abort,
	}
	err = undo.Do(stop, func(r importer.UndoResult) error {
		s.TakeRemoval(r)
		return nil
	})
	s.Requests.Made += client.Stats().Requests
	return stopped(stop, err)
}
