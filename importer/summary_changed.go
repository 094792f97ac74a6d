package importer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
)

// changing are the codes of warnings that say that a value arrives otherwise than it was, or not at all; other warnings are
// worth a look and cost nothing.
func changing() []string {
	return []string{
		"address.unknown", "assignee.unknown", "attachment.no_url", "attachment.size", "attachment.url", "body.cleaned", "customer.made_up",
		"customer.shared", "language.region", "tag.cleaned", "tag.too_long", "text.nul", "text.too_long", "ticket.differs", "time.dst_gap", "time.dst_overlap",
	}
}

// countChanged counts the values that do not arrive as they were, by the warnings that say so.
func (s *Summary) countChanged() {
	s.Changed = []ChangedSum{}
	codes := changing()
	for i := range s.Problems {
		if p := &s.Problems[i]; p.Severity == mapping.Warning.String() && slices.Contains(codes, p.Code) {
			s.change(p)
		}
	}
	s.sortChanged()
}

// Lost adds what the target had no place for.
func (s *Summary) Lost(all []ProblemSum) {
	s.Problems = append(s.Problems, all...)
	for i := range all {
		if all[i].Code != codeCustomerIsAgent { // worth a look, no loss
			s.change(&all[i])
		}
	}
	s.sortChanged()
}

func (s *Summary) change(p *ProblemSum) {
	i := slices.IndexFunc(s.Changed, func(c ChangedSum) bool { return c.Field == p.Field && c.Code == p.Code })
	if i < 0 {
		i = len(s.Changed)
		s.Changed = append(s.Changed, ChangedSum{Field: p.Field, Code: p.Code})
	}
	s.Changed[i].Count += p.Count
}

func (s *Summary) sortChanged() {
	slices.SortFunc(s.Changed, func(x, y ChangedSum) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), strings.Compare(x.Field, y.Field), strings.Compare(x.Code, y.Code))
	})
}
