package importer

import (
	"cmp"
	"slices"
	"strings"
)

// maxStaff is how many agents are listed.
const maxStaff = 1000

// count adds everyone with one e-mail to the sums.
func (s *sharing) count(to *PeopleSums) {
	if s.customer {
		to.Customers++
		if s.madeUp {
			to.Placeholders++
		}
	}
	if !s.agent {
		return
	}
	to.Agents++
	if s.email == "" {
		to.Nameless++
	}
	one := StaffSum{Email: s.email, Tickets: s.acts}
	if len(s.agents) > 0 {
		one.ID, one.Name = s.agents[0].id, s.agents[0].name
	}
	if to.Staff = append(to.Staff, one); len(to.Staff) >= 2*maxStaff {
		to.Staff = topStaff(to.Staff, maxStaff)
	}
}

// topStaff sorts agents, those with the most tickets first, and keeps n of them.
func topStaff(list []StaffSum, n int) []StaffSum {
	slices.SortFunc(list, func(x, y StaffSum) int {
		return cmp.Or(cmp.Compare(y.Tickets, x.Tickets), strings.Compare(x.Email, y.Email), strings.Compare(x.ID, y.ID), strings.Compare(x.Name, y.Name))
	})
	return list[:min(len(list), n)]
}

// Codes of authors whom nobody knows (mapping.Codes).
const (
	codeAuthorUnknown = "author.unknown"
	codeAuthorMissing = "author.missing"
)

// countUnknown counts the authors of whom nothing tells what they are.
func (s *Summary) countUnknown() {
	for i := range s.Problems {
		switch p := &s.Problems[i]; p.Code {
		case codeAuthorUnknown:
			s.People.Unknown += int64(len(p.Values))
			s.People.Undecided += p.Count
		case codeAuthorMissing:
			s.People.Undecided += p.Count
		}
	}
}

// Match takes what the account knows: user tells whether an agent's e-mail is a user's, known is how many of the customers
// it had. Agents past the list are not asked for; there the fallback agent is counted.
func (s *Summary) Match(user func(email string) bool, known int64) {
	p := &s.People
	p.Asked, p.Known, p.Matched = true, known, 0
	for i := range p.Staff {
		one := &p.Staff[i]
		if one.User = one.Email != "" && user(one.Email); one.User {
			p.Matched++
		}
	}
	p.Fallback = p.Agents - p.Matched
}
