package suggest

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"path"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
	"github.com/deskferry/deskferry/sources"
)

// maxAuthors bounds the addresses told apart; messages of further ones count for their domain, if that is known.
const maxAuthors = 50_000

// Findings is what reading an export once more has shown, knowing from its profile which field is what. The zero value is
// nothing.
type Findings struct {
	People
	Trial *Trial // what the preset makes of the export; nil where none is extended

	copies  map[string]Copies     // of parts that hold a text beside the messages
	written map[string]*plainText // by part and field
	varied  map[string]int64      // of parts: tickets in which a column called e-mail differs, so that it is the author's
}

// People is who writes the messages of an export, and what the data says of whose side they are on.
type People struct {
	Authors []Author // most outgoing messages first, then most messages
	Domains []Domain // in the same order
	Mailbox bool     // it is mail: outgoing is what lies among the sent mail
}

// Author is an address that wrote messages, or has tickets assigned.
type Author struct {
	Address  string
	Messages int64 // written
	Outgoing int64 // of them marked as the company's: by direction, as a note, by the author's role, or by being assigned
	Incoming int64 // of them marked as a customer's, or on a ticket of which the author is the customer
	Foreign  int64 // of them on a ticket whose customer is somebody else
}

// Domain is the authors of one domain.
type Domain struct {
	Domain                                 string
	Addresses, Messages, Outgoing, Foreign int64
	Received                               int64 // messages to it from other domains; of mail those that were not sent from this mailbox
}

// Look reads the export that p is the profile of once more: who writes in it, whether texts beside the messages are copies
// of these, and, where a preset is extended, what that makes of it. files are those of src; a holds the preset, if one was
// asked for.
func Look(ctx context.Context, src sources.Source, files []*sources.File, p *profile.Profile, a Answers) (*Findings, error) {
	pl := &plan{profile: p, answers: a, findings: &Findings{}}
	pl.cut()
	l := looker{views: map[*sources.File]map[string]*view{}, tally: newTally(), joined: newJoined()}
	for _, pt := range pl.parts {
		if v := newView(pt); v != nil {
			l.all = append(l.all, v)
		}
	}
	if err := l.read(ctx, src); err != nil {
		return nil, err
	}
	f := l.findings()
	name := a.one(KeyPreset)
	if name == "" {
		name = pl.fitting()
	}
	if name == "" || name == "none" || p.Refusal != "" {
		return f, nil
	}
	var err error
	f.Trial, err = try(ctx, src, files, name, a)
	return f, err
}

func (l *looker) read(ctx context.Context, src sources.Source) error {
	if len(l.all) == 0 {
		return nil
	}
	for piece, err := range src.Pieces(ctx) {
		if err != nil {
			return fmt.Errorf("looking for who writes: %w", err)
		}
		for r, err := range piece.Records() {
			var bad *sources.BadRecord
			switch {
			case errors.As(err, &bad):
			case err != nil:
				return fmt.Errorf("looking for who writes: %w", err)
			default:
				l.record(r)
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

type looker struct {
	*tally  // of what surely are authors
	all     []*view
	views   map[*sources.File]map[string]*view // by file and place
	columns map[*sources.File]map[string]int
	joined  *joined
}

// findings is what was seen.
func (l *looker) findings() *Findings {
	f := &Findings{copies: map[string]Copies{}, varied: map[string]int64{}, written: map[string]*plainText{}}
	for _, v := range l.all {
		for _, t := range v.plain {
			f.written[v.part.key()+"\x00"+t.path] = t
		}
		if v.varied != nil && v.varied.tickets > 0 {
			f.varied[v.part.key()] = v.varied.tickets
			l.tally.merge(v.varied.tally)
		}
		if v.root != nil {
			c := v.copies
			if v.list == nil {
				c = l.joined.copies()
			}
			f.copies[v.part.key()] = c
		}
	}
	f.People = l.tally.people()
	f.Mailbox = slices.ContainsFunc(l.all, func(v *view) bool { return v.part.file.Format == string(sources.Mail) })
	return f
}

func (l *looker) viewOf(r *sources.Record) *view {
	places := l.views[r.File]
	if places == nil {
		places = map[string]*view{}
		l.views[r.File] = places
	}
	v, ok := places[r.Origin.Place]
	if !ok {
		for _, c := range l.all {
			if takes, _ := path.Match(c.part.file.Glob, r.File.Base); (takes || c.part.file.Glob == r.File.Base) && c.part.shape.Place == r.Origin.Place {
				v = c
				break
			}
		}
		places[r.Origin.Place] = v
	}
	return v
}

func (l *looker) record(r *sources.Record) {
	v := l.viewOf(r)
	if v == nil {
		return
	}
	if v.part.file.Format == string(sources.Mail) {
		l.mail(r)
		return
	}
	l.texts(v, r)
	if a := addressOf(l.text(r, 0, v.assignee)); a != "" {
		l.count(a, Author{Outgoing: 1})
	}
	if v.varied != nil {
		if a := addressOf(l.text(r, 0, v.varied.column)); a != "" {
			one := Author{Messages: 1}
			one.mark(v.side(func(steps []string) string { return l.text(r, 0, steps) }))
			v.varied.add(l.text(r, 0, v.id), a, one)
		}
	}
	customer := addressOf(l.text(r, 0, v.customer))
	one := func(at int32) {
		l.look(v, r, at)
		a := addressOf(l.text(r, at, v.author))
		if a == "" {
			return
		}
		one := Author{Messages: 1}
		one.mark(v.side(func(steps []string) string { return l.text(r, at, steps) }))
		if customer != "" && a != customer {
			one.Foreign = 1
		} else if customer != "" {
			one.Incoming = 1
		}
		l.count(a, one)
		l.received(r, at, v.to, a)
	}
	if v.list == nil {
		one(0)
		return
	}
	for _, at := range walk(r, 0, v.list, nil) {
		one(at)
	}
}

// received counts a message for the domains it went to.
func (l *looker) received(r *sources.Record, at int32, to []string, from string) {
	var texts []string
	switch {
	case len(to) == 0:
	case r.IsRow():
		texts = strings.FieldsFunc(l.text(r, at, to), func(c rune) bool { return c == ',' || c == ';' })
	default:
		for _, n := range walk(r, at, to, nil) {
			texts = append(texts, r.Nodes[n].Text)
		}
	}
	_, own, _ := strings.Cut(from, "@")
	met := ""
	for _, text := range texts {
		_, name, ok := strings.Cut(addressOf(text), "@")
		if !ok || name == own || name == met {
			continue
		}
		met = name
		l.tally.received(name)
	}
}

// text is the first plain value that steps lead to from the node at.
func (l *looker) text(r *sources.Record, at int32, steps []string) string {
	if len(steps) == 0 {
		return ""
	}
	if r.IsRow() {
		if i, ok := l.column(r.File)[steps[0]]; ok && i < len(r.Fields) {
			return r.Fields[i]
		}
		return ""
	}
	for _, n := range walk(r, at, steps, nil) {
		if k := r.Nodes[n].Kind; k == sources.String || k == sources.Number || k == sources.Bool {
			return r.Nodes[n].Text
		}
	}
	return ""
}

// column finds a file's columns by the names a mapping has for them.
func (l *looker) column(f *sources.File) map[string]int {
	if c, ok := l.columns[f]; ok {
		return c
	}
	if l.columns == nil {
		l.columns = map[*sources.File]map[string]int{}
	}
	c, times := map[string]int{}, map[string]int{}
	for i, name := range f.Columns {
		times[name]++
		if _, ok := c[name]; !ok {
			c[name] = i
		}
		c[fmt.Sprintf("%s#%d", name, times[name])] = i
		c[fmt.Sprintf("#%d", i+1)] = i
	}
	l.columns[f] = c
	return c
}

// walk appends the nodes that names lead to, through lists.
func walk(r *sources.Record, at int32, names []string, out []int32) []int32 {
	if int(at) >= len(r.Nodes) {
		return out
	}
	if r.Nodes[at].Kind == sources.Array {
		for c := range r.Children(at) {
			out = walk(r, c, names, out)
		}
		return out
	}
	if len(names) == 0 {
		return append(out, at)
	}
	if c := r.Child(at, names[0]); c != 0 {
		return walk(r, c, names[1:], out)
	}
	return out
}

// addressOf is the address in a text such as "Mia <mia@example.com>", in lower case; "" where there is none.
func addressOf(s string) string {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "@") || len(s) > 1000 {
		return ""
	}
	if strings.ContainsAny(s, "<>, ;\"") {
		a, err := mail.ParseAddress(s)
		if err != nil {
			return ""
		}
		s = a.Address
	}
	if strings.Count(s, "@") != 1 || strings.HasPrefix(s, "@") || strings.HasSuffix(s, "@") {
		return ""
	}
	return strings.ToLower(s)
}
