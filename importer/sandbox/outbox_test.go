package sandbox

import (
	"strings"
	"testing"
)

// Every way a real account would mail lands in the outbox, and nothing else does.
func TestOutbox(t *testing.T) {
	unsent := func(m string) string {
		i := strings.Index(m, `"sent_datetime":"`)
		return m[:i] + `"meta":null` + m[i+strings.Index(m[i:], `",`)+1:]
	}
	add := func(m, field string) string { return strings.Replace(m, "{", "{"+field+",", 1) }
	for _, c := range []struct {
		name, message, query string
		want                 string // the reason; "": stays silent
	}{
		{"incoming", incoming, "", ""}, {"outgoing", outgoing, "", ""}, {"note", note, "", ""},
		{"note without a time", unsent(note), "", ""},
		{"outgoing without a time", unsent(outgoing), "", "no sent_datetime"},
		{"incoming without a time", unsent(incoming), "", "no sent_datetime"},
		{"null", strings.Replace(outgoing, `"2021-03-04T06:06:07+01:00"`, "null", 1), "", "no sent_datetime"},
		{"the last of two names counts", strings.TrimSuffix(outgoing, "}") + `,"sent_datetime":null}`, "", "no sent_datetime"},
		{"a public note is no note", strings.Replace(unsent(note), `"public":false`, `"public":true`, 1), "", "no sent_datetime"},
		{"a private mail is no note", strings.Replace(unsent(outgoing), "{", `{"public":false,`, 1), "", "no sent_datetime"},
		{"retry", outgoing, "?action=retry", "action=retry"}, {"force", outgoing, "?action=force", "action=force"},
		{"cancel", outgoing, "?action=cancel", ""},
		{"failed", add(outgoing, `"failed_datetime":"2021-03-04T06:06:08Z"`), "", "failed_datetime"},
		{"error", add(outgoing, `"last_sending_error":{"error":"bounced"}`), "", "last_sending_error"},
		{"macros", add(note, `"macros":[{"id":1}]`), "", "macros"}, {"no macros", add(note, `"macros":[]`), "", ""},
		{"actions", add(outgoing, `"actions":[{}]`), "", "actions"}, {"mentions", add(note, `"mention_ids":[12]`), "", "mention_ids"},
		{"future", strings.Replace(outgoing, "2021", "2031", 1), "", "still to come"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New(Options{Now: at(noon), Unknowns: Unknowns{FutureIsMailed: true}})
			call(t, s, "POST", "/api/tickets", ticketOf("", note)).want(201)
			call(t, s, "POST", "/api/tickets/100001/messages"+c.query, c.message).want(201)
			out := s.Outbox()
			if c.query == "" {
				call(t, s, "POST", "/api/tickets", ticketOf("", c.message)).want(201)
				if more := len(s.Outbox()); more != 2*len(out) {
					t.Errorf("as part of a ticket: %d in the outbox, want %d", more, 2*len(out))
				}
			}
			switch {
			case c.want == "" && len(out) > 0:
				t.Errorf("mailed: %s", out[0].Reason)
			case c.want != "" && (len(out) != 1 || !strings.Contains(out[0].Reason, c.want)):
				t.Errorf("outbox %+v, want one for %q", out, c.want)
			}
		})
	}
}

func TestOutboxOfMessagesSentAgain(t *testing.T) {
	s := New(Options{Now: at(noon)})
	call(t, s, "POST", "/api/tickets", ticketOf("", outgoing)).want(201).holds("messages.0.is_retriable", "false")
	call(t, s, "PUT", "/api/tickets/100001/messages/500001", `{"body_text":"better"}`).want(200).holds("body_text", "better")
	if n := len(s.Outbox()); n != 0 {
		t.Fatalf("an edit mailed %d", n)
	}
	call(t, s, "PUT", "/api/tickets/100001/messages/500001?action=retry", `{}`).want(200)
	call(t, s, "PUT", "/api/tickets/100001/messages/500001", `{"failed_datetime":"2021-03-04T06:06:08Z"}`).want(200).holds("is_retriable", "true")
	call(t, s, "PUT", "/api/tickets/100001/messages/500001", `{"sent_datetime":null}`).want(200)
	if n := len(s.Outbox()); n != 3 {
		t.Errorf("%d in the outbox, want 3", n)
	}
	r := call(t, s, "GET", "/sandbox/outbox", "").want(200)
	r.holds("0.reason", "action=retry", "0.ticket_id", "100001", "0.to", "ana@shop.test", "0.external_id", "m2", "0.text", "better")
}

// What is unsent is answered without a time and has one a moment later, as in the real account.
func TestSentAfterwards(t *testing.T) {
	s := New(Options{Now: at(noon)})
	body := strings.Replace(outgoing, `"2021-03-04T06:06:07+01:00"`, "null", 1)
	call(t, s, "POST", "/api/tickets", ticketOf("", body, strings.Replace(incoming, `"2021-03-04T05:06:07Z"`, "null", 1))).want(201).
		holds("messages.0.sent_datetime", "null", "messages.1.sent_datetime", "2026-08-26T12:00:00.123456+00:00")
	call(t, s, "GET", "/api/tickets/100001", "").holds("messages.0.sent_datetime", "2026-08-26T12:00:00.123456+00:00")
}

func TestRulesAnswerNewTickets(t *testing.T) {
	s := New(Options{Now: at(noon), Rules: true})
	call(t, s, "POST", "/api/tickets", ticketOf("", incoming)).want(201).holds("messages.1", "<none>")
	call(t, s, "GET", "/api/tickets/100001", "").holds("messages.1.via", "rule", "messages.1.rule_id", "1", "messages.1.receiver.email", "ana@shop.test")
	call(t, s, "GET", "/api/tickets?rule_id=1", "").holds("data.0.id", "100001")
	if out := s.Outbox(); len(out) != 1 || out[0].To != "ana@shop.test" {
		t.Errorf("outbox %+v", out)
	}
}
