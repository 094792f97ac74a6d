package browsertest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// programPath is the environment variable that tells tests where the program is; where it is empty the program is built.
const programPath = "DESKFERRY_TEST_PROGRAM"

// TestMain builds the program once.
func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(withProgram(m))
}

func withProgram(m *testing.M) int {
	if underRace || chromium() == "" || os.Getenv(programPath) != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "deskferry-browsertest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "deskferry")
	if out, err := exec.Command("go", "build", "-o", path, "github.com/deskferry/deskferry/cmd/deskferry").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
		return 1
	}
	if err := os.Setenv(programPath, path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// program is a command of the program, with credentials for a sandbox.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Getenv(programPath), args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "DESKFERRY_GORGIAS_USER=import@acme.test", "DESKFERRY_GORGIAS_KEY=any", "DESKFERRY_FILES=link")
	return cmd
}

// incomplete is the exit code of a command that did its work and left something undone.
const incomplete = 3

// run carries a command out; problems in the data are no failure.
func run(t *testing.T, args ...string) string {
	t.Helper()
	return runIn(t, t.TempDir(), args...)
}

// runIn is run in a folder.
func runIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := program(t, args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == incomplete) {
		t.Fatalf("%q: %v\n%s%s", args, err, out.String(), errs.String())
	}
	return out.String()
}

// write makes a file of the test's own.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// absolute is a path that holds whatever folder a command runs in.
func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
