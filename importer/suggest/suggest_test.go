package suggest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/mapping/profile"
	"github.com/deskferry/deskferry/sources"
)

var now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// read profiles an export.
func read(t testing.TB, paths ...string) (*sources.Set, *profile.Profile, *Findings) {
	t.Helper()
	return readWith(t, Answers{}, paths...)
}

func readWith(t testing.TB, a Answers, paths ...string) (*sources.Set, *profile.Profile, *Findings) {
	t.Helper()
	set, err := sources.Open(t.Context(), paths, nil, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set.Close() })
	p, err := profile.Read(t.Context(), set, set.Files(), profile.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	people, err := Look(t.Context(), set, set.Files(), p, a)
	if err != nil {
		t.Fatal(err)
	}
	return set, p, people
}

// export writes files into a folder: name, text, name, text, …
func export(t testing.TB, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// check runs check with a suggestion, as a user would at once.
func check(t testing.TB, s *Suggestion, paths ...string) *importer.Summary {
	t.Helper()
	m, err := mapping.Load(oneFile(s.Text), fileName, mapping.LoadOptions{})
	if err != nil {
		t.Fatalf("%v\n%s", err, s.Text)
	}
	set, err := sources.Open(t.Context(), paths, m.SourceOptions, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	job := &importer.Job{Source: set, Files: set.Files(), Mapping: m, Now: now, MaxMessages: 500, MaxBytes: 4 << 20}
	summary, err := job.Check(context.Background())
	if err != nil {
		t.Fatalf("check with the suggestion: %v\n%s", err, s.Text)
	}
	if err := summary.Balance(); err != nil {
		t.Fatal(err)
	}
	return summary
}

// has fails where the text lacks a line that begins, after blanks, with each of the given.
func has(t testing.TB, text []byte, lines ...string) {
	t.Helper()
	for _, want := range lines {
		if !slices.ContainsFunc(strings.Split(string(text), "\n"), func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), want) }) {
			t.Errorf("no line begins %q in\n%s", want, text)
		}
	}
}

func lacks(t testing.TB, text []byte, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if bytes.Contains(text, []byte(p)) {
			t.Errorf("%q is in\n%s", p, text)
		}
	}
}

func problem(s *importer.Summary, code string) (n int64) {
	for _, p := range s.Problems {
		if p.Code == code {
			n += p.Count
		}
	}
	return n
}

// TestSamples: a mapping of its own for each sample, from the data alone; with what only the user knows, all of it can be
// imported.
func TestSamples(t *testing.T) {
	for _, c := range []struct {
		file    string
		answers Answers
		lines   []string
		tickets int64 // of the check with the answers
	}{
		{"messages.csv", Answers{KeyTimezone: {"UTC"}}, []string{
			"external_id: ticket_id", "external_id: message_id", "author: { email: author_email, name: author_name }", "internal: internal",
			"pending: open ", "solved: closed ", "web: contact_form ", `tags: { from: tags, split: "," }`, "- mia@acme.test",
		}, 80},
		{"tickets.csv", Answers{KeyTimezone: {"Europe/Berlin"}, KeyChannel: {"email"}}, []string{
			"external_id: Ticket Nr.", "gelöst: closed ", "wartend: open ", `external_id: { text: "{Ticket Nr.}-1" }`, "sent_datetime: Beantwortet", "body_text: Antwort",
			`tags: { all: ["Tag#1", "Tag#2"] }`, "channel: { const: email }", "- mia@acme.test",
		}, 60},
		{"helpdesk.json", Answers{}, []string{
			"tickets: { path: tickets }", "each: comments", "author: author_id", "internal: { is: { public: { not: true } } }", "agent: { from: role, table: role }",
			"attachments: { each: attachments, url: content_url, name: file_name, content_type: content_type, size: size }", "# custom_fields: { each: custom_fields,",
		}, 186}, // the others have authors who are in no list of people
	} {
		t.Run(c.file, func(t *testing.T) {
			path := filepath.Join("../../testdata", c.file)
			_, p, people := read(t, path)
			c.answers[KeyPreset] = []string{"none"}
			s, err := Make(p, people, c.answers)
			if err != nil {
				t.Fatal(err)
			}
			has(t, s.Text, c.lines...)
			sum := check(t, s, path)
			if sum.Tickets.Pending != c.tickets {
				t.Errorf("%d tickets can be imported, want %d: %+v\n%s", sum.Tickets.Pending, c.tickets, sum.Problems, s.Text)
			}
		})
	}
}

// TestPresetSamples: each preset's own sample is recognised, and what is written over the preset works.
func TestPresetSamples(t *testing.T) {
	dirs, _ := filepath.Glob("../../testdata/presets/*/*/export")
	if len(dirs) == 0 {
		t.Skip("no samples of presets")
	}
	for _, dir := range dirs {
		preset := filepath.Base(filepath.Dir(filepath.Dir(dir)))
		t.Run(preset+"/"+filepath.Base(filepath.Dir(dir)), func(t *testing.T) {
			_, p, people := read(t, dir)
			s, err := Make(p, people, Answers{KeyTimezone: {"Europe/Amsterdam"}, KeyAgents: {"@acme.test"}})
			if err != nil {
				t.Fatal(err)
			}
			if s.Preset != preset {
				t.Fatalf("it is taken for %q: %+v", s.Preset, p.Fits)
			}
			if sum := check(t, s, dir); sum.Tickets.Pending == 0 {
				t.Errorf("no ticket can be imported: %+v\n%s", sum.Problems, s.Text)
			}
			open, err := Make(p, people, Answers{})
			if err != nil {
				t.Fatal(err)
			}
			check(t, open, dir)
		})
	}
}

// TestWarehouse: warehouse tables together and each alone give a mapping that check works with, or a refusal that says why.
func TestWarehouse(t *testing.T) {
	const dir = "../../../shared/samples/zendesk-tables"
	files, _ := filepath.Glob(dir + "/*.csv")
	if len(files) == 0 {
		t.Skip("the warehouse tables are not here")
	}
	refused := map[string]bool{}
	for _, path := range append(files, dir) {
		for _, preset := range []string{"", "none"} {
			_, p, people := read(t, path)
			s, err := Make(p, people, Answers{KeyPreset: {preset}, KeyTimezone: {"UTC"}})
			var refusal *Refusal
			if errors.As(err, &refusal) {
				refused[filepath.Base(path)] = true
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			sum := check(t, s, path)
			if path == dir && sum.Tickets.Pending == 0 {
				t.Errorf("preset %q: no ticket can be imported: %+v\n%s", preset, sum.Problems, s.Text)
			}
			if path == dir && preset == "none" {
				has(t, s.Text, "ticket: ticket_id", "author: user_id", "# fallback: true", "user_data: { files: user_data.csv }")
			}
		}
	}
	for name, want := range map[string]bool{
		"ticket_comment_data.csv": false, "ticket_data.csv": false, "audit_log_data.csv": true, "user_data.csv": true, "organization_data.csv": true,
	} {
		if refused[name] != want {
			t.Errorf("%s: refused %t, want %t", name, refused[name], want)
		}
	}
}

// TestJoined: three CSV files, joined by id.
func TestJoined(t *testing.T) {
	dir := export(t,
		"tickets.csv", "id,subject,status,requester_id,created_at\n1,Broken bell,open,10,2024-01-03T10:00:00Z\n2,Refund,frozen,11,2024-01-04T10:00:00Z\n",
		"comments.csv", "id,ticket_id,author_id,body,public,created_at\n100,1,10,\"Hello, the bell is broken\",true,2024-01-03T10:00:00Z\n"+
			"101,1,20,We send you a new one,true,2024-01-03T11:00:00Z\n102,1,20,He is right,false,2024-01-03T11:30:00Z\n103,2,11,I want my money back,true,2024-01-04T10:00:00Z\n",
		"users.csv", "id,name,email,role\n10,Ana,ana@example.com,end-user\n11,Bob,bob@example.org,end-user\n20,Mia,mia@acme.test,agent\n")
	_, p, people := read(t, dir)
	s, err := Make(p, people, Answers{KeyPreset: {"none"}})
	if err != nil {
		t.Fatal(err)
	}
	has(t, s.Text, "comments: { files: comments.csv }", "ticket: ticket_id", "customer: { id: requester_id }", "# frozen: ? # unknown: 1 record; decide: open or closed")
	sum := check(t, s, dir)
	if sum.Tickets.Pending != 1 || problem(sum, "table.unknown") != 1 {
		t.Errorf("%d tickets, and the unknown status is met %d times: %+v", sum.Tickets.Pending, problem(sum, "table.unknown"), sum.Problems)
	}
	decided, err := Make(p, people, Answers{KeyPreset: {"none"}, keyTable + "status:frozen": {"open"}})
	if err != nil {
		t.Fatal(err)
	}
	has(t, decided.Text, "frozen: open ")
	if sum := check(t, decided, dir); sum.Tickets.Pending != 2 || sum.Messages.Outgoing != 1 || sum.Messages.Internal != 1 {
		t.Errorf("%+v\n%+v", sum.Tickets, sum.Messages)
	}
}

// TestRefusals: an export without messages is refused, with what to ask for, and nothing is written.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ name, text, say string }{
		{"tickets.csv", "Ticket,Subject,Status,Priority,Owner,Opened at\n1,Bell,open,low,mia,2024-01-01T10:00:00Z\n2,Rope,closed,low,mia,2024-01-02T10:00:00Z\n", "0 texts"},
		{"people.csv", "id,name,email\n1,Ana,ana@example.com\n2,Bob,bob@example.com\n", "no messages"},
		{"numbers.csv", "a,b\n1,2\n3,4\n", "no messages"},
		{"timeless.csv", "ticket_id,message_id,author,body\n1,7,ana@example.com,\"a long text about a broken bell, and what to do\"\n", "time"},
	} {
		_, p, _ := read(t, export(t, c.name, c.text))
		var out bytes.Buffer
		err := Write(&out, p, nil)
		var refusal *Refusal
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Text, c.say) {
			t.Errorf("%s: %v, want a refusal that says %q", c.name, err, c.say)
		}
		if out.Len() > 0 {
			t.Errorf("%s: written all the same:\n%s", c.name, &out)
		}
	}
}

// TestLanguages: headings and words in five languages become the same mapping.
func TestLanguages(t *testing.T) {
	for _, c := range []struct{ name, heading, open, closed, in, out string }{
		{"en", "Ticket ID;Message ID;Subject;Status;Direction;Author;Message;Sent at;Private", "in progress", "solved", "incoming", "outgoing"},
		{"de", "Ticketnummer;Nachrichten-ID;Betreff;Status;Richtung;Absender;Nachricht;Gesendet am;Intern", "offen", "geschlossen", "eingehend", "ausgehend"},
		{"fr", "Numéro de ticket;ID message;Objet;Statut;Sens;Expéditeur;Contenu;Envoyé le;Interne", "ouvert", "résolu", "entrant", "sortant"},
		{"es", "Número de ticket;ID de mensaje;Asunto;Estado;Sentido;Remitente;Mensaje;Enviado el;Interno", "abierto", "cerrado", "entrante", "saliente"},
		{"nl", "Ticketnummer;Bericht-ID;Onderwerp;Status;Richting;Afzender;Bericht;Verzonden op;Intern", "in behandeling", "gesloten", "inkomend", "uitgaand"},
	} {
		t.Run(c.name, func(t *testing.T) {
			no, yes := map[string][2]string{"en": {"no", "yes"}, "de": {"nein", "ja"}, "fr": {"non", "oui"}, "es": {"no", "sí"}, "nl": {"nee", "ja"}}[c.name][0],
				map[string][2]string{"en": {"no", "yes"}, "de": {"nein", "ja"}, "fr": {"non", "oui"}, "es": {"no", "sí"}, "nl": {"nee", "ja"}}[c.name][1]
			var b strings.Builder
			b.WriteString(c.heading + "\n")
			for i := range 6 {
				status := []string{c.open, c.closed}[i%2]
				fmt.Fprintf(&b, "T%d;m%d;Bell %d;%s;%s;ana%d@example.com;The bell number %d broke when I rang it yesterday evening;2024-03-%02d 10:00:00;%s\n", i, i*2, i, status, c.in, i, i, i+13, no)
				fmt.Fprintf(&b, "T%d;m%d;Bell %d;%s;%s;mia@acme.test;We will send bell number %d again tomorrow morning;2024-03-%02d 11:00:00;%s\n", i, i*2+1, i, status, c.out, i, i+13, []string{no, yes}[i%2])
			}
			dir := export(t, "export.csv", b.String())
			_, p, people := read(t, dir)
			s, err := Make(p, people, Answers{KeyPreset: {"none"}, KeyTimezone: {"Europe/Madrid"}})
			if err != nil {
				t.Fatal(err)
			}
			lacks(t, s.Text, "unknown:")
			sum := check(t, s, dir)
			if sum.Tickets.Pending != 6 || sum.Messages.Incoming != 6 || sum.Messages.Outgoing != 3 || sum.Messages.Internal != 3 {
				t.Errorf("%d tickets, %d incoming, %d outgoing, %d notes: %+v\n%s", sum.Tickets.Pending, sum.Messages.Incoming, sum.Messages.Outgoing, sum.Messages.Internal, sum.Problems, s.Text)
			}
		})
	}
}

// TestDayAndMonth: times that can be read two ways stay a question that names both, and check refuses them until it is
// answered.
func TestDayAndMonth(t *testing.T) {
	dir := export(t, "m.csv", "ticket_id,message_id,author_email,body,sent_at\n"+
		"1,1,ana@example.com,The bell is broken and I want a new one,03/04/2021 10:00\n1,2,ana@example.com,Are you there? It is still broken,05/06/2021 10:00\n")
	_, p, people := read(t, dir)
	answers := Answers{KeyPreset: {"none"}, KeyTimezone: {"UTC"}, KeyUnknown: {"customer"}}
	s, err := Make(p, people, answers)
	if err != nil {
		t.Fatal(err)
	}
	lacks(t, s.Text, "layout: dmy }", "layout: mdy }")
	if !bytes.Contains(s.Text, []byte("decide: \"03/04/2021 10:00\" is 3 Apr 2021 (layout: dmy) or 4 Mar 2021 (layout: mdy)")) {
		t.Errorf("the question is not there:\n%s", s.Text)
	}
	if sum := check(t, s, dir); sum.Tickets.Pending != 0 || problem(sum, "time.ambiguous") == 0 {
		t.Errorf("%+v", sum.Problems)
	}
	answers[keyOrder+"sent_at"] = []string{"mdy"}
	if s, err = Make(p, people, answers); err != nil {
		t.Fatal(err)
	}
	has(t, s.Text, "sent_datetime: { from: sent_at, layout: mdy }")
	if sum := check(t, s, dir); sum.Tickets.Pending != 1 {
		t.Errorf("%+v", sum.Problems)
	}
}

// TestInterview: every question can be answered or left open, an answer that cannot be is an error, and nothing is asked twice.
func TestInterview(t *testing.T) {
	_, p, people := read(t, export(t, "m.csv", "ticket_id,message_id,author_email,body,sent_at,status\n"+
		"1,1,ana@example.com,The bell is broken and I want a new one,03/04/2021 10:00,frozen\n1,2,mia@acme.test,We send you a new one on Monday,05/06/2021 10:00,melted\n"))
	script := map[string][]string{
		KeyTimezone: {"Europe/Paris"}, keyOrder + "sent_at": {"dmy"}, KeyAgents: {"@acme.test", "bo@example.org"}, keyTable + "status:frozen": {"closed"},
	}
	asked := map[string]int{}
	given, err := Interview(p, people, Answers{KeyPreset: {"none"}}, func(q Question) ([]string, error) {
		asked[q.Key]++
		return script[q.Key], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{KeyName, KeyTimezone, KeyAgents, KeyUnknown, KeyChannel, keyOrder + "sent_at", keyTable + "status:frozen", keyTable + "status:melted"} {
		if asked[k] != 1 {
			t.Errorf("%s was asked %d times", k, asked[k])
		}
	}
	s, err := Make(p, people, given)
	if err != nil {
		t.Fatal(err)
	}
	has(t, s.Text, "timezone: Europe/Paris", "sent_datetime: { from: sent_at, layout: dmy }", `agents: ["@acme.test", bo@example.org]`, "frozen: closed ", "# melted: ? # unknown")
	for key, wrong := range map[string]string{KeyTimezone: "Mars", KeyAgents: "acme", KeyName: "a:b", keyOrder + "sent_at": "ymd"} {
		_, err := Interview(p, people, Answers{KeyPreset: {"none"}}, func(q Question) ([]string, error) {
			if q.Key == key {
				return []string{wrong}, nil
			}
			return nil, nil
		})
		if err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: %q is taken: %v", key, wrong, err)
		}
	}
}

// TestWrittenOut: line breaks and signs that are written out are a decision, not a guess.
func TestWrittenOut(t *testing.T) {
	dir := export(t, "m.csv", "ticket_id,message_id,author_email,body,sent_at\n"+
		`1,1,ana@example.com,Hello\nthe bell &amp; the rope are broken\nAna,2024-01-03T10:00:00Z`+"\n"+`2,2,ana@example.com,Hello\nthe bell &amp; the rope are lost\nAna,2024-01-04T10:00:00Z`+"\n")
	_, p, people := read(t, dir)
	s, err := Make(p, people, Answers{KeyPreset: {"none"}})
	if err != nil {
		t.Fatal(err)
	}
	has(t, s.Text, "body_text: body", "# body_text: { from: body, unescape: [backslash, entities] }")
}

// tryRead is read for input that may be no export at all: then the profile is nil.
func tryRead(t testing.TB, path string) (*sources.Set, *profile.Profile, *Findings) {
	set, err := sources.Open(t.Context(), []string{path}, func(string) sources.Options { return sources.Options{Format: sources.CSV} }, strings.NewReader(""))
	if err != nil {
		return nil, nil, nil
	}
	t.Cleanup(func() { set.Close() })
	p, err := profile.Read(t.Context(), set, set.Files(), profile.Options{Now: now, Presets: []string{}})
	if err != nil {
		return nil, nil, nil
	}
	people, err := Look(t.Context(), set, set.Files(), p, Answers{})
	if err != nil {
		t.Fatal(err)
	}
	return set, p, people
}

// TestLook: whose side an author is on is what the data says: direction, notes, being assigned, or being the ticket's customer.
func TestLook(t *testing.T) {
	_, _, people := read(t, export(t, "m.csv", "ticket_id,message_id,requester_email,author_email,body,sent_at,direction,private\n"+
		"1,1,ana@example.com,Ana <ana@example.com>,The bell is broken and I want a new one,2024-01-03T10:00:00Z,in,no\n"+
		"1,2,ana@example.com,mia@acme.test,We send you a new one on Monday morning,2024-01-03T11:00:00Z,out,no\n"+
		"1,3,ana@example.com,bo@acme.test,She is right about the bell and the rope,2024-01-03T12:00:00Z,in,yes\n"+
		"1,4,ana@example.com,cy@example.org,I have the same trouble with the same bell,2024-01-03T13:00:00Z,in,no\n"))
	want := []Author{
		{Address: "bo@acme.test", Messages: 1, Outgoing: 1, Foreign: 1}, {Address: "mia@acme.test", Messages: 1, Outgoing: 1, Foreign: 1},
		{Address: "cy@example.org", Messages: 1, Incoming: 1, Foreign: 1}, {Address: "ana@example.com", Messages: 1, Incoming: 1},
	}
	if !slices.Equal(people.Authors, want) {
		t.Errorf("%+v", people.Authors)
	}
	if len(people.marked()) != 2 {
		t.Errorf("marked as agents: %+v", people.marked())
	}
}
