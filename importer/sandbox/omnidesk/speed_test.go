package omnidesk

import (
	"fmt"
	"testing"
)

// A client that reads a large account must find the simulator faster than any pace it keeps.
func BenchmarkReads(b *testing.B) {
	s := loaded(Options{}, 20_000)
	for _, path := range []string{"/ticket?itemLimit=100&itemStart=9000", "/ticket?itemLimit=9999", "/ticket/860000?getTicketHistory=true", "/customer?itemLimit=99"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				if a := ask(b, s, "GET", path); a.status != 200 {
					b.Fatal(a.body)
				}
			}
		})
	}
	b.Run("post", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			post(b, s, "/message", fmt.Sprintf("ticketID=%d", firstID+i%20_000), "type=1", "message=Hallo, daar").want(200, "")
		}
	})
}
