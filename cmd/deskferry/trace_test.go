package main

import (
	"strings"
	"testing"
)

// TestTraces sends spans to a collector, without keys, texts or addresses of people in them.
func TestTraces(t *testing.T) {
	r := newRig(t, "")
	ears := listen(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", ears.url)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "a header that is none") // the library's own log is not for people
	args := r.small()
	n := r.night(args...)
	expectNight(t, "sync", n, exitDone)
	if strings.Contains(n.err, ".go:") {
		t.Errorf("said %s", n.err)
	}
	all := strings.Join(ears.heard(), "\n")
	for _, want := range []string{"POST /v1/traces", "read the source", "carry over", "deskferry.tickets.imported"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not among the traces", want)
		}
	}
	for _, secret := range []string{"s3cret-key", "@example.", "Parcel", "Where is it"} {
		if strings.Contains(all, secret) {
			t.Errorf("the traces hold %q", secret)
		}
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "collector example")
	expectNight(t, "an address that is none", r.night(append(args, "--quiet")...), exitUsage, "OTEL_EXPORTER_OTLP_ENDPOINT is no address")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9") // a collector that is down is nobody's trouble
	if n := r.night(append(args, "--quiet")...); n.code != exitDone || n.out+n.err != "" {
		t.Errorf("without a collector: %+v", n)
	}
}
