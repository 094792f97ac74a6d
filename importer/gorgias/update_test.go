package gorgias_test

import (
	"slices"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/sandbox"
)

// What a create carries of a ticket's fields is read back as sent, and an update changes what it names and nothing else.
func TestUpdate(t *testing.T) {
	srv, c := open(t, sandbox.Options{})
	ctx := t.Context()
	if err := c.LoadPeople(ctx, gorgias.Wanted{Customers: slices.Values([]string{"ada@example.com"}), Teams: true}); err != nil {
		t.Fatal(err)
	}
	c.Encoder.Tags = []string{"from the old desk"}
	w := conversation(t, "zendesk:7", "ada@example.com", 2)
	id, err := bring(ctx, c, w, 2)
	if err != nil {
		t.Fatal(err)
	}
	before, err := c.Read(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	sent := c.Sent(importer.FieldsOf(&w.Ticket))
	if before.User.ID == 0 || before.User.ID != sent.UserID || before.User.Name != "mia@acme.test" || before.Team.ID == 0 || before.Team.ID != sent.TeamID {
		t.Errorf("sent %+v, read %+v", sent, before)
	}
	if want := []string{"from the old desk", "imported", "vip"}; !slices.Equal(slices.Sorted(slices.Values(before.Tags)), want) {
		t.Errorf("tags %q, want %q", before.Tags, want)
	}
	update := func(change importer.Change) importer.Stored {
		t.Helper()
		if err := c.Pacer().Wait(ctx); err != nil {
			t.Fatal(err)
		}
		req, err := c.Update(id, &change)
		if err != nil {
			t.Fatal(err)
		}
		st, err := req.Send(ctx)
		if err != nil {
			t.Fatal(err)
		}
		read, err := c.Read(ctx, id)
		if err != nil || st.Status != read.Status || !st.UpdatedDatetime.Equal(read.UpdatedDatetime) || len(read.Messages) != 2 {
			t.Fatalf("answered %+v, read %+v, %v", st, read, err)
		}
		return read
	}
	st := update(importer.Change{Status: true, Fields: importer.Fields{Status: "open", Closed: time.Now(), Tags: []string{"not asked for"}}})
	if st.Status != "open" || !slices.Equal(st.Tags, before.Tags) || st.User != before.User || st.UpdatedDatetime.Before(before.UpdatedDatetime) {
		t.Errorf("opened: %+v", st)
	}
	st = update(importer.Change{Tags: true, User: true, Team: true, Fields: importer.Fields{Tags: []string{"b", "a"}, Markers: []string{"m", "a"}, UserID: before.User.ID, TeamID: before.Team.ID}})
	if !slices.Equal(st.Tags, []string{"b", "a", "m"}) || st.Status != "open" || st.User != before.User || st.Team != before.Team {
		t.Errorf("tagged: %+v", st)
	}
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	st = update(importer.Change{Tags: true, Status: true, Fields: importer.Fields{Status: "closed", Closed: at}})
	if len(st.Tags) != 0 || st.Status != "closed" {
		t.Errorf("closed: %+v", st)
	}
	if mail := srv.Outbox(); len(mail) != 0 {
		t.Errorf("outbox %v", mail)
	}
	if s := c.Stats(); s.Sendable() != 0 || s.ByKind["PUT tickets/{id}"] != 3 {
		t.Errorf("counted %+v", s)
	}
	// A ticket that is gone, and fields that the account does not have.
	req, err := c.Update(id+1000, &importer.Change{Status: true, Fields: importer.Fields{Status: "open"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := req.Send(ctx); importer.FaultOf(err).Kind != importer.Gone {
		t.Errorf("a ticket that is not there: %v", err)
	}
	if _, err := c.Update(id, &importer.Change{Status: true, Fields: importer.Fields{Status: "snoozed"}}); importer.FaultOf(err).Kind != importer.Refused {
		t.Errorf("an odd status: %v", err)
	}
}
