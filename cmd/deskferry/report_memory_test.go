//go:build linux && !race

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer/report"
)

const memoryMapping = `version: 1
source: { timezone: UTC }
tables: { status: { new: open } }
tickets:
  ticket: { external_id: ticket, subject: subject, status: { from: status, table: status }, customer: { email: from } }
messages:
  message: { external_id: id, author: from, channel: channel, body_html: body, sent_datetime: sent }
`

// TestReportMemory holds the promise that a page of any export takes at most 64 MiB over what the check needs, and 2 MB of
// disk. The export has 50,000 messages, many problems and values, and the largest conversations that are shown;
// DESKFERRY_TEST_ROWS sets another number (1000000 makes about 350 MB).
func TestReportMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a large export; left out with -short")
	}
	rows := 50_000
	if n, err := strconv.Atoi(os.Getenv("DESKFERRY_TEST_ROWS")); err == nil {
		rows = n
	}
	dir, program := t.TempDir(), binary(t)
	export, mapping := filepath.Join(dir, "export.csv"), filepath.Join(dir, "mapping.yaml")
	if err := os.WriteFile(mapping, []byte(memoryMapping), 0o600); err != nil {
		t.Fatal(err)
	}
	uglyExport(t, export, rows)
	page := filepath.Join(dir, "report.html")
	peak := func(more ...string) int64 {
		cmd := exec.Command(program, append([]string{"check", "--from", export, "--mapping", mapping}, more...)...)
		status := filepath.Join(dir, "status")
		cmd.Env = append(os.Environ(), statusAtEnd+"="+status)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != exitIncomplete {
			t.Fatalf("%v\n%.2000s", err, out)
		}
		return peakTold(t, status)
	}
	plain, told := peak(), peak("--report", page)
	info, err := os.Stat(page)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows: %d MiB, with a page of %d kB %d MiB", rows, plain, info.Size()/1000, told)
	if told-plain > 64 || info.Size() >= report.MaxPage {
		t.Errorf("a page of %d bytes takes %d MiB over the check's %d; 64 and %d bytes are promised", info.Size(), told-plain, plain, report.MaxPage)
	}
}

// peakTold is the most memory that a process has held, in MiB, from what it left of itself. What a parent is told of its child
// will not do: that is never less than what the parent held when it started it.
func peakTold(t *testing.T, status string) int64 {
	t.Helper()
	b, err := os.ReadFile(status)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if of, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(of), "kB")), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kib >> 10
		}
	}
	t.Fatalf("the peak is not told\n%s", b)
	return 0
}

// uglyExport writes an export of tickets with one to 200 messages, some of them very large, and of values that no table has.
func uglyExport(t *testing.T, path string, rows int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "ticket,id,subject,status,from,channel,body,sent")
	large := strings.Repeat("<p><b>bold</b> &amp; <i>bright</i></p>", 8_000) // 300 kB
	for i := range rows {
		ticket, status, body := i/4, "new", fmt.Sprintf("<p>Message %d <b>of</b> a customer, with some words to read and a <a href='https://example.com/%d'>link</a></p>", i, i)
		switch {
		case i < 4000:
			ticket = i / 200
		case i%50 == 0:
			status = fmt.Sprintf("status %d <&>", i)
		}
		if i%400 == 0 && i < 20_000 {
			body = large
		}
		fmt.Fprintf(w, "t%d,m%d,<Subject> & more %d,%s,customer%d@example.com,email,%q,2024-01-%02dT%02d:00:00Z\n", ticket, i, ticket, status, ticket, body, i%28+1, i%24)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
