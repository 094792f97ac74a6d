package sandbox

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Account is what an admin has set up before an import: the people who answer and the things a ticket may refer
// to. The zero value stands for [DefaultAccount].
type Account struct {
	Domain       string // acme in acme.gorgias.com
	Users        []User
	Teams        []Team
	Tags         []string
	CustomFields []CustomField
	Integrations []Integration
	Channels     []string // slugs of custom channels
	Customers    []Customer
	Settings     []Setting // shown with the account; see also Unknowns.ShowSettings
	Rules        []Rule    // shown where Unknowns.ShowRules is set; they do nothing but be there (Options.Rules answers)
}

// User is an agent of the account. Users cannot be created through an import.
type User struct {
	ID         int64
	Email      string
	Name       string
	ExternalID string
	Role       string // "agent" when empty
	Inactive   bool
}

// Team is a group of agents.
type Team struct {
	ID      int64
	Name    string
	Members []int64 // ids of users
}

// CustomField is the definition of a field of tickets or customers.
type CustomField struct {
	ID         int64
	ObjectType string // "Ticket" when empty, or "Customer"
	Label      string
	DataType   string   // "text" when empty, "number" or "boolean"
	Choices    []string // a dropdown's values, "A::B" where it is nested; empty: free
	Required   bool
	Inactive   bool
}

// Integration is a connected mailbox, phone line, chat or HTTP hook.
type Integration struct {
	ID       int64
	Type     string // "email", "gmail", "outlook", "http", …
	Name     string
	Address  string
	Inactive bool
	Triggers []string // of an HTTP integration: the events it is called for, as "ticket-created"
}

// Setting is one of the account's settings, as GET /api/account lists them. That there is such a list is documented; the
// types and what their data holds are inferred.
type Setting struct {
	ID   int64
	Type string         // "satisfaction-surveys", "auto-merge", …
	Data jsontext.Value // an object
}

// Rule is a rule of the account. The shape is inferred.
type Rule struct {
	ID     int64
	Name   string
	Events string // "ticket-created,ticket-message-created"
	Code   string // a program whose actions read Action('replyToTicket', {…})
	Off    bool
}

// DefaultAccount returns a small shop: three agents, two teams, two ticket fields and one mailbox.
func DefaultAccount() Account {
	return Account{
		Domain: "sandbox",
		Users: []User{
			{ID: 11, Email: "import@acme.test", Name: "Import Helper", Role: "admin"},
			{ID: 12, Email: "mia@acme.test", Name: "Mia Berg"},
			{ID: 13, Email: "noah@acme.test", Name: "Noah Laurent"},
		},
		Teams: []Team{
			{ID: 31, Name: "Support", Members: []int64{12, 13}},
			{ID: 32, Name: "Returns", Members: []int64{13}},
		},
		Tags: []string{"imported"},
		CustomFields: []CustomField{
			{ID: 51, Label: "Product"},
			{ID: 52, Label: "Order number"},
		},
		Integrations: []Integration{{ID: 71, Type: "email", Name: "Acme Support", Address: "support@acme.test"}},
	}
}

// isZero tells whether nothing at all was set.
func (a Account) isZero() bool {
	return a.Domain == "" && a.Users == nil && a.Teams == nil && a.Tags == nil && a.CustomFields == nil &&
		a.Integrations == nil && a.Channels == nil && a.Customers == nil && a.Settings == nil && a.Rules == nil
}

func (a *Account) user(id int64) *User {
	for i := range a.Users {
		if a.Users[i].ID == id {
			return &a.Users[i]
		}
	}
	return nil
}

func (a *Account) userByEmail(email string) *User {
	for i := range a.Users {
		if email != "" && strings.EqualFold(a.Users[i].Email, email) {
			return &a.Users[i]
		}
	}
	return nil
}

func (a *Account) team(id int64) *Team {
	for i := range a.Teams {
		if a.Teams[i].ID == id {
			return &a.Teams[i]
		}
	}
	return nil
}

func (a *Account) customField(id int64) *CustomField {
	for i := range a.CustomFields {
		if a.CustomFields[i].ID == id {
			return &a.CustomFields[i]
		}
	}
	return nil
}

func (a *Account) integration(id int64) *Integration {
	for i := range a.Integrations {
		if a.Integrations[i].ID == id {
			return &a.Integrations[i]
		}
	}
	return nil
}

// splitName takes the first and the last word of a name, as the API does (api/gorgias section 7).
func splitName(name string) (first, last string) {
	words := strings.Fields(name)
	switch len(words) {
	case 0:
		return "", ""
	case 1:
		return words[0], ""
	}
	return words[0], words[len(words)-1]
}
