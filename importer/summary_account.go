package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/deskferry/deskferry/mapping"
)

// maxChannels bounds the channels told apart: custom ones are named by the export.
const maxChannels = 100

// account gathers what a summary tells. The zero value is empty; accounts of pieces are merged in any order.
type account struct {
	records  RecordSums
	tickets  TicketSums
	messages MessageSums
	safety   SendSafety
	creates  int64
	appends  int64
	differs  int64
	skips    map[skip]int64
	months   map[int]*MonthSum // by year*12 + month
	channels map[string]int64
	first    time.Time
	last     time.Time
	problems problems
	shape    shape
	picks    picks

	mappedMessages int64 // facts of messages, for the progress
	nameless       int64 // rejected facts that name no ticket
}

type skip struct{ kind, reason string }

func (a *account) skipped(kind, reason string, n int) {
	if n == 0 {
		return
	}
	k := skip{kind, reason}
	if _, known := a.skips[k]; !known {
		if a.skips == nil {
			a.skips = map[skip]int64{}
		}
		k.reason = strings.Clone(reason)
	}
	a.skips[k] += int64(n)
}

// message counts a message that may be imported.
func (a *account) message(m *mapping.Message, clock *hourClock) {
	sent := m.SentDatetime.Time()
	a.span(sent)
	a.shape.message(m, clock.hour(sent))
	month := a.month(sent.Year()*12 + int(sent.Month()) - 1)
	switch {
	case !m.Public:
		a.messages.Internal++
		month.Internal++
	case m.FromAgent:
		a.messages.Outgoing++
		month.Outgoing++
	default:
		a.messages.Incoming++
		month.Incoming++
	}
	a.safety.Messages++
	if m.SentDatetime.IsValid() {
		a.safety.WithSentDatetime++
	} else {
		a.safety.Sendable++
	}
	a.channel(m.Channel, 1)
}

func (a *account) channel(name string, n int64) {
	if _, known := a.channels[name]; !known {
		if a.channels == nil {
			a.channels = map[string]int64{}
		}
		if len(a.channels) >= maxChannels {
			name = "other"
		}
		name = strings.Clone(name)
	}
	a.channels[name] += n
}

func (a *account) month(at int) *MonthSum {
	m := a.months[at]
	if m == nil {
		if a.months == nil {
			a.months = map[int]*MonthSum{}
		}
		m = &MonthSum{}
		a.months[at] = m
	}
	return m
}

func (a *account) span(t time.Time) {
	if t.IsZero() {
		return
	}
	if a.first.IsZero() || t.Before(a.first) {
		a.first = t
	}
	if t.After(a.last) {
		a.last = t
	}
}

func (a *account) merge(o *account) {
	a.records.add(o.records)
	a.tickets.add(o.tickets)
	a.messages.add(o.messages)
	a.safety.Messages += o.safety.Messages
	a.safety.WithSentDatetime += o.safety.WithSentDatetime
	a.safety.Sendable += o.safety.Sendable
	a.creates += o.creates
	a.appends += o.appends
	a.differs += o.differs
	a.mappedMessages += o.mappedMessages
	a.nameless += o.nameless
	for k, n := range o.skips {
		a.skipped(k.kind, k.reason, int(n))
	}
	for at, m := range o.months {
		t := a.month(at)
		t.Incoming += m.Incoming
		t.Outgoing += m.Outgoing
		t.Internal += m.Internal
	}
	for c, n := range o.channels {
		a.channel(c, n)
	}
	a.span(o.first)
	a.span(o.last)
	a.problems.merge(&o.problems)
	a.shape.merge(&o.shape)
	a.picks.merge(&o.picks)
}

func (r *RecordSums) add(o RecordSums) {
	r.Read += o.Read
	r.Mapped += o.Mapped
	r.Skipped += o.Skipped
	r.Rejected += o.Rejected
}

func (t *TicketSums) add(o TicketSums) {
	t.Total += o.Total
	t.Imported += o.Imported
	t.Present += o.Present
	t.Skipped += o.Skipped
	t.Rejected += o.Rejected
	t.Held += o.Held
	t.InDoubt += o.InDoubt
	t.Pending += o.Pending
}

func (m *MessageSums) add(o MessageSums) {
	m.Total += o.Total
	m.Incoming += o.Incoming
	m.Outgoing += o.Outgoing
	m.Internal += o.Internal
	m.Imported += o.Imported
	m.Present += o.Present
	m.Repeated += o.Repeated
	m.Skipped += o.Skipped
	m.Rejected += o.Rejected
	m.Held += o.Held
	m.InDoubt += o.InDoubt
	m.Pending += o.Pending
}

// summary makes the part of the summary that the account knows.
func (a *account) summary() *Summary {
	s := &Summary{
		Version: SummaryVersion, Records: a.records, Tickets: a.tickets, Messages: a.messages,
		Problems: a.problems.sums(), SendSafety: a.safety, Differs: a.differs,
		Skipped: []SkipSum{}, Fields: []FieldSum{}, Months: []MonthSum{}, Channels: []ChannelSum{},
		Kept: []KeptSum{}, Changed: []ChangedSum{}, Picks: a.picks.list(), People: PeopleSums{Staff: []StaffSum{}},
	}
	a.shape.fill(s)
	for k, n := range a.skips {
		s.Skipped = append(s.Skipped, SkipSum{k.kind, k.reason, n})
	}
	slices.SortFunc(s.Skipped, func(x, y SkipSum) int {
		return cmp.Or(strings.Compare(x.Kind, y.Kind), cmp.Compare(y.Count, x.Count), strings.Compare(x.Reason, y.Reason))
	})
	for at, m := range a.months {
		m := *m
		m.Month = fmt.Sprintf("%04d-%02d", at/12, at%12+1)
		s.Months = append(s.Months, m)
	}
	slices.SortFunc(s.Months, func(x, y MonthSum) int { return strings.Compare(x.Month, y.Month) })
	for c, n := range a.channels {
		s.Channels = append(s.Channels, ChannelSum{c, n})
	}
	slices.SortFunc(s.Channels, func(x, y ChannelSum) int {
		return cmp.Or(cmp.Compare(y.Messages, x.Messages), strings.Compare(x.Channel, y.Channel))
	})
	if !a.first.IsZero() {
		s.Span = Span{a.first.UTC().Format(time.RFC3339), a.last.UTC().Format(time.RFC3339)}
	}
	return s
}
