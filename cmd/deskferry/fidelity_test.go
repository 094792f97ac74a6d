package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer/sandbox"
)

// TestFidelity takes a helpdesk with every case that is easily lost through an import: verify finds no difference, nothing
// would be mailed, what could not be brought is named, and a second import writes nothing.
func TestFidelity(t *testing.T) {
	r := newRig(t, "")
	t.Setenv("DESKFERRY_FILES", "fetch")
	host := newFileHost()
	defer host.Close()
	text, err := os.ReadFile("../../testdata/fidelity/export.json")
	if err != nil {
		t.Fatal(err)
	}
	export := filepath.Join(r.dir, "export.json")
	if err := os.WriteFile(export, []byte(strings.ReplaceAll(string(text), "https://files.acme.test", host.URL)), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--from", export, "--mapping", "../../testdata/fidelity/mapping.yaml"}
	files := []string{"--allow-private-files", strings.TrimPrefix(host.URL, "http://")}
	s, _ := r.run(r.command("import", slices.Concat(args, files, []string{"--tag", "from the old desk"})...))
	if s.Tickets.Imported != 10 || s.SendSafety.Sendable != 0 || len(r.account.Outbox()) != 0 {
		t.Fatalf("imported %+v, sendable %d, outbox %d", s.Tickets, s.SendSafety.Sendable, len(r.account.Outbox()))
	}
	verify := slices.Concat(args, []string{"--tag", "from the old desk"})
	v, code := r.verified(verify...)
	if code != exitDone || len(v.Differences) > 0 || v.Tickets.Same != 10 || v.Missing != 5 {
		t.Errorf("verify: exit %d, %+v\n%+v", code, v.Tickets, v.Differences)
	}
	told := map[string]bool{}
	for _, p := range s.Problems {
		told[p.Code] = true
	}
	for _, code := range []string{"file.gone", "file.empty", "file.login_page", "file.too_large", "file.private", "customer.shared", "customer.is_agent",
		"agent.is_customer", "customer.made_up", "agent.unknown", "body.cleaned", "tag.cleaned", "team.unknown"} {
		if !told[code] {
			t.Errorf("nothing is said of %s; told are %v", code, told)
		}
	}
	fidelityOfTickets(t, r)
	writes := r.account.Stats().Writes
	if s, code := r.run(r.command("import", slices.Concat(args, files, []string{"--tag", "from the old desk"})...)); s.Tickets.Present != 10 || r.account.Stats().Writes != writes {
		t.Errorf("the second import: exit %d, %+v, %d writes", code, s.Tickets, r.account.Stats().Writes-writes)
	}
}

// fidelityOfTickets looks at what the account holds, where verify trusts the mapping.
func fidelityOfTickets(t *testing.T, r *rig) {
	t.Helper()
	tickets := map[string]*sandbox.Ticket{}
	for _, k := range r.account.Tickets() {
		tickets[strings.TrimPrefix(k.ExternalID, "fidelity:")] = k
	}
	thread := tickets["1"].Messages
	if len(thread) != 4 || thread[2].Public || !thread[2].FromAgent || thread[0].FromAgent || !thread[1].FromAgent {
		t.Errorf("the thread has lost its order, direction or privacy: %+v", thread)
	}
	if b := thread[0].BodyHTML; strings.Contains(b, "script") || strings.Contains(b, "onclick") || strings.Contains(b, "cid:") || !strings.Contains(b, "The wheel broke.") {
		t.Errorf("the first text is %s", b)
	}
	if thread[1].StrippedText != "We send a new one." {
		t.Errorf("without its quote the reply is %q", thread[1].StrippedText)
	}
	if f := thread[1].Attachments; len(f) != 1 || f[0].Name != "label.pdf" || !strings.HasPrefix(f[0].URL, "http") || strings.Contains(f[0].URL, "/labels/") {
		t.Errorf("the label is %+v", f)
	}
	if n := r.account.Stats().Uploads; n != 3 {
		t.Errorf("%d uploads, want 3: a photo met twice, a label, a text", n)
	}
	missing := tickets["2"].Messages[0]
	if len(missing.Attachments) != 2 || strings.Count(missing.BodyText, "not available") != 5 {
		t.Errorf("of five missing files it says %q, and has %+v", missing.BodyText, missing.Attachments)
	}
	if tickets["5"].CustomerID == tickets["6"].CustomerID || tickets["2"].CustomerID != tickets["3"].CustomerID {
		t.Error("two visitors have become one, or one address two customers")
	}
	if own := tickets["7"].Messages; own[0].FromAgent || !own[1].FromAgent {
		t.Error("an agent's own ticket: the requester's message is the company's")
	}
	if k := tickets["9"]; !k.Spam || k.TrashedDatetime.IsZero() {
		t.Error("spam and trash are lost")
	}
	for id, k := range tickets {
		if !slices.Contains(k.Tags, "from the old desk") || !strings.Contains(string(k.Meta), `"ticket_id":"`+id+`"`) {
			t.Errorf("ticket %s cannot be found by its old id: tags %v, meta %s", id, k.Tags, k.Meta)
		}
	}
}
