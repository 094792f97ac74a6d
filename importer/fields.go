package importer

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/deskferry/deskferry/mapping"
)

// Fields are those of a ticket that a sync keeps in step. What a source leaves empty is not kept in step.
type Fields struct {
	Status string    `json:"status,omitzero"` // open, closed
	Closed time.Time `json:"closed,omitzero"` // UTC; written together with the status
	Tags   []string  `json:"tags,omitempty"`  // sorted, each once
	User   string    `json:"user,omitzero"`   // the assignee's e-mail, lower case
	Team   string    `json:"team,omitzero"`   // the assigned team's name or id

	// What a [Target] made of them; zero in what the source gives.
	UserID  int64    `json:"user_id,omitzero"`  // the target's; 0: nobody was assigned
	TeamID  int64    `json:"team_id,omitzero"`  // the same
	Markers []string `json:"markers,omitempty"` // tags that are written besides
}

// FieldsOf takes the fields of a ticket as the source gives them.
func FieldsOf(t *mapping.Ticket) Fields {
	f := Fields{Status: t.Status, User: strings.ToLower(t.AssigneeUser.Email), Team: t.AssigneeTeam, Tags: tagSet(t.Tags)}
	if t.Status == "closed" {
		f.Closed = t.ClosedDatetime.UTC().Truncate(time.Millisecond)
	}
	return f
}

// tagSet sorts tags and drops repetitions; it changes none of its arguments.
func tagSet(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// Encode writes the fields as a ledger keeps them; equal fields give equal text.
func (f *Fields) Encode() string {
	b, err := json.Marshal(f)
	if err != nil { // a time outside the years 0 to 9999, which no mapping gives
		return ""
	}
	return string(b)
}

// DecodeFields reads what Encode wrote; false for anything else, "" among it.
func DecodeFields(s string) (f Fields, ok bool) {
	if s == "" {
		return f, false
	}
	return f, json.Unmarshal([]byte(s), &f) == nil
}

// SameFields tells whether two encoded fields say the same of the source's ticket. Fields that are not known are like none.
func SameFields(a, b string) bool {
	if a == b {
		return true
	}
	f, known := DecodeFields(a)
	g, also := DecodeFields(b)
	return known && also && f.Status == g.Status && f.Closed.Equal(g.Closed) && slices.Equal(f.Tags, g.Tags) && f.User == g.User && f.Team == g.Team
}

// Outdated tells whether the target wants the fields that the source gives now: they are neither what was written last nor
// what was reported as a conflict.
func Outdated(wanted, wrote, clash string) bool {
	return wanted != "" && wanted != clash && !SameFields(wanted, wrote)
}

// ClashKind is why a change of the source was not written.
type ClashKind string

// The kinds of clashes.
const (
	ClashChanged ClashKind = "changed" // people have changed the same in the target
	ClashLacks   ClashKind = "lacks"   // the account has nobody of that name
	ClashKept    ClashKind = "kept"    // the source has taken an assignee away, and a ticket keeps the one it has
	ClashUnknown ClashKind = "unknown" // what was written before is not known, so it may be people's
	ClashRefused ClashKind = "refused" // the target did not take it
)

// Clash is a change of the source that was not written. The target's value stays.
type Clash struct {
	Kind   ClashKind
	Field  string // status, tags, assignee_user, assignee_team; "" for all of a refused update
	Wrote  string // what was last written; "" also where that is not known
	Wanted string // what the source gives now
	Has    string // what the target holds
}

// clashWords say which fields of clashes were not written, and why: without their values.
func clashWords(all []Clash) string {
	var words []string
	for _, kind := range []ClashKind{ClashChanged, ClashLacks, ClashKept, ClashUnknown, ClashRefused} {
		var fields []string
		for i := range all {
			if all[i].Kind == kind {
				fields = append(fields, cmp.Or(all[i].Field, "all that changed"))
			}
		}
		if fields != nil {
			words = append(words, strings.Join(fields, ", ")+": "+kind.words())
		}
	}
	return strings.Join(words, "; ")
}

func (k ClashKind) words() string {
	switch k {
	case ClashLacks:
		return "nobody of that name in the account"
	case ClashKept:
		return "taken away in the source, kept in the target"
	case ClashUnknown:
		return "changed in the source, and what was written before is not known"
	case ClashRefused:
		return "refused by the target"
	}
	return "changed on both sides"
}

// Change is what of Fields an update writes.
type Change struct {
	Status, Tags, User, Team bool
	Fields                   Fields // UserID, TeamID and Markers are the target's
}

// Any tells whether there is anything to write.
func (c *Change) Any() bool { return c.Status || c.Tags || c.User || c.Team }

// Updater is a [Target] that can write fields of tickets it holds. Making a request does no I/O; writing the same once more
// has no further effect.
type Updater interface {
	// Sent fills in what a request that writes f carries of it: ids of people, marker tags.
	Sent(f Fields) Fields
	// Update makes the request.
	Update(id TicketID, c *Change) (*Request, error)
}

// Assignee is who a stored ticket is given to.
type Assignee struct {
	ID   int64  // 0: nobody
	Name string // a user's e-mail, a team's name
}
