package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// conversation shows each message as its id, direction, sender and text.
func conversation(k *presetTicket) []string {
	var lines []string
	for _, m := range k.Messages {
		way := "in"
		switch {
		case !m.Public && m.FromAgent && m.Channel == "internal-note":
			way = "note"
		case m.FromAgent:
			way = "out"
		}
		sender := m.Sender.Email
		if sender == "" {
			sender = m.Sender.Name
		}
		lines = append(lines, strings.Join([]string{m.ExternalID, way, sender, strings.ReplaceAll(strings.TrimSpace(m.BodyText), "\n", "/")}, "|"))
	}
	return lines
}

// holdConversation compares a ticket's messages with what they should be.
func holdConversation(t *testing.T, k *presetTicket, want ...string) {
	t.Helper()
	if got := conversation(k); !slices.Equal(got, want) {
		t.Errorf("ticket %s:\ngot  %s\nwant %s", k.ExternalID, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// TestPresetIntercom: conversations one by one, in an array and in a list; tickets; contacts and admins beside them.
func TestPresetIntercom(t *testing.T) {
	r := preset(t, "intercom/export")
	t.Run("the first message is source, notes are internal, parts of any kind with a text are messages", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "1001"),
			"source-1001|in|ann@client.example.org|The kettle arrived cracked.",
			"2002|note|leo@acme.test|Third one this week. Ask the warehouse.",
			"2003|out|mia@acme.test|Sorry! A new one is on its way.",
			"2004|out|mia@acme.test|Leo will see to the refund.",
			"2005|in|ann@client.example.org|Thanks!",
			"2006|out|leo@acme.test|Refunded. All the best!")
	})
	t.Run("parts without a text are events and counted", func(t *testing.T) {
		if n := r.Skipped("message", "event"); n != 4 {
			t.Errorf("%d events", n)
		}
	})
	t.Run("a null source is no message and no problem", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "1003"), "2201|in|ann@client.example.org|Is anybody there?")
	})
	t.Run("a source without a text is counted, one that is nothing but its subject says that", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "1004"), "2301|in|ann@client.example.org|I saw your message. Tell me more.")
		if n := r.Skipped("message", "first message without text"); n != 1 {
			t.Errorf("%d are counted", n)
		}
		holdConversation(t, r.Ticket(t, "1006"), "source-1006|in|ann@client.example.org|Call me back", "2401|out|mia@acme.test|Will do.")
	})
	t.Run("redacted texts leave a mark; bots are agents; a part of an unknown type is a note, unless a customer wrote it", func(t *testing.T) {
		const lead = "intercom-contact-c-lead-xdf961cb841@import.invalid"
		holdConversation(t, r.Ticket(t, "1002"),
			"source-1002|in|"+lead+"|[redacted in Intercom]",
			"2101|out|operator@bots.example.com|Hi! I am a machine. How may I help?",
			"2102|in|"+lead+"|[redacted in Intercom]",
			"2103|in|"+lead+"|Where is my parcel?",
			"2104|note|operator@bots.example.com|Asks for a parcel.",
			"2105|in|"+lead+"|Track it",
			"2107|in|"+lead+"|")
		if n := r.Warned("part_type conversation_summary is not known, taken as a note"); n != 1 {
			t.Errorf("warned %d times of the unknown type", n)
		}
		if m := r.Ticket(t, "1008").Messages[1]; !m.Public || m.FromAgent {
			t.Errorf("%+v", m)
		}
	})
	t.Run("a lead without an address is told", func(t *testing.T) {
		if n := r.Problem("customer.made_up"); n == 0 {
			t.Error("an address was made up and nobody told")
		}
	})
	t.Run("times are Unix seconds", func(t *testing.T) {
		k := r.Ticket(t, "1001")
		if k.CreatedDatetime != "2022-09-19T14:20:23Z" || k.Messages[1].SentDatetime != "2022-09-19T14:20:43.000000Z" {
			t.Error(k.CreatedDatetime, k.Messages[1].SentDatetime)
		}
	})
	t.Run("the ticket's own fields", func(t *testing.T) {
		k := r.Ticket(t, "1001")
		if k.Subject != "Kettle & lid" || k.Status != "closed" || k.Priority != "high" || k.Channel != "email" || k.AssigneeUser.Email != "leo@acme.test" {
			t.Errorf("%+v", k)
		}
		if len(k.Tags) != 2 || k.Tags[0].Name != "kettle" || fmt.Sprint(k.CustomFields) != "[map[label:Order number value:A-1001] map[label:Amount value:12.5] map[label:VIP value:true]]" {
			t.Errorf("%v %v", k.Tags, k.CustomFields)
		}
		if fmt.Sprint(k.AssigneeTeam) != "map[name:Intercom team 814865]" {
			t.Errorf("team %v: a number of Intercom's must not pass for one of Gorgias'", k.AssigneeTeam)
		}
		if s := r.Ticket(t, "1003"); s.Status != "open" {
			t.Errorf("snoozed became %s", s.Status)
		}
	})
	t.Run("files and copies", func(t *testing.T) {
		m := r.Ticket(t, "1001").Messages
		if a := m[0].Attachments; len(a) != 1 || a[0].Name != "crack.jpg" || a[0].URL != "https://files.example.com/i/crack.jpg" || a[0].ContentType != "image/jpeg" || a[0].Size != 48211 {
			t.Errorf("%+v", a)
		}
		if s := m[2].Source; s.From.Address != "help@acme.test" || len(s.Cc) != 1 || s.Cc[0].Address != "bob@client.example.org" || len(s.Bcc) != 1 || s.Bcc[0].Address != "log@acme.test" {
			t.Errorf("%+v", s)
		}
	})
	t.Run("who was written to is known from the contacts alone", func(t *testing.T) {
		k := r.Ticket(t, "1005")
		if k.Customer.Email != "cleo@client.example.org" || k.Customer.Name != "Cleo Marsh" || k.Messages[0].Sender.Email != "mia@acme.test" {
			t.Errorf("%+v %+v", k.Customer, k.Messages[0].Sender)
		}
	})
	t.Run("tickets", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "ticket-494"),
			"description-494|in|ann@client.example.org|It fell off./Twice.", "part-3002|out|mia@acme.test|Send it in.", "part-3003|note|leo@acme.test|Second repair.")
		holdConversation(t, r.Ticket(t, "ticket-495"), "description-495|note||How many lids are left?", "part-3101|note|leo@acme.test|Forty.")
		holdConversation(t, r.Ticket(t, "ticket-496"), "part-3201|out|mia@acme.test|Which model?")
		for id, want := range map[string]string{"ticket-494": "open", "ticket-495": "closed", "ticket-496": "open"} {
			if k := r.Ticket(t, id); k.Status != want {
				t.Errorf("%s is %s", id, k.Status)
			}
		}
	})
	t.Run("a list without parts and fewer parts than total_count are told", func(t *testing.T) {
		for _, reason := range []string{"taken from a list, which leaves the parts out: get each conversation by its id", "fewer parts than total_count: some are missing", "source type carrier_pigeon is not known, its channel taken as api"} {
			if n := r.Warned(reason); n != 1 {
				t.Errorf("%s: %d", reason, n)
			}
		}
	})
	t.Run("exactly 500 parts are told, 499 are not", func(t *testing.T) {
		for _, n := range []int{499, 500} {
			r := presetText(t, "intercom", "c.json", intercomParts(n, n))
			if got := r.Warned("500 parts, the most Intercom gives: later ones are missing"); got != int64(n-499) {
				t.Errorf("%d parts: warned %d times", n, got)
			}
			if got := len(r.Ticket(t, "7").Messages); got != n+1 {
				t.Errorf("%d parts: %d messages", n, got)
			}
		}
		if r := presetText(t, "intercom", "c.json", intercomParts(2, 501)); r.Warned("fewer parts than total_count: some are missing") != 1 {
			t.Error("a total_count above 500 is not told")
		}
	})
	t.Run("a state nobody knows is a problem with a line to paste", func(t *testing.T) {
		text := strings.Replace(intercomParts(1, 1), `"state":"open"`, `"state":"asleep"`, 1)
		holdTableProblem(t, presetText(t, "intercom", "c.json", text), "asleep", "tables.state")
	})
	t.Run("of one conversation met twice the newer one counts", func(t *testing.T) {
		old := strings.ReplaceAll(intercomParts(1, 1), "part 1", "part one")
		now := strings.Replace(intercomParts(2, 2), `"updated_at":1663597223`, `"updated_at":1663597999`, 1)
		r := presetText(t, "intercom", "c.json", "["+now+","+old+"]")
		holdConversation(t, r.Ticket(t, "7"), "source-7|in|ann@client.example.org|first", "p1|in|ann@client.example.org|part 1", "p2|in|ann@client.example.org|part 2")
		if r.Problem("message_id.conflict") != 0 {
			t.Errorf("%+v", r.Summary.Problems)
		}
	})
}

// holdTableProblem finds the problem of a value that a table does not hold, with the line that mends it.
func holdTableProblem(t *testing.T, r *presetRun, value, table string) {
	t.Helper()
	for _, p := range r.Summary.Problems {
		if p.Code == "table.unknown" {
			for _, v := range p.Values {
				if v.Value == value && strings.Contains(v.Hint+p.Hint, table+": add") {
					return
				}
			}
		}
	}
	t.Errorf("nothing says what to write for %s: %+v", value, r.Summary.Problems)
}

// intercomParts is a conversation of n parts that says it has total.
func intercomParts(n, total int) string {
	const author = `{"type":"user","id":"c-ann","name":"Ann Baker","email":"ann@client.example.org"}`
	var parts []string
	for i := range n {
		parts = append(parts, fmt.Sprintf(`{"type":"conversation_part","id":"p%d","part_type":"comment","body":"<p>part %[1]d</p>","created_at":%d,"author":%s}`, i+1, 1663597224+i, author))
	}
	return fmt.Sprintf(`{"type":"conversation","id":"7","created_at":1663597223,"updated_at":1663597223,"state":"open","source":{"type":"conversation","id":"s","body":"first","author":%s},"conversation_parts":{"conversation_parts":[%s],"total_count":%d}}`,
		author, strings.Join(parts, ","), total)
}

// TestPresetIntercomProdsight: a CSV with a row a message.
func TestPresetIntercomProdsight(t *testing.T) {
	r := preset(t, "intercom-prodsight/export")
	t.Run("notes and rows of unknown types are internal, unless a customer wrote them", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "301"),
			"9001|in|ann@client.example.org|The bell does not ring, and I rang it twice.", "9003|note|mia@acme.test|A known fault, see the shelf.", "9004|out|mia@acme.test|Fixed!/Ring it again.")
		const lead = "intercom-contact-b2-xad912289d9@import.invalid"
		holdConversation(t, r.Ticket(t, "302"), "9011|in|"+lead+"|Anybody?", "9012|out|Operator|I am a machine.", "9013|note|leo@acme.test|What is this?", "9014|in|"+lead+"|I like it")
		if n := r.Warned("message_type secret_type is not known, taken as a note"); n != 1 {
			t.Errorf("warned %d times", n)
		}
	})
	t.Run("rows without a text are events", func(t *testing.T) {
		if n := r.Skipped("message", "event"); n != 1 {
			t.Errorf("%d events", n)
		}
	})
	t.Run("times are UTC, tags a list", func(t *testing.T) {
		k := r.Ticket(t, "301")
		if k.Messages[0].SentDatetime != "2017-11-14T21:45:08.000000Z" || len(k.Tags) != 2 || k.Status != "closed" {
			t.Errorf("%+v", k)
		}
	})
}
