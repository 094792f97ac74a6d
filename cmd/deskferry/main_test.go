package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/importer/sandbox/omnidesk"
)

var update = flag.Bool("update", false, "write the expected output of scripts anew")

// TestMain lets scripts run deskferry, and start an account beside it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"deskferry": main})
}

// TestScripts runs testdata/script/*.txtar: one behaviour of the command line each. A script gets the sample exports as
// $SAMPLES, "account [-rules] [-open] [-sends] [-quota] [FAULTS]" starts a sandbox at $URL, and "omnidesk [TICKETS] [FAULTS]" one at $OMNIDESK_URL.
func TestScripts(t *testing.T) {
	samples, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "../../testdata/script", UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("SAMPLES", samples)
			e.Values[fileHostKey{}] = &filesServed{}
			e.Setenv("DESKFERRY_GORGIAS_USER", "import@acme.test")
			e.Setenv("DESKFERRY_GORGIAS_KEY", "s3cret-key")
			e.Setenv("DESKFERRY_FILES", "link") // the samples' files are nowhere
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"filehost": startFileHost, "account": startAccount, "omnidesk": startOmnidesk, "stats": checkStats, "absent": checkAbsent,
		},
	})
}

// startAccount serves a sandbox until the script ends.
func startAccount(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("account cannot be negated")
	}
	var o sandbox.Options
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "-rules": // an auto-reply is on
			o.Rules = true
		case "-open": // rules and settings are shown
			o.Unknowns.ShowRules, o.Unknowns.ShowSettings = true, true
		case "-sends": // a sent_datetime does not keep the account from sending
			o.Unknowns.SentIgnored = true
		case "-quota":
			o.Quota.Bucket = 1000
		default:
			ts.Fatalf("account %s: no such option", args[0])
		}
		args = args[1:]
	}
	var err error
	o.Faults, err = sandbox.ParseFaults(strings.Join(args, " "))
	ts.Check(err)
	url, stop, err := sandbox.New(o).Start()
	ts.Check(err)
	ts.Setenv("URL", url)
	ts.Defer(stop)
}

// startOmnidesk serves an Omnidesk v2 account of made-up tickets until the script ends: "omnidesk [TICKETS] [FAULTS]", 500
// without a number. $OMNIDESK_URL is the base of its API.
func startOmnidesk(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("omnidesk cannot be negated")
	}
	tickets := 500
	if len(args) > 0 {
		if n, err := strconv.Atoi(args[0]); err == nil {
			tickets, args = n, args[1:]
		}
	}
	faults, err := omnidesk.ParseFaults(strings.Join(args, " "))
	ts.Check(err)
	account := omnidesk.New(omnidesk.Options{Faults: faults})
	account.Load(omnidesk.Generate(omnideskSeed, tickets))
	url, stop, err := account.Start()
	ts.Check(err)
	ts.Setenv("OMNIDESK_URL", url)
	ts.Defer(stop)
}

// checkStats compares numbers of /sandbox/stats: "stats tickets=60 outbox=0"; "stats omnidesk posts=0" asks the other account.
func checkStats(ts *testscript.TestScript, neg bool, args []string) {
	url := ts.Getenv("URL")
	if len(args) > 0 && args[0] == "omnidesk" {
		url, args = strings.TrimSuffix(ts.Getenv("OMNIDESK_URL"), omnidesk.Base), args[1:]
	}
	resp, err := http.Get(url + "/sandbox/stats")
	ts.Check(err)
	defer resp.Body.Close()
	var stats map[string]any
	ts.Check(json.NewDecoder(resp.Body).Decode(&stats))
	for _, a := range args {
		name, want, _ := strings.Cut(a, "=")
		if got := fmt.Sprint(stats[name]); (got == want) == neg {
			ts.Fatalf("stats: %s is %s, want %s (all: %v)", name, got, want, stats)
		}
	}
}

// checkAbsent fails when any file below the working directory, or the last output, holds the text: "absent s3cret-key".
func checkAbsent(ts *testscript.TestScript, _ bool, args []string) {
	for _, text := range args {
		for _, out := range []string{"stdout", "stderr"} {
			if strings.Contains(ts.ReadFile(out), text) {
				ts.Fatalf("%s holds %q", out, text)
			}
		}
		ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(path)
			if err == nil && bytes.Contains(b, []byte(text)) {
				err = fmt.Errorf("%s holds %q", path, text)
			}
			return err
		}))
	}
}

// rig is a sandbox that keeps a record of what was asked for each ticket, and a ledger for it.
type rig struct {
	t       *testing.T
	account *sandbox.Server
	url     string
	dir     string

	mu    sync.Mutex
	posts map[string][]int // statuses answered to creates, by external id; 0: the connection was dropped
}

func newRig(t *testing.T, faults string) *rig {
	t.Helper()
	f, err := sandbox.ParseFaults(faults)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, account: sandbox.New(sandbox.Options{Faults: f}), dir: t.TempDir(), posts: map[string][]int{}}
	server := httptest.NewServer(http.HandlerFunc(r.serve))
	r.url = server.URL
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		r.account.Close()
	})
	t.Setenv("DESKFERRY_GORGIAS_USER", "import@acme.test")
	t.Setenv("DESKFERRY_GORGIAS_KEY", "s3cret-key")
	t.Setenv("DESKFERRY_FILES", "link") // the samples' files are nowhere
	return r
}

func (r *rig) serve(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost || req.URL.Path != "/api/tickets" {
		r.account.Handler().ServeHTTP(w, req)
		return
	}
	body, _ := io.ReadAll(req.Body)
	var ticket struct {
		ExternalID string `json:"external_id"`
	}
	_ = json.Unmarshal(body, &ticket)
	req.Body = io.NopCloser(bytes.NewReader(body))
	seen := &statusWriter{ResponseWriter: w}
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.posts[ticket.ExternalID] = append(r.posts[ticket.ExternalID], seen.status)
	}()
	r.account.Handler().ServeHTTP(seen, req)
}

// statusWriter remembers the status; the sandbox may take the connection away through it.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// command is a line for the rig's account and ledger.
func (r *rig) command(name string, args ...string) []string {
	return append([]string{"deskferry", name, "--to", r.url, "--ledger", filepath.Join(r.dir, "deskferry.db"), "--json"}, args...)
}

// run carries a line out in this process and returns the summary. The sums balance, or the exit code is 1.
func (r *rig) run(line []string) (importer.Summary, int) {
	r.t.Helper()
	var out, errs bytes.Buffer
	code := run(r.t.Context(), line, strings.NewReader(""), &out, &errs)
	if code == exitFailed || code == exitUsage {
		r.t.Fatalf("%s: exit %d\n%s", strings.Join(line, " "), code, errs.String())
	}
	var s importer.Summary
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		r.t.Fatalf("%s: %v\n%s%s", strings.Join(line, " "), err, out.String(), errs.String())
	}
	if err := s.Balance(); err != nil {
		r.t.Fatal(err)
	}
	return s, code
}

// wireTicket is what the tests compare of a ticket as convert writes it.
type wireTicket struct {
	ExternalID string `json:"external_id"`
	Messages   []struct {
		ExternalID string `json:"external_id"`
		Sent       string `json:"sent_datetime"`
	} `json:"messages"`
}

// expected reads what the export should become, from convert.
func expected(t *testing.T, args ...string) map[string]wireTicket {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), append([]string{"deskferry", "convert", "--as", "tickets"}, args...), strings.NewReader(""), &out, &errs); code != exitDone && code != exitIncomplete {
		t.Fatalf("convert: exit %d\n%s", code, errs.String())
	}
	want := map[string]wireTicket{}
	for line := range strings.Lines(out.String()) {
		var w wireTicket
		if err := json.Unmarshal([]byte(line), &w); err != nil {
			t.Fatal(err)
		}
		want[w.ExternalID] = w
	}
	return want
}

// binary builds the program once for a test.
func binary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "deskferry")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	return path
}
