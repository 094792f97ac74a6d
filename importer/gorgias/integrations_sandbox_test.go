package gorgias_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/mapping"
)

// mailShop has more integrations than one page holds.
func mailShop() sandbox.Account {
	a := sandbox.DefaultAccount()
	a.Integrations = nil
	for i := range 150 {
		a.Integrations = append(a.Integrations, sandbox.Integration{ID: int64(1000 + i), Type: "http", Name: fmt.Sprint("Hook ", i), Address: fmt.Sprintf("hook%d@acme.test", i)})
	}
	a.Integrations = append(a.Integrations,
		sandbox.Integration{ID: 2001, Type: "gmail", Name: "Acme", Address: "Support@Acme.test"},
		sandbox.Integration{ID: 2002, Type: "email", Name: "Old", Address: "old@acme.test", Inactive: true},
		sandbox.Integration{ID: 2003, Type: "outlook", Name: "Sales", Address: "sales@acme.test"},
		sandbox.Integration{ID: 2004, Type: "phone", Name: "Phone"})
	a.CustomFields = append(a.CustomFields,
		sandbox.CustomField{ID: 61, Label: "Reason", Choices: []string{"Delivery::Late", "Delivery::Lost"}},
		sandbox.CustomField{ID: 62, Label: "Seats", DataType: "number"},
		sandbox.CustomField{ID: 63, Label: "VIP", DataType: "boolean"},
		sandbox.CustomField{ID: 64, Label: "Retired", Inactive: true})
	return a
}

// TestSandboxIntegrations: one listing for a run, whatever the number of tickets; the ids arrive, and verify finds all as sent.
func TestSandboxIntegrations(t *testing.T) {
	srv, c := open(t, sandbox.Options{Account: mailShop()})
	c.Encoder.Mailboxes = map[string]string{"help@old.test": "sales@acme.test"}
	c.Encoder.Tags = []string{"from the old desk"}
	ctx := t.Context()
	want := gorgias.Wanted{Integrations: true, CustomFields: true, Teams: true}
	if err := c.LoadPeople(ctx, want); err != nil {
		t.Fatal(err)
	}
	var ids []importer.TicketID
	var all []*importer.Work
	for k, support := range []string{"SUPPORT@acme.test", "help@old.test", "old@acme.test", "hook7@acme.test"} {
		w := conversation(t, fmt.Sprint("desk:", k), "ada@example.com", 4)
		tk := &w.Ticket
		tk.ExternalID, tk.SourceURL = fmt.Sprint(k), "https://old.example/tickets/7"
		tk.CustomFields = []mapping.CustomField{{Field: "reason", Value: "delivery::late"}, {Field: "Seats", Value: "7.50"}, {Field: "63", Value: "yes"}, {Field: "Retired", Value: "x"}}
		tk.TrashedDatetime, tk.Spam = tk.ClosedDatetime, true
		for i := range tk.Messages {
			m := &tk.Messages[i]
			m.ExternalID, m.IntegrationID, m.InReplyTo, m.References = fmt.Sprint("c", i), 0, "<0@x>", "<0@x> <00@x>"
			switch {
			case !m.Public:
			case m.FromAgent:
				m.From, m.Bcc = mapping.Address{Address: support}, []mapping.Address{{Address: "boss@acme.test"}}
			default:
				m.To, m.Cc = []mapping.Address{{Address: support}}, []mapping.Address{{Name: "Eve", Address: "eve@example.com"}}
			}
		}
		id, err := bring(ctx, c, w, 3)
		if err != nil {
			t.Fatal(err)
		}
		ids, all = append(ids, id), append(all, w)
	}
	if n := srv.Stats().Endpoints["GET /api/integrations"]; n != 2 {
		t.Errorf("%d requests for integrations, want the two pages", n)
	}
	for k, integration := range []int64{2001, 2003, 0, 0} {
		kept := srv.Tickets()[slices.IndexFunc(srv.Tickets(), func(t *sandbox.Ticket) bool { return t.ID == int64(ids[k]) })]
		for i, m := range kept.Messages {
			if want := integration; m.Note() && m.IntegrationID != 0 || !m.Note() && m.IntegrationID != want {
				t.Errorf("ticket %d, message %d: integration %d, want %d", k, i, m.IntegrationID, want)
			}
		}
		if !slices.Contains(kept.Tags, "from the old desk") || !strings.Contains(string(kept.Meta), `"source":"desk"`) || !strings.Contains(string(kept.Meta), "tickets/7") ||
			len(kept.CustomFields) != 3 || kept.TrashedDatetime.IsZero() || !kept.Spam {
			t.Errorf("ticket %+v", kept)
		}
	}
	if srv.Stats().Outbox != 0 {
		t.Error("something would have been mailed")
	}
	told := map[string]int64{}
	for _, l := range c.Losses.All() {
		if l.Code == gorgias.LossIntegration {
			told[l.Value] = l.Count
		}
	}
	if len(told) != 2 || told["old@acme.test"] != 3 || told["hook7@acme.test"] != 3 {
		t.Errorf("losses %v", told)
	}
	for k, id := range ids {
		got, err := c.Compare(ctx, id, all[k])
		if err != nil || len(got.Differences) > 0 {
			t.Errorf("ticket %d: %+v, %v", k, got.Differences, err)
		}
	}
}

// TestSandboxVerifyFields changes one thing after the other in the store, and each is named.
func TestSandboxVerifyFields(t *testing.T) {
	srv, c := open(t, sandbox.Options{Account: mailShop()})
	ctx := t.Context()
	if err := c.LoadPeople(ctx, gorgias.Wanted{Integrations: true, CustomFields: true, Teams: true}); err != nil {
		t.Fatal(err)
	}
	w := conversation(t, "desk:1", "ada@example.com", 3)
	w.Ticket.CustomFields = []mapping.CustomField{{Field: "Reason", Value: "Delivery::Late"}, {Field: "Seats", Value: "7.50"}}
	w.Ticket.TrashedDatetime, w.Ticket.Spam = w.Ticket.ClosedDatetime, true
	for i := range w.Ticket.Messages {
		m := &w.Ticket.Messages[i]
		if m.IntegrationID = 0; m.Public {
			m.ExternalID, m.StrippedText, m.Bcc = "c1", "stripped", []mapping.Address{{Address: "Boss@acme.test"}}
			m.Cc = []mapping.Address{{Address: "eve@example.com"}}
		}
	}
	id, err := bring(ctx, c, w, 3)
	if err != nil {
		t.Fatal(err)
	}
	swap := func(to *[]byte, from, with string) {
		if !strings.Contains(string(*to), from) {
			t.Errorf("%s not in %s", from, *to)
		}
		*to = []byte(strings.Replace(string(*to), from, with, 1))
	}
	for field, change := range map[string]func(*sandbox.Ticket){
		"custom_fields":     func(t *sandbox.Ticket) { t.CustomFields = t.CustomFields[:1] },
		"trashed_datetime":  func(t *sandbox.Ticket) { t.TrashedDatetime = t.CreatedDatetime },
		"spam":              func(t *sandbox.Ticket) { t.Spam = false },
		"via":               func(t *sandbox.Ticket) { t.Via = "phone" },
		"language":          func(t *sandbox.Ticket) { t.Language = "de" },
		"assignee_team":     func(t *sandbox.Ticket) { t.AssigneeTeamID = 31 },
		"meta":              func(t *sandbox.Ticket) { swap((*[]byte)(&t.Meta), "rating", "other") },
		"message via":       func(t *sandbox.Ticket) { t.Messages[0].Via = "api" },
		"message_id":        func(t *sandbox.Ticket) { t.Messages[0].MessageID = "" },
		"headers":           func(t *sandbox.Ticket) { t.Messages[0].Headers = nil },
		"message meta":      func(t *sandbox.Ticket) { t.Messages[0].Meta = nil },
		"integration_id":    func(t *sandbox.Ticket) { t.Messages[0].IntegrationID = 2003 },
		"stripped_text":     func(t *sandbox.Ticket) { t.Messages[0].StrippedText = "" },
		"source.type":       func(t *sandbox.Ticket) { t.Messages[0].Source = nil },
		"source.from":       func(t *sandbox.Ticket) { swap((*[]byte)(&t.Messages[0].Source), "ada@", "eva@") },
		"source.to":         func(t *sandbox.Ticket) { swap((*[]byte)(&t.Messages[0].Source), "support@acme.test", "x@acme.test") },
		"source.cc":         func(t *sandbox.Ticket) { swap((*[]byte)(&t.Messages[0].Source), "eve@", "boss@") },
		"source.bcc":        func(t *sandbox.Ticket) { swap((*[]byte)(&t.Messages[1].Source), "Boss@acme.test", "other@acme.test") },
		"receiver":          func(t *sandbox.Ticket) { t.Messages[1].ReceiverID = 0 },
		"ticket from_agent": func(t *sandbox.Ticket) { t.FromAgent = true },
		"(touched) trashed": func(t *sandbox.Ticket) {
			t.TrashedDatetime, t.Messages = t.CreatedDatetime, append(slices.Clone(t.Messages), &sandbox.Message{ID: 1 << 40, TicketID: t.ID, Public: true, Channel: "email"})
		},
		"(folded) addresses": func(t *sandbox.Ticket) {
			swap((*[]byte)(&t.Messages[0].Source), "support@acme.test", "Support@ACME.test")
		},
	} {
		t.Run(field, func(t *testing.T) {
			var before sandbox.Ticket
			srv.Alter(int64(id), func(t *sandbox.Ticket) {
				before = *t
				t.Messages = nil
				for _, m := range before.Messages {
					own := *m
					t.Messages = append(t.Messages, &own)
				}
				t.Meta, t.CustomFields = slices.Clone(t.Meta), slices.Clone(t.CustomFields)
				change(t)
			})
			defer srv.Alter(int64(id), func(t *sandbox.Ticket) { *t = before })
			got, err := c.Compare(ctx, id, w)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(field, "(") {
				if len(got.Differences) > 0 {
					t.Errorf("%+v", got.Differences)
				}
				return
			}
			want := field[strings.LastIndexByte(field, ' ')+1:]
			if !slices.ContainsFunc(got.Differences, func(d importer.Difference) bool { return d.Field == want }) {
				t.Errorf("want %s, got %+v", want, got.Differences)
			}
		})
	}
	if got, err := c.Compare(ctx, id, w); err != nil || len(got.Differences) > 0 {
		t.Errorf("all mended, still %+v, %v", got.Differences, err)
	}
}

// A table that leads to no mailbox stops the run before anything is written, and says which there are.
func TestSandboxIntegrationTable(t *testing.T) {
	_, c := open(t, sandbox.Options{Account: mailShop()})
	for to, want := range map[string]string{"nobody@acme.test": "support@acme.test", "old@acme.test": "no mailbox in use", "hook1@acme.test": "no mailbox"} {
		c.Encoder.Mailboxes = map[string]string{"*": to}
		err := c.LoadPeople(t.Context(), gorgias.Wanted{Integrations: true})
		if err == nil || importer.FaultOf(err).Kind != importer.Stop || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", to, err)
		}
	}
}
