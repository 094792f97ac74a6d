package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	stdsync "sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/deskferry/deskferry/importer/ledger"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/importer/sandbox/omnidesk"
)

// self is this test's own binary under the program's name: a process of its own without a build.
func self(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "deskferry")
	if err := os.Symlink(exe, link); err != nil {
		t.Skipf("no links here: %v", err)
	}
	return link
}

// told is what a command line said and how it ended.
type told struct {
	code     int
	out, err string
}

// night runs one sync in this process, as people see it.
func (r *rig) night(args ...string) told {
	r.t.Helper()
	var out, errs bytes.Buffer
	line := append([]string{"deskferry", "sync", "--to", r.url, "--ledger", filepath.Join(r.dir, "deskferry.db")}, args...)
	code := run(r.t.Context(), line, strings.NewReader(""), &out, &errs)
	return told{code, out.String(), errs.String()}
}

// expectNight fails unless a sync ended with the code and said, on either stream, all of the words.
func expectNight(t *testing.T, what string, n told, code int, words ...string) {
	t.Helper()
	ok := n.code == code
	for _, w := range words {
		ok = ok && strings.Contains(n.out+n.err, w)
	}
	if !ok {
		t.Fatalf("%s: exit %d, want %d and %q\n%s%s", what, n.code, code, words, n.out, n.err)
	}
}

const messageMapping = `version: 1
source: { name: desk, timezone: UTC }
people: { agents: ["@acme.test"] }
tickets: { ticket: { external_id: ticket, subject: subject, customer: { email: customer } } }
messages: { message: { external_id: id, author: author, channel: { const: email }, body_text: text, sent_datetime: sent } }
`

// small lays an export of 40 tickets with one message each, and returns the flags that read it.
func (r *rig) small() []string {
	m, export := filepath.Join(r.dir, "m.yaml"), filepath.Join(r.dir, "export.csv")
	write(r.t, m, messageMapping)
	var ids []string
	for i := range 40 {
		ids = append(ids, fmt.Sprintf("%d/%d", i+1, 100+i))
	}
	landing(r.t, export, ids...)
	return []string{"--from", export, "--mapping", m}
}

// landing writes an export with a message for each of the ids: "7/70" is message 70 of ticket 7.
func landing(t *testing.T, path string, ids ...string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("ticket,id,subject,customer,author,text,sent\n")
	for _, id := range ids {
		ticket, message, _ := strings.Cut(id, "/")
		fmt.Fprintf(&b, "%s,%s,Parcel %[1]s,c%[1]s@example.com,c%[1]s@example.com,Where is it? %[2]s,2021-03-01 10:00:00\n", ticket, message)
	}
	write(t, path, b.String())
}

// TestFilesLandEachNight reads a folder night by night: what was read before is not read again, by content, and a night without
// anything new asks nobody anything.
func TestFilesLandEachNight(t *testing.T) {
	for _, read := range []string{readAll, readChanged} {
		t.Run(read, func(t *testing.T) {
			r := newRig(t, "")
			folder, m := filepath.Join(r.dir, "export"), filepath.Join(r.dir, "m.yaml")
			write(t, m, messageMapping)
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			args := []string{"--from", folder, "--mapping", m, "--read", read}
			landing(t, filepath.Join(folder, "monday.csv"), "1/10", "1/11", "2/20")
			expectNight(t, "monday", r.night(args...), exitDone, "2 new tickets, 3 messages brought over, 0 as before")
			asked := r.account.Stats().Requests
			expectNight(t, "nothing new", r.night(args...), exitDone, "nothing new in the source")
			expectNight(t, "nothing new, and quiet", r.night(append(args, "--quiet")...), exitDone)
			landing(t, filepath.Join(folder, "monday.csv"), "1/10", "1/11", "2/20") // written again, the same
			if n := r.night(append(args, "--quiet")...); n.code != exitDone || n.out+n.err != "" {
				t.Errorf("a quiet night: exit %d, said %q %q", n.code, n.out, n.err)
			}
			if now := r.account.Stats().Requests; now != asked {
				t.Errorf("%d requests in three nights without anything new", now-asked)
			}
			landing(t, filepath.Join(folder, "tuesday.csv"), "2/21", "3/30")
			before := "1 as before"
			if read == readChanged {
				before = "0 as before"
			}
			expectNight(t, "tuesday", r.night(args...), exitDone, "1 new ticket, 1 ticket with more messages, 2 messages brought over", before)
			landing(t, filepath.Join(folder, "tuesday.csv"), "2/21", "3/30", "3/31") // it grew
			expectNight(t, "tuesday, later", r.night(args...), exitDone, "1 ticket with more messages, 1 message brought over")
			if s := r.account.Stats(); s.Tickets != 3 || s.Messages != 6 || s.Outbox != 0 {
				t.Errorf("the account has %+v", s)
			}
		})
	}
}

// TestSourceThatShrinks stops before anything is written when a source lost more of its tickets than is likely, and goes on
// when told so.
func TestSourceThatShrinks(t *testing.T) {
	r := newRig(t, "")
	m, export := filepath.Join(r.dir, "m.yaml"), filepath.Join(r.dir, "export.csv")
	write(t, m, messageMapping)
	ids := make([]string, 0, 20)
	for i := range 20 {
		ids = append(ids, fmt.Sprintf("%d/%d", i+1, 100+i))
	}
	args := []string{"--from", export, "--mapping", m}
	landing(t, export, ids...)
	expectNight(t, "first", r.night(args...), exitDone, "20 new tickets")
	writes := r.account.Stats().Writes
	landing(t, export, append(ids[:10:10], "30/300")...)
	expectNight(t, "half of it is gone", r.night(args...), exitFailed, "no longer holds 10 of the 2", "--accept-shrink")
	if now := r.account.Stats().Writes; now != writes {
		t.Errorf("%d writes of a sync that stopped", now-writes)
	}
	expectNight(t, "accepted", r.night(append(args, "--accept-shrink")...), exitDone, "1 new ticket", "10 tickets no longer in the source")
	if s := r.account.Stats(); s.Tickets != 21 || s.Endpoints["DELETE /api/tickets/{id}"] != 0 {
		t.Errorf("the account has %+v", s)
	}
}

// TestTooManyRejects stops before anything is written, or remembered.
func TestTooManyRejects(t *testing.T) {
	r := newRig(t, "")
	m, export := filepath.Join(r.dir, "m.yaml"), filepath.Join(r.dir, "export.csv")
	write(t, m, messageMapping)
	write(t, export, "ticket,id,subject,customer,author,text,sent\n1,10,A,a@example.com,a@example.com,Hello,2021-03-01 10:00:00\n2,20,B,b@example.com,b@example.com,Hello,some day\n")
	args := []string{"--from", export, "--mapping", m, "--rejects", filepath.Join(r.dir, "bad.csv")}
	expectNight(t, "by percent", r.night(args...), exitFailed, "1 of 2 records are rejected, more than 10 %", "nothing was written")
	expectNight(t, "by number", r.night(append(args, "--max-rejects", "0", "--max-rejects-percent", "100")...), exitFailed, "more than the 0 of --max-rejects")
	if s := r.account.Stats(); s.Writes != 0 {
		t.Errorf("%d writes", s.Writes)
	}
	if b, err := os.ReadFile(filepath.Join(r.dir, "bad.csv")); err != nil || !bytes.Contains(b, []byte("some day")) {
		t.Errorf("rejects: %s, %v", b, err)
	}
	expectNight(t, "with a wider bound", r.night(append(args, "--max-rejects-percent", "50")...), exitIncomplete, "1 new ticket, 1 message brought over", "1 record rejected", "deskferry status")
	expectNight(t, "the night after", r.night(append(args, "--max-rejects-percent", "50")...), exitIncomplete, "nothing new", "1 record rejected")
}

// TestSyncIsBusy leaves with a clear word while another one holds the ledger, and tells nobody that the night is over.
func TestSyncIsBusy(t *testing.T) {
	r := newRig(t, "")
	ears := listen(t)
	t.Setenv(pingVariable, ears.url+"/ping/abc")
	t.Setenv(webhookVariable, ears.url+"/hook")
	l, err := ledger.Open(filepath.Join(r.dir, "deskferry.db"), ledger.Options{Target: r.url})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	metrics := filepath.Join(r.dir, "x.prom")
	expectNight(t, "busy", r.night("--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml", "--metrics", metrics), exitFailed, "in use by", fmt.Sprintf("process %d", os.Getpid()))
	if _, err := os.Stat(metrics); err == nil {
		t.Error("metrics of a sync that was none")
	}
	if got := ears.heard(); len(got) != 2 || !strings.HasPrefix(got[0], "GET /ping/abc/start") || !strings.Contains(got[1], "in use by") {
		t.Errorf("told: %q", got)
	}
}

// ears take what a sync tells over HTTP.
type ears struct {
	url string

	mu    stdsync.Mutex
	lines []string // method, path and body
	fail  int      // so many requests more are answered 500
}

func listen(t *testing.T) *ears {
	e := &ears{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		e.mu.Lock()
		defer e.mu.Unlock()
		e.lines = append(e.lines, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(b)))
		if e.fail > 0 {
			e.fail--
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

func (e *ears) heard() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.lines...)
}

// TestSyncStops ends a real process by time and by SIGTERM: what is in hand is finished, nothing is in doubt, and the next
// sync goes on.
func TestSyncStops(t *testing.T) {
	if runtime.GOOS == "windows" || underRace {
		t.Skip("a process cannot be sent SIGTERM here, or the race detector does not see it")
	}
	for _, c := range []struct {
		name string
		args []string
		end  func(t *testing.T, r *rig, p *os.Process)
		said string
	}{
		{"by time", []string{"--max-duration", "1s"}, func(*testing.T, *rig, *os.Process) {}, "stopped as --max-duration says; the next sync goes on"},
		{"by SIGTERM", nil, func(t *testing.T, r *rig, p *os.Process) {
			for deadline := time.Now().Add(20 * time.Second); r.account.Stats().Writes < 5 && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
			if err := p.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}, "run the same command again to go on"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, "slow:60ms on POST /api/tickets")
			line := []string{"--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml", "--concurrency", "2"}
			cmd := exec.Command(self(t), append(append([]string{"sync", "--to", r.url, "--ledger", filepath.Join(r.dir, "deskferry.db")}, line...), c.args...)...)
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			c.end(t, r, cmd.Process)
			err := cmd.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted || !strings.Contains(errs.String(), c.said) {
				t.Fatalf("ended with %v\n%s", err, errs.String())
			}
			if strings.Count(out.String(), "\n") != 1 || !strings.HasPrefix(out.String(), "deskferry: stopped early; so far ") {
				t.Errorf("how far it came: %q", out.String())
			}
			before := r.account.Stats().Writes
			if before >= 240 {
				t.Fatal("nothing was left to do")
			}
			r.account.SetFaults(sandbox.Faults{})
			expectNight(t, "going on", r.night(line...), exitDone)
			if s := r.account.Stats(); s.Writes != 240 || s.Tickets != 240 || s.Outbox != 0 {
				t.Errorf("%d writes before the end, %d in all, %d tickets", before, s.Writes, s.Tickets)
			}
		})
	}
}

// TestLiveSourceShrinks does not believe lists that lost half of their tickets, and reads what is gone as gone otherwise.
func TestLiveSourceShrinks(t *testing.T) {
	r := newRig(t, "")
	old := omnidesk.New(omnidesk.Options{})
	desk := omnidesk.Generate(3, 40)
	old.Load(desk)
	url, stop, err := old.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	t.Setenv(omnideskKey, "any")
	m := filepath.Join(r.dir, "m.yaml")
	write(t, m, "version: 1\nextends: omnidesk\nsource: { timezone: UTC, api: { pace: 100, archived: 'yes' } }\n")
	args := []string{"--from", url, "--mapping", m, "--snapshot", filepath.Join(r.dir, "snap"), "--max-rejects-percent", "100"}
	first := r.night(args...)
	if first.code != exitDone && first.code != exitIncomplete {
		t.Fatalf("first: %+v", first)
	}
	narrow := filepath.Join(r.dir, "narrow.yaml")
	for settings, said := range map[string]string{"pace: 100": "archived", "archived: 'yes', view: '3'": "view"} {
		write(t, narrow, "version: 1\nextends: omnidesk\nsource: { timezone: UTC, api: { "+settings+" } }\n")
		expectNight(t, "deletions without all tickets", r.night("--from", url, "--mapping", narrow, "--apply-deletions"), exitUsage, said, "taken for deleted")
	}
	old.Remove(desk.Tickets[0].ID)
	expectNight(t, "one is gone", r.night(args...), first.code, "1 ticket no longer in the source")
	for _, ticket := range desk.Tickets[1:25] {
		old.Remove(ticket.ID)
	}
	writes := r.account.Stats().Writes
	expectNight(t, "most are gone", r.night(args...), exitFailed, "no longer holds 24 of the 39 tickets")
	if now := r.account.Stats(); now.Writes != writes || now.Outbox != 0 {
		t.Errorf("%d writes of a sync that stopped", now.Writes-writes)
	}
}

// TestMetrics reads what is served while a sync runs, and the file it leaves, with Prometheus's own parser.
func TestMetrics(t *testing.T) {
	r := newRig(t, "slow:30ms on POST /api/tickets")
	file := filepath.Join(r.dir, "deskferry.prom")
	address, args := freeAddress(t), r.small()
	done := make(chan told, 1)
	go func() {
		done <- r.night(append(args, "--concurrency", "2", "--name", `a "b" \c`, "--metrics", file, "--metrics-listen", address)...)
	}()
	var served map[string]float64
	for deadline := time.Now().Add(20 * time.Second); served["deskferry_sync_steps_total"] == 0 && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		resp, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			continue
		}
		served = parseMetrics(t, resp.Body)
		resp.Body.Close()
	}
	expectNight(t, "sync", <-done, exitDone)
	if served["deskferry_sync_running"] != 1 || served["deskferry_sync_steps_total"] == 0 || served["deskferry_sync_requests_total"] == 0 {
		t.Errorf("served: %v", served)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	left := parseMetrics(t, f)
	for name, want := range map[string]float64{"deskferry_sync_running": 0, "deskferry_sync_exit_code": 0, "deskferry_sync_tickets": 40, "deskferry_sync_messages": 40,
		"deskferry_sync_sendable_messages": 0, "deskferry_sync_needs": 0} {
		if got, ok := left[name]; !ok || got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if left["deskferry_sync_finished_timestamp_seconds"] < 1e9 {
		t.Error("no time of the last success")
	}
}

// parseMetrics sums the samples of each metric.
func parseMetrics(t *testing.T, text io.Reader) map[string]float64 {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(text)
	if err != nil {
		t.Fatalf("metrics: %v", err)
	}
	sums := map[string]float64{}
	for name, family := range families {
		if family.GetHelp() == "" {
			t.Errorf("%s has no help", name)
		}
		sums[name] = 0
		for _, m := range family.GetMetric() {
			sums[name] += m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return sums
}
