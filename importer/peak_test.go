//go:build linux && !race

package importer_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// told is what a test's own process prints of itself.
type told struct {
	text string
	peak int // MiB of memory held at once
}

// alone runs the test once more, in a process of its own that finds value in the variable name, and that ends with tellPeak.
func alone(t *testing.T, name, value string) (told, *os.ProcessState) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), name+"="+value)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var this told
	for line := range strings.Lines(string(out)) {
		var kib int
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			this.peak = kib >> 10
		}
	}
	if this.peak == 0 {
		t.Fatalf("the process does not tell its peak\n%s", out)
	}
	this.text = string(out)
	return this, cmd.ProcessState
}

// tellPeak prints the most memory that this process has held. What a parent is told of its child at the end will not do: that is
// never less than what the parent held when it started it.
func tellPeak(t *testing.T) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			fmt.Print(line)
		}
	}
}
