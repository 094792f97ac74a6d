package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCSVRoundTrip: what convert --as csv-messages writes, the preset "messages" reads back without loss, whatever the
// export was. A spreadsheet's cells are texts, so a custom field's value comes back as one.
func TestCSVRoundTrip(t *testing.T) {
	exports := map[string][]string{
		"helpdesk": {"--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml"},
		"messages": {"--from", "../../testdata/messages.csv", "--mapping", "../../testdata/messages.yaml"},
		"tickets":  {"--from", "../../testdata/tickets.csv", "--mapping", "../../testdata/tickets.yaml"},
	}
	dirs, err := filepath.Glob(filepath.Join(presetSamples, "*", "*", "export"))
	if err != nil {
		t.Fatal(err)
	}
	for _, export := range dirs {
		name, err := filepath.Rel(presetSamples, filepath.Dir(export))
		if err != nil {
			t.Fatal(err)
		}
		exports[name] = []string{"--from", export, "--mapping", presetMapping(name)}
	}
	for name, args := range exports {
		t.Run(name, func(t *testing.T) {
			want := presetOutput(t, append([]string{"deskferry", "convert", "--as", "tickets"}, args...))
			first, _, _ := strings.Cut(want, "\n")
			var ticket presetTicket
			if err := json.Unmarshal([]byte(first), &ticket); err != nil {
				t.Fatal(err)
			}
			source, _, _ := strings.Cut(ticket.ExternalID, ":")
			dir := t.TempDir()
			flat, mapped := filepath.Join(dir, "flat.csv"), filepath.Join(dir, "m.yaml")
			presetOutput(t, append([]string{"deskferry", "convert", "--as", "csv-messages", "--out", flat}, args...))
			if err := os.WriteFile(mapped, fmt.Appendf(nil, "version: 1\nextends: messages\nsource: { name: %q }\n", source), 0o600); err != nil {
				t.Fatal(err)
			}
			got := presetOutput(t, []string{"deskferry", "convert", "--as", "tickets", "--from", flat, "--mapping", mapped})
			compareTickets(t, plainTickets(t, got), plainTickets(t, want))
		})
	}
}

// plainTickets are converted tickets, indented, with custom fields as text.
func plainTickets(t *testing.T, out string) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(out) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		fields, _ := v["custom_fields"].([]any)
		for _, f := range fields {
			f := f.(map[string]any)
			f["value"] = fmt.Sprint(f["value"])
		}
		b, err := json.MarshalIndent(v, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(b))
	}
	return list
}

func compareTickets(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d tickets came back of %d", len(got), len(want))
	}
	for i := range want {
		if got[i] == want[i] {
			continue
		}
		a, b := strings.Split(got[i], "\n"), strings.Split(want[i], "\n")
		for k := range min(len(a), len(b)) {
			if a[k] != b[k] {
				t.Errorf("ticket %d, line %d: got %s, want %s\n%s", i, k, a[k], b[k], strings.Join(b[max(0, k-4):k], "\n"))
				break
			}
		}
	}
}
