package gorgias

import (
	"strconv"
	"strings"
	"sync"
)

// People is what is known of the account: its users by e-mail, the customers the run needs, its teams and ticket
// fields. Lookups are answered from memory; [Client.LoadPeople] fills it. It is safe for concurrent use.
type People struct {
	mu        sync.RWMutex
	users     map[string]int64    // by lower-case e-mail
	customers map[string]customer // by lower-case e-mail
	teams     []named
	fields    []fieldDefinition
	mail      *mailboxes // nil: the integrations were not listed
}

type named struct {
	id   int64
	name string
}

// fieldDefinition is one of the account's ticket fields.
type fieldDefinition struct {
	named
	dataType string   // text, number, boolean, …; "" when the account does not say
	choices  []string // of a drop-down; nil: any value
}

// User returns the id of the account's user with this e-mail.
func (p *People) User(email string) (int64, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	id, ok := p.users[strings.ToLower(email)]
	return id, ok
}

// Team finds a team by its name, else by its name but for case, else by its id. A name that two teams have is
// not found.
func (p *People) Team(nameOrID string) (int64, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	i := find(len(p.teams), func(i int) named { return p.teams[i] }, nameOrID)
	if i < 0 {
		return 0, false
	}
	return p.teams[i].id, true
}

// field finds a ticket field as Team finds a team.
func (p *People) field(labelOrID string) (fieldDefinition, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	i := find(len(p.fields), func(i int) named { return p.fields[i].named }, labelOrID)
	if i < 0 {
		return fieldDefinition{}, false
	}
	return p.fields[i], true
}

// find returns the index of the one entry that word names, else -1: never the first of several.
func find(n int, at func(int) named, word string) int {
	word = strings.TrimSpace(word)
	exact := func(e named) bool { return e.name == word }
	folded := func(e named) bool { return strings.EqualFold(strings.TrimSpace(e.name), word) }
	byID := func(e named) bool { return strconv.FormatInt(e.id, 10) == word }
	for _, matches := range []func(named) bool{exact, folded, byID} {
		hit, hits := -1, 0
		for i := range n {
			if matches(at(i)) {
				hit, hits = i, hits+1
			}
		}
		if hits == 1 {
			return hit
		}
		if hits > 1 {
			return -1
		}
	}
	return -1
}
