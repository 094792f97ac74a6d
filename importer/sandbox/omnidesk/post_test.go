package omnidesk

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"
)

// multi is a body of multipart/form-data: "name=value" for each field.
func multi(fields ...string) (body, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary("grens")
	for _, f := range fields {
		name, value, _ := strings.Cut(f, "=")
		_ = w.WriteField(name, value)
	}
	_ = w.Close()
	return b.String(), w.FormDataContentType()
}

func post(t testing.TB, s *Server, path string, fields ...string) asked {
	t.Helper()
	body, kind := multi(fields...)
	r := httptest.NewRequest("POST", Base+path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("apiKey", "k")
	return serve(t, s, r)
}

// Every constraint of the table in api/omnidesk-v2 section 3.
func TestMessageConstraints(t *testing.T) {
	good := []string{"ticketID=858401", "type=1", "message=Hallo, daar"}
	with := func(fields ...string) []string { return append(append([]string{}, good...), fields...) }
	without := func(name string, fields ...string) []string {
		var out []string
		for _, f := range good {
			if !strings.HasPrefix(f, name+"=") {
				out = append(out, f)
			}
		}
		return append(out, fields...)
	}
	for _, c := range []struct {
		fields []string
		status int
		word   string
	}{
		{good, 200, ""},
		{without("ticketID"), 400, "ticketID is required"}, {without("type"), 400, "type is required"}, {without("message"), 400, "message is required"},
		{without("ticketID", "ticketID="), 400, "ticketID is required"}, {without("ticketID", "ticketID=x"), 400, "ticketID is invalid"},
		{without("ticketID", "ticketID=7"), 400, "ticket does not exist"}, {without("ticketID", "ticketID=-858401"), 400, "ticketID is invalid"},
		{without("type", "type=calllog"), 200, ""}, {without("type", "type=contactform"), 200, ""}, {without("type", "type=08"), 200, ""}, {without("type", "type=0"), 200, ""},
		{without("type", "type=email"), 400, "type is invalid"}, {without("type", "type=1a"), 400, "type is invalid"}, {without("type", "type=calllogs"), 400, "type is invalid"},
		{without("message", "message=Hoi!"), 400, "at least 5"}, {without("message", "message=Hoi é"), 200, ""},
		{with("toAddress=a@example.org, b@example.org"), 200, ""}, {with("toAddress=a@example.org,nobody"), 400, "toAddress is invalid"}, {with("toAddress="), 200, ""},
		{without("type", "type=10", "toAddress=+31600000001"), 200, ""},
		{with("ccInput=a@example.org", "bccInput=b@example.org"), 200, ""}, {with("ccInput=nobody"), 400, "ccInput is invalid"}, {with("bccInput=A <a@example.org>"), 400, "bccInput is invalid"},
		{with("respondMessageID=70001"), 200, ""}, {with("respondMessageID=first"), 400, "respondMessageID is invalid"},
		{with("plaintext=Hallo"), 200, ""}, {with("userID=0"), 200, ""}, {with("userID=250"), 200, ""}, {with("userID=marleen"), 400, "userID is invalid"},
		{with("sendAt=2031-01-02 03:04:05"), 200, ""}, {with("sendAt=2021-01-02T03:04:05"), 400, "sendAt is invalid"}, {with("sendAt=2021-1-2 03:04:05"), 400, "sendAt is invalid"},
		{with("sendAt=2021-13-45 03:04:05"), 400, "sendAt is invalid"}, {with("submitStatus=solved"), 200, ""}, {with("submitStatus=done"), 400, "submitStatus is invalid"},
		{with("forwardedFileIDs[]=1", "forwardedFileIDs[]=2"), 200, ""}, {with("forwardedFileIDs=[1,2]"), 200, ""}, {with("forwardedFileIDs[0]=1"), 200, ""}, {with("forwardedFileIDs="), 200, ""},
		{with("forwardedFileIDs=9999"), 400, "file 9999 does not exist"}, {with("forwardedFileIDs=one"), 400, "forwardedFileIDs is invalid"}, {with("forwardedFileIDs=[1,x]"), 400, "forwardedFileIDs is invalid"},
		{with("somethingElse=1"), 200, ""},
	} {
		s := loaded(Options{}, 100)
		a := post(t, s, "/message", c.fields...).want(c.status, c.word)
		if c.status == 200 && a.body != "" {
			t.Errorf("%v: answered %s", c.fields, a.body)
		}
		if n := s.Stats().Outbox; c.status == 400 && n != 0 {
			t.Errorf("%v: refused and put in the outbox", c.fields)
		}
	}
}

func TestMessageBodies(t *testing.T) {
	s := loaded(Options{}, 3)
	body, kind := multi("ticketID=858401", "type=1", "message=Hallo, daar")
	for name, c := range map[string][2]string{
		"JSON":         {"application/json", `{"ticketID":858401,"type":"1","message":"Hallo, daar"}`},
		"a plain form": {"application/x-www-form-urlencoded", "ticketID=858401&type=1&message=Hallo%2C+daar"},
		"no boundary":  {"multipart/form-data", body},
		"cut":          {kind, body[:len(body)-20]},
		"nothing":      {"", ""},
	} {
		r := httptest.NewRequest("POST", Base+"/message", strings.NewReader(c[1]))
		r.Header.Set("Content-Type", c[0])
		r.Header.Set("apiKey", "k")
		if a := serve(t, s, r); a.status != 400 || s.Stats().Outbox != 0 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// What is posted is in the timeline, and what would have reached somebody in the outbox.
func TestMessageEffects(t *testing.T) {
	now := time.Date(2025, 5, 1, 12, 0, 0, 0, time.UTC)
	s := loaded(Options{Clock: func() time.Time { return now }, Quirks: Quirks{ResultBody: true}}, 50)
	before := s.Stats()
	a := post(t, s, "/message", "ticketID=858403", "type=1", "message=<p>Goedemorgen</p>", "plaintext=Goedemorgen", "toAddress=x@example.org,y@example.org",
		"userID=250", "submitStatus=solved", "forwardedFileIDs[]=1", "respondMessageID=70004", "sendAt=2025-05-01 13:59:00").want(200, `"type":"result"`)
	if _, has := a.json["id"]; has {
		t.Errorf("the answer has an id: %s", a.body)
	}
	post(t, s, "/message", "ticketID=858403", "type=0", "message=Alleen voor ons").want(200, "")
	post(t, s, "/message", "ticketID=858403", "type=calllog", "message=Gebeld, geen gehoor").want(200, "")
	post(t, s, "/message", "ticketID=858403", "type=8", "message=Tot morgen!", "sendAt=2025-05-01 14:00:01").want(200, "scheduled") // a second from now, in Amsterdam
	stats := s.Stats()
	if stats.Outbox != 2 || stats.Scheduled != 1 || stats.Messages-before.Messages != 2 || stats.Notes-before.Notes != 1 || stats.Posts != 4 {
		t.Errorf("%+v", stats)
	}
	d := s.Outbox()[0]
	if d.TicketID != 858403 || len(d.To) != 2 || d.UserID != 250 || d.Files[0] != 1 || d.Answers != 70004 || !d.SendAt.IsZero() || !d.At.Equal(now) {
		t.Errorf("%+v", d)
	}
	item := ask(t, s, "GET", "/ticket/858403").item()
	timeline := item["timeline"].([]any)
	sent := timeline[len(timeline)-3].(map[string]any)
	if item["status"] != "solved" || item["last_update"] != "2025-05-01 14:00:00" || sent["direction"] != "outbound" || sent["user_name"] != "marleen" || sent["content"] != "<p>Goedemorgen</p>" {
		t.Errorf("%v\n%v", item, sent)
	}
	raw := ask(t, s, "GET", "/email/downloadMail/"+sent["id"].(string)).want(200, "Goedemorgen")
	m := readMail(t, raw)
	if m.Header.Get("In-Reply-To") != "<m70004@mail.omnidesk.test>" || !strings.Contains(m.Header.Get("To"), "y@example.org") {
		t.Errorf("%v", m.Header)
	}
}

func TestChatbot(t *testing.T) {
	good := []string{"brandID=2", "message=?", "subject=Vraag", "from=bot-sessie-7"}
	s := loaded(Options{}, 5)
	post(t, s, "/message/chatbot", good...).want(200, "")
	last := s.Tickets()[5]
	if last.ID != 858405 || last.Title != "Vraag" || len(last.Timeline) != 1 || last.Timeline[0].Direction != "inbound" || s.Stats().Outbox != 0 {
		t.Errorf("%+v", last)
	}
	for i, f := range good {
		name, _, _ := strings.Cut(f, "=")
		rest := append(append([]string{}, good[:i]...), good[i+1:]...)
		post(t, s, "/message/chatbot", rest...).want(400, name+" is required")
		post(t, s, "/message/chatbot", append(rest, name+"=")...).want(400, name+" is required")
	}
	post(t, s, "/message/chatbot", "brandID=two", "message=m", "subject=s", "from=f").want(400, "brandID is invalid")
	if n := len(s.Tickets()); n != 6 {
		t.Errorf("%d tickets", n)
	}
}

func readMail(t *testing.T, a asked) *mail.Message {
	t.Helper()
	if kind := a.header.Get("Content-Type"); kind != "message/rfc822" {
		t.Errorf("it is %q", kind)
	}
	m, err := mail.ReadMessage(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mail.ParseDate(m.Header.Get("Date")); err != nil {
		t.Error(err)
	}
	return m
}

// Each e-mail of a made-up helpdesk is a mail that a reader takes apart, its files as they were.
func TestDownloadMail(t *testing.T) {
	s := loaded(Options{}, 200)
	mails, files := 0, 0
	for _, ticket := range s.Tickets() {
		for _, e := range ticket.Timeline {
			path := "/email/downloadMail/" + itoa(e.ID)
			if !e.IsMessage() {
				continue
			}
			if e.ChannelID != 1 {
				ask(t, s, "GET", path).want(404, "not an e-mail")
				continue
			}
			mails++
			m := readMail(t, ask(t, s, "GET", path).want(200, ""))
			_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			parts := multipart.NewReader(m.Body, params["boundary"])
			for {
				p, err := parts.NextPart()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if name := p.FileName(); name != "" {
					names = append(names, name)
				}
			}
			if len(names) != len(e.Attachments) || len(names) > 0 && names[0] != e.Attachments[0].Name {
				t.Errorf("message %d: files %q", e.ID, names)
			}
			files += len(names)
		}
	}
	if mails == 0 || files == 0 {
		t.Errorf("%d mails, %d files", mails, files)
	}
}
