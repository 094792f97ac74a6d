package gorgias_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/files"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/mapping"
)

// oldSystem serves files and counts what was asked.
type oldSystem struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int
}

func newOldSystem(t *testing.T) *oldSystem {
	o := &oldSystem{asked: map[string]int{}}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asked[r.URL.Path]++
		o.mu.Unlock()
		switch {
		case strings.HasPrefix(r.URL.Path, "/gone"):
			w.WriteHeader(404)
		case strings.HasPrefix(r.URL.Path, "/login"):
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<!doctype html><html><title>Sign in</title>")
		case strings.HasPrefix(r.URL.Path, "/logo"):
			io.WriteString(w, "the logo")
		default:
			io.WriteString(w, "file "+r.URL.Path)
		}
	}))
	t.Cleanup(o.Close)
	return o
}

// keep gives a client a keeper over dir that may ask the old system.
func keep(t *testing.T, c *gorgias.Client, dir string, o *oldSystem) {
	t.Helper()
	store, err := files.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	allow, err := files.ParseAllow([]string{o.Listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	fetcher := files.NewFetcher(files.Settings{Allow: allow, Wait: time.Millisecond})
	t.Cleanup(fetcher.Close)
	c.Attachments.Keeper, c.Attachments.Fetch = &files.Keeper{Store: store, Fetcher: fetcher}, true
}

// TestFilesArrive: files are fetched once for each URL and uploaded once for each content; the text leads to the account's own;
// what cannot be had is a line of text and a loss; and what was sent is what Compare expects.
func TestFilesArrive(t *testing.T) {
	old := newOldSystem(t)
	srv, c := open(t, sandbox.Options{Unknowns: sandbox.Unknowns{SizeAsString: true}})
	ctx := t.Context()
	if err := c.LoadPeople(ctx, gorgias.Wanted{}); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "files")
	keep(t, c, dir, old)
	host := old.Listener.Addr().String()
	host = host[:strings.LastIndex(host, ":")]
	c.Attachments.Hosts = []string{host}
	inData := base64.StdEncoding.EncodeToString([]byte("in the export"))
	var works []*importer.Work
	for i := range 3 {
		w := conversation(t, fmt.Sprint("zendesk:", i), "ada@example.com", 4)
		m := &w.Ticket.Messages[0]
		m.Attachments = []mapping.Attachment{
			{URL: old.URL + "/logo.png?ticket=" + fmt.Sprint(i), Name: "logo.png", ContentID: "<logo@acme.test>", Size: 3},
			{URL: old.URL + "/a b.txt", Name: "../a b.txt", ContentType: "text/csv"},
			{URL: old.URL + "/gone.pdf", Name: "ge<g>one.pdf"},
			{Data: inData, Name: "d.txt"},
		}
		m.BodyHTML = `<p>See <img src="cid:logo@acme.test"> and <a href="` + old.URL + `/a%20b.txt">this</a> <img src="cid:a%20b.txt@x"> <img src="cid:nothing">` +
			`<img src="data:image/png;base64,` + base64.StdEncoding.EncodeToString([]byte("pixel")) + `"><img src="` + old.URL + `/inline.png"><img src="https://cdn.example.com/x.png">`
		m.BodyText = "See this"
		m.StrippedHTML = `<img src="cid:logo@acme.test">`
		note := &w.Ticket.Messages[2]
		note.Attachments = []mapping.Attachment{{URL: old.URL + "/login/x.jpg", Name: "x.jpg"}}
		works = append(works, w)
	}
	var ids []importer.TicketID
	var sums [][32]byte
	for i, w := range works {
		if i == 1 { // as a second run would
			if err := c.Attachments.Keeper.Store.Close(); err != nil {
				t.Fatal(err)
			}
			keep(t, c, dir, old)
		}
		id, err := bring(ctx, c, w, 3)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		req, err := c.Create(w, 3)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, req.Sum)
	}
	// The logo of each ticket, a b.txt, gone, login twice (the second run asks again), inline.
	if got := fmt.Sprint(old.asked); got != "map[/a b.txt:1 /gone.pdf:1 /inline.png:1 /login/x.jpg:2 /logo.png:3]" {
		t.Errorf("asked %s", got)
	}
	stats := srv.Stats()
	if stats.Uploads != 5 || stats.Endpoints["POST /api/upload"] != 5 || stats.Outbox != 0 || stats.Endpoints["POST /api/tickets"] != 3 {
		t.Errorf("the account saw %+v", stats)
	}
	held := srv.Tickets()[1].Messages
	var got []string
	for _, a := range held[0].Attachments {
		if !strings.HasPrefix(a.URL, "https://uploads.sandbox.invalid/") {
			t.Errorf("leads to %s", a.URL)
		}
		got = append(got, fmt.Sprintf("%s %s %d", a.Name, a.ContentType, a.Size))
	}
	if want := []string{"logo.png text/plain 8", "a b.txt text/csv 13", "d.txt text/plain 13"}; !slices.Equal(got, want) {
		t.Errorf("attachments %q, want %q", got, want)
	}
	body := held[0].BodyHTML
	logo, ab := held[0].Attachments[0].URL, held[0].Attachments[1].URL
	for _, want := range []string{`See <img src="` + logo + `">`, `<a href="` + ab + `">this</a>`, `<img src="` + ab + `">`, `<img src="cid:nothing">`, `<img src="https://cdn.example.com/x.png">`,
		`<p>[Attachment not available: ge&lt;g&gt;one.pdf (the old system no longer had it)]</p>`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if strings.Contains(body, "data:") || strings.Contains(body, old.URL) || held[0].StrippedHTML != `<img src="`+logo+`">` {
		t.Errorf("still leads elsewhere: %s\n%s", body, held[0].StrippedHTML)
	}
	if want := "See this\n\n[Attachment not available: ge<g>one.pdf (the old system no longer had it)]"; held[0].BodyText != want {
		t.Errorf("text %q", held[0].BodyText)
	}
	if n := held[2]; len(n.Attachments) != 0 || !strings.Contains(n.BodyText, "psst\n\n[Attachment not available: x.jpg (the old system answered with a web page instead of it)]") {
		t.Errorf("note %+v", n)
	}
	losses := map[string]int64{}
	for _, l := range c.Losses.All() {
		losses[l.Code] += l.Count
	}
	if losses["file.gone"] != 3 || losses["file.login_page"] != 3 || losses[gorgias.LossImage] != 3 {
		t.Errorf("losses %v", losses)
	}
	for i, w := range works {
		fresh := *w
		fresh.Files = nil
		cmp, err := c.Compare(ctx, ids[i], &fresh)
		if err != nil || len(cmp.Differences) > 0 || cmp.Losses == 0 {
			t.Errorf("compared: %v, %+v", err, cmp)
		}
	}
	// The payload's sum says what the source says, whatever became of the files.
	again := *works[1]
	again.Files = nil
	c.Attachments.Keeper.Gone = true
	if err := c.Prepare(ctx, &again, 0, 3); err != nil {
		t.Fatal(err)
	}
	again.Files[0].Attachments[2] = importer.File{URL: "https://uploads.sandbox.invalid/now/x"}
	if req, err := c.Create(&again, 3); err != nil || req.Sum != sums[1] {
		t.Errorf("another sum: %v", err)
	}
}

// TestRequiredFiles: a missing file holds the ticket, and nothing is written.
func TestRequiredFiles(t *testing.T) {
	old := newOldSystem(t)
	srv, c := open(t, sandbox.Options{})
	keep(t, c, filepath.Join(t.TempDir(), "files"), old)
	c.Attachments.Require = true
	w := conversation(t, "zendesk:1", "ada@example.com", 2)
	w.Ticket.Messages[1].Attachments = []mapping.Attachment{{URL: old.URL + "/good", Name: "a"}, {URL: old.URL + "/gone", Name: "b.pdf"}, {URL: "http://10.0.0.1/x", Name: "c"}}
	err := c.Prepare(t.Context(), w, 0, 2)
	hold, ok := err.(*importer.Hold)
	if !ok || hold.Reason != importer.ReasonFiles || !strings.Contains(hold.Note, "2 of its files cannot be had: b.pdf (the old system no longer had it") || !strings.Contains(hold.Note, "10.0.0.1") {
		t.Errorf("got %v", err)
	}
	if srv.Stats().Tickets != 0 {
		t.Error("a ticket was made")
	}
}

// TestUploadRefused: what the account does not take is missing; an outage is waited out.
func TestUploadRefused(t *testing.T) {
	for name, c := range map[string]struct {
		faults string
		want   string
	}{
		"too large": {"413 on POST /api/upload", "file.too_large"},
		"refused":   {"400 on POST /api/upload", "file.refused"},
		"an outage": {"503-before:2x on POST /api/upload", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := sandbox.ParseFaults(c.faults)
			if err != nil {
				t.Fatal(err)
			}
			_, client := open(t, sandbox.Options{Faults: f}, func(s *gorgias.Settings) { s.Patience = time.Minute })
			w := conversation(t, "zendesk:1", "ada@example.com", 1)
			w.Ticket.Messages[0].Attachments = []mapping.Attachment{{Data: "aGk=", Name: "a"}, {Data: "!", Name: "b"}}
			if err := client.Prepare(t.Context(), w, 0, 1); err != nil {
				t.Fatal(err)
			}
			if got := w.Files[0].Attachments; got[0].Missing != c.want || got[1].Missing != "file.data" {
				t.Errorf("got %+v", got)
			}
		})
	}
}
