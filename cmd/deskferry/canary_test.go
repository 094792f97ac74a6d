package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer/sandbox"
)

// rigOf is newRig for an account of the test's own.
func rigOf(t *testing.T, o sandbox.Options) *rig {
	t.Helper()
	r := newRig(t, "")
	r.account = sandbox.New(o)
	return r
}

const ownAddress = "me@own.test"

// canaried imports three tickets after a canary and returns the exit code and what was said.
func (r *rig) canaried(args ...string) (code int, said string) {
	r.t.Helper()
	var out, errs bytes.Buffer
	line := r.command("import", append([]string{"--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml", "--limit", "3",
		"--canary", ownAddress, "--canary-wait", "30ms"}, args...)...)
	code = run(r.t.Context(), line, strings.NewReader(""), &out, &errs)
	return code, strings.Join(strings.Fields(errs.String()), " ")
}

// canaries are the tickets of the canary's tag.
func (r *rig) canaries() (out []*sandbox.Ticket) {
	for _, t := range r.account.Tickets() {
		if slices.Contains(t.Tags, canaryTag) {
			out = append(out, t)
		}
	}
	return out
}

func TestCanary(t *testing.T) {
	r := newRig(t, "")
	code, said := r.canaried()
	if code != exitDone || !strings.Contains(said, "stored as already sent") || !strings.Contains(said, "delete it in Gorgias") {
		t.Fatalf("exit %d: %s", code, said)
	}
	found := r.canaries()
	if len(found) != 1 || len(r.account.Tickets()) != 4 || len(r.account.Outbox()) != 0 {
		t.Fatalf("%d canaries, %d tickets, %d in the outbox", len(found), len(r.account.Tickets()), len(r.account.Outbox()))
	}
	c := found[0]
	if c.ExternalID != "deskferry-canary:"+ownAddress || c.Status != "closed" || c.Subject != "deskferry canary" || len(c.Messages) != 3 {
		t.Errorf("%+v", c)
	}
	in, out, note := c.Messages[0], c.Messages[1], c.Messages[2]
	if in.FromAgent || !out.FromAgent || !out.Public || !note.Note() {
		t.Errorf("%+v %+v %+v", in, out, note)
	}
	for _, m := range c.Messages {
		if age := time.Since(m.SentDatetime); age < time.Hour || age > 3*time.Hour || !m.Imported {
			t.Errorf("sent %s ago", age)
		}
	}
	if in.IntegrationID != 71 || out.IntegrationID != 71 {
		t.Errorf("the canary belongs to no mailbox: %d, %d", in.IntegrationID, out.IntegrationID)
	}

	// Again: it is read back, not sent again; its wait is over.
	if code, said = r.canaried(); code != exitDone || len(r.canaries()) != 1 || strings.Contains(said, "until") {
		t.Errorf("again: exit %d, %d canaries: %s", code, len(r.canaries()), said)
	}
	// With a lost ledger too.
	r.dir = t.TempDir()
	if code, said = r.canaried(); len(r.canaries()) != 1 {
		t.Errorf("another ledger: exit %d, %d canaries: %s", code, len(r.canaries()), said)
	}
	// Deleted or thrown away, a new one is sent.
	r.account.Alter(c.ID, func(t *sandbox.Ticket) { t.TrashedDatetime = time.Now() })
	if code, said = r.canaried(); code != exitDone || len(r.canaries()) != 2 {
		t.Errorf("after the trash: exit %d, %d canaries: %s", code, len(r.canaries()), said)
	}
	if len(r.account.Outbox()) != 0 {
		t.Errorf("%d in the outbox", len(r.account.Outbox()))
	}
}

// TestCanaryStops: whatever an account does to a canary that it must not do to history ends the import before its first
// ticket.
func TestCanaryStops(t *testing.T) {
	for name, c := range map[string]struct {
		options sandbox.Options
		said    string
	}{
		"a rule answers":     {sandbox.Options{Rules: true}, "rule 1 of the account has added message"},
		"it is mailed":       {sandbox.Options{Unknowns: sandbox.Unknowns{SentIgnored: true}}, "the agent's message was sent by the account"},
		"the note is public": {sandbox.Options{Unknowns: sandbox.Unknowns{NotesPublic: true}}, "the internal note is as visible to customers as a public message"},
		"a survey":           {sandbox.Options{Unknowns: sandbox.Unknowns{SurveyOnClose: true}}, "satisfaction survey is planned"},
	} {
		t.Run(name, func(t *testing.T) {
			r := rigOf(t, c.options)
			code, said := r.canaried()
			if code != exitFailed || !strings.Contains(said, c.said) || !strings.Contains(said, "nothing of the export was sent") {
				t.Fatalf("exit %d: %s", code, said)
			}
			if len(r.account.Tickets()) != 1 {
				t.Fatalf("%d tickets", len(r.account.Tickets()))
			}
			if code, _ = r.canaried(); code != exitFailed || len(r.account.Tickets()) != 1 {
				t.Errorf("again: exit %d, %d tickets", code, len(r.account.Tickets()))
			}
		})
	}
}

// TestCanaryWaits: what answers a little later is met by the second or third look.
func TestCanaryWaits(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sandbox.Ticket)
		said   string
		code   int
	}{
		"an auto-reply": {func(t *sandbox.Ticket) {
			t.Messages = append(slices.Clone(t.Messages), &sandbox.Message{ID: 1 << 40, TicketID: t.ID, FromAgent: true, Public: true, Channel: "email", Subject: "Out of office"})
		}, "something in the account has added message", exitFailed},
		"it fails to send": {func(t *sandbox.Ticket) { t.Messages[1].FailedDatetime = time.Now() }, "was sent by the account", exitFailed},
		"it is sent later": {func(t *sandbox.Ticket) { t.Messages[1].SentDatetime = time.Now() }, "was sent by the account", exitFailed},
		"it is lost":       {func(t *sandbox.Ticket) { t.Messages = t.Messages[:2] }, "not in the ticket", exitFailed},
		"its author":       {func(t *sandbox.Ticket) { t.Messages[1].SenderID = 12 }, "no reason to stop", exitDone},
		"a note is added": {func(t *sandbox.Ticket) {
			t.Messages = append(slices.Clone(t.Messages), &sandbox.Message{ID: 1 << 40, TicketID: t.ID, FromAgent: true, Channel: "internal-note", RuleID: 4})
		}, "rule 4 of the account has added", exitDone},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "")
			done := make(chan struct{})
			go func() {
				defer close(done)
				for range 500 {
					if all := r.canaries(); len(all) > 0 {
						r.account.Alter(all[0].ID, c.change)
						return
					}
					time.Sleep(time.Millisecond)
				}
			}()
			code, said := r.canaried("--canary-wait", "1s")
			<-done
			if code != c.code || !strings.Contains(said, c.said) {
				t.Errorf("exit %d: %s", code, said)
			}
		})
	}
}

// TestCanaryLost: a canary whose answer was lost is looked for, never sent on a guess.
func TestCanaryLost(t *testing.T) {
	r := newRig(t, "drop-after@1 on POST /api/tickets")
	if code, said := r.canaried("--settle-window", "2s"); code != exitDone || len(r.canaries()) != 1 {
		t.Errorf("exit %d, %d canaries: %s", code, len(r.canaries()), said)
	}
	r = newRig(t, "400@1 on POST /api/tickets")
	if code, said := r.canaried(); code != exitFailed || len(r.account.Tickets()) != 0 || !strings.Contains(said, "could not be brought over (refused)") {
		t.Errorf("exit %d, %d tickets: %s", code, len(r.account.Tickets()), said)
	}
	if code, said := r.canaried(); code != exitDone || len(r.canaries()) != 1 || r.canaries()[0].ExternalID != "deskferry-canary:"+ownAddress+"#2" {
		t.Errorf("exit %d, %d canaries: %s", code, len(r.canaries()), said)
	}
}

// TestCanaryAddress: one address, one's own, and no word about rules is wanted then.
func TestCanaryAddress(t *testing.T) {
	r := newRig(t, "")
	for _, bad := range []string{"me", "a@b.test, c@d.test", "Me <me@own.test>", "", "me @own.test"} {
		if code, said := r.canaried("--canary", bad); code != exitUsage || !strings.Contains(said, "--canary") {
			t.Errorf("%q: exit %d: %s", bad, code, said)
		}
	}
	r.run(r.command("import", "--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml", "--limit", "3"))
	customer := r.account.Customers()[0].Email
	if code, said := r.canaried("--canary", strings.ToUpper(customer[:1])+customer[1:]); code != exitUsage || !strings.Contains(said, "that is a customer in the export") || len(r.canaries()) > 0 {
		t.Errorf("%s: exit %d: %s", customer, code, said)
	}
	// An account elsewhere wants --rules-off or a canary before anything else; nothing answers at this name.
	var out, errs bytes.Buffer
	line := []string{"deskferry", "import", "--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml", "--to", "https://127.0.0.1.invalid:1",
		"--ledger", filepath.Join(r.dir, "x.db"), "--patience", "10ms", "--canary", ownAddress}
	if code := run(t.Context(), line, strings.NewReader(""), &out, &errs); code != exitFailed || strings.Contains(errs.String(), "rules-off") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
