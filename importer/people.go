package importer

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"strings"
	"time"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources/lanes"
	"github.com/zeebo/xxh3"
)

// FoundPerson is someone an export names: a customer, an assignee or an author, over all its tickets.
type FoundPerson struct {
	Person    mapping.PersonRef // completed by the people of the export, without any choice
	Role      mapping.Tri       // Yes: an agent, No: a customer, Unknown: nothing tells, for some of the messages at least
	Messages  int64             // written
	Undecided int64             // of them, those of which only people.unknown says whose they are
	Requester int64             // tickets
	Assignee  int64             // tickets
	Agent     bool              // has acted as an agent
	First     time.Time         // sent time of the first message, UTC; zero without one
	Last      time.Time
	Shares    []mapping.PersonRef // others with the same e-mail, the first five
}

// FoundPeople is everyone in an export, on disk where they are many. Close it.
type FoundPeople struct {
	byEmail *sorter
	Count   int64
	dir     string
}

// People finds everyone the export names, in tickets that are not left out. It judges as a check does, before any of
// [Job.Choices]; memory does not grow with the export.
func (j *Job) People(ctx context.Context) (*FoundPeople, error) {
	plain := *j
	plain.Choices = nil
	p, err := plain.begin(true)
	if err != nil {
		return nil, err
	}
	defer func() { p.close() }()
	if err := p.read(ctx); err != nil {
		return nil, err
	}
	if err := p.findCutoff(ctx); err != nil {
		return nil, err
	}
	each := newSorter(j.TempDir, customerRun)
	defer each.close()
	if err := p.sightings(ctx, each); err != nil {
		return nil, err
	}
	if err := each.seal(ctx); err != nil {
		return nil, err
	}
	f := &FoundPeople{byEmail: newSorter(j.TempDir, customerRun), dir: j.TempDir}
	for one, err := range united(ctx, each) {
		if err == nil {
			key := one.key
			if e := one.Person.Email; e != "" {
				key = sumOf(strings.ToLower(e))
			}
			err = f.byEmail.addBlock(appendItem(nil, key, func(b []byte) []byte { return one.append(b) }))
			f.Count++
		}
		if err != nil {
			f.Close()
			return nil, err
		}
	}
	if err := f.byEmail.seal(ctx); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Close frees the memory and the temporary file.
func (f *FoundPeople) Close() { f.byEmail.close() }

// sightings tells who is in each ticket.
func (p *pass) sightings(ctx context.Context, to *sorter) error {
	var tickets int64
	type told struct {
		block   []byte
		tickets int64
	}
	return lanes.InOrder(ctx, len(p.lanes), p.batches(ctx, func() *batch { return new(batch) }), func(i int, b *batch) (told, error) {
		l := p.lanes[i]
		var out told
		var seen []mapping.Seen
		for _, err := range l.groups(b) {
			if err != nil {
				return out, err
			}
			out.tickets++
			if p.unwanted(l) != "" || p.cutoff != nil && l.first(sumOf(l.key())).compare(*p.cutoff) > 0 {
				continue
			}
			seen = p.j.Mapping.People(&l.group, l.view, &l.out, seen[:0])
			for i := range seen {
				one := seenPerson(&seen[i])
				out.block = appendItem(out.block, one.key, func(b []byte) []byte { return one.append(b) })
			}
		}
		return out, l.view.err
	}, func(t told) error {
		tickets += t.tickets
		p.j.progress(Progress{Phase: Joining, Records: p.account.records.Read, Tickets: tickets})
		return to.addBlock(t.block)
	})
}

// gathered is a person with the key they are put together by.
type gathered struct {
	FoundPerson
	key sum
}

func seenPerson(s *mapping.Seen) gathered {
	g := gathered{FoundPerson: FoundPerson{
		Person: s.Person, Messages: s.Outgoing + s.Incoming + s.Undecided, Undecided: s.Undecided, First: s.First, Last: s.Last,
		Agent: s.Outgoing > 0,
	}}
	if s.Requester {
		g.Requester = 1
	}
	if s.Assignee {
		g.Assignee = 1
	}
	switch r := &s.Person; {
	case r.ID != "":
		g.key = sumOf("i" + r.ID)
	case r.Email != "":
		g.key = sumOf("e" + strings.ToLower(r.Email))
	default:
		g.key = sumOf("n" + r.Name)
	}
	g.settleRole(s.Incoming > 0)
	return g
}

// settleRole tells what the person is by all that is known of them. Customers are so by their tickets and messages.
func (g *gathered) settleRole(incoming bool) {
	switch {
	case g.Undecided > 0:
		g.Role = mapping.Unknown
	case g.Agent || g.Assignee > 0 || g.Person.Agent == mapping.Yes:
		g.Role = mapping.Yes
	case incoming || g.Requester > 0 || g.Person.Agent == mapping.No:
		g.Role = mapping.No
	}
}

func (g *gathered) add(o *gathered) {
	incoming := g.Role == mapping.No || o.Role == mapping.No
	complement(&g.Person, o.Person)
	g.Messages += o.Messages
	g.Undecided += o.Undecided
	g.Requester += o.Requester
	g.Assignee += o.Assignee
	g.Agent = g.Agent || o.Agent
	if g.First.IsZero() || !o.First.IsZero() && o.First.Before(g.First) {
		g.First = o.First
	}
	if o.Last.After(g.Last) {
		g.Last = o.Last
	}
	g.settleRole(incoming)
}

func (g *gathered) append(b []byte) []byte {
	c := coder{buf: b}
	c.gathered(g)
	return c.buf
}

func (c *coder) gathered(g *gathered) {
	c.begin()
	c.text(&g.Person.ID)
	c.text(&g.Person.Email)
	c.text(&g.Person.Name)
	small(c, &g.Person.Agent)
	small(c, &g.Role)
	c.flag(&g.Agent)
	c.int64(&g.Messages)
	c.int64(&g.Undecided)
	c.int64(&g.Requester)
	c.int64(&g.Assignee)
	c.time(&g.First)
	c.time(&g.Last)
	c.finish()
	n := int64(len(g.Shares))
	if c.rawInt(&n); c.reading {
		if n < 0 || n > fewNames {
			c.fail()
			return
		}
		g.Shares = make([]mapping.PersonRef, n)
	}
	for i := range g.Shares {
		c.rawText(&g.Shares[i].ID)
		c.rawText(&g.Shares[i].Email)
		c.rawText(&g.Shares[i].Name)
	}
}

func readGathered(it item) (g gathered, err error) {
	var c coder
	c.read(string(it.bytes))
	c.gathered(&g)
	g.key = it.key
	return g, c.end()
}

// united yields every person once.
func united(ctx context.Context, s *sorter) iter.Seq2[*gathered, error] {
	return func(yield func(*gathered, error) bool) {
		var one gathered
		begun := false
		for it, err := range s.all(ctx) {
			var g gathered
			if err == nil {
				g, err = readGathered(it)
			}
			switch {
			case err != nil:
				yield(nil, fmt.Errorf("gathering people: %w", err))
				return
			case begun && g.key == one.key:
				one.add(&g)
				continue
			case begun && !yield(&one, nil):
				return
			}
			one, begun = g, true
		}
		if begun {
			yield(&one, nil)
		}
	}
}

// all yields everyone, those with one e-mail after each other and named in each other's Shares.
func (f *FoundPeople) all(ctx context.Context) iter.Seq2[*FoundPerson, error] {
	return func(yield func(*FoundPerson, error) bool) {
		var same []gathered
		flush := func() bool {
			for i := range same {
				if len(same) > 1 {
					same[i].Shares = others(same, i)
				}
				if !yield(&same[i].FoundPerson, nil) {
					return false
				}
			}
			same = same[:0]
			return true
		}
		for it, err := range f.byEmail.all(ctx) {
			var g gathered
			if err == nil {
				g, err = readGathered(it)
			}
			if err != nil {
				yield(nil, fmt.Errorf("listing people: %w", err))
				return
			}
			if len(same) > 0 && (same[0].key != g.key || g.Person.Email == "" || len(same) == maxSharing) && !flush() {
				return
			}
			same = append(same, g)
		}
		flush()
	}
}

// maxSharing is how many people with one e-mail are looked at together.
const maxSharing = 1000

func others(same []gathered, i int) (out []mapping.PersonRef) {
	for k := range same {
		if k != i && len(out) < fewNames {
			out = append(out, same[k].Person)
		}
	}
	return out
}

// Each yields everyone once, in no particular order.
func (f *FoundPeople) Each(ctx context.Context) iter.Seq2[*FoundPerson, error] { return f.all(ctx) }

// Sorted yields everyone: those of a smaller rank first, among equals those with more messages and tickets, then by id,
// e-mail and name. rank is asked once for each, from 0 to 255. What is yielded is valid until the next.
func (f *FoundPeople) Sorted(ctx context.Context, rank func(*FoundPerson) byte) iter.Seq2[*FoundPerson, error] {
	return func(yield func(*FoundPerson, error) bool) {
		sorted := newSorter(f.dir, customerRun)
		defer sorted.close()
		for one, err := range f.all(ctx) {
			if err == nil {
				weight := min(one.Messages+one.Requester+one.Assignee, math.MaxUint32)
				who := one.Person
				key := sum{uint64(rank(one))<<56 | uint64(math.MaxUint32-weight)<<8, prefix(cmp.Or(who.ID, who.Email, who.Name))}
				g := gathered{FoundPerson: *one}
				err = sorted.addBlock(appendItem(nil, key, func(b []byte) []byte { return g.append(b) }))
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
		if err := sorted.seal(ctx); err != nil {
			yield(nil, err)
			return
		}
		for it, err := range sorted.all(ctx) {
			var g gathered
			if err == nil {
				g, err = readGathered(it)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&g.FoundPerson, nil) {
				return
			}
		}
	}
}

// prefix orders texts roughly as they read; those with the same beginning by a fingerprint.
func prefix(s string) uint64 {
	var b [8]byte
	copy(b[:], strings.ToLower(s))
	var n uint64
	for _, c := range b[:6] {
		n = n<<8 | uint64(c)
	}
	return n<<16 | xxh3.HashString(s)&0xffff
}

// Customers yields the e-mails of everyone who is or may be a customer, once each as a rule.
func (f *FoundPeople) Customers(ctx context.Context, broken *error) iter.Seq[string] {
	return func(yield func(string) bool) {
		for one, err := range f.all(ctx) {
			if err != nil {
				*broken = err
				return
			}
			if one.Person.Email != "" && (one.Role != mapping.Yes || one.Requester > 0) && !yield(one.Person.Email) {
				return
			}
		}
	}
}
