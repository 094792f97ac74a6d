package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/deskferry/deskferry/importer/sandbox/omnidesk"
)

// oldHelpdesk is the helpdesk that people still work with during the migration. Its clock is far behind that of the target: the
// nights pass in moments.
type oldHelpdesk struct {
	random   *rand.Rand
	account  *omnidesk.Server
	now      time.Time
	tickets  map[int64]omnidesk.Ticket
	users    []omnidesk.User
	entry    int64
	next     int64
	edited   map[string]bool // messages whose text was changed after a night in which they may have been brought over
	gone     map[int64]bool  // tickets that were deleted, or merged into another
	happened map[string]int
}

func newOldHelpdesk(seed uint64, n int) *oldHelpdesk {
	h := &oldHelpdesk{random: rand.New(rand.NewPCG(seed, 30)), now: time.Date(2026, 1, 5, 18, 0, 0, 0, time.UTC), tickets: map[int64]omnidesk.Ticket{},
		entry: 9_000_000, edited: map[string]bool{}, gone: map[int64]bool{}, happened: map[string]int{}}
	h.account = omnidesk.New(omnidesk.Options{Clock: func() time.Time { return h.now }})
	desk := omnidesk.Generate(seed, n)
	h.account.Load(desk)
	h.users = desk.Users
	for _, t := range desk.Tickets {
		h.tickets[t.ID] = t
		h.next = max(h.next, t.ID+1)
	}
	return h
}

// any is a ticket that people may work on, of which one can be read back from the target: it has a message.
func (h *oldHelpdesk) any() omnidesk.Ticket {
	var ids []int64
	for id, t := range h.tickets {
		if slices.ContainsFunc(t.Timeline, says) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return h.tickets[ids[h.random.IntN(len(ids))]]
}

func says(e omnidesk.Entry) bool { return e.Type == omnidesk.TypeMessage && e.Content != "" }

// put shows a changed ticket to the world.
func (h *oldHelpdesk) put(t omnidesk.Ticket) {
	t.Updated = h.tick()
	h.tickets[t.ID] = t
	h.account.Load(omnidesk.Helpdesk{Tickets: []omnidesk.Ticket{t}})
}

// tick is a moment later: last_update has seconds.
func (h *oldHelpdesk) tick() time.Time {
	h.now = h.now.Add(time.Duration(1+h.random.IntN(600)) * time.Second)
	return h.now
}

func (h *oldHelpdesk) message(t *omnidesk.Ticket, at time.Time, text string) omnidesk.Entry {
	h.entry++
	e := omnidesk.Entry{Type: omnidesk.TypeMessage, ID: h.entry, Created: at, ChannelID: t.ChannelID, Direction: "inbound", From: t.From, FromName: t.FromName,
		To: t.To, ToName: t.ToName, Content: text}
	if h.random.IntN(3) == 0 {
		u := h.users[h.random.IntN(len(h.users))]
		e.Direction, e.From, e.FromName, e.To, e.ToName, e.UserID, e.UserName = "outbound", t.To, u.Name, t.From, t.FromName, u.ID, u.Name
	}
	return e
}

// day lets people work: new tickets, answers, late and edited messages, other states and assignees, merges and deletions.
func (h *oldHelpdesk) day() {
	h.now = h.now.Add(15 * time.Hour)
	for range 3 + h.random.IntN(6) {
		h.work()
	}
	h.now = h.now.Truncate(24 * time.Hour).Add(42 * time.Hour) // 18:00 of the next day
}

func (h *oldHelpdesk) work() {
	kinds := []struct {
		name string
		do   func()
	}{
		{"new ticket", h.ask}, {"new ticket", h.ask}, {"message", h.answer}, {"message", h.answer}, {"message", h.answer}, {"note", h.remark}, {"late message", h.late},
		{"edited message", h.edit}, {"status", h.status}, {"status", h.status}, {"assignee", h.assign}, {"merge", h.merge}, {"deletion", h.remove},
	}
	k := kinds[h.random.IntN(len(kinds))]
	k.do()
	h.happened[k.name]++
}

func (h *oldHelpdesk) ask() {
	like := h.any()
	at := h.tick()
	t := omnidesk.Ticket{ID: h.next, Title: fmt.Sprintf("Vraag %d", h.next), Status: "new", Priority: "medium", Direction: "inbound", BrandID: like.BrandID,
		BrandName: like.BrandName, ChannelID: 1, AccountID: "1", From: fmt.Sprintf("klant%d@example.org", h.next), FromName: "Klant", To: "service@noorderlicht.test", Created: at}
	h.next++
	first := h.message(&t, at, "Wanneer komt mijn bestelling?")
	first.Direction, first.From, first.FromName, first.To, first.UserID, first.UserName = "inbound", t.From, t.FromName, t.To, 0, ""
	t.Timeline = []omnidesk.Entry{first}
	h.put(t)
}

func (h *oldHelpdesk) answer() {
	t := h.any()
	t.Timeline = append(slices.Clip(t.Timeline), h.message(&t, h.tick(), fmt.Sprintf("Bericht %d", h.entry)))
	h.put(t)
}

func (h *oldHelpdesk) remark() {
	t := h.any()
	u := h.users[h.random.IntN(len(h.users))]
	h.entry++
	t.Timeline = append(slices.Clip(t.Timeline), omnidesk.Entry{Type: omnidesk.TypeNote, ID: h.entry, Created: h.tick(), Content: "Gebeld.", UserID: u.ID, UserName: u.Name})
	h.put(t)
}

// late is a message that the old helpdesk learns of weeks after it was written.
func (h *oldHelpdesk) late() {
	t := h.any()
	t.Timeline = append([]omnidesk.Entry{h.message(&t, h.now.Add(-30*24*time.Hour), "Te laat bezorgd")}, t.Timeline...)
	h.put(t)
}

func (h *oldHelpdesk) edit() {
	t := h.any()
	t.Timeline = slices.Clone(t.Timeline)
	i := slices.IndexFunc(t.Timeline, says)
	t.Timeline[i].Content += " (verbeterd)"
	h.edited[fmt.Sprintf("message-%d", t.Timeline[i].ID)] = true
	h.put(t)
}

func (h *oldHelpdesk) status() {
	t := h.any()
	if t.Status = "solved"; h.random.IntN(3) == 0 {
		t.Status = "open"
	}
	if t.Closed = (time.Time{}); t.Status == "solved" {
		t.Closed = h.tick()
	}
	h.put(t)
}

func (h *oldHelpdesk) assign() {
	t := h.any()
	t.UserID = h.users[h.random.IntN(len(h.users))].ID
	h.put(t)
}

// merge moves all of one ticket into another; the first is no longer listed.
func (h *oldHelpdesk) merge() {
	from, to := h.any(), h.any()
	if from.ID == to.ID {
		return
	}
	to.Timeline = append(slices.Clip(to.Timeline), from.Timeline...)
	h.put(to)
	h.drop(from.ID)
}

func (h *oldHelpdesk) remove() { h.drop(h.any().ID) }

func (h *oldHelpdesk) drop(id int64) {
	delete(h.tickets, id)
	h.gone[id] = true
	h.account.Remove(id)
}
