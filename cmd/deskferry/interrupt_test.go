package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestInterrupted ends a real process with Ctrl-C: the requests in hand are finished, nothing is in doubt, the exit code says
// that it can be resumed, and the same command goes on.
func TestInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent Ctrl-C here")
	}
	r := newRig(t, "slow:30ms on POST /api/tickets")
	line := r.command("import", "--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml", "--concurrency", "4")
	cmd := exec.Command(binary(t), line[1:]...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); r.account.Stats().Writes < 20 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Fatalf("ended with %v, want exit code %d\n%s%s", err, exitInterrupted, out.String(), errs.String())
	}
	if !strings.Contains(errs.String(), "run the same command again to go on") {
		t.Errorf("what to do next is not said: %q", errs.String())
	}
	before := r.account.Stats().Writes
	s, code := r.run(line)
	if code != exitDone || s.Tickets.InDoubt != 0 || s.Tickets.Imported == 0 || s.Tickets.Present+s.Tickets.Imported != 240 {
		t.Errorf("resumed: exit %d, %+v", code, s.Tickets)
	}
	if after := r.account.Stats().Writes; before == 240 || after != 240 {
		t.Errorf("%d writes before the interruption, %d in all, want 240", before, after)
	}
}
