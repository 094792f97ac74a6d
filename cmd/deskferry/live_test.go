package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer/sandbox/omnidesk"
	reader "github.com/deskferry/deskferry/sources/omnidesk"
)

// TestPullOfOddAccounts reads accounts that use what the documentation leaves open: every ticket is found.
func TestPullOfOddAccounts(t *testing.T) {
	tests := map[string]omnidesk.Quirks{
		"none":         {},
		"oldest first": {Sort: omnidesk.UpdatedFirst, Shift: omnidesk.ShiftTouch, ShiftTimes: 5},
		"newest first": {Sort: omnidesk.UpdatedLast, Shift: omnidesk.ShiftTouch, ShiftTimes: 5},
		"new ones":     {Sort: omnidesk.CreatedLast, Shift: omnidesk.ShiftNew, ShiftTimes: 5},
		"archived":     {Sort: omnidesk.IDFirst, Shift: omnidesk.ShiftArchive, ShiftTimes: 5},
		"forms":        {MixedIDs: true, Nulls: true, TextTotals: true, EventsAlways: true, ArchivedOnly: true},
		"pages":        {CountPages: true, Shift: omnidesk.ShiftNew, ShiftTimes: 3},
	}
	for name, quirks := range tests {
		t.Run(name, func(t *testing.T) {
			const tickets = 120
			account := omnidesk.New(omnidesk.Options{Quirks: quirks})
			account.Load(omnidesk.Generate(1, tickets))
			url, stop, err := account.Start()
			if err != nil {
				t.Fatal(err)
			}
			defer stop()
			o := reader.Options{Base: url, Key: reader.NewSecret("any"), Dir: t.TempDir(), Settings: reader.Settings{Archived: "yes", Page: 15, Pace: 100}}
			if quirks.CountPages {
				o.Settings.Paging = reader.PagingPage
			}
			p, err := reader.Pull(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if s := account.Stats(); p.Tickets < tickets || p.Tickets != s.Tickets || s.NotificationsRead+s.Posts+s.KeysInAddresses != 0 {
				t.Errorf("%d tickets pulled of %d: %+v", p.Tickets, s.Tickets, p)
			}
		})
	}
}

// TestPullIsStopped ends a real process while it fetches, politely and not: the same command goes on, and reads again at most what
// was in hand.
func TestPullIsStopped(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent Ctrl-C here")
	}
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			const tickets, parallel, path = 150, 4, "GET /api/v2/ticket/{id}"
			account := omnidesk.New(omnidesk.Options{})
			account.Load(omnidesk.Generate(1, tickets))
			url, stop, err := account.Start()
			if err != nil {
				t.Fatal(err)
			}
			defer stop()
			dir := t.TempDir()
			mapping := filepath.Join(dir, "m.yaml")
			text := "version: 1\nextends: omnidesk\nsource: { timezone: UTC, api: { pace: 100, archived: 'yes' } }\n"
			if err := os.WriteFile(mapping, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			command := func() (*exec.Cmd, *bytes.Buffer) {
				cmd := exec.Command(binary(t), "check", "--from", url, "--mapping", mapping, "--snapshot", filepath.Join(dir, "snap"))
				cmd.Env = append(os.Environ(), "DESKFERRY_OMNIDESK_KEY=any")
				errs := &bytes.Buffer{}
				cmd.Stderr = errs
				return cmd, errs
			}
			cmd, errs := command()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(20 * time.Second); account.Stats().Paths[path] < 40 && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			err = cmd.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || sig == os.Interrupt && (exit.ExitCode() != exitInterrupted || !strings.Contains(errs.String(), "again to go on")) {
				t.Fatalf("ended with %v\n%s", err, errs)
			}
			before := account.Stats().Paths[path]
			cmd, errs = command()
			if err := cmd.Run(); err != nil && !errors.As(err, &exit) || !strings.Contains(errs.String(), "snapshot of 150 tickets") {
				t.Fatalf("going on: %v\n%s", err, errs)
			}
			if all := account.Stats().Paths[path]; before >= tickets || all < tickets || all > tickets+parallel {
				t.Errorf("%d tickets read before the end, %d in all; want at most %d", before, all, tickets+parallel)
			}
		})
	}
}
