package files

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"code.dny.dev/ssrf"
)

// Allow is what may be connected to besides public addresses on ports 80 and 443. The zero value allows nothing more.
type Allow struct {
	prefixes []netip.Prefix
	hosts    map[string]bool // "files.acme.test" or "127.0.0.1:8080", lower case
}

// ParseAllow reads entries: a network (10.1.0.0/16), an address or a host name, each of these two also with a port. An
// entry without a port is for ports 80 and 443.
func ParseAllow(entries []string) (Allow, error) {
	a := Allow{hosts: map[string]bool{}}
	for _, e := range entries {
		e = strings.ToLower(strings.TrimSpace(e))
		if prefix, err := netip.ParsePrefix(e); err == nil {
			a.prefixes = append(a.prefixes, prefix.Masked())
			continue
		}
		if addr, err := netip.ParseAddr(strings.Trim(e, "[]")); err == nil {
			a.hosts[addr.String()] = true
			continue
		}
		host, port, err := net.SplitHostPort(e)
		if err != nil {
			host, port = e, ""
		}
		host = canonicalHost(host)
		if host == "" || strings.ContainsAny(host, "/@?#* ") || err == nil && !isPort(port) {
			return Allow{}, fmt.Errorf("%q is no host, host:port or network as 10.1.0.0/16", e)
		}
		if port != "" {
			host = net.JoinHostPort(host, port)
		}
		a.hosts[host] = true
	}
	return a, nil
}

// canonicalHost is a host name or an address in the one form it is compared in.
func canonicalHost(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.String()
	}
	return host
}

func isPort(s string) bool {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 65535 {
			return false
		}
		n = 10*n + int(c-'0')
	}
	return n > 0 && n <= 65535
}

// named tells whether host:port was allowed by name: nothing is asked of the address then.
func (a Allow) named(host, port string) bool {
	host = canonicalHost(host)
	return a.hosts[net.JoinHostPort(host, port)] || a.hosts[host] && (port == "80" || port == "443")
}

// named tells the same of the host a URL names.
func (a Allow) namedURL(u *url.URL) bool { return a.named(u.Hostname(), portOf(u)) }

// portOf is the port a URL leads to.
func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// dialer connects to public addresses only. The address is judged at the moment of the connect, after the name was
// resolved, so a name that resolves otherwise the second time does not pass.
type dialer struct {
	allow   Allow
	guarded net.Dialer
	open    net.Dialer
}

const connectTimeout = 15 * time.Second

func newDialer(allow Allow, resolver *net.Resolver) *dialer {
	var v4, v6 []netip.Prefix
	for _, p := range allow.prefixes {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	guard := ssrf.New(ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
	return &dialer{
		allow:   allow,
		guarded: net.Dialer{Timeout: connectTimeout, Control: guard.Safe, Resolver: resolver},
		open:    net.Dialer{Timeout: connectTimeout, Resolver: resolver},
	}
}

// dial is an [http.Transport]'s DialContext; address is the host and port of the URL, not resolved yet.
func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if d.allow.named(host, port) {
		return d.open.DialContext(ctx, network, address)
	}
	return d.guarded.DialContext(ctx, network, address)
}

// refusedAddress tells whether err is the guard's.
func refusedAddress(err error) bool {
	return errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedPort) || errors.Is(err, ssrf.ErrProhibitedNetwork) ||
		errors.Is(err, ssrf.ErrInvalidHostPort)
}
