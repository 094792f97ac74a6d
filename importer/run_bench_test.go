package importer_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

// loopback is a target behind real HTTP that takes everything.
type loopback struct {
	world
	url    string
	client *http.Client
	last   atomic.Int64
}

func (l *loopback) Create(w *importer.Work, n int) (*importer.Request, error) {
	body := bytes.Repeat([]byte("x"), 600*n)
	return &importer.Request{Send: func(ctx context.Context) (importer.Stored, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(body))
		if err != nil {
			return importer.Stored{}, err
		}
		resp, err := l.client.Do(req)
		if err != nil {
			return importer.Stored{}, err
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return importer.Stored{}, err
		}
		st := importer.Stored{ID: importer.TicketID(l.last.Add(1)), ExternalID: w.ExternalID}
		for _, id := range w.MessageIDs[:n] {
			st.Messages = append(st.Messages, importer.StoredMessage{ID: importer.MessageID(l.last.Add(1)), ExternalID: id})
		}
		return st, nil
	}}, nil
}

// BenchmarkRun imports tickets of four messages into a target on loopback, with the durable ledger: messages/s is
// what counts (at least 2,000).
func BenchmarkRun(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"id":1}`)
	})}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	defer transport.CloseIdleConnections()
	target := &loopback{url: "http://" + listener.Addr().String(), client: &http.Client{Transport: transport}}

	l, err := ledger.Open(filepath.Join(b.TempDir(), "ledger.db"), ledger.Options{Target: "https://acme.gorgias.com"})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	ctx := context.Background()
	if err := l.Begin(ctx, ledger.RunInfo{Source: "test"}); err != nil {
		b.Fatal(err)
	}
	plan := export(slices.Repeat([]int{4}, b.N)...)
	for i := range b.N {
		plan[importer.Key(fmt.Sprintf("t%d", i))].Ticket.Customer.Email = fmt.Sprintf("c%d@example.com", i/3)
	}
	if _, err := l.Plan(ctx, plan.planned()); err != nil {
		b.Fatal(err)
	}
	r := &importer.Run{Target: target, Finder: target, Plan: plan, Ledger: l}
	b.ResetTimer()
	if err := r.Do(ctx, func(importer.Result) error { return nil }); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(4*b.N)/b.Elapsed().Seconds(), "messages/s")
	tally, err := l.Tally(ctx)
	if err != nil || tally.Messages.Imported != int64(4*b.N) {
		b.Fatalf("%+v, %v", tally, err)
	}
}
