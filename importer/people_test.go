package importer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskferry/deskferry/mapping"
)

// TestAccountOfPeople: those who share an address are told apart from those who do not, whichever tickets they are in.
func TestAccountOfPeople(t *testing.T) {
	customer := func(id, email, name string) part { return part{partCustomer | partRequester, email, name, id} }
	agent := func(id, email string) part { return part{partAgent, email, "", id} }
	for _, c := range []struct {
		name  string
		parts []part
		want  string
		count int64
	}{
		{"one customer in two tickets", []part{customer("1", "a@x.test", "Ann"), customer("1", "a@x.test", "Ann")}, "", 1},
		{"known by e-mail alone now and then", []part{customer("1", "a@x.test", "Ann"), customer("", "a@x.test", "")}, "", 1},
		{"two people", []part{customer("1", "a@x.test", "Ann"), customer("2", "A@x.test", "Bob"), customer("2", "a@x.test", "Bob")},
			"customer.shared 3× a@x.test: Ann (1), Bob (2)", 1},
		{"six people", []part{customer("1", "a@x.test", ""), customer("2", "a@x.test", ""), customer("3", "a@x.test", ""), customer("4", "a@x.test", ""),
			customer("5", "a@x.test", ""), customer("6", "a@x.test", "")},
			"customer.shared 6× a@x.test: without a name (1), without a name (2), without a name (3), without a name (4), without a name (5), …", 1},
		{"an agent of another id", []part{agent("7", "a@x.test"), customer("1", "a@x.test", "Ann")}, "customer.is_agent 1× a@x.test", 1},
		{"an own address", []part{{partCustomer | partRequester | partOwn, "a@x.test", "", ""}}, "customer.is_agent 1× a@x.test", 1},
		{"the agent themself", []part{customer("7", "a@x.test", "Ann"), agent("7", "a@x.test"), customer("7", "a@x.test", "Ann")}, "agent.is_customer 2× a@x.test", 1},
		{"an agent by the people rules", []part{{partCustomer | partRequester | partKnownAgent, "a@x.test", "", "7"}}, "agent.is_customer 1× a@x.test", 1},
		{"an agent alone is no customer", []part{agent("7", "a@x.test")}, "", 0},
		{"an author who is nobody's requester", []part{{partCustomer, "a@x.test", "", "9"}}, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &pass{customers: newSorter(t.TempDir(), customerRun)}
			defer p.customers.close()
			for _, x := range c.parts {
				w := coder{}
				w.part(&x)
				if err := p.customers.add(sumOf(strings.ToLower(x.email)), w.buf); err != nil {
					t.Fatal(err)
				}
			}
			sums, err := p.accountOfPeople(t.Context())
			if err != nil || sums.Customers != c.count {
				t.Errorf("%d customers, want %d: %v", sums.Customers, c.count, err)
			}
			var got []string
			for _, s := range p.account.problems.sums() {
				got = append(got, fmt.Sprintf("%s %d× %s", s.Code, s.Count, s.Values[0].Value))
				if s.Count != s.Values[0].Count || s.Severity != "warning" || s.Hint == "" {
					t.Errorf("%+v", s)
				}
			}
			if strings.Join(got, "\n") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestCustomersOf: writes that name the same people in any order never wait for each other in a circle, and only one of them
// at a time names someone for the first time.
func TestCustomersOf(t *testing.T) {
	w := &Work{Ticket: mapping.Ticket{Customer: mapping.Person{Email: "B@x.test "}, Messages: []mapping.Message{
		{Author: mapping.Person{Email: "c@x.test"}}, {Author: mapping.Person{Email: "agent@x.test"}, FromAgent: true},
		{Author: mapping.Person{Email: "a@x.test"}}, {Author: mapping.Person{Email: "b@x.test"}}, {Author: mapping.Person{Email: "d@x.test"}},
	}}}
	if got := customersOf(w, 0, 4); !slices.Equal(got, []string{"a@x.test", "b@x.test", "c@x.test"}) {
		t.Errorf("%q", got)
	}
	var c customers
	var busy [3]atomic.Int32
	var first [3]atomic.Bool
	var g sync.WaitGroup
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for i := range 200 {
		g.Go(func() {
			of := []int{i % 3, (i + 1 + i/7) % 3}
			slices.Sort(of)
			of = slices.Compact(of)
			var emails []string
			for _, k := range of {
				emails = append(emails, fmt.Sprint("customer", k))
			}
			leave, err := c.enter(ctx, emails)
			if err != nil {
				t.Error(err)
				return
			}
			known := i > 100
			for _, k := range of {
				if n := busy[k].Add(1); n > 1 && !first[k].Load() {
					t.Errorf("customer %d is named for the first time by %d at once", k, n)
				}
			}
			for _, k := range of {
				if known {
					first[k].Store(true)
				}
				busy[k].Add(-1)
			}
			leave(known)
		})
	}
	g.Wait()
}
