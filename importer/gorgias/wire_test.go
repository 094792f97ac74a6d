package gorgias

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/mapping"
)

// The wire types can encode nothing but what stands in them.
func TestWireTypesAreClosed(t *testing.T) {
	var visit func(typ reflect.Type, path string)
	seen := map[reflect.Type]bool{}
	sentTime := reflect.TypeFor[mapping.SentTime]()
	visit = func(typ reflect.Type, path string) {
		if typ == reflect.TypeFor[time.Time]() || typ == sentTime || seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.String, reflect.Bool, reflect.Int64, reflect.Uint8:
		case reflect.Slice:
			if typ.Elem().Kind() == reflect.Uint8 {
				t.Errorf("%s is raw bytes", path)
			}
			visit(typ.Elem(), path+"[]")
		case reflect.Struct:
			for i := range typ.NumField() {
				f := typ.Field(i)
				at := path + "." + f.Name
				tag := f.Tag.Get("json")
				if f.Anonymous {
					t.Errorf("%s is embedded", at)
				}
				holds := strings.HasPrefix(tag, "sent_datetime")
				if (f.Type == sentTime) != holds || holds && tag != "sent_datetime" {
					t.Errorf("%s has type %s and tag %q", at, f.Type, tag)
				}
				visit(f.Type, at)
			}
		default:
			t.Errorf("%s has kind %s", path, typ.Kind())
		}
	}
	visit(reflect.TypeFor[Ticket](), "Ticket")
	visit(reflect.TypeFor[Message](), "Message")
	visit(reflect.TypeFor[Update](), "Update")
	if f, _ := reflect.TypeFor[Message]().FieldByName("SentDatetime"); f.Type != sentTime {
		t.Errorf("Message.SentDatetime has type %s", f.Type)
	}
}

// One struct in the source tree has the tag sent_datetime. The sandbox is left out: it is the other side of the wire.
func TestOneStructHasSentDatetime(t *testing.T) {
	root := filepath.Join("..", "..")
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 || filepath.ToSlash(rel) == "importer/sandbox" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil // somebody else's broken file fails its own build
		}
		ast.Inspect(file, func(n ast.Node) bool {
			f, ok := n.(*ast.Field)
			if !ok || f.Tag == nil {
				return true
			}
			name, _, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json"), ",")
			if strings.EqualFold(strings.Trim(name, "'"), "sent_datetime") {
				found = append(found, filepath.ToSlash(rel)+" "+f.Tag.Value)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"importer/gorgias/wire.go `json:\"sent_datetime\"`"}
	if !slices.Equal(found, want) {
		t.Errorf("got %q, want %q", found, want)
	}
}

// The shapes of the wire rule name what the wire types can encode, no more and no less, but for the two names of
// the offline form.
func TestShapesAreTheWireTypes(t *testing.T) {
	s := newShapes()
	offline := map[string]bool{"Ticket.assignee_user.email": true, "Ticket.assignee_user.name": true, "Ticket.assignee_team.name": true, "Ticket.custom_fields.label": true}
	var compare func(typ reflect.Type, s *shape, path string)
	compare = func(typ reflect.Type, s *shape, path string) {
		if typ == reflect.TypeFor[Headers]() {
			if s.kind != kindHeaders {
				t.Errorf("%s is not of kind headers", path)
			}
			return
		}
		if typ.Kind() == reflect.Slice {
			compare(typ.Elem(), s.item, path)
			return
		}
		switch typ {
		case reflect.TypeFor[time.Time](), reflect.TypeFor[mapping.SentTime]():
			if s.kind != kindTime {
				t.Errorf("%s is not of kind time", path)
			}
			return
		case reflect.TypeFor[Scalar]():
			return
		}
		if typ.Kind() != reflect.Struct {
			return
		}
		names := map[string]bool{}
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			at := path + "." + name
			names[name] = true
			field, ok := s.fields[name]
			if ok == offline[at] {
				t.Errorf("%s: in the shape %t", at, ok)
			}
			if ok {
				compare(f.Type, field, at)
			}
		}
		for name := range s.fields {
			if !names[name] {
				t.Errorf("%s.%s: in the shape alone", path, name)
			}
		}
	}
	compare(reflect.TypeFor[Ticket](), s.ticket, "Ticket")
	compare(reflect.TypeFor[Message](), s.message, "Message")
	compare(reflect.TypeFor[Update](), s.update, "Update")
}

func TestUnsentMessageGivesNoBytes(t *testing.T) {
	m := Message{Channel: "email", BodyText: "hello"}
	if b, err := MarshalMessage(&m); err == nil || b != nil {
		t.Errorf("got %s, %v; want no bytes and an error", b, err)
	}
	ticket := Ticket{Messages: []Message{{SentDatetime: sentAt(t, "2020-01-01T00:00:00Z")}, m}}
	if b, err := MarshalTicket(&ticket); err == nil || b != nil {
		t.Errorf("got %s, %v; want no bytes and an error", b, err)
	}
	if b, err := MarshalMessageLine("1", &m); err == nil || b != nil {
		t.Errorf("got %s, %v; want no bytes and an error", b, err)
	}
}

func TestHeadersAndScalars(t *testing.T) {
	m := Message{
		SentDatetime: sentAt(t, "2020-01-01T00:00:00Z"),
		Headers:      Headers{{Name: "Received", Value: "a"}, {Name: "X", Value: "<\u2028>"}, {Name: "received", Value: "b"}},
	}
	b, err := MarshalMessage(&m)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"headers":{"Received":"a\nb","X":"<` + "\u2028" + `>"}`; !strings.Contains(string(b), want) {
		t.Errorf("got %s, want %s", b, want)
	}
	for in, ok := range map[string]bool{"1": true, "-1.5e3": true, " 7 ": true, "01": false, "1 2": false, "NaN": false, "": false, "{}": false, "\"1\"": false, "1e999": false} {
		if _, got := number(in); got != ok {
			t.Errorf("number(%q): got %t, want %t", in, got, ok)
		}
	}
	for in, ok := range map[string]bool{"true": true, "FALSE": true, "1": true, "yes": true, " No": true, "perhaps": false, "2": false, "": false} {
		if _, got := boolean(in); got != ok {
			t.Errorf("boolean(%q): got %t, want %t", in, got, ok)
		}
	}
}

func sentAt(t testing.TB, s string) mapping.SentTime {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := mapping.NewSentTime(at, time.Now().Add(48*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return sent
}
