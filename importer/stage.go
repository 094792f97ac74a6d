package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"github.com/deskferry/deskferry/mapping"
	"github.com/zeebo/xxh3"
)

// PlanRow is a planned ticket as a [PlanStore] keeps it. Sum orders the rows: they are put in ascending order of it, and
// any key's can be had from [PlanSum].
type PlanRow struct {
	Sum     uint64
	Key     Key
	Work    []byte // see DecodeWork; none of a ticket that nothing can be made of
	Planned []byte // see DecodePlanned
	Facts   []byte // what was read of a ticket with a rejected record, for mended rows to join; else nil
}

// PlanSum is the fingerprint that a key's row is ordered by.
func PlanSum(k Key) uint64 { return sumOf(string(k)).hi }

// Customer is a person who is to be sent as a customer, once for each e-mail.
type Customer struct {
	Email, Name string
	// ExternalID is set where the e-mail is made up: source and id, "zendesk:42", as the customer may have been entered in
	// the account by hand.
	ExternalID string
}

// PlanStore keeps a plan on disk. It is a cache: what is missing or half-made is made again from the export.
type PlanStore interface {
	Plan
	// Sealed returns what Seal was given; nil when the plan is missing or half-made.
	Sealed(context.Context) ([]byte, error)
	// Reset empties the plan; rows are put after it.
	Reset(context.Context) error
	// Put adds rows, in ascending order of Sum over all calls. The rows are the caller's again when it returns.
	Put(context.Context, []PlanRow) error
	// PutCustomers adds customers, each once.
	PutCustomers(context.Context, []Customer) error
	// Seal makes the plan durable and complete. summary is given back by Sealed.
	Seal(ctx context.Context, summary []byte) error
	// Planned yields the Planned column of all rows, in order.
	Planned(context.Context) iter.Seq2[[]byte, error]
	// Kept returns the Facts of a ticket from this plan or, failing that, the newest earlier one that has any; nil if
	// none has. It may be called from several goroutines, between Reset and Seal too.
	Kept(context.Context, Key) ([]byte, error)
}

// planBatch is how many tickets are planned at once when a sealed plan is used again.
const planBatch = 1000

// Stage plans an import: every ticket that may be imported goes to store with its bodies and to planner without. A store
// that is sealed already holds the plan of this very import and the export is not read again, unless rejected
// records are to be written. The summary tells what the ledger knew: present, held, in doubt; the rest is pending until
// [Summary.Settle] is told what a run made of it. A sync whose source has shrunk gets its summary and a *[ShrinkError].
func (j *Job) Stage(ctx context.Context, planner Planner, store PlanStore) (*Summary, error) {
	if err := j.bind(); err != nil {
		return nil, err
	}
	s, err := j.again(ctx, planner, store)
	if s != nil || err != nil {
		return s, err
	}
	p, err := j.begin(false)
	if err != nil {
		return nil, err
	}
	defer func() { p.close() }()
	st := &stager{p: p, planner: planner, store: store}
	p.kept, p.lost = store.Kept, st.seen
	if err := p.read(ctx); err != nil {
		return nil, err
	}
	if err := store.Reset(ctx); err != nil {
		return nil, err
	}
	if err := p.assemble(ctx, st.ready, func(a *assembled) error { return st.take(ctx, a) }); err != nil {
		return nil, err
	}
	if err := st.plan(ctx); err != nil {
		return nil, err
	}
	if s, err = p.summary(ctx); err != nil {
		return nil, err
	}
	if err := st.customers(ctx); err != nil {
		return nil, err
	}
	base, err := json.Marshal(sealed{s, p.bad + p.account.nameless})
	if err != nil {
		return nil, fmt.Errorf("keeping the summary: %w", err)
	}
	if err := store.Seal(ctx, base); err != nil {
		return nil, err
	}
	return s, st.end(ctx, s, p.bad+p.account.nameless)
}

// sealed is what is kept of a plan's making.
type sealed struct {
	*Summary
	Nameless int64 `json:"nameless"` // records of which nobody can tell the ticket
}

// end completes the summary, and a sync looks for what the source no longer holds: unless there are records of which nobody can
// tell the ticket, which may be any that seems to be missing.
func (st *stager) end(ctx context.Context, s *Summary, nameless int64) error {
	j := st.p.j
	if j.Sync != nil {
		s.Sync = &SyncSums{}
	}
	st.standing.end(j, s)
	if nameless > 0 {
		return nil
	}
	return j.shrink(ctx, st.planner, s)
}

// again plans from a sealed store; nil when there is none to plan from.
func (j *Job) again(ctx context.Context, planner Planner, store PlanStore) (*Summary, error) {
	base, err := store.Sealed(ctx)
	if err != nil || base == nil {
		return nil, err
	}
	s := new(Summary)
	kept := sealed{Summary: s}
	if err := json.Unmarshal(base, &kept); err != nil || s.Version != SummaryVersion {
		return nil, nil // made by another version of this program: plan anew
	}
	if j.Rejects != nil && s.Records.Rejected > 0 {
		return nil, nil
	}
	st := &stager{p: &pass{j: j}, planner: planner, store: store}
	flush := func() error {
		err := st.plan(ctx)
		j.progress(Progress{Phase: Joining, Tickets: st.standing.tally.Tickets.Total()})
		return err
	}
	for b, err := range store.Planned(ctx) {
		if err != nil {
			return nil, err
		}
		one, err := DecodePlanned(b)
		if err != nil {
			return nil, err
		}
		if st.queue = append(st.queue, one); len(st.queue) == planBatch {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	return s, st.end(ctx, s, kept.Nameless)
}

// stager is the sink of a staging.
type stager struct {
	p        *pass
	planner  Planner
	store    PlanStore
	queue    []Planned // not handed to the planner yet
	standing standing
}

// ready encodes the ticket in hand, on its lane.
func (st *stager) ready(l *lane, items []string, a *assembled) error {
	p, out := st.p, &l.out
	name, id := p.name, out.Key
	w := Work{Key: Key(name + ":" + id), ExternalID: ExternalID(name, id), Ticket: out.Ticket}
	plan := Planned{Key: w.Key, ExternalID: w.ExternalID, Seq: l.first(sumOf(l.key())).record, Version: version(&l.group)}
	if out.State == mapping.Incomplete {
		plan.Hold, plan.Why = ReasonIncomplete, whyIncomplete(l)
	}
	plan.Rejected = out.Rejected
	for i := range out.Ticket.Messages {
		m := &out.Ticket.Messages[i]
		w.MessageIDs = append(w.MessageIDs, MessageExternalID(m.ExternalID))
		plan.Messages = append(plan.Messages, PlannedMessage{
			ID: w.MessageIDs[i], Content: out.Contents[i], Size: m.Size, Direction: direction(m), Internal: !m.Public,
		})
	}
	from := len(a.block)
	a.block = AppendWork(a.block, &w)
	work := a.block[from:len(a.block):len(a.block)]
	plan.Payload = xxh3.Hash128(work).Bytes()
	plan.Partial = st.partial(l)
	if whole := plan.Hold == "" && plan.Rejected == 0 && !plan.Partial; whole { // else they may be made of what is left of it
		fields := FieldsOf(&out.Ticket)
		plan.Wanted = fields.Encode()
	}
	from = len(a.block)
	a.block = AppendPlanned(a.block, &plan)
	row := PlanRow{Sum: PlanSum(w.Key), Key: w.Key, Work: work, Planned: a.block[from:len(a.block):len(a.block)]}
	if out.State == mapping.Incomplete || out.Rejected > 0 {
		row.Facts = appendKept(items)
	}
	a.rows = append(a.rows, row)
	a.planned = append(a.planned, plan)
	return nil
}

// seen notes a ticket that nothing can be made of, on its lane: the source holds it all the same.
func (st *stager) seen(l *lane, a *assembled) {
	plan := Planned{Key: Key(st.p.name + ":" + l.key()), Seen: true}
	from := len(a.block)
	a.block = AppendPlanned(a.block, &plan)
	a.rows = append(a.rows, PlanRow{Sum: PlanSum(plan.Key), Key: plan.Key, Planned: a.block[from:len(a.block):len(a.block)]})
	a.planned = append(a.planned, plan)
}

// whyIncomplete names the first of the errors that hold the ticket in hand, without its value, which may be anything.
func whyIncomplete(l *lane) string {
	why, n := "", 0
	add := func(one string) {
		if n++; n == 1 {
			why = one
		}
	}
	for i := range l.refs {
		if r := &l.refs[i]; r.why != "" && !slices.ContainsFunc(l.refs[:i], func(o ref) bool { return o.why == r.why }) {
			add(r.why)
		}
	}
	for i := range l.out.Problems {
		if x := &l.out.Problems[i]; x.Severity == mapping.Error {
			add(whereOf(x))
		}
	}
	if n > 1 {
		why += fmt.Sprintf(", and %d more", n-1)
	}
	return why
}
