package browsertest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"
)

// gate is the proxy of a browser: it lets it reach this machine and notes whatever else it asks for. It sees what the
// page's own events do not tell, as a connection that is opened ahead of a request.
type gate struct {
	url string

	mu    sync.Mutex
	hosts []string
}

func newGate(t *testing.T) *gate {
	g := &gate{}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.Host = r.In.Host }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "127.0.0.1:") && r.Method != http.MethodConnect {
			pass.ServeHTTP(w, r)
			return
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.hosts = append(g.hosts, r.Host)
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "nothing is loaded from outside")
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// asked are the hosts on top of this machine that were asked for and belong to a corpus: ".test" is nobody's.
func (g *gate) asked() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []string
	for _, h := range g.hosts {
		if name, _, _ := strings.Cut(h, ":"); strings.HasSuffix(name, ".test") {
			out = append(out, h)
		}
	}
	return out
}

// quiet fails when a page asked for anything outside.
func (g *gate) quiet(t *testing.T) {
	t.Helper()
	if asked := g.asked(); len(asked) > 0 {
		t.Errorf("the browser asked for %d things outside, as %q", len(asked), asked[0])
	}
}
