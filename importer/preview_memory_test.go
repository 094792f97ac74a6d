//go:build linux && !race

package importer_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPreviewMemory holds the promise of 64 MiB over what a check needs for the previews of an export of any size, in a process
// of its own: tickets of many messages with large bodies, which are all picked.
func TestPreviewMemory(t *testing.T) {
	if path := os.Getenv("DESKFERRY_TEST_PREVIEWS"); path != "" {
		list, err := newJob(t, uglyMapping, path).Previews(context.Background(), check(t, picking(t, uglyMapping, path)).Picks)
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for i := range list {
			for k := range list[i].Work.Ticket.Messages {
				size += len(list[i].Work.Ticket.Messages[k].BodyText)
			}
			for _, r := range list[i].Records {
				size += len(r.Text)
			}
		}
		fmt.Printf("%d previews hold %d KiB\n", len(list), size>>10)
		tellPeak(t)
		return
	}
	if testing.Short() {
		t.Skip("writes a large export; left out with -short")
	}
	path := filepath.Join(t.TempDir(), "large.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(f)
	fmt.Fprintln(out, "ticket,id,subject,status,customer,author,channel,internal,html,text,cc,files,sent")
	body := strings.Repeat("lorem ipsum ", 1000)
	for i := range 6000 { // 72 MB
		fmt.Fprintf(out, "t%d,%d,Large,open,ann@x.test,ann@x.test,email,no,,%s,,,2024-01-%02dT%02d:%02d:00Z\n", i%30, i, body, 1+i/1440, i/60%24, i%60)
	}
	if err := errors.Join(out.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
	told, _ := alone(t, "DESKFERRY_TEST_PREVIEWS", path)
	for line := range strings.Lines(told.text) {
		if strings.Contains(line, "previews hold") {
			t.Logf("%s: peak %d MiB", strings.TrimSpace(line), told.peak)
		}
	}
	if told.peak > 128 {
		t.Errorf("previews take %d MiB, 128 are promised with the check before them", told.peak)
	}
}
