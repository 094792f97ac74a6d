package suggest

import (
	"fmt"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
)

// customer names the ticket's customer by what the fields say of them.
func (pl *plan) customer(p *page, pt *part) {
	if !pl.owner(p, pt) {
		return
	}
	var parts, comments []string
	for _, r := range []struct {
		role profile.Role
		name string
	}{{profile.CustomerID, "id"}, {profile.CustomerEmail, "email"}, {profile.CustomerName, "name"}} {
		f, isSure := pt.any(r.role)
		if f == nil {
			continue
		}
		if !isSure {
			p.off(2, "customer: "+flow(r.name+": "+field(guard(f.Path))), fmt.Sprintf("decide: is it the %s? %s", r.role, pt.best[r.role].Why))
			continue
		}
		parts = append(parts, r.name+": "+personText(f, pt.ref(f, ""), r.name))
		comments = append(comments, r.name+": "+why(f))
	}
	if len(parts) == 1 && strings.HasPrefix(parts[0], "email: ") {
		if f := pt.get(profile.CustomerEmail); f.Type != profile.Email { // an address with a name, or an id among them
			p.line(2, "customer: "+field(pt.ref(f, "")), comments[0])
			return
		}
	}
	if len(parts) > 0 {
		p.line(2, "customer: "+flow(parts...), strings.Join(comments, "; "))
		return
	}
	p.note(2, "decide: no field names the customer: the author of the ticket's first incoming message is taken")
}

// owner asks whether who wrote a ticket's own text is its customer, where no other column names one; until then it is. It
// tells whether there is a customer to write.
func (pl *plan) owner(p *page, pt *part) bool {
	if pt.asked == "" {
		return true
	}
	f := pt.get(pt.asked)
	given := pl.ask(Question{
		Key: keyOwner + pt.name, Title: fmt.Sprintf("Is %s the customer?", shown(f.Path)), Evidence: []string{"no other field names the ticket's customer; " + why(f)},
		Options: []Option{{"yes, the ticket's customer", "yes"}, {"no", "no"}},
	})
	switch {
	case given == nil:
		p.note(2, "decide: is %s the customer? It is taken for that, as it wrote the ticket and no other field names one", shown(f.Path))
	case given[0] == "no":
		delete(pt.best, pt.asked)
		p.note(2, "no field names the customer")
		return false
	}
	return true
}

// personText writes a part of a person. Of an address with a name the address is taken.
func personText(f *profile.Field, ref, part string) string {
	if part == "email" && (f.Type == profile.Addresses || f.Type == profile.Mixed) {
		return flow("from: "+word(ref), `match: '([^\s<>,;"]+@[^\s<>,;"]+)'`)
	}
	return field(ref)
}
