package omnidesk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"
)

const ticketRead = "TICKET_READ"

// list reads all lists at the same time: each waits for its last page before it can ask for the next, and one alone would leave
// much of the pace unused.
func (p *puller) list(ctx context.Context) error {
	p.listed, p.counts = map[string]bool{}, map[string][2]int{}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return p.listTickets(ctx, "tickets", "") })
	if a := p.o.Settings.Archived; a != "" {
		g.Go(func() error { return p.listTickets(ctx, "archived tickets", a) })
	}
	if !p.o.Settings.NoPeople {
		g.Go(func() (err error) {
			p.out.Users, err = p.listPeople(ctx, "users", "/user", usersName, "USER_READ", userPage)
			return err
		})
		g.Go(func() (err error) {
			p.out.Customers, err = p.listPeople(ctx, "customers", "/customer", customersName, "CUSTOMER_READ", customerPage)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	p.out.Listed = len(p.listed)
	return nil
}

func (p *puller) listTickets(ctx context.Context, what, archived string) error {
	s := p.o.Settings
	q := url.Values{}
	for name, value := range map[string]string{"applyView": s.View, "query": s.Query, "status": s.Status, "searchArchived": archived} {
		if value != "" {
			q.Set(name, value)
		}
	}
	l := &lister{
		client: p.client, page: s.page(), byPage: s.Paging == PagingPage,
		ask:     ask{doing: "listing " + what, path: "/ticket", query: q, permission: ticketRead},
		key:     func(row jsontext.Value) string { return p.ticketKey(row) },
		each:    p.plan,
		counted: func(rows, total int) { p.counted(what, rows, total) },
	}
	err := l.run(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.Again += l.Again
	p.out.Missing += l.Missing
	p.out.Mended += l.mended
	var no *refusal
	if errors.As(err, &no) && no.status == http.StatusNotFound {
		return fmt.Errorf("%w: there is no API v2 at %s: check the address, as https://acme.omnidesk.com/api/v2", err, p.client.base)
	}
	if errors.As(err, &no) && no.status == http.StatusBadRequest && len(q) > 0 {
		return fmt.Errorf("%w: check archived, view, query and status in source.api", err)
	}
	return err
}

// namelessKey begins the keys of rows without an id, which no id can.
const namelessKey = "\x00"

// ticketKey is a row's id; of one without a usable id, a hash.
func (p *puller) ticketKey(row jsontext.Value) string {
	if id := rowID(row); safeID(id) {
		return id
	}
	return rowHash(row)
}

func rowID(row []byte) string {
	all, err := members(row)
	if err != nil {
		return ""
	}
	for _, m := range all {
		if m.name == "id" {
			return idText(m.value)
		}
	}
	return ""
}

func rowHash(row []byte) string {
	return namelessKey + strconv.FormatUint(xxh3.Hash(row), 16)
}

// plan decides whether a listed ticket is read.
func (p *puller) plan(id string, row jsontext.Value) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if id[:1] == namelessKey {
		p.out.Nameless++
		return nil
	}
	if p.listed[id] {
		return nil // live and archived
	}
	p.listed[id] = true
	version := rowVersion(row)
	if version == "" {
		p.out.Unversed++
		compact := row.Clone()
		if err := compact.Compact(lenient()); err != nil {
			return fmt.Errorf("listing tickets: %w", err)
		}
		version = "row:" + rowHash(compact)[1:]
	}
	if p.snap.has(id, version) {
		p.out.Unchanged++
		return nil
	}
	p.wanted = append(p.wanted, wanted{id, version})
	return nil
}

func rowVersion(row []byte) string {
	all, err := members(row)
	if err != nil {
		return ""
	}
	for _, m := range all {
		if m.name == "last_update" {
			return text(m.value)
		}
	}
	return ""
}

// counted adds up how far the lists are.
func (p *puller) counted(what string, rows, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[what] = [2]int{rows, max(total, rows)}
	var done, all int64
	for _, n := range p.counts {
		done, all = done+int64(n[0]), all+int64(n[1])
	}
	p.progress(PhaseListing, done, all)
}

// listPeople writes a list of people to its file and returns how many are listed.
func (p *puller) listPeople(ctx context.Context, what, path, name, permission string, most int) (int, error) {
	var l *lister
	key := func(row []byte) string {
		if id := rowID(row); id != "" {
			return id
		}
		return rowHash(row)
	}
	kept, err := p.snap.replacePeople(name, key, func(write func([]byte) error) (map[string]bool, error) {
		l = &lister{
			client: p.client, page: min(p.o.Settings.page(), most), byPage: p.o.Settings.Paging == PagingPage,
			ask: ask{doing: "listing " + what, path: path, permission: permission, without: ", or set source.api: { people: no } to go without users and customers"},
			key: func(row jsontext.Value) string { return key(row) },
			each: func(_ string, row jsontext.Value) error {
				line := row.Clone()
				if err := line.Compact(lenient()); err != nil {
					return fmt.Errorf("listing %s: %w", what, err)
				}
				return write(line)
			},
			counted: func(rows, total int) { p.counted(what, rows, total) },
		}
		err := l.run(ctx)
		var no *refusal
		if errors.As(err, &no) {
			err = fmt.Errorf("%w: set source.api: { people: no } to go without users and customers", err)
		}
		return l.seen, err
	})
	if err != nil {
		return 0, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.PeopleGone += kept
	p.out.PeopleMissing += l.Missing
	p.out.Mended += l.mended
	return l.Rows, nil
}
