package files

import (
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// TestPrivateAddresses: no form of a private address is connected to, on any port.
func TestPrivateAddresses(t *testing.T) {
	f := NewFetcher(Settings{Wait: 1})
	defer f.Close()
	for _, host := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.1.2.3", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255",
		"198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[::a00:1]",
		"[64:ff9b::127.0.0.1]", "[64:ff9b::a00:1]", "[64:ff9b:1::7f00:1]", "[100::1]", "[2001::1]", "[2001:0:7f00:1::1]", "[2001:db8::1]", "[2001:10::1]",
		"[2002:7f00:1::1]", "[2002:a00:1::]", "[2002:c0a8:101::1]", "[3fff::1]", "[5f00::1]", "[fc00::1]", "[fd12:3456::1]", "[fe80::1]", "[fec0::1]",
		"[ff02::1]", "[ff05::2]", "[::1%25lo]",
		"localhost", "localhost.",
	} {
		for _, scheme := range []string{"http", "https"} {
			_, err := f.Fetch(t.Context(), Source{URL: scheme + "://" + host + "/x"}, new(memory))
			code, _ := CodeOf(err)
			if code != Private && !(strings.HasPrefix(host, "localhost") && code == Unreachable) {
				t.Errorf("%s://%s: %v (%s)", scheme, host, err, code)
			}
		}
	}
	for _, odd := range []string{"http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/"} {
		if _, err := f.Fetch(t.Context(), Source{URL: odd}, new(memory)); err == nil {
			t.Errorf("%s: fetched", odd)
		}
	}
}

// TestGuard judges addresses without connecting, public ones too.
func TestGuard(t *testing.T) {
	allow, err := ParseAllow([]string{"10.1.0.0/16", "fd00:1::/64", "files.acme.test", "127.0.0.1:8080", "[::1]:99", "192.168.1.5"})
	if err != nil {
		t.Fatal(err)
	}
	d := newDialer(allow, nil)
	for address, want := range map[string]bool{
		"8.8.8.8:443": true, "8.8.8.8:80": true, "8.8.8.8:22": false, "8.8.8.8:8443": false, "[2606:4700::1]:443": true, "[2606:4700::1]:25": false,
		"10.1.2.3:443": true, "10.1.2.3:8080": false, "10.2.0.1:443": false, "[fd00:1::5]:80": true, "[fd00:2::5]:80": false, "127.0.0.1:443": false,
	} {
		network := "tcp4"
		if strings.HasPrefix(address, "[") {
			network = "tcp6"
		}
		if err := d.guarded.Control(network, address, nil); (err == nil) != want || err != nil && !refusedAddress(err) {
			t.Errorf("%s: %v, want allowed %t", address, err, want)
		}
	}
	if err := d.guarded.Control("udp4", "8.8.8.8:443", nil); err == nil {
		t.Error("udp passes")
	}
	for address, want := range map[string]bool{
		"files.acme.test:443": true, "FILES.acme.test.:80": true, "files.acme.test:8080": false, "evil.files.acme.test:443": false, "127.0.0.1:8080": true,
		"127.0.0.1:80": false, "::1:99": false, "[::1]:99": true, "[0:0::1]:99": true, "192.168.1.5:443": true, "192.168.1.5:22": false,
	} {
		host, port, err := net.SplitHostPort(address)
		if err == nil && allow.named(host, port) != want {
			t.Errorf("%s is named: %t", address, !want)
		}
	}
	for _, bad := range []string{"", "https://x", "a/b", "host:0", "host:99999", "host:x", "*.acme.test", "user@host"} {
		if _, err := ParseAllow([]string{bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestNameThatChangesItsAnswer: a name that is public when it is looked up first and private when it is connected to does not
// pass, since the address is judged at the connect.
func TestNameThatChangesItsAnswer(t *testing.T) {
	reached := atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	asked := atomic.Int64{}
	resolver := fakeResolver(t, func(string) netip.Addr {
		if asked.Add(1) == 1 {
			return netip.MustParseAddr("93.184.216.34")
		}
		return netip.MustParseAddr("127.0.0.1")
	})
	first, err := resolver.LookupNetIP(t.Context(), "ip4", "rebind.acme.test")
	if err != nil || first[0].IsLoopback() {
		t.Fatalf("%v, %v", first, err)
	}
	f := NewFetcher(Settings{Resolver: resolver})
	// The port is one of those that pass, or the port alone would be refused.
	if _, err := f.Fetch(t.Context(), Source{URL: "http://rebind.acme.test/x"}, new(memory)); !is(err, Private) {
		t.Errorf("got %v", err)
	}
	named, _ := ParseAllow([]string{"other.acme.test:" + port})
	f = NewFetcher(Settings{Resolver: resolver, Allow: named})
	if _, err := f.Fetch(t.Context(), Source{URL: "http://rebind.acme.test:" + port + "/x"}, new(memory)); !is(err, Private) {
		t.Errorf("got %v", err)
	}
	if reached.Load() > 0 {
		t.Errorf("reached %d times", reached.Load())
	}
	// Allowed by name it may lead wherever it does: that is what was allowed.
	named, _ = ParseAllow([]string{"rebind.acme.test:" + port})
	f = NewFetcher(Settings{Resolver: resolver, Allow: named})
	if _, err := f.Fetch(t.Context(), Source{URL: "http://rebind.acme.test:" + port + "/x"}, new(memory)); !is(err, Empty) || reached.Load() != 1 {
		t.Errorf("got %v, reached %d times", err, reached.Load())
	}
}

func is(err error, want Code) bool {
	code, ok := CodeOf(err)
	return ok && code == want
}

// fakeResolver answers A questions by a function and has no AAAA.
func fakeResolver(t *testing.T, answer func(name string) netip.Addr) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			var size [2]byte // a pipe is a stream: questions come with their length
			for {
				if _, err := readFull(theirs, size[:]); err != nil {
					return
				}
				question := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := readFull(theirs, question); err != nil {
					return
				}
				var m dnsmessage.Message
				if err := m.Unpack(question); err != nil {
					t.Error(err)
					return
				}
				m.Response, m.Additionals = true, nil
				if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
					m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
						Body: &dnsmessage.AResource{A: answer(q.Name.String()).As4()}}}
				}
				b, err := m.Pack()
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := theirs.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)); err != nil {
					return
				}
			}
		}()
		return ours, nil
	}}
}

func readFull(c net.Conn, b []byte) (int, error) {
	n := 0
	for n < len(b) {
		m, err := c.Read(b[n:])
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
