package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
)

// TestKilledRun is told as such once no process works on it, and as being at work before.
func TestKilledRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("processes are looked for otherwise there")
	}
	r := newRig(t, "slow:60ms on POST /api/tickets")
	ledger := filepath.Join(r.dir, "deskferry.db")
	line := append([]string{"sync", "--to", r.url, "--ledger", ledger, "--concurrency", "2"}, r.small()...)
	cmd := exec.Command(self(t), line...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); r.account.Stats().Writes < 3 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	about := func(command string) string {
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"deskferry", command, "--ledger", ledger}, strings.NewReader(""), &out, &errs); code != exitDone {
			t.Fatalf("%s: exit %d\n%s", command, code, errs.String())
		}
		return out.String()
	}
	if said := about("runs") + about("status"); strings.Count(said, "at work") != 2 || !strings.Contains(said, "in use by") {
		t.Errorf("at work: %s", said)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if said := about("runs") + about("status"); strings.Count(said, "killed: ") != 2 || strings.Contains(said, "in use by") {
		t.Errorf("killed: %s", said)
	}
}

// TestRunCountsFromItsStart counts the time a command reads and fetches in: the run began when the command did.
func TestRunCountsFromItsStart(t *testing.T) {
	r := newRig(t, "")
	expectNight(t, "sync", r.night(r.small()...), exitDone)
	ledger := filepath.Join(r.dir, "deskferry.db")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"deskferry", "runs", "--ledger", ledger, "--json"}, strings.NewReader(""), &out, &errs); code != exitDone {
		t.Fatalf("exit %d\n%s", code, errs.String())
	}
	var runs []struct{ Started time.Time }
	if err := json.Unmarshal(out.Bytes(), &runs); err != nil || len(runs) != 1 {
		t.Fatalf("%v: %s", err, out.String())
	}
	if began := readOutcome(outcomeFile(ledger)).Started; !runs[0].Started.Equal(began.Truncate(time.Millisecond)) {
		t.Errorf("the run began at %s, the sync at %s", runs[0].Started, began)
	}
}

// TestErrorsAreToldApart says one thing a line.
func TestErrorsAreToldApart(t *testing.T) {
	r := newRig(t, "")
	nobody := httptest.NewServer(http.NotFoundHandler())
	defer nobody.Close()
	t.Setenv(pingVariable, nobody.URL)
	t.Setenv(webhookVariable, nobody.URL)
	n := r.night(append(r.small(), "--max-shrink", "0")...)
	expectNight(t, "nobody hears", n, exitUsage)
	if !strings.Contains(n.err, "deskferry: asking the ping address") || !strings.Contains(n.err, "deskferry: telling the webhook") {
		t.Errorf("said %s", n.err)
	}
	one, two := errors.New("one"), errors.New("two")
	if all := apart(errors.Join(nil, errors.Join(one, nil), fmt.Errorf("also: %w", two))); len(all) != 2 || all[0] != one || apart(nil) != nil {
		t.Errorf("apart: %v", all)
	}
}

// TestNeedsInLogs are a group of numbers in either form of the log.
func TestNeedsInLogs(t *testing.T) {
	var text, lines bytes.Buffer
	n := needs{Held: 2}
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "needs", n)
	slog.New(slog.NewJSONHandler(&lines, nil)).Info("x", "needs", n)
	if !strings.Contains(text.String(), " needs.held_tickets=2 ") || !strings.Contains(lines.String(), `"held_tickets":2`) || strings.Contains(text.String(), "{") {
		t.Errorf("%s%s", text.String(), lines.String())
	}
	b, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	for _, need := range n.all() {
		if !strings.Contains(string(b), `"`+need.name+`"`) {
			t.Errorf("%s has another name in JSON: %s", need.name, b)
		}
	}
}

// TestHelpFitsTerminals holds every command's help to 80 columns.
func TestHelpFitsTerminals(t *testing.T) {
	var look func(c *cli.Command, path string)
	look = func(c *cli.Command, path string) {
		for line := range strings.Lines(commandHelp(c, path)) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > helpWidth {
				t.Errorf("%s --help has a line of %d columns: %s", path, n, line)
			}
		}
		for _, sub := range c.Subcommands {
			look(sub, path+" "+sub.Name)
		}
	}
	for _, c := range newApp(streams{}).Commands {
		look(c, "deskferry "+c.Name)
	}
}

func TestFold(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("parcel ", 30))
	got := fold("deskferry: short\n  " + long + "\n")
	for line := range strings.Lines(got) {
		if len(line) > helpWidth+1 {
			t.Errorf("%q", line)
		}
	}
	if !strings.HasPrefix(got, "deskferry: short\n  parcel ") || !strings.Contains(got, "\n    parcel") || strings.Count(got, "parcel") != 30 {
		t.Errorf("%q", got)
	}
	if said := folded(&bytes.Buffer{}, long); said != long {
		t.Errorf("a file gets %q", said)
	}
}

// TestMetricsPathIsNamed names the file that is asked for, not the one that is written on the way.
func TestMetricsPathIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "x.prom")
	err := newMetrics("acme").write(path)
	if err == nil || !strings.Contains(err.Error(), path+": ") || strings.Count(err.Error(), "x.prom") != 1 || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("said %v", err)
	}
}
