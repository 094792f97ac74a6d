package files

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Item is a file of an export.
type Item struct {
	Ticket string
	Source Source
}

// Rescue fetches the files of an export before their links expire.
type Rescue struct {
	Keeper   *Keeper
	Parallel int            // 0: 8
	Each     func(*Rescued) // called from one goroutine at a time, after each file; nil: nobody looks
}

// Rescued is what became of an export's files. Its JSON form is stable. Files = AtHand + InExport + Missing.
type Rescued struct {
	Version      int            `json:"version"`
	Files        int64          `json:"files"`     // attachments, and images in texts on hosts that were named
	AtHand       int64          `json:"at_hand"`   // kept, from this run or an earlier one
	InExport     int64          `json:"in_export"` // they carry their bytes: nothing to fetch
	Missing      int64          `json:"missing"`
	Bytes        int64          `json:"bytes"`         // of those at hand, a content that comes twice counted twice
	Fetched      int64          `json:"fetched"`       // by this run
	FetchedBytes int64          `json:"fetched_bytes"` // by this run
	Outcomes     []OutcomeCount `json:"outcomes"`      // of the missing
	Hosts        []HostCount    `json:"hosts"`         // most files first, maxListedHosts at most
}

// OutcomeCount counts the files that are missing for one reason.
type OutcomeCount struct {
	Code     Code      `json:"code"`
	Text     string    `json:"text"`
	Hint     string    `json:"hint"`
	Count    int64     `json:"count"`
	Examples []Example `json:"examples"` // the first
}

// Example is a file that is missing. It has no URL: there may be a token in it.
type Example struct {
	Ticket string `json:"ticket"`
	Name   string `json:"name"`
	Host   string `json:"host"`
	Detail string `json:"detail"`
}

// HostCount counts the files of a host.
type HostCount struct {
	Host    string `json:"host"`
	Files   int64  `json:"files"`
	Missing int64  `json:"missing"`
	Bytes   int64  `json:"bytes"`
}

const (
	rescuedVersion = 1
	maxExamples    = 5
	maxListedHosts = 100
)

// Do fetches all items. The account is as far as it came when there is an error: broken plumbing, or ctx's.
func (r Rescue) Do(ctx context.Context, items iter.Seq2[Item, error]) (*Rescued, error) {
	out := &tally{Rescued: Rescued{Version: rescuedVersion}, keeper: r.Keeper, byCode: map[Code]*OutcomeCount{}, byHost: map[string]*HostCount{}}
	n := r.Parallel
	if n <= 0 {
		n = 8
	}
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(n)
	var broken error
	for item, err := range items {
		if broken = err; err != nil || inner.Err() != nil {
			break
		}
		if item.Source.Data != "" {
			out.add(item, File{}, nil, r.Each)
			continue
		}
		g.Go(func() error {
			f, err := r.Keeper.Get(inner, item.Source)
			if _, missing := CodeOf(err); err != nil && !missing {
				return err
			}
			out.add(item, f, err, r.Each)
			return nil
		})
	}
	err := cmp.Or(g.Wait(), broken, ctx.Err())
	return out.finish(), err
}

// tally is a [Rescued] in the making.
type tally struct {
	Rescued
	keeper *Keeper
	mu     sync.Mutex
	byCode map[Code]*OutcomeCount
	byHost map[string]*HostCount
}

func (t *tally) add(item Item, f File, err error, each func(*Rescued)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Files++
	if item.Source.Data != "" {
		t.InExport++
	} else {
		t.fetched(item, f, err)
	}
	t.Rescued.Fetched, t.FetchedBytes = t.keeper.Fetched()
	if each != nil {
		each(&t.Rescued)
	}
}

func (t *tally) fetched(item Item, f File, err error) {
	name := clip(HostOf(item.Source.URL))
	if name == "" {
		name = "no valid address"
	}
	host := t.byHost[name]
	if host == nil {
		host = &HostCount{Host: name}
		if len(t.byHost) < maxHosts {
			t.byHost[name] = host
		}
	}
	host.Files++
	if err == nil {
		t.AtHand++
		t.Bytes += f.Size
		host.Bytes += f.Size
		return
	}
	t.Missing++
	host.Missing++
	code, _ := CodeOf(err)
	c := t.byCode[code]
	if c == nil {
		c = &OutcomeCount{Code: code, Text: code.Text(), Hint: code.Hint(), Examples: []Example{}}
		t.byCode[code] = c
	}
	c.Count++
	if len(c.Examples) < maxExamples {
		c.Examples = append(c.Examples, Example{Ticket: item.Ticket, Name: NameOf(item.Source), Host: name, Detail: detailOf(err)})
	}
}

func detailOf(err error) string {
	if m, ok := err.(*Missing); ok {
		return m.Detail
	}
	return ""
}

func (t *tally) finish() *Rescued {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.Rescued
	out.Outcomes, out.Hosts = []OutcomeCount{}, []HostCount{}
	for _, code := range slices.Sorted(maps.Keys(t.byCode)) {
		out.Outcomes = append(out.Outcomes, *t.byCode[code])
	}
	slices.SortStableFunc(out.Outcomes, func(a, b OutcomeCount) int { return cmp.Compare(b.Count, a.Count) })
	for _, name := range slices.Sorted(maps.Keys(t.byHost)) {
		out.Hosts = append(out.Hosts, *t.byHost[name])
	}
	slices.SortStableFunc(out.Hosts, func(a, b HostCount) int { return cmp.Compare(b.Files, a.Files) })
	out.Hosts = out.Hosts[:min(len(out.Hosts), maxListedHosts)]
	return &out
}
