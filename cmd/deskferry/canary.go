package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"github.com/zeebo/xxh3"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/ledger"
	"github.com/deskferry/deskferry/mapping"
)

// What a canary is called in the ledger and in the account.
const (
	canarySource = "deskferry-canary"
	canaryTag    = "deskferry-canary"
	canaryAge    = 2 * time.Hour // how long ago its first message says it was sent
	mostCanaries = 100           // of one address
)

func canaryFlags() []cli.Flag {
	return []cli.Flag{
		stringFlag("canary", "first send one ticket with your own `ADDRESS` as its customer, and go on only if it was stored as already sent; --rules-off is not needed then"),
		durationFlag("canary-wait", 30*time.Second, "`TIME` in which nothing may answer the canary"),
	}
}

// canaryAddress reads --canary: "" without one.
func canaryAddress(c *cli.Context) (string, error) {
	given := c.String("canary")
	if given == "" {
		if c.IsSet("canary") {
			return "", usagef("--canary is empty: give your own e-mail address")
		}
		return "", nil
	}
	a, err := mail.ParseAddress(given)
	if err != nil || a.Name != "" || a.Address != given || strings.ContainsAny(given, "\"\\ ") {
		return "", usagef("--canary %q: give one e-mail address, your own, as me@own.domain", given)
	}
	if c.Duration("canary-wait") < 0 {
		return "", usagef("--canary-wait %s: it is at least 0s", c.Duration("canary-wait"))
	}
	return strings.ToLower(given), nil
}

// canary is one ticket that is sent before all others, to see what the account makes of it.
type canary struct {
	*ferry
	address string
	wait    time.Duration
	mailbox string // of the account, "" where it has none
}

// canary tries the account first, where --canary asks for it.
func (f *ferry) canary(stop, abort context.Context, c *cli.Context, job *importer.Job) error {
	address, err := canaryAddress(c)
	if err != nil || address == "" {
		return err
	}
	if err := f.refuseCustomer(stop, job, address); err != nil {
		return err
	}
	return f.tryCanary(stop, abort, address, c.Duration("canary-wait"))
}

// tryCanary sends a canary, or reads back the one that is there, and returns an error unless it was stored as already sent
// and nothing has answered it.
func (f *ferry) tryCanary(stop, abort context.Context, address string, wait time.Duration) error {
	k := &canary{ferry: f, address: address, wait: wait}
	if err := k.meet(stop); err != nil {
		return err
	}
	id, w, err := k.find(stop, abort)
	if err != nil {
		return err
	}
	return k.watch(stop, id, w)
}

// meet learns what the canary's encoding needs: users, the mailboxes, and whether the address is a customer already.
func (k *canary) meet(ctx context.Context) error {
	want := gorgias.Wanted{Customers: slices.Values([]string{k.address}), Integrations: true}
	err := k.client.LoadPeople(ctx, want)
	boxes := k.client.Encoder.People.Mailboxes()
	if err != nil || len(boxes) == 0 { // no rights to see them, or none: the canary belongs to no mailbox
		want.Integrations = false
		if err := k.client.LoadPeople(ctx, want); err != nil {
			return err
		}
	} else {
		k.mailbox = boxes[0]
	}
	return k.standIn(ctx)
}

// find returns the canary of this address that is in the account, sending one if there is none. One that was deleted or put
// into the trash makes room for a new one.
func (k *canary) find(stop, abort context.Context) (importer.TicketID, *importer.Work, error) {
	for n := 1; n <= mostCanaries; n++ {
		id := k.address
		if n > 1 {
			id = fmt.Sprintf("%s#%d", k.address, n)
		}
		key := importer.Key(canarySource + ":" + id)
		ticket, w, err := k.known(stop, abort, key, id)
		if err != nil {
			return 0, nil, err
		}
		if ticket != 0 {
			held, err := k.client.Read(stop, ticket)
			if err != nil && importer.FaultOf(err).Kind != importer.Gone {
				return 0, nil, err
			}
			if err == nil && !held.Trashed {
				k.std.say("the canary for %s is ticket %d", k.address, ticket)
				return ticket, w, nil
			}
		}
	}
	return 0, nil, fmt.Errorf("%d canaries were sent for %s already; use another address", mostCanaries, k.address)
}

// known returns the ticket of this key: from the ledger, else from the account, else a new one. Zero: it was refused, or
// nobody knows what became of it.
func (k *canary) known(stop, abort context.Context, key importer.Key, id string) (importer.TicketID, *importer.Work, error) {
	known, err := k.ledger.Knows(stop, key)
	if err != nil {
		return 0, nil, err
	}
	if !known {
		return k.unknown(stop, abort, key, id)
	}
	e, err := k.ledger.Entry(stop, key)
	if err != nil {
		return 0, nil, err
	}
	switch e.State {
	case importer.StateRefused, importer.StateHeld, importer.StateUndone:
		return 0, nil, nil
	}
	base := time.Time{}
	if len(e.Messages) > 0 {
		base = canaryTime(e.Messages[0].ID)
	}
	if base.IsZero() {
		return 0, nil, fmt.Errorf("the ledger's canary %s has no time; use another address", key)
	}
	w, err := k.work(key, id, base)
	if err == nil && e.State != importer.StateDone {
		return k.send(stop, abort, w)
	}
	return e.Target, w, err
}

// unknown sends a canary that the ledger does not know, unless the account has it: from another ledger.
func (k *canary) unknown(stop, abort context.Context, key importer.Key, id string) (importer.TicketID, *importer.Work, error) {
	there, err := k.client.Find(stop, importer.ExternalID(canarySource, id))
	if err != nil {
		return 0, nil, err
	}
	if len(there) > 0 {
		held, err := k.client.Read(stop, there[0])
		if err != nil {
			if importer.FaultOf(err).Kind == importer.Gone {
				err = nil
			}
			return 0, nil, err
		}
		for _, m := range held.Messages {
			if base := canaryTime(m.ExternalID); !base.IsZero() {
				w, err := k.work(key, id, base)
				return there[0], w, err
			}
		}
		return 0, nil, nil // somebody's own
	}
	w, err := k.work(key, id, time.Now().Add(-canaryAge).UTC().Truncate(time.Second))
	if err != nil {
		return 0, nil, err
	}
	return k.send(stop, abort, w)
}

const canaryMark = "canary 1 of 3, "

// canaryTime reads when a canary says it began from the id of its first message; zero when it is no such id.
func canaryTime(messageID string) time.Time {
	text, ok := strings.CutPrefix(messageID, canaryMark)
	t, err := time.Parse(time.RFC3339, text)
	if !ok || err != nil {
		return time.Time{}
	}
	return t
}

// work makes the ticket: one message from the customer, an answer, a note. All of it follows from key, address and base,
// but for the agent and the mailbox.
func (k *canary) work(key importer.Key, id string, base time.Time) (*importer.Work, error) {
	agent := mapping.Person{Email: k.client.Encoder.Agent, Agent: true}
	self := mapping.Person{Email: k.address, Name: "deskferry canary"}
	var ours []mapping.Address
	if k.mailbox != "" {
		ours = []mapping.Address{{Address: k.mailbox}}
	}
	w := &importer.Work{Key: key, ExternalID: importer.ExternalID(canarySource, id), Ticket: mapping.Ticket{
		ExternalID: id, Subject: "deskferry canary", Status: "closed", Channel: "email", Customer: self, Tags: []string{canaryTag},
		CreatedDatetime: base, ClosedDatetime: base.Add(10 * time.Minute),
	}}
	messages := []mapping.Message{
		{Channel: "email", Public: true, Author: self, To: ours, BodyText: "This message was never sent: deskferry tries whether the account stores it as history."},
		{Channel: "email", Public: true, FromAgent: true, Author: agent, To: []mapping.Address{{Address: k.address}},
			BodyText: "If you read this in your mailbox, the account sends what is imported: stop, and switch off what did it."},
		{Channel: "internal-note", FromAgent: true, Author: agent, BodyText: "An internal note: no customer may see it."},
	}
	if ours != nil {
		messages[1].From = ours[0]
	}
	for i := range messages {
		m := &messages[i]
		sent, err := mapping.NewSentTime(base.Add(time.Duration(i)*5*time.Minute), time.Now())
		if err != nil {
			return nil, fmt.Errorf("making the canary: %w", err)
		}
		m.ExternalID = strings.Replace(canaryMark, "1", fmt.Sprint(i+1), 1) + base.Format(time.RFC3339)
		m.Subject, m.SentDatetime, m.BodyHTML = w.Ticket.Subject, sent, "<p>"+m.BodyText+"</p>"
		m.Size = 2<<10 + 2*len(m.BodyText)
		w.MessageIDs = append(w.MessageIDs, m.ExternalID)
	}
	w.Ticket.Messages = messages
	return w, nil
}

// onePlan is a plan of one ticket.
type onePlan struct{ w *importer.Work }

func (p onePlan) Ticket(_ context.Context, key importer.Key) (*importer.Work, error) {
	if key != p.w.Key {
		return nil, importer.ErrNotInPlan
	}
	return p.w, nil
}

// send brings the canary over as any ticket: planned in the ledger, its intent recorded, never repeated on a guess.
func (k *canary) send(stop, abort context.Context, w *importer.Work) (importer.TicketID, *importer.Work, error) {
	info := ledger.RunInfo{Version: versionText(), Source: canarySource, Mapping: "canary", Identity: "canary"}
	if err := k.ledger.Begin(stop, info); err != nil {
		return 0, nil, err
	}
	id, err := k.bring(stop, abort, w)
	note := ""
	if err != nil {
		note = err.Error()
	}
	return id, w, errors.Join(err, k.ledger.End(context.WithoutCancel(stop), "", note))
}

func (k *canary) bring(stop, abort context.Context, w *importer.Work) (importer.TicketID, error) {
	planned := importer.Planned{Key: w.Key, ExternalID: w.ExternalID}
	for i := range w.Ticket.Messages {
		m := &w.Ticket.Messages[i]
		p := importer.PlannedMessage{ID: w.MessageIDs[i], Content: xxh3.Hash128([]byte(m.BodyText)).Bytes(), Size: m.Size, Internal: !m.Public}
		if m.FromAgent {
			p.Direction = mapping.Yes
		}
		planned.Messages = append(planned.Messages, p)
	}
	if _, err := k.ledger.Plan(stop, []importer.Planned{planned}); err != nil {
		return 0, err
	}
	run := &importer.Run{Target: k.client, Finder: k.client, Pacer: k.client.Pacer(), Plan: onePlan{w}, Ledger: k.ledger,
		SettleWindow: k.flags.window, Patience: k.flags.patience, Abort: abort}
	for {
		e, err := k.ledger.Entry(stop, w.Key)
		if err != nil {
			return 0, err
		}
		r, err := run.Step(stop, e.Claim)
		switch {
		case err != nil:
			return 0, err
		case r.State == importer.StateDone:
			return r.Ticket, nil
		case r.State != importer.StateDoubt:
			return 0, fmt.Errorf("the canary could not be brought over (%s): %s; nothing of the export was sent", r.State, r.Note)
		case time.Until(r.NextLook) > time.Minute:
			return 0, fmt.Errorf("the answer to the canary was lost and it was not found; nothing of the export was sent; run the same command again after %s: it is looked for first",
				r.NextLook.Local().Format("15:04:05"))
		}
		if err := sleep(stop, time.Until(r.NextLook)); err != nil {
			return 0, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(max(d, time.Millisecond))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// unplanned is a planner that plans nothing: the export is staged, and the ledger is not touched.
type unplanned struct{}

func (unplanned) Plan(_ context.Context, planned []importer.Planned) ([]importer.Standing, error) {
	out := make([]importer.Standing, len(planned))
	for i := range planned {
		out[i] = importer.Standing{State: string(importer.StatePlanned), New: len(planned[i].Messages)}
	}
	return out, nil
}

// refuseCustomer stages the export and refuses a canary whose address is one of its customers': what the account might
// mail would reach them. The import finds the export staged.
func (f *ferry) refuseCustomer(ctx context.Context, job *importer.Job, address string) error {
	rejects := job.Rejects
	job.Rejects = nil // they are written when the export is staged for the import
	done := watchJob(f.std.err, job)
	job.Pick = true // as the import will: the plan is its plan
	_, err := job.Stage(ctx, unplanned{}, f.plans)
	done()
	job.Rejects = rejects
	if err != nil {
		return err
	}
	for customer, err := range f.plans.Customers(ctx) {
		if err != nil {
			return err
		}
		if strings.EqualFold(customer.Email, address) {
			return usagef("--canary %s: that is a customer in the export, and what the account's rules may answer would reach them; give an address of your own", address)
		}
	}
	return nil
}
