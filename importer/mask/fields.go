package mask

import (
	"reflect"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

// fields say what becomes of each text of a report, by type and field. A field that is not named keeps its shape alone.
func fields() map[string]func(*masker, string) string {
	keep := func(_ *masker, s string) string { return s }
	text, shape, id, link, file := (*masker).text, (*masker).shape, (*masker).id, (*masker).link, (*masker).file
	return map[string]func(*masker, string) string{
		"report.Report.Command": keep, "report.Report.Program": keep, "report.Report.Note": text, "report.Report.Target": keep, "report.Report.Ledger": text,
		"report.Input.Name": text, "report.Mapping.Name": text, "report.Mapping.Hash": keep, "report.Mapping.Text": (*masker).mapping,
		"report.Running.Phase": keep, "report.Running.Unit": keep,

		"importer.SkipSum.Kind": keep, "importer.SkipSum.Reason": text,
		"importer.Span.First": keep, "importer.Span.Last": keep, "importer.MonthSum.Month": keep, "importer.ChannelSum.Channel": text,
		"importer.Summary.Timezone": keep, "importer.StatusSum.From": text, "importer.StatusSum.To": text,
		"importer.KeptSum.Input": text, "importer.KeptSum.Path": text, "importer.KeptSum.To": keep,
		"importer.ChangedSum.Field": keep, "importer.ChangedSum.Code": keep,
		"importer.FieldSum.Input": text, "importer.FieldSum.Path": text, "importer.FieldSum.Example": (*masker).example,
		"importer.Pick.Ticket": text, "importer.Pick.Why": text,

		"importer.PreviewRecord.Origin": text, "importer.PreviewRecord.Text": (*masker).record,
		"sources.Origin.File": text, "sources.Origin.Place": text,

		"importer.Work.Key": text, "importer.Work.ExternalID": text, "importer.Work.MessageIDs": text,
		"importer.Inline.Ref": link, "importer.File.URL": link, "importer.File.Name": file, "importer.File.ContentType": keep, "importer.File.Missing": keep,

		"mapping.Ticket.ExternalID": text, "mapping.Ticket.Subject": shape, "mapping.Ticket.Status": keep, "mapping.Ticket.Priority": keep,
		"mapping.Ticket.Channel": text, "mapping.Ticket.Via": text, "mapping.Ticket.Language": keep, "mapping.Ticket.AssigneeTeam": text,
		"mapping.Ticket.Tags": text, "mapping.Ticket.SourceURL": link,
		"mapping.CustomField.Field": text, "mapping.CustomField.Value": shape, "mapping.CustomField.Type": keep,
		"mapping.Pair.Name": text, "mapping.Pair.Value": shape,

		"mapping.Message.ExternalID": text, "mapping.Message.Channel": text, "mapping.Message.Via": text, "mapping.Message.Subject": shape,
		"mapping.Message.BodyHTML": (*masker).html, "mapping.Message.BodyText": shape, "mapping.Message.StrippedHTML": (*masker).html,
		"mapping.Message.StrippedText": shape, "mapping.Message.StrippedSignature": shape, "mapping.Message.MessageID": shape,
		"mapping.Message.InReplyTo": shape, "mapping.Message.References": shape,
		"mapping.Attachment.URL": link, "mapping.Attachment.Data": func(*masker, string) string { return "" }, "mapping.Attachment.Name": file,
		"mapping.Attachment.ContentType": keep, "mapping.Attachment.ContentID": shape,

		"importer.UndoSums.RunKind": text, "importer.UndoSums.RunSource": text,
		"importer.UndoResult.Key": text, "importer.UndoResult.Reason": text, "importer.UndoResult.Note": text, "importer.UndoResult.URL": text,

		"importer.NotImportedSum.State": text, "importer.NotImportedSum.Reason": text, "importer.Arrival.Field": keep, "importer.DiffCount.Code": keep, "importer.StaffSum.ID": id,
	}
}

// specials mask types whose texts mean something only together.
func specials() map[reflect.Type]func(*masker, reflect.Value) reflect.Value {
	return map[reflect.Type]func(*masker, reflect.Value) reflect.Value{
		reflect.TypeFor[mapping.Person]():      special((*masker).person),
		reflect.TypeFor[mapping.Address]():     special((*masker).address),
		reflect.TypeFor[importer.StaffSum]():   special((*masker).staff),
		reflect.TypeFor[importer.ProblemSum](): special((*masker).problemSum),
		reflect.TypeFor[mapping.Problem]():     special((*masker).problem),
		reflect.TypeFor[importer.Difference](): special((*masker).difference),
	}
}

func special[T any](change func(*masker, T) T) func(*masker, reflect.Value) reflect.Value {
	return func(m *masker, v reflect.Value) reflect.Value { return reflect.ValueOf(change(m, v.Interface().(T))) }
}

func (m *masker) person(p mapping.Person) mapping.Person {
	p.Name, p.ID, p.Email = m.name(p.Name, p.Email), m.id(p.ID), m.email(p.Email)
	return p
}

func (m *masker) address(a mapping.Address) mapping.Address {
	a.Name, a.Address = m.name(a.Name, a.Address), m.id(a.Address)
	return a
}

func (m *masker) staff(s importer.StaffSum) importer.StaffSum {
	s.Name, s.ID, s.Email = m.name(s.Name, s.Email), m.id(s.ID), m.email(s.Email)
	return s
}

func (m *masker) problemSum(p importer.ProblemSum) importer.ProblemSum {
	v := m.valueOf(p.Code, p.Field)
	p.Field = m.text(p.Field)
	examples, values := p.Examples, p.Values
	p.Examples, p.Values = nil, nil
	var all []string
	for _, e := range examples {
		all = append(all, e.Value)
		p.Examples = append(p.Examples, importer.Example{Origin: m.text(e.Origin), Other: m.text(e.Other), Value: v(e.Value)})
	}
	for _, x := range values {
		all = append(all, x.Value)
		p.Values = append(p.Values, importer.ValueSum{Value: v(x.Value), Count: x.Count, Hint: m.hint(x.Hint, []string{x.Value}, v)})
	}
	p.Hint = m.hint(p.Hint, all, v)
	return p
}

func (m *masker) problem(p mapping.Problem) mapping.Problem {
	v := m.valueOf(p.Code, p.Field)
	p.Hint, p.Value = m.hint(p.Hint, []string{p.Value}, v), v(p.Value)
	p.Origin.File, p.Origin.Place = m.text(p.Origin.File), m.text(p.Origin.Place)
	p.Other.File, p.Other.Place = m.text(p.Other.File), m.text(p.Other.Place)
	p.Field = m.text(p.Field)
	return p
}

func (m *masker) difference(d importer.Difference) importer.Difference {
	v := m.valueOf(d.Code, d.Field)
	d.Ticket, d.Message, d.Field = importer.Key(m.text(string(d.Ticket))), m.text(d.Message), m.text(d.Field)
	d.Want, d.Got = v(d.Want), v(d.Got)
	return d
}
