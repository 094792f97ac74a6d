package importer

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// The codes of what differs between the source and the target.
const (
	DiffMissing   = "verify.missing"   // a ticket or a message is not there
	DiffRepeated  = "verify.repeated"  // a message is there more than once
	DiffOrder     = "verify.order"     // messages are in another order
	DiffTime      = "verify.time"      // a time is another
	DiffPeople    = "verify.people"    // an author, a customer or an assignee is another
	DiffDirection = "verify.direction" // incoming and outgoing are exchanged
	DiffPublic    = "verify.public"    // a note is public, or a message is not
	DiffBody      = "verify.body"      // a text is another
	DiffFile      = "verify.file"      // a file is another, or not there
	DiffTags      = "verify.tags"      // a tag is not there
	DiffStatus    = "verify.status"    // open and closed are exchanged
	DiffSubject   = "verify.subject"   // a subject is another
	DiffAddress   = "verify.address"   // from, to, cc or bcc is another
	DiffField     = "verify.field"     // another field differs
	DiffSent      = "verify.sent"      // the account has sent a message, or tried to
	DiffRule      = "verify.rule"      // a rule of the account has answered
)

// Difference is one value that did not arrive as it was.
type Difference struct {
	Ticket  Key      `json:"ticket"`
	Target  TicketID `json:"gorgias_id"`
	Message string   `json:"message,omitzero"` // external id; "" for the ticket itself
	Field   string   `json:"field"`
	Code    string   `json:"code"`
	Want    string   `json:"want"`
	Got     string   `json:"got"`
}

// Arrival counts the values of a field: how many were sent, and how many of these are there as they were.
type Arrival struct {
	Field   string `json:"field"` // "ticket.subject", "message.body_html"
	Sent    int64  `json:"sent"`
	Arrived int64  `json:"arrived"`
}

// Comparison is what became of one ticket.
type Comparison struct {
	Ticket      Key
	Target      TicketID
	Differences []Difference
	Added       int64 // messages that others have added since
	Losses      int64 // values the account had no place for; they are kept in meta
	Missing     int64 // files of the export that could not be had: a line of text stands for each
	fields      map[string]*Arrival
}

// Differ takes a difference down.
func (c *Comparison) Differ(message, field, code, want, got string) {
	c.Differences = append(c.Differences, Difference{c.Ticket, c.Target, message, field, code, want, got})
}

// Count counts a value that was sent.
func (c *Comparison) Count(ofMessage bool, field string, arrived bool) {
	if c.fields == nil {
		c.fields = map[string]*Arrival{}
	}
	name := "ticket." + field
	if ofMessage {
		name = "message." + field
	}
	a := c.fields[name]
	if a == nil {
		a = &Arrival{Field: name}
		c.fields[name] = a
	}
	a.Sent++
	if arrived {
		a.Arrived++
	}
}

// Verification is the account of a verify. Its JSON form is stable.
type Verification struct {
	Version     int             `json:"version"`
	AsOf        time.Time       `json:"as_of"`
	Tickets     VerifiedTickets `json:"tickets"`
	Messages    int64           `json:"messages"` // of the tickets compared
	Added       int64           `json:"added"`    // messages others have added since
	Losses      int64           `json:"losses"`   // values the account has no place for; kept in meta
	Missing     int64           `json:"missing_files"`
	Rejected    int64           `json:"rejected_messages"` // of the export: they cannot be in the account
	Fields      []Arrival       `json:"fields"`
	Kinds       []DiffCount     `json:"kinds"`
	Differences []Difference    `json:"differences"` // the first maxDifferences

	NotImported []NotImportedSum `json:"not_imported,omitzero"` // where the tickets not imported stand, the most first
}

// NotImportedSum counts tickets by where they stand in the ledger.
type NotImportedSum struct {
	State   State  `json:"state"`           // "": the ledger does not know them
	Reason  string `json:"reason,omitzero"` // of held ones
	Tickets int64  `json:"tickets"`
}

// VerifiedTickets count tickets of the export. Export = Same + Different + NotImported + NotSampled + Rejected.
type VerifiedTickets struct {
	Export      int64 `json:"export"`
	Same        int64 `json:"same"`
	Different   int64 `json:"different"`
	NotImported int64 `json:"not_imported"` // the ledger knows of no finished import
	NotSampled  int64 `json:"not_sampled"`
	Rejected    int64 `json:"rejected"` // no ticket can be made of them
}

// DiffCount counts the differences of one kind.
type DiffCount struct {
	Code  string `json:"code"`
	Count int64  `json:"count"`
}

// maxDifferences is how many differences are listed one by one; all are counted.
const maxDifferences = 1000

// Comparer holds a ticket in the target against what it should be. Errors are *[Fault]s.
type Comparer interface {
	Compare(ctx context.Context, id TicketID, w *Work) (*Comparison, error)
}

// Entries is what a verification asks the ledger.
type Entries interface {
	Entry(ctx context.Context, key Key) (Entry, error)
	Knows(ctx context.Context, key Key) (bool, error)
}

// Verify reads tickets back and compares them with the export they came from.
type Verify struct {
	Target  Comparer
	Ledger  Entries
	Workers int // tickets read at once; zero: 4
	Every   int // read one ticket of so many, and every one that is not plain; zero or one: all
	Each    func(*Verification)

	mu    sync.Mutex
	out   Verification
	kinds map[string]int64
	sums  map[string]*Arrival
	seen  map[string]bool // kinds of ticket that were read: a sample has each
}

// Do compares the tickets of job. An error means that not all could be read; the account says how far it came.
func (v *Verify) Do(ctx context.Context, job *Job) (*Verification, error) {
	v.out = Verification{Version: SummaryVersion, AsOf: time.Now().UTC()}
	v.kinds, v.sums, v.seen = map[string]int64{}, map[string]*Arrival{}, map[string]bool{}
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(cmp.Or(v.Workers, 4))
	var broken error
	n := 0
	whole := *job
	whole.SendIncomplete = true // what the ledger holds as done may have been sent so
	for w, err := range whole.Tickets(inner, func(s *Summary) {
		v.add(func() {
			v.out.Tickets.Rejected, v.out.Rejected = s.Tickets.Rejected, s.Messages.Rejected
			v.out.Tickets.Export += s.Tickets.Rejected
		})
	}) {
		if err != nil {
			broken = err
			break
		}
		v.add(func() { v.out.Tickets.Export++ })
		n++
		if !v.wanted(w, n) {
			v.add(func() { v.out.Tickets.NotSampled++ })
			continue
		}
		own := *w
		g.Go(func() error { return v.ticket(inner, &own) })
		if inner.Err() != nil {
			break
		}
	}
	err := cmp.Or(g.Wait(), broken)
	return v.finish(), err
}

// wanted tells whether a ticket is read: one of so many, and the first of each kind (channel, status, notes, files,
// length), so that what is rare is not missed.
func (v *Verify) wanted(w *Work, n int) bool {
	if v.Every <= 1 {
		return true
	}
	t := &w.Ticket
	kind := t.Channel + "|" + t.Status
	for i := range t.Messages {
		m := &t.Messages[i]
		if !m.Public {
			kind += "|note"
		}
		if len(m.Attachments) > 0 {
			kind += "|file"
		}
		if i > 2 {
			break
		}
	}
	if len(t.Messages) > 500 {
		kind += "|long"
	}
	first := !v.seen[kind] && len(v.seen) < 1000
	v.seen[kind] = true
	return first || n%v.Every == 1
}

func (v *Verify) ticket(ctx context.Context, w *Work) error {
	known, err := v.Ledger.Knows(ctx, w.Key)
	if err != nil {
		return err
	}
	var e Entry
	if known {
		if e, err = v.Ledger.Entry(ctx, w.Key); err != nil {
			return err
		}
	}
	if !known || e.State != StateDone {
		v.add(func() { v.notImported(known, &e) })
		return nil
	}
	w.drop(e.elsewhere())
	w.asSent(&e)
	c, err := v.Target.Compare(ctx, e.Target, w)
	if err != nil {
		return err
	}
	v.add(func() { v.take(c, int64(len(w.Ticket.Messages))) })
	return nil
}

func (v *Verify) notImported(known bool, e *Entry) {
	v.out.Tickets.NotImported++
	var one NotImportedSum
	if known {
		one.State = e.State
	}
	if one.State == StateHeld {
		one.Reason = e.Reason
	}
	list := v.out.NotImported
	at := slices.IndexFunc(list, func(x NotImportedSum) bool { return x.State == one.State && x.Reason == one.Reason })
	if at < 0 {
		at = len(list)
		v.out.NotImported = append(list, one)
	}
	v.out.NotImported[at].Tickets++
}

// add changes the account.
func (v *Verify) add(change func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change()
	if v.Each != nil {
		v.Each(&v.out)
	}
}

func (v *Verify) take(c *Comparison, messages int64) {
	o := &v.out
	o.Messages += messages
	o.Added += c.Added
	o.Losses += c.Losses
	o.Missing += c.Missing
	if len(c.Differences) == 0 {
		o.Tickets.Same++
	} else {
		o.Tickets.Different++
	}
	for _, d := range c.Differences {
		v.kinds[d.Code]++
		if len(o.Differences) < maxDifferences {
			o.Differences = append(o.Differences, d)
		}
	}
	for name, a := range c.fields {
		sum := v.sums[name]
		if sum == nil {
			sum = &Arrival{Field: name}
			v.sums[name] = sum
		}
		sum.Sent += a.Sent
		sum.Arrived += a.Arrived
	}
}

func (v *Verify) finish() *Verification {
	v.mu.Lock()
	defer v.mu.Unlock()
	o := v.out
	for _, name := range slices.Sorted(maps.Keys(v.sums)) {
		o.Fields = append(o.Fields, *v.sums[name])
	}
	for _, code := range slices.Sorted(maps.Keys(v.kinds)) {
		o.Kinds = append(o.Kinds, DiffCount{code, v.kinds[code]})
	}
	slices.SortFunc(o.NotImported, func(a, b NotImportedSum) int {
		return cmp.Or(cmp.Compare(b.Tickets, a.Tickets), cmp.Compare(a.State, b.State), cmp.Compare(a.Reason, b.Reason))
	})
	slices.SortStableFunc(o.Differences, func(a, b Difference) int { return cmp.Compare(a.Ticket, b.Ticket) })
	return &o
}
