package main

import (
	"bytes"
	"context"
	"encoding/json"
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

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/sandbox"
)

// fileHost is an old system's server of files. What a path begins with says how it answers.
type fileHost struct {
	*httptest.Server
	mu     sync.Mutex
	asked  map[string]int
	healed bool // what was gone or broken is there
}

func newFileHost() *fileHost {
	h := &fileHost{asked: map[string]int{}}
	h.Server = httptest.NewServer(h)
	return h
}

// heal brings back what was gone or broken.
func (h *fileHost) heal() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.healed = true
}

// requests is how often paths that begin so were asked for.
func (h *fileHost) requests(prefix string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for path, asked := range h.asked {
		if strings.HasPrefix(path, prefix) {
			n += asked
		}
	}
	return n
}

func (h *fileHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.asked[r.URL.Path]++
	healed := h.healed
	h.mu.Unlock()
	is := func(prefix string) bool { return strings.HasPrefix(r.URL.Path, prefix) }
	switch {
	case is("/gone") && !healed:
		w.WriteHeader(http.StatusNotFound)
	case is("/denied") && r.Header.Get("X-Api-Key") != "f1le-key":
		w.WriteHeader(http.StatusForbidden)
	case is("/broken") && !healed:
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "cut")
	case is("/empty"):
	case is("/login"):
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!doctype html><html><title>Sign in</title>")
	case is("/huge"):
		w.Header().Set("Content-Length", fmt.Sprint(3<<30))
	case is("/private"):
		http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
	case is("/hang") && !healed:
		<-r.Context().Done()
	case is("/slow"):
		time.Sleep(300 * time.Millisecond)
		io.WriteString(w, "slow "+r.URL.Path)
	case is("/same"):
		io.WriteString(w, "the same in every ticket")
	default:
		io.WriteString(w, "file "+r.URL.Path)
	}
}

// startFileHost serves files at $FILES_URL ($FILES_HOST is host and port) until the script ends; "filehost heal" brings back what
// was gone; "filehost asked PREFIX N" holds how often such files were asked for.
func startFileHost(ts *testscript.TestScript, _ bool, args []string) {
	switch {
	case len(args) == 0:
		h := newFileHost()
		ts.Defer(h.Close)
		ts.Setenv("FILES_URL", h.URL)
		ts.Setenv("FILES_HOST", strings.TrimPrefix(h.URL, "http://"))
		ts.Value(fileHostKey{}).(*filesServed).last = h
	case args[0] == "heal":
		ts.Value(fileHostKey{}).(*filesServed).last.heal()
	case args[0] == "asked" && len(args) == 3:
		if got := ts.Value(fileHostKey{}).(*filesServed).last.requests(args[1]); fmt.Sprint(got) != args[2] {
			ts.Fatalf("%s was asked for %d times, want %s", args[1], got, args[2])
		}
	default:
		ts.Fatalf("filehost [heal | asked PREFIX N]")
	}
}

type (
	fileHostKey struct{}
	filesServed struct{ last *fileHost }
)

const filesMapping = `version: 1
source: { name: old }
tickets:
  ticket: { external_id: ticket, subject: subject, customer: { email: customer } }
messages:
  message:
    external_id: id
    author: customer
    channel: { const: email }
    body_html: body
    sent_datetime: { const: 2020-01-01T00:00:00Z }
    attachments: { each: files, url: url, name: name, content_type: type, content_id: cid }
`

// fileExport writes tickets, each with one message that has these files.
func fileExport(t *testing.T, r *rig, tickets [][]map[string]string) []string {
	t.Helper()
	var b strings.Builder
	for i, list := range tickets {
		row := map[string]any{"ticket": fmt.Sprint("t", i), "id": fmt.Sprint("m", i), "subject": "Subject", "customer": fmt.Sprintf("c%d@example.com", i%3),
			"body": `<p>Body <img src="cid:logo"></p>`, "files": list}
		line, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	export, file := filepath.Join(r.dir, "export.ndjson"), filepath.Join(r.dir, "m.yaml")
	write(t, export, b.String())
	write(t, file, filesMapping)
	return []string{"--from", export, "--mapping", file}
}

// TestFileRequests counts: one request a ticket, one for each content the account does not have yet, nothing for one it has; and
// one question to the old system for each address, over runs.
func TestFileRequests(t *testing.T) {
	r := newRig(t, "")
	t.Setenv("DESKFERRY_FILES", "fetch")
	h := newFileHost()
	defer h.Close()
	var tickets [][]map[string]string
	for i := range 20 {
		list := []map[string]string{{"url": fmt.Sprint(h.URL, "/same/", i), "name": "logo.png", "cid": "logo"}}
		if i%2 == 0 {
			list = append(list, map[string]string{"url": fmt.Sprint(h.URL, "/own/", i), "name": "own.txt"})
		}
		if i%10 == 0 {
			list = append(list, map[string]string{"url": h.URL + "/gone/x", "name": "gone.pdf"})
		}
		tickets = append(tickets, list)
	}
	export := append(fileExport(t, r, tickets), "--allow-private-files", strings.TrimPrefix(h.URL, "http://"))
	first, code := r.run(r.command("import", append(export, "--limit", "10")...))
	if code != exitDone || first.Tickets.Imported != 10 {
		t.Fatalf("exit %d, %+v, %+v", code, first.Tickets, first.Problems)
	}
	s, code := r.run(r.command("import", export...))
	if code != exitDone || s.Tickets.Imported != 10 || s.Tickets.Present != 10 {
		t.Fatalf("exit %d, %+v, %+v", code, s.Tickets, s.Problems)
	}
	stats := r.account.Stats()
	if stats.Endpoints["POST /api/tickets"] != 20 || stats.Endpoints["POST /api/upload"] != 1+10 || stats.Writes != 31 || stats.Outbox != 0 {
		t.Errorf("the account saw %v", stats.Endpoints)
	}
	if n := h.requests("/"); n != 20+10+1 {
		t.Errorf("%d questions to the old system: %v", n, h.asked)
	}
	if i := slices.IndexFunc(s.Problems, func(p importer.ProblemSum) bool { return p.Code == "file.gone" }); i < 0 || s.Problems[i].Count != 1 || s.Problems[i].Hint == "" {
		t.Errorf("what is gone is no warning: %+v", s.Problems)
	}
	for _, ticket := range r.account.Tickets() {
		for _, m := range ticket.Messages {
			if !strings.Contains(m.BodyHTML, `<img src="https://uploads.sandbox.invalid/`) || strings.Contains(m.BodyHTML, "cid:") {
				t.Errorf("ticket %s: %s", ticket.ExternalID, m.BodyHTML)
			}
		}
	}
	verifyArgs := export[:4]
	if v, code := r.verified(verifyArgs...); code != exitDone || len(v.Differences) > 0 || v.Tickets.Same != 20 {
		t.Errorf("verify: exit %d, %+v\n%+v", code, v.Tickets, v.Differences)
	}
	r.account.Alter(r.ticketWith(func(t *sandbox.Ticket) bool { return true }), func(t *sandbox.Ticket) { t.Messages[0].Attachments[0].URL = "https://old.acme.test/x" })
	if v, code := r.verified(verifyArgs...); code != exitIncomplete || len(v.Differences) != 1 || v.Differences[0].Code != importer.DiffFile {
		t.Errorf("a file on a dead link: exit %d, %+v", code, v.Differences)
	}
}

// TestRequireFiles: a ticket with a missing file waits, and goes when it is there.
func TestRequireFiles(t *testing.T) {
	r := newRig(t, "")
	t.Setenv("DESKFERRY_FILES", "require")
	h := newFileHost()
	defer h.Close()
	export := fileExport(t, r, [][]map[string]string{
		{{"url": h.URL + "/good", "name": "good.txt"}}, {{"url": h.URL + "/gone/1", "name": "one.pdf"}}, {{"url": h.URL + "/broken/2", "name": "two.pdf"}},
	})
	allow := []string{"--allow-private-files", strings.TrimPrefix(h.URL, "http://")}
	s, code := r.run(r.command("import", append(export, allow...)...))
	if code != exitIncomplete || s.Tickets.Imported != 1 || s.Tickets.Held != 2 {
		t.Fatalf("exit %d, %+v", code, s.Tickets)
	}
	if i := slices.IndexFunc(s.Problems, func(p importer.ProblemSum) bool { return p.Code == "ticket.held.files" }); i < 0 || !strings.Contains(fmt.Sprint(s.Problems[i]), "one.pdf") {
		t.Errorf("%+v", s.Problems)
	}
	h.heal()
	asked := h.requests("/gone")
	if s, code = r.run(r.command("import", append(export, allow...)...)); code != exitIncomplete || s.Tickets.Imported != 1 || s.Tickets.Held != 1 || h.requests("/gone") != asked {
		t.Errorf("the next run: exit %d, %+v; what was gone was asked for %d times more", code, s.Tickets, h.requests("/gone")-asked)
	}
	if s, code = r.run(r.command("retry", append(allow, "--held", "files")...)); code != exitDone || s.Tickets.Imported != 1 {
		t.Errorf("retry: exit %d, %+v", code, s.Tickets)
	}
	if stats := r.account.Stats(); stats.Tickets != 3 || stats.Endpoints["POST /api/tickets"] != 3 {
		t.Errorf("the account saw %v", stats.Endpoints)
	}
}

// TestLateFiles: what could not be had comes later as a note in its ticket, once.
func TestLateFiles(t *testing.T) {
	r := newRig(t, "")
	t.Setenv("DESKFERRY_FILES", "fetch")
	h := newFileHost()
	defer h.Close()
	export := fileExport(t, r, [][]map[string]string{
		{{"url": h.URL + "/gone/1", "name": "one.pdf"}, {"url": h.URL + "/good", "name": "good.txt"}, {"url": h.URL + "/broken/2", "name": "two.pdf"}},
		{{"url": h.URL + "/gone/1", "name": "again.pdf"}}, {{"url": h.URL + "/login", "name": "never.pdf"}}, {{"url": h.URL + "/good", "name": "good.txt"}},
	})
	allow := []string{"--allow-private-files", strings.TrimPrefix(h.URL, "http://")}
	if s, code := r.run(r.command("import", append(export, allow...)...)); code != exitDone || s.Tickets.Imported != 4 {
		t.Fatalf("exit %d, %+v", code, s.Tickets)
	}
	if s, code := r.run(r.command("retry", append(allow, "--missing-files")...)); code != exitIncomplete || s.Requests.Made > 10 || r.account.Stats().Messages != 4 {
		t.Errorf("nothing to be had: exit %d, %+v", code, s)
	}
	h.heal()
	s, code := r.run(r.command("retry", append(allow, "--missing-files")...))
	if stats := r.account.Stats(); code != exitIncomplete || s.Messages.Imported != 2 || s.Tickets.Imported != 0 || s.Tickets.Present != 2 || stats.Messages != 6 || stats.Outbox != 0 || s.SendSafety.Sendable != 0 {
		t.Errorf("exit %d, %+v, %+v, %+v", code, s.Tickets, s.Messages, stats)
	}
	all := r.account.Tickets()
	ticket := all[slices.IndexFunc(all, func(t *sandbox.Ticket) bool { return t.ExternalID == "old:t0" })]
	if n := ticket.Messages[1]; !n.Note() || len(n.Attachments) != 2 || n.Attachments[0].Name != "one.pdf" || n.Attachments[0].Size == 0 || !strings.HasSuffix(n.BodyText, "came later: one.pdf, two.pdf") ||
		!n.SentDatetime.Equal(ticket.Messages[0].SentDatetime) {
		t.Errorf("the note is %+v", n)
	}
	before := r.account.Stats().Writes
	if s, code = r.run(r.command("retry", append(allow, "--missing-files")...)); code != exitIncomplete || r.account.Stats().Writes != before {
		t.Errorf("again: exit %d, %+v", code, s.Messages)
	}
	if s, code = r.run(r.command("import", append(export, allow...)...)); code != exitDone || r.account.Stats().Writes != before || s.Tickets.Present != 4 {
		t.Errorf("the export again: exit %d, %+v", code, s.Tickets)
	}
	if v, code := r.verified(export...); code != exitDone || len(v.Differences) > 0 || v.Added != 2 {
		t.Errorf("verify: exit %d, added %d, %+v", code, v.Added, v.Differences)
	}
}

// TestInterruptedFetch: an interruption does not wait for a host that does not answer, and the next run goes on.
func TestInterruptedFetch(t *testing.T) {
	r := newRig(t, "")
	t.Setenv("DESKFERRY_FILES", "fetch")
	h := newFileHost()
	defer h.Close()
	export := append(fileExport(t, r, [][]map[string]string{{{"url": h.URL + "/hang/1", "name": "a"}}, {{"url": h.URL + "/good", "name": "b"}}}),
		"--allow-private-files", strings.TrimPrefix(h.URL, "http://"))
	for _, command := range []string{"import", "rescue"} {
		line := r.command(command, export...)
		if command == "rescue" {
			line = append([]string{"deskferry", "rescue", "--ledger", filepath.Join(r.dir, "deskferry.db")}, export...)
		}
		asked := h.requests("/hang")
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for h.requests("/hang") == asked {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		var out, errs bytes.Buffer
		start := time.Now()
		if code := run(ctx, line, strings.NewReader(""), &out, &errs); code != exitInterrupted || time.Since(start) > 20*time.Second {
			t.Errorf("%s: exit %d after %s: %s", command, code, time.Since(start), errs.String())
		}
	}
	h.heal()
	if s, code := r.run(r.command("import", export...)); code != exitDone || s.Tickets.Present+s.Tickets.Imported != 2 || r.account.Stats().Tickets != 2 {
		t.Errorf("exit %d, %+v", code, s.Tickets)
	}
}

// TestSlowFiles: the hosts of files are waited for side by side.
func TestSlowFiles(t *testing.T) {
	r := newRig(t, "")
	t.Setenv("DESKFERRY_FILES", "fetch")
	h := newFileHost()
	defer h.Close()
	var tickets [][]map[string]string
	for i := range 8 {
		tickets = append(tickets, []map[string]string{{"url": fmt.Sprint(h.URL, "/slow/", i), "name": "slow.txt"}})
	}
	export := append(fileExport(t, r, tickets), "--allow-private-files", strings.TrimPrefix(h.URL, "http://"))
	start := time.Now()
	s, code := r.run(r.command("import", export...))
	if code != exitDone || s.Tickets.Imported != 8 {
		t.Fatalf("exit %d, %+v", code, s.Tickets)
	}
	if d := time.Since(start); d > 8*300*time.Millisecond {
		t.Errorf("took %s: one after the other", d)
	}
}
