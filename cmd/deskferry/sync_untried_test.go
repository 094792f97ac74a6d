package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSyncThatCannotBegin tells those who wait for it of a night that could not even begin: nobody is there to read the error.
func TestSyncThatCannotBegin(t *testing.T) {
	for _, c := range []struct {
		name, job string
		args      []string
		code      int
		said      string
		unheard   bool // the webhook is what is at fault
	}{
		{name: "a slip in the job file", job: "sync: { max_duratoin: 5h }\n", code: exitUsage, said: "max_duratoin"},
		{name: "a value that is none", job: "sync: { max_duration: long }\n", code: exitUsage, said: "max-duration: "},
		{name: "a log that cannot be opened", job: "log: { file: none/acme.json }\n", code: exitFailed, said: "opening the log"},
		{name: "a log of another form", args: []string{"--log-format", "xml"}, code: exitUsage, said: "--log-format"},
		{name: "metrics under another name", job: "metrics: { file: x.txt }\n", code: exitUsage, said: ".prom"},
		{name: "metrics that cannot be written", job: "metrics: { file: none/x.prom }\n", code: exitFailed, said: "none/x.prom cannot be written"},
		{name: "a report of another form", args: []string{"--report", "x.odt"}, code: exitUsage, said: "x.odt"},
		{name: "no such source", args: []string{"--read", "some"}, code: exitUsage, said: "--read"},
		{name: "a webhook that is none", args: []string{}, code: exitUsage, said: webhookVariable, unheard: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, "")
			e := listen(t)
			job := "version: 1\n" + c.job + "notify: { webhook_file: hook, ping_file: ping }\n"
			hook := e.url + "/hook"
			if c.unheard {
				hook = "nowhere"
			}
			for name, text := range map[string]string{"acme.yaml": job, "hook": hook, "ping": e.url + "/ping"} {
				write(t, filepath.Join(r.dir, name), text)
			}
			n := r.night(append(append(r.small(), "--job", filepath.Join(r.dir, "acme.yaml"), "--quiet"), c.args...)...)
			expectNight(t, c.name, n, c.code, c.said)
			var pings, hooks []string
			for _, line := range e.heard() {
				if strings.HasPrefix(line, "POST /hook ") {
					hooks = append(hooks, line)
				} else {
					pings = append(pings, line)
				}
			}
			if len(pings) == 0 || pings[len(pings)-1] != "GET /ping/fail" {
				t.Errorf("pings %q", pings)
			}
			if c.unheard != (len(hooks) == 0) || !c.unheard && (len(hooks) != 1 || !strings.Contains(hooks[0], "deskferry acme: failed: ") || !strings.Contains(hooks[0], c.said)) {
				t.Errorf("told %q", hooks)
			}
			if s := r.account.Stats(); s.Writes != 0 {
				t.Errorf("%d writes", s.Writes)
			}
		})
	}
}

// TestSyncThatCannotBeginLeavesNoTrace makes no file where the one that is meant cannot be told.
func TestSyncThatCannotBeginLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, "acme.yaml", "version: 1\ntarget: { ledgre: acme.db }\n")
	var out, errs strings.Builder
	if code := run(t.Context(), []string{"deskferry", "sync", "--job", "acme.yaml"}, strings.NewReader(""), &out, &errs); code != exitUsage {
		t.Fatalf("exit %d\n%s", code, errs.String())
	}
	if strings.Count(errs.String(), "ledgre") == 0 || strings.Count(errs.String(), "deskferry: ") != 1 {
		t.Errorf("said %q", errs.String())
	}
	if left, err := os.ReadDir("."); err != nil || len(left) != 1 {
		t.Errorf("%d files, %v", len(left), err)
	}
}
