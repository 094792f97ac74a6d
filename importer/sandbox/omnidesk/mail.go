package omnidesk

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// downloadMail is GET /email/downloadMail/{id}: an e-mail as it went over the wire, with what is attached.
func (s *Server) downloadMail(_ *http.Request, id string) *reply {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return invalid("Parameter messageID is invalid: %q", id)
	}
	s.mu.RLock()
	t := s.store.tickets[s.store.mails[n]]
	s.mu.RUnlock()
	if t == nil {
		return refuse(http.StatusNotFound, "This message does not exist.")
	}
	for i := range t.Timeline {
		if e := &t.Timeline[i]; e.IsMessage() && e.ID == n && e.ChannelID == 1 {
			return &reply{status: http.StatusOK, kind: "message/rfc822", body: rawMail(t, e, s.zone)}
		}
	}
	return refuse(http.StatusNotFound, "This message is not an e-mail.")
}

// messageID is the Message-ID of an e-mail, without the brackets.
func messageID(n int64) string { return fmt.Sprintf("m%d@mail.omnidesk.test", n) }

// rawMail is an e-mail of a ticket, with lines that end in CRLF.
func rawMail(t *Ticket, e *Entry, zone *time.Location) []byte {
	var b bytes.Buffer
	head := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + strings.NewReplacer("\r", " ", "\n", " ").Replace(value) + "\r\n")
		}
	}
	head("Message-ID", "<"+messageID(e.ID)+">")
	if e.AnswersID > 0 {
		head("In-Reply-To", "<"+messageID(e.AnswersID)+">")
		head("References", "<"+messageID(e.AnswersID)+">")
	}
	head("Date", e.Created.In(zone).Format(time.RFC1123Z))
	head("From", address(e.FromName, e.From))
	head("To", address(e.ToName, e.To))
	head("Cc", strings.Join(e.Cc, ", "))
	subject := e.Subject
	if subject == "" {
		subject = t.Title
	}
	head("Subject", mime.QEncoding.Encode("utf-8", subject))
	head("MIME-Version", "1.0")
	mixed := multipart.NewWriter(&b)
	_ = mixed.SetBoundary(fmt.Sprintf("mixed-%d", e.ID)) // valid by its form
	head("Content-Type", mime.FormatMediaType("multipart/mixed", map[string]string{"boundary": mixed.Boundary()}))
	b.WriteString("\r\n")
	writeBodies(mixed, e)
	for _, f := range e.Attachments {
		writeFile(mixed, f)
	}
	_ = mixed.Close() // writes to memory
	return b.Bytes()
}

// address is a header's form of a name and an address; two addresses or none are left as they are.
func address(name, at string) string {
	if at == "" || strings.Contains(at, ",") {
		return at
	}
	return (&mail.Address{Name: name, Address: at}).String()
}

var tags = regexp.MustCompile(`<[^>]*>`)

// writeBodies writes the text form, and the HTML form beside it where there is one.
func writeBodies(mixed *multipart.Writer, e *Entry) {
	plain, isHTML := e.Plain, strings.HasPrefix(strings.TrimSpace(e.Content), "<")
	if plain == "" {
		if plain = e.Content; isHTML {
			plain = html.UnescapeString(tags.ReplaceAllString(e.Content, ""))
		}
	}
	if !isHTML {
		writeText(mixed, "text/plain; charset=utf-8", plain)
		return
	}
	boundary := fmt.Sprintf("alternative-%d", e.ID)
	part, err := mixed.CreatePart(textproto.MIMEHeader{"Content-Type": {`multipart/alternative; boundary="` + boundary + `"`}})
	if err != nil {
		return
	}
	alternative := multipart.NewWriter(part)
	_ = alternative.SetBoundary(boundary)
	writeText(alternative, "text/plain; charset=utf-8", plain)
	writeText(alternative, "text/html; charset=utf-8", e.Content)
	_ = alternative.Close()
}

func writeText(to *multipart.Writer, kind, text string) {
	part, err := to.CreatePart(textproto.MIMEHeader{"Content-Type": {kind}, "Content-Transfer-Encoding": {"quoted-printable"}})
	if err != nil {
		return
	}
	w := quotedprintable.NewWriter(part)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
}

func writeFile(to *multipart.Writer, f File) {
	part, err := to.CreatePart(textproto.MIMEHeader{
		"Content-Type":              {f.ContentType},
		"Content-Transfer-Encoding": {"base64"},
		"Content-Disposition":       {mime.FormatMediaType("attachment", map[string]string{"filename": f.Name})},
	})
	if err != nil {
		return
	}
	text := base64.StdEncoding.EncodeToString(f.Data)
	for len(text) > 76 {
		_, _ = part.Write([]byte(text[:76] + "\r\n"))
		text = text[76:]
	}
	_, _ = part.Write([]byte(text + "\r\n"))
}
