package importer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
)

// maxPicks is how many tickets are chosen for the preview at most, maxKinds how many channels, and how many statuses, each show
// a ticket of their own.
const (
	maxPicks = 30
	maxKinds = 8
	maxPlain = 5 // of those that stand out by nothing
)

// ugly is a way for a ticket to stand out, in the order in which they are given a place.
type ugly uint8

const (
	uglyRejected ugly = iota
	uglyHeld
	uglyNoEmail
	uglyLongest
	uglyBiggest
	uglyNotes
	uglyRightToLeft
	uglyEmoji
	uglyCleaned
	uglyAttachments
	uglyWarnings
	uglyOldest
	uglyNewest
	uglyCopied
	uglyMadeUp
	uglyByAgent
	uglyNoSubject
	uglySpam
	uglyTrashed
	uglies
)

// why says it.
func (u ugly) why() string {
	return [uglies]string{
		"rejected", "held: incomplete", "no e-mail", "longest", "biggest message", "notes only", "right-to-left", "emoji", "markup was cleaned", "most attachments",
		"most warnings", "oldest", "newest", "copies to others", "made from its messages", "begun by an agent", "no subject", "spam", "trash",
	}[u]
}

// picks are the tickets chosen so far. The zero value is empty. Whatever order tickets come and picks are merged in, the choice
// is the same: of each kind the ticket with the highest score, among equals the first of the input.
type picks struct {
	best     [uglies]candidate
	channels kinds
	statuses kinds
	sample   []candidate // those whose keys' fingerprints are least, in their order
}

type candidate struct {
	key   string // the ticket's id in the source; "" for none
	score int64
	at    first
}

// beats tells whether c is chosen before o.
func (c *candidate) beats(o *candidate) bool {
	return o.key == "" || c.score > o.score || c.score == o.score && c.at.compare(o.at) < 0
}

// take puts c in the place of dst if it is chosen before; its key may be of memory that is used again.
func (dst *candidate) take(c *candidate) {
	if c.beats(dst) {
		was := dst.key
		if *dst = *c; was == c.key {
			dst.key = was
		} else {
			dst.key = strings.Clone(c.key)
		}
	}
}

// offer looks at the ticket in hand, unless it is left out.
func (p *picks) offer(l *lane) {
	out := &l.out
	if out.State == mapping.TicketSkipped || out.Key == "" {
		return
	}
	c := candidate{key: out.Key, at: l.first(sumOf(out.Key))}
	for u, score := range l.scores() {
		if c.score = score; score != 0 {
			p.best[u].take(&c)
		}
	}
	c.score = 0
	if out.State != mapping.TicketRejected {
		last := ""
		for i := range out.Ticket.Messages {
			if ch := out.Ticket.Messages[i].Channel; ch != last {
				last = ch
				p.channels.take("", ch, &c)
			}
		}
		from := out.SourceStatus
		if from == out.Ticket.Status {
			from = ""
		}
		p.statuses.take(from, out.Ticket.Status, &c)
	}
	p.offerSample(&c)
}

// kinds are the first of each kind of ticket, by the kind's name: those whose names come first, so that the choice does not
// depend on the order they are met in.
type kinds []kind

// kind is named by the source's word, where it is another one, and the target's.
type kind struct {
	from, to string
	candidate
}

func (k kind) compare(o kind) int {
	return cmp.Or(strings.Compare(k.to, o.to), strings.Compare(k.from, o.from))
}

func (k kind) String() string {
	switch {
	case k.from == "":
		return cmp.Or(k.to, "unknown")
	case k.to == "":
		return k.from + ", not mapped"
	}
	return k.from + " → " + k.to
}

func (k *kinds) take(from, to string, c *candidate) {
	one := kind{from: from, to: to}
	at, known := slices.BinarySearchFunc(*k, one, kind.compare)
	switch {
	case known:
		(*k)[at].candidate.take(c)
		return
	case at == maxKinds:
		return
	}
	one.from, one.to = strings.Clone(from), strings.Clone(to)
	one.candidate.take(c)
	*k = slices.Insert(*k, at, one)
	*k = (*k)[:min(len(*k), maxKinds)]
}

func bySample(a, b candidate) int { return cmp.Compare(a.at.hi, b.at.hi) }

func (p *picks) offerSample(c *candidate) {
	if len(p.sample) == maxPicks && bySample(*c, p.sample[maxPicks-1]) >= 0 {
		return
	}
	at, found := slices.BinarySearchFunc(p.sample, *c, bySample)
	if found {
		p.sample[at].take(c)
		return
	}
	var own candidate
	own.take(c)
	p.sample = slices.Insert(p.sample, at, own)
	if len(p.sample) > maxPicks {
		p.sample = p.sample[:maxPicks]
	}
}

// scores says of each way how much the ticket in hand stands out by it; zero: not at all.
func (l *lane) scores() (s [uglies]int64) {
	out := &l.out
	t := &out.Ticket
	yes := func(u ugly, is bool) {
		if is {
			s[u] = 1
		}
	}
	for i := range out.Problems {
		x := &out.Problems[i]
		if x.Severity == mapping.Error {
			s[uglyRejected]++
		} else {
			s[uglyWarnings]++
		}
		switch x.Code {
		case "ticket.unknown":
			s[uglyMadeUp] = 1
		case "customer.no_email", "customer.made_up":
			s[uglyNoEmail] = 1
		}
	}
	switch out.State {
	case mapping.Incomplete:
		s[uglyHeld], s[uglyRejected] = max(1, s[uglyRejected]), 0
	case mapping.TicketRejected:
		s[uglyRejected] = max(1, s[uglyRejected])
		return s
	default:
		s[uglyRejected] = 0
	}
	l.scoreMarks(&s)
	n := len(t.Messages)
	if n == 0 {
		return s
	}
	s[uglyLongest] = int64(n)
	notes := 0
	for i := range t.Messages {
		m := &t.Messages[i]
		s[uglyBiggest] = max(s[uglyBiggest], int64(m.Size))
		s[uglyAttachments] += int64(len(m.Attachments))
		if !m.Public {
			notes++
		}
	}
	yes(uglyNotes, notes == n)
	yes(uglyByAgent, notes < n && t.Messages[0].FromAgent && t.Messages[0].Public)
	yes(uglyNoSubject, t.Subject == "")
	yes(uglySpam, t.Spam)
	yes(uglyTrashed, !t.TrashedDatetime.IsZero())
	if sent := t.Messages[0].SentDatetime.Time().Unix(); sent > 0 {
		s[uglyOldest] = -sent
	}
	s[uglyNewest] = max(0, t.Messages[n-1].SentDatetime.Time().Unix())
	return s
}

// scoreMarks adds what the facts are marked with.
func (l *lane) scoreMarks(s *[uglies]int64) {
	if m := textMarks(l.out.Ticket.Subject); m != 0 {
		l.scoreMark(s, m)
	}
	last := int64(-1)
	for i := range l.refs {
		r := &l.refs[i]
		l.scoreMark(s, r.marks)
		if r.record != last {
			s[uglyWarnings] += int64(r.warnings)
		}
		last = r.record
	}
}

func (l *lane) scoreMark(s *[uglies]int64, m marks) {
	for _, of := range [...]struct {
		mark marks
		is   ugly
	}{{markRightToLeft, uglyRightToLeft}, {markEmoji, uglyEmoji}, {markCleaned, uglyCleaned}, {markCopied, uglyCopied}} {
		if m&of.mark != 0 {
			s[of.is]++
		}
	}
}

// merge takes the choice of o in.
func (p *picks) merge(o *picks) {
	for u := range o.best {
		if o.best[u].key != "" {
			p.best[u].take(&o.best[u])
		}
	}
	for i := range o.channels {
		p.channels.take("", o.channels[i].to, &o.channels[i].candidate)
	}
	for i := range o.statuses {
		p.statuses.take(o.statuses[i].from, o.statuses[i].to, &o.statuses[i].candidate)
	}
	for i := range o.sample {
		p.offerSample(&o.sample[i])
	}
}

// list is the choice: each ticket once, with every reason to look at it.
func (p *picks) list() []Pick {
	all := []Pick{}
	add := func(key, why string) {
		at := slices.IndexFunc(all, func(x Pick) bool { return x.Ticket == key })
		switch {
		case key == "" || at < 0 && len(all) >= maxPicks:
		case at < 0:
			all = append(all, Pick{Ticket: key, Why: []string{why}})
		default:
			all[at].Why = append(all[at].Why, why)
		}
	}
	for u := range p.best {
		add(p.best[u].key, ugly(u).why())
	}
	for i := range p.statuses {
		add(p.statuses[i].key, "status "+p.statuses[i].String())
	}
	for i := range p.channels {
		add(p.channels[i].key, "channel "+p.channels[i].String())
	}
	plain := 0
	for i := range p.sample {
		if plain < maxPlain && !slices.ContainsFunc(all, func(x Pick) bool { return x.Ticket == p.sample[i].key }) {
			add(p.sample[i].key, "one of the ordinary")
			plain++
		}
	}
	return all
}
