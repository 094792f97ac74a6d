package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestPresetFront: conversations, messages and comments in pages of their own and inside the conversations.
func TestPresetFront(t *testing.T) {
	r := preset(t, "front/export")
	t.Run("float seconds are not rounded", func(t *testing.T) {
		k := r.Ticket(t, "cnv_aa1")
		var times []string
		for _, m := range k.Messages {
			times = append(times, m.SentDatetime)
		}
		if got := strings.Join(times, " "); got != "2016-01-26T01:16:24.123000Z 2016-01-26T01:18:20.456000Z 2016-01-26T01:18:21.000000Z 2016-01-26T01:21:40.999999Z 2016-01-26T01:25:00.000001Z" {
			t.Error(got)
		}
		if k.CreatedDatetime != "2016-01-26T01:16:24.123Z" {
			t.Error(k.CreatedDatetime)
		}
	})
	t.Run("comments are notes, is_inbound is the direction, the oldest message is first", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "cnv_aa1"),
			"msg_01|in|ann@client.example.org|The kettle arrived cracked.",
			"com_1|note|leo@acme.test|Third one this week./**Ask** @mia",
			"com_2|note|mia@acme.test|See the photo",
			"msg_03|out|mia@acme.test|A new one is on its way.",
			"msg_06|out|help@acme.test|How did we do?")
	})
	t.Run("drafts are skipped and counted", func(t *testing.T) {
		if n := r.Skipped("message", "draft"); n != 2 {
			t.Errorf("%d drafts", n)
		}
	})
	t.Run("a message knows its conversation by link or by the file's name", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "cnv_aa2"), "msg_11|in|dan@client.example.org|Where is my parcel?/Please.", "msg_12|out|leo@acme.test|At your door.", "msg_14|in|dan@client.example.org|Thanks")
	})
	t.Run("messages inside conversations, as a list and as the page they came in", func(t *testing.T) {
		holdConversation(t, r.Ticket(t, "cnv_bb1"), "msg_41|out|mia@acme.test|Your lid is here.", "com_41|note|leo@acme.test|She will be glad.")
		holdConversation(t, r.Ticket(t, "cnv_bb2"), "msg_51|in|ann@client.example.org|Hello?", "com_51|note|leo@acme.test|Hm.")
		if k := r.Ticket(t, "cnv_bb1"); k.Customer.Email != "cleo@client.example.org" {
			t.Errorf("the customer of a conversation without a recipient is whom it was sent to, not %+v", k.Customer)
		}
	})
	t.Run("the ticket's own fields, copies and files", func(t *testing.T) {
		k := r.Ticket(t, "cnv_aa1")
		if k.Status != "closed" || k.AssigneeUser.Email != "mia@acme.test" || len(k.Tags) != 2 || fmt.Sprint(k.CustomFields) != "[map[label:Order value:A-1] map[label:Amount value:12.5]]" {
			t.Errorf("%+v", k)
		}
		m := k.Messages[3]
		if s := m.Source; s.From.Address != "help@acme.test" || s.To[0].Address != "ann@client.example.org" || s.Cc[0].Address != "bob@client.example.org" || s.Bcc[0].Address != "log@acme.test" {
			t.Errorf("%+v", s)
		}
		if a := m.Attachments; len(a) != 1 || a[0].Name != "label.pdf" || a[0].ContentType != "application/pdf" || a[0].Size != 9001 || m.MessageID != "<r1@acme.test>" {
			t.Errorf("%+v %s", a, m.MessageID)
		}
	})
	t.Run("what will not work in the new account is told", func(t *testing.T) {
		for reason, want := range map[string]int64{
			"the link of an attachment needs Front's API token: agents cannot open it": 2,
			"type pigeon is not known, its channel taken as api":                       1,
			"not delivered": 1, "private conversation": 1,
		} {
			if n := r.Warned(reason); n != want {
				t.Errorf("%s: %d", reason, n)
			}
		}
	})
	t.Run("deleted conversations and spam are skipped with their messages", func(t *testing.T) {
		if r.Skipped("ticket", "deleted") != 1 || r.Skipped("ticket", "spam") != 1 || r.Tickets["cnv_aa3"] != nil {
			t.Errorf("%+v", r.Summary.Skipped)
		}
	})
	t.Run("a status nobody knows is a problem with a line to paste", func(t *testing.T) {
		holdTableProblem(t, r, "parked", "tables.status")
	})
	t.Run("the analytics CSV is refused", func(t *testing.T) {
		const head = "Message ID,Segment ID,Conversation ID,Direction,Status,Inbox,Message date,Author,Extract,Tags,Message API ID,Conversation API ID,Subject\n"
		holdRefused(t, "front", head+"1,1,1,Inbound,Archived,Help,2016-01-26,Ann,The kettle arr,,msg_1,cnv_1,Kettle\n", "Extract")
	})
}

// holdRefused holds that a preset refuses a CSV file before its first record, and says why.
func holdRefused(t *testing.T, preset, text, why string) {
	t.Helper()
	code, _, errs := presetCheck(t, presetTextFlags(t, preset, "export.csv", text))
	if code == exitDone || code == exitIncomplete || !strings.Contains(errs, why) {
		t.Errorf("exit %d\n%s", code, errs)
	}
}
