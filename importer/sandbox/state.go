package sandbox

import (
	"cmp"
	"maps"
	"slices"
)

// load reads the state file at path into the store and keeps it open. A file that mostly holds what was changed since
// is rewritten.
func (s *store) load(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, lines, err := openJournal(path, s.apply)
	if err != nil {
		return err
	}
	s.journal = j
	if live := len(s.tickets) + len(s.customers) + len(s.tags) + len(s.outbox) + 1; lines > 1000 && lines > 2*live {
		return j.rewrite(s.snapshot)
	}
	return nil
}

// snapshot yields the changes that make the store what it is.
func (s *store) snapshot(yield func([]op) bool) {
	for _, t := range s.tags {
		if !yield([]op{{Tag: t}}) {
			return
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.customers)) {
		if !yield([]op{{Customer: s.customers[id]}}) {
			return
		}
	}
	for _, t := range s.sortedTickets() {
		if !yield([]op{{Ticket: t}}) {
			return
		}
	}
	for _, m := range s.outbox {
		if !yield([]op{{Mail: m}}) {
			return
		}
	}
	last := s.next
	yield([]op{{IDs: &last}})
}

// sortedTickets returns all tickets by id.
func (s *store) sortedTickets() []*Ticket {
	return slices.SortedFunc(maps.Values(s.tickets), func(a, b *Ticket) int { return cmp.Compare(a.ID, b.ID) })
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return nil
	}
	err := s.journal.close()
	s.journal = nil
	return err
}
