package importer

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
)

// shape counts what the tickets that may be imported look like. The zero value is empty; shapes are merged in any order.
type shape struct {
	statuses map[statusPair]int64
	hours    [24]HourSum
	lengths  [len(lengthSteps)]int64
	sizes    [len(sizeSteps)]int64
	files    AttachmentSums // but Sizes
	billable int64
}

// statusPair is what a status was and what it became.
type statusPair struct{ from, to string }

func (p statusPair) compare(o statusPair) int {
	return cmp.Or(strings.Compare(p.from, o.from), strings.Compare(p.to, o.to))
}

// maxStatuses bounds the pairs told apart: the words are the export's.
const maxStatuses = 1000

// otherStatuses stands for the pairs past the bound.
const otherStatuses = "other"

// defaultStatus is what Gorgias makes of a ticket that names none (api/gorgias section 4).
const defaultStatus = "open"

// ticket counts a ticket that may be imported, or is held as incomplete: a word that no table has is known only once it is
// mended.
func (t *shape) ticket(out *mapping.Assembled) {
	to := out.Ticket.Status
	if to == "" && (out.State == mapping.Ready || out.SourceStatus == "") {
		to = defaultStatus
	}
	t.status(statusPair{out.SourceStatus, to}, 1)
	if n := len(out.Ticket.Messages); n > 0 {
		t.lengths[classOf(lengthSteps[:], int64(n))]++
	}
}

func (t *shape) status(p statusPair, n int64) {
	if _, known := t.statuses[p]; !known {
		if t.statuses == nil {
			t.statuses = map[statusPair]int64{}
		}
		if len(t.statuses) >= maxStatuses {
			p.from = otherStatuses
		}
		p = statusPair{strings.Clone(p.from), strings.Clone(p.to)}
	}
	t.statuses[p] += n
}

// message counts a message by the hour it was sent.
func (t *shape) message(m *mapping.Message, hour int) {
	h := &t.hours[hour]
	switch {
	case !m.Public:
		h.Internal++
	case m.FromAgent:
		h.Outgoing++
	default:
		h.Incoming++
	}
}

// file counts a file of size bytes; zero: the export does not tell.
func (t *shape) file(size int64) {
	t.files.Files++
	if size <= 0 {
		t.files.Unsized++
		return
	}
	t.files.Bytes += size
	t.sizes[classOf(sizeSteps[:], size)]++
}

func (t *shape) merge(o *shape) {
	if len(t.statuses)+len(o.statuses) < maxStatuses {
		for p, n := range o.statuses {
			t.status(p, n)
		}
	} else { // which are told apart must not be left to chance
		for _, p := range slices.SortedFunc(maps.Keys(o.statuses), statusPair.compare) {
			t.status(p, o.statuses[p])
		}
	}
	for i := range o.hours {
		t.hours[i].Incoming += o.hours[i].Incoming
		t.hours[i].Outgoing += o.hours[i].Outgoing
		t.hours[i].Internal += o.hours[i].Internal
	}
	for i, n := range o.lengths {
		t.lengths[i] += n
	}
	for i, n := range o.sizes {
		t.sizes[i] += n
	}
	t.files.Files += o.files.Files
	t.files.Bytes += o.files.Bytes
	t.files.Unsized += o.files.Unsized
	t.billable += o.billable
}

// fill puts what was counted into s.
func (t *shape) fill(s *Summary) {
	s.Statuses, s.Hours, s.Lengths, s.Attachments = []StatusSum{}, []HourSum{}, []LengthSum{}, t.files
	for p, n := range t.statuses {
		s.Statuses = append(s.Statuses, StatusSum{p.from, p.to, n})
	}
	slices.SortFunc(s.Statuses, func(x, y StatusSum) int {
		return cmp.Or(cmp.Compare(y.Tickets, x.Tickets), strings.Compare(x.From, y.From), strings.Compare(x.To, y.To))
	})
	if t.hours != [24]HourSum{} {
		for i, h := range t.hours {
			h.Hour = i
			s.Hours = append(s.Hours, h)
		}
	}
	for i := range used(t.lengths[:]) {
		to := int64(0)
		if i+1 < len(lengthSteps) {
			to = lengthSteps[i+1] - 1
		}
		s.Lengths = append(s.Lengths, LengthSum{lengthSteps[i], to, t.lengths[i]})
	}
	s.Attachments.Sizes = []SizeSum{}
	for i := range used(t.sizes[:]) {
		to := int64(0)
		if i+1 < len(sizeSteps) {
			to = sizeSteps[i+1]
		}
		s.Attachments.Sizes = append(s.Attachments.Sizes, SizeSum{sizeSteps[i], to, t.sizes[i]})
	}
}

// used is how many of counts there are up to the last that is not zero.
func used(counts []int64) int {
	n := len(counts)
	for n > 0 && counts[n-1] == 0 {
		n--
	}
	return n
}

// Where the classes of thread lengths and of file sizes begin. 500 messages fit one request (api/gorgias, fact 2); an upload
// takes 60 MiB.
const (
	kib = 1 << 10
	mib = 1 << 20
)

var (
	lengthSteps = [...]int64{1, 2, 3, 4, 5, 6, 11, 21, 51, 101, 501}
	sizeSteps   = [...]int64{0, 10 * kib, 100 * kib, mib, 5 * mib, 20 * mib, 60 * mib}
)

// classOf is the class n belongs to.
func classOf(steps []int64, n int64) int {
	i := 0
	for i+1 < len(steps) && n >= steps[i+1] {
		i++
	}
	return i
}
