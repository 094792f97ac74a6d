package main

import (
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskferry/deskferry/importer"
)

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestNotifyWants(t *testing.T) {
	ended := func(how string, rejected int64) *outcome {
		return &outcome{Outcome: how, Needs: needs{Rejected: rejected}}
	}
	for _, c := range []struct {
		name        string
		before, now *outcome
		on          string
		want        bool
	}{
		{"the first night, all well", ended("", 0), ended(outcomeOK, 0), notifyChange, false},
		{"the first night, something rejected", ended("", 0), ended(outcomeIncomplete, 3), notifyChange, true},
		{"all well again", ended(outcomeFailed, 0), ended(outcomeOK, 0), notifyChange, true},
		{"the same rejects as before", ended(outcomeIncomplete, 3), ended(outcomeIncomplete, 3), notifyChange, false},
		{"more rejects", ended(outcomeIncomplete, 3), ended(outcomeIncomplete, 4), notifyChange, true},
		{"rejects are no failure", ended(outcomeIncomplete, 3), ended(outcomeIncomplete, 4), notifyFailure, false},
		{"failed again", ended(outcomeFailed, 0), ended(outcomeFailed, 0), notifyFailure, true},
		{"failed again is no change", ended(outcomeFailed, 0), ended(outcomeFailed, 0), notifyChange, false},
		{"interrupted", ended(outcomeOK, 0), ended(outcomeInterrupted, 0), notifyFailure, true},
		{"always", ended(outcomeOK, 0), ended(outcomeOK, 0), notifyAlways, true},
	} {
		n := &notifier{on: []string{c.on}}
		if got := n.wants(c.now, c.before); got != c.want {
			t.Errorf("%s, on %s: %v", c.name, c.on, got)
		}
	}
}

// TestWebhook is told again when it fails, takes hostile text as text, and its address is in no error.
func TestWebhook(t *testing.T) {
	e := listen(t)
	n := &notifier{pause: time.Millisecond, webhook: e.url + "/services/T0KEN", client: http.DefaultClient}
	e.fail = 2
	if err := n.tell(t.Context(), &outcome{Text: `acme: failed: <!channel> & "quotes"`}); err != nil {
		t.Fatal(err)
	}
	got := e.heard()
	if want := `POST /services/T0KEN {"text":"deskferry acme: failed: &lt;!channel&gt; &amp; \"quotes\""}`; len(got) != 3 || got[2] != want {
		t.Errorf("told %q, want %q", got, want)
	}
	e.fail = 9
	if err := n.tell(t.Context(), &outcome{}); err == nil || !strings.Contains(err.Error(), "500") || strings.Contains(err.Error(), "T0KEN") {
		t.Errorf("a webhook that fails: %v", err)
	}
	n.webhook = "http://" + freeAddress(t) + "/services/T0KEN"
	if err := n.tell(t.Context(), &outcome{}); err == nil || strings.Contains(err.Error(), "T0KEN") {
		t.Errorf("a webhook that is not there: %v", err)
	}
}

// TestNotifyCommand gives a program its arguments as they are, the outcome as JSON, and none of our keys.
func TestNotifyCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a shell script")
	}
	t.Setenv("DESKFERRY_GORGIAS_KEY", "s3cret-key")
	dir := t.TempDir()
	script := filepath.Join(dir, "tell")
	write(t, script, "#!/bin/sh\n{ echo \"$@\"; cat; env; } > "+dir+"/told\n")
	if err := os.Chmod(script, 0o755); err != nil {
		t.Fatal(err)
	}
	n := &notifier{command: []string{script, "a b", "$HOME;"}}
	if err := n.tell(t.Context(), &outcome{Name: "acme", Outcome: outcomeFailed, Summary: &importer.Summary{}}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "told"))
	text := string(b)
	if err != nil || !strings.HasPrefix(text, "a b $HOME;\n{\"name\":\"acme\",\"outcome\":\"failed\"") || strings.Contains(text, "s3cret-key") {
		t.Errorf("told %v: %s", err, text)
	}
	n.command = []string{"/bin/sh", "-c", "echo no network; exit 4"}
	if err := n.tell(t.Context(), &outcome{}); err == nil || !strings.Contains(err.Error(), "no network") {
		t.Errorf("a command that fails: %v", err)
	}
}

// TestNotifyGivesUp does not wait for a dead receiver for long.
func TestNotifyGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		n := &notifier{ping: "https://ping.example.org/abc?x=1", client: &http.Client{Timeout: tellTimeout, Transport: dead{}}}
		err := n.knock(t.Context(), "fail")
		if err == nil || strings.Contains(err.Error(), "abc") {
			t.Errorf("a dead receiver: %v", err)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("gave up after %s", took)
		}
	})
}

// dead never answers.
type dead struct{}

func (dead) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.String() != "https://ping.example.org/abc/fail?x=1" {
		return nil, errors.New("asked for " + r.URL.String())
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}
