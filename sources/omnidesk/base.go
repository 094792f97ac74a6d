package omnidesk

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path"
	"slices"
	"strings"
)

// russian says which product an address or an answer is of (formats section 13).
const russian = "this is the Omnidesk of omnidesk.ru (its API has /api/cases.json and records under numbers), another product of the same name; " +
	"deskferry reads the API v2 of the Dutch Omnidesk, https://acme.omnidesk.com/api/v2: save the cases as JSON files and read those"

var errRussian = errors.New(russian)

// ParseBase reads the address of an API: https://acme.omnidesk.com/api/v2. Without a path it is /api/v2. Plain http is taken on
// loopback only, where the sandbox listens.
func ParseBase(s string) (*url.URL, error) {
	const hint = "write https://acme.omnidesk.com/api/v2 with your account's name"
	u, err := url.Parse(strings.TrimSpace(s))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the address of the Omnidesk API cannot be read; %s", hint) // err would quote a key
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("the address of the Omnidesk API holds more than host and path, such as a key; %s, and give the key by DESKFERRY_OMNIDESK_KEY", hint)
	case u.Opaque != "" || u.Hostname() == "":
		return nil, fmt.Errorf("address %q has no host; %s", s, hint)
	}
	host := strings.ToLower(u.Hostname())
	if slices.ContainsFunc([]string{"omnidesk.ru", "omnidesk.pro"}, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) }) ||
		path.Base(u.Path) == "cases.json" {
		return nil, fmt.Errorf("address %q: %w", s, errRussian)
	}
	switch scheme := strings.ToLower(u.Scheme); {
	case scheme == "http" && !onLoopback(host):
		return nil, fmt.Errorf("address %q would be spoken to in the clear; use https (http is for the sandbox on this machine)", s)
	case scheme != "http" && scheme != "https":
		return nil, fmt.Errorf("address %q has the scheme %q; %s", s, u.Scheme, hint)
	}
	place := strings.TrimRight(u.Path, "/")
	if place == "" {
		place = "/api/v2"
	}
	if path.Clean(place) != place || u.RawPath != "" {
		return nil, fmt.Errorf("address %q has an odd path; %s", s, hint)
	}
	if last := path.Base(place); last == "ticket" || last == "user" || last == "customer" {
		return nil, fmt.Errorf("address %q names one part of the API; %s", s, hint)
	}
	return &url.URL{Scheme: strings.ToLower(u.Scheme), Host: strings.ToLower(u.Host), Path: place}, nil
}

func onLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
