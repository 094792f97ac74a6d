package gorgias_test

import (
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer/files"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/mapping"
)

// TestManyImages: the first images of a text become files, and it is told of the others, which stay as they are.
func TestManyImages(t *testing.T) {
	const more = 3
	old := newOldSystem(t)
	srv, c := open(t, sandbox.Options{})
	ctx := t.Context()
	if err := c.LoadPeople(ctx, gorgias.Wanted{}); err != nil {
		t.Fatal(err)
	}
	keep(t, c, filepath.Join(t.TempDir(), "files"), old)
	w := conversation(t, "zendesk:many", "ada@example.com", 1)
	var body strings.Builder
	for i := range files.MaxImages + more { // of few contents, since each takes a request
		pixel := base64.StdEncoding.EncodeToString([]byte(fmt.Sprint("pixel ", i%9)))
		fmt.Fprintf(&body, `<img src="x%d"><img src="data:image/png;base64,%s%s">`, i, pixel, strings.Repeat("%0A", i/9))
	}
	m := &w.Ticket.Messages[0]
	m.BodyHTML = body.String() + body.String() // shown twice, and counted once
	m.StrippedHTML = body.String()
	id, err := bring(ctx, c, w, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(srv.Tickets()[0].Messages[0].BodyHTML, "data:image"); n != 2*more {
		t.Errorf("%d images stay in the text, want %d", n, 2*more)
	}
	if l := lossOf(c, gorgias.LossImages); l.Value != "3 images" || l.Count != 1 {
		t.Errorf("told %+v", l)
	}
	w.Files = nil
	if cmp, err := c.Compare(ctx, id, w); err != nil || len(cmp.Differences) > 0 || cmp.Losses == 0 {
		t.Errorf("compared: %v, %+v", err, cmp)
	}
}

// TestLongAddresses: a link that is longer than the account takes is a line of text and a loss; meta keeps it.
func TestLongAddresses(t *testing.T) {
	srv, c := open(t, sandbox.Options{})
	ctx := t.Context()
	if err := c.LoadPeople(ctx, gorgias.Wanted{}); err != nil {
		t.Fatal(err)
	}
	long := "https://files.acme.test/" + strings.Repeat("a", 4096)
	w := conversation(t, "zendesk:long", "ada@example.com", 1)
	w.Ticket.Messages[0].Attachments = []mapping.Attachment{{URL: long[:4096], Name: "fits.pdf"}, {URL: long, Name: "long.pdf"}, {Data: "aGk=", Name: "in.txt"}}
	if _, err := bring(ctx, c, w, 1); err != nil {
		t.Fatal(err)
	}
	held := srv.Tickets()[0].Messages[0]
	if len(held.Attachments) != 2 || held.Attachments[0].URL != long[:4096] || !strings.Contains(held.BodyText, "[Attachment not available: long.pdf (its address was not valid)]") {
		t.Errorf("%+v", held)
	}
	if l := lossOf(c, string(files.BadURL)); l.Value != "long.pdf" || l.Count != 1 {
		t.Errorf("told %+v", l)
	}
	sent, _, err := gorgias.Encoder{}.Message(w, 0)
	if err != nil || len(sent.Meta.Deskferry.Fields) != 1 || sent.Meta.Deskferry.Fields[0].Value != long {
		t.Errorf("meta %+v, %v", sent.Meta, err)
	}
}

// lossOf is what c counted of a code.
func lossOf(c *gorgias.Client, code string) gorgias.LossCount {
	for _, l := range c.Losses.All() {
		if l.Code == code {
			return l
		}
	}
	return gorgias.LossCount{}
}
