package mapping

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/deskferry/deskferry/sources"
)

// PersonChoice is what someone decided about one person of the source. Parts that are zero decide nothing.
type PersonChoice struct {
	Email string // an agent's: the user to match; a customer's: the address to take
	Name  string
	Role  Tri // Yes: an agent, No: a customer, whatever the records say; notes are an agent's all the same
}

// Choices are what a run says of people beside its mapping: decisions about single people, and what becomes of customers
// without an address. The zero value says nothing. It is filled, then shared; what it decides never changes the id of a
// ticket or a message.
type Choices struct {
	// PlaceholderDomain gives customers without an e-mail the address <Source>-<id>@domain, in the place of
	// people.no_email. "": as the mapping says.
	PlaceholderDomain string
	Source            string

	list  []*choice
	index map[choiceKey]*choice
}

type choice struct {
	PersonChoice
	who PersonRef
	at  sources.Origin
	met atomic.Bool
}

// choiceKey is what a person is known by: the source's id, else the e-mail, else the name.
type choiceKey struct {
	kind byte
	text string
}

func keyOf(p PersonRef) choiceKey {
	switch {
	case p.ID != "":
		return choiceKey{'i', p.ID}
	case p.Email != "":
		return choiceKey{'e', strings.ToLower(p.Email)}
	}
	return choiceKey{'n', p.Name}
}

// ChoiceError says what is wrong with a choice.
type ChoiceError struct {
	Origin sources.Origin
	Field  string // "email", "domain", …
	Value  string
	Hint   string // what is wrong and what to do
}

func (e *ChoiceError) Error() string {
	if e.Origin == (sources.Origin{}) {
		return fmt.Sprintf("%s: %q %s", e.Field, e.Value, e.Hint)
	}
	return fmt.Sprintf("%s: %s: %q %s", e.Origin, e.Field, e.Value, e.Hint)
}

// Add takes a choice about the person known by the id of who, else by the e-mail, else by the name. origin is where it
// was read. An error is a [*ChoiceError].
func (c *Choices) Add(origin sources.Origin, who PersonRef, what PersonChoice) error {
	key := keyOf(who)
	if key.text == "" {
		return &ChoiceError{origin, "source_id", "", "names nobody: give the person's id as the export has it, else the e-mail or the name"}
	}
	what.Email = strings.ToLower(what.Email)
	if what.Email != "" {
		if err := checkEmail(what.Email); err != nil || len(what.Email) > maxEmail {
			return &ChoiceError{origin, "use_email", what.Email, "is no e-mail address: mend it, or leave it empty"}
		}
	}
	if old := c.index[key]; old != nil {
		return &ChoiceError{origin, map[byte]string{'i': "source_id", 'e': "email", 'n': "name"}[key.kind], key.text,
			fmt.Sprintf("is decided in %s already: keep one of the two rows", old.at)}
	}
	if c.index == nil {
		c.index = map[choiceKey]*choice{}
	}
	one := &choice{PersonChoice: what, who: who, at: origin}
	c.list = append(c.list, one)
	c.index[key] = one
	return nil
}

// CheckPlaceholder tells what is wrong with the placeholder domain: no e-mail could be made with it.
func (c *Choices) CheckPlaceholder() error {
	if d := c.PlaceholderDomain; d != "" && checkEmail("a@"+d) != nil {
		return &ChoiceError{Field: "placeholder domain", Value: d, Hint: "is no domain: give one such as import.invalid"}
	}
	return nil
}

// Len is how many people something was decided about.
func (c *Choices) Len() int {
	if c == nil {
		return 0
	}
	return len(c.list)
}

// Of returns what was decided about a person; the zero value for nothing.
func (c *Choices) Of(p PersonRef) PersonChoice {
	if one := c.find(p); one != nil {
		return one.PersonChoice
	}
	return PersonChoice{}
}

func (c *Choices) find(p PersonRef) *choice {
	if c == nil || c.index == nil {
		return nil
	}
	for _, key := range [...]choiceKey{{'i', p.ID}, {'e', strings.ToLower(p.Email)}} {
		if one := c.index[key]; one != nil && key.text != "" {
			return one
		}
	}
	if p.ID == "" && p.Email == "" && p.Name != "" {
		return c.index[choiceKey{'n', p.Name}]
	}
	return nil
}

// Meet takes note that a record names a person. It may be called from several goroutines.
func (c *Choices) Meet(p PersonRef) {
	if c.Len() == 0 {
		return
	}
	for _, key := range [...]choiceKey{{'i', p.ID}, {'e', strings.ToLower(p.Email)}, {'n', p.Name}} {
		if one := c.index[key]; one != nil && !one.met.Load() {
			one.met.Store(true)
		}
	}
}

// Unmet returns a [*ChoiceError] for the first choice about a person whom no record named, nil when there is none:
// a choice that is not carried out must not pass in silence.
func (c *Choices) Unmet() error {
	if c == nil {
		return nil
	}
	for _, one := range c.list {
		if one.met.Load() {
			continue
		}
		key := keyOf(one.who)
		field := map[byte]string{'i': "source_id", 'e': "email", 'n': "name"}[key.kind]
		return &ChoiceError{one.at, field, key.text,
			"is nobody in this export, so the choice would have no effect: take the row out; if a spreadsheet has changed the id, make the file again with deskferry people"}
	}
	return nil
}

// Hash names what is decided, "" for nothing: where it differs, tickets come out otherwise.
func (c *Choices) Hash() string {
	if c == nil || len(c.list) == 0 && c.PlaceholderDomain == "" {
		return ""
	}
	var lines []string
	for _, one := range c.list {
		lines = append(lines, fmt.Sprintf("%c %q %q %q %d", keyOf(one.who).kind, keyOf(one.who).text, one.Email, one.Name, one.Role))
	}
	slices.SortFunc(lines, cmp.Compare[string])
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q\n%s", c.PlaceholderDomain, strings.Join(lines, "\n"))))
	return hex.EncodeToString(sum[:])
}

// apply gives p what was decided about them.
func (x PersonChoice) apply(p PersonRef) PersonRef {
	if x.Email != "" {
		p.Email = x.Email
	}
	if x.Name != "" {
		p.Name = x.Name
	}
	if x.Role != Unknown {
		p.Agent = x.Role
	}
	return p
}

// originalOf is how the person is kept in meta whose e-mail a choice replaced; "" where it did not.
func (x PersonChoice) originalOf(p PersonRef) string {
	switch {
	case x.Email == "" || strings.EqualFold(x.Email, p.Email):
		return ""
	case p.Name != "" && p.Email != "":
		return p.Name + " <" + p.Email + ">"
	}
	return cmp.Or(p.Email, p.Name, p.ID)
}

// Names of the pairs in meta that keep whom a choice replaced.
const (
	metaAuthor   = "original_author"
	metaAssignee = "original_assignee"
	metaCustomer = "original_customer"
)

// withPair returns list with one more pair; the list itself is a fact's and stays as it is.
func withPair(list []Pair, name, value string) []Pair {
	if value == "" {
		return list
	}
	return append(list[:len(list):len(list)], Pair{name, value})
}
