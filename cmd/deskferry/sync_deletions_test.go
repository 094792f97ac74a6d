package main

import (
	"bytes"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer/sandbox"
)

// TestDeletionsAreAppliedOnRequest deletes from Gorgias what the source has deleted, only where that was asked for, never what
// people have worked on, and never the one place of messages that the source has moved into another ticket.
func TestDeletionsAreAppliedOnRequest(t *testing.T) {
	r := newRig(t, "")
	m, export := filepath.Join(r.dir, "m.yaml"), filepath.Join(r.dir, "export.csv")
	write(t, m, messageMapping)
	var ids []string
	for i := 1; i <= 12; i++ {
		ids = append(ids, fmt.Sprintf("%d/%d", i, 100+i))
	}
	args := []string{"--from", export, "--mapping", m, "--max-shrink", "30"}
	landing(t, export, ids...)
	expectNight(t, "first", r.night(args...), exitDone, "12 new tickets")
	of := func(ticket int) int64 {
		return r.ticketWith(func(s *sandbox.Ticket) bool { return s.ExternalID == fmt.Sprintf("desk:%d", ticket) })
	}
	r.act(http.MethodPut, fmt.Sprintf("tickets/%d", of(11)), `{"status":"closed"}`)
	landing(t, export, append(ids[:9], "9/110")...) // 10 went into 9; 11 and 12 were deleted
	writes := r.account.Stats().Writes
	expectNight(t, "not asked for", r.night(args...), exitDone)
	if got := r.account.Stats(); got.Tickets != 12 || got.Writes != writes {
		t.Fatalf("the account has %+v", got)
	}
	expectNight(t, "asked for", r.night(append(args, "--apply-deletions")...), exitDone, "nothing brought over, 1 ticket deleted, ")
	var runs bytes.Buffer
	if run(t.Context(), []string{"deskferry", "runs", "--limit", "1", "--ledger", filepath.Join(r.dir, "deskferry.db")}, nil, &runs, &runs); !strings.Contains(runs.String(), "1 ticket deleted") {
		t.Errorf("runs: %s", runs.String())
	}
	var left []string
	for _, s := range r.account.Tickets() {
		left = append(left, s.ExternalID)
	}
	if len(left) != 11 || slices.Contains(left, "desk:12") || !slices.Contains(left, "desk:11") || !slices.Contains(left, "desk:10") {
		t.Errorf("left: %q", left)
	}
	writes = r.account.Stats().Writes
	expectNight(t, "the night after", r.night(append(args, "--apply-deletions")...), exitDone)
	if got := r.account.Stats(); got.Writes != writes || got.Outbox != 0 {
		t.Errorf("the account has %+v", got)
	}
}
