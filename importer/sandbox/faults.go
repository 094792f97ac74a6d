package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// Faults is a script of what goes wrong. The zero value: nothing does. See [ParseFaults] for its text form.
type Faults struct {
	Seed uint64  // decides the faults given by percentage, together with the count of matching requests
	List []Fault // judged in order; the first that answers or drops a request wins, the others add to it
}

// Fault is one thing that goes wrong with the requests it matches: with all of them, unless Nth, Every or Percent
// say which.
type Fault struct {
	// Do is what happens: a status with "-before" or "-after" the commit ("503-before"), "drop-before",
	// "drop-after", "cut-after", "html-…", "truncated-…", "redirect-…", "quota-…", "late", "hang", "slow", "lag", "lag-list",
	// "partial", "merged", "deleted", "trashed", "spam", "touched".
	Do      string
	Delay   time.Duration // of late, hang, slow, lag, lag-list; when an agent acts; of 429, the Retry-after
	Count   int           // of partial: how many messages are stored; zero: half of them
	Nth     int           // the matching requests from Nth …
	Last    int           // … to Last; zero: only Nth; -1: all that follow
	Every   int           // each Every-th matching request
	Percent float64       // of the matching requests
	Times   int           // at most so often; zero: no limit
	Method  string        // "": any that makes sense
	Path    string        // a pattern of path.Match, "/api/tickets/*/messages"; "": any that makes sense
}

// ParseFaults reads a script, as text or as JSON.
//
// Text is a list of faults, separated by commas, semicolons or line ends; "#" begins a comment. A fault is
//
//	WHAT [:DELAY] [:PERCENT%] [:TIMESx] [:COUNT] [@WHEN] [on [METHOD] [PATH]]
//
//	503, 503-before   any status from 300 to 599, and nothing was done (3xx points to the same address)
//	503-after         the same answer, but it was done
//	429:5s            refused with Retry-after: 5
//	quota             403 "Messaging quota exceeded."
//	truncated         200 with half of the JSON answer; -before is meant, -after is possible
//	html, redirect    200 with an HTML page; 302 to a login page; -before is meant, -after is possible
//	drop-before       the connection is dropped and nothing was done
//	drop-after        it was done, and the connection is dropped
//	cut-after         it was done, and the connection is dropped half-way through the answer
//	late:2s           the connection is dropped at once; it is done 2 s later
//	hang:2s           no answer until the client gives up; it is done 2 s after that
//	slow:3s           it is done, the answer comes 3 s later
//	lag:30s           a new ticket is not found by its external_id for 30 s
//	lag-list:30s      nor in any listing
//	partial, partial:2  a new ticket keeps half of its messages, or the first 2
//	merged:1m         an agent merges the ticket into another a minute after the request (without a time: at once)
//	deleted trashed spam touched   the same: deleted, put into the trash, marked as spam, answered by an agent
//
// WHEN counts the requests that the fault matches: "@7" the seventh, "@7..12", "@7.." all from then on, "@*/20"
// every twentieth. "5%" strikes one in twenty, decided by the seed and the count; "3x" stops after three. Without METHOD and
// PATH a fault matches every request to the API, but those that need a write match writes only (lag, lag-list and
// partial: new tickets; what agents do: new tickets and messages). "seed=42" sets the seed.
//
//	drop-after:5%, 503-before@7, late:2s@20 on POST /api/tickets, seed=3
//
// JSON is a list of objects, or an object with "seed" and "faults". Their names are do, delay ("2s"), count, nth, last,
// every, percent, times, method and path.
func ParseFaults(script string) (Faults, error) {
	text := strings.TrimSpace(script)
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") {
		return parseFaultsJSON(text)
	}
	var f Faults
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		for _, item := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ';' }) {
			if item = strings.TrimSpace(item); item == "" {
				continue
			}
			if seed, ok := strings.CutPrefix(item, "seed="); ok {
				n, err := strconv.ParseUint(seed, 10, 64)
				if err != nil {
					return Faults{}, fmt.Errorf("fault script: %q: the seed is not a whole number", item)
				}
				f.Seed = n
				continue
			}
			one, err := parseFault(item)
			if err != nil {
				return Faults{}, fmt.Errorf("fault script: %q: %w", item, err)
			}
			f.List = append(f.List, one)
		}
	}
	return f, nil
}

func parseFault(item string) (Fault, error) {
	words := strings.Fields(item)
	var f Fault
	head, when, hasWhen := strings.Cut(words[0], "@")
	parts := strings.Split(head, ":")
	f.Do = parts[0]
	for _, arg := range parts[1:] {
		if err := f.argument(arg); err != nil {
			return Fault{}, err
		}
	}
	if hasWhen {
		if err := f.when(when); err != nil {
			return Fault{}, err
		}
	}
	if len(words) > 1 {
		if words[1] != "on" || len(words) > 4 || len(words) == 2 {
			return Fault{}, fmt.Errorf("after the fault only %q may follow", "on METHOD PATH")
		}
		for _, w := range words[2:] {
			if strings.HasPrefix(w, "/") {
				f.Path = w
			} else {
				f.Method = strings.ToUpper(w)
			}
		}
	}
	return f.normal()
}

func (f *Fault) argument(arg string) error {
	if p, ok := strings.CutSuffix(arg, "%"); ok {
		n, err := strconv.ParseFloat(p, 64)
		if err != nil || !(n > 0 && n <= 100) {
			return fmt.Errorf("%q is not a percentage above 0 and up to 100", arg)
		}
		f.Percent = n
		return nil
	}
	if x, ok := strings.CutSuffix(arg, "x"); ok {
		n, err := strconv.Atoi(x)
		if err != nil || n < 1 {
			return fmt.Errorf("%q does not say how often, as 3x does", arg)
		}
		f.Times = n
		return nil
	}
	if n, err := strconv.Atoi(arg); err == nil && n > 0 {
		f.Count = n
		return nil
	}
	d, err := time.ParseDuration(arg)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is neither a time (2s), a percentage (5%%), a number of times (3x) nor a count (2)", arg)
	}
	f.Delay = d
	return nil
}

func (f *Fault) when(when string) error {
	if every, ok := strings.CutPrefix(when, "*/"); ok {
		n, err := strconv.Atoi(every)
		if err != nil || n < 1 {
			return fmt.Errorf("%q does not say every how many, as @*/20 does", "@"+when)
		}
		f.Every = n
		return nil
	}
	from, to, ranged := strings.Cut(when, "..")
	n, err := strconv.Atoi(from)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is none of @7, @7..12, @7.. and @*/20", "@"+when)
	}
	f.Nth = n
	if !ranged {
		return nil
	}
	if f.Last = -1; to != "" {
		if f.Last, err = strconv.Atoi(to); err != nil || f.Last < n {
			return fmt.Errorf("%q does not end after it begins", "@"+when)
		}
	}
	return nil
}

// String is the script again, in its text form.
func (f Faults) String() string {
	var items []string
	for _, one := range f.List {
		items = append(items, one.String())
	}
	if f.Seed != 0 {
		items = append(items, fmt.Sprintf("seed=%d", f.Seed))
	}
	return strings.Join(items, ", ")
}

// String is the fault in its text form.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.Do)
	if f.Delay > 0 {
		fmt.Fprintf(&b, ":%s", f.Delay)
	}
	if f.Percent > 0 {
		fmt.Fprintf(&b, ":%s%%", strconv.FormatFloat(f.Percent, 'f', -1, 64))
	}
	if f.Times > 0 {
		fmt.Fprintf(&b, ":%dx", f.Times)
	}
	if f.Count > 0 {
		fmt.Fprintf(&b, ":%d", f.Count)
	}
	switch {
	case f.Every > 0:
		fmt.Fprintf(&b, "@*/%d", f.Every)
	case f.Last == -1:
		fmt.Fprintf(&b, "@%d..", f.Nth)
	case f.Last > 0:
		fmt.Fprintf(&b, "@%d..%d", f.Nth, f.Last)
	case f.Nth > 0:
		fmt.Fprintf(&b, "@%d", f.Nth)
	}
	if f.Method != "" || f.Path != "" {
		b.WriteString(" on")
		for _, w := range []string{f.Method, f.Path} {
			if w != "" {
				b.WriteString(" " + w)
			}
		}
	}
	return b.String()
}

// parseFaultsJSON reads the JSON form; unknown names are errors.
func parseFaultsJSON(text string) (Faults, error) {
	type wire struct {
		Do      string  `json:"do"`
		Delay   string  `json:"delay"`
		Count   int     `json:"count"`
		Nth     int     `json:"nth"`
		Last    int     `json:"last"`
		Every   int     `json:"every"`
		Percent float64 `json:"percent"`
		Times   int     `json:"times"`
		Method  string  `json:"method"`
		Path    string  `json:"path"`
	}
	var script struct {
		Seed   uint64 `json:"seed"`
		Faults []wire `json:"faults"`
	}
	var err error
	if strings.HasPrefix(text, "[") {
		err = json.Unmarshal([]byte(text), &script.Faults, json.RejectUnknownMembers(true))
	} else {
		err = json.Unmarshal([]byte(text), &script, json.RejectUnknownMembers(true))
	}
	if err != nil {
		return Faults{}, fmt.Errorf("fault script: %w", err)
	}
	f := Faults{Seed: script.Seed}
	for i, w := range script.Faults {
		one := Fault{Do: w.Do, Count: w.Count, Nth: w.Nth, Last: w.Last, Every: w.Every, Percent: w.Percent, Times: w.Times,
			Method: strings.ToUpper(w.Method), Path: w.Path}
		if w.Delay != "" {
			if one.Delay, err = time.ParseDuration(w.Delay); err != nil {
				return Faults{}, fmt.Errorf("fault script: fault %d: %q is not a time such as 2s", i+1, w.Delay)
			}
		}
		if one, err = one.normal(); err != nil {
			return Faults{}, fmt.Errorf("fault script: fault %d: %w", i+1, err)
		}
		f.List = append(f.List, one)
	}
	return f, nil
}
