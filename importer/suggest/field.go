package suggest

import (
	"fmt"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
)

// ref writes a field's name as a rule that goes through each reads it: relative to its item, from the record with $.
// before it. Names that would mean something else get the $. as well.
func (pt *part) ref(f *profile.Field, each string) string {
	name := f.Path
	pt.used[f.Path] = true
	if each != "" {
		if inside, ok := strings.CutPrefix(name, each+"[]."); ok {
			return guard(inside)
		}
		if name == each { // a list of plain texts
			return "."
		}
		return "$." + name
	}
	return guard(name)
}

// guard keeps a name that begins as a scope does from being one.
func guard(name string) string {
	if name == "." || strings.HasPrefix(name, "$") {
		return "$." + name
	}
	return name
}

// templated tells whether a field's name can stand between braces.
func templated(name string) bool {
	return name != "" && !strings.ContainsAny(name, "{}") && strings.TrimSpace(name) == name
}

// why says what is known of a field: "12,391 filled, 12,391 different".
func why(f *profile.Field) string {
	total := f.Filled + f.Empty + f.Null + f.Missing
	filled := counted(f.Filled) + " filled"
	if total > f.Filled {
		filled = counted(f.Filled) + " of " + counted(total) + " filled"
	}
	about := ""
	if f.DistinctCapped {
		about = "about "
	}
	return fmt.Sprintf("%s, %s%s different", filled, about, counted(f.Distinct))
}

// doubt is the decision about a field that is taken though its name and content do not say for sure what it is.
func (pt *part) doubt(role profile.Role) string {
	c := pt.best[role]
	text := fmt.Sprintf("decide: is %s the %s? %s", shown(c.Path), role, c.Why)
	if more := pt.others(role); more != "" {
		text += "; else " + more
	}
	return text
}

// others lists the further candidates for a role.
func (pt *part) others(role profile.Role) string {
	var names []string
	for _, c := range pt.more[role] {
		if !pt.used[c.Path] && len(names) < 4 {
			names = append(names, shown(c.Path))
		}
	}
	return strings.Join(names, ", ")
}

// take writes a rule's line for the role's field: switched off where it is not sure what the field is.
func (pt *part) take(p *page, indent int, target string, role profile.Role, each string, value func(f *profile.Field, ref string) string) bool {
	f, isSure := pt.any(role)
	if f == nil {
		return false
	}
	if !isSure {
		c := pt.best[role]
		p.off(indent, target+": "+field(guard(strings.TrimPrefix(c.Path, each+"[]."))), fmt.Sprintf("decide: is it the %s? %s", role, c.Why))
		return false
	}
	p.line(indent, target+": "+value(f, pt.ref(f, each)), why(f)+warned(f))
	return true
}

// warned adds what is wrong with a field's values.
func warned(f *profile.Field) string {
	for _, w := range f.Warnings {
		switch w.Code {
		case profile.WarnExponent, profile.WarnReplaced, profile.WarnMojibake:
			return "; " + many(w.Count, "value: ", "values: ") + w.Say
		}
	}
	return ""
}

func bare(_ *profile.Field, ref string) string { return field(ref) }

// member finds the first of some fields of a list's items, nil where there is none.
func (pt *part) member(list string, names ...string) *profile.Field {
	for _, name := range names {
		if m := pt.shape.Field(list + "[]." + name); m != nil && m.Filled > 0 {
			return m
		}
	}
	return nil
}

// addressees writes recipients: of a list of people their addresses and names.
func (pt *part) addressees(f *profile.Field, ref string) string {
	address, name := pt.member(f.Path, "address", "email", "handle"), pt.member(f.Path, "name")
	if address == nil {
		return field(ref)
	}
	pt.used[address.Path] = true
	entries := []string{"each: " + word(ref), "address: " + lastPart(address.Path)}
	if name != nil {
		pt.used[name.Path] = true
		entries = append(entries, "name: name")
	}
	return flow(entries...)
}

// rootText is the text in a record beside its list of messages, nil where there is none.
func (pt *part) rootText() *profile.Field {
	names := vocab("text", "description,description html,description text,body,body html,body text,message,text,content,contents,first message,initial message,"+
		"beschreibung,nachricht,frage,texte,contenu,mensaje,texto,contenido,descripción,bericht,tekst,omschrijving,vraag")
	var found *profile.Field
	for i := range pt.shape.Fields {
		f := &pt.shape.Fields[i]
		if f.List != "" || f.Filled == 0 || f.Type != profile.Text && f.Type != profile.HTML && f.Type != profile.Mixed || names.lookup(f.Path) == "" {
			continue
		}
		if found == nil || f.Filled > found.Filled {
			found = f
		}
	}
	return found
}

// isHTML tells whether a body goes into body_html.
func isHTML(f *profile.Field) bool { return f.Type == profile.HTML }

// plainTruths tells whether a mapping reads all of a field's values as yes or no.
func plainTruths(f *profile.Field) bool {
	if f.Type == profile.Boolean && len(f.Values) == 0 {
		return true
	}
	for _, v := range f.Values {
		if !plainTruth(v.Value) {
			return false
		}
	}
	return len(f.Values) > 0
}

// truthful tells whether all of a field's values are yes or no in some language.
func truthful(f *profile.Field) bool {
	words := truthWords()
	for _, v := range f.Values {
		if words.lookup(v.Value) == "" {
			return false
		}
	}
	return len(f.Values) > 0 || f.Type == profile.Boolean
}

// lastPart is the last name of a path.
func lastPart(path string) string {
	if i := strings.LastIndexByte(path, '.'); i >= 0 && i+1 < len(path) {
		return path[i+1:]
	}
	return path
}

// saysIncoming tells whether a yes in the field means that the customer wrote the message.
func saysIncoming(path string) bool {
	name := " " + fold(splitCamel(lastPart(path))) + " "
	for _, w := range []string{
		"incoming", "inbound", "customer", "requester", "client", "received", "eingehend", "kunde", "kunden", "entrant", "entrante", "cliente", "inkomend", "klant",
	} {
		if strings.Contains(name, " "+w+" ") {
			return true
		}
	}
	return false
}

// splitCamel parts isIncoming into words.
func splitCamel(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
