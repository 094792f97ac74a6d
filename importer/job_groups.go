package importer

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

const (
	batchGroups = 256
	batchBytes  = 256 << 10
)

// batch is the items of some neighbouring tickets.
type batch struct {
	buf  []byte
	ends []int // of each item
	last []int // of each ticket: the number of items up to its end
	keys []sum
}

func (b *batch) reset() {
	b.buf, b.ends, b.last, b.keys = b.buf[:0], b.ends[:0], b.last[:0], b.keys[:0]
}

// batches yields the items ticket by ticket. A batch is put back into pool by who is done with it.
func (p *pass) batches(ctx context.Context, get func() *batch) iter.Seq2[*batch, error] {
	return func(yield func(*batch, error) bool) {
		b := get()
		for it, err := range p.facts.all(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			if n := len(b.keys); n == 0 || b.keys[n-1] != it.key {
				if n == batchGroups || len(b.buf) > batchBytes {
					if !yield(b, nil) {
						return
					}
					b = get()
				}
				b.keys = append(b.keys, it.key)
				b.last = append(b.last, len(b.ends))
			}
			b.buf = append(b.buf, it.bytes...)
			b.ends = append(b.ends, len(b.buf))
			b.last[len(b.last)-1] = len(b.ends)
		}
		if len(b.keys) > 0 {
			yield(b, nil)
		}
	}
}

// ref is the record a fact came from.
type ref struct {
	origin  sources.Origin
	record  int64
	mends   string
	skipped bool
	why     string // of the head

	marks    marks
	warnings uint8
}

// groups decodes the tickets of a batch one after the other into l.group and l.refs, valid until the next. Each
// comes with its items as they lie in the batch. Two tickets whose fingerprints are equal stay two.
func (l *lane) groups(b *batch) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		text := string(b.buf)
		var items []string
		item, from := 0, 0
		for i := range b.keys {
			items = items[:0]
			for ; item < b.last[i]; item++ {
				items = append(items, text[from:b.ends[item]])
				from = b.ends[item]
			}
			l.clear()
			if err := l.decode(items); err != nil {
				yield(nil, err)
				return
			}
			if !l.mixed() {
				l.sort()
				if !yield(items, nil) {
					return
				}
				continue
			}
			for _, same := range l.unmix(items) {
				l.clear()
				if err := l.decode(same); err != nil {
					yield(nil, err)
					return
				}
				l.sort()
				if !yield(same, nil) {
					return
				}
			}
		}
	}
}

func (l *lane) clear() {
	clear(l.group.Tickets)
	clear(l.group.Messages)
	l.group.Tickets, l.group.Messages = l.group.Tickets[:0], l.group.Messages[:0]
	l.refs = l.refs[:0]
	l.code.reset()
}

// decode appends the facts in items to the group.
func (l *lane) decode(items []string) error {
	c, g := &l.code, &l.group
	for _, s := range items {
		var h factHead
		var o sources.Origin
		c.read(s)
		c.head(&h)
		if h.Message {
			g.Messages = append(g.Messages, mapping.MessageFact{})
			f := &g.Messages[len(g.Messages)-1]
			c.messageFact(f)
			o = f.Origin
		} else {
			g.Tickets = append(g.Tickets, mapping.TicketFact{})
			f := &g.Tickets[len(g.Tickets)-1]
			c.ticketFact(f)
			o = f.Origin
		}
		if err := c.end(); err != nil {
			return err
		}
		l.refs = append(l.refs, ref{o, h.Record, h.Mends, h.Skipped, h.Why, h.Marks, h.Warnings})
	}
	return nil
}

// key is the source's id of the ticket in hand.
func (l *lane) key() string {
	if len(l.group.Tickets) > 0 {
		return l.group.Tickets[0].Key
	}
	return l.group.Messages[0].Ticket
}

func (l *lane) mixed() bool {
	key := l.key()
	return slices.ContainsFunc(l.group.Tickets, func(f mapping.TicketFact) bool { return f.Key != key }) ||
		slices.ContainsFunc(l.group.Messages, func(f mapping.MessageFact) bool { return f.Ticket != key })
}

// unmix parts items by the ticket's id, in order of appearance.
func (l *lane) unmix(items []string) [][]string {
	var keys []string
	var parts [][]string
	for _, s := range items {
		l.clear()
		if l.decode([]string{s}) != nil {
			continue // it was decoded before
		}
		at := slices.Index(keys, l.key())
		if at < 0 {
			at = len(keys)
			keys, parts = append(keys, l.key()), append(parts, nil)
		}
		parts[at] = append(parts[at], s)
	}
	return parts
}

// sort brings the facts into the source's order; items come in that order, but for records listed newest first.
func (l *lane) sort() {
	g := &l.group
	if !slices.IsSortedFunc(g.Tickets, func(a, b mapping.TicketFact) int { return cmp.Compare(a.Seq, b.Seq) }) {
		slices.SortStableFunc(g.Tickets, func(a, b mapping.TicketFact) int { return cmp.Compare(a.Seq, b.Seq) })
	}
	if !slices.IsSortedFunc(g.Messages, func(a, b mapping.MessageFact) int { return cmp.Compare(a.Seq, b.Seq) }) {
		slices.SortStableFunc(g.Messages, func(a, b mapping.MessageFact) int { return cmp.Compare(a.Seq, b.Seq) })
	}
}

// first is where a ticket begins in the input; hi of its fingerprint tells tickets of one record apart.
type first struct {
	record int64
	hi     uint64
}

func (a first) compare(b first) int {
	return cmp.Or(cmp.Compare(a.record, b.record), cmp.Compare(a.hi, b.hi))
}

func (l *lane) first(key sum) first {
	at := int64(math.MaxInt64)
	for _, r := range l.refs {
		if r.record != keptRecord {
			at = min(at, r.record)
		}
	}
	return first{at, key.hi}
}

// began is when the ticket began: its earliest message's sent time, else its created_datetime.
func (l *lane) began() time.Time {
	var t time.Time
	for i := range l.group.Messages {
		f := &l.group.Messages[i]
		if s := f.Message.SentDatetime.Time(); !f.Fallback && f.State == mapping.Mapped && !s.IsZero() && (t.IsZero() || s.Before(t)) {
			t = s
		}
	}
	if !t.IsZero() {
		return t
	}
	for i := range l.group.Tickets {
		if c := l.group.Tickets[i].Ticket.CreatedDatetime; !c.IsZero() {
			return c
		}
	}
	for i := range l.group.Messages {
		if s := l.group.Messages[i].Message.SentDatetime.Time(); !s.IsZero() {
			return s
		}
	}
	return t
}

// The reasons of tickets that were not asked for.
const (
	notThis  = "not the ticket asked for"
	tooEarly = "began before --since"
	tooLate  = "began after --until"
	noTime   = "no time to select it by"
	beyond   = "beyond --limit"
)

// unwanted returns why the ticket in hand is not among those asked for; "" when it is.
func (p *pass) unwanted(l *lane) string {
	j := p.j
	if j.OnlyTicket != "" && l.key() != j.OnlyTicket || j.Only != nil && !j.Only[l.key()] {
		return notThis
	}
	if j.Since.IsZero() && j.Until.IsZero() {
		return ""
	}
	switch t := l.began(); {
	case t.IsZero():
		return noTime
	case !j.Since.IsZero() && t.Before(j.Since):
		return tooEarly
	case !j.Until.IsZero() && !t.Before(j.Until):
		return tooLate
	}
	return ""
}

// findCutoff finds the last ticket within the limit.
func (p *pass) findCutoff(ctx context.Context) error {
	if p.j.Limit <= 0 {
		return nil
	}
	heap := make(firsts, 0, min(p.j.Limit, 1<<16))
	l := p.lanes[0]
	var b batch
	for got, err := range p.batches(ctx, func() *batch { b.reset(); return &b }) {
		if err != nil {
			return err
		}
		i := -1
		for _, err := range l.groups(got) {
			if err != nil {
				return err
			}
			if i++; p.unwanted(l) == "" {
				heap.offer(l.first(sumOf(l.key())), p.j.Limit)
			}
		}
	}
	if len(heap) == p.j.Limit {
		p.cutoff = &heap[0]
	}
	return nil
}

// firsts is a heap of the earliest tickets, the latest of them on top.
type firsts []first

func (h *firsts) offer(f first, limit int) {
	if len(*h) < limit {
		*h = append(*h, f)
		for i := len(*h) - 1; i > 0 && (*h)[i].compare((*h)[(i-1)/2]) > 0; i = (i - 1) / 2 {
			(*h)[i], (*h)[(i-1)/2] = (*h)[(i-1)/2], (*h)[i]
		}
		return
	}
	if f.compare((*h)[0]) >= 0 {
		return
	}
	(*h)[0] = f
	for i := 0; ; {
		big := 2*i + 1
		if big >= limit {
			return
		}
		if big+1 < limit && (*h)[big+1].compare((*h)[big]) > 0 {
			big++
		}
		if (*h)[big].compare((*h)[i]) <= 0 {
			return
		}
		(*h)[i], (*h)[big] = (*h)[big], (*h)[i]
		i = big
	}
}
