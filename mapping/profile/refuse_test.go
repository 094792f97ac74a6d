package profile

import (
	"slices"
	"strings"
	"testing"
)

// What cannot be imported is refused with the reason, and what holds messages is not.
func TestRefused(t *testing.T) {
	deep := `[{"a":` + strings.Repeat("[", 20000)
	for _, test := range []struct{ name, file, text, want string }{
		{"front", "f.csv", "Message ID,Conversation ID,Direction,Message date,Author,From,Extract,Subject\n1,2,Inbound,2021-01-01 10:00:00,,a@example.org,Hello I have a problem with the…,Hello\n", "Extract"},
		{"front with texts", "f.csv", "Message ID,Conversation ID,Direction,Message date,Author,From,Extract,Message\n1,2,Inbound,2021-01-01 10:00:00,,a@example.org,Hello I have a…,Hello I have a problem\n", ""},
		{"zendesk", "t.csv", "ID,Betreff,Status,Priorität,Anfragender,E-Mail des Anfragenden,Mitarbeiter,Erstellt am\n1,Hallo,Offen,Normal,Ann,a@example.org,Bob,2021-01-01 10:00:00\n", "Zendesk ticket CSV"},
		{"a list like it, with texts", "t.csv", "Id,Subject,Requester,Message,Created at\n1,Hello,a@example.org,I have a question,2021-01-01 10:00:00\n", ""},
		{"freshdesk", "t.csv", "Ticket-ID,Betreff,Status,Priorität,Erstellungszeit,Kundeninteraktionen,E-Mail\n1,Hallo,Offen,Niedrig,2021-01-01 10:00:00,1,a@example.org\n", "Freshdesk ticket list"},
		{"hubspot", "t.csv", "Ticket-ID,Ticketname,Pipeline,Ticketstatus,Erstellungsdatum\n1,Lampe,Support,Neu,2021-01-01 10:00\n", "HubSpot's ticket CSV"},
		{"intercom", "t.csv", "user_id,company_id,email,name,content_id,content_type,receipt_id,received_at\n1,3,a@example.org,N,1,email,1,2021-01-01T00:00:00Z\n", "Intercom's CSV"},
		{"in French", "t.csv", "Identifiant du ticket,Sujet,Statut,Demandeur,Créé le\n1,Bonjour,Ouvert,Anne,2021-01-01 10:00\n", "a list of tickets without their messages"},
		{"in Dutch", "t.csv", "Ticketnummer,Onderwerp,Status,Aanvrager,Aangemaakt op\n1,Hallo,Open,Anne,2021-01-01 10:00\n", "Freshdesk: account export"},
		{"torn XML", "t.xml", "<tickets><ticket><subject>x</subjec></ticket></tickets>", "damaged: "},
		{"an entity", "t.xml", `<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/hostname">]><tickets><ticket><subject>&x;</subject></ticket></tickets>`, "or export it again"},
		{"deep JSON", "t.json", deep, "damaged: "},
		{"empty JSON", "t.json", "", "the file is empty"},
		{"an empty list", "t.json", "[]", "holds no record"},
		{"headings only", "t.csv", "ticket_id,sent_at,body_text\n", "holds no record"},
		{"a torn line", "t.ndjson", "{bad\n" + `{"id":1,"subject":"S","description":"text","created_at":"2021-01-01T10:00:00Z"}` + "\n", ""},
		{"omnidesk.ru", "t.json", `{"0":{"case":{"case_id":1,"case_number":"1-2","subject":"S","status":"open"}},"1":{"case":{"case_id":2,"case_number":"1-3","subject":"S","status":"open"}},"total_count":2}`, "omnidesk.ru"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := read(t, Options{}, write(t, test.file, test.text))
			if test.want == "" && p.Refusal != "" || !strings.Contains(p.Refusal, test.want) {
				t.Errorf("refused: %q, want %q", p.Refusal, test.want)
			}
			if strings.HasPrefix(test.want, "damaged") && !strings.Contains(p.Refusal, p.Files[0].BadExamples[0].Origin) {
				t.Errorf("%q does not name %s", p.Refusal, p.Files[0].BadExamples[0].Origin)
			}
		})
	}
}

// A list of tickets beside an export with messages stands in nobody's way.
func TestListBesideMessages(t *testing.T) {
	list := write(t, "list.csv", "Id,Subject,Status,Requester\n1,Hello,Open,Ann\n")
	p := read(t, Options{}, list, testdata+"/helpdesk.json")
	if p.Refusal != "" {
		t.Errorf("refused: %s", p.Refusal)
	}
}

// Zendesk's XML is named, and its messages are found.
func TestZendeskXML(t *testing.T) {
	p := read(t, Options{}, write(t, "tickets.xml", `<?xml version="1.0"?><tickets type="array">`+strings.Repeat(`<ticket><nice-id type="integer">1</nice-id>
		<subject>s</subject><requester-id type="integer">5</requester-id><created-at>2010-01-01T00:00:00Z</created-at><comments type="array"><comment>
		<author-id>5</author-id><value>hello</value><is-public>true</is-public><created-at>2010-01-01T00:00:00Z</created-at></comment></comments></ticket>`, 2)+`</tickets>`))
	if len(p.Advice) != 1 || !strings.Contains(p.Advice[0], "JSON export") || p.Refusal != "" {
		t.Errorf("advice %q, refused %q", p.Advice, p.Refusal)
	}
	s := one(t, p)
	if s.Kind != Conversations || s.Best(Body) != "comments.comment[].value" || s.Texts != 2 {
		t.Errorf("%s with %d texts in %s", s.Kind, s.Texts, s.Best(Body))
	}
}

// Words that the fitting preset reads as nothing are not advised about; others are.
func TestSettledWords(t *testing.T) {
	const head = "ticket_id,message_id,sent_at,author_email,author_name,subject,body_text\n1,1,2021-01-01T10:00:00Z,a@example.org,Ann,Hello,Text\n"
	for word, want := range map[string]bool{"NULL": false, "undefined": true} {
		p := read(t, Options{}, write(t, "a.csv", head+"1,2,2021-01-01T10:00:00Z,a@example.org,"+word+",Hello,Text\n"))
		if len(p.Fits) == 0 || p.Fits[0].Preset != "messages" {
			t.Fatalf("fits: %+v", p.Fits)
		}
		f := one(t, p).Field("author_name")
		if got := slices.ContainsFunc(f.Warnings, func(w Warning) bool { return w.Code == WarnNull }); got != want {
			t.Errorf("%s: warned %v: %+v", word, got, f.Warnings)
		}
	}
}

// Mail has its zones and its ids: no advice that is for tables.
func TestMailSigns(t *testing.T) {
	mail := func(body string) string {
		return "From a@example.org Mon Mar  4 10:00:00 2024\nMessage-ID: <m@example.org>\nFrom: a@example.org\nTo: b@example.com\nSubject: s\n\n" + body + "\n\n"
	}
	s := one(t, read(t, Options{}, write(t, "a.mbox", mail("one")+mail("two")+strings.Replace(mail("three"), "\nFrom: ", "\nDate: Mon, 4 Mar 2024 10:00:00 +0100\nFrom: ", 1))))
	for _, g := range s.Signs {
		if g.Code == SignZone || strings.Contains(g.Say, "of equal records") {
			t.Errorf("%s: %s", g.Code, g.Say)
		}
	}
	if !slices.ContainsFunc(s.Signs, func(g Sign) bool {
		return g.Code == SignDuplicates && strings.Contains(g.Say, "different mails are all kept")
	}) {
		t.Errorf("nothing is said of the Message-ID that comes again: %+v", s.Signs)
	}
}
