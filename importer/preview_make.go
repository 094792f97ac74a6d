package importer

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// assemble makes the previews of the facts found, by the tickets' ids.
func (g *gathering) assemble(ctx context.Context, found map[string]*Preview) error {
	p := g.p
	l := p.lanes[0]
	l.view = p.people.view()
	var b batch
	for got, err := range p.batches(ctx, func() *batch { b.reset(); return &b }) {
		if err != nil {
			return err
		}
		for _, err := range l.groups(got) {
			if err != nil {
				return err
			}
			l.group.SendIncomplete = p.j.SendIncomplete
			p.j.Mapping.Assemble(&l.group, l.view, &l.out)
			one, err := g.preview(&l.out)
			if err != nil {
				return err
			}
			found[strings.Clone(l.out.Key)] = one
		}
	}
	return l.view.err
}

func (g *gathering) preview(out *mapping.Assembled) (*Preview, error) {
	t := g.tickets[out.Key]
	whole := map[messageName]bool{} // kept with all of its bodies
	for i := range t.messages {
		if m := &t.messages[i]; !m.cut {
			whole[m.name] = true
		}
	}
	n := min(len(out.Ticket.Messages), previewMessages)
	one := &Preview{Left: len(out.Ticket.Messages) - n, State: out.State, Problems: ownProblems(out.Problems)}
	w := Work{Key: Key(g.p.name + ":" + out.Key), ExternalID: ExternalID(g.p.name, out.Key), Ticket: out.Ticket}
	w.Ticket.Messages = slices.Clone(out.Ticket.Messages[:n])
	for i := range w.Ticket.Messages {
		m := &w.Ticket.Messages[i]
		w.MessageIDs = append(w.MessageIDs, MessageExternalID(m.ExternalID))
		cut := shorten(m)
		one.Cut = append(one.Cut, cut || !whole[messageName{out.Origins[i], out.Contents[i]}])
	}
	var err error
	if one.Work, err = DecodeWork(AppendWork(nil, &w)); err != nil { // memory of its own
		return nil, err
	}
	t.tell(one, out)
	return one, nil
}

// tell adds the records, each once and in the order of what they became, and their problems.
func (t *gatheredTicket) tell(one *Preview, out *mapping.Assembled) {
	records := slices.SortedStableFunc(slices.Values(t.records), func(a, b *gatheredRecord) int { return cmp.Compare(a.ordinal, b.ordinal) })
	of := map[messageName]*gatheredRecord{}
	for i := range t.messages {
		of[t.messages[i].name] = t.messages[i].record
	}
	for i := range out.Ticket.Messages {
		if r := of[messageName{out.Origins[i], out.Contents[i]}]; r != nil {
			records = append(records, r)
		}
	}
	for i := range t.messages { // those that became none
		records = append(records, t.messages[i].record)
	}
	told := map[*gatheredRecord]bool{}
	for _, r := range records {
		if !told[r] {
			told[r] = true
			one.Records = append(one.Records, r.PreviewRecord)
			one.Problems = append(one.Problems, r.problems...)
		}
	}
	one.Further = max(0, t.all-len(told))
	one.Problems = one.Problems[:min(len(one.Problems), previewProblems)]
}

// previewOf is a record as people read it.
func previewOf(r *sources.Record) PreviewRecord {
	var text string
	if r.IsRow() {
		text = rowText(r)
	} else {
		text = documentText(r.Raw)
	}
	out := PreviewRecord{Origin: r.Origin.String(), Text: strings.ToValidUTF8(clipText(text, previewRecord), "\uFFFD")}
	out.Cut = len(text) > previewRecord
	return out
}

// rowText has a line for each cell that is not empty; the further lines of a cell are indented.
func rowText(r *sources.Record) string {
	var b strings.Builder
	for i, cell := range r.Fields {
		if cell == "" {
			continue
		}
		if i < len(r.File.Columns) {
			b.WriteString(r.File.Columns[i])
		}
		b.WriteString(": ")
		b.WriteString(strings.ReplaceAll(clipText(cell, previewRecord+1), "\n", "\n  "))
		b.WriteByte('\n')
		if b.Len() > previewRecord {
			break
		}
	}
	return b.String()
}

// maxIndented is the size of a document, in bytes, from which on it is shown as it stands.
const maxIndented = 1 << 20

func documentText(raw []byte) string {
	if len(raw) > maxIndented {
		return string(raw[:maxIndented])
	}
	v := jsontext.Value(slices.Clone(raw))
	if err := v.Format(jsontext.Multiline(true), jsontext.WithIndent("  "), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return string(raw)
	}
	return string(v)
}
