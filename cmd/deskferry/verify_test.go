package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/report"
	"github.com/deskferry/deskferry/importer/sandbox"
)

// verified runs verify against the rig and returns its account.
func (r *rig) verified(args ...string) (importer.Verification, int) {
	r.t.Helper()
	var out, errs bytes.Buffer
	code := r.carry(r.command("verify", args...), &out, &errs)
	if code == exitFailed || code == exitUsage {
		r.t.Fatalf("verify: exit %d\n%s", code, errs.String())
	}
	var told report.Report
	if err := json.Unmarshal(out.Bytes(), &told); err != nil || told.Verification == nil {
		r.t.Fatalf("verify: %v\n%s%s", err, out.String(), errs.String())
	}
	v := *told.Verification
	t := v.Tickets
	if t.Export != t.Same+t.Different+t.NotImported+t.NotSampled+t.Rejected {
		r.t.Errorf("the tickets do not add up: %+v", t)
	}
	return v, code
}

// TestVerify imports the sample helpdesk, finds nothing, breaks one property after the other in the account's store, and
// finds each.
func TestVerify(t *testing.T) {
	r := newRig(t, "")
	export := []string{"--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml"}
	r.run(r.command("import", append(export, "--limit", "10")...))
	if v, code := r.verified(export...); code != exitIncomplete || v.Tickets.Same != 10 || v.Tickets.NotImported != v.Tickets.Export-10 || !slices.Equal(v.NotImported, []importer.NotImportedSum{{Tickets: v.Tickets.NotImported}}) {
		t.Fatalf("of an import of ten: exit %d, %+v, %+v", code, v.Tickets, v.NotImported)
	}
	if s, code := r.run(r.command("import", export...)); code != exitDone && code != exitIncomplete {
		t.Fatalf("import: exit %d, %+v", code, s.Tickets)
	}
	clean, code := r.verified(export...)
	if len(clean.Differences) > 0 || clean.Tickets.Same == 0 {
		t.Fatalf("after the import: exit %d, %+v\n%+v", code, clean.Tickets, clean.Differences)
	}
	for _, a := range clean.Fields {
		if a.Sent != a.Arrived {
			t.Errorf("%s: %d of %d arrived", a.Field, a.Arrived, a.Sent)
		}
	}
	long, noted, filed := r.ticketWith(func(t *sandbox.Ticket) bool { return len(t.Messages) >= 3 && t.Messages[0].Public }),
		r.ticketWith(func(t *sandbox.Ticket) bool { return slices.ContainsFunc(t.Messages, (*sandbox.Message).Note) }),
		r.ticketWith(func(t *sandbox.Ticket) bool {
			return slices.ContainsFunc(t.Messages, func(m *sandbox.Message) bool { return len(m.Attachments) > 0 })
		})
	note := func(t *sandbox.Ticket) *sandbox.Message {
		return t.Messages[slices.IndexFunc(t.Messages, (*sandbox.Message).Note)]
	}
	file := func(t *sandbox.Ticket) *sandbox.Attachment {
		i := slices.IndexFunc(t.Messages, func(m *sandbox.Message) bool { return len(m.Attachments) > 0 })
		return &t.Messages[i].Attachments[0]
	}
	for name, c := range map[string]struct {
		ticket int64
		change func(*sandbox.Ticket)
		want   string
	}{
		"time":           {long, func(t *sandbox.Ticket) { t.Messages[1].SentDatetime = t.Messages[1].SentDatetime.Add(-time.Second) }, importer.DiffTime},
		"sent later":     {long, func(t *sandbox.Ticket) { t.Messages[1].SentDatetime = time.Now() }, importer.DiffSent},
		"failed to send": {long, func(t *sandbox.Ticket) { t.Messages[1].FailedDatetime = time.Now() }, importer.DiffSent},
		"author":         {long, func(t *sandbox.Ticket) { t.Messages[0].SenderID++ }, importer.DiffPeople},
		"customer":       {long, func(t *sandbox.Ticket) { t.CustomerID++ }, importer.DiffPeople},
		"note":           {noted, func(t *sandbox.Ticket) { note(t).Public = true }, importer.DiffPublic},
		"direction":      {long, func(t *sandbox.Ticket) { t.Messages[0].FromAgent = !t.Messages[0].FromAgent }, importer.DiffDirection},
		"body":           {long, func(t *sandbox.Ticket) { t.Messages[0].BodyText += "." }, importer.DiffBody},
		"file size":      {filed, func(t *sandbox.Ticket) { file(t).Size++ }, importer.DiffFile},
		"file gone": {filed, func(t *sandbox.Ticket) {
			i := slices.IndexFunc(t.Messages, func(m *sandbox.Message) bool { return len(m.Attachments) > 0 })
			t.Messages[i].Attachments = nil
		}, importer.DiffFile},
		"order":   {long, func(t *sandbox.Ticket) { t.Messages[0], t.Messages[1] = t.Messages[1], t.Messages[0] }, importer.DiffOrder},
		"lost":    {long, func(t *sandbox.Ticket) { t.Messages = t.Messages[:len(t.Messages)-1] }, importer.DiffMissing},
		"doubled": {long, func(t *sandbox.Ticket) { t.Messages = append(t.Messages, t.Messages[0]) }, importer.DiffRepeated},
		"tags":    {long, func(t *sandbox.Ticket) { t.Tags = nil }, importer.DiffTags},
		"status": {long, func(t *sandbox.Ticket) {
			t.Status = map[string]string{"open": "closed", "closed": "open"}[t.Status]
		}, importer.DiffStatus},
		"subject": {long, func(t *sandbox.Ticket) { t.Subject = "" }, importer.DiffSubject},
		"rule": {long, func(t *sandbox.Ticket) {
			t.Messages = append(t.Messages, &sandbox.Message{ID: 1 << 40, TicketID: t.ID, RuleID: 7, FromAgent: true, Public: true, Channel: "email", BodyText: "Thank you"})
		}, importer.DiffRule},
	} {
		t.Run(name, func(t *testing.T) {
			var before []byte
			r.account.Alter(c.ticket, func(t *sandbox.Ticket) {
				before, _ = json.Marshal(t)
				c.change(t)
			})
			defer r.account.Alter(c.ticket, func(t *sandbox.Ticket) {
				var was sandbox.Ticket
				if err := json.Unmarshal(before, &was); err != nil {
					r.t.Error(err)
				}
				*t = was
			})
			v, code := r.verified(export...)
			if code != exitIncomplete || v.Tickets.Different != 1 {
				t.Fatalf("exit %d, %+v", code, v.Tickets)
			}
			if !slices.ContainsFunc(v.Differences, func(d importer.Difference) bool { return d.Code == c.want }) {
				t.Errorf("want %s, got %+v", c.want, v.Differences)
			}
		})
	}
	if v, _ := r.verified(export...); len(v.Differences) > 0 {
		t.Errorf("all mended, still %+v", v.Differences)
	}
	if v, _ := r.verified(append(export, "--sample", "5")...); v.Tickets.NotSampled == 0 || v.Tickets.Same == 0 || v.Tickets.Different > 0 {
		t.Errorf("a sample: %+v", v.Tickets)
	}
}

// TestVerifyLeavesOthersAlone: what agents and customers did since is no difference.
func TestVerifyLeavesOthersAlone(t *testing.T) {
	r := newRig(t, "")
	export := []string{"--from", "../../testdata/helpdesk.json", "--mapping", "../../testdata/helpdesk.yaml"}
	r.run(r.command("import", export...))
	id := r.ticketWith(func(t *sandbox.Ticket) bool { return t.Status == "closed" })
	r.account.Alter(id, func(t *sandbox.Ticket) {
		t.Status, t.ClosedDatetime, t.Tags = "open", time.Time{}, append(slices.Clone(t.Tags), "vip")
		t.Messages = append(slices.Clone(t.Messages), &sandbox.Message{ID: 1 << 40, TicketID: t.ID, Channel: "email", Public: true, BodyText: "One more thing"})
	})
	if v, _ := r.verified(export...); len(v.Differences) > 0 || v.Added != 1 {
		t.Errorf("added %d, differences %+v", v.Added, v.Differences)
	}
}

// ticketWith is the id of the first ticket of that kind.
func (r *rig) ticketWith(is func(*sandbox.Ticket) bool) int64 {
	r.t.Helper()
	for _, t := range r.account.Tickets() {
		if is(t) {
			return t.ID
		}
	}
	r.t.Fatal("the sample has no such ticket")
	return 0
}

// TestVerifyIncomplete: a ticket that was sent without a rejected message is compared, and what is not there is said.
func TestVerifyIncomplete(t *testing.T) {
	r := newRig(t, "")
	dir := t.TempDir()
	export, mapping := filepath.Join(dir, "e.csv"), filepath.Join(dir, "m.yaml")
	for name, text := range map[string]string{
		export: "ticket_id,message_id,requester_email,author_email,body_text,sent_at\n" +
			"1,a,jo@example.com,jo@example.com,Hello,2020-01-01T00:00:00Z\n1,b,jo@example.com,jo@example.com,No time,\n" +
			"2,c,jo@example.com,jo@example.com,Hello,2020-01-01T00:00:00Z\n3,d,,,Nobody,2020-01-01T00:00:00Z\n",
		mapping: "version: 1\nextends: messages\npeople: { unknown: customer }\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"--from", export, "--mapping", mapping}
	r.run(r.command("import", args...))
	v, code := r.verified(args...)
	if code != exitIncomplete || v.Tickets.Same != 1 || v.Tickets.NotImported != 1 || v.Tickets.Rejected != 1 {
		t.Errorf("held: exit %d, %+v", code, v)
	}
	r.run(r.command("import", append(args, "--incomplete", "send")...))
	v, code = r.verified(args...)
	if code != exitIncomplete || v.Tickets.Same != 2 || v.Tickets.NotImported != 0 || v.Rejected < 1 {
		t.Errorf("sent without it: exit %d, %+v", code, v)
	}
	id := r.ticketWith(func(t *sandbox.Ticket) bool { return strings.HasSuffix(t.ExternalID, ":1") })
	r.account.Alter(id, func(t *sandbox.Ticket) { t.Messages[0].BodyText += "!" })
	if v, _ = r.verified(args...); v.Tickets.Different != 1 {
		t.Errorf("altered: %+v", v.Tickets)
	}
}
