package gorgias_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/mapping"
)

// shopWith is an account with these customers, by e-mail and name.
func shopWith(customers ...sandbox.Customer) sandbox.Options {
	a := sandbox.DefaultAccount()
	a.Customers = customers
	return sandbox.Options{Account: a}
}

func names(srv *sandbox.Server) []string {
	var out []string
	for _, c := range srv.Customers() {
		out = append(out, c.Email+" "+c.Name)
	}
	slices.Sort(out)
	return out
}

// A customer the account knows is named by id alone, so that nothing about them changes; nothing is asked for a customer
// beyond the one page that told who is known.
func TestCustomersAreNotChanged(t *testing.T) {
	srv, c := open(t, shopWith(
		sandbox.Customer{ID: 501, Email: "ada@example.com", Name: "Countess"},
		sandbox.Customer{ID: 502, Email: "second@example.com", Name: "Second", Channels: []sandbox.Channel{{ID: 9, Type: "email", Address: "other@example.com"}}},
	))
	want := []string{"ADA@example.com", "other@example.com", "new@example.com"}
	if err := c.LoadPeople(t.Context(), gorgias.Wanted{Customers: slices.Values(want)}); err != nil {
		t.Fatal(err)
	}
	for i, email := range want {
		w := conversation(t, fmt.Sprint("k:", i), email, 4)
		w.Ticket.Messages[3].Author = mapping.Person{Email: "second@EXAMPLE.com", Name: "Someone Else"} // another customer writes
		if i == 0 {
			w.Ticket.Messages[3].Author = w.Ticket.Customer
		}
		if i == 1 {
			c.Encoder.People.Remember(importer.KnownCustomer{Email: "second@example.com", ID: 502, Seen: time.Now()})
		}
		if _, err := bring(t.Context(), c, w, 4); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(srv); !slices.Equal(got, []string{"ada@example.com Countess", "new@example.com Ada Lovelace", "second@example.com Second"}) {
		t.Errorf("customers are %q", got)
	}
	s := srv.Stats()
	if s.Endpoints["GET /api/customers"] != 1 || s.Endpoints["POST /api/customers"] != 0 || s.Endpoints["POST /api/tickets"] != 3 || s.Outbox != 0 {
		t.Errorf("requests %v, outbox %d", s.Endpoints, s.Outbox)
	}
}

// A customer who comes to be between the look-up and the write is sent by e-mail and name: the account takes the name over,
// which nobody can prevent. The ticket after it names them by id.
func TestCustomerInBetween(t *testing.T) {
	srv, c := open(t, sandbox.Options{})
	if err := c.LoadPeople(t.Context(), gorgias.Wanted{Customers: slices.Values([]string{"ada@example.com"})}); err != nil {
		t.Fatal(err)
	}
	create(t, srv, "ada@example.com", "Countess")
	for i := range 2 {
		if _, err := bring(t.Context(), c, conversation(t, fmt.Sprint("k:", i), "ada@example.com", 1), 1); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			rename(t, srv, "ada@example.com", "Queen")
		}
	}
	if got := names(srv); !slices.Equal(got, []string{"ada@example.com Queen"}) {
		t.Errorf("customers are %q", got)
	}
}

func post(t *testing.T, srv *sandbox.Server, path, body string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://account.test"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("import@acme.test", "k")
	req.Header.Set("Content-Type", "application/json")
	var w recorder
	srv.Handler().ServeHTTP(&w, req)
	if w.status/100 != 2 {
		t.Fatalf("POST %s: %d %s", path, w.status, w.String())
	}
}

type recorder struct {
	bytes.Buffer
	status int
	header http.Header
}

func (r *recorder) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}

func (r *recorder) WriteHeader(status int) { r.status = status }

func create(t *testing.T, srv *sandbox.Server, email, name string) {
	post(t, srv, "/api/customers", fmt.Sprintf(`{"email":%q,"name":%q}`, email, name))
}

// rename changes a customer as the API's own inline form does.
func rename(t *testing.T, srv *sandbox.Server, email, name string) {
	post(t, srv, "/api/tickets", fmt.Sprintf(`{"customer":{"email":%q,"name":%q},"channel":"api","messages":[{"channel":"api","from_agent":false,`+
		`"public":true,"sender":{"email":%q,"name":%q},"body_text":"x","sent_datetime":"2020-01-01T00:00:00Z"}]}`, email, name, email, name))
}

// A conflict that is the customer's is no conflict of the ticket's: the customer is looked for, and the ticket asked for again
// with the id. One that is not stays what it is.
func TestConflictOfTheCustomer(t *testing.T) {
	faults, err := sandbox.ParseFaults("409@2 on POST /api/tickets")
	if err != nil {
		t.Fatal(err)
	}
	srv, c := open(t, sandbox.Options{Faults: faults})
	if err := c.LoadPeople(t.Context(), gorgias.Wanted{Customers: slices.Values([]string{"ada@example.com"})}); err != nil {
		t.Fatal(err)
	}
	rename(t, srv, "ada@example.com", "Countess") // the first POST: she comes to be elsewhere
	w := conversation(t, "k:1", "ada@example.com", 2)
	_, err = bring(t.Context(), c, w, 2)
	if f := importer.FaultOf(err); err == nil || f.Kind != importer.NotSent {
		t.Fatalf("got %v (%s), want not sent", err, f.Kind)
	}
	if _, err := bring(t.Context(), c, w, 2); err != nil {
		t.Fatal(err)
	}
	if got := names(srv); !slices.Equal(got, []string{"ada@example.com Countess"}) {
		t.Errorf("customers are %q", got)
	}
}

// An id that an earlier run learned is believed until the account refuses a write that names it: then the customer is looked
// for, and the write made anew. A refusal that is not theirs stays one, and costs one look.
func TestCustomerOfAnEarlierRunIsGone(t *testing.T) {
	srv, c := open(t, shopWith(sandbox.Customer{ID: 501, Email: "ada@example.com", Name: "Countess"}))
	if err := c.LoadPeople(t.Context(), gorgias.Wanted{}); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-48 * time.Hour)
	c.Encoder.People.Remember(importer.KnownCustomer{Email: "ada@example.com", ID: 77, Seen: old}) // merged since
	c.Encoder.People.Remember(importer.KnownCustomer{Email: "eve@example.com", ID: 78, Seen: old}) // deleted since
	for i, email := range []string{"ada@example.com", "eve@example.com"} {
		w := conversation(t, fmt.Sprint("k:", i), email, 2)
		if _, err := bring(t.Context(), c, w, 2); importer.FaultOf(err).Kind != importer.NotSent || err == nil {
			t.Fatalf("%s: got %v, want not sent", email, err)
		}
		if _, err := bring(t.Context(), c, w, 2); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(srv); !slices.Equal(got, []string{"ada@example.com Countess", "eve@example.com Ada Lovelace"}) {
		t.Errorf("customers are %q", got)
	}
	news := map[string]int64{}
	for _, k := range c.Encoder.People.News() {
		news[k.Email] = k.ID
	}
	if news["ada@example.com"] != 501 || news["eve@example.com"] == 0 || len(c.Encoder.People.News()) != 0 {
		t.Errorf("news %v", news)
	}

	before := srv.Stats().Endpoints["GET /api/customers"]
	c.Encoder.People.Remember(importer.KnownCustomer{Email: "ivy@example.com", ID: 501, Seen: old})
	w := conversation(t, "k:9", "ada@example.com", 1)
	w.Ticket.Channel = "no such channel"
	w.Ticket.Messages[0].Channel = "no such channel"
	for range 2 {
		if _, err := bring(t.Context(), c, w, 1); importer.FaultOf(err).Kind != importer.Refused {
			t.Errorf("got %v, want refused", err)
		}
	}
	if n := srv.Stats().Endpoints["GET /api/customers"] - before; n != 0 {
		t.Errorf("%d look-ups of a customer this run has seen", n)
	}
}

// What an earlier run learned is asked for no more, but for absences older than a day.
func TestRememberedCustomers(t *testing.T) {
	srv, c := open(t, sandbox.Options{})
	people := c.Encoder.People
	people.Remember(importer.KnownCustomer{Email: "ada@example.com", ID: 501, Seen: time.Now().Add(-1000 * time.Hour)})
	people.Remember(importer.KnownCustomer{Email: "none@example.com", Seen: time.Now().Add(-time.Hour)})
	people.Remember(importer.KnownCustomer{Email: "long@example.com", Seen: time.Now().Add(-25 * time.Hour)})
	load := func(emails ...string) int64 {
		before := srv.Stats().Endpoints["GET /api/customers"]
		if err := c.LoadPeople(t.Context(), gorgias.Wanted{Customers: slices.Values(emails)}); err != nil {
			t.Fatal(err)
		}
		return srv.Stats().Endpoints["GET /api/customers"] - before
	}
	if n := load("ada@example.com", "None@example.com"); n != 0 {
		t.Errorf("%d look-ups of people an earlier run has looked up", n)
	}
	if n := load("long@example.com"); n == 0 {
		t.Error("an absence of yesterday is believed")
	}
	if n := load("long@example.com", "none@example.com"); n != 0 {
		t.Errorf("%d look-ups of people this run has looked up", n)
	}
}

// Two clients are two processes: they know nothing of each other. The account alone makes one customer of an e-mail that both
// bring at once, and neither run is the worse for it.
func TestCustomersOfTwoProcesses(t *testing.T) {
	srv, first := open(t, sandbox.Options{})
	settings := func(s *gorgias.Settings) { s.Base = "http://" + first.Host() }
	_, second := open(t, sandbox.Options{}, settings)
	var g sync.WaitGroup
	for n, c := range []*gorgias.Client{first, second} {
		if err := c.LoadPeople(t.Context(), gorgias.Wanted{}); err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			w := conversation(t, fmt.Sprintf("p%d:%d", n, i), fmt.Sprintf("customer%d@example.com", i%5), 2)
			g.Go(func() {
				if _, err := bring(context.WithoutCancel(t.Context()), c, w, 2); err != nil {
					t.Error(err)
				}
			})
		}
	}
	g.Wait()
	if s := srv.Stats(); s.Customers != 5 || s.Tickets != 40 || s.Outbox != 0 || s.Endpoints["POST /api/customers"] != 0 {
		t.Errorf("%d customers of 5, %d tickets, %v", s.Customers, s.Tickets, s.Endpoints)
	}
}
