package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/peoplefile"
	"github.com/deskferry/deskferry/mapping"
)

// peopleFlags say what is decided of people beside the mapping.
func peopleFlags() []cli.Flag {
	return []cli.Flag{
		stringFlag("people", "people `FILE` that deskferry people wrote, with the columns use_email, use_name and use_role filled in"),
		stringFlag("placeholder-domain", "give customers without an e-mail the address SOURCE-ID@`DOMAIN`, as import.invalid, to which no mail can go "+
			"(absent: as people: no_email of the mapping says)"),
	}
}

func peopleCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "people",
		Usage: "list everyone an export names in a CSV file, to be filled in and given to --people",
		Description: "One row for each author, assignee and customer: role, messages, tickets, times. What needs a decision comes first. With --to, who it is in " +
			"the Gorgias account; it is only read. Fill in use_email (the Gorgias user an agent becomes, or another address of a customer), use_name and use_role (agent or " +
			"customer) with a spreadsheet, and give the file to --people of check, import and the other commands. docs/people.md has more.\n\n" + credentialHelp,
		Flags: append(append(inputFlags(), peopleFlags()...),
			stringFlag("to", "`ADDRESS` of the Gorgias account, as https://acme.gorgias.com, to match people with"),
			stringFlag("fallback-agent", "e-mail of the Gorgias `USER` who stands in for agents the account does not have (absent: the one whose key is used)"),
			durationFlag("patience", defaultPatience, "`TIME` to wait for a target that does not answer"),
			intFlag("quota-share", 50, "`PERCENT` of the account's request quota to use"),
			with(stringFlag("out", "`FILE` to write, - for standard output"), "people.csv"),
		),
		Action: func(c *cli.Context) error { return people(c, std) },
	}
}

// choicesOf reads what the flags say of people; nil where they say nothing.
func choicesOf(c *cli.Context, m *mapping.Mapping) (*mapping.Choices, error) {
	choices := &mapping.Choices{Source: m.Name(), PlaceholderDomain: strings.ToLower(c.String("placeholder-domain"))}
	if err := choices.CheckPlaceholder(); err != nil {
		return nil, usagef("--%s", strings.Replace(err.Error(), "placeholder domain", "placeholder-domain", 1))
	}
	if path := c.String("people"); path != "" {
		if err := readPeople(path, choices); err != nil {
			return nil, err
		}
	}
	if choices.Hash() == "" {
		return nil, nil
	}
	return choices, nil
}

func readPeople(path string, choices *mapping.Choices) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading the people: %w", err)
	}
	defer f.Close()
	return peoplefile.Read(f, path, choices)
}

func people(c *cli.Context, std streams) error {
	out := c.String("out")
	if err := keepChoices(out, c.String("people")); err != nil {
		return err
	}
	job, set, err := openInputJob(c, std)
	if err != nil {
		return err
	}
	defer set.Close()
	ctx, stop := interruptible(c.Context)
	defer stop()
	a := &acquaintance{mapping: job.Mapping, choices: job.Choices}
	var client *gorgias.Client
	if c.String("to") != "" {
		if client, err = openReader(ctx, c); err != nil {
			return stopped(ctx, err)
		}
	}
	done := watchJob(std.err, job)
	found, err := job.People(ctx)
	done()
	if err != nil {
		return stopped(ctx, err)
	}
	defer found.Close()
	if client != nil {
		if err := a.meet(ctx, client, found); err != nil {
			return stopped(ctx, err)
		}
	}
	undecided := int64(0)
	err = writeOut(out, std.out, func(w io.Writer) (err error) {
		undecided, err = a.write(ctx, w, found)
		return err
	})
	if err != nil {
		return stopped(ctx, err)
	}
	to := std.out
	if out == "-" {
		to = std.err
	}
	_, err = fmt.Fprintf(to, "%s: %d people, %d of them need a look: they come first\n", out, found.Count, undecided)
	return err
}

// keepChoices refuses to write over a file in which something is filled in, unless that is carried over.
func keepChoices(out, carried string) error {
	if out == "-" || carried != "" && (sameFile(out, carried) || filepath.Clean(out) == filepath.Clean(carried)) {
		return nil
	}
	var held mapping.Choices
	err := readPeople(out, &held)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && held.Len() == 0:
		return nil
	case err == nil:
		return usagef("%s has rows that are filled in\nhint: --people %s carries them over, or name another file with --out", out, shellWord(out))
	}
	return usagef("%s is there already and no people file that can be read: %v\nhint: name another file with --out", out, err)
}

// acquaintance knows what becomes of people.
type acquaintance struct {
	mapping  *mapping.Mapping
	choices  *mapping.Choices
	users    *gorgias.People // nil without an account
	fallback string
}

// meet learns who the account's users and customers are.
func (a *acquaintance) meet(ctx context.Context, client *gorgias.Client, found *importer.FoundPeople) error {
	var broken error
	emails := found.Customers(ctx, &broken)
	want := gorgias.Wanted{Customers: func(yield func(string) bool) {
		for e := range emails {
			if !yield(e) {
				return
			}
		}
		for one, err := range found.Each(ctx) {
			if err != nil {
				broken = err
				return
			}
			chosen := a.choices.Of(one.Person)
			made := ""
			if one.Person.Email == "" && chosen.Email == "" {
				made = a.mapping.MadeUp(a.choices, one.Person)
			}
			if e := cmp.Or(chosen.Email, made); e != "" && !yield(e) {
				return
			}
		}
	}}
	if err := errors.Join(client.LoadPeople(ctx, want), broken); err != nil {
		return err
	}
	f := &ferry{client: client}
	if err := f.standIn(ctx); err != nil {
		return err
	}
	a.users, a.fallback = client.Encoder.People, client.Encoder.Agent
	return nil
}

// write writes the file and counts the rows that need a decision.
func (a *acquaintance) write(ctx context.Context, w io.Writer, found *importer.FoundPeople) (undecided int64, err error) {
	for one, err := range found.Each(ctx) {
		if err != nil {
			return 0, err
		}
		a.choices.Meet(one.Person)
	}
	if err := a.choices.Unmet(); err != nil {
		return 0, err
	}
	out := peoplefile.NewWriter(w)
	rank := func(p *importer.FoundPerson) byte { return a.judge(p).rank }
	for one, err := range found.Sorted(ctx, rank) {
		if err != nil {
			return undecided, err
		}
		j := a.judge(one)
		if j.needs != nil {
			undecided++
		}
		chosen := a.choices.Of(one.Person)
		row := peoplefile.Row{
			Needs: strings.Join(j.needs, "; "), SourceID: one.Person.ID, Email: one.Person.Email, Name: one.Person.Name,
			Role: roleWord(one.Role), Match: strings.Join(j.match, "; "), UseEmail: chosen.Email, UseName: chosen.Name,
			First: one.First, Last: one.Last, Messages: one.Messages, Requester: one.Requester, Assignee: one.Assignee,
		}
		if chosen.Role != mapping.Unknown {
			row.UseRole = roleWord(chosen.Role)
		}
		if err := out.Write(&row); err != nil {
			return undecided, err
		}
	}
	return undecided, out.Close()
}

func roleWord(t mapping.Tri) string {
	switch t {
	case mapping.Yes:
		return "agent"
	case mapping.No:
		return "customer"
	}
	return "unknown"
}

// judgement is what becomes of a person, and what someone should decide.
type judgement struct {
	needs, match []string
	rank         byte
}

// The order of rows: what is lost without a decision first.
const (
	rankRole     = iota // messages are rejected
	rankNoEmail         // tickets are rejected
	rankFallback        // another's name stands on messages
	rankShared
	rankBoth
	rankMadeUp
	rankPlain
)

func (j *judgement) need(rank byte, format string, args ...any) {
	j.needs = append(j.needs, fmt.Sprintf(format, args...))
	j.rank = min(j.rank, rank)
}

func (a *acquaintance) judge(p *importer.FoundPerson) judgement {
	j := judgement{rank: rankPlain}
	chosen := a.choices.Of(p.Person)
	role := p.Role
	if chosen.Role != mapping.Unknown {
		role = chosen.Role
	}
	who := p.Person
	who.Email = cmp.Or(chosen.Email, who.Email)
	policy := a.mapping.File().People.Unknown
	switch {
	case role != mapping.Unknown:
	case policy == "agent" || policy == "customer":
		j.need(rankRole, "agent or customer? fill in use_role; without it people: unknown takes %s as %s", count(p.Undecided, "message"), map[string]string{"agent": "an agent's", "customer": "a customer's"}[policy])
	default:
		j.need(rankRole, "agent or customer? fill in use_role; they are rejected without it (%s)", count(p.Undecided, "message"))
	}
	agent := role == mapping.Yes || chosen.Role == mapping.Unknown && p.Agent || p.Assignee > 0 || role == mapping.Unknown && policy == "agent"
	customer := role == mapping.No || p.Requester > 0 || role == mapping.Unknown && policy == "customer"
	if agent {
		a.asAgent(&j, who)
	}
	if customer {
		a.asCustomer(&j, p, who)
	}
	if others := a.sharing(p); others != "" && chosen.Email == "" {
		j.need(rankShared, "shares the e-mail with %s; use_email keeps them apart", others)
	}
	if agent && p.Requester > 0 && chosen.Role == mapping.Unknown {
		j.rank = min(j.rank, rankBoth)
		j.match = append(j.match, fmt.Sprintf("an agent, and the customer of %s", count(p.Requester, "ticket")))
	}
	return j
}

// sharing names those who have the same e-mail and keep it.
func (a *acquaintance) sharing(p *importer.FoundPerson) string {
	var names []string
	for _, o := range p.Shares {
		if a.choices.Of(o).Email != "" {
			continue
		}
		name := cmp.Or(o.Name, "someone")
		if o.ID != "" {
			name += " (" + o.ID + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func (a *acquaintance) asAgent(j *judgement, who mapping.PersonRef) {
	switch {
	case a.users == nil && who.Email == "":
		j.need(rankFallback, "no e-mail: fill in use_email with a Gorgias user's, else the fallback agent stands in")
	case a.users == nil:
	default:
		if _, ok := a.users.User(who.Email); ok {
			j.match = append(j.match, "Gorgias user")
			return
		}
		j.match = append(j.match, "fallback: "+a.fallback)
		j.need(rankFallback, "no Gorgias user has this e-mail: fill in use_email, or invite them, else %s stands in", a.fallback)
	}
}

func (a *acquaintance) asCustomer(j *judgement, p *importer.FoundPerson, who mapping.PersonRef) {
	email := who.Email
	if email == "" {
		if email = a.mapping.MadeUp(a.choices, p.Person); email == "" {
			j.need(rankNoEmail, "no e-mail: fill in use_email, or give --placeholder-domain import.invalid, else the tickets are rejected")
			return
		}
		j.rank = min(j.rank, rankMadeUp)
		j.match = append(j.match, "placeholder: "+email)
	}
	if a.users == nil {
		return
	}
	if _, ok := a.users.Customer(email); ok {
		j.match = append(j.match, "known customer")
	} else {
		j.match = append(j.match, "new customer")
	}
	if _, ok := a.users.User(email); ok && !(p.Agent || p.Role == mapping.Yes) {
		j.need(rankShared, "the e-mail is a Gorgias user's")
	}
}
