package importer

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
	"github.com/deskferry/deskferry/sources/lanes"
)

// The limits of a preview, in bytes but for the messages.
const (
	previewMessages = 50
	previewBody     = 64 << 10
	previewTicket   = 256 << 10 // the messages of a ticket
	previewRecord   = 32 << 10
	previewRecords  = 128 << 10 // the records of a ticket
	previewOwn      = 10        // records of the ticket itself
	previewProblems = 20        // of a record, and of a ticket
	previewURL      = 2 << 10
)

// Previews reads the export again for the tickets picked, in their order; one that is not found is left out. Of a ticket it
// keeps the first 50 messages, with bodies of at most 64 KiB each, and the records they came from, of at most 32 KiB each; 384 KiB in
// all. What an earlier plan kept of a ticket that was mended is not known here.
func (j *Job) Previews(ctx context.Context, picks []Pick) ([]Preview, error) {
	if len(picks) == 0 {
		return nil, nil
	}
	p, err := j.begin(true)
	if err != nil {
		return nil, err
	}
	defer func() { p.close() }()
	g := &gathering{p: p, tickets: map[string]*gatheredTicket{}}
	err = p.settling(ctx, func() error {
		for _, pick := range picks {
			g.tickets[pick.Ticket] = &gatheredTicket{}
		}
		return g.read(ctx)
	})
	if err != nil {
		return nil, err
	}
	found := map[string]*Preview{}
	if err := g.assemble(ctx, found); err != nil {
		return nil, err
	}
	var all []Preview
	for _, pick := range picks {
		if one := found[pick.Ticket]; one != nil {
			one.Pick = pick
			all = append(all, *one)
		}
	}
	return all, nil
}

// gathering finds what previews are made of. Its map is not changed while records are read.
type gathering struct {
	p       *pass
	tickets map[string]*gatheredTicket
}

// gatheredTicket is what is kept of one ticket, beside the skeletons of all its facts, which go where a check has them.
type gatheredTicket struct {
	messages []gatheredMessage // with bodies: the first by sent time
	bytes    int               // of their items and of records
	records  []*gatheredRecord // of the ticket itself, without a message
	all      int               // records it has, those that are not kept as well
	last     int64             // ordinal of the last one counted
}

// count counts a record of the ticket once: all that one record holds comes together.
func (t *gatheredTicket) count(r *gatheredRecord) {
	if t.all == 0 || t.last != r.ordinal {
		t.all++
		t.last = r.ordinal
	}
}

// gatheredMessage is a message as it is kept with its bodies, and as it is kept without.
type gatheredMessage struct {
	ticket     string
	sent, seq  int64 // its place, about
	full, bare []byte
	name       messageName
	cut        bool
	record     *gatheredRecord
}

// messageName tells a message of a ticket from its others, before and after assembly.
type messageName struct {
	origin  sources.Origin
	content [16]byte
}

type gatheredRecord struct {
	PreviewRecord
	ordinal  int64
	held     int // by this many messages and tickets
	problems []mapping.Problem
}

// gatheredPiece is what a piece has of the tickets wanted.
type gatheredPiece struct {
	records  int64
	people   []byte
	facts    mapped // of the tickets themselves
	ours     map[string][]*gatheredRecord
	messages []gatheredMessage
}

// read goes through the whole export: anyone in it may be the author of a message.
func (g *gathering) read(ctx context.Context) error {
	p := g.p
	p.facts.close()
	p.facts = newSorter(p.j.TempDir, factsRun)
	var records int64
	err := lanes.InOrder(ctx, len(p.lanes), p.j.Source.Pieces(ctx), func(i int, piece sources.Piece) (*gatheredPiece, error) {
		out, l := &gatheredPiece{ours: map[string][]*gatheredRecord{}}, p.lanes[i]
		for r, err := range p.each(l, piece) {
			if err != nil {
				return out, err
			}
			g.take(l, r, out)
		}
		return out, ctx.Err()
	}, func(out *gatheredPiece) error {
		records += out.records
		p.j.progress(Progress{Phase: Previewing, Records: records})
		return errors.Join(p.people.add(out.people), p.facts.addBlock(out.facts.facts), g.admit(out))
	})
	if err != nil {
		return err
	}
	for _, t := range g.tickets {
		for i := range t.messages {
			m := &t.messages[i]
			if err := p.facts.addBlock(m.full); err != nil {
				return err
			}
			m.full, m.bare = nil, nil
		}
	}
	return errors.Join(p.facts.seal(ctx), p.people.seal(ctx))
}

// take sorts out what the record in hand says of the tickets wanted.
func (g *gathering) take(l *lane, r *sources.Record, out *gatheredPiece) {
	res := &l.result
	out.records++
	for i := range res.People {
		out.people = tellPerson(out.people, &res.People[i], l.seen)
	}
	var one *gatheredRecord
	record := func() *gatheredRecord {
		if one == nil {
			one = &gatheredRecord{PreviewRecord: previewOf(r), ordinal: r.Ordinal, problems: ownProblems(res.Problems)}
		}
		return one
	}
	for i := range res.Tickets {
		if f := &res.Tickets[i]; g.tickets[f.Key] != nil {
			g.p.takeTicket(l, r, f, &out.facts)
			if !slices.ContainsFunc(res.Messages, func(m mapping.MessageFact) bool { return m.Ticket == f.Key }) {
				key := strings.Clone(f.Key)
				out.ours[key] = append(out.ours[key], record())
			}
		}
	}
	for i := range res.Messages {
		if f := &res.Messages[i]; g.tickets[f.Ticket] != nil {
			m := gatheredMessage{ticket: strings.Clone(f.Ticket), sent: f.Message.SentDatetime.Time().Unix(), seq: f.Seq,
				name: messageName{f.Origin, f.Content}, record: record()}
			m.bare = g.item(l, r, f, true)
			own := *f
			m.cut = shorten(&own.Message)
			m.full = g.item(l, r, &own, false)
			out.messages = append(out.messages, m)
		}
	}
}

func (g *gathering) item(l *lane, r *sources.Record, f *mapping.MessageFact, bare bool) []byte {
	var m mapped
	at := g.p.item(l, r, 0, true, &m)
	l.code.skeleton = bare
	l.code.messageFact(f)
	g.p.seal(l, at, f.Ticket, &m)
	return m.facts
}

// shorten cuts the bodies of a message and leaves out what a preview does not show. It changes no slice of m.
func shorten(m *mapping.Message) (cut bool) {
	for _, body := range []*string{&m.BodyHTML, &m.BodyText} {
		if len(*body) > previewBody {
			*body, cut = clipText(*body, previewBody), true
		}
	}
	m.StrippedHTML, m.StrippedText, m.StrippedSignature, m.Headers, m.Meta = "", "", "", nil, nil
	m.Attachments = slices.Clone(m.Attachments)
	for i := range m.Attachments {
		a := &m.Attachments[i]
		if a.Size == 0 {
			a.Size = int64(len(a.Data)) / 4 * 3
		}
		a.Data = ""
		if len(a.URL) > previewURL {
			a.URL = ""
		}
	}
	return cut
}

// clipText cuts s to n bytes, between two characters.
func clipText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// ownProblems returns the first problems with texts of their own: those of a record would keep all of its piece.
func ownProblems(list []mapping.Problem) []mapping.Problem {
	own := slices.Clone(list[:min(len(list), previewProblems)])
	for i := range own {
		own[i].Value, own[i].Hint = strings.Clone(own[i].Value), strings.Clone(own[i].Hint)
	}
	return own
}

// admit keeps what a piece has, as far as the limits go; of messages those that are sent first.
func (g *gathering) admit(out *gatheredPiece) error {
	for key, list := range out.ours {
		t := g.tickets[key]
		for _, r := range list {
			t.count(r)
			if len(t.records) < previewOwn && t.bytes < previewTicket {
				t.hold(r)
				t.records = append(t.records, r)
			}
		}
	}
	for i := range out.messages {
		m := &out.messages[i]
		t := g.tickets[m.ticket]
		at, _ := slices.BinarySearchFunc(t.messages, *m, byPlace)
		for at < len(t.messages) && byPlace(t.messages[at], *m) == 0 {
			at++
		}
		t.count(m.record)
		t.hold(m.record)
		t.bytes += len(m.full)
		t.messages = slices.Insert(t.messages, at, *m)
		for n := len(t.messages); n > previewMessages || n > 0 && t.bytes > previewTicket+previewRecords; n-- {
			last := &t.messages[n-1]
			if err := g.p.facts.addBlock(last.bare); err != nil {
				return err
			}
			t.bytes -= len(last.full)
			t.let(last.record)
			t.messages = slices.Delete(t.messages, n-1, n)
		}
	}
	return nil
}

func byPlace(a, b gatheredMessage) int {
	return cmp.Or(cmp.Compare(a.sent, b.sent), cmp.Compare(a.seq, b.seq))
}

func (t *gatheredTicket) hold(r *gatheredRecord) {
	if r.held++; r.held == 1 {
		t.bytes += len(r.Text)
	}
}

func (t *gatheredTicket) let(r *gatheredRecord) {
	if r.held--; r.held == 0 {
		t.bytes -= len(r.Text)
	}
}
