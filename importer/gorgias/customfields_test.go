package gorgias

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/mapping"
)

// TestCustomFieldValues: what each kind of field takes, in the form it is sent; "" is a problem, and the value is kept.
func TestCustomFieldValues(t *testing.T) {
	people := &People{fields: []fieldDefinition{
		{named: named{1, "Text"}, dataType: "text"},
		{named: named{2, "Number"}, dataType: "number"},
		{named: named{3, "Truth"}, dataType: "boolean"},
		{named: named{4, "Choice"}, dataType: "text", choices: []string{"Late", "Lost", "lost ", "Broken::Frame", "Broken::Wheel::Front", "A: B"}},
		{named: named{5, "Number choice"}, dataType: "number", choices: []string{"1", "2.5"}},
		{named: named{6, "Truth choice"}, dataType: "boolean", choices: []string{"true", "false"}},
		{named: named{7, "Twice"}, dataType: "text"}, {named: named{8, "twice"}, dataType: "text"},
	}}
	for _, c := range []struct{ field, value, kind, want string }{
		{"Text", " any\nthing ", "string", `" any\nthing "`}, {"text", "7", "number", `"7"`}, {"1", "true", "bool", `"true"`},
		{"Number", "7", "string", "7"}, {"Number", " 12.50", "", "12.50"}, {"Number", "-0.5e3", "", "-0.5e3"},
		{"Number", "12,50", "", ""}, {"Number", "1 000", "", ""}, {"Number", "", "", ""}, {"Number", "1e999", "", ""}, {"Number", "0x10", "", ""}, {"Number", "007", "", ""},
		{"Truth", "yes", "", "true"}, {"Truth", "N", "", "false"}, {"Truth", "1", "number", "true"}, {"Truth", "on", "", ""}, {"Truth", "2", "", ""},
		{"Choice", "Late", "", `"Late"`}, {"Choice", "LATE ", "", `"Late"`}, {"Choice", "Lost", "", `"Lost"`}, {"Choice", "LOST", "", ""},
		{"Choice", "broken :: frame", "", `"Broken::Frame"`}, {"Choice", "Broken::Wheel::Front", "", `"Broken::Wheel::Front"`}, {"Choice", "a: b", "", `"A: B"`},
		{"Choice", "Frame", "", ""}, {"Choice", "Broken", "", ""}, {"Choice", "Broken:Frame", "", ""}, {"Choice", "", "", ""},
		{"Number choice", "1.0", "", "1"}, {"Number choice", "2.50", "", "2.5"}, {"Number choice", "3", "", ""},
		{"Truth choice", "Yes", "", "true"}, {"Truth choice", "maybe", "", ""},
		{"twice", "x", "", `"x"`}, {"TWICE", "x", "", ""}, {"Unknown", "x", "", ""},
	} {
		t.Run(c.field+"="+c.value, func(t *testing.T) {
			w := work(t, mapping.Message{Channel: "chat", Public: true, Author: ada})
			w.Ticket.CustomFields = []mapping.CustomField{{Field: c.field, Value: c.value, Type: c.kind}}
			got, losses, err := Encoder{People: people}.Ticket(w)
			if err != nil {
				t.Fatal(err)
			}
			b, err := MarshalTicket(&got)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := checkBody(b, newShapes().ticket, time.Now()); err != nil {
				t.Errorf("the wire rule refuses it: %v", err)
			}
			if c.want == "" {
				if len(got.CustomFields) > 0 || len(losses) != 1 || len(got.Meta.Deskferry.CustomFields) != 1 || losses[0].Hint == "" {
					t.Errorf("sent %s, losses %+v", b, losses)
				}
				return
			}
			if len(losses) > 0 || !strings.Contains(string(b), `"value":`+c.want+`}]`) {
				t.Errorf("got %s, losses %+v; want %s", b, losses, c.want)
			}
		})
	}
}

func TestCustomFieldHints(t *testing.T) {
	many := make([]string, 200)
	for i := range many {
		many[i] = fmt.Sprint("Choice number ", i)
	}
	people := &People{fields: []fieldDefinition{
		{named: named{1, "Reason"}, dataType: "text", choices: []string{"Late", "Lost"}},
		{named: named{2, "Long"}, dataType: "text", choices: many},
		{named: named{3, "Seats"}, dataType: "number"},
	}}
	w := work(t, mapping.Message{Channel: "chat", Public: true, Author: ada})
	w.Ticket.CustomFields = []mapping.CustomField{
		{Field: "Reason", Value: "late"}, {Field: "1", Value: "Late"}, {Field: "1", Value: "Lost"}, {Field: "Reason", Value: "Gone"},
		{Field: "Long", Value: "x"}, {Field: "Seats", Value: "many"},
	}
	got, losses, err := Encoder{People: people}.Ticket(w)
	if err != nil || len(got.CustomFields) != 1 || len(losses) != 4 || len(got.Meta.Deskferry.CustomFields) != 4 {
		t.Fatalf("%+v\n%+v, %v", got.CustomFields, losses, err)
	}
	for i, want := range []string{"another entry of the mapping", `"Reason" is a choice of Late, Lost;`, "Choice number 0, Choice number 1,", `"Seats" holds a number`} {
		if h := losses[i].Hint; !strings.Contains(h, want) || len(h) > 500 {
			t.Errorf("hint %q, want %q", h, want)
		}
	}
	if h := losses[2].Hint; !strings.Contains(h, " more;") {
		t.Errorf("a long list is not counted: %s", h)
	}
}

func TestMarkerTags(t *testing.T) {
	w := work(t, mapping.Message{Channel: "chat", Public: true, Author: ada})
	w.Ticket.Tags = []string{"vip", "imported"}
	for _, e := range []Encoder{{People: account(), Tags: []string{"imported", "from zendesk"}}, {Tags: []string{"imported", "from zendesk"}}} {
		got, _, err := e.Ticket(w)
		if err != nil || fmt.Sprint(got.Tags) != "[{vip} {imported} {from zendesk}]" {
			t.Errorf("%v, %v", got.Tags, err)
		}
	}
	if len(w.Ticket.Tags) != 2 {
		t.Errorf("the plan's own list was written to: %v", w.Ticket.Tags)
	}
}
