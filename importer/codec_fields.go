package importer

import (
	"encoding/binary"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// factHead goes before each fact: what the plan knows of its record.
type factHead struct {
	Message bool   // a MessageFact follows, else a TicketFact
	Record  int64  // ordinal of the record in the source; keptRecord for a fact kept from an earlier plan
	Mends   string // origin of the rejected record it replaces
	Skipped bool   // the record is skipped: it is not rejected with its ticket
	Why     string // the first thing the mapping rejected the record for, see whereOf; "" when it did not

	Marks    marks // for the choice of previews
	Warnings uint8 // of the record
}

// keptRecord stands for a record of an earlier input.
const keptRecord = -1

func (c *coder) head(h *factHead) {
	c.begin()
	c.flag(&h.Message)
	c.int64(&h.Record)
	c.text(&h.Mends)
	c.flag(&h.Skipped)
	c.text(&h.Why)
	if c.has(h.Marks != 0 || h.Warnings != 0) {
		c.rawByte((*byte)(&h.Marks))
		c.rawByte(&h.Warnings)
	}
	c.finish()
}

func (c *coder) ticketFact(f *mapping.TicketFact) {
	c.begin()
	c.text(&f.Key)
	c.text(&f.Rule)
	c.origin(&f.Origin)
	c.int64(&f.Seq)
	small(c, &f.State)
	c.text(&f.Reason)
	c.text(&f.Version)
	c.time(&f.At)
	last := int64(f.Last)
	c.int64(&last)
	f.Last = mapping.TicketFields(last)
	c.personRef(&f.Customer)
	c.personRef(&f.Assignee)
	c.ticket(&f.Ticket)
	c.text(&f.SourceStatus)
	c.finish()
}

func (c *coder) messageFact(f *mapping.MessageFact) {
	c.begin()
	c.text(&f.Ticket)
	c.text(&f.Rule)
	c.origin(&f.Origin)
	c.int64(&f.Seq)
	small(c, &f.State)
	c.text(&f.Reason)
	c.text(&f.Version)
	c.flag(&f.Fallback)
	c.personRef(&f.Author)
	c.flag(&f.Internal)
	small(c, &f.FromAgent)
	c.flag(&f.HashID)
	c.fingerprint(&f.Content)
	c.flag(&f.Future)
	c.message(&f.Message)
	c.finish()
}

// ticket describes all fields but the messages; the mask is its caller's.
func (c *coder) ticket(t *mapping.Ticket) {
	c.text(&t.ExternalID)
	c.text(&t.Subject)
	c.text(&t.Status)
	c.text(&t.Priority)
	c.text(&t.Channel)
	c.text(&t.Via)
	c.text(&t.Language)
	c.person(&t.Customer)
	c.person(&t.AssigneeUser)
	c.text(&t.AssigneeTeam)
	list(c, &c.texts, &t.Tags, false, (*coder).rawText)
	list(c, &c.fields, &t.CustomFields, false, (*coder).customField)
	c.flag(&t.FromAgent)
	c.flag(&t.Spam)
	list(c, &c.pairs, &t.Meta, c.skeleton, (*coder).pair)
	c.time(&t.CreatedDatetime)
	c.time(&t.OpenedDatetime)
	c.time(&t.ClosedDatetime)
	c.time(&t.TrashedDatetime)
	c.time(&t.LastMessageDatetime)
	c.time(&t.LastReceivedMessageDatetime)
	c.text(&t.SourceURL)
}

func (c *coder) message(m *mapping.Message) {
	c.text(&m.ExternalID)
	c.text(&m.Channel)
	c.text(&m.Via)
	c.text(&m.Subject)
	c.flag(&m.FromAgent)
	c.flag(&m.Public)
	c.person(&m.Author)
	if c.has(m.From != mapping.Address{}) {
		c.address(&m.From)
	}
	list(c, &c.addresses, &m.To, false, (*coder).address)
	list(c, &c.addresses, &m.Cc, c.skeleton, (*coder).address)
	list(c, &c.addresses, &m.Bcc, c.skeleton, (*coder).address)
	c.body(&m.BodyHTML)
	c.body(&m.BodyText)
	c.body(&m.StrippedHTML)
	c.body(&m.StrippedText)
	c.body(&m.StrippedSignature)
	c.body(&m.MessageID)
	c.body(&m.InReplyTo)
	list(c, &c.pairs, &m.Headers, c.skeleton, (*coder).pair)
	list(c, &c.pairs, &m.Meta, c.skeleton, (*coder).pair)
	list(c, &c.files, &m.Attachments, c.skeleton, (*coder).attachment)
	list(c, &c.files, &m.Attachments, !c.skeleton, (*coder).fileSum)
	c.int64(&m.IntegrationID)
	c.sent(&m.SentDatetime)
	c.time(&m.CreatedDatetime)
	c.time(&m.OpenedDatetime)
	c.time(&m.DeletedDatetime)
	c.int(&m.Size)
	c.body(&m.References)
}

func (c *coder) origin(o *sources.Origin) {
	if !c.has(*o != sources.Origin{}) {
		return
	}
	c.rawText(&o.File)
	c.rawInt(&o.Line)
	c.rawInt(&o.Index)
	c.rawText(&o.Place)
}

func (c *coder) personRef(p *mapping.PersonRef) {
	if !c.has(!p.IsZero()) {
		return
	}
	c.rawText(&p.ID)
	c.rawText(&p.Email)
	c.rawText(&p.Name)
	b := byte(p.Agent)
	c.rawByte(&b)
	p.Agent = mapping.Tri(b)
}

func (c *coder) person(p *mapping.Person) {
	if !c.has(*p != mapping.Person{}) {
		return
	}
	c.rawText(&p.ID)
	c.rawText(&p.Email)
	c.rawText(&p.Name)
	var b byte
	if p.Agent {
		b = 1
	}
	c.rawByte(&b)
	p.Agent = b != 0
}

func (c *coder) address(a *mapping.Address) {
	c.rawText(&a.Name)
	c.rawText(&a.Address)
}

func (c *coder) pair(p *mapping.Pair) {
	c.rawText(&p.Name)
	c.rawText(&p.Value)
}

func (c *coder) customField(f *mapping.CustomField) {
	c.rawText(&f.Field)
	c.rawText(&f.Value)
	c.rawText(&f.Type)
}

// carriedData stands in a skeleton for the bytes of a file that the export holds.
const carriedData = "="

func (c *coder) attachment(a *mapping.Attachment) {
	c.rawText(&a.URL)
	c.rawText(&a.Data)
	c.rawText(&a.Name)
	c.rawText(&a.ContentType)
	c.rawInt(&a.Size)
	c.rawText(&a.ContentID)
}

// fileSum is an attachment of a skeleton: a fingerprint of where its bytes are in the place of the URL, its size, and whether
// the export holds them.
func (c *coder) fileSum(a *mapping.Attachment) {
	if !c.reading {
		key, size := fileOf(a)
		c.buf = binary.AppendVarint(append(c.buf, key[:]...), toldOf(size, a.URL == ""))
		return
	}
	if len(c.src) < fileKey {
		c.fail()
		return
	}
	a.URL, c.src = c.src[:fileKey], c.src[fileKey:]
	told := c.varint()
	if a.Size = told >> 1; told&1 == 1 {
		a.Data = carriedData
	}
}
