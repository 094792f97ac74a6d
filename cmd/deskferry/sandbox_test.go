package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// startSandbox runs deskferry sandbox until the test ends and returns the address of its Omnidesk account.
func startSandbox(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var errs bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"deskferry", "sandbox", "--listen", "127.0.0.1:0", "--omnidesk", "127.0.0.1:0"}, args...), strings.NewReader(""), in, &errs)
		in.Close()
	}()
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("sandbox %s: exit %d\n%s", strings.Join(args, " "), <-code, errs.String())
	}
	first := lines.Text()
	go func() {
		for lines.Scan() {
		}
	}()
	t.Cleanup(func() {
		cancel()
		if c := <-code; c != exitDone {
			t.Errorf("sandbox %s: exit %d\n%s", strings.Join(args, " "), c, errs.String())
		}
	})
	url, _, found := strings.Cut(strings.TrimPrefix(first, "omnidesk ready at "), omnideskBase+":")
	if !found {
		t.Fatalf("it says %q first", first)
	}
	return url
}

// fetched asks the account and returns the answer's body, checking the status.
func fetched(t *testing.T, url, key string, status int) []byte {
	t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("apiKey", key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		t.Fatalf("%s: %d %v\n%s", url, res.StatusCode, err, b)
	}
	return b
}

func accountStats(t *testing.T, url string) map[string]any {
	t.Helper()
	var stats map[string]any
	if err := json.Unmarshal(fetched(t, url+"/sandbox/stats", "", 200), &stats); err != nil {
		t.Fatal(err)
	}
	return stats
}

// An account of made-up tickets, saved and served again, answers the same.
func TestSandboxOmnidesk(t *testing.T) {
	t.Setenv("DESKFERRY_SANDBOX_OMNIDESK_KEY", "geheim")
	url := startSandbox(t, "--omnidesk-tickets", "40")
	fetched(t, url+"/api/v2/ticket", "wrong", 401)
	fetched(t, url+"/api/v2/ticket", "geheim", 200)
	dump := fetched(t, url+"/sandbox/tickets", "", 200)
	if s := accountStats(t, url); s["tickets"] != 40.0 || s["requests"] != 2.0 || s["posts"] != 0.0 || s["notifications_read"] != 0.0 {
		t.Errorf("%v", s)
	}
	dir := t.TempDir()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(dump)
	w.Close()
	for name, content := range map[string][]byte{"dump.ndjson.gz": zipped.Bytes(), "users.json": fetched(t, url+"/api/v2/user", "geheim", 200), "readme.txt": []byte("not read")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := startSandbox(t, "--omnidesk-seed", dir)
	if got := fetched(t, again+"/sandbox/tickets", "", 200); !bytes.Equal(got, dump) {
		t.Error("saved answers are served otherwise")
	}
	if got, want := fetched(t, again+"/api/v2/user", "geheim", 200), fetched(t, url+"/api/v2/user", "geheim", 200); !bytes.Equal(got, want) {
		t.Errorf("users: %s\nwant %s", got, want)
	}
}

// An account filled through a mapping holds what would be imported.
func TestSandboxOmnideskFromExport(t *testing.T) {
	export := []string{"../../testdata/helpdesk.json", "../../testdata/helpdesk.yaml"}
	want := expected(t, "--from", export[0], "--mapping", export[1])
	messages := 0
	for _, ticket := range want {
		messages += len(ticket.Messages)
	}
	url := startSandbox(t, "--omnidesk-seed", export[0], "--omnidesk-mapping", export[1])
	stats := accountStats(t, url)
	if stats["tickets"] != float64(len(want)) || stats["messages"].(float64)+stats["notes"].(float64) != float64(messages) || stats["notes"] == 0.0 || stats["users"] == 0.0 || stats["customers"] == 0.0 {
		t.Errorf("%v; want %d tickets, %d messages", stats, len(want), messages)
	}
	var users struct {
		Items []struct {
			ID    int64  `json:"id"`
			Email string `json:"email"`
		} `json:"items"`
	}
	if err := json.Unmarshal(fetched(t, url+"/api/v2/user", "k", 200), &users); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, u := range users.Items {
		if seen[u.Email] {
			t.Errorf("two users are %q", u.Email)
		}
		seen[u.Email] = true
	}
}
