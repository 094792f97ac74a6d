package gorgias

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// parseBase makes the account's address of what a user writes: https://acme.gorgias.com, with or without the scheme, a
// trailing slash or /api. Plain http is accepted on loopback only, where the sandbox listens.
func parseBase(s string) (*url.URL, error) {
	const hint = "write https://acme.gorgias.com with your account's name"
	text := strings.TrimSpace(s)
	if text == "" {
		return nil, fmt.Errorf("no account given; %s", hint)
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the account's address cannot be read; %s", hint) // err would quote a password
	case u.User != nil:
		return nil, fmt.Errorf("the account's address holds a user name or password; %s, and give the key by DESKFERRY_GORGIAS_KEY", hint)
	case u.Hostname() == "":
		return nil, fmt.Errorf("account %q has no host; %s", s, hint)
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery || u.Opaque != "":
		return nil, fmt.Errorf("account %q has more than a host; %s", s, hint)
	}
	if p := strings.Trim(u.EscapedPath(), "/"); p != "" && p != "api" {
		return nil, fmt.Errorf("account %q has the path /%s; %s", s, p, hint)
	}
	host := strings.ToLower(u.Host)
	switch scheme := strings.ToLower(u.Scheme); {
	case scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("account %q would be spoken to in the clear; use https (http is for the sandbox on this machine)", s)
	case scheme != "http" && scheme != "https":
		return nil, fmt.Errorf("account %q has the scheme %s; %s", s, scheme, hint)
	case scheme == "https" && !strings.Contains(u.Hostname(), ".") && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("account %q is no host name; did you mean https://%s.gorgias.com?", s, host)
	default:
		return &url.URL{Scheme: scheme, Host: host}, nil
	}
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
