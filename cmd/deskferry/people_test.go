package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// ticketsOf writes an export of tickets by so many customers, and its mapping, and returns the flags that name them.
func (r *rig) ticketsOf(source string, tickets, customers int) []string {
	r.t.Helper()
	export, file := filepath.Join(r.dir, source+".csv"), filepath.Join(r.dir, source+".yaml")
	var b strings.Builder
	b.WriteString("ticket,id,subject,status,customer,author,note,body,sent\n")
	for i := range tickets {
		fmt.Fprintf(&b, "%d,%d,Subject,open,c%d@example.com,c%d@example.com,no,text,2020-01-01T00:00:00Z\n", i, i, i%customers, i%customers)
	}
	write(r.t, export, b.String())
	write(r.t, file, strings.Replace(promiseMapping, "name: any", "name: "+source, 1))
	return []string{"--from", export, "--mapping", file}
}

// TestPeopleRequests counts what customers cost: nothing for one the account knows, nothing for a new one, and a second run of
// an import that was left unfinished asks for none of them again.
func TestPeopleRequests(t *testing.T) {
	r := newRig(t, "400@5..14 on POST /api/tickets")
	input := r.ticketsOf("old", 60, 30)
	s, code := r.run(r.command("import", input...))
	if code != exitIncomplete || s.Tickets.Rejected != 10 {
		t.Fatalf("exit %d: %+v", code, s.Tickets)
	}
	first := r.account.Stats()
	if first.Customers != 30 && first.Customers < 25 || first.Endpoints["POST /api/customers"] != 0 || first.Endpoints["GET /api/customers"] != 1 {
		t.Errorf("%d customers, requests %v: one page tells who is known", first.Customers, first.Endpoints)
	}
	s, code = r.run(r.command("retry", "--rejected"))
	if code != exitDone || s.Tickets.Imported != 10 {
		t.Fatalf("exit %d: %+v %+v", code, s.Tickets, s.Problems)
	}
	second := r.account.Stats()
	if n := second.Endpoints["GET /api/customers"] - first.Endpoints["GET /api/customers"]; n != 0 {
		t.Errorf("the second run looked %d times for customers", n)
	}
	more := r.ticketsOf("old", 90, 30) // the same customers, 30 tickets more
	if s, code = r.run(r.command("import", more...)); code != exitDone || s.Tickets.Imported != 30 {
		t.Fatalf("exit %d: %+v", code, s.Tickets)
	}
	third := r.account.Stats()
	if n := third.Endpoints["GET /api/customers"] - second.Endpoints["GET /api/customers"]; n != 0 || third.Customers != 30 {
		t.Errorf("the third run looked %d times for known customers, of whom there are %d", n, third.Customers)
	}
	if third.Outbox != 0 || third.Tickets != 90 {
		t.Errorf("%d tickets, %d in the outbox", third.Tickets, third.Outbox)
	}
}

// TestCustomersOnceInParallel: two runs at once, eight workers each, bring tickets of the same new customers: each customer
// is there once, with the name they have.
func TestCustomersOnceInParallel(t *testing.T) {
	r := newRig(t, "")
	program := binary(t) // processes, as two imports are: one process parses one command line
	var g sync.WaitGroup
	for _, source := range []string{"left", "right"} {
		line := append([]string{"import", "--to", r.url, "--ledger", filepath.Join(r.dir, source+".db"), "--json", "--concurrency", "8"},
			r.ticketsOf(source, 80, 7)...)
		g.Go(func() {
			if out, err := exec.Command(program, line...).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", source, err, out)
			}
		})
	}
	g.Wait()
	if s := r.account.Stats(); s.Customers != 7 || s.Tickets != 160 || s.Outbox != 0 || s.Endpoints["POST /api/customers"] != 0 {
		t.Errorf("%d customers of 7, %d tickets, outbox %d, %v", s.Customers, s.Tickets, s.Outbox, s.Endpoints)
	}
}

// TestCustomersKnownOtherwise: a customer is found by another of their addresses, in any case, and one without an address by
// the external id an admin gave them. Nothing about them changes, nobody is made twice, and verify knows them again.
func TestCustomersKnownOtherwise(t *testing.T) {
	r := newRig(t, "")
	account := sandbox.DefaultAccount()
	account.Customers = []sandbox.Customer{
		{ID: 501, Email: "main@example.com", Name: "Main", Channels: []sandbox.Channel{{ID: 1, Type: "email", Address: "other@example.com"}}},
		{ID: 502, Name: "By Hand", ExternalID: "any:7"},
	}
	r.account = sandbox.New(sandbox.Options{Account: account})
	export, file := filepath.Join(r.dir, "export.csv"), filepath.Join(r.dir, "m.yaml")
	write(t, export, "ticket,id,subject,status,customer,author,note,body,sent\n"+
		"1,1,S,open,Other@Example.com,other@example.com,no,text,2020-01-01T00:00:00Z\n2,2,S,open,,7,no,text,2020-01-01T00:00:00Z\n"+
		"3,3,S,open,,8,no,text,2020-01-01T00:00:00Z\n")
	write(t, file, strings.Replace(promiseMapping, "people: {", "people: { unknown: customer,", 1))
	input := []string{"--from", export, "--mapping", file, "--placeholder-domain", "import.invalid"}
	if s, code := r.run(r.command("import", input...)); code != exitDone {
		t.Fatalf("exit %d: %+v", code, s.Problems)
	}
	got := map[int64]string{}
	for _, c := range r.account.Customers() {
		got[c.ID] = c.Email + " " + c.Name
	}
	if len(got) != 3 || got[501] != "main@example.com Main" || got[502] != " By Hand" {
		t.Errorf("customers are %v", got)
	}
	var of []int64
	for _, ticket := range r.account.Tickets() {
		of = append(of, ticket.CustomerID)
	}
	slices.Sort(of)
	if len(of) != 3 || of[0] != 501 || of[1] != 502 {
		t.Errorf("the tickets are of %v", of)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), r.command("verify", input...), strings.NewReader(""), &out, &errs); code != exitDone {
		t.Errorf("verify: exit %d\n%s%s", code, out.String(), errs.String())
	}
}

// TestFallbackIsReported: every author for whom another stands in is listed with the number of messages.
func TestFallbackIsReported(t *testing.T) {
	r := newRig(t, "")
	export, file := filepath.Join(r.dir, "export.csv"), filepath.Join(r.dir, "m.yaml")
	write(t, export, "ticket,id,subject,status,customer,author,note,body,sent\n"+
		"1,1,S,open,c@example.com,gone@acme.test,no,text,2020-01-01T00:00:00Z\n1,2,S,open,c@example.com,gone@acme.test,yes,text,2020-01-01T00:00:01Z\n"+
		"1,3,S,open,c@example.com,left@acme.test,no,text,2020-01-01T00:00:02Z\n1,4,S,open,c@example.com,mia@acme.test,no,text,2020-01-01T00:00:03Z\n"+
		"2,5,S,open,noah@acme.test,noah@acme.test,no,text,2020-01-01T00:00:04Z\n")
	write(t, file, promiseMapping)
	s, code := r.run(r.command("import", "--from", export, "--mapping", file, "--fallback-agent", "noah@acme.test"))
	if code != exitDone {
		t.Fatalf("exit %d: %+v", code, s.Problems)
	}
	got := map[string]int64{}
	for _, p := range s.Problems {
		for _, v := range p.Values {
			got[p.Code+" "+v.Value] += v.Count
		}
	}
	for what, n := range map[string]int64{"agent.unknown gone@acme.test": 2, "agent.unknown left@acme.test": 1, "customer.is_agent noah@acme.test": 1} {
		if got[what] != n {
			t.Errorf("%s: %d, want %d (all: %v)", what, got[what], n, got)
		}
	}
	for _, ticket := range r.account.Tickets() {
		for _, m := range ticket.Messages {
			b, _ := json.Marshal(m)
			if stood := m.SenderID == 13 && m.FromAgent; stood != (bytes.Contains(b, []byte("gone@acme.test")) || bytes.Contains(b, []byte("left@acme.test"))) {
				t.Errorf("another stands in and the author is not kept: %s", b)
			}
		}
	}
}

// TestPeopleMemory: the list of people does not grow in memory with the export.
func TestPeopleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	r := newRig(t, "")
	heap := func(n int) uint64 {
		input := r.ticketsOf(fmt.Sprint("p", n), n, n)
		var m runtime.MemStats
		var high uint64
		stop := make(chan struct{})
		var g sync.WaitGroup
		g.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
					runtime.ReadMemStats(&m)
					high = max(high, m.HeapAlloc)
				}
			}
		})
		runtime.GC()
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"deskferry", "people", "--out", filepath.Join(r.dir, fmt.Sprint("people", n, ".csv"))}, input...), strings.NewReader(""), &out, &errs)
		close(stop)
		g.Wait()
		if code != exitDone || !strings.Contains(out.String(), fmt.Sprintf("%d people", n)) {
			t.Fatalf("exit %d: %s%s", code, out.String(), errs.String())
		}
		return high
	}
	small, large := heap(20_000), heap(200_000)
	t.Logf("20,000 people: %d MiB, 200,000: %d MiB", small>>20, large>>20)
	if large > 3*small && large > 128<<20 {
		t.Errorf("20,000 people take %d MiB, 200,000 take %d", small>>20, large>>20)
	}
}

// TestPlanFollowsPeople: another people file makes another plan, and no other names of tickets and messages.
func TestPlanFollowsPeople(t *testing.T) {
	r := newRig(t, "")
	input := r.ticketsOf("old", 4, 2)
	people := filepath.Join(r.dir, "people.csv")
	write(t, people, "source_id,email,name,use_email,use_name,use_role\n,c1@example.com,,moved@example.com,Moved,\n")
	plain, decided := expected(t, input...), expected(t, append(input, "--people", people)...)
	if len(plain) != 4 || len(decided) != 4 {
		t.Fatalf("%d and %d tickets", len(plain), len(decided))
	}
	for id, w := range plain {
		if fmt.Sprint(decided[id]) != fmt.Sprint(w) {
			t.Errorf("%s became %v, was %v", id, decided[id], w)
		}
	}
	var choices mapping.Choices
	if err := readPeople(people, &choices); err != nil {
		t.Fatal(err)
	}
	name := func(choices *mapping.Choices) string {
		m, err := namedMapping(input[3], mapping.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		set, err := sources.Open(t.Context(), input[1:2], m.SourceOptions, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer set.Close()
		name, err := (&importer.Job{Source: set, Files: set.Files(), Mapping: m, Choices: choices}).PlanName(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	none, nothing, some := name(nil), name(&mapping.Choices{Source: "old"}), name(&choices)
	domain := name(&mapping.Choices{Source: "old", PlaceholderDomain: "import.invalid"})
	if none != nothing || none == some || none == domain || some == domain {
		t.Errorf("plans: %s without, %s with nothing decided, %s with, %s with a placeholder domain", none, nothing, some, domain)
	}
}
