package gorgias

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// maxFindPages bounds a look-up by external id: more pages than that mean that the filter is not applied.
const maxFindPages = 10

// Create makes the request that creates the ticket with its first n messages: POST /api/tickets.
func (c *Client) Create(w *importer.Work, n int) (*importer.Request, error) {
	doing := "creating ticket " + string(w.Key)
	if n < 1 || n > len(w.Ticket.Messages) {
		return nil, refused("%s: %d of its %d messages asked for: a fault of deskferry", doing, n, len(w.Ticket.Messages))
	}
	if f := c.fresh(w, 0, n); f != nil && f.Kind == importer.Refused {
		return nil, f
	}
	t, losses, err := c.Encoder.ticket(w, n)
	if err != nil {
		return nil, refused("%s: %w", doing, err)
	}
	body, err := MarshalTicket(&t)
	if err != nil {
		return nil, refused("%s: %w", doing, err)
	}
	if _, _, err := checkBody(body, c.shapes.ticket, c.clock.latest().Add(early)); err != nil {
		return nil, refused("%s: it cannot be sent as it is: %w", doing, err)
	}
	sum, err := sum(w, 0, n, body, func(source *importer.Work) ([]byte, error) {
		t, _, err := c.Encoder.ticket(source, n)
		if err != nil {
			return nil, err
		}
		return MarshalTicket(&t)
	})
	if err == nil {
		err = whole(t.Messages...)
	}
	if err != nil {
		return nil, refused("%s: %w", doing, err)
	}
	return &importer.Request{Sum: sum, Send: func(ctx context.Context) (importer.Stored, error) {
		if f := c.fresh(w, 0, n); f != nil {
			return importer.Stored{}, f
		}
		var answer ticketAnswer
		k := call{op: opCreate, doing: doing, path: "tickets", body: body, contentType: "application/json", out: &answer}
		if err := c.send(ctx, k); err != nil {
			return importer.Stored{}, c.second(ctx, w, 0, n, err)
		}
		if answer.ID <= 0 {
			return importer.Stored{}, &importer.Fault{Kind: importer.Lost, Err: fmt.Errorf("%s: the answer names no ticket", doing)}
		}
		c.learn(w, &answer)
		c.Losses.add(w.Key, append(losses, c.userAsCustomer(w)...))
		return answer.stored(), nil
	}}, nil
}

// Append makes the request that adds message i of w to ticket id: POST /api/tickets/{id}/messages.
func (c *Client) Append(id importer.TicketID, w *importer.Work, i int) (*importer.Request, error) {
	doing := fmt.Sprintf("adding message %d to ticket %s (%d in Gorgias)", i+1, w.Key, id)
	m, losses, err := c.Encoder.Message(w, i)
	if err != nil {
		return nil, refused("%s: %w", doing, err)
	}
	if f := c.fresh(w, i, i+1); f != nil && f.Kind == importer.Refused {
		return nil, f
	}
	body, err := MarshalMessage(&m)
	if err != nil {
		return nil, refused("%s: %w", doing, err)
	}
	if _, _, err := checkBody(body, c.shapes.message, c.clock.latest().Add(early)); err != nil {
		return nil, refused("%s: it cannot be sent as it is: %w", doing, err)
	}
	sum, err := sum(w, i, i+1, body, func(source *importer.Work) ([]byte, error) {
		m, _, err := c.Encoder.Message(source, i)
		if err != nil {
			return nil, err
		}
		return MarshalMessage(&m)
	})
	if err == nil {
		err = whole(m)
	}
	if err != nil {
		return nil, refused("%s: %w", doing, err)
	}
	return &importer.Request{Sum: sum, Send: func(ctx context.Context) (importer.Stored, error) {
		if f := c.fresh(w, i, i+1); f != nil {
			return importer.Stored{}, f
		}
		var answer messageAnswer
		k := call{
			op: opAppend, doing: doing, path: ticketPath(id) + "/messages", body: body, contentType: "application/json", out: &answer,
		}
		if err := c.send(ctx, k); err != nil {
			return importer.Stored{}, c.second(ctx, w, i, i+1, err)
		}
		if answer.ID <= 0 {
			return importer.Stored{}, &importer.Fault{Kind: importer.Lost, Err: fmt.Errorf("%s: the answer names no message", doing)}
		}
		if !answer.FromAgent {
			c.Encoder.People.learn(string(answer.Sender.Email), int64(answer.Sender.ID))
		}
		c.Losses.add(w.Key, losses)
		return importer.Stored{ID: id, Messages: []importer.StoredMessage{answer.stored()}}, nil
	}}, nil
}

// sum is the payload's. Of messages with files it is made from what the source says, not from the account's URLs, so that it
// is the same over runs and whatever could be fetched. encode encodes work as body was.
func sum(w *importer.Work, from, to int, body []byte, encode func(*importer.Work) ([]byte, error)) (s [sha256.Size]byte, err error) {
	h := sha256.New()
	prepared := slices.ContainsFunc(w.Files[min(from, len(w.Files)):min(to, len(w.Files))], func(f *importer.MessageFiles) bool { return f != nil })
	if prepared {
		source := *w
		source.Files = nil
		if body, err = encode(&source); err != nil {
			return s, err
		}
		for i := from; i < to; i++ {
			for _, a := range w.Ticket.Messages[i].Attachments {
				io.WriteString(h, a.Data)
			}
		}
	}
	h.Write(body)
	h.Sum(s[:0])
	return s, nil
}

// whole refuses a message with a file that has no address: [Client.Prepare] was not asked.
func whole(messages ...Message) error {
	for i := range messages {
		if slices.ContainsFunc(messages[i].Attachments, func(a Attachment) bool { return a.URL == "" }) {
			return fmt.Errorf("a file of message %s was not uploaded before: a fault of deskferry", messages[i].ExternalID)
		}
	}
	return nil
}

func refused(format string, args ...any) *importer.Fault {
	return &importer.Fault{Kind: importer.Refused, Err: fmt.Errorf(format, args...)}
}

// early is by how much a message may be too new to be sent now and still worth waiting for.
const early = 2 * margin

// fresh holds back messages that the wire rule would refuse for their time, nil if there are none. One sent a moment ago is
// NotSent: it passes when asked again a little later. One newer than that is refused.
func (c *Client) fresh(w *importer.Work, from, to int) *importer.Fault {
	latest := c.clock.latest()
	for i := from; i < to && i < len(w.Ticket.Messages); i++ {
		at := w.Ticket.Messages[i].SentDatetime.Time()
		if !at.After(latest) {
			continue
		}
		f := refused("ticket %s: message %d was sent at %s, which is not yet a minute ago by the clocks of this machine and of %s",
			w.Key, i+1, at.Format(time.RFC3339), c.base.Host)
		if at.Sub(latest) <= early {
			f.Kind = importer.NotSent
		}
		return f
	}
	return nil
}

// learn remembers the customers that an answer names by id, so that later tickets send the id alone.
func (c *Client) learn(w *importer.Work, t *ticketAnswer) {
	c.Encoder.People.learn(w.Ticket.Customer.Email, int64(t.Customer.ID))
	c.Encoder.People.learn(string(t.Customer.Email), int64(t.Customer.ID))
	for i := range t.Messages {
		if m := &t.Messages[i]; !m.FromAgent {
			c.Encoder.People.learn(string(m.Sender.Email), int64(m.Sender.ID))
		}
	}
}

func ticketPath(id importer.TicketID) string { return "tickets/" + strconv.FormatInt(int64(id), 10) }

// Find returns the tickets with this external id, oldest first: GET /api/tickets?external_id=, all pages.
func (c *Client) Find(ctx context.Context, externalID string) ([]importer.TicketID, error) {
	var found []importer.TicketID
	k := call{op: opRead, doing: fmt.Sprintf("looking for ticket %q", externalID), path: "tickets",
		query: url.Values{"external_id": {externalID}, "limit": {pageSize}}}
	pages := 0
	for t, err := range list[ticketAnswer](ctx, c, k, c.ask, func() error {
		if pages++; pages > maxFindPages {
			return &importer.Fault{Kind: importer.Stop, Err: fmt.Errorf(
				"%s: %s answers tickets of other ids without end, so look-ups cannot be trusted; please report this", k.doing, c.base.Host)}
		}
		return nil
	}) {
		if err != nil {
			return nil, stopIfGone(err)
		}
		if string(t.ExternalID) == externalID {
			found = append(found, importer.TicketID(t.ID))
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// Read returns the ticket with all its messages: GET /api/tickets/{id}, and GET /api/messages?ticket_id= where the
// ticket says that it has more than it shows. The fault is Gone where there is no such ticket.
func (c *Client) Read(ctx context.Context, id importer.TicketID) (importer.Stored, error) {
	doing := fmt.Sprintf("reading ticket %d", id)
	var t ticketAnswer
	if err := c.ask(ctx, call{op: opRead, doing: doing, path: ticketPath(id), out: &t}); err != nil {
		return importer.Stored{}, err
	}
	if t.ID != number64(id) {
		return importer.Stored{}, &importer.Fault{Kind: importer.Lost, Err: fmt.Errorf("%s: the answer is ticket %d", doing, t.ID)}
	}
	s := t.stored()
	if int(t.MessagesCount) <= len(s.Messages) {
		return s, nil
	}
	seen := make(map[importer.MessageID]bool, t.MessagesCount)
	for _, m := range s.Messages {
		seen[m.ID] = true
	}
	k := call{op: opRead, doing: "reading the messages of ticket " + strconv.FormatInt(int64(id), 10), path: "messages",
		query: url.Values{"ticket_id": {strconv.FormatInt(int64(id), 10)}, "limit": {pageSize}}}
	for m, err := range list[messageAnswer](ctx, c, k, c.ask, nil) {
		if err != nil {
			if importer.FaultOf(err).Kind == importer.Gone { // deleted between the two requests
				return importer.Stored{}, &importer.Fault{Kind: importer.Gone, Err: err}
			}
			return importer.Stored{}, err
		}
		if stored := m.stored(); !seen[stored.ID] {
			seen[stored.ID] = true
			s.Messages = append(s.Messages, stored)
		}
	}
	return s, nil
}

// Sweep yields tickets by updated_datetime, newest first, back to since by our clock; the trash is included. Pages are asked
// again after an outage. A ticket may come twice: it moves when it is updated during the sweep.
func (c *Client) Sweep(ctx context.Context, since time.Time) iter.Seq2[importer.Found, error] {
	since = since.Add(-c.clock.behind() - margin)
	k := call{op: opRead, doing: "sweeping the newest tickets", path: "tickets",
		query: url.Values{"order_by": {"updated_datetime:desc"}, "limit": {pageSize}}}
	return func(yield func(importer.Found, error) bool) {
		for t, err := range list[ticketAnswer](ctx, c, k, c.insist, nil) {
			if err != nil {
				yield(importer.Found{}, stopIfGone(err))
				return
			}
			at := time.Time(t.UpdatedDatetime)
			if !at.IsZero() && at.Before(since) {
				return
			}
			if !yield(importer.Found{ID: importer.TicketID(t.ID), ExternalID: string(t.ExternalID), UpdatedDatetime: at}, nil) {
				return
			}
		}
	}
}
