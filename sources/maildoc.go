package sources

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-message/textproto"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/zeebo/xxh3"
)

// mailDoc turns mails into JSON; what it holds is used again for the next one.
type mailDoc struct {
	out      []byte
	any      []bool // by open object or list: it has a member
	problems problemList
	body     mailBody
}

// mailPlace is what is known of a mail from where it lies.
type mailPlace struct {
	mbox    bool   // in an mbox: quoted, and after a separator line
	emlx    bool   // Apple's file: the length before, a property list after
	partial bool   // Apple's file of a mail whose attachments lie elsewhere
	folder  string // "" where it lies in none
	flags   []string
	threads *threads
}

// small tells that it is worth keeping for another piece.
func (m *mailDoc) small() bool { return cap(m.out) < 4<<20 }

// MailJSON reads one mail (RFC 5322, MIME) and gives it as the JSON that records of mails have: message_id, in_reply_to,
// references, thread, date (RFC 3339 with its offset), date_from, from, sender, reply_to, to, cc, bcc, subject, text, html,
// attachments (data in base64), headers (by lower-case name, the first value each), labels, folder, flags
// (of a Maildir), problems. What is not
// there is left out. Nothing in a mail is an error: what could not be read as meant is told under problems, as "code: detail".
// The error is that of reading r, or that the mail is larger than 64 MiB.
func MailJSON(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxRecord+1))
	if err == nil && len(raw) > maxRecord {
		err = fmt.Errorf("larger than %d MiB", maxRecord>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a mail: %w", err)
	}
	var m mailDoc
	return m.write(raw, mailPlace{}), nil
}

// json reads the mail of an input. The result is valid until the next call.
func (m *mailDoc) json(raw []byte, in *input, e elem) []byte {
	return m.write(raw, in.place(e, in.set.threads))
}

// place is what is known of a mail of the input.
func (in *input) place(e elem, t *threads) mailPlace {
	at := mailPlace{mbox: in.mail.mbox, folder: in.mail.folder, threads: t}
	if e.name != "" {
		lower := strings.ToLower(baseName(e.name))
		at.mbox, at.flags = e.quoted, maildirFlags(e.name)
		at.emlx, at.partial = strings.HasSuffix(lower, ".emlx"), strings.HasSuffix(lower, ".partial.emlx")
	}
	return at
}

func (m *mailDoc) write(raw []byte, at mailPlace) []byte {
	m.out, m.any, m.problems, m.body = m.out[:0], m.any[:0], problemList{}, mailBody{problems: &m.problems}
	p := &m.problems
	whole := raw
	raw, sent := at.unframed(raw, p)
	if at.mbox {
		raw = unquoted(raw)
	}
	h, body := header(raw, p)
	if h.Len() == 0 {
		p.add("header.missing", "")
	}
	m.open('{')
	m.ids(h, whole, at)
	m.date(h, sent)
	m.people(h)
	if s := p.plain("subject", h.Get("Subject")); s != "" {
		m.text("subject", s)
	}
	m.body.part(h, body, 0, nil)
	m.body.finish()
	m.content()
	m.headers(h)
	if labels := labelsOf(p.plain("x-gmail-labels", h.Get("X-Gmail-Labels"))); len(labels) > 0 {
		m.texts("labels", labels)
	}
	if at.folder != "" {
		m.text("folder", at.folder)
	}
	if len(at.flags) > 0 {
		m.texts("flags", at.flags)
	}
	if len(p.list) > 0 {
		m.texts("problems", p.list)
	}
	m.close('}')
	return m.out
}

// unframed takes off what the file adds around a mail: the separator line of an mbox, the length and the list of an emlx.
func (at mailPlace) unframed(raw []byte, p *problemList) (mail []byte, sent time.Time) {
	if at.emlx {
		line, rest, _ := bytes.Cut(raw, []byte{'\n'})
		n, err := strconv.Atoi(string(bytes.TrimSpace(line)))
		switch {
		case err != nil || n < 0:
			p.add("emlx.length", string(line))
		case n > len(rest):
			p.add("emlx.cut", fmt.Sprintf("%d of %d bytes", len(rest), n))
			raw = rest
		default:
			raw = rest[:n]
		}
		if at.partial {
			p.add("emlx.partial", "attachments lie in a folder of their own")
		}
	}
	if bytes.HasPrefix(raw, []byte("From ")) {
		line, rest, _ := bytes.Cut(raw, []byte{'\n'})
		if t, ok := envelope(line); ok {
			sent, raw = t, rest
		}
	}
	return raw, sent
}

// ids writes the mail's ids and its thread. A mail without an id is a thread by what it holds.
func (m *mailDoc) ids(h textproto.Header, whole []byte, at mailPlace) {
	ids := idsOf(h)
	if ids.own != "" {
		m.text("message_id", ids.own)
	}
	if ids.reply != "" {
		m.text("in_reply_to", ids.reply)
	}
	if len(ids.references) > 0 {
		m.texts("references", ids.references)
	}
	own := ids.own
	if own == "" {
		sum := xxh3.Hash128(whole).Bytes()
		own = "none-" + hex.EncodeToString(sum[:])
		m.problems.add("message_id.missing", "")
	}
	m.text("thread", at.threads.of(ids, own))
}

// date writes when the mail was sent: as it says, else as the first server to tell did, else as the mbox does.
func (m *mailDoc) date(h textproto.Header, sent time.Time) {
	p := &m.problems
	var received time.Time
	for _, line := range h.Values("Received") {
		if i := strings.LastIndexByte(line, ';'); i >= 0 {
			if t, err := mailTime(line[i+1:]); err == nil && t.Year() >= 1970 {
				received = t
				break
			}
		}
	}
	t, from := time.Time{}, "date"
	written := h.Get("Date")
	if strings.TrimSpace(written) == "" {
		p.add("date.missing", "")
	} else if at, err := mailTime(written); err != nil {
		p.add("date.wrong", written)
	} else if at.Year() < 1970 {
		p.add("date.early", written)
	} else if !received.IsZero() && at.After(received.Add(24*time.Hour)) {
		p.add("date.future", written+", but received "+received.Format(time.RFC3339))
	} else {
		t = at
	}
	if t.IsZero() {
		t, from = received, "received"
	}
	if t.IsZero() && sent.Unix() > int64((24*time.Hour).Seconds()) { // programs that know no time write the first day of 1970
		t, from = sent, "envelope"
	}
	if !t.IsZero() && t.Year() <= 9999 {
		m.text("date", t.Format(time.RFC3339))
		m.text("date_from", from)
	}
}

// people writes who sent the mail to whom.
func (m *mailDoc) people(h textproto.Header) {
	for _, one := range []string{"from", "sender"} {
		list := m.problems.addresses(one, strings.Join(h.Values(one), ", "))
		if len(list) == 0 {
			continue
		}
		if len(list) > 1 {
			m.problems.add(one+".several", strconv.Itoa(len(list)))
		}
		m.name(one)
		m.person(list[0])
	}
	for _, many := range []string{"Reply-To", "To", "Cc", "Bcc"} {
		list := m.problems.addresses(strings.ToLower(many), strings.Join(h.Values(many), ", "))
		if len(list) == 0 {
			continue
		}
		m.name(strings.ReplaceAll(strings.ToLower(many), "-", "_"))
		m.open('[')
		for _, a := range list {
			m.item()
			m.person(a)
		}
		m.close(']')
	}
}

func (m *mailDoc) person(a address) {
	m.open('{')
	if a.address != "" {
		m.text("address", a.address)
	}
	if a.name != "" {
		m.text("name", a.name)
	}
	m.close('}')
}

// content writes the texts and attachments.
func (m *mailDoc) content() {
	b := &m.body
	if b.text != "" {
		m.text("text", b.text)
	}
	if b.html != "" {
		m.text("html", b.html)
	}
	if len(b.files) == 0 {
		return
	}
	m.name("attachments")
	m.open('[')
	for i := range b.files {
		f := &b.files[i]
		m.item()
		m.open('{')
		m.text("name", f.name)
		m.text("content_type", f.kind)
		m.name("size")
		m.out = strconv.AppendInt(m.out, int64(len(f.data)), 10)
		if f.id != "" {
			m.text("content_id", f.id)
		}
		m.name("inline")
		m.out = strconv.AppendBool(m.out, f.inline)
		m.name("data")
		m.out = append(base64.StdEncoding.AppendEncode(append(m.out, '"'), f.data), '"')
		m.close('}')
	}
	m.close(']')
}

// headers writes the first value of each header.
func (m *mailDoc) headers(h textproto.Header) {
	if h.Len() == 0 {
		return
	}
	seen := map[string]bool{}
	m.name("headers")
	m.open('{')
	for f := h.Fields(); f.Next(); {
		name := strings.ToLower(f.Key())
		if seen[name] {
			continue
		}
		seen[name] = true
		m.text(name, m.problems.plain(name, f.Value()))
	}
	m.close('}')
}

// labelsOf cuts Gmail's list of labels, of which some are in quotes.
func labelsOf(s string) []string {
	var out []string
	for _, l := range splitQuoted(s, ',') {
		if l = unquoteWord(strings.TrimSpace(l)); l != "" && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// The writing of JSON. Texts are UTF-8 by now; what is not is made so.

func (m *mailDoc) open(c byte) {
	m.out = append(m.out, c)
	m.any = append(m.any, false)
}

func (m *mailDoc) close(c byte) {
	m.out = append(m.out, c)
	m.any = m.any[:len(m.any)-1]
}

func (m *mailDoc) item() {
	if last := len(m.any) - 1; m.any[last] {
		m.out = append(m.out, ',')
	} else {
		m.any[last] = true
	}
}

func (m *mailDoc) name(s string) {
	m.item()
	m.quote(s)
	m.out = append(m.out, ':')
}

func (m *mailDoc) text(name, value string) {
	m.name(name)
	m.quote(value)
}

func (m *mailDoc) texts(name string, values []string) {
	m.name(name)
	m.open('[')
	for _, v := range values {
		m.item()
		m.quote(v)
	}
	m.close(']')
}

func (m *mailDoc) quote(s string) {
	if out, err := jsontext.AppendQuote(m.out, s); err == nil {
		m.out = out
		return
	}
	m.out, _ = jsontext.AppendQuote(m.out, strings.ToValidUTF8(s, "\uFFFD")) // valid text cannot fail
}

// extension is a usual ending of a type, "" where there is none.
func extension(kind string) string {
	switch kind {
	case "text/plain":
		return ".txt"
	case "text/html":
		return ".html"
	case "text/calendar":
		return ".ics"
	case "image/jpeg":
		return ".jpg"
	case "image/svg+xml":
		return ".svg"
	case "message/rfc822", "message/global":
		return ".eml"
	case "message/delivery-status", "text/rfc822-headers", "message/disposition-notification":
		return ".txt"
	case "image/png", "image/gif", "image/webp", "image/bmp", "application/pdf", "application/zip", "text/csv", "application/json":
		return "." + path.Base(kind)
	}
	return ""
}
