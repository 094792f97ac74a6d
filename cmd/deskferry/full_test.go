package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiskFull imports onto a file system of a few MiB, again and again with a little more room. Each import stops before a
// request whose outcome could not be recorded: nothing is in doubt, and the account holds what the ledger says. With room it
// goes on.
func TestDiskFull(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("runs a real process; the race detector does not see it")
	}
	if out, err := exec.Command("unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=64k none "+t.TempDir()).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be made here: %v %s", err, out)
	}
	program := itself(t)
	r := newRig(t, "")
	stopped := 0
	for kib := 4650; kib <= 5250; kib += 120 {
		small := t.TempDir()
		line := strings.Join(r.command("import", "--from", absolute(t, "../../testdata/messages.csv"), "--mapping", absolute(t, "../../testdata/messages.yaml"),
			"--per-message")[1:], "' '")
		line = strings.ReplaceAll(line, r.dir, small)
		script := fmt.Sprintf("mount -t tmpfs -o size=%dk none %s && { cp %s/deskferry.db %s 2>/dev/null; '%s' '%s' >/dev/null; code=$?; cp %s/deskferry.db* %s; exit $code; }",
			kib, small, r.dir, small, program, line, small, r.dir)
		out, err := exec.Command("unshare", "-rm", "sh", "-c", script).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "free some space") {
			t.Fatalf("with %d KiB: %v\n%s", kib, err, out)
		}
		r.sound()
		states := r.states()
		if states["asking"]+states["doubt"] > 0 || states["made"]+states["done"] != int64(len(r.account.Tickets())) {
			t.Errorf("with %d KiB the ledger has %v, the account %d tickets", kib, states, len(r.account.Tickets()))
		}
		if states["made"]+states["done"] > 0 {
			stopped++
		}
	}
	if stopped == 0 {
		t.Error("no import was stopped in its midst")
	}
	if s, code := r.run(sample(r)); code != exitDone || s.Tickets.Imported+s.Tickets.Present != 80 || len(r.account.Tickets()) != 80 {
		t.Errorf("with room: exit %d, %+v", code, s.Tickets)
	}
	if out := r.account.Outbox(); len(out) != 0 {
		t.Errorf("%d messages would have been mailed", len(out))
	}
}

// states counts the ledger's tickets by state.
func (r *rig) states() map[string]int64 {
	r.t.Helper()
	var out bytes.Buffer
	if code := run(r.t.Context(), []string{"deskferry", "status", "--json", "--ledger", filepath.Join(r.dir, "deskferry.db")}, nil, &out, &out); code != exitDone {
		r.t.Fatalf("status: exit %d\n%s", code, out.String())
	}
	var s standing
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		r.t.Fatal(err)
	}
	return s.Tickets
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}
