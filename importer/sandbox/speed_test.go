package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// BenchmarkCreateTicket is tickets of four messages created over real HTTP by eight clients in the same process.
func BenchmarkCreateTicket(b *testing.B) {
	message := strings.Replace(incoming, "Where is my parcel?", strings.Repeat("Where is my parcel? ", 25), 1)
	for _, state := range []bool{false, true} {
		b.Run(map[bool]string{false: "memory", true: "statefile"}[state], func(b *testing.B) {
			o := Options{}
			if state {
				o.StateFile = filepath.Join(b.TempDir(), "state")
			}
			url, stop, err := New(o).Start()
			if err != nil {
				b.Fatal(err)
			}
			defer stop()
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
			var n atomic.Int64
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					body := ticketOf(fmt.Sprintf(`"external_id":"zendesk:%d"`, n.Add(1)), message, outgoing, message, note)
					r, err := http.NewRequest("POST", url+"/api/tickets", strings.NewReader(body))
					if err != nil {
						b.Error(err)
						return
					}
					r.SetBasicAuth("a", "b")
					res, err := client.Do(r)
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
					if res.StatusCode != 201 {
						b.Errorf("status %d", res.StatusCode)
						return
					}
				}
			})
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
		})
	}
}

// BenchmarkAppend adds messages to one ticket that gets very long.
func BenchmarkAppend(b *testing.B) {
	s := New(Options{})
	body, err := parse([]byte(outgoing))
	if err != nil {
		b.Fatal(err)
	}
	ticket, err := parse([]byte(ticketOf("", note)))
	if err != nil {
		b.Fatal(err)
	}
	for range 1000 {
		if _, err := s.storeTicket(ticket, &effects{}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := s.storeMessage(100_001, body, ""); err != nil {
			b.Fatal(err)
		}
	}
}
