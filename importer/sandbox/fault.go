package sandbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// kind is what sort of thing a fault does.
type kind uint8

const (
	answers kind = iota // a status, a page or a redirect instead of the answer
	drops               // the connection goes
	late                // done after the client has given up
	slow                // answered later
	lags                // found later
	partial             // done in part
	agents              // an agent acts on the ticket afterwards
)

// normal checks a fault and completes its name: a status alone means before.
func (f Fault) normal() (Fault, error) {
	base, phase, phased := strings.Cut(f.Do, "-")
	k, err := f.kind()
	switch {
	case err != nil:
		return f, err
	case k == answers && !phased:
		f.Do += "-before"
	case k == answers && phase != "before" && phase != "after":
		return f, fmt.Errorf("write %s-before or %s-after", base, base)
	}
	switch {
	case f.Delay < 0 || f.Count < 0 || f.Nth < 0 || f.Every < 0 || f.Times < 0 || f.Last < -1:
		return f, errors.New("a number is negative")
	case f.Percent < 0 || f.Percent > 100:
		return f, errors.New("the percentage is not between 0 and 100")
	case f.Nth > 0 && f.Every > 0, f.Last != 0 && f.Nth == 0:
		return f, errors.New("say either which request or every how many")
	case f.Delay == 0 && (k == slow || k == lags):
		return f, fmt.Errorf("%s needs a time, as in %s:2s", f.Do, f.Do)
	case f.Count > 0 && k != partial:
		return f, fmt.Errorf("%d means nothing here: write %ds for a time, @%d for which request", f.Count, f.Count, f.Count)
	case f.Delay > 0 && (k == drops || k == partial || (k == answers && base != "429")):
		return f, fmt.Errorf("%s takes no time", f.Do)
	}
	if _, err := path.Match(f.Path, ""); err != nil || (f.Path != "" && !strings.HasPrefix(f.Path, "/")) {
		return f, fmt.Errorf("%q is not a path pattern such as /api/tickets/*/messages", f.Path)
	}
	if f.Method != "" && !strings.Contains(" GET POST PUT DELETE ", " "+f.Method+" ") {
		return f, fmt.Errorf("%q is not GET, POST, PUT or DELETE", f.Method)
	}
	return f, nil
}

func (f Fault) kind() (kind, error) {
	switch f.Do {
	case "drop-before", "drop-after", "cut-after":
		return drops, nil
	case "late", "hang":
		return late, nil
	case "slow":
		return slow, nil
	case "lag", "lag-list":
		return lags, nil
	case "partial":
		return partial, nil
	case "merged", "deleted", "trashed", "spam", "touched":
		return agents, nil
	case "drop", "cut":
		return 0, errors.New("write drop-before, drop-after or cut-after")
	}
	base, _, _ := strings.Cut(f.Do, "-")
	switch base {
	case "html", "redirect", "quota", "truncated":
		return answers, nil
	}
	if n, err := strconv.Atoi(base); err == nil && n >= 300 && n <= 599 {
		return answers, nil
	}
	return 0, errors.New("no such fault: there are a status (503-before, 503-after), quota, html, truncated, redirect, drop-before, " +
		"drop-after, cut-after, late, hang, slow, lag, lag-list, partial, merged, deleted, trashed, spam and touched")
}

// matches tells whether the fault may strike a request of this method and path.
func (f Fault) matches(method, at string) bool {
	if f.Method != "" && f.Method != method {
		return false
	}
	if f.Path != "" {
		ok, err := path.Match(f.Path, at)
		return ok && err == nil
	}
	newTicket := method == http.MethodPost && at == "/api/tickets"
	newMessage, _ := path.Match("/api/tickets/*/messages", at)
	k, err := f.kind()
	switch {
	case err != nil:
		return false
	case k == lags || k == partial:
		return newTicket
	case k == agents:
		return newTicket || (newMessage && method == http.MethodPost)
	case k == late:
		return method != http.MethodGet
	}
	return true
}

// Script plays [Faults]: it counts the requests that each fault matches and says which faults strike. The zero value
// holds none. It is safe for use by many goroutines.
type Script struct {
	mu     sync.Mutex
	script Faults
	seen   []int // matching requests of each fault
	struck []int
}

// Set replaces the script and starts its counts afresh.
func (j *Script) Set(f Faults) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.script, j.seen, j.struck = f, make([]int, len(f.List)), make([]int, len(f.List))
}

// Strike counts a request and returns the faults that strike it, in the script's order.
func (j *Script) Strike(method, at string) []Fault {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []Fault
	for i, f := range j.script.List {
		if !f.matches(method, at) {
			continue
		}
		j.seen[i]++
		if j.hits(i, f) {
			j.struck[i]++
			out = append(out, f)
		}
	}
	return out
}

func (j *Script) hits(i int, f Fault) bool {
	n := j.seen[i]
	switch {
	case f.Times > 0 && j.struck[i] >= f.Times:
		return false
	case f.Every > 0 && n%f.Every != 0:
		return false
	case f.Nth > 0 && f.Last == 0 && n != f.Nth:
		return false
	case f.Nth > 0 && n < f.Nth, f.Last > 0 && n > f.Last:
		return false
	case f.Percent > 0:
		return rand.New(rand.NewPCG(j.script.Seed, uint64(i)<<40|uint64(n))).Float64()*100 < f.Percent
	}
	return true
}

// Total is how often anything struck.
func (j *Script) Total() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	var n int64
	for _, s := range j.struck {
		n += int64(s)
	}
	return n
}

// plan is what the struck faults come to for one request.
type plan struct {
	answer *Fault // the one that answers, drops or delays the commit
	slow   time.Duration
	fx     *effects
}

func newPlan(struck []Fault) plan {
	p := plan{fx: &effects{}}
	for i := range struck {
		f := &struck[i]
		switch k, _ := f.kind(); k {
		case answers, drops, late:
			if p.answer == nil {
				p.answer = f
			}
		case slow:
			p.slow += f.Delay
		case lags:
			if f.Do == "lag-list" {
				p.fx.lagList = max(p.fx.lagList, f.Delay)
			}
			p.fx.lag = max(p.fx.lag, f.Delay)
		case partial:
			p.fx.partial = f
		case agents:
			p.fx.agents = append(p.fx.agents, *f)
		}
	}
	return p
}

// effects are what faults change about how a request is carried out.
type effects struct {
	lag, lagList time.Duration
	partial      *Fault
	agents       []Fault
	tickets      []int64 // that the request made or changed
}

// keep is how many of n messages are stored.
func (e *effects) keep(n int) int {
	switch {
	case e.partial == nil || n < 2:
		return n
	case e.partial.Count > 0:
		return min(n, e.partial.Count)
	}
	return n / 2
}

func (e *effects) touch(ticket int64) { e.tickets = append(e.tickets, ticket) }
