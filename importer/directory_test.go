package importer

import (
	"context"
	"fmt"
	"testing"

	"github.com/deskferry/deskferry/mapping"
)

func person(id, email, name string, agent mapping.Tri) mapping.PersonRef {
	return mapping.PersonRef{ID: id, Email: email, Name: name, Agent: agent}
}

func newTestDirectory(t *testing.T, facts ...mapping.PersonFact) *directory {
	t.Helper()
	d := newDirectory(t.TempDir())
	t.Cleanup(d.close)
	seen := new(peopleSeen)
	for i := range facts {
		if err := d.add(tellPerson(nil, &facts[i], seen)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDirectory(t *testing.T) {
	d := newTestDirectory(t,
		mapping.PersonFact{PersonRef: person("1", "ann@x.org", "", 0)},
		mapping.PersonFact{PersonRef: person("", "ann@x.org", "Ann", 0)},
		mapping.PersonFact{PersonRef: person("1", "", "Ann the learned", 0)},
		mapping.PersonFact{PersonRef: person("2", "", "Bob", mapping.No)},
		mapping.PersonFact{PersonRef: person("2", "bob@x.org", "Robert", mapping.Yes), Ruled: true},
		mapping.PersonFact{PersonRef: person("", "only@x.org", "", 0)},
		mapping.PersonFact{PersonRef: person("12", "bob@x.org", "", 0), Ruled: true},
		mapping.PersonFact{PersonRef: person("9", "", "", 0)},
		mapping.PersonFact{PersonRef: person("x@y.z", "", "An id like an address", 0)},
		mapping.PersonFact{PersonRef: person("", "x@y.z", "Another", 0)},
	)
	for _, c := range []struct {
		id, email string
		want      mapping.PersonRef
		ok        bool
	}{
		{"1", "", person("1", "ann@x.org", "Ann the learned", 0), true},
		{"", "ann@x.org", person("1", "ann@x.org", "Ann", 0), true},
		{"2", "", person("2", "bob@x.org", "Robert", mapping.Yes), true},
		{"12", "", person("12", "bob@x.org", "", 0), true}, // another person with the same e-mail
		{"", "bob@x.org", person("2", "bob@x.org", "Robert", mapping.Yes), true},
		{"3", "bob@x.org", person("2", "bob@x.org", "Robert", mapping.Yes), true},
		{"", "only@x.org", mapping.PersonRef{}, false},
		{"9", "", mapping.PersonRef{}, false},
		{"x@y.z", "", person("x@y.z", "", "An id like an address", 0), true},
		{"", "x@y.z", person("", "x@y.z", "Another", 0), true},
		{"", "", mapping.PersonRef{}, false},
	} {
		v := d.view()
		for range 2 { // the second answer is remembered
			if got, ok := v.Person(c.id, c.email); got != c.want || ok != c.ok {
				t.Errorf("Person(%q, %q) = %+v, %v; want %+v, %v", c.id, c.email, got, ok, c.want, c.ok)
			}
		}
	}
}

func TestDirectoryStoresNoBareAddresses(t *testing.T) {
	d := newTestDirectory(t, mapping.PersonFact{PersonRef: person("", "a@b.c", "", 0)})
	if d.end != 0 {
		t.Errorf("%d bytes are stored", d.end)
	}
}

func TestLargeDirectory(t *testing.T) {
	const n = 200_000
	d := newDirectory(t.TempDir())
	defer d.close()
	seen := new(peopleSeen)
	var block []byte
	for i := range n {
		f := mapping.PersonFact{PersonRef: person(fmt.Sprint(i), fmt.Sprintf("p%d@example.org", i), fmt.Sprintf("Person %d", i), 0)}
		block = tellPerson(block[:0], &f, seen)
		block = tellPerson(block, &f, seen)
		if err := d.add(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	if d.file == nil || d.ram != "" {
		t.Error("200,000 people are held in memory")
	}
	if d.count != 2*n {
		t.Errorf("%d entries, want %d", d.count, 2*n)
	}
	v := d.view()
	for i := 0; i < n; i += 7 {
		want := person(fmt.Sprint(i), fmt.Sprintf("p%d@example.org", i), fmt.Sprintf("Person %d", i), 0)
		if got, ok := v.Person(want.ID, ""); got != want || !ok {
			t.Fatalf("by id: %+v, %v, want %+v", got, ok, want)
		}
		if got, ok := v.Person("", want.Email); got != want || !ok {
			t.Fatalf("by e-mail: %+v, %v, want %+v", got, ok, want)
		}
	}
	for i := range 1000 {
		if p, ok := v.Person(fmt.Sprintf("no %d", i), fmt.Sprintf("no%d@example.org", i)); ok {
			t.Fatalf("found %+v", p)
		}
	}
	if v.err != nil {
		t.Error(v.err)
	}
}

func BenchmarkDirectory(b *testing.B) {
	for _, n := range []int{1_000, 200_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := newDirectory(b.TempDir())
			defer d.close()
			seen := new(peopleSeen)
			emails := make([]string, n)
			for i := range n {
				emails[i] = fmt.Sprintf("p%d@example.org", i)
				f := mapping.PersonFact{PersonRef: person("", emails[i], "A Name", 0)}
				if err := d.add(tellPerson(nil, &f, seen)); err != nil {
					b.Fatal(err)
				}
			}
			if err := d.seal(context.Background()); err != nil {
				b.Fatal(err)
			}
			v := d.view()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				v.Person("", emails[i*7919%n])
			}
		})
	}
}
