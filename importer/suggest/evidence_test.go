package suggest

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/mapping/profile"
	"github.com/deskferry/deskferry/sources"
)

// suggestFor profiles and suggests; preset "" recognises one.
func suggestFor(t testing.TB, a Answers, paths ...string) *Suggestion {
	t.Helper()
	_, p, f := readWith(t, a, paths...)
	s, err := Make(p, f, a)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func asks(s *Suggestion, key string) bool {
	return slices.ContainsFunc(s.Open, func(q Question) bool { return q.Key == key })
}

// TestFirstMessage: a text beside the messages is left out only where the data shows that it is one of them.
func TestFirstMessage(t *testing.T) {
	const record = `{"id":"w%[1]d","createdAt":"2021-01-0%[1]dT10:00:00Z","customer":{"email":"c%[1]d@example.com"},"subject":"S","description":"My first question is about the bell number %[1]d","replies":[%[2]s]}`
	const reply = `{"id":"r%d%d","createdAt":"2021-01-01T12:00:00Z","author":"%s","type":"%s","body":"%s"}`
	make := func(replies func(i int) string) string {
		var all []string
		for i := 1; i <= 5; i++ {
			all = append(all, fmt.Sprintf(record, i, replies(i)))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	answer := func(i int) string {
		return fmt.Sprintf(reply, i, 2, "op@acme.test", "outbound", "An answer about the bell, which we will send tomorrow")
	}
	copied := func(i int) string {
		return fmt.Sprintf(reply, i, 1, fmt.Sprintf("c%d@example.com", i), "inbound", fmt.Sprintf("<p>My first question<br>is about the bell  number %d</p>", i)) + "," + answer(i)
	}
	mixed := func(i int) string {
		if i < 3 {
			return answer(i)
		}
		return copied(i)
	}
	for _, c := range []struct {
		name     string
		replies  func(int) string
		fallback bool
		asked    bool
		say      string
		messages int64
	}{
		{"other", answer, false, false, "of 0 tickets it is one of the messages, of 5 it is not", 10},
		{"copy", copied, true, false, "of 5 tickets it is one of the messages, of 0 it is not", 10},
		{"both", mixed, false, true, "of 3 tickets it is one of the messages, of 2 it is not", 13},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := export(t, "desk.json", make(c.replies))
			a := Answers{KeyPreset: {"none"}, KeyAgents: {"@acme.test"}}
			s := suggestFor(t, a, dir)
			if got := strings.Contains(string(s.Text), "\n    fallback: true"); got != c.fallback {
				t.Errorf("fallback: %t, want %t", got, c.fallback)
			}
			if asks(s, keyFirst+"conversations") != c.asked {
				t.Errorf("asked: %t, want %t", !c.asked, c.asked)
			}
			if plain := strings.Join(strings.Fields(strings.ReplaceAll(string(s.Text), "#", "")), " "); !strings.Contains(plain, c.say) {
				t.Errorf("%q is not said", c.say)
			}
			if sum := check(t, s, dir); sum.Messages.Incoming+sum.Messages.Outgoing != c.messages || sum.Tickets.Pending != 5 {
				t.Errorf("%d messages of %d tickets, want %d: %+v\n%s", sum.Messages.Incoming+sum.Messages.Outgoing, sum.Tickets.Pending, c.messages, sum.Problems, s.Text)
			}
			if c.asked {
				a[keyFirst+"conversations"] = []string{isCopy}
				has(t, suggestFor(t, a, dir).Text, "fallback: true")
			}
		})
	}
}

// TestFirstMessageJoined: tickets and messages in files of their own are compared by the ticket's id, whatever comes first.
func TestFirstMessageJoined(t *testing.T) {
	const tickets = "id,subject,description,requester_email,created_at\n1,Bell,The bell is broken and I want a new one,ana@example.com,2024-01-03T10:00:00Z\n2,Rope,The rope is much too short for the bell,bo@example.com,2024-01-03T10:00:00Z\n"
	const head = "id,ticket_id,author_email,body,created_at\n"
	for _, c := range []struct {
		name, comments, want string
		asked                bool
	}{
		{"copy", head + "7,1,ana@example.com,The bell is broken and I want a new one,2024-01-03T10:00:00Z\n8,2,bo@example.com,The rope is much too short for the bell,2024-01-03T10:00:00Z\n", "fallback: true", false},
		{"other", head + "7,1,mia@acme.test,We send you a new bell tomorrow morning,2024-01-03T10:00:00Z\n8,2,mia@acme.test,We send you a longer rope,2024-01-03T10:00:00Z\n", "tickets_first:", false},
		{"elsewhere", head + "7,8,mia@acme.test,We send you a new bell tomorrow morning,2024-01-03T10:00:00Z\n8,9,mia@acme.test,We send you a longer rope,2024-01-03T10:00:00Z\n", "# fallback: true", true},
	} {
		for _, name := range []string{"a_comments.csv", "z_comments.csv"} {
			s := suggestFor(t, Answers{KeyPreset: {"none"}}, export(t, "tickets.csv", tickets, name, c.comments))
			has(t, s.Text, c.want)
			if strings.Contains(string(s.Text), "\n    fallback: true") != (c.want == "fallback: true") || asks(s, keyFirst+"tickets") != c.asked {
				t.Errorf("%s, %s: asked %t\n%s", c.name, name, !c.asked, s.Text)
			}
		}
	}
}

// TestNotes: a word for a note makes an internal message, in whatever column it stands, and an unknown word makes none that
// anybody can read.
func TestNotes(t *testing.T) {
	row := func(columns ...string) string { return strings.Join(columns, ",") + "\n" }
	const at, text = "2024-01-01T10:00:00Z", "a text about the bell and the rope"
	for _, c := range []struct {
		name, head                   string
		rows                         [][2]string // who, and the words
		incoming, outgoing, internal int64
		asked                        []string
	}{
		{"type", "ticket_id,type,email,date,body", [][2]string{{"ana@example.com", "inbound"}, {"op@acme.test", "outbound"}, {"op@acme.test", "note"}, {"op@acme.test", "private note"}}, 1, 1, 2, nil},
		{"two columns", "ticket_id,visibility,direction,email,date,body", [][2]string{{"ana@example.com", "public,in"}, {"op@acme.test", "private,out"}, {"op@acme.test", "internal,out"}}, 1, 0, 2, nil},
		{"note in both", "ticket_id,visibility,type,email,date,body", [][2]string{{"ana@example.com", "public,inbound"}, {"op@acme.test", "public,note"}, {"op@acme.test", "internal,outbound"}, {"op@acme.test", "public,outbound"}}, 1, 1, 2, nil},
		{"sounds like one", "ticket_id,type,email,date,body", [][2]string{{"ana@example.com", "incoming"}, {"op@acme.test", "outgoing"}, {"op@acme.test", "Agent private-note"}}, 1, 1, 1, nil},
		{"unknown", "ticket_id,type,email,date,body", [][2]string{{"ana@example.com", "incoming"}, {"op@acme.test", "outgoing"}, {"op@acme.test", "note"}, {"op@acme.test", "zzyzx"}}, 1, 1, 1, []string{keyTable + "direction:zzyzx"}},
		{"channel", "ticket_id,channel,author_email,sent_at,body", [][2]string{{"ana@example.com", "email"}, {"ana@example.com", "chat"}, {"op@acme.test", "note"}, {"ana@example.com", "phone"}}, 3, 0, 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := c.head + "\n"
			for i, r := range c.rows {
				b += row("1", r[1], r[0], strings.Replace(at, "10:", fmt.Sprintf("1%d:", i), 1), text+fmt.Sprint(" ", i))
			}
			dir := export(t, "m.csv", b)
			s := suggestFor(t, Answers{KeyPreset: {"none"}, KeyAgents: {"@acme.test"}, KeyUnknown: {"customer"}}, dir)
			lacks(t, s.Text, "note: email", "customer: { email: email }")
			for _, k := range c.asked {
				if !asks(s, k) {
					t.Errorf("%s is not asked: %+v", k, s.Open)
				}
			}
			m := checkAll(t, s, dir).Messages
			if m.Incoming != c.incoming || m.Outgoing != c.outgoing || m.Internal != c.internal {
				t.Errorf("%d incoming, %d outgoing, %d notes, want %d, %d, %d\n%s", m.Incoming, m.Outgoing, m.Internal, c.incoming, c.outgoing, c.internal, s.Text)
			}
		})
	}
}

// checkAll is check, with tickets that lack a rejected message.
func checkAll(t testing.TB, s *Suggestion, paths ...string) *importer.Summary {
	t.Helper()
	m, err := mapping.Load(oneFile(s.Text), fileName, mapping.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	set, err := sources.Open(t.Context(), paths, m.SourceOptions, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	sum, err := (&importer.Job{Source: set, Files: set.Files(), Mapping: m, Now: now, MaxMessages: 500, MaxBytes: 4 << 20, SendIncomplete: true}).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestNoteAnswer: a word that is decided to be a note is one.
func TestNoteAnswer(t *testing.T) {
	dir := export(t, "m.csv", "ticket_id,type,author_email,sent_at,body\n1,incoming,ana@example.com,2024-01-01T10:00:00Z,The bell is broken\n"+
		"1,outgoing,op@acme.test,2024-01-01T11:00:00Z,We send a new one\n1,zzyzx,op@acme.test,2024-01-01T12:00:00Z,He is right\n")
	s := suggestFor(t, Answers{KeyPreset: {"none"}, keyTable + "direction:zzyzx": {asNote}}, dir)
	if m := check(t, s, dir).Messages; m.Internal != 1 || m.Outgoing != 1 {
		t.Errorf("%+v\n%s", m, s.Text)
	}
}

// TestUnknownAsked: the values that check has no entry for are those that are asked or known, for every preset's sample.
func TestUnknownAsked(t *testing.T) {
	dirs, _ := filepath.Glob("../../testdata/presets/*/*/export")
	for _, dir := range dirs {
		preset := filepath.Base(filepath.Dir(filepath.Dir(dir)))
		t.Run(preset+"/"+filepath.Base(filepath.Dir(dir)), func(t *testing.T) {
			alone := &Suggestion{Text: []byte("version: 1\nextends: " + preset + "\n")}
			var want, got []string
			for _, p := range check(t, alone, dir).Problems {
				if p.Code == "table.unknown" {
					for _, v := range p.Values {
						want = append(want, v.Value)
					}
				}
			}
			s := suggestFor(t, Answers{}, dir)
			m, err := mapping.Load(oneFile("version: 1\nextends: "+preset+"\n"), fileName, mapping.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range m.File().Tables {
				if len(table.Entries) == 1 && table.Entries[0].From == "*" { // it knows nothing: check takes all, and all are asked
					continue
				}
				for _, q := range s.Open {
					if v, ok := strings.CutPrefix(q.Key, keyTable+table.Name+":"); ok {
						got = append(got, v)
					}
				}
			}
			for _, v := range want { // known by their words
				if strings.Contains(string(s.Text), "\n    "+entryKey(v)+": ") {
					got = append(got, v)
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("check lacks %q, and %q are asked\n%s", want, got, s.Text)
			}
		})
	}
}

// TestNumbersAsked: numbers that each account defines are asked though the preset reads them.
func TestNumbersAsked(t *testing.T) {
	s := suggestFor(t, Answers{}, "../../testdata/presets/kayako-classic/numbers/export")
	for _, k := range []string{keyTable + "status:6", keyTable + "priority:3"} {
		if !asks(s, k) {
			t.Errorf("%s is not asked: %+v", k, s.Open)
		}
	}
	has(t, suggestFor(t, Answers{keyTable + "status:6": {"closed"}}, "../../testdata/presets/kayako-classic/numbers/export").Text, `"6": closed`)
}

// TestStrangers: where a preset's authors are found nowhere it is asked who works for the company, with what happens until then.
func TestStrangers(t *testing.T) {
	dir := export(t, "tickets.json", `{"id":1,"subject":"Bell","status":"open","requester_id":10,"submitter_id":10,"via":{"channel":"email"},"created_at":"2024-01-03T10:00:00Z","comments":[`+
		`{"id":7,"author_id":10,"public":true,"body":"The bell is broken","created_at":"2024-01-03T10:00:00Z"},{"id":8,"author_id":20,"public":true,"body":"We send a new one","created_at":"2024-01-03T11:00:00Z"}]}`)
	a := Answers{KeyPreset: {"zendesk"}}
	s := suggestFor(t, a, dir)
	if !asks(s, KeyAgents) || !asks(s, KeyUnknown) {
		t.Errorf("asked are %+v", s.Open)
	}
	text := strings.Join(strings.Fields(strings.ReplaceAll(string(s.Text), "#", "")), " ")
	for _, want := range []string{"decide: who works for you?", "1 message of authors found nowhere, counted as the agent's until then", `"20": 1 message`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said:\n%s", want, s.Text)
		}
	}
	a[KeyUnknown] = []string{"customer"}
	decided := suggestFor(t, a, dir)
	has(t, decided.Text, "unknown: customer")
	check(t, decided, dir)
}

// TestMailOwners: one's own are those who sent the sent mail and received the rest, never those who wrote to them.
func TestMailOwners(t *testing.T) {
	for dir, want := range map[string][]string{
		"maildir": {"@outside.test", "@acme.test"}, "mbox": {"@acme.test"}, "eml": {"@your-company.example"}, // of two domains alike neither is told
	} {
		_, _, f := readWith(t, Answers{}, filepath.Join("../../testdata/presets/mail", dir, "export"))
		if got := f.proposal(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q: %+v", dir, got, want, f.Domains)
		}
	}
	p := People{Mailbox: true, Authors: []Author{{Address: "shop@gmail.com", Messages: 5, Outgoing: 5}, {Address: "ana@gmail.com", Messages: 3}},
		Domains: []Domain{{Domain: "gmail.com", Addresses: 2, Messages: 8, Outgoing: 5, Received: 9}}}
	if got := p.proposal(); !slices.Equal(got, []string{"shop@gmail.com"}) {
		t.Errorf("%q", got)
	}
}

// TestTicketAuthor: in a ticket's own row the author is the customer, which is asked.
func TestTicketAuthor(t *testing.T) {
	dir := export(t, "t.csv", "author,subject,when,text\nana@example.com,One,2021-01-01T00:00:00Z,The bell is broken\nbo@example.com,Two,2021-01-01T00:00:00Z,The rope is too short\n")
	a := Answers{KeyPreset: {"none"}}
	s := suggestFor(t, a, dir)
	has(t, s.Text, "customer: { email: author }")
	key := keyOwner + "tickets"
	if !asks(s, key) || asks(s, KeyAgents) || asks(s, KeyUnknown) {
		t.Errorf("asked are %+v", s.Open)
	}
	if sum := check(t, s, dir); sum.Tickets.Pending != 2 {
		t.Errorf("%+v", sum.Problems)
	}
	a[key] = []string{"no"}
	lacks(t, suggestFor(t, a, dir).Text, "customer: {")
}

// TestTimeless: messages without a time are asked about, with the way to give one where the preset has it.
func TestTimeless(t *testing.T) {
	const dir = "../../testdata/presets/omnidesk-messages/json/export"
	s := suggestFor(t, Answers{}, dir)
	if !asks(s, KeySent) || !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(string(s.Text), "#", "")), " "), "--set sent=2024-05-01T00:00:00Z") {
		t.Errorf("asked are %+v\n%s", s.Open, s.Text)
	}
	lacks(t, suggestFor(t, Answers{KeySent: {"2023-02-01T00:00:00Z"}}, dir).Text, "messages have no time and are rejected; one")
	mail := export(t, "box.mbox", "From ana@example.com\nFrom: Ana <ana@example.com>\nTo: shop@acme.test\nSubject: Bell\nMessage-ID: <1@example.com>\n\nThe bell is broken.\n")
	if s := suggestFor(t, Answers{KeyPreset: {"mail"}}, mail); !asks(s, KeySent) {
		t.Errorf("asked are %+v\n%s", s.Open, s.Text)
	}
}

// TestBothWrittenOut: line breaks written out are met beside real ones, and signs with them.
func TestBothWrittenOut(t *testing.T) {
	s := suggestFor(t, Answers{KeyPreset: {"none"}}, export(t, "m.csv", "ticket_id,message_id,author_email,body,sent_at\n"+
		"1,1,ana@example.com,\"Hello,\nwhere \\n are the bell &amp; the rope?\",2024-01-03T10:00:00Z\n2,2,ana@example.com,Where is the bell today,2024-01-04T10:00:00Z\n"))
	has(t, s.Text, "# body_text: { from: body, unescape: [backslash, entities] }")
}

// TestDamaged: an export that cannot be read is refused with what is wrong with it.
func TestDamaged(t *testing.T) {
	_, p, f := readWith(t, Answers{}, export(t, "tickets.json", `{"tickets":[{"id":1,"subject":"x","comments":[{"bo`))
	_, err := Make(p, f, nil)
	var refusal *Refusal
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Text, "export it again") || strings.Contains(refusal.Text, "no records") {
		t.Errorf("%v", err)
	}
	half := &profile.Profile{Files: []profile.File{{Name: "t.csv"}}, Fits: []profile.Fit{{Title: "Zendesk", Why: "records hold id", Missing: []string{"body"}}}}
	if _, err = Make(half, nil, nil); !errors.As(err, &refusal) || !strings.Contains(refusal.Text, "it looks like Zendesk: records hold id; it lacks body") {
		t.Errorf("%v", err)
	}
}
