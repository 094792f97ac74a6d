package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/deskferry/deskferry/importer/report"
	"github.com/deskferry/deskferry/importer/sandbox"
)

// TestSyncKeepsItsPage: the page that a job file names is beside it, shows how far a sync is while it works, and tells how each
// night ended: what came, what changed, that nothing was new, and why it stopped.
func TestSyncKeepsItsPage(t *testing.T) {
	r := newRig(t, "")
	path := func(name string) string { return filepath.Join(r.dir, name) }
	page := func() string {
		b, err := os.ReadFile(path("night.html"))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var first sync.Once
	live := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodPost && req.URL.Path == "/api/tickets" {
			first.Do(func() { live = page() })
		}
		r.serve(w, req)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	write(t, path("m.yaml"), strings.Replace(messageMapping, "subject: subject,", "subject: subject, status: { from: status, default: open },", 1))
	write(t, path("acme.yaml"), "version: 1\nsource: { from: export.csv, mapping: m.yaml }\nsync: { report: night.html }\n")
	land := func(status string, n int) {
		text := "ticket,id,subject,customer,author,text,sent,status\n"
		for i := 1; i <= n; i++ {
			text += fmt.Sprintf("%d,%d,Parcel,c%[1]d@example.com,c%[1]d@example.com,Where is it?,2021-03-01 10:00:00,%[3]s\n", i, 100+i, status)
		}
		write(t, path("export.csv"), text)
	}
	told := func(what string, code int, words ...string) {
		t.Helper()
		expectNight(t, what, r.night("--job", path("acme.yaml")), code)
		text := page()
		for _, w := range append(words, "</html>") {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the page lacks %q: %s", what, w, verdictOf(text))
			}
		}
		if strings.Contains(text, `id="live"`) {
			t.Errorf("%s: the page goes on", what)
		}
	}
	land("open", 5)
	told("the first night", exitDone, "<b>Finished:</b> 5 tickets imported with 5 messages", "deskferry <b>sync</b>")
	if !strings.Contains(live, `id="live"`) || !strings.Contains(live, "</html>") {
		t.Errorf("while it worked the page was %q", verdictOf(live))
	}
	told("nothing new", exitDone, "<b>Nothing new:</b>")
	land("closed", 6)
	told("one new, five closed", exitDone, "<b>Finished:</b> 1 ticket imported with 1 message, 5 updated, 5 present before", `id="changes"`, "<dt>Updated</dt>", "5 updates")
	land("closed", 2)
	told("shrunk", exitFailed, "<b>Ended early:</b>", "no longer holds 4 of the 6 tickets")
}

func verdictOf(page string) string {
	_, text, _ := strings.Cut(page, `<section id="verdict"`)
	text, _, _ = strings.Cut(text, "</section>")
	return text
}

// TestUndoKeepsItsReport: an undo tells the same in its page, as JSON and in what is printed; masked it names nobody, and so does
// the status after it.
func TestUndoKeepsItsReport(t *testing.T) {
	r := newRig(t, "")
	r.run(sample(r))
	ticket := r.ticketWith(func(*sandbox.Ticket) bool { return true })
	r.act("PUT", fmt.Sprintf("tickets/%d", ticket), `{"status":"open","tags":[{"name":"vip"}]}`)
	page, file := filepath.Join(r.dir, "undo.html"), filepath.Join(r.dir, "undo.json")
	u, code, errs := r.undo("--run", "1", "--report", page, "--report", file, "--mask")
	if code != exitIncomplete || u.Tickets != 79 || u.Left.Touched != 1 || u.RunKind != "import" || len(u.LeftTickets) != 1 || !strings.HasSuffix(u.LeftTickets[0].URL, fmt.Sprint("/app/ticket/", ticket)) {
		t.Fatalf("exit %d, %+v\n%s", code, u, errs)
	}
	html, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(html), "<b>Taken back:</b> 79 tickets of run 1; 1 ticket is left") || strings.Contains(string(html), `id="live"`) {
		t.Errorf("%v %s", err, verdictOf(string(html)))
	}
	b, err := os.ReadFile(file)
	var kept report.Report
	if err == nil {
		err = json.Unmarshal(b, &kept)
	}
	if err != nil || kept.Command != "undo" || kept.Undo == nil || kept.Undo.Tickets != 79 || kept.Summary != nil {
		t.Errorf("%v %s", err, b)
	}
	for _, name := range []string{"runs", "status"} {
		line := []string{"deskferry", name, "--ledger", filepath.Join(r.dir, "deskferry.db")}
		if name == "status" {
			line = append(line, "--mask")
		}
		var out strings.Builder
		run(t.Context(), line, nil, &out, &out)
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), "79 tickets taken back, 1 ticket left") {
			t.Errorf("%s:\n%s", name, out.String())
		}
	}
}
