package ledger

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/deskferry/deskferry/importer"
)

func filled(b *testing.B, tickets int) *Ledger {
	b.Helper()
	l, err := Open(filepath.Join(b.TempDir(), "ledger.db"), Options{Target: account})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	if err := l.Begin(ctx, RunInfo{Source: "test"}); err != nil {
		b.Fatal(err)
	}
	for from := 0; from < tickets; from += enterBatch {
		var ps []importer.Planned
		for i := from; i < min(from+enterBatch, tickets); i++ {
			p := planned(fmt.Sprintf("zendesk:ticket:%d", i), 4)
			p.Seq = int64(i)
			ps = append(ps, p)
		}
		if _, err := l.Plan(ctx, ps); err != nil {
			b.Fatal(err)
		}
	}
	return l
}

// BenchmarkPlan takes tickets of four messages in.
func BenchmarkPlan(b *testing.B) {
	filled(b, b.N)
	b.ReportMetric(float64(4*b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkTicket is what the ledger costs a ticket of four messages: claim, entry, intent and outcome, by one worker and
// by eight.
func BenchmarkTicket(b *testing.B) {
	for _, workers := range []int{1, 8} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			l := filled(b, b.N)
			b.ResetTimer()
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					for {
						claims, err := l.Claim(ctx, 1)
						if err != nil || len(claims) == 0 {
							if err != nil {
								b.Error(err)
							}
							return
						}
						e, err := l.Entry(ctx, claims[0].Key)
						if err != nil {
							b.Error(err)
							return
						}
						id, err := l.Intend(ctx, e.Claim, importer.Attempt{Kind: importer.CreateKind, Messages: e.Missing()})
						if err != nil {
							b.Error(err)
							return
						}
						if err := l.Settle(ctx, id, made(int(id), e.Missing()...)); err != nil {
							b.Error(err)
							return
						}
						l.Release(claims[0])
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
		})
	}
}
