//go:build linux && !race

package importer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestCheckMemory holds the promise of 64 MiB for a check of any size. It checks an export of 100,000 messages in a
// process of its own; DESKFERRY_TEST_ROWS sets another number (1000000 makes about 700 MB).
func TestCheckMemory(t *testing.T) {
	if path := os.Getenv("DESKFERRY_TEST_CHECK"); path != "" {
		checkAlone(t, path)
		tellPeak(t)
		return
	}
	if testing.Short() {
		t.Skip("writes a large export; left out with -short")
	}
	rows := 100_000
	if n, err := strconv.Atoi(os.Getenv("DESKFERRY_TEST_ROWS")); err == nil {
		rows = n
	}
	path := bigExport(t, rows)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	told, state := alone(t, "DESKFERRY_TEST_CHECK", path)
	t.Logf("%d rows, %d MB: peak %d MiB, %v CPU", rows, info.Size()>>20, told.peak, state.UserTime()+state.SystemTime())
	for line := range strings.Lines(told.text) {
		if strings.Contains(line, "checked") {
			t.Log(strings.TrimSpace(line))
		}
	}
	if told.peak > 64 {
		t.Errorf("a check takes %d MiB, 64 are promised", told.peak)
	}
}

func checkAlone(t *testing.T, path string) {
	j := newJob(t, exportMapping, path)
	began := time.Now()
	s, err := j.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Balance(); err != nil {
		t.Error(err)
	}
	b, _ := json.Marshal(s.Messages)
	fmt.Printf("checked in %v: %s\n", time.Since(began).Round(time.Millisecond), b)
}
