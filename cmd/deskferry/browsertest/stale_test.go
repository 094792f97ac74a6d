package browsertest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/report"
)

// reportStale: a page whose run has not been heard of for minutes says so and loads itself no more; one that was renewed right now
// loads itself again.
func reportStale(t *testing.T, b *browser) {
	const stands = `performance.getEntriesByType("navigation")[0].type`
	for name, c := range map[string]struct {
		asOf  time.Time
		fresh bool
	}{"fresh": {time.Now(), true}, "stale": {time.Now().Add(-10 * time.Minute), false}} {
		t.Run(name, func(t *testing.T) {
			r := &report.Report{Summary: &importer.Summary{}, Command: "import", Started: c.asOf, Running: &report.Running{Phase: "importing", Done: 3, Total: 9, Unit: "tickets", AsOf: c.asOf.UTC()}}
			var page bytes.Buffer
			if err := report.HTML(&page, r); err != nil {
				t.Fatal(err)
			}
			p := b.open(t, file(t, write(t, fmt.Sprintf("%s.html", name), page.String())), looks()[0])
			if c.fresh {
				p.await(stands + ` === "reload"`)
			} else {
				p.await(`document.querySelector("#live").innerText.startsWith("Nothing has been heard of the run since")`)
				time.Sleep(4 * time.Second) // a reload would have come by now
				if got := eval[string](p, stands); got == "reload" {
					t.Errorf("a stale page loads itself again")
				}
			}
			p.quiet(t)
		})
	}
}
