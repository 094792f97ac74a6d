package importer

import (
	"fmt"

	"github.com/deskferry/deskferry/mapping"
)

// AppendWork appends w in the form [DecodeWork] reads. A plan's store keeps it as it is.
func AppendWork(dst []byte, w *Work) []byte {
	c := coder{buf: dst}
	c.work(w)
	return c.buf
}

// DecodeWork reads what AppendWork wrote; the result shares no memory with b. Any other bytes are an error.
func DecodeWork(b []byte) (*Work, error) {
	var c coder
	c.read(string(b))
	w := new(Work)
	c.work(w)
	if err := c.end(); err != nil {
		return nil, fmt.Errorf("reading a planned ticket: %w", err)
	}
	return w, nil
}

func (c *coder) work(w *Work) {
	c.rawText((*string)(&w.Key))
	c.rawText(&w.ExternalID)
	c.begin()
	c.ticket(&w.Ticket)
	c.finish()
	n := int64(len(w.Ticket.Messages))
	c.rawInt(&n)
	if c.reading {
		if n < 0 || n > int64(len(c.src)) {
			c.fail()
			return
		}
		if n > 0 {
			w.Ticket.Messages = make([]mapping.Message, n)
			w.MessageIDs = make([]string, n)
		}
	}
	for i := range w.Ticket.Messages {
		c.begin()
		c.message(&w.Ticket.Messages[i])
		c.finish()
		c.rawText(&w.MessageIDs[i])
	}
}

// AppendPlanned appends p in the form [DecodePlanned] reads.
func AppendPlanned(dst []byte, p *Planned) []byte {
	c := coder{buf: dst}
	c.planned(p)
	return c.buf
}

// DecodePlanned reads what AppendPlanned wrote. Any other bytes are an error.
func DecodePlanned(b []byte) (Planned, error) {
	var c coder
	var p Planned
	c.read(string(b))
	c.planned(&p)
	if err := c.end(); err != nil {
		return Planned{}, fmt.Errorf("reading a planned ticket: %w", err)
	}
	return p, nil
}

func (c *coder) planned(p *Planned) {
	c.rawText((*string)(&p.Key))
	c.rawText(&p.ExternalID)
	c.rawInt(&p.Seq)
	c.rawText(&p.Version)
	c.rawText(&p.Hold)
	c.begin()
	c.fingerprint(&p.Payload)
	c.flag(&p.Partial)
	c.text(&p.Wanted)
	c.flag(&p.Update)
	c.flag(&p.AppendTouched)
	c.int(&p.Rejected)
	c.text(&p.Why)
	c.flag(&p.Seen)
	c.finish()
	n := int64(len(p.Messages))
	c.rawInt(&n)
	if c.reading {
		if n < 0 || n > int64(len(c.src)) {
			c.fail()
			return
		}
		if n > 0 {
			p.Messages = make([]PlannedMessage, n)
		}
	}
	for i := range p.Messages {
		m := &p.Messages[i]
		c.begin()
		c.text(&m.ID)
		c.fingerprint(&m.Content)
		c.int(&m.Size)
		small(c, &m.Direction)
		c.flag(&m.Internal)
		c.finish()
	}
}
