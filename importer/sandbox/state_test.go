package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// dumpOf is everything that must survive a restart.
func dumpOf(t *testing.T, s *Server) string {
	t.Helper()
	return call(t, s, "GET", "/sandbox/tickets", "").want(200).Body.String() + call(t, s, "GET", "/sandbox/outbox", "").Body.String() +
		call(t, s, "GET", "/api/customers", "").Body.String() + call(t, s, "GET", "/api/tags", "").Body.String()
}

func TestStateSurvivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	open := func() *Server { return New(Options{StateFile: path, Now: at(noon)}) }
	s := open()
	for i := range 5 {
		call(t, s, "POST", "/api/tickets", ticketOf(fmt.Sprintf(`"external_id":"e%d","tags":[{"name":"t%d"}],"custom_fields":[{"id":51,"value":"x"}]`, i, i), incoming, outgoing, note)).want(201)
	}
	call(t, s, "POST", "/api/tickets/100001/messages", strings.Replace(outgoing, `"2021-03-04T06:06:07+01:00"`, "null", 1)).want(201)
	call(t, s, "PUT", "/api/tickets/100002", `{"status":"closed"}`).want(200)
	call(t, s, "PUT", "/api/tickets/100002/messages/500004", `{"body_text":"edited"}`).want(200)
	call(t, s, "DELETE", "/api/tickets/100005", "").want(204)
	call(t, s, "DELETE", "/api/tickets/100003/messages/500009", "").want(204)
	before := dumpOf(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	again := open()
	if got := dumpOf(t, again); got != before {
		t.Errorf("after the restart:\n%s\nbefore:\n%s", got, before)
	}
	if st := again.Stats(); st.Tickets != 4 || st.Messages != 12 || st.Outbox != 1 {
		t.Errorf("stats %+v", st)
	}
	call(t, again, "POST", "/api/tickets", ticketOf("", incoming)).want(201).holds("id", "100006", "messages.0.id", "500017")
	call(t, again, "GET", "/api/tickets?external_id=e2", "").holds("data.0.id", "100003")
	if err := open().Load(); err == nil || !strings.Contains(err.Error(), "in use by another sandbox") {
		t.Errorf("two at once: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}

	// A torn last line is what a kill leaves; anything else is damage.
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	torn := open()
	if got := dumpOf(t, torn); got != before {
		t.Error("a torn line did more than vanish")
	}
	call(t, torn, "POST", "/api/tickets", ticketOf("", incoming)).want(201)
	if err := torn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(b, []byte("\n["), []byte("\n?"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open().Load(); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("damage: %v", err)
	}
}

func TestStateIsRewritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s := New(Options{StateFile: path, Now: at(noon)})
	call(t, s, "POST", "/api/tickets", ticketOf(`"tags":[{"name":"a"}]`, incoming)).want(201)
	for range 1100 {
		call(t, s, "PUT", "/api/tickets/100001", `{"spam":true}`).want(200)
	}
	call(t, s, "POST", "/api/tickets", ticketOf("", incoming)).want(201)
	call(t, s, "DELETE", "/api/tickets/100002", "").want(204)
	before := dumpOf(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = New(Options{StateFile: path, Now: at(noon)})
	if got := dumpOf(t, s); got != before {
		t.Error("the rewrite changed something")
	}
	if b, err := os.ReadFile(path); err != nil || bytes.Count(b, []byte("\n")) > 10 {
		t.Errorf("%d lines left, %v", bytes.Count(b, []byte("\n")), err)
	}
	call(t, s, "POST", "/api/tickets", ticketOf("", incoming)).want(201).holds("id", "100003")
	call(t, s, "POST", "/sandbox/reset", "").want(200)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = New(Options{StateFile: path})
	defer s.Close()
	if err := s.Load(); err != nil || len(s.Tickets()) != 0 {
		t.Errorf("after a reset: %d tickets, %v", len(s.Tickets()), err)
	}
}

func TestStateThatCannotBeWritten(t *testing.T) {
	s := New(Options{StateFile: filepath.Join(t.TempDir(), "none", "state")})
	if err := s.Load(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("load: %v", err)
	}
	call(t, s, "POST", "/api/tickets", ticketOf("", incoming)).want(500)

	s = New(Options{StateFile: filepath.Join(t.TempDir(), "state")})
	call(t, s, "POST", "/api/tickets", ticketOf("", incoming)).want(201)
	_ = s.store.journal.file.Close() // as a full disk would: no write succeeds
	call(t, s, "POST", "/api/tickets", ticketOf("", incoming)).want(500)
	if n := len(s.Tickets()); n != 1 {
		t.Errorf("%d tickets: one was stored that the file does not have", n)
	}
}

// A killed sandbox has everything it answered. The test runs itself as the sandbox.
func TestStateSurvivesAKill(t *testing.T) {
	if path := os.Getenv("DESKFERRY_SANDBOX_TEST"); path != "" {
		url, _, err := New(Options{StateFile: path}).Start()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(url)
		select {}
	}
	path := filepath.Join(t.TempDir(), "state")
	answered := 0
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestStateSurvivesAKill$")
		cmd.Env = append(os.Environ(), "DESKFERRY_SANDBOX_TEST="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var url string
		if _, err := fmt.Fscanln(out, &url); err != nil {
			t.Fatal(err)
		}
		for i := 0; ; i++ {
			if i == 20 {
				go func() { _ = cmd.Process.Kill() }()
			}
			r, err := http.NewRequest("POST", url+"/api/tickets", strings.NewReader(ticketOf("", incoming)))
			if err != nil {
				t.Fatal(err)
			}
			r.SetBasicAuth("a", "b")
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				break
			}
			_ = res.Body.Close()
			if res.StatusCode != 201 {
				t.Fatalf("status %d", res.StatusCode)
			}
			answered++
		}
		_ = cmd.Wait()
		http.DefaultClient.CloseIdleConnections()
	}
	s := New(Options{StateFile: path})
	defer s.Close()
	if err := s.Load(); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Tickets()); n < answered || n > answered+3 {
		t.Errorf("%d tickets, %d were answered", n, answered)
	}
	if n := len(s.Tickets()); n < 60 {
		t.Errorf("only %d tickets", n)
	}
}
