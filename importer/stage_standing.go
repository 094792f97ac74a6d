package importer

import (
	"context"
	"fmt"
	"slices"

	"github.com/deskferry/deskferry/mapping"
	"golang.org/x/sync/errgroup"
)

// take hands the tickets of a batch to the store and, many at a time, to the planner.
func (st *stager) take(ctx context.Context, a *assembled) error {
	if len(a.rows) == 0 {
		return nil
	}
	st.queue = append(st.queue, a.planned...)
	if len(st.queue) < planBatch {
		return st.store.Put(ctx, a.rows)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return st.store.Put(ctx, a.rows) })
	g.Go(func() error { return st.plan(ctx) })
	return g.Wait()
}

// plan hands the queue to the planner.
func (st *stager) plan(ctx context.Context) error {
	if len(st.queue) == 0 {
		return nil
	}
	o := st.p.j.Sync
	for i := range st.queue {
		st.queue[i].Update, st.queue[i].AppendTouched = o != nil && o.Updates, o != nil && o.AppendTouched
	}
	all, err := st.planner.Plan(ctx, st.queue)
	if err != nil {
		return err
	}
	if len(all) != len(st.queue) {
		return fmt.Errorf("planning %d tickets: the ledger answers for %d", len(st.queue), len(all))
	}
	for i := range all {
		st.standing.add(st.p.j, &st.queue[i], &all[i])
	}
	clear(st.queue)
	st.queue = st.queue[:0]
	return nil
}

// customers hands the customers to the store.
func (st *stager) customers(ctx context.Context) error {
	var list []Customer
	var last sum
	put := false
	for it, err := range st.p.customers.all(ctx) {
		if err != nil {
			return err
		}
		if put && it.key == last {
			continue
		}
		var c coder
		var x part
		c.read(string(it.bytes))
		if c.part(&x); c.end() != nil {
			return errGarbled
		}
		if x.flags&partCustomer == 0 {
			continue
		}
		last, put = it.key, true
		if list = append(list, st.p.customer(&x)); len(list) == planBatch {
			if err := st.store.PutCustomers(ctx, list); err != nil {
				return err
			}
			list = list[:0]
		}
	}
	return st.store.PutCustomers(ctx, list)
}

// partial tells whether the ticket in hand is only what was mended of it, the rest being in the ledger alone.
func (st *stager) partial(l *lane) bool {
	mends := false
	for _, r := range l.refs {
		if r.record == keptRecord {
			return false
		}
		mends = mends || r.mends != ""
	}
	return mends
}

// standing sums up what the ledger knew.
type standing struct {
	tally                     Tally
	differs, creates, appends int64
	shown                     int64 // messages in the target that the source still shows, though the mapping rejects them now
	billable, updates         int64
}

func (s *standing) add(j *Job, plan *Planned, st *Standing) {
	if plan.Seen {
		return
	}
	n := int64(len(plan.Messages))
	s.shown += int64(min(plan.Rejected, st.Absent))
	present := min(int64(st.Present), n)
	s.tally.Messages.Present += present
	s.differs += int64(st.Differs)
	rest := n - present
	if st.Update {
		s.updates++
	}
	t, m := &s.tally.Tickets, &s.tally.Messages
	switch state := State(st.State); {
	case state == StateDone && rest == 0:
		t.Present++
	case state == StateAsking, state == StateDoubt, state == StateHeld && st.Reason == ReasonUnknown:
		t.InDoubt++
		m.InDoubt += rest
	case state == StateRefused:
		t.Rejected++
		m.Rejected += rest
	case st.Settled:
		t.Settled++
		m.Settled += rest
	case state == StateUndone, state == StateHeld && st.Reason == ReasonUndone:
		t.Undone++
		m.Undone += rest
	case state == StateHeld:
		t.Held++
		m.Held += rest
	case state == StateMade, present > 0:
		t.Pending++
		m.Pending += rest
		s.appends += rest
	default:
		t.Pending++
		m.Pending += rest
		s.creates++
		s.appends += n - int64(j.prefix(plan.Messages))
		if slices.ContainsFunc(plan.Messages, func(m PlannedMessage) bool { return m.Direction == mapping.Yes && !m.Internal }) {
			s.billable++
		}
	}
}

// end completes the summary.
func (s *standing) end(j *Job, to *Summary) {
	to.count(s.tally, 1)
	to.staged, to.Differs, to.shown = s.tally, s.differs, s.shown
	j.cost(to, s.creates, s.appends, s.billable)
	to.Requests.Updates = s.updates
	to.Requests.Planned += s.updates
}

// prefix is how many of the messages the create carries.
func (j *Job) prefix(messages []PlannedMessage) int {
	if j.PerMessage {
		return min(1, len(messages))
	}
	sizes := make([]int, len(messages))
	for i := range messages {
		sizes[i] = messages[i].Size
	}
	return Prefix(sizes, orElse(j.MaxMessages, DefaultMaxMessages), orElse(j.MaxBytes, DefaultMaxBytes))
}

// version is the newest version the source gives the ticket.
func version(g *mapping.Group) string {
	v := ""
	for i := range g.Tickets {
		v = max(v, g.Tickets[i].Version)
	}
	return v
}

func direction(m *mapping.Message) mapping.Tri {
	if m.FromAgent {
		return mapping.Yes
	}
	return mapping.No
}
