package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// presetText converts and checks a file that is written here, with the mapping's text or a preset's name.
func presetText(t *testing.T, mapping, name, text string, extra ...string) *presetRun {
	t.Helper()
	return presetFrom(t, "messages/csv", append(presetTextFlags(t, mapping, name, text), extra...))
}

// presetTextFlags writes a file, and a mapping if it is more than a preset's name, and returns the flags that name them.
func presetTextFlags(t *testing.T, mapping, name, text string) []string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(mapping, "\n") {
		path := filepath.Join(dir, "mapping.yaml")
		if err := os.WriteFile(path, []byte(mapping), 0o600); err != nil {
			t.Fatal(err)
		}
		mapping = path
	}
	return []string{"--from", file, "--mapping", mapping}
}

// presetCheck is what check prints and the code it ends with.
func presetCheck(t *testing.T, flags []string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"deskferry", "check"}, flags...), strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

const messagesMapping = "version: 1\nextends: messages\npeople: { agents: [\"@acme.test\"] }\n"

// TestPresetMessages: what spreadsheets and scripts do to a CSV with a row a message.
func TestPresetMessages(t *testing.T) {
	r := preset(t, "messages/csv")
	t.Run("a column without a name is no trouble", func(t *testing.T) {
		for _, f := range r.Summary.Fields {
			if f.Path == "#1" && f.Count == 12 {
				return
			}
		}
		t.Errorf("the index column is not told: %+v", r.Summary.Fields)
	})
	t.Run("3.0 is 3", func(t *testing.T) {
		r.Ticket(t, "1")
		if id := r.Ticket(t, "2").Messages[1].ExternalID; id != "21" {
			t.Errorf("21.0 became %s", id)
		}
	})
	t.Run("1.23E+15 is refused", func(t *testing.T) {
		if n := r.Problem("id.exponent"); n != 1 {
			t.Errorf("%d ids refused", n)
		}
		if len(r.Order) != 3 {
			t.Errorf("tickets %v", r.Order)
		}
	})
	t.Run(`literal \n and HTML entities, read where that is asked for`, func(t *testing.T) {
		m := r.Ticket(t, "1").Messages
		if m[0].BodyText != "Hello\nmy lamp is broken.\n\nAna" || m[0].BodyHTML != "<p>Hello<br>my lamp is broken.</p><p>Ana</p>" {
			t.Errorf("%q, %q", m[0].BodyText, m[0].BodyHTML)
		}
		if want := "Dear Ana & family, we'll send one."; m[1].BodyText != want || m[1].BodyHTML != "<p>Dear Ana &amp; family, we'll send one.</p>" {
			t.Errorf("%q, %q", m[1].BodyText, m[1].BodyHTML)
		}
	})
	t.Run(`literal \n and HTML entities, kept and counted where it is not`, func(t *testing.T) {
		r := preset(t, "messages/ndjson")
		if m := r.Ticket(t, "7").Messages[2]; m.BodyText != `C:\new\table is a path` {
			t.Errorf("%q", m.BodyText)
		}
		if n := r.Warned(`line ends or entities are written out, as \n or &amp;: see unescape in docs/mapping.md`); n != 1 {
			t.Errorf("%d warnings", n)
		}
	})
	t.Run("rows of commas only", func(t *testing.T) {
		if n := r.Skipped("record", "blank"); n != 1 {
			t.Errorf("%d blank rows", n)
		}
	})
	t.Run("cells that are lists", func(t *testing.T) {
		for id, want := range map[string]string{"1": "lamp|spare part", "2": "order|late", "3": ""} {
			if got := tagNames(r.Ticket(t, id)); got != want {
				t.Errorf("ticket %s: %s, want %s", id, got, want)
			}
		}
		if got := tagNames(preset(t, "messages/ndjson").Ticket(t, "7")); got != "parcel|lost, again" {
			t.Errorf("a list of JSON: %s", got)
		}
	})
	t.Run("Tue Oct 31 22:10:47 +0000 2017", func(t *testing.T) {
		if at := r.Ticket(t, "1").Messages[0].SentDatetime; at != "2017-10-31T22:10:47.000000Z" {
			t.Error(at)
		}
	})
	t.Run("words that mean nothing, and yes and no in other languages", func(t *testing.T) {
		if s := r.Ticket(t, "2").Subject; s != "Where is my order?" {
			t.Errorf("NULL became %q", s)
		}
		if c := r.Ticket(t, "3").Customer; c.Name != "" {
			t.Errorf("NaN became %q", c.Name)
		}
		if m := r.Ticket(t, "1").Messages[2]; m.Public || m.Channel != "internal-note" {
			t.Errorf("internal: oui is public: %+v", m)
		}
		if n := r.Warned("peut-être"); n != 0 || r.Problem("table.unknown") != 2 {
			t.Errorf("an unknown word is no error")
		}
	})
	t.Run("no id column: ids of the content, the same in any order", func(t *testing.T) {
		const head = "ticket_id,requester_email,author_email,sent_at,body_text\n"
		const a, b = "1,ana@example.com,ana@example.com,2024-01-01T10:00:00Z,one\n", "1,ana@example.com,bo@acme.test,2024-01-01T11:00:00Z,two\n"
		const c = "2,ana@example.com,ana@example.com,2024-01-01T10:00:00Z,one\n"
		ids := func(text string) (out []string) {
			r := presetText(t, messagesMapping, "m.csv", head+text)
			for _, ticket := range []string{"1", "2"} {
				if tk := r.Tickets[ticket]; tk != nil {
					for _, m := range tk.Messages {
						out = append(out, m.ExternalID)
					}
				}
			}
			return out
		}
		first, second := ids(a+b+c), ids(c+b+a)
		if len(first) != 3 || strings.Join(first, " ") != strings.Join(second, " ") || first[0] == first[2] {
			t.Errorf("%v, then %v", first, second)
		}
		if m := r.Ticket(t, "3").Messages; len(m) != 2 || m[0].ExternalID == m[1].ExternalID || !strings.HasPrefix(m[0].ExternalID, "h1:") {
			t.Errorf("two equal rows without id: %+v", m)
		}
	})
}

// TestPresetMessagesTimes: day and month are never guessed.
func TestPresetMessagesTimes(t *testing.T) {
	const head = "ticket_id;message_id;requester_email;author_email;sent_at;body_text\n"
	mapping := messagesMapping + "source: { timezone: Europe/Amsterdam }\n"
	row := func(id, at string) string {
		return "1;" + id + ";ana@example.com;ana@example.com;" + at + ";text\n"
	}
	for name, c := range map[string]struct {
		rows, mapping, sent, code string
	}{
		"dd/mm, told by another row":    {row("1", "03/04/2021 10:00") + row("2", "31/05/2021 10:00"), mapping, "2021-04-03T08:00:00.000000Z", ""},
		"mm/dd, told by another row":    {row("1", "03/04/2021 10:00") + row("2", "05/31/2021 10:00"), mapping, "2021-03-04T09:00:00.000000Z", ""},
		"told by nothing":               {row("1", "03/04/2021 10:00") + row("2", "05/06/2021 10:00"), mapping, "", "time.ambiguous"},
		"both":                          {row("1", "13/04/2021 10:00") + row("2", "05/31/2021 10:00"), mapping, "", "time.ambiguous"},
		"told by the mapping":           {row("1", "03/04/2021 10:00"), mapping + "messages: { message: { sent_datetime: { from: sent_at, layout: dmy } } }\n", "2021-04-03T08:00:00.000000Z", ""},
		"without a zone, and none said": {row("1", "2021-04-03 10:00:00"), messagesMapping, "", "time.no_zone"},
		"seconds of an epoch":           {row("1", "1617444000"), mapping + "messages: { message: { sent_datetime: { from: sent_at, layout: epoch } } }\n", "2021-04-03T10:00:00.000000Z", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := presetText(t, c.mapping, "m.csv", head+c.rows)
			if c.code != "" {
				if r.Problem(c.code) == 0 || len(r.Order) != 0 {
					t.Errorf("tickets %v, problems %+v", r.Order, r.Summary.Problems)
				}
				return
			}
			if at := r.Ticket(t, "1").Messages[0].SentDatetime; at != c.sent {
				t.Errorf("sent %s, want %s", at, c.sent)
			}
		})
	}
}

// TestPresetMessagesWithoutTexts: an export without bodies is called that, and gives no blank messages.
func TestPresetMessagesWithoutTexts(t *testing.T) {
	flags := presetTextFlags(t, messagesMapping, "m.csv", "ticket_id,message_id,requester_email,author_email,sent_at\n"+
		"1,1,ana@example.com,ana@example.com,2024-01-01T10:00:00Z\n1,2,ana@example.com,bo@acme.test,2024-01-01T11:00:00Z\n")
	code, out, errs := presetCheck(t, flags)
	if code != exitIncomplete || !strings.Contains(out, "\n0 texts: of 2 messages not one has a body.") || !strings.Contains(out, "\n2 records need you\n") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	t.Run("a heading that is needed is missed before the first row", func(t *testing.T) {
		code, out, errs := presetCheck(t, presetTextFlags(t, "messages", "m.csv", "ticket,message_id,sent_at,body_text\n1,1,2024-01-01T10:00:00Z,x\n"))
		if code == exitDone || code == exitIncomplete || !strings.Contains(errs, `no column "ticket_id"`) {
			t.Errorf("exit %d\n%s%s", code, out, errs)
		}
	})
}

func tagNames(t *presetTicket) string {
	var names []string
	for _, tag := range t.Tags {
		names = append(names, tag.Name)
	}
	return strings.Join(names, "|")
}

// TestPresetTickets: a CSV with a row a ticket.
func TestPresetTickets(t *testing.T) {
	r := preset(t, "tickets/csv")
	t.Run("question and answer", func(t *testing.T) {
		k := r.Ticket(t, "T-1")
		if len(k.Messages) != 2 || k.Messages[0].FromAgent || !k.Messages[1].FromAgent || k.Messages[1].Sender.Email != "bo@acme.test" ||
			k.Status != "closed" || k.ClosedDatetime != "2023-01-31T17:00:00Z" || tagNames(k) != "lieferung|eilig" {
			t.Errorf("%+v", k)
		}
	})
	t.Run("the same row twice", func(t *testing.T) {
		if r.Summary.Messages.Repeated != 2 {
			t.Errorf("%+v", r.Summary.Messages)
		}
	})
	t.Run("only an answer", func(t *testing.T) {
		if k := r.Ticket(t, "T-3"); len(k.Messages) != 1 || !k.Messages[0].FromAgent || k.Customer.Email != "dora@example.com" {
			t.Errorf("%+v", k)
		}
	})
	t.Run("no text at all is rejected, never blank", func(t *testing.T) {
		if r.Problem("message.empty") != 1 || r.Tickets["T-4"] != nil {
			t.Errorf("%+v", r.Tickets["T-4"])
		}
	})
	t.Run("an answer without a time is rejected", func(t *testing.T) {
		if r.Problem("sent_datetime.missing") != 1 || r.Tickets["T-5"] != nil {
			t.Errorf("%+v", r.Tickets["T-5"])
		}
	})
	t.Run("a list in a cell", func(t *testing.T) {
		if got := tagNames(r.Ticket(t, "T-2")); got != "rechnung|kopie" {
			t.Error(got)
		}
	})
	t.Run("no ids: named by content, the same in any order", func(t *testing.T) {
		const head, a, b = "created_at,requester_email,body_text\n", "2024-05-01T10:00:00Z,ana@example.com,one\n", "2024-05-02T10:00:00Z,ana@example.com,two\n"
		x, y := presetText(t, "tickets", "t.csv", head+a+b), presetText(t, "tickets", "t.csv", head+b+a)
		if len(x.Order) != 2 || x.Order[0] != y.Order[1] || x.Order[1] != y.Order[0] {
			t.Errorf("%v, then %v", x.Order, y.Order)
		}
		if n := preset(t, "tickets/nameless"); len(n.Order) != 2 {
			t.Errorf("%v", n.Order)
		}
	})
	t.Run("day and month told by nothing", func(t *testing.T) {
		r := presetText(t, "version: 1\nextends: tickets\nsource: { timezone: Europe/Berlin }\n", "t.csv",
			"ticket_id,created_at,requester_email,body_text\n1,03/04/2021 10:00,ana@example.com,one\n")
		if r.Problem("time.ambiguous") == 0 || len(r.Order) != 0 {
			t.Errorf("%v %+v", r.Order, r.Summary.Problems)
		}
	})
	t.Run("no column with texts", func(t *testing.T) {
		_, out, _ := presetCheck(t, presetTextFlags(t, "tickets", "t.csv", "ticket_id,created_at,requester_email,subject\n1,2024-05-01T10:00:00Z,ana@example.com,S\n"))
		if !strings.Contains(out, "\n0 texts: of 1 message not one has a body.") {
			t.Error(out)
		}
	})
}
