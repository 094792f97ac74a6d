package browsertest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// turnstile lets as many creates through to an account as it is told to.
type turnstile struct {
	url  string
	pass chan struct{}
}

func newTurnstile(t *testing.T, account string) *turnstile {
	t.Helper()
	to, err := url.Parse(account)
	if err != nil {
		t.Fatal(err)
	}
	s := &turnstile{pass: make(chan struct{}, 1000)}
	proxy := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/api/tickets" {
			select {
			case <-s.pass:
			case <-r.Context().Done():
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *turnstile) let(n int) {
	for range n {
		s.pass <- struct{}{}
	}
}

// reportLive keeps a page open while an import runs: it renews itself, is whole each time, and stops when the import has ended.
func reportLive(t *testing.T, b *browser) {
	gate := newTurnstile(t, account(t))
	path := filepath.Join(t.TempDir(), "live.html")
	cmd := program(t, "import", "--from", sample(t, "helpdesk.json"), "--mapping", sample(t, "helpdesk.yaml"), "--to", gate.url, "--rules-off", "--report", path)
	var errs strings.Builder
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	const imported, refresh = `Number((/([\d,]+) of [\d,]+/.exec(document.querySelector("#verdict")?.innerText) ?? ["", "0"])[1].replace(",", ""))`, `!!document.querySelector("#live")`
	var p *tab
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			break
		} else if time.Now().After(end) {
			t.Fatalf("no report while the import runs: %v\n%s", err, errs.String())
		}
		gate.let(1)
	}
	p = b.open(t, file(t, path), looks()[0])
	p.await(refresh)
	first := eval[int](p, imported)
	for end := time.Now().Add(patience); eval[int](p, imported) <= first; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the page stays at %d: %s", first, eval[string](p, `document.querySelector("#verdict").innerText`))
		}
		if !eval[bool](p, `document.readyState !== "complete" || !!document.querySelector("#about")`) {
			t.Error("the page is not whole")
		}
		gate.let(1)
	}
	close(gate.pass)
	if err := <-ended; err != nil {
		t.Fatalf("import: %v\n%s", err, errs.String())
	}
	p.await(`document.readyState === "complete" && !document.querySelector("#live")`)
	p.showsSections(sections)
	if eval[bool](p, `!!document.querySelector("progress")`) {
		t.Error("the import has ended and the page still shows how far it is")
	}
	p.quiet(t)
}
