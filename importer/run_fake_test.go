package importer_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// fault is what the fake target does with a write.
type fault string

const (
	fine       fault = "fine"
	notSent    fault = "not sent"
	limited    fault = "limited"
	lostBefore fault = "lost before the commit"
	lostAfter  fault = "lost after the commit"
	late       fault = "commit after the client gave up"
	refuse     fault = "refused"
	tooLarge   fault = "too large"
	partial    fault = "partial"
	gone       fault = "gone"
	conflict   fault = "conflict, being there"
	conflicted fault = "conflict, nothing to see"
	web        fault = "web page after the commit"
	password   fault = "wrong password"
)

// commitDelay is how long after the client gave up a late commit lands.
const commitDelay = 3 * time.Second

// stored is a ticket of the fake target.
type stored struct {
	importer.Stored
	made time.Time
}

// world is a target in memory. It outlives the processes that import into it.
type world struct {
	mu      sync.Mutex
	script  []fault       // by write, in order; fine when it is at its end
	lag     time.Duration // until Find and Sweep see a ticket
	down    time.Duration // Alive fails for so long after a lost write
	delay   time.Duration // each write takes so long
	lastID  int64
	tickets []*stored
	lost    time.Time
	writes  []string // "create t1 3", "append t1 t1/2", as they arrive
	finds   int
	sweeps  int
	reads   int
	knocks  int
	busy    int
	busiest int
	hands   map[string]int // creates in flight by customer
	crowded bool           // two first creates of one customer were in flight together
}

func (w *world) next() fault {
	if len(w.script) == 0 {
		return fine
	}
	f := w.script[0]
	w.script = w.script[1:]
	return f
}

func failure(kind importer.FaultKind, text fault) error {
	return &importer.Fault{Kind: kind, Err: errors.New(string(text))}
}

func (w *world) Create(work *importer.Work, n int) (*importer.Request, error) {
	ids := slices.Clone(work.MessageIDs[:n])
	body := fmt.Sprintf("create %s %d", work.Key, n)
	return w.request(body, work.Ticket.Customer.Email, func(f fault) (importer.Stored, func(part int) importer.Stored) {
		return importer.Stored{}, func(part int) importer.Stored {
			t := &stored{made: time.Now()}
			w.lastID++
			t.ID, t.ExternalID, t.UpdatedDatetime = importer.TicketID(w.lastID), work.ExternalID, time.Now()
			w.add(t, ids[:part]...)
			w.tickets = append(w.tickets, t)
			return t.copy()
		}
	}, n)
}

func (w *world) Append(id importer.TicketID, work *importer.Work, i int) (*importer.Request, error) {
	external := work.MessageIDs[i]
	body := fmt.Sprintf("append %s %s", work.Key, external)
	return w.request(body, "", func(fault) (importer.Stored, func(int) importer.Stored) {
		return importer.Stored{}, func(int) importer.Stored {
			t := w.ticket(id)
			if t == nil {
				return importer.Stored{}
			}
			w.add(t, external)
			t.UpdatedDatetime = time.Now()
			return importer.Stored{ID: id, Messages: slices.Clone(t.Messages[len(t.Messages)-1:])}
		}
	}, 1)
}

func (w *world) add(t *stored, ids ...string) {
	for _, id := range ids {
		w.lastID++
		t.Messages = append(t.Messages, importer.StoredMessage{ID: importer.MessageID(w.lastID), ExternalID: id})
	}
}

func (w *world) ticket(id importer.TicketID) *stored {
	for _, t := range w.tickets {
		if t.ID == id {
			return t
		}
	}
	return nil
}

func (t *stored) copy() importer.Stored {
	s := t.Stored
	s.Messages = slices.Clone(t.Messages)
	return s
}

type commits func(fault) (importer.Stored, func(part int) importer.Stored)

func (w *world) request(body, customer string, effect commits, n int) (*importer.Request, error) {
	return &importer.Request{Sum: sha256.Sum256([]byte(body)), Send: func(ctx context.Context) (importer.Stored, error) {
		w.arrive(body, customer)
		if w.delay > 0 {
			select {
			case <-time.After(w.delay):
			case <-ctx.Done():
				w.mu.Lock()
				defer w.mu.Unlock()
				w.leave(customer)
				w.lost = time.Now()
				_, commit := effect(lostAfter)
				commit(n)
				return importer.Stored{}, failure(importer.Lost, "cancelled")
			}
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		defer w.leave(customer)
		f := w.next()
		_, commit := effect(f)
		switch f {
		case notSent:
			return importer.Stored{}, failure(importer.NotSent, f)
		case limited:
			return importer.Stored{}, &importer.Fault{Kind: importer.Limited, After: 7 * time.Second, Err: errors.New("429")}
		case lostBefore:
			w.lost = time.Now()
			return importer.Stored{}, failure(importer.Lost, f)
		case lostAfter:
			w.lost = time.Now()
			commit(n)
			return importer.Stored{}, failure(importer.Lost, f)
		case late:
			w.lost = time.Now()
			time.AfterFunc(commitDelay, func() {
				w.mu.Lock()
				defer w.mu.Unlock()
				commit(n)
			})
			return importer.Stored{}, failure(importer.Lost, f)
		case refuse:
			return importer.Stored{}, failure(importer.Refused, f)
		case tooLarge:
			if n > 1 {
				w.script = append([]fault{tooLarge}, w.script...)
				return importer.Stored{}, failure(importer.TooLarge, f)
			}
			return commit(n), nil
		case partial:
			return commit(max(1, n-1)), nil
		case gone:
			if strings.HasPrefix(body, "create") {
				return commit(n), nil
			}
			return importer.Stored{}, failure(importer.Gone, f)
		case conflict:
			commit(n)
			return importer.Stored{}, failure(importer.Conflict, f)
		case conflicted:
			return importer.Stored{}, failure(importer.Conflict, f)
		case web:
			commit(n)
			return importer.Stored{}, &importer.Fault{Kind: importer.Stop, Doubtful: true, Err: errors.New("a web page")}
		case password:
			return importer.Stored{}, &importer.Fault{Kind: importer.Stop, Err: errors.New("401")}
		}
		return commit(n), nil
	}}, nil
}

func (w *world) arrive(body, customer string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes = append(w.writes, body)
	w.busy++
	w.busiest = max(w.busiest, w.busy)
	if customer == "" {
		return
	}
	if w.hands == nil {
		w.hands = map[string]int{}
	}
	if w.hands[customer]++; w.hands[customer] == 2 {
		w.crowded = true
	}
}

func (w *world) leave(customer string) {
	w.busy--
	if customer != "" {
		w.hands[customer]--
	}
}

func (w *world) Find(_ context.Context, external string) (ids []importer.TicketID, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finds++
	for _, t := range w.tickets {
		if t.ExternalID == external && time.Since(t.made) >= w.lag {
			ids = append(ids, t.ID)
		}
	}
	return ids, nil
}

func (w *world) Read(_ context.Context, id importer.TicketID) (importer.Stored, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads++
	t := w.ticket(id)
	if t == nil {
		return importer.Stored{}, failure(importer.Gone, "404")
	}
	return t.copy(), nil
}

func (w *world) Sweep(_ context.Context, since time.Time) iter.Seq2[importer.Found, error] {
	return func(yield func(importer.Found, error) bool) {
		w.mu.Lock()
		w.sweeps++
		var all []importer.Found
		for _, t := range w.tickets {
			if time.Since(t.made) >= w.lag && !t.UpdatedDatetime.Before(since) {
				all = append(all, importer.Found{ID: t.ID, ExternalID: t.ExternalID, UpdatedDatetime: t.UpdatedDatetime})
			}
		}
		w.mu.Unlock()
		slices.SortFunc(all, func(a, b importer.Found) int {
			return -cmp.Compare(a.UpdatedDatetime.UnixNano(), b.UpdatedDatetime.UnixNano())
		})
		for _, f := range all {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func (w *world) Alive(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.knocks++
	if time.Since(w.lost) < w.down {
		return failure(importer.NotSent, "down")
	}
	return nil
}

// holds tells how often the target has each message, by its ticket's and its own external id.
func (w *world) holds() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]int{}
	for _, t := range w.tickets {
		for _, m := range t.Messages {
			out[t.ExternalID+" "+m.ExternalID]++
		}
	}
	return out
}
