package main

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/sandbox/omnidesk"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

const omnideskBase = omnidesk.Base

// omnideskSeed decides what the made-up helpdesk is; it is the same every time, so that rehearsals can be compared.
const omnideskSeed = 1

// newOmnidesk makes and fills the Omnidesk account that the flags describe; nil without --omnidesk.
func newOmnidesk(ctx context.Context, c *cli.Context, std streams) (*omnidesk.Server, error) {
	seed := c.StringSlice("omnidesk-seed")
	tickets := c.Int("omnidesk-tickets")
	switch {
	case c.String("omnidesk") == "":
		for _, name := range []string{"omnidesk-seed", "omnidesk-mapping", "omnidesk-faults", "omnidesk-quota", "omnidesk-tickets"} {
			if c.IsSet(name) {
				return nil, usagef("--%s needs --omnidesk, the address to serve on", name)
			}
		}
		return nil, nil
	case c.String("omnidesk-mapping") != "" && len(seed) == 0:
		return nil, usagef("--omnidesk-mapping needs --omnidesk-seed, the export to fill the account from")
	case len(seed) > 0 && c.IsSet("omnidesk-tickets"):
		return nil, usagef("both --omnidesk-seed and --omnidesk-tickets are given; leave one out")
	case tickets < 0 || tickets > 1_000_000:
		return nil, usagef("--omnidesk-tickets %d: it is 0 to 1000000", tickets)
	case c.Int("omnidesk-quota") < 0:
		return nil, usagef("--omnidesk-quota %d: it is at least 0", c.Int("omnidesk-quota"))
	}
	faults, err := omnidesk.ParseFaults(c.String("omnidesk-faults"))
	if err != nil {
		return nil, usagef("%v", err)
	}
	key, err := secret(lookupEnv, "DESKFERRY_SANDBOX_OMNIDESK_KEY")
	if err != nil {
		return nil, err
	}
	s := omnidesk.New(omnidesk.Options{Key: key, Faults: faults, Quota: omnidesk.Quota{PerSecond: float64(c.Int("omnidesk-quota"))}})
	switch {
	case len(seed) == 0:
		s.Load(omnidesk.Generate(omnideskSeed, tickets))
	case c.String("omnidesk-mapping") == "":
		err = loadSaved(s, seed)
	default:
		err = loadExport(ctx, s, seed, c.String("omnidesk-mapping"), std)
	}
	if err != nil {
		return nil, fmt.Errorf("filling the Omnidesk sandbox: %w", err)
	}
	return s, nil
}

// loadSaved fills an account from v2 answers that were saved: files, or folders of .json, .ndjson and .jsonl, each also .gz.
func loadSaved(s *omnidesk.Server, paths []string) error {
	for _, path := range paths {
		found := 0
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			switch filepath.Ext(strings.TrimSuffix(name, ".gz")) {
			case ".json", ".ndjson", ".jsonl":
			default:
				if name != path {
					return nil
				}
			}
			found++
			return loadSavedFile(s, name)
		})
		if err != nil {
			return err
		}
		if found == 0 {
			return fmt.Errorf("%s holds no .json, .ndjson or .jsonl file", path)
		}
	}
	return nil
}

func loadSavedFile(s *omnidesk.Server, name string) (err error) {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	var r io.Reader = in
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		zipped, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer zipped.Close()
		r = zipped
	}
	h, err := omnidesk.ReadSaved(name, r, nil)
	if err != nil {
		return fmt.Errorf("%w; for an export of another helpdesk give its --omnidesk-mapping", err)
	}
	s.Load(h)
	return nil
}

// loadExport fills an account from any export: what deskferry would import, told in v2 terms.
func loadExport(ctx context.Context, s *omnidesk.Server, paths []string, name string, std streams) error {
	m, err := namedMapping(name, mapping.LoadOptions{})
	if err != nil {
		return err
	}
	set, err := sources.Open(ctx, paths, m.SourceOptions, std.in)
	if err != nil {
		return err
	}
	defer set.Close()
	job := &importer.Job{Source: set, Files: set.Files(), Mapping: m, Now: time.Now(), SendIncomplete: true}
	seed := seeder{users: map[string]int64{}, customers: map[string]int64{}, ids: map[int64]bool{}}
	var left int64
	for work, err := range job.Tickets(ctx, func(s *importer.Summary) { left = s.Records.Rejected }) {
		if err != nil {
			return err
		}
		seed.ticket(&work.Ticket)
	}
	if len(seed.out.Tickets) == 0 {
		return errors.New("the export gives no ticket; deskferry check says why")
	}
	if left > 0 {
		fmt.Fprintf(std.err, "deskferry: %s of the seed rejected, and not in the Omnidesk sandbox; deskferry check says why\n", count(left, "record"))
	}
	s.Load(seed.out)
	return nil
}

// seeder turns mapped tickets into those of the v2 API.
type seeder struct {
	out                           omnidesk.Helpdesk
	users, customers              map[string]int64 // by e-mail, else by id or name
	ids                           map[int64]bool   // of tickets
	lastTicket, lastRow, lastFile int64
}

func (s *seeder) ticket(m *mapping.Ticket) {
	t := omnidesk.Ticket{ID: s.ticketID(m.ExternalID), Title: m.Subject, Status: cmp.Or(m.Status, "open"), Priority: cmp.Or(m.Priority, "medium"),
		Direction: "inbound", BrandID: 1, BrandName: "Seed", AccountID: "0", ExternalID: m.ExternalID, Created: m.CreatedDatetime,
		CustomerID: s.customer(m.Customer), From: personAddress(m.Customer), FromName: m.Customer.Name, Closed: m.ClosedDatetime}
	t.ChannelID, _ = channelNumber(m.Channel)
	if !m.AssigneeUser.IsZero() {
		t.UserID = s.user(m.AssigneeUser)
	}
	if m.FromAgent {
		t.Direction = "outbound"
	}
	for i := range m.Messages {
		e := s.entry(&m.Messages[i], &t)
		t.Timeline = append(t.Timeline, e)
		t.Updated = e.Created
		if e.Direction == "inbound" {
			t.UpdatedByCustomer = e.Created
		} else if e.Direction == "outbound" {
			t.UpdatedByAgent = e.Created
		}
	}
	if t.Created.IsZero() && len(t.Timeline) > 0 {
		t.Created = t.Timeline[0].Created
	}
	if t.Updated.IsZero() {
		t.Updated = t.Created
	}
	s.out.Tickets = append(s.out.Tickets, t)
}

// ticketID keeps a source's id that is a number and free.
func (s *seeder) ticketID(source string) int64 {
	id, err := strconv.ParseInt(source, 10, 64)
	ok := err == nil && id > 0 && strconv.FormatInt(id, 10) == source
	for !ok || s.ids[id] {
		s.lastTicket++
		id, ok = s.lastTicket, true
	}
	s.ids[id] = true
	return id
}

func (s *seeder) entry(m *mapping.Message, t *omnidesk.Ticket) omnidesk.Entry {
	s.lastRow++
	e := omnidesk.Entry{Type: omnidesk.TypeMessage, ID: s.lastRow, Created: m.SentDatetime.Time(), Content: cmp.Or(m.BodyHTML, m.BodyText), Plain: m.BodyText,
		Direction: "inbound", From: personAddress(m.Author), FromName: m.Author.Name, To: addressList(m.To), ExternalID: m.ExternalID, Subject: m.Subject,
		StatusNew: t.Status}
	if m.FromAgent {
		e.Direction, e.UserID, e.UserName = "outbound", s.user(m.Author), cmp.Or(m.Author.Name, m.Author.Email, m.Author.ID)
		e.To = cmp.Or(e.To, t.From)
	}
	for _, a := range m.Cc {
		e.Cc = append(e.Cc, a.Address)
	}
	for _, a := range m.Attachments {
		if data, err := base64.StdEncoding.DecodeString(a.Data); err == nil && a.Data != "" {
			s.lastFile++
			e.Attachments = append(e.Attachments, omnidesk.File{ID: s.lastFile, Name: a.Name, ContentType: a.ContentType, Data: data})
		}
	}
	e.ChannelID, e.Type = channelNumber(m.Channel)
	if m.Channel == "internal-note" {
		e.Type, e.ChannelID, e.Direction, e.From, e.FromName, e.To = omnidesk.TypeNote, 0, "", "", "", ""
	}
	return e
}

// user is the id of an agent, who becomes a user; 0 when nothing is known.
func (s *seeder) user(p mapping.Person) int64 {
	id, fresh := known(s.users, p, int64(len(s.out.Users)+1))
	if fresh {
		s.out.Users = append(s.out.Users, omnidesk.User{ID: id})
	}
	if id > 0 {
		u := &s.out.Users[id-1]
		first, last, _ := strings.Cut(p.Name, " ")
		u.Name, u.FirstName, u.LastName = cmp.Or(u.Name, p.Name), cmp.Or(u.FirstName, first), cmp.Or(u.LastName, last)
		u.Email = cmp.Or(u.Email, p.Email)
	}
	return id
}

// firstCustomer keeps the ids of customers apart from those of users.
const firstCustomer = 1001

// customer is the id of a customer; 0 when nothing is known.
func (s *seeder) customer(p mapping.Person) int64 {
	id, fresh := known(s.customers, p, int64(len(s.out.Customers)+firstCustomer))
	if fresh {
		first, last, _ := strings.Cut(p.Name, " ")
		s.out.Customers = append(s.out.Customers, omnidesk.Customer{ID: id, PrimaryID: p.ID, BrandID: 1, BrandName: "Seed", FirstName: first, LastName: last, Email: p.Email})
	}
	return id
}

// known finds a person by id or e-mail, and by name where there is neither; one who is not known gets the id next. 0: nothing
// is known of the person.
func known(ids map[string]int64, p mapping.Person, next int64) (id int64, fresh bool) {
	var keys []string
	if p.ID != "" {
		keys = append(keys, "id "+p.ID)
	}
	if p.Email != "" {
		keys = append(keys, "mail "+p.Email)
	}
	if len(keys) == 0 && p.Name != "" {
		keys = append(keys, "name "+p.Name)
	}
	if len(keys) == 0 {
		return 0, false
	}
	for _, k := range keys {
		if id == 0 {
			id = ids[k]
		}
	}
	if id == 0 {
		id, fresh = next, true
	}
	for _, k := range keys {
		ids[k] = id
	}
	return id, fresh
}

// channelNumber is a Gorgias channel in v2 terms: the number, and the type of its timeline entries.
func channelNumber(channel string) (number int, entry string) {
	switch channel {
	case "", "email", "internal-note":
		return 1, omnidesk.TypeMessage
	case "chat":
		return 8, omnidesk.TypeMessage
	case "phone":
		return 3, omnidesk.TypeCall
	case "contact_form":
		return 9, omnidesk.TypeContactForm
	case "facebook", "facebook-messenger":
		return 5, omnidesk.TypeMessage
	case "twitter", "twitter-direct-message":
		return 7, omnidesk.TypeMessage
	case "whatsapp":
		return 10, omnidesk.TypeMessage
	case "instagram-direct-message", "instagram-comment":
		return 12, omnidesk.TypeMessage
	}
	return 13, omnidesk.TypeMessage
}

func personAddress(p mapping.Person) string { return cmp.Or(p.Email, p.Name, p.ID) }

func addressList(list []mapping.Address) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Address)
	}
	return strings.Join(out, ",")
}
