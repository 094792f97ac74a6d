package files

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Auth are headers that single hosts want: the old system's own authentication. The zero value has none. Its texts never
// appear in errors.
type Auth struct{ byHost map[string][]header }

type header struct{ name, value string }

// String keeps values out of what is printed.
func (a Auth) String() string { return fmt.Sprintf("authentication for %d hosts", len(a.byHost)) }

// GoString is String.
func (a Auth) GoString() string { return a.String() }

// ParseAuth reads lines of the form "host=Header: value", as "acme.zendesk.com=Authorization: Basic abc". The host is a
// name, not a pattern, and may have a port. Blank lines and those that begin with # are left out.
func ParseAuth(text string) (Auth, error) {
	a := Auth{byHost: map[string][]header{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		host, field, ok := strings.Cut(line, "=")
		name, value, isHeader := strings.Cut(field, ":")
		host, name, value = strings.TrimSpace(host), strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok || !isHeader || host == "" || value == "" || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value):
			return Auth{}, fmt.Errorf("line %d is not of the form host=Header: value", n)
		case strings.ContainsAny(host, "/@*? "):
			return Auth{}, fmt.Errorf("line %d: the host is a name as files.acme.com, without https:// and path", n)
		case reserved(name):
			return Auth{}, fmt.Errorf("line %d: the header %s cannot be set", n, http.CanonicalHeaderKey(name))
		}
		key := hostKey(host)
		a.byHost[key] = append(a.byHost[key], header{http.CanonicalHeaderKey(name), value})
	}
	return a, nil
}

// reserved are headers that frame a request.
func reserved(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "Te", "Trailer", "Accept-Encoding", "Proxy-Authorization", "Range":
		return true
	}
	return false
}

// hostKey is "host:port"; without a port it is that of https.
func hostKey(host string) string {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), "443"
	}
	return net.JoinHostPort(canonicalHost(name), port)
}

// of are the headers for one request.
func (a Auth) of(u *url.URL) []header {
	return a.byHost[net.JoinHostPort(canonicalHost(u.Hostname()), portOf(u))]
}

// authTransport gives each request the headers of its own host and nothing else that an earlier request had: net/http
// would carry them along on redirects. They are sent in clear text only to a host that was allowed by name.
type authTransport struct {
	auth  Auth
	allow Allow
	next  http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (t *authTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.Header = http.Header{"User-Agent": {"deskferry"}, "Accept": {"*/*"}}
	if out.URL.User != nil { // of the export's own URL, for that host
		if v := req.Header.Get("Authorization"); v != "" {
			out.Header.Set("Authorization", v)
		}
	}
	if out.URL.Scheme == "https" || t.allow.namedURL(out.URL) {
		for _, h := range t.auth.of(out.URL) {
			out.Header[h.name] = []string{h.value}
		}
	}
	return t.next.RoundTrip(out)
}
