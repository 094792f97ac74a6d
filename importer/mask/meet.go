package mask

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

// meet learns the names of everyone the report names as a person, so that they are known where a name is only a word.
func (m *masker) meet(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			m.meet(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			m.meet(v.Index(i))
		}
	case reflect.Struct:
		m.introduce(v.Interface())
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				m.meet(v.Field(i))
			}
		}
	}
}

func (m *masker) introduce(x any) {
	switch x := x.(type) {
	case mapping.Person:
		m.know(x.Name, x.Email)
		m.knowAddress(x.Email)
	case mapping.Address:
		m.know(x.Name, x.Address)
		m.knowAddress(x.Address)
	case importer.StaffSum:
		m.know(x.Name, x.Email)
		m.knowAddress(x.Email)
	case importer.ProblemSum:
		for _, e := range x.Examples {
			m.knowValue(x.Code, x.Field, e.Value)
		}
		for _, v := range x.Values {
			m.knowValue(x.Code, x.Field, v.Value)
		}
	case mapping.Problem:
		m.knowValue(x.Code, x.Field, x.Value)
	case importer.Difference:
		m.knowValue(x.Code, x.Field, x.Want)
		m.knowValue(x.Code, x.Field, x.Got)
	case importer.PreviewRecord:
		for _, p := range namesIn.FindAllStringSubmatch(x.Text, -1) {
			m.know(p[1]+p[2], "")
		}
	}
}

// namesIn finds names in a record, of a row or of a document: two words and more, and no file's.
var namesIn = regexp.MustCompile(`(?im)^(?:[^:\n]*(?:name|author|requester|customer|contact)): ([\pL\pM'’-]+\.?(?: [\pL\pM'’-]+\.?){1,4})$|` +
	`"(?:(?:first|last|full|display|user|requester|author|customer|contact|agent|from|sender)_?)?name"\s*:\s*"([\pL\pM'’-]+\.?(?: [\pL\pM'’-]+\.?){1,4})"`)

// know takes the name of a person in. The first address met with it is the person's.
func (m *masker) know(name, email string) {
	name = strings.TrimSpace(name)
	if name == "" || maskedName.MatchString(name) || strings.ContainsAny(name, "@＠") {
		return
	}
	if strings.Contains(email, "@") && m.tags[fold(name)] == "" {
		m.tags[fold(name)] = m.tagOfEmail(email)
	}
	if !m.known[fold(name)] {
		m.known[fold(name)] = true
		m.met = append(m.met, name)
	}
}

// knowAddress takes in what stands before the @: files and ids are named so.
func (m *masker) knowAddress(email string) {
	local, _, ok := strings.Cut(email, "@")
	if all := words(local); ok && letters(local, 4) && len(all) > 1 && !strings.HasSuffix(email, maskedDomain) {
		m.know(local, email)
	}
}

var (
	inBrackets = regexp.MustCompile(`\s*[(<][^)>]*[)>]`)
	separators = regexp.MustCompile(`[,;]\s*|\s+and\s+`)
)

// knowValue takes in the people of a problem's value, "Ann (7), Bob (9)".
func (m *masker) knowValue(code, field, value string) {
	if !m.isPeople(code, field) {
		return
	}
	for _, one := range separators.Split(inBrackets.ReplaceAllString(value, ""), -1) {
		if one = strings.Trim(one, `"' `); letters(one, 2) && strings.Contains(one, " ") {
			m.know(one, firstEmail(value))
		}
	}
}

// firstEmail is the first address in a text, "" for none.
func firstEmail(s string) (first string) {
	eachEmail(s, func(one string) string {
		if first == "" {
			first = one
		}
		return one
	})
	return first
}
