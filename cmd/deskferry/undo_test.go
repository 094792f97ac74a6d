package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/sandbox"
)

// act is something people do in the account.
func (r *rig) act(method, path, body string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+"/api/"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.SetBasicAuth("mia@acme.test", "k")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		text, _ := io.ReadAll(resp.Body)
		r.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, text)
	}
}

// touched is what people do to tickets, one each; what is left of each must not change by an undo.
func (r *rig) touched() map[int64]string {
	tickets := r.account.Tickets()
	out := map[int64]string{}
	reply := `{"channel":"api","via":"api","from_agent":true,"public":true,"body_text":"On it","sender":{"email":"mia@acme.test"},"sent_datetime":"2021-01-01T00:00:00Z"}`
	for i, a := range []struct{ what, method, path, body string }{
		{"an agent's reply", "POST", "tickets/%d/messages", reply},
		{"a customer's message", "POST", "tickets/%d/messages", strings.Replace(reply, `"from_agent":true`, `"from_agent":false`, 1)},
		{"status", "PUT", "tickets/%d", `{"status":"open"}`},
		{"tags", "PUT", "tickets/%d", `{"tags":[{"name":"vip"}]}`},
		{"trash", "PUT", "tickets/%d", `{"trashed_datetime":"2021-01-01T00:00:00Z"}`},
		{"spam", "PUT", "tickets/%d", `{"spam":true}`},
		{"assignee", "PUT", "tickets/%d", `{"assignee_user":{"id":12}}`},
	} {
		id := tickets[3*i].ID
		if strings.Contains(a.body, `"from_agent":false`) {
			a.body = strings.Replace(a.body, "mia@acme.test", "someone@example.com", 1)
		}
		r.act(a.method, fmt.Sprintf(a.path, id), a.body)
		out[id] = a.what
	}
	var last *sandbox.Ticket
	for _, t := range tickets[30:] {
		if len(t.Messages) > 1 {
			last = t
		}
	}
	r.act("DELETE", fmt.Sprintf("tickets/%d/messages/%d", last.ID, last.Messages[0].ID), "")
	out[last.ID] = "a message deleted"
	return out
}

// tickets renders what the account holds.
func (r *rig) tickets() map[int64]string {
	out := map[int64]string{}
	for _, t := range r.account.Tickets() {
		b, err := json.Marshal(t)
		if err != nil {
			r.t.Fatal(err)
		}
		out[t.ID] = string(b)
	}
	return out
}

// onlyTouched holds that exactly these tickets are left, as they were.
func (r *rig) onlyTouched(touched map[int64]string, before map[int64]string) {
	r.t.Helper()
	after := r.tickets()
	for id, what := range touched {
		if after[id] != before[id] {
			r.t.Errorf("the ticket with %s was\n%s, is now\n%s", what, before[id], after[id])
		}
	}
	if len(after) != len(touched) {
		r.t.Errorf("%d tickets are left, want %d", len(after), len(touched))
	}
	if n := len(r.account.Outbox()); n != 0 {
		r.t.Errorf("%d messages would have been mailed", n)
	}
}

// undo carries an undo out in this process.
func (r *rig) undo(args ...string) (importer.UndoSums, int, string) {
	r.t.Helper()
	var out, errs bytes.Buffer
	code := run(r.t.Context(), r.command("undo", append([]string{"--yes"}, args...)...), strings.NewReader(""), &out, &errs)
	var t struct{ Undo importer.UndoSums }
	if err := json.Unmarshal(out.Bytes(), &t); err != nil && code != exitFailed {
		r.t.Fatalf("undo: exit %d: %v\n%s%s", code, err, out.String(), errs.String())
	}
	return t.Undo, code, errs.String()
}

// sound holds that the ledger says nothing that cannot be.
func (r *rig) sound() {
	r.t.Helper()
	var out bytes.Buffer
	if code := run(r.t.Context(), []string{"deskferry", "ledger", "check", "--ledger", filepath.Join(r.dir, "deskferry.db")}, nil, &out, &out); code != exitDone {
		r.t.Errorf("ledger check: exit %d\n%s", code, out.String())
	}
}

func sample(r *rig) []string {
	return r.command("import", "--from", "../../testdata/messages.csv", "--mapping", "../../testdata/messages.yaml")
}

// TestUndoLeavesWhatWasTouched takes a run back after people have worked on some of its tickets in every way.
func TestUndoLeavesWhatWasTouched(t *testing.T) {
	for name, faults := range map[string]string{
		"a calm account": "",
		"trouble": "drop-after:4% on DELETE, drop-before:4% on DELETE, 503-after:3% on DELETE, 503-before:3% on DELETE, 429:1s:1% on DELETE, " +
			"drop-before:3% on GET /api/tickets, seed=11",
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, faults)
			if s, code := r.run(append(sample(r), "--settle-window", "1s")); code != exitDone || s.Tickets.Imported != 80 {
				t.Fatalf("import: exit %d, %+v", code, s.Tickets)
			}
			touched := r.touched()
			before := r.tickets()
			out, code, errs := r.undo("--run", "last")
			if code != exitIncomplete || out.Tickets != 80-int64(len(touched)) || out.Left.Touched != int64(len(touched)) {
				t.Errorf("exit %d, %d taken back, left %v\n%s", code, out.Tickets, out.Left, errs)
			}
			r.onlyTouched(touched, before)
			r.sound()
			if out, code, _ := r.undo("--run", "1"); code != exitIncomplete || out.Tickets != 0 {
				t.Errorf("once more: exit %d, %+v", code, out)
			}
			r.onlyTouched(touched, before)
		})
	}
}

// TestUndoOfATicketSomebodyDeleted: it is not there, so it is neither taken back nor brought again.
func TestUndoOfATicketSomebodyDeleted(t *testing.T) {
	r := newRig(t, "")
	r.run(sample(r))
	gone := r.account.Tickets()[5]
	r.act("DELETE", fmt.Sprintf("tickets/%d", gone.ID), "")
	out, code, errs := r.undo("--run", "1")
	if code != exitIncomplete || out.Tickets != 79 || out.Left.Gone != 1 || len(r.account.Tickets()) != 0 {
		t.Errorf("exit %d, %d taken back, left %v\n%s", code, out.Tickets, out.Left, errs)
	}
	if s, _ := r.run(append(sample(r), "--again")); s.Tickets.Imported != 79 {
		t.Errorf("imported again: %+v", s.Tickets)
	}
	for _, ticket := range r.account.Tickets() {
		if ticket.ExternalID == gone.ExternalID {
			t.Error("what somebody has deleted was made again")
		}
	}
	r.sound()
}

// TestUndoTrash puts tickets into the trash. None of them is made again as long as it is there, or back; what somebody has
// deleted from it for good is.
func TestUndoTrash(t *testing.T) {
	r := newRig(t, "")
	r.run(sample(r))
	touched := r.touched()
	out, code, _ := r.undo("--run", "1", "--trash")
	if code != exitIncomplete || out.Tickets != 80-int64(len(touched)) {
		t.Errorf("exit %d, %d trashed, left %v", code, out.Tickets, out.Left)
	}
	var trashed []int64
	for _, ticket := range r.account.Tickets() {
		what, people := touched[ticket.ID]
		if ticket.TrashedDatetime.IsZero() != (people && what != "trash") {
			t.Errorf("ticket %d, touched by %q: trashed %s", ticket.ID, what, ticket.TrashedDatetime)
		}
		if !people {
			trashed = append(trashed, ticket.ID)
		}
	}
	if s, code := r.run(append(sample(r), "--again")); code != exitIncomplete || s.Tickets.Imported != 0 || s.Tickets.Held != out.Tickets {
		t.Errorf("imported again, in the trash: exit %d, %+v", code, s.Tickets)
	}
	r.act("DELETE", fmt.Sprintf("tickets/%d", trashed[0]), "")
	for _, id := range trashed[1:] {
		r.act("PUT", fmt.Sprintf("tickets/%d", id), `{"trashed_datetime":null}`)
	}
	if s, code := r.run(r.command("retry", "--reason", "gone")); code != exitDone || s.Tickets.Imported != 1 || s.Tickets.Present != out.Tickets-1 {
		t.Errorf("retried, back from the trash: exit %d, %+v", code, s.Tickets)
	}
	if n := len(r.account.Tickets()); n != 80 {
		t.Errorf("%d tickets, want 80", n)
	}
	r.sound()
}

// TestUndoKilled kills an undo at random moments, again and again, and starts it again.
func TestUndoKilled(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("kills a real process; the race detector does not see it")
	}
	r := newRig(t, "slow:25ms on DELETE, drop-after:3% on DELETE, 503-after:2% on DELETE, seed=5")
	program := itself(t)
	r.run(append(sample(r), "--settle-window", "1s"))
	touched := r.touched()
	before := r.tickets()
	random := rand.New(rand.NewPCG(3, 4))
	for n := range 5 {
		cmd := exec.Command(program, r.command("undo", "--yes", "--run", "1", "--concurrency", "2")[1:]...)
		writes := r.account.Stats().Writes
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); r.account.Stats().Writes == writes && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(random.IntN(60)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatalf("kill %d: %v", n, err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatalf("kill %d came too late", n)
		}
	}
	if len(r.account.Tickets()) <= len(touched) {
		t.Fatal("the kills came too late: nothing was left to resume")
	}
	if _, code, errs := r.undo("--run", "1"); code != exitIncomplete {
		t.Errorf("the last undo: exit %d\n%s", code, errs)
	}
	r.onlyTouched(touched, before)
	r.sound()
	if s, _ := r.run(append(sample(r), "--again")); s.Tickets.Imported != 80-int64(len(touched)) {
		t.Errorf("imported again: %+v", s.Tickets)
	}
}

// itself is this very program as a process: the test binary under the command's name, see TestMain.
func itself(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("deskferry")
	if err != nil {
		t.Fatal(err)
	}
	return path
}
