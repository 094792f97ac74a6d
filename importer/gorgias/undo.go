package gorgias

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/deskferry/deskferry/importer"
)

var _ importer.UndoTarget = (*Client)(nil)

// Survey implements [importer.UndoTarget]: GET /api/tickets?ticket_ids=, one page (api/gorgias section 6).
func (c *Client) Survey(ctx context.Context, ids []importer.TicketID) ([]importer.Surveyed, error) {
	wanted := make(map[importer.TicketID]bool, len(ids))
	list := make([]string, len(ids))
	for i, id := range ids {
		wanted[id], list[i] = true, strconv.FormatInt(int64(id), 10)
	}
	var p page[ticketAnswer]
	k := call{op: opRead, doing: fmt.Sprintf("looking at %d tickets", len(ids)), path: "tickets", out: &p,
		query: url.Values{"ticket_ids": {strings.Join(list, ",")}, "limit": {pageSize}}}
	if err := c.ask(ctx, k); err != nil {
		return nil, stopIfGone(err)
	}
	var out []importer.Surveyed
	for i := range p.Data {
		t := &p.Data[i]
		if id := importer.TicketID(t.ID); wanted[id] {
			out = append(out, importer.Surveyed{ID: id, UpdatedDatetime: time.Time(t.UpdatedDatetime), Messages: int(t.MessagesCount)})
		}
	}
	return out, nil
}

// Delete implements [importer.UndoTarget]: DELETE /api/tickets/{id} (api/gorgias section 8). The client must be made for undo
// ([Settings].Undo), or the wire rule stops it.
func (c *Client) Delete(ctx context.Context, id importer.TicketID) error {
	return c.remove(ctx, call{op: opDelete, doing: fmt.Sprintf("deleting ticket %d", id), path: ticketPath(id)})
}

// DeleteMessage implements [importer.UndoTarget]: DELETE /api/tickets/{id}/messages/{id}.
func (c *Client) DeleteMessage(ctx context.Context, ticket importer.TicketID, id importer.MessageID) error {
	return c.remove(ctx, call{op: opDelete, doing: fmt.Sprintf("deleting message %d of ticket %d", id, ticket),
		path: ticketPath(ticket) + "/messages/" + strconv.FormatInt(int64(id), 10)})
}

func (c *Client) remove(ctx context.Context, k call) error {
	err := c.send(ctx, k)
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// trash is the body of the one PUT of an undo.
type trash struct {
	TrashedDatetime time.Time `json:"trashed_datetime"`
}

// Trash implements [importer.UndoTarget]: PUT /api/tickets/{id} with trashed_datetime alone (api/gorgias section 8).
func (c *Client) Trash(ctx context.Context, id importer.TicketID) error {
	body, err := json.Marshal(trash{c.clock.latest().UTC().Truncate(time.Second)})
	if err != nil {
		return &importer.Fault{Kind: importer.Stop, Err: fmt.Errorf("encoding: %w", err)}
	}
	return c.send(ctx, call{op: opUpdate, doing: fmt.Sprintf("putting ticket %d into the trash", id), path: ticketPath(id), body: body,
		contentType: "application/json"})
}

// Ahead implements [importer.UndoTarget]: how far the target's clock is ahead of ours, by its latest answer.
func (c *Client) Ahead() time.Duration { return time.Duration(c.clock.offset.Load()) }

// TicketURL is where agents see a ticket of the account at base, "" for an unknown one. That the web app shows tickets there is
// seen, not documented.
func TicketURL(base string, id importer.TicketID) string {
	if id == 0 {
		return ""
	}
	return strings.TrimRight(base, "/") + "/app/ticket/" + strconv.FormatInt(int64(id), 10)
}
