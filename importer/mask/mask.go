// Package mask takes people out of a report, so that it can be shown to others: the same person has the same mask wherever
// they occur, and whoever lacks the key cannot tell who it is.
//
// What is known to be of a person (e-mails, names, phone numbers, addresses of machines) gets a mask made with the key. Texts,
// subjects, files' names and values of personal fields keep their shape alone: x for a letter, 0 for a digit, each in its own
// script. Words that are no person's stay: statuses, channels, dates, codes, ids of tickets, columns, the names of files, teams
// and tags, and the mapping; a person whom the report names elsewhere is masked in these as well.
package mask

import (
	"reflect"

	"github.com/deskferry/deskferry/importer/report"
)

// Report returns a copy of r in which nobody can be recognised. Equal keys give equal masks, in other reports too. r stays as it
// is, and a masked report stays as it is when it is masked again.
func Report(r *report.Report, key []byte) *report.Report {
	m := &masker{key: key, tags: map[string]string{}, known: map[string]bool{}}
	m.meet(reflect.ValueOf(r))
	for _, name := range m.met {
		m.names.add(name, m.name(name, ""))
	}
	out := reflect.New(reflect.TypeFor[report.Report]()).Elem()
	m.copy(out, reflect.ValueOf(r).Elem())
	return out.Addr().Interface().(*report.Report)
}

// Text masks addresses and phone numbers in a text that belongs to no report.
func Text(s string, key []byte) string {
	m := &masker{key: key}
	return m.text(s)
}

// masker masks one report.
type masker struct {
	key   []byte
	tags  map[string]string // a name, folded, to the tag of the person's e-mail
	met   []string          // names, in the order they were met
	known map[string]bool   // the same, folded
	names nameIndex
}

// copy sets dst, which is new, to what may be told of src. Everything behind a pointer is made anew.
func (m *masker) copy(dst, src reflect.Value) {
	if special, ok := specials()[src.Type()]; ok {
		dst.Set(special(m, src))
		return
	}
	switch src.Kind() {
	case reflect.Pointer:
		if !src.IsNil() {
			dst.Set(reflect.New(src.Type().Elem()))
			m.copy(dst.Elem(), src.Elem())
		}
	case reflect.Slice:
		if !src.IsNil() {
			dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
			for i := range src.Len() {
				m.copy(dst.Index(i), src.Index(i))
			}
		}
	case reflect.Struct:
		dst.Set(src) // with what is not exported: counters, and times
		for i := range src.NumField() {
			if f := src.Type().Field(i); f.IsExported() {
				m.field(dst.Field(i), src.Field(i), src.Type().String()+"."+f.Name)
			}
		}
	case reflect.String:
		dst.SetString(m.shape(src.String()))
	default:
		dst.Set(src)
	}
}

// field masks a field by its name: texts by what they hold, everything else by its parts.
func (m *masker) field(dst, src reflect.Value, name string) {
	change := fields()[name]
	switch {
	case change == nil && (src.Kind() == reflect.Struct || src.Kind() == reflect.Pointer || src.Kind() == reflect.Slice):
		dst.SetZero()
		m.copy(dst, src)
	case src.Kind() == reflect.String:
		if change == nil {
			change = (*masker).shape // what nobody has thought of is not shown
		}
		dst.SetString(change(m, src.String()))
	case src.Kind() == reflect.Slice && src.Type().Elem().Kind() == reflect.String && !src.IsNil():
		dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			dst.Index(i).SetString(change(m, src.Index(i).String()))
		}
	}
}
