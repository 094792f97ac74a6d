// Package export writes planned tickets in forms that other programs read: a flat CSV with a row a message, which the
// preset "messages" reads back, and the message records of the Omnidesk v2 API. It sends nothing.
package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gocarina/gocsv"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources/cell"
)

// Cells that hold several values hold one a line. Entry begins every line but the first, so that values may have lines
// of their own, and part stands between the parts of an entry; the preset "messages" cuts at both.
const (
	entry = "\n␞"
	part  = "␟"
)

// row is a message with its ticket, as the columns of the CSV. Times are RFC 3339 in UTC with microseconds.
type row struct {
	TicketID       string `csv:"ticket_id"`
	Subject        string `csv:"subject"`
	Status         string `csv:"status"`
	Priority       string `csv:"priority"`
	TicketChannel  string `csv:"ticket_channel"`
	TicketVia      string `csv:"ticket_via"`
	Language       string `csv:"language"`
	Spam           string `csv:"spam"`
	RequesterID    string `csv:"requester_id"`
	RequesterEmail string `csv:"requester_email"`
	RequesterName  string `csv:"requester_name"`
	AssigneeID     string `csv:"assignee_id"`
	AssigneeEmail  string `csv:"assignee_email"`
	AssigneeName   string `csv:"assignee_name"`
	Team           string `csv:"team"`
	Tags           string `csv:"tags"`
	TagLines       string `csv:"tag_lines"`
	CustomFields   string `csv:"custom_fields"`
	TicketMeta     string `csv:"ticket_meta"`
	SourceURL      string `csv:"source_url"`
	CreatedAt      string `csv:"created_at"`
	OpenedAt       string `csv:"opened_at"`
	ClosedAt       string `csv:"closed_at"`
	TrashedAt      string `csv:"trashed_at"`
	LastMessageAt  string `csv:"last_message_at"`
	LastReceivedAt string `csv:"last_received_at"`

	MessageID      string `csv:"message_id"`
	SentAt         string `csv:"sent_at"`
	AuthorID       string `csv:"author_id"`
	AuthorEmail    string `csv:"author_email"`
	AuthorName     string `csv:"author_name"`
	FromAgent      string `csv:"from_agent"`
	Internal       string `csv:"internal"`
	Channel        string `csv:"channel"`
	Via            string `csv:"via"`
	MessageSubject string `csv:"message_subject"`
	FromAddress    string `csv:"from_address"`
	FromName       string `csv:"from_name"`
	To             string `csv:"to"`
	Cc             string `csv:"cc"`
	Bcc            string `csv:"bcc"`
	ToLines        string `csv:"to_lines"` // in place of to, where one is no mail address
	CcLines        string `csv:"cc_lines"`
	BccLines       string `csv:"bcc_lines"`
	BodyText       string `csv:"body_text"`
	BodyHTML       string `csv:"body_html"`
	StrippedText   string `csv:"stripped_text"`
	StrippedHTML   string `csv:"stripped_html"`
	Signature      string `csv:"stripped_signature"`
	MailID         string `csv:"mail_message_id"`
	InReplyTo      string `csv:"in_reply_to"`
	References     string `csv:"references"`
	Headers        string `csv:"headers"`
	Meta           string `csv:"meta"`
	Integration    string `csv:"integration_id"`
	MessageCreated string `csv:"message_created_at"`
	MessageOpened  string `csv:"message_opened_at"`
	MessageDeleted string `csv:"message_deleted_at"`
	Attachments    string `csv:"attachment_lines"`

	Safe string `csv:"deskferry_safe"` // sources.SafeColumn: it says so, and is taken away with the guards
}

// CSV writes tickets as rows: UTF-8 with the mark by which spreadsheets know it, and no cell is a formula (package cell). It is
// for one goroutine.
type CSV struct {
	w      *csv.Writer
	rows   []row
	begun  bool
	broken error
	Losses Losses
}

// NewCSV writes to w.
func NewCSV(w io.Writer) *CSV {
	c := &CSV{w: csv.NewWriter(w)}
	_, c.broken = io.WriteString(w, "\uFEFF")
	return c
}

// Ticket adds a ticket's messages.
func (c *CSV) Ticket(work *importer.Work) error {
	t := &work.Ticket
	c.rows = c.rows[:0]
	whole := c.ticket(t)
	for i := range t.Messages {
		r := whole
		c.message(&r, &t.Messages[i])
		r.guard()
		c.rows = append(c.rows, r)
	}
	return c.write()
}

// Close ends the file; a file without a ticket has its heading.
func (c *CSV) Close() error {
	c.rows = c.rows[:0]
	if !c.begun {
		if err := c.write(); err != nil {
			return err
		}
	}
	c.w.Flush()
	return c.w.Error()
}

func (c *CSV) write() error {
	err := c.broken
	if err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	if c.begun {
		err = gocsv.MarshalCSVWithoutHeaders(&c.rows, c.w)
	} else {
		c.begun = true
		err = gocsv.MarshalCSV(&c.rows, c.w)
	}
	if err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// guard keeps a spreadsheet from computing a cell.
func (r *row) guard() {
	r.Safe = "yes"
	for v, i := reflect.ValueOf(r).Elem(), 0; i < v.NumField(); i++ {
		v.Field(i).SetString(cell.Safe(v.Field(i).String()))
	}
}

func (c *CSV) ticket(t *mapping.Ticket) row {
	r := row{
		TicketID: t.ExternalID, Subject: t.Subject, Status: t.Status, Priority: t.Priority, TicketChannel: t.Channel,
		TicketVia: t.Via, Language: t.Language, Spam: yes(t.Spam),
		RequesterID: t.Customer.ID, RequesterEmail: t.Customer.Email, RequesterName: t.Customer.Name,
		AssigneeID: t.AssigneeUser.ID, AssigneeEmail: t.AssigneeUser.Email, AssigneeName: t.AssigneeUser.Name,
		Team: t.AssigneeTeam, TicketMeta: c.pairs(t.Meta), SourceURL: t.SourceURL,
		CreatedAt: stamp(t.CreatedDatetime), OpenedAt: stamp(t.OpenedDatetime), ClosedAt: stamp(t.ClosedDatetime),
		TrashedAt: stamp(t.TrashedDatetime), LastMessageAt: stamp(t.LastMessageDatetime), LastReceivedAt: stamp(t.LastReceivedMessageDatetime),
	}
	if r.Tags = strings.Join(t.Tags, ","); strings.Count(r.Tags, ",") > len(t.Tags)-1 {
		r.Tags, r.TagLines = "", c.lines(t.Tags)
	}
	var fields []string
	for _, f := range t.CustomFields {
		if f.Type == "number" || f.Type == "bool" {
			c.Losses.add("custom_fields", "a custom field's type: a cell is text, so "+f.Type+" comes back as text")
		}
		fields = append(fields, c.entry(f.Field, f.Value))
	}
	r.CustomFields = c.lines(fields)
	return r
}

func (c *CSV) message(r *row, m *mapping.Message) {
	r.MessageID, r.SentAt = m.ExternalID, stamp(m.SentDatetime.Time())
	r.AuthorID, r.AuthorEmail, r.AuthorName = m.Author.ID, m.Author.Email, m.Author.Name
	r.FromAgent, r.Internal = yes(m.FromAgent), yes(!m.Public)
	r.Channel, r.Via, r.MessageSubject = m.Channel, m.Via, m.Subject
	r.FromAddress, r.FromName = m.From.Address, m.From.Name
	r.To, r.ToLines = c.addresses(m.To)
	r.Cc, r.CcLines = c.addresses(m.Cc)
	r.Bcc, r.BccLines = c.addresses(m.Bcc)
	r.BodyText, r.BodyHTML = m.BodyText, m.BodyHTML
	r.StrippedText, r.StrippedHTML, r.Signature = m.StrippedText, m.StrippedHTML, m.StrippedSignature
	r.MailID, r.InReplyTo, r.References = m.MessageID, m.InReplyTo, m.References
	r.Headers, r.Meta = c.pairs(m.Headers), c.pairs(m.Meta)
	if m.IntegrationID != 0 {
		r.Integration = strconv.FormatInt(m.IntegrationID, 10)
	}
	r.MessageCreated, r.MessageOpened, r.MessageDeleted = stamp(m.CreatedDatetime), stamp(m.OpenedDatetime), stamp(m.DeletedDatetime)
	var files []string
	for _, a := range m.Attachments {
		link, size := a.URL, ""
		if link == "" {
			link = "data:;base64," + a.Data
		}
		if a.Size > 0 {
			size = strconv.FormatInt(a.Size, 10)
		}
		files = append(files, c.entry(link, a.Name, a.ContentType, size))
	}
	r.Attachments = c.lines(files)
}

// addresses writes mail addresses as a list by RFC 5322. Where one is a number or an id, or its name has lines, all are
// entries instead.
func (c *CSV) addresses(list []mapping.Address) (mail, lines string) {
	plain := make([]string, len(list))
	entries := make([]string, len(list))
	for i, a := range list {
		entries[i] = c.entry(a.Address, a.Name)
		plain[i] = mailbox(a)
	}
	if slices.Contains(plain, "") {
		return "", c.lines(entries)
	}
	return strings.Join(plain, ", "), ""
}

// mailbox is an address by RFC 5322, "" where it cannot be one.
func mailbox(a mapping.Address) string {
	switch {
	case !strings.Contains(a.Address, "@"), strings.ContainsAny(a.Address, " ,;<>\""), strings.ContainsFunc(a.Name, unicode.IsControl):
		return ""
	case a.Name == "":
		return a.Address
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(a.Name) + `" <` + a.Address + `>`
}

func (c *CSV) pairs(list []mapping.Pair) string {
	entries := make([]string, len(list))
	for i, p := range list {
		entries[i] = c.entry(p.Name, p.Value)
	}
	return c.lines(entries)
}

// entry joins parts; what holds the separator itself loses it, and that is counted.
func (c *CSV) entry(parts ...string) string {
	for i, p := range parts {
		if strings.Contains(p, part) {
			c.Losses.add("separator", "a value holds the character ␟, which separates parts")
			parts[i] = strings.ReplaceAll(p, part, " ")
		}
	}
	return strings.Join(parts, part)
}

func (c *CSV) lines(entries []string) string {
	for i, e := range entries {
		if strings.Contains(e, "␞") {
			c.Losses.add("separator", "a value holds the character ␞, which separates entries")
			entries[i] = strings.ReplaceAll(e, "␞", " ")
		}
	}
	return strings.Join(entries, entry)
}

// stamp writes a time, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
