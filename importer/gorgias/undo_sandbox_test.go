package gorgias_test

import (
	"testing"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/sandbox"
)

func TestUndoRequests(t *testing.T) {
	srv, c := open(t, sandbox.Options{})
	ctx := t.Context()
	if err := c.LoadPeople(ctx, gorgias.Wanted{}); err != nil {
		t.Fatal(err)
	}
	var ids []importer.TicketID
	for _, key := range []string{"a:1", "a:2", "a:3"} {
		id, err := bring(ctx, c, conversation(t, key, "ada@example.com", 3), 3)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := c.Delete(ctx, ids[0]); err == nil {
		t.Fatal("a client that is not for undo has deleted a ticket")
	}
	url := c.String()
	u, err := gorgias.New(gorgias.Settings{Base: url[len("gorgias account "):], User: "import@acme.test", Key: gorgias.NewSecret("k"), Undo: true})
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	found, err := u.Survey(ctx, append([]importer.TicketID{999}, ids...))
	if err != nil || len(found) != 3 || found[0].Messages != 3 || found[0].UpdatedDatetime.IsZero() {
		t.Fatalf("survey: %+v, %v", found, err)
	}
	for range 2 { // done twice is done once
		if err := u.Delete(ctx, ids[0]); err != nil {
			t.Fatal(err)
		}
		st, err := c.Read(ctx, ids[1])
		if err != nil {
			t.Fatal(err)
		}
		if err := u.DeleteMessage(ctx, ids[1], st.Messages[len(st.Messages)-1].ID); err != nil {
			t.Fatal(err)
		}
		if err := u.Trash(ctx, ids[2]); err != nil {
			t.Fatal(err)
		}
	}
	if st, err := c.Read(ctx, ids[2]); err != nil || !st.Trashed {
		t.Errorf("trashed: %+v, %v", st, err)
	}
	if st, err := c.Read(ctx, ids[1]); err != nil || len(st.Messages) != 1 {
		t.Errorf("after two messages were deleted: %+v, %v", st, err)
	}
	if n := len(srv.Tickets()); n != 2 {
		t.Errorf("%d tickets are left, want 2", n)
	}
}
