package importer

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/deskferry/deskferry/mapping"
)

// TestHourClock: hours are those of the zone, on both sides of its changes and in any order.
func TestHourClock(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Paris", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		c := hourClock{zone: zone}
		r := rand.New(rand.NewPCG(1, 2))
		for range 5000 {
			at := time.Unix(r.Int64N(1_800_000_000), 0)
			if got, want := c.hour(at), at.In(zone).Hour(); got != want {
				t.Fatalf("%s: %s is hour %d, want %d", name, at.UTC(), got, want)
			}
		}
		for _, step := range []time.Duration{time.Hour, -time.Hour} { // through a year hour by hour
			at := time.Date(2024, 6, 1, 0, 30, 0, 0, time.UTC)
			for range 366 * 24 {
				if got, want := c.hour(at), at.In(zone).Hour(); got != want {
					t.Fatalf("%s: %s is hour %d, want %d", name, at, got, want)
				}
				at = at.Add(step)
			}
		}
	}
}

func TestClassOf(t *testing.T) {
	for _, c := range []struct {
		n     int64
		class int
	}{{1, 0}, {2, 1}, {5, 4}, {6, 5}, {10, 5}, {11, 6}, {500, 9}, {501, 10}, {1 << 40, 10}} {
		if got := classOf(lengthSteps[:], c.n); got != c.class {
			t.Errorf("%d messages are class %d, want %d", c.n, got, c.class)
		}
	}
	for _, c := range []struct {
		n     int64
		class int
	}{{1, 0}, {10*kib - 1, 0}, {10 * kib, 1}, {60*mib - 1, 5}, {60 * mib, 6}} {
		if got := classOf(sizeSteps[:], c.n); got != c.class {
			t.Errorf("%d bytes are class %d, want %d", c.n, got, c.class)
		}
	}
}

// TestShapeIsBounded: an export with a status of its own for each ticket does not grow the account, and nothing is lost.
func TestShapeIsBounded(t *testing.T) {
	var s shape
	for i := range 5 * maxStatuses {
		s.ticket(&mapping.Assembled{SourceStatus: fmt.Sprint("status ", i), Ticket: mapping.Ticket{Status: "open", Messages: make([]mapping.Message, 1+i%9)}})
	}
	if n := len(s.statuses); n != maxStatuses+1 {
		t.Errorf("%d statuses are told apart", n)
	}
	var out Summary
	s.fill(&out)
	tickets, lengths := int64(0), int64(0)
	for _, x := range out.Statuses {
		tickets += x.Tickets
	}
	for _, x := range out.Lengths {
		lengths += x.Tickets
	}
	if out.Statuses[0].From != otherStatuses || tickets != 5*maxStatuses || lengths != tickets {
		t.Errorf("first %+v, %d tickets in statuses, %d in lengths", out.Statuses[0], tickets, lengths)
	}
}

// TestShapeMergesAlike: past the bound too, the same parts in the same order give the same account.
func TestShapeMergesAlike(t *testing.T) {
	merged := func() []StatusSum {
		var all shape
		for part := range 10 {
			var s shape
			for i := range 150 {
				s.status(statusPair{fmt.Sprint(part*150 + i), "open"}, 1)
			}
			all.merge(&s)
		}
		var out Summary
		all.fill(&out)
		return out.Statuses
	}
	if a, b := merged(), merged(); !reflect.DeepEqual(a, b) {
		t.Error("two merges of the same differ")
	}
}

// TestShapeMerges: parts give the same account in any order.
func TestShapeMerges(t *testing.T) {
	part := func(seed uint64) *shape {
		s, r := &shape{}, rand.New(rand.NewPCG(seed, 1))
		for range 50 {
			s.ticket(&mapping.Assembled{SourceStatus: fmt.Sprint(r.IntN(5)), State: mapping.Ready, Ticket: mapping.Ticket{Messages: make([]mapping.Message, r.IntN(700))}})
			s.message(&mapping.Message{Public: r.IntN(2) == 0, FromAgent: r.IntN(2) == 0}, r.IntN(24))
			s.file(r.Int64N(100 * mib))
		}
		return s
	}
	var one, two shape
	for i := range uint64(9) {
		one.merge(part(i))
		two.merge(part(8 - i))
	}
	var a, b Summary
	one.fill(&a)
	two.fill(&b)
	if !reflect.DeepEqual(a, b) || len(a.Hours) != 24 || a.Attachments.Files != 450 {
		t.Errorf("%+v\n%+v", a, b)
	}
}

// TestTopStaff: however many agents there are, the busiest are listed.
func TestTopStaff(t *testing.T) {
	var sums PeopleSums
	for i := range 10 * maxStaff {
		one := sharing{email: fmt.Sprintf("a%d@x.test", i), agent: true, acts: int64(i % 5000)}
		one.count(&sums)
	}
	if len(sums.Staff) >= 2*maxStaff || sums.Agents != 10*maxStaff {
		t.Errorf("%d listed of %d", len(sums.Staff), sums.Agents)
	}
	if top := topStaff(sums.Staff, maxStaff); len(top) != maxStaff || top[0].Tickets != 4999 || top[maxStaff-1].Tickets != 4500 {
		t.Errorf("%d, first %+v, last %+v", len(top), top[0], top[len(top)-1])
	}
}

// TestChangingCodes: the codes that say that a value changed are warnings there are.
func TestChangingCodes(t *testing.T) {
	known := map[string]bool{codeCustomerShared: true}
	for _, c := range mapping.Codes() {
		known[c.Name] = c.Severity == mapping.Warning
	}
	for _, code := range changing() {
		if !known[code] {
			t.Errorf("%s is no warning", code)
		}
	}
}
