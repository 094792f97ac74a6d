package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/importer/sandbox/omnidesk"
)

var update = flag.Bool("update", false, "write the expected output of scripts anew")

// TestMain lets scripts and tests run deskferry as a process: it is this very binary under that name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"deskferry": program})
}

// statusAtEnd names the file that program leaves what the system knows of its process in.
const statusAtEnd = "DESKFERRY_TEST_STATUS"

// program is main, with a word at the end about itself to a test that asks for it.
func program() {
	code := run(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr)
	if path := os.Getenv(statusAtEnd); path != "" {
		status, err := os.ReadFile("/proc/self/status")
		if err == nil {
			err = os.WriteFile(path, status, 0o600)
		}
		if err != nil {
			panic(err)
		}
	}
	os.Exit(code)
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
			"filehost": startFileHost, "account": startAccount, "omnidesk": startOmnidesk, "stats": checkStats, "absent": checkAbsent, "steady": steadyReport,
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
	env     []string // of a rig apart; nil: lines are carried out in this process

	ahead atomic.Int64 // by how many nanoseconds the account's clock is ahead
	mu    sync.Mutex
	posts map[string][]int // statuses answered to creates, by external id; 0: the connection was dropped
}

// accountEnv is what the program needs to know of a rig's account.
func accountEnv() map[string]string {
	return map[string]string{
		"DESKFERRY_GORGIAS_USER": "import@acme.test", "DESKFERRY_GORGIAS_KEY": "s3cret-key",
		"DESKFERRY_FILES": "link", // the samples' files are nowhere
	}
}

func newRig(t *testing.T, faults string) *rig {
	t.Helper()
	for name, value := range accountEnv() {
		t.Setenv(name, value)
	}
	return startRig(t, faults)
}

// newRigApart is a rig whose lines are all carried out by processes: the test, which mostly waits, runs beside others.
func newRigApart(t *testing.T, faults string) *rig {
	t.Helper()
	t.Parallel()
	r := startRig(t, faults)
	r.env = os.Environ()
	for name, value := range accountEnv() {
		r.env = append(r.env, name+"="+value)
	}
	return r
}

func startRig(t *testing.T, faults string) *rig {
	t.Helper()
	f, err := sandbox.ParseFaults(faults)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, dir: t.TempDir(), posts: map[string][]int{}}
	r.account = sandbox.New(sandbox.Options{Faults: f, Now: r.now})
	server := httptest.NewServer(http.HandlerFunc(r.serve))
	r.url = server.URL
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		r.account.Close()
	})
	return r
}

// now is the account's clock.
func (r *rig) now() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }

// pass lets time pass in the account.
func (r *rig) pass(d time.Duration) { r.ahead.Add(int64(d)) }

func (r *rig) serve(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Date", r.now().UTC().Format(http.TimeFormat))
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

// process is a line that a process is to carry out.
func (r *rig) process(line []string) *exec.Cmd {
	cmd := exec.Command(binary(r.t), line[1:]...)
	cmd.Env = r.env
	return cmd
}

// carry carries a line out, in this process unless the rig is apart, and returns the exit code.
func (r *rig) carry(line []string, out, errs io.Writer) int {
	r.t.Helper()
	if r.env == nil {
		return run(r.t.Context(), line, strings.NewReader(""), out, errs)
	}
	cmd := r.process(line)
	cmd.Stdout, cmd.Stderr = out, errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatalf("%s: %v", strings.Join(line, " "), err)
	}
	return cmd.ProcessState.ExitCode()
}

// run carries a line out and returns the summary. The sums balance, or the exit code is 1.
func (r *rig) run(line []string) (importer.Summary, int) {
	r.t.Helper()
	var out, errs bytes.Buffer
	code := r.carry(line, &out, &errs)
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
	return (&rig{t: t}).expected(args...)
}

func (r *rig) expected(args ...string) map[string]wireTicket {
	t := r.t
	t.Helper()
	var out, errs bytes.Buffer
	if code := r.carry(append([]string{"deskferry", "convert", "--as", "tickets"}, args...), &out, &errs); code != exitDone && code != exitIncomplete {
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

// binary is the program, to be started as a process: what TestMain put into the path before all else.
func binary(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("deskferry")
	if err != nil {
		t.Fatal(err)
	}
	return path
}
