package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
)

func metricsFlags() []cli.Flag {
	return []cli.Flag{
		stringFlag("metrics", "write Prometheus metrics to `FILE` at the end, in one step, as node_exporter's textfile collector wants it (a name that ends in .prom)"),
		stringFlag("metrics-listen", "serve Prometheus metrics at http://`ADDRESS`/metrics while it runs, as 127.0.0.1:9464"),
	}
}

// metricsName refuses a file that node_exporter would not read.
func metricsName(c *cli.Context) error {
	if path := c.String("metrics"); path != "" && filepath.Ext(path) != ".prom" {
		return usagef("--metrics %s: node_exporter reads files whose names end in .prom; name it so", path)
	}
	return nil
}

// metrics are what Prometheus is told of a sync. docs/sync.md lists them.
type metrics struct {
	registry *prometheus.Registry
	server   *http.Server
	client   atomic.Pointer[gorgias.Client] // whose requests are counted; nil before it is made

	running, started, ended, finished, duration, exit prometheus.Gauge
	records, tickets, messages, changes, needs        *prometheus.GaugeVec
	sendable                                          prometheus.Gauge
	steps                                             *prometheus.CounterVec
}

// newMetrics makes a registry of its own for the job of this name.
func newMetrics(name string) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	labels := prometheus.Labels{"name": name}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "deskferry", Subsystem: "sync", Name: name, Help: help, ConstLabels: labels})
		m.registry.MustRegister(g)
		return g
	}
	vec := func(name, help, label string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "deskferry", Subsystem: "sync", Name: name, Help: help, ConstLabels: labels}, []string{label})
		m.registry.MustRegister(g)
		return g
	}
	m.running = gauge("running", "1 while a sync is at work.")
	m.started = gauge("start_timestamp_seconds", "When the last sync began.")
	m.ended = gauge("end_timestamp_seconds", "When the last sync ended, however it did; 0 while it runs.")
	m.finished = gauge("finished_timestamp_seconds", "When a sync last went through to the end, with or without something in need of somebody; 0 is never.")
	m.duration = gauge("duration_seconds", "How long the last sync took.")
	m.exit = gauge("exit_code", "Exit code of the last sync: 0 done, 3 something needs somebody, 130 interrupted, 1 and 2 could not run.")
	m.records = vec("records", "Records of the source in the last sync, by what became of them.", "state")
	m.tickets = vec("tickets", "Tickets of the source in the last sync, by where they stand.", "state")
	m.messages = vec("messages", "Messages of the source in the last sync, by where they stand.", "state")
	m.changes = vec("changes", "Changes met by the last sync: tickets updated, in conflict, touched, removed; messages edited.", "kind")
	m.needs = vec("needs", "What needs somebody, or was left as it is, as of the last sync that went through.", "kind")
	m.sendable = gauge("sendable_messages", "Messages that left without a sent time and could be mailed: always 0.")
	m.steps = prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "deskferry", Subsystem: "sync", Name: "steps_total",
		Help: "Tickets worked on by this sync, by where the step left them.", ConstLabels: labels}, []string{"state"})
	m.registry.MustRegister(m.steps)
	m.count("requests_total", "Requests made to the account by this sync.", labels, func(s gorgias.Stats) int64 { return s.Requests })
	m.count("throttled_total", "Requests of this sync that the account answered with 429.", labels, func(s gorgias.Stats) int64 { return s.Throttled })
	build := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "deskferry", Name: "build_info", Help: "Always 1; the version is a label.",
		ConstLabels: prometheus.Labels{"name": name, "version": versionText()}})
	build.Set(1)
	m.registry.MustRegister(build)
	return m
}

// count registers a counter of the client's.
func (m *metrics) count(name, help string, labels prometheus.Labels, of func(gorgias.Stats) int64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "deskferry", Subsystem: "sync", Name: name, Help: help, ConstLabels: labels},
		func() float64 {
			c := m.client.Load()
			if c == nil {
				return 0
			}
			return float64(of(c.Stats()))
		}))
}

// begin tells that a sync is at work. last is when one last went through.
func (m *metrics) begin(now, last time.Time) {
	m.running.Set(1)
	m.started.Set(seconds(now))
	m.finished.Set(seconds(last))
}

// seconds are those since 1970; 0 for no time.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// step counts what was done for a ticket.
func (m *metrics) step(r importer.Result) { m.steps.WithLabelValues(string(r.State)).Inc() }

// end tells how the sync ended.
func (m *metrics) end(o *outcome) {
	m.running.Set(0)
	m.ended.Set(seconds(o.Ended))
	m.finished.Set(seconds(o.Finished))
	m.duration.Set(o.Ended.Sub(o.Started).Seconds())
	m.exit.Set(float64(o.Exit))
	set := func(v *prometheus.GaugeVec, label string, n int64) { v.WithLabelValues(label).Set(float64(n)) }
	for _, need := range o.Needs.all() {
		set(m.needs, need.name, need.n)
	}
	s := o.Summary
	if s == nil {
		return
	}
	m.sendable.Set(float64(s.SendSafety.Sendable))
	r, t, c := s.Records, s.Tickets, s.Messages
	set(m.records, "mapped", r.Mapped)
	set(m.records, "skipped", r.Skipped)
	set(m.records, "rejected", r.Rejected)
	for label, n := range map[string]int64{"imported": t.Imported, "present": t.Present, "skipped": t.Skipped, "rejected": t.Rejected, "held": t.Held,
		"in_doubt": t.InDoubt, "pending": t.Pending} {
		set(m.tickets, label, n)
	}
	for label, n := range map[string]int64{"imported": c.Imported, "present": c.Present, "repeated": c.Repeated, "skipped": c.Skipped, "rejected": c.Rejected,
		"held": c.Held, "in_doubt": c.InDoubt, "pending": c.Pending} {
		set(m.messages, label, n)
	}
	set(m.changes, "edited_messages", s.Differs)
	set(m.changes, "removed_messages", s.Removed)
	if s.Sync != nil {
		set(m.changes, "updated_tickets", s.Sync.Updated)
		set(m.changes, "conflicting_tickets", s.Sync.Conflicts)
		set(m.changes, "touched_tickets", s.Sync.Touched)
		set(m.changes, "removed_tickets", s.Sync.Removed)
	}
}

// listen serves the metrics until close.
func (m *metrics) listen(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("serving metrics: %w; --metrics-listen names another address", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	m.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = m.server.Serve(l) }() // ends with close
	return nil
}

func (m *metrics) close() error {
	if m.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := m.server.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("ending the metrics' server: %w", err)
	}
	return m.server.Close()
}

// write puts the metrics into a file that others read, in one step.
func (m *metrics) write(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("writing the metrics: %s is not a regular file", path)
	}
	if err := prometheus.WriteToTextfile(path, m.registry); err != nil {
		return fmt.Errorf("writing the metrics to %s: %w; --metrics names the file, and its folder has to be writable for the one who runs the sync", path, cause(err))
	}
	return nil
}
