package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/ledger"
)

func verifyCommand(std streams) *cli.Command {
	flags := append(append(append(inputFlags(), peopleFlags()...), reportFlags()...),
		stringFlag("to", "`ADDRESS` of the Gorgias account, as https://acme.gorgias.com"),
		with(stringFlag("ledger", "`FILE` that remembers what was done; one for each account"), "deskferry.db"),
		intFlag("sample", 100, "read `PERCENT` of the tickets, and the first of each kind: channel, status, notes, files, length"),
		intFlag("concurrency", 4, "`N` tickets read at the same time"),
		stringFlag("fallback-agent", "as in the import: the e-mail of the `USER` who stands in for agents the account does not have"),
		tagFlag(), integrationFlag(),
		durationFlag("patience", defaultPatience, "`TIME` to wait for a target that does not answer"),
		intFlag("quota-share", 50, "`PERCENT` of the account's request quota to use"),
		stringFlag("only-ticket", "only the ticket with this `ID` in the source"),
	)
	return &cli.Command{
		Name:  "verify",
		Usage: "read imported tickets back and compare them with the export, field by field",
		Description: "Compares counts, order, times to the millisecond, authors, direction, privacy of notes, texts, files, tags and status, and that the account has sent " +
			"nothing. Reads only. What agents and customers have added since is counted and is no difference.\n\n" + credentialHelp,
		Flags:  flags,
		Action: func(c *cli.Context) error { return verify(c, std) },
	}
}

func verify(c *cli.Context, std streams) (err error) {
	share := c.Int("sample")
	if share < 1 || share > 100 {
		return usagef("--sample %d: it is a percentage, 1 to 100", share)
	}
	told, err := newTeller(c, std)
	if err != nil {
		return err
	}
	job, set, err := openInputJob(c, std)
	if err != nil {
		return err
	}
	defer set.Close()
	if err := told.read(job); err != nil {
		return err
	}
	job.OnlyTicket = c.String("only-ticket")
	ctx, stop := interruptible(c.Context)
	defer stop()
	l, err := ledger.Open(c.String("ledger"), ledger.Options{Target: c.String("to"), ReadOnly: true})
	if err != nil {
		return err
	}
	defer l.Close()
	client, err := openReader(ctx, c)
	if err != nil {
		return stopped(ctx, err)
	}
	closeFiles, err := recallFiles(c, client)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeFiles()) }()
	client.Known = &gorgias.People{}
	if err := l.Customers(ctx, client.Known.Remember); err != nil {
		return err
	}
	f := &ferry{client: client, std: std}
	m := job.Mapping
	if err := client.LoadPeople(ctx, gorgias.Wanted{Teams: names(m, "assignee_team"), CustomFields: names(m, "custom_fields"), Integrations: true}); err != nil {
		return stopped(ctx, err)
	}
	if err := f.standIn(ctx); err != nil {
		return stopped(ctx, err)
	}
	bar := told.bar("comparing", "tickets", 0)
	v := importer.Verify{Target: client, Ledger: l, Workers: c.Int("concurrency"), Every: (100 + share - 1) / share, Each: func(o *importer.Verification) {
		t := o.Tickets
		bar.show(t.Same+t.Different, 0, fmt.Sprintf("%d differ", t.Different))
	}}
	told.Verification, err = v.Do(ctx, job)
	bar.done()
	if err != nil {
		return told.fail(stopped(ctx, err))
	}
	told.ended(nil)
	return told.tell()
}
