package gorgias

import (
	"cmp"
	"slices"
	"sync"

	"github.com/deskferry/deskferry/importer"
)

// Codes of a [Loss].
const (
	LossAgent            = "agent.unknown"         // the author is no user of the account: the fallback agent stands in, meta keeps the author
	LossAssignee         = "assignee.unknown"      // not a user: the ticket stays unassigned, meta keeps the name
	LossTeam             = "team.unknown"          // not a team: the same
	LossCustomField      = "custom_field.unknown"  // no such field, or more than one: meta keeps the value
	LossCustomFieldValue = "custom_field.value"    // not of the field's type, none of its choices, or a second one: meta keeps the value
	LossIntegration      = "integration.unknown"   // no mailbox of the account has the e-mail's address: it is tied to none
	LossCustomerUser     = "customer.is_agent"     // no loss, but worth a look: the customer's e-mail is a user's of the account
	LossAddressless      = "message.address.extra" // addresses of a channel that has no mail source: meta keeps them
)

// Loss is something the account has no place for, so that it was kept in meta instead of where it belongs.
type Loss struct {
	Code  string
	Field string // the target field
	Value string
	Hint  string // what the user does next
}

// Losses counts losses by code and value; the zero value is ready. It keeps 1,000 distinct ones, the rest are counted
// under their code with an empty value.
type Losses struct {
	mu    sync.Mutex
	byKey map[[2]string]*LossCount
}

// LossCount is how often a loss occurred, and where first.
type LossCount struct {
	Loss
	Count   int64
	Example importer.Key
}

const maxLosses = 1000

func (l *Losses) add(key importer.Key, losses []Loss) {
	if len(losses) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byKey == nil {
		l.byKey = map[[2]string]*LossCount{}
	}
	for _, loss := range losses {
		k := [2]string{loss.Code, loss.Value}
		if l.byKey[k] == nil && len(l.byKey) >= maxLosses {
			k[1], loss.Value = "", ""
		}
		c := l.byKey[k]
		if c == nil {
			c = &LossCount{Loss: loss, Example: key}
			l.byKey[k] = c
		}
		c.Count++
	}
}

// All returns the losses, most frequent first.
func (l *Losses) All() []LossCount {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]LossCount, 0, len(l.byKey))
	for _, c := range l.byKey {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b LossCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Value, b.Value))
	})
	return all
}
