package importer_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

// account is a world whose tickets have fields.
type account struct {
	*world
	reopens bool // a message that is added opens a closed ticket
	fixed   map[importer.TicketID]bool
}

var userIDs = map[string]int64{"mia@acme.test": 11, "leo@acme.test": 12}

func (a *account) Sent(f importer.Fields) importer.Fields {
	f.UserID, f.TeamID, f.Markers = userIDs[f.User], 0, []string{"imported"}
	return f
}

// settle gives tickets that were just made the fields of the work they were made of.
func (a *account) settle(w *importer.Work) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.tickets {
		if t.ExternalID == w.ExternalID && !a.fixed[t.ID] {
			a.fixed[t.ID] = true
			a.set(t, &importer.Change{Status: true, Tags: true, User: true, Fields: a.Sent(importer.FieldsOf(&w.Ticket))})
		}
	}
}

func (a *account) set(t *stored, c *importer.Change) {
	if c.Status {
		t.Status = cmp.Or(c.Fields.Status, "open")
	}
	if c.Tags {
		t.Tags = slices.Concat(c.Fields.Tags, c.Fields.Markers)
	}
	if c.User {
		t.User = importer.Assignee{ID: c.Fields.UserID, Name: c.Fields.User}
	}
	t.UpdatedDatetime = time.Now()
}

func (a *account) Create(w *importer.Work, n int) (*importer.Request, error) {
	r, err := a.world.Create(w, n)
	send := r.Send
	r.Send = func(ctx context.Context) (importer.Stored, error) {
		defer a.settle(w)
		return send(ctx)
	}
	return r, err
}

func (a *account) Append(id importer.TicketID, w *importer.Work, i int) (*importer.Request, error) {
	r, err := a.world.Append(id, w, i)
	send := r.Send
	r.Send = func(ctx context.Context) (importer.Stored, error) {
		st, err := send(ctx)
		if a.reopens {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.ticket(id).Status = "open"
		}
		return st, err
	}
	return r, err
}

func (a *account) Update(id importer.TicketID, c *importer.Change) (*importer.Request, error) {
	var what []string
	for _, f := range []struct {
		is   bool
		text string
	}{{c.Status, c.Fields.Status}, {c.Tags, strings.Join(slices.Concat(c.Fields.Tags, c.Fields.Markers), "+")}, {c.User, fmt.Sprint(c.Fields.UserID)}} {
		if f.is {
			what = append(what, f.text)
		}
	}
	change := *c
	return a.request(fmt.Sprintf("update %d %s", id, strings.Join(what, " ")), "", func(fault) (importer.Stored, func(int) importer.Stored) {
		return importer.Stored{}, func(int) importer.Stored {
			a.set(a.ticket(id), &change)
			return a.ticket(id).copy()
		}
	}, 1)
}

// diary is a source that changes from night to night, and the ledger and the account it is brought into.
type diary struct {
	*machine
	account *account
	options importer.SyncOptions
	summary importer.Summary
}

func newDiary(t *testing.T, plan bodies) *diary {
	d := &diary{machine: newMachine(t, plan), options: importer.SyncOptions{Updates: true}}
	d.account = &account{world: d.world, fixed: map[importer.TicketID]bool{}}
	for _, w := range plan {
		w.Ticket.Status, w.Ticket.Tags = "open", []string{"vip"}
	}
	return d
}

// night is one sync; k kills it at its point.
func (d *diary) night(k *kill) (results []importer.Result, err error) {
	d.Helper()
	l, err := ledger.Open(d.path, ledger.Options{Target: "https://acme.gorgias.com"})
	if err != nil {
		d.Fatal(err)
	}
	defer l.Close()
	ctx := context.Background()
	if err := l.Begin(ctx, ledger.RunInfo{Version: "test", Source: "test", Identity: "i", Kind: "sync"}); err != nil {
		d.Fatal(err)
	}
	planned := d.plan.planned()
	for i := range planned {
		f := importer.FieldsOf(&d.plan[planned[i].Key].Ticket)
		planned[i].Wanted, planned[i].Update, planned[i].AppendTouched = f.Encode(), d.options.Updates, d.options.AppendTouched
		planned[i].Payload = [16]byte{1} // what is compared here are the messages and the fields
	}
	if _, err := l.Plan(ctx, planned); err != nil {
		d.Fatal(err)
	}
	r := &importer.Run{Target: d.account, Finder: d.world, Plan: d.plan, Ledger: l, Workers: 1, Sync: &d.options}
	if k != nil {
		r.Target, r.Finder, r.Ledger = &dyingAccount{d.account, &dyingTarget{d.world, k}}, &dyingFinder{d.world, k}, &dyingLedger{l, k}
	}
	d.world.writes, d.world.reads = nil, 0
	d.summary = importer.Summary{Sync: &importer.SyncSums{}}
	err = r.Do(ctx, func(res importer.Result) error {
		results = append(results, res)
		d.summary.Take(res)
		return nil
	})
	return results, err
}

// dyingAccount is an account whose requests may be the last thing a process does.
type dyingAccount struct {
	*account
	d *dyingTarget
}

func (a *dyingAccount) Create(w *importer.Work, n int) (*importer.Request, error) {
	return a.d.dying(a.account.Create(w, n))
}

func (a *dyingAccount) Append(id importer.TicketID, w *importer.Work, i int) (*importer.Request, error) {
	return a.d.dying(a.account.Append(id, w, i))
}

func (a *dyingAccount) Update(id importer.TicketID, c *importer.Change) (*importer.Request, error) {
	return a.d.dying(a.account.Update(id, c))
}

func (d *diary) must(err error, writes ...string) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
	if !slices.Equal(d.world.writes, writes) {
		d.Errorf("wrote %q, want %q", d.world.writes, writes)
	}
}

func TestSyncUpdates(t *testing.T) {
	closed := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	closeTicket := func(w *importer.Work) { w.Ticket.Status, w.Ticket.ClosedDatetime = "closed", closed }
	first := func(a *account) *stored {
		if len(a.tickets) == 0 {
			return nil
		}
		return a.tickets[0]
	}
	tests := []struct {
		name      string
		more      int // messages of the ticket in the second night; 0: as before
		source    func(*importer.Work)
		people    func(*account)
		options   importer.SyncOptions
		script    []fault
		writes    []string
		reads     int
		state     importer.State
		reason    string
		conflict  string
		before    func(*importer.Work) // how the first night has it
		unwritten bool                 // the conflict is none of people's making
	}{
		{name: "nothing changed", state: importer.StateDone},
		{name: "closed", source: closeTicket, writes: []string{"update 1 closed"}, reads: 1, state: importer.StateDone},
		{name: "not asked for", source: closeTicket, options: importer.SyncOptions{AcceptShrink: true}, state: importer.StateDone},
		{name: "tags and assignee", source: func(w *importer.Work) {
			w.Ticket.Tags, w.Ticket.AssigneeUser.Email = []string{"b", "a", "a"}, "Leo@acme.test"
		}, writes: []string{"update 1 a+b+imported 12"}, reads: 1, state: importer.StateDone},
		{name: "all tags taken away", source: func(w *importer.Work) { w.Ticket.Tags = nil }, writes: []string{"update 1 imported"}, reads: 1, state: importer.StateDone},
		{name: "an assignee nobody knows", source: func(w *importer.Work) { w.Ticket.AssigneeUser.Email = "gone@acme.test" }, reads: 1,
			state: importer.StateDone, conflict: `assignee_user is "gone@acme.test" in the source: nobody of that name in the account; the target has none`, unwritten: true},
		{name: "an assignee nobody knew is taken away", before: func(w *importer.Work) { w.Ticket.AssigneeUser.Email = "gone@acme.test" }, reads: 1, state: importer.StateDone},
		{name: "an assignee is taken away", before: func(w *importer.Work) { w.Ticket.AssigneeUser.Email = "mia@acme.test" }, reads: 1, state: importer.StateDone,
			conflict: `assignee_user was taken away in the source, where it was "mia@acme.test"; the target has "mia@acme.test"`, unwritten: true},
		{name: "an assignee is taken away on both sides", before: func(w *importer.Work) { w.Ticket.AssigneeUser.Email = "mia@acme.test" },
			people: func(a *account) { first(a).User = importer.Assignee{} }, reads: 1, state: importer.StateDone},
		{name: "an assignee is taken away, and people gave it to another", before: func(w *importer.Work) { w.Ticket.AssigneeUser.Email = "mia@acme.test" },
			people: func(a *account) { first(a).User = importer.Assignee{ID: 12, Name: "leo@acme.test"} }, reads: 1, state: importer.StateDone,
			conflict: `assignee_user was taken away in the source, where it was "mia@acme.test"; the target has "leo@acme.test"`},
		{name: "people closed it too", source: closeTicket, people: func(a *account) { first(a).Status = "closed" }, reads: 1, state: importer.StateDone},
		{name: "people tagged it otherwise", source: func(w *importer.Work) { closeTicket(w); w.Ticket.Tags = []string{"b"} },
			people: func(a *account) { first(a).Tags = []string{"angry", "imported"} }, writes: []string{"update 1 closed"}, reads: 1, state: importer.StateDone,
			conflict: `tags became "b" in the source, where it was "vip"; the target has "angry, imported"`},
		{name: "a field the source left alone is people's", source: closeTicket, people: func(a *account) { first(a).Tags = nil }, writes: []string{"update 1 closed"},
			reads: 1, state: importer.StateDone},
		{name: "deleted there", source: closeTicket, people: func(a *account) { a.tickets = nil }, reads: 1, state: importer.StateHeld, reason: importer.ReasonGone},
		{name: "trashed there", source: closeTicket, people: func(a *account) { first(a).Trashed = true }, reads: 1, state: importer.StateHeld, reason: importer.ReasonGone},
		{name: "the answer was lost", source: closeTicket, script: []fault{lostAfter}, writes: []string{"update 1 closed"}, reads: 2, state: importer.StateDone},
		{name: "the request was lost", source: closeTicket, script: []fault{lostBefore, limited}, writes: []string{"update 1 closed", "update 1 closed", "update 1 closed"},
			reads: 3, state: importer.StateDone},
		{name: "refused", source: closeTicket, script: []fault{refuse}, writes: []string{"update 1 closed"}, reads: 1, state: importer.StateDone,
			conflict: "the target refused the update: refused", unwritten: true},
		{name: "a new message", more: 3, writes: []string{"append t0 t0/2"}, reads: 2, state: importer.StateDone},
		{name: "a new message closes it", more: 3, source: closeTicket, writes: []string{"append t0 t0/2", "update 1 closed"}, reads: 2, state: importer.StateDone},
		{name: "a new message, and people answered", more: 3, people: func(a *account) { a.add(first(a), "theirs") }, reads: 1,
			state: importer.StateHeld, reason: importer.ReasonTouched},
		{name: "a new message, and people closed it", more: 3, people: func(a *account) { first(a).Status = "closed" }, reads: 1,
			state: importer.StateHeld, reason: importer.ReasonTouched},
		{name: "a new message, and people answered, added all the same", more: 3, people: func(a *account) { a.add(first(a), "theirs") },
			options: importer.SyncOptions{Updates: true, AppendTouched: true}, writes: []string{"append t0 t0/2"}, reads: 2, state: importer.StateDone},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDiary(t, export(2))
				if test.before != nil {
					test.before(d.plan["t0"])
				}
				_, err := d.night(nil)
				d.must(err, "create t0 2")
				d.plan["t0"].Ticket.AssigneeUser.Email = ""
				time.Sleep(time.Hour)
				if test.more > 0 {
					old := d.plan["t0"].Ticket
					d.plan = export(test.more)
					d.plan["t0"].Ticket.Status, d.plan["t0"].Ticket.Tags = old.Status, old.Tags
				}
				if test.source != nil {
					test.source(d.plan["t0"])
				}
				if test.people != nil {
					test.people(d.account)
				}
				if test.options != (importer.SyncOptions{}) {
					d.options = test.options
				}
				d.world.script = test.script
				_, err = d.night(nil)
				d.must(err, test.writes...)
				if d.world.reads != test.reads {
					t.Errorf("%d reads, want %d", d.world.reads, test.reads)
				}
				e := d.entry("t0")
				if e.State != test.state || e.Reason != test.reason {
					t.Errorf("ticket is %s %q", e.State, e.Reason)
				}
				got := ""
				if len(d.summary.Problems) > 0 {
					got = d.summary.Problems[0].Examples[0].Value
				}
				if got != test.conflict || (got != "") != (d.summary.Sync.Conflicts+d.summary.Sync.Unwritten == 1) || test.unwritten != (d.summary.Sync.Unwritten == 1) {
					t.Errorf("conflict %q, want %q; %+v", got, test.conflict, d.summary.Sync)
				}
				// After a lost answer it is not known whether only we have written.
				if st := first(d.account); st != nil && test.conflict == "" && test.people == nil && !slices.Contains(test.script, lostAfter) && !e.Seen.Equal(st.UpdatedDatetime.Truncate(time.Millisecond)) {
					t.Errorf("last seen at %s, updated at %s", e.Seen, st.UpdatedDatetime)
				}
				// The night after asks nothing and writes nothing, whatever came of this one.
				time.Sleep(time.Hour)
				_, err = d.night(nil)
				d.must(err)
				if d.world.reads != 0 {
					t.Errorf("%d reads in a night without change", d.world.reads)
				}
			})
		})
	}
}

// An append of ours that reopens a closed ticket is made good; one that people reopened is left to them.
func TestSyncClosesWhatItReopened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary(t, export(1))
		d.plan["t0"].Ticket.Status = "closed"
		d.account.reopens = true
		_, err := d.night(nil)
		d.must(err, "create t0 1")
		d.plan = export(3)
		d.plan["t0"].Ticket.Status, d.plan["t0"].Ticket.Tags = "closed", []string{"vip"}
		_, err = d.night(nil)
		d.must(err, "append t0 t0/1", "append t0 t0/2", "update 1 closed")
	})
}

// Of a ticket of an older ledger nobody knows what was written: what changed since is told so, not as people's doing.
func TestSyncDoesNotKnowWhatWasWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary(t, export(1))
		_, err := d.night(nil)
		d.must(err, "create t0 1")
		db, err := sql.Open("sqlite", d.path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Exec(`update ticket set wrote = ''`)
		if err = errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		d.plan = export(2)
		d.plan["t0"].Ticket.Status, d.plan["t0"].Ticket.Tags = "closed", []string{"vip"}
		_, err = d.night(nil)
		d.must(err, "append t0 t0/1")
		if p := d.summary.Problems; d.summary.Sync.Unwritten != 1 || d.summary.Sync.Conflicts != 0 || len(p) != 1 || p[0].Code != importer.CodeUnknown ||
			!strings.Contains(p[0].Examples[0].Value, "what was written before is not known") {
			t.Errorf("%+v %+v", d.summary.Sync, p)
		}
		_, err = d.night(nil)
		d.must(err)
		if d.world.reads != 0 {
			t.Errorf("%d reads in a night without change", d.world.reads)
		}
	})
}

// Killed at any point, the nights after bring everything, once, and never take a change of our own for one of people's.
func TestSyncKilledAtEveryPoint(t *testing.T) {
	for at := 1; ; at++ {
		died := false
		synctest.Test(t, func(t *testing.T) {
			d := newDiary(t, export(1, 2))
			if _, err := d.night(nil); err != nil {
				t.Fatal(err)
			}
			d.plan = export(2, 2)
			d.plan["t0"].Ticket.Status, d.plan["t0"].Ticket.Tags = "closed", []string{"vip"}
			d.plan["t1"].Ticket.Status, d.plan["t1"].Ticket.Tags = "closed", []string{"b"}
			k := &kill{at: at}
			_, err := d.night(k)
			if died = k.isDead(); died && err == nil {
				t.Fatal("a dead process ended well")
			}
			time.Sleep(24 * time.Hour)
			d.plan["t1"].Ticket.Tags = []string{"c"} // the source goes on
			for range 3 {
				if _, err := d.night(nil); err != nil {
					t.Fatal(err)
				}
				if n := d.summary.Sync.Conflicts + d.summary.Sync.Touched; n > 0 {
					t.Errorf("killed at %d: %+v %+v", at, d.summary.Sync, d.summary.Problems)
				}
				time.Sleep(24 * time.Hour)
			}
			d.must(nil)
			for _, key := range []importer.Key{"t0", "t1"} {
				if e := d.entry(key); e.State != importer.StateDone && !(e.State == importer.StateHeld && e.Reason == importer.ReasonUnknown) {
					t.Errorf("killed at %d: %s is %s %q", at, key, e.State, e.Reason)
				}
			}
			d.atMostOnce()
			if st := d.world.tickets; d.entry("t0").State == importer.StateDone && st[0].Status != "closed" || st[1].Status != "closed" || !slices.Contains(st[1].Tags, "c") {
				t.Errorf("killed at %d: %+v %+v", at, st[0].Stored, st[1].Stored)
			}
		})
		if t.Failed() {
			return
		}
		if !died {
			if at < 12 {
				t.Errorf("no point beyond %d: the crash is not where it should be", at)
			}
			return
		}
	}
}
