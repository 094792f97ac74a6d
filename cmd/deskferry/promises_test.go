package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const promiseMapping = `version: 1
source: { name: any }
tables: { status: { open: open, done: closed } }
tickets:
  ticket: { external_id: ticket, subject: subject, status: { from: status, table: status, take: last }, customer: { email: customer } }
messages:
  message:
    external_id: id
    author: author
    internal: note
    channel: { const: email }
    body_text: body
    sent_datetime: { from: sent, future: skip }
people: { agents: ["@acme.test"] }
`

// TestPromises holds the four promises for random exports and random trouble: nothing could be mailed, nothing is there
// twice, every sum balances, and in the end all that could be mapped has arrived as it was.
func TestPromises(t *testing.T) {
	seeds := 12
	if testing.Short() {
		seeds = 2
	}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 99))
			faults := randomFaults(random)
			t.Logf("faults: %s", faults)
			r := newRig(t, faults)
			export, file := filepath.Join(r.dir, "export.csv"), filepath.Join(r.dir, "m.yaml")
			write(t, export, randomExport(random))
			write(t, file, promiseMapping)
			input := []string{"--from", export, "--mapping", file}
			if random.IntN(3) == 0 {
				input = append(input, "--per-message")
			}
			if random.IntN(3) == 0 {
				input = append(input, "--max-messages", "2")
			}
			const quick = "300ms"
			line := r.command("import", append(input, "--settle-window", quick)...)
			for deadline := time.Now().Add(restWithin); time.Now().Before(deadline); {
				s, _ := r.run(line)
				if s.SendSafety.Sendable != 0 || s.SendSafety.Messages != s.SendSafety.WithSentDatetime {
					t.Fatalf("send safety: %+v", s.SendSafety)
				}
				if s.Tickets.Pending == 0 && s.Tickets.InDoubt == unknown(r) {
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
			want := expected(t, "--from", export, "--mapping", file)
			r.account.Settle()
			exactlyOnce(t, r, want, false)
			for deadline := time.Now().Add(restWithin); time.Now().Before(deadline); {
				if s, code := r.run(r.command("retry", "--in-doubt", "--settle-window", quick)); code == exitDone && s.Tickets.InDoubt == 0 {
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
			r.account.Settle()
			exactlyOnce(t, r, want, true)
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// randomFaults is a script of up to four kinds of trouble. Those that an agent makes on purpose are left out: after them the
// account is meant to differ from the export.
func randomFaults(r *rand.Rand) string {
	kinds := []string{"429:1s:2%", "503-before:4%", "503-after:4%", "drop-before:4%", "drop-after:4%", "cut-after:4%", "late:150ms:4%", "lag:200ms:10%", "partial:1:8%", "slow:20ms:10%"}
	r.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	return strings.Join(append(kinds[:r.IntN(5)], fmt.Sprintf("seed=%d", r.IntN(1000))), ", ")
}

// randomExport is a CSV with rows of tickets in any order: good ones, bad times, times to come, copies and conflicts.
func randomExport(r *rand.Rand) string {
	var rows [][]string
	id := 0
	for ticket := range 1 + r.IntN(25) {
		customer := fmt.Sprintf("c%d@example.com", r.IntN(8))
		for range 1 + r.IntN(6) {
			id++
			author, note := customer, "no"
			switch r.IntN(4) {
			case 0:
				author = "mia@acme.test"
			case 1:
				author, note = "gone@acme.test", "yes"
			}
			sent := time.Date(2010+r.IntN(14), time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1000)*1e6, time.UTC).Format(time.RFC3339Nano)
			switch r.IntN(40) {
			case 0:
				sent = ""
			case 1:
				sent = "2099-01-01T00:00:00Z"
			case 2:
				sent = "yesterday"
			}
			row := []string{fmt.Sprint(ticket), fmt.Sprint(id), "Subject, \"quoted\"\nand broken", []string{"open", "done"}[r.IntN(2)], customer, author, note,
				strings.Repeat("Grüße 🚲 <b>&amp;\n", 1+r.IntN(30)), sent}
			rows = append(rows, row)
			if r.IntN(25) == 0 {
				rows = append(rows, row)
			}
			if r.IntN(60) == 0 {
				other := append([]string(nil), row...)
				other[7] = "another text"
				rows = append(rows, other)
			}
		}
	}
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"ticket", "id", "subject", "status", "customer", "author", "note", "body", "sent"})
	_ = w.WriteAll(rows)
	return b.String()
}
